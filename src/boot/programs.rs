//! The EFI programs of a disc: those that are called so, and the kernels that menus name.

use std::sync::Arc;

use super::effort::Allowance;
use super::efi::revocation::{self, Dbx, DbxRevocation, SbatRevocation};
use super::efi::signature_list::SignatureLists;
use super::efi::x509::Certificate;
use super::efi::{Architecture, EfiProgram, Product, ProductKind, Signatures};
use super::find::{self, Looked};
use super::second_stage::{self, SecondStage};
use crate::disc::folder::Entry;
use crate::disc::tree::{FileTree, TreeId, TreeKind};
use crate::disc::{Diagnostics, Image, Result, limits, text};

/// The folder in which firmware looks on media that can be taken out (UEFI 2.10 §3.5.1.1).
const FALLBACK_FOLDER: &str = "efi/boot/";

/// A program of EFI, or what is called so.
#[derive(Debug, Clone)]
pub struct EfiFile {
    /// The tree that holds it.
    pub tree: TreeId,
    /// Its path there, as recorded and without a `/` in front. Not yet escaped for display.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Absolute byte offset in the image of its first byte, where it lies there in one piece.
    pub offset: Option<u64>,
    /// Its headers and small sections; `None` when it is none, or cannot be read: then there is a complaint.
    pub program: Option<EfiProgram>,
    /// Which program it is, where that can be told.
    pub product: Option<Product>,
    /// Its signatures; `None` when they were not checked, because that is too much to read or cannot be.
    pub signatures: Option<Signatures>,
    /// What it goes on with: of the shims only to which a computer may come.
    pub second_stage: Option<SecondStage>,
    /// What revokes it.
    pub revoked: Revoked,
    /// What is wrong with it. Offsets are those in the file.
    pub diagnostics: Diagnostics,
}

/// What revokes a program. Each list is empty when it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revoked {
    /// The [minimums](revocation::published_minimums) that Isoscope knows.
    pub sbat: Vec<SbatRevocation>,
    /// The list of revoked programs that the user gave.
    pub dbx: Vec<DbxRevocation>,
    /// The lowest security version of the boot manager of Windows, which is higher than its own.
    pub security_version: Option<(u16, u16)>,
}

impl Revoked {
    /// True when something does.
    pub fn is_revoked(&self) -> bool {
        !self.sbat.is_empty() || !self.dbx.is_empty() || self.security_version.is_some()
    }
}

impl EfiFile {
    /// True when it lies where firmware looks for programs of this kind by itself, on media that can be taken out.
    pub fn is_fallback(&self, architecture: Architecture) -> bool {
        let name = architecture.suffix().map(|suffix| format!("{FALLBACK_FOLDER}boot{suffix}.efi"));
        name.is_some_and(|name| self.path.eq_ignore_ascii_case(&name))
    }

    /// The last component of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// What it is for people: product and version, or its name.
    pub fn label(&self) -> String {
        let Some(product) = &self.product else { return text::display(self.name()).into_owned() };
        let kind = product.kind.to_string();
        let name = match (&product.name, product.kind) {
            (Some(name), ProductKind::Other | ProductKind::UnifiedKernelImage) => name.clone(),
            _ => kind,
        };
        [name.as_str(), product.version.as_deref().unwrap_or_default()].join(" ").trim_end().to_owned()
    }

    /// True when it is this product.
    pub fn is(&self, kind: ProductKind) -> bool {
        self.product.as_ref().is_some_and(|product| product.kind == kind)
    }
}

/// Finds and reads the programs of all FAT trees and of the default tree. `kernels` are paths of the default tree that may
/// be programs too, and `visit` sees all other files of it on the way.
pub(super) fn read(
    image: &Image,
    kernels: &[&str],
    dbx: Option<&Dbx>,
    allowance: &mut Allowance,
    mut visit: impl FnMut(&str, &Entry),
) -> Result<(Vec<EfiFile>, Diagnostics)> {
    let mut diagnostics = Diagnostics::default();
    let mut found: Vec<(Arc<dyn FileTree>, String, Entry)> = Vec::new();
    let default = image.default_tree();
    let fat = image.trees().iter().filter(|tree| tree.kind() == TreeKind::Fat && !Arc::ptr_eq(tree, default));
    for tree in fat.chain([default]) {
        let is_default = Arc::ptr_eq(tree, default);
        let all = find::files(tree, allowance, |path, entry| {
            if is_default {
                visit(&path, entry);
            }
            if text::has_extension(&path, "efi") {
                found.push((tree.clone(), path, entry.clone()));
            }
            found.len() > limits::EFI_PROGRAMS
        })?;
        if found.len() > limits::EFI_PROGRAMS {
            let message = format!("The disc has more than {} EFI programs; the rest is not read", limits::EFI_PROGRAMS);
            diagnostics.warning("EFI programs", 0, message);
            found.truncate(limits::EFI_PROGRAMS);
            break;
        }
        if !all {
            let message = "Not all folders were looked through for EFI programs: there are too many for a first look";
            diagnostics.info("EFI programs", 0, message);
        }
    }
    for path in kernels {
        let known = |(tree, other, _): &(Arc<dyn FileTree>, String, Entry)| Arc::ptr_eq(tree, default) && other == path;
        if let Some(entry) = entry_at(default.as_ref(), path)?.filter(Entry::is_file)
            && !found.iter().any(known)
        {
            found.push((default.clone(), (*path).to_owned(), entry));
        }
    }
    let mut programs = Vec::with_capacity(found.len());
    // What firmware starts comes first, and gets the most of what may be read.
    found.sort_by_key(|(tree, path, _)| (tree.kind() != TreeKind::Fat, !is_in_fallback_folder(path)));
    for (tree, path, entry) in found {
        programs.push(look_into(image, tree.as_ref(), path, &entry, allowance)?);
    }
    programs.retain(|file| file.program.is_some() || text::has_extension(&file.path, "efi"));
    check(image, &mut programs, allowance)?;
    programs.iter_mut().for_each(|file| file.revoked = revoked(file, dbx));
    second_stage::find(image, &mut programs)?;
    Ok((programs, diagnostics))
}

fn is_in_fallback_folder(path: &str) -> bool {
    path.get(..FALLBACK_FOLDER.len()).is_some_and(|folder| folder.eq_ignore_ascii_case(FALLBACK_FOLDER))
}

/// The entry at a path; `None` where there is none, or that cannot be told.
fn entry_at(tree: &dyn FileTree, path: &str) -> Result<Option<Entry>> {
    Ok(match find::look(tree, path)? {
        Looked::There(entry) => Some(entry),
        Looked::Missing | Looked::Unread => None,
    })
}

/// Headers, small sections, and which program it is.
fn look_into(
    image: &Image,
    tree: &dyn FileTree,
    path: String,
    entry: &Entry,
    allowance: &mut Allowance,
) -> Result<EfiFile> {
    let mut file = EfiFile {
        tree: image.id_of(tree),
        path,
        size: entry.size,
        offset: find::start(entry),
        program: None,
        product: None,
        signatures: None,
        second_stage: None,
        revoked: Revoked::default(),
        diagnostics: Diagnostics::default(),
    };
    let source = file.diagnostics.salvage(tree.open(entry))?;
    let Some(source) = source else { return Ok(file) };
    file.program = file.diagnostics.salvage(EfiProgram::read(source.as_ref()))?;
    if let Some(program) = &mut file.program {
        let product = program.identify_within(source.as_ref(), &mut allowance.searched);
        file.product = file.diagnostics.salvage(product)?.flatten();
        file.diagnostics.append(std::mem::take(&mut program.diagnostics));
    }
    Ok(file)
}

/// Checks signatures, those of shims first: they say who vouches for the others beside them.
fn check(image: &Image, programs: &mut [EfiFile], allowance: &mut Allowance) -> Result<()> {
    let mut order: Vec<usize> = (0..programs.len()).collect();
    order.sort_by_key(|at| programs.get(*at).is_some_and(|file| !file.is(ProductKind::Shim)));
    for at in order {
        let given = programs.get(at).map(|file| given(file, programs)).unwrap_or_default();
        let Some(file) = programs.get_mut(at) else { continue };
        let Some(program) = &file.program else { continue };
        // What has no signature needs no digest, unless a list of revoked programs asks for it: that costs as much.
        if !allowance.pay_for_digest(file.size) {
            continue;
        }
        let Some(tree) = image.tree_by_id(file.tree) else { continue };
        let Some(entry) = entry_at(tree.as_ref(), &file.path)? else { continue };
        let checked = tree.open(&entry).and_then(|source| program.check_signatures(source.as_ref(), &given));
        file.signatures = file.diagnostics.salvage(checked)?;
        if let Some(signatures) = &mut file.signatures {
            file.diagnostics.append(std::mem::take(&mut signatures.diagnostics));
        }
    }
    Ok(())
}

/// The certificates in which the shims of the disc trust. A shim itself is for the firmware to trust in.
fn given(file: &EfiFile, programs: &[EfiFile]) -> Vec<Certificate> {
    if file.is(ProductKind::Shim) {
        return Vec::new();
    }
    let lists = programs.iter().filter_map(authorized).flat_map(|lists| &lists.certificates);
    let mut given: Vec<Certificate> = Vec::new();
    for certificate in lists {
        if given.len() < limits::CERTIFICATES && given.iter().all(|known| known.sha256 != certificate.sha256) {
            given.push(certificate.clone());
        }
    }
    given
}

fn authorized(file: &EfiFile) -> Option<&SignatureLists> {
    Some(&file.program.as_ref()?.vendor.as_ref()?.authorized)
}

fn revoked(file: &EfiFile, dbx: Option<&Dbx>) -> Revoked {
    let sbat = file.program.as_ref().and_then(|program| program.sbat.as_ref());
    let minimums = revocation::published_minimums();
    let (lowest, _) = revocation::WINDOWS_BOOT_MANAGER_MINIMUM;
    let own = file.product.as_ref().and_then(|product| product.security_version);
    Revoked {
        sbat: sbat.map(|sbat| revocation::revoked_by_sbat(sbat, &minimums)).unwrap_or_default(),
        dbx: dbx.zip(file.signatures.as_ref()).map(|(dbx, found)| dbx.revocations(found)).unwrap_or_default(),
        security_version: own.filter(|own| *own < lowest).map(|_| lowest),
    }
}

//! Which program it is, told by what stands in it and not by its name: every loader is called `bootx64.efi` somewhere.

use memchr::memmem::Finder;

use crate::disc::bytes::Fields;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source, limits, text};

use super::header::Header;
use super::resources::Resources;
use super::sbat::Sbat;

/// Bytes searched at a time.
const WINDOW: u64 = 256 << 10;

/// Bytes of the next window that are searched together with one: longer than all marks with their versions.
const OVERLAP: u64 = 512;

/// Characters of a version.
const VERSION: usize = 120;

/// The programs that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProductKind {
    /// shim: signed by Microsoft, it starts what its maker signed.
    Shim,
    /// A helper of shim: MokManager, or its fallback loader.
    ShimHelper,
    /// systemd-boot.
    SystemdBoot,
    /// A kernel of Linux with all that it needs in one program, started by systemd-stub (a unified kernel image).
    UnifiedKernelImage,
    /// GRUB 2.
    Grub2,
    /// rEFInd.
    Refind,
    /// iPXE.
    Ipxe,
    /// memtest86+.
    Memtest86Plus,
    /// A kernel of Linux that firmware can start.
    Linux,
    /// The boot manager of Windows.
    WindowsBootManager,
    /// Another program, known by its SBAT or its version resource only.
    Other,
}

impl std::fmt::Display for ProductKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Shim => "shim",
            Self::ShimHelper => "helper of shim",
            Self::SystemdBoot => "systemd-boot",
            Self::UnifiedKernelImage => "unified kernel image",
            Self::Grub2 => "GRUB",
            Self::Refind => "rEFInd",
            Self::Ipxe => "iPXE",
            Self::Memtest86Plus => "memtest86+",
            Self::Linux => "Linux",
            Self::WindowsBootManager => "Windows boot manager",
            Self::Other => "another program",
        })
    }
}

/// Which program it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Which of the known ones.
    pub kind: ProductKind,
    /// Its name where that says more than the kind, such as the distribution of a unified kernel image.
    pub name: Option<String>,
    /// Its version as it stands in the program.
    pub version: Option<String>,
    /// Byte offset of what told so; `None` when it was the SBAT.
    pub offset: Option<u64>,
    /// Major and minor security version of a Windows boot manager.
    pub security_version: Option<(u16, u16)>,
}

impl Product {
    fn new(kind: ProductKind, version: Option<String>, offset: u64) -> Self {
        Self { kind, name: None, version, offset: Some(offset), security_version: None }
    }
}

/// Where the version of a program stands, by its mark.
#[derive(Debug, Clone, Copy)]
enum VersionAt {
    Nowhere,
    /// Behind it, up to a space.
    Behind,
    /// The next text behind zeros.
    Next,
    /// The same, when it begins as a version does.
    NextNumber,
    /// The text in UTF-16 before it.
    Before,
}

impl VersionAt {
    /// The version, by what stands before the mark and what stands behind it.
    fn find(self, before: &[u8], behind: &[u8]) -> Option<String> {
        match self {
            Self::Nowhere => None,
            Self::Behind => up_to_space(behind),
            Self::Next => next_string(behind),
            Self::NextNumber => next_string(behind).filter(|version| is_number(version)),
            Self::Before => wide_string_before(before).filter(|version| is_number(version)),
        }
    }
}

/// A text that only one program has.
struct Mark {
    kind: ProductKind,
    text: &'static [u8],
    version: VersionAt,
}

const MARKS: [Mark; 7] = [
    Mark { kind: ProductKind::Shim, text: b"UEFI SHIM\n$Version: ", version: VersionAt::Behind },
    Mark { kind: ProductKind::SystemdBoot, text: b"#### LoaderInfo: systemd-boot ", version: VersionAt::Behind },
    Mark { kind: ProductKind::UnifiedKernelImage, text: b"#### LoaderInfo: systemd-stub ", version: VersionAt::Behind },
    // Fedora has a space less. The version is the argument that the compiler puts behind the format.
    Mark { kind: ProductKind::Grub2, text: b"GRUB  version %s\0", version: VersionAt::Next },
    Mark { kind: ProductKind::Grub2, text: b"GRUB version %s\0", version: VersionAt::Next },
    Mark { kind: ProductKind::Memtest86Plus, text: b"Memtest86+ v", version: VersionAt::Behind },
    // Its short name, and behind it its version.
    Mark { kind: ProductKind::Ipxe, text: b"\0iPXE\0", version: VersionAt::NextNumber },
];

/// Marks in UTF-16, as programs show text on the screen of the firmware.
const WIDE_MARKS: [(ProductKind, &str, VersionAt); 2] = [
    (ProductKind::ShimHelper, "Shim UEFI key management", VersionAt::Nowhere),
    (ProductKind::Refind, "rEFInd Version %s", VersionAt::Before),
];

/// Says which program it is; `None` when nothing tells.
///
/// At most [`limits::EFI_SEARCH`] bytes are searched, and some kilobytes in most programs: names that stand in small
/// sections of their own come first. What is searched is taken off `allowance`, behind whose end nothing is.
pub fn identify(
    source: &dyn Source,
    header: &Header,
    sbat: Option<&Sbat>,
    allowance: &mut u64,
) -> Result<Option<Product>> {
    if let Some(product) = unified_kernel(source, header)? {
        return Ok(Some(product));
    }
    if let Some(product) = linux(source)? {
        return Ok(Some(product));
    }
    if let Some(product) = windows(source, header)? {
        return Ok(Some(product));
    }
    let search = Search::new();
    let most = limits::EFI_SEARCH.min(*allowance);
    let mut left = most;
    let mut sections: Vec<_> = header.sections.iter().map(|section| section.data()).collect();
    sections.sort_by_key(|section| section.length);
    let mut found = None;
    for section in sections {
        found = search.section(source, section, &mut left)?;
        if found.is_some() {
            break;
        }
    }
    *allowance = allowance.saturating_sub(most.saturating_sub(left));
    Ok(found.map(|product| with_sbat_version(product, sbat)).or_else(|| sbat.and_then(by_sbat)))
}

/// The version that the SBAT gives, where the program itself gave none.
fn with_sbat_version(product: Product, sbat: Option<&Sbat>) -> Product {
    let version = product.version.or_else(|| by_sbat(sbat?)?.version);
    Product { version, ..product }
}

/// The first component is the program, and those behind it are changes to it.
fn by_sbat(sbat: &Sbat) -> Option<Product> {
    let entry = sbat.entries.iter().find(|entry| entry.component != "sbat")?;
    let kind = match entry.component.split('.').next().unwrap_or_default() {
        // Without the mark of shim itself.
        "shim" => ProductKind::ShimHelper,
        "grub" => ProductKind::Grub2,
        "systemd" | "systemd-boot" => ProductKind::SystemdBoot,
        "refind" => ProductKind::Refind,
        "ipxe" => ProductKind::Ipxe,
        "memtest86+" => ProductKind::Memtest86Plus,
        "linux" => ProductKind::Linux,
        _ => ProductKind::Other,
    };
    let name = (kind == ProductKind::Other).then(|| entry.component.clone());
    // The first component of a shim has its generation there, and the one of its packager the version.
    let versioned = sbat.entries.last().filter(|_| kind == ProductKind::ShimHelper).unwrap_or(entry);
    let version = Some(versioned.version.clone()).filter(|version| !version.is_empty());
    Some(Product { kind, name, version, offset: None, security_version: None })
}

/// A section `.linux`, with the names of the system and the kernel beside it (UAPI specification "Unified Kernel Image").
fn unified_kernel(source: &dyn Source, header: &Header) -> Result<Option<Product>> {
    let Some(kernel) = header.section(".linux") else { return Ok(None) };
    let read = |name| -> Result<String> {
        let Some(section) = header.section(name) else { return Ok(String::new()) };
        let bytes = read_up_to(source, Extent { length: section.data().length.min(4096), ..section.data() })?;
        Ok(text::trim_padding(&text::utf8(&bytes).text).to_owned())
    };
    let release = read(".osrel")?;
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map(|name| text::display(name.trim_matches('"')).into_owned());
    let version = read(".uname")?;
    let version = version.lines().next().map(|line| text::display(line).into_owned());
    let product = Product::new(ProductKind::UnifiedKernelImage, version, kernel.raw.offset);
    Ok(Some(Product { name, ..product }))
}

/// A kernel, which is also a program of EFI: the text to which `kernel_version` of its setup header leads
/// (Linux, `Documentation/arch/x86/boot.rst`).
fn linux(source: &dyn Source) -> Result<Option<Product>> {
    const SETUP: &str = "Linux setup header";
    let bytes = read_up_to(source, Extent::new(0x1f1, 0x40))?;
    let fields = Fields::new(&bytes, 0x1f1, SETUP);
    if fields.array(0x202 - 0x1f1).ok() == Some(*b"HdrS") {
        let pointer = u64::from(fields.le16(0x20e - 0x1f1)?);
        let at = pointer.saturating_add(0x200);
        let bytes = read_up_to(source, Extent::new(at, VERSION as u64))?;
        let version = up_to_space(&bytes).filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        // memtest86+ has the header of a kernel, and leads to no version of one.
        return Ok(version.filter(|_| pointer > 0).map(|version| Product::new(ProductKind::Linux, Some(version), at)));
    }
    // Other processors have a header of their own, with a mark at byte 56 (`Documentation/arch/arm64/booting.rst`).
    let mark = read_up_to(source, Extent::new(56, 4))?;
    let known = matches!(mark.as_slice(), b"ARMd" | b"RSC\x05");
    Ok(known.then(|| Product::new(ProductKind::Linux, None, 56)))
}

/// A program with the version resource of Windows.
fn windows(source: &dyn Source, header: &Header) -> Result<Option<Product>> {
    let resources = match Resources::read(source, header) {
        Ok(resources) => resources,
        Err(error) if error.is_cancelled() => return Err(error),
        // A program without resources that can be read may still be known by its text.
        Err(_) => return Ok(None),
    };
    let Some(version) = resources.version else { return Ok(None) };
    let name = resources.original_name.map(|name| text::display(&name).into_owned());
    let is_boot_manager = resources.security_version.is_some()
        || name.as_deref().is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            // What the boot images of discs have in its place.
            name.starts_with("bootmg") || name.starts_with("cdboot")
        });
    let kind = if is_boot_manager { ProductKind::WindowsBootManager } else { ProductKind::Other };
    let version = version.map(|part| part.to_string()).join(".");
    let product = Product::new(kind, Some(version), resources.version_at);
    Ok(Some(Product { name, security_version: resources.security_version, ..product }))
}

/// All marks, ready to be looked for.
struct Search {
    marks: Vec<(Finder<'static>, ProductKind, VersionAt)>,
}

impl Search {
    fn new() -> Self {
        let narrow = MARKS.iter().map(|mark| (Finder::new(mark.text), mark.kind, mark.version));
        let wide = WIDE_MARKS.iter().map(|(kind, text, version)| {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            (Finder::new(&bytes).into_owned(), *kind, *version)
        });
        Self { marks: narrow.chain(wide).collect() }
    }

    /// Looks through a section as far as `left` bytes go.
    fn section(&self, source: &dyn Source, section: Extent, left: &mut u64) -> Result<Option<Product>> {
        let mut at = section.offset;
        while at < section.end() && *left > 0 {
            let length = WINDOW.saturating_add(OVERLAP).min(section.end().saturating_sub(at)).min(*left);
            let bytes = read_up_to(source, Extent::new(at, length))?;
            for (finder, kind, version) in &self.marks {
                let Some(found) = finder.find(&bytes) else { continue };
                let before = bytes.get(..found).unwrap_or_default();
                let behind = bytes.get(found.saturating_add(finder.needle().len())..).unwrap_or_default();
                let version = version.find(before, behind);
                return Ok(Some(Product::new(*kind, version, at.saturating_add(found as u64))));
            }
            if (bytes.len() as u64) < length {
                break;
            }
            *left = left.saturating_sub(length);
            at = at.saturating_add(WINDOW);
        }
        Ok(None)
    }
}

/// The text up to a space, a zero, or what is no text.
fn up_to_space(bytes: &[u8]) -> Option<String> {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_graphic()).take(VERSION).count();
    let version = bytes.get(..length).filter(|version| !version.is_empty())?;
    Some(text::utf8(version).text.into_owned())
}

/// The next text behind zeros.
fn next_string(bytes: &[u8]) -> Option<String> {
    let zeros = bytes.iter().take(16).take_while(|byte| **byte == 0).count();
    up_to_space(bytes.get(zeros..)?)
}

/// The text in UTF-16, with a zero behind it, at the end of `bytes`.
fn wide_string_before(bytes: &[u8]) -> Option<String> {
    let units = bytes.rchunks_exact(2).skip(1).take(VERSION);
    let mut text: Vec<u8> = units.map_while(|unit| unit.first().copied().filter(u8::is_ascii_graphic)).collect();
    text.reverse();
    String::from_utf8(text).ok().filter(|text| !text.is_empty())
}

fn is_number(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit())
}

//! The menus of boot loaders, read from discs: what is there, what is missing, and what tries to do harm.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::builder::{Disc, Node, ROOT};
use crate::support::rng::Rng;
use crate::support::sources::{self, CancelAfter};
use crate::support::{peers, survey};
use isoscope::boot::menu::{self, FileState, Files, Item, Loader, Look, Menu, Timeout, menus};
use isoscope::disc::tree::TreeKind;
use isoscope::disc::{Image, limits};

const ISOLINUX: &str = "UI menu.c32\nTIMEOUT 50\nMENU TITLE A disc\nLABEL live\n  MENU LABEL ^Live\n  KERNEL /live/vmlinuz\n  \
                        APPEND initrd=/live/initrd boot=live\nLABEL gone\n  KERNEL /live/gone\nINCLUDE more.cfg\n";

const GRUB: &str = "set timeout=5\nsearch --set=root --label 'A DISC'\nmenuentry \"Live\" {\n  linux /live/vmlinuz quiet\n  \
                    initrd /LIVE/Initrd\n}\nsubmenu More { menuentry Gone { linux /live/gone } }\n";

const ENTRY: &str = "title Live\nlinux /link/vmlinuz\ninitrd /live/initrd\ninitrd /loop/initrd\noptions quiet\n";

/// A disc with Rock Ridge that has a menu for each of three loaders.
fn disc() -> Disc {
    let mut disc = Disc::rock_ridge();
    let live = disc.rr_folder(ROOT, "live");
    disc.rr_file(live, "vmlinuz", b"kernel");
    disc.rr_file(live, "initrd", b"ramdisk");
    disc.rr_symlink(ROOT, "link", "./nowhere/../live");
    disc.rr_symlink(ROOT, "loop", "loop");
    let isolinux = disc.rr_folder(ROOT, "isolinux");
    disc.rr_file(isolinux, "isolinux.cfg", ISOLINUX.as_bytes());
    disc.rr_file(isolinux, "more.cfg", b"LABEL more\nKERNEL /live/VMLINUZ\nINCLUDE isolinux.cfg\nINCLUDE more.cfg\n");
    grub(&mut disc, GRUB.as_bytes());
    let loader = disc.rr_folder(ROOT, "loader");
    disc.rr_file(loader, "loader.conf", b"timeout 3\n");
    let entries = disc.rr_folder(loader, "entries");
    disc.rr_file(entries, "live.conf", ENTRY.as_bytes());
    disc
}

fn grub(disc: &mut Disc, config: &[u8]) -> Node {
    let boot = disc.rr_folder(ROOT, "boot");
    let grub = disc.rr_folder(boot, "grub");
    disc.rr_file(grub, "grub.cfg", config)
}

fn read(disc: &Disc) -> Vec<Menu> {
    let image = Image::open(sources::memory(&disc.build().bytes)).unwrap();
    menus(image.tree(TreeKind::RockRidge).unwrap(), &["A DISC"]).unwrap()
}

fn titles(menu: &Menu) -> Vec<&str> {
    menu.entries.iter().map(|entry| &*entry.title).collect()
}

#[test]
fn a_disc_with_three_loaders() {
    let menus = read(&disc());
    let shown: Vec<_> = menus.iter().map(|menu| (menu.loader, &*menu.path)).collect();
    let expected = [
        (Loader::Isolinux, "isolinux/isolinux.cfg"),
        (Loader::Grub2, "boot/grub/grub.cfg"),
        (Loader::SystemdBoot, "loader/loader.conf"),
    ];
    assert_eq!(shown, expected);

    let isolinux = &menus[0];
    assert_eq!(titles(isolinux), ["Live", "gone", "more"]);
    assert_eq!((isolinux.title.as_deref(), isolinux.default_entry), (Some("A disc"), Some(0)));
    assert_eq!(isolinux.timeout, Timeout::After(Duration::from_secs(5)));
    let kernels: Vec<_> = isolinux.entries.iter().map(|entry| entry.kernel.clone().unwrap().state).collect();
    assert_eq!(kernels, [FileState::Exists, FileState::Missing, FileState::ExistsAs("live/vmlinuz".to_owned())]);
    assert_eq!(isolinux.entries[0].initrds[0].found(), Some("live/initrd"));
    // Both files would include themselves.
    let notes: Vec<_> = isolinux.diagnostics.items().iter().map(|note| (&*note.path, note.line)).collect();
    assert_eq!(notes, [("isolinux/more.cfg", 3), ("isolinux/more.cfg", 4)]);

    let grub = &menus[1];
    assert_eq!(titles(grub), ["Live", "More", "Gone"]);
    assert_eq!(grub.entries[0].initrds[0].state, FileState::ExistsAs("live/initrd".to_owned()));
    assert_eq!(grub.entries[2].kernel.as_ref().unwrap().state, FileState::Missing);

    let systemd = &menus[2];
    // A link is followed, also through a folder that is not there; not without end.
    let entry = &systemd.entries[0];
    assert_eq!(entry.kernel.as_ref().unwrap().state, FileState::Missing);
    assert_eq!(entry.initrds[0].state, FileState::Exists);
    assert!(matches!(entry.initrds[1].state, FileState::CannotTell(_)));
}

#[test]
fn symbolic_links_are_followed_inside_the_tree() {
    let mut disc = Disc::rock_ridge();
    let live = disc.rr_folder(ROOT, "live");
    disc.rr_file(live, "kernel-1", b"kernel");
    disc.rr_symlink(live, "kernel", "kernel-1");
    disc.rr_symlink(ROOT, "here", "/live");
    disc.rr_symlink(ROOT, "out", "../../../live/kernel-1");
    grub(&mut disc, b"menuentry a { linux /here/kernel; initrd /out /live/kernel/x /live }");
    let entry = read(&disc).remove(0).entries.remove(0);
    let found = FileState::ExistsAs("live/kernel-1".to_owned());
    assert_eq!(entry.kernel.unwrap().state, found);
    let states: Vec<_> = entry.initrds.into_iter().map(|file| file.state).collect();
    assert_eq!(states, [found, FileState::Missing, FileState::WrongKind]);
}

#[test]
fn a_configuration_file_of_ten_megabytes_is_read_in_part() {
    let mut config = b"menuentry first { linux /live/vmlinuz }\n".to_vec();
    config.resize(10_000_000, b'{');
    let mut disc = Disc::rock_ridge();
    grub(&mut disc, &config);
    let start = Instant::now();
    let menus = read(&disc);
    assert_eq!(titles(&menus[0]), ["first"]);
    assert!(menus[0].diagnostics.items().iter().any(|note| note.message.contains("1048576")));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn reading_can_be_cancelled_at_any_read() {
    let image = Image::open(sources::memory(&disc().build().bytes)).unwrap();
    let tree = image.tree(TreeKind::RockRidge).unwrap();
    let mut cancelled = 0;
    for reads in 0..2000 {
        let source = Arc::new(CancelAfter::new(image.source().clone(), reads));
        match menus(&tree.with_source(source), &[]) {
            Ok(menus) => {
                assert_eq!(menus.len(), 3);
                break;
            }
            Err(error) => assert!(error.is_cancelled()),
        }
        cancelled += 1;
    }
    assert!((3..2000).contains(&cancelled), "{cancelled}");
}

/// One file for every name that is looked for.
struct Everywhere<'a>(&'a [u8]);

impl Files for Everywhere<'_> {
    fn look(&self, path: &str) -> Look {
        if path.contains('.') || path.to_lowercase().ends_with("bcd") {
            Look::File(path.trim_matches('/').to_owned())
        } else {
            Look::Folder(path.trim_matches('/').to_owned())
        }
    }

    fn read(&self, _: &str, limit: usize) -> Result<(Vec<u8>, u64), String> {
        Ok((self.0.iter().copied().take(limit).collect(), self.0.len() as u64))
    }

    fn list(&self, _: &str) -> Vec<Item> {
        vec![Item { name: "a.conf".to_owned(), is_folder: false }, Item { name: "b".to_owned(), is_folder: true }]
    }
}

#[test]
fn damaged_and_hostile_files_do_no_harm() {
    let more = "menu begin x\nmenu include isolinux.cfg y\nconfig a.cfg\nif [ -f /x.y -o ! $z = 1 ]; then\nsource $prefix/b.cfg\n\
                else\nfi\nfunction f { f; g }\nfor a in b; do done\nf\nchainloader (hd0)+1\nset root=$root\n\
                title T\nroot (cd)\nconfigfile /m.lst\n";
    let good = [ISOLINUX, GRUB, ENTRY, more].concat().into_bytes();
    let words: Vec<&[u8]> = good.split_inclusive(|byte| byte.is_ascii_whitespace()).collect();
    let mut rng = Rng::new(13);
    for round in 0..600 {
        let mut bad = good.clone();
        match round % 3 {
            0 => {
                for _ in 0..20 {
                    let at = rng.below(bad.len());
                    bad[at] = rng.next() as u8;
                }
            }
            1 => bad = (0..200).flat_map(|_| rng.pick(&words).to_vec()).collect(),
            _ => bad = rng.bytes(500).into_iter().map(|byte| b"{}[]$'\"\\;\n #(a=!"[usize::from(byte % 16)]).collect(),
        }
        for menu in menu::menus_in(&Everywhere(&bad), &[]) {
            assert!(menu.entries.len() <= limits::MENU_ENTRIES);
        }
    }
}

/// An image by others, and what is in its menus: the loader, the file, the titles, and the files that they name.
struct Specimen {
    image: &'static str,
    menus: &'static [(Loader, &'static str, &'static [&'static str], &'static [&'static str])],
}

const PXEBOOT: &[&str] = &["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "images/ignition.img"];

const SPECIMENS: &[Specimen] = &[Specimen {
    image: "coreos-installer--embed-areas-2022-09.iso",
    menus: &[
        (Loader::Isolinux, "isolinux/isolinux.cfg", &["Fedora CoreOS (Live)"], PXEBOOT),
        (Loader::Grub2, "EFI/fedora/grub.cfg", &["Fedora CoreOS (Live)"], PXEBOOT),
    ],
}];

#[test]
fn menus_of_real_images() {
    let Some(folder) = std::env::var_os("ISOSCOPE_CORPUS").filter(|value| !value.is_empty()) else { return };
    let folder = std::path::PathBuf::from(folder);
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".xz") else { continue };
        let Ok(image) = survey::open(&peers::run(&folder, "xz", &["-dc", &format!("{name}.xz")])) else { continue };
        for tree in image.trees() {
            for menu in menus(tree, &[]).unwrap() {
                assert!(!menu.is_empty(), "{name}: {menu:?}");
            }
        }
        let Some(specimen) = SPECIMENS.iter().find(|specimen| specimen.image == name) else { continue };
        let found = menus(image.default_tree(), &[]).unwrap();
        assert_eq!(found.len(), specimen.menus.len(), "{name}");
        for (menu, (loader, path, shown, files)) in found.iter().zip(specimen.menus) {
            assert_eq!((menu.loader, &*menu.path, titles(menu)), (*loader, *path, shown.to_vec()), "{name}");
            let named = menu.entries.iter().flat_map(|entry| entry.files());
            assert_eq!(named.map(|file| file.found().unwrap_or("?")).collect::<Vec<_>>(), *files, "{name}");
            assert_eq!(menu.diagnostics.items(), [], "{name}");
        }
    }
}

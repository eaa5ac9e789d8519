//! What a menu of Syslinux is understood to say.

use std::time::Duration;

use crate::boot::menu::lookup::Memory;
use crate::boot::menu::{FileState, Menu, Timeout, menus_in};

fn read(files: &[(&str, &str)]) -> Vec<Menu> {
    menus_in(&Memory::new(files), &[])
}

fn titles(menu: &Menu) -> Vec<(usize, &str)> {
    menu.entries.iter().map(|entry| (entry.depth, &*entry.title)).collect()
}

#[test]
fn labels_with_kernels_options_and_initial_ram_disks() {
    let menus = read(&[
        (
            "isolinux/isolinux.cfg",
            "UI vesamenu.c32\nTIMEOUT 155\nMENU TITLE A title\nAPPEND every=where\n\
             LABEL one\n  MENU LABEL First ^Entry\n  KERNEL /boot/vmlinuz\n  APPEND initrd=a.img,/b.img,gone.img quiet\n\
             LABEL two\nmenu default\nlinux VMLINUZ.TXT first\ninitrd ::/b.img\nappend -\n\
             label three\nkernel memtest\nlabel four\nlocalboot 0x80\ntext help\nlabel no\nendtext\n\
             label five\nmenu hide\nkernel http://example.org/x\nfdtdir /dtb\nlabel chain\ncom32 chain.c32\nappend hd0 1\n\
             label a.img\nF1 help.txt\nmenu separator\nlabel head\nmenu disable\nmenu label Heading\nfrobnicate 1\n",
        ),
        ("boot/vmlinuz", ""),
        ("isolinux/a.img", ""),
        ("isolinux/memtest.bin", ""),
        ("isolinux/vmlinuz.txt", ""),
        ("b.img", ""),
        ("dtb/x.dtb", ""),
    ]);
    let menu = &menus[0];
    assert_eq!(menus.len(), 1);
    assert_eq!((&*menu.path, menu.title.as_deref()), ("isolinux/isolinux.cfg", Some("A title")));
    assert_eq!((&menu.timeout, menu.default_entry), (&Timeout::After(Duration::from_millis(15_500)), Some(1)));
    let shown = ["First Entry", "two", "three", "four", "five", "chain", "a.img", "Heading"];
    assert_eq!(titles(menu).iter().map(|(_, title)| *title).collect::<Vec<_>>(), shown);
    let entry = |at: usize| &menu.entries[at];
    let kernel = |at: usize| &entry(at).kernel.as_ref().unwrap().state;
    assert_eq!((entry(0).hotkey.as_deref(), kernel(0)), (Some("e"), &FileState::Exists));
    let states: Vec<_> = entry(0).initrds.iter().map(|file| file.state.clone()).collect();
    assert_eq!(states, [FileState::Exists, FileState::Exists, FileState::Missing]);
    assert_eq!(entry(0).initrds[2].path.as_deref(), Some("isolinux/gone.img"));
    assert_eq!(entry(0).definition.line, 5);
    assert_eq!(kernel(1), &FileState::ExistsAs("isolinux/vmlinuz.txt".to_owned()));
    assert_eq!(entry(1).command_line.as_deref(), Some("first"));
    assert_eq!(entry(1).initrds[0].state, FileState::Exists);
    assert_eq!(kernel(2), &FileState::ExistsAs("isolinux/memtest.bin".to_owned()));
    assert_eq!(entry(2).command_line.as_deref(), Some("every=where"));
    assert!(entry(3).kernel.is_none() && entry(3).action.as_deref().unwrap().contains("0x80"));
    assert!(entry(4).hidden && matches!(kernel(4), FileState::CannotTell(_)));
    assert_eq!(entry(4).device_trees[0].state, FileState::Exists);
    assert_eq!(kernel(5), &FileState::Missing);
    // Without a kernel the label is its name.
    assert_eq!(kernel(6), &FileState::Exists);
    assert!(entry(7).disabled && entry(7).kernel.is_none());
    assert_eq!(menu.diagnostics.items().len(), 1, "{:?}", menu.diagnostics);
}

#[test]
fn submenus_and_includes() {
    let menus = read(&[
        (
            "boot/isolinux/isolinux.cfg",
            "default vesamenu.c32\ninclude sub/a.cfg\nmenu begin more\nmenu label ^More\nmenu title Inside\nlabel c\nkernel k\n\
             menu begin\nmenu title Deep\nlabel d\nkernel k\nmenu end\nmenu exit\nmenu end\nmenu end\nlabel e\nkernel k\n\
             menu include sub/a.cfg tagged\nlabel f\nkernel k\ninclude nowhere.cfg\ninclude isolinux.cfg",
        ),
        ("boot/isolinux/sub/a.cfg", "label b\nkernel k\n"),
        ("boot/isolinux/k", ""),
    ]);
    let menu = &menus[0];
    let expected =
        [(0, "b"), (0, "More"), (1, "c"), (1, "Deep"), (2, "d"), (0, "e"), (0, "tagged"), (1, "b"), (0, "f")];
    assert_eq!(titles(menu), expected);
    assert!(menu.entries.iter().all(|entry| entry.submenu == entry.kernel.is_none()));
    assert_eq!(menu.entries[0].definition.path, "boot/isolinux/sub/a.cfg");
    assert_eq!(menu.default_entry, Some(0));
    assert_eq!(menu.diagnostics.items().len(), 2, "{:?}", menu.diagnostics);
}

#[test]
fn config_opens_a_further_menu_with_another_folder() {
    let menus = read(&[
        (
            "syslinux/syslinux.cfg",
            "default go\nlabel go\nconfig /arch/boot.cfg\nappend /arch\nlabel back\nconfig syslinux.cfg\n",
        ),
        ("arch/boot.cfg", "label x\nkernel kernel\n"),
        ("arch/kernel", ""),
    ]);
    assert_eq!(menus.len(), 2);
    assert_eq!((menus[0].default_entry, menus[0].entries[0].configs[0].state.clone()), (Some(0), FileState::Exists));
    assert_eq!(menus[1].path, "arch/boot.cfg");
    assert_eq!(menus[1].reached_from.as_ref().unwrap().line, 2);
    assert_eq!(menus[1].entries[0].kernel.as_ref().unwrap().state, FileState::Exists);
}

#[test]
fn modules_of_mboot_and_the_order_of_the_places() {
    let menus = read(&[
        (
            "isolinux/isolinux.cfg",
            "ontimeout b\nlabel a\nkernel mboot.c32\nappend xen.gz x=1 --- /k ro --- i\nlabel b\nboot s.bin",
        ),
        ("boot/isolinux/syslinux.cfg", "label a"),
        ("extlinux/extlinux.conf", "label a"),
        ("k", ""),
    ]);
    let paths: Vec<_> = menus.iter().map(|menu| &*menu.path).collect();
    assert_eq!(paths, ["boot/isolinux/syslinux.cfg", "isolinux/isolinux.cfg", "extlinux/extlinux.conf"]);
    let menu = &menus[1];
    let modules: Vec<_> = menu.entries[0].modules.iter().map(|file| &*file.as_written).collect();
    assert_eq!(modules, ["xen.gz", "/k", "i"]);
    assert_eq!(menu.default_entry, Some(1));
    assert_eq!(menu.entries[1].chainloads.len(), 1);
}

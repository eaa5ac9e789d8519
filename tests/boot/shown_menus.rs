//! The menus that GRUB 2, GRUB Legacy, ISOLINUX and systemd-boot show, beside those that are read from their files: all are started in
//! QEMU.

#![cfg(target_os = "linux")]

use std::path::Path;

use crate::support::bios_computer::Computer;
use crate::support::discs::{disc, fat};
use crate::support::payload::Processor;
use crate::support::uefi_computer::{self, Model};
use crate::support::{peers, sources};
use isoscope::boot::effort::Effort;
use isoscope::boot::menu::Menu;
use isoscope::boot::report::{BootReport, Request};
use isoscope::disc::Image;

/// Modules that the scripts need.
const MODULES: [&str; 14] = [
    "biosdisk",
    "iso9660",
    "normal",
    "test",
    "regexp",
    "search",
    "search_fs_file",
    "search_label",
    "eval",
    "true",
    "configfile",
    "minicmd",
    "echo",
    "linux",
];

/// Scripts with what people write in them, each with as many entries as fit on the screen.
const SCRIPTS: [&str; 4] = [
    // Quotes and variables.
    "color=blue\nset name=\"World of ${color}\"\nmenuentry \"One $name\" --class a --id one {\n true\n}\n\
     menuentry 'Two $name' {\n true\n}\nmenuentry Three\\ $color --unrestricted {\n true\n}\n\
     menuentry \"Say \\\"$color\\\" \\$color\" {\n true\n}\nmenuentry 'a'\"b\"c$color'd' {\n true\n}\n\
     unset color\nmenuentry \"Unset [$color]\" {\n true\n}\nset x='single $y'\nmenuentry \"$x\" {\n true\n}\n\
     menuentry two\\\n lines {\n true\n}\nsubmenu \"More >\" {\n menuentry Inside {\n true\n }\n}\n\
     # menuentry comment {\nmenuentry \"Last\" { # here\n true\n}\n",
    // Conditions.
    "if [ -f /live/vmlinuz ]; then\n menuentry There {\n true\n }\nelif [ -f /live/none ]; then\n menuentry Never {\n true\n }\n\
     else\n menuentry Else {\n true\n }\nfi\nif test -d /live -a ! -e /none ; then menuentry Folder { true; }; fi\n\
     if [ -s /empty ]; then menuentry Filled { true; }; else menuentry Empty { true; }; fi\n\
     if [ a = b -o 3 -gt 2 ]; then menuentry Numbers { true; }; fi\nif ! true; then menuentry Not { true; }; fi\n\
     x=\nif [ -z \"$x\" ]; then menuentry Zero { true; }; fi\nif [ -n \"$x\" ]; then menuentry Full { true; }; fi\n\
     if [ x$x = x ]; then if [ a != a ]; then menuentry Deep { true; }; else menuentry Inner { true; }; fi; fi\n\
     if search --no-floppy --set=found --file /live/vmlinuz; then menuentry Found { true; }; fi\n\
     if [ -e ($root)/live/vmlinuz ]; then menuentry Root { true; }; fi\nif [ -f /LIVE/none ]; then menuentry No { true; }; fi\n",
    // Loops over what is known.
    "nothing=\nfor i in a $nothing b \"c d\"; do\n menuentry \"Loop $i\" { true; }\ndone\n\
     for i in 1 2; do for j in x y; do menuentry \"$i$j\" { true; }; done; done\nmenuentry \"Behind $i$j\" { true; }\n\
     for f in /live/*.iso; do menuentry \"File $f\" { true; }; done\nfor f in /live/*.x; do menuentry \"None $f\" { true; }; done\n",
    // Functions, further files and commands that are put together.
    "color=red\nfunction add {\n menuentry \"$1 of $#\" { true; }\n}\nadd 'x y' z\nfunction both {\n add $1\n add $@ more\n menuentry \"Both $1\" { true; }\n}\n\
     both p q\nsource /boot/grub/more.cfg\n. $prefix/more.cfg\neval \"menuentry 'Put together' { true; }\"\n\
     c=add\n$c later\nmenuentry \"End [$1]\" { true; }\n",
];

/// Files of ISOLINUX with what people write in them.
const CONFIGURATIONS: [&str; 2] = [
    "UI menu.c32\nPROMPT 0\nMENU TITLE A disc\nDEFAULT two\nLABEL one\n  MENU LABEL ^One more\n  KERNEL /live/vmlinuz\n\
     LABEL two\n  KERNEL /live/vmlinuz\n  APPEND initrd=/live/initrd\n# LABEL comment\nLABEL hidden\n  MENU HIDE\n  KERNEL /x\n\
     label three\n  menu label Lower case with  spaces\n  linux /live/vmlinuz\nINCLUDE more.cfg\nLABEL last\n  MENU LABEL Last\n  LOCALBOOT 0\n",
    "DEFAULT menu.c32\nMENU BEGIN inner\n  MENU TITLE Inner menu\n  LABEL inside\n    KERNEL /x\n  LABEL back\n    MENU LABEL Back\n    MENU EXIT\nMENU END\n\
     LABEL a\n  MENU LABEL A\n  MENU INDENT 2\n  KERNEL /x\nLABEL b\n  MENU LABEL B\n  MENU DISABLE\nMENU BEGIN\n  MENU LABEL Named\n  LABEL c\n    KERNEL /x\nMENU END\n",
];

/// The entries that a menu has on the screen, between the lines of its frame.
fn shown(folder: &Path, image: &Path, when: &str) -> Vec<String> {
    let lines = Computer::start(folder, image, "optical").lines_with(when);
    // A line divides them from the title.
    let title = lines.iter().position(|line| line.contains("\u{c3}\u{c4}")).unwrap_or(0);
    let lines = lines.get(title..).unwrap_or_default();
    let inside = lines.iter().filter(|line| line.matches('\u{b3}').count() == 2);
    let entries = inside.map(|line| line.trim_matches(|c: char| !c.is_ascii_graphic()).trim_start_matches('*').trim());
    entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// The menu that is read from the file at a path.
fn menu(image: &[u8], path: &str) -> Menu {
    let image = Image::open(sources::memory(image)).unwrap();
    let report = BootReport::read(&image, &Request { effort: Effort::Whole, dbx: None }).unwrap();
    report.menus.into_iter().find(|read| read.menu.path == path).unwrap().menu
}

#[test]
fn grub_shows_the_entries_that_are_read_from_its_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let core = folder.path().join("core.img");
    let make = ["-O", "i386-pc-eltorito", "-p", "/boot/grub", "-o", core.to_str().unwrap()];
    peers::run(folder.path(), "grub-mkimage", &[&make[..], &MODULES].concat());
    for (number, script) in SCRIPTS.iter().enumerate() {
        let files = [
            ("boot/grub/core.img", std::fs::read(&core).unwrap()),
            ("boot/grub/grub.cfg", script.as_bytes().to_vec()),
            ("boot/grub/more.cfg", b"menuentry \"More of $color\" {\n true\n}\n".to_vec()),
            ("live/vmlinuz", b"kernel".to_vec()),
            ("live/one.iso", b"1".to_vec()),
            ("live/two.iso", b"2".to_vec()),
            ("empty", Vec::new()),
        ];
        let boot = ["-b", "boot/grub/core.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
        let bytes = disc(folder.path(), &format!("disc {number}"), &files, &boot);
        let path = folder.path().join("image");
        std::fs::write(&path, &bytes).unwrap();
        let menu = menu(&bytes, "boot/grub/grub.cfg");
        let top = menu.entries.iter().filter(|entry| entry.depth == 0);
        let read: Vec<_> = top.map(|entry| (entry.title.as_str(), entry.condition.as_deref())).collect();
        let shown = shown(folder.path(), &path, "keys to select which entry");
        let expected: Vec<_> = shown.iter().map(|title| (title.as_str(), None)).collect();
        assert!(!expected.is_empty(), "{read:#?}");
        assert_eq!(read, expected, "{script}");
    }
}

#[test]
fn isolinux_shows_the_entries_that_are_read_from_its_files() {
    let folder = tempfile::tempdir().unwrap();
    for (number, configuration) in CONFIGURATIONS.iter().enumerate() {
        let mut files = vec![
            ("isolinux/isolinux.bin", peers::installed("/usr/lib/ISOLINUX/isolinux.bin")),
            ("isolinux/isolinux.cfg", configuration.as_bytes().to_vec()),
            ("isolinux/more.cfg", b"LABEL more\n  MENU LABEL From another file\n  KERNEL /x\n".to_vec()),
            ("live/vmlinuz", b"kernel".to_vec()),
        ];
        for module in ["ldlinux.c32", "menu.c32", "libutil.c32", "libcom32.c32"] {
            let path = format!("isolinux/{module}").leak();
            files.push((path, peers::installed(&format!("/usr/lib/syslinux/modules/bios/{module}"))));
        }
        let boot = ["-b", "isolinux/isolinux.bin", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
        let bytes = disc(folder.path(), &format!("disc {number}"), &files, &boot);
        let path = folder.path().join("image");
        std::fs::write(&path, &bytes).unwrap();
        let menu = menu(&bytes, "isolinux/isolinux.cfg");
        let top = menu.entries.iter().filter(|entry| entry.depth == 0 && !entry.hidden);
        let read: Vec<_> = top.map(|entry| entry.title.as_str()).collect();
        // Menus that are entries have a mark at the end of the line.
        let shown = shown(folder.path(), &path, "Press [Tab]");
        let shown: Vec<_> = shown.iter().map(|entry| entry.trim_end_matches(" >").trim_end()).collect();
        assert!(!shown.is_empty());
        assert_eq!(read, shown, "{configuration}");
    }
}

#[test]
fn grub_legacy_shows_the_entries_that_are_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let list = "# comment\ndefault 1\ncolor cyan/blue white/blue\ntitle One, with  spaces\nroot (cd)\nkernel /live/vmlinuz quiet\n\
                initrd /live/initrd\n\n title=Two\n\tkernel (cd)/live/vmlinuz\n#title Not\ntitle\tThree # not a comment\nhalt\n\
                title Last\nchainloader +1\n";
    let files = [
        ("boot/grub/stage2_eltorito", peers::debian("grub-legacy", "usr/lib/grub/x86_64-pc/stage2_eltorito")),
        ("boot/grub/menu.lst", list.as_bytes().to_vec()),
        ("live/vmlinuz", b"kernel".to_vec()),
    ];
    let boot = ["-b", "boot/grub/stage2_eltorito", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
    let bytes = disc(folder.path(), "disc", &files, &boot);
    let path = folder.path().join("image");
    std::fs::write(&path, &bytes).unwrap();
    let menu = menu(&bytes, "boot/grub/menu.lst");
    let read: Vec<_> = menu.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(read, shown(folder.path(), &path, "keys to select which entry"));
}

/// Entries for systemd-boot: file names and what is in them.
const ENTRIES: [(&str, &str); 20] = [
    ("alpha-1.0.conf", "title Alpha\nversion 1.0\nmachine-id aaaa\nlinux /k\n"),
    ("alpha-1.10.conf", "title Alpha\nversion 1.10\nmachine-id aaaa\nlinux /k\n"),
    ("alpha-1.9.conf", "title Alpha\nversion 1.9\nmachine-id aaaa\nlinux /k\n"),
    ("zeta.conf", "title Zeta\nsort-key a\nlinux /k\n"),
    ("beta.conf", "title Beta\nsort-key b\nversion 2~rc1\nmachine-id m\nlinux /k\n"),
    ("beta2.conf", "title Beta\nsort-key b\nversion 2\nmachine-id m\nlinux /k\n"),
    ("twin-1.conf", "title Twin\nversion 7\nmachine-id 1111\nlinux /k\n"),
    ("twin-2.conf", "title Twin\nversion 7\nmachine-id 2222\nlinux /k\n"),
    ("same-1.conf", "title Same\nlinux /k\n"),
    ("same-2.conf", "title Same\nlinux /k\n"),
    ("notitle.conf", "version 5\nlinux /k\n"),
    ("nothing.conf", "title Nothing to start\n"),
    ("gone.conf", "title Gone\nlinux /gone\n"),
    ("own.conf", "title Own processor\narchitecture x64\nlinux /k\n"),
    ("other.conf", "title Other processor\narchitecture aa64\nlinux /k\n"),
    ("program.conf", "title Program\nefi /k\n"),
    ("tries+3.conf", "title Tries left\nlinux /k\n"),
    ("tried+0-3.conf", "title No tries left\nlinux /k\n"),
    ("spaces.conf", "# comment\ntitle   Spaces  \nlinux\t/k\n"),
    ("auto-one.conf", "title Automatic\nlinux /k\n"),
];

#[test]
fn systemd_boot_shows_the_entries_that_are_read_from_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let program = std::fs::read("/usr/lib/systemd/boot/efi/systemd-bootx64.efi").unwrap();
    let names = ENTRIES.map(|(name, _)| format!("loader/entries/{name}"));
    let mut files: Vec<(&str, &[u8])> = vec![
        ("EFI/BOOT/BOOTX64.EFI", &program),
        ("loader/loader.conf", b"timeout 50\nauto-firmware no\n"),
        ("k", b"kernel"),
    ];
    files.extend(names.iter().zip(&ENTRIES).map(|(path, (_, text))| (path.as_str(), text.as_bytes())));
    let bytes = fat(folder.path(), 1440, &files);
    let path = folder.path().join("stick");
    std::fs::write(&path, &bytes).unwrap();
    let said = uefi_computer::Computer::start(folder.path(), &Model::new(Processor::X64, false), "usb", &[path])
        .said_when("Boot in ");
    // Each entry has a line of its own, to which the cursor is moved; colours may come between.
    let mut lines: Vec<String> = Vec::new();
    for piece in said.split("\u{1b}[") {
        let (code, text) =
            piece.split_at(piece.find(|c: char| c.is_ascii_alphabetic()).map_or(piece.len(), |at| at + 1));
        match (lines.last_mut(), code.ends_with('m')) {
            (Some(line), true) => line.push_str(text),
            _ => lines.push(text.to_owned()),
        }
    }
    let lines = lines.iter().map(|line| line.trim()).skip_while(|line| !line.starts_with("BdsDxe: ")).skip(1);
    let lines = lines.filter(|line| !line.is_empty());
    let shown: Vec<_> = lines.take_while(|line| !line.starts_with("Boot in ")).collect();

    let menu = menu(&bytes, "loader/loader.conf");
    let seen = menu.entries.iter().filter(|entry| !entry.hidden);
    let seen = seen.filter(|entry| entry.architecture.as_deref().is_none_or(|own| own == "x64"));
    assert_eq!(seen.map(|entry| entry.title.as_str()).collect::<Vec<_>>(), shown);
}

//! The way from the firmware to the kernel, on a disc as distributions make them, and on ones that lack a step.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::Path;
use std::process::Command;

use crate::support::boot_disc::{BootDisc, GRUB, MENUS, SHIM, revocation_list};
use crate::support::{fat, sources};
use isoscope::boot::chain::{Chain, Stage, State, Target};
use isoscope::boot::effort::Effort;
use isoscope::boot::report::{BootReport, Request};
use isoscope::boot::second_stage::SecondStage::{self, Unknown};
use isoscope::boot::verdict;
use isoscope::disc::{Image, limits};

const EFI: [(&str, &str); 2] = [(SHIM, "EFI/BOOT/BOOTX64.EFI"), (GRUB, "EFI/BOOT/grubx64.efi")];

fn chain(image: &Path) -> (BootReport, Chain) {
    let bytes = std::fs::read(image).unwrap();
    let image = Image::open(sources::memory(&bytes)).unwrap();
    let report = BootReport::read(&image, &Request { effort: Effort::Whole, dbx: None }).unwrap();
    let verdicts = verdict::verdicts(&image, &report).unwrap();
    let chain = Chain::new(&image, &report, &verdicts);
    (report, chain)
}

/// Every link as `from > to`, with a mark where the way cannot be gone.
fn links(chain: &Chain) -> Vec<String> {
    let title = |at: usize| {
        let step = &chain.steps[at];
        // Versions change with the packages.
        let kind = step.title.split(|c: char| c.is_ascii_digit()).next().unwrap().trim_end();
        if step.stage == Stage::Structure { format!("{kind} [{}]", step.place) } else { kind.to_owned() }
    };
    let mark = |state| if state == State::Broken { " BROKEN" } else { "" };
    let line = |link: &isoscope::boot::chain::Link| {
        format!("{} > {}{}", title(link.from), title(link.to), mark(link.state.max(chain.steps[link.to].state)))
    };
    chain.links.iter().map(line).collect()
}

#[test]
fn every_way_of_a_disc_for_all_pcs_is_found_up_to_the_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let disc = BootDisc { efi: &EFI, files: &MENUS }.write(folder.path(), "disc");
    let (report, chain) = chain(&disc);
    let found = links(&chain);
    for expected in [
        "BIOS > Boot catalogue [entry 1]",
        "Boot catalogue [entry 1] > ISOLINUX",
        "ISOLINUX > Menu of ISOLINUX",
        "Menu of ISOLINUX > vmlinuz",
        "BIOS > Master boot record [ISOLINUX (isohybrid)]",
        "Master boot record [ISOLINUX (isohybrid)] > ISOLINUX",
        "Boot catalogue [entry 2 (boot/grub/efi.img)] > shim",
        "shim > GRUB",
        "GRUB > Menu of GRUB",
        // Its initial RAM disk is missing.
        "Menu of GRUB > vmlinuz BROKEN",
    ] {
        assert!(found.iter().any(|line| line == expected), "{expected} is not among {found:#?}");
    }
    assert_eq!(chain.starts().map(|at| chain.steps[at].title.as_str()).collect::<Vec<_>>(), ["BIOS", "UEFI, x64"]);
    // One shim for the disc and for the stick; it is the file in the FAT file system.
    let shims: Vec<_> = chain.steps.iter().filter(|step| step.title.starts_with("shim")).collect();
    let [shim] = shims[..] else { panic!("{shims:#?}") };
    assert!(matches!(&shim.target, Some(Target::File { tree, path })
        if tree.to_string() == "fat" && path == "EFI/BOOT/BOOTX64.EFI"));
    // It has two signatures.
    assert_eq!(shim.notes[0], "Signed by Microsoft Corporation UEFI CA 2011 and by Microsoft UEFI CA 2023");
    // What lies between the first byte and the offset is the way there: the bytes are the program's own.
    let file = report.programs.iter().find(|file| file.path == "EFI/BOOT/BOOTX64.EFI").unwrap();
    let (bytes, at) = (std::fs::read(&disc).unwrap(), usize::try_from(file.offset.unwrap()).unwrap());
    assert_eq!(bytes[at..][..usize::try_from(file.size).unwrap()], std::fs::read(SHIM).unwrap());
}

#[test]
fn a_way_ends_where_a_file_is_missing_or_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, efi: &[(&str, &str)], files: &[(&str, &[u8])]| {
        links(&chain(&BootDisc { efi, files }.write(folder.path(), name)).1)
    };
    let without_grub = write("without GRUB", &EFI[..1], &MENUS);
    assert!(without_grub.contains(&"shim > grubx BROKEN".to_owned()), "{without_grub:#?}");
    let text = folder.path().join("text");
    std::fs::write(&text, "no program").unwrap();
    let no_program = write("no program", &[(text.to_str().unwrap(), "EFI/BOOT/BOOTX64.EFI")], &MENUS);
    let broken = |line: &&String| line.starts_with("Boot catalogue [entry 2") && line.ends_with("> BOOTX BROKEN");
    assert!(no_program.iter().any(|line| broken(&line)), "{no_program:#?}");
    // One that is cut short is told in the chain, among the programs, and by the verdicts.
    let cut = folder.path().join("cut");
    std::fs::write(&cut, &std::fs::read(GRUB).unwrap()[..1 << 20]).unwrap();
    let efi = [EFI[0], (cut.to_str().unwrap(), EFI[1].1)];
    let (report, shortened) = chain(&BootDisc { efi: &efi, files: &MENUS }.write(folder.path(), "cut short"));
    assert!(links(&shortened).contains(&"shim > GRUB BROKEN".to_owned()), "{:#?}", links(&shortened));
    let grub = report.programs.iter().find(|file| file.path == EFI[1].1).unwrap();
    let flaw = grub.program.as_ref().unwrap().header.flaw().unwrap();
    assert!(flaw.why.ends_with("and the file ends at byte 1048576"), "{}", flaw.why);
    assert!(grub.details().fields.iter().any(|field| field.value == flaw.why));
    // Without a kernel both menus lead nowhere.
    let no_kernel = write("no kernel", &EFI, &MENUS[..2]);
    assert_eq!(no_kernel.iter().filter(|line| line.ends_with("> vmlinuz BROKEN")).count(), 2, "{no_kernel:#?}");
}

#[test]
fn shim_leads_where_its_maker_chose() {
    let folder = tempfile::tempdir().unwrap();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut shim = std::fs::read(SHIM).unwrap();
    let (usual, other) = (wide("\\grubx64.efi\0"), wide("\\grub.efi\0\0\0\0"));
    let at = memchr::memmem::find(&shim, &usual).unwrap();
    shim[at..at + usual.len()].copy_from_slice(&other);
    let changed = folder.path().join("shim");
    std::fs::write(&changed, shim).unwrap();
    let efi = [(changed.to_str().unwrap(), "EFI/BOOT/BOOTX64.EFI"), (GRUB, "EFI/BOOT/grub.efi")];
    let found = links(&chain(&BootDisc { efi: &efi, files: &MENUS }.write(folder.path(), "disc")).1);
    assert!(found.contains(&"shim > GRUB".to_owned()), "{found:#?}");
}

#[test]
fn the_helper_of_shim_leads_to_what_a_list_names() {
    let folder = tempfile::tempdir().unwrap();
    let helped = [
        (SHIM, "EFI/BOOT/BOOTX64.EFI"),
        ("/usr/lib/shim/fbx64.efi.signed", "EFI/BOOT/fbx64.efi"),
        // What shim would go on with if there was no helper.
        ("/usr/lib/shim/mmx64.efi.signed", "EFI/BOOT/grubx64.efi"),
        (SHIM, "EFI/debian/shimx64.efi"),
        (GRUB, "EFI/debian/grubx64.efi"),
        ("/usr/lib/shim/BOOTX64.CSV", "EFI/debian/BOOTX64.CSV"),
    ];
    let write = |name: &str, efi: &[(&str, &str)]| chain(&BootDisc { efi, files: &MENUS }.write(folder.path(), name));
    let (report, chain) = write("with a list", &helped);
    let way: Vec<_> = links(&chain).into_iter().filter(|line| line.starts_with("shim > ")).collect();
    assert_eq!(way, ["shim > shim", "shim > GRUB"], "{:#?}", links(&chain));
    let step = |stage| chain.steps.iter().find(|step| step.stage == stage).unwrap();
    assert_eq!(step(Stage::SecondLoader).place, "EFI/debian/shimx64.efi");
    assert_eq!(step(Stage::ThirdLoader).place, "EFI/debian/grubx64.efi");
    let fields = report.programs.iter().find(|file| file.path == "EFI/BOOT/BOOTX64.EFI").unwrap().details().fields;
    let field = |label: &str| fields.iter().find(|field| field.label == label).unwrap().value.clone();
    assert_eq!(field("Goes on with"), "EFI/BOOT/fbx64.efi");
    assert_eq!(field("Which goes on with"), "EFI/debian/shimx64.efi, by EFI/debian/BOOTX64.CSV");
    let without_list = links(&write("without a list", &helped[..5]).1);
    assert!(without_list.contains(&"shim > Nothing BROKEN".to_owned()), "{without_list:#?}");
    let without_program = links(&write("without the program", &[&helped[..3], &helped[4..]].concat()).1);
    assert!(without_program.contains(&"shim > shimx BROKEN".to_owned()), "{without_program:#?}");
}

#[test]
fn the_smallest_volume_with_a_helper_leads_to_its_menu() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("volume");
    std::fs::write(&path, fat::bootable().bytes).unwrap();
    let found = links(&chain(&path).1);
    let way = ["shim > shim", "shim > GRUB", "GRUB > Menu of GRUB"];
    assert!(way.iter().all(|step| found.iter().any(|link| link == step)), "{found:#?}");
}

#[test]
fn it_is_not_known_what_a_helper_starts_where_lists_are_too_many_or_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("volume");
    let stage = |volume: fat::Built| {
        std::fs::write(&path, volume.bytes).unwrap();
        let (report, chain) = chain(&path);
        let shim = report.programs.into_iter().find(|file| file.path == "EFI/BOOT/BOOTX64.EFI").unwrap();
        let stage = shim.second_stage.unwrap();
        assert_eq!(links(&chain).iter().any(|link| link.starts_with("shim > ")), stage != Unknown);
        stage
    };
    let many = |count: usize| {
        fat::bootable_with(|volume, efi| {
            for number in 0..count {
                volume.folder(efi, &format!("folder {number}"));
            }
        })
    };
    // Two others are there in any case.
    let most = limits::LOADER_FOLDERS - 2;
    assert!(matches!(stage(many(most)), SecondStage::Fallback { start: Some(_), .. }));
    assert_eq!(stage(many(most + 1)), Unknown);
    let long = |bytes: usize| {
        fat::bootable_with(|volume, efi| {
            let first = volume.folder(efi, "first");
            volume.file(first, "BOOT.CSV", &vec![0; bytes]);
        })
    };
    let most = usize::try_from(limits::LOADER_LIST).unwrap();
    assert!(matches!(stage(long(most)), SecondStage::Fallback { start: Some(_), .. }));
    assert_eq!(stage(long(most + 1)), Unknown);
}

#[test]
fn a_kernel_that_is_cut_off_and_a_damaged_table_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let disc = BootDisc { efi: &EFI, files: &MENUS }.write(folder.path(), "disc");
    let mut bytes = std::fs::read(&disc).unwrap();
    let kernel = memchr::memmem::rfind(&bytes, b"no kernel").unwrap();
    // The checksum of the GPT, which this disc has for the partition of UEFI.
    assert!(bytes[512..].starts_with(b"EFI PART"));
    bytes[512 + 16] ^= 1;
    std::fs::write(&disc, &bytes[..kernel + 4]).unwrap();
    let (report, chain) = chain(&disc);
    let cut = |link: &&isoscope::boot::chain::Link| link.label == "vmlinuz is cut off" && link.state == State::Broken;
    assert_eq!(chain.links.iter().filter(cut).count(), 2, "{:#?}", chain.links);
    assert!(report.missing_files().any(|file| file.as_written == "/live/vmlinuz"));
    let findings = report.findings.items();
    assert!(findings.iter().any(|finding| finding.structure == "GPT header" && finding.offset == 528), "{findings:#?}");
}

#[test]
fn the_command_line_shows_the_way_and_takes_a_list_of_revoked_programs() {
    let folder = tempfile::tempdir().unwrap();
    let disc = BootDisc { efi: &EFI, files: &MENUS }.write(folder.path(), "disc");
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_isoscope")).arg("boot").args(arguments).arg(&disc).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (text, _) = run(&[]);
    assert!(text.contains("\n      shim ") && text.contains("\n        GRUB "), "{text}");
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"]).0).unwrap();
    let program = |json: &serde_json::Value| {
        let mut programs = json["programs"].as_array().unwrap().iter();
        programs.find(|program| program["path"] == "EFI/BOOT/BOOTX64.EFI").unwrap().clone()
    };
    assert!(program(&json)["revoked"]["dbx"].as_array().unwrap().is_empty());
    assert_eq!(program(&json)["goes_on_with"], serde_json::json!(["EFI/BOOT/grubx64.efi"]));
    assert!(program(&json)["flaw"].is_null());
    let digest = program(&json)["authenticode_sha256"].as_str().unwrap().to_owned();
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).unwrap()).collect();
    let list = revocation_list(bytes.as_slice().try_into().unwrap());
    let path = folder.path().join("dbx.bin");
    std::fs::write(&path, list).unwrap();
    let (text, _) = run(&["--json", "--dbx", path.to_str().unwrap()]);
    let revoked = program(&serde_json::from_str(&text).unwrap())["revoked"]["dbx"].clone();
    assert_eq!(revoked, serde_json::json!([digest]));
    let (_, complaint) = run(&["--dbx", "/dev/null"]);
    assert!(complaint.contains("The file is empty"), "{complaint}");
}

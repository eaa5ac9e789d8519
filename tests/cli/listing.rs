//! `info`, `ls`, `cat` and `boot`.

use crate::support::builder::{Disc, ROOT, Tree, utf16};
use crate::support::fixtures;
use crate::support::susp;
use crate::{SAMPLE, file, hostile_disc, keys, line, run, run_well, sample, scratch};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn info_has_its_keys_and_types() {
    let info = run_well(&["info", "--json", SAMPLE]).json();
    let expected = [
        "container",
        "declared_size",
        "diagnostics",
        "file",
        "formats",
        "identity",
        "partitions",
        "sessions",
        "size",
        "trees",
        "volume",
    ];
    assert_eq!(keys(&info), expected);
    let expected = [
        "application",
        "block_size",
        "blocks",
        "created",
        "effective",
        "expires",
        "id",
        "modified",
        "preparer",
        "publisher",
        "set_id",
        "system_id",
    ];
    assert_eq!(keys(&info["volume"]), expected);
    assert_eq!(info["file"], SAMPLE);
    assert_eq!(info["size"], sample().len());
    assert_eq!(info["declared_size"], info["size"]);
    assert_eq!(info["volume"]["id"], "ISOSCOPE_SAMPLE");
    assert_eq!(info["volume"]["created"], "2026-11-01T12:00:00+00:00");
    assert_eq!(info["volume"]["expires"], Value::Null);
    assert_eq!(info["sessions"], serde_json::json!([{"number": 1, "first_block": 0}]));
    assert_eq!(info["trees"][0], serde_json::json!({"name": "rock-ridge", "default": true, "label": "Rock Ridge"}));
    assert_eq!(info["trees"].as_array().unwrap().iter().filter(|tree| tree["default"] == true).count(), 1);
    assert_eq!(info["diagnostics"], serde_json::json!([]));
}

#[test]
fn info_tells_people_the_same() {
    let ran = run_well(&["info", SAMPLE]);
    for words in ["ISOSCOPE_SAMPLE", "1036288 bytes", "Rock Ridge (default)", "El Torito", "1. BIOS", "2. UEFI"] {
        assert!(ran.text().contains(words), "{words} is missing in\n{}", ran.text());
    }
}

#[test]
fn a_json_line_has_its_keys_in_order_and_their_types() {
    let ran = run_well(&["ls", "--json", SAMPLE, "EFI/BOOT"]);
    let bytes = sample();
    let at = bytes.windows(2).position(|pair| pair == b"MZ").unwrap();
    let expected = "{\"path\":\"EFI/BOOT/BOOTX64.EFI\",\"kind\":\"file\",\"size\":1536,\"stored_size\":1536,\
         \"modified\":\"2026-10-30T12:00:00+00:00\",\"created\":null,\"accessed\":\"2026-10-30T12:00:00+00:00\",\
         \"changed\":\"2026-10-30T12:00:00+00:00\",\"mode\":\"0444\",\"uid\":0,\"gid\":0,\"links\":1,\"target\":null,\"hidden\":false,\
         \"extents\":[{\"offset\":OFFSET,\"length\":1536}],\"state\":\"complete\",\"notes\":[]}\n";
    let offset = ran.json()["extents"][0]["offset"].as_u64().unwrap();
    assert_eq!(ran.text(), expected.replace("OFFSET", &offset.to_string()));
    let offset = usize::try_from(offset).unwrap();
    assert_eq!(&bytes[offset..offset + 2], b"MZ");
    // The other copy lies in the boot image.
    assert_eq!(bytes[at..at + 1536], bytes[offset..offset + 1536]);
}

#[test]
fn what_is_unknown_is_null() {
    let lines = run_well(&["ls", "--json", "-R", "--tree", "joliet", SAMPLE]).json_lines();
    let readme = line(&lines, "README.txt");
    for key in ["mode", "uid", "gid", "links", "target", "created", "accessed", "changed"] {
        assert_eq!(readme[key], Value::Null, "{key}");
    }
    let lines = run_well(&["ls", "--json", "-R", SAMPLE]).json_lines();
    let folder = line(&lines, "Empty folder");
    assert_eq!((&folder["kind"], &folder["size"], &folder["stored_size"]), (&"dir".into(), &Value::Null, &2048.into()));
    let link = line(&lines, "Names/Link one folder up");
    assert_eq!((&link["kind"], &link["target"]), (&"symlink".into(), &"../Texts".into()));
    assert_eq!((&link["size"], &link["extents"]), (&Value::Null, &serde_json::json!([])));
    let empty = line(&lines, "Texts/empty.txt");
    assert_eq!((&empty["size"], &empty["extents"]), (&0.into(), &serde_json::json!([])));
    let packed = line(&lines, "Data/Packed by zisofs.txt");
    assert_eq!(packed["size"], 196_000);
    assert_eq!(packed["stored_size"], packed["extents"][0]["length"]);
    assert!(packed["stored_size"].as_u64().unwrap() < 20_000);
}

#[test]
fn a_listing_is_the_same_every_time_and_moved_folders_are_where_they_belong() {
    let first = run_well(&["ls", "-R", SAMPLE]);
    assert_eq!(first.stdout, run_well(&["ls", "-R", SAMPLE]).stdout);
    let deepest = "Deep/one/two/three/four/five/six/seven/eight/nine/treasure.txt";
    assert!(first.text().lines().any(|line| line == deepest));
    assert!(!first.text().contains("rr_moved"));
}

#[test]
fn one_folder_is_listed_with_or_without_case() {
    let names = run_well(&["ls", SAMPLE, "EFI"]);
    assert_eq!(names.text(), "BOOT/\n");
    assert_eq!(run_well(&["ls", SAMPLE, "/efi/"]).text(), names.text());
    assert_eq!(run_well(&["ls", "--json", SAMPLE, "efi/boot"]).json()["path"], "EFI/BOOT/BOOTX64.EFI");
    assert_eq!(run_well(&["ls", SAMPLE, "data/planets.csv"]).text(), "Data/planets.csv\n");
}

#[test]
fn the_long_form_shows_modes_owners_sizes_dates_and_targets() {
    let ran = run_well(&["ls", "-l", SAMPLE]);
    let expected = [
        "lr-xr-xr-x   1     0     0            -  2026-08-03 12:00  Link to the readme -> README.txt",
        "-r--r--r--   1     0     0         1453  2026-11-01 12:00  README.txt",
        "dr-xr-xr-x   1     0     0            -  2026-10-31 12:00  Texts/",
    ];
    for line in expected {
        assert!(ran.text().lines().any(|there| there == line), "{line} is missing in\n{}", ran.text());
    }
    let ran = run_well(&["ls", "-l", "--tree", "iso9660", SAMPLE, "README.TXT"]);
    assert_eq!(ran.text(), "-            -     -     -         1453  2026-11-01 12:00  README.TXT\n");
}

#[test]
fn cat_gives_exactly_the_bytes_of_every_file() {
    let bytes = sample();
    let mut files = 0;
    for entry in run_well(&["ls", "--json", "-R", SAMPLE]).json_lines() {
        let path = entry["path"].as_str().unwrap();
        if entry["kind"] != "file" || path.contains("zisofs") {
            continue;
        }
        let extents = entry["extents"].as_array().unwrap();
        let at = |extent: &Value, key: &str| usize::try_from(extent[key].as_u64().unwrap()).unwrap();
        let stored: Vec<u8> = extents
            .iter()
            .flat_map(|extent| bytes[at(extent, "offset")..][..at(extent, "length")].iter().copied())
            .collect();
        assert!(run_well(&["cat", SAMPLE, path]).stdout == stored, "{path}");
        files += 1;
    }
    assert!(files > 50, "{files} files");
}

#[test]
fn cat_unpacks_zisofs() {
    let expected: String =
        (0..4000).map(|line| format!("{line:5}  The same line again and again packs well.\n")).collect();
    assert!(run_well(&["cat", SAMPLE, "Data/Packed by zisofs.txt"]).text() == expected);
}

#[test]
fn a_cut_off_image_is_shown_as_far_as_it_goes() {
    let folder = scratch();
    let lines = run_well(&["ls", "--json", "-R", SAMPLE]).json_lines();
    let offset = |path| usize::try_from(line(&lines, path)["extents"][0]["offset"].as_u64().unwrap()).unwrap();
    let end = offset("Pictures/rings.bmp") + 5000;
    let cut = file(&folder, "cut.iso", &sample()[..end]);

    let ran = run(&["info", "--json", &cut]);
    assert_eq!(ran.status, 1);
    let diagnostic = &ran.json()["diagnostics"][0];
    assert_eq!(keys(diagnostic), ["message", "offset", "severity", "structure"]);
    assert_eq!(diagnostic["severity"], "error");
    assert!(diagnostic["message"].as_str().unwrap().contains("cut off"), "{diagnostic}");

    let ran = run(&["ls", "--json", "-R", &cut]);
    assert_eq!(ran.status, 1);
    let cut_lines = ran.json_lines();
    assert_eq!(cut_lines.len(), lines.len());
    for (path, state) in
        [("Code/grub.cfg", "complete"), ("Pictures/rings.bmp", "partly"), ("Pictures/disc.ico", "outside")]
    {
        assert_eq!(line(&cut_lines, path)["state"], state, "{path}");
        let said = line(&cut_lines, path)["notes"].to_string();
        assert_eq!(said.contains(&format!("The image ends at byte {end}")), state != "complete", "{path}: {said}");
    }
    let outside = cut_lines.iter().filter(|line| line["state"] != "complete").count();
    let ran = run(&["ls", "-l", "-R", &cut]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (1, &*format!("isoscope: {outside} entries are cut off or not in the image at all\n"))
    );
    assert!(ran.text().contains("Pictures/rings.bmp  (cut off)\n"), "{}", ran.text());
    assert!(ran.text().contains("Pictures/disc.ico  (not in the image)\n"), "{}", ran.text());

    let ran = run(&["cat", &cut, "Pictures/rings.bmp"]);
    assert_eq!((ran.status, ran.stdout.len()), (1, 5000));
    assert!(ran.stderr.contains("Only the first 5000 of 49206 bytes could be read"), "{}", ran.stderr);
    assert!(run(&["cat", SAMPLE, "Pictures/rings.bmp"]).stdout.starts_with(&ran.stdout));
    let ran = run(&["cat", &cut, "Pictures/disc.ico"]);
    assert_eq!((ran.status, ran.stdout.len()), (3, 0));
}

#[test]
fn json_carries_hostile_names_exactly() {
    let folder = scratch();
    let image = file(&folder, "hostile.iso", &hostile_disc());
    let lines = run_well(&["ls", "--json", "-R", &image]).json_lines();
    let entry = line(&lines, "tab\tand\nline/bell\x07 \u{202e}gpj.exe");
    assert_eq!(entry.get("path_bytes"), None, "the name is valid Unicode");
    assert_eq!(line(&lines, "link")["target"], "\x1b[2Jtarget");
    // It is found as it is, and as a terminal shows it.
    for path in ["tab\tand\nline/bell\x07 \u{202e}gpj.exe", "tab\\x09and\\x0aline/bell\\x07 \\u{202e}gpj.exe"] {
        assert_eq!(run_well(&["cat", &image, path]).text(), "content");
    }
}

#[test]
fn paths_that_are_no_text_come_with_their_bytes() {
    let mut disc = Disc::rock_ridge();
    let latin = disc.rr_folder(ROOT, "");
    disc.primary.uses(latin, susp::long_name(b"Stra\xdfe"));
    disc.rr_file(latin, "plain", b"1");
    disc.rr_file(ROOT, "a/b", b"2");
    disc.rr_file(ROOT, "plain", b"3");
    let mut joliet = Tree::default();
    let data = disc.data(b"4");
    let mut lone_surrogate = utf16("high ");
    lone_surrogate.extend([0xd8, 0x3d]);
    joliet.file(ROOT, &lone_surrogate, data);
    disc.joliet = Some((joliet, *b"%/E"));
    let folder = scratch();
    let image = file(&folder, "bytes.iso", &disc.build().bytes);

    let lines = run(&["ls", "--json", "-R", &image]).json_lines();
    let bytes = |path: &str| line(&lines, path).get("path_bytes").map(|bytes| bytes.as_str().unwrap().to_owned());
    assert_eq!(bytes("Straße").as_deref(), Some("53747261df65"));
    assert_eq!(bytes("Straße/plain").as_deref(), Some("53747261df652f706c61696e"));
    assert_eq!(bytes("a\\x2fb").as_deref(), Some("612f62"));
    assert_eq!(bytes("plain"), None);
    // The same below a folder that was asked for, and the escaped name finds the file.
    let below = run(&["ls", "--json", &image, "Straße"]).json_lines();
    assert_eq!(line(&below, "Straße/plain")["path_bytes"], "53747261df652f706c61696e");
    assert_eq!(run(&["cat", &image, "a\\x2fb"]).text(), "2");

    let lines = run(&["ls", "--json", "--tree", "joliet", &image]).json_lines();
    assert_eq!(line(&lines, "high \u{fffd}")["path_bytes"], "00680069006700680020d83d");
}

#[test]
fn every_session_can_be_opened() {
    let folder = scratch();
    let image = file(&folder, "sessions.iso", &fixtures::bytes("x-sessions.iso"));
    let info = run_well(&["info", "--json", &image]).json();
    let sessions = info["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    let newest = run_well(&["ls", "-R", &image]);
    let by_number: Vec<_> =
        ["1", "2", "3"].iter().map(|number| run_well(&["ls", "-R", "--session", number, &image]).stdout).collect();
    assert_eq!(by_number[2], newest.stdout);
    assert_ne!(by_number[0], by_number[1]);
    assert_ne!(by_number[1], by_number[2]);
}

#[test]
fn names_alone_are_those_of_the_full_listing() {
    let scratch = scratch();
    for name in ["g-udf-bridge.iso", "k-bluray.iso", "p-windows-like.iso"] {
        let image = file(&scratch, name, &fixtures::bytes(name));
        let short = run_well(&["ls", "-R", "--tree", "udf", &image]);
        let full = run_well(&["ls", "-R", "--json", "--tree", "udf", &image]).json_lines();
        let of_line = |line: &Value| {
            let folder = if line["kind"] == "dir" { "/" } else { "" };
            format!("{}{folder}", line["path"].as_str().unwrap())
        };
        let full: Vec<String> = full.iter().map(of_line).collect();
        assert_eq!(short.text().lines().collect::<Vec<_>>(), full, "{name}");
        assert!(full.len() > 1, "{name}");
    }
}

#[test]
fn partitions_are_listed_and_their_bytes_come_out_as_they_are() {
    let scratch = scratch();
    let bytes = fixtures::bytes("x-boot-appended-gpt.iso");
    let image = file(&scratch, "partitions.iso", &bytes);
    let all = run_well(&["info", "--json", &image]).json();
    let second = &all["partitions"][1];
    assert_eq!((&second["id"], &second["kind"]), (&"gpt-2".into(), &"EFI system partition".into()));
    assert_eq!(all["partitions"][0]["trees"], serde_json::json!(["rock-ridge-2", "iso9660-2"]));
    let number = |key: &str| usize::try_from(second[key].as_u64().unwrap()).unwrap();
    let inside = &bytes[number("offset")..number("offset") + number("length")];
    assert_eq!(&inside[3..11], b"FIXTURE ");
    assert!(run_well(&["info", &image]).text().contains("  gpt-2          EFI system partition: 65.5 kB"));
    assert_eq!(run_well(&["cat", &image, "--partition", "gpt-2"]).stdout, inside);

    let out = scratch.path().join("out");
    let out_name = out.to_str().unwrap();
    run_well(&["extract", &image, "--partition", "gpt-2", "--partition", "gpt-1", "-o", out_name]);
    assert_eq!(std::fs::read(out.join("gpt-2-efi-system-partition.img")).unwrap(), inside);
    assert!(out.join("gpt-1-basic-data.img").exists());

    // The volume in the first partition names the same files.
    let listing = |tree: &str| run_well(&["ls", "-R", "--tree", tree, &image]).text().to_owned();
    assert_eq!(listing("rock-ridge"), listing("rock-ridge-2"));
    let hello = |tree: &str| run_well(&["cat", "--tree", tree, &image, "hello.txt"]).stdout;
    assert_eq!(hello("rock-ridge-2"), hello("rock-ridge"));

    let wrong = run(&["cat", &image, "--partition", "mbr-7"]);
    assert_eq!(wrong.status, 3);
    assert!(wrong.stderr.contains("has no partition mbr-7; it has gpt-1, gpt-2"), "{}", wrong.stderr);
    assert_eq!(run(&["cat", &image]).status, 2, "a path or a partition is needed");
    let nothing = run(&["ls", "--deleted", &image]);
    assert_eq!(nothing.status, 3);
    assert!(nothing.stderr.contains("Rock Ridge keeps no entries that are marked as deleted"), "{}", nothing.stderr);
}

#[test]
fn names_of_the_same_file_are_listed_when_asked_for() {
    let ran = run(&["compare", "--names", SAMPLE]);
    assert!(ran.text().contains("    README.txt = README.TXT\n"), "{}", ran.text());
    assert!(ran.text().contains("    Names/日本語のファイル.txt = NAMES/_______1.TXT\n"), "{}", ran.text());
    assert!(!run(&["compare", SAMPLE]).text().contains("README.TXT"));
}

#[test]
fn files_that_loop_or_lie_end_in_time() {
    // Each folder holds two entries for the next one: 2^24 paths, 24 folders.
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    let (mut here, mut there) = (ROOT, ROOT);
    for level in 0..24 {
        let one = disc.rr_folder(here, &format!("one {level}"));
        let twin = disc.primary.folder_like(here, format!("TWIN{level}").as_bytes(), one);
        disc.primary.uses(twin, susp::long_name(b"twin"));
        here = one;
        let one = joliet.folder(there, &utf16(&format!("one {level}")));
        joliet.folder_like(there, &utf16("twin"), one);
        there = one;
    }
    disc.joliet = Some((joliet, *b"%/E"));
    let folder = scratch();
    let image = file(&folder, "graph.iso", &disc.build().bytes);
    let started = std::time::Instant::now();
    for arguments in [&["ls", "-R", &image][..], &["compare", &image]] {
        let ran = run(arguments);
        assert!(ran.status <= 1, "{}", ran.stderr);
        assert!(ran.text().lines().count() < 200);
    }
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn boot_answers_first_and_shows_menus_with_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let mut disc = Disc::rock_ridge();
    let boot = disc.rr_folder(ROOT, "boot");
    let grub = disc.rr_folder(boot, "grub");
    disc.rr_file(boot, "vmlinuz", b"kernel");
    let menu = b"menuentry 'Live' { linux /boot/vmlinuz quiet\n initrd /boot/gone }\n";
    disc.rr_file(grub, "grub.cfg", menu);
    let path = file(&folder, "disc.iso", &disc.build().bytes);
    let ran = run(&["boot", &path]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    let lines: Vec<_> = ran.text().lines().map(str::trim).collect();
    assert_eq!(lines[0], "Does a computer with a BIOS start it?");
    assert!(lines[1].starts_with("From a disc") && lines[1].contains(" no "), "{}", lines[1]);
    for line in [
        "Live  (starts by itself)",
        "kernel       /boot/vmlinuz",
        "initrd       /boot/gone (missing)",
        "options      quiet",
    ] {
        assert!(lines.contains(&line), "{line}: {lines:#?}");
    }

    let found = run(&["boot", "--json", &path]).json();
    let entry = &found["menus"][0]["entries"][0];
    assert_eq!((&entry["title"], &entry["initrds"][0]["state"]), (&"Live".into(), &"missing".into()));
    assert_eq!(found["el_torito"], Value::Null);
    assert_eq!(found["verdict"][1]["boots"], "no");
}

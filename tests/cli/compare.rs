//! `compare`.

use crate::support::builder::{Disc, ROOT, Tree, utf16};
use crate::support::fixtures;
use crate::{SAMPLE, file, keys, run, run_well, scratch, symlink};
use serde_json::Value;

#[test]
fn compare_tells_what_only_one_tree_has() {
    let ran = run(&["compare", "--json", SAMPLE]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    let all = ran.json();
    assert_eq!(keys(&all), ["comparisons", "differ", "trees", "unseen"]);
    // The boot image's file system has other files, and is compared with nothing.
    assert_eq!(all["trees"], serde_json::json!(["rock-ridge", "joliet", "iso9660", "fat"]));
    assert_eq!(all["comparisons"].as_array().unwrap().len(), 2);
    let joliet = &all["comparisons"][0];
    assert_eq!((&joliet["left"], &joliet["right"]), (&"rock-ridge".into(), &"joliet".into()));
    let paths = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|lone| lone["path"].as_str().unwrap().to_owned()).collect()
    };
    let only_left = paths(&joliet["only_left"]);
    assert!(only_left.contains(&"Only Rock Ridge names this.txt".to_owned()), "{only_left:?}");
    assert_eq!(paths(&joliet["only_right"]), ["Only Joliet names this.txt", "rr_moved"]);
    assert_eq!(joliet["elsewhere"], serde_json::json!([]));
    let differences = joliet["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0]["left"], "Data/Packed by zisofs.txt");
    assert_eq!(differences[0]["aspects"][0]["aspect"], "packing");

    let plain = &all["comparisons"][1];
    assert_eq!(
        plain["elsewhere"],
        serde_json::json!([{"left": "Deep/one/two/three/four/five/six/seven", "right": "RR_MOVED/SEVEN"}])
    );
    let ran = run(&["compare", SAMPLE]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.text().contains("2 entries are only in Joliet:\n    Only Joliet names this.txt (79 bytes)\n"),
        "{}",
        ran.text()
    );
}

#[test]
fn trees_that_agree_have_no_differences() {
    let folder = scratch();
    let image = file(&folder, "level4.iso", &fixtures::bytes("g-level4.iso"));
    let ran = run(&["compare", &image]);
    assert!(ran.text().contains("No differences"), "{}", ran.text());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));

    let image = file(&folder, "level3.iso", &fixtures::bytes("x-level3.iso"));
    assert_eq!(
        run_well(&["compare", &image]).text(),
        "The image has one tree only: ISO 9660\n\nEverything on the disc is shown by a tree\n"
    );
}

#[test]
fn compare_tells_sizes_dates_contents_and_kinds() {
    let mut disc = Disc::rock_ridge();
    let mut joliet = Tree::default();
    for (name, here, there) in [
        ("same", &b"same bytes, stored twice"[..], &b"same bytes, stored twice"[..]),
        ("content", b"these bytes", b"other bytes"),
        ("size", b"short", b"longer than short"),
        ("date", b"dated", b"dated"),
        ("kind", b"", b"a file"),
    ] {
        if name == "kind" {
            symlink(&mut disc, name, b"target");
        } else {
            disc.rr_file(ROOT, name, here);
        }
        let data = disc.data(there);
        let node = joliet.file(ROOT, &utf16(name), data);
        if name == "date" {
            joliet.patch(node, 18, [99, 12, 31, 23, 59, 59, 0]);
        }
    }
    let folder = disc.rr_folder(ROOT, "lone folder");
    disc.rr_file(folder, "one", b"inside 1");
    disc.rr_file(folder, "two", b"inside 2");
    disc.joliet = Some((joliet, *b"%/E"));
    let scratch = scratch();
    let image = file(&scratch, "differing.iso", &disc.build().bytes);

    let ran = run(&["compare", "--json", &image]);
    assert_eq!(ran.status, 1);
    let all = ran.json();
    let joliet = &all["comparisons"][0];
    let found: Vec<(&str, Vec<&str>)> = joliet["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| {
            let aspects = difference["aspects"].as_array().unwrap();
            let names = aspects.iter().map(|aspect| aspect["aspect"].as_str().unwrap()).collect();
            (difference["left"].as_str().unwrap(), names)
        })
        .collect();
    let differs = |path| found.iter().find(|(left, _)| *left == path).map(|(_, aspects)| aspects.clone());
    assert_eq!(differs("same"), None);
    assert_eq!(differs("content"), Some(vec!["content"]));
    assert_eq!(differs("size"), Some(vec!["size"]));
    assert_eq!(differs("date"), Some(vec!["modified"]));
    assert_eq!(differs("kind"), Some(vec!["kind"]));
    assert_eq!(
        joliet["only_left"],
        serde_json::json!([{"path": "lone folder", "kind": "dir", "size": null, "inside": 2}])
    );
    assert_eq!(joliet["matched"], 5);
}

#[test]
fn compare_tells_how_two_images_differ() {
    let scratch = scratch();
    let mut paths = Vec::new();
    for (name, content, lone) in [("one.iso", b"these bytes", "only here"), ("two.iso", b"other bytes", "only there")] {
        let mut disc = Disc::rock_ridge();
        disc.rr_file(ROOT, lone, b"");
        disc.rr_file(ROOT, "same", b"the same bytes");
        disc.rr_file(ROOT, "changed", content);
        paths.push(file(&scratch, name, &disc.build().bytes));
    }
    let ran = run(&["compare", "--json", &paths[0], &paths[1]]);
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    let all = ran.json();
    assert_eq!(keys(&all), ["comparisons", "differ", "trees"]);
    let comparison = &all["comparisons"][0];
    assert_eq!((&comparison["matched"], &comparison["differences"][0]["left"]), (&2.into(), &"changed".into()));
    assert_eq!(comparison["only_left"][0]["path"], "only here");
    assert_eq!(comparison["only_right"][0]["path"], "only there");
    assert_eq!(run(&["compare", &paths[0], &paths[0]]).status, 0);
    assert_eq!(run(&["compare", &paths[0], "/nowhere.iso"]).status, 3);
}

#[test]
fn compare_tells_what_no_tree_shows() {
    let scratch = scratch();
    let mut disc = Disc::rock_ridge();
    let hidden = disc.rr_file(ROOT, "hidden", b"hidden bytes");
    disc.primary.flags(hidden, 1);
    let gap = disc.data(b"MZ nobody names this");
    disc.rr_file(ROOT, "file", b"content");
    let mut bytes = disc.build().bytes;
    bytes.extend([7; 100]);
    let image = file(&scratch, "unseen.iso", &bytes);
    let ran = run(&["compare", &image]);
    assert_eq!(ran.status, 1);
    for words in [
        "  hidden: hidden (in Rock Ridge, 12 bytes)\n".to_owned(),
        format!("  byte {}: 2.0 kB (a program for Windows or DOS), behind hidden, used by nothing\n", gap.block * 2048),
        format!("  byte {}: 100 bytes, behind file, after the declared end of the disc\n", bytes.len() - 100),
    ] {
        assert!(ran.text().contains(&words), "{words} is missing in\n{}", ran.text());
    }
}

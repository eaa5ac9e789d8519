//! Holds the sources to the design: which part may know which, how long a file may be, and what no file may contain.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file: its path below `src`, and its text without comments.
struct File {
    path: String,
    text: String,
    code: String,
}

impl File {
    /// The part of the house it belongs to: the folder or file directly below `src`.
    fn part(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

fn sources(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(File { path: name, code: without_comments(&text), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The text without comments, so that prose may name what code may not.
fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text up to the unit tests; nothing of a file that holds only those.
fn without_tests(file: &File) -> &str {
    if file.path.ends_with("/tests.rs") {
        return "";
    }
    file.code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// Fails with every place where a file chosen by `chosen` uses one of `words`.
fn forbid(what: &str, chosen: impl Fn(&File) -> bool, words: &[&str]) {
    let files = sources("src");
    let chosen: Vec<_> = files.iter().filter(|file| chosen(file)).collect();
    let found = chosen.iter().flat_map(|file| {
        let lines = without_tests(file).lines().enumerate();
        lines.filter_map(|(at, line)| {
            let word = words.iter().find(|word| uses(line, word))?;
            Some(format!("src/{}:{}: {word}", file.path, at + 1))
        })
    });
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "{what}\n{}", found.join("\n"));
}

/// True when `line` holds `word` and not as a part of a longer name.
fn uses(line: &str, word: &str) -> bool {
    let part_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let opens_name = word.starts_with(|c: char| c.is_alphanumeric());
        let ends_name = word.ends_with(|c: char| c.is_alphanumeric());
        let goes_on_before = opens_name && part_of_name(line[..at].chars().next_back());
        let goes_on_behind = ends_name && part_of_name(line[at + word.len()..].chars().next());
        !goes_on_before && !goes_on_behind
    })
}

/// The parts of the house that a file names by `crate::…` or `super::…` from the top.
fn parts_used(file: &File, parts: &BTreeSet<String>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let code = without_tests(file);
    for prefix in ["crate::", "isoscope::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                // `use crate::{disc::Image, job::Job}`: the first word of each item at the outer level.
                let (mut depth, mut item) = (0, String::new());
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => drop(used.insert(std::mem::take(&mut item))),
                        c if depth == 0 && !c.is_whitespace() => item.push(c),
                        _ => {}
                    }
                }
                used.insert(item);
            } else {
                used.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    let first_words = used.iter().map(|item| item.split("::").next().unwrap_or_default().to_owned());
    first_words.filter(|word| parts.contains(word) && word != file.part()).collect()
}

#[test]
fn dependencies_point_one_way() {
    const ENGINE: [&str; 7] = ["disc", "boot", "identify", "preview", "verify", "extract", "job"];
    // Part → the parts it may name.
    let arrow: &[(&str, &[&str])] = &[
        ("disc", &[]),
        ("boot", &["disc"]),
        ("identify", &["disc"]),
        ("preview", &["disc"]),
        ("verify", &["disc"]),
        ("extract", &["disc"]),
        ("serve", &["disc", "extract", "platform"]),
        ("job", &["disc", "boot", "identify", "preview", "verify", "extract", "serve", "settings", "platform"]),
        ("app", &["disc", "boot", "identify", "preview", "verify", "extract", "serve", "job", "settings", "platform"]),
        (
            "ui",
            &[
                "disc", "boot", "identify", "preview", "verify", "extract", "serve", "job", "settings", "platform",
                "app",
            ],
        ),
        // The platform mounts what it was asked for on the command line.
        ("cli", &["disc", "boot", "identify", "preview", "verify", "extract", "serve", "job", "settings", "platform"]),
        ("settings", &[]),
        ("platform", &[]),
        (
            "main",
            &[
                "disc", "boot", "identify", "preview", "verify", "extract", "serve", "job", "settings", "platform",
                "app", "ui", "cli",
            ],
        ),
        ("lib", &["disc", "preview", "extract", "serve", "job", "settings", "platform", "app", "ui", "cli"]),
    ];
    let files = sources("src");
    let parts: BTreeSet<String> = files.iter().map(|file| file.part().to_owned()).collect();
    let mut wrong = Vec::new();
    for file in &files {
        let Some((_, allowed)) = arrow.iter().find(|(part, _)| *part == file.part()) else {
            wrong.push(format!("src/{} belongs to no part of the house that the arrow knows", file.path));
            continue;
        };
        for used in parts_used(file, &parts) {
            if !allowed.contains(&used.as_str()) {
                wrong.push(format!("src/{} uses {used}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files.iter().any(|file| ENGINE.contains(&file.part())), "the test found no sources");
}

#[test]
fn the_reader_knows_no_window_starts_no_threads_and_writes_nothing() {
    let words = [
        "egui",
        "eframe",
        "std::thread",
        "thread::spawn",
        "crossbeam",
        "crossbeam_channel",
        "mpsc",
        "rfd",
        "OpenOptions",
        "File::create",
        "fs::write",
        "create_dir",
        "remove_file",
        "fs::rename",
        "cap_std",
        "println!",
        "eprintln!",
    ];
    forbid("src/disc reads only", |file| file.part() == "disc", &words);
}

#[test]
fn only_the_window_knows_the_window() {
    let gui = ["egui", "eframe", "egui_extras", "rfd"];
    let outside = |file: &File| matches!(file.part(), "app" | "cli" | "extract" | "job" | "preview" | "settings");
    forbid("The window's libraries belong to src/ui and src/platform", outside, &gui);
}

#[test]
fn the_window_touches_no_files_and_no_threads() {
    let words = [
        "std::fs",
        "fs::read",
        "fs::write",
        "File::open",
        "File::create",
        "std::thread",
        "thread::spawn",
        "disc::iso9660",
    ];
    forbid("src/ui only draws", |file| file.part() == "ui", &words);
}

#[test]
fn only_the_destination_writes_users_files() {
    let words = [
        "File::create",
        "OpenOptions",
        "fs::write",
        "create_dir",
        "create_dir_all",
        "remove_file",
        "remove_dir",
        "remove_dir_all",
        "fs::rename",
        "set_permissions",
        "cap_std",
    ];
    // The settings have a place of their own, and the origin mark is set on what the destination wrote.
    let others =
        |file: &File| !file.path.starts_with("extract/destination") && !matches!(file.part(), "settings" | "platform");
    forbid("Users' files are written by src/extract/destination only", others, &words);
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> = Vec::new();
    for file in sources("src") {
        lengths.push((file.text.lines().count(), file.path));
    }
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|(length, _)| *length > 600).collect();
    assert!(long.is_empty(), "longer than 600 lines: {long:?}");
    let (median, _) = &lengths[lengths.len() / 2];
    assert!(*median <= 250, "the median file has {median} lines");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = sources("src").into_iter().filter(|file| !file.text.starts_with("//!")).collect();
    let silent: Vec<_> = silent.iter().map(|file| &file.path).collect();
    assert!(silent.is_empty(), "no module documentation: {silent:?}");
}

#[test]
fn nothing_is_silenced_or_left_undone() {
    // Written in two pieces, so that this file does not hold what it looks for.
    let words = [("allow", "("), ("todo", "!"), ("unimplemented", "!"), ("#[", "ignore"), ("dbg", "!")];
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches"].into_iter().filter(|folder| Path::new(folder).is_dir()) {
        for file in sources(folder) {
            for (at, line) in file.code.lines().enumerate() {
                for (start, end) in words {
                    let attribute = start != "allow" || line.contains("#[") || line.contains("#![");
                    if attribute && uses(line, &format!("{start}{end}")) {
                        found.push(format!("{folder}/{}:{}: {start}{end}", file.path, at + 1));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_platform_is_unsafe() {
    let word = ["un", "safe"].concat();
    forbid("src/platform only may use it", |file| file.part() != "platform", &[&word]);
}

#[test]
fn no_file_knows_where_it_was_written() {
    let places = [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["C:\\U", "sers\\"]].map(|piece| piece.concat());
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz"].into_iter().filter(|folder| Path::new(folder).is_dir()) {
        for file in sources(folder) {
            for (at, line) in file.text.lines().enumerate() {
                if places.iter().any(|place| line.contains(place.as_str())) {
                    found.push(format!("{folder}/{}:{}: {line}", file.path, at + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_else_has_the_clipboard_of_wayland() {
    // With `clipboard` eframe brings it along: a second `wl_data_device` takes pastes away on GNOME, and drops on KDE.
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    assert!(!lock.contains("\"smithay-clipboard\""), "smithay-clipboard is in the program");
}

//! Many readers at once, and what happens when somebody still reads.

use std::io::Read as _;
use std::sync::Arc;

use isoscope::disc::Image;
use isoscope::platform::files::Files as _;
use isoscope::serve::View;
use sha2::{Digest as _, Sha256};

use super::place::{Mounted, can_mount};
use super::support::builder::{Disc, ROOT};
use super::support::rng::Rng;
use super::support::sources::{CountedSource, memory};

const FILES: usize = 24;

fn content(at: usize) -> Vec<u8> {
    Rng::new(at as u64 + 1).bytes(at * 131_071 % 2_000_000 + at)
}

fn disc() -> Vec<u8> {
    let mut disc = Disc::rock_ridge();
    let folders: Vec<_> = (0..4).map(|at| disc.rr_folder(ROOT, &format!("folder {at}"))).collect();
    for at in 0..FILES {
        disc.rr_file(folders[at % 4], &format!("file {at}"), &content(at));
    }
    disc.build().bytes
}

#[test]
fn many_readers_at_once_all_get_the_right_bytes() {
    if !can_mount() {
        return;
    }
    let expected: Vec<_> = (0..FILES).map(|at| Sha256::digest(content(at))).collect();
    let mounted = Mounted::image(memory(&disc()));
    let path = mounted.path();
    std::thread::scope(|scope| {
        for reader in 0..16 {
            let (path, expected) = (&path, &expected);
            scope.spawn(move || {
                for step in 0..FILES {
                    // Some follow one another, others meet.
                    let at =
                        if reader % 2 == 0 { (step + reader) % FILES } else { (FILES * 2 - step - reader) % FILES };
                    let file = path.join(format!("folder {}/file {at}", at % 4));
                    let mut reading = std::fs::File::open(file).unwrap();
                    let (mut digest, mut buf) = (Sha256::new(), vec![0; 1000 + reader * 50_000]);
                    while let read @ 1.. = reading.read(&mut buf).unwrap() {
                        digest.update(&buf[..read]);
                    }
                    assert_eq!(digest.finalize(), expected[at], "{at}");
                    assert_eq!(std::fs::read_dir(path.join("folder 0")).unwrap().count(), FILES / 4);
                }
            });
        }
    });
    assert!(mounted.mount().is_mounted());
}

#[test]
fn every_byte_is_read_once_and_none_before_it_is_wanted() {
    if !can_mount() {
        return;
    }
    let source = CountedSource::new(memory(&disc()));
    let image = Image::open(source.clone()).unwrap();
    let view = Arc::new(View::of_tree(image.default_tree().clone()));
    let before = source.bytes();
    let mounted = Mounted::new(view.clone());
    assert_eq!(source.bytes(), before);
    assert!(view.volume_size() > 0);
    let path = mounted.path().join("folder 3/file 23");
    assert_eq!(path.metadata().unwrap().len(), content(23).len() as u64);
    let listed = source.bytes();
    for _ in 0..3 {
        assert!(std::fs::read(&path).unwrap() == content(23));
        assert_eq!(std::fs::read_dir(mounted.path().join("folder 3")).unwrap().count(), FILES / 4);
    }
    assert_eq!(source.bytes() - listed, content(23).len() as u64);
}

#[test]
fn it_unmounts_while_somebody_has_a_file_open() {
    if !can_mount() {
        return;
    }
    let mut mounted = Mounted::image(memory(&disc()));
    let path = mounted.path();
    let mut file = std::fs::File::open(path.join("folder 3/file 23")).unwrap();
    let mut first = [0; 100];
    file.read_exact(&mut first).unwrap();
    assert_eq!(mounted.mount().open_files(), 1);
    mounted.unmount();
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
    // As long as the process lives, who was reading can read on.
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).unwrap();
    assert!(first == content(23)[..100] && rest == content(23)[100..]);
}

#[test]
fn it_is_read_only_and_says_where_the_image_came_from() {
    use std::os::unix::fs::PermissionsExt as _;
    if !can_mount() {
        return;
    }
    let image = Image::open(memory(&disc())).unwrap();
    let view = |origin: Option<&str>| {
        let view = View::of_tree(image.default_tree().clone()).with_origin(origin.map(str::to_owned));
        Mounted::new(Arc::new(view))
    };
    let mounted = view(Some("https://example.org/disc.iso"));
    let path = mounted.path().join("folder 0/file 0");
    let read_only = Some(30);
    assert_eq!(std::fs::write(&path, b"x").unwrap_err().raw_os_error(), read_only);
    assert_eq!(std::fs::write(mounted.path().join("new"), b"x").unwrap_err().raw_os_error(), read_only);
    assert_eq!(std::fs::remove_file(&path).unwrap_err().raw_os_error(), read_only);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o755);

    let attribute = |path: &std::path::Path| {
        let mut value = [0; 100];
        let len = rustix::fs::getxattr(path, "user.xdg.origin.url", &mut value[..]);
        len.map(|len| String::from_utf8_lossy(&value[..len]).into_owned()).ok()
    };
    assert_eq!(attribute(&path).as_deref(), Some("https://example.org/disc.iso"));
    let mut names = [0; 100];
    let len = rustix::fs::listxattr(&path, &mut names[..]).unwrap();
    assert_eq!(&names[..len], b"user.xdg.origin.url\0");
    assert!(rustix::fs::getxattr(&path, "user.other", &mut [0; 10][..]).is_err());
    let unmarked = view(None);
    assert_eq!(attribute(&unmarked.path().join("folder 0/file 0")), None);
}

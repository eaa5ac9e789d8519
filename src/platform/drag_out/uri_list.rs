//! `text/uri-list` (RFC 2483 §5): how file managers on X11 and Wayland pass the paths of files to one another.

use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The type under which such a list is offered.
pub(super) const MIME: &str = "text/uri-list";

/// The list of `paths`, all of them absolute. Each line ends in CRLF, the last one as well.
pub(super) fn write(paths: &[PathBuf]) -> String {
    let mut list = String::new();
    for path in paths {
        list.push_str(&uri(path));
        list.push_str("\r\n");
    }
    list
}

/// `file://` and the bytes of an absolute path. Every byte is escaped that has any meaning in a URI (RFC 3986 §2.3), and
/// some that have none, since not every target knows which is which.
pub(super) fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

/// The absolute paths that a list names. Comments, empty lines, other schemes and what is no path are left out. Lines
/// may end in CRLF, LF or CR; the host of a URI is not looked at, since programs on one screen write it as they like.
pub(super) fn read(list: &[u8]) -> Vec<PathBuf> {
    let lines = list.split(|byte| matches!(byte, b'\r' | b'\n' | 0)).map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.starts_with(b"#")).filter_map(path).collect()
}

fn path(uri: &[u8]) -> Option<PathBuf> {
    let (scheme, rest) = uri.split_at_checked(5)?;
    if !scheme.eq_ignore_ascii_case(b"file:") {
        return None;
    }
    // `file:///path` and `file://host/path`, and `file:/path` as RFC 8089 has it.
    let rest = match rest.strip_prefix(b"//") {
        Some(host) => host.iter().position(|&byte| byte == b'/').and_then(|at| host.get(at..))?,
        None => rest,
    };
    let path = decode(rest);
    (path.starts_with(b"/") && !path.contains(&0)).then(|| PathBuf::from(OsString::from_vec(path)))
}

/// Undoes the escapes. A `%` that begins none stands for itself.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, behind @ ..]) if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
                bytes.push(high << 4 | low);
                rest = behind;
            }
            _ => bytes.push(first),
        }
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &str) -> Vec<PathBuf> {
        read(list.as_bytes())
    }

    #[test]
    fn every_byte_but_plain_ones_is_escaped() {
        let path = Path::new("/a b/100%/grüße & #1?/A-Z_a.z~0'\"");
        let escaped = "file:///a%20b/100%25/gr%C3%BC%C3%9Fe%20%26%20%231%3F/A-Z_a.z~0%27%22";
        assert_eq!(uri(path), escaped);
        assert_eq!(write(&[path.to_owned(), "/b".into()]), format!("{escaped}\r\nfile:///b\r\n"));
        assert_eq!(write(&[]), "");
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_bytes() {
        let odd: Vec<u8> = (1..=255).collect();
        let odd = [b"/".to_vec(), odd].concat();
        let sent = vec![PathBuf::from("/x/%41"), PathBuf::from(OsString::from_vec(odd)), PathBuf::from("/")];
        assert_eq!(read(write(&sent).as_bytes()), sent);
    }

    #[test]
    fn lists_of_other_programs_are_read() {
        assert_eq!(
            paths("# a comment\r\n\r\nfile://localhost/a\r\nFILE:/b%2fc\n file:///d \rfile://pc.example/e f"),
            ["/a", "/b/c", "/d", "/e f"].map(PathBuf::from)
        );
        // Some end the list with a NUL, as text on the clipboard of X11 does.
        assert_eq!(paths("file:///a\0"), [PathBuf::from("/a")]);
    }

    #[test]
    fn a_percent_sign_that_escapes_nothing_stays() {
        assert_eq!(paths("file:///100%\nfile:///%4\nfile:///%zz%41"), ["/100%", "/%4", "/%zzA"].map(PathBuf::from));
    }

    #[test]
    fn what_is_no_path_is_left_out() {
        assert!(paths("http://example.org/a\nfile:\nfile://\nfile://host\nfile:a\nfile:///a%00b\nfil\n/a").is_empty());
        assert!(paths("").is_empty());
    }
}

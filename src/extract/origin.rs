//! The mark that browsers and mail programs put on what they bring from the internet, which systems heed before they
//! start a program. Whoever unpacks a marked image has to hand it on, or the image launders what is in it
//! (CVE-2022-41091, CVE-2025-0411).
//!
//! Windows keeps it as text in the stream `Zone.Identifier` beside the data, macOS in the attribute
//! `com.apple.quarantine`, Linux in two attributes that hold nothing but addresses. A file that was downloaded may carry
//! anything there, so everything is bounded, and only what is understood is handed on.
//!
//! On macOS it was only compiled that the attribute is read and set; what is made of its value is tested everywhere. Its
//! flags, and that folders and links need it too, is what others have found out about Gatekeeper and Archive Utility:
//! Apple describes neither.

use std::path::Path;

/// The internet, in the count of Windows (`URLZONE_INTERNET`).
const INTERNET: u32 = 3;

/// The highest zone that Windows knows, `URLZONE_UNTRUSTED`.
const UNTRUSTED: u32 = 4;

/// Bytes read of a mark.
const MARK_BYTES: usize = 64 << 10;

/// Bytes of the longest address that is handed on. File systems such as ext4 have room for little more.
const ADDRESS_BYTES: usize = 2048;

/// The flag of a quarantine that says that the user has agreed to open it (`QTN_FLAG_USER_APPROVED`).
const APPROVED: u32 = 0x40;

/// A quarantine that says no more than that it is one, with the flags that browsers give to what they bring.
const PLAIN_QUARANTINE: &str = "0081;00000000;Isoscope;";

/// Where a file was downloaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginMark {
    zone: u32,
    url: Option<String>,
    referrer: Option<String>,
    quarantine: Option<String>,
}

impl OriginMark {
    /// The mark of the file `path`; `None` where it has none, or where the file system keeps none.
    pub fn read(path: &Path) -> Option<Self> {
        system::read(path)
    }

    /// The zone of Windows that it came from: 0 this computer, 1 the local network, 2 trusted sites, 3 the internet, 4
    /// what is not trusted. Other systems tell the internet only.
    pub fn zone(&self) -> u32 {
        self.zone
    }

    /// The address that it was downloaded from.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The address of the page that led there.
    pub fn referrer(&self) -> Option<&str> {
        self.referrer.as_deref()
    }

    /// What Windows keeps: the text of a stream `Zone.Identifier`. Without a zone that can be read it counts as coming
    /// from the internet, since something has marked it.
    pub fn from_zone_identifier(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text.get(..MARK_BYTES).unwrap_or(text));
        let mut mark = Self { zone: INTERNET, url: None, referrer: None, quarantine: None };
        let mut ours = false;
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
            if line.starts_with('[') {
                ours = line.eq_ignore_ascii_case("[ZoneTransfer]");
            }
            let Some((key, value)) = line.split_once('=').filter(|_| ours) else { continue };
            match key.trim_end().to_ascii_lowercase().as_str() {
                "zoneid" => {
                    mark.zone = value.trim().parse().ok().filter(|zone| *zone <= UNTRUSTED).unwrap_or(INTERNET);
                }
                "hosturl" => mark.url = address(value.as_bytes()),
                "referrerurl" => mark.referrer = address(value.as_bytes()),
                _ => {}
            }
        }
        mark
    }

    /// What Linux keeps: the attributes `user.xdg.origin.url` and `user.xdg.referrer.url`.
    pub fn from_addresses(url: Option<&[u8]>, referrer: Option<&[u8]>) -> Option<Self> {
        let (url, referrer) = (url.and_then(address), referrer.and_then(address));
        (url.is_some() || referrer.is_some()).then_some(Self { zone: INTERNET, url, referrer, quarantine: None })
    }

    /// What macOS keeps: the attribute `com.apple.quarantine`. That the user has agreed to open the image says nothing
    /// about what is in it, so this is not handed on. One that cannot be understood is still one, since something has
    /// set it.
    pub fn from_quarantine(value: &[u8]) -> Self {
        let understood = address(value).and_then(|value| {
            let (flags, rest) = value.split_once(';')?;
            let flags = u32::from_str_radix(flags, 16).ok()?;
            Some(format!("{:04x};{rest}", flags & !APPROVED))
        });
        let quarantine = Some(understood.unwrap_or_else(|| PLAIN_QUARANTINE.to_owned()));
        Self { zone: INTERNET, url: None, referrer: None, quarantine }
    }

    /// The mark as Windows keeps it.
    pub fn zone_identifier(&self) -> String {
        let mut text = format!("[ZoneTransfer]\r\nZoneId={}\r\n", self.zone);
        for (key, value) in [("ReferrerUrl", &self.referrer), ("HostUrl", &self.url)] {
            if let Some(value) = value {
                text.push_str(&format!("{key}={value}\r\n"));
            }
        }
        text
    }

    /// The names and values of the attributes in which this system keeps the mark.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let pairs = [
            (ORIGIN, self.url.as_deref()),
            (REFERRER, self.referrer.as_deref()),
            (QUARANTINE, self.quarantine.as_deref()),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

const ORIGIN: &str = "user.xdg.origin.url";
const REFERRER: &str = "user.xdg.referrer.url";
const QUARANTINE: &str = "com.apple.quarantine";

/// An address as far as it is fit to be handed on: not endless, and of characters that can be seen.
fn address(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let unfit = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let fit = !text.is_empty() && text.len() <= ADDRESS_BYTES && !text.contains(unfit);
    fit.then(|| text.to_owned())
}

#[cfg(windows)]
mod system {
    use std::fs::File;
    use std::io::Read as _;
    use std::path::Path;

    use super::{MARK_BYTES, OriginMark};

    pub(super) fn read(path: &Path) -> Option<OriginMark> {
        let mut stream = path.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        let mut text = Vec::new();
        File::open(stream).ok()?.take(MARK_BYTES as u64).read_to_end(&mut text).ok()?;
        Some(OriginMark::from_zone_identifier(&text))
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod system {
    use std::path::Path;

    use rustix::io::Errno;

    use super::{MARK_BYTES, OriginMark};

    #[cfg(target_vendor = "apple")]
    pub(super) fn read(path: &Path) -> Option<OriginMark> {
        match attribute(path, super::QUARANTINE) {
            Ok(value) => Some(OriginMark::from_quarantine(&value)),
            Err(Errno::RANGE) => Some(OriginMark::from_quarantine(&[])),
            Err(_) => None,
        }
    }

    #[cfg(not(target_vendor = "apple"))]
    pub(super) fn read(path: &Path) -> Option<OriginMark> {
        let (url, referrer) = (attribute(path, super::ORIGIN).ok(), attribute(path, super::REFERRER).ok());
        OriginMark::from_addresses(url.as_deref(), referrer.as_deref())
    }

    /// An extended attribute of a file; [`Errno::RANGE`] where it is too long to be what it should.
    fn attribute(path: &Path, name: &str) -> Result<Vec<u8>, Errno> {
        let mut value = vec![0; MARK_BYTES];
        let len = rustix::fs::getxattr(path, name, &mut value)?;
        value.truncate(len);
        Ok(value)
    }
}

/// Other systems keep no such marks.
#[cfg(not(any(windows, target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    pub(super) fn read(_: &std::path::Path) -> Option<super::OriginMark> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_of_windows_is_read_and_written() {
        let text =
            b"[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://example.org/\r\nHostUrl=https://example.org/a.iso\r\n";
        let mark = OriginMark::from_zone_identifier(text);
        assert_eq!(mark.zone(), 3);
        assert_eq!(mark.url(), Some("https://example.org/a.iso"));
        assert_eq!(mark.referrer(), Some("https://example.org/"));
        assert_eq!(mark.zone_identifier().as_bytes(), text);
        let short = OriginMark::from_zone_identifier(b"\xef\xbb\xbf[zonetransfer]\nzoneid = 4\n");
        assert_eq!(short.zone_identifier(), "[ZoneTransfer]\r\nZoneId=4\r\n");
        for zone in 0..=4 {
            assert_eq!(
                OriginMark::from_zone_identifier(format!("[ZoneTransfer]\nZoneId={zone}").as_bytes()).zone(),
                zone
            );
        }
    }

    #[test]
    fn a_mark_without_a_zone_that_can_be_read_is_that_of_the_internet() {
        let spoilt: [&[u8]; 7] = [
            b"",
            b"ZoneId=0",
            b"[Other]\nZoneId=0",
            b"[ZoneTransfer]\nZoneId=5",
            b"[ZoneTransfer]\nZoneId=-1",
            b"[ZoneTransfer]\nZoneId=0x0",
            b"\xff\xfe[\0Z\0o\0n\0e\0T\0r\0a\0n\0s\0f\0e\0r\0]\0",
        ];
        for text in spoilt {
            assert_eq!(OriginMark::from_zone_identifier(text).zone(), 3, "{text:?}");
        }
    }

    #[test]
    fn a_hostile_mark_cannot_add_lines_or_grow() {
        let long = format!("[ZoneTransfer]\nZoneId=3\nHostUrl={}\n", "a".repeat(1 << 20));
        assert_eq!(
            OriginMark::from_zone_identifier(long.as_bytes()).zone_identifier(),
            "[ZoneTransfer]\r\nZoneId=3\r\n"
        );
        let lines = b"[ZoneTransfer]\nZoneId=3\nHostUrl=https://a\rZoneId=0\x1b[2J\nReferrerUrl=\xff\n";
        assert_eq!(OriginMark::from_zone_identifier(lines).zone_identifier(), "[ZoneTransfer]\r\nZoneId=3\r\n");
        assert_eq!(OriginMark::from_addresses(Some(b"https://a\nb"), Some(b"")), None);
        assert_eq!(OriginMark::from_addresses(Some(&vec![b'a'; 1 << 20]), None), None);
        assert_eq!(OriginMark::from_addresses(Some(b"\xff"), None), None);
    }

    #[test]
    fn the_addresses_of_linux_are_handed_on() {
        let mark = OriginMark::from_addresses(Some(b"https://example.org/a.iso"), None).unwrap();
        let attributes: Vec<_> = mark.attributes().collect();
        assert_eq!(attributes, [("user.xdg.origin.url", "https://example.org/a.iso")]);
        assert_eq!(mark.zone(), 3);
        let mark = OriginMark::from_addresses(None, Some(b"https://example.org/")).unwrap();
        assert_eq!((mark.url(), mark.referrer()), (None, Some("https://example.org/")));
    }

    #[test]
    fn that_the_image_may_be_opened_is_not_handed_on() {
        let handed_on = |value: &[u8]| {
            let mark = OriginMark::from_quarantine(value);
            mark.attributes().map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(handed_on(b"00c3;66a1b2c3;Safari;0F3A"), ["0083;66a1b2c3;Safari;0F3A"]);
        assert_eq!(handed_on(b"0083;66a1b2c3;Safari;0F3A"), ["0083;66a1b2c3;Safari;0F3A"]);
    }

    #[test]
    fn a_quarantine_that_cannot_be_understood_is_still_one() {
        let spoilt: [&[u8]; 6] = [b"", b"what;is this", b"0081", b"0081;\x07", b"0081;\xff", &[b'a'; 1 << 20]];
        for value in spoilt {
            let mark = OriginMark::from_quarantine(value);
            assert_eq!(mark.attributes().collect::<Vec<_>>(), [("com.apple.quarantine", PLAIN_QUARANTINE)]);
        }
    }

    #[test]
    fn a_file_without_a_mark_has_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(OriginMark::read(file.path()), None);
        assert_eq!(OriginMark::read(Path::new("no such file")), None);
    }
}

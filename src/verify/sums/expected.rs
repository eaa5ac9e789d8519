//! The one digest that somebody expects of an image, as it was pasted.

use super::{Entry, counted, hex, named};
use crate::disc::{limits, text};
use crate::verify::digest::{Algorithm, Digest};

/// A digest that the image should have.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Expected {
    /// What it may have been made with, the most likely first. Never empty; all have as many bytes.
    pub algorithms: Vec<Algorithm>,
    /// The digest.
    #[serde(serialize_with = "as_hex")]
    pub bytes: Vec<u8>,
    /// The name that stands beside it, not yet escaped for display.
    pub name: Option<String>,
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text::hex(bytes))
}

/// What [`Entry`] borrows, kept.
struct Kept {
    name: Option<String>,
    algorithms: &'static [Algorithm],
    label: Option<String>,
    bytes: Vec<u8>,
}

impl Expected {
    /// The digest, once for each way in which it may have been made.
    pub fn digests(&self) -> Vec<Digest> {
        let made_with = |algorithm: &Algorithm| Digest { algorithm: *algorithm, bytes: self.bytes.clone() };
        self.algorithms.iter().map(made_with).collect()
    }

    /// Finds the digest in `text`: hexadecimal digits of whatever case, perhaps with spaces, colons or line breaks between
    /// them; `sha256:…`; or lines of a list as any tool writes them. Where there are several, that counts whose name is
    /// `image_name`, and of those of one name the strongest.
    ///
    /// The error is a plain sentence without a full stop.
    pub fn parse(pasted: &str, image_name: Option<&str>) -> Result<Self, String> {
        let pasted = pasted.trim();
        if pasted.is_empty() {
            return Err("There is no checksum".to_owned());
        }
        if let Some(bytes) = hex::loose(pasted) {
            return Ok(Self { algorithms: named::by_length(bytes.len()).to_vec(), bytes, name: None });
        }
        let mut kept: Vec<Kept> = Vec::new();
        let mut take = |entry: Entry<'_>| {
            if kept.len() < limits::SUMS_PASTED {
                let Entry { name, algorithms, label, bytes, .. } = entry;
                kept.push(Kept { name: name.map(std::borrow::Cow::into_owned), algorithms, label, bytes });
            }
        };
        super::read(&mut pasted.as_bytes(), "", &mut take).map_err(|error| error.sentence())?;
        if kept.is_empty() {
            return Err(why_none(pasted));
        }
        let several = kept.iter().any(|one| one.name != kept.first().and_then(|first| first.name.clone()));
        let of_this: Vec<_> = match image_name.filter(|_| several) {
            Some(image_name) => of_image(kept, image_name)?,
            None if several => {
                let count = counted(kept.len() as u64, "checksum");
                return Err(format!("There are {count} of several files, and it is not said which is meant"));
            }
            None => kept,
        };
        let unknown = of_this.iter().find_map(|one| one.label.clone());
        let mut made: Vec<_> = of_this.into_iter().filter(|one| !one.algorithms.is_empty()).collect();
        made.sort_by_key(|one| (one.algorithms.first().is_some_and(|first| first.resists_intent()), one.bytes.len()));
        let strongest = made.pop().ok_or_else(|| {
            let label = unknown.unwrap_or_else(|| "This kind".to_owned());
            format!("{} is not among the checksums that Isoscope works out", text::display(&label))
        })?;
        let contradicts = |one: &Kept| one.algorithms == strongest.algorithms && one.bytes != strongest.bytes;
        if made.iter().any(contradicts) {
            return Err("There are several checksums of the same kind that differ".to_owned());
        }
        Ok(Self { algorithms: strongest.algorithms.to_vec(), bytes: strongest.bytes, name: strongest.name })
    }
}

/// Those whose name is that of the image.
fn of_image(kept: Vec<Kept>, image_name: &str) -> Result<Vec<Kept>, String> {
    let count = kept.len() as u64;
    let called = |one: &Kept| one.name.as_deref().and_then(|name| called(name, image_name));
    let exact = kept.iter().any(|one| called(one) == Some(true));
    let found: Vec<_> = kept.into_iter().filter(|one| called(one).is_some_and(|same| same || !exact)).collect();
    if found.is_empty() {
        let (count, name) = (counted(count, "checksum"), text::display(image_name));
        return Err(format!("There are {count}, but none is of “{name}”"));
    }
    Ok(found)
}

/// The name of the file at a path, with whatever separators.
pub(in crate::verify) fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a list means the file called `file_name` by `path`, and if so, whether it writes its name as it is. Only its case
/// may differ.
pub(in crate::verify) fn called(path: &str, file_name: &str) -> Option<bool> {
    let last = last_part(path);
    // A name may hold a backslash itself.
    if path == file_name || last == file_name {
        return Some(true);
    }
    (last.to_lowercase() == file_name.to_lowercase()).then_some(false)
}

/// Why there is no digest in `text`.
fn why_none(text: &str) -> String {
    const KNOWN: &str = "an MD5 has 32, a SHA-1 40, a SHA-256 64, and a SHA-512 128";
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')).collect();
    match digits.iter().all(char::is_ascii_hexdigit) {
        true => format!("These are {} hexadecimal digits; {KNOWN}", digits.len()),
        false => "This is not a checksum that Isoscope understands".to_owned(),
    }
}

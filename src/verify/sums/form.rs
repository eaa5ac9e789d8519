//! The shapes of the lines of a list.

use std::borrow::Cow;

use super::named::{self, Named};
use super::{Entry, hex};

/// What a line says.
pub(super) enum Understood<'a> {
    /// A digest.
    Entry(Entry<'a>),
    /// Nothing of any file: a comment, a heading, an empty line.
    Nothing,
    /// Something that is in none of the shapes.
    Not,
}

/// A digest as a line gives it.
struct Parsed<'a> {
    name: Option<Cow<'a, str>>,
    named: Option<Named>,
    bytes: Vec<u8>,
}

impl<'a> Parsed<'a> {
    fn new(name: impl Into<Cow<'a, str>>, named: Option<Named>, bytes: Vec<u8>) -> Option<Self> {
        let name = name.into();
        Some(Self { name: Some(name).filter(|name| !name.trim().is_empty()), named, bytes })
    }
}

/// Understands one shape of a line.
type Shape = for<'b> fn(&'b str) -> Option<Parsed<'b>>;

/// Where in a clear-signed text a line stands (RFC 9580 §7).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Armour {
    Outside,
    Headers,
    Text,
    Signature,
}

/// Reads the lines of one list. Some of them tell what those that follow are about.
pub(super) struct Reader {
    /// What the name of the list says.
    hint: Option<Named>,
    /// What a comment says of the lines below it, as in `# SHA512 HASH`.
    section: Option<Named>,
    armour: Armour,
    /// The name that a comment gives a size.
    size: Option<(String, u64)>,
    /// What a heading says of the digest in the next line: `SHA256 hash of name:`.
    heading: Option<(Named, String)>,
    /// A digest of PowerShell whose file is said below it.
    waiting: Option<(Option<Named>, Vec<u8>, u64)>,
    algorithm: Option<Named>,
    /// The next line is a signature of signify.
    signify: bool,
    pub(super) signed: bool,
    pub(super) total_bytes: Option<u64>,
}

impl Reader {
    /// A reader of the list with this name.
    pub(super) fn new(file_name: &str) -> Self {
        Self {
            hint: Named::of_file(file_name),
            section: None,
            armour: Armour::Outside,
            size: None,
            heading: None,
            waiting: None,
            algorithm: None,
            signify: false,
            signed: false,
            total_bytes: None,
        }
    }

    /// What the next line says.
    pub(super) fn understand<'a>(&mut self, line: &'a str, number: u64) -> Understood<'a> {
        let Some(line) = self.signed_text(line) else { return Understood::Nothing };
        let text = line.trim_start_matches([' ', '\t']);
        let trimmed = text.trim();
        if trimmed.is_empty() || self.is_remark(trimmed) {
            return Understood::Nothing;
        }
        if let Some((named, name)) = self.heading.take()
            && let Some(bytes) = hex::loose(trimmed)
        {
            let parsed = Parsed { name: Some(Cow::Owned(name)), named: Some(named), bytes };
            return self.entry(parsed, number);
        }
        if let Some(understood) = self.power_shell(trimmed, number) {
            return understood;
        }
        let shapes: [Shape; 6] = [tagged, plain, labelled, table, columns, reversed];
        if let Some(parsed) = shapes.iter().find_map(|shape| shape(text)) {
            return self.entry(parsed, number);
        }
        if let Some(bytes) = hex::loose(trimmed) {
            return self.entry(Parsed { name: None, named: None, bytes }, number);
        }
        if let Some(heading) = heading(trimmed) {
            self.heading = Some(heading);
            return Understood::Nothing;
        }
        Understood::Not
    }

    /// The digest whose file the list says nowhere, when there is one left.
    pub(super) fn finish(&mut self, number: u64) -> Option<Entry<'static>> {
        let (named, bytes, line) = self.waiting.take()?;
        match self.entry(Parsed { name: None, named, bytes }, line.min(number)) {
            Understood::Entry(entry) => Some(entry),
            _ => None,
        }
    }

    /// The line without what signing adds; `None` when it is nothing else.
    fn signed_text<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let mark = line.trim_end();
        self.armour = match (self.armour, mark) {
            (_, "-----BEGIN PGP SIGNED MESSAGE-----") => {
                self.signed = true;
                Armour::Headers
            }
            (_, "-----BEGIN PGP SIGNATURE-----") => {
                self.signed = true;
                Armour::Signature
            }
            (Armour::Signature, "-----END PGP SIGNATURE-----") => {
                self.armour = Armour::Outside;
                return None;
            }
            (Armour::Headers, "") => {
                self.armour = Armour::Text;
                return None;
            }
            (Armour::Text, _) => return Some(line.strip_prefix("- ").unwrap_or(line)),
            (Armour::Outside, _) => {
                if std::mem::take(&mut self.signify) {
                    return None;
                }
                // OpenBSD's signify puts a comment and a line of base64 before the text.
                self.signify = mark.starts_with("untrusted comment:");
                self.signed |= self.signify;
                return (!self.signify).then_some(line);
            }
            (other, _) => other,
        };
        None
    }

    /// Takes in comments and headings; true for those.
    fn is_remark(&mut self, line: &str) -> bool {
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment.trim());
            return true;
        }
        let is_rule = line.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'*' | b' '));
        let is_table_head = line.starts_with("Algorithm ") && line.contains("Hash ") && !line.contains(':');
        is_rule || is_table_head || line.starts_with(';') || line.starts_with("CertUtil")
    }

    fn comment(&mut self, comment: &str) {
        // Gentoo: `# SHA512 HASH`. Fedora: `# name: 123 bytes`. uefi-md5sum: `# md5sum_totalbytes = 0x123`.
        if let Some(named) = comment.strip_suffix(" HASH").and_then(Named::parse) {
            self.section = Some(named);
        } else if let Some((name, size)) = comment.strip_suffix(" bytes").and_then(|rest| rest.rsplit_once(": ")) {
            self.size = size.parse().ok().map(|size| (name.to_owned(), size));
        } else if let Some(rest) = comment.strip_prefix("md5sum_totalbytes") {
            let number =
                rest.trim_start().strip_prefix('=').map(str::trim).and_then(|number| number.strip_prefix("0x"));
            self.total_bytes = number.and_then(|number| u64::from_str_radix(number, 16).ok());
        }
    }

    /// `Get-FileHash | Format-List`: `Algorithm : SHA256`, `Hash : …`, `Path : …`, each in its line.
    fn power_shell<'a>(&mut self, line: &'a str, number: u64) -> Option<Understood<'a>> {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        match key.trim_end() {
            "Algorithm" => self.algorithm = Some(Named::parse(value)?),
            "Hash" => {
                let bytes = hex::strict(value)?;
                self.waiting = Some((self.algorithm.take(), bytes, number));
            }
            "Path" => {
                let (named, bytes, line) = self.waiting.take()?;
                return Some(self.entry(Parsed::new(value, named, bytes)?, line));
            }
            _ => return None,
        }
        Some(Understood::Nothing)
    }

    /// Completes a digest by what is known of it from elsewhere.
    fn entry<'a>(&mut self, parsed: Parsed<'a>, line: u64) -> Understood<'a> {
        let Parsed { name, named, bytes } = parsed;
        let said = named.as_ref();
        let fits = |named: &&Named| match named {
            Named::Known(algorithm) => algorithm.digest_len() == bytes.len(),
            Named::Other(_) => bytes.len() >= 28,
        };
        if let Some(Named::Known(algorithm)) = said
            && algorithm.digest_len() != bytes.len()
        {
            return Understood::Not;
        }
        let guessed = self.section.as_ref().filter(fits).or(self.hint.as_ref().filter(fits));
        let (algorithms, label) = match said.or(guessed) {
            Some(Named::Known(algorithm)) => (named::only(*algorithm), said.map(|_| algorithm.label().to_owned())),
            Some(Named::Other(label)) => (&[][..], Some(label.clone())),
            None => (named::by_length(bytes.len()), None),
        };
        let size = self.size.as_ref().filter(|(of, _)| Some(of.as_str()) == name.as_deref()).map(|(_, size)| *size);
        Understood::Entry(Entry { name, algorithms, label, bytes, line, size })
    }
}

/// A name that GNU tools escaped: `\n` is a line break, `\r` a carriage return, and `\\` a backslash.
fn unescape(name: &str) -> Cow<'_, str> {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        plain.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    Cow::Owned(plain)
}

/// The line without the backslash that says that its name is escaped, and what gives the name.
fn escaping(line: &str) -> (&str, fn(&str) -> Cow<'_, str>) {
    match line.strip_prefix('\\') {
        Some(rest) => (rest, unescape),
        None => (line, |name| Cow::Borrowed(name)),
    }
}

/// BSD `SHA256 (name) = …`, OpenSSL `SHA2-256(name)= …`. The digest may be in base64, as coreutils' `cksum` can write it.
fn tagged(line: &str) -> Option<Parsed<'_>> {
    let (line, name_of) = escaping(line);
    let (head, rest) = line.split_once('(')?;
    let named = Named::parse(head.trim_end())?;
    let (name, value) = rest.rsplit_once(')')?;
    let value = value.trim_start().strip_prefix('=')?.trim();
    Parsed::new(name_of(name), Some(named), hex::strict(value).or_else(|| hex::base64(value))?)
}

/// GNU `…  name` and `… *name`, Perl's `shasum`, BSD's `md5 -r` with one space, and a digest alone.
fn plain(line: &str) -> Option<Parsed<'_>> {
    let (line, name_of) = escaping(line);
    let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (digest, rest) = line.split_at_checked(digits)?;
    let bytes = hex::strict(digest)?;
    let name = match rest.strip_prefix(' ') {
        // Two characters stand between them; more are there to align names.
        Some(rest) if rest.starts_with("   ") => rest.trim_start(),
        Some(rest) => rest.strip_prefix([' ', '*']).unwrap_or(rest),
        None => match rest.strip_prefix('\t') {
            Some(rest) => rest.trim_start().strip_prefix('*').unwrap_or(rest.trim_start()),
            None if rest.is_empty() => rest,
            None => return None,
        },
    };
    Parsed::new(name_of(name), None, bytes)
}

/// A digest that says first what it was made with: `sha256:…`, `SHA-256: …`, `md5=…`, `sha256-…` in base64 as browsers take
/// it. A name may follow.
fn labelled(line: &str) -> Option<Parsed<'_>> {
    let separated = |separators: &[char]| {
        let (head, rest) = line.split_once(separators)?;
        let named = Named::parse(head.trim_end())?;
        let rest = rest.trim();
        let (digest, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if let Some(bytes) = hex::strict(digest).or_else(|| hex::base64(digest)) {
            let name = name.trim_start();
            return Parsed::new(name.strip_prefix('*').unwrap_or(name), Some(named), bytes);
        }
        Parsed::new("", Some(named), hex::loose(rest)?)
    };
    separated(&[':', '=']).or_else(|| {
        let (head, digest) = line.trim_end().rsplit_once('-').filter(|(head, _)| head.len() <= 8)?;
        Parsed::new("", Some(Named::parse(head)?), hex::base64(digest)?)
    })
}

/// PowerShell's table: what it was made with, the digest, and the path.
fn table(line: &str) -> Option<Parsed<'_>> {
    let (head, rest) = line.split_once(' ')?;
    let named = Named::parse(head)?;
    let rest = rest.trim();
    let (digest, name) = rest.split_once(' ').unwrap_or((rest, ""));
    Parsed::new(name.trim_start(), Some(named), hex::strict(digest)?)
}

/// FreeBSD's `MANIFEST`: the name, the digest and more in columns.
fn columns(line: &str) -> Option<Parsed<'_>> {
    let mut columns = line.split('\t');
    let (name, digest) = (columns.next()?, columns.next()?);
    Parsed::new(name, None, hex::strict(digest.trim())?)
}

/// `name: …` with groups of digits, as GnuPG writes it, and `name = sha256:…`, as in `.treeinfo`.
fn reversed(line: &str) -> Option<Parsed<'_>> {
    if let Some((name, digest)) = line.split_once(" = ")
        && let Some(Parsed { name: None, named, bytes }) = labelled(digest.trim())
    {
        return Parsed::new(name.trim_end(), named, bytes);
    }
    let (name, digest) = line.rsplit_once(": ")?;
    let bytes = hex::loose(digest)?;
    match Named::parse(name.trim_end()) {
        Some(named) => Parsed::new("", Some(named), bytes),
        None => Parsed::new(name, None, bytes),
    }
}

/// certutil's `SHA256 hash of name:`, in whatever language; the digest is in the next line.
fn heading(line: &str) -> Option<(Named, String)> {
    let line = line.strip_suffix(':')?;
    let (first, rest) = line.split_once([' ', '-'])?;
    let named = Named::parse(first)?;
    let name = match rest.strip_prefix("hash of ") {
        Some(name) => name.strip_prefix("file ").unwrap_or(name),
        None => rest.rsplit(' ').next().unwrap_or_default(),
    };
    Some((named, name.to_owned()))
}

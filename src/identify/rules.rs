//! Which product a disc is, by a table of rules that is data: `rules.json` beside this file.
//!
//! The table is a list of rules, one for each product:
//!
//! ```json
//! {"product": "Debian", "kind": "Operating system installer", "also": ["Debian GNU/Linux"], "forms": [
//!   {"volume": "^Debian (?<version>[0-9.]+) (?<arch>[a-z0-9]+) (?<edition>n|[0-9]+)$", "words": {"n": "netinst", "1": ""}},
//!   {"volume": "^d-live ", "set": {"kind": "Live system"}}
//! ]}
//! ```
//!
//! * `product`: its name. A rule without one tells the kind only.
//! * `also`: other names that discs give it.
//! * `forms`: ways in which its discs show themselves, the most telling first. The first that holds counts.
//!
//! A form holds when all its conditions do:
//!
//! * `volume`, `system`, `publisher`, `preparer`, `application`: regular expressions over the disc's names, and `start` over
//!   its first bytes. Bytes that are no ASCII never match by `\w` and `\d`; case does not matter.
//! * `files`: paths that exist; `a|b` is one of several.
//! * `text`: path → regular expression over the beginning of that file.
//!
//! What a form tells besides: named groups (see [`GROUPS`]), constants in `set`, and `words` that replace what was captured,
//! by nothing to leave it out. What follows from the text of a file is [`Certainty::Stated`], all else is a guess.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::claim::{Certainty, Claim, Evidence, Subject};
use super::fields::{Fields, Files};
use super::words;
use crate::disc::{Result, limits};

/// The names that groups of a regular expression may have. `major`, `minor` and `patch` make up a version; a name that
/// ends in `2` is the same as that without, where an expression has two places for it.
pub const GROUPS: [&str; 13] = [
    "version", "version2", "major", "minor", "patch", "codename", "edition", "edition2", "arch", "arch2", "language",
    "made", "serial",
];

static TABLE: LazyLock<Vec<Rule>> =
    LazyLock::new(|| serde_json::from_str(include_str!("rules.json")).unwrap_or_default());

/// One product.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    product: Option<String>,
    kind: String,
    #[serde(default)]
    also: Vec<String>,
    forms: Vec<Form>,
}

/// One way in which discs of a product show themselves.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    volume: Option<Pattern>,
    system: Option<Pattern>,
    publisher: Option<Pattern>,
    preparer: Option<Pattern>,
    application: Option<Pattern>,
    start: Option<Pattern>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    text: BTreeMap<String, Pattern>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    words: BTreeMap<String, String>,
}

/// A regular expression that is compiled when it is first needed, which for most never happens: what its matches begin
/// with is compared before.
#[derive(Debug, serde::Deserialize)]
#[serde(from = "String")]
struct Pattern {
    text: String,
    /// Every match stands at the beginning and begins with one of these; empty when that is not known.
    heads: Vec<String>,
    regex: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { heads: heads(&text), regex: OnceLock::new(), text }
    }
}

/// What the matches of the expression `text` begin with, if all of them stand at the beginning.
fn heads(text: &str) -> Vec<String> {
    let mut heads = Vec::new();
    for alternative in alternatives(text) {
        let Some(body) = alternative.strip_prefix('^') else { return Vec::new() };
        match group(body) {
            Some(inside) => heads.extend(alternatives(inside).into_iter().map(literal)),
            None => heads.push(literal(body)),
        }
    }
    if heads.iter().any(String::is_empty) { Vec::new() } else { heads }
}

/// The alternatives of an expression, as far as they are not inside of groups.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut depth, mut escaped, mut start) = (0_u32, false, 0_usize);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                found.push(text.get(start..at).unwrap_or_default());
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    found.push(text.get(start..).unwrap_or_default());
    found
}

/// What is inside of the group that `body` begins with, if it holds no other group and must be there.
fn group(body: &str) -> Option<&str> {
    let inside = match body.strip_prefix("(?<") {
        Some(named) => named.split_once('>')?.1,
        None => body.strip_prefix("(?:")?,
    };
    let (inside, behind) = inside.split_once(')')?;
    (!inside.contains('(') && !behind.starts_with(['?', '*', '{'])).then_some(inside)
}

/// What every match of an expression without alternatives begins with: empty where that is not one text.
fn literal(body: &str) -> String {
    let mut found = String::new();
    for c in body.chars() {
        match c {
            // These let the character before them be missing.
            '?' | '*' | '{' => {
                found.pop();
                return found;
            }
            c if c.is_ascii_alphanumeric() || " _-/!;:,'\"<>=&%#@~".contains(c) => found.push(c),
            _ => return found,
        }
    }
    found
}

impl Pattern {
    fn regex(&self) -> Option<&Regex> {
        let build = || RegexBuilder::new(&self.text).unicode(false).case_insensitive(true).build().ok();
        self.regex.get_or_init(build).as_ref()
    }

    /// What is captured in `text`. No expression of the table matches nothing.
    fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let text = text.as_bytes();
        let begins = |head: &String| text.get(..head.len()).is_some_and(|it| it.eq_ignore_ascii_case(head.as_bytes()));
        let possible = !text.is_empty() && (self.heads.is_empty() || self.heads.iter().any(begins));
        if possible { self.regex()?.captures(text) } else { None }
    }
}

/// What a form captured: group, what stood there, and where that was.
struct Captured {
    group: &'static str,
    value: String,
    evidence: Evidence,
    stated: bool,
}

/// A form that holds.
struct Match<'a> {
    rule: &'a Rule,
    form: &'a Form,
    captured: Vec<Captured>,
    /// What says that it is this product.
    evidence: Evidence,
    stated: bool,
}

/// What the names and files of a disc tell, what is stated first, then what its names tell, then what its files do.
/// The only error is to be cancelled.
pub fn claims(fields: &Fields, files: &dyn Files) -> Result<Vec<Claim>> {
    let mut found = Vec::new();
    for rule in TABLE.iter() {
        for form in &rule.forms {
            if let Some(hit) = form.matches(rule, fields, files)? {
                found.push(hit);
                break;
            }
        }
    }
    found.sort_by_key(|hit| (!hit.stated, hit.rule.product.is_none(), !hit.form.goes_by_names()));
    Ok(found.iter().flat_map(Match::claims).collect())
}

/// The name under which the table knows the product that `name` names; `name` itself when it knows none.
pub fn canonical(name: &str) -> &str {
    known(name).unwrap_or(name.trim())
}

/// The product that `name` names, if the table knows it.
pub fn known(name: &str) -> Option<&'static str> {
    let name = name.trim();
    TABLE.iter().find_map(|rule| {
        let product = rule.product.as_deref()?;
        let mut names = std::iter::once(product).chain(rule.also.iter().map(String::as_str));
        names.any(|known| known.eq_ignore_ascii_case(name)).then_some(product)
    })
}

/// The products that are installed or started from discs, under all their names, with the longest name first.
pub(super) fn system_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    static NAMES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let systems = TABLE.iter().filter(|rule| rule.kind.contains("installer") || rule.kind.contains("Live system"));
        let named = systems.filter_map(|rule| Some((rule.product.as_ref()?, &rule.also)));
        let mut names: Vec<_> = named
            .flat_map(|(product, also)| std::iter::once(product).chain(also).map(move |name| (name, product)))
            // Shorter names are words that stand in menus for other reasons.
            .filter(|(name, _)| name.len() > 4)
            .map(|(name, product)| (name.to_lowercase(), product.clone()))
            .collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names
    });
    NAMES.iter().map(|(name, product)| (name.as_str(), product.as_str()))
}

impl Form {
    /// The conditions on names of the disc with what they look at, in the words of ECMA-119.
    fn fields<'a>(&'a self, fields: &'a Fields) -> [(Option<&'a Pattern>, &'a str, &'static str); 6] {
        [
            (self.volume.as_ref(), &fields.volume, "Volume identifier"),
            (self.application.as_ref(), &fields.application, "Application identifier"),
            (self.publisher.as_ref(), &fields.publisher, "Publisher identifier"),
            (self.preparer.as_ref(), &fields.preparer, "Data preparer identifier"),
            (self.system.as_ref(), &fields.system, "System identifier"),
            (self.start.as_ref(), &fields.start, "System area"),
        ]
    }

    fn goes_by_names(&self) -> bool {
        let system = self.system.is_some() || self.start.is_some();
        self.volume.is_some() || self.application.is_some() || self.publisher.is_some() || system
    }

    fn matches<'a>(&'a self, rule: &'a Rule, fields: &Fields, files: &dyn Files) -> Result<Option<Match<'a>>> {
        let mut captured = Vec::new();
        let mut evidence = None;
        for (pattern, text, name) in self.fields(fields) {
            let Some(pattern) = pattern else { continue };
            let Some(captures) = pattern.captures(text) else { return Ok(None) };
            let said = Evidence::field(name, text);
            add_captured(&mut captured, &captures, &said, false);
            evidence = evidence.or(Some(said));
        }
        for path in &self.files {
            let Some(path) = first_existing(path, files)? else { return Ok(None) };
            evidence = evidence.or_else(|| Some(Evidence::file(path, "It is there")));
        }
        for (path, pattern) in &self.text {
            let Some(path) = first_existing(path, files)? else { return Ok(None) };
            let Some(text) = files.text(path, limits::IDENTITY_TEXT)? else { return Ok(None) };
            let Some(captures) = pattern.captures(&text) else { return Ok(None) };
            let whole = captures.get(0).map(|found| found.as_bytes()).unwrap_or_default();
            let said = Evidence::file(path, &String::from_utf8_lossy(whole));
            add_captured(&mut captured, &captures, &said, true);
            evidence = Some(said);
        }
        let stated = !self.text.is_empty();
        Ok(evidence.map(|evidence| Match { rule, form: self, captured, evidence, stated }))
    }
}

/// The first of the paths in `alternatives` that exists.
fn first_existing<'p>(alternatives: &'p str, files: &dyn Files) -> Result<Option<&'p str>> {
    for path in alternatives.split('|') {
        if files.exists(path)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn add_captured(captured: &mut Vec<Captured>, captures: &Captures<'_>, evidence: &Evidence, stated: bool) {
    for group in GROUPS {
        let Some(found) = captures.name(group).filter(|found| !found.is_empty()) else { continue };
        let value = String::from_utf8_lossy(found.as_bytes()).trim().to_owned();
        captured.push(Captured { group, value, evidence: evidence.clone(), stated });
    }
}

impl Match<'_> {
    fn claims(&self) -> Vec<Claim> {
        let certainty = |stated| if stated { Certainty::Stated } else { Certainty::Guess };
        let own = |subject, value: &str| Claim {
            subject,
            value: value.to_owned(),
            certainty: certainty(self.stated),
            evidence: self.evidence.clone(),
        };
        let kind = self.form.set.get("kind").unwrap_or(&self.rule.kind);
        let mut claims: Vec<_> = self.rule.product.iter().map(|product| own(Subject::Product, product)).collect();
        claims.push(own(Subject::Kind, kind));
        let captured = |subject, value: String, from: &Captured| Claim {
            subject,
            value,
            certainty: certainty(from.stated),
            evidence: from.evidence.clone(),
        };
        let numbers: Vec<_> = ["major", "minor", "patch"].iter().filter_map(|group| self.captured(group)).collect();
        if let Some(first) = numbers.first() {
            let parts: Vec<_> = numbers.iter().map(|part| part.value.as_str()).collect();
            claims.push(captured(Subject::Version, parts.join("."), first));
        }
        for from in &self.captured {
            let Some(value) = self.in_other_words(&from.value) else { continue };
            let (subject, value) = match from.group.trim_end_matches('2') {
                "version" => (Subject::Version, words::version(&value)),
                "codename" => (Subject::Codename, capitalised(&value)),
                "edition" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    (Subject::Edition, format!("disc {}", value.trim_start_matches('0')))
                }
                "edition" => (Subject::Edition, value.replace('_', " ")),
                "arch" => (Subject::Architecture, words::architecture(&value).map_or(value.clone(), str::to_owned)),
                "language" => (Subject::Language, value.replace('_', "-")),
                "made" => (Subject::Made, words::date_in(&value).unwrap_or(value)),
                "serial" => (Subject::Edition, serial(&value)),
                _ => continue,
            };
            claims.push(captured(subject, value, from));
        }
        claims.extend(self.form.set.get("edition").map(|edition| own(Subject::Edition, edition)));
        claims
    }

    fn captured(&self, group: &str) -> Option<&Captured> {
        self.captured.iter().find(|captured| captured.group == group)
    }

    /// What stands for `value`; `None` when it is to be left out.
    fn in_other_words(&self, value: &str) -> Option<String> {
        let other = self.form.words.iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
        let value = other.map_or(value, |(_, other)| other.as_str());
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// The number of a game as it stands on its box: `SLUS-20312` for `SLUS_203.12`.
fn serial(raw: &str) -> String {
    let plain: String = raw.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = plain.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 0);
    match digits.map(|at| plain.split_at(at)) {
        Some((letters, digits)) => format!("{}-{digits}", letters.to_ascii_uppercase()),
        None => plain,
    }
}

/// `text` with a capital letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn patterns(form: &Form) -> impl Iterator<Item = &Pattern> {
        let named = [&form.volume, &form.system, &form.publisher, &form.preparer, &form.application, &form.start];
        named.into_iter().flatten().chain(form.text.values())
    }

    #[test]
    fn the_table_can_be_read_and_every_rule_can_hold() {
        let table: Vec<Rule> = serde_json::from_str(include_str!("rules.json")).unwrap();
        assert!(table.len() >= 60, "{} products", table.len());
        for rule in &table {
            let name = rule.product.as_deref().unwrap_or(&rule.kind);
            assert!(!rule.forms.is_empty(), "{name} has no form");
            for form in &rule.forms {
                assert!(
                    !form.files.is_empty() || patterns(form).next().is_some(),
                    "{name} has a form without condition"
                );
                for pattern in patterns(form) {
                    let regex = pattern.regex().unwrap_or_else(|| panic!("{name}: {} does not compile", pattern.text));
                    for group in regex.capture_names().flatten() {
                        assert!(GROUPS.contains(&group), "{name}: nobody knows the group {group}");
                    }
                    assert!(!regex.is_match(b""), "{name}: {} holds for nothing", pattern.text);
                }
                for path in form.files.iter().chain(form.text.keys()).flat_map(|path| path.split('|')) {
                    assert!(!path.is_empty() && !path.starts_with('/') && !path.ends_with('/'), "{name}: {path}");
                }
                assert!(
                    form.set.keys().all(|key| matches!(key.as_str(), "kind" | "edition")),
                    "{name}: {:?}",
                    form.set
                );
            }
        }
    }

    #[test]
    fn no_product_is_there_twice_and_no_name_means_two() {
        let mut names = BTreeSet::new();
        for rule in TABLE.iter() {
            let own = rule.product.iter().chain(rule.also.iter().filter(|name| Some(*name) != rule.product.as_ref()));
            let own: BTreeSet<_> = own.map(|name| name.to_lowercase()).collect();
            for name in own {
                assert!(names.insert(name.clone()), "{name} is there twice");
            }
        }
    }

    #[test]
    fn what_a_match_begins_with_is_compared_before() {
        for (pattern, expected) in [
            ("^Debian [0-9]", &["Debian "][..]),
            ("^SLES?-", &["SLE"]),
            ("^A|^B", &["A", "B"]),
            ("^A|B", &[]),
            ("^(?:AB|CD)E", &["AB", "CD"]),
            ("^(?<edition>AB|CD)E", &["AB", "CD"]),
            ("^(?:A|B)?C", &[]),
            ("^(?:A(?:B|C)|D)", &[]),
            ("^OL-?", &["OL"]),
            ("^MEMTEST86\\+", &["MEMTEST86"]),
            ("SP", &[]),
        ] {
            assert_eq!(heads(pattern), expected, "{pattern}");
        }
        let compiled = |pattern: &Pattern| pattern.regex.get().is_some();
        let pattern = Pattern::from("^Debian [0-9]+".to_owned());
        assert!(pattern.captures("Fedora 40").is_none() && !compiled(&pattern));
        assert!(pattern.captures("DEBIAN 12").is_some() && compiled(&pattern));
    }

    #[test]
    fn names_lead_to_the_product() {
        assert_eq!(canonical("Debian GNU/Linux"), "Debian");
        assert_eq!(canonical("fedora linux"), "Fedora");
        assert_eq!(canonical("My own system"), "My own system");
        assert_eq!(serial("SLUS_203.12"), "SLUS-20312");
        assert_eq!(serial("ULUS-10041"), "ULUS-10041");
    }
}

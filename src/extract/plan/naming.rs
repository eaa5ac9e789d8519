//! Which names the entries of one folder get, so that no two of them, and none of them and something that is there
//! already, are one name to any file system.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::OnConflict;
use crate::extract::destination::Existing;
use crate::extract::name::{self, Change, Changes};

/// The name that an entry gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given<'a> {
    /// The name.
    pub(crate) name: Cow<'a, str>,
    /// Why it is not the disc's.
    pub(crate) changes: Changes,
    /// What is to happen with something of that name in the destination.
    pub(crate) meets: Meets,
}

/// What is in the destination under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    /// Nothing.
    Nothing,
    /// A folder, and the entry is one too: it goes on there.
    Folder,
    /// Something that is to be replaced.
    Replaced,
    /// Something that is to stay, and the entry is to be skipped.
    Skipped,
}

/// Gives every one of `wanted`, names with whether they belong to folders, a name of its own.
///
/// The order decides who keeps a name. Names that need no cleaning come before names that do, so that no entry has to
/// give way to one that only became its twin.
pub(crate) fn give<'a>(wanted: &[(&'a str, bool)], existing: &[Existing], policy: OnConflict) -> Vec<Given<'a>> {
    let there: HashMap<_, _> =
        existing.iter().map(|existing| (name::key(&existing.name), existing.is_folder)).collect();
    let mut taken = Taken { there: &there, given: HashSet::with_capacity(wanted.len()), next: HashMap::new() };
    let mut given: Vec<Option<Given<'_>>> = Vec::with_capacity(wanted.len());
    for (wanted, is_folder) in wanted {
        let cleaned = name::clean(wanted);
        given.push(if cleaned.changes.is_empty() { taken.give(cleaned, *is_folder, policy, false) } else { None });
    }
    for (given, (wanted, is_folder)) in given.iter_mut().zip(wanted) {
        if given.is_none() {
            *given = taken.give(name::clean(wanted), *is_folder, policy, true);
        }
    }
    given.into_iter().flatten().collect()
}

/// The names of one folder that are gone.
struct Taken<'t> {
    /// What the destination holds, by [`name::key`], and whether it is a folder.
    there: &'t HashMap<Cow<'t, str>, bool>,
    /// Fingerprints of the keys of names that were given: a million names would need a hundred megabytes. Two different
    /// keys with one fingerprint cost no more than a number that was not needed.
    given: HashSet<u64>,
    /// The next number to try for a name.
    next: HashMap<u64, u32>,
}

impl Taken<'_> {
    /// A name for an entry; `None` when there is none but a numbered one, and `numbers` does not allow that yet.
    fn give<'a>(
        &mut self,
        cleaned: name::Cleaned<'a>,
        is_folder: bool,
        policy: OnConflict,
        numbers: bool,
    ) -> Option<Given<'a>> {
        let key = name::key(&cleaned.name);
        let print = fingerprint(&key);
        let twin = self.given.contains(&print);
        let there = self.there.get(&key).copied();
        let mut changes = cleaned.changes;
        let meets = match (there, policy) {
            _ if twin => None,
            (None, _) => Some(Meets::Nothing),
            (Some(true), _) if is_folder => Some(Meets::Folder),
            (Some(_), OnConflict::Skip) => Some(Meets::Skipped),
            // A folder is never replaced, nor is anything by a folder.
            (Some(false), OnConflict::Replace) if !is_folder => Some(Meets::Replaced),
            _ => None,
        };
        if let Some(meets) = meets {
            // What is skipped leaves its name to a twin, which is skipped then too.
            if meets != Meets::Skipped {
                self.given.insert(print);
            }
            return Some(Given { name: cleaned.name, changes, meets });
        }
        if !numbers {
            return None;
        }
        changes.insert(if twin { Change::Twin } else { Change::Exists });
        let mut number = self.next.get(&print).copied().unwrap_or(2);
        let name = loop {
            let candidate = name::numbered(&cleaned.name, number);
            number = number.saturating_add(1);
            let key = name::key(&candidate);
            if !self.there.contains_key(&key) && self.given.insert(fingerprint(&key)) {
                break candidate;
            }
        };
        self.next.insert(print, number);
        Some(Given { name: Cow::Owned(name), changes, meets: Meets::Nothing })
    }
}

/// The same for the same key in every run, so that plans are.
fn fingerprint(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str], existing: &[&str], policy: OnConflict) -> Vec<String> {
        let wanted: Vec<_> = wanted.iter().map(|name| (name.trim_end_matches('/'), name.ends_with('/'))).collect();
        let existing: Vec<_> = existing
            .iter()
            .map(|name| Existing { name: name.trim_end_matches('/').to_owned(), is_folder: name.ends_with('/') })
            .collect();
        let given = give(&wanted, &existing, policy);
        assert_eq!(given.len(), wanted.len());
        given
            .iter()
            .map(|given| match given.meets {
                Meets::Nothing => given.name.to_string(),
                meets => format!("{} {meets:?}", given.name),
            })
            .collect()
    }

    #[test]
    fn twins_are_numbered_in_the_order_of_the_disc() {
        assert_eq!(
            names(&["a.txt", "A.TXT", "a.txt", "a (2).txt"], &[], OnConflict::KeepBoth),
            ["a.txt", "A (3).TXT", "a (4).txt", "a (2).txt"]
        );
        assert_eq!(names(&["é", "e\u{301}", "É"], &[], OnConflict::Skip), ["é", "e\u{301} (2)", "É (3)"]);
        assert_eq!(names(&["Docs/", "docs/", "DOCS"], &[], OnConflict::Replace), ["Docs", "docs (2)", "DOCS (3)"]);
    }

    #[test]
    fn a_cleaned_name_gives_way_to_a_real_one() {
        assert_eq!(names(&["a:b", "a_b", "a?b"], &[], OnConflict::KeepBoth), ["a_b (2)", "a_b", "a_b (3)"]);
    }

    #[test]
    fn what_is_there_is_kept_replaced_or_left_as_the_user_wants() {
        let there = &["a", "Folder/", "b (2)", "b"];
        let wanted = &["a", "folder/", "b", "B", "c"];
        assert_eq!(names(wanted, there, OnConflict::KeepBoth), ["a (2)", "folder Folder", "b (3)", "B (4)", "c"]);
        assert_eq!(
            names(wanted, there, OnConflict::Skip),
            ["a Skipped", "folder Folder", "b Skipped", "B Skipped", "c"]
        );
        assert_eq!(
            names(wanted, there, OnConflict::Replace),
            ["a Replaced", "folder Folder", "b Replaced", "B (3)", "c"]
        );
    }

    #[test]
    fn a_folder_is_never_replaced_and_never_replaces() {
        assert_eq!(names(&["x", "y/"], &["x/", "y"], OnConflict::Replace), ["x (2)", "y (2)"]);
        assert_eq!(names(&["x", "y/"], &["x/", "y"], OnConflict::Skip), ["x Skipped", "y Skipped"]);
    }

    #[test]
    fn a_hundred_thousand_twins_take_no_time() {
        let wanted = vec![("same", false); 100_000];
        let given = give(&wanted, &[], OnConflict::KeepBoth);
        assert_eq!(given.last().unwrap().name, "same (100000)");
    }
}

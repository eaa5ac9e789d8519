//! Which entries of two folders are the same thing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use super::data_place;
use crate::disc::tree::{Entry, FileTree, Folder, TreeKind};
use crate::disc::walk::Walk;
use crate::disc::{Error, Extent, Result};

/// Folders looked into to recognise one by its files.
const SAMPLE_FOLDERS: usize = 8;

/// Files looked at for the same purpose.
const SAMPLE_FILES: usize = 64;

/// For each entry of the first folder the place of the second folder's entry that is the same thing.
///
/// `budget` is the number of entries that may still be read to recognise folders by their files.
pub(super) fn pair(
    folders: [&Folder; 2],
    trees: &[Arc<dyn FileTree>; 2],
    same_image: bool,
    budget: &mut u64,
) -> Result<Vec<Option<usize>>> {
    let [left, right] = folders;
    let mut pairing =
        Pairing { left, right, pairs: vec![None; left.entries().len()], taken: vec![false; right.entries().len()] };
    let shortened = trees.iter().any(|tree| tree.kind() == TreeKind::Iso9660);
    let place = |_: &Folder, entry: &Entry| data_place(entry).filter(|_| same_image);
    if same_image {
        // Rock Ridge is recorded inside the records of plain ISO 9660.
        pairing.by_key(|_, entry| Some(entry.record), Need::Any);
    }
    if shortened {
        // Shortened names collide and are numbered, so that an equal name proves less than an equal place.
        pairing.by_key(place, Need::Any);
    }
    pairing.by_key(|folder, entry| Some(folder.name(entry).to_owned()), Need::Any);
    pairing.by_key(place, Need::Any);
    pairing.by_key(|folder, entry| Some((entry.is_folder(), folder.name(entry).to_lowercase())), Need::Unique);
    pairing.by_key(|folder, entry| Some((entry.is_folder(), shortest(folder.name(entry)))), Need::Unique);
    if same_image {
        pairing.by_files(trees, budget)?;
    }
    if shortened {
        // What has no data and no telling name can only be counted.
        pairing.by_key(|_, entry| (data_place(entry).is_none() && !entry.is_folder()).then_some(entry.kind), Need::Any);
    }
    Ok(pairing.pairs)
}

/// What to do with several entries of the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// They are paired in their order.
    Any,
    /// They are left alone.
    Unique,
}

struct Pairing<'a> {
    left: &'a Folder,
    right: &'a Folder,
    pairs: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairing<'_> {
    fn lone_left(&self) -> Vec<usize> {
        self.pairs.iter().enumerate().filter(|(_, pair)| pair.is_none()).map(|(at, _)| at).collect()
    }

    fn lone_right(&self) -> Vec<usize> {
        self.taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(at, _)| at).collect()
    }

    /// Pairs entries without a partner that have the same key.
    fn by_key<K: Eq + Hash>(&mut self, key: impl Fn(&Folder, &Entry) -> Option<K>, need: Need) {
        let (lone_left, lone_right) = (self.lone_left(), self.lone_right());
        if lone_left.is_empty() || lone_right.is_empty() {
            return;
        }
        let (left, right) = (self.left, self.right);
        let key_of = |folder: &Folder, at: usize| folder.entries().get(at).and_then(|entry| key(folder, entry));
        let mut keys: HashMap<K, VecDeque<usize>> = HashMap::new();
        for at in lone_right {
            if let Some(key) = key_of(right, at) {
                keys.entry(key).or_default().push_back(at);
            }
        }
        if need == Need::Unique {
            keys.retain(|_, places| places.len() == 1);
            let mut seen = HashSet::new();
            let mut again = HashSet::new();
            for at in &lone_left {
                if let Some(key) = key_of(left, *at)
                    && !seen.insert(key)
                    && let Some(key) = key_of(left, *at)
                {
                    again.insert(key);
                }
            }
            keys.retain(|key, _| !again.contains(key));
        }
        for at in lone_left {
            let partner = key_of(left, at).and_then(|key| keys.get_mut(&key)).and_then(VecDeque::pop_front);
            self.set(at, partner);
        }
    }

    fn set(&mut self, at: usize, partner: Option<usize>) {
        if let Some(partner) = partner
            && let (Some(pair), Some(taken)) = (self.pairs.get_mut(at), self.taken.get_mut(partner))
        {
            *pair = Some(partner);
            *taken = true;
        }
    }

    /// Pairs folders that hold files at the same places.
    fn by_files(&mut self, trees: &[Arc<dyn FileTree>; 2], budget: &mut u64) -> Result<()> {
        let is_folder = |folder: &Folder, at: &usize| folder.entries().get(*at).is_some_and(Entry::is_folder);
        let lone_left: Vec<_> = self.lone_left().into_iter().filter(|at| is_folder(self.left, at)).collect();
        let lone_right: Vec<_> = self.lone_right().into_iter().filter(|at| is_folder(self.right, at)).collect();
        if lone_left.is_empty() || lone_right.is_empty() {
            return Ok(());
        }
        let [left_tree, right_tree] = trees;
        let mut holders: HashMap<Extent, usize> = HashMap::new();
        for at in lone_right {
            for place in sample(right_tree, self.right, at, budget)? {
                holders.entry(place).or_insert(at);
            }
        }
        for at in lone_left {
            let mut votes: HashMap<usize, usize> = HashMap::new();
            for place in sample(left_tree, self.left, at, budget)? {
                if let Some(holder) = holders.get(&place).filter(|holder| self.taken.get(**holder) == Some(&false)) {
                    *votes.entry(*holder).or_default() += 1;
                }
            }
            // The earlier of two equals, so that the result does not depend on the order of a hash map.
            let best = votes.into_iter().max_by_key(|(holder, votes)| (*votes, usize::MAX.saturating_sub(*holder)));
            self.set(at, best.map(|(holder, _)| holder));
        }
        Ok(())
    }
}

/// The places of some files inside the folder that `folder`'s entry at `at` names.
fn sample(tree: &Arc<dyn FileTree>, folder: &Folder, at: usize, budget: &mut u64) -> Result<Vec<Extent>> {
    let mut places = Vec::new();
    let Some(id) = folder.entries().get(at).and_then(|entry| tree.folder_of(entry)) else { return Ok(places) };
    for step in Walk::below(tree.clone(), id, "").take(SAMPLE_FOLDERS) {
        match step.folder {
            Ok(folder) => {
                *budget = budget.saturating_sub(folder.entries().len() as u64);
                let left = SAMPLE_FILES.saturating_sub(places.len());
                places.extend(folder.entries().iter().filter_map(data_place).take(left));
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            // It is told when the folder itself is compared.
            Err(_) => {}
        }
        if places.len() >= SAMPLE_FILES || *budget == 0 {
            break;
        }
    }
    Ok(places)
}

/// What is left of a name where only eight capitals and an extension of three are allowed.
fn shortest(name: &str) -> String {
    let (base, extension) = name.rsplit_once('.').filter(|(base, _)| !base.is_empty()).unwrap_or((name, ""));
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let mut short: String = base.chars().take(8).map(letter).collect();
    short.push('.');
    short.extend(extension.chars().take(3).map(letter));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_as_iso_9660_level_1_does() {
        assert_eq!(shortest("A long name.html"), "A_LONG_N.HTM");
        assert_eq!(shortest("LICENSE"), "LICENSE.");
        assert_eq!(shortest(".hidden"), "_HIDDEN.");
        assert_eq!(shortest("Grüße.txt"), "GR__E.TXT");
    }
}

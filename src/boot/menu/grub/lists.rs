//! What a loop goes over, as far as it is known.

use super::device;
use super::environment::Value;
use super::lex::Word;
use super::run::Runner;
use crate::boot::menu::lookup::Look;
use crate::disc::limits;

impl Runner<'_, '_> {
    /// The words with values put in, and with the files that patterns stand for; `None` when not all of it is known.
    pub(super) fn known_list(&self, words: &[&Word]) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        for word in words {
            for value in self.environment.expand(word) {
                if value.unknown || value.this || value.guess {
                    return None;
                }
                if word.quoted || !value.text.contains(['*', '?']) {
                    list.push(value);
                } else {
                    list.extend(self.matching(&value)?);
                }
            }
            if list.len() > limits::MENU_ENTRIES {
                return None;
            }
        }
        Some(list)
    }

    /// The files of a folder that a pattern stands for; the pattern itself when there are none (GRUB, `wildcard.c`).
    fn matching(&self, pattern: &Value) -> Option<Vec<Value>> {
        let (folder, name) = pattern.text.rsplit_once('/')?;
        if folder.contains(['*', '?']) {
            return None;
        }
        let place = Value::text(if folder.is_empty() { "/" } else { folder });
        let names = match device::look(self.reader, &self.environment, &place)? {
            Look::Folder(real) => self.reader.files.list(&real),
            _ => Vec::new(),
        };
        let names = names.into_iter().filter(|item| fits(&item.name, name));
        let found: Vec<_> = names.map(|item| Value::text(&format!("{folder}/{}", item.name))).collect();
        Some(if found.is_empty() { vec![pattern.clone()] } else { found })
    }
}

/// Whether a name is one that a pattern stands for: `*` is any text, `?` any character.
fn fits(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut by) = (0_usize, 0_usize);
    // Where the last `*` stood, and how far it reached.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(by) {
            Some('*') => {
                star = Some((by, at));
                by = by.saturating_add(1);
            }
            Some(c) if *c == '?' || Some(c) == name.get(at) => {
                (at, by) = (at.saturating_add(1), by.saturating_add(1));
            }
            _ => {
                let Some((stood, reached)) = star else { return false };
                let reached = reached.saturating_add(1);
                star = Some((stood, reached));
                (at, by) = (reached, stood.saturating_add(1));
            }
        }
    }
    pattern.get(by..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_names() {
        for (name, pattern) in
            [("a.iso", "*.iso"), ("a.iso", "?.iso"), ("a", "*"), ("", "*"), ("abcbc", "a*bc"), ("x", "x")]
        {
            assert!(fits(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [("a.img", "*.iso"), ("ab", "?"), ("", "?"), ("a", ""), ("abcb", "a*bc"), ("x", "X")] {
            assert!(!fits(name, pattern), "{name} {pattern}");
        }
    }
}

//! What a loop goes over, as far as it is known.

use super::device;
use super::environment::Value;
use super::lex::Word;
use super::run::Runner;
use crate::boot::menu::lookup::Look;
use crate::boot::menu::pattern::fits;
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

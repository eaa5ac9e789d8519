//! The variables of a GRUB script, as far as they are known before the computer starts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lex::{Part, Word};
use crate::disc::limits;

/// What is known of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: Rc<str>,
    /// Something in the text is not known, and stands there as `$name`.
    pub(super) unknown: bool,
    /// It is the device on which the tree lies.
    pub(super) this: bool,
    /// It is a guess.
    pub(super) guess: bool,
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self { text: text.into(), unknown: false, this: false, guess: false }
    }

    pub(super) fn this() -> Self {
        Self { this: true, ..Self::text("") }
    }

    pub(super) fn guess(text: &str) -> Self {
        Self { guess: true, ..Self::text(text) }
    }
}

/// A word with the values of its variables put in.
pub(super) type Expanded = Value;

/// The variables in which a function has what it was called with (GRUB manual, “Shell-like scripting”).
const PARAMETERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "#", "@", "*"];

/// The values of those variables, in the same order.
pub(super) type Parameters = Vec<Option<Value>>;

/// All variables. Those that are not there may have any value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment(BTreeMap<Rc<str>, Value>);

impl Environment {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a variable; what is too much is not known from then on.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let room = self.0.len() < limits::MENU_VARIABLES || self.0.contains_key(name);
        if room && value.text.len() <= limits::MENU_VALUE {
            self.0.insert(name.into(), value);
        } else {
            self.0.remove(name);
        }
    }

    /// From here on the variable may have any value.
    pub(super) fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Puts in what a function is called with. Gives what stood there before.
    pub(super) fn call_with(&mut self, arguments: &[Value]) -> Parameters {
        let before = PARAMETERS.iter().map(|name| self.get(name).cloned()).collect();
        let all = Value {
            text: arguments.iter().map(|value| &*value.text).collect::<Vec<_>>().join(" ").into(),
            unknown: arguments.iter().any(|value| value.unknown || value.this),
            this: false,
            guess: arguments.iter().any(|value| value.guess),
        };
        for (at, name) in PARAMETERS.iter().enumerate() {
            let value = match *name {
                "#" => Value::text(&arguments.len().to_string()),
                "@" | "*" => all.clone(),
                _ => arguments.get(at).cloned().unwrap_or_else(|| Value::text("")),
            };
            self.set(name, value);
        }
        before
    }

    /// From here on they may have any value: entries are called with their titles, and more.
    pub(super) fn forget_parameters(&mut self) {
        PARAMETERS.iter().for_each(|name| self.forget(name));
    }

    /// Puts back what [`Self::call_with`] gave.
    pub(super) fn put_back(&mut self, before: Parameters) {
        for (name, value) in PARAMETERS.iter().zip(before) {
            match value {
                Some(value) => self.set(name, value),
                None => self.forget(name),
            }
        }
    }

    /// What holds whether the script came here with `self` or with `other`.
    pub(super) fn meet(&mut self, other: &Self) {
        self.0.retain(|name, value| other.0.get(name) == Some(value));
    }

    /// The word with the values of known variables put in. More than one when an unquoted value holds spaces; none when
    /// it is empty. What is too long is left out.
    pub(super) fn expand(&self, word: &Word) -> Vec<Expanded> {
        if let [Part::Variable { name, .. }] = word.parts.as_slice()
            && let Some(value) = self.get(name).filter(|value| value.this)
        {
            return vec![Expanded { text: word.raw.trim_matches('"').into(), ..value.clone() }];
        }
        let mut words: Vec<Expanded> = Vec::new();
        let (mut text, mut open) = (String::new(), word.quoted);
        let (mut unknown, mut guess) = (false, false);
        for part in &word.parts {
            let (name, quoted) = match part {
                Part::Text(piece) => {
                    text.push_str(piece);
                    open = true;
                    continue;
                }
                Part::Variable { name, quoted } => (name, *quoted),
            };
            if text.len() > limits::MENU_LINE {
                break;
            }
            let Some(value) = self.get(name).filter(|value| !value.this) else {
                unknown |= self.get(name).is_none();
                text.push_str(&format!("${{{name}}}"));
                open = true;
                continue;
            };
            unknown |= value.unknown;
            guess |= value.guess;
            if quoted {
                text.push_str(&value.text);
                continue;
            }
            for (at, piece) in value.text.split([' ', '\t', '\n']).enumerate() {
                if at > 0 && (open || !text.is_empty()) {
                    words.push(Value { text: std::mem::take(&mut text).into(), unknown, this: false, guess });
                    open = false;
                }
                text.push_str(piece);
            }
        }
        if open || !text.is_empty() {
            words.push(Value { text: text.into(), unknown, this: false, guess });
        }
        words
    }

    /// The words with values put in, as many as are not too long together.
    pub(super) fn expand_all(&self, words: &[&Word]) -> Vec<Expanded> {
        let (mut expanded, mut length) = (Vec::new(), 0_usize);
        for word in words {
            let more = self.expand(word);
            length = more.iter().fold(length, |sum, word| sum.saturating_add(word.text.len()));
            expanded.extend(more);
            if length > limits::MENU_LINE {
                break;
            }
        }
        expanded
    }

    /// The word as one text, whatever it holds.
    pub(super) fn whole(&self, word: &Word) -> Expanded {
        let words = self.expand(word);
        let text = words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ");
        Value {
            text: text.into(),
            unknown: words.iter().any(|word| word.unknown),
            this: words.iter().any(|word| word.this),
            guess: words.iter().any(|word| word.guess),
        }
    }
}

/// The name of the variable that `text` is, as `$name` or `${name}`.
pub(super) fn variable_in(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    Some(name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name))
}

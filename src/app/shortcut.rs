//! Keys, without knowing who reads the keyboard.

/// A key that takes part in shortcuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter, in upper case.
    Letter(char),
    /// A digit or sign on the main keyboard.
    Sign(char),
    /// F1 to F12.
    Function(u8),
    /// ←
    Left,
    /// →
    Right,
    /// ↑
    Up,
    /// Enter or Return.
    Enter,
    /// The key that deletes to the left.
    Backspace,
}

/// Keys pressed together. `command` is Ctrl, on macOS the Command key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shortcut {
    /// Ctrl; ⌘ on macOS.
    pub command: bool,
    /// Shift.
    pub shift: bool,
    /// Alt; ⌥ on macOS.
    pub alt: bool,
    /// The key itself.
    pub key: Key,
}

impl Shortcut {
    /// The key alone.
    pub const fn plain(key: Key) -> Self {
        Self { command: false, shift: false, alt: false, key }
    }

    /// With Ctrl, or ⌘.
    pub const fn command(key: Key) -> Self {
        Self { command: true, ..Self::plain(key) }
    }

    /// With Ctrl, or ⌘, and Shift.
    pub const fn command_shift(key: Key) -> Self {
        Self { shift: true, ..Self::command(key) }
    }

    /// With Alt.
    pub const fn alt(key: Key) -> Self {
        Self { alt: true, ..Self::plain(key) }
    }

    /// As it is written in menus, such as `Ctrl+Shift+P`.
    pub fn text(self) -> String {
        let mac = cfg!(target_os = "macos");
        let mut text = String::new();
        // The Mac has an order of its own.
        let names = match mac {
            false => [(self.command, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")],
            true => [(self.alt, "⌥"), (self.shift, "⇧"), (self.command, "⌘")],
        };
        for (_, name) in names.into_iter().filter(|(pressed, _)| *pressed) {
            text.push_str(name);
        }
        match self.key {
            Key::Letter(letter) => text.push(letter),
            Key::Sign(sign) => text.push(sign),
            Key::Function(number) => text.push_str(&format!("F{number}")),
            Key::Left => text.push('←'),
            Key::Right => text.push('→'),
            Key::Up => text.push('↑'),
            Key::Enter => text.push_str("Enter"),
            Key::Backspace => text.push_str("Backspace"),
        }
        text
    }
}

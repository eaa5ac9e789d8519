//! The keyboard shortcuts of the commands.

use egui::{InputState, Key, Modifiers};

use super::menu::is_enabled;
use crate::app::shortcut::{self, Shortcut};
use crate::app::{Command, State};

/// Takes the shortcuts of all commands out of the input. While text is typed (`typing`), keys that write, move or
/// select in it are left to the field.
pub(super) fn commands(ctx: &egui::Context, state: &State, typing: bool) -> Vec<Command> {
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        for command in Command::ALL {
            let Some(info) = command.info() else { continue };
            for shortcut in info.shortcuts {
                if typing && belongs_to_text(*shortcut) {
                    continue;
                }
                if consume(input, *shortcut) && is_enabled(state, &command) {
                    commands.push(command.clone());
                }
            }
        }
    });
    commands
}

fn belongs_to_text(shortcut: Shortcut) -> bool {
    let Shortcut { command, alt, key, shift } = shortcut;
    match key {
        shortcut::Key::Function(_) => false,
        shortcut::Key::Letter(letter) => !command || !shift && matches!(letter, 'A' | 'C' | 'X' | 'V' | 'Z' | 'Y'),
        shortcut::Key::Sign(_) => !command,
        shortcut::Key::Left | shortcut::Key::Right | shortcut::Key::Up => !alt,
        shortcut::Key::Enter | shortcut::Key::Backspace => true,
    }
}

fn consume(input: &mut InputState, shortcut: Shortcut) -> bool {
    let Some(key) = key(shortcut.key) else { return false };
    let modifiers = Modifiers { alt: shortcut.alt, shift: shortcut.shift, ..Modifiers::NONE };
    let modifiers = if shortcut.command { modifiers | Modifiers::COMMAND } else { modifiers };
    // The copy shortcut reaches the window as an event of its own, not as a key.
    if shortcut == Shortcut::command(shortcut::Key::Letter('C')) {
        let before = input.events.len();
        input.events.retain(|event| !matches!(event, egui::Event::Copy));
        return input.events.len() < before;
    }
    let before = input.events.len();
    input.events.retain(|event| match event {
        egui::Event::Key { key: pressed, modifiers: held, pressed: true, .. } => {
            *pressed != key || !held.matches_exact(modifiers)
        }
        _ => true,
    });
    input.events.len() < before
}

/// The key as egui calls it.
fn key(key: shortcut::Key) -> Option<Key> {
    match key {
        shortcut::Key::Letter(letter) => Key::from_name(letter.encode_utf8(&mut [0; 4])),
        shortcut::Key::Sign(sign) => match sign {
            '+' => Some(Key::Plus),
            '=' => Some(Key::Equals),
            '-' => Some(Key::Minus),
            ',' => Some(Key::Comma),
            '[' => Some(Key::OpenBracket),
            ']' => Some(Key::CloseBracket),
            digit => Key::from_name(digit.encode_utf8(&mut [0; 4])),
        },
        shortcut::Key::Function(number) => Key::from_name(&format!("F{number}")),
        shortcut::Key::Left => Some(Key::ArrowLeft),
        shortcut::Key::Right => Some(Key::ArrowRight),
        shortcut::Key::Up => Some(Key::ArrowUp),
        shortcut::Key::Enter => Some(Key::Enter),
        shortcut::Key::Backspace => Some(Key::Backspace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_has_a_key() {
        for command in Command::ALL {
            for shortcut in command.info().map_or(&[][..], |info| info.shortcuts) {
                assert!(key(shortcut.key).is_some(), "{}", shortcut.text());
            }
        }
    }
}

//! Text on the clipboard, where it is the platform's and not egui's to see to: on Wayland.

use std::sync::Arc;

use egui::{Context, Event, FullOutput, Key, Modifiers, OutputCommand, Plugin, RawInput, ViewportCommand};

use crate::platform::drag_out::TextClipboard;

/// Stands between egui, whose own clipboard hears of no shortcuts here, and that of the platform.
pub(super) struct Clipboard {
    /// Without it egui's own does what it can.
    text: Option<Arc<dyn TextClipboard>>,
}

impl Clipboard {
    pub(super) fn new(text: Option<Arc<dyn TextClipboard>>) -> Self {
        Self { text }
    }
}

impl Plugin for Clipboard {
    fn debug_name(&self) -> &'static str {
        "clipboard"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        input.events.retain_mut(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            match (shortcut(*key, *modifiers), &self.text) {
                (None, _) => {}
                (Some(Shortcut::Cut), _) => *event = Event::Cut,
                (Some(Shortcut::Copy), _) => *event = Event::Copy,
                (Some(Shortcut::Paste), Some(text)) => {
                    text.ask();
                    return false;
                }
                (Some(Shortcut::Paste), None) => {
                    ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
                    return false;
                }
            }
            true
        });
        let pasted = self.text.iter().flat_map(|text| text.take());
        input.events.extend(pasted.map(|text| Event::Paste(text.replace("\r\n", "\n"))));
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let Some(text) = &self.text else { return };
        output.platform_output.commands.retain_mut(|command| match command {
            OutputCommand::CopyText(copied) => {
                text.copy(std::mem::take(copied));
                false
            }
            _ => true,
        });
    }
}

/// What a key does with the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shortcut {
    Cut,
    Copy,
    Paste,
}

/// The same keys that egui takes where it sees to the clipboard itself.
fn shortcut(key: Key, modifiers: Modifiers) -> Option<Shortcut> {
    match key {
        Key::Cut => Some(Shortcut::Cut),
        Key::Copy => Some(Shortcut::Copy),
        Key::Paste => Some(Shortcut::Paste),
        Key::X if modifiers.command_only() => Some(Shortcut::Cut),
        Key::C if modifiers.command_only() => Some(Shortcut::Copy),
        Key::V if modifiers.command_only() => Some(Shortcut::Paste),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// Remembers what was wanted, and gives what `others` have copied.
    #[derive(Default)]
    struct Fake {
        wanted: Mutex<Vec<String>>,
        others: Mutex<Vec<String>>,
    }

    fn add(to: &Mutex<Vec<String>>, what: &str) {
        to.lock().unwrap_or_else(PoisonError::into_inner).push(what.to_owned());
    }

    fn take(from: &Mutex<Vec<String>>) -> Vec<String> {
        std::mem::take(&mut from.lock().unwrap_or_else(PoisonError::into_inner))
    }

    impl TextClipboard for Fake {
        fn copy(&self, text: String) {
            add(&self.wanted, &text);
        }

        fn ask(&self) {
            add(&self.wanted, "paste");
        }

        fn take(&self) -> Vec<String> {
            take(&self.others)
        }
    }

    fn heard(clipboard: &mut Clipboard, key: Key, modifiers: Modifiers) -> Vec<Event> {
        let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        let mut input = RawInput { events: vec![event], ..RawInput::default() };
        clipboard.input_hook(&Context::default(), &mut input);
        input.events
    }

    #[test]
    fn shortcuts_and_texts_go_to_the_clipboard_of_the_platform_and_come_from_there() {
        let fake = Arc::new(Fake::default());
        let mut clipboard = Clipboard::new(Some(fake.clone()));
        let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
        assert_eq!(heard(&mut clipboard, Key::C, ctrl), [Event::Copy]);
        assert_eq!(heard(&mut clipboard, Key::X, ctrl), [Event::Cut]);
        assert_eq!(heard(&mut clipboard, Key::V, ctrl), []);
        assert_eq!(take(&fake.wanted), ["paste"]);
        assert!(matches!(heard(&mut clipboard, Key::V, Modifiers::NONE)[..], [Event::Key { .. }]));
        assert_eq!(take(&fake.wanted), [""; 0]);

        add(&fake.others, "two\r\nlines");
        let mut input = RawInput::default();
        clipboard.input_hook(&Context::default(), &mut input);
        assert_eq!(input.events, [Event::Paste("two\nlines".to_owned())]);

        let mut output = FullOutput::default();
        output.platform_output.commands.push(OutputCommand::CopyText("copied".to_owned()));
        clipboard.output_hook(&Context::default(), &mut output);
        assert!(output.platform_output.commands.is_empty());
        assert_eq!(take(&fake.wanted), ["copied"]);
    }

    #[test]
    fn without_one_the_window_asks_its_own_library() {
        let mut clipboard = Clipboard::new(None);
        assert_eq!(heard(&mut clipboard, Key::Paste, Modifiers::NONE), []);
        let mut output = FullOutput::default();
        output.platform_output.commands.push(OutputCommand::CopyText("copied".to_owned()));
        clipboard.output_hook(&Context::default(), &mut output);
        assert_eq!(output.platform_output.commands.len(), 1);
    }
}

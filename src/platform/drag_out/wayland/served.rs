//! The bytes of a `wl_data_source`, for whoever asks for them.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use super::uri_list;

/// A type, and what is sent to those who ask for it.
type Typed = (&'static str, Arc<[u8]>);

/// The types of text in UTF-8, the best first.
pub(super) const TEXT: [&str; 3] = ["text/plain;charset=utf-8", "UTF8_STRING", "text/plain"];

/// What is offered, type by type. Cheap to clone.
#[derive(Clone)]
pub(super) struct Served(Arc<[Typed]>);

impl Served {
    /// Only what is needed to copy files: editors would rather paste paths if there were text.
    pub(super) fn drag(paths: &[PathBuf]) -> Self {
        Self([(uri_list::MIME, uri_list::write(paths).into_bytes().into())].into())
    }

    /// Text and nothing else.
    pub(super) fn text(text: String) -> Self {
        let text: Arc<[u8]> = text.into_bytes().into();
        Self(TEXT.into_iter().map(|mime| (mime, Arc::clone(&text))).collect())
    }

    /// The files for file managers, and `text` for all others.
    pub(super) fn copy(paths: &[PathBuf], text: String) -> Self {
        // Nautilus and its kin paste nothing else. A line break at the end would be one more, empty file.
        let mut gnome = String::from("copy");
        for path in paths {
            gnome.push('\n');
            gnome.push_str(&uri_list::uri(path));
        }
        let files: [Typed; 2] = [
            (uri_list::MIME, uri_list::write(paths).into_bytes().into()),
            ("x-special/gnome-copied-files", gnome.into_bytes().into()),
        ];
        let Self(text) = Self::text(text);
        Self(files.into_iter().chain(text.iter().cloned()).collect())
    }

    /// The types, the best first.
    pub(super) fn types(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(mime, _)| *mime)
    }

    /// Writes the bytes of a type. On a thread of its own: whoever reads may take its time, or never come.
    pub(super) fn send(&self, mime: &str, to: OwnedFd) {
        let Some((_, bytes)) = self.0.iter().find(|(known, _)| *known == mime) else {
            return;
        };
        let bytes = Arc::clone(bytes);
        let write = move || {
            // A reader that has gone away has read what it wanted.
            drop(File::from(to).write_all(&bytes));
        };
        // Without a thread the reader finds nothing, as if it had gone wrong over there.
        drop(std::thread::Builder::new().name("wl-send".to_owned()).spawn(write));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn sent(served: &Served, mime: &str) -> String {
        let (mut reader, writer) = std::io::pipe().unwrap();
        served.send(mime, writer.into());
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_drag_is_a_list_of_files_and_nothing_else() {
        let served = Served::drag(&["/a b".into(), "/c".into()]);
        assert_eq!(served.types().collect::<Vec<_>>(), ["text/uri-list"]);
        assert_eq!(sent(&served, "text/uri-list"), "file:///a%20b\r\nfile:///c\r\n");
        assert_eq!(sent(&served, "text/html"), "");
    }

    #[test]
    fn a_copy_is_files_for_file_managers_and_text_for_others() {
        let served = Served::copy(&["/a b".into(), "/c".into()], "a b, c".to_owned());
        assert_eq!(sent(&served, "x-special/gnome-copied-files"), "copy\nfile:///a%20b\nfile:///c");
        assert_eq!(sent(&served, "text/uri-list"), "file:///a%20b\r\nfile:///c\r\n");
        assert_eq!(sent(&served, "UTF8_STRING"), "a b, c");
    }

    #[test]
    fn text_is_nothing_but_text() {
        let served = Served::text("grüße\n".to_owned());
        assert_eq!(served.types().collect::<Vec<_>>(), TEXT);
        for mime in TEXT {
            assert_eq!(sent(&served, mime), "grüße\n");
        }
    }

    #[test]
    fn long_lists_arrive_whole_and_readers_may_go_away() {
        let paths: Vec<PathBuf> = (0..20_000).map(|number| format!("/folder/file {number}").into()).collect();
        let served = Served::drag(&paths);
        assert_eq!(uri_list::read(sent(&served, uri_list::MIME).as_bytes()), paths);
        let (reader, writer) = std::io::pipe().unwrap();
        served.send(uri_list::MIME, writer.into());
        drop(reader);
    }
}

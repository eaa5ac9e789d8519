//! The system's dialogs for files and folders. They run on threads of their own, so that the window goes on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

/// What the user chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// An image to open.
    Image(PathBuf),
    /// A folder to extract into.
    Folder(PathBuf),
    /// A list of revoked programs.
    List(PathBuf),
    /// Where to save a file.
    File(PathBuf),
    /// A thread for the dialog could not be started.
    Failed(String),
}

/// The dialogs of one window.
pub struct Choices {
    waker: Arc<dyn Fn() + Send + Sync>,
    sender: Sender<Choice>,
    receiver: Receiver<Choice>,
}

/// Extensions of disc images, for the filter of the dialog. What an image is, is told from its content.
const EXTENSIONS: [&str; 10] = ["iso", "img", "bin", "cdr", "udf", "nrg", "mdf", "dmg", "toast", "raw"];

impl Choices {
    /// No dialog is open. `waker` is called when something was chosen.
    pub fn new(waker: Arc<dyn Fn() + Send + Sync>) -> Self {
        // More dialogs than this are never open at the same time.
        let (sender, receiver) = crossbeam_channel::bounded(8);
        Self { waker, sender, receiver }
    }

    /// What was chosen since the last call.
    pub fn poll(&self) -> Vec<Choice> {
        self.receiver.try_iter().collect()
    }

    /// Lets the user choose an image.
    pub fn choose_image(&self) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title("Open a disc image");
        // On macOS there is one list of endings, in which a star is no more than that: nothing else could be chosen.
        if !cfg!(target_os = "macos") {
            dialog = dialog.add_filter("Disc images", &EXTENSIONS).add_filter("All files", &["*"]);
        }
        self.run(dialog.pick_file(), Choice::Image);
    }

    /// Lets the user choose a folder, beginning in `near`.
    pub fn choose_folder(&self, near: &Path) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title("Extract to");
        if let Some(existing) = near.ancestors().find(|folder| !folder.as_os_str().is_empty()) {
            dialog = dialog.set_directory(existing);
        }
        self.run(dialog.pick_folder(), Choice::Folder);
    }

    /// Lets the user choose a list of revoked programs.
    pub fn choose_list(&self) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title("Open a list of revoked programs");
        if !cfg!(target_os = "macos") {
            dialog = dialog.add_filter("Lists (DBXUpdate.bin)", &["bin", "efi", "esl", "auth"]);
            dialog = dialog.add_filter("All files", &["*"]);
        }
        self.run(dialog.pick_file(), Choice::List);
    }

    /// Lets the user choose where a file is saved that would be called `name`.
    pub fn choose_file(&self, name: &str) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title("Save picture").set_file_name(name);
        if !cfg!(target_os = "macos") {
            dialog = dialog.add_filter("PNG", &["png"]).add_filter("SVG", &["svg"]);
        }
        self.run(dialog.save_file(), Choice::File);
    }

    fn run<F>(&self, chosen: F, choice: fn(PathBuf) -> Choice)
    where
        F: Future<Output = Option<rfd::FileHandle>> + Send + 'static,
    {
        let (sender, waker) = (self.sender.clone(), self.waker.clone());
        let wait = move || {
            if let Some(file) = block_on(chosen) {
                // The window may be gone by now.
                drop(sender.try_send(choice(file.path().to_owned())));
                waker();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("dialog".to_owned()).spawn(wait) {
            drop(self.sender.try_send(Choice::Failed(error.to_string())));
            (self.waker)();
        }
    }
}

/// Waits for a future on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::park();
    }
}

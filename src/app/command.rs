//! Everything a user can ask for. Menus, shortcuts, the palette, context menus and the help are all made from here.

use std::path::PathBuf;

use super::boot::BootWish;
use super::compare::CompareWish;
use super::integrity::IntegrityWish;
use super::model::tree::NodeId;
use super::model::{Column, Selecting, Step};
use super::place::Place;
use super::preview::Wish;
use super::shortcut::{Key, Shortcut};
use super::transfer::DragFrom;
use super::unseen::UnseenWish;
use crate::disc::tree::TreeId;
use crate::extract::plan::Options;
use crate::settings::Settings;

/// One wish of the user.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Choose an image and open it.
    Open,
    /// Open this image, here if there is none yet, else in a window of its own.
    OpenPath(PathBuf),
    /// Open the images that were dropped on the window: the first here if there is none yet, each other one in a window
    /// of its own.
    OpenDropped(Vec<PathBuf>),
    /// Open the disc that comes with the program.
    OpenSample,
    /// Empty the list of recent images.
    ForgetRecent,
    /// Take one image off that list.
    ForgetPath(PathBuf),
    /// Extract what is selected, or the whole folder when nothing is.
    Extract,
    /// Extract the whole tree.
    ExtractAll,
    /// Extract to this folder.
    ExtractTo(String),
    /// Save a stream of the file that the preview shows.
    SaveStream(usize),
    /// Choose the folder to extract to.
    ChooseDestination,
    /// What happens to names that are there already.
    ExtractOptions(Options),
    /// Remove what an earlier extraction has left unfinished, or not.
    RemoveLeftovers(bool),
    /// Carry the plan of the dialog out.
    StartExtraction,
    /// Show a folder in the system's file manager.
    ShowFolder(PathBuf),
    /// Show all files to other programs, in a folder.
    Mount,
    /// Take that folder away again.
    Unmount,
    /// Show the fields of the image's descriptors.
    ImageProperties,
    /// Close the window.
    CloseWindow,

    /// Copy what is selected, to be pasted in another program.
    Copy,
    /// Let the mouse drag something out of the window.
    Drag(DragFrom),
    /// What is dragged is over something that would take it.
    DragFilesWantedSoon,
    /// What was dragged has been dropped, and the target waits for the files.
    DragFilesWanted,
    /// A drag is over; why it could not be done, if it could not.
    DragEnded(Option<String>),
    /// Open the file of the dialog although it may do harm.
    OpenAnyway,
    /// Copy the names of what is selected.
    CopyName,
    /// Copy the paths of what is selected.
    CopyPath,
    /// Copy this text.
    CopyText(String),
    /// Select everything in the list.
    SelectAll,
    /// Select what is not selected.
    InvertSelection,
    /// Select nothing; leave a search.
    Escape,
    /// Go to the search box.
    Find,
    /// Look for these words on the whole disc.
    Search(String),

    /// To the place before.
    Back,
    /// To the place that was left by going back.
    Forward,
    /// To the folder above.
    Up,
    /// To this place.
    Go(Place),
    /// Open the item under the cursor.
    OpenItem,
    /// Open the item in this row.
    OpenRow(usize),
    /// To the folder of the item under the cursor, which a search found.
    ShowInFolder,
    /// Read the image again.
    Reload,
    /// Show the files as this tree names them.
    UseTree(TreeId),
    /// To this path in this tree.
    Reveal(TreeId, String),
    /// Open this session.
    OpenSession(u32),

    /// Act on a row of the table.
    Select(usize, Selecting),
    /// Move the cursor of the table.
    Step(Step, Selecting),
    /// Go on to the name that begins with what was typed.
    TypeAhead(String),
    /// Sort by a column, or turn its direction.
    SortBy(Column),
    /// Show or hide a column.
    ToggleColumn(Column),
    /// Give a column a width, or its own one.
    ColumnWidth(Column, Option<f32>),

    /// Go to what a node of the tree stands for.
    TreeGo(NodeId),
    /// Open or close a branch of the tree.
    TreeExpand(NodeId, bool),
    /// Move the cursor of the tree.
    TreeStep(Step),

    /// Show or hide the tree.
    ToggleTree,
    /// Show or hide the preview.
    TogglePreview,
    /// List entries that are marked as deleted, or do not.
    ToggleDeleted,
    /// Look at the selection in another way.
    Preview(Wish),
    /// Everything larger.
    ZoomIn,
    /// Everything smaller.
    ZoomOut,
    /// Everything as large as it was.
    ZoomReset,

    /// Show the files.
    ShowFiles,
    /// Show how the disc starts.
    ShowBoot,
    /// Do something where that is shown.
    Boot(BootWish),
    /// Show whether the image is whole.
    ShowIntegrity,
    /// Do something where that is shown.
    Integrity(IntegrityWish),
    /// Show which product it is, and what says so.
    ShowIdentity,
    /// Show how two trees of the image differ.
    CompareTrees,
    /// Do something in the dialog that shows it.
    Compare(CompareWish),
    /// Look for what nothing on the disc shows.
    FindUnseen,
    /// Do something in the dialog that shows it.
    Unseen(UnseenWish),
    /// Find a command by its name.
    Palette,
    /// Change the settings.
    Settings,
    /// Use these settings from now on.
    UseSettings(Box<Settings>),
    /// Show all shortcuts.
    Shortcuts,
    /// Say what the program is.
    About,
    /// Put away what lies above the window.
    CloseDialog,
    /// Put away what was said about the settings.
    DismissNotice,
    /// Put away what is said of the disc as a whole, as long as the image is open.
    DismissStrip,
    /// Put away a message.
    DismissMessage(u64),
    /// Cancel a job.
    Cancel(super::state::Ticket),
}

/// How a command presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Its name in menus and in the palette.
    pub text: &'static str,
    /// What it does.
    pub tooltip: &'static str,
    /// The keys for it; the first is shown in menus.
    pub shortcuts: &'static [Shortcut],
}

impl Command {
    /// The commands that stand for themselves, in the order of the menus.
    pub const ALL: [Self; 37] = [
        Self::Open,
        Self::OpenSample,
        Self::Extract,
        Self::ExtractAll,
        Self::Mount,
        Self::Unmount,
        Self::ShowIdentity,
        Self::ImageProperties,
        Self::CloseWindow,
        Self::Copy,
        Self::CopyName,
        Self::CopyPath,
        Self::SelectAll,
        Self::InvertSelection,
        Self::Find,
        Self::Back,
        Self::Forward,
        Self::Up,
        Self::OpenItem,
        Self::ShowInFolder,
        Self::Reload,
        Self::ShowFiles,
        Self::ShowBoot,
        Self::ShowIntegrity,
        Self::ToggleTree,
        Self::TogglePreview,
        Self::ToggleDeleted,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomReset,
        Self::ForgetRecent,
        Self::CompareTrees,
        Self::FindUnseen,
        Self::Palette,
        Self::Settings,
        Self::Shortcuts,
        Self::About,
    ];

    /// How the command presents itself; `None` for those that mean nothing without what they act on.
    pub fn info(&self) -> Option<Info> {
        const fn c(letter: char) -> Shortcut {
            Shortcut::command(Key::Letter(letter))
        }
        const fn cs(letter: char) -> Shortcut {
            Shortcut::command_shift(Key::Letter(letter))
        }
        const fn cmd(key: Key) -> Shortcut {
            Shortcut::command(key)
        }
        const fn alt(key: Key) -> Shortcut {
            Shortcut::alt(key)
        }
        const fn plain(key: Key) -> Shortcut {
            Shortcut::plain(key)
        }
        let (text, tooltip, shortcuts): (_, _, &'static [Shortcut]) = match self {
            Self::Open => ("Open…", "Choose a disc image and open it", const { &[c('O')] }),
            Self::OpenSample => ("Open the sample disc", "Open the small disc that comes with Isoscope", &[]),
            Self::ForgetRecent => ("Clear recent images", "Empty the list of recent images", &[]),
            Self::Extract => ("Extract…", "Copy what is selected out of the image", const { &[c('E')] }),
            Self::ExtractAll => ("Extract everything…", "Copy all files out of the image", const { &[cs('E')] }),
            Self::Mount => ("Mount", "Show all files in a folder that every program can read", &[]),
            Self::Unmount => ("Unmount", "Take away the folder that shows the files to other programs", &[]),
            Self::ShowIdentity => ("What it is", "Which product it is, and what on the disc says so", &[]),
            Self::ImageProperties => ("Image properties", "What the image says about itself", const { &[c('I')] }),
            Self::CloseWindow => ("Close window", "Close this window", const { &[c('W'), c('Q')] }),
            Self::Copy => ("Copy", "Copy what is selected, to paste it in a file manager", const { &[c('C')] }),
            Self::CopyName => ("Copy name", "Copy the names of what is selected", &[]),
            Self::CopyPath => ("Copy path", "Copy the paths of what is selected", const { &[cs('C')] }),
            Self::SelectAll => ("Select all", "Select everything in the list", const { &[c('A')] }),
            Self::InvertSelection => ("Invert selection", "Select what is not selected", const { &[cs('I')] }),
            Self::Find => ("Search this disc", "Find files by name on the whole disc", const { &[c('F')] }),
            Self::Back => ("Back", "To the place before", const { &[alt(Key::Left), cmd(Key::Sign('['))] }),
            Self::Forward => (
                "Forward",
                "To the place that was left by going back",
                const { &[alt(Key::Right), cmd(Key::Sign(']'))] },
            ),
            Self::Up => ("Up", "To the folder above", const { &[alt(Key::Up), plain(Key::Backspace)] }),
            Self::OpenItem => ("Open item", "Open the folder or file under the cursor", const { &[plain(Key::Enter)] }),
            Self::ShowInFolder => {
                ("Show in its folder", "To the folder that holds this file", const { &[cmd(Key::Enter)] })
            }
            Self::Reload => ("Reload", "Read the image again", const { &[plain(Key::Function(5)), c('R')] }),
            Self::ShowFiles => ("Show files", "The files on the disc", const { &[cmd(Key::Sign('1'))] }),
            Self::ShowBoot => {
                ("Show how it starts", "Whether and how a computer starts the disc", const { &[cmd(Key::Sign('2'))] })
            }
            Self::ShowIntegrity => {
                ("Show whether it is whole", "Checksums, and what is missing", const { &[cmd(Key::Sign('3'))] })
            }
            Self::ToggleTree => {
                ("Folder tree", "Show or hide the tree on the left", const { &[plain(Key::Function(9))] })
            }
            Self::TogglePreview => {
                ("Preview", "Show or hide the preview on the right", const { &[plain(Key::Function(8))] })
            }
            Self::ToggleDeleted => {
                ("Show deleted entries", "List what is marked as deleted too; its data may be overwritten", &[])
            }
            Self::ZoomIn => ("Zoom in", "Everything larger", const { &[cmd(Key::Sign('+')), cmd(Key::Sign('='))] }),
            Self::ZoomOut => ("Zoom out", "Everything smaller", const { &[cmd(Key::Sign('-'))] }),
            Self::ZoomReset => {
                ("Actual size", "Everything as large as the system asks for", const { &[cmd(Key::Sign('0'))] })
            }
            Self::CompareTrees => {
                ("Compare trees…", "Which files only one of the disc's trees has, or has differently", &[])
            }
            Self::FindUnseen => (
                "Find what nothing shows…",
                "Hidden files, used space that belongs to nothing, and data after the end",
                &[],
            ),
            Self::Palette => ("Command palette…", "Find a command by its name", const { &[cs('P')] }),
            Self::Settings => ("Settings…", "Theme, units, text size and renderer", const { &[cmd(Key::Sign(','))] }),
            Self::Shortcuts => ("Keyboard shortcuts", "All keys at a glance", const { &[plain(Key::Function(1))] }),
            Self::About => ("About Isoscope", "Version and licences", &[]),
            _ => return None,
        };
        Some(Info { text, tooltip, shortcuts })
    }

    /// The name in menus; empty for commands that do not stand for themselves.
    pub fn text(&self) -> &'static str {
        self.info().map_or("", |info| info.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_commands_share_a_shortcut() {
        let mut owners = HashMap::new();
        for command in Command::ALL {
            let info = command.info().unwrap_or_else(|| panic!("{command:?} has no text"));
            assert!(!info.text.is_empty() && !info.tooltip.is_empty());
            for shortcut in info.shortcuts {
                if let Some(other) = owners.insert(*shortcut, info.text) {
                    panic!("{} and {other} share {}", info.text, shortcut.text());
                }
            }
        }
    }

    #[test]
    fn no_two_commands_share_a_name() {
        let names: std::collections::HashSet<_> = Command::ALL.iter().map(Command::text).collect();
        assert_eq!(names.len(), Command::ALL.len());
    }
}

//! What the reducer asks others to do.

use std::path::PathBuf;
use std::sync::Arc;

use super::model::Rows;
use super::model::order::Sort;
use super::state::{Origin, Ticket};
use super::transfer::Handed;
use crate::boot::study::Study;
use crate::disc::index::Index;
use crate::disc::tree::{FileTree, Folder, FolderId};
use crate::job::{
    CompareTrees, CopyOut, FindRemarks, FindUnseen, Identify, MountTree, PlanExtraction, PrepareTransfer, PreviewJob,
    ReadSums, RunExtraction, SaveFile, StudyBoot, SurveyChecks, VerifyImage,
};
use crate::settings::Settings;

/// What has to happen outside the state.
pub enum Effect {
    /// Start a job; its events come back with the ticket.
    Start(Ticket, Work),
    /// Give up a job; nothing more is heard of it.
    Abandon(Ticket),
    /// Ask a job to end; its end is heard of.
    Cancel(Ticket),
    /// Let the user choose an image.
    ChooseImage,
    /// Let the user choose a folder to extract to, beginning near this one.
    ChooseFolder(PathBuf),
    /// Let the user choose a list of revoked programs.
    ChooseList,
    /// Let the user choose where a file of this name is saved.
    ChooseFile(String),
    /// Draw the picture of how the disc starts, and have it saved in this file by the job of the ticket.
    DrawBoot(Ticket, Arc<Study>, PathBuf),
    /// Show a folder in the system's file manager.
    ShowFolder(PathBuf),
    /// Theme or text size have changed.
    Restyle,
    /// Open this image in a window of its own.
    NewWindow(Origin),
    /// Put text on the clipboard.
    CopyText(String),
    /// Let the mouse go on dragging these files, over other windows too.
    BeginDrag(Box<Handed>),
    /// The files that were dropped are there, or will never be.
    DragFilesAreReady(bool),
    /// Put files on the clipboard, beside text.
    CopyFiles(Box<Handed>, String),
    /// Open a file with the program that the system has for it.
    OpenFile(PathBuf),
    /// The title of the window has changed.
    Title(String),
    /// Close the window.
    Close,
    /// Everything larger (+1), smaller (-1), or as it was (0).
    Zoom(i8),
}

/// A job.
pub enum Work {
    /// Open an image: the newest session, or this one.
    Open(Origin, Option<u32>),
    /// Read a folder.
    ReadFolder(Arc<dyn FileTree>, FolderId),
    /// Find the folders on the way along a `/`-separated path.
    Locate(Arc<dyn FileTree>, String),
    /// Put items in order.
    Sort(Rows, Sort),
    /// Walk over the whole disc, without reading the folder that is known.
    Index(Arc<dyn FileTree>, Option<(FolderId, Arc<Folder>)>),
    /// Search the index.
    Search(Arc<Index>, String),
    /// Make a view for the preview.
    Preview(Box<PreviewJob>),
    /// Look at what an extraction would do.
    Plan(PlanExtraction),
    /// Compare trees.
    Compare(CompareTrees),
    /// Look for what nothing shows.
    Unseen(FindUnseen),
    /// Find out how the disc starts.
    Study(StudyBoot),
    /// Find out what the disc is.
    Identify(Identify),
    /// Look for what the image can be checked by.
    Survey(SurveyChecks),
    /// Check it.
    Verify(VerifyImage),
    /// Look for what is unusual.
    Remarks(FindRemarks),
    /// Read a checksum file.
    ReadSums(ReadSums),
    /// Extract.
    Extract(RunExtraction),
    /// Look at what another program shall get.
    PrepareTransfer(PrepareTransfer),
    /// Copy files for another program.
    CopyOut(CopyOut),
    /// Show all files to other programs.
    Mount(MountTree),
    /// Save a new file, in place of one that is there.
    SaveFile(SaveFile),
    /// Save the settings in this file.
    SaveSettings(Box<Settings>, PathBuf),
}

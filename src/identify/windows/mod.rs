//! Discs of Windows: every edition in their archives, what Setup is told, and answer files; of discs before Windows Vista
//! what their files and names stand for.
//!
//! * [`media`]: the archives, and the editions in them.
//! * [`setup`]: what else lies in the folder of Setup.
//! * [`answers`]: answer files.
//! * [`volume_id`]: what the name of the disc stands for.
//! * [`markers`]: files of discs before Windows Vista.

pub mod answers;
mod claims;
mod facts;
pub mod markers;
pub mod media;
pub mod setup;
pub mod volume_id;

#[cfg(test)]
mod tests;

use super::{Claim, Probe};
use crate::disc::{Result, limits};

pub use answers::AnswerFile;
pub use markers::MarkerGuess;
pub use media::{Archive, WindowsImage};
pub use setup::{BuildSign, SetupSettings};
pub use volume_id::VolumeGuess;

/// All that a disc of Windows tells of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct WindowsMedia {
    /// The editions, and the systems that Setup runs in, in the order of the archives.
    pub images: Vec<WindowsImage>,
    /// The archives of Setup, each part of a split one for itself.
    pub archives: Vec<Archive>,
    /// What else lies in the folder of Setup.
    pub settings: SetupSettings,
    /// Answer files.
    pub answer_files: Vec<AnswerFile>,
    /// The name of the disc.
    pub volume_id: String,
    /// What the name of the disc stands for, where Microsoft gives such names.
    pub named: Option<VolumeGuess>,
    /// Whether that goes together with what is on the disc; `None` when there is nothing to compare.
    pub name_agrees: Option<bool>,
    /// What files of discs before Windows Vista stand for.
    pub markers: Option<MarkerGuess>,
    /// The path that says that the disc brings languages and features for a Windows that is there.
    pub features: Option<String>,
    /// What is worth knowing besides, each a plain sentence without a full stop.
    pub notes: Vec<String>,
}

/// Asks the disc; `None` when nothing says that it is one of Windows. The only error is to be cancelled.
pub fn read(probe: &Probe) -> Result<Option<WindowsMedia>> {
    // Nothing that is looked for stands among as many others.
    if probe.folder("")?.is_some_and(|root| root.entries().len() > limits::SETUP_FOLDER) {
        return Ok(None);
    }
    let folders = media::folders(probe)?;
    let found = media::Archives::read(probe, &folders)?;
    let volume_id = probe.volume().id.clone();
    let named = volume_id::read(&volume_id);
    let (answer_files, answers) = answers::find(probe, &folders)?;
    let has_archives = !found.archives.is_empty();
    let markers = if has_archives { None } else { markers::find(probe)? };
    let features = if has_archives { None } else { markers::features(probe)? };
    let is_automatic = answer_files.iter().any(|file| file.is_automatic);
    if !has_archives && named.is_none() && markers.is_none() && features.is_none() && !is_automatic {
        return Ok(None);
    }
    let settings = SetupSettings::read(probe, &folders)?;
    let mut media = WindowsMedia {
        images: found.images,
        archives: found.archives,
        settings,
        answer_files,
        volume_id,
        named,
        name_agrees: None,
        markers,
        features,
        notes: Vec::new(),
    };
    media.name_agrees = media.agreement();
    let mut notes = media.contradictions();
    notes.extend(found.notes);
    notes.extend(media.about_setup());
    notes.extend(answers);
    media.notes = notes;
    Ok(Some(media))
}

impl WindowsMedia {
    /// What of it can be said in the words that all kinds of discs have in common, that which the disc states first.
    pub fn claims(&self) -> Vec<Claim> {
        claims::of(self)
    }

    /// The editions that can be installed.
    pub fn editions(&self) -> impl Iterator<Item = &WindowsImage> {
        self.images.iter().filter(|image| !image.is_pe)
    }
}

//! What a disc is: which product, in which version, for which computers, made when and with which program.
//!
//! All of it is read from the disc itself. Nothing is asked over a network, and nothing of the disc is run.
//!
//! * [`claim`]: what is said of a disc, by what on it, and how sure that is.
//! * [`probe`]: reading the few files that tell, within a budget.
//! * [`fields`]: the names that a disc records, and which files it has: what the rules go by.
//! * [`rules`]: products by a table of rules that is data.
//! * [`markers`]: files that makers put on their discs to say what they are; [`os_release`] is one of them,
//!   which may lie inside of the packed file system of a live system.
//! * [`windows`]: discs of Windows, with every edition in their archives.
//! * [`writer`]: the program that wrote the image; [`made`]: when.
//! * [`osinfo`]: a database that the computer may have, for discs that do not state their product themselves.
//!
//! As in [`disc`](crate::disc), every number comes from the image and is checked before it is used.
#![warn(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

pub mod claim;
pub mod fields;
mod live_root;
pub mod made;
pub mod markers;
pub mod os_release;
pub mod osinfo;
pub mod probe;
pub mod rules;
mod title;
pub mod windows;
mod words;
pub mod writer;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::disc::{Image, Result, limits};

pub use claim::{Certainty, Claim, Evidence, Subject};
pub use fields::{DiscFiles, Fields, Files};
pub use probe::Probe;
pub use windows::WindowsMedia;

/// All that a disc tells of what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Identity {
    /// What is said, by subject, and the most trustworthy of each first. Contradictions stay.
    pub claims: Vec<Claim>,
    /// What is worth knowing besides, each a plain sentence without a full stop.
    pub notes: Vec<String>,
    /// What a disc of Windows tells besides, with every edition in its archives.
    pub windows: Option<WindowsMedia>,
}

impl Identity {
    /// Asks the disc. What cannot be read says nothing; the only error is to be cancelled.
    pub fn read(image: &Image) -> Result<Self> {
        let probe = Probe::new(image);
        let names = Fields::read(&probe)?;
        let files = DiscFiles::new(&probe);
        let windows = windows::read(&probe)?;
        let mut claims = windows.as_ref().map(WindowsMedia::claims).unwrap_or_default();
        claims.extend(product_claims(&names, &files)?);
        claims.extend(live_root::claims(&probe)?);
        claims.extend(writer::claims(&probe, &names, &files)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (dates, mut notes) = made::claims(probe.volume(), i64::try_from(now).unwrap_or(i64::MAX));
        claims.extend(dates);
        notes.extend(windows.iter().flat_map(|windows| windows.notes.iter().cloned()));
        Ok(Self { windows, ..Self::from_claims(claims, notes) })
    }

    /// What the claims come to, which stand in the order of trust.
    pub fn from_claims(claims: Vec<Claim>, notes: Vec<String>) -> Self {
        Self { claims: title::in_order(claims, limits::IDENTITY_CLAIMS), notes, windows: None }
    }

    /// Adds claims that were found elsewhere, such as inside of a packed file system or in a [database](osinfo). What the
    /// disc says itself is trusted more, where both are as certain.
    pub fn add(&mut self, claims: Vec<Claim>) {
        let all = std::mem::take(&mut self.claims).into_iter().chain(claims);
        self.claims = title::in_order(all.collect(), limits::IDENTITY_CLAIMS);
    }

    /// As [`read`](Self::read). Where the disc does not state its product itself, the database of operating systems that
    /// the computer may have is asked besides.
    pub fn read_and_ask(image: &Image) -> Result<Self> {
        let mut identity = Self::read(image)?;
        let product = identity.best(Subject::Product);
        if product.is_none_or(|claim| claim.certainty == Certainty::Guess) {
            identity.add_osinfo(Path::new(osinfo::FOLDER), image);
        }
        Ok(identity)
    }

    /// Adds what the database of operating systems in `folder` (see [`osinfo::FOLDER`]) says of the names of `image`. It
    /// reads some hundred files.
    pub fn add_osinfo(&mut self, folder: &Path, image: &Image) {
        self.add(osinfo::claims(folder, &Fields::of(image.volume())));
    }

    /// The disc in one line for people, such as `Debian 12.5.0 netinst (amd64)`, not yet escaped for display. `None` when it
    /// does not tell a product.
    pub fn title(&self) -> Option<String> {
        title::title(&self.claims)
    }

    /// All that is said of `subject`, the most trustworthy first.
    pub fn all(&self, subject: Subject) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.subject == subject)
    }

    /// All that is stated of `subject`: a disc may hold several editions, languages and so on.
    pub fn stated(&self, subject: Subject) -> impl Iterator<Item = &Claim> {
        self.all(subject).filter(|claim| claim.certainty == Certainty::Stated)
    }

    /// What is most likely true of `subject`.
    pub fn best(&self, subject: Subject) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.subject == subject)
    }

    /// True when the disc says nothing of what it is.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }
}

/// What the names and the files of a disc tell of the product, in the order of trust. It needs no image, so that what is
/// known of discs can be held against it. The only error is to be cancelled.
pub fn product_claims(names: &Fields, files: &dyn Files) -> Result<Vec<Claim>> {
    let mut claims = markers::claims(files)?;
    claims.extend(rules::claims(names, files)?);
    if !claims.iter().any(|claim| claim.subject == Subject::Product) {
        claims.extend(markers::menus::claims(files)?);
    }
    Ok(claims)
}

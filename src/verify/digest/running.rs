//! A digest that is made while the image is read.

use super::algorithm::{Algorithm, Digest, Hasher, hasher};
use crate::disc::{Extent, Result, Source};
use crate::verify::pass::{self, Reading};
use crate::verify::work::Listener;

/// Listens to a run of bytes and makes their digest.
pub struct Running {
    extent: Extent,
    algorithm: Algorithm,
    /// None as soon as bytes are missing: there is no digest then.
    hasher: Option<Box<dyn Hasher>>,
}

impl Running {
    /// Begins the digest of `extent`.
    pub fn new(algorithm: Algorithm, extent: Extent) -> Self {
        Self { extent, algorithm, hasher: Some(hasher(algorithm)) }
    }

    /// What it is made with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digest of what was heard; `None` when some of it could not be read.
    pub fn finish(self) -> Option<Digest> {
        self.hasher.map(Hasher::finish)
    }
}

impl Listener for Running {
    fn extent(&self) -> Extent {
        self.extent
    }

    fn hear(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    fn miss(&mut self, _: u64) {
        self.hasher = None;
    }
}

/// The digests of all of `source`, made in one reading, in the order of `algorithms`; `None` where bytes could not be read.
/// `progress` is told of every so many bytes.
pub fn digests(
    source: &dyn Source,
    algorithms: &[Algorithm],
    progress: &mut dyn FnMut(u64),
) -> Result<(Vec<Option<Digest>>, Reading)> {
    let whole = Extent::new(0, source.len());
    let mut running: Vec<Running> = algorithms.iter().map(|algorithm| Running::new(*algorithm, whole)).collect();
    let mut listeners: Vec<&mut dyn Listener> =
        running.iter_mut().map(|running| running as &mut dyn Listener).collect();
    let reading = pass::read(source, &mut listeners, progress)?;
    Ok((running.into_iter().map(Running::finish).collect(), reading))
}

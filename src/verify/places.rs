//! The files that have bytes at some places of the image.

use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Extent, Image, Result, limits, text};

/// The files of the default tree that have bytes in one of `places`, which stand in order, each with the first such run of
/// them; at most [`limits::BAD_PLACES`]. What cannot be read names no file; the only error is to be cancelled.
pub(super) fn files_at(image: &Image, places: &[Extent]) -> Result<Vec<(String, Extent)>> {
    let mut files = Vec::new();
    if places.is_empty() {
        return Ok(files);
    }
    for Step { path, folder, .. } in Walk::new(image.default_tree().clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        for entry in folder.entries().iter().filter(|entry| entry.is_file()) {
            let hit = entry.content.extents().iter().find_map(|extent| shared(places, *extent));
            if let Some(hit) = hit {
                files.push((text::join(&path, folder.name(entry)), hit));
                if files.len() >= limits::BAD_PLACES {
                    return Ok(files);
                }
            }
        }
    }
    Ok(files)
}

/// The first bytes that `extent` shares with one of `places`.
fn shared(places: &[Extent], extent: Extent) -> Option<Extent> {
    let first = places.partition_point(|place| place.end() <= extent.offset);
    places.get(first).filter(|_| extent.is_somewhere())?.shared(extent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_begins_and_ends_where_both_do() {
        let places = [Extent::new(100, 50), Extent::new(300, 10)];
        assert_eq!(shared(&places, Extent::new(0, 100)), None);
        assert_eq!(shared(&places, Extent::new(0, 101)), Some(Extent::new(100, 1)));
        assert_eq!(shared(&places, Extent::new(140, 100)), Some(Extent::new(140, 10)));
        assert_eq!(shared(&places, Extent::new(150, 1000)), Some(Extent::new(300, 10)));
        assert_eq!(shared(&places, Extent::new(310, 5)), None);
    }
}

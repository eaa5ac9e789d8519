//! The window without its looks, on the sample disc.

use crate::disc::tree::FolderId;

/// The place of some root folder: good enough where only equality matters.
pub(crate) fn root_id() -> FolderId {
    let source = crate::disc::source::MemorySource::new(&include_bytes!("../../assets/sample.iso")[..]);
    let image = crate::disc::Image::open(std::sync::Arc::new(source)).unwrap();
    image.default_tree().root()
}

//! The icons of the window: Material Symbols, of which `assets/fonts/subset.sh` keeps exactly those named here.

/// A folder.
pub const FOLDER: &str = "\u{e2c7}";

/// An open folder, and the command that opens something.
pub const FOLDER_OPEN: &str = "\u{e2c8}";

/// A file of no particular kind.
pub const FILE: &str = "\u{e66d}";

/// A text.
pub const TEXT: &str = "\u{e873}";

/// A picture.
pub const PICTURE: &str = "\u{e3f4}";

/// A film.
pub const VIDEO: &str = "\u{e404}";

/// A sound.
pub const AUDIO: &str = "\u{e405}";

/// A program or script.
pub const PROGRAM: &str = "\u{eb8e}";

/// Source text and settings.
pub const CODE: &str = "\u{e86f}";

/// An archive.
pub const ARCHIVE: &str = "\u{e149}";

/// A document.
pub const BOOK: &str = "\u{ef42}";

/// A symbolic link.
pub const LINK: &str = "\u{e250}";

/// A device.
pub const DEVICE: &str = "\u{e30d}";

/// A boot image.
pub const CHIP: &str = "\u{e322}";

/// A partition.
pub const PARTITION: &str = "\u{f80e}";

/// Data besides the content of a file.
pub const STREAMS: &str = "\u{e2bc}";

/// The disc.
pub const DISC: &str = "\u{e019}";

/// A session.
pub const LAYERS: &str = "\u{e53b}";

/// Settings.
pub const SETTINGS: &str = "\u{e8b8}";

/// Search.
pub const SEARCH: &str = "\u{ef7a}";

/// Back.
pub const BACK: &str = "\u{e5c4}";

/// Forward.
pub const FORWARD: &str = "\u{e5c8}";

/// Up.
pub const UP: &str = "\u{e5d8}";

/// Close.
pub const CLOSE: &str = "\u{e5cd}";

/// A closed branch, and what separates the parts of a path.
pub const COLLAPSED: &str = "\u{e5cc}";

/// An open branch, and a menu that opens downwards.
pub const EXPANDED: &str = "\u{e5cf}";

/// Sorted from large to small.
pub const SORT_DOWN: &str = "\u{e313}";

/// Sorted from small to large.
pub const SORT_UP: &str = "\u{e316}";

/// Something is wrong.
pub const WARNING: &str = "\u{f083}";

/// Something failed.
pub const ERROR: &str = "\u{f8b6}";

/// Something worth knowing.
pub const INFO: &str = "\u{e88e}";

/// Done.
pub const DONE: &str = "\u{e668}";

/// Chosen, in a menu.
pub const CHECK: &str = "\u{e5ca}";

/// Copy.
pub const COPY: &str = "\u{e14d}";

/// Extract.
pub const EXTRACT: &str = "\u{f090}";

/// Hidden.
pub const HIDDEN: &str = "\u{e8f5}";

/// More.
pub const MORE: &str = "\u{e5d3}";

/// Recent.
pub const HISTORY: &str = "\u{e8b3}";

/// Columns.
pub const COLUMNS: &str = "\u{e8ec}";

/// Keyboard.
pub const KEYBOARD: &str = "\u{e312}";

/// Fit.
pub const FIT: &str = "\u{ea10}";

/// Nothing here.
pub const EMPTY: &str = "\u{e156}";

/// Wrap lines.
pub const WRAP: &str = "\u{e25b}";

/// Bytes.
pub const HEX: &str = "\u{e9ef}";

/// Encoding.
pub const FONT: &str = "\u{e167}";

/// Larger.
pub const ZOOM_IN: &str = "\u{e8ff}";

/// Smaller.
pub const ZOOM_OUT: &str = "\u{e900}";

/// Stop.
pub const STOP: &str = "\u{ef71}";

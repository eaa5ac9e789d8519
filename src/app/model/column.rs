//! The columns of the table.

use crate::settings::ColumnSetting;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// Icon and name. Always there, always first.
    Name,
    /// The folder that holds the item; only for what a search found.
    Folder,
    /// Bytes that reading gives.
    Size,
    /// Last change.
    Modified,
    /// What it is, in words.
    Kind,
    /// Number of the first block of 2,048 bytes.
    FirstBlock,
    /// Bytes on the disc.
    StoredSize,
    /// POSIX permissions.
    Mode,
    /// User and group.
    Owner,
    /// Creation.
    Created,
    /// Last access.
    Accessed,
    /// Last change of an attribute.
    Changed,
    /// Absolute byte offset; only for partitions.
    Start,
    /// The file systems inside; only for partitions.
    Contents,
}

impl Column {
    /// The columns that can be shown or hidden, in the order in which they stand.
    pub const OPTIONAL: [Self; 10] = [
        Self::Size,
        Self::Modified,
        Self::Kind,
        Self::FirstBlock,
        Self::StoredSize,
        Self::Mode,
        Self::Owner,
        Self::Created,
        Self::Accessed,
        Self::Changed,
    ];

    /// Its heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Folder => "Folder",
            Self::Size => "Size",
            Self::Modified => "Modified",
            Self::Kind => "Kind",
            Self::FirstBlock => "First block",
            Self::StoredSize => "Size on disc",
            Self::Mode => "Permissions",
            Self::Owner => "Owner",
            Self::Created => "Created",
            Self::Accessed => "Accessed",
            Self::Changed => "Changed",
            Self::Start => "Starts at byte",
            Self::Contents => "Contents",
        }
    }

    /// Its name in the settings.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Folder => "folder",
            Self::Size => "size",
            Self::Modified => "modified",
            Self::Kind => "kind",
            Self::FirstBlock => "first-block",
            Self::StoredSize => "size-on-disc",
            Self::Mode => "permissions",
            Self::Owner => "owner",
            Self::Created => "created",
            Self::Accessed => "accessed",
            Self::Changed => "changed",
            Self::Start => "start",
            Self::Contents => "contents",
        }
    }

    /// What the heading means, for its tooltip.
    pub fn tooltip(self) -> &'static str {
        match self {
            Self::Name => "Sort by name",
            Self::Folder => "Sort by the folder that holds the file",
            Self::Size => "Sort by size",
            Self::Modified => "Sort by the last change, as the clock of the mastering computer showed it",
            Self::Kind => "Sort by kind",
            Self::FirstBlock => "Sort by place: the block of 2,048 bytes where the data begins",
            Self::StoredSize => "Sort by the bytes that the data takes on the disc",
            Self::Mode => "Sort by permissions",
            Self::Owner => "Sort by user and group",
            Self::Created => "Sort by creation",
            Self::Accessed => "Sort by last access",
            Self::Changed => "Sort by the last change of name, owner or permissions",
            Self::Start => "Sort by place: the byte of the image where it begins",
            Self::Contents => "Sort by what is inside: partitions with a file tree can be opened",
        }
    }

    /// Numbers stand on the right.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Size | Self::StoredSize | Self::FirstBlock | Self::Start)
    }

    /// Width in points until the user drags it.
    pub fn default_width(self) -> f32 {
        match self {
            Self::Name => 320.0,
            Self::Folder => 220.0,
            Self::Size | Self::StoredSize => 92.0,
            Self::FirstBlock => 92.0,
            Self::Start => 120.0,
            Self::Modified | Self::Created | Self::Accessed | Self::Changed => 136.0,
            Self::Kind | Self::Contents => 140.0,
            Self::Mode => 100.0,
            Self::Owner => 92.0,
        }
    }

    /// Whether the first sort by it starts with the largest.
    pub fn starts_descending(self) -> bool {
        use Column::{Accessed, Changed, Created, Modified, Size, StoredSize};
        matches!(self, Size | StoredSize | Modified | Created | Accessed | Changed)
    }
}

/// What a list is of: that decides its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// What stands in one place.
    Folder,
    /// What a search found in many folders.
    Found,
    /// Partitions, of which other things are known than of files.
    Partitions,
}

/// Which columns are shown, and how wide they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    shown: Vec<Column>,
    widths: Vec<(Column, f32)>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { shown: vec![Column::Size, Column::Modified, Column::Kind], widths: Vec::new() }
    }
}

impl Columns {
    /// The columns of a list from left to right.
    pub fn visible(&self, list: ListKind) -> Vec<Column> {
        if list == ListKind::Partitions {
            return vec![Column::Name, Column::Size, Column::Start, Column::Contents];
        }
        let mut columns = vec![Column::Name];
        columns.extend((list == ListKind::Found).then_some(Column::Folder));
        columns.extend(Column::OPTIONAL.into_iter().filter(|column| self.shown.contains(column)));
        columns
    }

    /// True when `column` is shown.
    pub fn is_shown(&self, column: Column) -> bool {
        self.shown.contains(&column)
    }

    /// Shows or hides `column`.
    pub fn toggle(&mut self, column: Column) {
        match self.shown.iter().position(|shown| *shown == column) {
            Some(at) => {
                self.shown.remove(at);
            }
            None => self.shown.push(column),
        }
    }

    /// As the settings remember them: every column that is shown, with its width.
    pub fn to_settings(&self) -> Vec<ColumnSetting> {
        let shown = Column::OPTIONAL.into_iter().filter(|column| self.is_shown(*column));
        let columns = self.width(Column::Name).map(|_| Column::Name).into_iter().chain(shown);
        let width = |column: Column| self.width(column).unwrap_or(column.default_width());
        columns.map(|column| ColumnSetting { name: column.slug().to_owned(), width: width(column) }).collect()
    }

    /// What the settings remember; the usual columns where that is nothing.
    pub fn from_settings(settings: &[ColumnSetting]) -> Self {
        if settings.is_empty() {
            return Self::default();
        }
        let mut columns = Self { shown: Vec::new(), widths: Vec::new() };
        for setting in settings {
            let known = [Column::Name].into_iter().chain(Column::OPTIONAL).find(|column| column.slug() == setting.name);
            if let Some(column) = known {
                if column != Column::Name && !columns.is_shown(column) {
                    columns.shown.push(column);
                }
                let usual = (setting.width - column.default_width()).abs() < 0.5;
                columns.set_width(column, (!usual).then_some(setting.width));
            }
        }
        columns
    }

    /// The width that the user gave to `column`.
    pub fn width(&self, column: Column) -> Option<f32> {
        self.widths.iter().find(|(known, _)| *known == column).map(|(_, width)| *width)
    }

    /// Gives `column` a width, or lets it find its own again.
    pub fn set_width(&mut self, column: Column, width: Option<f32>) {
        self.widths.retain(|(known, _)| *known != column);
        self.widths.extend(width.map(|width| (column, width.clamp(48.0, 2000.0))));
    }
}

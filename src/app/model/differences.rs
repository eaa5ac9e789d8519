//! The findings of a comparison as one long list of headings and rows.

use std::sync::Arc;

use crate::disc::tree::TreeId;
use crate::job::Compared;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// What only the left tree has.
    OnlyLeft,
    /// What only the right tree has.
    OnlyRight,
    /// What has another size, time or content.
    Different,
    /// What stands in another folder.
    Elsewhere,
    /// What has another name.
    Names,
}

impl Group {
    /// All groups, in the order of the list.
    pub const ALL: [Self; 5] = [Self::OnlyLeft, Self::OnlyRight, Self::Different, Self::Elsewhere, Self::Names];
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The heading of a group.
    Heading(Group),
    /// A finding, by its place in the group.
    Finding(Group, usize),
}

/// The list. Groups without findings are left out.
#[derive(Debug, Clone)]
pub struct Differences {
    compared: Arc<Compared>,
    folded: Vec<Group>,
}

impl Differences {
    /// The list of what was found; everything unfolded.
    pub fn new(compared: Arc<Compared>) -> Self {
        Self { compared, folded: Vec::new() }
    }

    /// What was found.
    pub fn compared(&self) -> &Arc<Compared> {
        &self.compared
    }

    /// Number of findings in a group.
    pub fn count(&self, group: Group) -> usize {
        let comparison = &self.compared.comparison;
        match group {
            Group::OnlyLeft => comparison.only_left.len(),
            Group::OnlyRight => comparison.only_right.len(),
            Group::Different => comparison.differences.len(),
            Group::Elsewhere => comparison.elsewhere.len(),
            Group::Names => comparison.names.len(),
        }
    }

    /// True when only the heading of a group is listed.
    pub fn is_folded(&self, group: Group) -> bool {
        self.folded.contains(&group)
    }

    /// Folds a group, or unfolds it.
    pub fn fold(&mut self, group: Group) {
        match self.folded.iter().position(|folded| *folded == group) {
            Some(at) => drop(self.folded.remove(at)),
            None => self.folded.push(group),
        }
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        Group::ALL.into_iter().map(|group| self.lines_of(group)).sum()
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The line at `row`.
    pub fn line(&self, row: usize) -> Option<Line> {
        let mut first = 0;
        for group in Group::ALL {
            let lines = self.lines_of(group);
            if row < first + lines {
                return Some(match row - first {
                    0 => Line::Heading(group),
                    below => Line::Finding(group, below - 1),
                });
            }
            first += lines;
        }
        None
    }

    fn lines_of(&self, group: Group) -> usize {
        match self.count(group) {
            0 => 0,
            _ if self.is_folded(group) => 1,
            count => count + 1,
        }
    }

    /// Where a finding stands: the tree and the path there. What both trees have is shown in `shown` where that is one of
    /// them.
    pub fn place(&self, group: Group, at: usize, shown: TreeId) -> Option<(TreeId, &str)> {
        let comparison = &self.compared.comparison;
        let [left, right] = self.compared.trees;
        let pair = match group {
            Group::OnlyLeft => return Some((left, &comparison.only_left.get(at)?.path)),
            Group::OnlyRight => return Some((right, &comparison.only_right.get(at)?.path)),
            Group::Different => &comparison.differences.get(at)?.paths,
            Group::Elsewhere => comparison.elsewhere.get(at)?,
            Group::Names => comparison.names.get(at)?,
        };
        Some(if shown == right { (right, &pair.right) } else { (left, &pair.left) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::Diagnostics;
    use crate::disc::compare::{Comparison, Lone, Options, Pair};
    use crate::disc::tree::{Kind, TreeKind};

    fn found() -> Differences {
        let lone = |path: &str| Lone { path: path.to_owned(), kind: Kind::File, size: Some(1), inside: 0 };
        let comparison = Comparison {
            left: TreeKind::RockRidge,
            right: TreeKind::Joliet,
            matched: 9,
            renamed: 1,
            names: vec![Pair { left: "a".to_owned(), right: "b".to_owned() }],
            only_left: Vec::new(),
            only_right: vec![lone("x"), lone("y")],
            elsewhere: Vec::new(),
            differences: Vec::new(),
            unlisted: 0,
            diagnostics: Diagnostics::default(),
        };
        let trees = [TreeKind::RockRidge.into(), TreeKind::Joliet.into()];
        Differences::new(Arc::new(Compared { trees, options: Options::default(), sentence: None, comparison }))
    }

    #[test]
    fn every_line_has_its_place_whatever_is_folded() {
        let mut list = found();
        let lines = |list: &Differences| (0..list.len() + 1).map(|row| list.line(row)).collect::<Vec<_>>();
        let heading = |group| Some(Line::Heading(group));
        let finding = |group, at| Some(Line::Finding(group, at));
        assert_eq!(
            lines(&list),
            [
                heading(Group::OnlyRight),
                finding(Group::OnlyRight, 0),
                finding(Group::OnlyRight, 1),
                heading(Group::Names),
                finding(Group::Names, 0),
                None
            ]
        );
        list.fold(Group::OnlyRight);
        assert_eq!(lines(&list), [heading(Group::OnlyRight), heading(Group::Names), finding(Group::Names, 0), None]);
        list.fold(Group::OnlyRight);
        assert_eq!(list.len(), 5);
    }

    #[test]
    fn what_both_have_is_shown_where_one_is() {
        let list = found();
        let [left, right] = list.compared().trees;
        assert_eq!(list.place(Group::Names, 0, left), Some((left, "a")));
        assert_eq!(list.place(Group::Names, 0, right), Some((right, "b")));
        assert_eq!(list.place(Group::Names, 0, TreeKind::Udf.into()), Some((left, "a")));
        assert_eq!(list.place(Group::OnlyRight, 1, left), Some((right, "y")));
        assert_eq!(list.place(Group::OnlyRight, 2, left), None);
    }
}

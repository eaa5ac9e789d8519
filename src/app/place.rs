//! Where the window is on the disc, and where it was before.

use std::sync::Arc;

use crate::disc::part::PartGroup;
use crate::disc::text;
use crate::disc::tree::FolderId;

/// One folder on the way down from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Where it lies.
    pub id: FolderId,
    /// Its name on the disc, not yet escaped for display.
    pub name: String,
}

/// What the table shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The folder at the end of this path; the root when it is empty.
    Folder(Arc<[Crumb]>),
    /// Parts of the image that stand in no tree.
    Parts(PartGroup),
}

impl Place {
    /// The folder at the top.
    pub fn root() -> Self {
        Self::Folder(Arc::default())
    }

    /// The folders on the way; empty for what is no folder.
    pub fn crumbs(&self) -> &[Crumb] {
        match self {
            Self::Folder(crumbs) => crumbs,
            Self::Parts(_) => &[],
        }
    }

    /// The place that holds this one.
    pub fn parent(&self) -> Option<Self> {
        match self {
            Self::Folder(crumbs) => crumbs.split_last().map(|(_, above)| Self::Folder(above.into())),
            Self::Parts(_) => Some(Self::root()),
        }
    }

    /// The folder `name` in this one.
    pub fn child(&self, id: FolderId, name: &str) -> Self {
        let mut crumbs = self.crumbs().to_vec();
        crumbs.push(Crumb { id, name: name.to_owned() });
        Self::Folder(crumbs.into())
    }

    /// The `/`-separated path on the disc; empty for the root.
    pub fn path(&self) -> String {
        let names: Vec<_> = self.crumbs().iter().map(|crumb| text::path_component(&crumb.name)).collect();
        names.join("/")
    }

    /// The name of the entry that leads from here towards `other`, where `other` lies below.
    pub fn towards(&self, other: &Self) -> Option<String> {
        let (here, there) = (self.crumbs(), other.crumbs());
        let below = matches!((self, other), (Self::Folder(_), Self::Folder(_))) && there.starts_with(here);
        below.then(|| there.get(here.len()).map(|crumb| crumb.name.clone())).flatten()
    }
}

/// Places kept for going back.
const HISTORY: usize = 200;

/// The way here.
#[derive(Debug, Clone, Default)]
pub struct History {
    back: Vec<Place>,
    forward: Vec<Place>,
}

impl History {
    /// Notes that `from` was left for a place of the user's choice.
    pub fn leave(&mut self, from: Place) {
        self.forward.clear();
        if self.back.last() != Some(&from) {
            self.back.push(from);
        }
        if self.back.len() > HISTORY {
            self.back.remove(0);
        }
    }

    /// The place before, when the present one is `from`.
    pub fn go_back(&mut self, from: Place) -> Option<Place> {
        let place = self.back.pop()?;
        self.forward.push(from);
        Some(place)
    }

    /// The place that was left by going back.
    pub fn go_forward(&mut self, from: Place) -> Option<Place> {
        let place = self.forward.pop()?;
        self.back.push(from);
        Some(place)
    }

    /// True when there is a way back.
    pub fn can_go_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// True when there is a way forward.
    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(names: &[&str]) -> Place {
        let tree = crate::app::tests::root_id();
        let crumbs: Vec<Crumb> = names.iter().map(|name| Crumb { id: tree, name: (*name).to_owned() }).collect();
        Place::Folder(crumbs.into())
    }

    #[test]
    fn going_back_and_forward_ends_where_it_began() {
        let mut history = History::default();
        history.leave(place(&[]));
        history.leave(place(&["a"]));
        assert_eq!(history.go_back(place(&["a", "b"])), Some(place(&["a"])));
        assert_eq!(history.go_back(place(&["a"])), Some(place(&[])));
        assert!(!history.can_go_back());
        assert_eq!(history.go_forward(place(&[])), Some(place(&["a"])));
        history.leave(place(&["a"]));
        assert!(!history.can_go_forward(), "a new way forgets the old one");
    }

    #[test]
    fn a_place_knows_what_leads_to_another() {
        assert_eq!(place(&["a"]).towards(&place(&["a", "b", "c"])).as_deref(), Some("b"));
        assert_eq!(place(&["a"]).towards(&place(&["x"])), None);
        assert_eq!(place(&["a"]).towards(&place(&["a"])), None);
        assert_eq!(place(&["a", "b/c"]).path(), "a/b\\x2fc");
        assert_eq!(place(&["a", "b"]).parent(), Some(place(&["a"])));
        assert_eq!(place(&[]).parent(), None);
    }
}

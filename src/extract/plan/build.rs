//! Making a plan: the tree is walked once, and every entry gets its name and its fate.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::naming::{self, Meets};
use super::selection::{self, Chosen, Loose, Selection};
use super::{Action, Batch, Ground, Options, Plan, PlanError, Planned, Room, Skip, Text, Totals};
use crate::disc::text::{self, path_component};
use crate::disc::time::Timestamp;
use crate::disc::tree::{Entry, FileTree, Folder, FolderId, Kind, State};
use crate::disc::walk::Walk;
use crate::disc::{Diagnostics, Error, limits};
use crate::extract::name::{self, Changes, Component};

/// Room that is left beside what the files need, for folders and for what else happens on the volume.
const SLACK: u64 = 16 << 20;

impl Plan {
    /// Plans the extraction of `selection` from `tree` to `ground`. `progress` is told the number of entries so far.
    ///
    /// To cancel, give a tree whose source does, such as [`FileTree::with_source`] makes.
    pub fn make(
        tree: &Arc<dyn FileTree>,
        selection: &Selection,
        options: impl Into<Options>,
        ground: &dyn Ground,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, PlanError> {
        let mut builder = Builder::new(options.into(), ground, tree.source().len(), progress);
        builder.plan.tree = Some(tree.clone());
        match selection {
            Selection::Everything => builder.add_everything(tree)?,
            Selection::Entries(chosen) => builder.add_entries(tree, chosen)?,
            Selection::Paths(paths) => match selection::nodes(&**tree, paths)? {
                Some(nodes) => builder.add_nodes(tree, &nodes)?,
                None => builder.add_everything(tree)?,
            },
        }
        Ok(builder.finish())
    }

    /// Plans the extraction of files that stand in no tree, such as boot images.
    pub fn of_loose(files: &[Loose], options: impl Into<Options>, ground: &dyn Ground) -> Result<Self, PlanError> {
        let mut progress = |_| {};
        let size = files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.source.len()));
        let mut builder = Builder::new(options.into(), ground, size, &mut progress);
        builder.plan.loose = files.iter().map(|file| file.source.clone()).collect();
        let items = files.iter().enumerate().map(|(index, file)| Item {
            index,
            name: &file.name,
            from: path_component(&file.name),
            is_folder: false,
            target: None,
            size: file.size,
            place: 0,
            skip: (file.source.len() < file.size).then_some(Skip::Partly),
        });
        builder.place(Plan::TOP, None, vec![Group { disc: None, items: items.collect() }])?;
        Ok(builder.finish())
    }
}

/// Entries of one folder of the disc.
struct Group<'f> {
    disc: Option<FolderId>,
    items: Vec<Item<'f>>,
}

/// What a plan must know of an entry.
struct Item<'f> {
    index: usize,
    name: &'f str,
    from: Cow<'f, str>,
    is_folder: bool,
    /// Where a symbolic link leads.
    target: Option<&'f str>,
    size: u64,
    /// Where its data lies.
    place: u64,
    skip: Option<Skip>,
}

impl<'f> Item<'f> {
    /// What becomes of it, `depth` folders below the destination, unless something there is in the way.
    fn action(&self, options: Options, depth: usize) -> Action {
        match (self.skip, self.target) {
            (Some(Skip::Partly), _) if options.keep_damaged => Action::Rescue,
            (Some(Skip::Link), Some(target)) if options.links && cfg!(unix) => match leads_inside(target, depth) {
                true => Action::Link,
                false => Action::Skip(Skip::LinkOutside),
            },
            (Some(skip), _) => Action::Skip(skip),
            (None, _) if self.is_folder => Action::Folder,
            (None, _) => Action::File,
        }
    }

    /// The name that it would like to have.
    fn wanted(&self, action: Action) -> Cow<'f, str> {
        if action == Action::Rescue { Cow::Owned(name::damaged(self.name)) } else { Cow::Borrowed(self.name) }
    }
}

/// True when a symbolic link to `target`, `depth` folders below the destination, leads to something inside of it.
/// A `..` counts only at the start: behind the name of another link it would lead elsewhere than it seems to.
pub(crate) fn leads_inside(target: &str, depth: usize) -> bool {
    let (mut up, mut down) = (0, false);
    for component in target.split('/').filter(|component| !component.is_empty() && *component != ".") {
        match component {
            ".." if down => return false,
            ".." => up += 1,
            _ => down = true,
        }
    }
    !target.is_empty() && !target.starts_with('/') && !target.contains('\0') && up <= depth
}

/// A folder of the plan that is still to be filled.
struct Pending {
    entry: u32,
    modified: Option<Timestamp>,
}

struct Builder<'a> {
    plan: Plan,
    ground: &'a dyn Ground,
    image_len: u64,
    progress: &'a mut dyn FnMut(u64),
    /// Folders of the plan that the destination has already.
    present: HashSet<u32>,
}

impl<'a> Builder<'a> {
    fn new(options: Options, ground: &'a dyn Ground, image_len: u64, progress: &'a mut dyn FnMut(u64)) -> Self {
        let plan = Plan {
            tree: None,
            loose: Vec::new(),
            entries: Vec::new(),
            batches: Vec::new(),
            options,
            text: String::new(),
            trouble: Vec::new(),
            totals: Totals::default(),
            room: Room { needed: 0, free: None },
            over_budget: None,
            diagnostics: Diagnostics::default(),
        };
        Self { plan, ground, image_len, progress, present: HashSet::new() }
    }

    fn add_everything(&mut self, tree: &Arc<dyn FileTree>) -> Result<(), PlanError> {
        self.walk(tree, tree.root(), Pending { entry: Plan::TOP, modified: None })
    }

    /// Entries of any folders, all of which come into the destination itself.
    fn add_entries(&mut self, tree: &Arc<dyn FileTree>, chosen: &[Chosen]) -> Result<(), PlanError> {
        let mut folders: Vec<(FolderId, Folder, Vec<&Chosen>)> = Vec::new();
        let mut known = HashMap::new();
        let mut unique = HashSet::new();
        for chosen in chosen.iter().filter(|chosen| unique.insert((chosen.folder, chosen.index))) {
            let at = match known.get(&chosen.folder) {
                Some(at) => *at,
                None => {
                    folders.push((chosen.folder, tree.read_folder(chosen.folder)?, Vec::new()));
                    known.insert(chosen.folder, folders.len() - 1);
                    folders.len() - 1
                }
            };
            if let Some((.., list)) = folders.get_mut(at) {
                list.push(chosen);
            }
        }
        let mut groups = Vec::new();
        for (id, folder, chosen) in &folders {
            let mut items = Vec::new();
            for chosen in chosen {
                let missing = || PlanError::NotFound(format!("{}/{}", chosen.path, chosen.index));
                let entry = folder.entries().get(chosen.index).ok_or_else(missing)?;
                let mut item = self.item(folder, chosen.index, entry);
                if !chosen.path.is_empty() {
                    item.from = Cow::Owned(format!("{}/{}", chosen.path, item.from));
                }
                items.push(item);
            }
            groups.push(Group { disc: Some(*id), items });
        }
        let made = self.place(Plan::TOP, None, groups)?;
        for (folder, index, entry) in made {
            let of = |id: FolderId| folders.iter().find(|(known, ..)| *known == id);
            let found = folder.and_then(of).and_then(|(_, folder, _)| folder.entries().get(index));
            let Some(found) = found else { continue };
            self.fill(tree, found, entry)?;
        }
        Ok(())
    }

    /// Chosen paths, which keep the folders above them.
    fn add_nodes(&mut self, tree: &Arc<dyn FileTree>, nodes: &[selection::Node]) -> Result<(), PlanError> {
        let mut pending = vec![(0, Pending { entry: Plan::TOP, modified: None })];
        while let Some((at, Pending { entry, modified })) = pending.pop() {
            let Some(node) = nodes.get(at) else { continue };
            let places: std::collections::BTreeSet<_> = node.chosen.iter().chain(node.below.keys()).copied().collect();
            let found = |index: usize| node.folder.entries().get(index);
            let items =
                places.into_iter().filter_map(|index| Some(self.item(&node.folder, index, found(index)?))).collect();
            let made = self.place(entry, modified, vec![Group { disc: Some(node.id), items }])?;
            for (_, index, entry) in made {
                let Some(found) = found(index) else { continue };
                match node.below.get(&index) {
                    Some(below) if !node.chosen.contains(&index) => {
                        pending.push((*below, Pending { entry, modified: found.modified }));
                    }
                    _ => self.fill(tree, found, entry)?,
                }
            }
        }
        Ok(())
    }

    /// Plans everything below the planned folder `at`, which `entry` names on the disc.
    fn fill(&mut self, tree: &Arc<dyn FileTree>, entry: &Entry, at: u32) -> Result<(), PlanError> {
        match tree.folder_of(entry) {
            Some(id) => self.walk(tree, id, Pending { entry: at, modified: entry.modified }),
            None => {
                self.fail(at, "The disc does not say where this folder lies".into());
                Ok(())
            }
        }
    }

    /// Plans everything in and below the folder `id` of the disc, which goes to `pending`.
    fn walk(&mut self, tree: &Arc<dyn FileTree>, id: FolderId, pending: Pending) -> Result<(), PlanError> {
        let mut waiting = HashMap::from([(id, pending)]);
        let mut seen = HashSet::from([id]);
        let mut walk = Walk::below(tree.clone(), id, "");
        let mut visited = 0_u64;
        for step in walk.by_ref() {
            let Some(Pending { entry: at, modified }) = waiting.remove(&step.id) else { continue };
            let folder = match step.folder {
                Ok(folder) => folder,
                Err(error) if error.is_cancelled() || at == Plan::TOP => return Err(error.into()),
                Err(error) => {
                    self.fail(at, error.to_string().into());
                    continue;
                }
            };
            visited = visited.saturating_add(folder.entries().len() as u64);
            let items = folder.entries().iter().enumerate().map(|(index, entry)| self.item(&folder, index, entry));
            let group = Group { disc: Some(step.id), items: items.collect() };
            for (_, index, entry) in self.place(at, modified, vec![group])? {
                let Some(found) = folder.entries().get(index) else { continue };
                match tree.folder_of(found) {
                    None => self.fail(entry, "The disc does not say where this folder lies".into()),
                    Some(_) if step.depth >= limits::WALK_DEPTH => self.skip(entry, Skip::Limit),
                    Some(id) if seen.insert(id) => {
                        waiting.insert(id, Pending { entry, modified: found.modified });
                    }
                    Some(_) => self.skip(entry, Skip::Elsewhere),
                }
            }
        }
        let why = if visited >= limits::WALK_ENTRIES { Skip::Limit } else { Skip::Elsewhere };
        for Pending { entry, .. } in waiting.into_values() {
            self.skip(entry, why);
        }
        self.plan.diagnostics.append(walk.diagnostics().clone());
        Ok(())
    }

    fn item<'f>(&self, folder: &'f Folder, index: usize, entry: &Entry) -> Item<'f> {
        let skip = match entry.kind {
            Kind::Folder => None,
            Kind::Symlink => Some(Skip::Link),
            Kind::File if entry.content.unsupported().is_some() => Some(Skip::Unsupported),
            Kind::File => match entry.state(self.image_len) {
                State::Complete => None,
                State::Partly => Some(Skip::Partly),
                State::Outside => Some(Skip::Outside),
            },
            Kind::CharDevice | Kind::BlockDevice | Kind::Fifo | Kind::Socket => Some(Skip::Special),
        };
        let name = folder.name(entry);
        Item {
            index,
            name,
            from: path_component(name),
            is_folder: entry.is_folder(),
            target: folder.target(entry),
            size: entry.file_size().unwrap_or(0),
            place: entry.content.extents().first().map_or(0, |extent| extent.offset),
            skip,
        }
    }

    /// Gives the items of `groups` their names in the planned folder `at`, and adds them to the plan. Returns the
    /// folders among them that are to be filled: their folder and place on the disc, and their place in the plan.
    fn place(
        &mut self,
        at: u32,
        modified: Option<Timestamp>,
        groups: Vec<Group<'_>>,
    ) -> Result<Vec<(Option<FolderId>, usize, u32)>, PlanError> {
        let existing = self.existing(at)?;
        let (options, depth) = (self.plan.options, self.plan.depth(at));
        let wanted: Vec<_> = groups
            .iter()
            .flat_map(|group| &group.items)
            .map(|item| (item, item.action(options, depth)))
            .filter(|(_, action)| !matches!(action, Action::Skip(_)))
            .map(|(item, action)| (item.wanted(action), item.is_folder))
            .collect();
        let wanted: Vec<_> = wanted.iter().map(|(name, is_folder)| (&**name, *is_folder)).collect();
        let mut given = naming::give(&wanted, &existing, options.on_conflict).into_iter();
        let mut folders = Vec::new();
        for Group { disc, items } in groups {
            let first = self.next();
            self.plan.entries.reserve(items.len());
            for item in &items {
                let from = self.add_text(&item.from);
                let action = item.action(options, depth);
                let given = if matches!(action, Action::Skip(_)) { None } else { given.next() };
                let (to, changes, action) = match given {
                    Some(given) => {
                        let action = match (given.meets, action) {
                            (Meets::Skipped, _) => Action::Skip(Skip::Exists),
                            (Meets::Replaced, Action::File) => Action::Replace,
                            _ => action,
                        };
                        // Mostly the name is the disc's, and one copy of it is enough.
                        let to = if given.name == item.from { from } else { self.add_text(&given.name) };
                        if given.meets == Meets::Folder {
                            self.present.insert(self.next());
                        }
                        (to, given.changes, action)
                    }
                    None => (Text::default(), Changes::default(), action),
                };
                if action == Action::Folder {
                    folders.push((disc, item.index, self.next()));
                }
                let index = u32::try_from(item.index).unwrap_or(u32::MAX);
                self.plan.entries.push(Planned { parent: at, index, from, to, size: item.size, action, changes });
            }
            let mut entries: Vec<u32> = (first..self.next()).collect();
            entries.sort_by_key(|entry| {
                items
                    .get(entry.wrapping_sub(first) as usize)
                    .map_or(0, |item| if item.is_folder { 0 } else { item.place })
            });
            self.plan.batches.push(Batch { folder: at, disc, entries, modified });
        }
        (self.progress)(self.plan.entries.len() as u64);
        Ok(folders)
    }

    /// What the destination has in the planned folder `at`.
    fn existing(&self, at: u32) -> Result<Vec<super::Existing>, PlanError> {
        if at != Plan::TOP && !self.present.contains(&at) {
            return Ok(Vec::new());
        }
        let mut path = Vec::new();
        let mut next = at;
        while let Some(entry) = self.plan.entry(next) {
            // Every name in a plan was made safe.
            path.extend(Component::new(self.plan.text(entry.to)));
            next = entry.parent;
        }
        path.reverse();
        Ok(self.ground.existing(&path)?.unwrap_or_default())
    }

    /// Where the next entry will stand. A plan ends at four thousand million entries, a thousand times what is visited.
    fn next(&self) -> u32 {
        u32::try_from(self.plan.entries.len()).unwrap_or(Plan::TOP)
    }

    fn skip(&mut self, at: u32, why: Skip) {
        self.set_action(at, Action::Skip(why));
    }

    fn fail(&mut self, at: u32, why: Box<str>) {
        self.set_action(at, Action::Unreadable);
        if self.plan.trouble.len() < limits::DIAGNOSTICS {
            self.plan.trouble.push((at, why));
        }
    }

    fn set_action(&mut self, at: u32, action: Action) {
        if let Some(entry) = self.plan.entries.get_mut(at as usize) {
            entry.action = action;
        }
    }

    /// Stores `text` in the arena; nothing when the arena holds 4 GiB already, which no image within the limits does.
    fn add_text(&mut self, text: &str) -> Text {
        let (Ok(start), Ok(len)) = (u32::try_from(self.plan.text.len()), u32::try_from(text.len())) else {
            return Text::default();
        };
        self.plan.text.push_str(text);
        Text { start, len }
    }

    fn finish(mut self) -> Plan {
        self.plan.trouble.sort_by_key(|(at, _)| *at);
        let space = self.ground.space();
        let block = space.map_or(4096, |space| space.block);
        let mut totals = Totals::default();
        let mut needed = 0_u64;
        for entry in &self.plan.entries {
            totals.planned += 1;
            totals.renamed += u64::from(!entry.changes.is_empty() && !matches!(entry.action, Action::Skip(_)));
            match entry.action {
                Action::Folder => {
                    totals.folders += 1;
                    needed = needed.saturating_add(block);
                }
                Action::Link => {}
                Action::File | Action::Replace | Action::Rescue => {
                    totals.files += 1;
                    totals.rescued += u64::from(entry.action == Action::Rescue);
                    totals.replaced += u64::from(entry.action == Action::Replace);
                    totals.bytes = totals.bytes.saturating_add(entry.size);
                    needed = needed.saturating_add(entry.size.div_ceil(block).saturating_mul(block));
                }
                Action::Skip(why) => {
                    totals.skipped += 1;
                    totals.damaged += u64::from(why.is_damage());
                    totals.links += u64::from(why == Skip::Link);
                }
                Action::Unreadable => totals.skipped += 1,
            }
        }
        if totals.bytes > self.image_len.saturating_mul(2) {
            self.plan.over_budget = Some(format!(
                "The files come to {}, more than twice the {} of the image: some share their data or are packed",
                text::size(totals.bytes),
                text::size(self.image_len)
            ));
        }
        let needed = needed.saturating_add(needed / 100).saturating_add(SLACK);
        self.plan.totals = totals;
        self.plan.room = Room { needed, free: space.map(|space| space.free) };
        self.plan
    }
}

impl Plan {
    /// True when the symbolic link `at` to `target` leads to something inside the destination.
    pub(in crate::extract) fn leads_inside(&self, at: u32, target: &str) -> bool {
        self.entry(at).is_some_and(|entry| leads_inside(target, self.depth(entry.parent)))
    }

    /// How many folders the planned folder `at` lies below the destination.
    fn depth(&self, at: u32) -> usize {
        std::iter::successors(self.entry(at), |entry| self.entry(entry.parent)).count()
    }
}

// Cancelling must come through as such, whatever it is wrapped in.
impl PlanError {
    /// True when the job was cancelled: no trouble, nothing to report.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Image(Error::Cancelled))
    }
}

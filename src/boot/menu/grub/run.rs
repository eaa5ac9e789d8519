//! Carrying out a GRUB script as far as that needs no computer.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use super::blocks::{Block, append};
use super::body::{Body, joined, stated};
use super::condition::Decision;
use super::environment::{Environment, Parameters, Value};
use super::lex::{self, Script, Token, Word};
use super::{LOADER, Start};
use crate::boot::menu::lookup::folder_of;
use crate::boot::menu::model::{Entry, Menu, Timeout};
use crate::boot::menu::text::{Line, Reader};
use crate::disc::limits;

/// A menu, and the configuration files that it or its entries open.
pub(in crate::boot::menu) struct Found {
    pub(in crate::boot::menu) menu: Menu,
    pub(in crate::boot::menu) next: Vec<Start>,
}

/// A part of a script that is being carried out: a file, a function, or the block of an entry.
pub(super) struct Frame {
    pub(super) script: Rc<Script>,
    pub(super) at: usize,
    pub(super) end: usize,
    /// Blocks that were open when it began.
    blocks: usize,
    /// Of a function: the parameters of what called it.
    outer: Option<Parameters>,
}

/// An entry whose block is still to be read.
struct Item {
    entry: Entry,
    conditions: Vec<String>,
    script: Rc<Script>,
    start: usize,
    end: usize,
}

pub(super) struct Runner<'a, 'b> {
    pub(super) reader: &'a Reader<'b>,
    pub(super) menu: Menu,
    pub(super) next: Vec<Start>,
    pub(super) environment: Rc<Environment>,
    /// Commands are carried out, not only passed over.
    pub(super) live: bool,
    pub(super) conditions: Vec<String>,
    pub(super) blocks: Vec<Block>,
    pub(super) frames: Vec<Frame>,
    functions: HashMap<String, (Rc<Script>, usize, usize)>,
    items: Vec<Item>,
    /// What the entry that is being read loads; `None` outside of entries.
    pub(super) body: Option<Body>,
    pub(super) depth: usize,
    commands: usize,
    includes: usize,
    /// Variables that were set to something, known or not, with what the script says.
    pub(super) assigned: HashMap<String, String>,
    pub(super) volumes: &'a [&'a str],
    pub(super) unknown_commands: HashSet<String>,
}

/// Carries out the script at `start`. `volumes` are the names of the volume that holds the tree.
pub(in crate::boot::menu) fn parse(reader: &Reader<'_>, start: &Start, volumes: &[&str]) -> Found {
    let mut menu = Menu::new(&start.path, LOADER);
    menu.reached_from.clone_from(&start.reached_from);
    let mut environment = Environment::default();
    environment.set("root", Value::this());
    environment.call_with(&[]);
    // GRUB's own folder, of which architectures have one below.
    let folder = folder_of(&start.path);
    let prefix = match folder.rsplit_once("grub") {
        Some((before, after)) if after.contains('/') => {
            format!("{before}grub{}", after.split('/').next().unwrap_or_default())
        }
        _ => folder.to_owned(),
    };
    environment.set("prefix", Value::guess(&format!("/{prefix}")));
    let mut runner = Runner {
        reader,
        menu,
        next: Vec::new(),
        environment: Rc::new(environment),
        live: true,
        conditions: Vec::new(),
        blocks: Vec::new(),
        frames: Vec::new(),
        functions: HashMap::new(),
        items: Vec::new(),
        body: None,
        depth: 0,
        commands: 0,
        includes: 0,
        assigned: HashMap::new(),
        volumes,
        unknown_commands: HashSet::new(),
    };
    runner.main(&start.path);
    Found { menu: runner.menu, next: runner.next }
}

impl Runner<'_, '_> {
    fn main(&mut self, path: &str) {
        self.push_file(path);
        self.run();
        self.settings();
        let environment = self.environment.clone();
        // Blocks of entries are carried out when the user chooses them, with the variables as they are in the end.
        let mut waiting: Vec<(Item, Rc<Environment>)> = Vec::new();
        let queue = |items: Vec<Item>, environment: &Rc<Environment>, waiting: &mut Vec<(Item, Rc<Environment>)>| {
            waiting.extend(items.into_iter().rev().map(|item| (item, environment.clone())));
        };
        queue(std::mem::take(&mut self.items), &environment, &mut waiting);
        while let Some((item, environment)) = waiting.pop() {
            self.environment = environment;
            Rc::make_mut(&mut self.environment).forget_parameters();
            self.live = true;
            self.conditions.clear();
            self.depth = item.entry.depth.saturating_add(1);
            self.body = (!item.entry.submenu).then(Body::default);
            self.frames.push(Frame { script: item.script, at: item.start, end: item.end, blocks: 0, outer: None });
            self.run();
            let body = self.body.take().unwrap_or_default();
            body.add(&mut self.menu, &item.entry, &item.conditions);
            queue(std::mem::take(&mut self.items), &self.environment.clone(), &mut waiting);
        }
        self.choose_default();
    }

    /// Has a text carried out next, which a command at `line` gave.
    pub(super) fn push_text(&mut self, text: &str, first: &Word) {
        let path = self.path();
        if self.frames.len() > limits::MENU_DEPTH {
            let message = format!("Commands are nested more than {} deep", limits::MENU_DEPTH);
            self.menu.diagnostics.warning(&path, first.line, message);
            return;
        }
        let line = |text: &str| Line { number: first.line, offset: first.offset, text: text.to_owned() };
        let lines: Vec<Line> = text.lines().map(line).collect();
        let script = Rc::new(lex::script(&path, &lines, &mut self.menu.diagnostics));
        let end = script.tokens.len();
        self.frames.push(Frame { script, at: 0, end, blocks: self.blocks.len(), outer: None });
    }

    /// Reads the file at the real path `path`, to be carried out next.
    fn push_file(&mut self, path: &str) {
        let lines = self.reader.lines(path, &mut self.menu.diagnostics);
        let script = Rc::new(lex::script(path, &lines, &mut self.menu.diagnostics));
        let end = script.tokens.len();
        self.frames.push(Frame { script, at: 0, end, blocks: self.blocks.len(), outer: None });
    }

    /// The file of the command that is carried out.
    pub(super) fn path(&self) -> String {
        self.frames.last().map(|frame| frame.script.path.clone()).unwrap_or_default()
    }

    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            let script = frame.script.clone();
            let mut words: Vec<&Word> = Vec::new();
            let mut block = None;
            while frame.at < frame.end {
                let token = script.tokens.get(frame.at);
                frame.at = frame.at.saturating_add(1);
                match token {
                    Some(Token::Word(word)) => words.push(word),
                    Some(Token::Open(close)) => {
                        block = Some((frame.at, (*close).min(frame.end)));
                        break;
                    }
                    Some(Token::End | Token::Close) if words.is_empty() => {}
                    _ => break,
                }
            }
            if words.is_empty() && block.is_none() {
                let (blocks, outer) = (frame.blocks, frame.outer.take());
                self.frames.pop();
                self.close_down_to(blocks);
                outer.into_iter().for_each(|outer| self.take_back(outer));
                continue;
            }
            // Long commands count for more.
            self.commands = self.commands.saturating_add(1).saturating_add(words.len() / 16);
            if self.commands > limits::MENU_COMMANDS {
                let message =
                    format!("The menu has more than {} commands; the rest is left out", limits::MENU_COMMANDS);
                let path = script.path.clone();
                self.menu.diagnostics.warning(&path, 0, message);
                self.frames.clear();
                self.blocks.clear();
                return;
            }
            let (words, negative) = self.reserved(&words);
            let opens = words.first().and_then(|word| word.plain()).unwrap_or_default();
            match (opens, block) {
                ("menuentry" | "submenu" | "hiddenentry", Some((start, end))) => {
                    self.skip_to(end);
                    self.entry(opens, words, &script, start, end);
                }
                ("function", Some((start, end))) => {
                    self.skip_to(end);
                    let name = words.get(1).and_then(|word| word.plain());
                    if let Some(name) = name.filter(|_| self.live && self.functions.len() < limits::MENU_VARIABLES) {
                        self.functions.insert(name.to_owned(), (script.clone(), start, end));
                    }
                }
                _ => self.statement(words, negative),
            }
        }
    }

    fn skip_to(&mut self, end: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = end.saturating_add(1);
        }
    }

    /// Carries out the reserved words in front of a command. Gives the command, and whether it is negated.
    fn reserved<'w>(&mut self, words: &'w [&'w Word]) -> (&'w [&'w Word], bool) {
        let mut words = words;
        let mut negative = false;
        while let Some((first, rest)) = words.split_first() {
            match first.plain() {
                Some("if" | "while" | "until") => self.open_block(first.plain() != Some("if"), first.line),
                Some("for") => {
                    self.open_loop(words, first.line);
                    return (&[], false);
                }
                Some("done") if self.go_round() => return (&[], false),
                Some("elif") => self.end_branch(true),
                Some("then" | "do") => self.begin_branch(false),
                Some("else") => {
                    self.end_branch(true);
                    self.begin_branch(true);
                }
                Some("fi" | "done") => {
                    self.end_branch(false);
                    self.close_block();
                }
                Some("!") => negative = !negative,
                _ => break,
            }
            words = rest;
        }
        (words, negative)
    }

    /// One command.
    fn statement(&mut self, words: &[&Word], negative: bool) {
        let Some((first, arguments)) = words.split_first() else { return };
        let in_condition = self.blocks.last().is_some_and(|block| block.in_condition);
        let decision = if self.live { self.call(first, arguments) } else { None };
        if in_condition {
            let raw: Vec<&str> = words.iter().map(|word| &*word.raw).collect();
            let (text, decision) = stated(&raw.join(" "), negative, decision);
            if let Some(block) = self.blocks.last_mut().filter(|block| block.in_condition) {
                block.decision = decision;
                append(&mut block.text, &text);
            }
        }
    }

    /// A function of the script, or a command of GRUB.
    fn call(&mut self, first: &Word, arguments: &[&Word]) -> Decision {
        let name = self.environment.whole(first);
        let function = self.functions.get(&*name.text).filter(|_| !name.unknown).cloned();
        let Some((script, start, end)) = function else { return self.command(first, arguments) };
        // How often a function calls itself is not worked out: once is enough.
        if self.frames.iter().any(|frame| Rc::ptr_eq(&frame.script, &script) && frame.end == end) {
            return None;
        }
        if self.frames.len() > limits::MENU_DEPTH {
            let path = self.path();
            let message = format!("Functions and files are nested more than {} deep", limits::MENU_DEPTH);
            self.menu.diagnostics.warning(&path, first.line, message);
            return None;
        }
        let outer = Some(self.hand_over(arguments));
        self.frames.push(Frame { script, at: start, end, blocks: self.blocks.len(), outer });
        None
    }

    /// Gives a function what it is called with. Gives what the caller was called with.
    fn hand_over(&mut self, arguments: &[&Word]) -> Parameters {
        let arguments = self.environment.expand_all(arguments);
        Rc::make_mut(&mut self.environment).call_with(&arguments)
    }

    fn take_back(&mut self, outer: Parameters) {
        Rc::make_mut(&mut self.environment).put_back(outer);
    }

    /// Carries out another file here.
    pub(super) fn source(&mut self, path: &str, line: u32) {
        let here = self.path();
        let refused = if self.frames.iter().any(|frame| frame.script.path == path) {
            Some(format!("“{path}” reads itself; it is not read again"))
        } else if self.frames.len() > limits::MENU_DEPTH || self.includes >= limits::MENU_INCLUDES {
            Some(format!("Too many files are read from one another; “{path}” is not read"))
        } else {
            None
        };
        if let Some(message) = refused {
            self.menu.diagnostics.warning(&here, line, message);
            return;
        }
        self.includes = self.includes.saturating_add(1);
        self.push_file(path);
    }

    /// `menuentry` and its kin: the title, and options with and without values (GRUB manual, “menuentry”).
    fn entry(&mut self, kind: &str, words: &[&Word], script: &Rc<Script>, start: usize, end: usize) {
        if !self.live || self.items.len() >= limits::MENU_ENTRIES {
            return;
        }
        let Some(first) = words.first() else { return };
        let mut entry = Entry::new("", self.depth, first.place(&script.path));
        let mut titled = false;
        let expanded = self.environment.expand_all(words.get(1..).unwrap_or_default());
        let mut rest = expanded.iter().map(|word| &*word.text);
        while let Some(word) = rest.next() {
            let (option, value) = word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
            match option {
                "--unrestricted" => {}
                "--class" | "--users" | "--source" | "--function" => drop(value.or_else(|| rest.next())),
                "--id" => entry.id = value.or_else(|| rest.next()).map(str::to_owned),
                "--hotkey" => entry.hotkey = value.or_else(|| rest.next()).map(str::to_owned),
                _ if titled => {}
                _ => {
                    titled = true;
                    entry.title = word.to_owned();
                }
            }
        }
        entry.submenu = kind == "submenu";
        entry.hidden = kind == "hiddenentry";
        let conditions = self.conditions.clone();
        self.items.push(Item { entry, conditions, script: script.clone(), start, end });
    }

    /// The variables that say what starts by itself, and when (GRUB manual, “Special environment variables”).
    fn settings(&mut self) {
        let environment = self.environment.clone();
        let said = |name: &str| match environment.get(name) {
            Some(value) if !value.unknown => Some(Ok(value.text.to_string())),
            _ => self.assigned.get(name).cloned().map(Err),
        };
        self.menu.timeout = match said("timeout") {
            None => Timeout::Waits,
            Some(Err(text)) => Timeout::CannotTell(text),
            Some(Ok(text)) => match text.trim().parse::<i64>() {
                Ok(seconds) => u64::try_from(seconds)
                    .map_or(Timeout::Waits, |seconds| Timeout::After(Duration::from_secs(seconds))),
                Err(_) if text.is_empty() => Timeout::Waits,
                Err(_) => Timeout::CannotTell(text),
            },
        };
        self.menu.default = said("default").map(|said| said.unwrap_or_else(|text| text));
    }

    /// A number counts the entries of the first menu from 0; else it is an id or a title; `>` leads into submenus.
    fn choose_default(&mut self) {
        let known = |name: &str| self.environment.get(name).is_some_and(|value| !value.unknown);
        if self.assigned.contains_key("default") && !known("default") {
            return;
        }
        let default = self.menu.default.clone().unwrap_or_default();
        let (mut from, mut depth, mut found) = (0_usize, 0_usize, None);
        for step in default.split('>') {
            let level = self.menu.entries.iter().enumerate().skip(from);
            let mut level =
                level.take_while(|(_, entry)| entry.depth >= depth).filter(|(_, entry)| entry.depth == depth);
            let number = if step.trim().is_empty() { Some(0) } else { step.trim().parse::<usize>().ok() };
            let place = match number {
                // A place cannot be counted behind an entry that may not be there.
                Some(number) => {
                    let mut certain = level.take(number.saturating_add(1)).collect::<Vec<_>>();
                    let all = certain.len() == number.saturating_add(1);
                    let sure = certain.iter().all(|(_, entry)| entry.condition.is_none());
                    certain.pop().filter(|_| all && sure)
                }
                None => level.find(|(_, entry)| entry.id.as_deref() == Some(step) || entry.title == step),
            };
            let Some((index, _)) = place else { return };
            found = Some(index);
            from = index.saturating_add(1);
            depth = depth.saturating_add(1);
        }
        self.menu.default_entry = found;
    }

    /// The conditions that hold here, in words.
    pub(super) fn here_condition(&self) -> Option<String> {
        joined(self.conditions.iter())
    }
}

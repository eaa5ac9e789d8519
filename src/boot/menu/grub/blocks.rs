//! `if` … `fi` and loops of a script of GRUB.

use std::rc::Rc;

use super::body::negated;
use super::condition::Decision;
use super::environment::{Environment, Value};
use super::lex::{Token, Word};
use super::run::Runner;

/// Blocks that may be open at once; what is inside of more is not carried out.
const BLOCKS: usize = 64;

/// Undecided conditions that are kept of one chain of `elif`, and bytes of one.
const CHAIN: usize = 8;
const CONDITION: usize = 512;

/// `if` … `fi`, or a loop.
pub(super) struct Block {
    is_loop: bool,
    /// The variables before it.
    start: Rc<Environment>,
    /// What holds after all branches that were read.
    after: Option<Environment>,
    /// Conditions of earlier branches that could not be decided.
    undecided: Vec<String>,
    /// A branch is certainly taken, so that later ones are not.
    taken: bool,
    /// The commands between `if` and `then`.
    pub(super) text: String,
    pub(super) decision: Decision,
    pub(super) in_condition: bool,
    /// What surrounds it is carried out.
    outer_live: bool,
    outer_conditions: usize,
    /// Of a loop over a known list: what is still to come.
    rounds: Option<Rounds>,
}

/// The rest of a loop over a known list.
struct Rounds {
    variable: String,
    /// The next one last.
    left: Vec<Value>,
    /// The number of frames in which it is carried out, and where its `do` stands in the last of them.
    frames: usize,
    start: usize,
}

impl Runner<'_, '_> {
    pub(super) fn open_block(&mut self, is_loop: bool, line: u32) {
        if self.blocks.len() >= BLOCKS && self.live {
            let path = self.path();
            self.menu.diagnostics.warning(&path, line, format!("Conditions are nested more than {BLOCKS} deep"));
            self.live = false;
        }
        self.blocks.push(Block {
            is_loop,
            start: self.environment.clone(),
            after: None,
            undecided: Vec::new(),
            taken: false,
            text: String::new(),
            decision: None,
            in_condition: true,
            outer_live: self.live,
            outer_conditions: self.conditions.len(),
            rounds: None,
        });
    }

    /// The words of a loop's head as its condition.
    fn add_condition_text(&mut self, words: &[&Word]) {
        let raw: Vec<&str> = words.iter().map(|word| &*word.raw).collect();
        if let Some(block) = self.blocks.last_mut() {
            append(&mut block.text, &raw.join(" "));
        }
    }

    /// `then`, `do` or `else`: what follows is carried out if the condition holds.
    pub(super) fn begin_branch(&mut self, is_else: bool) {
        let Some(block) = self.blocks.last_mut().filter(|block| block.in_condition) else { return };
        block.in_condition = false;
        let text = std::mem::take(&mut block.text);
        // How often a loop is gone through is worked out for known lists only.
        let is_open = block.is_loop && block.rounds.is_none();
        let decision = if is_else { Some(true) } else { block.decision.take().filter(|_| !is_open) };
        self.live = block.outer_live && !block.taken && decision != Some(false);
        if !self.live {
            return;
        }
        self.conditions.extend(block.undecided.iter().map(|condition| negated(condition)));
        match decision {
            Some(_) => block.taken = true,
            None => {
                if block.undecided.len() < CHAIN {
                    block.undecided.push(text.clone());
                }
                self.conditions.push(text);
            }
        }
    }

    /// The end of a branch; `another` says that the next begins.
    pub(super) fn end_branch(&mut self, another: bool) {
        let Some(block) = self.blocks.last_mut() else { return };
        if !block.in_condition && self.live {
            match &mut block.after {
                Some(after) => after.meet(&self.environment),
                None => block.after = Some((*self.environment).clone()),
            }
        }
        block.in_condition = another;
        self.conditions.truncate(block.outer_conditions);
        self.live = block.outer_live;
        self.environment = block.start.clone();
    }

    pub(super) fn close_block(&mut self) {
        let Some(block) = self.blocks.pop() else { return };
        let mut after = block.after.unwrap_or_else(|| (*block.start).clone());
        if !block.taken {
            after.meet(&block.start);
        }
        self.environment = Rc::new(after);
    }

    pub(super) fn close_down_to(&mut self, blocks: usize) {
        while self.blocks.len() > blocks {
            self.end_branch(false);
            self.close_block();
        }
    }

    /// `for variable in list`: gone through as often as the list is long, where that is known.
    pub(super) fn open_loop(&mut self, words: &[&Word], line: u32) {
        self.open_block(true, line);
        let Some((_, rest)) = words.split_first() else { return };
        let variable = rest.first().and_then(|word| word.plain()).unwrap_or_default().to_owned();
        let list = rest.get(2..).filter(|_| self.live && !self.leaves_loop());
        let list = list.and_then(|list| self.known_list(list));
        let (frames, start) = (self.frames.len(), self.frames.last().map_or(0, |frame| frame.at));
        match (list, self.blocks.last_mut()) {
            (Some(mut left), Some(block)) => {
                left.reverse();
                block.rounds = Some(Rounds { variable, left, frames, start });
                self.next_round();
            }
            _ => {
                Rc::make_mut(&mut self.environment).forget(&variable);
                self.add_condition_text(words);
            }
        }
    }

    /// `done`: goes back to `do` if something of the list is left.
    pub(super) fn go_round(&mut self) -> bool {
        let frames = self.frames.len();
        let rounds = self.blocks.last().and_then(|block| block.rounds.as_ref());
        let Some(start) = rounds.filter(|it| !it.left.is_empty() && it.frames == frames).map(|rounds| rounds.start)
        else {
            return false;
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.at = start;
        }
        self.next_round();
        true
    }

    fn next_round(&mut self) {
        let Some(block) = self.blocks.last_mut() else { return };
        let Some(rounds) = &mut block.rounds else { return };
        let next = rounds.left.pop();
        block.decision = Some(next.is_some());
        (block.in_condition, block.taken) = (true, false);
        self.live = block.outer_live;
        self.conditions.truncate(block.outer_conditions);
        if let Some(value) = next {
            Rc::make_mut(&mut self.environment).set(&rounds.variable, value);
        }
    }

    /// Whether the loop that begins here may be left before its end.
    fn leaves_loop(&self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let mut depth = 0_usize;
        for token in frame.script.tokens.get(frame.at..frame.end).unwrap_or_default() {
            let Token::Word(word) = token else { continue };
            match word.plain() {
                Some("for" | "while" | "until") => depth = depth.saturating_add(1),
                Some("done") if depth == 0 => return false,
                Some("done") => depth = depth.saturating_sub(1),
                Some("break" | "continue" | "return") => return true,
                _ => {}
            }
        }
        false
    }
}

/// Adds a command to the text of a condition, up to a length that people read.
pub(super) fn append(text: &mut String, command: &str) {
    if text.len() < CONDITION {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.extend(command.chars().take(CONDITION));
    }
}

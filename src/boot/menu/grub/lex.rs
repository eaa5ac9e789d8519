//! The words of a GRUB script (GRUB manual, “Writing full configuration files directly”, “Shell-like scripting”).

use crate::boot::menu::model::{Notes, Place};
use crate::boot::menu::text::Line;
use crate::disc::limits;

/// Tokens kept of one file, many more than there may be commands.
const TOKENS: usize = 4 * limits::MENU_COMMANDS;

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// A variable, and whether its value stays one word whatever it holds.
    Variable {
        name: String,
        quoted: bool,
    },
}

/// One word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    /// As it stands in the file.
    pub(super) raw: String,
    /// Something of it is quoted, so that it is no reserved word and counts even when it is empty.
    pub(super) quoted: bool,
    pub(super) line: u32,
    pub(super) offset: u64,
}

impl Word {
    /// The reserved word or command that it is, when it is plain.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] if !self.quoted => Some(text),
            _ => None,
        }
    }

    pub(super) fn place(&self, path: &str) -> Place {
        Place { path: path.to_owned(), line: self.line, offset: self.offset }
    }

    fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.parts.push(Part::Text(c.to_string())),
        }
    }
}

/// A word, or what separates them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// The end of a command.
    End,
    /// `{`, with the place of the token that closes it, or that of the end.
    Open(usize),
    /// `}`
    Close,
}

/// A file as tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) path: String,
    pub(super) tokens: Vec<Token>,
}

/// Splits the lines of the file at `path` into tokens.
pub(super) fn script(path: &str, lines: &[Line], notes: &mut Notes) -> Script {
    let mut lexer = Lexer { tokens: Vec::new(), word: None, quote: None };
    for line in lines {
        if lexer.tokens.len() >= TOKENS {
            notes.warning(path, line.number, "The file has too many words; the rest is left out");
            break;
        }
        lexer.line(line);
    }
    if lexer.quote.is_some() {
        let line = lexer.word.as_ref().map_or(0, |word| word.line);
        notes.warning(path, line, "A quotation mark is not closed");
    }
    lexer.end_word();
    lexer.tokens.push(Token::End);
    let mut tokens = lexer.tokens;
    close_blocks(path, &mut tokens, notes);
    Script { path: path.to_owned(), tokens }
}

/// Says at each `{` where its `}` is.
fn close_blocks(path: &str, tokens: &mut [Token], notes: &mut Notes) {
    let (mut open, mut closed, mut line) = (Vec::new(), Vec::new(), 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) => line = word.line,
            Token::Open(_) => open.push((at, line)),
            Token::Close => match open.pop() {
                Some((start, _)) => closed.push((start, at)),
                None => notes.warning(path, line, "A “}” closes nothing"),
            },
            Token::End => {}
        }
    }
    for (start, line) in open {
        notes.warning(path, line, "The “{” on this line is not closed");
        closed.push((start, tokens.len()));
    }
    for (start, end) in closed {
        if let Some(token) = tokens.get_mut(start) {
            *token = Token::Open(end);
        }
    }
}

struct Lexer {
    tokens: Vec<Token>,
    word: Option<Word>,
    /// The quotation mark that is open.
    quote: Option<char>,
}

impl Lexer {
    fn word(&mut self, line: &Line) -> &mut Word {
        self.word.get_or_insert_with(|| Word { line: line.number, offset: line.offset, ..Word::default() })
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.tokens.push(Token::Word(word));
        }
    }

    fn push(&mut self, line: &Line, c: char) {
        let word = self.word(line);
        word.raw.push(c);
        word.push(c);
    }

    fn line(&mut self, line: &Line) {
        let mut rest = line.text.chars();
        while let Some(c) = rest.next() {
            match (self.quote, c) {
                (Some('\''), '\'') | (Some('"'), '"') => {
                    self.quote = None;
                    self.word(line).raw.push(c);
                }
                (Some('\''), c) => self.push(line, c),
                (quote, '\\') => match rest.clone().next() {
                    // The line goes on.
                    None => return,
                    Some(next) if quote.is_none() || matches!(next, '$' | '"' | '\\') => {
                        rest.next();
                        let word = self.word(line);
                        word.raw.extend([c, next]);
                        word.quoted = true;
                        word.push(next);
                    }
                    Some(_) => self.push(line, c),
                },
                (quote, '$') => {
                    let after = rest.as_str();
                    let (name, length) = variable(after);
                    if quote.is_none() && after.starts_with('"') {
                        // A text to be translated.
                        self.word(line).raw.push(c);
                    } else if name.is_empty() {
                        self.push(line, c);
                    } else {
                        let word = self.word(line);
                        word.raw.push(c);
                        word.raw.push_str(after.get(..length).unwrap_or_default());
                        word.parts.push(Part::Variable { name: name.to_owned(), quoted: quote.is_some() });
                        rest = after.get(length..).unwrap_or_default().chars();
                    }
                }
                (Some(_), c) => self.push(line, c),
                (None, '\'' | '"') => {
                    self.quote = Some(c);
                    let word = self.word(line);
                    word.raw.push(c);
                    word.quoted = true;
                }
                (None, '#') if self.word.is_none() => break,
                (None, ' ' | '\t') => self.end_word(),
                (None, ';') => {
                    self.end_word();
                    self.tokens.push(Token::End);
                }
                (None, '{') => {
                    self.end_word();
                    self.tokens.push(Token::Open(0));
                }
                (None, '}') => {
                    self.end_word();
                    self.tokens.push(Token::Close);
                }
                (None, c) => self.push(line, c),
            }
        }
        if self.quote.is_some() {
            self.push(line, '\n');
        } else {
            self.end_word();
            self.tokens.push(Token::End);
        }
    }
}

/// The name of the variable at the start of `text`, which follows a `$`, and the bytes that it takes.
fn variable(text: &str) -> (&str, usize) {
    if let Some(rest) = text.strip_prefix('{') {
        let Some((name, _)) = rest.split_once('}') else { return ("", 0) };
        return (name, name.len().saturating_add(2));
    }
    let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c: char| !named(c)).unwrap_or(text.len());
    let length = match text.chars().next() {
        Some('?' | '*' | '#' | '@') => 1,
        Some(c) if c.is_ascii_digit() => 1,
        _ => end,
    };
    (text.get(..length).unwrap_or_default(), length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::menu::text;

    fn tokens(script: &str) -> (Vec<Token>, Notes) {
        let mut notes = Notes::default();
        let lines = text::lines("x", script.as_bytes(), &mut notes);
        (super::script("x", &lines, &mut notes).tokens, notes)
    }

    /// Words as `text`, variables as `<name>`, and what separates them.
    fn shown(script: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable { name, quoted: false } => format!("<{name}>"),
            Part::Variable { name, quoted: true } => format!("<\"{name}>"),
        };
        let token = |token: &Token| match token {
            Token::Word(word) => word.parts.iter().map(part).collect::<String>(),
            Token::End => ";".to_owned(),
            Token::Open(end) => format!("{{{end}"),
            Token::Close => "}".to_owned(),
        };
        tokens(script).0.iter().map(token).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_quotes_variables_and_comments() {
        assert_eq!(shown("a 'b $c' \"d $e \\\" \\n\" # f\n"), "a b $c d <\"e> \" \\n ; ;");
        assert_eq!(shown("a${b}c$d/e#f $1x $"), "a<b>c<d>/e#f <1>x $ ; ;");
        assert_eq!(shown("a \\\n  b\\ c; d"), "a b c ; d ; ;");
        assert_eq!(shown("a $\"b\" 'c\nd'"), "a b c\nd ; ;");
        assert_eq!(shown("a{ b\n}"), "a {4 b ; } ; ;");
    }

    #[test]
    fn what_is_left_open_is_said() {
        assert_eq!(tokens("a {\nb 'c\n").1.items().len(), 2);
        assert_eq!(tokens("}\n").1.items().len(), 1);
    }
}

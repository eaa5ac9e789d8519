//! Colours for text: a few kinds of tokens, told by the grammars that come with `syntect`, or for plain settings files
//! by a small scanner of our own. Bounded in time and size; whatever is left over stays plain.

use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};

use super::TextPage;
use crate::disc::{Result, limits};

/// Time that one text may take.
const TIME: Duration = Duration::from_millis(1500);

/// What a piece of text is. The window gives each a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// Anything else.
    Plain,
    /// A remark.
    Comment,
    /// Quoted text.
    String,
    /// A number or another constant.
    Number,
    /// A word of the language.
    Keyword,
    /// The name of something that is defined or set here.
    Name,
    /// A type, a tag or a section.
    Type,
    /// A heading.
    Heading,
}

/// The tokens of a page: of each the byte where it ends in [`TextPage::text`], in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Colours {
    spans: Vec<(u32, Token)>,
    /// The grammar in words, such as `Python`.
    pub grammar: String,
    /// True when time or size ran out and the rest is plain.
    pub is_partial: bool,
}

impl Colours {
    /// The tokens of `range`, each with its bytes; together they cover it.
    pub fn spans(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = (std::ops::Range<usize>, Token)> + '_ {
        let first = self.spans.partition_point(|(end, _)| *end as usize <= range.start);
        let mut at = range.start;
        let end = range.end;
        let known = self.spans.iter().skip(first).map(|(end, token)| (*end as usize, *token));
        known.chain([(usize::MAX, Token::Plain)]).map_while(move |(span_end, token)| {
            let start = at;
            at = span_end.min(end);
            (start < end).then_some((start..at, token))
        })
    }

    fn push(&mut self, end: usize, token: Token) {
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        match self.spans.last_mut() {
            Some((last, same)) if *same == token => *last = end,
            Some((last, _)) if *last >= end => {}
            _ => self.spans.push((end, token)),
        }
    }
}

/// Colours `page` of the file called `name`; `None` when there is no grammar for it. `check` is asked for every line.
pub fn colours(page: &TextPage, name: &str, check: &dyn Fn() -> Result<()>) -> Result<Option<Colours>> {
    check()?;
    let first = page.row(0);
    if is_settings(name) {
        return settings(page, check).map(Some);
    }
    let set = syntaxes();
    let Some(syntax) = grammar(set, name, first) else { return Ok(None) };
    with_grammar(page, set, syntax, check).map(Some)
}

/// Loaded when the first text is coloured, which is on a worker.
fn syntaxes() -> &'static SyntaxSet {
    static SET: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);
    &SET
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Settings files, of which there are many kinds and no grammar.
fn is_settings(name: &str) -> bool {
    // grub.cfg is a script.
    !name.eq_ignore_ascii_case("grub.cfg")
        && !name.eq_ignore_ascii_case("loopback.cfg")
        && matches!(
            extension(name).as_str(),
            "cfg" | "conf" | "cnf" | "ini" | "inf" | "toml" | "desktop" | "properties" | "list" | "repo" | "service"
        )
}

fn grammar<'a>(set: &'a SyntaxSet, name: &str, first_line: &str) -> Option<&'a SyntaxReference> {
    let extension = match extension(name).as_str() {
        "cfg" => "sh".to_owned(),
        "htm" | "xhtml" => "html".to_owned(),
        "yml" => "yaml".to_owned(),
        "plist" | "svg" | "xsl" | "xsd" | "manifest" => "xml".to_owned(),
        "markdown" => "md".to_owned(),
        "cmd" => "bat".to_owned(),
        other => other.to_owned(),
    };
    let by_name = || set.find_syntax_by_extension(name);
    let found = set.find_syntax_by_extension(&extension).or_else(by_name);
    let found = found.or_else(|| set.find_syntax_by_first_line(first_line));
    found.filter(|syntax| syntax.name != "Plain Text")
}

fn with_grammar(
    page: &TextPage,
    set: &SyntaxSet,
    syntax: &SyntaxReference,
    check: &dyn Fn() -> Result<()>,
) -> Result<Colours> {
    let mut colours = Colours { grammar: syntax.name.clone(), ..Colours::default() };
    let begin = Instant::now();
    let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
    let mut at = 0;
    for line in page.text().split_inclusive('\n') {
        check()?;
        if at > limits::COLOURED_BYTES || begin.elapsed() > TIME {
            colours.is_partial = true;
            break;
        }
        // The grammars are made of regular expressions that take very long with very long lines.
        if line.len() > limits::TEXT_ROW {
            at += line.len();
            colours.push(at, Token::Plain);
            (state, stack) = (ParseState::new(syntax), ScopeStack::new());
            continue;
        }
        let Ok(changes) = state.parse_line(line, set) else {
            colours.is_partial = true;
            break;
        };
        let mut done = 0;
        for (place, change) in changes {
            if place > done {
                colours.push(at + place, token(&stack));
                done = place;
            }
            if stack.apply(&change).is_err() {
                stack = ScopeStack::new();
            }
        }
        colours.push(at + line.len(), token(&stack));
        at += line.len();
    }
    Ok(colours)
}

/// Scopes and what they mean, the more special ones first.
fn meanings() -> &'static [(syntect::parsing::Scope, Token)] {
    const MEANINGS: [(&str, Token); 24] = [
        ("comment", Token::Comment),
        ("punctuation.definition.comment", Token::Comment),
        ("meta.property-name", Token::Name),
        ("string.unquoted.plain.out.yaml", Token::Plain),
        ("string.unquoted", Token::Plain),
        ("string", Token::String),
        ("punctuation.definition.string", Token::String),
        ("markup.heading", Token::Heading),
        ("markup.raw", Token::String),
        ("markup.bold", Token::Keyword),
        ("markup.underline.link", Token::Type),
        ("constant", Token::Number),
        ("keyword.operator", Token::Plain),
        ("keyword", Token::Keyword),
        ("storage.type", Token::Keyword),
        ("storage", Token::Keyword),
        ("entity.name.section", Token::Heading),
        ("entity.name.tag", Token::Type),
        ("entity.name.function", Token::Name),
        ("entity.name", Token::Type),
        ("entity.other.attribute-name", Token::Name),
        ("support.function", Token::Name),
        ("variable.other.readwrite.assignment", Token::Name),
        ("variable", Token::Plain),
    ];
    static SCOPES: OnceLock<Vec<(syntect::parsing::Scope, Token)>> = OnceLock::new();
    SCOPES.get_or_init(|| {
        MEANINGS.iter().filter_map(|(scope, token)| Some((syntect::parsing::Scope::new(scope).ok()?, *token))).collect()
    })
}

/// What the innermost scope with a meaning says.
fn token(stack: &ScopeStack) -> Token {
    let meaning = |scope: &syntect::parsing::Scope| meanings().iter().find(|(known, _)| known.is_prefix_of(*scope));
    stack.as_slice().iter().rev().find_map(meaning).map_or(Token::Plain, |(_, token)| *token)
}

/// `# comment`, `; comment`, `[section]`, `name = value` and `keyword value`.
fn settings(page: &TextPage, check: &dyn Fn() -> Result<()>) -> Result<Colours> {
    let mut colours = Colours { grammar: "Settings".to_owned(), ..Colours::default() };
    let mut at = 0;
    for line in page.text().split_inclusive('\n') {
        check()?;
        if at > limits::COLOURED_BYTES {
            colours.is_partial = true;
            break;
        }
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        colours.push(at + indent, Token::Plain);
        match trimmed.as_bytes().first() {
            Some(b'#' | b';') => colours.push(at + line.len(), Token::Comment),
            Some(b'[') => colours.push(at + line.len(), Token::Type),
            Some(_) => setting(&mut colours, at + indent, trimmed),
            None => {}
        }
        at += line.len();
    }
    Ok(colours)
}

fn setting(colours: &mut Colours, start: usize, line: &str) {
    let name = line.find(|c: char| c == '=' || c == ':' || c.is_whitespace()).unwrap_or(line.len());
    let assigned = line[name..].trim_start().starts_with(['=', ':']);
    colours.push(start + name, if assigned { Token::Name } else { Token::Keyword });
    let mut at = name;
    for word in line[name..].split_inclusive(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | ':')) {
        let inner = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ',' | ':'));
        let token = match inner.as_bytes() {
            [b'"' | b'\'', ..] | [.., b'"' | b'\''] => Token::String,
            [b'0'..=b'9', ..] if inner.bytes().all(|byte| byte.is_ascii_hexdigit() || b"x.-_".contains(&byte)) => {
                Token::Number
            }
            _ if ["true", "false", "yes", "no", "on", "off"].iter().any(|word| inner.eq_ignore_ascii_case(word)) => {
                Token::Number
            }
            _ => Token::Plain,
        };
        colours.push(start + at + inner.len(), token);
        at += word.len();
        colours.push(start + at, Token::Plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::Error;
    use crate::disc::source::MemorySource;
    use crate::preview::PagePlace;

    fn coloured(name: &str, text: &str) -> Option<(TextPage, Colours)> {
        let page = TextPage::read(&MemorySource::new(text.as_bytes()), PagePlace::default(), None).unwrap();
        let colours = colours(&page, name, &|| Ok(())).unwrap()?;
        Some((page, colours))
    }

    /// The tokens of a text as `(text, token)`, the plain ones left out.
    fn tokens(name: &str, text: &str) -> Vec<(String, Token)> {
        let (page, colours) = coloured(name, text).expect("there is a grammar");
        let mut whole = String::new();
        let mut tokens = Vec::new();
        for (range, token) in colours.spans(0..page.text().len()) {
            whole.push_str(&page.text()[range.clone()]);
            if token != Token::Plain {
                tokens.push((page.text()[range].trim().to_owned(), token));
            }
        }
        assert_eq!(whole, text, "the tokens cover the text");
        tokens
    }

    fn has(name: &str, text: &str, piece: &str, token: Token) {
        let tokens = tokens(name, text);
        assert!(tokens.contains(&(piece.to_owned(), token)), "{name}: {tokens:?}");
    }

    #[test]
    fn the_kinds_of_text_that_occur_on_discs_are_coloured() {
        has("isolinux.cfg", "# boot\ndefault linux\ntimeout 50\n", "# boot", Token::Comment);
        has("isolinux.cfg", "# boot\ndefault linux\ntimeout 50\n", "50", Token::Number);
        has("my.ini", "[boot]\nname = \"x\"\n", "[boot]", Token::Type);
        has("my.conf", "name=value\n", "name", Token::Name);
        has("grub.cfg", "if [ a ]; then\n  set x=1 # why\nfi\n", "if", Token::Keyword);
        has("run.sh", "#!/bin/sh\necho 'a'\n", "'a'", Token::String);
        has("run", "#!/bin/bash\nx=1 # note\n", "# note", Token::Comment);
        has("a.py", "def run():\n    return 5\n", "5", Token::Number);
        has("a.xml", "<a b=\"c\">d</a>\n", "a", Token::Type);
        has("a.json", "{\"a\": 12}\n", "12", Token::Number);
        has("a.yaml", "a: true # b\n", "# b", Token::Comment);
        has("a.toml", "[package]\n", "[package]", Token::Type);
        has("README.md", "# Title\n\ntext\n", "# Title", Token::Heading);
        has("a.c", "int main(void) { return 0; } /* x */\n", "/* x */", Token::Comment);
        has("a.html", "<p class=\"x\">\n", "p", Token::Type);
        assert!(coloured("notes.txt", "just text\n").is_none());
    }

    #[test]
    fn a_large_text_is_coloured_only_in_part_and_in_bounded_time() {
        let text = "def run(): return 'x' # y\n".repeat(200_000);
        let begin = Instant::now();
        let (page, colours) = coloured("a.py", &text).unwrap();
        assert!(colours.is_partial);
        assert!(begin.elapsed() < TIME + Duration::from_secs(3), "{:?}", begin.elapsed());
        let end = page.text().len();
        assert_eq!(colours.spans(end - 5..end).collect::<Vec<_>>(), [(end - 5..end, Token::Plain)]);
    }

    #[test]
    fn a_line_of_megabytes_stays_plain() {
        let text = format!("x = 1\ny = '{}'\nz = 2\n", "a".repeat(1 << 20));
        let (page, colours) = coloured("a.py", &text).unwrap();
        assert!(!colours.is_partial);
        let last = page.text().len() - 6..page.text().len();
        assert!(colours.spans(last).any(|(_, token)| token == Token::Number));
    }

    #[test]
    fn a_cancelled_job_stops_colouring() {
        let page = TextPage::read(&MemorySource::new(*b"a = 1\n"), PagePlace::default(), None).unwrap();
        let left = std::cell::Cell::new(2);
        let check = || {
            left.set(left.get() - 1);
            if left.get() == 0 { Err(Error::Cancelled) } else { Ok(()) }
        };
        for name in ["a.py", "a.ini"] {
            left.set(2);
            assert!(colours(&page, name, &check).unwrap_err().is_cancelled());
        }
    }
}

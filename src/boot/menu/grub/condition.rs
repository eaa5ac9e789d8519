//! The command `test`, also written `[`, as far as it can be decided before the computer starts (GRUB manual, “test”).

use super::environment::Expanded;

/// What a condition is known to be; `None` when it is known only when the computer starts.
pub(super) type Decision = Option<bool>;

/// Decides the words between `[` and `]`. `exists` tells of a path whether there is a file, a folder, or either.
pub(super) fn test(words: &[Expanded], exists: &mut dyn FnMut(Kind, &Expanded) -> Decision) -> Decision {
    if words.iter().any(|word| matches!(&*word.text, "(" | ")")) {
        return None;
    }
    // `-o` binds less than `-a`.
    let any = words.split(|word| &*word.text == "-o").map(|words| {
        let all = words.split(|word| &*word.text == "-a").map(|words| single(words, exists));
        decided_by(all, false)
    });
    decided_by(any, true)
}

/// `decisive` as soon as one is so, the contrary when all are, and else not known.
fn decided_by(decisions: impl Iterator<Item = Decision>, decisive: bool) -> Decision {
    let (mut decided, mut known) = (false, true);
    for decision in decisions {
        decided |= decision == Some(decisive);
        known &= decision.is_some();
    }
    if decided { Some(decisive) } else { known.then_some(!decisive) }
}

/// What a path is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Anything,
    File,
    /// A file that is not empty.
    Filled,
    Folder,
}

fn single(words: &[Expanded], exists: &mut dyn FnMut(Kind, &Expanded) -> Decision) -> Decision {
    let negations = words.iter().take_while(|word| &*word.text == "!").count();
    let words = words.get(negations..).unwrap_or_default();
    let known = |word: &Expanded| (!word.unknown && !word.this && !word.guess).then(|| word.text.clone());
    let decided = match words {
        [] => Some(false),
        // A text is not empty as soon as one piece of it is known not to be.
        [text] => known(text).map(|text| !text.is_empty()),
        [operator, operand] => match &*operator.text {
            "-n" => known(operand).map(|text| !text.is_empty()),
            "-z" => known(operand).map(|text| text.is_empty()),
            "-e" => exists(Kind::Anything, operand),
            "-f" => exists(Kind::File, operand),
            "-s" => exists(Kind::Filled, operand),
            "-d" => exists(Kind::Folder, operand),
            _ => None,
        },
        [left, operator, right] => match known(left).zip(known(right)) {
            Some((left, right)) => compare(&left, &operator.text, &right),
            None => None,
        },
        _ => None,
    };
    decided.map(|decided| decided ^ (negations % 2 == 1))
}

fn compare(left: &str, operator: &str, right: &str) -> Decision {
    let order = || Some(left.trim().parse::<i64>().ok()?.cmp(&right.trim().parse::<i64>().ok()?));
    match operator {
        "=" | "==" => Some(left == right),
        "!=" => Some(left != right),
        "<" => Some(left < right),
        ">" => Some(left > right),
        "<=" => Some(left <= right),
        ">=" => Some(left >= right),
        "-eq" => order().map(|order| order.is_eq()),
        "-ne" => order().map(|order| order.is_ne()),
        "-lt" => order().map(|order| order.is_lt()),
        "-le" => order().map(|order| order.is_le()),
        "-gt" => order().map(|order| order.is_gt()),
        "-ge" => order().map(|order| order.is_ge()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::environment::Value;
    use super::*;

    fn decide(text: &str) -> Decision {
        let word = |text: &str| Value { unknown: text.starts_with('$'), ..Value::text(text) };
        let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).map(word).collect();
        test(&words, &mut |kind, path| match &*path.text {
            "/there" => Some(kind != Kind::Folder),
            _ => Some(false),
        })
    }

    #[test]
    fn what_can_be_decided_is_and_the_rest_is_not() {
        for yes in
            ["a = a", "! a = b", "-n a", "2 -lt 10", "-f /there", "a = b -o a = a", "a = a -o $x = y", "! -d /there"]
        {
            assert_eq!(decide(yes), Some(true), "{yes}");
        }
        for no in ["a = b", "", "-z a", "-f /gone", "a = b -a $x = y", "10 -lt 2"] {
            assert_eq!(decide(no), Some(false), "{no}");
        }
        for open in ["$x = a", "-n $x", "$x", "a = a -a $x = y", "( a )", "-x a", "1 -lt b"] {
            assert_eq!(decide(open), None, "{open}");
        }
    }
}

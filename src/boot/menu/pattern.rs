//! Patterns that stand for names.

/// Whether a name is one that a pattern stands for: `*` is any text, `?` any character.
pub(super) fn fits(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut by) = (0_usize, 0_usize);
    // Where the last `*` stood, and how far it reached.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(by) {
            Some('*') => {
                star = Some((by, at));
                by = by.saturating_add(1);
            }
            Some(c) if *c == '?' || Some(c) == name.get(at) => {
                (at, by) = (at.saturating_add(1), by.saturating_add(1));
            }
            _ => {
                let Some((stood, reached)) = star else { return false };
                let reached = reached.saturating_add(1);
                star = Some((stood, reached));
                (at, by) = (reached, stood.saturating_add(1));
            }
        }
    }
    pattern.get(by..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_names() {
        for (name, pattern) in
            [("a.iso", "*.iso"), ("a.iso", "?.iso"), ("a", "*"), ("", "*"), ("abcbc", "a*bc"), ("x", "x")]
        {
            assert!(fits(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [("a.img", "*.iso"), ("ab", "?"), ("", "?"), ("a", ""), ("abcb", "a*bc"), ("x", "X")] {
            assert!(!fits(name, pattern), "{name} {pattern}");
        }
    }
}

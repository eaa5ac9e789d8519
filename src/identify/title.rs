//! What a disc is, in one line for people.

use super::claim::{Certainty, Claim, Subject};
use super::words;

/// Puts the claims in order: by their subjects, and of each what is stated first, in the order in which they came. Of those
/// that agree, the most trustworthy stays.
pub(super) fn in_order(mut claims: Vec<Claim>, limit: usize) -> Vec<Claim> {
    claims.sort_by_key(|claim| claim.certainty != Certainty::Stated);
    let mut kept: Vec<Claim> = Vec::new();
    for claim in claims {
        let agrees = |known: &Claim| known.subject == claim.subject && same(claim.subject, &known.value, &claim.value);
        if kept.len() < limit && !claim.value.trim().is_empty() && !kept.iter().any(agrees) {
            kept.push(claim);
        }
    }
    kept.sort_by_key(|claim| claim.subject);
    kept
}

/// True when two values say the same.
fn same(subject: Subject, one: &str, other: &str) -> bool {
    // Whatever the hour: what was put on the disc, and the volume around it, are minutes apart.
    let day = |value: &str| value.get(..10).map(str::to_owned);
    if subject == Subject::Made && day(one).is_some() && day(one) == day(other) {
        return true;
    }
    let plain = |value: &str| -> String {
        value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    match subject {
        // `12.5` and `125` are not the same.
        Subject::Version => one.trim().eq_ignore_ascii_case(other.trim()),
        _ => one == other || (!plain(one).is_empty() && plain(one) == plain(other)),
    }
}

/// The product with its version and variant, and the computers in brackets, such as `Debian 12.5.0 netinst (amd64)`.
/// A disc that states several variants is none of them. `None` when no product is known.
pub(super) fn title(claims: &[Claim]) -> Option<String> {
    let product = claims.iter().find(|claim| claim.subject == Subject::Product)?;
    // What says that it is something else says nothing of this product.
    let of_another = |claim: &Claim| {
        let mut products = claims.iter().filter(|other| other.subject == Subject::Product);
        products.any(|other| other.evidence == claim.evidence && other.value != product.value)
    };
    let all_fitting = |subject| claims.iter().filter(move |claim| claim.subject == subject && !of_another(claim));
    let stated = |subject| all_fitting(subject).filter(|claim| claim.certainty == Certainty::Stated);
    let mut title = product.value.clone();
    let mut add = |text: &str| {
        // Names such as `SUSE Linux Enterprise Server` have the variant in them.
        if !text.is_empty() && !title.to_lowercase().split(' ').any(|word| word == text.to_lowercase()) {
            title = format!("{title} {text}");
        }
    };
    for subject in [Subject::Version, Subject::Edition] {
        let is_one_of_many = subject == Subject::Edition && stated(subject).nth(1).is_some();
        if let Some(claim) = all_fitting(subject).next().filter(|_| !is_one_of_many) {
            add(&claim.value);
        }
    }
    let first = all_fitting(Subject::Architecture).take(1);
    let further = stated(Subject::Architecture).skip(1);
    let words: Vec<_> =
        first.chain(further).map(|claim| words::architecture_as_written(&claim.value, &claim.evidence.says)).collect();
    if !words.is_empty() {
        title = format!("{title} ({})", words.join(", "));
    }
    Some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::claim::Evidence;

    fn claim(subject: Subject, value: &str, source: &str, says: &str) -> Claim {
        Claim::guess(subject, value, Evidence::field(source, says))
    }

    #[test]
    fn what_agrees_is_told_once_and_what_is_stated_first() {
        let guess = claim(Subject::Product, "Debian", "Volume identifier", "Debian 12");
        let stated = Claim::stated(Subject::Product, "debian", Evidence::file(".disk/info", "Debian"));
        let other = claim(Subject::Version, "12", "Volume identifier", "Debian 12");
        let kept = in_order(vec![guess, other.clone(), stated.clone(), other.clone()], 10);
        assert_eq!(kept, [stated, other.clone()]);
        let longer = claim(Subject::Version, "1.2", "b", "");
        assert_eq!(in_order(vec![other.clone(), longer.clone()], 10), [other.clone(), longer.clone()]);
        assert_eq!(in_order(vec![other.clone(), longer], 1).as_slice(), std::slice::from_ref(&other));
        let (day, moment) = ("2024-02-10", "2024-02-10T11:03:21+00:00");
        let editions = ["Home", "Pro"].map(|value| claim(Subject::Edition, value, "c", ""));
        let [home, pro] = editions;
        let mixed = vec![home.clone(), other.clone(), pro.clone()];
        assert_eq!(in_order(mixed, 10), [other.clone(), home, pro]);
        let made = |value| claim(Subject::Made, value, "a", "");
        assert_eq!(in_order(vec![made(day), made(moment)], 10), [made(day)]);
    }

    #[test]
    fn a_title_names_what_belongs_together() {
        let says = "Debian 12.5.0 amd64 n";
        let claims = [
            claim(Subject::Product, "Debian", "Volume identifier", says),
            claim(Subject::Version, "12.5.0", "Volume identifier", says),
            claim(Subject::Edition, "netinst", "Volume identifier", says),
            claim(Subject::Architecture, "x64", "Volume identifier", says),
        ];
        assert_eq!(title(&claims).as_deref(), Some("Debian 12.5.0 netinst (amd64)"));
        assert_eq!(title(&claims[1..]), None);
        let mixed = [
            claim(Subject::Product, "DVD-Video", "VIDEO_TS", "It is there"),
            claim(Subject::Product, "Debian", "Volume identifier", says),
            claim(Subject::Version, "12.5.0", "Volume identifier", says),
        ];
        assert_eq!(title(&mixed).as_deref(), Some("DVD-Video"));
        let stated = |subject, value: &str| Claim::stated(subject, value, Evidence::file("sources/install.wim", value));
        let mut many = vec![
            stated(Subject::Product, "Windows 11"),
            stated(Subject::Version, "24H2"),
            stated(Subject::Edition, "Home"),
            stated(Subject::Architecture, "x64"),
            claim(Subject::Architecture, "x86", "Volume identifier", ""),
        ];
        assert_eq!(title(&many).as_deref(), Some("Windows 11 24H2 Home (x64)"));
        many.extend([stated(Subject::Edition, "Pro"), stated(Subject::Architecture, "ARM64")]);
        assert_eq!(title(&many).as_deref(), Some("Windows 11 24H2 (x64, ARM64)"));
    }
}

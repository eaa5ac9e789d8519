//! How steps and links are put together.

use super::*;

/// A small chain: a firmware, a structure that leads on, and one that does not.
pub(crate) fn chain() -> Chain {
    let mut chain = Chain::default();
    let firmware = chain.step(Step::new(Stage::Firmware, "BIOS", "PCs", State::Good));
    let good = chain.step(Step::new(Stage::Structure, "Boot catalogue", "entry 1", State::Good));
    let bad = chain.step(Step::new(Stage::Structure, "A & <B>", "nowhere", State::Broken).noting("It is missing"));
    let menu = chain.step(Step::new(Stage::Menu, "Menu", "a.cfg", State::Doubtful));
    chain.link(firmware, good, State::Good, "from a disc");
    chain.link(firmware, bad, State::Broken, "from a stick");
    chain.link(good, menu, State::Doubtful, "");
    chain
}

#[test]
fn steps_that_are_the_same_are_one_and_the_worst_of_them_counts() {
    let mut chain = chain();
    let len = chain.steps.len();
    let again = Step::new(Stage::Structure, "Boot catalogue", "entry 1", State::Doubtful).noting("Again");
    let at = chain.step(again.clone());
    assert_eq!((chain.steps.len(), chain.step(again)), (len, at));
    assert_eq!((chain.steps[at].state, &*chain.steps[at].notes), (State::Doubtful, &["Again".to_owned()][..]));
}

#[test]
fn links_lead_to_later_stages_only_and_are_there_once() {
    let mut chain = chain();
    let links = chain.links.clone();
    chain.link(3, 1, State::Good, "back");
    chain.link(1, 2, State::Good, "beside");
    chain.link(0, 1, State::Broken, "twice");
    chain.link(0, 99, State::Good, "to nothing");
    assert_eq!(chain.links, links);
    assert_eq!(chain.starts().collect::<Vec<_>>(), [0]);
}

#[test]
fn there_is_a_ceiling_for_steps() {
    let mut chain = Chain::default();
    for at in 0..limits::CHAIN_STEPS * 2 {
        chain.step(Step::new(Stage::Kernel, at.to_string(), "", State::Good));
    }
    assert_eq!(chain.steps.len(), limits::CHAIN_STEPS);
}

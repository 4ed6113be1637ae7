//! Switching to another open cohort, and opening one more.

use std::path::{Path, PathBuf};

use super::{
    action::Effect,
    message::Message,
    palette::{self, Offer},
    state::State,
};

/// Offers the open cohorts, and to open another.
pub fn offer(state: &mut State) -> Vec<Effect> {
    palette::open(state, Offer::Cohorts);
    Vec::new()
}

/// Goes to an open cohort.
pub fn switch(state: &mut State, place: usize) -> Vec<Effect> {
    if place == state.cohorts.at {
        let name = state.name();
        state.message = Some(Message::info(format!("{name} is shown already")));
        return Vec::new();
    }
    vec![Effect::SwitchCohort(place)]
}

/// Opens the cohort in a folder that was typed; `~/` stands for the home folder.
pub fn open(typed: &str, get: impl Fn(&str) -> Option<String>) -> Vec<Effect> {
    let typed = typed.trim();
    let home = typed.strip_prefix("~/").zip(get("HOME"));
    vec![Effect::OpenCohort(home.map_or_else(|| PathBuf::from(typed), |(rest, home)| Path::new(&home).join(rest)))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_folder_may_begin_at_home() {
        let home = |name: &str| (name == "HOME").then(|| "/home/kim".to_owned());
        assert_eq!(open(" ~/ra2 ", home), [Effect::OpenCohort("/home/kim/ra2".into())]);
        assert_eq!(open("data/ra2", home), [Effect::OpenCohort("data/ra2".into())]);
    }
}

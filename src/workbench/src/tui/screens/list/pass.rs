//! A pass: one joint on every film as a contact sheet, graded crop by crop or page by page.

use std::collections::HashMap;

use svh_core::{Joint, Limb, Task, joint, review::standing::StandingBox};

use super::{arrange, state::Pass};
use crate::{
    selection::{Item, Selection},
    tui::{
        action::{Effect, Wanted},
        bulk, names,
        state::State as Whole,
    },
};

/// The joints that passes go over, one of either side: hands, then feet.
fn joints(task: Task) -> Vec<&'static Joint> {
    let hands = names::ordered(task, Limb::LeftHand).iter();
    hands.chain(names::ordered(task, Limb::LeftFoot)).copied().collect()
}

/// What a pass is called.
fn title(joint: &Joint) -> String {
    let place = if joint.limb.is_hand() { "" } else { "foot, " };
    format!("{place}{} {}", names::short(joint), joint.task)
}

/// Shows a joint on every film that has a box for it.
pub fn open(state: &mut Whole, joint: &'static Joint, gathered: Vec<StandingBox>) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let (mut items, mut boxes) = (Vec::new(), HashMap::new());
    for one in gathered {
        let Some(patient) = catalogue.cohort.patients().get(one.patient as usize) else { continue };
        // A foot without erosion labels has its boxes of narrowing for both tasks; one with them has its own.
        let taken_over = one.joint.task != joint.task;
        let Some(graded) = joint::by_label(joint.task, &one.joint.label) else { continue };
        if taken_over && patient.has_labels(joint.task, one.joint.limb) {
            continue;
        }
        let decided = state.session.reviews().decided_box(&patient.id, one.joint, true).map(|decision| decision.value);
        let reference = decided.unwrap_or(one.labelled);
        if reference.or(one.found).is_none() {
            continue;
        }
        let score = state.results.patient(&patient.id).and_then(|scored| scored.score.joints.get(&graded.ra2_column));
        let what = score.map_or_else(String::new, |score| {
            let share = score.probabilities.get(usize::from(score.grade)).copied().unwrap_or(0.0);
            format!("expected {:.2}, {:.0} % probable", score.expected, share * 100.0)
        });
        boxes.insert(items.len(), one.clone());
        items.push(Item {
            joint: Some(graded),
            what,
            reference,
            found: one.found,
            reader: catalogue.cohort.grades_of(patient).and_then(|row| row.get(graded)),
            model: score.map(|score| score.grade),
            ..Item::film(&patient.id, graded.limb)
        });
    }
    let title = title(joint);
    if items.is_empty() {
        return state.say(format!("{title}: no film has a box of it"));
    }
    let effects = arrange::open(state, Selection { title, items });
    state.list.lines = false;
    state.list.pass = Some(Pass { joint, boxes });
    effects
}

/// The next joint, or the one before; the other task of the joint.
pub fn turn(state: &mut Whole, step: Step) -> Vec<Effect> {
    let Some(pass) = &state.list.pass else {
        return state.say("this list is not a pass over one joint; Z makes one of the joint at hand");
    };
    let here = pass.joint;
    let same = |other: &Joint| other.joint == here.joint && other.limb.is_hand() == here.limb.is_hand();
    let next = if step == Step::Task {
        let other = if here.task == Task::Narrowing { Task::Erosion } else { Task::Narrowing };
        joints(other).into_iter().find(|joint| same(joint))
    } else {
        let all = joints(here.task);
        let place = all.iter().position(|joint| same(joint)).unwrap_or(0);
        if step == Step::Next { all.get(place + 1).copied() } else { place.checked_sub(1).and_then(|place| all.get(place).copied()) }
    };
    match (next, step) {
        (Some(joint), _) => bulk::gather(state, Wanted::Joint(joint)),
        (None, Step::Task) => state.say(format!("{} is graded for {} only", names::short(here), here.task)),
        (None, Step::Next) => state.say("that was the last joint"),
        (None, Step::Previous) => state.say("this is the first joint"),
    }
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next joint.
    Next,
    /// The one before.
    Previous,
    /// The other task.
    Task,
}

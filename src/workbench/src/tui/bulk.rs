//! Bulk review: many boxes accepted at once, one undo for all of them, and one joint of all films gathered to be graded on a contact sheet.

use svh_core::{
    Proposal, Reviews,
    review::{Before, Change, Entry, ReviewTarget, holder_of_box, standing::StandingBox},
};

use super::{
    action::{Effect, Wanted},
    format,
    message::Message,
    names, navigation,
    screens::{film, review},
    state::State,
};

/// Asks for the joint at hand on every film.
pub fn same_joint(state: &mut State) -> Vec<Effect> {
    if state.session.blind {
        return navigation::refuse(state);
    }
    let Some(joint) = state.front().joint(state) else { return state.say("no joint is at hand") };
    gather(state, Wanted::Joint(joint))
}

/// Asks for the boxes that an action is about.
pub fn gather(state: &mut State, wanted: Wanted) -> Vec<Effect> {
    state.say("reading the boxes of all films …");
    vec![Effect::ReadBoxes(wanted)]
}

/// What was typed after the key that accepts many: nothing for the film at hand, or a score.
///
/// # Errors
/// Why it cannot be taken.
pub fn typed(state: &mut State, text: &str) -> Result<Vec<Effect>, String> {
    if text.trim().is_empty() {
        return accept_film(state);
    }
    let score: f32 = text.trim().parse().map_err(|_| format!("`{}` is not a score; type a number from 0 to 1, or nothing", text.trim()))?;
    if !(0.0..=1.0).contains(&score) {
        return Err(format!("a score is a number from 0 to 1, and {score} is not"));
    }
    Ok(gather(state, Wanted::Above(score)))
}

/// Accepts every box of the film at hand that a model proposed and nobody has decided about.
fn accept_film(state: &mut State) -> Result<Vec<Effect>, String> {
    let Some(current) = film::current(state) else { return Err("no film is at hand".to_owned()) };
    if current.is_reading() {
        return Err("the film is still being read; try again in a moment".to_owned());
    }
    let size = current.picture().map(|picture| picture.size());
    let clipped = |bbox: svh_core::BBox| size.map_or(bbox, |(width, height)| bbox.clipped(width as f32, height as f32));
    let name = current.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let place = format!("{}-{}", current.patient, current.limb.map_or("", svh_core::Limb::code));
    let joints = svh_core::Task::ALL.into_iter().flat_map(|task| current.joints(task));
    let proposed = joints.filter_map(|joint| {
        // A foot's erosion boxes are those of narrowing.
        let own = holder_of_box(joint, current.erosion_file) == *joint;
        let open = own && current.reviews.decided_box(current.patient, joint, current.erosion_file).is_none();
        let entry = open.then(|| current.entry(joint))?;
        let bbox = match (entry.drawn, entry.proposed, entry.found) {
            (Some(bbox), Some(_), _) => bbox,
            (None, _, Some(found)) => clipped(found.bbox),
            _ => return None,
        };
        let target = ReviewTarget { patient: current.patient.to_owned(), film: name.clone(), joint, size };
        Some((target, Change::Accept { bbox }, Before { bbox: entry.drawn, grade: entry.grade, saw: None }))
    });
    let proposed: Vec<_> = proposed.collect();
    if proposed.is_empty() {
        return Err(format!("{place} has no proposal that waits; a score such as 0.9 accepts those of all films"));
    }
    let (effects, count) = change_all(state, proposed);
    let effects = [effects, review::settled(state)].concat();
    state.say(format!("accepted {} of {place} · u undoes all of them", format::count_of(count, "box", "boxes")));
    Ok(effects)
}

/// Accepts the proposals of all films that have at least this score, and that the shape model finds plausible.
pub fn accept_above(state: &mut State, score: f32, boxes: &[StandingBox]) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let (mut films, mut proposed, mut left) = (std::collections::BTreeSet::new(), Vec::new(), 0);
    for one in boxes {
        let Some(patient) = catalogue.cohort.patients().get(one.patient as usize) else { continue };
        let (Some(proposal), Some(bbox)) = (one.proposal, one.bbox()) else { continue };
        if is_decided(state.session.reviews(), &patient.id, one) {
            continue;
        }
        let Proposal { score: reached, inferred, implausible } = proposal;
        if inferred || implausible || reached < score {
            left += 1;
            continue;
        }
        films.insert((one.patient, one.joint.limb));
        let target = ReviewTarget { patient: patient.id.clone(), film: Some(one.film.clone()), joint: one.joint, size: one.size };
        proposed.push((target, Change::Accept { bbox }, Before { bbox: one.labelled, grade: None, saw: None }));
    }
    let waiting = format::count_of(left, "proposal", "proposals");
    if proposed.is_empty() {
        return state.say(format!("no proposal that waits has a score of at least {score}; {waiting} below it, inferred or implausible"));
    }
    let (effects, count) = change_all(state, proposed);
    let effects = [effects, review::settled(state)].concat();
    let (accepted, on) = (format::count_of(count, "box", "boxes"), format::count_of(films.len(), "film", "films"));
    state.say(format!("accepted {accepted} on {on} · {waiting} left (below {score}, inferred, implausible) · u undoes all of them"));
    effects
}

/// Whether a reader decided about a standing box.
#[must_use]
pub fn is_decided(reviews: &Reviews, patient: &str, one: &StandingBox) -> bool {
    reviews.joint(patient, one.joint).is_some_and(|review| review.bbox.is_some())
}

/// Makes many changes as one action; what is to be written, and how many there are.
pub fn change_all(state: &mut State, changes: Vec<(ReviewTarget, Change, Before)>) -> (Vec<Effect>, usize) {
    let (entries, refused) = state.session.change_all(changes);
    if let Some(refusal) = refused {
        state.message = Some(Message::error(refusal.to_string()));
    }
    let count = entries.len();
    (if count == 0 { Vec::new() } else { vec![Effect::Review(entries)] }, count)
}

/// Takes back the latest change or bulk action, or brings it again. What is to be written, and the changes that it is about; `None`, with the reason said, where
/// there is none.
pub fn take_back(state: &mut State, again: bool) -> Option<(Vec<Effect>, Vec<Entry>)> {
    let done = if again { state.session.redo() } else { state.session.undo() };
    let Some((entries, of)) = done else {
        state.say(if again { "there is nothing to redo" } else { "there is nothing to undo" });
        return None;
    };
    Some((vec![Effect::Review(entries)], of))
}

/// What a change is about; without the id of its film set where that is hidden.
#[must_use]
pub fn place(entry: &Entry, hidden: bool) -> String {
    let patient = if hidden { "film" } else { &entry.patient };
    format!("{patient} {}", entry.joint().map(names::short).unwrap_or_default())
}

/// What was taken back, in words; without ids of film sets where they are hidden.
#[must_use]
pub fn describe(of: &[Entry], again: bool, hidden: bool) -> String {
    let what = if again { "done again" } else { "undone" };
    match of {
        [] => what.to_owned(),
        [one] => format!("{what}: {}, {}", place(one, hidden), one.change.describe()),
        [one, ..] => format!("{what}: {} ({} and others)", format::count_of(of.len(), "change", "changes"), one.change.describe()),
    }
}

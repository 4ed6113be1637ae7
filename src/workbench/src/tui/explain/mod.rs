//! Why joints have their grades, as the engine answers: asked for one joint at a time, kept for the session. The engine keeps its answers on disk.

pub mod state;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use svh_analysis::{Evaluation, GradeFilter, GradedJoint, Scale, Scope};
use svh_core::{BBox, Cohort, ExplainFilm, ExplainQuery, ExplainedJoint, Explanation, Joint, SimilarJoint, joint};

use self::state::Answer;
use super::{action::Effect, state::State};

/// Reference joints of a grade that are looked at.
pub const PER_GRADE: usize = 24;
/// Reference joints that are named.
pub const MOST: usize = 12;

/// Whether there is something to be asked about a joint.
#[must_use]
pub fn is_unasked(state: &State, query: &ExplainQuery) -> bool {
    let entry = state.explanations.of(query);
    let similar = entry.is_none_or(|entry| entry.similar == Answer::Unasked) && state.active_run.evaluation().is_some();
    entry.is_none_or(|entry| entry.map == Answer::Unasked) || similar
}

/// Asks about a joint what has not been asked; requests about other joints are cancelled. `name` is the joint's, in words.
pub fn ask(state: &mut State, name: &str, query: &ExplainQuery) -> Vec<Effect> {
    let mut effects = Vec::new();
    for id in state.explanations.drop_others(query) {
        effects.extend(state.engine.cancel_one(id).map(Effect::Send));
    }
    if state.explanations.entry(query).map == Answer::Unasked {
        let (id, request) = state.engine.explain(name, query.clone());
        state.explanations.entry(query).map = Answer::Waiting(id);
        effects.push(Effect::Send(request));
    }
    if state.explanations.entry(query).similar == Answer::Unasked
        && let Some((references, patients)) = references_of(state, query)
    {
        state.explanations.entry(query).patients = patients;
        if references.is_empty() {
            state.explanations.entry(query).similar =
                Answer::Failed("the cohort has no other graded joint of this kind with a box".to_owned());
            return effects;
        }
        let (id, request) = state.engine.similar(name, query.clone(), references, MOST);
        state.explanations.entry(query).similar = Answer::Waiting(id);
        effects.push(Effect::Send(request));
    }
    effects
}

/// Asks again what has failed or was cancelled.
pub fn retry(state: &mut State, query: &ExplainQuery) {
    let entry = state.explanations.entry(query);
    if matches!(entry.map, Answer::Failed(_)) {
        entry.map = Answer::Unasked;
    }
    if matches!(entry.similar, Answer::Failed(_)) {
        entry.similar = Answer::Unasked;
    }
}

/// The engine says what a grade rests on.
pub fn explained(state: &mut State, id: u64, explanation: Explanation) {
    if let Some(entry) = state.explanations.all().iter_mut().find(|entry| entry.map.is_of(id)) {
        entry.map = Answer::Ready(explanation);
    }
}

/// The engine has found similar joints.
pub fn found(state: &mut State, id: u64, joints: Vec<SimilarJoint>) {
    if let Some(entry) = state.explanations.all().iter_mut().find(|entry| entry.similar.is_of(id)) {
        entry.similar = Answer::Ready(joints);
    }
}

/// A request has failed, or all of them where the engine has ended.
pub fn failed(state: &mut State, id: Option<u64>, reason: &str) {
    for entry in state.explanations.all() {
        let lost = |waiting: u64| id.is_none_or(|id| id == waiting);
        if matches!(entry.map, Answer::Waiting(waiting) if lost(waiting)) {
            entry.map = Answer::Failed(reason.to_owned());
        }
        if matches!(entry.similar, Answer::Waiting(waiting) if lost(waiting)) {
            entry.similar = Answer::Failed(reason.to_owned());
        }
    }
}

/// The graded joints of the evaluation that a joint is compared with; `None` without an evaluation.
fn references_of(state: &State, query: &ExplainQuery) -> Option<(Vec<ExplainFilm>, BTreeMap<PathBuf, String>)> {
    let (evaluation, catalogue) = (state.active_run.evaluation()?, state.catalogue()?);
    let joint = joint::by_label(query.task, &query.joint()?.joint)?;
    Some(references(evaluation, &catalogue.cohort, joint, &query.film.path))
}

/// The same joint of both sides with a reader's grade and box, up to [`PER_GRADE`] of each grade, spread evenly over the patients, film by film; and
/// whose each film is.
fn references(
    evaluation: &Evaluation,
    cohort: &Cohort,
    asked: &'static Joint,
    own: &Path,
) -> (Vec<ExplainFilm>, BTreeMap<PathBuf, String>) {
    let scope = Scope { joint: Some(&asked.joint), ..Scope::all(Scale::of(asked)) };
    let filter = GradeFilter { scope, reference: None, model: None, patient: None };
    let mut by_grade: BTreeMap<u8, Vec<(GradedJoint, PathBuf, BBox)>> = BTreeMap::new();
    for row in evaluation.graded(&filter) {
        let film = || cohort.film(cohort.patient(evaluation.patients().get(row.patient)?)?, row.joint.limb);
        let bbox = evaluation.place(row.patient, row.joint).reference;
        if let (Some(grade), Some(bbox), Some(film)) = (row.reference, bbox, film())
            && !(film == own && row.joint == asked)
        {
            by_grade.entry(grade).or_default().push((row, film, bbox));
        }
    }
    let (mut films, mut patients): (BTreeMap<PathBuf, ExplainFilm>, _) = (BTreeMap::new(), BTreeMap::new());
    for rows in by_grade.into_values() {
        for (row, path, bbox) in evenly(rows, PER_GRADE) {
            let boxes =
                || joint::of_limb(row.joint.task, row.joint.limb).filter_map(|other| evaluation.place(row.patient, other).reference);
            patients.extend(evaluation.patients().get(row.patient).map(|patient| (path.clone(), patient.to_owned())));
            let film =
                films.entry(path.clone()).or_insert_with(|| ExplainFilm { path, turned: 0, boxes: boxes().collect(), joints: Vec::new() });
            film.joints.push(ExplainedJoint { joint: row.joint.label.clone(), bbox, grade: row.reference });
        }
    }
    (films.into_values().collect(), patients)
}

/// So many of a list, at even distances.
fn evenly<T>(all: Vec<T>, most: usize) -> impl Iterator<Item = T> {
    let count = all.len();
    let chosen = move |place: usize| count <= most || (place * most) / count != ((place + 1) * most) / count;
    all.into_iter().enumerate().filter(move |(place, _)| chosen(*place)).map(|(_, one)| one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_chosen_at_even_distances() {
        assert_eq!(evenly((0..100).collect(), 4).collect::<Vec<_>>(), [24, 49, 74, 99]);
        assert_eq!(evenly((0..25).collect(), 24).count(), 24);
        assert_eq!(evenly(vec![7, 8], 24).collect::<Vec<_>>(), [7, 8]);
    }
}

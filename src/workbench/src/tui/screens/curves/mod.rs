//! How detectors and scorers do: precision and recall, AP by joint, F1 over the threshold, right and wrong boxes by score and IoU, confused joints,
//! reliability. Every point, bar and line opens what it stands for.

mod bars;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use svh_analysis::{
    BINS, FoundRow, GradedJoint, Scale, Scope,
    detection::{Histogram, best_f1},
    stats::{CONFIDENCE_BINS, confidence_bin},
};
use svh_core::{Joint, Task, joint};

use crate::{
    figures::{self, Figure, FigureError},
    selection::Selection,
    tui::{
        action::{Action, Effect},
        choice::beside,
        keys::screens::CURVES,
        message::Message,
        names,
        question::{Question, Source},
        screen_trait::{Change, Screen},
        screens::list,
        state::State,
        threshold,
    },
};
use state::{Detector, View};
use svh_terminal::Plan;

/// The screen.
pub struct Curves;

impl Screen for Curves {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let screen = &mut state.curves;
        let (view, last) = (screen.view as usize, count(screen).saturating_sub(1));
        let step = |by: isize, cursor: usize| cursor.saturating_add_signed(by).min(last);
        // Lists go down where curves and bars go to the right.
        let is_list = matches!(screen.view, View::Table | View::Classes | View::Reliability);
        match action {
            Action::NextView | Action::PreviousView => screen.view = beside(&View::ALL, screen.view, action == Action::NextView),
            Action::Left => screen.cursor[view] = step(-1, screen.cursor[view]),
            Action::Right => screen.cursor[view] = step(1, screen.cursor[view]),
            Action::Up => screen.cursor[view] = step(if is_list { -1 } else { 1 }, screen.cursor[view]),
            Action::Down => screen.cursor[view] = step(if is_list { 1 } else { -1 }, screen.cursor[view]),
            Action::PageUp => screen.cursor[view] = step(-10, screen.cursor[view]),
            Action::PageDown => screen.cursor[view] = step(10, screen.cursor[view]),
            Action::Top => screen.cursor[view] = 0,
            Action::Bottom => screen.cursor[view] = last,
            Action::LogScale => screen.log = !screen.log,
            Action::SwitchTask if screen.view == View::Reliability => {
                screen.scale = Some(beside(&Scale::ALL, screen.scale.unwrap_or(Scale::ALL[0]), true));
                reliability(state);
            }
            Action::SwitchTask => {
                screen.task = beside(&Task::ALL, screen.task, true);
                (screen.joint, screen.of_joint, screen.detector) = (None, None, None);
                return ask(state);
            }
            Action::SwitchLimb => choose_joint(state),
            Action::Best => return take_best(state),
            Action::Open => return open(state),
            _ => {}
        }
        self.settle(state);
        Vec::new()
    }

    /// Keeps the cursor within the view.
    fn settle(&self, state: &mut State) {
        let last = count(&state.curves).saturating_sub(1);
        let cursor = &mut state.curves.cursor[state.curves.view as usize];
        *cursor = (*cursor).min(last);
    }

    fn enter(&self, state: &mut State) -> Vec<Effect> {
        confuse(state);
        ask(state)
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        state.curves.detector = None;
        state.curves.of_joint = None;
        reliability(state);
        confuse(state);
        if state.screen == CURVES.id { ask(state) } else { Vec::new() }
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.act(state, Action::Down),
            MouseEventKind::ScrollUp => self.act(state, Action::Up),
            _ => Vec::new(),
        }
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        if change == Change::Errors {
            confuse(state);
        }
        Vec::new()
    }

    fn is_waiting(&self, state: &State) -> bool {
        state.curves.detector.is_none() && state.active_run.evaluation().is_some()
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let evaluation = state.active_run.evaluation()?;
        let screen = &state.curves;
        let label = screen.joint.map(|joint| joint.label.as_str());
        Some(match screen.view {
            View::Precision | View::Table | View::Classes => {
                ("precision-recall", figures::pr_curves(evaluation, screen.task, &screen.ready()?.coco, label))
            }
            View::F1 => ("f1", figures::f1(evaluation, screen.task, screen.curves()?)),
            View::Scores => ("scores", figures::histogram(evaluation, screen.task, "score", &screen.curves()?.scores)),
            View::Overlap => ("iou", figures::histogram(evaluation, screen.task, "IoU", &screen.curves()?.ious)),
            View::Reliability => ("reliability", figures::reliability(evaluation, &Scope::all(screen.scale.unwrap_or(Scale::Narrowing)))),
        })
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

/// Asks for the metrics of the task at hand where they are not there.
fn ask(state: &mut State) -> Vec<Effect> {
    let there = match &state.curves.detector {
        Some(Ok(detector)) => detector.task == state.curves.task,
        Some(Err(_)) => true,
        None => false,
    };
    if there || state.active_run.evaluation().is_none() {
        return Vec::new();
    }
    state.curves.detector = None;
    vec![Effect::Ask(Question::Detector(state.curves.task))]
}

/// The metrics have been worked out.
pub fn on_answer(state: &mut State, source: &Source, task: Task, found: Result<Box<Detector>, String>) {
    if state.active_run.source() != Some(source) || task != state.curves.task {
        return;
    }
    state.curves.detector = Some(found);
    if let Some(best) = state.curves.ready().and_then(|detector| best_f1(&detector.curves.points)) {
        let at = hundredths(best.threshold);
        state.curves.cursor[View::Precision as usize] = at;
        state.curves.cursor[View::F1 as usize] = at;
    }
    // Where there is something to open.
    let bins = state.curves.ready().map(|detector| [&detector.curves.scores, &detector.curves.ious].map(fullest));
    if let Some([scores, ious]) = bins {
        state.curves.cursor[View::Scores as usize] = scores;
        state.curves.cursor[View::Overlap as usize] = ious;
    }
    of_joint(state);
    confuse(state);
    if state.curves.graded.is_empty() {
        reliability(state);
    }
}

/// A score in hundredths, rounded down so that a box of this score passes; scores of 32 bits lie a little beside the decimal number.
fn hundredths(score: f64) -> usize {
    (score * 100.0 + 1e-4).floor() as usize
}

/// The bin with the most wrong boxes.
fn fullest(found: &Histogram) -> usize {
    found.wrong.iter().enumerate().max_by_key(|(place, count)| (**count, std::cmp::Reverse(*place))).map_or(0, |(place, _)| place)
}

/// Counts the joints that are taken for others at the operating threshold.
fn confuse(state: &mut State) {
    // While another screen is shown a step of the threshold does not wait for them; coming back counts them.
    let Some(evaluation) = state.active_run.evaluation().filter(|_| state.screen == CURVES.id).cloned() else {
        state.curves.pairs.clear();
        return;
    };
    let pairs = evaluation.class_confusion(state.curves.task, state.active_run.threshold);
    let mut pairs: Vec<_> = pairs.into_iter().filter(|((reference, found), _)| reference != found).collect();
    pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    state.curves.pairs = pairs;
    Curves.settle(state);
}

/// Works the reliability diagram of the scale out.
fn reliability(state: &mut State) {
    let scope = Scope::all(state.curves.scale.unwrap_or(Scale::Narrowing));
    let evaluation = state.active_run.evaluation().cloned();
    let found = evaluation.map(|evaluation| (evaluation.reliability(&scope), evaluation.confident(&scope)));
    (state.curves.reliability, state.curves.graded) = found.unwrap_or_default();
    let first = state.curves.reliability.as_ref().and_then(|found| found.bins.iter().position(|(count, ..)| *count > 0));
    state.curves.cursor[View::Reliability as usize] = first.unwrap_or(0);
    Curves.settle(state);
}

/// Works the curves of the joint at hand out.
fn of_joint(state: &mut State) {
    let evaluation = state.active_run.evaluation().cloned();
    let joint = state.curves.joint;
    state.curves.of_joint = evaluation.zip(joint).map(|(evaluation, joint)| evaluation.detector_curves(joint.task, Some(joint)));
}

/// The joints that the table of AP has a line for, in its order; `None` is the line of all.
#[must_use]
pub fn lines(screen: &state::State) -> Vec<Option<&'static Joint>> {
    let curves = screen.ready().map_or(&[][..], |detector| &detector.coco.curves);
    let joints = joint::joints(screen.task);
    curves.iter().map(|curve| curve.class.and_then(|class| joints.get(usize::from(class)))).collect()
}

/// The number of places of the view at hand.
fn count(screen: &state::State) -> usize {
    match screen.view {
        View::Precision | View::F1 => 101,
        View::Table => lines(screen).len(),
        View::Scores | View::Overlap => BINS,
        View::Classes => screen.pairs.len(),
        View::Reliability => CONFIDENCE_BINS,
    }
}

/// From all joints to the one chosen in the table, and back.
fn choose_joint(state: &mut State) {
    let chosen = lines(&state.curves).get(state.curves.cursor[View::Table as usize]).copied().flatten();
    state.curves.joint = if state.curves.joint.is_some() { None } else { chosen };
    if state.curves.joint.is_none() && chosen.is_none() {
        state.message = Some(Message::info("choose a joint in AP (Tab) first"));
    }
    of_joint(state);
}

/// Makes the threshold of the best F1 the operating threshold.
fn take_best(state: &mut State) -> Vec<Effect> {
    let Some(best) = state.curves.curves().and_then(|curves| best_f1(&curves.points)) else { return Vec::new() };
    let hundredths = hundredths(best.threshold) as i16;
    state.curves.cursor[View::F1 as usize] = usize::try_from(hundredths).unwrap_or(0);
    state.curves.cursor[View::Precision as usize] = usize::try_from(hundredths).unwrap_or(0);
    let what = format!(
        "the threshold of all screens is {:.2}, that of the best F1 ({:.3})",
        f64::from(hundredths) / 100.0,
        best.f1().unwrap_or(0.0)
    );
    state.message = Some(Message::info(what));
    threshold::set(state, hundredths)
}

/// The boxes or joints behind the chosen place.
fn open(state: &mut State) -> Vec<Effect> {
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return Vec::new() };
    let screen = &state.curves;
    let (task, at) = (screen.task, screen.at());
    let of_joint = |row: &FoundRow| screen.joint.is_none_or(|joint| row.model == Some(joint));
    let name = screen.joint.map_or_else(|| task.to_string(), |joint| format!("{task}, {}", joint.label));
    let found = |keep: &dyn Fn(&FoundRow) -> bool| {
        let mut rows: Vec<FoundRow> = evaluation.found(task).into_iter().filter(|row| keep(row)).collect();
        rows.sort_by(|a, b| a.score.total_cmp(&b.score));
        list::of_found(&evaluation, &rows)
    };
    let bin = |value: f32| Histogram::bin(value.into(), BINS) == at;
    let edges = |bins: usize| format!("{:.2} to {:.2}", at as f64 / bins as f64, (at + 1) as f64 / bins as f64);
    let selection = match screen.view {
        View::Precision | View::F1 => {
            let threshold = screen.threshold();
            let items = found(&|row| row.kind.is_some() && f64::from(row.score) >= threshold && of_joint(row));
            Selection { title: format!("{name}: wrong boxes from {threshold:.2}"), items }
        }
        View::Table => {
            let joint = lines(screen).get(at).copied().flatten();
            let label = joint.map_or_else(|| "all joints".to_owned(), |joint| joint.label.clone());
            let mut rows: Vec<FoundRow> = evaluation.found(task);
            rows.retain(|row| row.kind.is_some() && joint.is_none_or(|joint| row.model == Some(joint) || row.reference == Some(joint)));
            rows.sort_by(|a, b| b.score.total_cmp(&a.score));
            Selection { title: format!("{task}, {label}: wrong boxes"), items: list::of_found(&evaluation, &rows) }
        }
        View::Scores => {
            let items = found(&|row| bin(row.score) && of_joint(row));
            Selection { title: format!("{name}: score {}", edges(BINS)), items }
        }
        View::Overlap => {
            let items = found(&|row| bin(row.iou) && of_joint(row));
            Selection { title: format!("{name}: IoU {}", edges(BINS)), items }
        }
        View::Classes => {
            let Some((pair, _)) = screen.pairs.get(at).copied() else { return Vec::new() };
            let rows = evaluation.class_boxes(task, state.active_run.threshold, pair);
            Selection { title: pair_name(task, pair), items: list::of_found(&evaluation, &rows) }
        }
        View::Reliability => {
            let in_bin = |joint: &&GradedJoint| joint.confidence.is_some_and(|confidence| confidence_bin(confidence.into()) == at);
            let mut rows: Vec<GradedJoint> = screen.graded.iter().filter(in_bin).copied().collect();
            let off = |joint: &GradedJoint| joint.reference.zip(joint.model).map_or(0, |(reference, model)| reference.abs_diff(model));
            rows.sort_by_key(|joint| std::cmp::Reverse(off(joint)));
            let scale = screen.scale.unwrap_or(Scale::Narrowing).describe();
            Selection { title: format!("{scale}: confidence {}", edges(CONFIDENCE_BINS)), items: list::of_graded(&evaluation, &rows) }
        }
    };
    list::open(state, selection)
}

/// A pair of classes in words.
#[must_use]
pub fn pair_name(task: Task, (reference, found): svh_analysis::detection::ClassPair) -> String {
    let name = |class: u16| {
        joint::joints(task).get(usize::from(class)).map_or_else(String::new, |joint| format!("{} {}", joint.limb, names::short(joint)))
    };
    match (reference, found) {
        (Some(reference), Some(found)) => format!("{} called {}", name(reference), name(found)),
        (Some(reference), None) => format!("{} missed", name(reference)),
        (None, Some(found)) => format!("background called {}", name(found)),
        (None, None) => String::new(),
    }
}

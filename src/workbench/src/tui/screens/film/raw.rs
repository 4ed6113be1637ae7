//! Every detection of the film at hand as the detector left it: which box was accepted, and why each other one was not.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::ErrorRow;
use svh_core::{Detection, FilmDetections, Joint, Origin, joint};

use super::{
    current::{Current, current},
    layout::List,
    list::first,
    marks::in_colours,
};
use crate::tui::{draw, names, state::State as Whole, theme};
use svh_terminal::{Line, Mark};

/// What became of a detection.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Its joint is graded from it.
    Accepted,
    /// Its score is below the threshold.
    Threshold(f32),
    /// It lies where the joint cannot be; why, in the words of the shape model.
    Shape(String),
    /// Another box of the joint was accepted; its score.
    Better(f32),
    /// Another box was accepted, or none, for a reason that the run does not keep.
    Unused,
}

impl Verdict {
    /// Whether the joint is graded from it.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted)
    }

    /// In a few cells.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::Accepted => "✓ accepted".to_owned(),
            Self::Threshold(threshold) => format!("✗ below {threshold:.2}"),
            Self::Shape(_) => "✗ shape".to_owned(),
            Self::Better(score) => format!("✗ {score:.2} is better"),
            Self::Unused => "✗ not used".to_owned(),
        }
    }

    /// In a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Accepted => "accepted: the joint is graded from this box".to_owned(),
            Self::Threshold(threshold) => format!("rejected by the threshold: its score is below {threshold:.2}"),
            Self::Shape(why) => format!("rejected by the shape of the limb: {why}"),
            Self::Better(score) => format!("rejected: another box of this joint was better, {score:.2}"),
            Self::Unused => "rejected: it lost its place to a neighbouring joint".to_owned(),
        }
    }
}

/// A detection with what became of it.
pub struct Row<'a> {
    /// Its place among the film's detections.
    pub place: usize,
    /// It.
    pub detection: &'a Detection,
    /// What became of it at the operating threshold.
    pub verdict: Verdict,
}

impl Row<'_> {
    fn joint(&self) -> Option<&'static Joint> {
        joint::by_label(self.detection.task, &self.detection.joint)
    }
}

/// The box that the best-box rule accepts for a class at a threshold, by its place: as [`svh_analysis::detection::BestBox`] does.
fn accepted(film: &FilmDetections, of: &Detection, threshold: f32) -> Option<usize> {
    let class = || film.detections.iter().enumerate().filter(|(_, one)| one.task == of.task && one.class_id == of.class_id);
    let best = |doubtful: bool| {
        let reaching = class().filter(|(_, one)| one.from != Origin::Inferred && one.score >= threshold);
        let eligible = reaching.filter(|(_, one)| one.implausible.is_some() == doubtful && (one.kept || !doubtful));
        // Of equal scores the earlier one.
        eligible.fold(
            None,
            |best: Option<(usize, f32)>, (place, one)| {
                if best.is_none_or(|(_, score)| one.score > score) { Some((place, one.score)) } else { best }
            },
        )
    };
    let found = best(false).or_else(|| best(true)).map(|(place, _)| place);
    found.or_else(|| class().find(|(_, one)| one.from == Origin::Inferred && one.kept).map(|(place, _)| place))
}

/// What became of a detection of a film at a threshold.
#[must_use]
pub fn verdict(film: &FilmDetections, place: usize, threshold: f32) -> Verdict {
    let one = &film.detections[place];
    let accepted = accepted(film, one, threshold);
    match (&one.implausible, accepted) {
        (_, Some(accepted)) if accepted == place => Verdict::Accepted,
        _ if one.score < threshold && one.from != Origin::Inferred => Verdict::Threshold(threshold),
        (Some(why), _) => Verdict::Shape(why.clone()),
        (None, Some(accepted)) if film.detections[accepted].from != Origin::Inferred => Verdict::Better(film.detections[accepted].score),
        (None, _) => Verdict::Unused,
    }
}

/// The detections of the task at hand, the best first.
#[must_use]
pub fn rows(state: &Whole) -> Vec<Row<'_>> {
    let Some(film) = current(state).and_then(|current| current.found) else { return Vec::new() };
    let threshold = state.active_run.threshold;
    let of_task = film.detections.iter().enumerate().filter(|(_, one)| one.task == state.film.task);
    let mut rows: Vec<Row> = of_task.map(|(place, detection)| Row { place, detection, verdict: verdict(film, place, threshold) }).collect();
    rows.sort_by(|a, b| b.detection.score.total_cmp(&a.detection.score));
    rows
}

/// The line of the detection that an error is about.
#[must_use]
pub fn place_of(state: &Whole, error: &ErrorRow) -> Option<usize> {
    let place = error.detection?;
    rows(state).iter().position(|row| row.place == place)
}

/// Another detection is chosen.
pub fn choose(state: &mut Whole, forward: bool) {
    let at = state.film.detection;
    state.film.detection = if forward { at + 1 } else { at.saturating_sub(1) };
}

/// The boxes: the reader's as frames, accepted ones as corners, rejected ones crossed out; below the threshold the chosen one alone.
#[must_use]
pub fn marks(state: &Whole, current: &Current) -> Vec<Mark> {
    let screen = &state.film;
    let reference = current.joints(screen.task).iter().filter_map(|joint| current.entry(joint).drawn).filter(|_| screen.reader);
    let mut marks: Vec<Mark> =
        reference.map(|bbox| Mark { bbox, colour: theme::READER, line: Line::Solid, selected: false, label: None }).collect();
    for (line, row) in rows(state).iter().enumerate() {
        let selected = line == screen.detection;
        if !selected && (!screen.model || matches!(row.verdict, Verdict::Threshold(_))) {
            continue;
        }
        let drawn = match (&row.verdict, row.detection.from) {
            (Verdict::Accepted, Origin::Inferred) => Line::Dashed,
            (Verdict::Accepted, _) => Line::Corners,
            _ => Line::Crossed,
        };
        let colour = if row.verdict.is_accepted() { theme::MODEL } else { theme::DOUBT };
        let label = selected.then(|| row.joint().map_or_else(|| row.detection.joint.clone(), names::short));
        marks.push(Mark { bbox: row.detection.bbox, colour, line: drawn, selected, label });
    }
    in_colours(&mut marks, state.theme);
    marks
}

/// Draws the detections in place of the joints: joint, score, what became of it.
pub fn list(state: &Whole, part: &List, buffer: &mut Buffer) {
    let (theme, rows) = (state.theme, rows(state));
    let heads = Rect { x: part.heads.x + 2, width: part.heads.width.saturating_sub(2), ..part.heads };
    draw::left(buffer, heads, "box of        score", theme.muted());
    let area = Rect { height: part.lines.height + part.sum.height, ..part.lines };
    if rows.is_empty() {
        let text = "no detections of this film in the run; d finds the joints";
        draw::left(buffer, Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..draw::line(area, 0) }, text, theme.muted());
    }
    let start = first(state.film.detection, rows.len(), area.height);
    for (index, row) in rows.iter().enumerate().skip(start).take(usize::from(area.height)) {
        let line = draw::line(area, (index - start) as u16);
        let name = row.joint().map_or_else(|| row.detection.joint.clone(), names::short);
        let score = if row.detection.from == Origin::Inferred { "  ~ ".to_owned() } else { format!("{:.2}", row.detection.score) };
        let style = if row.verdict.is_accepted() { theme.model() } else { theme.doubt() };
        let text = format!("{name:<13} {score}  ");
        let inner = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
        let used = draw::left(buffer, inner, &text, theme.text());
        let rest = Rect { x: inner.x + used, width: inner.width.saturating_sub(used), ..inner };
        draw::left(buffer, rest, &row.verdict.brief(), style);
        if index == state.film.detection {
            buffer.set_style(line, theme.selection());
            draw::left(buffer, line, "▌", theme.selection());
        }
    }
}

/// Says of the chosen detection what became of it, below the list.
pub fn detail(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let rows = rows(state);
    let Some(row) = rows.get(state.film.detection) else { return };
    let width = usize::from(inner.width);
    let name = row.joint().map_or_else(|| row.detection.joint.clone(), |joint| format!("{} {}", joint.limb, names::short(joint)));
    let style = if row.verdict.is_accepted() { theme.text() } else { theme.doubt() };
    let mut lines = vec![(format!("{name}, score {:.3}", row.detection.score), theme.title())];
    lines.extend(draw::wrap(&row.verdict.words(), width).into_iter().map(|text| (text, style)));
    for (index, (text, style)) in lines.iter().take(usize::from(inner.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), text, *style);
    }
}

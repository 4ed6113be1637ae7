//! Why the chosen joint has its grade: over its crop, what each place does to the grade; beside it, the reference joints that look most like it.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::{BBox, ExplainFilm, ExplainQuery, ExplainedJoint, Explanation, Joint, SimilarJoint, joint};

use super::{
    current::{Current, current},
    marks::in_colours,
};
use crate::{
    selection::{Item, Selection},
    tui::{
        action::Effect,
        draw,
        explain::{
            self,
            state::{Answer, Entry},
        },
        message::Message,
        names,
        screens::list,
        state::State as Whole,
    },
};
use svh_terminal::{Line, Mark, Rgb};

#[cfg(test)]
mod tests;

/// Places that raise the grade.
const RAISES: Rgb = Rgb(235, 110, 50);
/// Places that lower it.
const LOWERS: Rgb = Rgb(86, 180, 233);
/// From which change of the expected grade a place has one sign, two, three.
const STEPS: [f32; 3] = [0.03, 0.1, 0.3];
/// Columns that three signs and a gap take.
const ROOM: f32 = 4.0;

/// The question about the chosen joint: the box that the model grades, else the reader's. `None` for a joint without a box.
#[must_use]
pub fn query(current: &Current, joint: &'static Joint) -> Option<ExplainQuery> {
    let entry = current.entry(joint);
    let bbox = entry.found.map(|found| found.bbox).or(entry.drawn)?;
    let found: Vec<BBox> = current.found.iter().flat_map(|found| &found.detections).filter(|one| one.kept).map(|one| one.bbox).collect();
    let drawn = || current.joints(joint.task).iter().filter_map(|joint| current.entry(joint).drawn).collect();
    let film = ExplainFilm {
        path: current.path.clone(),
        turned: current.found.map_or(0, |found| found.turned),
        boxes: if found.is_empty() { drawn() } else { found },
        joints: vec![ExplainedJoint { joint: joint.label.clone(), bbox, grade: None }],
    };
    Some(ExplainQuery { task: joint.task, film })
}

pub fn chosen(state: &Whole) -> Option<(&'static Joint, ExplainQuery)> {
    let current = current(state)?;
    let joint = *current.joints(state.film.task).get(state.film.joint)?;
    Some((joint, query(&current, joint)?))
}

/// What is known of the chosen joint, while that is shown.
#[must_use]
pub fn entry(state: &Whole) -> Option<&Entry> {
    let (_, query) = chosen(state).filter(|_| state.film.why)?;
    state.explanations.of(&query)
}

fn map(state: &Whole) -> Option<&Explanation> {
    entry(state)?.map.ready()
}

/// Whether the chosen joint has not been asked about.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    state.film.why && chosen(state).is_some_and(|(_, query)| explain::is_unasked(state, &query))
}

/// Asks about the chosen joint.
pub fn ask(state: &mut Whole) -> Vec<Effect> {
    let Some((joint, query)) = chosen(state).filter(|_| state.film.why) else { return Vec::new() };
    explain::ask(state, &format!("{} {}", joint.limb, names::short(joint)), &query)
}

/// What the picture is to show.
#[must_use]
pub fn focus(state: &Whole) -> Option<BBox> {
    Some(map(state)?.region)
}

/// The signs over the crop, and its edge. `wide` is the number of columns that the crop takes.
#[must_use]
pub fn marks(state: &Whole, wide: f32) -> Vec<Mark> {
    let Some(map) = map(state) else { return Vec::new() };
    // Signs of neighbouring places run into each other in blocks; a place is finer than the spot that is blurred.
    let coarse = !state.painter.protocol().is_pixels() && wide / (map.places as f32) < ROOM;
    let halved = if coarse { halved(map) } else { None };
    let map = halved.as_ref().unwrap_or(map);
    let edge = Mark { bbox: map.region, colour: Rgb(200, 200, 200), line: Line::Corners, selected: false, label: None };
    let mut marks: Vec<Mark> = places(map)
        .filter_map(|(bbox, fall)| {
            let count = STEPS.iter().filter(|step| fall.abs() >= **step).count();
            let (sign, colour) = if fall > 0.0 { ("+", RAISES) } else { ("-", LOWERS) };
            (count > 0).then(|| Mark { bbox, colour, line: Line::Sign, selected: false, label: Some(sign.repeat(count)) })
        })
        .chain([edge])
        .collect();
    in_colours(&mut marks, state.theme);
    marks
}

/// The same map with half as many places a side, each the mean of four; `None` where their number is odd.
fn halved(map: &Explanation) -> Option<Explanation> {
    let (side, places) = (map.places, map.places / 2);
    if places * 2 != side || map.falls.len() != side * side {
        return None;
    }
    let mean = |place: usize| {
        let first = place / places * 2 * side + place % places * 2;
        [first, first + 1, first + side, first + side + 1].map(|at| map.falls[at]).iter().sum::<f32>() / 4.0
    };
    Some(Explanation { places, falls: (0..places * places).map(mean).collect(), ..map.clone() })
}

/// The places of a map on the film, each with the fall of the grade.
fn places(map: &Explanation) -> impl Iterator<Item = (BBox, f32)> + '_ {
    let side = map.places.max(1);
    let step = (map.region.width() / side as f32, map.region.height() / side as f32);
    map.falls.iter().enumerate().map(move |(place, fall)| {
        let (x, y) = (map.region.x0 + (place % side) as f32 * step.0, map.region.y0 + (place / side) as f32 * step.1);
        (BBox { x0: x, y0: y, x1: x + step.0, y1: y + step.1 }, *fall)
    })
}

/// What the signs and colours of the picture mean.
fn legend() -> [(&'static str, Option<Rgb>); 3] {
    [
        ("+ raises the grade", Some(RAISES)),
        ("- lowers the grade", Some(LOWERS)),
        ("by 0.03, ++ 0.1, +++ 0.3 when the place is blurred away", None),
    ]
}

/// The lines that the legend takes below the picture.
#[must_use]
pub fn legend_lines(width: u16) -> u16 {
    let words = legend().map(|(words, _)| words).join("  ");
    draw::wrap(&words, usize::from(width)).len() as u16
}

/// Writes the legend below the picture.
pub fn render_legend(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let style = |colour: Option<Rgb>| colour.map_or(state.theme.muted(), |colour| state.theme.hue(state.theme.mark(colour)));
    let styled = |at: usize, text: &str| {
        // Wrapped lines begin anywhere within the words.
        let mut start = 0;
        for (words, colour) in legend() {
            start += words.split_whitespace().count();
            if at < start {
                return (text.to_owned(), style(colour));
            }
        }
        (text.to_owned(), style(None))
    };
    let words = legend().map(|(words, _)| words).join("  ");
    let mut at = 0;
    for (row, line) in draw::wrap(&words, usize::from(area.width)).iter().enumerate() {
        let mut pieces = Vec::new();
        for word in line.split_whitespace() {
            let gap = if pieces.is_empty() { "" } else { " " };
            pieces.push(styled(at, &format!("{gap}{word}")));
            at += 1;
        }
        let pieces: Vec<(&str, Style)> = pieces.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        draw::pieces(buffer, draw::line(area, row as u16), &pieces);
    }
}

/// Says beside the picture what the grade is, what the map shows and which reference joints look like this one.
pub fn render_panel(state: &Whole, current: &Current, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let Some(joint) = current.joints(state.film.task).get(state.film.joint).copied() else { return };
    let (known, width) = (current.entry(joint), usize::from(inner.width));
    let mut lines: Vec<(String, Style)> = vec![(names::long(joint), theme.title())];
    if let Some(grade) = known.grade {
        lines.push((format!("reader {grade}: {}", names::meaning(joint, grade)), theme.reader()));
    }
    if let Some(score) = known.score {
        lines.push((format!("model  {}: {}", score.grade, names::meaning(joint, score.grade)), theme.model()));
    }
    let mut say = |text: &str, style: Style| lines.extend(draw::wrap(text, width).into_iter().map(|text| (text, style)));
    match entry(state).map(|entry| &entry.map) {
        Some(Answer::Ready(map)) => say(&strongest(map), theme.text()),
        Some(Answer::Failed(reason)) => say(reason, theme.error()),
        None if known.found.is_none() && known.drawn.is_none() => say("this joint has no box", theme.muted()),
        _ => say(&format!("{} blurring one place after the other", draw::spinner(state.tick)), theme.muted()),
    }
    say("", theme.text());
    match entry(state).map(|entry| (entry, &entry.similar)) {
        Some((entry, Answer::Ready(joints))) => {
            say("most similar reference joints", theme.title());
            let room = usize::from(inner.height).saturating_sub(lines.len() + 1);
            lines.extend(joints.iter().take(room).map(|similar| (line(entry, similar), theme.text())));
            lines.push(("O: as crops".to_owned(), theme.muted()));
        }
        Some((_, Answer::Failed(reason))) => say(reason, theme.muted()),
        Some((_, Answer::Waiting(_))) => say(&format!("{} looking for similar joints", draw::spinner(state.tick)), theme.muted()),
        Some((_, Answer::Unasked)) | None => {}
    }
    for (index, (text, style)) in lines.iter().take(usize::from(inner.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), text, *style);
    }
}

/// What the map says, in a sentence.
fn strongest(map: &Explanation) -> String {
    let most = map.falls.iter().copied().fold(0.0_f32, |most, fall| if fall.abs() > most.abs() { fall } else { most });
    let what = if most.abs() < STEPS[0] {
        format!("no place changes it by {} or more: it rests on the whole crop", STEPS[0])
    } else {
        format!("the strongest place {} it by {:.2}", if most > 0.0 { "raises" } else { "lowers" }, most.abs())
    };
    format!("{}: expected {:.2}; {what}", map.model, map.expected)
}

/// The patient and the joint of a similar one.
fn named<'a>(entry: &'a Entry, similar: &SimilarJoint) -> Option<(&'a str, &'static Joint)> {
    Some((entry.patients.get(&similar.path)?, joint::by_label(entry.query.task, &similar.joint.joint)?))
}

fn line(entry: &Entry, similar: &SimilarJoint) -> String {
    let grade = similar.joint.grade.map_or_else(|| "–".to_owned(), |grade| grade.to_string());
    let place = named(entry, similar).map_or_else(String::new, |(patient, joint)| format!("{patient}-{}", joint.limb));
    format!("grade {grade:>2}  {place}  {:.1}", similar.distance)
}

/// The similar joints as a list of crops.
pub fn open_list(state: &mut Whole) -> Vec<Effect> {
    let Some((joint, query)) = chosen(state).filter(|_| state.film.why) else {
        state.message = Some(Message::info("h shows why a joint has its grade; O then lists the joints that look like it"));
        return Vec::new();
    };
    let Some((entry, joints)) = state.explanations.of(&query).and_then(|entry| Some((entry, entry.similar.ready()?))) else {
        state.message = Some(Message::info("the similar joints have not been found yet"));
        return Vec::new();
    };
    let patient = current(state).map(|current| current.patient.to_owned()).unwrap_or_default();
    let item = |similar: &SimilarJoint| {
        let (patient, joint) = named(entry, similar)?;
        Some(Item {
            joint: Some(joint),
            what: format!("distance {:.2}", similar.distance),
            reference: Some(similar.joint.bbox),
            reader: similar.joint.grade,
            ..Item::film(patient, joint.limb)
        })
    };
    let title = format!("most similar to {patient} {} {}", joint.limb, names::short(joint));
    let selection = Selection { title, items: joints.iter().filter_map(item).collect() };
    list::open(state, selection)
}

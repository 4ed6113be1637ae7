//! The joint at hand in words: the grades of readers and model, who reviewed it, what is to be done.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::{Origin, Task, review::Lock};
use unicode_width::UnicodeWidthStr;

use super::{
    at::{At, at},
    candidates,
    line::List,
};
use crate::tui::{draw, keys::Place, keys::screens::REVIEW, names, prompt::Purpose, state::State as Whole, theme::Theme, totals::OPEN};

/// Cells of the longest bar of the distribution.
const BAR: usize = 16;

/// Lines with their looks.
type Lines = Vec<(String, Style)>;

/// Draws as many lines as fit; the first say the most.
pub fn render(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    for x in area.x..area.right() {
        if let Some(cell) = buffer.cell_mut((x, area.y)).filter(|_| area.height > 0) {
            cell.set_symbol("─").set_style(theme.frame());
        }
    }
    let inner = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height.saturating_sub(1) };
    let width = usize::from(inner.width);
    let lines = match at(state) {
        Some(at) => of_joint(state, &at, width, inner.height),
        None => wrapped("No film is open. Choose a line, or open a patient's film first.", width, theme.muted()),
    };
    for (row, (text, style)) in lines.iter().take(usize::from(inner.height)).enumerate() {
        draw::left(buffer, draw::line(inner, row as u16), text, *style);
    }
}

fn wrapped(text: &str, width: usize, style: Style) -> Lines {
    draw::wrap(text, width).into_iter().map(|text| (text, style)).collect()
}

fn of_joint(state: &Whole, at: &At, width: usize, height: u16) -> Lines {
    let theme = state.theme;
    let joint = at.joint();
    let mut lines = wrapped(&format!("{}, {}", names::long(joint), joint.task), width, theme.title());
    if let Some(typed) = state.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::Relabel) {
        let names: Vec<String> = candidates(state, &typed.text).iter().map(|joint| names::short(joint)).collect();
        lines.extend(wrapped(&format!("give the box to: {}", names.join(", ")), width, theme.text()));
        return lines;
    }
    if let Some(edit) = &state.review.edit {
        let [x0, y0, x1, y1] = <[f32; 4]>::from(edit.bbox);
        let doing =
            if edit.resize { "size: arrows pull the right and lower edges, Tab moves" } else { "place: arrows move it, Tab resizes" };
        lines.extend(wrapped(doing, width, theme.good()));
        lines.push((format!("{x0:.0}, {y0:.0} to {x1:.0}, {y1:.0}: {:.0} × {:.0} px", x1 - x0, y1 - y0), theme.text()));
        lines.extend(wrapped(
            "⏎ applies the change, Esc cancels it; the mouse moves it, pulls its edges, or draws a new one beside it",
            width,
            theme.muted(),
        ));
        return lines;
    }
    let line = state.review.line().filter(|line| line.is_at(at.patient as u32, joint));
    if let Some(why) = line.and_then(|line| line.why) {
        lines.extend(wrapped(&format!("▸ {}", why.describe()), width, theme.key()));
    }
    lines.extend(if at.hidden { hidden(state, at, width) } else { said(state, at, width) });
    lines.extend(remarks(at, state.session.reader(), theme, width));
    if !at.hidden {
        lines.extend(answers(state, at, width));
        lines.extend(distribution(at, theme, usize::from(height).saturating_sub(lines.len() + 2)));
        lines.extend(log(at, theme, usize::from(height).saturating_sub(lines.len()), width));
    }
    let room = usize::from(height).saturating_sub(lines.len());
    lines.extend(hints(state, room, width));
    lines
}

/// What can be done here, as the table of keys has it; as much as there is room for below an empty line.
fn hints(state: &Whole, room: usize, width: usize) -> Lines {
    let theme = state.theme;
    let keys = state.registry.keys.of(Place::On(REVIEW.id)).filter(|binding| !binding.hint.is_empty());
    let mut lines = vec![String::new()];
    for hint in keys.map(|binding| format!("{} {}", binding.label, binding.hint)) {
        // A key and its word stay together.
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = hint,
            Some(line) if line.width() + 3 + hint.width() <= width => *line = format!("{line} · {hint}"),
            _ => lines.push(hint),
        }
    }
    if lines.len() + 1 > room {
        return Lines::new();
    }
    let gap = room - lines.len();
    let empty = std::iter::repeat_n((String::new(), theme.text()), gap);
    empty.chain(lines.into_iter().map(|text| (text, theme.muted()))).collect()
}

/// What may be said before the reader has answered.
fn hidden(state: &Whole, at: &At, width: usize) -> Lines {
    let theme = state.theme;
    let grade =
        at.draft.grade.map_or_else(|| "no grade yet".to_owned(), |grade| format!("grade {grade}: {}", names::meaning(at.joint(), grade)));
    let bbox = if at.draft.bbox.is_some() { "box drawn" } else { "no box" };
    let mut lines = wrapped(&format!("{}: {grade}, {bbox}", state.session.reader()), width, theme.good());
    let scale = format!(
        "reader and model are hidden. 0 to {} grades{}, b draws, ⏎ locks the answer for good.",
        at.joint().max_grade,
        if at.joint().max_grade > 9 { " (g types 10)" } else { "" }
    );
    lines.extend(wrapped(&scale, width, theme.muted()));
    lines
}

/// Grades and boxes of readers and of the model.
fn said(state: &Whole, at: &At, width: usize) -> Lines {
    let theme = state.theme;
    let mut lines = Lines::new();
    let by = |reader: Option<&str>| reader.map_or_else(String::new, |reader| format!(" ({reader})"));
    let grader = at.review.and_then(|review| review.grade.as_ref()).map(|decision| decision.reader.as_str());
    match at.entry.grade {
        Some(grade) => {
            let text = format!("R {grade}{} {}", by(grader), names::meaning(at.joint(), grade));
            lines.extend(wrapped(&text, width, theme.reader()));
        }
        None => lines.push((format!("R no grade{}", by(grader)), theme.muted())),
    }
    if let Some(score) = at.entry.score {
        let share = score.probabilities.get(usize::from(score.grade)).copied().unwrap_or(0.0) * 100.0;
        lines.push((format!("M {}  {share:.0} % probable, expected {:.2}", score.grade, score.expected), theme.model()));
        if let Some(alone) = score.moved_from() {
            lines.push((format!("    by its crop alone {alone:.2}"), theme.model()));
        }
    }
    if let Some(open) = at.entry.open {
        let text = format!("M {OPEN} left open: {}; expected {:.2}", open.reason, open.expected);
        lines.extend(wrapped(&text, width, theme.doubt()));
    }
    let drawer = at.box_review.and_then(|review| review.bbox.as_ref()).map(|decision| decision.reader.as_str());
    let shared = at.joint().task == Task::Erosion && !at.joint().limb.is_hand() && !at.current.erosion_file;
    let shared = if shared { " of narrowing" } else { "" };
    match (at.entry.drawn, drawer) {
        (Some(_), None) => match at.entry.proposed {
            None => lines.push((format!("□ box{shared} of the label file"), theme.reader())),
            Some(proposal) => lines.extend(wrapped(&format!("□ box{shared}: {}", names::proposal(proposal)), width, theme.doubt())),
        },
        (Some(_), Some(reader)) => lines.push((format!("□ box{shared} by {reader}"), theme.reader())),
        (None, Some(reader)) => lines.push((format!("□ none, by {reader}"), theme.muted())),
        (None, None) => lines.push(("□ no box".to_owned(), theme.muted())),
    }
    if let Some(found) = at.entry.found {
        let text = match found.from {
            Origin::Detector => format!("⌜ box of score {:.2}", found.score),
            Origin::Narrowing => format!("⌜ box of narrowing, {:.2}", found.score),
            Origin::Inferred => "⌜ inferred by the shape model".to_owned(),
        };
        let iou = at.entry.drawn.map_or_else(String::new, |drawn| format!(", IoU {:.2}", drawn.iou(&found.bbox)));
        lines.push((format!("{text}{iou}"), theme.model()));
        lines.extend(found.implausible.iter().flat_map(|why| wrapped(&format!("? {why}"), width, theme.doubt())));
    }
    lines
}

/// Flags and conflicts.
fn remarks(at: &At, me: &str, theme: Theme, width: usize) -> Lines {
    let mut lines = Lines::new();
    let reviews = [at.review, at.box_review.filter(|_| at.box_review != at.review)];
    for review in reviews.into_iter().flatten() {
        // What others remarked would lead a blind reader.
        for flag in review.flags.iter().filter(|flag| !at.hidden || flag.reader == me) {
            lines.extend(wrapped(&format!("⚑ {} — {}", flag.note, flag.reader), width, theme.doubt()));
        }
        if at.hidden {
            continue;
        }
        for (what, conflicts) in [("box", &review.box_conflicts), ("grade", &review.grade_conflicts)] {
            for conflict in conflicts {
                let text = format!(
                    "⚠ {} changed the {what} without seeing {}'s change; it is used until a reader decides",
                    conflict.second, conflict.first
                );
                lines.extend(wrapped(&text, width, theme.error()));
            }
        }
    }
    lines
}

/// Locked answers, beside reader and model.
fn answers(state: &Whole, at: &At, width: usize) -> Lines {
    let theme = state.theme;
    let Some(review) = at.review.filter(|review| !review.locks.is_empty()) else { return Lines::new() };
    let one = |lock: &Lock| {
        let grade = lock.grade.map_or_else(|| "no grade".to_owned(), |grade| grade.to_string());
        let against = |name: &str, other: Option<u8>| {
            lock.grade.zip(other).map_or_else(String::new, |(a, b)| format!(" {name}{:+}", i16::from(a) - i16::from(b)).replace('-', "−"))
        };
        let iou = lock.bbox.zip(at.entry.drawn).map_or_else(String::new, |(a, b)| format!(" IoU {:.2}", a.iou(&b)));
        let model = at.entry.score.map(|score| score.grade);
        format!("✓ {} {grade}{}{}{iou}", lock.reader, against("R", at.entry.grade), against("M", model))
    };
    let mut lines: Lines = review.locks.iter().flat_map(|lock| wrapped(&one(lock), width, theme.good())).collect();
    if state.review.list == List::Readers && review.locks.len() == 2 {
        let pair = (&review.locks[0], &review.locks[1]);
        if let (Some(a), Some(b)) = (pair.0.bbox, pair.1.bbox) {
            lines.push((format!("their boxes: IoU {:.2}", a.iou(&b)), theme.muted()));
        }
    }
    lines
}

/// A bar a grade where there is room for all.
fn distribution(at: &At, theme: Theme, room: usize) -> Lines {
    let Some(score) = at.entry.score.filter(|score| score.probabilities.len() < room) else { return Lines::new() };
    let line = |(grade, share): (usize, &f32)| {
        let reader = if at.entry.grade.map(usize::from) == Some(grade) { "R" } else { " " };
        let model = if usize::from(score.grade) == grade { "M" } else { " " };
        (
            format!("{grade:2} {reader}{model} {} {:3.0} %", draw::bar(*share, BAR), share * 100.0),
            if model == "M" { theme.model() } else { theme.muted() },
        )
    };
    score.probabilities.iter().enumerate().map(line).collect()
}

/// What was done to this joint, the latest first.
fn log(at: &At, theme: Theme, room: usize, width: usize) -> Lines {
    let entries = at.current.reviews.entries_of(at.current.patient).filter(|entry| entry.joint().is_some_and(|joint| joint == at.joint()));
    let mut lines: Lines = Vec::new();
    for entry in entries.collect::<Vec<_>>().into_iter().rev() {
        let time = entry.time.to_string();
        let text = format!("{} {}: {}", time.get(..16).unwrap_or_default().replace('T', " "), entry.reader, entry.change.describe());
        lines.extend(wrapped(&text, width, theme.muted()));
    }
    lines.truncate(room.saturating_sub(1));
    if !lines.is_empty() {
        lines.insert(0, (String::new(), theme.text()));
    }
    lines
}

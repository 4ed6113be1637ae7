//! The list as it looks: its head, and a line a joint with the reason in a few letters.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{Task, review::queue::Reason};

use super::{
    line::{Line, List},
    lines::{answered_twice, spread},
};
use crate::tui::{draw, names, screens::film, state::State as Whole, totals::OPEN, window};

/// Cells of a patient's id.
const ID: u16 = 8;

/// Draws the head: the list's name with its neighbours, and how much is in it.
pub fn head(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let (theme, review) = (state.theme, &state.review);
    let place = List::ALL.iter().position(|list| *list == review.list).unwrap_or(0);
    let count = match review.list {
        List::Of(_) if review.working && review.lines.is_empty() => format!(" {} looking", draw::spinner(state.tick)),
        List::Of(_) => format!(" {} open", review.lines.len()),
        List::Film => format!(" {} joints", review.lines.len()),
        List::Blind => format!(" {} of {} answered", answered(state), review.lines.len()),
        List::Readers => format!(" {} of {} joints", review.lines.len(), answered_twice(state.session.reviews())),
    };
    let used = draw::pieces(buffer, line, &[(" ‹ ", theme.key()), (review.list.name(), theme.title()), (&count, theme.muted())]);
    let rest = Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line };
    draw::right(buffer, rest, &format!("{}/{} ›", place + 1, List::ALL.len()), theme.key());
}

/// How many of the lines have the reader's locked answer.
fn answered(state: &Whole) -> usize {
    let Some(current) = film::current(state) else { return 0 };
    let locked = |line: &&Line| {
        current.reviews.joint(current.patient, line.joint).is_some_and(|review| review.lock_of(state.session.reader()).is_some())
    };
    state.review.lines.iter().filter(locked).count()
}

/// Draws the lines that are on the screen.
pub fn lines(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let (theme, review) = (state.theme, &state.review);
    if review.lines.is_empty() && !review.working {
        let inner = window::inner(area);
        for (row, text) in draw::wrap(review.list.empty(), usize::from(inner.width)).iter().enumerate() {
            draw::left(buffer, draw::line(inner, row as u16), text, theme.muted());
        }
        return;
    }
    for (row, (place, line)) in review.lines.iter().enumerate().skip(review.offset).take(usize::from(area.height)).enumerate() {
        let rect = draw::line(area, row as u16);
        one(state, line, rect, buffer);
        if place == review.cursor {
            buffer.set_style(rect, theme.selection());
            draw::left(buffer, rect, "▌", theme.selection());
        }
    }
}

fn one(state: &Whole, line: &Line, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let name = names::short(line.joint);
    let mut cells = vec![(task(line.joint.task), 1, theme.muted()), (name.as_str(), 11, theme.text())];
    if !matches!(state.review.list, List::Film | List::Blind) {
        let patient = state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(line.patient as usize));
        let id = patient.map_or("", |patient| patient.id.as_str());
        cells.splice(0..0, [(id, ID, theme.text()), (line.joint.limb.code(), 2, theme.muted())]);
    }
    let mut x = rect.x + 1;
    for (text, width, style) in cells {
        draw::left(buffer, Rect { x, width: width.min(rect.right().saturating_sub(x)), ..rect }, text, style);
        x += width + 1;
    }
    let rest = Rect { x, width: rect.right().saturating_sub(x), ..rect };
    let (text, style) = match state.review.list {
        List::Of(_) => (line.why.as_ref().map(brief).unwrap_or_default(), theme.muted()),
        List::Film => return of_film_line(state, line, rest, buffer),
        List::Blind => (blind(state, line), theme.muted()),
        List::Readers => (readers(state, line), theme.text()),
    };
    draw::left(buffer, rest, &text, style);
}

const fn task(task: Task) -> &'static str {
    match task {
        Task::Narrowing => "N",
        Task::Erosion => "E",
    }
}

/// The reason in as few letters as can be understood.
fn brief(why: &Reason) -> String {
    match why {
        Reason::Proposal { inferred: true, .. } => "~ by shape".to_owned(),
        Reason::Proposal { implausible: true, .. } => "? place".to_owned(),
        Reason::Proposal { score, .. } => format!("score {score:.2}"),
        Reason::BoxApart { iou, .. } => format!("IoU {iou:.2}"),
        Reason::GradeApart { reader, expected, .. } => format!("R {reader} M {expected:.1}"),
        Reason::UnsureGrade { grade, entropy } => format!("{grade}? H {entropy:.2}"),
        Reason::UnsureBox { implausible: true, .. } => "? place".to_owned(),
        Reason::UnsureBox { score, .. } => format!("box {score:.2}"),
        Reason::NoBox => "no box".to_owned(),
        Reason::NoGrade => "no grade".to_owned(),
        Reason::Flagged => "flag".to_owned(),
        Reason::Conflict => "two changes".to_owned(),
    }
}

/// Grades of reader and model, whether there are boxes, and whether anybody reviewed.
fn of_film_line(state: &Whole, line: &Line, rect: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let Some(current) = film::current(state) else { return };
    let entry = current.entry(line.joint);
    let review = current.reviews.joint(current.patient, line.joint);
    let grade = |grade: Option<u8>| grade.map_or_else(|| " ·".to_owned(), |grade| format!("{grade:2}"));
    let given = if entry.open.is_some() { format!(" {OPEN}") } else { grade(entry.score.map(|score| score.grade)) };
    let (reader, model) = (format!("R{}", grade(entry.grade)), format!(" M{given}"));
    let boxes = match (entry.drawn, entry.found) {
        (Some(_), Some(_)) if entry.proposed.is_some() => " p⌜",
        (Some(_), None) if entry.proposed.is_some() => " p ",
        (Some(_), Some(_)) => " □⌜",
        (Some(_), None) => " □ ",
        (None, Some(_)) => "  ⌜",
        (None, None) => "   ",
    };
    let marks = review.map_or("", |review| match (review.flags.is_empty(), review.bbox.is_some() || review.grade.is_some()) {
        (false, _) => " ⚑",
        (true, true) => " ✓",
        (true, false) => "",
    });
    draw::pieces(buffer, rect, &[(&reader, theme.reader()), (&model, theme.model()), (boxes, theme.muted()), (marks, theme.good())]);
}

fn blind(state: &Whole, line: &Line) -> String {
    let reader = state.session.reader();
    let patient =
        state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(line.patient as usize)).map(|patient| patient.id.as_str());
    let lock = patient.and_then(|patient| state.session.reviews().joint(patient, line.joint)?.lock_of(reader));
    let words = |grade: Option<u8>, bbox: bool| {
        let grade = grade.map_or_else(|| "no grade".to_owned(), |grade| format!("grade {grade}"));
        if bbox { format!("{grade}, box") } else { grade }
    };
    match (lock, state.review.drafts.get(&(line.patient as usize, line.joint.index()))) {
        (Some(lock), _) => format!("✓ {}", words(lock.grade, lock.bbox.is_some())),
        (None, Some(draft)) if draft.grade.is_some() || draft.bbox.is_some() => format!("… {}", words(draft.grade, draft.bbox.is_some())),
        _ => "·".to_owned(),
    }
}

fn readers(state: &Whole, line: &Line) -> String {
    let patient = state.catalogue().and_then(|catalogue| catalogue.cohort.patients().get(line.patient as usize));
    let Some(review) = patient.and_then(|patient| state.session.reviews().joint(&patient.id, line.joint)) else { return String::new() };
    let grade = |grade: Option<u8>| grade.map_or_else(|| "–".to_owned(), |grade| grade.to_string());
    let answers: Vec<String> = review.locks.iter().map(|lock| format!("{} {}", draw::cut(&lock.reader, 8), grade(lock.grade))).collect();
    let apart = spread(&review.locks).filter(|spread| *spread > 0).map_or_else(|| " boxes".to_owned(), |spread| format!(" ±{spread}"));
    format!("{}{apart}", answers.join(" "))
}

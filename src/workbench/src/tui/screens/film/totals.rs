//! The totals: of the list at hand, and of all limbs of the patient.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{Limb, Task};

use super::{current::Current, layout::List};
use crate::tui::{
    draw,
    theme::Theme,
    totals::{OPEN, Total, Totals},
};

/// The sum of the list: limb and task, with the joints it rests on.
pub fn list_sum(part: &List, current: &Current, theme: Theme, buffer: &mut Buffer) {
    let (joints, line) = (current.joints(part.task), part.sum);
    let entries: Vec<_> = joints.iter().map(|joint| current.entry(joint)).collect();
    let reader: Vec<u8> = entries.iter().filter_map(|entry| entry.grade).collect();
    let model: Vec<u8> = entries.iter().filter_map(|entry| Some(entry.score?.grade)).collect();
    let sum = |grades: &[u8]| grades.iter().map(|grade| u16::from(*grade)).sum::<u16>().to_string();
    let or_none = |grades: &[u8], text: String| if grades.is_empty() { "·".to_owned() } else { text };
    let count = |grades: &[u8]| or_none(grades, grades.len().to_string());
    let mut put = |x: u16, text: &str, style| {
        draw::left(buffer, Rect { x: line.x + x, width: line.width.saturating_sub(x), ..line }, text, style);
    };
    put(2, "total", theme.title());
    put(13, &format!("{:>2}", or_none(&reader, sum(&reader))), theme.reader().patch(theme.title()));
    put(16, &format!("{:>2}", or_none(&model, sum(&model))), theme.model().patch(theme.title()));
    let open: u16 = entries.iter().filter(|entry| entry.open.is_some()).map(|entry| u16::from(entry.joint.max_grade)).sum();
    let least: u16 = model.iter().map(|grade| u16::from(*grade)).sum();
    let range = if open > 0 { format!(", {least}–{}", least + open) } else { String::new() };
    put(20, &format!("{}/{} of {}{range}", count(&reader), count(&model), joints.len()), theme.muted());
}

/// The totals of all limbs; the first line is left empty.
pub fn render(current: &Current, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.height < 7 {
        return;
    }
    let reference = current.grades.as_ref().and_then(Totals::of_reader);
    let model = current.scored.and_then(|scored| scored.totals);
    let heads = draw::line(area, 1);
    let columns = [(7, "narrowing"), (17, "erosion"), (26, "joints")];
    for (x, head) in columns {
        draw::left(buffer, Rect { x: heads.x + x, width: heads.width.saturating_sub(x), ..heads }, head, theme.muted());
    }
    for (index, limb) in Limb::ALL.into_iter().enumerate() {
        let of = |totals: Option<Totals>| totals.and_then(|totals| totals.limb(limb));
        let style = if current.limb == Some(limb) { theme.title() } else { theme.text() };
        let line = draw::line(area, 2 + index as u16);
        draw::left(buffer, Rect { x: line.x + 2, width: 4, ..line }, limb.code(), style);
        total_line(of(reference), of(model), theme, line, buffer);
    }
    let line = draw::line(area, 6);
    draw::left(buffer, Rect { x: line.x + 2, width: 4, ..line }, "all", theme.title());
    total_line(reference.map(|totals| totals.all), model.map(|totals| totals.all), theme, line, buffer);
}

/// Reader's and model's totals of one line, in pairs.
fn total_line(reference: Option<Total>, model: Option<Total>, theme: Theme, line: Rect, buffer: &mut Buffer) {
    let task = |task: Task| move |sum: Total| sum.of(task);
    let graded = model.filter(|sum| sum.joints > 0);
    pair(reference.map(task(Task::Narrowing)), graded.map(task(Task::Narrowing)), theme, line, 7, buffer);
    pair(reference.map(task(Task::Erosion)), graded.map(task(Task::Erosion)), theme, line, 17, buffer);
    let joints = |sum: Total| u16::from(sum.joints);
    pair(reference.map(joints), model.map(joints), theme, line, 26, buffer);
    if let Some(sum) = model.filter(|sum| sum.open > 0) {
        let at = Rect { x: line.x + 35, width: line.width.saturating_sub(35), ..line };
        draw::left(buffer, at, &format!("{OPEN} {}–{}", sum.total(), sum.highest()), theme.doubt());
    }
}

fn pair(reference: Option<u16>, model: Option<u16>, theme: Theme, line: Rect, x: u16, buffer: &mut Buffer) {
    let text = |value: Option<u16>| value.map_or_else(|| "·".to_owned(), |value| value.to_string());
    let (reference, model) = (format!("{:>3}", text(reference)), format!("{:<3}", text(model)));
    let rect = Rect { x: line.x + x, width: line.width.saturating_sub(x), ..line };
    draw::pieces(buffer, rect, &[(&reference, theme.reader()), (" / ", theme.muted()), (&model, theme.model())]);
}

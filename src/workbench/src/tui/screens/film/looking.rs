//! Looking closer: enhancement, a magnifier, another film beside this one, the width of the joint space with its edges. All of it is for the eye.

use std::path::PathBuf;

use ratatui::{layout::Rect, style::Style};
use svh_core::{BBox, JointGroup, JointSpace, Limb, Task, bone_axis};
use svh_terminal::{Cells, Inset, Line, Mark, Picture, Plan, Region, Rgb, View};

use super::{
    current::{self, Current, current},
    marks::{in_colours, of_joint},
    plan,
    state::Beside,
};
use crate::tui::{draw, enhanced, names, state::State as Whole};

#[cfg(test)]
mod tests;

/// How many times closer the magnifier looks.
const CLOSER: f32 = 4.0;
/// The magnifier's sides as a share of the picture's: numerator and denominator.
const LENS: (u16, u16) = (2, 5);
/// Frames of magnifier and second film.
const FRAME: Rgb = Rgb(160, 160, 160);
/// The edges of a joint space.
const EDGE: Rgb = Rgb(240, 228, 66);

/// The film beside the one at hand.
#[must_use]
pub fn second(state: &Whole) -> Option<Current<'_>> {
    let at_hand = current(state)?;
    let (patient, film) = match state.film.looking.beside? {
        Beside::Marked(patient, film) => (patient, film),
        Beside::OtherSide => {
            let other = at_hand.limb?.opposite();
            (state.film.patient, at_hand.films.iter().position(|(limb, _)| *limb == Some(other))?)
        }
    };
    let same = (patient, film) == (state.film.patient, state.film.film);
    if same { None } else { current::of(state, patient, film) }
}

/// The films on the screen.
#[must_use]
pub fn paths(state: &Whole) -> Vec<PathBuf> {
    current(state).into_iter().chain(second(state)).map(|film| film.path).collect()
}

/// The left half of an area where two films are shown, and the right one.
#[must_use]
pub const fn halves(area: Rect) -> (Rect, Rect) {
    let left = Rect { width: area.width / 2, ..area };
    (left, Rect { x: area.x + left.width, width: area.width - left.width, ..area })
}

/// The part of a film that an area shows where some cells of it show a region.
fn extended(rect: Rect, region: Region, to: Rect) -> Region {
    let (across, down) = ((region[2] - region[0]) / f32::from(rect.width.max(1)), (region[3] - region[1]) / f32::from(rect.height.max(1)));
    let x = |at: u16| region[0] + (f32::from(at) - f32::from(rect.x)) * across;
    let y = |at: u16| region[1] + (f32::from(at) - f32::from(rect.y)) * down;
    [x(to.x), y(to.y), x(to.right()), y(to.bottom())]
}

/// Where the second film is looked at: the same joint where this one is looked at from close by, else the same place, mirrored for the other side.
fn centre(state: &Whole, first: &Current, second: &Current) -> (f32, f32) {
    let (x, y) = state.film.view.centre;
    let mirrored = first.limb.zip(second.limb).is_some_and(|(one, other)| one == other.opposite());
    let link = state.film.looking.link;
    ((if mirrored { 1.0 - x } else { x }) + link.0, y + link.1)
}

/// Leads the second film to the joint that this one is looked at, and remembers how far beside that lies.
pub fn link(state: &mut Whole) {
    state.film.looking.link = (0.0, 0.0);
    let Some((first, second)) = current(state).zip(second(state)).filter(|_| state.film.close) else { return };
    let joint = second.joints(state.film.task).get(state.film.joint).copied();
    let bbox = joint.and_then(|joint| {
        let entry = second.entry(joint);
        entry.drawn.or(entry.found.map(|found| found.bbox))
    });
    let Some((bbox, size)) = bbox.zip(second.picture().map(|picture| picture.size())) else { return };
    let wanted = View::of_box(&bbox, size).centre;
    let plain = centre(state, &first, &second);
    state.film.looking.link = (wanted.0 - plain.0, wanted.1 - plain.1);
}

/// Lays the second film over the right half of an area; the plan, which has the left half, takes the whole of it.
pub fn lay_beside(state: &Whole, plan: &mut Plan, area: Rect, second: &Current) {
    let Some((first, picture)) = current(state).zip(second.picture()) else { return };
    let picture = enhanced::shown(state, picture);
    let (_, right) = halves(area);
    let view = View { centre: centre(state, &first, second), ..state.film.view }.panned(0.0, 0.0);
    let offered = Cells { columns: right.width, rows: right.height, pixel: state.capabilities.cell };
    let placed = view.place(picture.size(), offered);
    let Cells { columns, rows, .. } = placed.cells;
    let rect = Rect { x: right.x + (right.width - columns) / 2, y: right.y + (right.height - rows) / 2, width: columns, height: rows };
    let screen = &state.film;
    let entries = second.joints(screen.task).iter().enumerate();
    let marks = entries.flat_map(|(place, joint)| of_joint(screen, &second.entry(joint), place == screen.joint)).collect();
    let mut inset =
        Inset { window: plan::window(screen, &picture), picture, rect: right, region: extended(rect, placed.region, right), marks };
    inset.marks.push(inset.frame(state.capabilities.cell, FRAME));
    in_colours(&mut inset.marks, state.theme);
    plan.region = extended(plan.rect, plan.region, area);
    plan.rect = area;
    plan.insets.push(inset);
}

/// Lays the magnifier over the corner that is farthest from what it shows.
pub fn lay_lens(state: &Whole, plan: &mut Plan, shown: Rect) {
    let point = state.film.looking.lens_at.or_else(|| {
        let current = current(state)?;
        plan::focus(state, &current).map(|bbox| bbox.centre())
    });
    let [x0, y0, x1, y1] = extended(plan.rect, plan.region, shown);
    let (x, y) = point.unwrap_or((f32::midpoint(x0, x1), f32::midpoint(y0, y1)));
    let (width, height) = (shown.width * LENS.0 / LENS.1, shown.height * LENS.0 / LENS.1);
    if width < 4 || height < 2 {
        return;
    }
    let (across, down) = ((x1 - x0) / f32::from(shown.width), (y1 - y0) / f32::from(shown.height));
    let half = (across * f32::from(width) / CLOSER / 2.0, down * f32::from(height) / CLOSER / 2.0);
    let right = if x < f32::midpoint(x0, x1) { shown.right() - width } else { shown.x };
    let below = if y < f32::midpoint(y0, y1) { shown.bottom() - height } else { shown.y };
    let region = [x - half.0, y - half.1, x + half.0, y + half.1];
    let plain = |mark: &Mark| Mark { label: mark.label.clone().filter(|_| mark.line == Line::Sign), selected: false, ..mark.clone() };
    let mut inset = Inset {
        picture: plan.picture.clone(),
        rect: Rect { x: right, y: below, width, height },
        region,
        window: plan.window,
        marks: plan.marks.iter().map(plain).collect(),
    };
    let frame = state.theme.mark(FRAME);
    inset.marks.push(inset.frame(state.capabilities.cell, frame));
    plan.marks.push(Mark { bbox: BBox::from(region), colour: frame, line: Line::Corners, selected: false, label: None });
    plan.insets.push(inset);
}

/// Measures the space of the chosen joint, where that is wanted.
pub fn measure(state: &mut Whole) {
    if state.film.looking.space {
        state.film.looking.measured = measured(state);
    }
}

fn measured(state: &Whole) -> Result<JointSpace, &'static str> {
    let current = current(state).ok_or("no film is open")?;
    let joint = *current.joints(state.film.task).get(state.film.joint).ok_or("no joint is chosen")?;
    if joint.group() == JointGroup::Wrist {
        return Err("the bones of the wrist overlap; it is not estimated there");
    }
    let bbox = plan::chosen_box(&state.film, &current).ok_or("this joint has no box")?;
    let picture = current.picture().ok_or("the film is being read")?;
    let joints = || Task::ALL.into_iter().flat_map(|task| current.joints(task).iter());
    let place = |joint: &&'static svh_core::Joint| {
        let entry = current.entry(joint);
        Some((joint.joint.as_str(), entry.drawn.or(entry.found.map(|found| found.bbox))?.centre()))
    };
    let centres: Vec<(&str, (f32, f32))> = joints().filter_map(place).collect();
    let axis = bone_axis::of(joint, &centres);
    // The lines may lean out of the box.
    let around = BBox::square(bbox.centre(), 1.5 * bbox.width().max(bbox.height()));
    let (film, (left, top)) = picture.part(around).ok_or("the box lies beside the film")?;
    let (dx, dy) = (left as f32, top as f32);
    let inside = BBox { x0: bbox.x0 - dx, y0: bbox.y0 - dy, x1: bbox.x1 - dx, y1: bbox.y1 - dy };
    let space = JointSpace::measure(&film, inside, axis).ok_or("no gap can be seen between the bones of this box")?;
    let moved = |(x, y): (f32, f32)| (x + dx, y + dy);
    Ok(JointSpace { edges: space.edges.into_iter().map(|[one, other]| [moved(one), moved(other)]).collect() })
}

/// Both edges of the measured space, a dot on each line.
#[must_use]
pub fn edges(state: &Whole) -> Vec<Mark> {
    let looking = &state.film.looking;
    let Some(space) = looking.measured.as_ref().ok().filter(|_| looking.space) else { return Vec::new() };
    let dot = |(x, y): (f32, f32)| Mark {
        bbox: BBox { x0: x, y0: y, x1: x, y1: y },
        colour: EDGE,
        line: Line::Sign,
        selected: false,
        label: Some("·".to_owned()),
    };
    let mut marks: Vec<Mark> = space.edges.iter().flatten().map(|point| dot(*point)).collect();
    in_colours(&mut marks, state.theme);
    marks
}

/// What was measured, in words.
fn width(state: &Whole, picture: Option<&Picture>) -> String {
    let space = match &state.film.looking.measured {
        Ok(space) => space,
        Err(reason) => return format!("joint space: {reason}"),
    };
    let (pixels, spacing) = ((1.0, 1.0), picture.and_then(Picture::spacing));
    let of = |scale: (f32, f32)| (space.width(scale), space.span(scale));
    let (wide, (least, most)) = of(pixels);
    match spacing {
        None => format!("joint space about {wide:.1} px ({least:.1} to {most:.1}); the file does not say how large a pixel is"),
        Some(spacing) => {
            let (millimetres, (least, most)) = of(spacing);
            format!("joint space about {millimetres:.2} mm ({least:.2} to {most:.2}), {wide:.1} px, at the detector")
        }
    }
}

/// Lines below the picture: what is done to it, which films are shown, what was measured.
#[must_use]
pub fn foot(state: &Whole) -> Vec<(String, Style)> {
    let (looking, theme) = (&state.film.looking, state.theme);
    let mut lines = Vec::new();
    let Some(current) = current(state) else { return lines };
    if !looking.enhancement.is_none() {
        let waits = current.picture().is_some_and(|picture| enhanced::is_waiting(state, picture));
        let what = looking.enhancement.describe();
        let text = if waits { format!("{what} …") } else { format!("{what}: for display only, the models see the film as it is") };
        lines.push((text, theme.doubt()));
    }
    let named = |film: &Current| format!("{} {}", film.patient, film.limb.map_or("film", Limb::name));
    match (looking.beside, second(state)) {
        (_, Some(other)) => lines.push((format!("{} | {}; zoom and window linked", named(&current), named(&other)), theme.text())),
        (Some(Beside::OtherSide), None) => lines.push(("the patient has no film of the other side".to_owned(), theme.muted())),
        (Some(Beside::Marked(..)), None) => {
            lines.push(("this film stays beside the next one: n N Tab 1-4; Space ends it".to_owned(), theme.muted()));
        }
        (None, None) => {}
    }
    if looking.space {
        let joint = current.joints(state.film.task).get(state.film.joint).map_or_else(String::new, |joint| names::short(joint));
        let text = format!("{joint} {}", width(state, current.picture().map(AsRef::as_ref)));
        lines.push((text, if looking.measured.is_ok() { theme.text() } else { theme.muted() }));
    }
    lines
}

/// Those lines, wrapped to a width.
#[must_use]
pub fn foot_lines(state: &Whole, width: u16) -> Vec<(String, Style)> {
    let wrapped = |(text, style): (String, Style)| draw::wrap(&text, usize::from(width)).into_iter().map(move |line| (line, style));
    foot(state).into_iter().flat_map(wrapped).collect()
}

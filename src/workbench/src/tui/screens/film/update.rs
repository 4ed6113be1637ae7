//! How the film screen answers to keys, to the mouse, and to films that have been read.

use crossterm::event::{MouseEvent, MouseEventKind};
use std::{path::Path, sync::Arc};

use svh_core::{FilmLabels, Joint, Limb, Task, Window};

use super::{
    current::current,
    keys::ID,
    layout::{layout, panel},
    plan::{chosen_box, film_point, plan, window},
};
use crate::tui::{
    action::{Action, Effect},
    films::Film,
    message::Message,
    navigation,
    screens::patients::order,
    state::State as Whole,
};
use svh_terminal::{Picture, Plan, View};

/// One step closer.
pub const ZOOM: f32 = 1.25;

/// Opens a patient, at the film of a limb where it has one.
pub fn open(state: &mut Whole, patient: usize, limb: Option<Limb>) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue() else { return Vec::new() };
    let films = catalogue.films(patient);
    if films.is_empty() {
        let id = &catalogue.cohort.patients()[patient].id;
        state.message = Some(Message::info(format!("{id} has no film; there are only grades")));
        return Vec::new();
    }
    let place = limb.and_then(|limb| films.iter().position(|(of, _)| *of == Some(limb)));
    state.film.patient = patient;
    let mut effects = navigation::go(state, ID);
    effects.extend(change_film(state, place.unwrap_or(0)));
    effects
}

/// Opens a patient's film of a limb with a joint chosen.
pub fn show(state: &mut Whole, patient: usize, limb: Limb, task: Task, joint: Option<&'static Joint>) -> Vec<Effect> {
    let effects = open(state, patient, Some(limb));
    state.film.task = task;
    let joints = current(state).map_or(&[][..], |current| current.joints(task));
    state.film.joint = joint.and_then(|joint| joints.iter().position(|other| *other == joint)).unwrap_or(0);
    effects
}

/// Puts a film at hand without going to its screen.
pub fn put(state: &mut Whole, patient: usize, place: usize) -> Vec<Effect> {
    if (state.film.patient, state.film.film) == (patient, place) {
        return wanted(state);
    }
    state.film.patient = patient;
    change_film(state, place)
}

fn change_film(state: &mut Whole, place: usize) -> Vec<Effect> {
    let screen = &mut state.film;
    screen.film = place;
    screen.view = View::default();
    screen.window = None;
    screen.drag = None;
    if let Some(path) = current(state).map(|current| current.path) {
        state.films.retry(&path);
    }
    settle(state);
    wanted(state)
}

/// Asks for the film at hand and, once it is there, for the patient's others, one at a time.
pub fn wanted(state: &mut Whole) -> Vec<Effect> {
    let Some(current) = current(state) else { return Vec::new() };
    let patient = state.film.patient;
    let (films, place) = (current.films, current.place);
    let mut effects = Vec::new();
    for step in 0..films.len() {
        let (limb, path) = &films[(place + step) % films.len()];
        if step > 0 && matches!(state.films.get(path), Some(Film::Reading)) {
            break;
        }
        if state.films.get(path).is_none() || step == 0 {
            if state.films.want(path) {
                effects.push(Effect::ReadFilm { patient, limb: *limb, path: path.clone() });
            }
            if matches!(state.films.get(path), Some(Film::Reading)) {
                break;
            }
        }
    }
    effects
}

/// A film was read.
pub fn read(state: &mut Whole, path: &Path, result: Result<(Arc<Picture>, Arc<FilmLabels>), String>) -> Vec<Effect> {
    let film = match result {
        Ok((picture, labels)) => Film::Ready(picture, labels),
        Err(reason) => Film::Failed(reason),
    };
    state.films.add(path, film);
    if !state.front().shows_film() {
        return Vec::new();
    }
    if let Some(problem) =
        current(state).filter(|current| current.path == path).and_then(|current| current.labels()?.problems.first().cloned())
    {
        state.message = Some(Message::error(problem));
    }
    follow(state);
    wanted(state)
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let films = current(state).map_or(0, |current| current.films.len());
    let screen = &mut state.film;
    match action {
        Action::Up => screen.joint = screen.joint.saturating_sub(1),
        Action::Down => screen.joint += 1,
        Action::ZoomJoint | Action::Open => return toggle_close(state),
        Action::ZoomIn => zoom(state, ZOOM),
        Action::ZoomOut => zoom(state, 1.0 / ZOOM),
        Action::Pan(dx, dy) => (screen.view, screen.close) = (screen.view.panned(dx, dy), false),
        Action::Fit => (screen.view, screen.close) = (View::default(), false),
        Action::Level(share) => change_window(state, |window| shifted(window, share)),
        Action::Contrast(factor) => change_window(state, |window| widened(window, factor)),
        Action::AutoWindow => screen.window = None,
        Action::Invert => screen.inverted = !screen.inverted,
        Action::ToggleReader => screen.reader = !screen.reader,
        Action::ToggleModel => screen.model = !screen.model,
        Action::SwitchTask => switch_task(state),
        Action::NextLimb if films > 0 => return change_film(state, (state.film.film + 1) % films),
        Action::PreviousLimb if films > 0 => return change_film(state, (state.film.film + films - 1) % films),
        Action::Limb(limb) => return change_limb(state, limb),
        Action::NextPatient => return change_patient(state, true),
        Action::PreviousPatient => return change_patient(state, false),
        _ => {}
    }
    settle(state);
    Vec::new()
}

/// From a close look back to the whole film; false where the whole film is shown already.
pub fn back(state: &mut Whole) -> bool {
    let close = std::mem::take(&mut state.film.close);
    if close {
        state.film.view = View::default();
    }
    close
}

/// Keeps the chosen joint within the list, and the view at it if it follows.
fn settle(state: &mut Whole) {
    let joints = current(state).map_or(0, |current| current.joints(state.film.task).len());
    state.film.joint = state.film.joint.min(joints.saturating_sub(1));
    follow(state);
}

/// Looks at the chosen joint, if that is switched on.
pub fn follow(state: &mut Whole) {
    if state.film.close {
        let place = current(state).and_then(|current| Some((chosen_box(&state.film, &current)?, current.picture()?.size())));
        if let Some((bbox, size)) = place {
            state.film.view = View::of_box(&bbox, size);
        }
    }
}

fn toggle_close(state: &mut Whole) -> Vec<Effect> {
    state.film.close = !state.film.close;
    if !state.film.close {
        state.film.view = View::default();
    } else if current(state).and_then(|current| chosen_box(&state.film, &current)).is_none() {
        state.film.close = false;
        state.message = Some(Message::info("this joint has no box yet; d finds the joints of the film, + looks closer by hand"));
    }
    follow(state);
    Vec::new()
}

/// Looks closer or from further away.
pub fn zoom(state: &mut Whole, factor: f32) {
    state.film.close = false;
    state.film.view = state.film.view.zoomed(factor);
}

/// The same joint in the other task where it is graded there as well.
fn switch_task(state: &mut Whole) {
    let screen = &state.film;
    let other = if screen.task == Task::Narrowing { Task::Erosion } else { Task::Narrowing };
    let place = current(state).and_then(|current| {
        let name = &current.joints(screen.task).get(screen.joint)?.joint;
        current.joints(other).iter().position(|joint| joint.joint == *name)
    });
    state.film.task = other;
    state.film.joint = place.unwrap_or(state.film.joint);
}

fn change_limb(state: &mut Whole, limb: Limb) -> Vec<Effect> {
    let Some(current) = current(state) else { return Vec::new() };
    match current.films.iter().position(|(of, _)| *of == Some(limb)) {
        Some(place) => change_film(state, place),
        None => {
            state.message = Some(Message::info(format!("{} has no film of the {}", current.patient, limb.name())));
            Vec::new()
        }
    }
}

/// The next patient of the table that has a film, at the same limb.
fn change_patient(state: &mut Whole, forward: bool) -> Vec<Effect> {
    let Some(catalogue) = state.catalogue().cloned() else { return Vec::new() };
    let limb = current(state).and_then(|current| current.limb);
    let shown = &state.patients.shown;
    let here = shown.iter().position(|index| *index as usize == state.film.patient).unwrap_or(0);
    let has_film = |line: &usize| catalogue.cohort.patients()[shown[*line] as usize].film_count() > 0;
    let line = if forward { (here + 1..shown.len()).find(has_film) } else { (0..here).rev().find(has_film) };
    let Some(line) = line else {
        let end = if forward { "last" } else { "first" };
        state.message = Some(Message::info(format!("this is the {end} patient of the table")));
        return Vec::new();
    };
    let patient = shown[line] as usize;
    state.patients.cursor = line;
    order::settle(state);
    open(state, patient, limb)
}

fn change_window(state: &mut Whole, change: impl Fn(Window) -> Window) {
    let Some(current) = current(state).and_then(|current| current.picture().cloned()) else { return };
    state.film.window = Some(change(window(&state.film, &current)));
}

/// The window moved by a share of its width, as far as the values go.
fn shifted(window: Window, share: f32) -> Window {
    let step = (f32::from(window.width()) * share) as i32;
    let low = (i32::from(window.low) + step).clamp(0, 65_535 - i32::from(window.width()));
    Window { low: low as u16, high: low as u16 + window.width(), ..window }
}

/// The window made wider or narrower around its middle.
fn widened(window: Window, factor: f32) -> Window {
    let width = (f32::from(window.width()) * factor).clamp(256.0, 65_535.0) as i32;
    let low = (i32::from(window.level()) - width / 2).clamp(0, 65_535 - width);
    Window { low: low as u16, high: (low + width) as u16, ..window }
}

/// The mouse: the wheel looks closer, a drag moves the film, a click chooses the joint whose box it hits, or a line of the list.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = layout(state.room(), state.painter.protocol());
    let over = |rect: ratatui::layout::Rect| rect.contains((mouse.column, mouse.row).into());
    let on_picture = layout.picture.is_some_and(over);
    match mouse.kind {
        MouseEventKind::ScrollUp if on_picture => zoom(state, ZOOM),
        MouseEventKind::ScrollDown if on_picture => zoom(state, 1.0 / ZOOM),
        MouseEventKind::ScrollUp => return act(state, Action::Up),
        MouseEventKind::ScrollDown => return act(state, Action::Down),
        MouseEventKind::Down(_) if on_picture => {
            state.film.drag = Some((mouse.column, mouse.row));
            choose_at(state, mouse);
        }
        MouseEventKind::Down(_) => return press_panel(state, mouse),
        MouseEventKind::Drag(_) => drag(state, mouse),
        MouseEventKind::Up(_) => state.film.drag = None,
        MouseEventKind::Moved | MouseEventKind::ScrollLeft | MouseEventKind::ScrollRight => {}
    }
    settle(state);
    Vec::new()
}

fn press_panel(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let Some(current) = current(state) else { return Vec::new() };
    let area = layout(state.room(), state.painter.protocol()).panel;
    let parts = panel(area, current.limb, state.film.task);
    let at = (mouse.column, mouse.row).into();
    if let Some(list) = parts.lists.iter().find(|list| list.lines.contains(at)) {
        let chosen = if list.task == state.film.task { state.film.joint } else { 0 };
        let first = super::list::first(chosen, current.joints(list.task).len(), list.lines.height);
        (state.film.task, state.film.joint) = (list.task, first + usize::from(mouse.row - list.lines.y));
    } else if parts.task.contains(at) {
        switch_task(state);
    } else if parts.limbs.contains(at) {
        let place = super::view::tab_at(&current, mouse.column - parts.limbs.x);
        return place.map_or_else(Vec::new, |place| change_film(state, place));
    }
    settle(state);
    Vec::new()
}

fn drag(state: &mut Whole, mouse: MouseEvent) {
    if let Some(plan) = plan(state) {
        drag_view(state, mouse, &plan);
    }
}

/// Moves the film along with the mouse, whose button is down.
pub fn drag_view(state: &mut Whole, mouse: MouseEvent, plan: &Plan) {
    let Some((column, row)) = state.film.drag.replace((mouse.column, mouse.row)) else { return };
    let film = plan.picture.size();
    let moved = |from: u16, to: u16, cells: u16, span: f32, film: u32| {
        (f32::from(from) - f32::from(to)) / f32::from(cells.max(1)) * span / film as f32 * state.film.view.zoom
    };
    let dx = moved(column, mouse.column, plan.rect.width, plan.region[2] - plan.region[0], film.0);
    let dy = moved(row, mouse.row, plan.rect.height, plan.region[3] - plan.region[1], film.1);
    state.film.close = false;
    state.film.view = state.film.view.panned(dx, dy);
}

/// Chooses the joint with the smallest box around the point.
fn choose_at(state: &mut Whole, mouse: MouseEvent) {
    let Some(point) = plan(state).and_then(|plan| film_point(&plan, mouse.column, mouse.row)) else { return };
    choose_box_at(state, point);
}

/// Chooses the joint with the smallest box around a point of the film.
pub fn choose_box_at(state: &mut Whole, point: (f32, f32)) {
    let Some(current) = current(state) else { return };
    let hit = |bbox: &svh_core::BBox| point.0 >= bbox.x0 && point.0 <= bbox.x1 && point.1 >= bbox.y0 && point.1 <= bbox.y1;
    let boxes = current.joints(state.film.task).iter().enumerate().flat_map(|(place, joint)| {
        let entry = current.entry(joint);
        entry.drawn.into_iter().chain(entry.found.map(|found| found.bbox)).map(move |bbox| (place, bbox))
    });
    let smallest = boxes.filter(|(_, bbox)| hit(bbox)).min_by(|a, b| a.1.area().total_cmp(&b.1.area()));
    if let Some((place, _)) = smallest {
        state.film.joint = place;
    }
}

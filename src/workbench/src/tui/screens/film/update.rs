//! How the film screen answers to keys, to the mouse, and to films that have been read.

use crossterm::event::{MouseEvent, MouseEventKind};
use std::{path::Path, sync::Arc};

use svh_analysis::ErrorRow;
use svh_core::{FilmLabels, Joint, Limb, Task, Window};

use super::{
    closer::{ZOOM, follow, toggle_close, toggle_why, zoom},
    current::current,
    layout::{layout, panel},
    looking,
    plan::{film_point, focus, plan, window},
    raw,
    state::Beside,
    why,
};
use crate::tui::{
    action::{Action, Effect},
    enhanced,
    films::Film,
    keys::screens::FILM,
    message::Message,
    navigation,
    state::State as Whole,
    threshold,
};
use svh_terminal::{Picture, Plan, View};

/// Opens a patient, at the film of a limb where it has one.
pub fn open(state: &mut Whole, patient: usize, limb: Option<Limb>) -> Vec<Effect> {
    if state.session.blind {
        return navigation::refuse(state);
    }
    if state.screen != FILM.id {
        state.film.origin = Some(state.screen);
    }
    (state.film.error, state.film.opened_close) = (None, false);
    let Some(catalogue) = state.catalogue() else { return Vec::new() };
    let films = catalogue.films(patient);
    if films.is_empty() {
        let id = &catalogue.cohort.patients()[patient].id;
        state.message = Some(Message::info(format!("{id} has no film; there are only grades")));
        return Vec::new();
    }
    let place = limb.and_then(|limb| films.iter().position(|(of, _)| *of == Some(limb)));
    state.film.patient = patient;
    let mut effects = navigation::go(state, FILM.id);
    effects.extend(change_film(state, place.unwrap_or(0)));
    effects
}

/// Opens a patient's film of a limb with a joint chosen.
pub fn show(state: &mut Whole, patient: usize, limb: Limb, task: Task, joint: Option<&'static Joint>) -> Vec<Effect> {
    let effects = open(state, patient, Some(limb));
    state.film.task = task;
    let joints = current(state).map_or(&[][..], |current| current.joints(task));
    state.film.joint = joint.and_then(|joint| joints.iter().position(|other| *other == joint)).unwrap_or(0);
    state.film.raw = false;
    if state.film.close {
        follow(state);
    }
    effects
}

/// Opens a patient's film at a joint, from close by.
pub fn show_close(state: &mut Whole, patient: usize, joint: &'static Joint) -> Vec<Effect> {
    let effects = show(state, patient, joint.limb, joint.task, Some(joint));
    if state.screen == FILM.id {
        state.film.close = true;
        state.film.opened_close = true;
        follow(state);
    }
    effects
}

/// Opens a patient's film of a limb at an error: the box that is wrong and the reference, from close by.
pub fn show_error(state: &mut Whole, patient: usize, limb: Limb, error: ErrorRow) -> Vec<Effect> {
    let raw = state.film.raw;
    let effects = show(state, patient, limb, error.task, error.joint());
    if state.screen != FILM.id {
        return effects;
    }
    state.film.error = Some(error);
    state.film.raw = raw;
    state.film.detection = raw::place_of(state, &error).unwrap_or(0);
    state.film.close = true;
    follow(state);
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
    screen.error = None;
    screen.detection = 0;
    screen.view = View::default();
    screen.window = None;
    screen.drag = None;
    screen.looking.lens_at = None;
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
    let mut effects = second(state);
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
    let paths = looking::paths(state);
    effects.extend(enhanced::ask(state, paths));
    effects
}

/// Asks for the film beside the one at hand.
fn second(state: &mut Whole) -> Vec<Effect> {
    let Some((limb, path, patient)) = looking::second(state).map(|second| (second.limb, second.path.clone(), second.patient.to_owned()))
    else {
        return Vec::new();
    };
    let Some(patient) = state.catalogue().and_then(|catalogue| catalogue.cohort.position(&patient)) else { return Vec::new() };
    if state.films.want(&path) { vec![Effect::ReadFilm { patient, limb, path }] } else { Vec::new() }
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
    if let Some(problem) = current(state)
        .filter(|current| current.path == path && !state.session.blind)
        .and_then(|current| current.labels()?.problems.first().cloned())
    {
        state.message = Some(Message::error(problem));
    }
    settle(state);
    wanted(state)
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let films = current(state).map_or(0, |current| current.films.len());
    let screen = &mut state.film;
    match action {
        Action::Up | Action::Down if screen.raw => raw::choose(state, action == Action::Down),
        Action::Up | Action::Down => {
            screen.looking.lens_at = None;
            screen.joint = if action == Action::Down { screen.joint + 1 } else { screen.joint.saturating_sub(1) };
            (screen.error, screen.opened_close) = (None, false);
        }
        Action::Explain => return toggle_why(state),
        Action::OpenList => return why::open_list(state),
        Action::RawDetections => {
            screen.raw = !screen.raw;
            screen.why = false;
            let error = screen.error;
            state.film.detection = error.and_then(|error| raw::place_of(state, &error)).unwrap_or(0);
        }
        Action::Threshold(hundredths) => return threshold::step(state, hundredths),
        Action::ZoomJoint | Action::Open => return toggle_close(state),
        Action::ZoomIn => zoom(state, ZOOM),
        Action::ZoomOut => zoom(state, 1.0 / ZOOM),
        Action::Pan(dx, dy) => (screen.view, screen.close) = (screen.view.panned(dx, dy), false),
        Action::Fit => {
            (screen.view, screen.close) = (View::default(), false);
            looking::link(state);
        }
        Action::Level(share) => change_window(state, |window| window.shifted(share)),
        Action::Contrast(factor) => change_window(state, |window| window.widened(factor)),
        Action::AutoWindow => screen.window = None,
        Action::Invert => screen.inverted = !screen.inverted,
        Action::Gamma => screen.looking.gamma = Window::next_gamma(screen.looking.gamma),
        Action::Clahe | Action::Sharpen => {
            let enhancement = &mut screen.looking.enhancement;
            let part = if action == Action::Clahe { &mut enhancement.clahe } else { &mut enhancement.unsharp };
            *part = !*part;
            // Its grays are others.
            screen.window = None;
            let paths = looking::paths(state);
            return enhanced::ask(state, paths);
        }
        Action::WindowOfBox => {
            let found = current(state).and_then(|current| enhanced::shown(state, current.picture()?).window_of(focus(state, &current)?));
            match found {
                Some(found) => state.film.window = Some(found),
                None => state.message = Some(Message::info("this joint has no box to take the window of; d finds the joints of the film")),
            }
        }
        Action::Magnify => (screen.looking.lens, screen.looking.lens_at) = (!screen.looking.lens, None),
        Action::OtherSide => return look_beside(state, Beside::OtherSide),
        Action::Beside => return look_beside(state, Beside::Marked(state.film.patient, state.film.film)),
        Action::JointSpace => screen.looking.space = !screen.looking.space,
        Action::ToggleReader => screen.reader = !screen.reader,
        Action::ToggleModel => screen.model = !screen.model,
        Action::SwitchTask => {
            screen.error = None;
            switch_task(state);
        }
        Action::NextLimb if films > 0 => return change_film(state, (state.film.film + 1) % films),
        Action::PreviousLimb if films > 0 => return change_film(state, (state.film.film + films - 1) % films),
        Action::Limb(limb) => return change_limb(state, limb),
        _ => {}
    }
    settle(state);
    Vec::new()
}

/// From the detections to the joints, from a close look back to the whole film; false where the whole film is shown already, and at an error, which
/// was opened from close by.
pub fn back(state: &mut Whole) -> bool {
    if std::mem::take(&mut state.film.why) {
        follow(state);
        return true;
    }
    if std::mem::take(&mut state.film.raw) {
        return true;
    }
    if state.film.error.is_some() || state.film.opened_close {
        return false;
    }
    let close = std::mem::take(&mut state.film.close);
    if close {
        state.film.view = View::default();
    }
    close
}

/// Keeps the chosen joint within the list, and the view at it if it follows.
fn settle(state: &mut Whole) {
    let joints = current(state).map_or(0, |current| current.joints(state.film.task).len());
    let detections = raw::rows(state).len();
    state.film.detection = state.film.detection.min(detections.saturating_sub(1));
    state.film.joint = state.film.joint.min(joints.saturating_sub(1));
    follow(state);
    looking::measure(state);
}

/// Puts another film beside this one, or takes it away.
fn look_beside(state: &mut Whole, wanted: Beside) -> Vec<Effect> {
    let beside = &mut state.film.looking.beside;
    // Marking ends with the same key, whichever film it is pressed on.
    let ends = matches!((*beside, wanted), (Some(Beside::Marked(..)), Beside::Marked(..)) | (Some(Beside::OtherSide), Beside::OtherSide));
    *beside = if ends { None } else { Some(wanted) };
    settle(state);
    self::wanted(state)
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

fn change_window(state: &mut Whole, change: impl Fn(Window) -> Window) {
    let Some(current) = current(state).and_then(|current| current.picture().cloned()) else { return };
    state.film.window = Some(change(window(&state.film, &current)));
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
    if state.film.looking.lens {
        state.film.looking.lens_at = Some(point);
    }
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

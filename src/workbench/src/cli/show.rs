//! `svh show FILM`: one film in the terminal, once.

use std::{io::IsTerminal, path::Path};

use svh_core::{Cohort, Film, LabelledBox, Limb, Task, cohort::FILMS_FOLDER};

use super::{
    args::Show,
    failure::{Failure, Outcome},
};
use crate::{
    Options,
    tui::theme::{MODEL, READER},
};
use svh_terminal::{Line, Mark, Picture, Shown, probe};

/// The window where output is none.
const PAGE: (u16, u16) = (80, 40);

/// Shows the film.
///
/// # Errors
/// A film that cannot be read, boxes that are asked for and not there, output that is closed.
pub fn run(command: &Show, options: &Options) -> Outcome {
    let film = Film::open(&command.film).map_err(Failure::user)?;
    let marks = if command.boxes { boxes(&command.film)? } else { Vec::new() };
    let capabilities = probe::capabilities(options.wishes());
    let window = if std::io::stdout().is_terminal() { svh_terminal::screen::size().unwrap_or(PAGE) } else { PAGE };
    Shown::new(Picture::new(film), marks, &capabilities, window).print(&capabilities).map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::program(format!("the film could not be written to the terminal: {error}")),
    })
}

/// The boxes of both tasks that the film's cohort has for it.
fn boxes(film: &Path) -> Outcome<Vec<Mark>> {
    let none = |why: &str| Failure::user(format!("{} has no boxes: {why}", film.display()));
    let stem = film.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let (id, limb) = Limb::split_stem(stem).ok_or_else(|| none("its name does not say patient and limb, as in UAB001-LH.jpg"))?;
    // The whole path: a film may be named from within its own folder.
    let whole = film.canonicalize().map_err(|error| none(&error.to_string()))?;
    let folder = whole.parent().unwrap_or(Path::new("/"));
    let inside = folder.file_name().is_some_and(|name| name == FILMS_FOLDER);
    let root = if inside { folder.parent().unwrap_or(folder) } else { folder };
    let cohort = Cohort::open(root).map_err(Failure::user)?;
    let patient = cohort.patient(id).ok_or_else(|| none("its cohort does not know the patient"))?;
    let labels = cohort.boxes(patient, limb);
    if let Some(problem) = labels.problems.first() {
        super::out::say(format_args!("svh: {problem}"));
    }
    let drawn: Vec<_> = Task::ALL.into_iter().flat_map(|task| labels.of(task)).collect();
    if drawn.is_empty() {
        return Err(none("narrowing_labels and erosion_labels hold no file of its name"));
    }
    // Nobody has looked at proposals: their frames are broken, as in the workbench.
    let look = |reference: &LabelledBox| if reference.is_readers() { (READER, Line::Solid) } else { (MODEL, Line::Dashed) };
    let mark = |reference: &LabelledBox| {
        let (colour, line) = look(reference);
        Mark { bbox: reference.bbox, colour, line, selected: false, label: None }
    };
    Ok(drawn.into_iter().map(mark).collect())
}

//! Asking the terminal what it can do, for commands that show something once. The workbench asks the same question but does not wait.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use super::{
    Images, TerminalCapabilities,
    capabilities::{Answers, multiplexer},
    input::{Answer, Input, Terminal, read_for},
    kitty, screen,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(700);

/// The question: kitty graphics, name, size of a cell, and what every terminal answers, last. A multiplexer is not asked for kitty graphics, as tmux
/// would take that for a new title; nor is the Linux console, which would print it.
#[must_use]
pub fn question(get: impl Fn(&str) -> Option<String>) -> String {
    let term = get("TERM").unwrap_or_default();
    let simple = term == "linux" || term == "dumb" || term.starts_with("vt");
    let kitty = if simple || multiplexer(&get, None).is_some() { "" } else { kitty::QUESTION };
    format!("{kitty}\x1b[>q\x1b[16t\x1b[c")
}

/// The size of a cell as the system knows it, where it does.
#[must_use]
pub fn cell_of_window() -> Option<(u16, u16)> {
    let window = crossterm::terminal::window_size().ok()?;
    let cell = (window.width.checked_div(window.columns)?, window.height.checked_div(window.rows)?);
    (cell.0 > 0 && cell.1 > 0).then_some(cell)
}

/// Takes a piece of the answer; true once it was the last.
pub fn on_answer(answers: &mut Answers, answer: Answer) -> bool {
    match answer {
        Answer::Kitty(well) => answers.kitty = well,
        Answer::Version(version) => answers.version = Some(version),
        Answer::Cell(width, height) => answers.cell = Some((width, height)),
        Answer::Attributes(numbers) => answers.attributes = Some(numbers),
    }
    answers.attributes.is_some()
}

/// What this terminal can do. Asks it where that is of use, and waits for at most [`PATIENCE`].
#[must_use]
pub fn capabilities(images: Images) -> TerminalCapabilities {
    let get = |name: &str| std::env::var(name).ok();
    let of_use = !matches!(images, Images::Half | Images::Off) && multiplexer(get, None).is_none();
    let mut answers = if of_use && io::stdout().is_terminal() { ask().unwrap_or_default() } else { Answers::default() };
    answers.cell = answers.cell.or_else(cell_of_window);
    TerminalCapabilities::decided(images, get, &answers)
}

/// Raw mode for as long as this lives.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

fn ask() -> io::Result<Answers> {
    let source = Terminal::open()?;
    crossterm::terminal::enable_raw_mode()?;
    let raw = Raw;
    screen::write(question(|name| std::env::var(name).ok()).as_bytes())?;
    let mut answers = Answers::default();
    read_for(&source, PATIENCE, |input| match input {
        Input::Answer(answer) => on_answer(&mut answers, answer),
        _ => false,
    });
    drop(raw);
    Ok(answers)
}

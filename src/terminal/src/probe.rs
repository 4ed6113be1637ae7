//! Asking the terminal what it can do, for commands that show something once. The workbench asks the same question but does not wait.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use super::{
    Images, TerminalCapabilities,
    capabilities::{Answers, Wishes, multiplexer},
    input::{Answer, Input, Terminal, read_for},
    kitty, placeholders, screen,
    tmux::Tmux,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(700);

/// The question: kitty graphics, name, background, size of a cell, and what every terminal answers, last. A multiplexer is not asked for kitty
/// graphics, as tmux would take that for a new title; nor is the Linux console, which would print it.
#[must_use]
pub fn question(get: impl Fn(&str) -> Option<String>) -> String {
    let term = get("TERM").unwrap_or_default();
    let simple = term == "linux" || term == "dumb" || term.starts_with("vt");
    let between = multiplexer(&get, None);
    let kitty = if simple || between.is_some() { "" } else { kitty::QUESTION };
    let background = if simple || between == Some("screen") { "" } else { "\x1b]11;?\x1b\\" };
    format!("{kitty}\x1b[>q{background}\x1b[16t\x1b[c")
}

/// What to ask once it is known that tmux lies between: its terminal, for placeholders. Not where tmux says that it passes nothing through, nor where
/// another pane would get the answer as keys.
#[must_use]
pub fn question_through_tmux(answers: &mut Answers, get: impl Fn(&str) -> Option<String>) -> Option<String> {
    if answers.asked_through_tmux || multiplexer(&get, answers.version.as_deref()) != Some("tmux") {
        return None;
    }
    let here = get("TMUX").is_some_and(|value| !value.is_empty());
    let may_ask = match &answers.tmux {
        Some(tmux) => tmux.passthrough != Some(false) && !tmux.elsewhere,
        // A tmux on the near side of a connection cannot be asked by its client; its own answers come first.
        None => !here && answers.attributes.is_some(),
    };
    may_ask.then(|| {
        answers.asked_through_tmux = true;
        placeholders::question()
    })
}

/// The size of a cell as the system knows it, where it does.
#[must_use]
pub fn cell_of_window() -> Option<(u16, u16)> {
    let window = crossterm::terminal::window_size().ok()?;
    let cell = (window.width.checked_div(window.columns)?, window.height.checked_div(window.rows)?);
    (cell.0 > 0 && cell.1 > 0).then_some(cell)
}

/// Takes a piece of the answer; true once the capabilities can be decided from what is known, and again with each piece that comes later.
pub fn on_answer(answers: &mut Answers, answer: Answer) -> bool {
    match answer {
        Answer::Kitty(well) => answers.kitty = well,
        Answer::Placeholders(well) => answers.placeholders = well,
        Answer::Version(version) => answers.version = Some(version),
        Answer::Background(colour) => answers.background = Some(colour),
        Answer::Cell(width, height) => answers.cell = Some((width, height)),
        Answer::Attributes(numbers) => answers.attributes = Some(numbers),
        Answer::Tmux(tmux) => answers.tmux = Some(tmux),
    }
    answers.attributes.is_some()
}

/// What this terminal can do. Asks it where that is of use, and waits for at most [`PATIENCE`].
#[must_use]
pub fn capabilities(wishes: impl Into<Wishes>) -> TerminalCapabilities {
    let wishes = wishes.into();
    let get = |name: &str| std::env::var(name).ok();
    let between = multiplexer(get, None);
    let of_use = !matches!(wishes.images, Images::Half | Images::Off) && matches!(between, None | Some("tmux"));
    let mut answers = if of_use && io::stdout().is_terminal() { ask().unwrap_or_default() } else { Answers::default() };
    answers.cell = answers.cell.or_else(cell_of_window);
    TerminalCapabilities::decided(wishes, get, &answers)
}

/// Raw mode for as long as this lives.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

fn ask() -> io::Result<Answers> {
    let get = |name: &str| std::env::var(name).ok();
    let source = Terminal::open()?;
    crossterm::terminal::enable_raw_mode()?;
    let raw = Raw;
    let mut answers = Answers { tmux: Tmux::ask(get), ..Answers::default() };
    screen::write(question(get).as_bytes())?;
    let end = Instant::now() + PATIENCE;
    let wait = |answers: &mut Answers, enough: fn(&Answers) -> bool| {
        read_for(&source, end.saturating_duration_since(Instant::now()), |input| {
            if let Input::Answer(answer) = input {
                on_answer(answers, answer);
            }
            enough(answers)
        });
    };
    wait(&mut answers, |answers| answers.attributes.is_some());
    if let Some(question) = question_through_tmux(&mut answers, get) {
        screen::write(question.as_bytes())?;
        wait(&mut answers, |answers| answers.placeholders);
    }
    drop(raw);
    Ok(answers)
}

//! What comes from the terminal: keys, mouse, pasted text, and the answers to the one question that is asked about its capabilities.
//!
//! One thread reads the terminal and nothing else does, so an answer that comes late is still known for what it is and never becomes keys. That is why
//! crossterm's own reader is not used: it has no answers, and would take them for keys.

mod decode;
#[cfg(test)]
mod fuzz;
mod reader;

use crossterm::event::Event;

use super::{Rgb, tmux::Tmux};

pub use decode::Decoder;
pub use reader::{Terminal, read_for};

/// A piece of the terminal's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To the question for kitty graphics: whether it was well taken.
    Kitty(bool),
    /// To the question for placeholders, passed through tmux: whether it was well taken.
    Placeholders(bool),
    /// The colour of the background.
    Background(Rgb),
    /// What tmux says of itself and of the terminal around it; not from the terminal, but an answer as well.
    Tmux(Tmux),
    /// Name and version.
    Version(String),
    /// Width and height of a cell in pixels.
    Cell(u16, u16),
    /// The primary device attributes, which every terminal knows and which come last.
    Attributes(Vec<u16>),
}

/// Anything that comes from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key, the mouse, or pasted text without control characters; keys and buttons as crossterm gives them.
    Event(Event),
    /// A piece of an answer.
    Answer(Answer),
}

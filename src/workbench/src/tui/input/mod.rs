//! What comes from the terminal: keys, mouse, pasted text, and the answers to the one question that is asked about its abilities.
//!
//! One thread reads the terminal and nothing else does, so an answer that comes late is still known for what it is and never becomes keys.

mod decode;
#[cfg(test)]
mod fuzz;
mod reader;

pub use decode::Decoder;
pub use reader::{Terminal, read_for};

/// A key, as far as a terminal without extensions can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A printed character, with shift already in it.
    Char(char),
    /// Control and a letter, in lower case.
    Ctrl(char),
    /// Alt and a character.
    Alt(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// An arrow with shift.
    ShiftUp,
    /// An arrow with shift.
    ShiftDown,
    /// An arrow with shift.
    ShiftLeft,
    /// An arrow with shift.
    ShiftRight,
    /// A function key.
    F(u8),
}

impl Key {
    /// The key as it is written in hints.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Char(' ') => "Space".to_owned(),
            Self::Char(letter) => letter.to_string(),
            Self::Ctrl(letter) => format!("Ctrl-{}", letter.to_ascii_uppercase()),
            Self::Alt(letter) => format!("Alt-{letter}"),
            Self::F(number) => format!("F{number}"),
            Self::Enter => "⏎".to_owned(),
            Self::Up => "↑".to_owned(),
            Self::Down => "↓".to_owned(),
            Self::Left => "←".to_owned(),
            Self::Right => "→".to_owned(),
            Self::BackTab => "Shift-Tab".to_owned(),
            Self::ShiftUp => "Shift-↑".to_owned(),
            Self::ShiftDown => "Shift-↓".to_owned(),
            Self::ShiftLeft => "Shift-←".to_owned(),
            Self::ShiftRight => "Shift-→".to_owned(),
            Self::PageUp => "PgUp".to_owned(),
            Self::PageDown => "PgDn".to_owned(),
            named => format!("{named:?}"),
        }
    }
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The mouse moved with the left button down.
    Drag,
    /// A button was let go.
    Release,
    /// The wheel turned away from the user.
    WheelUp,
    /// The wheel turned towards the user.
    WheelDown,
}

/// The mouse at a cell, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Where.
    pub column: u16,
    /// Where.
    pub row: u16,
}

/// A piece of the terminal's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To the question for kitty graphics: whether it was well taken.
    Kitty(bool),
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
    /// A key.
    Key(Key),
    /// The mouse.
    Mouse(Mouse),
    /// Pasted text, without control characters.
    Paste(String),
    /// A piece of an answer.
    Answer(Answer),
}

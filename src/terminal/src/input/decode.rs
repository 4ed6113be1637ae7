//! From bytes to input: UTF-8, the escape sequences of keys (ECMA-48 and xterm), SGR mouse reports, bracketed paste, and answers.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{Answer, Input};
use crate::{Rgb, placeholders};

/// No sequence of a sane terminal is longer; what is longer is thrown away.
const LONGEST: usize = 1 << 16;

/// A paste whose end does not come is taken as it is from this length on: otherwise no key would be heard any more.
const LONGEST_PASTE: usize = 1 << 20;

/// Turns bytes into input, however they are cut.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What the beginning of the bytes is.
enum Head {
    /// This many bytes, which mean this or nothing.
    Whole(usize, Option<Input>),
    /// The beginning of something.
    Part,
}

use Head::{Part, Whole};

fn input(key: KeyEvent) -> Input {
    Input::Event(Event::Key(key))
}

fn key(length: usize, key: KeyEvent) -> Head {
    Whole(length, Some(input(key)))
}

const fn plain(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

const fn shift(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::SHIFT)
}

const fn ctrl(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

const fn alt(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT)
}

/// A printed character; capitals come with shift, as in crossterm.
fn printed_key(letter: char) -> KeyEvent {
    if letter.is_uppercase() { shift(KeyCode::Char(letter)) } else { plain(KeyCode::Char(letter)) }
}

impl Decoder {
    /// Takes bytes and gives all input that is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.bytes.extend_from_slice(bytes);
        let mut found = Vec::new();
        loop {
            if self.paste.is_some() {
                let Some(text) = self.pasted() else { return found };
                found.push(Input::Event(Event::Paste(text)));
            }
            match head(&self.bytes) {
                Whole(0, _) => return found,
                Whole(length, input) => {
                    self.bytes.drain(..length);
                    match input {
                        Some(Input::Event(Event::Paste(_))) => self.paste = Some(Vec::new()),
                        input => found.extend(input),
                    }
                }
                Part if self.bytes.len() > LONGEST => self.bytes.clear(),
                Part => return found,
            }
        }
    }

    /// Whether something has begun that may be complete as it is: an escape character may be the key or the start of a sequence.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.bytes.is_empty() && self.paste.is_none()
    }

    /// Nothing more has come for a while: what has begun is taken for keys where it can be, else thrown away.
    pub fn settle(&mut self) -> Vec<Input> {
        let bytes = std::mem::take(&mut self.bytes);
        match bytes.as_slice() {
            [0x1b] => vec![input(plain(KeyCode::Esc))],
            [0x1b, letter @ 0x20..0x7f] => vec![input(alt(char::from(*letter)))],
            _ => Vec::new(),
        }
    }

    fn pasted(&mut self) -> Option<String> {
        const END: &[u8] = b"\x1b[201~";
        let Some(end) = memchr::memmem::find(&self.bytes, END) else {
            if self.bytes.len() > LONGEST_PASTE {
                self.paste = None;
                return Some(printed(&std::mem::take(&mut self.bytes)));
            }
            return None;
        };
        let rest = self.bytes.split_off(end + END.len());
        let mut paste = self.paste.take().unwrap_or_default();
        paste.extend(self.bytes.drain(..).take(end));
        self.bytes = rest;
        Some(printed(&paste))
    }
}

/// What is pasted, without what would act as keys.
fn printed(paste: &[u8]) -> String {
    String::from_utf8_lossy(paste).chars().filter(|c| !c.is_control()).collect()
}

fn head(bytes: &[u8]) -> Head {
    match bytes {
        [] => Whole(0, None),
        [0x1b, rest @ ..] => escape(rest),
        [b'\r' | b'\n', ..] => key(1, plain(KeyCode::Enter)),
        [b'\t', ..] => key(1, plain(KeyCode::Tab)),
        [0x7f | 0x08, ..] => key(1, plain(KeyCode::Backspace)),
        [0, ..] => key(1, ctrl(' ')),
        [code @ 1..0x1b, ..] => key(1, ctrl(char::from(code - 1 + b'a'))),
        [0x1c..0x20, ..] => Whole(1, None),
        _ => character(bytes),
    }
}

fn character(bytes: &[u8]) -> Head {
    let length = match bytes[0] {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return Whole(1, None),
    };
    let Some(sequence) = bytes.get(..length) else { return Part };
    match std::str::from_utf8(sequence).ok().and_then(|text| text.chars().next()) {
        Some(c) => key(length, printed_key(c)),
        None => Whole(1, None),
    }
}

/// After an escape character.
fn escape(rest: &[u8]) -> Head {
    match rest {
        [] => Part,
        [b'[', rest @ ..] => control(rest),
        [b'O', letter, ..] => Whole(3, named(*letter, 1).map(input)),
        [b'O'] => Part,
        [b'_' | b'P' | b']' | b'^' | b'X', ..] => string(rest),
        [0x1b, ..] => key(1, plain(KeyCode::Esc)),
        _ => match head(rest) {
            Whole(length, Some(Input::Event(Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }))))
                if !modifiers.contains(KeyModifiers::CONTROL) =>
            {
                key(length + 1, alt(c))
            }
            Whole(length, _) => Whole(length + 1, None),
            Part => Part,
        },
    }
}

/// A string (APC, DCS, OSC...) up to its terminator.
fn string(rest: &[u8]) -> Head {
    let end = rest.windows(2).position(|pair| pair == b"\x1b\\").map(|at| (at, 2));
    let bell = (rest[0] == b']').then(|| rest.iter().position(|b| *b == 7).map(|at| (at, 1))).flatten();
    let Some((at, terminator)) = end.into_iter().chain(bell).min() else { return Part };
    let text = String::from_utf8_lossy(&rest[1..at]);
    let answer = match rest[0] {
        b'_' => text.strip_prefix('G').and_then(|text| text.split_once(';')).map(|(keys, answer)| {
            let id = keys.split(',').find_map(|key| key.strip_prefix("i="));
            if id == Some(placeholders::QUESTION_ID) { Answer::Placeholders(answer == "OK") } else { Answer::Kitty(answer == "OK") }
        }),
        b']' => text.strip_prefix("11;").and_then(colour).map(Answer::Background),
        b'P' => text.strip_prefix(">|").map(|version| Answer::Version(version.chars().filter(|c| !c.is_control()).take(80).collect())),
        _ => None,
    };
    Whole(1 + at + terminator, answer.map(Input::Answer))
}

/// A colour as X11 writes it: `rgb:ffff/ffff/ffff`, one to four digits each.
fn colour(text: &str) -> Option<Rgb> {
    let (_, text) = text.split_once(':')?;
    let mut parts = text.split('/').map(|part| {
        let digits = u32::try_from(part.len()).ok().filter(|digits| (1..=4).contains(digits))?;
        let value = u32::from_str_radix(part, 16).ok()?;
        u8::try_from(value * 255 / (16_u32.pow(digits) - 1)).ok()
    });
    let mut next = || parts.next().flatten();
    Some(Rgb(next()?, next()?, next()?))
}

/// A control sequence after `ESC [`.
fn control(rest: &[u8]) -> Head {
    let Some(end) = rest.iter().position(|b| !matches!(b, 0x20..0x40)) else { return Part };
    let length = 2 + end + 1;
    let last = rest[end];
    if !matches!(last, 0x40..0x7f) {
        // Not a control sequence after all: drop its beginning and read on from here.
        return Whole(2 + end, None);
    }
    let (marker, numbers) = numbers(&rest[..end]);
    let number = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let found = match (marker, last) {
        // The report of the oldest mouse protocol, which is never asked for: three bytes follow.
        (None, b'M') if end == 0 => return if rest.len() < 4 { Part } else { Whole(length + 3, None) },
        (Some(b'<'), b'M' | b'm') => mouse(number(0), number(1), number(2), last == b'm').map(|mouse| Input::Event(Event::Mouse(mouse))),
        (Some(b'?'), b'c') => Some(Input::Answer(Answer::Attributes(numbers))),
        (None, b't') if number(0) == 6 => Some(Input::Answer(Answer::Cell(number(2), number(1)))),
        (None, b'~') if number(0) == 200 => Some(Input::Event(Event::Paste(String::new()))),
        (None, b'~') => tilde(number(0)).map(plain).map(input),
        (None, b'u') => unicode(number(0), number(1)).map(input),
        (None, letter) => named(letter, number(1)).map(input),
        _ => None,
    };
    Whole(length, found)
}

/// The marker and the numbers of a control sequence; of `a:b` only `a` counts.
fn numbers(parameters: &[u8]) -> (Option<u8>, Vec<u16>) {
    let marker = parameters.first().copied().filter(|b| matches!(b, b'<'..=b'?'));
    let text = std::str::from_utf8(&parameters[usize::from(marker.is_some())..]).unwrap_or_default();
    let numbers = text.split(';').map(|part| part.split(':').next().unwrap_or_default().parse().unwrap_or(0));
    (marker, numbers.collect())
}

fn named(letter: u8, modifiers: u16) -> Option<KeyEvent> {
    let shifted = modifiers == 2;
    Some(match letter {
        b'A' if shifted => shift(KeyCode::Up),
        b'B' if shifted => shift(KeyCode::Down),
        b'C' if shifted => shift(KeyCode::Right),
        b'D' if shifted => shift(KeyCode::Left),
        b'A' => plain(KeyCode::Up),
        b'B' => plain(KeyCode::Down),
        b'C' => plain(KeyCode::Right),
        b'D' => plain(KeyCode::Left),
        b'H' => plain(KeyCode::Home),
        b'F' => plain(KeyCode::End),
        b'M' => plain(KeyCode::Enter),
        b'Z' => shift(KeyCode::BackTab),
        b'P'..=b'S' => plain(KeyCode::F(letter - b'P' + 1)),
        _ => return None,
    })
}

fn tilde(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=24 => KeyCode::F((number - 12) as u8),
        _ => return None,
    })
}

/// A key as some terminals report it once another program has asked them to: code point and modifiers.
fn unicode(code: u16, modifiers: u16) -> Option<KeyEvent> {
    let held = modifiers.saturating_sub(1);
    match (code, char::from_u32(u32::from(code))?) {
        (13, _) => Some(plain(KeyCode::Enter)),
        (27, _) => Some(plain(KeyCode::Esc)),
        (9, _) => Some(if held & 1 == 1 { shift(KeyCode::BackTab) } else { plain(KeyCode::Tab) }),
        (127, _) => Some(plain(KeyCode::Backspace)),
        (_, c) if c.is_control() => None,
        (_, c) if held & 4 == 4 => Some(ctrl(c.to_ascii_lowercase())),
        (_, c) if held & 2 == 2 => Some(alt(c)),
        (_, c) => Some(printed_key(c)),
    }
}

/// Presses of the left button, movements with it down, the wheel, and buttons that are let go.
fn mouse(button: u16, column: u16, row: u16, released: bool) -> Option<MouseEvent> {
    // Bits 2 to 4 are shift, alt and control.
    let kind = match (button & !0b1_1100, released) {
        (64, _) => MouseEventKind::ScrollUp,
        (65, _) => MouseEventKind::ScrollDown,
        (1, true) => MouseEventKind::Up(MouseButton::Middle),
        (2, true) => MouseEventKind::Up(MouseButton::Right),
        (_, true) => MouseEventKind::Up(MouseButton::Left),
        (0, _) => MouseEventKind::Down(MouseButton::Left),
        (32, _) => MouseEventKind::Drag(MouseButton::Left),
        _ => return None,
    };
    Some(MouseEvent { kind, column: column.saturating_sub(1), row: row.saturating_sub(1), modifiers: KeyModifiers::NONE })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Input> {
        let mut decoder = Decoder::default();
        let mut found = decoder.feed(bytes);
        found.extend(decoder.settle());
        found
    }

    fn keys(bytes: &[u8]) -> Vec<KeyEvent> {
        let key = |input| if let Input::Event(Event::Key(key)) = input { key } else { panic!("{input:?}") };
        all(bytes).into_iter().map(key).collect()
    }

    #[test]
    fn letters_controls_and_named_keys() {
        assert_eq!(keys("aÄ€😀".as_bytes()), [printed_key('a'), printed_key('Ä'), printed_key('€'), printed_key('😀')]);
        assert_eq!(
            keys(b"\r\t\x7f\x03\x1a"),
            [plain(KeyCode::Enter), plain(KeyCode::Tab), plain(KeyCode::Backspace), ctrl('c'), ctrl('z')]
        );
        assert_eq!(
            keys(b"\x1b[A\x1bOB\x1b[1;2C\x1b[5~\x1b[Z\x1b[H"),
            [
                plain(KeyCode::Up),
                plain(KeyCode::Down),
                shift(KeyCode::Right),
                plain(KeyCode::PageUp),
                shift(KeyCode::BackTab),
                plain(KeyCode::Home)
            ]
        );
        assert_eq!(keys(b"\x1bx\x1b[15~\x1bOP\x1b[24~"), [alt('x'), plain(KeyCode::F(5)), plain(KeyCode::F(1)), plain(KeyCode::F(12))]);
        assert_eq!(keys(b"\x1b[97;5u\x1b[27u"), [ctrl('a'), plain(KeyCode::Esc)]);
    }

    #[test]
    fn a_lone_escape_is_the_key_once_nothing_follows() {
        let mut decoder = Decoder::default();
        assert!(decoder.feed(b"\x1b").is_empty() && decoder.waits());
        assert_eq!(decoder.settle(), [input(plain(KeyCode::Esc))]);
        assert!(!decoder.waits());
        assert_eq!(keys(b"\x1b\x1b[A"), [plain(KeyCode::Esc), plain(KeyCode::Up)]);
    }

    const ANSWER: &[u8] = b"\x1b_Gi=4211;OK\x1b\\\x1bP>|kitty(0.32.2)\x1b\\\x1b[6;18;9t\x1b[?62;4;22c";

    #[test]
    fn the_answer_of_a_terminal_is_understood_and_early_keys_are_kept() {
        let mut bytes = b"jj".to_vec();
        bytes.extend_from_slice(ANSWER);
        bytes.extend_from_slice(b"q");
        assert_eq!(
            all(&bytes),
            [
                input(printed_key('j')),
                input(printed_key('j')),
                Input::Answer(Answer::Kitty(true)),
                Input::Answer(Answer::Version("kitty(0.32.2)".into())),
                Input::Answer(Answer::Cell(9, 18)),
                Input::Answer(Answer::Attributes(vec![62, 4, 22])),
                input(printed_key('q')),
            ]
        );
    }

    #[test]
    fn the_answers_about_tmux_and_the_background_are_told_from_others() {
        assert_eq!(all(b"\x1b_Gi=4212;OK\x1b\\"), [Input::Answer(Answer::Placeholders(true))]);
        assert_eq!(all(b"\x1b_Gi=4212,I=3;ENOENT:no\x1b\\"), [Input::Answer(Answer::Placeholders(false))]);
        assert_eq!(all(b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\"), [Input::Answer(Answer::Background(Rgb(0xfd, 0xf6, 0xe3)))]);
        assert_eq!(all(b"\x1b]11;rgba:f/0/8/f\x07"), [Input::Answer(Answer::Background(Rgb(255, 0, 136)))]);
        assert_eq!(all(b"\x1b]11;rgb:zz\x07\x1b]11;rgb:fffff/0/0\x07\x1b]10;rgb:0/0/0\x07"), []);
    }

    #[test]
    fn however_the_bytes_are_cut_the_input_is_the_same() {
        let mut bytes = ANSWER.to_vec();
        bytes.extend_from_slice("\x1b[A€\x1b[<0;5;6M\x1b[200~a\nb\x1b[201~".as_bytes());
        let expected = all(&bytes);
        assert_eq!(expected.last(), Some(&Input::Event(Event::Paste("ab".into()))));
        for size in 1..7 {
            let mut decoder = Decoder::default();
            let found: Vec<_> = bytes.chunks(size).flat_map(|chunk| decoder.feed(chunk)).collect();
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn the_mouse_is_reported_in_cells_from_zero() {
        let mouse = |bytes: &[u8]| all(bytes).into_iter().next();
        let at = |kind, column, row| Input::Event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        assert_eq!(mouse(b"\x1b[<0;1;1M"), Some(at(MouseEventKind::Down(MouseButton::Left), 0, 0)));
        assert_eq!(mouse(b"\x1b[<65;300;7M"), Some(at(MouseEventKind::ScrollDown, 299, 6)));
        assert_eq!(mouse(b"\x1b[<32;3;4M"), Some(at(MouseEventKind::Drag(MouseButton::Left), 2, 3)));
        assert_eq!(mouse(b"\x1b[M !!"), None);
    }

    #[test]
    fn noise_neither_panics_nor_hides_the_key_after_it() {
        for noise in [&b"\xff\xfe\x80"[..], b"\x1b[\x01", b"\x1b[999999;99999999Q", b"\x1b]0;title\x07", b"\x1b[?1;2y", b"\x1c"] {
            let mut bytes = noise.to_vec();
            bytes.push(b'q');
            assert_eq!(all(&bytes).last(), Some(&input(printed_key('q'))), "after {noise:?}");
        }
    }

    #[test]
    fn an_endless_string_is_given_up() {
        let mut decoder = Decoder::default();
        decoder.feed(b"\x1b_G");
        decoder.feed(&vec![b'x'; LONGEST + 10]);
        assert_eq!(decoder.feed(b"q"), [input(printed_key('q'))]);
    }
}

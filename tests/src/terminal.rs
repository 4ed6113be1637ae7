//! A terminal that is not one: a pty whose other end answers questions as a persona would, keeps the screen, and can be typed into.

use std::{
    io::{Read, Write},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How a terminal behaves towards questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Speaks the kitty graphics protocol.
    Kitty,
    /// Takes iTerm2's inline images.
    Iterm,
    /// Shows sixels.
    Sixel,
    /// Answers, and can show text only.
    Plain,
    /// Never answers.
    Mute,
    /// Kitty, 200 ms away.
    Slow,
    /// A kitty that knows placeholders, to be put around tmux.
    Placeholders,
}

impl Persona {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Kitty, Self::Iterm, Self::Sixel, Self::Plain, Self::Mute, Self::Slow];

    /// The answer to one question, if this persona has one.
    fn answer(self, question: Question) -> Option<&'static [u8]> {
        match (self, question) {
            (Self::Mute, _) => None,
            // Only the question for placeholders reaches it: tmux keeps the other one.
            (Self::Placeholders, Question::Kitty) => Some(b"\x1b_Gi=4212;OK\x1b\\"),
            (Self::Placeholders, Question::Name) => Some(b"\x1bP>|kitty(0.35.2)\x1b\\"),
            (Self::Kitty | Self::Slow, Question::Kitty) => Some(b"\x1b_Gi=31;OK\x1b\\"),
            (Self::Kitty | Self::Slow, Question::Name) => Some(b"\x1bP>|kitty(0.42.1)\x1b\\"),
            (Self::Iterm, Question::Name) => Some(b"\x1bP>|iTerm2 3.5.10\x1b\\"),
            (Self::Sixel, Question::Name) => Some(b"\x1bP>|XTerm(390)\x1b\\"),
            (Self::Plain, Question::CellSize) | (_, Question::Kitty | Question::Name) => None,
            (_, Question::CellSize) => Some(b"\x1b[6;20;10t"),
            (Self::Sixel, Question::Attributes) => Some(b"\x1b[?62;4;22c"),
            (_, Question::Attributes) => Some(b"\x1b[?62;22c"),
        }
    }

    fn delay(self) -> Duration {
        if self == Self::Slow { Duration::from_millis(200) } else { Duration::ZERO }
    }
}

/// The questions that a program may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Kitty,
    Name,
    CellSize,
    Attributes,
}

impl Question {
    const ALL: [(Self, &'static [u8]); 4] =
        [(Self::Kitty, b"a=q"), (Self::Name, b"\x1b[>q"), (Self::CellSize, b"\x1b[16t"), (Self::Attributes, b"\x1b[c")];

    /// The questions in a piece of output, in the order they stand there.
    fn asked_in(output: &[u8]) -> Vec<Self> {
        (0..output.len())
            .filter_map(|at| Self::ALL.into_iter().find(|(_, words)| output[at..].starts_with(words)))
            .map(|(question, _)| question)
            .collect()
    }
}

struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
    /// When the last byte came.
    last: Instant,
    ended: bool,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A program running in the terminal.
pub struct Terminal {
    seen: Shared,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    // Kept so that the settings of the terminal can still be read after the program has gone.
    _slave: Box<dyn portable_pty::SlavePty + Send>,
}

impl Terminal {
    /// Starts a program in a terminal of this size.
    ///
    /// # Panics
    /// When there is no pty to be had.
    #[must_use]
    pub fn start(persona: Persona, columns: u16, rows: u16, command: CommandBuilder) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: columns * 10, pixel_height: rows * 20 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let reader = pair.master.try_clone_reader().expect("the pty's output");
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().expect("the pty's input")));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        // A window without a size still shows something somewhere.
        let (shown_rows, shown_columns) = if columns == 0 || rows == 0 { (24, 80) } else { (rows, columns) };
        let seen = Seen { screen: vt100::Parser::new(shown_rows, shown_columns, 0), bytes: Vec::new(), last: started, ended: false };
        let seen: Shared = Arc::new((Mutex::new(seen), Condvar::new()));
        let (sink, answers) = (Arc::clone(&seen), Arc::clone(&keyboard));
        std::thread::spawn(move || watch(reader, persona, &sink, &answers));
        Self { seen, keyboard, master: pair.master, child, started, _slave: pair.slave }
    }

    /// Types something.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn keys(&self, keys: &str) {
        let mut keyboard = self.keyboard.lock().expect("the keyboard");
        keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush()).expect("keys are taken");
    }

    /// Types something that changes the screen, and waits until the program has drawn it.
    ///
    /// # Panics
    /// When nothing is drawn, or drawing does not end, within 20 seconds.
    pub fn keys_drawn(&self, keys: &str) {
        let before = self.now().written;
        self.keys(keys);
        self.wait("something is drawn", Duration::from_secs(20), |seen| seen.written > before);
        self.wait_for_rest(Duration::from_millis(200));
    }

    /// Changes the size of the window.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen.0.lock().expect("the screen").screen.screen_mut().set_size(rows, columns);
        self.master
            .resize(PtySize { rows, cols: columns, pixel_width: columns * 10, pixel_height: rows * 20 })
            .expect("the pty takes a size");
    }

    /// Waits until something is so, and says how long after the start that was.
    ///
    /// # Panics
    /// When it is not so after `limit`; the screen is in the message.
    pub fn wait(&self, what: &str, limit: Duration, so: impl Fn(&Snapshot) -> bool) -> Duration {
        let deadline = Instant::now() + limit;
        let mut seen = self.seen.0.lock().expect("the screen");
        loop {
            let snapshot = Snapshot::of(&seen);
            if so(&snapshot) {
                return self.started.elapsed();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "after {limit:?} still not: {what}\n{}", snapshot.text);
            seen = self.seen.1.wait_timeout(seen, left).expect("the screen").0;
        }
    }

    /// Waits for words on the screen.
    ///
    /// # Panics
    /// When they do not come within 20 seconds.
    pub fn wait_for(&self, words: &str) -> Duration {
        self.wait(words, Duration::from_secs(20), |seen| seen.text.contains(words))
    }

    /// Waits until no byte has come for a while.
    ///
    /// # Panics
    /// When the program does not come to rest within 20 seconds.
    pub fn wait_for_rest(&self, quiet: Duration) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let since = self.seen.0.lock().expect("the screen").last.elapsed();
            if since >= quiet {
                return;
            }
            assert!(Instant::now() < deadline, "the program never comes to rest");
            std::thread::sleep(quiet - since);
        }
    }

    /// What is there now.
    ///
    /// # Panics
    /// When the reader has failed.
    #[must_use]
    pub fn now(&self) -> Snapshot {
        Snapshot::of(&self.seen.0.lock().expect("the screen"))
    }

    /// Waits for the program's end and gives its exit status.
    ///
    /// # Panics
    /// When it does not end within 20 seconds.
    pub fn end(&mut self) -> u32 {
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                break status;
            }
            assert!(Instant::now() < deadline, "the program does not end\n{}", self.now().text);
            std::thread::sleep(Duration::from_millis(5));
        };
        // Its last words may still be on their way to the reader; a child of it that keeps the terminal open must not make this wait for ever.
        let (seen, changed) = &*self.seen;
        drop(changed.wait_timeout_while(seen.lock().expect("the screen"), Duration::from_secs(5), |seen| !seen.ended));
        self.wait_for_rest(Duration::from_millis(50));
        status.exit_code()
    }

    /// The process id of the program.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Asserts that the terminal is as a program should leave it.
    ///
    /// # Panics
    /// When it is not.
    pub fn assert_given_back(&self) {
        let seen = self.seen.0.lock().expect("the screen");
        let screen = seen.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was not left");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still taken");
        let settings = self.master.get_termios().expect("the settings of the pty");
        let line_mode = format!("{:?}", settings.local_flags);
        assert!(line_mode.contains("ICANON") && line_mode.contains("ECHO"), "the terminal is still raw: {line_mode}");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// The screen and everything that was written, at one moment.
pub struct Snapshot {
    /// The screen's text, a line a row.
    pub text: String,
    /// How many bytes have come so far.
    pub written: usize,
    /// All of those bytes.
    pub bytes: Vec<u8>,
    /// Whether the program has closed its end.
    pub ended: bool,
    /// The cells that stand for pieces of pictures.
    pub pieces: Vec<Piece>,
}

impl Snapshot {
    fn of(seen: &Seen) -> Self {
        Self {
            pieces: pieces(seen.screen.screen()),
            text: seen.screen.screen().contents(),
            written: seen.bytes.len(),
            bytes: seen.bytes.clone(),
            ended: seen.ended,
        }
    }
}

/// A cell that stands for a piece of a picture (kitty's Unicode placeholders).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Column and row of the screen.
    pub at: (u16, u16),
    /// The picture's number.
    pub id: u32,
    /// Column and row of the picture.
    pub of: (u16, u16),
}

/// The first marks of kitty's table, which is enough for small terminals: the marks of numbers below 108 end at U+07F3 and are listed here as runs.
#[rustfmt::skip]
const MARKS: [(u32, u16); 39] = [
    (0x305, 1), (0x30D, 2), (0x310, 1), (0x312, 1), (0x33D, 3), (0x346, 1), (0x34A, 3), (0x350, 3), (0x357, 1), (0x35B, 1), (0x363, 13),
    (0x483, 5), (0x592, 4), (0x597, 3), (0x59C, 6), (0x5A8, 2), (0x5AB, 2), (0x5AF, 1), (0x5C4, 1), (0x610, 8), (0x657, 5), (0x65D, 2),
    (0x6D6, 7), (0x6DF, 4), (0x6E4, 1), (0x6E7, 2), (0x6EB, 2), (0x730, 1), (0x732, 2), (0x735, 2), (0x73A, 1), (0x73D, 1), (0x73F, 3),
    (0x743, 1), (0x745, 1), (0x747, 1), (0x749, 2), (0x7EB, 7), (0x7F3, 1),
];

fn number(mark: char) -> Option<u16> {
    let mut first = 0;
    for (start, length) in MARKS {
        let inside = u32::from(mark).checked_sub(start).filter(|inside| *inside < u32::from(length));
        if let Some(inside) = inside {
            return Some(first + inside as u16);
        }
        first += length;
    }
    None
}

/// The placeholders on a screen, read as kitty reads them: the marks are row, column and the highest byte of the number, the colour its lowest.
fn pieces(screen: &vt100::Screen) -> Vec<Piece> {
    let (rows, columns) = screen.size();
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let piece = |(row, column): (u16, u16)| {
        let cell = screen.cell(row, column)?;
        let mut letters = cell.contents().chars();
        if letters.next() != Some('\u{10EEEE}') {
            return None;
        }
        let mut next = || letters.next().and_then(number);
        let (of_row, of_column, high) = (next()?, next()?, next()?);
        let vt100::Color::Idx(low) = cell.fgcolor() else { return None };
        Some(Piece { at: (column, row), id: u32::from(high) << 24 | u32::from(low), of: (of_column, of_row) })
    };
    cells.filter_map(piece).collect()
}

/// A picture in the memory of a kitty terminal.
pub struct KittyPicture {
    /// The picture.
    pub image: image::DynamicImage,
    /// Bytes of the longest sequence that it came in.
    pub largest_sequence: usize,
    /// The terminal was told to free it.
    pub freed: bool,
}

/// The pictures that a program has sent by kitty's commands, by number.
///
/// # Panics
/// When a picture is not a PNG, or a command is cut off.
#[must_use]
pub fn kitty_pictures(bytes: &[u8]) -> std::collections::BTreeMap<u32, KittyPicture> {
    let text = String::from_utf8_lossy(bytes);
    let mut pictures = std::collections::BTreeMap::new();
    let mut open: Option<(u32, String, usize)> = None;
    for part in text.split("\x1b_G").skip(1) {
        let (body, _) = part.split_once("\x1b\\").expect("an end of the sequence");
        let (keys, data) = body.split_once(';').unwrap_or((body, ""));
        let key = |name: &str| keys.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let id = key("i").and_then(|id| id.parse::<u32>().ok()).unwrap_or(0);
        match (key("a"), &mut open) {
            (Some("t"), _) => open = Some((id, data.to_owned(), body.len())),
            (Some("d"), _) => drop(pictures.entry(id).and_modify(|picture: &mut KittyPicture| picture.freed = true)),
            (None, Some((_, whole, longest))) => {
                whole.push_str(data);
                *longest = body.len().max(*longest);
            }
            _ => {}
        }
        if let Some((id, whole, largest_sequence)) = open.take_if(|_| key("m") == Some("0")) {
            let file = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, whole).expect("base64");
            let image = image::load_from_memory(&file).expect("a PNG");
            pictures.insert(id, KittyPicture { image, largest_sequence, freed: false });
        }
    }
    pictures
}

/// Columns and rows of the latest virtual placement of each picture, by number.
#[must_use]
pub fn kitty_placements(bytes: &[u8]) -> std::collections::BTreeMap<u32, (u16, u16)> {
    let text = String::from_utf8_lossy(bytes);
    let commands = text.split("\x1b_G").skip(1).filter_map(|part| part.split_once(';').map(|(keys, _)| keys));
    let placed = commands.filter(|keys| keys.starts_with("a=p,U=1,")).filter_map(|keys| {
        let key = |name: &str| keys.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        Some((key("i")?.parse().ok()?, (key("c")?.parse().ok()?, key("r")?.parse().ok()?)))
    });
    placed.collect()
}

/// Reads what the program writes, keeps it, and answers its questions.
fn watch(mut reader: Box<dyn Read + Send>, persona: Persona, seen: &Shared, keyboard: &Mutex<Box<dyn Write + Send>>) {
    let mut piece = [0_u8; 65536];
    let mut tail: Vec<u8> = Vec::new();
    let mut letters: Vec<u8> = Vec::new();
    loop {
        let count = reader.read(&mut piece).unwrap_or(0);
        {
            let mut seen = seen.0.lock().expect("the screen");
            // A letter whose bytes come in two reads is put together here: the parser takes some of them apart.
            letters.extend(&piece[..count]);
            let whole = match std::str::from_utf8(&letters) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => letters.len(),
            };
            seen.screen.process(&letters[..whole]);
            letters.drain(..whole);
            seen.bytes.extend(&piece[..count]);
            seen.last = Instant::now();
            seen.ended = count == 0;
        }
        seen.1.notify_all();
        if count == 0 {
            return;
        }
        // A question may lie across two reads; four bytes are the longest part of one that can be left over without being whole.
        tail.extend(&piece[..count]);
        let questions = Question::asked_in(&tail);
        let keep = if questions.is_empty() { tail.len().saturating_sub(4) } else { tail.len() };
        tail.drain(..keep);
        let answers: Vec<u8> = questions.into_iter().filter_map(|question| persona.answer(question)).flatten().copied().collect();
        if !answers.is_empty() {
            std::thread::sleep(persona.delay());
            let mut keyboard = keyboard.lock().expect("the keyboard");
            let _ = keyboard.write_all(&answers).and_then(|()| keyboard.flush());
        }
    }
}

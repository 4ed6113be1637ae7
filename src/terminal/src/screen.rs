//! Taking the terminal over and giving it back, whatever happens: normal end, error, panic, signal, closed output.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::{event::PollFlags, io::Errno};

/// The terminal is ours and must be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// What frees the pictures in its memory.
static FAREWELL: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Alternate screen, no cursor, buttons and wheel of the mouse in SGR form (not its movement, which floods slow lines), marked paste.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h";
const GIVE_BACK: &str = "\x1b[?2026l\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[0m\x1b[?25h\x1b[?1049l";

/// Holds the terminal; dropping it gives it back.
pub struct Guard(());

impl Guard {
    /// Raw mode and the alternate screen. From here on a panic gives the terminal back before it is reported.
    ///
    /// # Errors
    /// When standard output is no terminal or refuses.
    pub fn take() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "standard output is not a terminal"));
        }
        hook_panics();
        crossterm::terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Self(());
        write(TAKE.as_bytes())?;
        Ok(guard)
    }
}

/// Takes the terminal again after a stop, and does no harm where it was not given back.
///
/// # Errors
/// When the terminal refuses.
pub fn take_again() -> io::Result<()> {
    // Someone else may have changed the mode while we were stopped, and crossterm takes raw mode for given until it is taken back.
    crossterm::terminal::disable_raw_mode()?;
    crossterm::terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    write(TAKE.as_bytes())
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Says what frees the pictures that have been left in the terminal's memory.
pub fn pictures_were_sent(farewell: Vec<u8>) {
    if let Ok(mut kept) = FAREWELL.lock() {
        *kept = farewell;
    }
}

/// Gives the terminal back; the second call does nothing. Errors have nobody to go to.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Not waited for: this may run in a panic or beside one.
        if let Ok(mut farewell) = FAREWELL.try_lock() {
            let _ = write(&std::mem::take(&mut *farewell));
        }
        let _ = write(GIVE_BACK.as_bytes());
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// A panic of the main thread ends the program: its message belongs on the screen that the user came from. Panics of other threads are caught
/// where they happen, and their message must not be written over the interface.
fn hook_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let main = std::thread::current().id();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == main {
                give_back();
            }
            if !TAKEN.load(Ordering::SeqCst) {
                usual(info);
            }
        }));
    });
}

/// Columns and rows of the window; `None` where it has none: a pseudo terminal that nobody gave a size says 0 x 0.
#[must_use]
pub fn size() -> Option<(u16, u16)> {
    crossterm::terminal::size().ok().filter(|(columns, rows)| *columns > 0 && *rows > 0)
}

/// Writes everything to standard output, past std's buffer and its lock, so that it also works from a panic or a signal's thread.
///
/// # Errors
/// When standard output is closed.
pub fn write(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(&stdout, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            // Another program may have left the terminal non-blocking.
            Err(Errno::AGAIN) => {
                rustix::event::poll(&mut [rustix::event::PollFd::new(&stdout, PollFlags::OUT)], None)
                    .map_or_else(|error| if error == Errno::INTR { Ok(0) } else { Err(error) }, Ok)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A buffer that ratatui writes a frame into; the frame goes out in one piece.
#[derive(Clone, Debug, Default)]
pub struct Output(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Output {
    /// Takes what was written.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

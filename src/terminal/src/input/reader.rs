//! Reading the terminal: the thread that does it for the workbench, and the short wait for an answer that one-shot commands need.

use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::{Decoder, Input};

/// How long an escape character may wait for the rest of its sequence; long enough for a slow line, short enough not to be felt.
const ESCAPE: Duration = Duration::from_millis(40);

/// The terminal as a source of bytes: stdin where it is one, else the controlling terminal.
pub enum Terminal {
    /// Standard input.
    Stdin(io::Stdin),
    /// `/dev/tty`.
    Controlling(File),
}

impl Terminal {
    /// Opens the terminal.
    ///
    /// # Errors
    /// When there is none.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        if io::IsTerminal::is_terminal(&stdin) { Ok(Self::Stdin(stdin)) } else { File::open("/dev/tty").map(Self::Controlling) }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdin(stdin) => stdin.as_fd(),
            Self::Controlling(file) => file.as_fd(),
        }
    }

    /// Waits for bytes; `None` when the time is over.
    fn bytes(&self, wait: Option<Duration>, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let time = wait.map(|wait| Timespec { tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: wait.subsec_nanos().into() });
        loop {
            match poll(&mut [PollFd::new(&self.fd(), PollFlags::IN)], time.as_ref()) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            // Not through std's buffer, which would hide bytes from the next poll.
            match rustix::io::read(self.fd(), &mut *buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => return Ok(Some(count)),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads until the terminal is gone or `deliver` says that nobody listens any more.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn read(&self, mut deliver: impl FnMut(Input) -> bool) -> io::Result<()> {
        let mut decoder = Decoder::default();
        let mut buffer = [0; 4096];
        loop {
            let found = match self.bytes(decoder.waits().then_some(ESCAPE), &mut buffer)? {
                Some(count) => decoder.feed(&buffer[..count]),
                None => decoder.settle(),
            };
            for input in found {
                if !deliver(input) {
                    return Ok(());
                }
            }
        }
    }
}

/// Reads until `enough` says so, at most this long. The terminal must be in raw mode.
pub fn read_for(terminal: &Terminal, longest: Duration, mut enough: impl FnMut(Input) -> bool) {
    let end = Instant::now() + longest;
    let mut decoder = Decoder::default();
    let mut buffer = [0; 4096];
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        let Ok(Some(count)) = terminal.bytes(Some(left), &mut buffer) else { return };
        if decoder.feed(&buffer[..count]).into_iter().any(&mut enough) {
            return;
        }
    }
}

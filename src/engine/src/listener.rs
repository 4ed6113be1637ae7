//! The end of the engine when nobody reads its answers any more.
//!
//! The engine may be amid a film, in the loading of models or, with a broken driver, in a call that never returns: it must not go on without its caller there
//! either. That the other end of stdout has gone is the one sign that needs no cooperation: it comes with the caller's death, however it died.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// From now on this process ends as soon as the reader of its stdout has gone. A file, a terminal or `/dev/null` never goes.
pub fn end_with() {
    std::thread::spawn(|| {
        if is_gone(&std::io::stdout()) {
            end();
        }
    });
}

/// Waits until nobody reads what is written here; `false` where that cannot be known.
fn is_gone(output: &impl std::os::fd::AsFd) -> bool {
    loop {
        let mut one = [PollFd::new(output, PollFlags::empty())];
        match poll(&mut one, None) {
            Err(Errno::INTR) => {}
            Ok(_) => return one[0].revents().intersects(PollFlags::ERR | PollFlags::HUP),
            Err(_) => return false,
        }
    }
}

/// Ends the process at once: `exit` would run the destructors of libtorch beside the threads that use it.
#[allow(unsafe_code)]
fn end() {
    // SAFETY: ends the process and touches nothing of it.
    unsafe { libc::_exit(0) }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn the_end_of_the_reader_is_seen_and_a_file_never_goes() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let waiting = std::thread::spawn(move || is_gone(&writer));
        assert!(!waiting.is_finished());
        drop(reader);
        assert!(waiting.join().expect("no panic"));
        // Nothing happens to a file: the question itself comes back at once only where there is something to tell.
        let null = File::options().write(true).open("/dev/null").expect("opened");
        let mut one = [PollFd::new(&null, PollFlags::empty())];
        let none = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
        assert_eq!(poll(&mut one, Some(&none)), Ok(0));
        assert!(null.as_fd().try_clone_to_owned().is_ok());
    }
}

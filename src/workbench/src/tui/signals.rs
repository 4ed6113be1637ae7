//! Signals as events: the loop ends in order, and where it cannot, a thread of its own gives the terminal back.

use std::{sync::mpsc::Sender, time::Duration};

use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH},
    iterator::Signals,
    low_level,
};

use svh_terminal::screen;

use super::event::Event;

/// How long the loop may take to end after a signal.
const GRACE: Duration = Duration::from_secs(2);

/// Starts listening.
///
/// # Errors
/// When the system refuses.
pub fn listen(events: Sender<Event>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGWINCH => Event::Resized,
                SIGCONT => Event::Continued,
                SIGTSTP => Event::Suspend,
                fatal => Event::Killed(fatal),
            };
            let fatal = matches!(event, Event::Killed(_));
            let heard = events.send(event).is_ok();
            if fatal {
                // The loop may hang in a write to a terminal that does not read; then this is the way out.
                std::thread::sleep(if heard { GRACE } else { Duration::ZERO });
                die(signal);
            }
        }
    })?;
    Ok(())
}

/// Ends the process as the signal would have done, with the terminal given back.
pub fn die(signal: i32) {
    screen::give_back();
    let _ = low_level::emulate_default_handler(signal);
}

/// Stops the process until someone continues it.
pub fn stop() {
    let _ = low_level::raise(signal_hook::consts::SIGSTOP);
}

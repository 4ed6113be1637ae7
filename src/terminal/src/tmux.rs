//! What tmux says of itself and of the terminal around it, through its own client. It is asked once, with a time limit.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::mpsc::channel,
    time::Duration,
};

/// How long tmux may take to answer; it usually takes a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(300);

/// What is asked, in the order in which it is parsed; the terminal's own name may hold anything and comes last.
const FORMAT: &str =
    "#{version}|#{allow-passthrough}|#{&&:#{pane_active},#{window_active}}|#{client_termfeatures}|#{client_termname}|#{client_termtype}";

/// What tmux said; empty and `None` where it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tmux {
    /// Its version, `3.3a`.
    pub version: String,
    /// Whether it passes sequences through to the terminal around it (`allow-passthrough`).
    pub passthrough: Option<bool>,
    /// Whether another pane has the keys: the answer to a question that is passed through would be typed there.
    pub elsewhere: bool,
    /// Whether it knows that the terminal around it shows sixels.
    pub sixel: Option<bool>,
    /// Name and version of the terminal around it, `kitty(0.35.2)`, else its `TERM`.
    pub outer: String,
}

impl Tmux {
    /// Asks the tmux that this program runs in. `None` where it runs in none, or where tmux does not answer in time.
    #[must_use]
    pub fn ask(get: impl Fn(&str) -> Option<String>) -> Option<Self> {
        get("TMUX").filter(|value| !value.is_empty())?;
        let pane = get("TMUX_PANE").filter(|value| !value.is_empty());
        let mut command = Command::new("tmux");
        command.args(["display-message", "-p"]);
        if let Some(pane) = &pane {
            command.args(["-t", pane]);
        }
        command.arg(FORMAT).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let mut stdout = child.stdout.take()?;
        let (sender, answer) = channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stdout.read_to_string(&mut text);
            let _ = sender.send(text);
        });
        let text = answer.recv_timeout(PATIENCE).ok();
        if text.is_none() {
            let _ = child.kill();
        }
        let _ = child.wait();
        Self::parse(text?.trim_end_matches('\n'))
    }

    fn parse(line: &str) -> Option<Self> {
        let parts: Vec<&str> = line.splitn(6, '|').collect();
        let [version, passthrough, here, features, term, name] = parts[..] else { return None };
        let passthrough = match passthrough {
            "on" | "all" | "1" => Some(true),
            "off" | "0" => Some(false),
            // Older than 3.3: there is no such option, and everything is passed through.
            _ => older_than(version, (3, 3)).then_some(true),
        };
        Some(Self {
            version: version.to_owned(),
            passthrough,
            elsewhere: here == "0",
            sixel: (!features.is_empty()).then(|| features.split(',').any(|feature| feature == "sixel")),
            outer: if name.is_empty() { term } else { name }.chars().filter(|c| !c.is_control()).take(80).collect(),
        })
    }
}

/// Whether a version such as `3.3a` lies before another; false where it is not a version.
fn older_than(version: &str, other: (u32, u32)) -> bool {
    numbers(version).is_some_and(|version| version < other)
}

/// The first two numbers of a version: (3, 3) of `3.3a`, (0, 35) of `kitty(0.35.2)`.
#[must_use]
pub fn numbers(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_tmux_is_taken_apart() {
        let tmux = Tmux::parse("3.3a|off|1|256,RGB,title|xterm-kitty|kitty(0.35.2)").expect("six parts");
        assert_eq!((tmux.version.as_str(), tmux.passthrough, tmux.elsewhere, tmux.sixel), ("3.3a", Some(false), false, Some(false)));
        assert_eq!(tmux.outer, "kitty(0.35.2)");
        let tmux = Tmux::parse("3.5a|all|0|256,sixel|xterm-256color|").expect("six parts");
        assert_eq!((tmux.passthrough, tmux.elsewhere, tmux.sixel, tmux.outer.as_str()), (Some(true), true, Some(true), "xterm-256color"));
        assert_eq!(Tmux::parse("3.2||1|||").expect("six parts").passthrough, Some(true), "before 3.3 nothing was held back");
        assert_eq!(Tmux::parse("no server running"), None);
    }

    #[test]
    fn outside_tmux_nobody_is_asked() {
        assert_eq!(Tmux::ask(|_| None), None);
    }
}

//! Starting `svh-engine`, with a second try where the loader did not find libtorch.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use svh_core::access;
use svh_core::film::dicom;
use svh_core::protocol::ENGINE_ENV;

use super::{
    Error,
    libtorch::{self, Torch},
    program,
    tail::{Listener, Tail},
};

/// The loader's exit status when a shared library is missing or does not fit.
const LOADER_FAILED: i32 = 127;

/// The place of the one engine process that may be alive, shared by the thread that reads from it and whoever may end it.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<SlotState>>);

#[derive(Default)]
struct SlotState {
    child: Option<Child>,
    ended: Option<ExitStatus>,
    closed: bool,
}

impl Slot {
    fn with<T>(&self, act: impl FnOnce(&mut SlotState) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn fill(&self, mut child: Child) {
        self.with(|state| {
            if state.closed {
                let _ = child.kill();
            }
            state.child = Some(child);
            state.ended = None;
        });
    }

    /// Ends the process, and any that is put here later.
    pub fn close(&self) {
        self.with(|state| {
            state.closed = true;
            if let Some(child) = &mut state.child {
                let _ = child.kill();
            }
        });
    }

    /// Waits for the end of the process without keeping others from ending it.
    fn wait(&self) -> Option<ExitStatus> {
        loop {
            let ended = self.with(|state| {
                if let Some(child) = &mut state.child {
                    let Ok(Some(status)) = child.try_wait() else { return None };
                    state.ended = Some(status);
                    state.child = None;
                }
                Some(state.ended)
            });
            match ended {
                Some(status) => return status,
                None => std::thread::sleep(Duration::from_millis(3)),
            }
        }
    }
}

/// A started engine, which has written its first line or has ended.
pub struct Running {
    slot: Slot,
    first: Option<String>,
    output: BufReader<ChildStdout>,
    tail: Tail,
    /// The engine's stdin; dropping it asks the engine to end.
    pub stdin: Option<ChildStdin>,
}

impl Running {
    /// The next line of the engine's stdout, `None` at its end.
    pub fn line(&mut self) -> Option<String> {
        self.first.take().or_else(|| next_line(&mut self.output))
    }

    /// The loader's reason, where the program never came to its first instruction. To be asked at the end of the output.
    fn refused_by_loader(&mut self) -> Option<String> {
        let status = self.slot.wait()?;
        (status.code() == Some(LOADER_FAILED)).then_some(())?;
        let words = self.tail.words();
        let line = words.iter().rev().find(|line| is_of_loader(line))?;
        Some(line.split_once("svh-engine: ").map_or(line.as_str(), |(_, reason)| reason).to_owned())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// With the engine's own sentence where it ended with one, else with the way it ended and its last words.
    pub fn finish(mut self) -> Result<(), Error> {
        self.stdin = None;
        while self.line().is_some() {}
        let status = self.slot.wait();
        let words = self.tail.words();
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) if status.code() == Some(2) => Err(Error::Refused(sentence(&words))),
            Some(status) if status.code() == Some(1) && !words.is_empty() => Err(Error::Died(sentence(&words))),
            status => Err(Error::Died(exit_message(status, &words))),
        }
    }
}

/// Whether the loader wrote a line, and not the program, which never began.
fn is_of_loader(line: &str) -> bool {
    line.contains("error while loading shared libraries") || line.contains("symbol lookup error")
}

/// What the engine said, without the name of the program in front.
#[must_use]
pub fn unnamed(line: &str) -> &str {
    let line = line.strip_prefix("svh-engine: ").unwrap_or(line);
    line.strip_prefix("error: ").unwrap_or(line)
}

/// The engine's last sentence. A mistake on its command line is explained over several lines, of which the first is the sentence.
fn sentence(words: &[String]) -> String {
    let named = words.iter().rev().find(|line| line.starts_with("svh-engine: "));
    let usage = || words.iter().find(|line| line.starts_with("error: "));
    let line = named.or_else(usage).or(words.last());
    line.map_or("svh-engine gave no reason", |line| unnamed(line)).to_owned()
}

fn exit_message(status: Option<ExitStatus>, words: &[String]) -> String {
    let how = status.map_or_else(|| "it could not be waited for".to_owned(), |status| status.to_string());
    let words = &words[words.len().saturating_sub(3)..];
    let words = if words.is_empty() { String::new() } else { format!("; its last words were: {}", words.join(" / ")) };
    format!("svh-engine ended unexpectedly ({how}), the next request starts it again{words}")
}

fn next_line(output: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    match output.read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
    }
}

enum Attempt {
    Up(Running),
    NoTorch(String),
}

/// How the engine is started.
#[derive(Clone, Default)]
pub struct Launch {
    /// Everything after the program's name.
    pub arguments: Vec<OsString>,
    /// In a process group of its own, so that Ctrl-C in the terminal reaches svh alone, which then asks the engine to stop cleanly.
    pub apart: bool,
    /// Hears what the engine writes to stderr.
    pub listener: Option<Listener>,
    /// Takes the engine's stdin as soon as the process is there, long before its first line; [`Running::stdin`] is then empty.
    pub stdin: Option<StdinTaker>,
}

/// Takes the stdin of an engine that was started.
pub type StdinTaker = Arc<dyn Fn(ChildStdin) + Send + Sync>;

impl Launch {
    /// Starts the engine and waits for its first line.
    ///
    /// # Errors
    /// The engine, or libtorch for it, is missing.
    pub fn start(&self, slot: &Slot) -> Result<Running, Error> {
        let program = program()?;
        if let Some(torch) = libtorch::named()? {
            return match self.attempt(&program, Some(&torch), slot)? {
                Attempt::Up(running) => Ok(running),
                Attempt::NoTorch(reason) => Err(Error::BadTorch {
                    folder: torch.folder,
                    reason: format!("the engine does not load with it ({reason}); name another one"),
                }),
            };
        }
        let mut tried = match self.attempt(&program, None, slot)? {
            Attempt::Up(running) => return Ok(running),
            Attempt::NoTorch(reason) => vec![reason],
        };
        let (good, bad) = libtorch::found();
        tried.extend(bad);
        for torch in good {
            match self.attempt(&program, Some(&torch), slot)? {
                Attempt::Up(running) => return Ok(running),
                Attempt::NoTorch(reason) => tried.push(format!("{}: {reason}", torch.folder.display())),
            }
        }
        Err(Error::NoLibtorch { tried: tried.join("; ") })
    }

    fn attempt(&self, program: &Path, torch: Option<&Torch>, slot: &Slot) -> Result<Attempt, Error> {
        let not_started = |reason: &dyn std::fmt::Display| Error::NotStarted { path: program.to_path_buf(), reason: reason.to_string() };
        let mut command = Command::new(program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.apart {
            command.process_group(0);
        }
        if dicom::ignores_voi() {
            command.env(dicom::IGNORE_VOI_VARIABLE, "1");
        }
        if access::is_private() {
            command.env(access::PRIVATE_VARIABLE, "1");
        }
        for (name, value) in ENGINE_ENV {
            if std::env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        if let Some(path) = torch.map(Torch::library_path).or_else(libtorch::inherited_path) {
            command.env("LD_LIBRARY_PATH", path);
        }
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else { return Err(not_started(&"no pipes")) };
        let mut stdin = child.stdin.take();
        if let Some(taker) = &self.stdin {
            stdin.take().into_iter().for_each(|stdin| taker(stdin));
        }
        slot.fill(child);
        let tail = Tail::of(errors, self.listener.clone().map(past_loader));
        let mut running = Running { slot: slot.clone(), first: None, output: BufReader::new(output), tail, stdin };
        running.first = next_line(&mut running.output);
        if running.first.is_none()
            && let Some(reason) = running.refused_by_loader()
        {
            return Ok(Attempt::NoTorch(reason));
        }
        Ok(Attempt::Up(running))
    }
}

/// A listener that does not hear the loader, whose refusal leads to another attempt.
fn past_loader(listener: Listener) -> Listener {
    Arc::new(move |line| {
        if !is_of_loader(line) {
            listener(line);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&str]) -> String {
        sentence(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_sentence_is_the_last_of_the_engine_and_the_first_of_a_usage_message() {
        assert_eq!(said(&["svh-engine: epoch 1", "svh-engine: no such cohort", "a stray line"]), "no such cohort");
        assert_eq!(
            said(&["error: invalid value 'x' for '--task'", "For more information, try '--help'."]),
            "invalid value 'x' for '--task'"
        );
        assert_eq!(said(&["something else"]), "something else");
        assert_eq!(said(&[]), "svh-engine gave no reason");
    }
}

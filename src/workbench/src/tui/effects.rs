//! Runs that are started from here: this program once more, so that it outlives this one and the terminal.

use std::{path::PathBuf, process::Child};

/// Runs that were started and have not ended.
#[derive(Default)]
pub struct Started(Vec<(Child, PathBuf, String)>);

impl Started {
    /// Starts this program once more with these words, in a process group of its own, which no hangup reaches, without our input and output. What it
    /// says goes to a file of its own, see [`super::start_log`].
    ///
    /// # Errors
    /// Why it could not be started.
    pub fn start(&mut self, words: &[String]) -> Result<(), String> {
        let (child, log) = launch(words)?;
        self.0.push((child, log, words.first().cloned().unwrap_or_default()));
        Ok(())
    }

    /// Whether any is still at work.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Forgets those that have ended; those that have failed come back as a sentence.
    pub fn failed(&mut self) -> Vec<String> {
        let mut failed = Vec::new();
        self.0.retain_mut(|(child, log, command)| {
            let Ok(Some(status)) = child.try_wait() else { return true };
            if !status.success() {
                let text = std::fs::read_to_string(log).unwrap_or_default();
                let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
                failed.push(format!("`svh {command}` ended: {}", last.trim_start_matches("svh: ")));
            }
            false
        });
        failed
    }
}

fn launch(words: &[String]) -> Result<(std::process::Child, PathBuf), String> {
    use std::{
        os::unix::process::CommandExt,
        process::{Command, Stdio},
    };
    let not = |reason: &dyn std::fmt::Display| format!("the run could not be started: {reason}");
    let program = std::env::current_exe().map_err(|error| not(&error))?;
    let (out, log) = super::start_log::create().map_err(|reason| not(&reason))?;
    let copy = out.try_clone().map_err(|error| not(&error))?;
    let mut command = Command::new(program);
    if svh_core::film::dicom::ignores_voi() {
        command.env(svh_core::film::dicom::IGNORE_VOI_VARIABLE, "1");
    }
    command.args(words).stdin(Stdio::null()).stdout(out).stderr(copy).process_group(0);
    Ok((command.spawn().map_err(|error| not(&error))?, log))
}

//! What the GPUs of this machine are doing, as `nvidia-smi` tells: asked every few seconds on a thread of its own, with a time limit. Where there is no such
//! program, or it says nothing of use, nothing is shown.

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use super::{
    event::Event,
    worker::{Queue, Work},
};

/// The program.
const PROGRAM: &str = "nvidia-smi";
/// What it is asked.
const ARGUMENTS: [&str; 2] = ["--query-gpu=index,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];
/// The time between two questions.
const PACE: Duration = Duration::from_secs(3);
/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(2);
/// After so many questions without an answer no more are asked.
const PATIENCE: u32 = 3;

/// A GPU at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// Its number, as in `cuda:0`.
    pub index: u32,
    /// The share of time in which it computed, in percent.
    pub busy: u32,
    /// Memory in use, in MiB.
    pub used: u32,
    /// All of its memory, in MiB.
    pub total: u32,
}

impl Gpu {
    /// `37 % 3.1/80 GB`.
    #[must_use]
    pub fn describe(&self) -> String {
        let gib = |mib: u32| f64::from(mib) / 1024.0;
        format!("{} % {:.1}/{:.0} GB", self.busy, gib(self.used), gib(self.total))
    }
}

/// Reads an answer; lines that say something else are left out.
fn read(text: &str) -> Vec<Gpu> {
    let number = |field: Option<&str>| field?.trim().parse::<u32>().ok();
    let gpu = |line: &str| {
        let mut fields = line.split(',');
        let mut next = || number(fields.next());
        Some(Gpu { index: next()?, busy: next()?, used: next()?, total: next()? })
    };
    text.lines().filter_map(gpu).collect()
}

/// Asks a program; `None` where it is not there, fails or takes too long.
fn ask(program: &Path, limit: Duration) -> Option<Vec<Gpu>> {
    let mut child = Command::new(program).args(ARGUMENTS).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut out = child.stdout.take()?;
    let (sender, answer) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = out.by_ref().take(64 * 1024).read_to_string(&mut text);
        let _ = sender.send(text);
    });
    let text = answer.recv_timeout(limit).ok();
    // One that has written all and does not end is as good as ended.
    let _ = child.kill();
    let _ = child.wait();
    text.map(|text| read(&text)).filter(|gpus| !gpus.is_empty())
}

/// Watches the GPUs.
pub struct GpuWatcher {
    events: Sender<Event>,
    last: Vec<Gpu>,
    failed: u32,
}

impl GpuWatcher {
    /// Tells of changes there.
    #[must_use]
    pub const fn new(events: Sender<Event>) -> Self {
        Self { events, last: Vec::new(), failed: 0 }
    }

    fn look(&mut self) {
        if self.failed >= PATIENCE {
            return;
        }
        let found = ask(Path::new(PROGRAM), LIMIT);
        self.failed = if found.is_some() { 0 } else { self.failed + 1 };
        let found = found.unwrap_or_default();
        if found != self.last {
            self.last.clone_from(&found);
            let _ = self.events.send(Event::Gpus(found));
        }
    }
}

impl Work for GpuWatcher {
    type Job = ();

    fn work(&mut self, (): &(), _: &Queue<()>) {
        self.look();
    }

    fn panicked(&mut self, (): ()) {}

    fn pace(&self) -> Option<Duration> {
        (self.failed < PATIENCE).then_some(PACE)
    }

    fn idle(&mut self) {
        self.look();
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, time::Instant};

    use super::*;

    fn fake(script: &str, limit: Duration) -> Option<Vec<Gpu>> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("nvidia-smi");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        ask(&program, limit)
    }

    #[test]
    fn an_answer_is_read_and_what_is_not_one_is_left_out() {
        let found = fake("echo \"$1\" | grep -q memory.used && printf '0, 37, 3174, 81559\\n1, [N/A], 1, 2\\nwarning\\n'", LIMIT).unwrap();
        assert_eq!(found, [Gpu { index: 0, busy: 37, used: 3174, total: 81559 }]);
        assert_eq!(found[0].describe(), "37 % 3.1/80 GB");
        assert_eq!(fake("echo 'Failed to initialize NVML'; exit 9", LIMIT), None);
        assert_eq!(ask(Path::new("/nowhere/nvidia-smi"), LIMIT), None);
    }

    #[test]
    fn a_program_that_hangs_is_ended_within_the_limit() {
        let start = Instant::now();
        assert_eq!(fake("exec sleep 60", Duration::from_millis(200)), None);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

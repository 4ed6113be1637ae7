//! Which process writes a run, told apart from every other one on this and on other machines.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The process that writes a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// The machine's name; empty where it cannot be told.
    pub host: String,
    /// Its start in clock ticks since the machine's, which tells it from a later process of the same number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// The boot of the machine: two machines of one name, or one machine before and after a restart, differ in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// The namespace in which `id` is its number: a container has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// Whether a process is at work, as far as this process can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It is at work on this machine.
    Alive,
    /// It ran on this machine and has ended.
    Gone,
    /// It belongs to another machine, container or boot, whose processes cannot be looked at.
    Elsewhere,
}

impl Process {
    /// This process.
    #[must_use]
    pub fn current() -> Self {
        let id = std::process::id();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|text| text.trim().to_owned());
        let namespace = fs::read_link("/proc/self/ns/pid").ok().map(|path| path.to_string_lossy().into_owned());
        Self { id, host: host(), start: start(id), boot, namespace }
    }

    /// Whether it is at work.
    #[must_use]
    pub fn liveness(&self) -> Liveness {
        let here = Self::current();
        let tellable = match &self.boot {
            Some(_) => self.boot == here.boot && self.namespace == here.namespace,
            // Written by an earlier version, which kept the machine's name alone.
            None => !self.host.is_empty() && self.host == here.host,
        };
        if !tellable || !Path::new("/proc/self/stat").exists() {
            return Liveness::Elsewhere;
        }
        match start(self.id) {
            Some(now) if self.start.is_none_or(|start| start == now) => Liveness::Alive,
            _ => Liveness::Gone,
        }
    }

    /// Whether it ran on this machine and has ended. Where that cannot be told it counts as alive.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.liveness() == Liveness::Gone
    }

    /// As people find it: its number, and the machine where that is another one.
    pub(super) fn describe(&self) -> String {
        match self.liveness() {
            Liveness::Elsewhere if !self.host.is_empty() => format!("process {} on {}", self.id, self.host),
            _ => format!("process {}", self.id),
        }
    }
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

/// Field 22 of `/proc/ID/stat` (proc(5)): the process's start. A process that has ended and that its parent has not waited for has none.
fn start(id: u32) -> Option<u64> {
    start_in(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

fn start_in(stat: &str) -> Option<u64> {
    // The second field, the name in parentheses, may hold spaces; what follows it starts with field 3, the state.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_at_work = fields.next().is_some_and(|state| !["Z", "X", "x"].contains(&state));
    is_at_work.then(|| fields.nth(18)?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::start_in;

    #[test]
    fn a_process_that_was_not_waited_for_has_no_start() {
        let stat = |state: &str| format!("8375 (a) b) {state} 8293 8293 30824 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 2608425 3133440 380");
        assert_eq!((start_in(&stat("S")), start_in(&stat("Z")), start_in(&stat("X"))), (Some(2_608_425), None, None));
    }
}

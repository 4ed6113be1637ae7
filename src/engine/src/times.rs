//! Where the time goes: what the parts of the work took, on demand.
//!
//! With `SVH_TIMES=FILE` every request appends one JSON object a line to that file. A GPU works on while the program goes its way, so measuring waits for it
//! after each part; without the variable nothing is measured and nobody waits.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::json;
use tch::Device;

use crate::gpu;

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Reading and decoding films, on threads of their own.
    Decode,
    /// Waiting for a film that is not decoded yet.
    Wait,
    /// Scaling films and cutting crops.
    Prepare,
    /// From the memory of the machine to that of the device.
    Transfer,
    /// The networks.
    Network,
    /// Choosing boxes, on the CPU: proposals, suppression.
    Choose,
}

const NAMES: [(Part, &str); 6] = [
    (Part::Decode, "decode"),
    (Part::Wait, "wait"),
    (Part::Prepare, "prepare"),
    (Part::Transfer, "transfer"),
    (Part::Network, "network"),
    (Part::Choose, "choose"),
];

static NANOSECONDS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];

fn file() -> Option<&'static PathBuf> {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    FILE.get_or_init(|| std::env::var_os("SVH_TIMES").filter(|name| !name.is_empty()).map(PathBuf::from)).as_ref()
}

/// Does a part of the work and adds up its time.
pub fn of<T>(part: Part, device: Device, work: impl FnOnce() -> T) -> T {
    if file().is_none() {
        return work();
    }
    let start = Instant::now();
    let done = work();
    gpu::finish(device);
    NANOSECONDS[part as usize].fetch_add(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    done
}

/// Appends a line for what was done since the last one: the parts' seconds, those of the whole, and the memory in use.
pub(crate) fn tell(what: &str, seconds: f64, device: Device) {
    let Some(path) = file() else { return };
    let mut line = json!({ "request": what, "seconds": seconds });
    for (part, name) in NAMES {
        line[name] = json!(NANOSECONDS[part as usize].swap(0, Ordering::Relaxed) as f64 * 1e-9);
    }
    if let Some(memory) = gpu::memory_of(device) {
        line["gpu_bytes"] = json!(memory.used());
    }
    let written = OpenOptions::new().create(true).append(true).open(path).and_then(|mut file| writeln!(file, "{line}"));
    if let Err(error) = written {
        eprintln!("svh-engine: cannot write to SVH_TIMES={}: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_place() {
        for (place, (part, _)) in NAMES.iter().enumerate() {
            assert_eq!(*part as usize, place);
        }
    }
}

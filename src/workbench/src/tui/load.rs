//! What a run takes of the machine that it runs on: processor and memory of its processes, and how busy the GPUs are.

use std::{
    collections::HashMap,
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use svh_core::run::Process;

/// Between two measurements.
const PACE: Duration = Duration::from_secs(2);
/// Clock ticks a second in `/proc`, the same on every Linux that there is (proc(5), `USER_HZ`).
const TICKS: f64 = 100.0;

/// What is taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Processor time in per cent of one core; absent at the first look.
    pub cpu: Option<f64>,
    /// Resident memory in bytes.
    pub memory: u64,
    /// The machine's GPUs.
    pub gpus: Vec<Gpu>,
}

/// A GPU, with everything that runs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// Its number.
    pub index: u32,
    /// Per cent of the time in which it computed.
    pub busy: u32,
    /// Memory in use, in MiB.
    pub used: u64,
    /// Memory in all, in MiB.
    pub total: u64,
}

impl Load {
    /// In a line.
    #[must_use]
    pub fn describe(&self) -> String {
        let gib = |bytes: f64| format!("{:.1} GB", bytes / f64::from(1 << 30));
        let mut words: Vec<String> = self.cpu.map(|cpu| format!("processor {cpu:.0} %")).into_iter().collect();
        words.push(format!("memory {}", gib(self.memory as f64)));
        let mib = |mib: u64| mib as f64 / 1024.0;
        words.extend(
            self.gpus.iter().map(|gpu| format!("GPU {} {} %, {:.1} of {:.0} GB", gpu.index, gpu.busy, mib(gpu.used), mib(gpu.total))),
        );
        words.join(" · ")
    }
}

/// Measures now and then.
#[derive(Debug, Default)]
pub struct Meter {
    last: Option<Instant>,
    /// By process: when it was looked at and the ticks it had used.
    ticks: HashMap<u32, (Instant, u64)>,
    /// There is no `nvidia-smi`.
    no_gpu: bool,
    host: Option<String>,
}

/// One round of measurements.
pub struct Round<'a> {
    meter: &'a mut Meter,
    now: Instant,
    processes: Option<HashMap<u32, Seen>>,
    gpus: Option<Vec<Gpu>>,
}

/// A process as `/proc` shows it.
struct Seen {
    parent: u32,
    ticks: u64,
}

impl Meter {
    /// A round of measurements, where one is due.
    pub fn due(&mut self, now: Instant) -> Option<Round<'_>> {
        if self.last.is_some_and(|last| now.duration_since(last) < PACE) {
            return None;
        }
        self.last = Some(now);
        Some(Round { meter: self, now, processes: None, gpus: None })
    }
}

impl Round<'_> {
    /// What a run's process and those that it started take; `None` where it runs on another machine.
    pub fn of(&mut self, process: &Process) -> Option<Load> {
        let host = self.meter.host.get_or_insert_with(|| Process::current().host);
        if process.host.is_empty() || process.host != *host {
            return None;
        }
        let processes = self.processes.get_or_insert_with(processes);
        let family = family(processes, process.id);
        if family.is_empty() {
            return None;
        }
        let ticks = family.iter().filter_map(|id| processes.get(id)).map(|seen| seen.ticks).sum();
        let memory = family.iter().filter_map(|id| memory(*id)).sum();
        let before = self.meter.ticks.insert(process.id, (self.now, ticks));
        let cpu = before.and_then(|(then, before)| {
            let seconds = self.now.duration_since(then).as_secs_f64();
            (seconds > 0.0).then(|| ticks.saturating_sub(before) as f64 / TICKS / seconds * 100.0)
        });
        if self.gpus.is_none() && !self.meter.no_gpu {
            self.gpus = gpus();
            self.meter.no_gpu = self.gpus.is_none();
        }
        Some(Load { cpu, memory, gpus: self.gpus.clone().unwrap_or_default() })
    }
}

/// All processes; none where there is no `/proc`.
fn processes() -> HashMap<u32, Seen> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, seen(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?))).collect()
}

/// Parent and ticks out of a line of `/proc/ID/stat`.
fn seen(stat: &str) -> Option<Seen> {
    // The second field, the name in parentheses, may hold spaces; what follows it starts with field 3.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Seen { parent: u32::try_from(number(4)?).ok()?, ticks: number(14)? + number(15)? })
}

/// A process and all that descend from it.
fn family(processes: &HashMap<u32, Seen>, root: u32) -> Vec<u32> {
    let mut family: Vec<u32> = processes.contains_key(&root).then_some(root).into_iter().collect();
    let mut next = 0;
    while next < family.len() {
        let parent = family[next];
        family.extend(processes.iter().filter(|(id, seen)| seen.parent == parent && **id != parent).map(|(id, _)| *id));
        next += 1;
    }
    family
}

/// Resident memory in bytes.
fn memory(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// The GPUs as NVIDIA's own tool lists them; `None` where it is not there.
fn gpus() -> Option<Vec<Gpu>> {
    let mut command = Command::new("nvidia-smi");
    command.args(["--query-gpu=index,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"]);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(text: &str) -> Vec<Gpu> {
    let line = |line: &str| {
        let mut fields = line.split(',').map(|field| field.trim().parse::<u64>());
        let mut next = || fields.next()?.ok();
        let (index, busy) = (u32::try_from(next()?).ok()?, u32::try_from(next()?).ok()?);
        Some(Gpu { index, busy, used: next()?, total: next()? })
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_of_a_process_are_read_whatever_its_name() {
        let stat = "42 (a (strange) name) S 7 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 12345 1000000 500";
        let seen = seen(stat).unwrap();
        assert_eq!((seen.parent, seen.ticks), (7, 300));
    }

    #[test]
    fn children_and_their_children_belong_to_a_process() {
        let of = |parent| Seen { parent, ticks: 1 };
        let processes = HashMap::from([(1, of(0)), (5, of(1)), (6, of(5)), (7, of(6)), (8, of(1))]);
        let mut family = family(&processes, 5);
        family.sort_unstable();
        assert_eq!(family, [5, 6, 7]);
        assert!(super::family(&processes, 99).is_empty());
    }

    // There is no /proc elsewhere.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_computes_has_a_load_from_the_second_look_on() {
        let mut meter = Meter::default();
        let process = Process::current();
        let start = Instant::now();
        let first = meter.due(start).unwrap().of(&process).unwrap();
        assert!(first.cpu.is_none() && first.memory > 1 << 20);
        assert!(meter.due(start).is_none(), "too soon");
        let mut sum = 0_u64;
        while start.elapsed() < Duration::from_millis(300) {
            sum = sum.wrapping_mul(31).wrapping_add(7);
        }
        std::hint::black_box(sum);
        let later = meter.due(start + PACE).unwrap().of(&process).unwrap();
        assert!(later.cpu.unwrap() > 1.0, "{later:?}");
        let elsewhere = Process { host: "another machine".into(), ..process };
        assert!(meter.due(start + PACE * 2).unwrap().of(&elsewhere).is_none());
    }

    #[test]
    fn gpus_are_read_as_their_tool_prints_them() {
        let gpus = parse("0, 34, 5123, 81559\n1, 0, 12, 81559\nno such line\n");
        assert_eq!(gpus[0], Gpu { index: 0, busy: 34, used: 5123, total: 81_559 });
        assert_eq!(gpus.len(), 2);
        let load = Load { cpu: Some(180.4), memory: 3 << 29, gpus };
        assert!(load.describe().starts_with("processor 180 % · memory 1.5 GB · GPU 0 34 %, 5.0 of 80 GB"), "{}", load.describe());
    }
}

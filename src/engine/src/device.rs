//! Which device computes: `auto`, `cpu`, `cuda` or `cuda:N`, and why no GPU can be used.
//!
//! The program is linked against the CPU part of libtorch. A GPU is found only after `libtorch_cuda.so` has been loaded into the
//! process, which must happen before the first call into torch; so [`open`] is called first thing by every command.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

use svh_core::libtorch;
use tch::{Cuda, Device};

use crate::{Error, Result, gpu};

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// This GPU, or an error.
    Cuda(usize),
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let number = text.strip_prefix("cuda:").and_then(|n| n.parse().ok());
                number.map(Self::Cuda).ok_or_else(|| format!("`{text}` is not a device; use auto, cpu, cuda or cuda:N"))
            }
        }
    }
}

/// The device for a choice.
///
/// # Errors
/// A GPU was asked for by name and cannot be had; the sentence says why.
pub fn open(choice: Choice) -> Result<Device> {
    if choice == Choice::Cpu {
        return Ok(Device::Cpu);
    }
    let missing = cuda_problem();
    match (choice, missing) {
        (Choice::Cuda(index), None) if index < cuda_count() => Ok(Device::Cuda(index)),
        (Choice::Cuda(index), None) => {
            Err(Error::Usage(format!("cuda:{index} was not found; this machine has {} GPU(s), counted from 0", cuda_count())))
        }
        (Choice::Cuda(_), Some(why)) => Err(Error::Usage(format!("no GPU can be used: {why}; use --device cpu"))),
        (_, None) => Ok(Device::Cuda(0)),
        (_, Some(_)) => Ok(Device::Cpu),
    }
}

/// Why CUDA cannot be used; `None` if it can. Loads the CUDA part of libtorch on the first call.
#[must_use]
pub(crate) fn cuda_problem() -> Option<String> {
    static PROBLEM: OnceLock<Option<String>> = OnceLock::new();
    PROBLEM.get_or_init(|| find_cuda().err()).clone()
}

/// The name used in messages and on the screen: `cpu`, `cuda:0`.
#[must_use]
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        Device::Cpu => "cpu".to_owned(),
        Device::Mps => "mps".to_owned(),
        Device::Vulkan => "vulkan".to_owned(),
    }
}

/// Every device there is, with its name in words.
#[must_use]
pub fn all() -> Vec<(String, String)> {
    let mut devices = vec![("cpu".to_owned(), cpu_name())];
    if cuda_problem().is_none() {
        for index in 0..cuda_count() {
            devices.push((format!("cuda:{index}"), gpu::name(index).unwrap_or_else(|| format!("GPU {index}"))));
        }
    }
    devices
}

/// libtorch's folder in this process, from the map of loaded files.
#[must_use]
pub(crate) fn libtorch_folder() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so"))?;
    Path::new(&line[line.find('/')?..]).parent().map(Path::to_owned)
}

/// libtorch's version: what its folder says of itself, else the one this program was built for.
#[must_use]
pub(crate) fn libtorch_version() -> String {
    let stated = libtorch_folder().and_then(|lib| libtorch::version(lib.parent()?));
    stated.unwrap_or_else(|| format!("{} (as built)", libtorch::PYTORCH))
}

fn cuda_count() -> usize {
    usize::try_from(Cuda::device_count()).unwrap_or(0)
}

fn find_cuda() -> Result<(), String> {
    let folder = libtorch_folder().ok_or("libtorch's folder was not found in /proc/self/maps")?;
    let file = folder.join("libtorch_cuda.so");
    if !file.is_file() {
        return Err(format!("the libtorch in {} is built for the CPU only", folder.display()));
    }
    load_globally(&file)?;
    if Cuda::is_available() { Ok(()) } else { Err(nothing_found(std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref())) }
}

/// Why libtorch finds no card: a variable that hides all there are, or there is none.
fn nothing_found(visible: Option<&str>) -> String {
    let none = "no NVIDIA driver or no GPU was found (try nvidia-smi)";
    visible
        .map_or_else(|| none.to_owned(), |cards| format!("CUDA_VISIBLE_DEVICES={cards} shows no GPU to this program; unset it, or {none}"))
}

/// Loads a library for the rest of the process, its symbols visible to libtorch.
#[allow(unsafe_code)]
fn load_globally(file: &Path) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the file is the CUDA half of the libtorch that is already loaded, from the same folder and so of the same build; its
    // initialisers only register kernels. The handle is leaked, since unloading registered kernels would not be sound.
    let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_GLOBAL) };
    library.map(std::mem::forget).map_err(|error| format!("{} could not be loaded: {error}", file.display()))
}

fn cpu_name() -> String {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.trim().to_owned()));
    format!("{}, {threads} threads", model.unwrap_or_else(|| "CPU".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_read_and_nonsense_is_named() {
        assert_eq!("cuda:3".parse(), Ok(Choice::Cuda(3)));
        assert_eq!("cuda".parse(), Ok(Choice::Cuda(0)));
        assert_eq!("auto".parse(), Ok(Choice::Auto));
        assert_eq!("gpu".parse::<Choice>(), Err("`gpu` is not a device; use auto, cpu, cuda or cuda:N".to_owned()));
    }

    #[test]
    fn a_variable_that_hides_the_cards_is_named() {
        assert_eq!(nothing_found(None), "no NVIDIA driver or no GPU was found (try nvidia-smi)");
        assert!(nothing_found(Some("1")).starts_with("CUDA_VISIBLE_DEVICES=1 shows no GPU"));
    }

    #[test]
    fn a_gpu_that_is_not_there_is_refused_with_the_reason() {
        assert_eq!(open(Choice::Cpu).unwrap(), Device::Cpu);
        if let Some(why) = cuda_problem() {
            let error = open(Choice::Cuda(0)).unwrap_err();
            assert!(error.to_string().contains(&why) && error.exit_status() == 2, "{error}");
            assert_eq!(open(Choice::Auto).unwrap(), Device::Cpu);
        } else {
            assert_eq!(open(Choice::Auto).unwrap(), Device::Cuda(0));
            assert_eq!(open(Choice::Cuda(cuda_count())).unwrap_err().exit_status(), 2);
        }
    }
}

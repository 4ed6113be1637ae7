//! What the NVIDIA driver and runtime say of a card: its name and its memory.
//!
//! libtorch's own C interface in tch asks for neither. Both libraries are in the process once CUDA works: the driver (`libcuda.so.1`), whose numbering follows
//! `CUDA_VISIBLE_DEVICES` as libtorch's does, and the runtime (`libcudart.so.13`), which libtorch is linked against. What cannot be asked is `None`: nothing
//! here is worth an error.

use std::ffi::{CStr, c_char, c_int};

use libloading::os::unix::{Library, Symbol};
use tch::{Cuda, Device};

/// Bytes on a card, of all programs that use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Not in use by anyone.
    pub free: usize,
    /// All there is.
    pub total: usize,
}

impl Memory {
    /// What is in use. libtorch keeps what it has had once, so after some work this is the most that the work needed.
    #[must_use]
    pub(crate) const fn used(&self) -> usize {
        self.total.saturating_sub(self.free)
    }
}

/// The driver's name of a card, such as `NVIDIA H200`.
#[must_use]
#[allow(unsafe_code)]
pub fn name(index: usize) -> Option<String> {
    type Init = unsafe extern "C" fn(u32) -> c_int;
    type Get = unsafe extern "C" fn(*mut c_int, c_int) -> c_int;
    type Name = unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int;
    let ordinal = c_int::try_from(index).ok()?;
    let mut text = [0 as c_char; 256];
    // SAFETY: the driver's interface of these names is fixed since CUDA 2 (CUdevice is an int, CUresult 0 is success). The buffer's last byte stays 0, since
    // one byte less than there is is offered. Loading the driver again adds a reference to what libtorch has loaded.
    unsafe {
        let driver = Library::new("libcuda.so.1").ok()?;
        let (init, get): (Symbol<Init>, Symbol<Get>) = (driver.get(b"cuInit\0").ok()?, driver.get(b"cuDeviceGet\0").ok()?);
        let name: Symbol<Name> = driver.get(b"cuDeviceGetName\0").ok()?;
        let mut card = 0;
        let asked = init(0) == 0 && get(&raw mut card, ordinal) == 0 && name(text.as_mut_ptr(), 255, card) == 0;
        asked.then(|| CStr::from_ptr(text.as_ptr()).to_string_lossy().trim().to_owned()).filter(|name| !name.is_empty())
    }
}

/// The memory of a card. The first call makes the process's context on it, which takes some of it.
#[must_use]
#[allow(unsafe_code)]
pub fn memory(index: usize) -> Option<Memory> {
    type GetDevice = unsafe extern "C" fn(*mut c_int) -> c_int;
    type SetDevice = unsafe extern "C" fn(c_int) -> c_int;
    type MemGetInfo = unsafe extern "C" fn(*mut usize, *mut usize) -> c_int;
    let wanted = c_int::try_from(index).ok()?;
    let (mut free, mut total, mut before) = (0usize, 0usize, 0);
    // SAFETY: the runtime's interface of these names is fixed (cudaError_t 0 is success). The symbols are those of the runtime that libtorch itself uses, so
    // the context is shared; the thread's current device is put back.
    unsafe {
        let process = Library::this();
        let get: Symbol<GetDevice> = process.get(b"cudaGetDevice\0").ok()?;
        let set: Symbol<SetDevice> = process.get(b"cudaSetDevice\0").ok()?;
        let info: Symbol<MemGetInfo> = process.get(b"cudaMemGetInfo\0").ok()?;
        if get(&raw mut before) != 0 || set(wanted) != 0 {
            return None;
        }
        let told = info(&raw mut free, &raw mut total) == 0;
        set(before);
        told.then_some(Memory { free, total })
    }
}

/// The memory of a device, where it is a card.
#[must_use]
pub(crate) fn memory_of(device: Device) -> Option<Memory> {
    match device {
        Device::Cuda(index) => memory(index),
        _ => None,
    }
}

/// Waits until a device has done what it was given, so that a clock shows what the work took. The CPU has always done it.
pub fn finish(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_not_there_has_neither_name_nor_memory() {
        let index = 63;
        assert_eq!((name(index), memory(index)), (None, None));
        assert_eq!(memory_of(Device::Cpu), None);
        finish(Device::Cpu);
    }

    #[test]
    fn what_is_used_is_what_is_not_free() {
        assert_eq!(Memory { free: 30, total: 80 }.used(), 50);
    }
}

//! `svh-engine info`: libtorch, and every device and model tried out.

use std::path::Path;

use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

use crate::models::{Found, Models};
use crate::scorer::Scorer;
use crate::{Error, Result, detector, device, gpu};

/// Everything as JSON: `libtorch` (`version`, `folder`), `devices` (name, in words), `cuda_problem` (absent with a GPU that computes), `models` (each with its
/// `problem` where its weights do not fit its card), `models_folder`, `problems` (folders without a usable card).
#[must_use]
pub fn collect(models_folder: &Path) -> Value {
    // Before anything else of libtorch's, which would settle that there is no CUDA (see `device`).
    let (devices, cuda_problem) = devices();
    let models = Models::scan(models_folder);
    let libtorch = json!({
        "version": device::libtorch_version(),
        "folder": device::libtorch_folder().map(|folder| folder.display().to_string()),
        "threads": tch::get_num_threads(),
    });
    let mut info = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "libtorch": libtorch,
        "devices": devices.iter().map(|(device, name)| json!({ "device": device, "name": name })).collect::<Vec<_>>(),
        "models_folder": models_folder.display().to_string(),
        "models": models.found.iter().map(describe).collect::<Vec<_>>(),
        "problems": models.problems,
    });
    if let Some(problem) = cuda_problem {
        info["cuda_problem"] = Value::from(problem);
    }
    info
}

/// Every device in words, a GPU with its memory, and why there is no GPU or what is wrong with one.
fn devices() -> (Vec<(String, String)>, Option<String>) {
    let (mut devices, mut problem) = (device::all(), device::cuda_problem());
    for (index, (name, words)) in devices.iter_mut().filter(|(name, _)| name.starts_with("cuda")).enumerate() {
        if let Err(error) = compute(Device::Cuda(index)) {
            problem = problem.or_else(|| Some(format!("{name} does not compute: {error}")));
        }
        if let Some(memory) = gpu::memory(index) {
            let gib = |bytes: usize| bytes as f64 / f64::from(1 << 30);
            words.push_str(&format!(", {:.1} GiB, {:.1} free", gib(memory.total), gib(memory.free)));
        }
    }
    (devices, problem)
}

/// A convolution of ones, as a network begins, and its sum: cuDNN or its like on the device, and the way back.
fn compute(device: Device) -> Result<()> {
    let ones = |shape: [i64; 4]| Tensor::f_ones(shape, (Kind::Float, device));
    let sum = ones([1, 8, 16, 16])?.f_conv2d(&ones([4, 8, 3, 3])?, None::<Tensor>, [1; 2], [0; 2], [1; 2], 1)?.f_sum(Kind::Float)?;
    match sum.f_double_value(&[])? {
        right if right == f64::from(4 * 14 * 14 * 8 * 9) => Ok(()),
        wrong => Err(Error::Internal(format!("a sum of {} came out as {wrong}", 4 * 14 * 14 * 8 * 9))),
    }
}

fn describe(found: &Found) -> Value {
    let summary = found.summary();
    let mut model = json!({ "name": summary.name, "arch": summary.arch, "task": summary.task, "sha256": summary.short_hash() });
    if let Err(error) = try_out(found) {
        model["problem"] = Value::from(error.to_string());
    }
    model
}

/// Loads the weights, which checks hash, names, shapes and the card's entries.
fn try_out(found: &Found) -> Result<()> {
    match found.is_detector() {
        true => detector::load_model(&found.folder, Device::Cpu).map(drop),
        false => Scorer::load(&found.folder, Device::Cpu).map(drop),
    }
}

/// The same in words.
#[must_use]
pub fn in_words(info: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let mut lines = vec![format!("libtorch {} in {}", text(&info["libtorch"]["version"]), text(&info["libtorch"]["folder"]))];
    for device in info["devices"].as_array().into_iter().flatten() {
        lines.push(format!("device {}: {}", text(&device["device"]), text(&device["name"])));
    }
    if let Some(problem) = info["cuda_problem"].as_str() {
        lines.push(format!("no GPU: {problem}"));
    }
    for model in info["models"].as_array().into_iter().flatten() {
        let problem = model["problem"].as_str().map(|problem| format!(" CANNOT BE USED: {problem}")).unwrap_or_default();
        lines.push(format!("model {}: {} for {}{problem}", text(&model["name"]), text(&model["arch"]), text(&model["task"])));
    }
    lines.extend(info["problems"].as_array().into_iter().flatten().map(text));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_computes_passes() {
        compute(Device::Cpu).unwrap();
        let (devices, problem) = devices();
        assert_eq!(devices[0].0, "cpu");
        assert_eq!(devices.len() > 1, problem.is_none(), "{problem:?}");
    }
}

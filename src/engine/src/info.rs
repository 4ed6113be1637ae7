//! `svh-engine info`: libtorch, devices, and every model tried out.

use std::path::Path;

use serde_json::{Value, json};
use tch::Device;

use crate::models::{Found, Models};
use crate::scorer::Scorer;
use crate::{Result, detector, device};

/// Everything as JSON: `libtorch` (`version`, `folder`), `devices` (name, in words), `cuda_problem` (absent with a GPU), `models` (each with its
/// `problem` where its weights do not fit its card), `models_folder`, `problems` (folders without a usable card).
#[must_use]
pub fn collect(models_folder: &Path) -> Value {
    let models = Models::scan(models_folder);
    let libtorch = json!({
        "version": device::libtorch_version(),
        "folder": device::libtorch_folder().map(|folder| folder.display().to_string()),
        "threads": tch::get_num_threads(),
    });
    let mut info = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "libtorch": libtorch,
        "devices": device::all(),
        "models_folder": models_folder.display().to_string(),
        "models": models.found.iter().map(describe).collect::<Vec<_>>(),
        "problems": models.problems,
    });
    if let Some(problem) = device::cuda_problem() {
        info["cuda_problem"] = Value::from(problem);
    }
    info
}

fn describe(found: &Found) -> Value {
    let summary = found.summary();
    let mut model = json!({ "name": summary.name, "arch": summary.arch, "task": summary.task, "sha256": summary.sha256 });
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
        lines.push(format!("device {}: {}", text(&device[0]), text(&device[1])));
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

//! What the doctor says of the engine: the program, libtorch, devices, models.

use serde_json::Value;
use svh_core::libtorch::PYTORCH;

use super::check::Check;
use crate::{
    Options,
    engine::{Error, Launch, Settings, Slot, libtorch_found, program},
};

/// Asks `svh-engine info --json`, and says why where it cannot be asked.
pub fn checks(options: &Options) -> (Option<Value>, Vec<Check>) {
    let program = match program() {
        Ok(path) => Check::ok("engine", path.display().to_string()),
        Err(error) => return (None, vec![Check::problem("engine", "svh-engine is missing", error.to_string())]),
    };
    match info(options) {
        Ok(info) => {
            let mut checks = vec![program, libtorch(&info), devices(&info)];
            checks.extend(models(&info));
            (Some(info), checks)
        }
        Err(error @ (Error::NoLibtorch { .. } | Error::BadTorch { .. })) => {
            (None, vec![program, Check::problem("libtorch", candidates(), error.to_string())])
        }
        Err(error) => (None, vec![program, Check::problem("engine", "svh-engine does not answer", error.to_string())]),
    }
}

fn info(options: &Options) -> Result<Value, Error> {
    let settings = Settings::from_options(options);
    let mut engine = Launch { arguments: settings.arguments(&["info", "--json"]), ..Launch::default() }.start(&Slot::default())?;
    let line = engine.line();
    let value = line.and_then(|line| serde_json::from_str(&line).ok());
    match (engine.finish(), value) {
        (Err(error), _) => Err(error),
        (Ok(()), Some(value)) => Ok(value),
        (Ok(()), None) => Err(Error::Died("svh-engine info gave no answer; are svh and svh-engine of the same version?".to_owned())),
    }
}

/// Every libtorch that was found, for the user to choose from.
fn candidates() -> String {
    let (good, bad) = libtorch_found();
    let good = good.into_iter().map(|torch| format!("{} ({}, {})", torch.folder.display(), torch.version, torch.found));
    let all: Vec<String> = good.chain(bad).collect();
    format!("PyTorch {PYTORCH} is needed; found: {}", all.join("; "))
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn libtorch(info: &Value) -> Check {
    Check::ok("libtorch", format!("{} in {}", text(info, "/libtorch/version"), text(info, "/libtorch/folder")))
}

fn devices(info: &Value) -> Check {
    let devices = info.pointer("/devices").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let named: Vec<String> = devices.iter().map(|device| format!("{} ({})", text(device, "/device"), text(device, "/name"))).collect();
    let found = named.join(", ");
    match text(info, "/cuda_problem") {
        "" => Check::ok("devices", found),
        problem => Check::note("devices", found, format!("no GPU: {problem}")),
    }
}

fn models(info: &Value) -> Vec<Check> {
    let models = info.pointer("/models").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if models.is_empty() {
        return vec![Check::problem(
            "models",
            "none",
            "name a folder of model folders with --models or SVH_MODELS, or train some with `svh train`",
        )];
    }
    let check = |model: &Value| {
        let found = format!("{}: {} for {}", text(model, "/name"), text(model, "/arch"), text(model, "/task"));
        match text(model, "/problem") {
            "" => Check::ok("model", found),
            problem => Check::problem("model", found, problem),
        }
    };
    let broken = info.pointer("/problems").and_then(Value::as_array).into_iter().flatten();
    let broken = broken.map(|problem| Check::problem("model", "a folder without a usable card", problem.as_str().unwrap_or_default()));
    models.iter().map(check).chain(broken).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::State;
    use super::*;

    #[test]
    fn a_model_whose_weights_do_not_fit_its_card_is_a_problem_and_the_others_are_fine() {
        let info = json!({"models": [
            {"name": "a", "arch": "svh_convnet", "task": "narrowing"},
            {"name": "b", "arch": "svh_convnet", "task": "erosion", "problem": "the weights have 5 outputs and the card says 6"}]});
        let states: Vec<State> = models(&info).into_iter().map(|check| check.state).collect();
        assert_eq!(states, [State::Ok, State::Problem]);
        assert!(models(&info)[1].advice.contains("5 outputs"));
    }

    #[test]
    fn no_model_at_all_is_a_problem_with_a_way_out() {
        let checks = models(&json!({"models": []}));
        assert_eq!(checks[0].state, State::Problem);
        assert!(checks[0].advice.contains("--models"));
    }

    #[test]
    fn a_missing_gpu_is_a_note_with_its_reason() {
        let info = json!({"devices": [{"device": "cpu", "name": "8 threads"}], "cuda_problem": "no NVIDIA driver"});
        let check = devices(&info);
        assert_eq!((check.state, check.found.as_str()), (State::Note, "cpu (8 threads)"));
        assert!(check.advice.contains("no NVIDIA driver"));
    }
}

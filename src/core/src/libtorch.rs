//! Which libtorch the engine needs: asked by the workbench before it starts one, and by the engine of the one that it has loaded.

use std::path::Path;

/// The version of PyTorch that the engine is built for.
pub const PYTORCH: &str = "2.11.0";

/// The version that a folder states: `build-version` of an unpacked libtorch, or `__version__` in the `version.py` of an installed PyTorch.
#[must_use]
pub fn version(folder: &Path) -> Option<String> {
    if let Ok(text) = std::fs::read_to_string(folder.join("build-version")) {
        return Some(text.trim().to_owned());
    }
    let text = std::fs::read_to_string(folder.join("version.py")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("__version__"))?;
    Some(line.split(['\'', '"']).nth(1)?.to_owned())
}

//! Where svh finds what came with it, the models and the demo cohort, and where it keeps what can be made again.

use std::path::{Path, PathBuf};

/// The folder of model folders: as the user said, or the `models` that came with the program.
#[must_use]
pub fn models(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_path_buf).or_else(|| shipped("models"))
}

/// The demo cohort, `datasets/demo`, relative to the current folder where it lies there.
#[must_use]
pub fn demo() -> Option<PathBuf> {
    let here = PathBuf::from("datasets/demo");
    if here.is_dir() { Some(here) } else { shipped("datasets/demo") }
}

/// The folder of what can be made again at any time: `svh` in the user's cache folder. `None` where the environment names none.
#[must_use]
pub fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("svh"))
}

/// Something that came with the program: above the program itself (an unpacked archive, or `target/release` of a checkout), above the current
/// folder, or in the checkout that the program was built from (which a build folder elsewhere does not lie in).
fn shipped(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let here = std::env::current_dir().ok();
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = program.iter().flat_map(|path| path.ancestors().skip(1).take(4));
    let here = here.iter().flat_map(|path| path.ancestors());
    let mut folders = program.chain(here).chain(built.ancestors().skip(2).take(1)).map(|folder| folder.join(name));
    folders.find(|folder| folder.is_dir())
}

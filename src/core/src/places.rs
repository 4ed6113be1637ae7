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

/// Something that came with the program: below `share` of the prefix that it is installed in (a wheel), above the program itself (an unpacked archive, or
/// `target/release` of a checkout), above the current folder, or in the checkout that the program was built from (which a build folder elsewhere does not lie in).
fn shipped(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let here = std::env::current_dir().ok();
    candidates(program.as_deref(), here.as_deref(), name).into_iter().find(|folder| folder.is_dir())
}

/// Where to look, best first.
fn candidates(program: Option<&Path>, here: Option<&Path>, name: &str) -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = program.and_then(|path| Some(path.parent()?.parent()?.join("share/svh")));
    let above = program.into_iter().flat_map(|path| path.ancestors().skip(1).take(4));
    let here = here.into_iter().flat_map(Path::ancestors);
    let folders = above.chain(here).chain(built.ancestors().skip(2).take(1)).map(Path::to_path_buf);
    installed.into_iter().chain(folders).map(|folder| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wheel_installed_comes_before_a_folder_of_the_same_name_above_the_program() {
        let found = candidates(Some(Path::new("/opt/svh/venv/bin/svh")), Some(Path::new("/data/cohort")), "models");
        let place =
            |path: &str| found.iter().position(|folder| folder == Path::new(path)).unwrap_or_else(|| panic!("{path} is not in {found:?}"));
        let order = ["/opt/svh/venv/share/svh/models", "/opt/svh/venv/bin/models", "/opt/svh/models", "/data/cohort/models", "/models"];
        assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])), "{found:?}");
    }
}

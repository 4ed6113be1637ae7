//! Finding a libtorch for the engine on machines where its own library path does not lead to one.
//!
//! The engine is linked against libtorch_cpu.so. Where it was built, a path inside the program leads there. Elsewhere, a server with
//! a PyTorch, the loader is shown the way through `LD_LIBRARY_PATH`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use svh_core::libtorch::{PYTORCH, version};

use super::{Error, trust::writable_by_others};

/// A libtorch of the right version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torch {
    /// The folder that holds `lib/libtorch_cpu.so`.
    pub folder: PathBuf,
    /// As the folder says it, such as `2.11.0+cu130`.
    pub version: String,
    /// How it was found, in words.
    pub found: &'static str,
}

impl Torch {
    /// A folder `.../torch` of an installed PyTorch or an unpacked libtorch. The error is the reason, with what to do.
    fn at(folder: &Path, found: &'static str) -> Result<Self, String> {
        if !folder.join("lib/libtorch_cpu.so").is_file() {
            return Err("there is no lib/libtorch_cpu.so; name the folder that `import torch` comes from".to_owned());
        }
        let version = version(folder).ok_or_else(|| format!("it does not say its version; PyTorch {PYTORCH} is needed"))?;
        if version.split('+').next() != Some(PYTORCH) {
            return Err(format!("this is PyTorch {version}, and {PYTORCH} is needed; install that one"));
        }
        if let Some(path) = writable_by_others(folder) {
            let path = path.display();
            return Err(format!(
                "other users can write to {path}, so its code is not loaded; take that right away with `chmod go-w {path}`"
            ));
        }
        Ok(Self { folder: folder.to_path_buf(), version, found })
    }

    /// `LD_LIBRARY_PATH` for the engine: torch's libraries, NVIDIA's packages beside it, then what was there.
    pub fn library_path(&self) -> OsString {
        let mut folders = vec![self.folder.join("lib")];
        let packages = self.folder.parent().map(|site| site.join("nvidia"));
        let packages = packages.and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten().map(|package| package.path());
        let mut nvidia: Vec<PathBuf> = packages
            .filter(|package| package.join("lib").is_dir() && writable_by_others(package).is_none())
            .map(|p| p.join("lib"))
            .collect();
        nvidia.sort();
        folders.extend(nvidia);
        folders.extend(inherited());
        std::env::join_paths(folders).unwrap_or_else(|_| self.folder.join("lib").into_os_string())
    }
}

/// `LD_LIBRARY_PATH` as it was given to this program, for an engine that needs no other libtorch; `None` where it was not set.
pub fn inherited_path() -> Option<OsString> {
    std::env::var_os("LD_LIBRARY_PATH").map(|_| std::env::join_paths(inherited()).unwrap_or_default())
}

/// The folders of `LD_LIBRARY_PATH`. An empty or relative one means the current folder, whose libraries are whoever's made it: a trailing colon is enough.
fn inherited() -> Vec<PathBuf> {
    absolute(&std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default())
}

fn absolute(path: &std::ffi::OsStr) -> Vec<PathBuf> {
    std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect()
}

/// What `SVH_TORCH` names, if it is set.
///
/// # Errors
/// When it is not a PyTorch of the right version.
pub fn named() -> Result<Option<Torch>, Error> {
    let Some(folder) = std::env::var_os("SVH_TORCH").filter(|name| !name.is_empty()) else { return Ok(None) };
    let folder = PathBuf::from(folder);
    Torch::at(&folder, "SVH_TORCH").map(Some).map_err(|reason| Error::BadTorch { folder, reason })
}

/// Every other libtorch of this machine that fits, best first; and what was wrong with the rest, in words.
pub fn found() -> (Vec<Torch>, Vec<String>) {
    let mut good: Vec<Torch> = Vec::new();
    let mut bad = Vec::new();
    let mut take = |folder: &Path, found| {
        if good.iter().any(|torch| torch.folder == folder) {
            return;
        }
        match Torch::at(folder, found) {
            Ok(torch) => good.push(torch),
            Err(reason) => bad.push(format!("{}: {reason}", folder.display())),
        }
    };
    let program = std::env::current_exe().ok();
    let prefix = program.as_deref().and_then(|path| path.parent()?.parent());
    prefix.into_iter().flat_map(in_prefix).for_each(|folder| take(&folder, "the torch that svh was installed with"));
    let asked = python();
    asked.iter().for_each(|folder| take(folder, "python3's torch"));
    // The environment that is active, where python3 is another one's.
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        let prefix = std::env::var_os(name).map(PathBuf::from).filter(|prefix| prefix.is_absolute());
        prefix.iter().flat_map(|prefix| in_prefix(prefix)).for_each(|folder| take(&folder, "the torch of the active environment"));
    }
    if asked.is_none() {
        bad.push("python3 has no torch".to_owned());
    }
    if let Some(torch) = cache().and_then(|folder| Torch::at(&folder, "the cache of `make`").ok()) {
        good.push(torch);
    }
    (good, bad)
}

/// The torch in the packages of a prefix: of a virtual environment, of a conda environment, of `/usr/local`, of `~/.local`; with `pip install --target` the prefix
/// is the folder of packages itself. A wheel of svh lies in the same one, whichever `python3` comes first on the path.
fn in_prefix(prefix: &Path) -> Vec<PathBuf> {
    let libraries = ["lib", "lib64"].iter().filter_map(|lib| prefix.join(lib).read_dir().ok()).flatten().flatten();
    let pythons = libraries.filter(|entry| entry.file_name().to_string_lossy().starts_with("python3")).map(|entry| entry.path());
    let mut sites: Vec<PathBuf> = pythons.flat_map(|python| ["site-packages", "dist-packages"].map(|name| python.join(name))).collect();
    // The newest first, as far as names tell.
    sites.sort_by_key(|site| std::cmp::Reverse((site.as_os_str().len(), site.clone())));
    sites.push(prefix.to_path_buf());
    sites.into_iter().map(|site| site.join("torch")).filter(|torch| torch.join("lib/libtorch_cpu.so").is_file()).collect()
}

/// The folder of python3's torch. Asking for the place does not import it, which would take seconds.
///
/// Python looks into the current folder first, where anybody may have put a `torch`. It is asked from the root folder, so that neither the empty entry that
/// `-c` puts on its path nor a relative one of `PYTHONPATH` leads there; the user's own packages and whole paths of `PYTHONPATH` count as ever.
fn python() -> Option<PathBuf> {
    let script = "import sys; sys.path[:] = [p for p in sys.path if p not in ('', '/')]; import importlib.util as u; \
                  s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
    let mut command = Command::new("python3");
    let output = command.args(["-c", script]).current_dir("/").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = path.trim();
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// Where `make` puts the libtorch that it downloads.
fn cache() -> Option<PathBuf> {
    let set = std::env::var_os("XDG_CACHE_HOME").filter(|name| !name.is_empty()).map(PathBuf::from);
    let home = set.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(home.join("svh").join(format!("libtorch-{PYTORCH}-cpu")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(version: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        std::fs::write(folder.path().join("lib/libtorch_cpu.so"), "").unwrap();
        std::fs::write(
            folder.path().join("version.py"),
            format!("from typing import Optional\n__version__ = '{version}'\ndebug = False\n"),
        )
        .unwrap();
        folder
    }

    #[test]
    fn an_installed_pytorch_of_the_right_version_is_taken_whatever_its_cuda() {
        let torch = folder("2.11.0+cu130");
        assert_eq!(Torch::at(torch.path(), "test").unwrap().version, "2.11.0+cu130");
    }

    #[test]
    fn the_torch_of_a_prefix_is_found_whatever_its_python() {
        let prefix = tempfile::tempdir().unwrap();
        let add = |site: &str| {
            let lib = prefix.path().join(site).join("torch/lib");
            std::fs::create_dir_all(&lib).unwrap();
            std::fs::write(lib.join("libtorch_cpu.so"), "").unwrap();
            prefix.path().join(site).join("torch")
        };
        assert!(in_prefix(prefix.path()).is_empty());
        let old = add("lib/python3.9/site-packages");
        let new = add("lib/python3.11/dist-packages");
        std::fs::create_dir_all(prefix.path().join("lib/python3.12/site-packages/torch")).unwrap();
        let target = add(".");
        assert_eq!(in_prefix(prefix.path()), [new, old, target]);
    }

    #[test]
    fn another_version_is_refused_with_both_versions_named() {
        let torch = folder("2.10.1");
        let reason = Torch::at(torch.path(), "test").unwrap_err();
        assert!(reason.contains("2.10.1") && reason.contains(PYTORCH), "{reason}");
    }

    #[test]
    fn a_folder_without_libtorch_is_refused_with_a_hint() {
        let empty = tempfile::tempdir().unwrap();
        assert!(Torch::at(empty.path(), "test").unwrap_err().contains("import torch"));
    }

    #[test]
    fn the_library_path_begins_with_torch_and_names_nvidia_packages() {
        let site = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(site.path().join("nvidia/cu13/lib")).unwrap();
        let torch = Torch { folder: site.path().join("torch"), version: PYTORCH.to_owned(), found: "test" };
        let path = torch.library_path();
        assert_eq!(absolute(std::ffi::OsStr::new(":/a:b:./c:/d/e:")), [PathBuf::from("/a"), PathBuf::from("/d/e")]);
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        assert_eq!(folders[..2], [site.path().join("torch/lib"), site.path().join("nvidia/cu13/lib")]);
    }
}

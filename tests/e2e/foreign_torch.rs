//! Whose libtorch is loaded: a real loader, a small engine that needs `libtorch_cpu.so`, and libraries whose code leaves a trace where it runs.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use svh_tests::{
    films,
    program::{Ran, run, svh},
    skip::skip,
};

const LIBRARY: &str = r#"
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void run(void) { fclose(fopen(getenv("TRACE"), "w")); }
int at_home(void) { return 0; }
"#;

/// Says that it was loaded and ends.
const ENGINE: &str = r#"
#include <stdio.h>
int at_home(void);
int main(void) { fputs("svh-engine: the engine was loaded\n", stderr); return 2 + at_home(); }
"#;

/// A folder in which svh is started, a home, a built engine and library.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// `None` where there is no C compiler or no Python, which is said.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        for name in ["here", "home", "built"] {
            fs::create_dir(place.path(name)).unwrap();
        }
        // Everybody may enter, as with any folder that is shared; only its owner writes.
        fs::set_permissions(place.folder.path(), Permissions::from_mode(0o755)).unwrap();
        films::write(&place.path("here/a-LH.png"), 64, 80);
        fs::write(place.path("built/library.c"), LIBRARY).unwrap();
        fs::write(place.path("built/engine.c"), ENGINE).unwrap();
        let compiled = place.cc(&["-shared", "-fPIC", "-o", "libtorch_cpu.so", "library.c"])
            && place.cc(&["-o", "svh-engine", "engine.c", "-L.", "-Wl,--no-as-needed", "-ltorch_cpu"]);
        if !compiled || Command::new("python3").arg("--version").output().is_err() {
            skip("it needs cc and python3");
            return None;
        }
        Some(place)
    }

    fn cc(&self, words: &[&str]) -> bool {
        Command::new("cc").args(words).current_dir(self.path("built")).status().is_ok_and(|status| status.success())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An installed PyTorch of the right version in this folder.
    fn torch_in(&self, site: &Path) -> PathBuf {
        let torch = site.join("torch");
        fs::create_dir_all(torch.join("lib")).unwrap();
        fs::write(torch.join("__init__.py"), "").unwrap();
        fs::write(torch.join("version.py"), "__version__ = '2.11.0+cpu'\n").unwrap();
        fs::copy(self.path("built/libtorch_cpu.so"), torch.join("lib/libtorch_cpu.so")).unwrap();
        torch
    }

    /// `svh detect` in the folder `here`.
    fn detect(&self, environment: &[(&str, OsString)]) -> Ran {
        let _ = fs::remove_file(self.path("trace"));
        let mut command = svh();
        for name in ["LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "XDG_CACHE_HOME", "PYTHONNOUSERSITE"] {
            command.env_remove(name);
        }
        command.env("SVH_ENGINE", self.path("built/svh-engine")).env("HOME", self.path("home")).env("TRACE", self.path("trace"));
        run(command.envs(environment.iter().cloned()).current_dir(self.path("here")).args(["detect", "a-LH.png"]))
    }

    /// Whether code of a library ran.
    fn ran(&self) -> bool {
        self.path("trace").exists()
    }
}

#[test]
fn a_torch_in_the_current_folder_is_never_loaded() {
    let Some(place) = Place::new() else { return };
    let here = place.path("here");
    place.torch_in(&here);
    fs::copy(place.path("built/libtorch_cpu.so"), here.join("libtorch_cpu.so")).unwrap();
    // A module that python3 reads at its start would do as well.
    fs::write(here.join("sitecustomize.py"), "import os; open(os.environ['TRACE'], 'w').close()\n").unwrap();
    let empty = ["PYTHONPATH", "LD_LIBRARY_PATH"].map(|name| [".", "", ":", "/nowhere:", "./"].map(|value| (name, OsString::from(value))));
    for environment in [Vec::new()].into_iter().chain(empty.into_iter().flatten().map(|one| vec![one])) {
        let ran = place.detect(&environment);
        assert!(!place.ran(), "{environment:?}: {ran:?}");
        ran.refused(2, &["libtorch was not found", "pip install torch==2.11.0"]);
    }
}

#[test]
fn a_torch_of_the_users_own_path_and_site_is_loaded_unless_others_can_write_to_it() {
    let Some(place) = Place::new() else { return };
    let version = Command::new("python3").args(["-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]).output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let own = place.path("mine");
    let site = place.path("home/.local/lib").join(version.trim()).join("site-packages");
    for (folder, environment) in [(&own, vec![("PYTHONPATH", own.clone().into_os_string())]), (&site, Vec::new())] {
        let torch = place.torch_in(folder);
        let ran = place.detect(&environment);
        assert!(place.ran(), "{}: {ran:?}", folder.display());
        ran.refused(2, &["the engine was loaded"]);
        let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for (path, usual) in
            [(torch.join("lib/libtorch_cpu.so"), 0o755), (torch.join("lib"), 0o755), (torch.clone(), 0o755), (folder.clone(), 0o755)]
        {
            open(&path, usual | 0o002);
            let ran = place.detect(&environment);
            assert!(!place.ran(), "{}: {ran:?}", path.display());
            ran.refused(2, &["other users can write to", &path.display().to_string(), "chmod go-w"]);
            open(&path, usual);
        }
        fs::remove_dir_all(&torch).unwrap();
    }
    // Named by hand it is refused all the same.
    let torch = place.torch_in(&own);
    fs::set_permissions(&torch, Permissions::from_mode(0o777)).unwrap();
    let ran = place.detect(&[("SVH_TORCH", torch.clone().into_os_string())]);
    assert!(!place.ran(), "{ran:?}");
    ran.refused(2, &["SVH_TORCH", "other users can write to", "chmod go-w"]);
}

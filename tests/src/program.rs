//! The programs under test, as `make build` leaves them, and what came of running one.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use portable_pty::CommandBuilder;

/// One of the programs: `svh` or `svh-engine`.
///
/// # Panics
/// When it has not been built: a test that silently tried nothing would be worse.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it lies");
    let folder = test.ancestors().nth(2).expect("tests lie in target/release/deps");
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not built; `make test` builds it first", path.display());
    path
}

/// The top of the checkout.
#[must_use]
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout")
}

/// `svh` with the settings of the machine out of the way.
#[must_use]
pub fn svh() -> Command {
    let mut command = Command::new(program("svh"));
    for name in ["SVH_MODELS", "SVH_ENGINE", "SVH_TORCH", "TMUX", "LC_TERMINAL", "TERM_PROGRAM"] {
        command.env_remove(name);
    }
    // Nor do the settings of whoever runs the tests count: here are none.
    command.env("SVH_CONFIG_HOME", checkout().join("tests"));
    command.stdin(Stdio::null());
    command
}

/// The workbench on a cohort, for a terminal, in an environment that says nothing of it.
#[must_use]
pub fn workbench(cohort: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program("svh"));
    command.arg(cohort);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("PATH", "/usr/bin:/bin");
    command.cwd(cohort);
    command
}

/// What a program left behind.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Ran {
    /// The lines of stderr.
    #[must_use]
    pub fn sentences(&self) -> Vec<&str> {
        self.stderr.lines().collect()
    }

    /// The JSON objects on stdout, one a line.
    ///
    /// # Panics
    /// When a line is not JSON.
    #[must_use]
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))).collect()
    }

    /// Asserts a refusal as it should be: this status, nothing on stdout, one sentence that names all of `words`, and no trace of a panic.
    ///
    /// # Panics
    /// When it is not so.
    pub fn refused(&self, status: i32, words: &[&str]) {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        self.says(words);
        assert_eq!(self.sentences().len(), 1, "one sentence was expected: {self:?}");
    }

    /// Asserts that stderr names all of `words` and holds no trace of a panic.
    ///
    /// # Panics
    /// When it is not so.
    pub fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in {self:?}");
        }
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("RUST_BACKTRACE"), "{self:?}");
    }
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Runs `svh` with these arguments.
pub fn svh_with<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    run(svh().args(arguments))
}

/// A shell script in place of the engine, for behaviour that the real one does not show on demand.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn engine_script(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("svh-engine");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the script is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("the script is made executable");
    path
}

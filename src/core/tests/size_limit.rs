//! Writing beyond a file size limit: the shell sets the limit, this very test program runs under it again.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use svh_core::atomic;

const FOLDER: &str = "SVH_TEST_SIZE_LIMIT_FOLDER";

#[test]
fn a_file_size_limit_is_an_error_and_leaves_the_old_file_and_no_litter() {
    if let Ok(folder) = env::var(FOLDER) {
        return write_too_much(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.bin"), b"old").unwrap();
    let script = r#"ulimit -f 8; exec "$0" --exact a_file_size_limit_is_an_error_and_leaves_the_old_file_and_no_litter"#;
    let run = Command::new("sh").arg("-c").arg(script).arg(env::current_exe().unwrap()).env(FOLDER, folder.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    assert_eq!(fs::read(folder.path().join("a.bin")).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn write_too_much(folder: &Path) {
    let error = atomic::write(&folder.join("a.bin"), &vec![7; 1 << 20]).unwrap_err();
    assert!(error.to_string().contains("a.bin could not be written"), "{error}");
}

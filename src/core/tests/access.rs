//! Who can read what is written into a shared folder.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use svh_core::access::{make_folders, write};
use svh_core::atomic;
use svh_core::run::JsonLines;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0, |data| data.permissions().mode() & 0o7777)
}

#[test]
fn new_files_and_folders_are_open_to_those_of_their_folder() {
    for (folder_mode, file_mode) in [(0o2770, 0o660), (0o755, 0o644), (0o700, 0o600), (0o775, 0o664)] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("cohort");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(folder_mode)).unwrap();
        atomic::write(&folder.join("a"), b"1").unwrap();
        assert!(atomic::write_new(&folder.join("b"), b"1").unwrap());
        JsonLines::open(&folder.join("c")).unwrap();
        write(&folder.join("e"), b"1").unwrap();
        make_folders(&folder.join("runs/one")).unwrap();
        JsonLines::create(&folder.join("runs/one/d")).unwrap();
        for name in ["a", "b", "c", "e", "runs/one/d"] {
            assert_eq!(mode(&folder.join(name)), file_mode, "{name} in {folder_mode:o}");
        }
        assert_eq!(mode(&folder.join("runs/one")), folder_mode);
    }
}

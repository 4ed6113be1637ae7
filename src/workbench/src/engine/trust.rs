//! Whose code the engine would load: a library that others can replace is run with the user's rights.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
};

/// The folder or file of a libtorch that other users can write to, if there is one: its libraries, the folders that hold them, and every folder above.
#[cfg(unix)]
pub fn writable_by_others(torch: &Path) -> Option<PathBuf> {
    let torch = fs::canonicalize(torch).ok()?;
    let lib = torch.join("lib");
    let above = torch.ancestors().skip(1).find(|folder| fs::metadata(folder).is_ok_and(|data| is_open(&data) && !is_sticky(&data)));
    let inside = fs::read_dir(&lib).into_iter().flatten().flatten().map(|entry| entry.path());
    // What a link leads to counts, which `metadata` looks at.
    let mut own = [torch.clone(), lib.clone()].into_iter().chain(inside);
    above.map(Path::to_path_buf).or_else(|| own.find(|path| fs::metadata(path).is_ok_and(|data| is_open(&data))))
}

#[cfg(not(unix))]
pub fn writable_by_others(_: &Path) -> Option<PathBuf> {
    None
}

/// Whether everybody, or a group of several people, may write. A group whose number is its owner's is that user's own, as most systems make one for each user.
#[cfg(unix)]
fn is_open(data: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mode = data.mode();
    mode & 0o002 != 0 || (mode & 0o020 != 0 && data.gid() != data.uid())
}

/// In a folder such as /tmp nobody replaces what another owns.
#[cfg(unix)]
fn is_sticky(data: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    data.mode() & 0o1000 != 0
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn libraries_and_folders_that_everybody_may_write_to_are_found() {
        let site = tempfile::tempdir().unwrap();
        let torch = site.path().join("site/torch");
        fs::create_dir_all(torch.join("lib")).unwrap();
        let library = torch.join("lib/libc10.so");
        fs::write(&library, b"").unwrap();
        let real = |path: &Path| fs::canonicalize(path).unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for path in [site.path().join("site"), torch.clone(), torch.join("lib")] {
            mode(&path, 0o755);
        }
        mode(&library, 0o644);
        assert_eq!(writable_by_others(&torch), None);
        for path in [library, torch.join("lib"), torch.clone(), site.path().join("site")] {
            let before = fs::metadata(&path).unwrap().permissions().mode();
            mode(&path, before | 0o002);
            assert_eq!(writable_by_others(&torch), Some(real(&path)), "{}", path.display());
            mode(&path, before);
        }
        // Everybody may write there, but not replace what another has made.
        mode(&site.path().join("site"), 0o1777);
        assert_eq!(writable_by_others(&torch), None);
    }
}

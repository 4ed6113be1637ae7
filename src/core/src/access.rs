//! Who can read what svh writes: in shared folders whoever can read the folder, in the user's own places nobody else.
//!
//! A file in a cohort or run takes the group and the mode of the folder that it is made in (without the right to execute), whatever the umask of the reader who made it: otherwise one
//! reader's work would be closed to the others. `private = true` in the configuration or `SVH_PRIVATE=1` makes new files and folders readable by their owner only.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The environment variable that keeps everything new to its owner.
pub const PRIVATE_VARIABLE: &str = "SVH_PRIVATE";

static PRIVATE: AtomicBool = AtomicBool::new(false);

/// Keeps everything new to its owner from here on, as the configuration says.
pub fn keep_private() {
    PRIVATE.store(true, Ordering::Relaxed);
}

/// Whether everything new is kept to its owner.
#[must_use]
pub fn is_private() -> bool {
    PRIVATE.load(Ordering::Relaxed) || std::env::var_os(PRIVATE_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Gives a new file the group and mode of its folder. Where the system refuses, which a file system without owners does, the file stays as it was made.
pub(crate) fn like_folder(file: &File, path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        if is_private() {
            drop(file.set_permissions(fs::Permissions::from_mode(0o600)));
            return;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Ok(folder), Ok(made)) = (fs::metadata(folder), file.metadata()) else { return };
        // A folder that all may write to, such as /tmp, says nothing of who should read what is in it.
        if folder.mode() & 0o1000 != 0 {
            return;
        }
        if folder.gid() != made.gid() {
            drop(std::os::unix::fs::fchown(file, None, Some(folder.gid())));
        }
        drop(file.set_permissions(fs::Permissions::from_mode(folder.mode() & 0o666)));
    }
}

/// Makes a folder and those above it that are missing, each with the group and mode of the one that it is made in.
///
/// # Errors
/// A folder that cannot be made.
pub fn make_folders(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folders(above)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.map(|()| folder_like_above(path)),
    }
}

/// Gives a new folder the group and mode of the one that it is in.
pub(crate) fn folder_like_above(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        if is_private() {
            drop(fs::set_permissions(path, fs::Permissions::from_mode(0o700)));
            return;
        }
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Ok(above), Ok(made)) = (fs::metadata(above), fs::metadata(path)) else { return };
        if above.mode() & 0o1000 != 0 {
            return;
        }
        if above.gid() != made.gid() {
            drop(std::os::unix::fs::chown(path, None, Some(above.gid())));
        }
        drop(fs::set_permissions(path, fs::Permissions::from_mode(above.mode() & 0o2777)));
    }
}

/// Writes a new file, with the group and mode of its folder.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    like_folder(&file, path);
    file.write_all(bytes)
}

/// Makes a folder of the user's own, which nobody else can look into; one that is there is closed to others.
///
/// # Errors
/// A folder that cannot be made.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // Those above it that are missing as well.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        drop(fs::set_permissions(path, fs::Permissions::from_mode(0o700)));
    }
    Ok(())
}

/// Who can read something, in words: `you`, `you and the group lab`, `everybody on this machine`. `None` where it is not there.
#[must_use]
pub fn readers(path: &Path) -> Option<String> {
    let data = fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = data.mode();
        Some(match (mode & 0o004 != 0, mode & 0o040 != 0) {
            (true, _) => "everybody on this machine".to_owned(),
            (false, true) => format!("the owner and the group {}", data.gid()),
            (false, false) => "the owner alone".to_owned(),
        })
    }
    #[cfg(not(unix))]
    Some(format!("whoever the system allows ({} bytes)", data.len()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn readers_are_told_in_words() {
        let place = tempfile::tempdir().unwrap();
        make_private_folder(&place.path().join("own")).unwrap();
        assert_eq!(readers(&place.path().join("own")).unwrap(), "the owner alone");
        make_private_folder(&place.path().join("new/inner")).unwrap();
        assert_eq!(readers(&place.path().join("new")).unwrap(), "the owner alone");
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(readers(place.path()).unwrap(), "everybody on this machine");
        assert_eq!(readers(&place.path().join("missing")), None);
    }
}

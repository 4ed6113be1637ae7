//! The files that take what started runs print: one for each start, so that none is emptied under a run that still writes it, in a folder of the user's own.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A file is kept for so long; what matters of a run is in its own folder.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Makes the file of a start.
///
/// # Errors
/// In words, where no folder can be made for it or it cannot be written to.
pub fn create() -> Result<(File, PathBuf), String> {
    let stamp: String = svh_core::clock::utc_now().chars().filter(char::is_ascii_digit).collect();
    let folder = match folder(|name| std::env::var_os(name)) {
        Some(folder) => folder,
        None => {
            temporary(&stamp).map_err(|error| format!("no folder for its messages could be made ({error}); set HOME or XDG_STATE_HOME"))?
        }
    };
    create_in(&folder, &stamp).map_err(|error| format!("{} cannot be written to: {error}", folder.display()))
}

/// `svh/starts` in the user's folder of states.
fn folder(get: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let whole = |name: &str| get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = whole("XDG_STATE_HOME").or_else(|| Some(whole("HOME")?.join(".local/state")))?;
    Some(state.join("svh/starts"))
}

/// A new folder among the temporary files, for a user without a home. It is made exclusively, so nobody can have put one of that name there.
fn temporary(stamp: &str) -> io::Result<PathBuf> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    for number in 1_u32..1000 {
        let folder = std::env::temp_dir().join(format!("svh-{stamp}-{}-{number}", std::process::id()));
        match builder.create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
    Err(io::Error::other("too many folders have this name"))
}

fn create_in(folder: &Path, stamp: &str) -> io::Result<(File, PathBuf)> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.create(folder)?;
    remove_old(folder);
    for number in 1_u32.. {
        let path = folder.join(format!("{stamp}-{}-{number}.log", std::process::id()));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(io::Error::other("it is full"))
}

fn remove_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > KEPT));
        if is_old && entry.path().extension().is_some_and(|extension| extension == "log") {
            drop(fs::remove_file(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn each_start_has_a_file_of_its_own_that_only_its_user_reads() {
        let home = tempfile::tempdir().unwrap();
        let place = folder(|name| (name == "HOME").then(|| home.path().into())).unwrap();
        assert_eq!(place, home.path().join(".local/state/svh/starts"));
        let (mut first, one) = create_in(&place, "20261128").unwrap();
        let (_second, two) = create_in(&place, "20261128").unwrap();
        writeln!(first, "still at work").unwrap();
        assert_ne!(one, two);
        assert_eq!((fs::read(&one).unwrap(), fs::read(&two).unwrap()), (b"still at work\n".to_vec(), Vec::new()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&one), mode(&place)), (0o600, 0o700));
        }
    }

    #[test]
    fn old_files_are_removed_and_a_relative_folder_is_none() {
        let home = tempfile::tempdir().unwrap();
        let (file, old) = create_in(home.path(), "20250101").unwrap();
        file.set_modified(std::time::SystemTime::now() - KEPT - KEPT).unwrap();
        let (_, new) = create_in(home.path(), "20261128").unwrap();
        assert_eq!((old.exists(), new.exists()), (false, true));
        assert_eq!(folder(|name| (name != "HOME").then(|| "state".into())), None);
    }
}

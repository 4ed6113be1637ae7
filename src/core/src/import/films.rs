//! The films of a foreign data set, wherever its makers put them: found by the longest common end of their paths.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::names::stem;
use crate::cohort::film_names;
use crate::names::nfc;

/// Folders below a source that are looked through: deep enough for `data/images/train/hands`.
const DEPTH: usize = 5;

/// Films that are listed at most; no data set of one film a joint has more.
const MOST: usize = 2_000_000;

/// All films below a folder by name.
#[derive(Debug, Default)]
pub(crate) struct FilmTree {
    /// Paths by the stem of their file name, in composed form.
    by_stem: BTreeMap<String, Vec<PathBuf>>,
    count: usize,
}

/// What became of a search.
#[derive(Debug, PartialEq, Eq)]
pub enum Search<'a> {
    /// This one.
    Found(&'a Path),
    /// There is none of the name.
    Absent,
    /// These have the name, and nothing says which is meant.
    Several(Vec<&'a Path>),
}

impl FilmTree {
    /// Lists everything below some folders.
    ///
    /// # Errors
    /// When one of them cannot be listed; what lies deeper and cannot be is passed over.
    pub fn of(roots: &[&Path]) -> io::Result<Self> {
        let mut tree = Self::default();
        for root in roots {
            tree.add(root)?;
            tree.add_below(root, DEPTH);
        }
        tree.by_stem.values_mut().for_each(|paths| {
            paths.sort();
            paths.dedup();
        });
        Ok(tree)
    }

    fn add(&mut self, folder: &Path) -> io::Result<()> {
        for name in film_names(folder)? {
            self.by_stem.entry(nfc(stem(&name)).into_owned()).or_default().push(folder.join(name));
            self.count += 1;
        }
        Ok(())
    }

    fn add_below(&mut self, folder: &Path, depth: usize) {
        let folders = fs::read_dir(folder).into_iter().flatten().flatten();
        // Links to folders are passed over: they may lead round in a circle.
        let folders = folders.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        for entry in folders.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')) {
            let path = entry.path();
            if self.count < MOST && self.add(&path).is_ok() && depth > 1 {
                self.add_below(&path, depth - 1);
            }
        }
    }

    /// The film that a file means by `name`, which may carry folders in front and may lack its ending. Of several films of one name that with the longest
    /// common end of its path counts, then that in the folder that the file itself is named after (`instances_train2017.json`), then that nearest to it.
    pub fn find(&self, file: &Path, name: &str) -> Search<'_> {
        let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
        let Some(last) = parts.last() else { return Search::Absent };
        let of = |stem: &str| self.by_stem.get(&*nfc(stem)).map(Vec::as_slice).unwrap_or_default();
        // A name may lack its ending, and its ending may be another one than the film's.
        let mut films: Vec<&Path> = of(stem(last)).iter().map(PathBuf::as_path).collect();
        if films.is_empty() {
            films = of(last).iter().map(PathBuf::as_path).collect();
        }
        let exact: Vec<&Path> =
            films.iter().copied().filter(|film| film.file_name().is_some_and(|name| nfc(&name.to_string_lossy()) == nfc(last))).collect();
        if !exact.is_empty() {
            films = exact;
        }
        let folders = &parts[..parts.len() - 1];
        keep_best(&mut films, |film| common_end(film, folders));
        keep_best(&mut films, |film| split_of(file, film));
        keep_best(&mut films, |film| near(file, film));
        match films[..] {
            [] => Search::Absent,
            [film] => Search::Found(film),
            _ => Search::Several(films),
        }
    }
}

fn keep_best<T: Ord + Copy>(films: &mut Vec<&Path>, worth: impl Fn(&Path) -> T) {
    if let Some(best) = films.iter().map(|film| worth(film)).max() {
        films.retain(|film| worth(film) == best);
    }
}

/// How many folders above a film are those of the name, from the last on.
fn common_end(film: &Path, folders: &[&str]) -> usize {
    let above = film.parent().into_iter().flat_map(|parent| parent.components().rev());
    let names = above.filter_map(|part| if let Component::Normal(name) = part { Some(name) } else { None });
    names.zip(folders.iter().rev()).take_while(|(name, folder)| *name == OsStr::new(folder)).count()
}

/// Whether a folder above a film is a word of the file's name: `instances_val.json` is of `images/val`.
fn split_of(file: &Path, film: &Path) -> bool {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let words: Vec<&str> = name.split(['_', '-', '.', ' ']).filter(|word| !word.is_empty()).collect();
    let base = file.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let inside = film.strip_prefix(base).unwrap_or(film).parent().into_iter().flat_map(Path::components);
    inside.into_iter().any(|part| words.contains(&part.as_os_str().to_string_lossy().to_lowercase().as_str()))
}

/// How many folders the file and the film have in common, less those that only one of them has.
fn near(file: &Path, film: &Path) -> i64 {
    let of = |path: &Path| path.parent().map(|parent| parent.components().count()).unwrap_or(0) as i64;
    let common = file.parent().into_iter().flat_map(Path::components).zip(film.parent().into_iter().flat_map(Path::components));
    let common = common.take_while(|(a, b)| a == b).count() as i64;
    2 * common - of(file) - of(film)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(films: &[&str]) -> (tempfile::TempDir, FilmTree) {
        let folder = tempfile::tempdir().unwrap();
        for film in films {
            let path = folder.path().join(film);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let tree = FilmTree::of(&[folder.path()]).unwrap();
        (folder, tree)
    }

    fn found(films: &[&str], file: &str, name: &str) -> String {
        let (folder, tree) = tree(films);
        let shown = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
        match tree.find(&folder.path().join(file), name) {
            Search::Found(path) => shown(path),
            Search::Absent => "absent".to_owned(),
            Search::Several(paths) => format!("several: {}", paths.into_iter().map(shown).collect::<Vec<_>>().join(", ")),
        }
    }

    #[test]
    fn films_are_found_where_the_tools_put_them() {
        assert_eq!(found(&["images/default/A-LH.jpg"], "annotations/instances_default.json", "A-LH.jpg"), "images/default/A-LH.jpg");
        assert_eq!(found(&["data/A-LH.jpg"], "labels.json", "A-LH.jpg"), "data/A-LH.jpg");
        assert_eq!(found(&["train/A-LH.jpg"], "annotations.json", "train/A-LH.jpg"), "train/A-LH.jpg");
        assert_eq!(found(&["x/A-LH.png"], "annotations.json", "/home/me/old/A-LH.jpg"), "x/A-LH.png");
        assert_eq!(found(&["x/A-LH.png"], "annotations.json", "C:\\old\\A-LH"), "x/A-LH.png");
        assert_eq!(found(&["x/B-LH.png"], "annotations.json", "A-LH.png"), "absent");
    }

    #[test]
    fn films_of_one_name_are_never_mixed_up() {
        let both = ["train2017/A-LH.jpg", "val2017/A-LH.jpg"];
        assert_eq!(found(&both, "annotations/instances_val2017.json", "A-LH.jpg"), "val2017/A-LH.jpg");
        assert_eq!(found(&both, "annotations/instances_train2017.json", "A-LH.jpg"), "train2017/A-LH.jpg");
        assert_eq!(found(&both, "annotations/all.json", "val2017/A-LH.jpg"), "val2017/A-LH.jpg");
        assert_eq!(found(&both, "all.json", "A-LH.jpg"), "several: train2017/A-LH.jpg, val2017/A-LH.jpg");
        assert_eq!(found(&["a/A-LH.jpg", "b/A-LH.jpg"], "b/boxes.json", "A-LH.jpg"), "b/A-LH.jpg");
        assert_eq!(found(&["a/A-LH.jpg", "a/A-LH.png"], "boxes.json", "A-LH.png"), "a/A-LH.png");
    }
}

//! `svh phantom`: the same bytes from the same seed, in the layout that everything else reads.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use svh_tests::program::{run, svh, svh_with};

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn phantom(out: &Path, seed: &str, threads: &str) {
    let ran =
        run(svh().arg("phantom").arg(out).args(["--patients", "1", "--max-side", "300", "--seed", seed]).env("RAYON_NUM_THREADS", threads));
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
}

#[test]
fn a_seed_makes_the_same_bytes_whatever_the_number_of_threads_and_another_seed_makes_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name);
    phantom(&out("a"), "7", "1");
    phantom(&out("b"), "7", "2");
    phantom(&out("c"), "8", "2");
    let (a, b, c) = (files(&out("a")), files(&out("b")), files(&out("c")));
    assert_eq!(a.keys().collect::<Vec<_>>(), c.keys().collect::<Vec<_>>());
    assert!(a.contains_key(Path::new("training.csv")) && a.keys().filter(|path| path.starts_with("images")).count() == 4, "{:?}", a.keys());
    for (path, bytes) in &a {
        assert!(*bytes == b[path], "{} differs", path.display());
    }
    let film = Path::new("images/PHA001-LH.jpg");
    assert!(a[film] != c[film], "another seed made the same film");
}

#[test]
fn a_folder_that_holds_something_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let path = folder.path().to_str().unwrap();
    svh_with(["phantom", path, "--patients", "1", "--seed", "1", "--quiet"]).refused(2, &[path, "not empty"]);
    assert_eq!(files(folder.path()).len(), 1);
}

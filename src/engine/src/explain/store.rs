//! What was worked out once, in `svh/explain` of the user's cache folder: maps under the hash of weights and crop, features of reference joints under
//! the hash of weights and film. A file that cannot be read or written costs time only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use svh_core::{BBox, ExplainFilm, Joint, access, atomic, places};

use super::occlusion::{Occlusion, PLACES, SPOT};
use crate::crop::Gray;
use crate::scorer::Scorer;

/// Files that are kept, some 5 KB each. Twice as many, and the oldest go.
const KEPT: usize = 5000;
/// Part of every key: another way of working it out has other keys.
const VERSION: &str = "1";

/// The features of a joint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JointFeatures {
    /// The joint's label.
    pub joint: String,
    /// Its box on the film as given.
    pub bbox: BBox,
    /// What the scorer's last layer sees; empty where the box covers no pixel of the film.
    pub features: Vec<f32>,
}

fn place(key: &str) -> Option<PathBuf> {
    Some(places::cache()?.join("explain").join(format!("{key}.json")))
}

fn hashed(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())
}

/// The name of a map: weights, scale of the joint, crop, and how it is worked out.
pub(crate) fn map_key(scorer: &Scorer, joint: &Joint, crop: &Gray) -> String {
    let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let way = format!("map {VERSION} {PLACES} {SPOT}");
    let outputs = format!("{:?}", scorer.config().task.outputs(scorer.config().classes, joint));
    // Temperature, head and frequencies turn the same logits into other grades.
    let reading = format!("{:?}", scorer.config());
    let parts = [way.as_bytes(), scorer.sha256().as_bytes(), outputs.as_bytes(), reading.as_bytes()];
    hashed(&[&parts[..], &[&bytes(&crop.values), &bytes(&crop.coverage)]].concat())
}

/// The name of a film's features: weights, preprocessing, the file as it is now, and the boxes that tell a negative. `None` for a file that is gone.
pub(crate) fn features_key(scorer: &Scorer, film: &ExplainFilm) -> Option<String> {
    let data = fs::metadata(&film.path).ok()?;
    let modified = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let path = fs::canonicalize(&film.path).ok()?;
    let file = format!("{} {modified} {} {:?}", data.len(), film.turned, film.boxes);
    let way = format!("features {VERSION} {:?} {}", scorer.config().crop(), scorer.config().size);
    Some(hashed(&[way.as_bytes(), scorer.sha256().as_bytes(), path.as_os_str().as_encoded_bytes(), file.as_bytes()]))
}

/// A map that was kept.
pub fn map(key: &str) -> Option<Occlusion> {
    let map: Occlusion = read(&place(key)?)?;
    (map.falls.len() == PLACES * PLACES).then_some(map)
}

/// Keeps a map.
pub(crate) fn keep_map(key: &str, map: &Occlusion) {
    keep(key, map);
}

/// Features that were kept.
pub fn features(key: &str) -> Vec<JointFeatures> {
    place(key).and_then(|path| read(&path)).unwrap_or_default()
}

/// Keeps features.
pub(crate) fn keep_features(key: &str, features: &[JointFeatures]) {
    keep(key, features);
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn keep(key: &str, what: &(impl Serialize + ?Sized)) {
    static TRIMMED: Once = Once::new();
    let (Some(path), Ok(bytes)) = (place(key), serde_json::to_vec(what)) else { return };
    let Some(folder) = path.parent() else { return };
    // Which films were looked at is nobody else's business.
    if access::make_private_folder(folder).is_ok() {
        TRIMMED.call_once(|| trim(folder, KEPT));
        let _ = atomic::write(&path, &bytes);
    }
}

/// Removes the oldest files of a folder that has more than twice as many as are kept.
fn trim(folder: &Path, kept: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let age = |entry: &fs::DirEntry| entry.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut files: Vec<(SystemTime, PathBuf)> = entries.flatten().map(|entry| (age(&entry), entry.path())).collect();
    if files.len() <= 2 * kept {
        return;
    }
    files.sort();
    let surplus = files.len() - kept;
    for (_, path) in files.into_iter().take(surplus) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_folder_loses_its_oldest_files() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..9u64 {
            let path = folder.path().join(format!("{number}.json"));
            fs::write(&path, "{}").unwrap();
            let time = UNIX_EPOCH + std::time::Duration::from_secs(1000 + number);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        }
        trim(folder.path(), 5);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 9, "not yet twice as many");
        trim(folder.path(), 3);
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["6.json", "7.json", "8.json"]);
    }

    #[test]
    fn parts_of_a_key_do_not_run_into_each_other() {
        assert_ne!(hashed(&[b"ab", b"c"]), hashed(&[b"a", b"bc"]));
    }
}

//! What the names of foreign files and joints mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cohort::film_names;
use crate::names::nfc;
use crate::{Joint, Limb, Task, joint};

/// Patient and limb of a film's name: `UAB001-LH`, or, for data sets of hands alone, `12_L`, `12-right`.
pub(crate) fn patient_and_limb(stem: &str, given: Option<Limb>) -> Option<(String, Limb)> {
    if let Some((patient, limb)) = Limb::split_stem(stem) {
        return Some((nfc(patient).into_owned(), limb));
    }
    let stem = &*nfc(stem);
    by_side(stem, given).or_else(|| given.map(|limb| (stem.to_owned(), limb)))
}

fn by_side(stem: &str, given: Option<Limb>) -> Option<(String, Limb)> {
    let (patient, side) = stem.rsplit_once(['-', '_', ' ', '.'])?;
    let hand = match side.to_ascii_lowercase().as_str() {
        "l" | "left" => Limb::LeftHand,
        "r" | "right" => Limb::RightHand,
        _ => return None,
    };
    let limb = match given {
        None => hand,
        // What was given says hand or foot, the name says the side.
        Some(given) => Limb::ALL.into_iter().find(|limb| limb.is_hand() == given.is_hand() && limb.side() == hand.side())?,
    };
    (!patient.is_empty()).then(|| (patient.to_owned(), limb))
}

/// The joints that a foreign name can mean on a film of this limb, at most one a task. Names are our labels, joints without their limb (`mcp_2`), or
/// RAM-H1200's, with or without `BE_` or `JSN_`.
pub(crate) fn joints_named(name: &str, limb: Limb) -> Vec<&'static Joint> {
    let name = name.trim();
    let fits = |joint: &&Joint| {
        let of_ram = joint.ram_h1200.as_deref().is_some_and(|key| {
            let bare = key.strip_prefix("BE_").or_else(|| key.strip_prefix("JSN_")).unwrap_or(key);
            key.eq_ignore_ascii_case(name) || bare.eq_ignore_ascii_case(name)
        });
        joint.label.eq_ignore_ascii_case(name) || joint.joint.eq_ignore_ascii_case(name) || of_ram
    };
    let of = |task| joint::of_limb(task, limb).find(fits);
    Task::ALL.into_iter().filter_map(of).collect()
}

/// Whether a name means a joint of any limb, and of which tasks.
pub(crate) fn tasks_named(name: &str) -> Vec<Task> {
    let joints = Limb::ALL.into_iter().flat_map(|limb| joints_named(name, limb));
    let mut tasks: Vec<Task> = joints.map(|joint| joint.task).collect();
    tasks.sort_unstable();
    tasks.dedup();
    tasks
}

/// The films of some folders, found by name or by stem.
#[derive(Debug, Default)]
pub struct Films {
    by_name: BTreeMap<String, PathBuf>,
    by_stem: BTreeMap<String, PathBuf>,
}

impl Films {
    /// Lists folders; those that are not there have no films. Of two films of one name the first folder's counts.
    pub fn of(folders: &[PathBuf]) -> Self {
        let mut films = Self::default();
        for folder in folders {
            for name in film_names(folder).unwrap_or_default() {
                let path = folder.join(&name);
                films.by_stem.entry(nfc(stem(&name)).into_owned()).or_insert_with(|| path.clone());
                films.by_name.entry(nfc(&name).into_owned()).or_insert(path);
            }
        }
        films
    }

    /// The film of a name, which may carry folders in front or lack its ending.
    pub fn find(&self, name: &str) -> Option<&PathBuf> {
        let name = &*nfc(name.rsplit(['/', '\\']).next().unwrap_or(name));
        self.by_name.get(name).or_else(|| self.by_stem.get(stem(name))).or_else(|| self.by_stem.get(name))
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.by_name.values()
    }
}

/// A file's name without its ending.
pub fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The last part of a path as text.
pub fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A folder, where films may lie, and its `images`.
pub(crate) fn with_images(folder: &Path) -> [PathBuf; 2] {
    [folder.to_owned(), folder.join(crate::cohort::FILMS_FOLDER)]
}

/// The files with this ending in a folder and in the folders below it, sorted; hidden ones are none.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn files_below(folder: &Path, ending: &str, depth: usize) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = file_name(&path);
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            folders.push(path);
        } else if name.to_ascii_lowercase().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    folders.sort();
    if depth > 0 {
        for folder in folders {
            found.extend(files_below(&folder, ending, depth - 1)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_films_give_patient_and_limb() {
        let of = |stem: &str, given| patient_and_limb(stem, given).map(|(patient, limb)| format!("{patient} {limb}"));
        assert_eq!(of("UAB001-LF", None).as_deref(), Some("UAB001 LF"));
        assert_eq!(of("RAW0023_0001_rh", Some(Limb::LeftHand)).as_deref(), Some("RAW0023_0001 RH"), "the name wins");
        assert_eq!(of("0012_L", None).as_deref(), Some("0012 LH"));
        assert_eq!(of("0012-Right", Some(Limb::LeftHand)).as_deref(), Some("0012 RH"));
        assert_eq!(of("0012_L", Some(Limb::LeftFoot)).as_deref(), Some("0012 LF"));
        assert_eq!(of("scan7", Some(Limb::LeftFoot)).as_deref(), Some("scan7 LF"));
        assert_eq!((of("scan7", None), of("_L", None)), (None, None));
    }

    #[test]
    fn names_of_joints_are_ours_or_those_of_ram_h1200() {
        let of = |name: &str, limb| joints_named(name, limb).into_iter().map(|j| format!("{} {}", j.task, j.label)).collect::<Vec<_>>();
        assert_eq!(of("BE_MCP-I", Limb::LeftHand), ["erosion LH_mcp_2"]);
        assert_eq!(of("JSN_SC", Limb::RightHand), ["narrowing RH_wrist_capnlun"]);
        assert_eq!(of("MCP-T", Limb::LeftHand), ["narrowing LH_mcp_1", "erosion LH_mcp_1"]);
        assert_eq!(of("LH_mcp_2", Limb::LeftHand), ["narrowing LH_mcp_2", "erosion LH_mcp_2"]);
        assert!(of("LH_mcp_2", Limb::RightHand).is_empty() && of("BE_XYZ", Limb::LeftHand).is_empty());
        assert_eq!(tasks_named("wrist_ulna"), [Task::Erosion]);
        assert_eq!(tasks_named("mtp_1"), Task::ALL);
    }

    #[test]
    fn every_key_of_ram_h1200_means_one_joint_a_hand() {
        for joint in joint::all().filter(|joint| joint.ram_h1200.is_some()) {
            let found = joints_named(joint.ram_h1200.as_deref().unwrap(), joint.limb);
            assert_eq!(found, [joint], "{:?}", joint.ram_h1200);
        }
    }
}

//! The 86 graded joints: 42 for narrowing, 44 for erosion, with class ids, labels, columns and grade ranges.
//!
//! The table is `data/joints.json`, the one place where these facts stand.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Limb, Task};

/// Where a joint lies; metrics are given per group because the groups differ in prevalence and in scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JointGroup {
    /// PIP, MCP and the thumb's IP.
    Finger,
    /// Carpal areas, CMC, first metacarpal base, radius and ulna.
    Wrist,
    /// MTP and the big toe's IP.
    Foot,
}

impl JointGroup {
    /// All groups.
    pub const ALL: [Self; 3] = [Self::Finger, Self::Wrist, Self::Foot];

    /// Its name in tables and model cards: `finger`, `wrist`, `foot`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finger => "finger",
            Self::Wrist => "wrist",
            Self::Foot => "foot",
        }
    }
}

/// One joint of one limb under one task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Joint {
    /// What is graded here.
    #[serde(skip, default = "narrowing")]
    pub task: Task,
    /// The detector's class, 1-based; 0 is background.
    pub class_id: u8,
    /// The object name in VOC files and in every output, such as `LH_mcp_2`.
    pub label: String,
    /// The limb.
    pub limb: Limb,
    /// The joint without its limb, such as `mcp_2` or `wrist_mna`.
    pub joint: String,
    /// The column of RA2's `training.csv`, such as `LH_mcp_J__2`.
    pub ra2_column: String,
    /// The highest grade: 4, 5 or 10.
    pub max_grade: u8,
    /// The key in RAM-H1200's score files, where it has one.
    pub ram_h1200: Option<String>,
}

const fn narrowing() -> Task {
    Task::Narrowing
}

impl Joint {
    /// The joint of the other task in the same place.
    #[must_use]
    pub fn twin(&self) -> Option<&'static Joint> {
        static TWINS: LazyLock<Vec<Option<&'static Joint>>> = LazyLock::new(|| {
            let other = |joint: &Joint| by_label(if joint.task == Task::Narrowing { Task::Erosion } else { Task::Narrowing }, &joint.label);
            all().map(other).collect()
        });
        TWINS.get(self.index()).copied().flatten()
    }

    /// The group that metrics are reported by.
    #[must_use]
    pub fn group(&self) -> JointGroup {
        match self.limb.is_hand() {
            false => JointGroup::Foot,
            true if self.joint.starts_with("wrist_") => JointGroup::Wrist,
            true => JointGroup::Finger,
        }
    }

    /// The place of this joint among all 86, as [`all`] lists them: what rows of grades are addressed by.
    #[must_use]
    pub fn index(&self) -> usize {
        let before = match self.task {
            Task::Narrowing => 0,
            Task::Erosion => TABLE.narrowing.len(),
        };
        before + usize::from(self.class_id) - 1
    }

    /// The same joint of the other side: what a horizontal flip of the film turns this one into.
    #[must_use]
    pub fn mirrored(&self) -> &'static Self {
        let other = self.limb.opposite();
        let mut candidates = joints(self.task).iter();
        candidates.find(|j| j.limb == other && j.joint == self.joint).expect("the table is symmetric; a test says so")
    }
}

#[derive(Deserialize)]
struct Table {
    narrowing: Vec<Joint>,
    erosion: Vec<Joint>,
    ra2_template_columns: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table: Table = serde_json::from_str(include_str!("../data/joints.json")).expect("the built-in table parses; a test says so");
    for joint in &mut table.erosion {
        joint.task = Task::Erosion;
    }
    for joints in [&mut table.narrowing, &mut table.erosion] {
        joints.sort_by_key(|joint| joint.class_id);
    }
    table
});

/// The joints of a task in the order of their class ids: index `i` holds class `i + 1`.
#[must_use]
pub fn joints(task: Task) -> &'static [Joint] {
    match task {
        Task::Narrowing => &TABLE.narrowing,
        Task::Erosion => &TABLE.erosion,
    }
}

/// All 86 joints, narrowing first.
pub fn all() -> impl Iterator<Item = &'static Joint> {
    Task::ALL.into_iter().flat_map(joints)
}

/// How many joints the method grades.
pub const COUNT: usize = 86;

/// The joint at this place of [`all`].
#[must_use]
pub fn at(index: usize) -> Option<&'static Joint> {
    let narrowing = TABLE.narrowing.len();
    if index < narrowing { TABLE.narrowing.get(index) } else { TABLE.erosion.get(index - narrowing) }
}

/// The joints of one limb under a task.
pub fn of_limb(task: Task, limb: Limb) -> impl Iterator<Item = &'static Joint> {
    joints(task).iter().filter(move |joint| joint.limb == limb)
}

/// The joint with this VOC label.
#[must_use]
pub fn by_label(task: Task, label: &str) -> Option<&'static Joint> {
    joints(task).iter().find(|joint| joint.label == label)
}

/// The joint with this class id (1-based).
#[must_use]
pub fn by_class(task: Task, class_id: u8) -> Option<&'static Joint> {
    joints(task).get(usize::from(class_id).checked_sub(1)?)
}

/// The joint with this RA2 column.
#[must_use]
pub fn by_column(column: &str) -> Option<&'static Joint> {
    static BY_COLUMN: LazyLock<HashMap<&str, &Joint>> = LazyLock::new(|| all().map(|joint| (joint.ra2_column.as_str(), joint)).collect());
    BY_COLUMN.get(column).copied()
}

/// The 90 columns of the challenge's files, in template order.
#[must_use]
pub fn template_columns() -> &'static [String] {
    &TABLE.ra2_template_columns
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn class_ids_are_dense_and_every_joint_has_its_mirror() {
        assert_eq!((joints(Task::Narrowing).len(), joints(Task::Erosion).len()), (42, 44));
        for task in Task::ALL {
            for (index, joint) in joints(task).iter().enumerate() {
                assert_eq!(usize::from(joint.class_id), index + 1);
                assert_eq!(joint.task, task);
                assert_eq!(joint.mirrored().mirrored(), joint);
                assert_eq!(joint.label, format!("{}_{}", joint.limb, joint.joint));
            }
        }
    }

    #[test]
    fn every_joint_is_found_at_its_index_and_by_its_column() {
        assert_eq!(all().count(), COUNT);
        assert!(at(COUNT).is_none());
        for (index, joint) in all().enumerate() {
            assert_eq!((joint.index(), at(index), by_column(&joint.ra2_column)), (index, Some(joint), Some(joint)));
        }
    }

    #[test]
    fn the_maxima_are_those_of_the_method() {
        let sum = |task, hand| -> u32 {
            let of = joints(task).iter().filter(|j| j.limb.is_hand() == hand);
            of.map(|j| u32::from(j.max_grade)).sum()
        };
        assert_eq!((sum(Task::Narrowing, true), sum(Task::Narrowing, false)), (120, 48));
        assert_eq!((sum(Task::Erosion, true), sum(Task::Erosion, false)), (160, 120));
    }

    #[test]
    fn the_template_names_every_column_once() {
        let template: BTreeSet<_> = template_columns().iter().map(String::as_str).collect();
        let mut expected: BTreeSet<_> = all().map(|j| j.ra2_column.as_str()).collect();
        expected.extend(["Patient_ID", "Overall_Tol", "Overall_erosion", "Overall_narrowing"]);
        assert_eq!(template_columns().len(), 90);
        assert_eq!(template, expected);
    }
}

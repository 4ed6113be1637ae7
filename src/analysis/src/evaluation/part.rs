//! Parts of a total.

use svh_core::{Joint, Limb, Task, joint};

/// What a total covers: all, one limb, one task, or both. `None` means no restriction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part {
    /// Only joints of this limb.
    pub limb: Option<Limb>,
    /// Only this task.
    pub task: Option<Task>,
}

/// The smallest parts: four limbs by two tasks.
pub(super) const SMALLEST: usize = 8;

impl Part {
    /// The whole score, at most 448.
    pub const WHOLE: Self = Self { limb: None, task: None };

    /// The part's joints: 86 of the whole, 31 of a hand, 12 of a foot.
    pub fn joints(self) -> impl Iterator<Item = &'static Joint> {
        joint::all().filter(move |joint| self.has(joint.limb, joint.task))
    }

    /// The highest possible total.
    #[must_use]
    pub fn max(self) -> u32 {
        self.joints().map(|joint| u32::from(joint.max_grade)).sum()
    }

    fn has(self, limb: Limb, task: Task) -> bool {
        self.limb.is_none_or(|only| only == limb) && self.task.is_none_or(|only| only == task)
    }

    /// The smallest parts that it is made of, by [`smallest`].
    pub(super) fn smallest(self) -> impl Iterator<Item = usize> {
        let all = Limb::ALL.into_iter().flat_map(|limb| Task::ALL.map(|task| (limb, task)));
        all.filter(move |(limb, task)| self.has(*limb, *task)).map(|(limb, task)| smallest(limb, task))
    }
}

/// The number of a smallest part.
pub(super) const fn smallest(limb: Limb, task: Task) -> usize {
    limb.index() * 2 + task as usize
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.limb, self.task) {
            (None, None) => f.write_str("whole score"),
            (Some(limb), None) => f.write_str(limb.name()),
            (None, Some(task)) => f.write_str(task.name()),
            (Some(limb), Some(task)) => write!(f, "{task}, {}", limb.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_joints_and_maxima_of_the_method() {
        let part = |limb, task| Part { limb, task };
        assert_eq!((Part::WHOLE.joints().count(), Part::WHOLE.max()), (86, 448));
        let hand = part(Some(Limb::LeftHand), None);
        assert_eq!((hand.joints().count(), hand.max()), (31, 140));
        let foot = part(Some(Limb::RightFoot), Some(Task::Erosion));
        assert_eq!((foot.joints().count(), foot.max()), (6, 60));
        assert_eq!(Part::WHOLE.smallest().count(), SMALLEST);
        assert_eq!(foot.smallest().collect::<Vec<_>>(), [7]);
    }
}

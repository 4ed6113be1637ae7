//! The three scales that grades stand on, and the sets of joints that one metric may cover. Nothing here can mix two scales.

use serde::{Deserialize, Serialize};
use svh_core::{Joint, JointGroup, Limb, Task, joint};

/// A scale of grades. Erosion is graded 0-5 in hands and 0-10 in feet: two scales, never pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Joint space narrowing, 0-4, hands and feet.
    Narrowing,
    /// Erosion of hands, 0-5.
    HandErosion,
    /// Erosion of feet, 0-10.
    FootErosion,
}

impl Scale {
    /// All three, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Narrowing, Self::HandErosion, Self::FootErosion];

    /// The scale of a joint.
    #[must_use]
    pub const fn of(joint: &Joint) -> Self {
        match joint.task {
            Task::Narrowing => Self::Narrowing,
            Task::Erosion if joint.limb.is_hand() => Self::HandErosion,
            Task::Erosion => Self::FootErosion,
        }
    }

    /// The highest grade: 4, 5, 10.
    #[must_use]
    pub const fn max_grade(self) -> u8 {
        match self {
            Self::Narrowing => 4,
            Self::HandErosion => 5,
            Self::FootErosion => 10,
        }
    }

    /// What is graded.
    #[must_use]
    pub const fn task(self) -> Task {
        match self {
            Self::Narrowing => Task::Narrowing,
            Self::HandErosion | Self::FootErosion => Task::Erosion,
        }
    }

    /// The name in JSON and tables: `narrowing`, `hand_erosion`, `foot_erosion`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Narrowing => "narrowing",
            Self::HandErosion => "hand_erosion",
            Self::FootErosion => "foot_erosion",
        }
    }

    /// The name in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Narrowing => "narrowing",
            Self::HandErosion => "hand erosion",
            Self::FootErosion => "foot erosion",
        }
    }

    /// The joint groups that have joints on this scale.
    #[must_use]
    pub const fn groups(self) -> &'static [JointGroup] {
        match self {
            Self::Narrowing => &JointGroup::ALL,
            Self::HandErosion => &[JointGroup::Finger, JointGroup::Wrist],
            Self::FootErosion => &[JointGroup::Foot],
        }
    }
}

/// Some joints of one scale: what a distribution, a confusion matrix or a kappa may cover. `None` means no restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The scale.
    pub scale: Scale,
    /// Only joints of this group.
    pub group: Option<JointGroup>,
    /// Only joints of this limb.
    pub limb: Option<Limb>,
    /// Only this joint, by its name without the limb (`mcp_2`): both sides, unless `limb` says one.
    pub joint: Option<&'static str>,
}

impl Scope {
    /// All joints of a scale.
    #[must_use]
    pub const fn all(scale: Scale) -> Self {
        Self { scale, group: None, limb: None, joint: None }
    }

    /// The joints of a group on a scale.
    #[must_use]
    pub const fn group(scale: Scale, group: JointGroup) -> Self {
        Self { group: Some(group), ..Self::all(scale) }
    }

    /// One joint of one limb.
    #[must_use]
    pub fn one(joint: &'static Joint) -> Self {
        Self { scale: Scale::of(joint), group: Some(joint.group()), limb: Some(joint.limb), joint: Some(&joint.joint) }
    }

    /// Whether a joint belongs to it.
    #[must_use]
    pub fn has(&self, joint: &Joint) -> bool {
        Scale::of(joint) == self.scale
            && self.group.is_none_or(|group| group == joint.group())
            && self.limb.is_none_or(|limb| limb == joint.limb)
            && self.joint.is_none_or(|name| name == joint.joint)
    }

    /// Its joints.
    pub fn joints(self) -> impl Iterator<Item = &'static Joint> {
        joint::all().filter(move |joint| self.has(joint))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.scale.describe())?;
        if let Some(limb) = self.limb {
            write!(f, ", {}", limb.name())?;
        }
        match (self.joint, self.group) {
            (Some(joint), _) => write!(f, ", {joint}"),
            (None, Some(group)) => write!(f, ", {}", group.name()),
            (None, None) => Ok(()),
        }
    }
}

/// How a cohort's joints are divided for a list of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// The three scales.
    Scale,
    /// Task and limb: the paper's figure 8.6.1.
    Limb,
    /// Scale and joint group.
    Group,
    /// Scale and joint, both sides together.
    Joint,
    /// Each of the 86 joints.
    Side,
}

impl Split {
    /// Its parts, narrowing first; no joint is in two of them.
    #[must_use]
    pub fn scopes(self) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = Vec::new();
        for joint in joint::all() {
            let scale = Scale::of(joint);
            let scope = match self {
                Self::Scale => Scope::all(scale),
                Self::Limb => Scope { limb: Some(joint.limb), ..Scope::all(scale) },
                Self::Group => Scope::group(scale, joint.group()),
                Self::Joint => Scope { limb: None, ..Scope::one(joint) },
                Self::Side => Scope::one(joint),
            };
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes.sort_by_key(|scope| (scope.scale, scope.limb, scope.group));
        scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_holds_every_joint_once_and_keeps_the_scales_apart() {
        let sizes = [(Split::Scale, 3), (Split::Limb, 8), (Split::Group, 6), (Split::Joint, 43), (Split::Side, 86)];
        for (split, size) in sizes {
            let scopes = split.scopes();
            assert_eq!(scopes.len(), size, "{split:?}");
            let mut seen = vec![0; joint::COUNT];
            for scope in scopes {
                for joint in scope.joints() {
                    seen[joint.index()] += 1;
                    assert_eq!(joint.max_grade, scope.scale.max_grade());
                }
            }
            assert_eq!(seen, vec![1; joint::COUNT], "{split:?}");
        }
    }
}

//! The names of a detector's errors, finer than TIDE's.

use serde::{Deserialize, Serialize};
use svh_core::Joint;

/// What is wrong. With the boxes of one task on one film, TIDE's Class and Other are Side, Limb, Neighbour and Other here; Box is Localisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ErrorKind {
    /// A joint without a box: nothing found it, nor would another box find it if it were named or placed better.
    Missed,
    /// A box where no joint is (IoU of at most 0.1 with every one).
    Background,
    /// A second box on a joint that a better-scored one has found.
    Duplicate,
    /// The right joint, badly placed (IoU 0.1 to 0.5).
    Localisation,
    /// The same joint of the other side.
    Side,
    /// A hand's joint on a foot, or the reverse.
    Limb,
    /// An adjacent joint of the same limb: the next ray or the next row.
    Neighbour,
    /// Any other confusion of joints, and boxes that lie on no joint well enough to be called a confusion.
    Other,
    /// A joint that the detector missed and the shape model placed; the IoU tells how well.
    Inferred,
}

impl ErrorKind {
    /// All, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::Missed,
        Self::Background,
        Self::Duplicate,
        Self::Localisation,
        Self::Side,
        Self::Limb,
        Self::Neighbour,
        Self::Other,
        Self::Inferred,
    ];

    /// The place in [`ErrorKind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missed => "Missed",
            Self::Background => "Background",
            Self::Duplicate => "Duplicate",
            Self::Localisation => "Localisation",
            Self::Side => "Side",
            Self::Limb => "Limb",
            Self::Neighbour => "Neighbour",
            Self::Other => "Other",
            Self::Inferred => "Inferred",
        }
    }

    /// What it means, in a few words for a help line.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Missed => "no box on the joint",
            Self::Background => "a box where no joint is",
            Self::Duplicate => "a second box on a joint",
            Self::Localisation => "the right joint, badly placed",
            Self::Side => "the joint of the other side",
            Self::Limb => "a hand's joint on a foot, or the reverse",
            Self::Neighbour => "the next ray or row",
            Self::Other => "another joint",
            Self::Inferred => "missed, and placed by the shape model",
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for ErrorKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("`{text}` is not a kind of error; use one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// What it is called when a box on the joint `reference` is labelled `model`.
#[must_use]
pub fn class_error(reference: &Joint, model: &Joint) -> ErrorKind {
    if reference.limb.is_hand() != model.limb.is_hand() {
        ErrorKind::Limb
    } else if reference.limb != model.limb {
        if reference.joint == model.joint { ErrorKind::Side } else { ErrorKind::Other }
    } else if adjacent(&reference.joint, &model.joint) {
        ErrorKind::Neighbour
    } else {
        ErrorKind::Other
    }
}

/// Pairs of adjacent joints that the rule of rays and rows does not give: the wrist, where joints share bones, and the big toe.
const ADJACENT: [(&str, &str); 22] = [
    ("mcp_ip", "mcp_1"),
    ("mcp_ip", "pip_2"),
    ("mtp_ip", "mtp_1"),
    ("mcp_1", "wrist_mc1"),
    ("mcp_3", "wrist_cmc3"),
    ("mcp_4", "wrist_cmc4"),
    ("mcp_5", "wrist_cmc5"),
    ("wrist_cmc3", "wrist_cmc4"),
    ("wrist_cmc4", "wrist_cmc5"),
    ("wrist_cmc3", "wrist_mna"),
    ("wrist_cmc3", "wrist_capnlun"),
    ("wrist_cmc4", "wrist_capnlun"),
    ("wrist_mna", "wrist_capnlun"),
    ("wrist_mna", "wrist_radcar"),
    ("wrist_capnlun", "wrist_radcar"),
    ("wrist_mc1", "wrist_mul"),
    ("wrist_mul", "wrist_nav"),
    ("wrist_nav", "wrist_lunate"),
    ("wrist_nav", "wrist_radius"),
    ("wrist_lunate", "wrist_radius"),
    ("wrist_lunate", "wrist_ulna"),
    ("wrist_radius", "wrist_ulna"),
];

/// Whether two joints of one limb, named without it, are next to each other along a row (PIP, MCP, MTP) or along a ray.
fn adjacent(one: &str, other: &str) -> bool {
    let place = |name: &str| {
        let (row, ray) = name.rsplit_once('_')?;
        Some((row.to_owned(), ray.parse::<i32>().ok()?))
    };
    let by_rule = match (place(one), place(other)) {
        (Some((row, ray)), Some((other_row, other_ray))) if row == other_row => (ray - other_ray).abs() == 1,
        // PIP and MCP of one finger.
        (Some((_, ray)), Some((_, other_ray))) => ray == other_ray,
        _ => false,
    };
    by_rule || ADJACENT.contains(&(one, other)) || ADJACENT.contains(&(other, one))
}

#[cfg(test)]
mod tests {
    use svh_core::{Task, joint};

    use super::*;

    fn called(task: Task, reference: &str, model: &str) -> ErrorKind {
        let of = |label| joint::by_label(task, label).unwrap();
        assert_eq!(class_error(of(reference), of(model)), class_error(of(model), of(reference)), "{reference} {model}");
        class_error(of(reference), of(model))
    }

    #[test]
    fn confusions_are_named_after_anatomy() {
        let narrowing = |reference, model| called(Task::Narrowing, reference, model);
        assert_eq!(narrowing("LH_mcp_2", "RH_mcp_2"), ErrorKind::Side);
        assert_eq!(narrowing("LH_mcp_2", "RH_mcp_3"), ErrorKind::Other);
        assert_eq!(narrowing("LH_mcp_2", "LF_mtp_2"), ErrorKind::Limb);
        assert_eq!(narrowing("LH_mcp_2", "RF_mtp_ip"), ErrorKind::Limb);
        assert_eq!(narrowing("LH_mcp_2", "LH_mcp_3"), ErrorKind::Neighbour);
        assert_eq!(narrowing("LH_mcp_2", "LH_pip_2"), ErrorKind::Neighbour);
        assert_eq!(narrowing("LH_mcp_2", "LH_mcp_4"), ErrorKind::Other);
        assert_eq!(narrowing("LH_mcp_2", "LH_pip_3"), ErrorKind::Other);
        assert_eq!(narrowing("RF_mtp_ip", "RF_mtp_1"), ErrorKind::Neighbour);
        assert_eq!(narrowing("RF_mtp_ip", "RF_mtp_2"), ErrorKind::Other);
        assert_eq!(called(Task::Erosion, "LH_wrist_radius", "LH_wrist_ulna"), ErrorKind::Neighbour);
        assert_eq!(called(Task::Erosion, "LH_wrist_mul", "LH_wrist_ulna"), ErrorKind::Other);
    }

    #[test]
    fn every_name_in_the_table_is_a_joint_and_every_joint_has_a_neighbour() {
        for (one, other) in ADJACENT {
            for name in [one, other] {
                assert!(joint::all().any(|joint| joint.joint == name), "{name}");
            }
        }
        for task in Task::ALL {
            for joint in joint::joints(task) {
                let near = |other: &&Joint| other.limb == joint.limb && adjacent(&other.joint, &joint.joint);
                assert!(joint::joints(task).iter().any(|other| near(&other)), "{task} {}", joint.label);
            }
        }
    }
}

//! Joints as readers name and order them: fingers from the second to the fifth, then down to the wrist.

use std::{collections::HashMap, sync::LazyLock};

use svh_analysis::Scope;
use svh_core::{Joint, JointGroup, Limb, Proposal, Task, joint};

/// Joint, short name, name in words; in the order of lists.
const NAMES: [(&str, &str, &str); 24] = [
    ("mcp_ip", "IP 1", "interphalangeal joint of the thumb"),
    ("pip_2", "PIP 2", "proximal interphalangeal joint 2"),
    ("pip_3", "PIP 3", "proximal interphalangeal joint 3"),
    ("pip_4", "PIP 4", "proximal interphalangeal joint 4"),
    ("pip_5", "PIP 5", "proximal interphalangeal joint 5"),
    ("mcp_1", "MCP 1", "metacarpophalangeal joint 1"),
    ("mcp_2", "MCP 2", "metacarpophalangeal joint 2"),
    ("mcp_3", "MCP 3", "metacarpophalangeal joint 3"),
    ("mcp_4", "MCP 4", "metacarpophalangeal joint 4"),
    ("mcp_5", "MCP 5", "metacarpophalangeal joint 5"),
    ("wrist_mc1", "MC 1 base", "base of the first metacarpal"),
    ("wrist_cmc3", "CMC 3", "carpometacarpal joint 3"),
    ("wrist_cmc4", "CMC 4", "carpometacarpal joint 4"),
    ("wrist_cmc5", "CMC 5", "carpometacarpal joint 5"),
    ("wrist_mna", "mul-nav", "multangular-navicular joint"),
    ("wrist_capnlun", "cap-nav-lun", "capitate-navicular-lunate joint"),
    ("wrist_radcar", "radiocarpal", "radiocarpal joint"),
    ("wrist_mul", "multangular", "multangular"),
    ("wrist_nav", "navicular", "navicular"),
    ("wrist_lunate", "lunate", "lunate"),
    ("wrist_radius", "radius", "distal radius"),
    ("wrist_ulna", "ulna", "distal ulna"),
    ("mtp_ip", "IP 1", "interphalangeal joint of the big toe"),
    ("mtp_1", "MTP 1", "metatarsophalangeal joint 1"),
];

fn rank(joint: &Joint) -> usize {
    NAMES.iter().position(|(name, ..)| *name == joint.joint).unwrap_or(NAMES.len())
}

/// The joints of a limb in the order of lists.
#[must_use]
pub fn ordered(task: Task, limb: Limb) -> &'static [&'static Joint] {
    static ORDERED: LazyLock<HashMap<(Task, Limb), Vec<&'static Joint>>> = LazyLock::new(|| {
        let every = Task::ALL.into_iter().flat_map(|task| Limb::ALL.map(|limb| (task, limb)));
        every
            .map(|(task, limb)| {
                let mut joints: Vec<_> = joint::of_limb(task, limb).collect();
                // The toes 2 to 5 are not in the table; their ids follow their numbers.
                joints.sort_by_key(|joint| (rank(joint), joint.class_id));
                ((task, limb), joints)
            })
            .collect()
    });
    ORDERED.get(&(task, limb)).map_or(&[], Vec::as_slice)
}

/// An unreviewed proposal, in words.
#[must_use]
pub fn proposal(proposal: Proposal) -> String {
    match proposal {
        Proposal { inferred: true, .. } => "proposed by the shape model, unreviewed".to_owned(),
        Proposal { implausible: true, score, .. } => format!("proposed in an unlikely place, score {score:.2}, unreviewed"),
        Proposal { score, .. } => format!("proposed, score {score:.2}, unreviewed"),
    }
}

/// The short name, at most eleven letters: `MCP 2`.
#[must_use]
pub fn short(joint: &Joint) -> String {
    let exact = NAMES.iter().find(|(name, ..)| *name == joint.joint);
    let toe = || joint.joint.strip_prefix("mtp_").map(|number| format!("MTP {number}"));
    exact.map(|(_, short, _)| (*short).to_owned()).or_else(toe).unwrap_or_else(|| joint.joint.clone())
}

/// The name in words, without its limb.
#[must_use]
pub fn long(joint: &Joint) -> String {
    let exact = NAMES.iter().find(|(name, ..)| *name == joint.joint);
    let toe = || joint.joint.strip_prefix("mtp_").map(|number| format!("metatarsophalangeal joint {number}"));
    exact.map(|(.., long)| (*long).to_owned()).or_else(toe).unwrap_or_else(|| joint.joint.clone())
}

/// A joint group in words.
#[must_use]
pub const fn group(group: JointGroup) -> &'static str {
    match group {
        JointGroup::Finger => "fingers",
        JointGroup::Wrist => "wrists",
        JointGroup::Foot => "feet",
    }
}

/// The joints of a metric in words: `narrowing, left hand`, `hand erosion, MCP 2`.
#[must_use]
pub fn scope(scope: &Scope) -> String {
    let Some(name) = scope.joint else {
        let part = scope.limb.map(svh_core::Limb::name).or_else(|| scope.group.filter(|_| scope.scale.groups().len() > 1).map(group));
        return part.map_or_else(|| scope.scale.describe().to_owned(), |part| format!("{}, {part}", scope.scale.describe()));
    };
    let joint = scope.joints().next().map_or_else(|| name.to_owned(), short);
    let limb = scope.limb.map_or_else(String::new, |limb| format!("{limb} "));
    let foot = if scope.limb.is_none() && name.starts_with("mtp_ip") { " (toe)" } else { "" };
    format!("{}, {limb}{joint}{foot}", scope.scale.describe())
}

/// What a grade means, in a few words.
#[must_use]
pub fn meaning(joint: &Joint, grade: u8) -> &'static str {
    match (joint.task, joint.limb.is_hand(), grade) {
        (_, _, 0) => "normal",
        (Task::Narrowing, _, 1) => "focal or doubtful",
        (Task::Narrowing, _, 2) => "more than half of the space left",
        (Task::Narrowing, _, 3) => "less than half left, or subluxation",
        (Task::Narrowing, ..) => "ankylosis or luxation",
        (Task::Erosion, true, 5) => "complete collapse",
        (Task::Erosion, false, 10) => "complete collapse on both sides",
        (Task::Erosion, true, _) => "discrete erosions, by extent",
        (Task::Erosion, false, _) => "erosions of both sides added",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_joint_can_be_written_over_a_picture() {
        for letter in svh_core::joint::all().flat_map(|joint| format!("{}{}", joint.label, short(joint)).chars().collect::<Vec<_>>()) {
            assert!(letter == ' ' || svh_terminal::font::has(letter), "no glyph for {letter:?}");
        }
    }

    #[test]
    fn every_joint_has_a_short_and_a_long_name_and_they_are_told_apart_on_a_film() {
        for task in Task::ALL {
            for limb in Limb::ALL {
                let joints = ordered(task, limb);
                assert_eq!(joints.len(), joint::of_limb(task, limb).count());
                let mut names: Vec<_> = joints.iter().map(|joint| short(joint)).collect();
                assert!(names.iter().all(|name| name.len() <= 11 && !name.contains('_')), "{names:?}");
                assert!(joints.iter().all(|joint| !long(joint).contains('_')));
                names.sort();
                names.dedup();
                assert_eq!(names.len(), joints.len());
            }
        }
    }

    #[test]
    fn lists_go_from_the_fingers_to_the_wrist() {
        let names: Vec<_> = ordered(Task::Narrowing, Limb::LeftHand).iter().map(|joint| short(joint)).collect();
        assert_eq!(names[0], "PIP 2");
        assert_eq!(names[4], "MCP 1");
        assert_eq!(names[14], "radiocarpal");
        let toes: Vec<_> = ordered(Task::Erosion, Limb::RightFoot).iter().map(|joint| short(joint)).collect();
        assert_eq!(toes, ["IP 1", "MTP 1", "MTP 2", "MTP 3", "MTP 4", "MTP 5"]);
    }
}

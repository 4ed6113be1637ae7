//! What the other joints of a patient say about one: disease keeps to patients, limbs and neighbours.

use svh_core::{Joint, JointGroup};

/// What stands in a context, in this order: the mean severity of the limb's other joints, of the patient's other limbs, and of the joint's neighbours.
/// Severity is the expected grade over the highest, 0 to 1.
pub const PARTS: usize = 3;

/// The context of every joint; `None` for a part without joints. `joints` are one patient's, of one task, with their severities.
#[must_use]
pub fn of_patient(joints: &[(&'static Joint, f32)]) -> Vec<[Option<f32>; PARTS]> {
    joints
        .iter()
        .map(|(joint, _)| {
            let mean = |belongs: &dyn Fn(&Joint) -> bool| {
                let others = joints.iter().filter(|(other, _)| other.index() != joint.index() && belongs(other));
                let (sum, count) = others.fold((0.0, 0u32), |(sum, n), (_, severity)| (sum + severity, n + 1));
                (count > 0).then(|| sum / count as f32)
            };
            [mean(&|other| other.limb == joint.limb), mean(&|other| other.limb != joint.limb), mean(&|other| are_neighbours(joint, other))]
        })
        .collect()
}

/// The same joint of the other side, the same row of the next ray, and all joints of one wrist.
fn are_neighbours(a: &Joint, b: &Joint) -> bool {
    if a.limb != b.limb {
        return a.mirrored().index() == b.index();
    }
    if a.group() == JointGroup::Wrist || b.group() == JointGroup::Wrist {
        return a.group() == b.group();
    }
    match (row_and_ray(&a.joint), row_and_ray(&b.joint)) {
        (Some((row, ray)), Some((other, next))) => row == other && ray.abs_diff(next) == 1,
        _ => false,
    }
}

/// `mcp_2` is row `mcp`, ray 2; the interphalangeal joints of thumb and big toe stand alone.
fn row_and_ray(name: &str) -> Option<(&str, u8)> {
    let (row, ray) = name.rsplit_once('_')?;
    Some((row, ray.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use svh_core::{Task, joint};

    use super::*;

    #[test]
    fn a_joint_is_told_of_its_limb_its_patient_and_its_neighbours() {
        let severities = [("LH_mcp_2", 0.9), ("LH_mcp_3", 0.5), ("LH_mcp_5", 0.1), ("RH_mcp_2", 0.3), ("LF_mtp_1", 0.0)];
        let joints: Vec<_> = severities.map(|(label, severity)| (joint::by_label(Task::Narrowing, label).unwrap(), severity)).into();
        let found = of_patient(&joints);
        let [limb, others, neighbours] = found[0].map(Option::unwrap);
        assert!((limb - 0.3).abs() < 1e-6 && (others - 0.15).abs() < 1e-6, "mean of 0.5 and 0.1; of 0.3 and 0");
        assert!((neighbours - 0.4).abs() < 1e-6, "mean of mcp_3 and the other hand's mcp_2");
        assert_eq!(found[2][2], None, "mcp_5 has neither mcp_4 nor its mirror here");
        assert_eq!(found[4][0], None);
    }

    #[test]
    fn the_joints_of_one_wrist_are_neighbours() {
        let at = |label| joint::by_label(Task::Narrowing, label).unwrap();
        assert!(are_neighbours(at("LH_wrist_cmc3"), at("LH_wrist_radcar")));
        assert!(!are_neighbours(at("LH_wrist_cmc3"), at("LH_mcp_3")));
        assert!(!are_neighbours(at("LF_mtp_1"), at("LF_mtp_ip")));
    }
}

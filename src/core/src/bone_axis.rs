//! The direction of the bones at a joint, from the boxes of its neighbours.

use crate::Joint;

/// Up the film: limbs are held so.
const UP: (f32, f32) = (0.0, -1.0);

/// The direction from the nearer to the farther bone as a unit vector in the film; `centres` are those of the film's boxes, by joint without limb.
#[must_use]
pub fn of(joint: &Joint, centres: &[(&str, (f32, f32))]) -> (f32, f32) {
    let at = |name: &str| centres.iter().find(|(known, _)| *known == name).map(|(_, centre)| *centre);
    let between = |(from, to): (String, String)| {
        let ((x0, y0), (x1, y1)) = at(&from).zip(at(&to))?;
        let length = (x1 - x0).hypot(y1 - y0);
        (length > 1.0).then(|| ((x1 - x0) / length, (y1 - y0) / length))
    };
    pairs(&joint.joint).into_iter().find_map(between).unwrap_or(UP)
}

/// Pairs of joints whose line is the bones' direction, the best first.
fn pairs(name: &str) -> Vec<(String, String)> {
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let ray = name.chars().last().filter(char::is_ascii_digit);
    match (name.split('_').next().unwrap_or_default(), ray) {
        // The thumb has its IP in the erosion labels alone.
        ("mcp", None | Some('1')) => vec![pair("mcp_1", "mcp_ip"), pair("wrist_mna", "mcp_1"), pair("wrist_mc1", "mcp_1")],
        ("pip" | "mcp", Some(ray)) => vec![(format!("mcp_{ray}"), format!("pip_{ray}"))],
        ("mtp", _) => vec![pair("mtp_1", "mtp_ip")],
        // The carpus, and the bones on both sides of it, lie along the third ray.
        _ => ["wrist_radcar", "wrist_capnlun", "wrist_lunate"].map(|from| pair(from, "mcp_3")).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Task, joint};

    use super::*;

    #[test]
    fn a_finger_points_from_its_mcp_to_its_pip_and_a_lone_box_up_the_film() {
        let mcp = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
        let centres = [("mcp_2", (10.0, 50.0)), ("pip_2", (40.0, 10.0)), ("pip_3", (0.0, 0.0))];
        assert_eq!(of(mcp, &centres), (0.6, -0.8));
        assert_eq!(of(joint::by_label(Task::Narrowing, "LH_pip_2").unwrap(), &centres), (0.6, -0.8));
        assert_eq!(of(mcp, &centres[..1]), UP);
        let toe = joint::by_label(Task::Erosion, "RF_mtp_4").unwrap();
        assert_eq!(of(toe, &[("mtp_1", (0.0, 30.0)), ("mtp_ip", (0.0, 0.0))]), (0.0, -1.0));
    }
}

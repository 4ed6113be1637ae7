//! Which joint a reader means by a few letters.

use svh_core::Joint;

use crate::tui::names;

/// Letters and digits alone, in lower case: `MCP 2`, `mcp2` and `LH_mcp_2` are the same then, up to the limb.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The joints that a text can mean, the likeliest first: names that are it, that begin so, that hold it.
#[must_use]
pub fn matches(text: &str, joints: &[&'static Joint]) -> Vec<&'static Joint> {
    let wanted = plain(text);
    let rank = |joint: &Joint| {
        let spelled = [plain(&names::short(joint)), plain(&joint.label), plain(&joint.joint)];
        let any = |fits: &dyn Fn(&String) -> bool| spelled.iter().any(fits);
        match () {
            () if any(&|name| *name == wanted) => Some(0),
            () if any(&|name| name.starts_with(&wanted)) => Some(1),
            () if any(&|name| name.contains(&wanted)) => Some(2),
            () => None,
        }
    };
    let mut found: Vec<_> = joints.iter().filter_map(|joint| Some((rank(joint)?, *joint))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, joint)| joint).collect()
}

#[cfg(test)]
mod tests {
    use svh_core::{Limb, Task};

    use super::*;

    #[test]
    fn a_few_letters_name_a_joint_in_every_spelling() {
        let joints = names::ordered(Task::Narrowing, Limb::LeftHand);
        let first = |text: &str| matches(text, joints).first().map(|joint| joint.label.clone());
        for text in ["MCP 2", "mcp2", "LH_mcp_2", "mcp_2"] {
            assert_eq!(first(text).as_deref(), Some("LH_mcp_2"), "{text}");
        }
        assert_eq!(first("radio").as_deref(), Some("LH_wrist_radcar"));
        assert_eq!(first("cmc5").as_deref(), Some("LH_wrist_cmc5"));
        assert_eq!((first("toe"), matches("", joints).len()), (None, joints.len()));
    }
}

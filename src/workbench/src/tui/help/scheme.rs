//! The scoring scheme as a page: areas, grades and maxima, added up from the table of joints.

use svh_core::{Limb, Task, joint};

use super::state::Line;
use crate::tui::theme::Theme;

/// Number of joints and the highest grade and sum of a task over a pair of limbs.
struct Scale {
    joints: usize,
    most: u8,
    sum: u32,
}

fn scale(task: Task, hand: bool) -> Scale {
    let joints = || joint::joints(task).iter().filter(|joint| joint.limb.is_hand() == hand);
    Scale {
        joints: joints().filter(|joint| matches!(joint.limb, Limb::LeftHand | Limb::LeftFoot)).count(),
        most: joints().map(|joint| joint.max_grade).max().unwrap_or(0),
        sum: joints().map(|joint| u32::from(joint.max_grade)).sum(),
    }
}

/// The page.
#[must_use]
pub fn lines(theme: Theme, width: usize) -> Vec<Line> {
    let [nh, nf, eh, ef] = [(Task::Narrowing, true), (Task::Narrowing, false), (Task::Erosion, true), (Task::Erosion, false)]
        .map(|(task, hand)| scale(task, hand));
    let (narrowing, erosion) = (nh.sum + nf.sum, eh.sum + ef.sum);
    let title = |text: String| vec![(text, theme.title())];
    let text = |text: &str| vec![(text.to_owned(), theme.text())];
    let muted = |text: &str| vec![(text.to_owned(), theme.muted())];
    let grade = |grades: &str, meaning: &str| vec![(format!("  {grades:<7}"), theme.key()), (meaning.to_owned(), theme.text())];
    // Narrow windows have narrower columns.
    let columns = if width >= 66 { (22, 26) } else { (22, 18) };
    let row = |area: &str, hand: &str, foot: &str| text(&format!("{area:<a$}{hand:<b$}{foot}", a = columns.0, b = columns.1));
    let scale = |scale: &Scale| format!("{} joints, 0–{}", scale.joints, scale.most);
    let most = |scale: &Scale| format!("{} (both)", scale.sum);
    vec![
        title(format!("The Sharp/van der Heijde method: {} joints, total 0–{}", joint::all().count(), narrowing + erosion)),
        Line::new(),
        muted(&format!("{:<a$}{:<b$}{}", "", "each hand", "each foot", a = columns.0, b = columns.1)),
        row("joint space narrowing", &scale(&nh), &scale(&nf)),
        row(&format!("  at most {narrowing}"), &most(&nh), &most(&nf)),
        row("erosion", &scale(&eh), &scale(&ef)),
        row(&format!("  at most {erosion}"), &most(&eh), &most(&ef)),
        Line::new(),
        title("Joint space narrowing".to_owned()),
        grade("0", "normal"),
        grade("1", "focal or doubtful narrowing"),
        grade("2", "general, more than half of the space left"),
        grade("3", "general, less than half left, or subluxation"),
        grade("4", "bony ankylosis or complete luxation"),
        muted("  hand: PIP 2-5, MCP 1-5, CMC 3-5, multangular-navicular,"),
        muted("        capitate-navicular-lunate, radiocarpal"),
        muted("  foot: MTP 1-5, IP of the big toe"),
        Line::new(),
        title("Erosion".to_owned()),
        grade("0", "none"),
        grade("1", "discrete"),
        grade("2-4", "larger, by the surface that is lost; 3 passes the middle of the bone"),
        grade("5", "complete collapse of the bone"),
        grade("0-10", "foot: 0-5 on each side of the joint, added"),
        muted("  hand: IP of the thumb, PIP 2-5, MCP 1-5, base of MC 1, multangular,"),
        muted("        navicular, lunate, radius, ulna"),
        muted("  foot: MTP 1-5, IP of the big toe"),
        Line::new(),
        muted("A total always comes with the number of graded joints: a missing joint is not a 0."),
    ]
}

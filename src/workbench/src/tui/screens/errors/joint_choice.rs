//! The cursor among the joints of both limbs, where errors are counted by joint.

use crossterm::event::{MouseEvent, MouseEventKind};
use svh_analysis::ErrorFilter;
use svh_core::Task;

use super::{
    joints,
    layout::Layout,
    order::arrange,
    state::{GradeErrorFilter, View},
};
use crate::tui::{action::Action, state::State as Whole};

/// Chooses the joint of a line, or of the last line.
pub fn choose_joint(state: &mut Whole, task: Task, (line, right): (usize, bool)) {
    state.errors.task = task;
    state.errors.joint = (line.min(joints::pairs(task).len().saturating_sub(1)), right);
}

/// Moves the cursor among the joints.
pub fn move_joint(state: &mut Whole, action: Action) {
    let (line, right) = state.errors.joint;
    let joint = match action {
        Action::Up => (line.saturating_sub(1), right),
        Action::Down => (line + 1, right),
        Action::Left => (line, false),
        Action::Right => (line, true),
        Action::Top => (0, right),
        Action::Bottom => (usize::MAX, right),
        _ => return,
    };
    choose_joint(state, state.errors.task, joint);
}

/// From a joint to its errors after the best-box rule.
pub fn only_joint(state: &mut Whole) {
    let (line, right) = state.errors.joint;
    let Some(pair) = joints::pairs(state.errors.task).get(line).copied() else { return };
    let joint = pair.side(right);
    state.errors.filter = ErrorFilter {
        task: Some(joint.task),
        limb: Some(joint.limb),
        joint: Some(joint.joint.clone()),
        kept: true,
        ..ErrorFilter::default()
    };
    state.errors.grade_filter = GradeErrorFilter::default();
    state.errors.tags.clear();
    state.errors.view = View::List;
    arrange(state);
}

/// The mouse over the joints: its wheel moves the cursor, a press chooses a joint and once more lists its errors.
pub fn press_joint(state: &mut Whole, mouse: MouseEvent, layout: &Layout) {
    match mouse.kind {
        MouseEventKind::ScrollDown => move_joint(state, Action::Down),
        MouseEventKind::ScrollUp => move_joint(state, Action::Up),
        MouseEventKind::Down(_) => match joints::at(state.errors.task, layout.rest, mouse.column, mouse.row) {
            Some((task, line, right)) if (state.errors.task, state.errors.joint) == (task, (line, right)) => only_joint(state),
            Some((task, line, right)) => choose_joint(state, task, (line, right)),
            None => {}
        },
        _ => {}
    }
}

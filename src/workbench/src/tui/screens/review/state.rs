//! The state of the reviews.

use std::{collections::HashMap, sync::Arc};

use svh_core::{
    BBox,
    review::{Before, queue::Queue},
};

use super::{
    edit::Edit,
    line::{Line, List},
};

/// An answer that is not locked yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Draft {
    /// The box.
    pub bbox: Option<BBox>,
    /// The grade.
    pub grade: Option<u8>,
}

/// The list at hand and what is being done.
#[derive(Clone, Debug)]
pub struct State {
    /// The list.
    pub list: List,
    /// The user, or the first look at the queue, has chosen the list.
    pub chosen: bool,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The chosen line.
    pub cursor: usize,
    /// The first line on the screen.
    pub offset: usize,
    /// The queue, or the one before as long as a new one is worked out.
    pub queue: Arc<Queue>,
    /// Models know more than the queue.
    pub stale: bool,
    /// A queue is being worked out.
    pub working: bool,
    /// Joints are looked at closely.
    pub close: bool,
    /// What was searched for last.
    pub search: String,
    /// A box in hand.
    pub edit: Option<Edit>,
    /// What was there when the box was taken in hand, or the question asked.
    pub opened: Option<Before>,
    /// Answers that are not locked yet, by the patient's place and the joint's index.
    pub drafts: HashMap<(usize, usize), Draft>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: List::Film,
            chosen: false,
            lines: Vec::new(),
            cursor: 0,
            offset: 0,
            queue: Arc::default(),
            stale: true,
            working: false,
            close: true,
            search: String::new(),
            edit: None,
            opened: None,
            drafts: HashMap::new(),
        }
    }
}

impl State {
    /// The chosen line.
    #[must_use]
    pub fn line(&self) -> Option<&Line> {
        self.lines.get(self.cursor)
    }
}

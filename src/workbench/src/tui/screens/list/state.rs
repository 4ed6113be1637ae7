//! The state of the list.

use std::collections::{BTreeSet, HashMap};

use svh_core::{Joint, review::standing::StandingBox};

use super::columns::Column;
use crate::{selection::Selection, tui::table::Table};

/// One joint on every film, to be graded crop by crop.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The joint, of either side.
    pub joint: &'static Joint,
    /// The box of each entry, by its place in the list.
    pub boxes: HashMap<usize, StandingBox>,
}

/// What has been gathered, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// The entries.
    pub selection: Selection,
    /// Their order and the cursor.
    pub table: Table<Column>,
    /// Lines instead of crops.
    pub lines: bool,
    /// Places of marked entries: what is done is done to all of them.
    pub marked: BTreeSet<u32>,
    /// The words of the filter; empty where all are shown.
    pub filter: String,
    /// The list is a pass over one joint.
    pub pass: Option<Pass>,
    /// How many entries have a grade that a reader gave or confirmed here.
    pub reviewed: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            table: Table::new(Column::Place, false),
            lines: false,
            marked: BTreeSet::new(),
            filter: String::new(),
            pass: None,
            reviewed: 0,
        }
    }
}

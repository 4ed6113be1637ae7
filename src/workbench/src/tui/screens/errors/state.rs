//! The state of the errors.

use std::ops::RangeInclusive;

use svh_analysis::{ErrorCounts, ErrorFilter, GradeError};
use svh_core::Task;

use super::columns::{Column, GradeColumn};
use crate::tui::table::Table;

/// What is shown of the errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A list with the film beside it.
    #[default]
    List,
    /// Crops side by side.
    Sheet,
    /// Wrong grades with what the model said.
    Grades,
    /// False positives and missed joints by joint.
    Joints,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 4] = [Self::List, Self::Sheet, Self::Grades, Self::Joints];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Sheet => "crops",
            Self::Grades => "grades",
            Self::Joints => "by joint",
        }
    }
}

/// Which errors of grades pass.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeErrorFilter {
    /// No errors of boxes, as if it were a kind of its own.
    pub only: bool,
    /// Points by which the grade is off, in either direction.
    pub points: RangeInclusive<f32>,
    /// The probability of the model's grade, 0 to 1.
    pub confidence: RangeInclusive<f32>,
    /// The entropy of the model's probabilities, 0 to 1.
    pub entropy: RangeInclusive<f32>,
}

impl Default for GradeErrorFilter {
    fn default() -> Self {
        Self { only: false, points: 0.0..=10.0, confidence: 0.0..=1.0, entropy: 0.0..=1.0 }
    }
}

impl GradeErrorFilter {
    /// Whether an error of a grade passes; what is not known passes.
    #[must_use]
    pub fn passes(&self, error: &GradeError) -> bool {
        let within = |range: &RangeInclusive<f32>, value: Option<f32>| value.is_none_or(|value| range.contains(&value));
        self.points.contains(&(error.points.unsigned_abs() as f32))
            && within(&self.confidence, error.graded.confidence)
            && within(&self.entropy, error.graded.entropy)
    }
}

/// Which errors are shown, how, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// The errors that pass, by their places in the list at hand, and the cursor.
    pub table: Table<Column>,
    /// The wrong grades that pass, by their places in their list, and the cursor.
    pub grades: Table<GradeColumn>,
    /// Which errors pass.
    pub filter: ErrorFilter,
    /// Which errors of grades pass beside that.
    pub grade_filter: GradeErrorFilter,
    /// Tags that all errors shown have.
    pub tags: Vec<String>,
    /// How many errors there are of each kind, if kinds were not filtered.
    pub counts: ErrorCounts,
    /// How many errors of grades there are, if kinds were not filtered.
    pub grade_count: usize,
    /// What is shown.
    pub view: View,
    /// The whole film stands beside the list.
    pub whole: bool,
    /// The task of the view by joint.
    pub task: Task,
    /// The chosen joint of this view: line, and right instead of left.
    pub joint: (usize, bool),
}

impl Default for State {
    fn default() -> Self {
        Self {
            table: Table::new(Column::Effect, true),
            grades: Table::new(GradeColumn::Points, true),
            filter: ErrorFilter::default(),
            grade_filter: GradeErrorFilter::default(),
            tags: Vec::new(),
            grade_count: 0,
            counts: ErrorCounts::default(),
            view: View::default(),
            whole: false,
            task: Task::Narrowing,
            joint: (0, false),
        }
    }
}

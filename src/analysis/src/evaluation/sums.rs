//! Grades added up by patient and part, as one pass over the grades leaves them.

/// Sums of one patient and part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub reference: i32,
    pub reference_count: i32,
    pub model: i32,
    pub model_count: i32,
    pub expected: f32,
    pub both_reference: i32,
    pub both_model: i32,
    pub both: i32,
    pub opens: i32,
    pub open_expected: f32,
    pub open_highest: i32,
}

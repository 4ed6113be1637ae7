//! The report of one patient.

use super::{
    super::evaluated::Evaluated,
    html,
    page::{self, RunLines},
};

/// The page.
pub fn page(found: &Evaluated, id: &str) -> String {
    let lines = RunLines::read(found);
    let body = page::source(found) + &page::patient(found, &lines, id, 2);
    html::page(&format!("Patient {id}"), &body)
}

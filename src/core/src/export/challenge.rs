//! The challenge's CSV.

use std::path::Path;

use super::{ExportError, Exported, Source};
use crate::atomic;
use crate::ra2::{Fill, predictions_csv, template_csv};
use crate::{Cohort, GradeRow};

/// Writes the 90 columns of the challenge into a new file; grades that are not there are empty cells, or filled.
///
/// # Errors
/// A cohort or run without grades, or a file that is there or cannot be written.
pub fn challenge(cohort: &Cohort, source: Source, out: &Path, fill: Fill) -> Result<Exported, ExportError> {
    let table = source.table(cohort).ok_or_else(|| source.nothing(cohort, "grades", &source.problem().into_iter().collect::<Vec<_>>()))?;
    if out.is_file() || out.is_dir() {
        return Err(ExportError::Taken { path: out.to_owned() });
    }
    let text = match source {
        Source::Reference(_) | Source::Found(..) => template_csv(&table, fill.missing),
        Source::Run(said) => predictions_csv(said.patients(), fill),
    };
    atomic::write(out, text.as_bytes())?;
    let grades = table.rows().iter().map(GradeRow::scored).sum();
    Ok(Exported { patients: table.len(), grades, left_out: source.problem().into_iter().collect(), ..Exported::default() })
}

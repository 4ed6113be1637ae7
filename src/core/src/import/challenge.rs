//! The challenge's folder: a table of grades with the films beside it or in `images/`.

use std::path::{Path, PathBuf};

use super::names::{Films, file_name, stem, with_images};
use super::{CohortBuilder, ImportError, ImportOptions};
use crate::cohort::{TABLE_NAME, labels_folder};
use crate::{GradeTable, Limb, Task};

/// The names that the challenge gives its tables.
const TABLES: [&str; 3] = [TABLE_NAME, "template.csv", "predictions.csv"];

pub fn read(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let (folder, table) = table(source)?;
    let mut builder = CohortBuilder::default();
    builder.grades = GradeTable::read(&table)?;
    for path in Films::of(&with_images(&folder)).all() {
        if Limb::split_stem(stem(&file_name(path))).is_some() || wanted.limb.is_some() {
            builder.film(path, wanted.limb);
        } else {
            builder.limbless(path.clone());
        }
    }
    for task in Task::ALL {
        if folder.join(labels_folder(task)).is_dir() {
            builder.report.note(&format!("{}/ is left out, as the challenge has no boxes; `svh import voc` takes it", labels_folder(task)));
        }
    }
    let without = builder.patients_without_films();
    if without > 0 {
        builder.report.note(&format!("{without} of {} graded patients have no film", builder.grades.len()));
    }
    Ok(builder)
}

/// The folder of the films and the table.
fn table(source: &Path) -> Result<(PathBuf, PathBuf), ImportError> {
    if source.is_file() {
        let folder = source.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return Ok((folder.to_owned(), source.to_owned()));
    }
    let found = TABLES.iter().find_map(|name| named(source, name));
    let table = found.ok_or_else(|| ImportError::Nothing {
        path: source.to_owned(),
        format: super::Format::Challenge.name(),
        why: format!("none of {} is there", TABLES.join(", ")),
    })?;
    Ok((source.to_owned(), table))
}

/// The file of this name in a folder, in any case.
fn named(folder: &Path, name: &str) -> Option<PathBuf> {
    let exact = folder.join(name);
    if exact.is_file() {
        return Some(exact);
    }
    let paths = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.is_file() && file_name(path).eq_ignore_ascii_case(name)).min()
}

//! Pascal VOC: a cohort's layout, or one folder of label files whose task is known.

use std::path::{Path, PathBuf};

use super::names::{Films, file_name, files_below, patient_and_limb, stem, tasks_named, with_images};
use super::{CohortBuilder, ImportError, ImportOptions};
use crate::cohort::{labels_folder, table_path};
use crate::{Cohort, Task, VocFile};

pub fn read(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let is_layout = Task::ALL.iter().any(|task| source.join(labels_folder(*task)).is_dir()) || table_path(source).is_some();
    if is_layout { layout(source) } else { plain(source, wanted) }
}

/// Films, labels of both tasks and grades where svh has them itself.
fn layout(source: &Path) -> Result<CohortBuilder, ImportError> {
    let mut builder = CohortBuilder::default();
    let cohort = Cohort::open(source)?;
    for problem in cohort.problems() {
        builder.report.note(problem);
    }
    for (patient, limb, path) in cohort.all_films() {
        let Some(limb) = limb else {
            builder.limbless(path);
            continue;
        };
        let Some(key) = builder.film(&path, None) else { continue };
        let labels = cohort.boxes(patient, limb);
        for problem in &labels.problems {
            let taken = if labels.unusable == [false; 2] { " (the file is used unchanged)" } else { "" };
            builder.report.leave("box", &file_name(&path), format!("{problem}{taken}"));
        }
        for task in Task::ALL.into_iter().filter(|task| !labels.is_unusable(*task)) {
            if let Some(file) = cohort.label_file(patient, task, limb) {
                builder.add_file(&key, task, file, labels.of(task).to_vec());
            }
        }
    }
    builder.grades = cohort.grades().cloned().unwrap_or_default();
    Ok(builder)
}

/// Label files anywhere in a folder, all of one task.
fn plain(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let mut builder = CohortBuilder::default();
    let files = files_below(source, ".xml", 2).map_err(|error| ImportError::unreadable(source, &error))?;
    let mut read: Vec<(PathBuf, VocFile)> = Vec::new();
    for path in files {
        match VocFile::read(&path) {
            Ok(file) => read.push((path, file)),
            Err(error) => builder.report.leave("label file", &file_name(&path), error.to_string()),
        }
    }
    if read.is_empty() {
        return Ok(builder);
    }
    let task = match wanted.task {
        Some(task) => task,
        None => only_task(&read).ok_or_else(|| ImportError::WhichTask { path: source.to_owned() })?,
    };
    let folders: Vec<PathBuf> = ["", "images", "JPEGImages"].iter().map(|name| source.join(name)).collect();
    let films = Films::of(&folders);
    for (path, file) in read {
        let name = file_name(&path);
        let beside = || Films::of(&with_images(path.parent().unwrap_or(source))).find(&name).cloned();
        let Some(film) = films.find(&name).cloned().or_else(beside) else {
            builder.report.leave("label file", &name, "its film is not there; put it beside the label file or into images/");
            continue;
        };
        let limb = wanted.limb.or_else(|| limb_of(&file, stem(&name)));
        let Some(key) = builder.film(&film, limb) else { continue };
        let labels = file.labels(task, Some(key.1), builder.size(&key));
        if labels.other_frame {
            labels.problems.iter().for_each(|(_, problem)| builder.report.leave("label file", &name, problem.to_string()));
            continue;
        }
        for (_, problem) in &labels.problems {
            builder.report.leave("box", &name, format!("{problem} (the file is used unchanged)"));
        }
        builder.add_file(&key, task, path, labels.boxes);
    }
    Ok(builder)
}

/// The limb that all objects of a file are named after, where its own name does not say it.
fn limb_of(file: &VocFile, stem: &str) -> Option<crate::Limb> {
    if patient_and_limb(stem, None).is_some() {
        return None;
    }
    let mut limbs = file.objects().into_iter().filter_map(|object| crate::Limb::from_code(object.name.get(..2)?));
    let first = limbs.next()?;
    limbs.all(|limb| limb == first).then_some(first)
}

/// The task that the names in the files leave open no other of.
fn only_task(files: &[(PathBuf, VocFile)]) -> Option<Task> {
    let mut open = Task::ALL.to_vec();
    for object in files.iter().flat_map(|(_, file)| file.objects()) {
        let tasks = tasks_named(&object.name);
        if !tasks.is_empty() {
            open.retain(|task| tasks.contains(task));
        }
    }
    if let [task] = open[..] { Some(task) } else { None }
}

//! A cohort in its own layout, ready to be opened or trained on: label files, table, films.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Beside, ExportError, Exported, Source, bring_films, films, is_taken_over, limbless, make};
use crate::atomic;
use crate::cohort::labels_folder;
use crate::link_mode::LinkMode;
use crate::staging::Staging;
use crate::{Cohort, Film, FilmLabels, LabelledBox, Limb, Patient, Task, VocError, VocFile, VocObject, intake};

/// Writes a cohort into a new folder. A label file that no review touches is copied byte for byte; in the others all that is not a changed box stays.
/// Proposals that a reader accepted or corrected become a person's; those that nobody looked at stay proposals.
///
/// # Errors
/// A source without boxes and grades, a label file that cannot be read, a folder that is taken or cannot be written to.
pub fn voc(
    cohort: &Cohort,
    source: Source,
    out: &Path,
    bring: LinkMode,
    beside: Option<Beside>,
    stop: &AtomicBool,
) -> Result<Exported, ExportError> {
    let staging = Staging::begin(out, stop)?;
    let folder = staging.path();
    let mut done = Exported { left_out: source.problem().into_iter().chain(limbless(cohort)).collect(), ..Exported::default() };
    for (patient, limb, path, labels) in films(cohort, source) {
        staging.go_on()?;
        let mut written = None;
        let mut unusable = false;
        for task in Task::ALL {
            if source.is_labelled() && labels.is_unusable(task) {
                unusable |= patient.has_labels(task, limb);
                continue;
            }
            if let Some(text) = file(cohort, source, patient, limb, task, &path, &labels)? {
                let folder = folder.join(labels_folder(task));
                make(&folder)?;
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                atomic::write(&folder.join(format!("{stem}.xml")), &text)?;
                *written.get_or_insert(0) += labels.of(task).len();
                done.proposed += labels.of(task).iter().filter(|labelled| !labelled.is_readers()).count();
            }
        }
        match written {
            Some(boxes) => done.count(boxes, &labels.problems),
            // What cannot be read, or lies in another frame, is told and not written.
            None if unusable => done.left_out.extend(labels.problems),
            None => {}
        }
    }
    done.add_table(source, cohort, folder)?;
    if done.films == 0 && done.grades == 0 {
        return Err(source.nothing(cohort, "boxes or grades", &done.left_out));
    }
    done.left_out.extend(bring_films(cohort, bring, &staging)?);
    beside.map(|beside| beside.write(folder)).transpose()?;
    staging.commit()?;
    Ok(done)
}

/// The label file of a film and task; `None` where there is none to be written.
fn file(
    cohort: &Cohort,
    source: Source,
    patient: &Patient,
    limb: Limb,
    task: Task,
    film: &Path,
    labels: &FilmLabels,
) -> Result<Option<Vec<u8>>, ExportError> {
    let boxes = labels.of(task);
    let old = match source {
        Source::Reference(_) => cohort.label_file(patient, task, limb),
        Source::Run(_) | Source::Found(..) => None,
    };
    if let Some(old) = old {
        let unreadable = |error: std::io::Error| VocError::Unreadable { path: old.clone(), reason: error.to_string() };
        let bytes = intake::bytes(&old, intake::MAX_LABELS).map_err(unreadable)?;
        let before = cohort.boxes(patient, limb);
        if before.of(task) == boxes {
            return Ok(Some(bytes));
        }
        let mut file = VocFile::decode(&old, &bytes)?;
        change(&mut file, before.of(task), boxes);
        return Ok(Some(file.to_bytes()));
    }
    if boxes.is_empty() || is_taken_over(patient, task, limb, labels) {
        return Ok(None);
    }
    let path = cohort.label_place(patient, task, limb).unwrap_or_default();
    let Ok(size) = Film::size(film) else { return Ok(None) };
    let mut file = VocFile::new(&path, &Path::new(crate::cohort::FILMS_FOLDER).join(film.file_name().unwrap_or_default()), size);
    for labelled in boxes {
        match labelled.placed.proposal() {
            None => file.add(&object(labelled)),
            Some(proposal) => file.propose(&object(labelled), proposal),
        }
    }
    Ok(Some(file.to_bytes()))
}

fn object(labelled: &LabelledBox) -> VocObject {
    VocObject { name: labelled.joint.label.clone(), bbox: labelled.bbox, difficult: labelled.difficult }
}

/// Turns the boxes of a file into the corrected ones.
fn change(file: &mut VocFile, before: &[LabelledBox], now: &[LabelledBox]) {
    for old in before {
        // The first object of the name is the one that counts.
        let place = file.objects().iter().position(|object| object.name == old.joint.label);
        match (place, now.iter().find(|labelled| labelled.joint == old.joint)) {
            (Some(place), Some(labelled)) => {
                if labelled.bbox != old.bbox {
                    file.set_box(place, labelled.bbox);
                }
                if labelled.placed != old.placed {
                    file.make_readers(place);
                }
            }
            (Some(place), None) => {
                file.remove(place);
                file.forget_mark();
            }
            (None, _) => {}
        }
    }
    let new = now.iter().filter(|labelled| !before.iter().any(|old| old.joint == labelled.joint));
    for labelled in new {
        file.add(&object(labelled));
        file.forget_mark();
    }
}

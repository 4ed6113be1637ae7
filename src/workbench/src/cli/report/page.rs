//! What both kinds of report share: what the page rests on, and a patient's films, grades and totals.

use std::collections::BTreeMap;

use svh_core::{BBox, FilmDetections, GradeRow, Joint, Limb, Origin, PatientScore, ResultLine, Task, joint, names::nfc};

use super::{
    super::evaluated::Evaluated,
    film::{self, Drawn},
    html::{list, or_dash, table, text},
};
use crate::tui::names as joint_names;

/// The lines of a run that a report needs.
#[derive(Default)]
pub struct RunLines {
    films: BTreeMap<String, FilmDetections>,
    patients: BTreeMap<String, PatientScore>,
    failed: BTreeMap<String, String>,
}

/// A film's name without its folder, as the cohort's films are told apart.
fn file_name(path: &str) -> String {
    let name = std::path::Path::new(path).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    nfc(&name).into_owned()
}

impl RunLines {
    /// Reads a run's results; of a film or patient with several lines the last one is valid.
    pub fn read(found: &Evaluated) -> Self {
        let mut lines = Self::default();
        let read = found.run.as_ref().and_then(|run| run.results().ok()).unwrap_or_default();
        for line in read {
            match line {
                ResultLine::Film(film) => drop(lines.films.insert(file_name(&film.film), film)),
                ResultLine::Patient(score) => drop(lines.patients.insert(score.patient.clone(), score)),
                ResultLine::Failed { film, failed } => drop(lines.failed.insert(file_name(&film), failed)),
            }
        }
        lines
    }

    /// Films that could not be read, with the reason.
    pub fn failed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.failed.iter()
    }
}

/// What the page rests on.
pub fn source(found: &Evaluated) -> String {
    let mut rows = vec![vec!["cohort".to_owned(), text(found.cohort.name())]];
    if let Some(run) = &found.run {
        let info = run.info();
        rows.push(vec!["run".to_owned(), text(format!("{} ({}, {})", run.name(), info.kind, run.state()))]);
        rows.push(vec!["started".to_owned(), text(&info.started)]);
        for model in &info.models {
            let hash: String = model.sha256.chars().take(12).collect();
            rows.push(vec!["model".to_owned(), text(format!("{}, {}, {}, sha256 {hash}", model.name, model.arch, model.task))]);
        }
    } else {
        rows.push(vec!["run".to_owned(), "none: the page shows the reader's boxes and grades alone".to_owned()]);
    }
    if !found.reviews.is_empty() {
        rows.push(vec!["reviews".to_owned(), text(format!("{} applied to the reader's labels", lines(found.reviews.len())))]);
    }
    table("What this page rests on", &["", ""], &rows)
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// A patient: totals, films, grades, and what is missing.
pub fn patient(found: &Evaluated, lines: &RunLines, id: &str, level: u8) -> String {
    let Some(patient) = found.cohort.patient(id) else { return String::new() };
    let grades = found.reviews.grades(&found.cohort, patient);
    let score = lines.patients.get(id);
    let mut missing = Vec::new();
    let mut films = String::new();
    for limb in Limb::ALL {
        let Some(path) = found.cohort.film(patient, limb) else {
            missing.push(format!("no film of the {}", limb.name()));
            continue;
        };
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let run = lines.films.get(&file_name(&name));
        if let Some(reason) = lines.failed.get(&file_name(&name)) {
            missing.push(format!("{name} was not read: {reason}"));
        }
        let labels = found.reviews.labels(&found.cohort, patient, limb);
        missing.extend(labels.problems.iter().cloned());
        let boxes = boxes(limb, grades.as_ref(), &labels, score, run);
        films += &film::figure(&path, &format!("{}: {name}", limb.name()), &boxes);
        for task in Task::ALL.into_iter().filter(|_| run.is_some()) {
            let kept = |joint: &&Joint| {
                run.is_some_and(|run| run.detections.iter().any(|one| one.kept && one.task == task && one.joint == joint.label))
            };
            let none: Vec<String> = joint::of_limb(task, limb).filter(|joint| !kept(joint)).map(joint_names::short).collect();
            if !none.is_empty() {
                missing.push(format!("{}, {task}: no box for {}", limb.name(), none.join(", ")));
            }
        }
    }
    for (limb, reason) in score.iter().flat_map(|score| &score.left_out) {
        missing.push(format!("the {} was left out: {reason}", limb.name()));
    }
    for (column, open) in score.iter().flat_map(|score| &score.open) {
        let name = joint::by_column(column)
            .map_or_else(|| column.clone(), |joint| format!("{}, {} {}", joint.limb.name(), joint.task, joint_names::short(joint)));
        missing.push(format!("{name} was left open: {}", open.reason));
    }
    if grades.is_none() {
        missing.push("no grade by a reader".to_owned());
    }
    if found.run.is_some() && score.is_none() {
        missing.push("the run graded no joint of this patient".to_owned());
    }
    let legend = "<p>Boxes: the reader's in blue with an unbroken line, the model's accepted boxes in orange with dashes; a number is the grade \
                  (narrowing / erosion), a question mark an open joint. Pointing at a box names it.</p>\n";
    let missing = if missing.is_empty() { "<p>Nothing is missing.</p>\n".to_owned() } else { list(&missing) };
    format!(
        "{}<h{level}>What is missing</h{level}>\n<div class=\"missing\">{missing}</div>\n<h{level}>Films</h{level}>\n{legend}<div class=\"films\">\n{films}</div>\n<h{level}>Grades</h{level}>\n{}",
        totals(grades.as_ref(), score),
        joints(grades.as_ref(), score)
    )
}

/// Sums with the number of joints that they rest on.
fn totals(grades: Option<&GradeRow>, score: Option<&PatientScore>) -> String {
    let row = |name: &str, part: &dyn Fn(&Joint) -> bool| {
        let all: Vec<&Joint> = joint::all().filter(|joint| part(joint)).collect();
        let sum = |grade: &dyn Fn(&Joint) -> Option<f32>| {
            let known: Vec<f32> = all.iter().filter_map(|joint| grade(joint)).collect();
            (!known.is_empty()).then(|| (known.iter().sum::<f32>(), known.len()))
        };
        let with_n = |sum: Option<(f32, usize)>, decimals: usize| {
            or_dash(sum.map(|(points, n)| format!("{points:.decimals$} (graded {n} of {})", all.len())))
        };
        let reader = sum(&|joint| grades?.get(joint).map(f32::from));
        let model = sum(&|joint| Some(f32::from(score?.joints.get(&joint.ra2_column)?.grade)));
        let expected = sum(&|joint| Some(score?.joints.get(&joint.ra2_column)?.expected));
        let open = all.iter().filter(|joint| score.is_some_and(|score| score.open.contains_key(&joint.ra2_column))).count();
        vec![text(name), with_n(reader, 0), with_n(model, 0), or_dash(expected.map(|(points, _)| format!("{points:.1}"))), text(open)]
    };
    let mut rows = vec![row("total", &|_| true)];
    rows.extend(Task::ALL.map(|task| row(task.name(), &move |joint| joint.task == task)));
    for limb in Limb::ALL {
        rows.extend(Task::ALL.map(|task| row(&format!("{}, {task}", limb.name()), &move |joint| joint.limb == limb && joint.task == task)));
    }
    table("Totals", &["", "reader", "model", "expected", "open"], &rows)
}

/// Every joint with its grades; a line is marked where they differ.
fn joints(grades: Option<&GradeRow>, score: Option<&PatientScore>) -> String {
    let mut tables = String::new();
    for limb in Limb::ALL {
        let mut rows = Vec::new();
        for task in Task::ALL {
            for joint in joint_names::ordered(task, limb) {
                let reader = grades.and_then(|grades| grades.get(joint));
                let model = score.and_then(|score| score.joints.get(&joint.ra2_column));
                let open = score.and_then(|score| score.open.get(&joint.ra2_column));
                if reader.is_none() && model.is_none() && open.is_none() {
                    continue;
                }
                let differs = reader.zip(model).is_some_and(|(reader, model)| reader != model.grade);
                let grade = match (model, open) {
                    (Some(model), _) => text(model.grade),
                    (None, Some(_)) => "open".to_owned(),
                    (None, None) => "–".to_owned(),
                };
                let mark = if differs { "<span class=\"off\">" } else { "<span>" };
                let confidence = model.and_then(|model| model.probabilities.get(usize::from(model.grade)));
                rows.push(vec![
                    format!("{} {}", text(joint_names::short(joint)), text(task)),
                    or_dash(reader),
                    format!("{mark}{grade}</span>"),
                    or_dash(model.map(|model| model.expected).or(open.map(|open| open.expected)).map(|expected| format!("{expected:.2}"))),
                    or_dash(confidence.map(|confidence| format!("{confidence:.2}"))),
                    or_dash(reader.zip(model).map(|(reader, model)| match i32::from(model.grade) - i32::from(reader) {
                        0 => "0".to_owned(),
                        difference => format!("{difference:+}"),
                    })),
                ]);
            }
        }
        if !rows.is_empty() {
            tables += &table(limb.name(), &["joint", "reader", "model", "expected", "confidence", "difference"], &rows);
        }
    }
    tables
}

/// The boxes of a film, one a joint and side: a joint that is graded for both tasks in one box has both grades beside it.
fn boxes(
    limb: Limb,
    grades: Option<&GradeRow>,
    labels: &svh_core::FilmLabels,
    score: Option<&PatientScore>,
    run: Option<&FilmDetections>,
) -> Vec<Drawn> {
    let reader = |joint: &Joint| grades.and_then(|grades| grades.get(joint)).map(|grade| grade.to_string());
    let model = |joint: &Joint| {
        let graded = score?.joints.get(&joint.ra2_column).map(|score| score.grade.to_string());
        graded.or_else(|| score?.open.contains_key(&joint.ra2_column).then(|| "?".to_owned()))
    };
    let mut drawn: Vec<(&str, Drawn)> = Vec::new();
    let mut add = |joint: &'static Joint, bbox: BBox, by_reader: bool, grade: Option<String>, remark: &str| {
        let grade = grade.unwrap_or_else(|| "–".to_owned());
        let who = if by_reader { "reader" } else { "model" };
        let title = format!("{who}: {} {}, grade {grade}{remark}", joint_names::short(joint), joint.task);
        let same =
            drawn.iter_mut().find(|(name, other)| *name == joint.joint && other.by_reader == by_reader && other.bbox.iou(&bbox) > 0.8);
        match same {
            Some((_, other)) => {
                other.title = format!("{}; {title}", other.title);
                other.mark = format!("{}/{grade}", other.mark);
            }
            None => drawn.push((&joint.joint, Drawn { bbox, by_reader, title, mark: grade })),
        }
    };
    for task in Task::ALL {
        for reference in labels.of(task).iter().filter(|reference| reference.joint.limb == limb) {
            let remark = if reference.is_readers() { "" } else { " (proposed box, unreviewed)" };
            add(reference.joint, reference.bbox, true, reader(reference.joint), remark);
        }
        for found in run.iter().flat_map(|run| &run.detections).filter(|found| found.kept && found.task == task) {
            let Some(joint) = joint::by_class(task, found.class_id) else { continue };
            let remark = if found.from == Origin::Inferred { " (inferred box)".to_owned() } else { format!(", score {:.2}", found.score) };
            add(joint, found.bbox, false, model(joint), &remark);
        }
    }
    drawn.into_iter().map(|(_, drawn)| drawn).collect()
}

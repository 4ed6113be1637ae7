//! What changed between two runs: counts by joint and by patient, and the changes of one of them as a list.

use std::path::Path;

use svh_analysis::{ChangeOf, Changed, Changes, ChangesOf, Evaluation, JointChange, Verdict, changes, stats::Resamples};

use super::{format, names};
use crate::selection::{Item, Selection};

/// What changed between two runs.
#[derive(Clone, Debug)]
pub struct ChangedRuns {
    /// The runs' names, the first one is the one before.
    pub runs: [String; 2],
    /// The score from which a box is accepted.
    pub threshold: f32,
    /// The patients of the first run.
    patients: Vec<String>,
    /// All changes.
    found: Changes,
    /// Grades, then boxes, joint by joint.
    joints: [Vec<ChangesOf>; 2],
    /// Grades, then boxes, patient by patient.
    of_patients: [Vec<ChangesOf>; 2],
}

/// Which changes are asked for; `None` means no restriction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// Boxes, or grades.
    pub boxes: Option<bool>,
    /// A joint or a patient.
    pub of: Option<ChangeOf>,
    /// Only those for better or worse.
    pub verdict: Option<Verdict>,
}

impl ChangedRuns {
    /// Compares two runs; `folders` name them.
    #[must_use]
    pub fn of(folders: [&Path; 2], [first, second]: [&Evaluation; 2], threshold: f32) -> Self {
        let resamples = Resamples::default();
        let found = changes(first, second, threshold, resamples);
        let name = |folder: &Path| folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self {
            runs: folders.map(name),
            threshold,
            patients: first.patients().to_vec(),
            joints: [false, true].map(|boxes| found.by_joint(boxes, resamples)),
            of_patients: [false, true].map(|boxes| found.by_patient(boxes)),
            found,
        }
    }

    /// Whether nothing changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.rows.is_empty()
    }

    /// How many patients both runs have.
    #[must_use]
    pub const fn count_patients(&self) -> usize {
        self.found.patients
    }

    /// The lines of a table: grades or boxes, by joint or by patient.
    #[must_use]
    pub fn lines(&self, boxes: bool, by_patient: bool) -> &[ChangesOf] {
        let lines = if by_patient { &self.of_patients } else { &self.joints };
        &lines[usize::from(boxes)]
    }

    /// The id of a patient.
    #[must_use]
    pub fn patient(&self, place: usize) -> &str {
        self.patients.get(place).map_or("", String::as_str)
    }

    /// What a line is about, in words.
    #[must_use]
    pub fn name(&self, of: &ChangeOf) -> String {
        match of {
            ChangeOf::Joint(scope) => names::scope(scope),
            ChangeOf::Patient(place) => self.patient(*place).to_owned(),
        }
    }

    /// The changes that are asked for as a list: broken ones first, then the fixed ones, then what became worse or better.
    #[must_use]
    pub fn selection(&self, asked: Asked) -> Selection {
        let passes = |row: &&JointChange| {
            asked.boxes.is_none_or(|boxes| row.is_box() == boxes)
                && asked.of.is_none_or(|of| of.has(row))
                && asked.verdict.is_none_or(|verdict| row.verdict == verdict)
        };
        let rank = |verdict: Verdict| match verdict {
            Verdict::Broken => 0,
            Verdict::Fixed => 1,
            Verdict::Worse => 2,
            Verdict::Better => 3,
        };
        let mut rows: Vec<&JointChange> = self.found.rows.iter().filter(passes).collect();
        rows.sort_by_key(|row| rank(row.verdict));
        let title = match (asked.of, asked.boxes) {
            (None, None) => self.title(),
            (None, Some(boxes)) => self.counts(boxes),
            (Some(of), boxes) => {
                let kind = boxes.map_or("changes", |boxes| if boxes { "boxes" } else { "grades" });
                let verdict = asked.verdict.map_or_else(String::new, |verdict| format!("{} ", verdict.name()));
                format!("{}: {verdict}{kind}", self.name(&of))
            }
        };
        Selection { title, items: rows.into_iter().filter_map(|row| self.item(row)).collect() }
    }

    /// Counts of grades and boxes, and fixed minus broken a patient with its interval.
    #[must_use]
    pub fn title(&self) -> String {
        let parts = [false, true].map(|boxes| self.counts(boxes));
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "the runs share no joint that can be right or wrong".to_owned() } else { parts.join(" · ") }
    }

    /// Counts of grades or of boxes, and fixed minus broken a patient with its interval; empty where none could be compared.
    #[must_use]
    pub fn counts(&self, boxes: bool) -> String {
        self.summary(boxes).join(", ")
    }

    /// The same in two parts; none where nothing could be compared.
    #[must_use]
    pub fn summary(&self, boxes: bool) -> Vec<String> {
        let Some((mean, interval)) = (if boxes { self.found.boxes } else { self.found.grades }) else { return Vec::new() };
        let [fixed, broken, better, worse] = Verdict::ALL.map(|verdict| self.found.count(boxes, verdict));
        let interval = interval.map_or_else(String::new, |interval| format!(" {}", format::interval(interval, 2)));
        let (name, net) = (if boxes { "boxes" } else { "grades" }, format::value(Some(mean), 2));
        vec![format!("{name}: {fixed} fixed, {broken} broken, {better} better, {worse} worse"), format!("net {net}{interval} a patient")]
    }

    fn item(&self, row: &JointChange) -> Option<Item> {
        let patient = self.patients.get(row.patient[0])?;
        let [before, found] = row.boxes;
        let iou = |iou: Option<f32>| iou.map_or_else(|| "none".to_owned(), |iou| format!("{iou:.2}"));
        let (what, reader, model, overlap) = match row.changed {
            Changed::Grade { reference, runs: [one, other] } => {
                (format!("{} {one}→{other}", row.verdict.name()), Some(reference), Some(other), None)
            }
            Changed::Box { iou: [one, other] } => {
                (format!("{} box, IoU {}→{}", row.verdict.name(), iou(one), iou(other)), None, None, other)
            }
        };
        Some(Item {
            joint: Some(row.joint),
            what,
            reference: row.reference_box,
            found,
            before,
            iou: overlap,
            reader,
            model,
            ..Item::film(patient, row.joint.limb)
        })
    }
}

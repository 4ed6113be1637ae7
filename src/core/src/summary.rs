//! What a cohort holds, counted: patients, films, boxes, grades, totals, and everything that is odd.

mod text;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::ra2::TOTAL_COLUMNS;
use crate::totals::LimbTotals;
use crate::{Cohort, Film, GradeRow, GradeTable, Limb, Patient, Reviews, Task, joint};

/// A cohort in numbers; `svh summary --json` prints it as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The folder's name.
    pub cohort: String,
    /// Patients with films, grades or both.
    pub patients: usize,
    /// Patients with all four films.
    pub complete: usize,
    /// Patients without any film.
    pub without_films: usize,
    /// Counts of films.
    pub films: Films,
    /// By task.
    pub boxes: BTreeMap<Task, Boxes>,
    /// Absent without a table of grades.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grades: Option<Grades>,
    /// One sentence each, with place and way out.
    pub problems: Vec<String>,
}

/// Counts of films.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Films {
    /// Of all limbs.
    pub total: usize,
    /// By limb.
    pub limbs: BTreeMap<Limb, usize>,
    /// Films whose name tells no limb.
    pub unknown_limb: usize,
    /// Those of `total` that cannot be read: empty, damaged, no pictures. `problems` names them.
    pub unreadable: usize,
}

/// Counts of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Boxes {
    /// Label files.
    pub files: usize,
    /// Boxes in them that are in order and a person's; a foot's erosion boxes are those of narrowing.
    pub boxes: usize,
    /// Boxes in them that a model proposed and nobody has looked at.
    pub proposed: usize,
}

/// Counts and totals of grades.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grades {
    /// Lines of the table.
    pub patients: usize,
    /// Grades that are there, by task.
    pub given: BTreeMap<Task, usize>,
    /// Grades that are missing, by task.
    pub missing: BTreeMap<Task, usize>,
    /// How often each grade occurs, by task, from 0 up.
    pub counts: BTreeMap<Task, Vec<usize>>,
    /// Totals of each limb over the patients that have all its grades.
    pub limbs: BTreeMap<Limb, TaskSpreads>,
    /// Totals of all limbs over the patients that have all 86 grades.
    pub all: TaskSpreads,
    /// Overall totals of the same patients.
    pub overall: Spread,
}

/// The spread of the totals of both tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TaskSpreads {
    /// Narrowing.
    pub narrowing: Spread,
    /// Erosion.
    pub erosion: Spread,
}

/// Mean, median and maximum of some totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many; the rest is 0 where there is none.
    pub n: usize,
    /// The mean.
    pub mean: f64,
    /// The middle one, or the mean of the two middle ones.
    pub median: f64,
    /// The highest.
    pub max: u32,
}

impl Spread {
    /// Of these totals.
    #[must_use]
    pub fn of(mut totals: Vec<u32>) -> Self {
        totals.sort_unstable();
        let n = totals.len();
        let Some(&max) = totals.last() else { return Self::default() };
        let mean = totals.iter().map(|t| f64::from(*t)).sum::<f64>() / n as f64;
        let median = f64::midpoint(f64::from(totals[(n - 1) / 2]), f64::from(totals[n / 2]));
        Self { n, mean, median, max }
    }
}

impl Summary {
    /// Counts a cohort. Reads every label file, the header of every film, and the reviews, which say whether somebody has looked at what
    /// a model proposed; no film is decoded.
    #[must_use]
    pub fn of(cohort: &Cohort) -> Self {
        let reviews = Reviews::read(cohort.root());
        let read: Vec<(Boxes, Boxes, Vec<String>)> =
            cohort.patients().par_iter().map(|patient| labels(cohort, &reviews, patient)).collect();
        let mut boxes = BTreeMap::from([(Task::Narrowing, Boxes::default()), (Task::Erosion, Boxes::default())]);
        let mut problems = cohort.problems().to_vec();
        for (narrowing, erosion, told) in read {
            for (task, found) in [(Task::Narrowing, narrowing), (Task::Erosion, erosion)] {
                let sum = boxes.entry(task).or_default();
                (sum.files, sum.boxes, sum.proposed) = (sum.files + found.files, sum.boxes + found.boxes, sum.proposed + found.proposed);
            }
            problems.extend(told);
        }
        problems.extend(cohort.grades().into_iter().flat_map(contradictions));
        let paths: Vec<_> = cohort.all_films().map(|(_, _, path)| path).collect();
        let unreadable: Vec<String> = paths.par_iter().filter_map(|path| Some(Film::size(path).err()?.to_string())).collect();
        let count = |which: &dyn Fn(&Patient) -> bool| cohort.patients().iter().filter(|patient| which(patient)).count();
        Self {
            cohort: cohort.name(),
            patients: cohort.patients().len(),
            complete: count(&|patient| Limb::ALL.into_iter().all(|limb| patient.has_film(limb))),
            without_films: count(&|patient| patient.film_count() == 0),
            films: Films { unreadable: unreadable.len(), ..films(cohort) },
            boxes,
            grades: cohort.grades().map(grades),
            problems: problems.into_iter().chain(unreadable).collect(),
        }
    }
}

fn films(cohort: &Cohort) -> Films {
    let mut films = Films { limbs: Limb::ALL.map(|limb| (limb, 0)).into(), ..Films::default() };
    for (_, limb, _) in cohort.all_films() {
        films.total += 1;
        match limb {
            Some(limb) => *films.limbs.entry(limb).or_default() += 1,
            None => films.unknown_limb += 1,
        }
    }
    films
}

fn labels(cohort: &Cohort, reviews: &Reviews, patient: &Patient) -> (Boxes, Boxes, Vec<String>) {
    let (mut narrowing, mut erosion, mut problems) = (Boxes::default(), Boxes::default(), Vec::new());
    for limb in Limb::ALL {
        let found = cohort.boxes(patient, limb);
        let erosion_file = patient.has_labels(Task::Erosion, limb);
        for (task, sum) in [(Task::Narrowing, &mut narrowing), (Task::Erosion, &mut erosion)] {
            sum.files += usize::from(patient.has_labels(task, limb));
            for labelled in found.of(task) {
                match reviews.decided_box(&patient.id, labelled.joint, erosion_file).map(|decision| decision.value.is_some()) {
                    _ if labelled.is_readers() => sum.boxes += 1,
                    None => sum.proposed += 1,
                    Some(stays) => sum.boxes += usize::from(stays),
                }
            }
        }
        problems.extend(found.problems);
    }
    (narrowing, erosion, problems)
}

/// Rows whose own totals are not the sums of their grades, as far as no grade is missing.
fn contradictions(table: &GradeTable) -> Vec<String> {
    let mut found = Vec::new();
    for (place, row) in table.rows().iter().enumerate().filter(|(_, row)| row.scored() == joint::COUNT) {
        let totals = row.totals();
        let sums = [totals.overall, totals.erosion, totals.narrowing].map(Option::unwrap_or_default);
        for ((given, sum), column) in table.given_totals(place).into_iter().zip(sums).zip(TOTAL_COLUMNS) {
            if let Some(given) = given.filter(|given| (given - sum as f32).abs() > 0.5) {
                let patient = &table.patients()[place];
                found.push(format!("patient {patient}: {column} is {given}, the grades sum to {sum}; correct one of them"));
            }
        }
    }
    found
}

fn grades(table: &GradeTable) -> Grades {
    let rows = table.rows();
    let mut counts = BTreeMap::from([(Task::Narrowing, vec![0; 5]), (Task::Erosion, vec![0; 11])]);
    for (joint, grade) in rows.iter().flat_map(GradeRow::known) {
        if let Some(count) = counts.get_mut(&joint.task).and_then(|counts| counts.get_mut(usize::from(grade))) {
            *count += 1;
        }
    }
    let given: BTreeMap<Task, usize> = counts.iter().map(|(task, counts)| (*task, counts.iter().sum())).collect();
    let missing = given.iter().map(|(task, given)| (*task, rows.len() * joint::joints(*task).len() - given)).collect();
    let whole: Vec<_> = rows.iter().filter(|row| row.scored() == joint::COUNT).map(GradeRow::totals).collect();
    let all = spreads(whole.iter().map(|t| LimbTotals { narrowing: t.narrowing, erosion: t.erosion }));
    let limb = |limb: Limb| {
        let joints: Vec<_> = Task::ALL.into_iter().flat_map(|task| joint::of_limb(task, limb)).collect();
        let graded = rows.iter().filter(|row| joints.iter().all(|joint| row.get(joint).is_some()));
        (limb, spreads(graded.filter_map(|row| row.limb_totals(limb))))
    };
    let overall = Spread::of(whole.iter().filter_map(|t| t.overall).collect());
    Grades { patients: rows.len(), given, missing, counts, limbs: Limb::ALL.map(limb).into(), all, overall }
}

fn spreads(totals: impl Iterator<Item = LimbTotals>) -> TaskSpreads {
    let (narrowing, erosion) = totals.filter_map(|t| Some((t.narrowing?, t.erosion?))).unzip();
    TaskSpreads { narrowing: Spread::of(narrowing), erosion: Spread::of(erosion) }
}

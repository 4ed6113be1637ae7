//! What two runs have in common, patient by patient, ready to be drawn from.

use std::collections::HashMap;

use svh_core::{Limb, Task, joint};

use super::{Both, OnlyOne};
use crate::detection::Tally;
use crate::stats::{Clusters, GradeMetrics};
use crate::{Evaluation, Scale};

/// Two runs' results for the same patients.
pub struct Shared {
    /// By scale: the pairs of grades of each run, patients alike.
    scales: Vec<[Clusters; 2]>,
    /// By patient: the difference of each run's total from the reader's; absent where no joint was graded by all three.
    totals: Vec<Option<[i32; 2]>>,
    /// By task and patient: what each run's boxes come to.
    tallies: [Vec<[Tally; 2]>; 2],
    /// By patient (a film set): the person, counted from 0.
    people: Vec<usize>,
    /// Joints that the reader and only the first, or only the second run graded.
    pub only_one: OnlyOne,
}

impl Shared {
    pub fn of(first: &Evaluation, second: &Evaluation, threshold: f32) -> Self {
        let empty = |scale: Scale| [Clusters::new(scale.max_grade()), Clusters::new(scale.max_grade())];
        let scales = Scale::ALL.into_iter().map(empty).collect();
        let mut shared =
            Self { scales, totals: Vec::new(), tallies: [Vec::new(), Vec::new()], people: Vec::new(), only_one: OnlyOne::default() };
        let pairs: Vec<(usize, usize)> =
            first.patients().iter().enumerate().filter_map(|(place, id)| Some((place, second.patient(id)?))).collect();
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        for pair in &pairs {
            shared.grades(first, second, *pair);
            let next = numbers.len();
            shared.people.push(*numbers.entry(first.person(pair.0)).or_insert(next));
        }
        for task in Task::ALL {
            shared.tallies[task as usize] = tallies(first, second, &pairs, task, threshold);
        }
        shared
    }

    pub fn patients(&self) -> usize {
        self.totals.len()
    }

    /// How many people the patients (film sets) are.
    pub(crate) fn people(&self) -> usize {
        self.people.iter().max().map_or(0, |last| last + 1)
    }

    /// How often each patient (film set) is drawn where people are drawn so often.
    pub(crate) fn of_people(&self, times: &[u32]) -> Vec<u32> {
        self.people.iter().map(|person| times[*person]).collect()
    }

    pub(crate) fn has_boxes(&self, task: Task) -> bool {
        self.tallies[task as usize].iter().any(|[first, _]| first.reference > 0)
    }

    fn grades(&mut self, first: &Evaluation, second: &Evaluation, (one, other): (usize, usize)) {
        let mut pairs: [Vec<[(u8, u8); 2]>; 3] = Default::default();
        let mut total = None;
        for joint in joint::all() {
            let (reference, a) = first.grades_of(one, joint);
            let (_, b) = second.grades_of(other, joint);
            match (reference, a, b) {
                (Some(reference), Some(a), Some(b)) => {
                    pairs[Scale::of(joint) as usize].push([(reference, a), (reference, b)]);
                    let [first, second] = total.get_or_insert([0; 2]);
                    *first += i32::from(a) - i32::from(reference);
                    *second += i32::from(b) - i32::from(reference);
                }
                (Some(_), Some(_), None) => self.only_one.first += 1,
                (Some(_), None, Some(_)) => self.only_one.second += 1,
                _ => {}
            }
        }
        for (clusters, pairs) in self.scales.iter_mut().zip(&pairs) {
            for (run, clusters) in clusters.iter_mut().enumerate() {
                clusters.push(pairs.iter().map(|pair| pair[run]));
            }
        }
        self.totals.push(total);
    }

    /// Metrics of grades by scale, over patients drawn so many times each.
    pub fn metrics(&self, times: &[u32]) -> Vec<[GradeMetrics; 2]> {
        self.scales.iter().map(|pair| pair.each_ref().map(|clusters| clusters.drawn(times).main_metrics())).collect()
    }

    /// Mean absolute, then root mean squared difference of the totals.
    pub fn totals(&self, times: &[u32]) -> [Both; 2] {
        let mean = |run: usize, of: fn(f64) -> f64| {
            let known = self.totals.iter().zip(times).filter_map(|(total, times)| Some((total.as_ref()?[run], f64::from(*times))));
            let (sum, n) = known.fold((0.0, 0.0), |(sum, n), (total, times)| (sum + times * of(total.into()), n + times));
            (n > 0.0).then(|| sum / n)
        };
        [[0, 1].map(|run| mean(run, f64::abs)), [0, 1].map(|run| mean(run, |total| total * total).map(f64::sqrt))]
    }

    /// By task: missed joints, then false positives, a patient.
    pub fn boxes(&self, times: &[u32]) -> [[Both; 2]; 2] {
        let n: u32 = times.iter().sum();
        self.tallies.each_ref().map(|patients| {
            [|tally: &Tally| tally.missed, |tally: &Tally| tally.false_positives].map(|of| {
                [0, 1].map(|run| {
                    let sum: u32 = patients.iter().zip(times).map(|(tallies, times)| times * of(&tallies[run])).sum();
                    (n > 0).then(|| f64::from(sum) / f64::from(n))
                })
            })
        })
    }
}

/// What the boxes of both runs come to, one entry a pair of patients, on the labelled films that both runs were given.
fn tallies(first: &Evaluation, second: &Evaluation, pairs: &[(usize, usize)], task: Task, threshold: f32) -> Vec<[Tally; 2]> {
    let [one, other] = [first, second].map(|run| by_limb(run, task, threshold));
    let sum = |(a, b): &(usize, usize)| {
        let mut sums = [Tally::default(); 2];
        for limb in Limb::ALL {
            if let (Some(first), Some(second)) = (one.get(&(*a, limb)), other.get(&(*b, limb))) {
                sums[0].merge(first);
                sums[1].merge(second);
            }
        }
        sums
    };
    pairs.iter().map(sum).collect()
}

/// The tallies of a run's labelled films, by patient and limb.
fn by_limb(run: &Evaluation, task: Task, threshold: f32) -> HashMap<(usize, Limb), Tally> {
    let films = run.films().iter().zip(run.film_tallies(task, threshold));
    films.filter(|(film, _)| film.labelled[task as usize]).map(|(film, tally)| ((film.patient, film.limb), tally)).collect()
}

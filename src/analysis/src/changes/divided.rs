//! What changed between two runs, by joint and by patient.

use svh_core::joint;

use super::{Changes, JointChange, Verdict};
use crate::stats::{Interval, Resamples};
use crate::{Scope, Split};

/// What a line of changes is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeOf {
    /// A joint on a scale, both sides together.
    Joint(Scope),
    /// A patient (a film set), by the place in the first run's evaluation.
    Patient(usize),
}

/// The changes of a joint or of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangesOf {
    /// Whose.
    pub of: ChangeOf,
    /// Joints that were compared: graded by the reader and both runs, or labelled on films of both.
    pub compared: usize,
    /// How many are fixed, broken, better and worse: in the order of [`Verdict::ALL`].
    pub counts: [usize; 4],
    /// Grades: points that the second run is further from the reader than the first; negative where it is nearer.
    pub points: i32,
    /// The 95 % interval of fixed minus broken, by bootstrap over people; of joints only, and from two people on.
    pub interval: Option<Interval>,
}

impl ChangesOf {
    /// Fixed minus broken.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.counts[Verdict::Fixed as usize] as i64 - self.counts[Verdict::Broken as usize] as i64
    }

    fn of(of: ChangeOf) -> Self {
        Self { of, compared: 0, counts: [0; 4], points: 0, interval: None }
    }

    fn add(&mut self, row: &JointChange) {
        self.counts[row.verdict as usize] += 1;
        self.points += row.points();
    }
}

impl ChangeOf {
    /// Whether a change belongs to it.
    #[must_use]
    pub fn has(&self, row: &JointChange) -> bool {
        match self {
            Self::Joint(scope) => scope.has(row.joint),
            Self::Patient(place) => row.patient[0] == *place,
        }
    }
}

impl Changes {
    /// The changes of grades, or of boxes, joint by joint in the order of the method; joints that were compared nowhere are left out.
    #[must_use]
    pub fn by_joint(&self, boxes: bool, resamples: Resamples) -> Vec<ChangesOf> {
        let scopes = Split::Joint.scopes();
        let place: Vec<usize> = joint::all().map(|joint| scopes.iter().position(|scope| scope.has(joint)).unwrap_or(0)).collect();
        let mut lines: Vec<ChangesOf> = scopes.iter().map(|scope| ChangesOf::of(ChangeOf::Joint(*scope))).collect();
        for (index, _) in self.compared[usize::from(boxes)].iter().enumerate().filter(|(_, compared)| **compared) {
            lines[place[index % joint::COUNT]].compared += 1;
        }
        self.rows.iter().filter(|row| row.is_box() == boxes).for_each(|row| lines[place[row.joint.index()]].add(row));
        let nets = self.nets(resamples, lines.len(), |row| (row.is_box() == boxes).then(|| place[row.joint.index()]));
        lines.iter_mut().zip(nets).for_each(|(line, (_, interval))| line.interval = interval);
        lines.retain(|line| line.compared > 0);
        lines
    }

    /// The changes of grades, or of boxes, patient by patient; patients of whom nothing was compared are left out.
    #[must_use]
    pub fn by_patient(&self, boxes: bool) -> Vec<ChangesOf> {
        let compared = self.compared[usize::from(boxes)].chunks(joint::COUNT);
        let mut rows = self.rows.iter().filter(|row| row.is_box() == boxes).peekable();
        let lines = self.shared.iter().zip(compared).map(|(patient, compared)| {
            let mut line = ChangesOf::of(ChangeOf::Patient(patient.places[0]));
            line.compared = compared.iter().filter(|compared| **compared).count();
            // The rows are in the order of the patients.
            while let Some(row) = rows.next_if(|row| row.patient == patient.places) {
                line.add(row);
            }
            line
        });
        lines.filter(|line| line.compared > 0).collect()
    }

    /// Fixed minus broken of so many groups of changes, each with its 95 % interval by bootstrap over people, who are drawn with all their visits.
    pub(super) fn nets(
        &self,
        resamples: Resamples,
        groups: usize,
        group: impl Fn(&JointChange) -> Option<usize>,
    ) -> Vec<(f64, Option<Interval>)> {
        let people = self.shared.iter().map(|patient| patient.person + 1).max().unwrap_or(0);
        let mut nets = vec![vec![0_i32; people]; groups];
        let mut patients = self.shared.iter().peekable();
        for row in &self.rows {
            while patients.next_if(|patient| patient.places != row.patient).is_some() {}
            if let Some((patient, group)) = patients.peek().zip(group(row)) {
                nets[group][patient.person] += row.net();
            }
        }
        let wholes = nets.iter().map(|nets| f64::from(nets.iter().sum::<i32>()));
        // One person drawn over and over says nothing of others.
        if people < 2 {
            return wholes.map(|whole| (whole, None)).collect();
        }
        let of = |nets: &[i32], times: &[u32]| nets.iter().zip(times).map(|(net, times)| f64::from(*net) * f64::from(*times)).sum::<f64>();
        let drawn = resamples.map(people, |times| nets.iter().map(|nets| of(nets, times)).collect::<Vec<_>>());
        let interval = |group: usize| Interval::of_resamples(&drawn.iter().map(|values| values[group]).collect::<Vec<_>>());
        wholes.enumerate().map(|(group, whole)| (whole, interval(group))).collect()
    }
}

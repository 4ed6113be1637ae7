//! Agreement of grades: the matrices, and everything that stands beside them.

use super::Evaluation;
use crate::stats::{Confusion, GradeWeights, Resamples, Weighted};
use crate::{Agreement, Scope};

impl Evaluation {
    /// The confusion matrix of a scope, reference in rows; joints that either did not grade are left out.
    #[must_use]
    pub fn confusion(&self, scope: &Scope) -> Confusion {
        let mut table = Confusion::new(scope.scale.max_grade());
        for cell in self.grades.cells(scope) {
            if let (Some(reference), Some(model)) = (cell.reference, cell.model) {
                table.add(reference, model, cell.count);
            }
        }
        table
    }

    /// True grades of a scope that the run has no grade for: joints that were missed and films that were not read.
    #[must_use]
    pub fn ungraded(&self, scope: &Scope) -> u64 {
        self.grades.cells(scope).filter(|cell| cell.reference.is_some() && cell.model.is_none()).map(|cell| cell.count).sum()
    }

    /// All metrics of a scope. With `resamples` also their intervals, which take up to a second for a million grades; without, they are there at once.
    #[must_use]
    pub fn agreement(&self, scope: &Scope, resamples: Option<Resamples>) -> Agreement {
        let missing = self.ungraded(scope);
        match resamples {
            Some(resamples) => Agreement::of_patients(&self.grades.clusters(scope), missing, resamples),
            None => Agreement::of(self.confusion(scope), missing),
        }
    }

    /// True grades of a scope whose joints the run left open.
    #[must_use]
    pub fn open_joints(&self, scope: &Scope) -> u64 {
        // What is graded only once open joints are.
        let graded = self.with_open.as_ref().map_or(0, |grades| {
            let cells = grades.cells(scope).filter(|cell| cell.reference.is_some() && cell.model.is_none());
            cells.map(|cell| cell.count).sum::<u64>()
        });
        if self.with_open.is_some() { self.ungraded(scope).saturating_sub(graded) } else { 0 }
    }

    /// The metrics of a scope with open joints at the grade nearest to the expected one: what leaving them open would hide. `None` where no joint of the
    /// scope with a reference grade was left open.
    #[must_use]
    pub fn agreement_with_open(&self, scope: &Scope, resamples: Resamples) -> Option<Agreement> {
        let grades = self.with_open.as_ref().filter(|_| self.open_joints(scope) > 0)?;
        let missing = self.ungraded(scope) - self.open_joints(scope);
        Some(Agreement::of_patients(&grades.clusters(scope), missing, resamples))
    }

    /// Weighted errors of a scope.
    #[must_use]
    pub fn weighted(&self, scope: &Scope, weights: &GradeWeights) -> Weighted {
        Weighted::of(self.grades.cells(scope).flat_map(|cell| {
            let graded = cell.reference.zip(cell.model);
            graded.map(|(reference, model)| (weights.at(Some(cell.joint), reference) * cell.count as f64, reference, model))
        }))
    }
}

//! Whether the scorers know how sure they may be.

use super::{Evaluation, GradeFilter, GradedJoint};
use crate::Scope;
use crate::stats::{Calibration, calibration};

impl Evaluation {
    /// The joints of a scope that both reader and model graded, with the model's confidence.
    #[must_use]
    pub fn confident(&self, scope: &Scope) -> Vec<GradedJoint> {
        let filter = GradeFilter { scope: *scope, reference: None, model: None, patient: None };
        let mut joints = self.graded(&filter);
        joints.retain(|joint| joint.reference.is_some() && joint.model.is_some() && joint.confidence.is_some());
        joints
    }

    /// Calibration of a scope: how often grades of a confidence are right. `None` without a joint that both graded.
    #[must_use]
    pub fn reliability(&self, scope: &Scope) -> Option<Calibration> {
        let pair = |joint: &GradedJoint| Some((f64::from(joint.confidence?), joint.reference? == joint.model?));
        calibration(self.confident(scope).iter().filter_map(pair))
    }
}

//! The run that the screens of metrics show, its evaluation, the operating threshold, and what was worked out of them.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use svh_analysis::{Agreement, Errors, Evaluation, GradeErrors, Scope, detection::JointTally};
use svh_core::{RunState, protocol::DEFAULT_THRESHOLD};

use crate::tui::question::Source;

/// An evaluation on its way into memory.
#[derive(Debug, Default)]
pub enum Evaluated {
    /// Nobody has asked yet.
    #[default]
    Not,
    /// It is being worked out; the one before is shown meanwhile.
    Reading(Source),
    /// It is there.
    Ready(Source),
    /// It cannot be worked out, and why.
    Failed(Source, String),
}

/// The run in use and its metrics.
#[derive(Debug)]
pub struct ActiveRun {
    /// The run that the user chose; `None` for the newest that is complete.
    pub chosen: Option<PathBuf>,
    /// The results of this session are shown, not those of a run that was there before.
    pub live: bool,
    /// The run that keeps the results of this session, once it has been begun.
    pub session: Option<PathBuf>,
    /// What the films and grades in memory are of, or were asked for.
    pub loaded: Option<Source>,
    /// How far its evaluation is.
    pub evaluated: Evaluated,
    /// The evaluation at hand and what it is of.
    pub evaluation: Option<(Source, Arc<Evaluation>)>,
    /// The score from which a box counts, 0 to 1.
    pub threshold: f32,
    /// The errors at that threshold, or at the one before as long as these are worked out.
    pub errors: Arc<Errors>,
    /// The grades that are wrong though their boxes are right, at the same threshold.
    pub grade_errors: GradeErrors,
    /// What the best-box rule leaves, one entry a joint; of the same threshold.
    pub tallies: Vec<JointTally>,
    /// Agreement with intervals, by scope.
    pub agreements: HashMap<Scope, Agreement>,
    /// The scopes whose agreement was asked for.
    pub asked: HashSet<Scope>,
    /// How the run stood when it was evaluated.
    pub stood: Option<RunState>,
    /// Lines of reviews when it was evaluated.
    pub reviewed: usize,
}

impl Default for ActiveRun {
    fn default() -> Self {
        Self {
            chosen: None,
            live: false,
            session: None,
            loaded: None,
            evaluated: Evaluated::Not,
            evaluation: None,
            threshold: DEFAULT_THRESHOLD,
            errors: Arc::default(),
            grade_errors: GradeErrors::default(),
            tallies: Vec::new(),
            agreements: HashMap::new(),
            asked: HashSet::new(),
            stood: None,
            reviewed: 0,
        }
    }
}

impl ActiveRun {
    /// The evaluation, once it is there.
    #[must_use]
    pub fn evaluation(&self) -> Option<&Arc<Evaluation>> {
        self.evaluation.as_ref().map(|(_, evaluation)| evaluation)
    }

    /// What the evaluation is of.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        self.evaluation.as_ref().map(|(source, _)| source)
    }

    /// The agreement of a scope with its intervals, once they are worked out.
    #[must_use]
    pub fn agreement(&self, scope: &Scope) -> Option<&Agreement> {
        self.agreements.get(scope)
    }

    /// Whether something is being worked out.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.evaluated, Evaluated::Reading(_))
    }

    /// Whether the errors are those of the operating threshold.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.errors.threshold.to_bits() == self.threshold.to_bits()
    }
}

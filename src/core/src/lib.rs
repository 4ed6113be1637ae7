//! The vocabulary of the Sharp/van der Heijde method and its data at rest: limbs, joints, grades, films, cohorts, runs.
//!
//! Nothing here knows libtorch, a terminal or polars, so every other crate may rely on it.

pub mod access;
pub mod archive;
pub mod atomic;
pub mod box_selection;
pub mod card;
pub mod clock;
pub mod cohort;
pub mod detection;
pub mod export;
pub mod film;
pub mod geometry;
pub mod import;
pub mod intake;
pub mod joint;
pub mod layout;
pub mod limb;
pub mod link_mode;
pub mod metrics;
pub mod names;
mod pack;
pub mod polarity;
pub mod printable;
pub mod proportions;
pub mod propose;
pub mod protocol;
pub mod ra2;
pub mod review;
pub mod run;
pub mod score;
pub mod shape;
pub mod split;
pub mod staging;
pub mod summary;
pub mod task;
pub mod totals;
pub mod training;
pub mod visits;
pub mod voc;

pub use atomic::WriteError;
pub use cohort::{Cohort, CohortError, FilmLabels, Patient};
pub use detection::{Detection, FilmDetections, LimbSource, Origin};
pub use film::{CropRule, Film, FilmError, Window};
pub use geometry::BBox;
pub use joint::{Joint, JointGroup};
pub use limb::{Limb, Side};
pub use ra2::{GradeRow, GradeTable, TableError};
pub use review::Reviews;
pub use run::{ResultLine, RunError, RunEvent, RunInfo, RunKind, RunReader, RunState, RunStatus, RunWriter};
pub use score::{JointScore, MARKED_ABOVE, OPEN_ABOVE, OpenJoint, PatientScore};
pub use split::Split;
pub use summary::Summary;
pub use task::Task;
pub use totals::{Span, Totals, TotalsRange};
pub use voc::{BoxProblem, Labels, Placed, Proposal, TruthBox, VocError, VocFile, VocObject};

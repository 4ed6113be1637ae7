//! The state of the curves.

use svh_analysis::{
    DetectorCurves, GradedJoint, Scale,
    detection::{ClassPair, CocoMetrics, OperatingPoint},
    stats::Calibration,
};
use svh_core::{Joint, Task};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Precision by recall.
    #[default]
    Precision,
    /// Average precision by joint.
    Table,
    /// Precision, recall and F1 over the threshold.
    F1,
    /// Right and wrong boxes by score.
    Scores,
    /// Right and wrong boxes by IoU.
    Overlap,
    /// Which joint is taken for which.
    Classes,
    /// Reliability of the scorers.
    Reliability,
}

impl View {
    /// All views in their order.
    pub const ALL: [Self; 7] = [Self::Precision, Self::Table, Self::F1, Self::Scores, Self::Overlap, Self::Classes, Self::Reliability];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Precision => "PR",
            Self::Table => "AP",
            Self::F1 => "F1",
            Self::Scores => "score",
            Self::Overlap => "IoU",
            Self::Classes => "classes",
            Self::Reliability => "reliability",
        }
    }
}

/// The metrics of a task's detector, worked out beside the loop.
#[derive(Clone, Debug)]
pub struct Detector {
    /// The task.
    pub task: Task,
    /// COCO's metrics with their curves.
    pub coco: CocoMetrics,
    /// All joints together.
    pub curves: DetectorCurves,
}

/// Which curves are shown, and where the cursor is.
#[derive(Clone, Debug)]
pub struct State {
    /// What is shown.
    pub view: View,
    /// Narrowing or erosion.
    pub task: Task,
    /// Only this joint; `None` for all.
    pub joint: Option<&'static Joint>,
    /// The metrics, once they are there, or why they are not.
    pub detector: Option<Result<Box<Detector>, String>>,
    /// Curves of the joint, where one was chosen.
    pub of_joint: Option<DetectorCurves>,
    /// The chosen place: of the curves a threshold in hundredths, of histograms a bin, of tables a line.
    pub cursor: [usize; 7],
    /// Bars by the logarithm of counts.
    pub log: bool,
    /// Pairs of classes that are not alike, the commonest first, and the threshold that they are of.
    pub pairs: Vec<(ClassPair, u32)>,
    /// The scale of the reliability diagram.
    pub scale: Option<Scale>,
    /// The reliability diagram of that scale.
    pub reliability: Option<Calibration>,
    /// The joints behind it.
    pub graded: Vec<GradedJoint>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            view: View::default(),
            task: Task::Narrowing,
            joint: None,
            detector: None,
            of_joint: None,
            cursor: [0; 7],
            log: false,
            pairs: Vec::new(),
            scale: None,
            reliability: None,
            graded: Vec::new(),
        }
    }
}

impl State {
    /// The metrics, where they are there.
    #[must_use]
    pub fn ready(&self) -> Option<&Detector> {
        self.detector.as_ref()?.as_ref().ok().map(Box::as_ref)
    }

    /// The curves of the joint at hand, or of all.
    #[must_use]
    pub fn curves(&self) -> Option<&DetectorCurves> {
        self.of_joint.as_ref().or_else(|| self.ready().map(|detector| &detector.curves))
    }

    /// The cursor of the view at hand.
    #[must_use]
    pub fn at(&self) -> usize {
        self.cursor[self.view as usize]
    }

    /// The chosen threshold.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        // As the operating threshold is kept, so that a box of exactly this score passes both.
        f64::from(self.at().min(100) as f32 / 100.0)
    }

    /// What the chosen threshold comes to: the point of the lowest score that reaches it.
    #[must_use]
    pub fn point(&self) -> Option<OperatingPoint> {
        let points = &self.curves()?.points;
        let reached = points.partition_point(|point| point.threshold >= self.threshold());
        points.get(reached.checked_sub(1)?).copied()
    }
}

//! Detection: boxes matched to the reference once, named for every threshold at once; COCO's metrics through hotcoco, TIDE's.

mod best_box;
mod boxes;
mod coco;
mod coco_files;
mod confusion;
mod judged;
mod kind;
mod matching;
mod tide;

pub use best_box::{AcceptedBox, BestBox, Candidates, JointTally, Tally};
pub use boxes::{Class, FoundBox, Rect, ReferenceBox, Sample};
pub use coco::{ClassAp, CocoMetrics, PrecisionCurve, RECALLS, STATISTICS};
pub use coco_files::{CocoError, CocoFault, CocoFiles};
pub use confusion::{ClassMatch, ClassPair, class_matches, class_pairs};
pub use judged::{Histogram, Judged, OperatingPoint, best_f1};
pub use kind::{ErrorKind, class_error};
pub use matching::{ANY_SCORE, BACKGROUND_IOU, MATCH_IOU, MatchOutcome, Matching, NamedError};
pub use tide::{Tide, TideCount};

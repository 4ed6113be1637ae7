//! Detection: boxes matched to truth once, named for every threshold at once; COCO's and TIDE's figures through hotcoco.

mod best_box;
mod boxes;
mod coco;
mod coco_files;
mod kind;
mod matching;

pub use best_box::{BestBox, Candidates, JointTally, Kept, Tally};
pub use boxes::{Class, FoundBox, Rect, Sample, TrueBox};
pub use coco::{ClassAp, CocoFigures, STATISTICS, Tide, TideCount};
pub use coco_files::{CocoError, CocoFault, CocoFiles};
pub use kind::{ErrorKind, class_error};
pub use matching::{BACKGROUND_IOU, Fate, MATCH_IOU, Matching, NamedError};

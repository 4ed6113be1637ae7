//! Faster R-CNN with a feature pyramid, complete: inference and training, equal to torchvision 0.26 in names, numbers and losses.
//!
//! S. Ren et al., "Faster R-CNN" (2015); T.-Y. Lin et al., "Feature Pyramid Networks" (2017); K. He et al., "Mask R-CNN" (2017) for RoIAlign.
//! The parts have the names that torchvision gives them. Matching, sampling, suppression and the choice of boxes are plain Rust on
//! the CPU; libtorch does what has a gradient.

pub mod anchors;
pub mod backbone;
pub mod box_coder;
pub mod config;
pub mod faster_rcnn;
pub mod fpn;
pub mod heads;
pub mod inference;
pub mod init;
pub mod limb_check;
pub mod matcher;
pub mod mobilenet_v2;
pub mod model;
pub mod nms;
pub mod postprocess;
pub mod resnet;
pub mod roi_align;
pub mod roi_heads;
pub mod rpn;
pub mod sampler;
pub mod sizes;
pub mod transform;
pub mod unknown;

pub use config::{Arch, DetectorConfig};
pub use faster_rcnn::{FasterRcnn, Losses};
pub use heads::{DetectorTask, Heads};
pub use inference::{Detector, FilmFeatures};
pub use model::{load_model, save_model};
pub use postprocess::RawDetection;
pub use roi_heads::Target;
pub use sizes::Sizes;
pub use unknown::Unknown;

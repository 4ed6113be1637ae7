//! What `svh model` and `svh-engine model` can be told: the same options in both. The workbench sends them to the engine as JSON.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// A command about one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Subcommand)]
#[serde(tag = "command", rename_all = "lowercase")]
pub enum ModelCommand {
    /// Make a model folder from a weights file
    Import(ImportModel),
    /// Print a scorer's logits for one crop, after the scorer's own preprocessing
    Run(RunModel),
    /// Calibrate a scorer on patients that it was not trained on
    Calibrate(Calibrate),
    /// Fit how grades go together in patients, so that clear damage counts for doubtful joints
    Severity(FitSeverity),
    /// Adapt a scorer to your own films, without labels
    Adapt(Adapt),
    /// Fit a model's familiarity, so that unfamiliar joints and films are marked, left open or refused
    Familiarity(FitFamiliarity),
}

/// `model import`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct ImportModel {
    /// Weights file (safetensors) with torchvision's names, or an EfficientNet with lukemelas's
    #[arg(value_name = "WEIGHTS.safetensors")]
    pub weights: PathBuf,
    /// Architecture: fasterrcnn_resnet50_fpn, fasterrcnn_resnet18_fpn, fasterrcnn_mobilenet_v2_fpn, efficientnet_b0 to b7 or svh_convnet
    #[arg(long)]
    pub arch: String,
    /// narrowing or erosion; for detectors also both; for scorers also hand_erosion or foot_erosion
    #[arg(long)]
    pub task: String,
    /// Model folder to create
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Number of outputs as torchvision counts them, background included [default: follows from the task]
    #[arg(long)]
    pub classes: Option<i64>,
    /// Epsilon of the batch norms, which weights files do not hold: 0 for torchvision's COCO detectors [default: 1e-5, from efficientnet_b5 on 1e-3]
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Padding of an EfficientNet's convolutions: symmetric (torchvision) or same (TensorFlow, lukemelas)
    #[arg(long, value_parser = ["symmetric", "same"])]
    pub padding: Option<String>,
    /// Input side for which `same` padding was fixed [default: the variant's own]
    #[arg(long)]
    pub padding_size: Option<i64>,
    /// Side of a scorer's crops in pixels
    #[arg(long)]
    pub size: Option<i64>,
}

/// `model run`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct RunModel {
    /// Model folder of a scorer
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Image of one joint
    pub image: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `model calibrate`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct Calibrate {
    /// Model folder of the scorer
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Cohort with natural grade frequencies, with boxes and grades, whose patients the scorer has not seen
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// Model folder to write; may be the same
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Allow probabilities more confident than the network's; films unlike the cohort's then get confident wrong grades
    #[arg(long)]
    pub sharpen: bool,
    /// Favour rare grades until the sum of all grades equals the readers' on this cohort; only for films like the cohort's
    #[arg(long)]
    pub favour_rare: bool,
}

/// `model severity`
///
/// Joints of one patient are damaged together. From a table of grades this learns how much of a grade is the patient's, how much the limb's, and how often each
/// grade occurs; no film is read. The scorer then grades each joint in view of the others: strong evidence in some raises or lowers those in doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct FitSeverity {
    /// The model folder of a scorer
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Cohort with natural grade frequencies, the same that the scorer was corrected to; only its training.csv is read
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// Model folder to write; may be the same
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
}

/// `model adapt`
///
/// Compares joints that the scorer calls healthy with the healthy joints that it was trained on, and moves the statistics of its batch norms by the difference.
/// The report shows each patient's total before and after, and warns where grades rise. Try it on a cohort whose grades you know roughly before you rely on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct Adapt {
    /// The model folder of a scorer (an EfficientNet)
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// The cohort whose films to adapt to; 100 healthy joints or more, labels are not read
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// Model folder to write
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Also correct probabilities to these frequencies: a JSON object of counts by grade for narrowing, hand_erosion and foot_erosion
    #[arg(long, value_name = "FILE")]
    pub frequencies: Option<PathBuf>,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `model familiarity`
///
/// For a scorer, writes familiarity.safetensors beside the weights: the distribution of the features of the cohort's joints, and the distance beyond which a
/// joint is left open. For a detector, writes to the card how much evidence a film needs to pass as a hand or a foot. Training does the same at its end; this
/// command is for models trained or imported without it. The weights do not change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
pub struct FitFamiliarity {
    /// Model folder of a scorer or a detector
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Cohort like the training cohort, with boxes and grades; for scorers, rare grades should be frequent (svh phantom --grades even)
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// For scorers: a cohort unlike the training cohort whose joints must still be graded (svh phantom --setting outside)
    #[arg(long, value_name = "DIR")]
    pub outside: Option<PathBuf>,
    /// Model folder to write; may be the same
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
}

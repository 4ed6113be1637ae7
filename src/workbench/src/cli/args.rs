//! What can be typed: the commands and their options. `clap` makes the help and the messages about mistakes from it.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde::de::DeserializeOwned;
use svh_core::{Limb, training::TrainOptions};
use svh_phantom::{GradeMix, Setting};

use super::exchange_args::{Export, Import, Reviews};
use super::protocol::args::Protocol;
use crate::Options;

/// Sharp/van der Heijde scoring of rheumatoid arthritis films, in the terminal.
///
/// Without a command it opens the workbench on a cohort, or prints the cohort's summary where there is no terminal.
#[derive(Debug, Parser)]
#[command(name = "svh", version, disable_help_subcommand = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Cohort to open [default: the demo]
    pub cohort: Option<PathBuf>,
    /// Options that every command knows.
    #[command(flatten, next_help_heading = "Everywhere")]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Patients, films, boxes, grades and totals of a cohort
    Summary(Summary),
    /// Show one film in the terminal, once
    Show(Show),
    /// Find the joints of films
    Detect(Detect),
    /// Find and grade the joints of patients
    Score(Score),
    /// Propose boxes, as label files, for films that nobody has labelled
    Label(Label),
    /// How well a run did: boxes, grades, totals
    Evaluate(Evaluate),
    /// Every figure for two columns of grades
    Agreement(Agreement),
    /// Train a detector or a scorer
    #[command(subcommand)]
    Train(TrainOptions),
    /// The paper's protocol: split, detectors, crops, scorers, evaluation, step by step in one folder
    ///
    /// As in Nguyen-Ba et al. (RA2 DREAM challenge): patients are split, both detectors are trained, the best box of each joint is cut out, EfficientNet and
    /// the appendix's network learn to grade the crops, and the patients held out are scored and evaluated. Every step is a run: `svh OUT/training` shows
    /// the trainings, `svh OUT/held-out` the results. What is finished is not done again.
    Protocol(Box<Protocol>),
    /// Make a synthetic cohort
    Phantom(Phantom),
    /// LinkMode foreign weights in, or try a scorer on one crop
    #[command(subcommand)]
    Model(Model),
    /// The runs that a cohort keeps
    Runs(Runs),
    /// Resume an interrupted run, with the options that it was started with
    Resume(Resume),
    /// Foreign data as a cohort: VOC, COCO, RAM-H1200, labelme, the RA2 challenge
    Import(Import),
    /// A cohort, as its reviews correct it, for others: VOC, COCO, the RA2 challenge, Parquet
    Export(Export),
    /// What readers corrected, graded, flagged and locked
    Reviews(Reviews),
    /// What this terminal and this machine can do, and what to do about what is missing
    Doctor(Doctor),
}

/// `svh summary`
#[derive(Debug, clap::Args)]
pub struct Summary {
    /// The cohort's folder
    pub cohort: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `svh show`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The film
    pub film: PathBuf,
    /// Draw the boxes that its cohort has for it
    #[arg(long)]
    pub boxes: bool,
}

/// `svh detect`
#[derive(Debug, clap::Args)]
pub struct Detect {
    /// Films, or folders of films
    #[arg(required = true, value_name = "FILM")]
    pub films: Vec<PathBuf>,
    /// One JSON object a film
    #[arg(long)]
    pub json: bool,
    /// The limb, where a film's name does not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// Everything the network leaves after its post-processing: no limb mask, no best-box rule
    #[arg(long)]
    pub raw: bool,
    /// The score from which a box counts
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// Without the shape of limbs: no box is rejected, resized or placed by it, to see what that rule is worth
    #[arg(long)]
    pub no_shape: bool,
    /// Keep the run in this folder; a run that was broken off goes on where it stopped. Films are then printed with --json only
    #[arg(long, value_name = "RUN_DIR", conflicts_with = "raw")]
    pub out: Option<PathBuf>,
}

/// `svh score`
#[derive(Debug, clap::Args)]
pub struct Score {
    /// A cohort, or films
    #[arg(required = true, value_name = "FILM|COHORT")]
    pub inputs: Vec<PathBuf>,
    /// Only these patients
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub patient: Vec<String>,
    /// The limb, where a film's name does not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// One JSON object a patient
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Write the 90 columns of the RA2 challenge to this file (`-` is stdout)
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// In the CSV, this grade for joints without film or box [default: empty]
    #[arg(long, value_name = "GRADE", requires = "csv", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub missing: Option<u8>,
    /// With --missing: the same grade for joints that were left open because they look unfamiliar
    #[arg(long)]
    pub missing_open: bool,
    /// Keep the run in this folder; a run that was broken off goes on where it stopped
    #[arg(long, value_name = "RUN_DIR")]
    pub out: Option<PathBuf>,
    /// Without the shape of limbs: no box is rejected, resized or placed by it, to see what that rule is worth
    #[arg(long)]
    pub no_shape: bool,
    /// Leaves out what the rules say of single films; for commands that do this among other things.
    #[arg(skip)]
    pub without_remarks: bool,
}

impl Score {
    /// Every patient's totals as lines of text, and nothing kept.
    pub fn of(inputs: Vec<PathBuf>, patient: Vec<String>, limb: Option<Limb>) -> Self {
        Self {
            inputs,
            patient,
            limb,
            json: false,
            csv: None,
            missing: None,
            missing_open: false,
            out: None,
            no_shape: false,
            without_remarks: false,
        }
    }
}

/// `svh label`
///
/// Writes Pascal VOC files, marked as proposals, into narrowing_labels/ and erosion_labels/ for films that have none for a task. What a person labelled,
/// changed or reviewed is never touched; proposals of another model or threshold in which nobody changed anything are replaced. The reviews of the workbench
/// (V) show proposals, doubtful ones first; `svh export voc` writes accepted and corrected ones as a person's.
#[derive(Debug, clap::Args)]
pub struct Label {
    /// The cohort's folder
    pub cohort: PathBuf,
    /// Only these patients
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub patient: Vec<String>,
    /// The score from which a box is proposed [default: 0.2]
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// One JSON object a film and task
    #[arg(long)]
    pub json: bool,
}

/// `svh evaluate`
///
/// Detection (COCO, TIDE, errors by name, counts after the best-box rule, effect on totals), grades with intervals and baselines, and totals.
#[derive(Debug, clap::Args)]
pub struct Evaluate {
    /// The cohort with the truth: label files and training.csv
    #[arg(required_unless_present = "coco")]
    pub cohort: Option<PathBuf>,
    /// The run: its folder, or its name among the cohort's runs
    #[arg(long, value_name = "RUN_DIR", required_unless_present = "coco")]
    pub run: Option<PathBuf>,
    /// Compare with this run instead: differences with their 95 % intervals, over what both runs did
    #[arg(long, value_name = "RUN_DIR", conflicts_with_all = ["csv", "weights"])]
    pub against: Option<PathBuf>,
    /// The detection figures for two COCO files, ground truth and results
    #[arg(long, num_args = 2, value_names = ["GT.json", "DT.json"], conflicts_with_all = ["cohort", "run", "against", "csv", "weights"])]
    pub coco: Option<Vec<PathBuf>>,
    /// One JSON object
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Write a table to this file (`-` is stdout)
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// Which table
    #[arg(long, value_enum, default_value_t = Table::Grades, requires = "csv")]
    pub table: Table,
    /// Against the cohort's files as they are, without what readers corrected
    #[arg(long, conflicts_with = "coco")]
    pub without_reviews: bool,
    /// The score from which a box counts [default: 0.2; with --coco 0]
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// Weights of grades, for weighted errors: a CSV file with a header; columns weight and any of task (narrowing, erosion, hand_erosion,
    /// foot_erosion), joint (mcp_2, or LH_mcp_2) and grade (the true one). An empty cell stands for all, the last line that speaks of a joint counts,
    /// and where none does the weight is 1
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
}

/// The tables of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// Figures of grades by scale and joint, as RAM-H1200 publishes its results
    Grades,
    /// Every error with its boxes and its effect on the total
    Errors,
    /// Right, wrong and missed boxes by joint after the best-box rule
    Joints,
    /// How often each grade occurs, in truth and in predictions, and what a sampler would draw
    Imbalance,
    /// The cells of the confusion matrices
    Confusion,
    /// Totals of every patient, whole, by task and by limb
    Totals,
}

/// `svh agreement`
#[derive(Debug, clap::Args)]
pub struct Agreement {
    /// A CSV file with the columns true, predicted and, for confidence intervals, patient; an empty cell is a missing grade
    pub csv: PathBuf,
    /// The highest grade of the scale: 4 for narrowing, 5 for erosion in hands, 10 in feet
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub max_grade: u8,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Weights of grades, for weighted errors: a CSV file with the columns grade (the true one) and weight
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
}

/// `svh phantom`
#[derive(Debug, clap::Args)]
pub struct Phantom {
    /// The folder to make; it must be new or empty
    pub out: PathBuf,
    /// How many patients, four films each
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub patients: u32,
    /// Same seed, same bytes
    #[arg(long)]
    pub seed: u64,
    /// standard, or outside: blur, noise, tone, build and bone beyond anything that training on standard has seen, for honest tests
    #[arg(long, default_value = "standard", value_parser = named::<Setting>)]
    pub setting: Setting,
    /// natural: grades as often as in real cohorts, mostly 0; even: all grades alike, for training scorers
    #[arg(long, default_value = "natural", value_parser = named::<GradeMix>)]
    pub grades: GradeMix,
    /// Longest side of a film [default: as real films have it]
    #[arg(long, value_name = "PIXELS")]
    pub max_side: Option<u32>,
    /// Share of hand films that are cut to the wrist, 0 to 1, for detectors that must also read wrists
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub wrists: f32,
}

/// A share from 0 to 1.
fn share(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(format!("{text} is no share; give 0 to 1")) }
}

/// `svh model`
#[derive(Debug, Subcommand)]
pub enum Model {
    /// Make a model folder from a weights file
    Import(ModelImport),
    /// A scorer's logits for one crop, after its own preprocessing
    Run(ModelRun),
    /// Fit a scorer's probabilities to patients that it was not trained on
    Calibrate(ModelCalibrate),
    /// Measure what a model knows, so that joints and films unlike that are marked, left open or refused
    Familiarity(ModelFamiliarity),
}

/// `svh model import`
#[derive(Debug, clap::Args)]
pub struct ModelImport {
    /// The weights
    #[arg(value_name = "WEIGHTS.safetensors")]
    pub weights: PathBuf,
    /// Their architecture, such as fasterrcnn_resnet50_fpn or efficientnet_b4
    #[arg(long)]
    pub arch: String,
    /// narrowing or erosion; for detectors also both; for scorers also hand_erosion or foot_erosion
    #[arg(long)]
    pub task: String,
    /// The model folder to make
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Outputs as torchvision counts them, background included [default: follows from the task]
    #[arg(long)]
    pub classes: Option<u32>,
    /// Epsilon of the batch norms, which no weights file holds
    #[arg(long)]
    pub bn_eps: Option<f64>,
    /// Padding of an EfficientNet's convolutions: symmetric (torchvision) or same (TensorFlow, lukemelas)
    #[arg(long)]
    pub padding: Option<String>,
}

/// `svh model run`
#[derive(Debug, clap::Args)]
pub struct ModelRun {
    /// The model folder
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// The crop
    pub image: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `svh model calibrate`
#[derive(Debug, clap::Args)]
pub struct ModelCalibrate {
    /// The scorer's model folder
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Patients with natural frequencies, with boxes and grades
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// The model folder to write; it may be the same
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
    /// Use what the patient's other joints show; on films unlike the cohort's, one error then raises the grades of a whole limb
    #[arg(long)]
    pub context: bool,
    /// Let probabilities become surer than the network's, where the cohort says so; films unlike the cohort's then get wrong grades with confidence
    #[arg(long)]
    pub sharpen: bool,
    /// Give rare grades before they are the most probable, so that the sum of all grades is the readers' in this cohort: for films like its own
    #[arg(long)]
    pub favour_rare: bool,
}

/// `svh model familiarity`
///
/// Of a scorer: writes familiarity.safetensors beside the weights, which says how the features of the cohort's joints are spread, and from which distance on a
/// joint is left open. Of a detector: notes in the card how much evidence a film needs to pass as a hand or a foot. A training does the same at its end; this is
/// for models that are there already. The weights stay as they are.
#[derive(Debug, clap::Args)]
pub struct ModelFamiliarity {
    /// The model folder of a scorer or a detector
    #[arg(value_name = "MODEL_DIR")]
    pub model: PathBuf,
    /// Patients like those that the model learned from, with boxes and grades; for scorers rare grades should be frequent (svh phantom --grades even)
    #[arg(long, value_name = "DIR")]
    pub cohort: PathBuf,
    /// For scorers: patients unlike those, whose joints must still be graded (svh phantom --setting outside)
    #[arg(long, value_name = "DIR")]
    pub outside: Option<PathBuf>,
    /// The model folder to write; it may be the same
    #[arg(long, value_name = "MODEL_DIR")]
    pub out: PathBuf,
}

/// `svh runs`
#[derive(Debug, clap::Args)]
pub struct Runs {
    /// The cohort's folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// One JSON object a run
    #[arg(long)]
    pub json: bool,
    /// Losses by step and figures by epoch of this training as CSV, with the columns kind (loss, figure), step, epoch, split, name, value
    #[arg(long, value_name = "RUN_DIR", conflicts_with = "json")]
    pub curves: Option<PathBuf>,
}

/// `svh resume`
#[derive(Debug, clap::Args)]
pub struct Resume {
    /// The run's folder
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,
}

/// `svh doctor`
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

fn threshold(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("a score lies between 0 and 1".to_owned()),
    }
}

/// A word of an enum as its crate spells it in files.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

//! What can be typed: the commands and their options. `clap` makes the help and the messages about mistakes from it.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde::de::DeserializeOwned;
use svh_core::{Limb, model_command::ModelCommand, run::Shard, tags::Subject, training::TrainOptions};
use svh_phantom::{CHILD_SHARE, GradeMix, Setting};

use super::config::Settings;
use super::exchange_args::{Export, Import, Reviews};
use super::figure_args::{Plot, Report};
use super::protocol::args::Protocol;
use super::slurm::args::Slurm;
use crate::{Options, selection::Goto};

/// Sharp/van der Heijde scoring of rheumatoid arthritis films, in the terminal.
///
/// Without a command it opens the workbench on a cohort, or prints the cohort's summary without a terminal.
#[derive(Debug, Parser)]
#[command(name = "svh", version, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Cohort to open, or several to switch between [default: the demo]
    #[arg(value_name = "COHORT")]
    pub cohorts: Vec<PathBuf>,
    /// Open a list that a screen or a script has written: JSON or CSV with patient, limb and, if there is one, joint
    #[arg(long, value_name = "FILE")]
    pub view: Option<PathBuf>,
    /// Open a patient, a film or a joint
    #[arg(long, value_name = "PATIENT/LIMB/JOINT", conflicts_with = "view")]
    pub goto: Option<Goto>,
    /// Options of every command.
    #[command(flatten, next_help_heading = "Global options")]
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
    /// Detect the joints on films
    Detect(Detect),
    /// Detect and grade the joints of patients
    Score(Score),
    /// Write a model's boxes as label files for unlabelled films, marked as proposals
    Label(Label),
    /// Compare a run with the readers: boxes, grades, totals
    Evaluate(Evaluate),
    /// Change between visits by reader and model: SDC, limits of agreement, ICC, SRM, who progressed
    Progression(ProgressionArgs),
    /// Agreement metrics for two columns of grades
    Agreement(Agreement),
    /// Draw a figure for a paper: distribution, confusion, precision-recall, Bland-Altman, training curves and more
    Plot(Plot),
    /// Write a patient or a run as one page of HTML with films, boxes, grades, totals and what is missing
    Report(Report),
    /// Train a detector or a scorer
    #[command(subcommand)]
    Train(TrainOptions),
    /// Run the paper's protocol in one folder: split, detectors, crops, scorers, evaluation
    ///
    /// As in Nguyen-Ba et al. (RA2 DREAM challenge): split the patients, train both detectors, crop the best box of each joint, train EfficientNet and the
    /// appendix's network to grade the crops, then score and evaluate the held-out patients. Every step is a run: `svh OUT/training` shows the trainings,
    /// `svh OUT/held-out` the results. Finished steps are not repeated.
    Protocol(Box<Protocol>),
    /// Generate a synthetic cohort
    Phantom(Phantom),
    /// Import, run, calibrate or adapt a model, or fit its familiarity
    #[command(subcommand)]
    Model(ModelCommand),
    /// List the runs of a cohort
    Runs(Runs),
    /// Resume an interrupted run with the options that it was started with
    Resume(Resume),
    /// Score a cohort as a Slurm job array: write, submit, watch, cancel, finish
    Slurm(Slurm),
    /// Convert other data to a cohort: a DICOM archive, VOC, COCO, RAM-H1200, labelme, the RA2 challenge
    Import(Import),
    /// Export a cohort with its reviews applied: VOC, COCO, the RA2 challenge, Parquet
    Export(Export),
    /// List what readers corrected, graded, flagged and locked
    Reviews(Reviews),
    /// List tags, give them or take them away: of patients, films, joints, boxes and runs
    Tag(Tag),
    /// Print or check the settings: defaults of options; colours, columns and keys of the workbench
    Config(Settings),
    /// Print the completions of a shell
    ///
    /// For bash: `svh completions bash > ~/.local/share/bash-completion/completions/svh`; zsh: into a folder of $fpath as `_svh`; fish:
    /// into ~/.config/fish/completions/svh.fish.
    Completions(Completions),
    /// Print the manual page, or write one for each command into a folder
    Man(Man),
    /// Check the terminal, libtorch, devices and models, and say how to fix what is missing
    Doctor(Doctor),
}

/// `svh summary`
#[derive(Debug, clap::Args)]
pub struct Summary {
    /// Cohort folder
    pub cohort: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `svh show`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Film
    pub film: PathBuf,
    /// Draw the boxes from the cohort's label files
    #[arg(long)]
    pub boxes: bool,
}

/// `svh detect`
#[derive(Debug, clap::Args)]
pub struct Detect {
    /// Films, or folders of films
    #[arg(required = true, value_name = "FILM")]
    pub films: Vec<PathBuf>,
    /// Print one JSON object per film
    #[arg(long)]
    pub json: bool,
    /// Limb of films whose names do not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// Raw detections: after the network's post-processing, without limb mask or best-box rule
    #[arg(long)]
    pub raw: bool,
    /// Minimum score of a box used for grading [default: 0.2]
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// Turn the shape model off: it then rejects, resizes and infers no box
    #[arg(long)]
    pub no_shape: bool,
    /// Save the run in this folder; rerun the same command to resume it. Films are then printed only with --json
    #[arg(long, value_name = "RUN_DIR", conflicts_with = "raw")]
    pub out: Option<PathBuf>,
}

/// Films chosen by their tags.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TagFilter {
    /// Only films with this tag (several: with all of them): their own, their patient's, or that of a joint or a box on them
    #[arg(long, value_name = "NAME")]
    pub tag: Vec<String>,
    /// Without the films that have this tag
    #[arg(long, value_name = "NAME")]
    pub without_tag: Vec<String>,
}

impl TagFilter {
    /// In words: `with #blurred and without #rotated`.
    pub fn words(&self) -> String {
        let list = |tags: &[String]| tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(", ");
        match (self.tag.is_empty(), self.without_tag.is_empty()) {
            (false, true) => format!("with {}", list(&self.tag)),
            (true, _) => format!("without {}", list(&self.without_tag)),
            (false, false) => format!("with {} and without {}", list(&self.tag), list(&self.without_tag)),
        }
    }
}

/// `svh score`
#[derive(Clone, Debug, clap::Args)]
pub struct Score {
    /// Cohort, or films
    #[arg(required = true, value_name = "FILM|COHORT")]
    pub inputs: Vec<PathBuf>,
    /// Only these patients
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub patient: Vec<String>,
    /// Only patients with this tag, or with anything that has it
    #[arg(long, value_name = "NAME", conflicts_with = "patient")]
    pub tag: Option<String>,
    /// Limb of films whose names do not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// Print one JSON object per patient
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Write the 90 columns of the RA2 challenge to this file (`-` is stdout)
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// Grade written to the CSV for joints without a film or box [default: empty]
    #[arg(long, value_name = "GRADE", requires = "csv", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub missing: Option<u8>,
    /// With --missing: the same grade for open joints, which were left ungraded because they look unfamiliar
    #[arg(long)]
    pub missing_open: bool,
    /// Save the run in this folder; rerun the same command to resume it
    #[arg(long, value_name = "RUN_DIR")]
    pub out: Option<PathBuf>,
    /// Turn the shape model off: it then rejects, resizes and infers no box
    #[arg(long)]
    pub no_shape: bool,
    /// Score one of N parts of the film sets, such as 3/8, into the run's folder for shards; any number of machines may score shards of one run at the
    /// same time. In a Slurm job array with --out the default is the task's number. `svh slurm` writes such an array
    #[arg(long, value_name = "I/N", requires = "out", conflicts_with = "csv")]
    pub shard: Option<Shard>,
    /// Drops the remarks about single films; for commands in which this is one step of several.
    #[arg(skip)]
    pub without_remarks: bool,
}

impl Score {
    /// Every patient's totals as lines of text, and nothing kept.
    pub fn of(inputs: Vec<PathBuf>, patient: Vec<String>, limb: Option<Limb>) -> Self {
        Self {
            inputs,
            patient,
            tag: None,
            limb,
            json: false,
            csv: None,
            missing: None,
            missing_open: false,
            out: None,
            no_shape: false,
            shard: None,
            without_remarks: false,
        }
    }
}

/// `svh label`
///
/// Writes Pascal VOC files, marked as proposals, into narrowing_labels/ and erosion_labels/ for films that have none for a task. What a reader labelled,
/// changed or reviewed is never touched; untouched proposals of another model or threshold are replaced. The review queue of the workbench (V) lists
/// proposals, doubtful ones first; `svh export voc` writes accepted and corrected ones as labelled by a reader.
#[derive(Debug, clap::Args)]
pub struct Label {
    /// Cohort folder
    pub cohort: PathBuf,
    /// Only these patients
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub patient: Vec<String>,
    /// Only patients with this tag, or with anything that has it
    #[arg(long, value_name = "NAME", conflicts_with = "patient")]
    pub tag: Option<String>,
    /// Minimum score of a proposed box [default: 0.2]
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// Print one JSON object per film and task
    #[arg(long)]
    pub json: bool,
}

/// `svh evaluate`
///
/// Detection (COCO, TIDE, each error by name, counts after the best-box rule, effect on totals), grades with intervals and baselines, and totals.
#[derive(Debug, clap::Args)]
pub struct Evaluate {
    /// Cohort with the reference: label files and training.csv
    #[arg(required_unless_present = "coco")]
    pub cohort: Option<PathBuf>,
    /// Run to evaluate: a folder, or the name of one of the cohort's runs [default: the newest finished one]
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Compare with this run: differences with 95 % intervals, over the films and joints of both runs
    #[arg(long, value_name = "RUN_DIR", conflicts_with_all = ["csv", "weights"])]
    pub against: Option<PathBuf>,
    /// Detection metrics for two COCO files, ground truth and results
    #[arg(long, num_args = 2, value_names = ["GT.json", "DT.json"], conflicts_with_all = ["cohort", "run", "against", "csv", "weights", "tag", "without_tag"])]
    pub coco: Option<Vec<PathBuf>>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Write a table to this file (`-` is stdout)
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// Table to write
    #[arg(long, value_enum, default_value_t = Table::Grades, requires = "csv")]
    pub table: Table,
    /// Use the cohort's files as they are, without the readers' reviews
    #[arg(long, conflicts_with = "coco")]
    pub without_reviews: bool,
    /// Films by their tags.
    #[command(flatten)]
    pub films: TagFilter,
    /// Minimum score of a box [default: 0.2; with --coco 0]
    #[arg(long, value_name = "0-1", value_parser = threshold)]
    pub threshold: Option<f32>,
    /// Weights for weighted errors: a CSV file with a header; the column weight and any of task (narrowing, erosion, hand_erosion, foot_erosion),
    /// joint (mcp_2, or LH_mcp_2) and grade (the reader's). An empty cell matches everything, the last matching line wins, and without a match the
    /// weight is 1
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
}

/// The tables of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// Grading metrics by scale and joint, in the layout in which RAM-H1200 publishes its results
    Grades,
    /// Every detection error with both boxes and its effect on the total
    Errors,
    /// Right, wrong and missed boxes by joint after the best-box rule
    Joints,
    /// How often each grade occurs, by reader and model, and what a weighted sampler would draw
    Imbalance,
    /// Cells of the confusion matrices
    Confusion,
    /// Totals of every patient: overall, by task and by limb
    Totals,
}

/// `svh progression`
///
/// Pairs each visit of a patient in visits.csv with the next one, and counts the joints that are graded at both visits (with --run, by the reader and the
/// model). Without --threshold a change above the smallest detectable change counts as progression.
#[derive(Debug, clap::Args)]
pub struct ProgressionArgs {
    /// Cohort with visits.csv
    pub cohort: PathBuf,
    /// Run of the model: a folder, or the name of one of the cohort's runs
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// Change above which a patient has progressed [default: the smallest detectable change]
    #[arg(long, value_name = "UNITS")]
    pub threshold: Option<f64>,
    /// The mean of two readers' locked answers is the reader's grade, over the joints that both answered
    #[arg(long, num_args = 2, value_names = ["READER", "READER"])]
    pub readers: Vec<String>,
    /// With --readers: list as CSV the pairs of visits on whose change of the total the readers differ by more than so many units, for an adjudicator
    #[arg(long, value_name = "UNITS", requires = "readers", conflicts_with_all = ["json", "csv"])]
    pub adjudicate: Option<f64>,
    /// Print one JSON object, with the points of the cumulative probability plots
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Write a line for each pair of visits and part of the score to this file (`-` is stdout)
    #[arg(long, value_name = "OUT")]
    pub csv: Option<PathBuf>,
    /// Use training.csv as it is, without the readers' reviews
    #[arg(long)]
    pub without_reviews: bool,
}

/// `svh agreement`
#[derive(Debug, clap::Args)]
pub struct Agreement {
    /// CSV file with the columns true, predicted and, for confidence intervals, patient; an empty cell is a missing grade
    pub csv: PathBuf,
    /// Highest grade of the scale: 4 for narrowing, 5 for erosion in hands, 10 in feet
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub max_grade: u8,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Weights for weighted errors: a CSV file with the columns grade (the true one) and weight
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
}

/// `svh phantom`
#[derive(Debug, clap::Args)]
pub struct Phantom {
    /// Folder to create; it must be new or empty
    pub out: PathBuf,
    /// Number of patients, four films each
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub patients: u32,
    /// Random seed; the same seed gives the same bytes
    #[arg(long)]
    pub seed: u64,
    /// standard, or outside: blur, noise, tone and anatomy beyond the standard ranges, to test models trained on those
    #[arg(long, default_value = "standard", value_parser = named::<Setting>)]
    pub setting: Setting,
    /// natural: grade frequencies of real cohorts, mostly 0; even: all grades equally often, for training scorers; healthy: grade 0 everywhere
    #[arg(long, default_value = "natural", value_parser = named::<GradeMix>)]
    pub grades: GradeMix,
    /// Longest side of a film in pixels [default: that of real films]
    #[arg(long, value_name = "PIXELS")]
    pub max_side: Option<u32>,
    /// Share of hand films cropped to the wrist, 0 to 1, for detectors that must also read wrist films
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub wrists: f32,
    /// Share of patients who still grow, 0 to 1, for detectors that growth plates must not mislead
    #[arg(long, value_name = "SHARE", default_value_t = CHILD_SHARE, value_parser = share)]
    pub children: f32,
}

/// A share from 0 to 1.
fn share(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(format!("{text} is not a share; give a number from 0 to 1")) }
}

/// `svh tag`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Tag {
    /// Cohort folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// Only what has this tag
    #[arg(long, value_name = "NAME")]
    pub tag: Option<String>,
    /// Print one JSON object per tagged thing
    #[arg(long)]
    pub json: bool,
    /// Print CSV, one line per tagged thing
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Print the list that `svh COHORT --view FILE` opens
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub view: bool,
    /// What to do with a tag.
    #[command(subcommand)]
    pub action: Option<TagAction>,
}

/// What `svh tag` does with a tag.
#[derive(Debug, Subcommand)]
pub enum TagAction {
    /// Give a tag: `svh tag add COHORT blurred PHA001/LH PHA002/RF/mtp_1@erosion run:20261128-101500-score`
    Add {
        /// Cohort folder
        cohort: PathBuf,
        /// The tag: letters, digits, `-`, `_` and `.`
        tag: String,
        /// Places: PATIENT, PATIENT/LIMB, PATIENT/LIMB/JOINT[@TASK], with #x0,y0,x1,y1 behind it for a box, or run:NAME
        #[arg(required = true, value_name = "PLACE")]
        places: Vec<Subject>,
    },
    /// Take a tag away; who gave it, and when, stays on record
    Remove {
        /// Cohort folder
        cohort: PathBuf,
        /// The tag
        tag: String,
        /// Places, as `svh tag` lists them
        #[arg(required = true, value_name = "PLACE")]
        places: Vec<Subject>,
    },
}

/// `svh runs`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Runs {
    /// Cohort folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// Print one JSON object per run
    #[arg(long)]
    pub json: bool,
    /// Print the training curves of this run as CSV: losses by step and metrics by epoch, with the columns kind (loss, figure), step, epoch, split,
    /// name, value
    #[arg(long, value_name = "RUN_DIR", conflicts_with = "json")]
    pub curves: Option<PathBuf>,
    /// What to do with a run.
    #[command(subcommand)]
    pub action: Option<RunsAction>,
}

/// What `svh runs` does with a run.
#[derive(Debug, Subcommand)]
pub enum RunsAction {
    /// Delete runs: what svh wrote into their folders, and the folders where nothing else is in them
    Delete {
        /// Run folders
        #[arg(required = true, value_name = "RUN_DIR")]
        runs: Vec<PathBuf>,
    },
    /// Give a run another name in the same folder
    Rename {
        /// The run's folder
        #[arg(value_name = "RUN_DIR")]
        run: PathBuf,
        /// Its new name
        name: String,
    },
    /// Keep a note with a run, which `svh runs` and the Runs screen show; an empty note removes it
    Annotate {
        /// The run's folder
        #[arg(value_name = "RUN_DIR")]
        run: PathBuf,
        /// The note, of at most 2000 characters
        note: String,
    },
}

/// `svh resume`
#[derive(Debug, clap::Args)]
pub struct Resume {
    /// The run's folder
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,
}

/// `svh completions`
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `svh man`
#[derive(Debug, clap::Args)]
pub struct Man {
    /// Write svh.1 and a page for each command into this folder, instead of printing svh's
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The shells that completions are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// The Z shell
    Zsh,
    /// The friendly interactive shell
    Fish,
}

/// `svh doctor`
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Print one JSON object
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

//! What can be typed after `svh import`, `svh export` and `svh reviews`.

use std::path::PathBuf;

use clap::ValueEnum;
use svh_analysis::Scale;
use svh_core::import::Format;
use svh_core::link_mode::LinkMode;
use svh_core::{Limb, Task};

/// `svh import`
#[derive(Debug, clap::Args)]
pub struct Import {
    /// voc, coco, ram-h1200, labelme or challenge
    pub format: Format,
    /// The folder or file of the foreign data
    #[arg(value_name = "SRC")]
    pub source: PathBuf,
    /// The cohort to make; it must be new or empty
    pub out: PathBuf,
    /// The limb of films whose names do not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// The task of boxes that could be of either: narrowing or erosion
    #[arg(long)]
    pub task: Option<Task>,
    /// Of RAM-H1200, only these splits [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub split: Vec<String>,
    /// How films come along: link (a second name of the same file, or a copy where that cannot be) or copy
    #[arg(long, value_name = "HOW", default_value = "link", value_parser = link_or_copy)]
    pub films: LinkMode,
    /// Say what would be taken and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The account as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `svh export`
#[derive(Debug, clap::Args)]
pub struct Export {
    /// What to write
    #[arg(value_enum)]
    pub format: Into,
    /// The cohort's folder
    pub cohort: PathBuf,
    /// The folder to make, or for `challenge` the file; nothing is overwritten
    pub out: PathBuf,
    /// Export what this run found in place of people's boxes and grades
    #[arg(long, value_name = "RUN_DIR")]
    pub run: Option<PathBuf>,
    /// People's boxes and grades as the readers corrected them; this is the default
    #[arg(long, conflicts_with = "without_reviews")]
    pub reviews: bool,
    /// As the cohort's files have them, without any review
    #[arg(long)]
    pub without_reviews: bool,
    /// How films come along: link (a second name of the same file, or a copy where that cannot be), copy or no
    #[arg(long, value_name = "HOW", default_value = "link")]
    pub films: LinkMode,
    /// In the challenge's CSV, this grade for joints without film or box [default: empty]
    #[arg(long, value_name = "GRADE", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub missing: Option<u8>,
    /// With --missing: the same grade for joints that a run left open because they look unfamiliar
    #[arg(long, requires = "missing")]
    pub missing_open: bool,
    /// The account as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a cohort is exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Into {
    /// A cohort of its own: label files, table, films
    Voc,
    /// COCO, one file a task; with --run also the results
    Coco,
    /// The 90 columns of the RA2 challenge, one CSV file
    Challenge,
    /// Tables of boxes and grades for pandas, duckdb, polars
    Parquet,
}

/// `svh reviews`
#[derive(Debug, clap::Args)]
pub struct Reviews {
    /// The cohort's folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// What is worth a look, one line an item
    #[arg(long, conflicts_with_all = ["log", "between"])]
    pub queue: bool,
    /// Everything that was done, in order
    #[arg(long, conflicts_with = "between")]
    pub log: bool,
    /// Two readers' locked answers beside each other, as CSV that `svh agreement` reads
    #[arg(long, num_args = 2, value_names = ["READER", "READER"])]
    pub between: Vec<String>,
    /// With --between, only the joints of one scale, which figures must not mix: narrowing, hand_erosion or foot_erosion
    #[arg(long, requires = "between", value_parser = scale)]
    pub scale: Option<Scale>,
    /// One JSON object a line
    #[arg(long, conflicts_with = "between")]
    pub json: bool,
}

fn scale(text: &str) -> Result<Scale, String> {
    let found = Scale::ALL.into_iter().find(|scale| scale.name() == text);
    found.ok_or_else(|| "use narrowing, hand_erosion or foot_erosion".to_owned())
}

fn link_or_copy(text: &str) -> Result<LinkMode, String> {
    match text.parse() {
        Ok(LinkMode::No) | Err(_) => Err("use link or copy: a cohort needs its films".to_owned()),
        Ok(bring) => Ok(bring),
    }
}

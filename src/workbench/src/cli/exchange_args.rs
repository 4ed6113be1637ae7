//! The arguments of `svh import`, `svh export` and `svh reviews`.

use std::path::PathBuf;

use clap::ValueEnum;
use svh_analysis::Scale;
use svh_core::import::Format;
use svh_core::link_mode::LinkMode;
use svh_core::{Limb, Task};

use super::args::TagFilter;

/// `svh import`
#[derive(Debug, clap::Args)]
pub struct Import {
    /// Format of SRC: dicom, voc, coco, ram-h1200, labelme or challenge
    pub format: Format,
    /// Folder or file to import
    #[arg(value_name = "SRC")]
    pub source: PathBuf,
    /// Cohort folder to create; it must be new or empty
    pub out: PathBuf,
    /// Limb of films whose names do not say it: LH, RH, LF or RF
    #[arg(long)]
    pub limb: Option<Limb>,
    /// Task of boxes that could belong to either: narrowing or erosion
    #[arg(long)]
    pub task: Option<Task>,
    /// For RAM-H1200: only these splits [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub split: Vec<String>,
    /// How to bring the films: link (a hard link, or a copy where the file system cannot link) or copy
    #[arg(long, value_name = "HOW", default_value = "link", value_parser = link_or_copy)]
    pub films: LinkMode,
    /// For DICOM: file of the key that makes pseudonyms and shifts dates, outside of OUT; made where there is none. Keep it secret: with it the
    /// pseudonyms can be undone. FILE.OUT.files.csv beside it says which file became which film
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// For DICOM: a CSV file with the columns original (the PatientID) and pseudonym, instead of pseudonyms by the key
    #[arg(long, value_name = "FILE", requires = "key")]
    pub pseudonyms: Option<PathBuf>,
    /// For DICOM: also take films whose header says that text is burned in
    #[arg(long)]
    pub burned_in: bool,
    /// For DICOM: leave out films whose header does not tell the limb, instead of asking the detector
    #[arg(long)]
    pub no_detector: bool,
    /// For DICOM: the detector looks at every film, and where it disagrees with the header that is listed in doubts.csv
    #[arg(long, conflicts_with = "no_detector")]
    pub check: bool,
    /// For DICOM: blank what lies far from the joints that the detector finds, such as burned-in letters
    #[arg(long, conflicts_with = "no_detector")]
    pub blank_edges: bool,
    /// For DICOM: write no contact sheets
    #[arg(long)]
    pub no_sheets: bool,
    /// Print what would be imported and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `svh export`
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Format to write
    #[arg(value_enum)]
    pub format: Into,
    /// Cohort folder
    pub cohort: PathBuf,
    /// Folder to create, or for `challenge` the file; nothing is overwritten
    pub out: PathBuf,
    /// Export a run's boxes and grades instead of the readers': a folder, the name of one of the cohort's runs, or nothing (at the end of the line) for the newest
    /// finished one
    #[arg(long, value_name = "RUN_DIR", num_args = 0..=1, default_missing_value = "newest")]
    pub run: Option<PathBuf>,
    /// Films by their tags.
    #[command(flatten)]
    pub chosen: TagFilter,
    /// Apply the readers' reviews; this is the default
    #[arg(long, conflicts_with = "without_reviews")]
    pub reviews: bool,
    /// Export the cohort's files as they are, without reviews
    #[arg(long)]
    pub without_reviews: bool,
    /// How to bring the films: link (a hard link, or a copy where the file system cannot link), copy or no
    #[arg(long, value_name = "HOW", default_value = "link")]
    pub films: LinkMode,
    /// Grade written to the challenge's CSV for joints without a film or box [default: empty]
    #[arg(long, value_name = "GRADE", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub missing: Option<u8>,
    /// With --missing: the same grade for open joints, which the run left ungraded because they look unfamiliar
    #[arg(long, requires = "missing")]
    pub missing_open: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The formats of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Into {
    /// A cohort folder: Pascal VOC label files, table, films
    Voc,
    /// COCO, one file per task; with --run also the results
    Coco,
    /// One CSV file with the 90 columns of the RA2 challenge
    Challenge,
    /// Tables of boxes and grades for pandas, duckdb, polars
    Parquet,
}

/// `svh reviews`
#[derive(Debug, clap::Args)]
pub struct Reviews {
    /// Cohort folder [default: the demo]
    pub cohort: Option<PathBuf>,
    /// Print the review queue, one item per line
    #[arg(long, conflicts_with_all = ["log", "between"])]
    pub queue: bool,
    /// Print every review action in order
    #[arg(long, conflicts_with = "between")]
    pub log: bool,
    /// Print two readers' locked answers side by side, as CSV for `svh agreement`
    #[arg(long, num_args = 2, value_names = ["READER", "READER"])]
    pub between: Vec<String>,
    /// With --between: only the joints of one scale, since metrics must not mix scales: narrowing, hand_erosion or foot_erosion
    #[arg(long, requires = "between", value_parser = scale)]
    pub scale: Option<Scale>,
    /// Print one JSON object per line
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

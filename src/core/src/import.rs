//! Foreign data as cohorts: Pascal VOC, COCO, RAM-H1200, labelme landmarks, the challenge's folder.
//!
//! [`read`] looks at everything and writes nothing; the [`CohortBuilder`] says what it took and what it left out and why. [`CohortBuilder::write`] then makes the cohort,
//! which appears when it is complete.

mod challenge;
mod coco;
mod cohort_builder;
mod error;
mod films;
mod labelme;
mod names;
mod ram;
mod report;
mod voc;

use std::path::Path;

pub use cohort_builder::CohortBuilder;
pub use error::ImportError;
pub use report::{LeftOut, Report};

/// What the data do not say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The limb of films whose names do not say it.
    pub limb: Option<crate::Limb>,
    /// The task of boxes that could be of either.
    pub task: Option<crate::Task>,
    /// Only these splits, where there are splits.
    pub splits: Vec<String>,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Label files as LabelImg writes them, with their films.
    Voc,
    /// COCO files whose categories are joints, with their films.
    Coco,
    /// RAM-H1200: splits with score files and COCO files.
    RamH1200,
    /// labelme files with landmarks of hands and feet.
    Labelme,
    /// The challenge's table with its films.
    Challenge,
    /// A DICOM archive; [`crate::archive`] reads it.
    Dicom,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Voc, Self::Coco, Self::RamH1200, Self::Labelme, Self::Challenge, Self::Dicom];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voc => "voc",
            Self::Coco => "coco",
            Self::RamH1200 => "ram-h1200",
            Self::Labelme => "labelme",
            Self::Challenge => "challenge",
            Self::Dicom => "dicom",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("`{text}` is not an import format; use dicom, voc, coco, ram-h1200, labelme or challenge"))
    }
}

/// Looks at a source and writes nothing.
///
/// # Errors
/// A source that cannot be read, holds nothing to take, or leaves open what it means.
pub fn read(format: Format, source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    std::fs::metadata(source).map_err(|error| ImportError::unreadable(source, &error))?;
    let builder = match format {
        Format::Voc => voc::read(source, wanted),
        Format::Coco => coco::read(source, wanted),
        Format::RamH1200 => ram::read(source, wanted),
        Format::Labelme => labelme::read(source, wanted),
        Format::Challenge => challenge::read(source, wanted),
        // Pseudonyms need a key, so an archive has a way of its own.
        Format::Dicom => Ok(CohortBuilder::default()),
    }?;
    match builder.is_empty() {
        false => Ok(builder),
        true => {
            let why = builder.report().first_reason().unwrap_or_else(|| looked_for(format).to_owned());
            Err(ImportError::Nothing { path: source.to_owned(), format: format.name(), why })
        }
    }
}

const fn looked_for(format: Format) -> &'static str {
    match format {
        Format::Voc => "there are neither narrowing_labels/ and erosion_labels/ nor any .xml file with boxes of joints",
        Format::Coco => "there is no .json file with images, annotations and categories named after joints",
        Format::RamH1200 => "there is no _annotation_be_scores.json, _annotation_jsn_scores.json or *.coco.json in it or in its folders",
        Format::Labelme => "there is no .json file with shapes named after landmarks, such as 5_mcp_1 or mtp_1",
        Format::Dicom => "an archive is imported with a key: `svh import dicom SRC OUT --key FILE`",
        Format::Challenge => "there is no table with Patient_ID and the 86 joints",
    }
}

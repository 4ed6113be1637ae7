//! Selections from files: JSON, or CSV with a header.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use svh_core::intake;
use thiserror::Error;

use super::{Line, Selection};

/// Larger files are no selections of a cohort.
const MOST: u64 = 1 << 30;

/// A file that is not a selection.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{} cannot be read ({reason}); give a file that svh exported, or one like it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An entry is wrong.
    #[error("{}, entry {number} (from 1): {what}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        number: usize,
        /// What is wrong.
        what: String,
    },
}

/// The two forms of JSON: with a title, or the entries alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Titled {
        #[serde(default)]
        title: String,
        items: Vec<Entry>,
    },
    Bare(Vec<Entry>),
}

/// An entry in full, or a place alone: `"PATIENT/LIMB/JOINT"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Place(String),
    Full(Box<Line>),
}

/// Reads a selection.
///
/// # Errors
/// A file that cannot be read, and entries that name no place of a cohort.
pub fn read(path: &Path) -> Result<Selection, ReadError> {
    let unreadable = |reason: String| ReadError::Unreadable { path: path.to_path_buf(), reason };
    let bytes = intake::bytes(path, MOST).map_err(|error| unreadable(error.to_string()))?;
    let text = intake::decode(&bytes).map_err(unreadable)?;
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let is_json = text.trim_start().starts_with(['{', '[']);
    let (title, lines) = if is_json { json(&text) } else { csv(&text) }.map_err(unreadable)?;
    let item =
        |(place, line): (usize, Line)| line.item().map_err(|what| ReadError::Entry { path: path.to_path_buf(), number: place + 1, what });
    let items = lines.into_iter().enumerate().map(item).collect::<Result<_, _>>()?;
    Ok(Selection { title: if title.is_empty() { name } else { title }, items })
}

fn json(text: &str) -> Result<(String, Vec<Line>), String> {
    let document: Document = serde_json::from_str(text)
        .map_err(|_| "it is not a list of entries with patient and limb, nor of places such as \"PHA001/LH/mcp_2\"".to_owned())?;
    let (title, entries) = match document {
        Document::Titled { title, items } => (title, items),
        Document::Bare(items) => (String::new(), items),
    };
    let line = |entry| match entry {
        Entry::Full(line) => *line,
        Entry::Place(place) => {
            let mut parts = place.splitn(3, '/').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            Line { patient: next(), limb: next(), joint: parts.next(), ..Line::default() }
        }
    };
    Ok((title, entries.into_iter().map(line).collect()))
}

fn csv(text: &str) -> Result<(String, Vec<Line>), String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|error| error.to_string())?.clone();
    let place = |name: &str| heads.iter().position(|head| head.eq_ignore_ascii_case(name));
    if place("patient").is_none() || place("limb").is_none() {
        return Err("it is neither JSON nor a CSV file with the columns patient and limb".to_owned());
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let text = |name: &str| place(name).and_then(|place| record.get(place)).filter(|text| !text.is_empty());
        let number = |name: &str| {
            text(name).map(|text| text.parse::<f32>().map_err(|_| format!("`{text}` in the column {name} is not a number"))).transpose()
        };
        let bbox = |names: [&str; 4]| -> Result<Option<[f32; 4]>, String> {
            let [x0, y0, x1, y1] = names.map(number);
            Ok(match (x0?, y0?, x1?, y1?) {
                (Some(x0), Some(y0), Some(x1), Some(y1)) => Some([x0, y0, x1, y1]),
                _ => None,
            })
        };
        let grade = |name: &str| number(name).map(|grade| grade.map(|grade| grade as u8));
        let owned = |name: &str| text(name).map(str::to_owned);
        lines.push(Line {
            patient: owned("patient").unwrap_or_default(),
            limb: owned("limb").unwrap_or_default(),
            task: owned("task"),
            joint: owned("joint"),
            what: owned("what").unwrap_or_default(),
            found: bbox(["x0", "y0", "x1", "y1"])?,
            reference: bbox(["reference_x0", "reference_y0", "reference_x1", "reference_y1"])?,
            before: bbox(["before_x0", "before_y0", "before_x1", "before_y1"])?,
            score: number("score")?,
            iou: number("iou")?,
            reader: grade("reader")?,
            model: grade("model")?,
            tags: text("tags").map(|tags| tags.split_whitespace().map(str::to_owned).collect()).unwrap_or_default(),
        });
    }
    Ok((String::new(), lines))
}

//! The tables of a run as Parquet files in its folder, which screens and other tools (pandas, duckdb) read.
//!
//! They are derived: what counts is `results.jsonl`. A table is read back only where the seal beside it says that it is whole and of these results; otherwise
//! it is rebuilt.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;

use polars::prelude::*;
use polars_io::prelude::*;
use svh_core::ra2::neutral;
use svh_core::{ResultLine, RunReader, atomic};

use super::seal::{Seal, Source, sha256};
use super::{detections, films, scores};
use crate::{AnalysisError, Result};

/// The file of [`films`] in a run's folder.
pub const FILMS: &str = "films.parquet";

/// The file of [`detections`] in a run's folder.
pub const DETECTIONS: &str = "detections.parquet";

/// The file of [`scores`] in a run's folder.
pub const GRADES: &str = "grades.parquet";

const NAMES: [&str; 3] = [FILMS, DETECTIONS, GRADES];

/// The fewest bytes of results that a row comes from: a table with more rows than they allow is not of them.
const LEAST_ROW: u64 = 16;

/// The three tables of a run, and what was wrong with its results.
pub(crate) struct RunTables {
    /// [`FILMS`], [`DETECTIONS`] and [`GRADES`].
    pub frames: [DataFrame; 3],
    /// Lines that are damaged, in one sentence.
    pub problem: Option<String>,
}

/// Turns a run's `results.jsonl` into [`FILMS`], [`DETECTIONS`] and [`GRADES`]; a table without rows is written too, so that its columns are known.
///
/// # Errors
/// Results that cannot be read, or files that cannot be written; old files stay whole.
pub fn keep(run: &RunReader) -> Result<()> {
    // Lines that come in between make the seal untrue, and the tables are made again.
    let source = Source::of(run).map_err(|error| unreadable(run, &error))?;
    let results = run.read_results()?;
    let mut hashes = BTreeMap::new();
    for name in NAMES {
        let bytes = parquet(&mut table(&results.lines, name)?, &source)?;
        hashes.insert(name.to_owned(), sha256(&bytes));
        atomic::write(&run.folder().join(name), &bytes)?;
    }
    Seal::new(source, hashes, results.problem).write(run.folder())
}

/// Whether a run's Parquet files are there, whole, and of its results as they are now.
#[must_use]
pub fn is_kept(run: &RunReader) -> bool {
    Seal::of(run).is_some_and(|seal| NAMES.iter().all(|name| seal.holds(run, name)))
}

/// A table of a run: from its Parquet file where that is whole and of these results, from the results otherwise. `name` is [`FILMS`], [`DETECTIONS`] or
/// [`GRADES`].
///
/// # Errors
/// Results that cannot be read.
pub fn kept(run: &RunReader, name: &str) -> Result<DataFrame> {
    match Seal::of(run).and_then(|seal| read_back(run, &seal, name)) {
        Some(frame) => Ok(frame),
        None => table(&run.results()?, name),
    }
}

/// All tables of a run in memory; the results are read at most once.
pub(crate) fn in_memory(run: &RunReader) -> Result<RunTables> {
    if let Some(seal) = Seal::of(run) {
        let read = NAMES.iter().map(|name| read_back(run, &seal, name)).collect::<Option<Vec<_>>>();
        if let Some(frames) = read.and_then(|frames| <[DataFrame; 3]>::try_from(frames).ok()) {
            return Ok(RunTables { frames, problem: seal.problem });
        }
    }
    let results = run.read_results()?;
    let [films, detections, grades] = NAMES.map(|name| table(&results.lines, name));
    Ok(RunTables { frames: [films?, detections?, grades?], problem: results.problem })
}

/// A table from its sealed file; `None` where it is not what was written. The file is read as bytes: nothing in its name means anything.
fn read_back(run: &RunReader, seal: &Seal, name: &str) -> Option<DataFrame> {
    let mut reader = ParquetReader::new(Cursor::new(seal.table(run, name)?));
    let rows = reader.num_rows().ok()? as u64;
    if rows > seal.results.bytes / LEAST_ROW {
        return None;
    }
    let frame = reader.finish().ok()?;
    // Columns of another make would be found missing later.
    let expected = table(&[], name).ok()?;
    (frame.schema() == expected.schema()).then_some(frame)
}

fn unreadable(run: &RunReader, error: &io::Error) -> AnalysisError {
    svh_core::RunError::Unreadable { path: run.folder().join("results.jsonl"), reason: error.to_string() }.into()
}

pub(super) fn table(lines: &[ResultLine], name: &str) -> Result<DataFrame> {
    match name {
        FILMS => films(lines),
        DETECTIONS => detections(lines.iter().filter_map(ResultLine::as_film)),
        _ => scores(lines.iter().filter_map(ResultLine::as_patient)),
    }
}

/// A table as a Parquet file that names its source.
fn parquet(frame: &mut DataFrame, source: &Source) -> Result<Vec<u8>> {
    let about = [("svh.results.bytes", source.bytes.to_string()), ("svh.results.sha256", source.sha256.clone())];
    let about = about.map(|(key, value)| (key.to_owned(), value)).to_vec();
    let mut bytes = Vec::new();
    writer(&mut bytes).with_key_value_metadata(Some(KeyValueMetadata::from_static(about))).finish(frame)?;
    Ok(bytes)
}

/// Snappy is what every reader of Parquet knows.
fn writer<W: io::Write>(out: W) -> ParquetWriter<W> {
    ParquetWriter::new(out).with_compression(ParquetCompression::Snappy)
}

pub(super) fn write(path: &Path, frame: &mut DataFrame) -> Result<()> {
    let fill = |out: &mut dyn io::Write| writer(out).finish(frame).map(|_| ()).map_err(io::Error::other);
    Ok(atomic::write_with(path, fill)?)
}

/// A table as CSV with a header; missing values are empty cells, and no text is one that a spreadsheet would work out.
///
/// # Errors
/// None that the data could cause.
pub fn write_csv(frame: DataFrame) -> Result<Vec<u8>> {
    let plain = |column: &Column| match column.str() {
        Ok(texts) => Column::new(column.name().clone(), texts.iter().map(|text| text.map(neutral)).collect::<Vec<_>>()),
        Err(_) => column.clone(),
    };
    let mut frame = DataFrame::new_infer_height(frame.columns().iter().map(plain).collect())?;
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

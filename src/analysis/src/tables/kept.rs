//! The tables of a finished run as Parquet files in its folder, which screens and other tools (pandas, duckdb) read.

use std::io;
use std::path::Path;

use polars::prelude::*;
use svh_core::{ResultLine, RunReader, atomic};

use super::{detections, films, scores};
use crate::Result;

/// The file of [`films`] in a run's folder.
pub const FILMS: &str = "films.parquet";

/// The file of [`detections`] in a run's folder.
pub const DETECTIONS: &str = "detections.parquet";

/// The file of [`scores`] in a run's folder.
pub const GRADES: &str = "grades.parquet";

/// Turns a run's `results.jsonl` into [`FILMS`], [`DETECTIONS`] and [`GRADES`]; a table without rows is written too, so that its columns are known.
///
/// # Errors
/// Results that cannot be read, or files that cannot be written; old files stay whole.
pub fn keep(run: &RunReader) -> Result<()> {
    let lines = run.results()?;
    for name in [FILMS, DETECTIONS, GRADES] {
        write(&run.folder().join(name), &mut table(&lines, name)?)?;
    }
    Ok(())
}

/// Whether a run's Parquet files are there and hold all its results.
#[must_use]
pub fn is_kept(run: &RunReader) -> bool {
    let results = run.folder().join("results.jsonl");
    [FILMS, DETECTIONS, GRADES].iter().all(|name| is_newer(&run.folder().join(name), &results))
}

/// A table of a run: from its Parquet file where that is newer than the results, from the results otherwise. `name` is [`FILMS`], [`DETECTIONS`] or
/// [`GRADES`].
///
/// # Errors
/// Results that cannot be read, or a Parquet file of another make.
pub fn kept(run: &RunReader, name: &str) -> Result<LazyFrame> {
    let file = run.folder().join(name);
    if is_newer(&file, &run.folder().join("results.jsonl")) {
        let path = PlRefPath::try_from_path(&file)?;
        return Ok(LazyFrame::scan_parquet(path, ScanArgsParquet::default())?);
    }
    Ok(table(&run.results()?, name)?.lazy())
}

/// [`FILMS`], [`DETECTIONS`] and [`GRADES`] of a run in memory; the results are read at most once.
pub(crate) fn in_memory(run: &RunReader) -> Result<[DataFrame; 3]> {
    let names = [FILMS, DETECTIONS, GRADES];
    let frames = if is_kept(run) {
        names.iter().map(|name| Ok(kept(run, name)?.collect()?)).collect::<Result<Vec<_>>>()?
    } else {
        let lines = run.results()?;
        names.iter().map(|name| table(&lines, name)).collect::<Result<Vec<_>>>()?
    };
    let [films, detections, grades] = <[DataFrame; 3]>::try_from(frames).unwrap_or_default();
    Ok([films, detections, grades])
}

pub(super) fn table(lines: &[ResultLine], name: &str) -> Result<DataFrame> {
    match name {
        FILMS => films(lines),
        DETECTIONS => detections(lines.iter().filter_map(ResultLine::as_film)),
        _ => scores(lines.iter().filter_map(ResultLine::as_patient)),
    }
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|data| data.modified());
    matches!((time(file), time(than)), (Ok(file), Ok(than)) if file >= than)
}

pub(super) fn write(path: &Path, frame: &mut DataFrame) -> Result<()> {
    let fill = |out: &mut dyn io::Write| {
        // Snappy is what every reader of Parquet knows.
        let writer = ParquetWriter::new(out).with_compression(ParquetCompression::Snappy);
        writer.finish(frame).map(|_| ()).map_err(io::Error::other)
    };
    Ok(atomic::write_with(path, fill)?)
}

/// A table as CSV with a header; missing values are empty cells.
///
/// # Errors
/// None that the data could cause.
pub fn write_csv(mut frame: DataFrame) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

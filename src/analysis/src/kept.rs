//! The tables of a finished run as Parquet files in its folder, which screens and other tools (pandas, duckdb) read.

use std::io;
use std::path::Path;

use polars::prelude::*;
use svh_core::{RunReader, atomic};

use crate::{Result, detections, scores};

/// The file of [`detections`] in a run's folder.
pub const DETECTIONS: &str = "detections.parquet";

/// The file of [`scores`] in a run's folder.
pub const GRADES: &str = "grades.parquet";

/// Turns a run's `results.jsonl` into [`DETECTIONS`] and [`GRADES`]; a table without rows is written too, so that its columns are known.
///
/// # Errors
/// Results that cannot be read, or files that cannot be written; old files stay whole.
pub fn keep(run: &RunReader) -> Result<()> {
    write(&run.folder().join(DETECTIONS), &mut detections(&run.films()?)?)?;
    write(&run.folder().join(GRADES), &mut scores(&run.patients()?)?)
}

/// A table of a run: from its Parquet file where that is newer than the results, from the results otherwise. `name` is [`DETECTIONS`] or [`GRADES`].
///
/// # Errors
/// Results that cannot be read, or a Parquet file of another make.
pub fn kept(run: &RunReader, name: &str) -> Result<LazyFrame> {
    let file = run.folder().join(name);
    if is_newer(&file, &run.folder().join("results.jsonl")) {
        let path = PlRefPath::try_from_path(&file)?;
        return Ok(LazyFrame::scan_parquet(path, ScanArgsParquet::default())?);
    }
    Ok(match name {
        DETECTIONS => detections(&run.films()?)?,
        _ => scores(&run.patients()?)?,
    }
    .lazy())
}

fn is_newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|data| data.modified());
    matches!((time(file), time(than)), (Ok(file), Ok(than)) if file >= than)
}

fn write(path: &Path, frame: &mut DataFrame) -> Result<()> {
    let fill = |out: &mut dyn io::Write| {
        // Snappy is what every reader of Parquet knows.
        let writer = ParquetWriter::new(out).with_compression(ParquetCompression::Snappy);
        writer.finish(frame).map(|_| ()).map_err(io::Error::other)
    };
    Ok(atomic::write_with(path, fill)?)
}

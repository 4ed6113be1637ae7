//! What ties a run's tables to the results they were made from: `tables.json` beside them, with the length and the SHA-256 of `results.jsonl` and the
//! SHA-256 of every table. Times say nothing: clocks go wrong, copies are newer than what they were copied from, and a disk may flip a bit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use svh_core::{RunReader, atomic, intake};

use crate::Result;

/// The file beside the tables.
const SEAL: &str = "tables.json";

/// Changes with the tables' columns.
const VERSION: u32 = 1;

/// The most bytes of a table that are read back.
const MAX_TABLE: u64 = 1 << 31;

/// What the tables of a run were made from, and what they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seal {
    version: u32,
    /// Of `results.jsonl`.
    pub results: Source,
    /// SHA-256 by file name.
    tables: BTreeMap<String, String>,
    /// What was wrong with the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A file by its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}

impl Source {
    /// The results of a run as they are now, of a run in shards one file after the other; a run without any has none.
    pub fn of(run: &RunReader) -> io::Result<Self> {
        let mut hash = Hash::default();
        for path in run.result_files() {
            match intake::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                file => hash.add(file?)?,
            }
        }
        Ok(hash.source())
    }
}

impl Seal {
    /// Of tables that have been written, by their content.
    pub fn new(results: Source, tables: BTreeMap<String, String>, problem: Option<String>) -> Self {
        Self { version: VERSION, results, tables, problem }
    }

    /// The seal of a run, where it is that of its results as they are now.
    pub fn of(run: &RunReader) -> Option<Self> {
        let bytes = intake::bytes(&run.folder().join(SEAL), intake::MAX_SETTINGS).ok()?;
        let seal: Self = serde_json::from_slice(&bytes).ok()?;
        // The length tells most differences without reading the results.
        let length: u64 = run.result_files().iter().map(|path| path.metadata().map_or(0, |data| data.len())).sum();
        (seal.version == VERSION && seal.results.bytes == length && Source::of(run).ok()? == seal.results).then_some(seal)
    }

    /// A table's bytes, where they are those that were written.
    pub fn table(&self, run: &RunReader, name: &str) -> Option<Vec<u8>> {
        let bytes = intake::bytes(&run.folder().join(name), MAX_TABLE).ok()?;
        (self.tables.get(name) == Some(&format!("{:x}", Sha256::digest(&bytes)))).then_some(bytes)
    }

    /// Whether a table is what was written.
    pub fn holds(&self, run: &RunReader, name: &str) -> bool {
        let file = intake::open(&run.folder().join(name));
        file.and_then(hash).is_ok_and(|source| self.tables.get(name) == Some(&source.sha256))
    }

    /// Puts the seal beside the tables.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other);
        let text = text.map_err(|error| atomic::WriteError::new(&folder.join(SEAL), error))?;
        Ok(atomic::write(&folder.join(SEAL), (text + "\n").as_bytes())?)
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn hash(file: File) -> io::Result<Source> {
    let mut hash = Hash::default();
    hash.add(file)?;
    Ok(hash.source())
}

/// The hash of files read one after the other.
#[derive(Default)]
struct Hash {
    hash: Sha256,
    bytes: u64,
    any: bool,
}

impl Hash {
    fn add(&mut self, mut file: File) -> io::Result<()> {
        self.any = true;
        let mut block = vec![0; 1 << 18];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(()),
                count => {
                    self.hash.update(&block[..count]);
                    self.bytes += count as u64;
                }
            }
        }
    }

    /// What was read; a missing file has no hash.
    fn source(self) -> Source {
        if !self.any {
            return Source::default();
        }
        Source { bytes: self.bytes, sha256: format!("{:x}", self.hash.finalize()) }
    }
}

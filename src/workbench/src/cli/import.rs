//! `svh import`: foreign data become a cohort.

use svh_core::import::{self, Format, ImportOptions};

use super::{
    exchange_args::Import,
    failure::{Failure, Outcome},
    import_dicom, inputs, out,
    progress::Progress,
    stop,
};
use crate::Options;

/// Says what is taken and what is left out and why, and makes the cohort.
pub fn run(command: &Import, options: &Options) -> Outcome {
    if command.format == Format::Dicom {
        return import_dicom::run(command, options);
    }
    let progress = Progress::new(options.quiet);
    progress.what("reading");
    let wanted = ImportOptions { limb: command.limb, task: command.task, splits: command.split.clone() };
    let draft = import::read(command.format, &command.source, &wanted).map_err(Failure::user)?;
    let mut report = draft.report();
    if !command.dry_run {
        inputs::tell_of_unfinished(&command.out, &progress);
        let stop = stop::on_signals().map_err(Failure::program)?;
        let written = draft.write(&command.out, command.films, &stop, |done, total| progress.set(done, total, "films"));
        report = written.map_err(Failure::user)?;
    }
    drop(progress);
    if command.json { out::json(&report) } else { out::line(report.to_string().trim_end()) }
}

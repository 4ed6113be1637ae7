//! `svh phantom`: a synthetic cohort.

use std::time::Instant;

use svh_phantom::{CohortSpec, PhantomError, generate};

use super::{
    args::Phantom,
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
    stop,
};
use crate::Options;

/// Makes the cohort.
pub fn run(command: &Phantom, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let started = Instant::now();
    let mut spec = CohortSpec::new(command.patients, command.seed);
    spec.setting = command.setting;
    spec.mix = command.grades;
    spec.max_side = command.max_side;
    spec.wrist_share = command.wrists;
    spec.child_share = command.children;
    let stop = stop::on_signals().map_err(Failure::program)?;
    inputs::tell_of_unfinished(&command.out, &progress);
    let made = generate(&command.out, &spec, &stop, |done, total| progress.set(done, total, "films")).map_err(failed)?;
    drop(progress);
    out::line(format_args!(
        "{}: {} patients, {} films, {} boxes in {:.1} s",
        command.out.display(),
        made.patients,
        made.films,
        made.boxes,
        started.elapsed().as_secs_f64()
    ))
}

fn failed(error: PhantomError) -> Failure {
    match error {
        PhantomError::Encode { .. } => Failure::program(error),
        error => Failure::user(error),
    }
}

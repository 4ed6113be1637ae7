//! `svh plot`: figures for papers.

use svh_analysis::{Part, Scale, TrainingCurves, detection::CocoMetrics};
use svh_core::{RunReader, Task};

use super::{
    evaluate::failure,
    evaluated::{Evaluated, cohort_folder, run_folder},
    failure::{Failure, Outcome},
    figure_args::{Plot, What},
    progress::Progress,
};
use crate::{
    Options,
    figures::{self, Figure, FigureError},
};

/// Draws the figure and writes it.
pub fn run(command: &Plot, options: &Options) -> Outcome {
    if figures::Format::of(&command.out).is_none() {
        return Err(Failure::user(FigureError::Format(command.out.clone())));
    }
    let progress = Progress::new(options.quiet);
    let figure = figure(command, &progress)?;
    progress.clear();
    figures::save(&figure, &command.out).map_err(said)?;
    progress.note(&format!("wrote {}", command.out.display()));
    Ok(())
}

/// A figure's failure: data that are not there are the user's, the rest is ours.
fn said(error: FigureError) -> Failure {
    match error {
        FigureError::Draw(_) => Failure::program(error),
        _ => Failure::user(error),
    }
}

fn figure(command: &Plot, progress: &Progress) -> Outcome<Figure> {
    let folder = cohort_folder(command.cohort.as_deref())?;
    if command.what == What::Curves {
        let Some(run) = &command.run else {
            return Err(Failure::user("curves are those of one training; name it with --run (`svh runs` lists them)"));
        };
        let run = RunReader::open(&run_folder(&folder, run)).map_err(Failure::user)?;
        let mut curves = TrainingCurves::default();
        curves.add(&run.events().map_err(Failure::user)?);
        return figures::training_curves(&run.name(), &curves).map_err(said);
    }
    let found = Evaluated::open(&folder, command.run.as_deref(), progress)?;
    let evaluation = &found.evaluation;
    let task = command.task.unwrap_or(Task::Narrowing);
    let scale = command.scale.unwrap_or(match (command.task, command.limb) {
        (Some(Task::Erosion), Some(limb)) if !limb.is_hand() => Scale::FootErosion,
        (Some(Task::Erosion), _) => Scale::HandErosion,
        _ => Scale::Narrowing,
    });
    if let Some(limb) = command.limb.filter(|limb| figures::scope(scale, Some(*limb)).joints().next().is_none()) {
        return Err(Failure::user(format!(
            "no joint of the {} is graded on the scale {}; choose another limb or scale",
            limb.name(),
            scale.name()
        )));
    }
    if let Some(label) = command.joint.as_ref().filter(|label| svh_core::joint::by_label(task, label).is_none()) {
        return Err(Failure::user(format!("{label} is not a joint of {task}; use a label such as LH_mcp_2")));
    }
    let scope = figures::scope(scale, command.limb);
    let part = Part { limb: command.limb, task: command.task.or(command.scale.map(Scale::task)) };
    let joint = command.joint.as_deref().and_then(|label| svh_core::joint::by_label(task, label));
    let curves = || evaluation.detector_curves(task, joint);
    match command.what {
        What::Distribution => figures::distribution(evaluation, command.scale.map_or(task, Scale::task)),
        What::Confusion => figures::confusion(evaluation, &scope),
        What::PrecisionRecall => {
            let coco: CocoMetrics = evaluation.coco(task).map_err(failure)?;
            figures::pr_curves(evaluation, task, &coco, command.joint.as_deref())
        }
        What::F1 => figures::f1(evaluation, task, &curves()),
        What::Scores => figures::histogram(evaluation, task, "score", &curves().scores),
        What::Iou => figures::histogram(evaluation, task, "IoU", &curves().ious),
        What::Reliability => figures::reliability(evaluation, &scope),
        What::BlandAltman => figures::bland_altman(evaluation, part),
        What::Scatter => figures::scatter(evaluation, part),
        What::Cumulative => figures::cumulative(evaluation, part),
        What::Curves => Err(FigureError::Empty("name the training with --run".to_owned())),
    }
    .map_err(said)
}

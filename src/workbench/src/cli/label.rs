//! `svh label`: a model's boxes as label files for films that nobody has labelled.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use serde_json::json;
use svh_core::{
    Cohort, FilmDetections, Limb, Patient, Reviews, Task, card,
    names::nfc,
    propose::{self, LabelStatus},
    protocol::{DEFAULT_THRESHOLD, Event, FilmRequest, ModelSummary, Request},
    review::Follower,
    voc::FileMark,
};

use super::{
    args::Label,
    engine_session::{Engine, Tally, answered},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::Options;

/// Proposes boxes for every film of the cohort, or of some patients, that has none by a person.
pub fn run(command: &Label, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let cohort = inputs::cohort(&command.cohort, &progress)?;
    let mut desk = LabelQueue::new(&command.cohort);
    // Nobody waits for the end of a line that is not there.
    (0..2).for_each(|_| desk.look());
    desk.reviews.problems().for_each(|problem| progress.problem(problem));
    if let Some(id) = command.patient.iter().find(|id| cohort.patient(id).is_none()) {
        let count = cohort.patients().len();
        return Err(Failure::user(format!("there is no patient {id} among the {count} of {}", command.cohort.display())));
    }
    let tagged = match &command.tag {
        Some(tag) => inputs::tagged(std::slice::from_ref(&command.cohort), tag, &progress)?,
        None => Vec::new(),
    };
    let engine = Engine::new(options);
    let marks = marks(&engine.start(&progress)?.models, command.threshold.unwrap_or(DEFAULT_THRESHOLD))?;
    let only = command.patient.iter().map(|id| nfc(id).into_owned()).chain(tagged).collect();
    let mut labelling =
        Labelling { command, only, cohort: &cohort, desk, marks, counts: Counts::default(), tally: Tally::default(), progress };
    let jobs = labelling.jobs()?;
    let ended = labelling.all(&engine, jobs);
    let Labelling { counts, progress, .. } = labelling;
    drop(progress);
    // What was done before an early end is told as well.
    let told = if command.json { Ok(()) } else { counts.tell() };
    ended.and(told)
}

/// The mark of each task's proposals: its detector.
fn marks(models: &[ModelSummary], threshold: f32) -> Outcome<BTreeMap<Task, FileMark>> {
    let of = |task: Task| {
        let detector = card::detector_of(models, |model| (&model.arch, &model.task), task)?;
        Some((task, FileMark { model: detector.short_hash().to_owned(), threshold }))
    };
    let marks: BTreeMap<Task, FileMark> = Task::ALL.into_iter().filter_map(of).collect();
    match marks.is_empty() {
        true => Err(Failure::user("none of the models finds joints; name a folder with a detector in --models")),
        false => Ok(marks),
    }
}

/// What readers do while films are looked at.
struct LabelQueue {
    follower: Follower,
    reviews: Reviews,
}

impl LabelQueue {
    fn new(cohort: &Path) -> Self {
        Self { follower: Follower::new(cohort), reviews: Reviews::default() }
    }

    /// Takes in what is new.
    fn look(&mut self) {
        self.reviews.take(self.follower.poll());
    }
}

/// A film to be looked at, with the tasks that boxes are wanted for.
struct Job {
    path: PathBuf,
    patient: String,
    limb: Limb,
    tasks: Vec<Task>,
}

struct Labelling<'a> {
    command: &'a Label,
    /// The patients that are wanted, in composed form; none means all.
    only: Vec<String>,
    cohort: &'a Cohort,
    desk: LabelQueue,
    marks: BTreeMap<Task, FileMark>,
    counts: Counts,
    tally: Tally,
    progress: Progress,
}

impl Labelling<'_> {
    /// The films that have something to be proposed for; the others are counted.
    fn jobs(&mut self) -> Outcome<VecDeque<Job>> {
        let mut jobs = VecDeque::new();
        let only = self.only.clone();
        let wanted = self.cohort.patients().iter().filter(|patient| only.is_empty() || only.contains(&patient.id));
        for (patient, (limb, path)) in wanted.flat_map(|patient| self.cohort.films(patient).map(move |film| (patient, film))) {
            let Some(limb) = limb else {
                self.progress.problem(&format!("{} is left out, as its name does not say the limb", path.display()));
                continue;
            };
            if path.to_str().is_none() {
                self.tally.failed(&self.progress, &inputs::not_unicode(&path));
                continue;
            }
            let mut tasks = Vec::new();
            // A foot's erosion boxes are those of narrowing.
            for task in self.marks.keys().copied().filter(|task| limb.is_hand() || *task == Task::Narrowing).collect::<Vec<_>>() {
                match self.open(patient, task, limb) {
                    Ok(_) => tasks.push(task),
                    Err(state) => self.note(patient, &path, limb, task, state, None)?,
                }
            }
            if !tasks.is_empty() {
                jobs.push_back(Job { path, patient: patient.id.clone(), limb, tasks });
            }
        }
        Ok(jobs)
    }

    /// Whether proposals may be written now, and whether they replace older ones; otherwise why not.
    fn open(&self, patient: &Patient, task: Task, limb: Limb) -> Result<bool, State> {
        match self.cohort.label_status(&self.desk.reviews, patient, task, limb) {
            LabelStatus::Free => Ok(false),
            LabelStatus::Proposed(mark) if self.marks.get(&task) == Some(&mark) => Err(State::UpToDate),
            LabelStatus::Proposed(_) => Ok(true),
            LabelStatus::Touched => Err(State::Touched),
            LabelStatus::Reader => Err(State::Reader),
        }
    }

    fn all(&mut self, engine: &Engine, mut left: VecDeque<Job>) -> Outcome {
        let total = left.len();
        let mut tally = std::mem::take(&mut self.tally);
        let total = total + tally.count();
        while !left.is_empty() {
            let films = left.iter().map(|job| FilmRequest { path: job.path.clone(), limb: None }).collect();
            let threshold = self.command.threshold;
            let asked = engine.ask(
                |id| Request::Detect { id, films, raw: false, no_shape: false, threshold },
                &Progress::new(true),
                |event| {
                    match event {
                        Event::Film { result, .. } => {
                            let job = answered(&mut left, |job| &job.path, Path::new(&result.film))?;
                            tally.went_well();
                            self.film(&job, &result)?;
                        }
                        Event::FilmFailed { film, message, .. } => {
                            answered(&mut left, |job| &job.path, &film)?;
                            tally.failed(&self.progress, &message);
                        }
                        Event::Progress { what, .. } => self.progress.set(total - left.len(), total, &what),
                        _ => {}
                    }
                    Ok(())
                },
            );
            match asked {
                Ok(()) => break,
                Err(failure) => {
                    let film = left.pop_front().map(|job| job.path.display().to_string());
                    tally.crashed(&self.progress, failure, &film.unwrap_or_default(), 1, !left.is_empty())?;
                }
            }
        }
        tally.outcome(total, "films")
    }

    /// Writes what was found on a film.
    fn film(&mut self, job: &Job, found: &FilmDetections) -> Outcome {
        found.remarks().iter().filter(|_| !self.command.json).for_each(|note| self.progress.note(&format!("{}: {note}", found.film)));
        let Some(patient) = self.cohort.patient(&job.patient).filter(|_| found.limb == job.limb) else { return Ok(()) };
        self.desk.look();
        for task in &job.tasks {
            let (place, mark) = (self.cohort.label_place(patient, *task, job.limb), self.marks.get(task));
            let file = place.zip(mark).and_then(|(place, mark)| propose::file(&place, &job.path, found, *task, mark));
            // A person may have saved labels or reviewed something since the film was sent to the engine.
            let state = match (self.open(patient, *task, job.limb), &file) {
                (Err(state), _) => state,
                (Ok(_), None) => State::Nothing,
                (Ok(replaces), Some(file)) => match propose::write(self.cohort, *task, file, replaces).map_err(Failure::user)? {
                    true if replaces => State::Refreshed,
                    true => State::Written,
                    false => State::Reader,
                },
            };
            let proposals = file.filter(|_| matches!(state, State::Written | State::Refreshed));
            let proposals = proposals.map(|file| file.placed().iter().filter_map(svh_core::Placed::proposal).collect::<Vec<_>>());
            self.note(patient, &job.path, job.limb, *task, state, proposals.as_deref())?;
        }
        Ok(())
    }

    /// Counts a film and task, and says so where that is wanted.
    fn note(
        &mut self,
        patient: &Patient,
        film: &Path,
        limb: Limb,
        task: Task,
        state: State,
        boxes: Option<&[svh_core::Proposal]>,
    ) -> Outcome {
        let boxes = boxes.unwrap_or_default();
        let inferred = boxes.iter().filter(|proposal| proposal.inferred).count();
        let doubtful = boxes.iter().filter(|proposal| proposal.is_doubtful()).count();
        self.counts.add(task, state, [boxes.len(), inferred, doubtful]);
        if !self.command.json {
            return Ok(());
        }
        let file = self.cohort.label_place(patient, task, limb);
        self.progress.aside(|| {
            out::json(&json!({
                "film": film, "patient": patient.id, "limb": limb, "task": task, "state": state.name(), "file": file,
                "boxes": boxes.len(), "inferred": inferred, "doubtful": doubtful,
            }))
        })
    }
}

/// What became of a film and task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Written,
    Refreshed,
    UpToDate,
    Nothing,
    Reader,
    Touched,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Refreshed => "refreshed",
            Self::UpToDate => "up to date",
            Self::Nothing => "nothing found",
            Self::Reader => "by a person",
            Self::Touched => "touched by a person",
        }
    }
}

/// Films by task and what became of them; boxes, inferred and doubtful ones by task.
#[derive(Default)]
struct Counts {
    films: BTreeMap<(Task, State), usize>,
    boxes: BTreeMap<Task, [usize; 3]>,
}

impl Counts {
    fn add(&mut self, task: Task, state: State, boxes: [usize; 3]) {
        *self.films.entry((task, state)).or_default() += 1;
        self.boxes.entry(task).or_default().iter_mut().zip(boxes).for_each(|(sum, count)| *sum += count);
    }

    fn tell(&self) -> Outcome {
        for (task, [boxes, inferred, doubtful]) in &self.boxes {
            let films: Vec<String> = self
                .films
                .iter()
                .filter(|((of, _), _)| of == task)
                .map(|((_, state), count)| {
                    let words = match state {
                        State::Written => "with new proposals",
                        State::Refreshed => "with proposals that replace another model's",
                        State::UpToDate => "have this model's proposals already",
                        State::Nothing => "on which nothing was found",
                        State::Reader => "left alone, labelled by a reader",
                        State::Touched => "left alone, because a reader changed or reviewed them",
                    };
                    format!("{count} {words}")
                })
                .collect();
            out::line(format_args!("{task}: films {}", films.join(", ")))?;
            out::line(format_args!(
                "{task}: boxes {boxes} ({inferred} placed by the shape of the limb; {doubtful} doubtful, which the reviews show first)"
            ))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(arch: &str, task: &str) -> ModelSummary {
        ModelSummary { name: task.into(), arch: arch.into(), task: task.into(), sha256: format!("{arch}-{task}") }
    }

    #[test]
    fn each_task_has_the_mark_of_its_detector_and_scorers_have_none() {
        let models = [
            model("efficientnet_b0", "narrowing"),
            model("fasterrcnn_mobilenet_v2_fpn", "both"),
            model("fasterrcnn_resnet50_fpn", "erosion"),
        ];
        let found = marks(&models, 0.3).unwrap_or_default();
        assert_eq!(found[&Task::Erosion], FileMark { model: "fasterrcnn_resnet50_fpn-erosion".into(), threshold: 0.3 });
        assert_eq!(found[&Task::Narrowing].model, "fasterrcnn_mobilenet_v2_fpn-both");
        let Err(Failure::Message(message, _)) = marks(&models[..1], 0.2) else { panic!("a scorer was taken for a detector") };
        assert!(message.contains("--models"), "{message}");
    }
}

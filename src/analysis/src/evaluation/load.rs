//! From a cohort and a run's tables to an evaluation. Slow enough for a worker thread: label files are read.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use polars::prelude::DataFrame;
use svh_core::names::nfc;
use svh_core::tags::Tags;
use svh_core::visits::Visits;
use svh_core::{BBox, Cohort, FilmLabels, Joint, Limb, Origin, Patient, Reviews, RunReader, Task, joint};

use super::boxes::Gathered;
use super::errors::origin;
use super::grades::Rows;
use super::places::Places;
use super::{EvaluatedFilm, Evaluation, labels};
use crate::detection::{FoundBox, Rect};
use crate::tables::{RunTables, in_memory};
use crate::{AnalysisError, Result};

impl Evaluation {
    /// A run over a cohort: reads the run's tables, the grades, and the label files of the run's films.
    ///
    /// # Errors
    /// A run that cannot be read, or that has results and none of them for this cohort.
    pub fn load(cohort: &Cohort, run: &RunReader) -> Result<Self> {
        Self::load_corrected(cohort, run, &Reviews::default())
    }

    /// A run against what people say as reviews correct it. The labels of a film count where it has a label file or a reviewed
    /// box, and no box that a model proposed and nobody has looked at.
    ///
    /// # Errors
    /// As [`Evaluation::load`].
    pub fn load_corrected(cohort: &Cohort, run: &RunReader, reviews: &Reviews) -> Result<Self> {
        Self::load_films(cohort, run, reviews, &|_, _| true)
    }

    /// As [`Evaluation::load_corrected`], over some films alone and the grades of their joints; `keep` is asked with a patient's id and a limb.
    ///
    /// # Errors
    /// As [`Evaluation::load`].
    pub fn load_films(cohort: &Cohort, run: &RunReader, reviews: &Reviews, keep: &dyn Fn(&str, Limb) -> bool) -> Result<Self> {
        let RunTables { frames: [films, detections, grades], problem } = in_memory(run)?;
        let mut loading = Loading { keep, ..Loading::new(cohort, reviews) };
        loading.problems.extend(problem);
        let known = loading.films(&films, &grades)?;
        if !known && films.height() + grades.height() > 0 {
            let name = |path: &Path| path.display().to_string();
            return Err(AnalysisError::OtherCohort { run: name(run.folder()), cohort: name(cohort.root()) });
        }
        loading.detections(&detections)?;
        loading.grades(&grades)?;
        loading.finish(Some(run.name()))
    }

    /// A cohort without a run: its grades, for distributions. No label file is read.
    ///
    /// # Errors
    /// None that the data could cause.
    pub fn of_cohort(cohort: &Cohort) -> Result<Self> {
        Self::of_corrected(cohort, &Reviews::default())
    }

    /// A cohort without a run, as reviews correct it.
    ///
    /// # Errors
    /// None that the data could cause.
    pub fn of_corrected(cohort: &Cohort, reviews: &Reviews) -> Result<Self> {
        let mut loading = Loading::new(cohort, reviews);
        loading.patients(cohort.patients().iter().map(|patient| patient.id.clone()).collect());
        loading.finish(None)
    }
}

/// An evaluation in the making.
struct Loading<'a> {
    cohort: &'a Cohort,
    reviews: &'a Reviews,
    /// Which films take part, by patient and limb.
    keep: &'a dyn Fn(&str, Limb) -> bool,
    patients: Vec<String>,
    places_of: HashMap<String, usize>,
    films: Vec<EvaluatedFilm>,
    /// By file name.
    film_places: HashMap<String, usize>,
    gathered: [Gathered; 2],
    places: Places,
    /// One a film.
    labels: Vec<FilmLabels>,
    rows: Rows,
    problems: Vec<String>,
}

impl<'a> Loading<'a> {
    fn new(cohort: &'a Cohort, reviews: &'a Reviews) -> Self {
        Self {
            cohort,
            reviews,
            keep: &|_, _| true,
            patients: Vec::new(),
            places_of: HashMap::new(),
            films: Vec::new(),
            film_places: HashMap::new(),
            gathered: Task::ALL.map(|task: Task| Gathered::new(task, 0)),
            places: Places::default(),
            labels: Vec::new(),
            rows: Rows::default(),
            problems: Vec::new(),
        }
    }

    /// Takes these patients, sorted, with the reader's grades.
    fn patients(&mut self, patients: BTreeSet<String>) {
        self.patients = patients.into_iter().collect();
        self.places_of = self.patients.iter().enumerate().map(|(place, id)| (id.clone(), place)).collect();
        self.rows = Rows::new(self.patients.len());
        let table = self.cohort.grades();
        for (place, patient) in self.patients.iter().enumerate() {
            let row = self.reviews.correct_grades(patient, table.and_then(|table| table.get(patient)));
            for (joint, grade) in row.iter().flat_map(svh_core::GradeRow::known).filter(|(joint, _)| (self.keep)(patient, joint.limb)) {
                self.rows.set_reference(place, joint.index(), grade);
            }
        }
    }

    /// Takes the run's films that the cohort has, and the patients of its films and grades. Returns whether the cohort knows any of either.
    fn films(&mut self, films: &DataFrame, grades: &DataFrame) -> Result<bool> {
        let in_cohort: HashMap<String, (&str, Option<Limb>)> =
            self.cohort.all_films().filter_map(|(patient, limb, path)| Some((file_name(&path)?, (patient.id.as_str(), limb)))).collect();
        let (names, limbs, reasons) = (films.column("film")?.str()?, films.column("limb")?.str()?, films.column("failed")?.str()?);
        let (widths, heights) = (films.column("width")?.u32()?, films.column("height")?.u32()?);
        let mut found = Vec::new();
        let (mut unknown, mut known) = (0, false);
        for row in 0..films.height() {
            let Some(name) = names.get(row).and_then(|name| file_name(Path::new(name))) else { continue };
            let limb = || limbs.get(row)?.parse().ok();
            match in_cohort.get(&name).and_then(|(patient, told)| Some((*patient, told.or_else(limb)?))) {
                Some((patient, limb)) => {
                    known = true;
                    if !(self.keep)(patient, limb) {
                        continue;
                    }
                    let size = widths.get(row).zip(heights.get(row));
                    found.push((patient, limb, name, (reasons.get(row).map(str::to_owned), size)));
                }
                None => unknown += 1,
            }
        }
        if unknown > 0 {
            self.problems.push(format!("{unknown} films of the run are left out because the cohort has no films of these names"));
        }
        let of_grades = grades.column("patient")?.str()?;
        let graded: BTreeSet<&str> = of_grades.iter().flatten().filter(|id| self.cohort.patient(id).is_some()).collect();
        known |= !graded.is_empty();
        let graded = graded.into_iter().filter(|id| Limb::ALL.iter().any(|limb| (self.keep)(id, *limb)));
        let patients: BTreeSet<String> = found.iter().map(|(patient, ..)| *patient).chain(graded).map(str::to_owned).collect();
        self.patients(patients);
        found.sort_by_key(|(patient, limb, ..)| (self.places_of.get(*patient).copied(), *limb));
        let mut of_films = Vec::new();
        for (id, limb, name, (failed, size)) in found {
            let (Some(place), Some(patient)) = (self.places_of.get(id), self.cohort.patient(id)) else { continue };
            let film = self.cohort.films(patient).find(|(_, path)| file_name(path).as_ref() == Some(&name));
            let Some((_, path)) = film else { continue };
            self.film_places.insert(name, self.films.len());
            self.films.push(EvaluatedFilm { patient: *place, limb, path, labelled: [false; 2], failed, size });
            of_films.push((patient, limb));
        }
        self.labels = labels::read(self.cohort, self.reviews, &of_films);
        self.compare_labelled(&of_films);
        self.gathered = Task::ALL.map(|task: Task| Gathered::new(task, self.films.len()));
        let mut by_limb = vec![[None; 4]; self.patients.len()];
        for (place, film) in self.films.iter().enumerate() {
            by_limb[film.patient][film.limb.index()] = Some(place as u32);
        }
        self.places = Places::new(by_limb);
        Ok(known)
    }

    /// Films of which people boxed the joints of a task: everything else that is found on them is false.
    fn compare_labelled(&mut self, films: &[(&Patient, Limb)]) {
        for task in Task::ALL {
            let (mut proposed, mut unusable, mut rescaled) = (0, 0, 0);
            for ((film, labels), (patient, limb)) in self.films.iter_mut().zip(&self.labels).zip(films) {
                // What stands in such a file is not known, so that nothing found on the film can be called wrong.
                if labels.is_unusable(task) {
                    unusable += usize::from(patient.has_labels(task, *limb));
                    continue;
                }
                let boxed = patient.has_labels(task, *limb) || self.reviews.has_decided_boxes(&patient.id, task, *limb);
                // The run looked at a film of another size: its boxes lie in another frame.
                if boxed && film.size.is_some() && labels.size.is_some() && film.size != labels.size {
                    rescaled += 1;
                    continue;
                }
                film.labelled[task as usize] = boxed && !labels.is_proposed(task);
                proposed += usize::from(boxed && labels.is_proposed(task));
            }
            if unusable > 0 {
                self.problems.push(format!(
                    "the {task} boxes of {unusable} films are not compared, as their label files cannot be read or are for films of another size"
                ));
            }
            if rescaled > 0 {
                self.problems.push(format!(
                    "the {task} boxes of {rescaled} films are not compared, as the films had another size when the run read them; run it again"
                ));
            }
            if proposed > 0 {
                self.problems.push(format!(
                    "the {task} boxes of {proposed} films are not compared, as a model proposed them and nobody has looked at all of them; \
                     the reviews of the workbench (V) do that"
                ));
            }
        }
    }

    fn detections(&mut self, table: &DataFrame) -> Result<()> {
        let text = |name: &str| Ok::<_, AnalysisError>(table.column(name)?.str()?.clone());
        let side = |name: &str| Ok::<_, AnalysisError>(table.column(name)?.f32()?.clone());
        let (films, tasks, origins, objections) = (text("film")?, text("task")?, text("from")?, text("implausible")?);
        let (scores, sides) = (side("score")?, [side("x0")?, side("y0")?, side("x1")?, side("y1")?]);
        let (classes, kept) = (table.column("class_id")?.i32()?, table.column("kept")?.bool()?);
        let mut line: (Option<&str>, u32) = (None, 0);
        for row in 0..table.height() {
            // The rows of a film follow each other.
            let film = films.get(row);
            line = if line.0 == film { (film, line.1 + 1) } else { (film, 0) };
            let place = film.and_then(|film| self.film_places.get(&file_name(Path::new(film))?));
            let task = tasks.get(row).and_then(|name| name.parse::<Task>().ok());
            let (Some(place), Some(task)) = (place, task) else { continue };
            let joint = classes.get(row).and_then(|class| joint::by_class(task, u8::try_from(class).ok()?));
            let [Some(x0), Some(y0), Some(x1), Some(y1)] = sides.each_ref().map(|side| side.get(row)) else { continue };
            let (Some(joint), Some(score)) = (joint, scores.get(row)) else { continue };
            let one = Found {
                line: line.1,
                joint,
                score,
                bbox: BBox { x0, y0, x1, y1 },
                kept: kept.get(row).unwrap_or(false),
                from: origin(origins.get(row).unwrap_or_default()),
                doubtful: objections.get(row).is_some(),
            };
            self.found(*place as u32, &one);
        }
        Ok(())
    }

    fn found(&mut self, film: u32, one: &Found) {
        if one.kept {
            self.places.add_model(film, one.joint, one.bbox);
        }
        if !self.films[film as usize].labelled[one.joint.task as usize] {
            return;
        }
        let gathered = &mut self.gathered[one.joint.task as usize];
        let found = FoundBox {
            film,
            class: super::TaskBoxes::class(one.joint),
            rect: Rect::from(one.bbox),
            score: one.score.into(),
            doubtful: one.doubtful,
            // What lost its place to a neighbour has no claim.
            eligible: one.kept || !one.doubtful,
        };
        if one.from == Origin::Inferred {
            if one.kept {
                gathered.inferred.push(found);
                gathered.inferred_lines.push(one.line);
            }
            return;
        }
        gathered.sample.found.push(found);
        gathered.lines.push(one.line);
        gathered.graded.push(one.kept);
    }

    fn grades(&mut self, table: &DataFrame) -> Result<()> {
        let text = |name: &str| Ok::<_, AnalysisError>(table.column(name)?.str()?.clone());
        let (patients, limbs, tasks, joints) = (text("patient")?, text("limb")?, text("task")?, text("joint")?);
        let (grades, expected) = (table.column("grade")?.i32()?, table.column("expected")?.f32()?);
        let probabilities: Vec<_> = (0..=crate::MAX_GRADE).map(|grade| side(table, &format!("p{grade}"))).collect::<Result<_>>()?;
        // Tables of earlier versions have neither.
        let unfamiliarity = table.column("unfamiliarity").ok().map(|column| column.f32().cloned()).transpose()?;
        let open = table.column("open").ok().map(|column| column.str().cloned()).transpose()?;
        let indices: HashMap<(&str, &str, &str), usize> =
            joint::all().map(|joint| ((joint.task.name(), joint.limb.code(), joint.joint.as_str()), joint.index())).collect();
        for row in 0..table.height() {
            let patient = patients.get(row).and_then(|id| self.places_of.get(id));
            let key = tasks.get(row).zip(limbs.get(row)).zip(joints.get(row)).map(|((task, limb), joint)| (task, limb, joint));
            let joint = key.and_then(|key| indices.get(&key));
            let grade = grades.get(row).and_then(|grade| u8::try_from(grade).ok());
            let (Some(patient), Some(joint)) = (patient, joint) else { continue };
            if !joint::at(*joint).is_some_and(|joint| (self.keep)(&self.patients[*patient], joint.limb)) {
                continue;
            }
            let shares: Vec<f32> = probabilities.iter().map_while(|p| p.get(row)).collect();
            if shares.len() > 1 {
                self.rows.set_entropy(*patient, *joint, svh_core::review::queue::entropy(&shares));
            }
            self.rows.set_unfamiliarity(*patient, *joint, unfamiliarity.as_ref().and_then(|values| values.get(row)));
            if let Some(grade) = grade {
                let confidence = probabilities.get(usize::from(grade)).and_then(|p| p.get(row));
                self.rows.set_model(*patient, *joint, grade, expected.get(row), confidence);
            } else if let Some(expected) = open.as_ref().filter(|open| open.get(row).is_some()).and_then(|_| expected.get(row)) {
                self.rows.set_open(*patient, *joint, expected);
            }
        }
        Ok(())
    }

    fn finish(mut self, run: Option<String>) -> Result<Evaluation> {
        self.problems.extend(labels::take(self.labels, &self.films, &mut self.gathered, &mut self.places));
        self.places.sort();
        let [narrowing, erosion] = self.gathered;
        let visits = Visits::read(self.cohort.root()).unwrap_or_else(|error| {
            self.problems.push(format!("{error}; each film set counts as a patient of its own"));
            Visits::default()
        });
        let people = people(&self.patients, &visits);
        let with_open = self.rows.with_open_graded().map(Rows::finish).map(|grades| grades.with_people(&people));
        Ok(Evaluation {
            run,
            patients: self.patients,
            places_of: self.places_of,
            films: self.films,
            problems: self.problems,
            boxes: [narrowing.compare(Task::Narrowing), erosion.compare(Task::Erosion)],
            places: self.places,
            grades: self.rows.finish().with_people(&people),
            people,
            visits,
            with_open,
            tags: Tags::default(),
        })
    }
}

/// The person of each film set, by number.
fn people(sets: &[String], visits: &Visits) -> Vec<usize> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    sets.iter()
        .map(|set| {
            let next = places.len();
            *places.entry(visits.patient(set)).or_insert(next)
        })
        .collect()
}

/// A detection of the run.
struct Found {
    line: u32,
    joint: &'static Joint,
    score: f32,
    bbox: BBox,
    kept: bool,
    from: Origin,
    doubtful: bool,
}

fn side(table: &DataFrame, name: &str) -> Result<polars::prelude::Float32Chunked> {
    Ok(table.column(name)?.f32()?.clone())
}

/// The file name of a film in composed form, as ids are.
fn file_name(path: &Path) -> Option<String> {
    Some(nfc(path.file_name()?.to_str()?).into_owned())
}

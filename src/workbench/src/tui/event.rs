//! Everything that can happen to the workbench, on one channel.

use std::{path::PathBuf, sync::Arc};
use svh_terminal::input::Input;

use svh_core::{
    FilmLabels,
    review::{ReviewUpdate, queue::Queue, standing::StandingBox},
};

use super::{
    action::Wanted,
    data::Catalogue,
    gpu::Gpu,
    question::Answer,
    results::Results,
    run::{Managed, Run, Written},
    sheet::request::Made,
};
use crate::{engine::Message, slurm::Tasks};
use svh_terminal::{Enhancement, Picture, Pixels};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// From the terminal.
    Input(Input),
    /// The terminal cannot be read any more.
    InputEnded,
    /// The window has another size.
    Resized,
    /// What the GPUs are doing now.
    Gpus(Vec<Gpu>),
    /// Something that happened to one of the open cohorts, by its place.
    Of(usize, Box<Event>),
    /// Someone asks the program to stop for a while.
    Suspend,
    /// The process resumes after a stop.
    Continued,
    /// The keys have rested for a moment.
    Rested,
    /// A signal that ends the program.
    Killed(i32),
    /// The cohort was read, or why not.
    Cohort(Result<Box<Catalogue>, String>),
    /// The runs have changed.
    Runs(Vec<Run>),
    /// A followed run has written more.
    Written(Written),
    /// A run was started, or why not.
    Started(Result<(), String>),
    /// A metric was worked out.
    Metrics(Answer),
    /// A contact sheet was composed, as far as it has come.
    Sheet(Box<Made>),
    /// The results of the run in this folder.
    RunResults(PathBuf, Box<Results>),
    /// A result of this session was written into the run in this folder.
    Recorded(PathBuf),
    /// A run was deleted, renamed or annotated, or why not.
    Managed(Result<Managed, String>),
    /// The Slurm tasks of the run in this folder.
    Tasks(PathBuf, Tasks),
    /// Slurm tasks were stopped or submitted, in a sentence; or why not.
    Submitted(Result<String, String>),
    /// A run that was started from here has been stopped, as was asked; its name.
    Stopped(String),
    /// A film was read, or why not.
    Film(PathBuf, Result<(Arc<Picture>, Arc<FilmLabels>), String>),
    /// The picture of this number was made easier to look at; `None` where that failed.
    Enhanced(u64, Enhancement, Option<Arc<Picture>>),
    /// A picture is ready for the terminal.
    Pixels(Pixels),
    /// A message of the engine, or of the client on its behalf.
    Engine(Box<Message>),
    /// Reviews have been found on the disk.
    Reviews(Box<ReviewUpdate>),
    /// Tags have been found on the disk.
    Tags(Box<svh_core::review::Update<svh_core::tags::TagLine>>),
    /// How many changes wait to be written and why; `None` once all are on the disk.
    Unkept(Option<(usize, String)>),
    /// What is worth a look has been worked out.
    Queue(Arc<Queue>),
    /// The boxes that a bulk action is about have been read.
    Boxes(Wanted, Vec<StandingBox>),
    /// A file was written, in words; or why not.
    Wrote(Result<String, String>),
    /// A result could not be kept on disk.
    NotKept(String),
    /// An internal error in a thread, in a sentence.
    Internal(String),
}

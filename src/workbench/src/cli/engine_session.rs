//! The engine as the command line uses it: one request at a time, its events in order.

use std::{
    collections::VecDeque,
    path::Path,
    sync::mpsc::{Receiver, channel},
};

use svh_core::protocol::{Event, Fault, ModelSummary, Request};

use super::failure::{Failure, Outcome};
use super::progress::Progress;
use crate::{
    Options,
    engine::{Client, Message, Settings},
};

/// An engine for the time of one command.
pub struct Engine {
    client: Client,
    inbox: Receiver<Message>,
}

impl Engine {
    /// Starts nothing before the first request.
    pub fn new(options: &Options) -> Self {
        let (sender, inbox) = channel();
        let client = Client::new(Settings::from_options(options), move |message| {
            let _ = sender.send(message);
        });
        Self { client, inbox }
    }

    /// Starts the engine and gives what it says of itself: its `ready` event.
    pub fn start(&self, progress: &Progress) -> Outcome<Ready> {
        progress.what("loading the models");
        self.client.start();
        for message in &self.inbox {
            match message {
                Message::Event(Event::Ready { version, libtorch, device, models, .. }) => {
                    return Ok(Ready { version, libtorch, device, models });
                }
                Message::Gone { message, fault } => return Err(Failure::Message(message, fault)),
                _ => {}
            }
        }
        Err(ended())
    }

    /// Sends a request and hands on its events until it is done.
    pub fn ask(&self, request: impl FnOnce(u64) -> Request, progress: &Progress, mut each: impl FnMut(Event) -> Outcome) -> Outcome {
        let asked = self.client.next_id();
        self.client.send(request(asked));
        for message in &self.inbox {
            match message {
                Message::Starting => progress.what("loading the models"),
                Message::Event(Event::Done { id }) if id == asked => return Ok(()),
                Message::Event(Event::Failed { id, message, fault }) if id.is_none_or(|id| id == asked) => {
                    return Err(Failure::Message(message, fault));
                }
                Message::Event(event) => each(event)?,
                Message::Gone { .. } => {}
            }
        }
        Err(ended())
    }
}

fn ended() -> Failure {
    Failure::program("the engine's client ended before the request was answered")
}

/// What an engine says of itself when it is ready.
pub struct Ready {
    /// The engine's version.
    pub version: String,
    /// libtorch's version.
    pub libtorch: String,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// The models in use.
    pub models: Vec<ModelSummary>,
}

/// Takes the film that an answer names from those that wait for one. Answers are told apart by their films, never by their order.
///
/// # Errors
/// The film does not wait for an answer.
pub fn answered<T>(waiting: &mut VecDeque<T>, path: impl Fn(&T) -> &Path, film: &Path) -> Outcome<T> {
    let place = waiting.iter().position(|one| path(one) == film);
    let stray = || {
        Failure::program(format!(
            "svh-engine answered for {}, which does not wait for an answer; install svh and svh-engine of the same version",
            film.display()
        ))
    };
    place.and_then(|place| waiting.remove(place)).ok_or_else(stray)
}

/// Counts what went wrong among several inputs, so that the others are done all the same.
#[derive(Default)]
pub struct Tally {
    failed: usize,
    ours: bool,
    crashes_in_a_row: usize,
}

impl Tally {
    /// Reports one that failed.
    pub fn failed(&mut self, progress: &Progress, message: &str) {
        self.all_failed(progress, message, 1);
    }

    /// Reports `count` that failed for one reason.
    pub fn all_failed(&mut self, progress: &Progress, message: &str, count: usize) {
        self.failed += count;
        progress.problem(message);
    }

    /// How many failed so far.
    pub fn count(&self) -> usize {
        self.failed
    }

    /// Whether one failed for a fault of ours, so that it may well succeed when it is tried again.
    pub const fn is_incomplete(&self) -> bool {
        self.ours
    }

    /// One that went well.
    pub fn went_well(&mut self) {
        self.crashes_in_a_row = 0;
    }

    /// Takes the end of the engine for the fault of `count` inputs, `what`, where more inputs wait and the one before went well: the next request
    /// starts a new engine.
    ///
    /// # Errors
    /// With the failure itself where going on would not help.
    pub fn crashed(&mut self, progress: &Progress, failure: Failure, what: &str, count: usize, more: bool) -> Outcome {
        match failure {
            Failure::Message(message, Fault::Program) if more && self.crashes_in_a_row == 0 => {
                self.crashes_in_a_row += 1;
                self.ours = true;
                self.all_failed(progress, &format!("{what}: {message}"), count);
                Ok(())
            }
            failure => Err(failure),
        }
    }

    /// The command's outcome: the last message says how many of `total` failed.
    pub fn outcome(&self, total: usize, things: &str) -> Outcome {
        let fault = if self.ours { Fault::Program } else { Fault::User };
        match self.failed {
            0 => Ok(()),
            failed => Err(Failure::SomeFailed(format!("{failed} of {total} {things} failed, each with its reason above"), fault)),
        }
    }
}

//! The client of `svh-engine serve`: requests go in, events come out through a callback, and no call waits for the engine.
//!
//! One supervisor thread owns the process. It starts the engine with the first request and again after a death; a reader thread a process
//! hands on the events. Whatever happens, every request is answered: when the engine dies, each open one gets a `failed` event.

use std::{
    collections::BTreeSet,
    io::Write,
    process::ChildStdin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use svh_core::protocol::{Event, Fault, Request};

use super::{
    Error, Settings,
    launch::{Launch, Running, Slot},
};

/// What the client tells its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// An engine is being started; its `ready` event follows, or `Gone`.
    Starting,
    /// The engine says something. `failed` events may also be the client's own, for requests that a dead engine left open.
    Event(Event),
    /// There is no engine any more; the next request starts one. Every open request has got its `failed` event before.
    Gone {
        /// One sentence.
        message: String,
        /// Whose fault it is.
        fault: Fault,
    },
}

type Sink = Arc<dyn Fn(Message) + Send + Sync>;

enum Command {
    Start,
    Send(Request),
    Ended(Option<Error>),
    Stop,
}

/// A warm engine, or the promise of one. Dropping it ends the process.
pub struct Client {
    commands: Sender<Command>,
    slot: Slot,
    ids: AtomicU64,
    supervisor: Option<JoinHandle<()>>,
}

impl Client {
    /// A client that starts nothing yet. `sink` is called from the client's own threads and must not block.
    pub fn new(settings: Settings, sink: impl Fn(Message) + Send + Sync + 'static) -> Self {
        let (commands, inbox) = channel();
        let slot = Slot::default();
        let supervisor = Supervisor {
            settings,
            sink: Arc::new(sink),
            slot: slot.clone(),
            commands: commands.clone(),
            open: Arc::default(),
            stdin: None,
        };
        let supervisor = std::thread::spawn(move || supervisor.run(&inbox));
        Self { commands, slot, ids: AtomicU64::new(1), supervisor: Some(supervisor) }
    }

    /// A number that no request of this client has had.
    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Starts the engine where there is none, so that the first request finds it warm. Returns at once; `ready` comes through the sink.
    pub fn start(&self) {
        let _ = self.commands.send(Command::Start);
    }

    /// Sends a request, starting the engine where there is none. Returns at once; the answer comes through the sink.
    pub fn send(&self, request: Request) {
        let _ = self.commands.send(Command::Send(request));
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        self.slot.close();
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}

struct Supervisor {
    settings: Settings,
    sink: Sink,
    slot: Slot,
    commands: Sender<Command>,
    open: Arc<Mutex<BTreeSet<u64>>>,
    /// The stdin of the living engine.
    stdin: Option<ChildStdin>,
}

impl Supervisor {
    fn run(mut self, inbox: &Receiver<Command>) {
        for command in inbox {
            match command {
                Command::Stop => return,
                Command::Start => drop(self.stdin.is_some() || self.start()),
                Command::Ended(error) => self.fail_pending(error),
                Command::Send(request) => self.send(&request),
            }
        }
    }

    fn send(&mut self, request: &Request) {
        match request {
            // There is nothing to give up or to end in an engine that is not there.
            Request::Cancel { .. } | Request::Quit if self.stdin.is_none() => return,
            Request::Cancel { .. } | Request::Quit => false,
            answered => id_of(answered).is_some_and(|id| lock(&self.open).insert(id)),
        };
        if let Request::Device { device, .. } = request {
            self.settings.device.clone_from(device);
        }
        if self.stdin.is_none() && !self.start() {
            return;
        }
        match serde_json::to_string(request) {
            Ok(line) => {
                if let Some(stdin) = &mut self.stdin {
                    // A broken pipe is a death, which the reader thread reports with its reason.
                    let _ = stdin.write_all(format!("{line}\n").as_bytes());
                }
            }
            // A path that is not UTF-8 cannot stand in a line; without an answer the caller would wait for ever.
            Err(error) => {
                let id = id_of(request);
                if let Some(id) = id {
                    lock(&self.open).remove(&id);
                }
                let message = format!("the request could not be passed on ({error}); rename films and folders whose names are not UTF-8");
                (self.sink)(Message::Event(Event::Failed { id, message, fault: Fault::User }));
            }
        }
    }

    fn start(&mut self) -> bool {
        (self.sink)(Message::Starting);
        let launch = Launch { arguments: self.settings.arguments(&["serve"]), apart: true, ..Launch::default() };
        match launch.start(&self.slot) {
            Ok(mut engine) => {
                self.stdin = engine.stdin.take();
                let (sink, open, commands) = (Arc::clone(&self.sink), Arc::clone(&self.open), self.commands.clone());
                std::thread::spawn(move || {
                    let error = read(engine, &sink, &open);
                    let _ = commands.send(Command::Ended(error));
                });
                true
            }
            Err(error) => {
                self.fail_pending(Some(error));
                false
            }
        }
    }

    /// Answers what is open after the engine's end.
    fn fail_pending(&mut self, error: Option<Error>) {
        self.stdin = None;
        let fault = error.as_ref().map_or(Fault::Program, Error::fault);
        let message = error.map_or_else(|| "svh-engine ended before it had answered".to_owned(), |error| error.to_string());
        for id in std::mem::take(&mut *lock(&self.open)) {
            (self.sink)(Message::Event(Event::Failed { id: Some(id), message: message.clone(), fault }));
        }
        (self.sink)(Message::Gone { message, fault });
    }
}

/// The number of a request that is answered.
const fn id_of(request: &Request) -> Option<u64> {
    match request {
        Request::Detect { id, .. } | Request::Score { id, .. } | Request::Device { id, .. } => Some(*id),
        Request::Explain { id, .. } | Request::Similar { id, .. } => Some(*id),
        Request::Cancel { .. } | Request::Quit => None,
    }
}

/// Hands on events until the engine ends; then says how it ended.
fn read(mut engine: Running, sink: &Sink, open: &Mutex<BTreeSet<u64>>) -> Option<Error> {
    while let Some(line) = engine.line() {
        match serde_json::from_str::<Event>(&line) {
            Ok(event) => {
                if let Event::Done { id } | Event::Failed { id: Some(id), .. } = &event {
                    lock(open).remove(id);
                }
                sink(Message::Event(event));
            }
            Err(error) => sink(Message::Event(Event::Failed {
                id: None,
                message: format!("svh-engine wrote a line that svh does not understand ({error}); are both of the same version?"),
                fault: Fault::Program,
            })),
        }
    }
    engine.finish().err()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

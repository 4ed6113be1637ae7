//! The last lines that the engine wrote to its stderr, kept for the sentence that reports its death.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

const LINES: usize = 20;

/// Hears lines while they come.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// Reads a stream to its end on a thread of its own and remembers the last lines.
pub struct Tail {
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Tail {
    /// Starts reading; each line is also given to `listener` as it comes.
    pub fn of(stream: impl Read + Send + 'static, listener: Option<Listener>) -> Self {
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let sink = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if line.is_empty() {
                    continue;
                }
                if let Some(listener) = &listener {
                    listener(&line);
                }
                let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push_back(line);
                if lines.len() > LINES {
                    lines.pop_front();
                }
            }
        });
        Self { lines, reader: Some(reader) }
    }

    /// Waits for the end of the stream and gives its last lines.
    pub fn words(&mut self) -> Vec<String> {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

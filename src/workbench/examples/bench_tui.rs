//! Measures the workbench: time from key to frame, bytes of a frame, bytes of a film by each painter, and the first frame of the real program.
//!
//! `cargo run --release -p svh --example bench_tui -- COHORT [SVH]`, or `... -- metrics COHORT` for the screens of metrics alone.
//!
//! `COHORT` is a folder whose first patient has films, `SVH` the program (default: the one beside this example). The screens of metrics are measured
//! where the cohort has a finished run.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use svh_terminal::screen::Output;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, buffer::Buffer, layout::Rect};
use svh_workbench::{Headless, Images};

/// Repetitions of what is fast.
const TIMES: usize = 60;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let only_metrics = arguments.next_if(|word| word == "metrics").is_some();
    let cohort = std::fs::canonicalize(arguments.next().ok_or_else(|| anyhow::anyhow!("COHORT [SVH]"))?)?;
    let beside = std::env::current_exe()?.parent().and_then(Path::parent).map(|folder| folder.join("svh"));
    let program = arguments.next().map(PathBuf::from).or(beside).unwrap_or_default();
    println!("{:<58} {:>10} {:>10}", "", "median", "slowest");
    if only_metrics {
        return metrics(&cohort);
    }
    for size in [(80, 24), (120, 40), (200, 60)] {
        keys(&cohort, size)?;
    }
    println!();
    frames(&cohort)?;
    println!();
    films(&cohort);
    println!();
    first_frame(&program, &cohort)
}

/// From the bytes of a key to the bytes of the frame, on both screens.
fn keys(cohort: &Path, size: (u16, u16)) -> anyhow::Result<()> {
    let at = format!("{} x {}", size.0, size.1);
    let mut app = Headless::open(cohort, Images::Half, size);
    let mut screen = Screen::new(size)?;
    screen.draw(&app);
    report(&format!("{at}: down and up in the table"), &mut screen, &mut app, ["\x1b[B", "\x1b[A"]);
    app.keys("\r");
    screen.draw(&app);
    report(&format!("{at}: another joint, film in blocks"), &mut screen, &mut app, ["\x1b[B", "\x1b[A"]);
    report(&format!("{at}: closer and away, film in blocks"), &mut screen, &mut app, ["+", "-"]);
    let mut app = Headless::open(cohort, Images::Kitty, size);
    app.keys("\r");
    app.paint();
    screen.draw(&app);
    report(&format!("{at}: another joint, film in pixels"), &mut screen, &mut app, ["\x1b[B", "\x1b[A"]);
    Ok(())
}

fn report(what: &str, screen: &mut Screen, app: &mut Headless, keys: [&str; 2]) {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|round| {
            let begin = Instant::now();
            app.keys(keys[round % 2]);
            screen.draw(app);
            begin.elapsed()
        })
        .collect();
    times.sort();
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    println!("{what:<58} {:>10} {:>10}", ms(times[TIMES / 2]), ms(times[TIMES - 1]));
}

/// The screens of metrics: from the bytes of a key to the bytes of the frame, what the worker does for it included.
fn metrics(cohort: &Path) -> anyhow::Result<()> {
    let size = (120, 40);
    let begin = Instant::now();
    let mut app = Headless::open(cohort, Images::Half, size);
    println!("cohort and runs read in {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
    let mut screen = Screen::new(size)?;
    let begin = Instant::now();
    app.keys("E");
    screen.draw(&app);
    println!("run evaluated, labels read, first error on the screen in {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
    report("errors: down and up", &mut screen, &mut app, ["\x1b[B", "\x1b[A"]);
    report("errors: the threshold moved", &mut screen, &mut app, ["]", "["]);
    report("errors: a kind alone, and all", &mut screen, &mut app, ["4", "4"]);
    report("errors: the order reversed", &mut screen, &mut app, ["r", "r"]);
    report("errors: the next column sorted by", &mut screen, &mut app, [">", ">"]);
    app.keys("\t\t\t");
    report("errors by joint: the threshold moved", &mut screen, &mut app, ["]", "["]);
    app.keys("T");
    report("totals: down and up", &mut screen, &mut app, ["\x1b[B", "\x1b[A"]);
    report("totals: another task", &mut screen, &mut app, ["e", "e"]);
    report("totals: joints of a patient and back", &mut screen, &mut app, ["\r", "\x1b"]);
    app.keys("\tI");
    report("imbalance: another division", &mut screen, &mut app, ["\t", "\t"]);
    // Intervals are worked out once a matrix; the first round has them, the median is what a key costs afterwards.
    app.keys("C");
    report("confusion: another matrix", &mut screen, &mut app, ["\t", "\t"]);
    report("confusion: another cell", &mut screen, &mut app, ["\x1b[C", "\x1b[D"]);
    report("confusion: the crops of a cell and back", &mut screen, &mut app, ["\r", "\x1b"]);
    app.keys("P");
    report("palette: a letter typed and taken back", &mut screen, &mut app, ["\x10p", "\x1b"]);
    Ok(())
}

/// The bytes of frames of text.
fn frames(cohort: &Path) -> anyhow::Result<()> {
    let size = (138, 43);
    let mut app = Headless::open(cohort, Images::Half, size);
    let mut screen = Screen::new(size)?;
    let line = |what: &str, bytes: usize| println!("{what:<58} {bytes:>10} bytes");
    line("138 x 43: first frame of the table", screen.draw(&app));
    line("the same again", screen.draw(&app));
    app.keys("\x1b[B");
    line("one line down", screen.draw(&app));
    app.keys("\x1b[A\r");
    line("a film in blocks, with its list", screen.draw(&app));
    line("the same again", screen.draw(&app));
    app.keys("\x1b[B");
    line("another joint", screen.draw(&app));
    Ok(())
}

/// The bytes of a film at 100 x 40 cells of 10 x 20 pixels: a window whose picture has just that room.
fn films(cohort: &Path) {
    for (images, name) in [(Images::Kitty, "kitty"), (Images::Iterm, "iTerm"), (Images::Sixel, "sixel")] {
        let mut app = Headless::open(cohort, images, (138, 43));
        app.keys("\r");
        let begin = Instant::now();
        let first = app.paint().len();
        let time = begin.elapsed();
        let again = app.paint().len();
        app.keys("\x1b[B");
        let joint = app.paint().len();
        app.keys("?");
        let hidden = app.paint().len();
        app.keys("?");
        let shown = app.paint().len();
        println!(
            "{name:<6} film {first} bytes in {:.0} ms, unchanged {again}, another joint {joint}, hidden {hidden}, shown again {shown}",
            time.as_secs_f64() * 1e3
        );
    }
}

/// From the start of the real program to a frame with the first patient, in a terminal that answers no question.
fn first_frame(program: &Path, cohort: &Path) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut first_bytes = Vec::new();
    for _ in 0..10 {
        let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 800, pixel_height: 480 })?;
        let mut command = CommandBuilder::new(program);
        command.arg(cohort);
        command.env("TERM", "xterm-256color");
        let mut reader = pty.master.try_clone_reader()?;
        let begin = Instant::now();
        let mut child = pty.slave.spawn_command(command)?;
        // As long as this end is open, the other does not see that the program has ended.
        drop(pty.slave);
        let (mut seen, mut buffer) = (Vec::new(), [0; 65536]);
        let mut first = None;
        while !String::from_utf8_lossy(&seen).contains("▌") {
            let count = reader.read(&mut buffer)?;
            anyhow::ensure!(count > 0, "the program ended");
            first.get_or_insert_with(|| begin.elapsed());
            seen.extend_from_slice(&buffer[..count]);
        }
        times.push(begin.elapsed());
        first_bytes.extend(first);
        child.kill()?;
        child.wait()?;
    }
    times.sort();
    first_bytes.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("first bytes on the terminal {:.1} ms, first patient in the table {:.1} ms (medians of 10)", ms(first_bytes[5]), ms(times[5]));
    Ok(())
}

/// A terminal that counts bytes.
struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    output: Output,
}

impl Screen {
    fn new((width, height): (u16, u16)) -> anyhow::Result<Self> {
        let output = Output::default();
        let viewport = Viewport::Fixed(Rect { x: 0, y: 0, width, height });
        let terminal = Terminal::with_options(CrosstermBackend::new(output.clone()), TerminalOptions { viewport })?;
        Ok(Self { terminal, output })
    }

    fn draw(&mut self, app: &Headless) -> usize {
        let drawn = self.terminal.draw(|frame| {
            let (buffer, _): (Buffer, _) = app.frame();
            *frame.buffer_mut() = buffer;
        });
        assert!(drawn.is_ok(), "writing into memory does not fail");
        self.output.take().len()
    }
}

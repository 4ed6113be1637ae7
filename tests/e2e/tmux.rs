//! The workbench inside a real tmux, in a terminal that knows kitty's placeholders: what the terminal shows is put together from the cells and the
//! pictures that reach it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use portable_pty::CommandBuilder;
use svh_tests::{
    cohort::{self, PATIENTS},
    program::program,
    skip::skip,
    terminal::{Persona, Piece, Snapshot, Terminal, kitty_pictures, kitty_placements},
};

const SECONDS: Duration = Duration::from_secs(20);

/// A tmux server of its own, which ends with this value.
struct Tmux {
    folder: tempfile::TempDir,
}

impl Tmux {
    /// `None`, with the reason printed, where there is no tmux that can hold sequences back.
    fn new(lines: &str) -> Option<Self> {
        let version = Command::new("tmux").arg("-V").output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let numbers = version.unwrap_or_default();
        let numbers = numbers.trim_start_matches("tmux ").split_once('.').and_then(|(major, minor)| {
            Some((major.parse::<u32>().ok()?, minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u32>().ok()?))
        });
        if numbers.is_none_or(|version| version < (3, 3)) {
            skip("there is no tmux of 3.3 or newer");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("conf"), format!("set -g status off\nset -g default-terminal tmux-256color\n{lines}\n")).unwrap();
        Some(Self { folder })
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Starts a session with a command in a terminal.
    fn start(&self, persona: Persona, size: (u16, u16), command: &[&str]) -> Terminal {
        let mut tmux = CommandBuilder::new("tmux");
        tmux.args(["-S", self.socket().to_str().unwrap(), "-f", self.folder.path().join("conf").to_str().unwrap(), "new-session"]);
        tmux.arg(command.join(" "));
        tmux.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("SHELL", "/bin/sh")] {
            tmux.env(name, value);
        }
        tmux.cwd(self.folder.path());
        Terminal::start(persona, size.0, size.1, tmux)
    }

    fn does(&self, words: &[&str]) -> String {
        let output = Command::new("tmux").arg("-S").arg(self.socket()).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(self.socket()).arg("kill-server").output();
    }
}

fn svh() -> String {
    program("svh").to_str().unwrap().to_owned()
}

/// A film on the screen.
struct Shown {
    id: u32,
    /// Columns and rows.
    size: (u16, u16),
    /// First and last column of the screen.
    columns: (u16, u16),
}

/// The film on the screen, once it is whole.
fn film(seen: &Snapshot) -> Option<Shown> {
    let id = seen.pieces.first()?.id;
    let pieces: Vec<&Piece> = seen.pieces.iter().filter(|piece| piece.id == id).collect();
    let left = pieces.iter().map(|piece| piece.at.0).min()?;
    let top = pieces.iter().map(|piece| piece.at.1).min()?;
    let (columns, rows) = kitty_placements(&seen.bytes).get(&id).copied()?;
    // While a frame is being drawn, cells are missing or hold what was there before.
    let in_place = |piece: &&Piece| (piece.of.0 + left, piece.of.1 + top) == piece.at;
    let whole = pieces.len() == usize::from(columns) * usize::from(rows) && pieces.iter().all(in_place);
    (whole && pieces.len() > 100).then_some(Shown { id, size: (columns, rows), columns: (left, left + columns - 1) })
}

/// How alike the grays of a picture and of a film are at the size of the cells, as Pearson's correlation.
fn likeness(picture: &image::DynamicImage, film: &Path, (columns, rows): (u16, u16)) -> f64 {
    let small = |picture: &image::DynamicImage| {
        let small = picture.resize_exact(u32::from(columns), u32::from(rows), image::imageops::FilterType::Triangle).to_luma8();
        small.pixels().map(|pixel| f64::from(pixel.0[0])).collect::<Vec<_>>()
    };
    let (a, b) = (small(picture), small(&image::open(film).unwrap()));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (ma, mb) = (mean(&a), mean(&b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    product(&a, ma, &b, mb) / (product(&a, ma, &a, ma) * product(&b, mb, &b, mb)).sqrt()
}

/// The film of the first patient's left hand.
fn left_hand(cohort: &Path) -> PathBuf {
    cohort.join(format!("images/{}-LH.jpg", PATIENTS[0]))
}

#[test]
fn a_film_in_tmux_is_pixels_that_move_with_their_pane_and_go_with_it() {
    let Some(tmux) = Tmux::new("set -g allow-passthrough on") else { return };
    let cohort = cohort::copy();
    let mut terminal = tmux.start(Persona::Placeholders, (120, 40), &[&svh(), cohort.path().to_str().unwrap()]);
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait_for("left hand");
    terminal.wait("the film as pixels", SECONDS, |seen| film(seen).is_some());
    let seen = terminal.now();
    let Shown { id, size, .. } = film(&seen).unwrap();
    let pictures: BTreeMap<u32, _> = kitty_pictures(&seen.bytes);
    let picture = &pictures[&id];
    let likeness = likeness(&picture.image, &left_hand(cohort.path()), size);
    assert!(likeness > 0.9, "{likeness}");
    assert!(picture.largest_sequence < 5000, "in small pieces: {}", picture.largest_sequence);
    // Text over it, and the film again.
    terminal.keys("?");
    terminal.wait("no piece shows through the help", SECONDS, |seen| seen.pieces.is_empty());
    let before = terminal.now().bytes.len();
    terminal.keys("\x1b");
    terminal.wait("the film again", SECONDS, |seen| film(seen).is_some_and(|again| again.id == id));
    assert!(!kitty_pictures(&terminal.now().bytes[before..]).contains_key(&id), "it was not sent again");
    // Another pane at the left: the film moves to the right, as its pane does.
    let pane = tmux.does(&["display-message", "-p", "#{pane_id}"]);
    tmux.does(&["split-window", "-h", "-b", "-l", "50", "cat"]);
    terminal.wait("the film in its pane", SECONDS, |seen| film(seen).is_some_and(|film| film.columns.0 > 50));
    tmux.does(&["swap-pane", "-d", "-s", &pane, "-t", "{left}"]);
    terminal.wait("the film at the left", SECONDS, |seen| film(seen).is_some_and(|film| film.columns.1 < 70));
    tmux.does(&["kill-pane", "-t", &pane]);
    terminal.wait("nothing of the film", SECONDS, |seen| seen.pieces.is_empty());
    tmux.does(&["kill-server"]);
    terminal.end();
}

#[test]
fn a_program_that_ends_in_tmux_frees_the_pictures_it_has_sent() {
    let Some(tmux) = Tmux::new("set -g allow-passthrough on") else { return };
    let cohort = cohort::copy();
    let command = format!("{} {}; echo over; cat", svh(), cohort.path().to_str().unwrap());
    let terminal = tmux.start(Persona::Placeholders, (80, 24), &[&command]);
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait("the film as pixels", SECONDS, |seen| film(seen).is_some());
    terminal.keys("q");
    terminal.wait_for("over");
    let seen = terminal.now();
    assert!(seen.pieces.is_empty());
    let left: Vec<u32> = kitty_pictures(&seen.bytes).into_iter().filter(|(_, picture)| !picture.freed).map(|(id, _)| id).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn where_tmux_keeps_pictures_back_there_are_blocks_and_doctor_names_the_line() {
    let Some(tmux) = Tmux::new("") else { return };
    let cohort = cohort::copy();
    let command = format!("{} doctor; {} {}", svh(), svh(), cohort.path().to_str().unwrap());
    let terminal = tmux.start(Persona::Placeholders, (160, 50), &[&format!("{command} && cat")]);
    terminal.wait("what doctor says", SECONDS, |seen| seen.text.contains("set -g allow-passthrough on") || seen.text.contains(PATIENTS[0]));
    terminal.wait_for(PATIENTS[0]);
    terminal.keys("\r");
    terminal.wait("the film in blocks", SECONDS, |seen| seen.text.contains("left hand") && seen.text.contains('▌'));
    assert!(kitty_pictures(&terminal.now().bytes).is_empty());
}

#[test]
fn a_terminal_around_tmux_without_placeholders_gets_blocks_and_no_key_is_lost() {
    let Some(tmux) = Tmux::new("set -g allow-passthrough on") else { return };
    let cohort = cohort::copy();
    for persona in [Persona::Plain, Persona::Mute] {
        let terminal = tmux.start(persona, (100, 30), &[&svh(), cohort.path().to_str().unwrap()]);
        terminal.wait_for(PATIENTS[0]);
        terminal.keys("\r");
        terminal.wait("the film in blocks", SECONDS, |seen| seen.text.contains("left hand") && seen.text.contains('▌'));
        let seen = terminal.now();
        assert!(seen.pieces.is_empty() && kitty_pictures(&seen.bytes).is_empty(), "{persona:?}");
        tmux.does(&["kill-server"]);
    }
}

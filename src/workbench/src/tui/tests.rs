//! Tests of the whole window: its bytes, its sizes, its pictures.

mod styles;

use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use svh_terminal::screen::Output;

use super::{
    fixture::{self, app, cohort, opened},
    headless::Headless,
    view,
};
use crate::Images;

/// What a terminal would make of the painters' bytes; of its readers only kitty's is needed here.
#[allow(dead_code)]
#[path = "../../../terminal/src/decode.rs"]
mod decode;

/// A terminal that counts bytes, drawn like the real one.
struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    output: Output,
}

impl Screen {
    fn new((width, height): (u16, u16)) -> Self {
        let output = Output::default();
        let viewport = Viewport::Fixed(Rect { x: 0, y: 0, width, height });
        let terminal = Terminal::with_options(CrosstermBackend::new(output.clone()), TerminalOptions { viewport }).unwrap();
        Self { terminal, output }
    }

    /// Text and pixels of one frame.
    fn draw(&mut self, app: &mut Headless) -> (Vec<u8>, Vec<u8>) {
        let mut plan = None;
        self.terminal.draw(|frame| plan = view::render(&app.state, frame)).unwrap();
        let mut pixels = Vec::new();
        app.state.painter.paint(plan.as_ref(), &mut pixels);
        (self.output.take(), pixels)
    }
}

#[test]
fn an_unchanged_frame_costs_next_to_nothing() {
    let folder = cohort();
    for images in [Images::Half, Images::Kitty, Images::Iterm, Images::Sixel] {
        let mut app = Headless::open(folder.path(), images, (120, 40));
        app.keys("\r");
        let mut screen = Screen::new((120, 40));
        screen.draw(&mut app);
        app.paint();
        screen.draw(&mut app);
        let (text, pixels) = screen.draw(&mut app);
        assert!(text.len() + pixels.len() < 100, "{images:?}: {} + {}", text.len(), pixels.len());
    }
}

#[test]
fn the_cells_under_a_picture_are_left_alone_and_come_back_with_the_help() {
    let (_folder, mut app) = opened((120, 40), "\r");
    let mut screen = Screen::new((120, 40));
    let (blocks, _) = screen.draw(&mut app);
    app.paint();
    let (text, _) = screen.draw(&mut app);
    assert!(text.len() < 200, "blocks give way to pixels without being painted over: {}", text.len());
    app.keys("?");
    let (help, hidden) = screen.draw(&mut app);
    assert!(decode::kitty(&hidden).iter().all(|command| command.key('a') == Some("d")), "the picture is hidden");
    assert!(help.len() > 1000 && hidden.len() < 100);
    app.keys("?");
    let (back, shown) = screen.draw(&mut app);
    assert!(shown.len() < 200, "shown again by its number: {}", shown.len());
    assert!(back.len() < blocks.len());
}

#[test]
fn every_size_is_drawn_without_a_panic_and_small_ones_say_what_they_need() {
    let (folder, mut app) = opened((120, 40), "");
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "other", 0.95);
    app.look();
    let keys = [
        "",
        "?",
        "\t",
        "\t",
        "\t",
        "\x1b",
        "\r",
        "\r",
        "e",
        "\x1b",
        "s",
        "?",
        "\x1b",
        "\x1b[<0;3;3M",
        "/x",
        "\x1b",
        "E",
        "\t",
        "\t",
        "\t",
        "]]",
        "1",
        "\x1b",
        "f",
        "\x1b",
        "T",
        "\t",
        "\t",
        "\r",
        "\x1b[B",
        "\x1b",
        "C",
        "\t",
        "n",
        "\x1b[C",
        "\r",
        "\x1b[B",
        "\x1b",
        "\x1b[Z",
        "\x1b[Z",
        "I",
        "\t",
        "\t",
        "l",
        "R",
        "m",
        "\x1b[B",
        "n",
        "\x1b[C",
        "\x1b",
        "\x10",
        "er",
        "\x1b",
        "\x12",
        "\x1b",
        "P",
    ];
    for (round, size) in
        [(1, 1), (20, 5), (59, 15), (60, 16), (61, 17), (80, 24), (133, 11), (200, 60), (300, 100), (40, 200)].into_iter().enumerate()
    {
        app.resize(size);
        for key in keys {
            app.keys(key);
            app.rest();
            app.paint();
            let (buffer, plan) = app.frame();
            if let Some(plan) = plan {
                assert_eq!(plan.rect.intersection(buffer.area), plan.rect, "{size:?}");
                assert!(plan.rect.bottom() < buffer.area.bottom(), "a row is kept below the picture");
            }
        }
        if round == 1 {
            assert!(app.text().contains("60 x 16"), "{}", app.text());
        }
    }
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let folder = cohort();
    let bare = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
    let catalogue = svh_core::Cohort::open(folder.path()).unwrap();
    let mut app = Headless::new(folder.path(), Images::Half, (100, 30), bare);
    fixture::run(folder.path());
    super::update::update(&mut app.state, super::event::Event::Cohort(Ok(Box::new(super::data::Catalogue::new(catalogue)))), bare);
    app.look();
    for key in ["", "E", "\t", "T", "C", "I", "R", "n", "\x1b", "\x10", "\x1b", "P", "\r", "\x1b[B", "?", "\t", "?"] {
        app.keys(key);
        app.rest();
        let (buffer, _) = app.frame();
        let plain = |cell: &ratatui::buffer::Cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset;
        assert!(buffer.content.iter().all(plain), "after {key:?}");
    }
    assert!(app.text().contains('⣿') || app.text().chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "the film is drawn in dots");
}

#[test]
fn a_message_that_is_long_is_shown_whole_above_the_hints() {
    let (_folder, mut app) = opened((80, 24), "\r");
    app.state.message = Some(super::message::Message::error("word ".repeat(40) + "end"));
    let text = app.text();
    let words = text.matches("word").count();
    assert_eq!(words, 40, "{text}");
    assert!(text.contains("end"));
}

#[test]
fn news_and_hints_that_are_long_take_more_lines() {
    let (_folder, mut app) = opened((80, 24), "");
    app.state.message = Some(super::message::Message::info("word ".repeat(20) + "end"));
    let text = app.text();
    assert!(text.matches("word").count() == 20 && text.contains("end"), "{text}");
    app.keys("f");
    let text = app.text();
    assert!(text.contains("part of an id, graded") && text.contains("tag:NAME"), "{text}");
    app.keys(&"a".repeat(90));
    app.keys("end");
    let text = app.text();
    assert!(text.contains("filter …aaa") && text.contains("aend▏") && !text.contains("tag:NAME"), "{text}");
}

/// The words of a frame that end in an ellipsis because they had no room; a word that stands before one of ours has a space between.
fn cut_words(text: &str) -> Vec<&str> {
    // Names of trainings hold their architecture, which the lines below the list show whole; `P…` stands for all ids that begin so.
    let is_meant = |word: &str| word.starts_with(['…', '[']) || word == "P…" || word == "narrowing…";
    text.split_whitespace().filter(|word| word.contains('…') && !is_meant(word)).collect()
}

/// At 80x24 every text of a fixed length is seen whole on every screen, in every view and on every page of the help.
#[test]
fn nothing_is_cut_in_the_smallest_usual_window() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "20251123-200000-score", 0.95);
    let mut found = Vec::new();
    for start in [
        "",
        "\r",
        "E",
        "E\t",
        "E\t\t",
        "E\t\t\t",
        "T",
        "T\r",
        "C",
        "C\r",
        "I",
        "I\r",
        "I\r\t",
        "R",
        "R \x1b[B",
        "R \x1b[B~",
        "V",
        "S",
        "U",
        "Ra",
    ] {
        let mut app = app(folder.path(), (80, 24));
        app.state.root = "cohort".into();
        app.keys(start);
        for view in 0..8 {
            let view = if view == 0 { "" } else { "\t" };
            app.keys(view);
            app.rest();
            app.paint();
            for word in cut_words(&app.text()) {
                found.push(format!("{start:?} {word}"));
            }
        }
        app.keys("?");
        for _ in 0..4 {
            app.keys("\x1b[6~");
            found.extend(cut_words(&app.text()).into_iter().map(|word| format!("help of {start:?}: {word}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The text of every screen at three sizes, so that a change of looks is seen when it is made.
#[test]
fn the_screens_look_as_they_did() {
    let folder = cohort();
    let scenes = [
        ("patients", ""),
        ("film", "\r"),
        ("joint", "\re\x1b[B\r"),
        ("help", "?"),
        ("scheme", "?\t"),
        ("legend", "?\t\t"),
        ("palette", "\x10er"),
        ("review", "\r|V|\x1b[B"),
        ("review-edit", "\r|V|m"),
        ("review-blind", "\r|V|B|2"),
    ];
    look(&folder, &scenes);
}

/// The same of the screens that speak of a run.
#[test]
fn the_screens_of_metrics_look_as_they_did() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "20251123-200000-score", 0.95);
    let scenes = [
        ("errors", "E"),
        ("crops", "E\t"),
        ("error-joints", "E\t\t\t"),
        ("grade-errors", "E\t\t"),
        ("detections", "Ef\x15neighbour\r\r*"),
        ("totals", "T"),
        ("scatter", "T\t"),
        ("bland-altman", "T\t\t"),
        ("differences", "T\r"),
        ("confusion", "C"),
        ("hand-erosion", "C\x1b[Z\x1b[Z\x1b[Z\x1b[Z%"),
        ("cell", "C\x1b[C\r"),
        ("imbalance", "I"),
        ("imbalance-joints", "I\t\t\t#"),
        ("runs", "R"),
        ("compare", "R \x1b[B"),
        ("start", "Ra\x1b[C"),
    ];
    look(&folder, &scenes);
}

/// The same of the reviews.
#[test]
fn the_reviews_look_as_they_did() {
    look(&cohort(), &[("review", "\r|V|\x1b[B"), ("review-edit", "\r|V|m"), ("review-blind", "\r|V|B|2")]);
}

fn look(folder: &tempfile::TempDir, scenes: &[(&str, &str)]) {
    for size in [(80, 24), (120, 40), (200, 60)] {
        for (name, keys) in scenes {
            let mut app = app(folder.path(), size);
            // The folder's name is another every time and on every machine.
            app.state.root = "cohort".into();
            // An escape of its own is not the beginning of another key.
            keys.split('|').for_each(|keys| app.keys(keys));
            app.rest();
            app.paint();
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), app.text());
        }
    }
}

/// What is typed into a line, a form, a palette or as an answer reaches no screen below: neither its letters, which lead to screens, nor `q`.
#[test]
fn keys_never_fall_through_to_the_screen_below() {
    let folder = cohort();
    fixture::run(folder.path());
    for (keys, screen) in [
        ("/", "Patients"),
        ("f", "Patients"),
        (":", "Patients"),
        ("K", "Patients"),
        ("\x10", "Patients"),
        ("\rK", "Film"),
        ("Ef", "Errors"),
        ("E:", "Errors"),
        ("T/", "Totals"),
        ("C$", "Confusion"),
        ("Ra", "Runs"),
        ("RM", "Runs"),
        ("R\"", "Runs"),
        ("V!", "Review"),
        ("Vg", "Review"),
    ] {
        let mut app = app(folder.path(), (80, 24));
        app.keys(keys);
        let cursor = app.state.patients.table.cursor;
        for typed in "ETCIRVjqxsd+".chars() {
            app.keys(&typed.to_string());
            assert_eq!((app.state.screen.0, app.ended), (screen, false), "{keys:?} and then {typed}");
        }
        assert!(app.requests.is_empty(), "{keys:?}");
        if !keys.starts_with(['/', ':']) {
            assert_eq!(app.state.patients.table.cursor, cursor, "{keys:?}");
        }
    }
    // An answer that is neither yes nor no is a no, and nothing more.
    let mut app = app(folder.path(), (80, 24));
    app.keys("RxE");
    assert!(app.state.confirm.is_none() && app.state.screen.0 == "Runs" && app.text().contains(fixture::RUN), "{}", app.text());
}

#[test]
fn the_foot_names_the_keys_of_what_was_opened() {
    let folder = cohort();
    fixture::run(folder.path());
    let table = "Patient_ID,patient,visit,months\nP001,anna,1,0\nP002,anna,2,12\n";
    std::fs::write(folder.path().join("visits.csv"), table).unwrap();
    for (keys, wanted) in [
        ("T\r", ["↑↓ joint", "⏎ film"]),
        ("S\r", ["↑↓ joint", "+ - zoom"]),
        ("C\x1b[C\r", ["↑↓←→ crop", "⏎ film"]),
        ("E\t", ["↑↓←→ crop", "⏎ film"]),
        ("E\t\t\t", ["↑↓←→ joint", "⏎ its errors"]),
        ("\r*", ["↑↓ detection", "⏎ zoom"]),
        ("\rVm", ["↑↓←→ move", "Tab move or resize"]),
    ] {
        let mut app = app(folder.path(), (80, 24));
        app.keys(keys);
        let text = app.text();
        let foot = text.lines().last().unwrap();
        assert!(
            wanted.iter().all(|words| foot.contains(words)) && (foot.contains("Esc back") || foot.contains("Esc cancel")),
            "{keys:?}: {foot}"
        );
    }
}

#[test]
fn a_narrow_window_names_the_screen_and_cuts_no_number() {
    let folder = cohort();
    fixture::run(folder.path());
    let mut app = app(folder.path(), (60, 20));
    for (keys, screen) in [("", "Patients"), ("E", "Errors"), ("T", "Totals"), ("I", "Imbalance"), ("R", "Runs")] {
        app.keys(keys);
        assert!(app.text().lines().next().unwrap().contains(&format!("› {screen}")), "{}", app.text());
    }
    app.keys("P");
    let text = app.text();
    let [groups, heads] = [1, 2].map(|line| text.lines().skip(1).nth(line).unwrap());
    assert!(
        groups.contains("reader") && groups.contains("model") && heads.matches("total").count() == 2 && heads.contains("diff"),
        "{text}"
    );
    app.keys("E");
    let text = app.text();
    for words in [
        "1 Missed ",
        "2 Background ",
        "3 Duplicate ",
        "4 Localisation ",
        "5 Side ",
        "6 Limb ",
        "7 Neighbour ",
        "8 Other ",
        "9 Inferred ",
        "0 Grade ",
    ] {
        let count = text.split(words).nth(1).and_then(|rest| rest.chars().next());
        assert!(count.is_some_and(|digit| digit.is_ascii_digit()), "{words}\n{text}");
    }
}

#[test]
fn all_screens_show_one_run_and_name_it() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "strict", 0.95);
    let mut app = app(folder.path(), (120, 40));
    let boxes = |app: &Headless| {
        let path = folder.path().join("images/P001-LH.png");
        app.state.results.film(&path).map_or(0, |film| film.detections.len())
    };
    assert!(boxes(&app) > 10, "the newest run's");
    for keys in ["P", "E", "T", "C", "I", "R", "P\r", "V"] {
        app.keys(keys);
        // Beside a film's name there may be no room for all of it.
        assert!(app.text().contains(&fixture::RUN[..11]), "{keys}\n{}", app.text());
    }
    app.keys("E\x12strict\r");
    for keys in ["P", "E", "T", "C", "I", "R", "P\r", "V"] {
        app.keys(keys);
        assert!(app.text().contains("strict") && (keys == "R" || !app.text().contains(&fixture::RUN[..11])), "{keys}\n{}", app.text());
    }
    // Only what the shape model placed is in that run, also on a film that is opened from a screen of metrics.
    app.keys("E\r");
    assert!(boxes(&app) <= 4, "{}", boxes(&app));
    let scored = |app: &Headless| (0..2).filter(|row| app.state.row(*row).unwrap().model.is_some()).count();
    assert_eq!(scored(&app), 2);
    // What the engine answers is this session's, on every screen.
    app.keys("Ps");
    app.engine(crate::engine::Message::Event(svh_core::protocol::Event::Patient { id: 1, result: fixture::score("P002") }));
    assert!(app.text().contains("◆ this session · 4 patients · 1 scored"), "{}", app.text());
    app.keys("\x12strict\r");
    assert!(app.text().contains("◆ strict · 4 patients · 2 scored"), "{}", app.text());
}

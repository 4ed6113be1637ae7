//! Tests of the film screen.

use std::path::Path;

use svh_core::{
    FilmDetections, Limb, Task,
    protocol::{Event, Request},
};

use super::current;
use crate::{
    Images,
    engine::Message,
    tui::{
        fixture::{self, FILM, app, cohort},
        headless::Headless,
        theme,
    },
};
use svh_terminal::Line;

/// The fixture's first film, opened.
fn film(root: &Path) -> Headless {
    let mut app = app(root, (120, 40));
    app.keys("\r");
    app
}

/// The same with what a detector and a scorer said.
fn scored(root: &Path) -> Headless {
    let mut app = film(root);
    app.keys("s");
    let path = current(&app.state).unwrap().path;
    app.engine(Message::Event(Event::Film { id: 1, result: fixture::detections(&path, Limb::LeftHand) }));
    app.engine(Message::Event(Event::Patient { id: 1, result: fixture::score("P001") }));
    app.engine(Message::Event(Event::Done { id: 1 }));
    app
}

fn joint_line(app: &Headless, name: &str) -> String {
    let text = app.text();
    text.lines()
        .map(|line| line.chars().skip(60).collect::<String>())
        .find(|line| line.contains(name))
        .unwrap_or_else(|| panic!("{name}\n{text}"))
}

#[test]
fn the_film_is_shown_with_its_grades_and_sums() {
    let folder = cohort();
    let app = film(folder.path());
    let text = app.text();
    assert!(text.contains("› P001 › left hand"), "{text}");
    assert!(text.contains("300 × 400 px"), "{text}");
    let reader = app.state.row(0).unwrap().reference.unwrap().limb(Limb::LeftHand).unwrap();
    assert!(joint_line(&app, "total").contains(&reader.narrowing.to_string()));
    assert!(joint_line(&app, "total").contains("15/· of 15"));
    let (_, plan) = app.frame();
    let plan = plan.unwrap();
    assert_eq!(plan.marks.len(), 15);
    assert!(plan.marks.iter().all(|mark| mark.line == Line::Solid && mark.colour == theme::READER));
}

#[test]
fn reader_and_model_differ_in_colour_and_in_the_kind_of_line_and_doubt_shows() {
    let folder = cohort();
    let app = scored(folder.path());
    let (_, plan) = app.frame();
    let marks = plan.unwrap().marks;
    let count = |line, colour| marks.iter().filter(|mark| mark.line == line && mark.colour == colour).count();
    assert_eq!(count(Line::Solid, theme::READER), 15);
    assert_eq!(count(Line::Corners, theme::MODEL), 12);
    assert_eq!(count(Line::Dashed, theme::MODEL), 1, "the inferred one");
    assert_eq!(count(Line::Corners, theme::DOUBT), 1, "the implausible one");
}

#[test]
fn t_and_p_switch_the_boxes_and_e_the_task() {
    let folder = cohort();
    let mut app = scored(folder.path());
    let marks = |app: &Headless| app.frame().1.unwrap().marks.len();
    assert_eq!(marks(&app), 29);
    app.keys("t");
    assert_eq!(marks(&app), 14);
    app.keys("p");
    assert_eq!(marks(&app), 0);
    app.keys("tpe");
    assert_eq!(app.state.film.task, Task::Erosion);
    assert_eq!(marks(&app), 31);
    assert!(app.text().contains("navicular"));
}

#[test]
fn a_joint_shows_both_grades_their_difference_the_distribution_and_flags() {
    let folder = cohort();
    let app = scored(folder.path());
    let grades = *app.state.catalogue().unwrap().grades(0).unwrap();
    let joint = svh_core::joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
    let reader = grades.get(joint).unwrap();
    let line = joint_line(&app, "MCP 2");
    let words: Vec<_> = line.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "2").unwrap();
    assert_eq!(words[place + 1..place + 3], [reader.to_string().as_str(), "1"], "{line}");
    assert!(line.contains('~'), "inferred by the fixture: {line}");
    assert!(joint_line(&app, "MCP 3").contains('?'), "implausible by the fixture");
    let missed = joint_line(&app, "radiocarpal");
    assert!(!missed.contains('~') && !missed.contains('?'));
    let bars: String = line.chars().filter(|c| ('▁'..='█').contains(c)).collect();
    assert_eq!(bars.chars().count(), 5, "{line}");
}

#[test]
fn choosing_a_joint_highlights_and_names_its_box_and_says_it_in_words() {
    let folder = cohort();
    let mut app = scored(folder.path());
    app.keys("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B");
    let (_, plan) = app.frame();
    let chosen: Vec<_> = plan.unwrap().marks.into_iter().filter(|mark| mark.selected).collect();
    assert_eq!(chosen.len(), 2, "reader's and model's");
    assert_eq!(chosen[0].label.as_deref(), Some("MCP 2"));
    let text = app.text();
    assert!(text.contains("metacarpophalangeal joint 2") && text.contains("inferred box"), "{text}");
    assert!(text.contains("60 % probable"), "{text}");
}

#[test]
fn enter_looks_at_the_joint_the_view_follows_it_and_enter_or_escape_looks_away() {
    let folder = cohort();
    let mut app = film(folder.path());
    let whole = app.frame().1.unwrap().region;
    app.keys("\r");
    let close = app.frame().1.unwrap();
    let bbox = close.marks.iter().find(|mark| mark.selected).unwrap().bbox;
    let (x, y) = bbox.centre();
    assert!(close.region[0] < x && x < close.region[2] && close.region[1] < y && y < close.region[3]);
    assert!(close.region[2] - close.region[0] < (whole[2] - whole[0]) / 2.0);
    app.keys("\x1b[B");
    assert_ne!(app.frame().1.unwrap().region, close.region, "the view follows");
    app.keys("\x1b");
    assert_eq!(app.frame().1.unwrap().region, whole);
    assert!(app.text().contains("left hand"), "escape has not left the film");
}

#[test]
fn zoom_and_pan_keep_to_the_film_and_0_fits_again() {
    let folder = cohort();
    let mut app = film(folder.path());
    let whole = app.frame().1.unwrap().region;
    app.keys("++++++");
    let close = app.frame().1.unwrap().region;
    app.keys("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C");
    let right = app.frame().1.unwrap().region;
    assert!(right[0] > close[0] && right[2] <= FILM.0 as f32 + 0.5, "{right:?}");
    app.keys("\x1b[D");
    assert!(app.frame().1.unwrap().region[0] < right[0]);
    app.keys("w");
    assert_eq!(app.frame().1.unwrap().region, whole);
}

#[test]
fn the_window_moves_widens_and_goes_back_to_what_suits_the_film() {
    let folder = cohort();
    let mut app = film(folder.path());
    let auto = app.frame().1.unwrap().window;
    app.keys(")");
    let brighter = app.frame().1.unwrap().window;
    assert!(brighter.low <= auto.low && brighter.width() == auto.width(), "{auto:?} {brighter:?}");
    app.keys("}");
    assert!(app.frame().1.unwrap().window.width() < auto.width());
    app.keys("i");
    assert!(app.frame().1.unwrap().window.inverted);
    app.keys("Ai");
    assert_eq!(app.frame().1.unwrap().window, auto);
    app.keys(&"{".repeat(50));
    app.keys(&")".repeat(50));
    let most = app.frame().1.unwrap().window;
    assert!(most.low < most.high);
    // As wide as four times all values, and moved until nothing is left of the film.
    assert_eq!(most.width(), 4 * 65_535);
    app.keys(&"(".repeat(60));
    let dark = app.frame().1.unwrap().window;
    assert!(dark.low >= 65_535 && dark.gray8(65_535) == 0, "{dark:?}");
    app.keys(&")".repeat(90));
    let bright = app.frame().1.unwrap().window;
    assert!(bright.high <= 0 && bright.gray8(0) == 255, "{bright:?}");
}

#[test]
fn tab_numbers_and_n_walk_through_films_and_patients() {
    let folder = cohort();
    let mut app = film(folder.path());
    let at = |app: &Headless| current(&app.state).map(|current| (current.patient.to_owned(), current.limb)).unwrap();
    app.keys("\t");
    assert_eq!(at(&app), ("P001".to_owned(), Some(Limb::RightHand)));
    app.keys("\x1b[Z\x1b[Z");
    assert_eq!(at(&app).1, Some(Limb::RightFoot));
    app.keys("2n");
    assert_eq!(at(&app), ("P002".to_owned(), Some(Limb::RightHand)), "the same limb of the next patient");
    app.keys("4");
    assert!(app.text().contains("P002 has no film of the right foot"));
    app.keys("n");
    assert_eq!(at(&app), ("P004".to_owned(), Some(Limb::LeftFoot)), "who has no film is passed over");
    app.keys("n");
    assert!(app.text().contains("this is the last patient"));
    app.keys("NN");
    assert_eq!(at(&app).0, "P001");
}

#[test]
fn d_asks_for_this_film_s_for_the_patient_and_only_once() {
    let folder = cohort();
    let mut app = film(folder.path());
    app.keys("ddsDs");
    let [Request::Detect { films: one, .. }, Request::Score { films: all, patient, .. }] = &app.requests[..] else {
        panic!("{:?}", app.requests)
    };
    assert!(one.len() == 1 && one[0].path.ends_with("images/P001-LH.png"));
    assert!(all.len() == 4 && patient == "P001");
}

#[test]
fn progress_is_shown_the_screen_stays_alive_and_escape_gives_up() {
    let folder = cohort();
    let mut app = film(folder.path());
    app.keys("s");
    app.engine(Message::Starting);
    assert!(app.text().contains(" starting"));
    app.engine(fixture::ready());
    app.engine(Message::Event(Event::Progress { id: 1, done: 2, total: 6, what: "left foot".into() }));
    let text = app.text();
    assert!(text.contains("grading P001") && text.contains("2/6") && text.contains("left foot") && text.contains("Esc cancels"), "{text}");
    assert!(text.contains("● cpu"));
    app.keys("\x1b[B");
    assert_eq!(app.state.film.joint, 1);
    app.keys("\x1b");
    assert_eq!(app.requests.last(), Some(&Request::Cancel { id: 1 }));
    app.engine(fixture::failed(1, "cancelled"));
    assert!(app.text().contains("cancelled: grading P001"));
}

#[test]
fn an_engine_that_cannot_start_says_why_and_the_next_demand_tries_again() {
    let folder = cohort();
    let mut app = film(folder.path());
    app.keys("d");
    let reason = "libtorch was not found (looked everywhere): install PyTorch 2.11.0, for instance with `pip install torch==2.11.0`, or name its folder in SVH_TORCH";
    app.engine(Message::Starting);
    app.engine(fixture::failed(1, reason));
    app.engine(Message::Gone { message: reason.into(), fault: svh_core::protocol::Fault::User });
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = app.text();
    assert!(words(&text).contains("libtorch was not found") && text.contains("SVH_TORCH"), "the whole sentence: {text}");
    assert!(text.contains("✗ "));
    app.keys("\x1b");
    assert!(!app.text().contains("libtorch was not found"), "escape takes the message away");
    assert!(app.text().contains("left hand"), "and nothing else");
    app.keys("d");
    assert_eq!(app.requests.len(), 2);
}

#[test]
fn g_goes_through_the_devices_that_the_engine_has_told_of() {
    let folder = cohort();
    let mut app = film(folder.path());
    let device = |app: &Headless| match app.requests.last() {
        Some(Request::Device { device, .. }) => device.clone(),
        other => panic!("{other:?}"),
    };
    app.keys("\x07");
    assert_eq!(device(&app), "cpu", "before an engine has told, auto and cpu");
    app.engine(fixture::ready());
    app.keys("\x07");
    assert_eq!(device(&app), "cuda:0");
    let id = match app.requests.last() {
        Some(Request::Device { id, .. }) => *id,
        other => panic!("{other:?}"),
    };
    app.engine(fixture::failed(id, "cuda:0 has no memory left"));
    assert!(app.text().contains("no memory left") && app.text().contains("● cpu"));
    app.keys("\x1b");
    app.keys("\x07\x07");
    assert_eq!(device(&app), "auto", "on from the device that stayed in use");
}

#[test]
fn quitting_while_a_job_runs_takes_a_second_q() {
    let folder = cohort();
    let mut app = film(folder.path());
    app.keys("sq");
    assert!(!app.ended && app.text().contains("still grading P001: cancel it and quit?"), "{}", app.text());
    app.keys("j");
    assert!(!app.ended && app.state.confirm.is_none() && app.state.film.joint == 0, "any other key is a no, and no more");
    app.keys("q");
    app.keys("q");
    assert!(app.ended);
}

#[test]
fn a_film_that_cannot_be_read_is_named_and_the_others_are_shown() {
    let folder = cohort();
    std::fs::write(folder.path().join("images/P001-LH.png"), b"no picture").unwrap();
    let mut app = film(folder.path());
    let text = app.text();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("is not a JPEG") || text.contains("not a JPEG"), "{text}");
    assert!(app.frame().1.is_none());
    app.keys("\t");
    assert!(app.frame().1.is_some());
}

#[test]
fn a_label_file_with_a_fault_is_named_and_the_other_boxes_are_drawn() {
    let folder = cohort();
    let path = folder.path().join("narrowing_labels/P001-LH.xml");
    let text = std::fs::read_to_string(&path).unwrap().replace("LH_mcp_3", "LH_toe_9");
    std::fs::write(&path, text).unwrap();
    let app = film(folder.path());
    assert!(app.text().contains("LH_toe_9"));
    assert_eq!(app.frame().1.unwrap().marks.len(), 14);
}

#[test]
fn films_without_grades_or_limb_open_and_the_model_tells_the_limb() {
    let folder = tempfile::tempdir().unwrap();
    let picture = image::GrayImage::from_pixel(64, 80, image::Luma([90]));
    picture.save(folder.path().join("unnamed.png")).unwrap();
    let mut app = film(folder.path());
    assert!(app.text().contains("limb unknown") && app.text().contains("d lets the model"), "{}", app.text());
    app.keys("d");
    let path = current(&app.state).unwrap().path;
    app.engine(Message::Event(Event::Film { id: 1, result: fixture::detections(&path, Limb::RightFoot) }));
    app.engine(Message::Event(Event::Done { id: 1 }));
    let text = app.text();
    assert!(text.contains("right foot") && text.contains("MTP 5"), "{text}");
    assert!(text.contains("5 joints found") || text.contains("10 joints found"), "{text}");
}

#[test]
fn without_pictures_the_list_has_the_whole_window() {
    let folder = cohort();
    let mut app = Headless::open(folder.path(), Images::Off, (80, 24));
    app.keys("\r");
    assert!(app.frame().1.is_none());
    let text = app.text();
    assert!(
        text.lines().nth(3).unwrap().trim_start().starts_with("joint") || text.lines().nth(4).unwrap().trim_start().starts_with("joint"),
        "{text}"
    );
}

#[test]
fn the_mouse_zooms_drags_and_chooses() {
    let folder = cohort();
    let mut app = film(folder.path());
    let plan = app.frame().1.unwrap();
    let joint = svh_core::joint::by_label(Task::Narrowing, "LH_mcp_3").unwrap();
    let (x, y) = fixture::place(joint).centre();
    let column = f32::from(plan.rect.x) + (x - plan.region[0]) / (plan.region[2] - plan.region[0]) * f32::from(plan.rect.width);
    let row = f32::from(plan.rect.y) + (y - plan.region[1]) / (plan.region[3] - plan.region[1]) * f32::from(plan.rect.height);
    let at = format!("{};{}", column as u16 + 1, row as u16 + 1);
    app.keys(&format!("\x1b[<0;{at}M\x1b[<0;{at}m"));
    let chosen = current(&app.state).unwrap().joints(Task::Narrowing)[app.state.film.joint];
    assert_eq!(chosen.label, "LH_mcp_3");
    app.keys(&format!("\x1b[<64;{at}M\x1b[<64;{at}M\x1b[<64;{at}M"));
    let close = app.frame().1.unwrap().region;
    assert!(close[2] - close[0] < plan.region[2] - plan.region[0]);
    app.keys("\x1b[<0;20;20M\x1b[<32;25;20M\x1b[<0;25;20m");
    let dragged = app.frame().1.unwrap().region;
    assert!(dragged[0] < close[0], "the film follows the mouse: {close:?} {dragged:?}");
    app.keys("\x1b[<32;40;20M");
    assert_eq!(app.frame().1.unwrap().region, dragged, "without the button nothing moves");
}

#[test]
fn proposals_of_the_label_file_are_drawn_in_the_models_way_and_said_to_be_looked_at_by_nobody() {
    let folder = cohort();
    fixture::propose(folder.path(), "P002", Limb::LeftHand);
    let mut app = app(folder.path(), (120, 40));
    app.keys("\x1b[B\r");
    let marks = app.frame().1.unwrap().marks;
    let count = |line, colour| marks.iter().filter(|mark| mark.line == line && mark.colour == colour).count();
    assert_eq!((count(Line::Dashed, theme::MODEL), count(Line::Dashed, theme::DOUBT), marks.len()), (13, 1, 14), "the last was missed");
    let text = app.text();
    assert!(text.contains("unreviewed"), "{text}");
    assert!(joint_line(&app, "MCP 2").contains("p~") && joint_line(&app, "MCP 3").contains("p?"), "{text}");
}

#[test]
fn a_coarse_film_is_marked_at_its_foot() {
    let folder = cohort();
    for (coarse, size) in [(Some(12.4), (120, 40)), (Some(12.4), (80, 24)), (None, (120, 40))] {
        let mut app = app(folder.path(), size);
        app.keys("\rd");
        let path = current(&app.state).unwrap().path;
        let result = FilmDetections { coarse, ..fixture::detections(&path, Limb::LeftHand) };
        app.engine(Message::Event(Event::Film { id: 1, result }));
        app.engine(Message::Event(Event::Done { id: 1 }));
        // A key takes the message away that stands in this line.
        app.keys("\x1b[B");
        assert_eq!(app.text().contains("coarse: joints of 12 px"), coarse.is_some(), "{size:?}\n{}", app.text());
    }
}

#[test]
fn open_joints_have_no_grade_and_say_why() {
    let folder = cohort();
    let mut app = film(folder.path());
    app.keys("s");
    let path = current(&app.state).unwrap().path;
    app.engine(Message::Event(Event::Film { id: 1, result: fixture::detections(&path, Limb::LeftHand) }));
    app.engine(Message::Event(Event::Patient { id: 1, result: fixture::score_with_open("P001") }));
    let score = fixture::score_with_open("P001");
    let names: Vec<String> =
        score.open.keys().map(|column| crate::tui::names::short(svh_core::joint::by_column(column).unwrap())).collect();
    for name in &names {
        let line = joint_line(&app, name);
        assert!(line.contains('°') && line.contains('u'), "{line}");
    }
    let open = |app: &Headless| {
        let current = current(&app.state).unwrap();
        current.entry(current.joints(Task::Narrowing)[app.state.film.joint]).open.is_some()
    };
    for _ in 0..15 {
        if !open(&app) {
            app.keys("\x1b[B");
        }
    }
    let text = app.text();
    for words in ["left open: looks unlike", "unfamiliarity 0.97", "13 of 15, 13–21"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let (_, plan) = app.frame();
    let doubtful = plan.unwrap().marks.iter().filter(|mark| mark.line != Line::Solid && mark.colour == theme::DOUBT).count();
    assert!(doubtful >= 2, "{doubtful}");
}

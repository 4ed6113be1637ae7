//! Tests of why a grade.

use std::path::Path;

use svh_core::{BBox, ExplainFilm, ExplainQuery, ExplainedJoint, Explanation, SimilarJoint, protocol::Event, protocol::Request};
use svh_terminal::Line;

use crate::{
    Images,
    engine::Message,
    tui::{
        fixture::{self, app, cohort, evaluated},
        headless::Headless,
    },
};

/// The latest question about a map and its number.
fn explain(app: &Headless) -> (u64, ExplainQuery) {
    let found = app.requests.iter().rev().find_map(|request| match request {
        Request::Explain { id, query } => Some((*id, query.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{:?}", app.requests))
}

fn similar(app: &Headless) -> (u64, Vec<ExplainFilm>) {
    let found = app.requests.iter().rev().find_map(|request| match request {
        Request::Similar { id, references, .. } => Some((*id, references.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{:?}", app.requests))
}

/// The engine's answer: one place of the first row raises the grade by half of one, the one below it lowers it by a little.
fn answer(app: &mut Headless) -> BBox {
    let (id, query) = explain(app);
    let bbox = query.joint().unwrap().bbox;
    let region = BBox::square(bbox.centre(), 1.2 * bbox.width());
    let mut falls = vec![0.0; 144];
    (falls[5], falls[17]) = (0.5, -0.05);
    let result = Explanation { model: "scorer-narrowing".into(), region, expected: 1.25, places: 12, falls };
    app.engine(Message::Event(Event::Explained { id, result }));
    app.engine(Message::Event(Event::Done { id }));
    region
}

#[test]
fn h_asks_about_the_model_s_box_and_the_picture_says_what_each_place_does() {
    let (_folder, mut app) = evaluated((120, 40));
    app.keys("P\r\x1b[B\x1b[Bh");
    let (_, query) = explain(&app);
    let asked = query.joint().unwrap();
    let joint = svh_core::joint::by_label(query.task, &asked.joint).unwrap();
    let [x0, y0, x1, y1] = fixture::place(joint).into();
    assert_eq!(asked.bbox, BBox::from([x0 + 4.0, y0 + 4.0, x1 + 4.0, y1 + 4.0]), "the detector's box, four pixels beside the reader's");
    assert!(query.film.path.ends_with("images/P001-LH.png") && query.film.boxes.len() > 20);
    assert!(app.text().contains("blurring one place after the other"));
    let region = answer(&mut app);
    let text = app.text();
    assert!(text.contains("expected 1.25; the strongest place") && text.contains("raises it by 0.50"), "{text}");
    assert!(text.contains("+ raises the grade") && text.contains("- lowers the grade"), "what the signs mean is said: {text}");
    let (_, plan) = app.frame();
    let signs: Vec<_> = plan.unwrap().marks.into_iter().filter(|mark| mark.line == Line::Sign).collect();
    let named: Vec<_> = signs.iter().map(|sign| sign.label.as_deref().unwrap()).collect();
    assert_eq!(named, ["+++", "-"]);
    let (centre, step) = (signs[0].bbox.centre(), region.width() / 12.0);
    assert!((centre.0 - region.x0 - 5.5 * step).abs() < 1e-3 && (centre.1 - region.y0 - 0.5 * step).abs() < 1e-3);
    assert_ne!(signs[0].colour, signs[1].colour);
    app.keys("h");
    assert!(!app.text().contains("raises the grade"), "the same key leads back to the joints");
}

#[test]
fn similar_reference_joints_are_named_with_their_grades_and_become_a_list() {
    let (folder, mut app) = evaluated((120, 40));
    app.keys("P\r\x1b[B\x1b[Bh");
    app.rest();
    let (id, references) = similar(&app);
    let label = explain(&app).1.joint().unwrap().joint.clone();
    // Of the cohort only the other hand of the same patient has a box and a grade of this joint.
    assert_eq!(references.len(), 1);
    assert!(references[0].path.ends_with("images/P001-RH.png"));
    assert_eq!(references[0].joints.iter().map(|joint| joint.joint.clone()).collect::<Vec<_>>(), [label.replace("LH", "RH")]);
    assert_eq!(references[0].joints[0].grade, Some(app_grade(folder.path(), &references[0].joints[0])));
    let found = SimilarJoint { path: references[0].path.clone(), joint: references[0].joints[0].clone(), distance: 2.5 };
    app.engine(Message::Event(Event::Similar { id, result: vec![found] }));
    app.engine(Message::Event(Event::Done { id }));
    let text = app.text();
    let grade = references[0].joints[0].grade.unwrap();
    assert!(text.contains("most similar reference joints") && text.contains(&format!("grade  {grade}  P001-RH  2.5")), "{text}");
    app.keys("O");
    let text = app.text();
    assert!(text.contains("most similar to P001 LH") && text.contains("1 entry"), "{text}");
    let item = &app.state.list.selection.items[0];
    assert_eq!((item.reader, item.joint.unwrap().label.clone()), (Some(grade), label.replace("LH", "RH")));
    assert_eq!(item.reference, Some(references[0].joints[0].bbox));
}

/// The reader's grade, read from the table.
fn app_grade(root: &Path, joint: &ExplainedJoint) -> u8 {
    let cohort = svh_core::Cohort::open(root).unwrap();
    let joint = svh_core::joint::by_label(svh_core::Task::Narrowing, &joint.joint).unwrap();
    cohort.grades_of(&cohort.patients()[0]).unwrap().get(joint).unwrap()
}

#[test]
fn another_joint_is_asked_about_when_the_keys_rest_and_the_one_before_is_given_up() {
    let (_folder, mut app) = evaluated((120, 40));
    app.keys("P\rh");
    let (first, _) = explain(&app);
    app.keys("\x1b[B\x1b[B");
    assert_eq!(explain(&app).0, first, "not while keys repeat");
    app.rest();
    let (second, query) = explain(&app);
    assert!(second > first && app.requests.contains(&Request::Cancel { id: first }));
    // The answer for the joint before is not shown for this one, nor is its end a message.
    app.engine(fixture::failed(first, "cancelled"));
    assert!(!app.text().contains("cancelled"), "{}", app.text());
    app.engine(fixture::failed(second, "the weights are gone"));
    assert!(app.text().contains("the weights are gone"));
    app.keys("hh");
    let (third, again) = explain(&app);
    assert!(third > second && again == query, "h asks again");
}

#[test]
fn errors_and_lists_lead_there_with_the_same_key_and_blind_readers_do_not() {
    let (_folder, mut app) = evaluated((120, 40));
    app.keys("E\t\th");
    assert!(app.state.film.why && app.text().contains("raises the grade"), "{}", app.text());
    let (_, query) = explain(&app);
    let chosen = app.state.film.error.is_none();
    assert!(chosen && query.film.path.exists());
    let folder = cohort();
    let mut app = self::app(folder.path(), (120, 40));
    app.keys("\rVBh");
    assert!(app.requests.iter().all(|request| !matches!(request, Request::Explain { .. })));
}

#[test]
fn signs_can_be_read_in_blocks_and_without_colours() {
    let folder = cohort();
    fixture::run(folder.path());
    for colours in ["truecolor", "none"] {
        let environment: fn(&str) -> Option<String> = match colours {
            "none" => |name| (name == "NO_COLOR").then(|| "1".to_owned()),
            _ => |name| (name == "COLORTERM").then(|| "truecolor".to_owned()),
        };
        let mut app = Headless::open_in(folder.path(), Images::Half, (80, 24), environment);
        app.keys("\r\x1b[B\x1b[Bh");
        let (id, query) = explain(&app);
        let region = BBox::square(query.joint().unwrap().bbox.centre(), 36.0);
        // The upper half raises the grade, the lower half lowers it.
        let falls = (0..144).map(|place| if place < 72 { 0.4 } else { -0.15 }).collect();
        let result = Explanation { model: "scorer".into(), region, expected: 1.0, places: 12, falls };
        app.engine(Message::Event(Event::Explained { id, result }));
        let text = app.text();
        let rows =
            |sign: &str| text.lines().take(19).enumerate().filter(|(_, line)| line.contains(sign)).map(|(at, _)| at).collect::<Vec<_>>();
        let (raising, lowering) = (rows("+++"), rows("--"));
        assert!(raising.len() >= 3 && lowering.len() >= 3, "{colours}\n{text}");
        assert!(raising.iter().max() < lowering.iter().min(), "{colours}\n{text}");
    }
}

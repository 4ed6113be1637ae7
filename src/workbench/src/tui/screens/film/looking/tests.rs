//! Tests of looking closer.

use svh_core::{Limb, Window};
use svh_terminal::{Line, Plan, Protocol};

use crate::tui::{
    fixture::{app, cohort, evaluated},
    headless::Headless,
};

fn film(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("P\r");
    (folder, app)
}

fn plan(app: &Headless) -> Plan {
    app.frame().1.unwrap_or_else(|| panic!("no picture\n{}", app.text()))
}

#[test]
fn an_enhanced_film_is_another_picture_and_the_screen_says_that_it_is_for_display_only() {
    let (_folder, mut app) = film((120, 40));
    let plain = plan(&app);
    app.keys("H");
    let clahe = plan(&app);
    assert_ne!(plain.picture.id(), clahe.picture.id());
    assert_ne!(plain.gray().pixels, clahe.gray().pixels);
    assert!(app.text().contains("CLAHE: for display only, the models see the film as it is"), "{}", app.text());
    app.keys("`");
    assert!(app.text().contains("CLAHE, sharpened: for display only"));
    let both = plan(&app).picture.id();
    app.keys("H`");
    assert_eq!(plan(&app).picture.id(), plain.picture.id(), "the film as it is");
    app.keys("H`");
    assert_eq!(plan(&app).picture.id(), both, "worked out once");
    app.keys("2");
    assert!(plan(&app).picture.id() != both && app.text().contains("CLAHE, sharpened"), "the next film is enhanced too");
}

#[test]
fn gamma_goes_round_and_the_window_of_the_box_is_that_of_its_pixels() {
    let (_folder, mut app) = film((120, 40));
    app.keys("^");
    assert_eq!(plan(&app).window.gamma, 140);
    assert!(app.text().contains("gamma 1.4"), "{}", app.text());
    app.keys("^^^^");
    assert_eq!(plan(&app).window.gamma, 100);
    app.keys("\x0b");
    // The fixture's film grows brighter to the right and downward: 5/6 a pixel and 1/4, in 8 bits.
    let place = crate::tui::fixture::place(svh_core::joint::by_label(svh_core::Task::Narrowing, &first(&app)).unwrap());
    let gray = |x: f32, y: f32| ((x.floor() * 5.0 / 6.0).floor() + (y.floor() / 4.0).floor()) * 257.0;
    let (least, most) = (gray(place.x0, place.y0), gray(place.x1, place.y1));
    let window = plan(&app).window;
    assert!(
        (window.low as f32) >= least && (window.high as f32) <= most && window.low < window.high,
        "{window:?} within {least} to {most}"
    );
    assert_ne!(Window { gamma: 100, ..window }, plan(&app).picture.auto_window());
    app.keys("A");
    assert_eq!(plan(&app).window, plan(&app).picture.auto_window());
}

fn first(app: &Headless) -> String {
    let current = super::current(&app.state).unwrap();
    current.joints(app.state.film.task)[app.state.film.joint].label.clone()
}

#[test]
fn the_other_side_stands_beside_with_linked_zoom_window_and_joint() {
    let (_folder, mut app) = film((120, 40));
    app.keys("|");
    let two = plan(&app);
    assert_eq!(two.insets.len(), 1);
    assert!(app.text().contains("P001 left hand | P001 right hand; zoom and window linked"), "{}", app.text());
    let inset = &two.insets[0];
    assert!(inset.rect.right() == two.rect.right() && inset.rect.x > two.rect.x && inset.picture.id() != two.picture.id());
    let across = |region: [f32; 4], cells: u16| (region[2] - region[0]) / f32::from(cells);
    // Films of one size are shown at one scale.
    assert!((across(two.region, two.rect.width) / across(inset.region, inset.rect.width) - 1.0).abs() < 1e-3);
    app.keys("^(\r");
    let close = plan(&app);
    let inset = &close.insets[0];
    assert_eq!(close.window, inset.window);
    let joint = svh_core::joint::by_label(svh_core::Task::Narrowing, &first(&app)).unwrap();
    let place = crate::tui::fixture::place(joint.mirrored());
    let inside = |region: [f32; 4]| region[0] < place.x0 && region[1] < place.y0 && region[2] > place.x1 && region[3] > place.y1;
    assert!(inside(inset.region), "the same joint of the other hand: {:?} {place:?}", inset.region);
    assert!(inset.marks.iter().any(|mark| mark.selected && mark.bbox == place), "and its box is the chosen one");
    let before = inset.region;
    app.keys("\x1b[1;2C");
    let after = plan(&app).insets[0].region;
    assert!(after[0] < before[0], "to the right here is to the left on the other hand: {before:?} {after:?}");
    app.keys("|");
    assert!(plan(&app).insets.is_empty());
}

#[test]
fn a_marked_film_stays_beside_those_of_other_patients() {
    let (_folder, mut app) = film((120, 40));
    app.keys(" ");
    assert!(plan(&app).insets.is_empty() && app.text().contains("this film stays beside the next one"), "{}", app.text());
    app.keys("n");
    assert!(app.text().contains("P002 left hand | P001 left hand; zoom and window linked"), "{}", app.text());
    assert_eq!(plan(&app).insets.len(), 1);
    app.keys("+++");
    let two = plan(&app);
    let wide = |region: [f32; 4], cells: u16| (region[2] - region[0]) / f32::from(cells);
    assert!((wide(two.region, two.rect.width) / wide(two.insets[0].region, two.insets[0].rect.width) - 1.0).abs() < 1e-3);
    app.keys(" ");
    assert!(plan(&app).insets.is_empty(), "Space ends it on any film");
    // A foot of the same patient has no other side here.
    let (_folder, mut app) = film((120, 40));
    app.keys("nnn|");
    assert!(app.text().contains("the patient has no film of the other side") || plan(&app).insets.len() == 1, "{}", app.text());
}

#[test]
fn the_magnifier_shows_the_joint_four_times_closer_and_lies_elsewhere() {
    let (_folder, mut app) = film((120, 40));
    app.keys("'");
    let lens = plan(&app);
    let inset = &lens.insets[0];
    let scale = |region: [f32; 4], cells: u16| f32::from(cells) / (region[2] - region[0]);
    assert!((scale(inset.region, inset.rect.width) / scale(lens.region, lens.rect.width) - 4.0).abs() < 0.01);
    let place = crate::tui::fixture::place(svh_core::joint::by_label(svh_core::Task::Narrowing, &first(&app)).unwrap()).centre();
    let middle = (f32::midpoint(inset.region[0], inset.region[2]), f32::midpoint(inset.region[1], inset.region[3]));
    assert!((middle.0 - place.0).abs() < 5.0 && (middle.1 - place.1).abs() < 5.0, "{middle:?} {place:?}");
    // The magnifier does not cover the joint itself.
    let column = lens.rect.x + ((place.0 - lens.region[0]) / (lens.region[2] - lens.region[0]) * f32::from(lens.rect.width)) as u16;
    let row = lens.rect.y + ((place.1 - lens.region[1]) / (lens.region[3] - lens.region[1]) * f32::from(lens.rect.height)) as u16;
    assert!(!inset.rect.contains((column, row).into()));
    // A click leads it elsewhere, and choosing a joint leads it back.
    app.keys(&format!("\x1b[<0;{};{}M", lens.rect.x + 3, lens.rect.y + 3));
    assert_ne!(plan(&app).insets[0].region, inset.region);
    app.keys("\x1b[B\x1b[A");
    assert_eq!(plan(&app).insets[0].region, inset.region);
}

#[test]
fn the_joint_space_is_measured_and_its_edges_are_drawn_or_the_reason_is_said() {
    let folder = cohort();
    // A film on which the chosen joint has a gap of six pixels, dark between bright bones that lie as the neighbouring joints say.
    let joint = svh_core::joint::of_limb(svh_core::Task::Narrowing, Limb::LeftHand).find(|joint| joint.joint == "pip_3").unwrap();
    let middle = crate::tui::fixture::place(joint).centre();
    let centres: Vec<_> = svh_core::joint::all()
        .filter(|joint| joint.limb == Limb::LeftHand)
        .map(|joint| (joint.joint.as_str(), crate::tui::fixture::place(joint).centre()))
        .collect();
    let axis = svh_core::bone_axis::of(joint, &centres);
    let along = move |x: f32, y: f32| (x - middle.0) * axis.0 + (y - middle.1) * axis.1;
    let gray = |x: u32, y: u32| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let across = (x - middle.0) * axis.1 - (y - middle.1) * axis.0;
        image::Luma([if across.abs() < 14.0 && along(x, y).abs() > 3.0 { 200_u8 } else { 60 }])
    };
    let (width, height) = crate::tui::fixture::FILM;
    image::GrayImage::from_fn(width, height, gray).save(folder.path().join("images/P001-LH.png")).unwrap();
    let mut app = app(folder.path(), (120, 40));
    app.keys("\r");
    let place = super::current(&app.state).unwrap().joints(svh_core::Task::Narrowing).iter().position(|one| *one == joint).unwrap();
    app.keys(&"\x1b[B".repeat(place));
    app.keys("Q");
    let text = app.text();
    let found = text.split("PIP 3 joint space about ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f32>().ok());
    assert!(found.is_some_and(|width| (width - 6.0).abs() < 0.7), "{found:?} {text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the file does not"), "{text}");
    let dots: Vec<_> = plan(&app).marks.into_iter().filter(|mark| mark.line == Line::Sign).map(|mark| mark.bbox.centre()).collect();
    assert!(dots.len() >= 16 && dots.iter().all(|(x, y)| (along(*x, *y).abs() - 3.0).abs() < 1.0), "{dots:?}");
    app.keys("\x1b[A");
    assert!(!app.text().contains("PIP 3 joint space"), "another joint, another width: {}", app.text());
    app.keys("Q");
    assert!(!app.text().contains("joint space"));

    // The same film with pixels of 0.2 mm: six of them are 1.2 mm.
    let path = folder.path().join("images/P001-LH.png");
    let film = svh_core::Film::open(&path).unwrap();
    let spacing = svh_core::film::dicom::Spacing { x: 0.2, y: 0.2, source: svh_core::film::dicom::SpacingSource::Detector };
    std::fs::write(&path, svh_core::film::spacing::png(&film, Some(spacing)).unwrap()).unwrap();
    let mut app = self::app(folder.path(), (120, 40));
    app.keys("\r");
    assert!(app.text().contains("300 × 400 px of 0.2 mm at the detector"), "{}", app.text());
    app.keys(&"\x1b[B".repeat(place));
    app.keys("Q");
    let words = app.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let found = words.split("PIP 3 joint space about ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f32>().ok());
    assert!(
        found.is_some_and(|width| (width - 1.2).abs() < 0.14) && words.contains(" mm (") && words.contains("at the detector"),
        "{words}"
    );
}

#[test]
fn everything_at_once_fits_into_a_small_window_of_blocks() {
    let (folder, _) = evaluated((80, 24));
    for size in [(80, 24), (60, 20)] {
        let mut app = Headless::open(folder.path(), crate::Images::Half, size);
        app.keys("\rH`^|'Q\r");
        app.rest();
        let text = app.text();
        assert!(text.contains("CLAHE") && app.state.painter.protocol() == Protocol::Blocks, "{text}");
        assert_eq!(text.lines().count(), usize::from(size.1));
    }
}

//! Tests of contact sheets.

use super::{Sheets, request::Sheet};
use crate::tui::{
    event::Event,
    worker::{Queue, Work, Worker},
};
use ratatui::layout::Rect;
use svh_core::BBox;

use super::{
    Composer, Grid,
    request::{Crop, Request},
};
use svh_terminal::{Protocol, raster::Gray};

const CELL: (u16, u16) = (10, 20);

#[test]
fn few_crops_are_large_and_many_share_the_page() {
    let area = Rect::new(0, 0, 118, 34);
    let of = |count| Grid::of(area, Protocol::Kitty, CELL, count);
    assert!(of(3).step.0 > 2 * of(200).step.0);
    assert!(of(200).count() >= 50 && of(50).count() >= 50);
    let blocks = Grid::of(Rect::new(0, 0, 78, 18), Protocol::Blocks, CELL, 200);
    assert!(blocks.count() >= 12, "{blocks:?}");
    for grid in [of(3), of(200), blocks] {
        for index in 0..grid.count() {
            let [left, top, width, height] = grid.place(index);
            assert!(
                width > 0 && height > 0 && left + width <= grid.area.width && top + height + grid.caption <= grid.area.height,
                "{grid:?} {index}"
            );
        }
    }
    let tiny = Grid::of(Rect::new(0, 0, 5, 1), Protocol::Blocks, CELL, 9);
    assert!(tiny.count() >= 1);
}

#[test]
fn the_crop_at_a_cell_is_the_one_that_lies_there() {
    let grid = Grid::of(Rect::new(2, 5, 78, 18), Protocol::Blocks, CELL, 200);
    for index in [0, 3, grid.count() - 1] {
        let [left, top, ..] = grid.place(index);
        assert_eq!(grid.at(grid.area.x + left, grid.area.y + top), Some(index));
    }
    assert_eq!(grid.at(0, 0), None);
    assert_eq!((grid.first(0), grid.first(grid.count()), grid.first(grid.count() + 1)), (0, grid.count(), grid.count()));
}

#[test]
fn a_crop_has_its_focus_in_the_middle_and_the_scale_of_both_directions_is_the_same() {
    let grid = Grid::of(Rect::new(0, 0, 118, 34), Protocol::Kitty, CELL, 200);
    let [x0, y0, x1, y1] = grid.region(&BBox::from([100.0, 200.0, 180.0, 240.0]), CELL);
    assert!(((x0 + x1) / 2.0 - 140.0).abs() < 0.01 && ((y0 + y1) / 2.0 - 220.0).abs() < 0.01);
    assert!(x0 < 100.0 && x1 > 180.0 && y0 < 200.0 && y1 > 240.0);
    let [_, _, width, height] = grid.place(0);
    let (across, down) = ((x1 - x0) / f32::from(width * CELL.0), (y1 - y0) / f32::from(height * CELL.1));
    assert!((across / down - 1.0).abs() < 1e-4);
}

#[test]
fn a_sheet_shows_each_crop_at_its_place_and_goes_on_past_a_film_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (dark, bright) = (folder.path().join("dark.png"), folder.path().join("bright.png"));
    // A corner of the other gray, so that the window that suits the film has something to stretch.
    let film = |path: &std::path::Path, most: u8, corner: u8| {
        let gray = |x: u32, y: u32| image::Luma([if x < 20 && y < 20 { corner } else { most }]);
        image::GrayImage::from_fn(100, 100, gray).save(path).unwrap();
    };
    film(&dark, 10, 250);
    film(&bright, 250, 10);
    let crop =
        |film: &std::path::Path, left| Crop { film: film.to_owned(), region: Some([40.0, 40.0, 80.0, 80.0]), place: [left, 0, 2, 1] };
    let request = Request {
        crops: vec![crop(&dark, 0), crop(&bright, 2), crop(&folder.path().join("missing.png"), 4)],
        cells: (6, 2),
        pixel: CELL,
        gap: 0,
    };
    let (mut composer, mut made) = (Composer::default(), Vec::new());
    composer.compose(&request, || false, |sheet| made.push(sheet));
    let sheet = made.pop().unwrap();
    assert!(sheet.is_whole && sheet.failed == 1);
    assert_eq!(sheet.picture.size(), (60, 40));
    let at = |x: f32, y: f32| Gray::of(&sheet.picture, [x, y, x + 4.0, y + 4.0], svh_core::Window::FULL, (1, 1)).pixels[0];
    assert!(at(5.0, 5.0) < 60 && at(25.0, 5.0) > 190, "{} {}", at(5.0, 5.0), at(25.0, 5.0));
    assert_eq!((at(45.0, 5.0), at(25.0, 30.0)), (0, 0), "no film, no crop");
    // What nobody waits for any more is not finished.
    let other = Request { crops: vec![crop(&dark, 3)], cells: (6, 3), ..request };
    let mut composer = Composer::default();
    composer.compose(&other, || true, |_| panic!("nobody waits"));
}

#[test]
fn a_crop_without_a_region_shows_the_whole_film_in_its_middle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.png");
    // Twice as wide as high: dark on the left, bright on the right.
    image::GrayImage::from_fn(100, 50, |x, _| image::Luma([if x < 50 { 40 } else { 250 }])).save(&path).unwrap();
    let crop = Crop { film: path, region: None, place: [0, 0, 4, 2] };
    let request = Request { crops: vec![crop], cells: (4, 2), pixel: CELL, gap: 0 };
    let mut made = Vec::new();
    Composer::default().compose(&request, || false, |sheet| made.push(sheet));
    let sheet = made.pop().unwrap();
    let at = |x: f32, y: f32| Gray::of(&sheet.picture, [x, y, x + 2.0, y + 2.0], svh_core::Window::FULL, (1, 1)).pixels[0];
    // Forty pixels square: the film takes the twenty rows in the middle.
    assert!(at(32.0, 20.0) > at(6.0, 20.0).saturating_add(100), "{} {}", at(6.0, 20.0), at(32.0, 20.0));
    assert_eq!((at(32.0, 4.0), at(32.0, 36.0)), (0, 0), "nothing above and below");
}

/// Composing that makes a mistake with every sheet.
struct Faulty(Sheets);

impl Work for Faulty {
    type Job = Request;

    fn work(&mut self, _: &Request, _: &Queue<Request>) {
        panic!("as the test wants it");
    }

    fn panicked(&mut self, request: Request) {
        self.0.panicked(request);
    }
}

#[test]
fn a_mistake_in_composing_is_told_and_nobody_goes_on_waiting() {
    let crop = Crop { film: "a.png".into(), region: Some([0.0, 0.0, 10.0, 10.0]), place: [0, 0, 4, 2] };
    let request = Request { crops: vec![crop], cells: (4, 2), pixel: (4, 8), gap: 0 };
    let mut sheet = Sheet::default();
    sheet.ask(request.clone());
    assert_eq!(sheet.describe().as_deref(), Some("reading films …"));
    let (events, inbox) = std::sync::mpsc::channel();
    let worker = Worker::start("sheets", Faulty(Sheets::new(events))).unwrap();
    worker.ask(request);
    let wait = std::time::Duration::from_secs(20);
    let Ok(Event::Sheet(made)) = inbox.recv_timeout(wait) else { panic!("no sheet has come") };
    sheet.take(*made);
    assert_eq!(sheet.describe().as_deref(), Some("1 of 1 crops could not be read"));
    assert!(matches!(inbox.recv_timeout(wait), Ok(Event::Internal(reason)) if reason.contains("internal error")));
}

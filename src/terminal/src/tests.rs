//! Tests of the painters by what a terminal would make of their bytes.

use std::sync::Arc;

use ratatui::layout::Rect;
use svh_core::{BBox, Film, Window};

use super::{Line, Mark, Painter, Picture, Pixels, Plan, Protocol, Rgb, View, decode, view::Cells};

const ORANGE: Rgb = Rgb(230, 159, 0);

/// A film with grain, as films have: the worst that a budget may meet.
fn film(width: u32, height: u32) -> Arc<Picture> {
    let mut seed = 1_u32;
    let mut grain = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 26) as u8 / 4
    };
    let gray: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let hand = ((x as f32 / 23.0).sin() * (y as f32 / 31.0).cos() + 1.0) * 100.0;
            (hand as u8).saturating_add(grain())
        })
        .collect();
    Arc::new(Picture::new(Film::from_gray8(width, height, &gray).unwrap()))
}

fn plan(picture: &Arc<Picture>, area: (u16, u16), selected: usize) -> Plan {
    let offered = Cells { columns: area.0, rows: area.1, pixel: (10, 20) };
    let placed = View::default().place(picture.size(), offered);
    let mark = |index: usize| Mark {
        bbox: BBox::square((100.0 + 60.0 * index as f32, 300.0), 50.0),
        colour: ORANGE,
        line: Line::Solid,
        selected: index == selected,
        label: (index == selected).then(|| "MCP 2".to_owned()),
    };
    Plan {
        picture: Arc::clone(picture),
        rect: Rect::new(3, 1, placed.cells.columns, placed.cells.rows),
        cell: (10, 20),
        region: placed.region,
        window: Window::FULL,
        marks: (0..15).map(mark).collect(),
        insets: Vec::new(),
    }
}

/// Leads a painter to a plan, as the loop does; the bytes of sending and of showing.
fn show(painter: &mut Painter, plan: &Plan) -> (Vec<u8>, Vec<u8>) {
    let (mut sent, mut shown) = (Vec::new(), Vec::new());
    if !painter.has_all(plan) {
        let pixels = Pixels::of(plan, painter.protocol(), painter.has_film(&plan.base())).unwrap();
        painter.accept(pixels, &mut sent);
    }
    painter.paint(Some(plan), &mut shown);
    (sent, shown)
}

fn nothing(painter: &mut Painter) -> Vec<u8> {
    let mut bytes = Vec::new();
    painter.paint(None, &mut bytes);
    bytes
}

#[test]
fn kitty_gets_the_film_at_its_exact_size_in_chunks_and_is_told_not_to_answer() {
    let picture = film(1100, 1490);
    let plan = plan(&picture, (100, 40), 1);
    let (sent, shown) = show(&mut Painter::new(Protocol::Kitty), &plan);
    let sent = decode::kitty(&sent);
    let [film, marks] = &sent[..] else { panic!("film and boxes, not {}", sent.len()) };
    for command in &sent {
        assert_eq!((command.key('a'), command.key('f'), command.key('q')), (Some("t"), Some("100"), Some("2")));
        let picture = command.picture();
        assert_eq!((picture.width(), picture.height()), plan.cells().pixels());
    }
    assert!(film.chunks > 5);
    assert_ne!(film.key('i'), marks.key('i'));
    let boxes = marks.picture().to_rgba8();
    assert!(boxes.pixels().any(|p| p.0 == [230, 159, 0, 255]) && boxes.pixels().any(|p| p.0[3] == 0));
    let shown = decode::kitty(&shown);
    let put = |index: usize, key| shown[index].key(key).unwrap().to_owned();
    assert_eq!((put(0, 'a'), put(0, 'i'), put(0, 'z')), ("p".into(), film.key('i').unwrap().into(), "0".into()));
    assert_eq!((put(1, 'a'), put(1, 'i'), put(1, 'z')), ("p".into(), marks.key('i').unwrap().into(), "1".into()));
    assert_eq!((put(0, 'c'), put(0, 'r'), put(0, 'C')), (plan.rect.width.to_string(), plan.rect.height.to_string(), "1".into()));
}

#[test]
fn kitty_sends_a_film_once_whatever_is_chosen_hidden_and_shown_again() {
    let picture = film(1100, 1490);
    let mut painter = Painter::new(Protocol::Kitty);
    let first = plan(&picture, (100, 40), 1);
    show(&mut painter, &first);
    let (sent, shown) = show(&mut painter, &first);
    assert_eq!((sent.len(), shown.len()), (0, 0), "the same plan");
    let (sent, shown) = show(&mut painter, &plan(&picture, (100, 40), 2));
    assert!(sent.len() + shown.len() < 12_000, "another joint costs its boxes: {}", sent.len());
    assert_eq!(decode::kitty(&sent).len(), 1);
    let hidden = nothing(&mut painter);
    assert!(
        decode::kitty(&hidden).iter().all(|command| command.key('a') == Some("d") && command.key('d') == Some("i")),
        "hidden, not forgotten"
    );
    assert!(hidden.len() < 80);
    let (sent, shown) = show(&mut painter, &plan(&picture, (100, 40), 2));
    assert_eq!(sent.len(), 0);
    assert!(!shown.is_empty() && shown.len() < 160, "{}", shown.len());
}

#[test]
fn kitty_forgets_the_oldest_films_and_everything_at_the_end() {
    let mut painter = Painter::new(Protocol::Kitty);
    let mut sent_ids = Vec::new();
    let mut freed = Vec::new();
    for _ in 0..9 {
        let (sent, shown) = show(&mut painter, &plan(&film(300, 400), (40, 20), 1));
        for command in decode::kitty(&[sent, shown].concat()) {
            let id = command.key('i').unwrap().to_owned();
            match (command.key('a'), command.key('d')) {
                (Some("t"), _) => sent_ids.push(id),
                (Some("d"), Some("I")) => freed.push(id),
                _ => {}
            }
        }
    }
    sent_ids.sort();
    sent_ids.dedup();
    assert_eq!((sent_ids.len(), freed.len()), (10, 3), "nine films and the boxes; six films stay");
    let mut end = Vec::new();
    painter.forget_all(&mut end);
    freed.extend(decode::kitty(&end).iter().map(|command| command.key('i').unwrap().to_owned()));
    freed.sort();
    assert_eq!(freed, sent_ids);
}

#[test]
fn boxes_of_another_film_never_stay_on_the_screen() {
    let mut painter = Painter::new(Protocol::Kitty);
    show(&mut painter, &plan(&film(300, 400), (40, 20), 1));
    let mut bare = plan(&film(300, 400), (40, 20), 1);
    bare.marks.clear();
    let (_, shown) = show(&mut painter, &bare);
    let shown = decode::kitty(&shown);
    let hides = shown.iter().filter(|command| command.key('a') == Some("d")).count();
    let shows = shown.iter().filter(|command| command.key('a') == Some("p")).count();
    assert_eq!((hides, shows), (2, 1), "film and boxes go, the new film comes");
}

#[test]
fn iterm_gets_one_jpeg_with_the_boxes_in_it_and_again_after_a_popup() {
    let picture = film(1100, 1490);
    let plan = plan(&picture, (100, 40), 1);
    let mut painter = Painter::new(Protocol::Iterm);
    let (_, shown) = show(&mut painter, &plan);
    let images = decode::iterm(&shown);
    let [(columns, rows, file)] = &images[..] else { panic!("{}", images.len()) };
    assert_eq!((*columns, *rows), (plan.rect.width, plan.rect.height));
    let picture = image::load_from_memory(file).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), plan.cells().pixels());
    let coloured = |p: &&image::Rgb<u8>| p.0[0] > p.0[2].saturating_add(100);
    assert!(picture.pixels().filter(coloured).count() > 500, "orange is seen");
    assert_eq!(show(&mut painter, &plan).1.len(), 0, "the same plan");
    assert_eq!(nothing(&mut painter).len(), 0, "the text rewrites the cells");
    assert_eq!(show(&mut painter, &plan).1.len(), shown.len());
}

#[test]
fn sixels_show_every_pixel_in_32_grays_and_the_colours_of_the_boxes() {
    let picture = film(300, 400);
    let plan = plan(&picture, (40, 20), 1);
    let (_, shown) = show(&mut Painter::new(Protocol::Sixel), &plan);
    let sixels = decode::sixel(&shown);
    let (width, height) = plan.cells().pixels();
    assert_eq!((sixels.width, sixels.pixels.len()), (width as usize, (width * height) as usize));
    assert!(sixels.pixels.iter().all(Option::is_some));
    let gray = super::raster::Gray::of(&plan.picture, plan.region, plan.window, (width, height));
    let layer = super::marks::Layer::draw(&plan.marks, plan.region, (width, height), 2, true);
    let (mut grays, mut colours) = (0, 0);
    for (index, pixel) in sixels.pixels.iter().enumerate() {
        let pixel = pixel.unwrap();
        if layer.at(index).is_some() {
            colours += usize::from(pixel == [90, 62, 0]);
        } else {
            grays += 1;
            let expected = i32::from(gray.pixels[index]) * 100 / 255;
            assert!(
                (i32::from(pixel[0]) - expected).abs() <= 3 && pixel[0] == pixel[1] && pixel[1] == pixel[2],
                "{pixel:?} for {expected}"
            );
        }
    }
    assert!(grays > 50_000 && colours > 500, "{grays} {colours}");
    assert!(!shown.ends_with(b"-\x1b\\"), "no line feed after the last band");
}

#[test]
fn a_film_at_100_by_40_cells_keeps_to_its_budget() {
    for (width, height) in [(1490, 1100), (1100, 1490), (2968, 2400)] {
        let picture = film(width, height);
        let plan = plan(&picture, (100, 40), 1);
        for (protocol, budget) in [(Protocol::Kitty, 200_000), (Protocol::Iterm, 100_000), (Protocol::Sixel, 1_000_000)] {
            let (sent, shown) = show(&mut Painter::new(protocol), &plan);
            let bytes = sent.len() + shown.len();
            println!("{width} x {height} {protocol:?}: {bytes} bytes");
            assert!(bytes < budget, "{width} x {height} {protocol:?}: {bytes}");
        }
    }
}

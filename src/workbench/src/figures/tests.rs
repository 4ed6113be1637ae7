//! Figures by their structure: what an SVG holds of texts, points and bars; and that a PNG is one.

use quick_xml::{Reader, events::Event};
use svh_analysis::TrainingCurves;
use svh_core::RunEvent;

use super::{
    Figure, Format,
    figure::{Axis, Content, Layer, Panel},
    palette::Ink,
    render, training_curves,
};

/// The texts of an SVG and how many elements of each name it has.
fn parts(svg: &[u8]) -> (Vec<String>, std::collections::BTreeMap<String, usize>) {
    let mut reader = Reader::from_reader(svg);
    let (mut texts, mut counts, mut inside) = (Vec::new(), std::collections::BTreeMap::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                inside = name == "text";
                *counts.entry(name).or_insert(0) += 1;
            }
            Event::Text(text) if inside => texts.push(String::from_utf8_lossy(&text).trim().to_owned()),
            Event::End(_) => inside = false,
            Event::Eof => return (texts, counts),
            _ => {}
        }
    }
}

fn plot(layers: Vec<Layer>) -> Figure {
    let content = Content::Plot { x: Axis::numbers("score", 0.0, 1.0), y: Axis::names("grade", vec!["zero".into(), "one".into()]), layers };
    let panels = vec![Panel { title: "a panel".into(), content }];
    Figure { title: "A title".into(), caption: "3 patients".into(), panels, columns: 1 }
}

#[test]
fn a_plot_has_its_texts_and_a_mark_for_every_point() {
    let points: Vec<(f64, f64)> = (0..7).map(|step| (f64::from(step) / 7.0, f64::from(step % 2))).collect();
    let dots = Layer::Dots { name: "model".into(), ink: Ink::Model, filled: true, points: points.clone() };
    let (texts, counts) = parts(&render(&plot(vec![dots]), Format::Svg).unwrap());
    for text in ["A title", "3 patients", "a panel", "score", "grade", "zero", "one", "model"] {
        assert!(texts.iter().any(|other| other == text), "{text}: {texts:?}");
    }
    // One a point, and one in the legend.
    assert_eq!(counts["circle"], points.len() + 1);
    let bars = Layer::Bars { name: String::new(), ink: Ink::Right, bars: vec![(0.1, 0.2, 1.0, "12".into()), (0.3, 0.4, 0.5, "7".into())] };
    let (with, with_counts) = parts(&render(&plot(vec![bars]), Format::Svg).unwrap());
    let (_, without) = parts(&render(&plot(Vec::new()), Format::Svg).unwrap());
    assert_eq!(with_counts["rect"] - without["rect"], 2);
    assert!(["12", "7"].iter().all(|text| with.iter().any(|other| other == text)), "{with:?}");
}

#[test]
fn a_line_is_interrupted_where_a_point_is_not_a_number() {
    let line = |points| Layer::Line { name: String::new(), ink: Ink::Reader, dashed: false, points };
    let lines = |points| parts(&render(&plot(vec![line(points)]), Format::Svg).unwrap()).1.get("polyline").copied().unwrap_or(0);
    let whole = lines(vec![(0.0, 0.0), (0.2, 1.0), (0.4, 0.0), (0.6, 1.0)]);
    let parted = lines(vec![(0.0, 0.0), (0.2, 1.0), (0.3, f64::NAN), (0.4, 0.0), (0.6, 1.0)]);
    assert_eq!(parted, whole + 1);
}

#[test]
fn a_matrix_has_every_count_and_names_on_both_sides() {
    let counts = vec![vec![61, 5, 0], vec![7, 42, 1], vec![0, 13, 8]];
    let names = ["0", "1", "2"].map(str::to_owned).to_vec();
    let content = Content::Matrix { rows: "reader's grade".into(), columns: "model's grade".into(), names, counts: counts.clone() };
    let figure = Figure { title: "C".into(), caption: String::new(), panels: vec![Panel { title: String::new(), content }], columns: 1 };
    let (texts, elements) = parts(&render(&figure, Format::Svg).unwrap());
    for count in counts.iter().flatten().filter(|count| **count > 2) {
        assert_eq!(texts.iter().filter(|text| **text == count.to_string()).count(), 1, "{count}: {texts:?}");
    }
    // The apostrophe parts the text for this reader.
    assert!(["model", "reader"].iter().all(|text| texts.iter().any(|other| other.contains(text))), "{texts:?}");
    assert!(elements["rect"] >= 18);
}

#[test]
fn a_png_is_three_times_the_size_and_has_ink() {
    let dots = Layer::Dots { name: "model".into(), ink: Ink::Model, filled: true, points: vec![(0.5, 1.0)] };
    let bytes = render(&plot(vec![dots]), Format::Png).unwrap();
    let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!(picture.width() % 3, 0);
    let dark = picture.pixels().filter(|pixel| pixel.0.iter().all(|value| *value < 100)).count();
    let orange = picture.pixels().filter(|pixel| pixel.0 == [213, 94, 0]).count();
    assert!(dark > 1000 && orange > 50, "{dark} {orange}");
}

#[test]
fn training_curves_have_a_panel_for_losses_and_one_for_each_metric() {
    let mut curves = TrainingCurves::default();
    let step = |step: u64| RunEvent::Step {
        step,
        epoch: 0,
        total_steps: 9,
        losses: [("total".to_owned(), 4.0 / step as f64)].into(),
        lr: 0.1,
        seconds: 1.0,
    };
    let figures = |split: &str| RunEvent::Metrics {
        step: 3,
        epoch: 0,
        split: split.into(),
        values: [("accuracy".to_owned(), 0.5)].into(),
        seconds: 0.0,
    };
    curves.add(&[step(1), step(2), step(3), figures("train"), figures("validation")]);
    let figure = training_curves("r", &curves).unwrap();
    assert_eq!(figure.panels.iter().map(|panel| panel.title.as_str()).collect::<Vec<_>>(), ["loss", "accuracy"]);
    let (texts, _) = parts(&render(&figure, Format::Svg).unwrap());
    assert!(["total", "train", "validation", "step", "run r"].iter().all(|text| texts.iter().any(|other| other == text)), "{texts:?}");
    assert!(training_curves("r", &TrainingCurves::default()).is_err());
}

//! Tests of plots.

use super::*;
use svh_terminal::Colours;

fn text(plot: &Plot, width: u16, height: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    plot.render(area, Theme::new(Colours::None, svh_terminal::Rgb(0, 0, 0)), &mut buffer);
    let line = |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned();
    buffer.content.chunks(usize::from(width)).map(line).collect()
}

fn plot(points: Vec<(f64, f64)>, kind: Kind) -> Plot {
    Plot {
        x: Axis { title: "step".into(), from: 0.0, to: 100.0, whole: true },
        y: Axis { title: "loss".into(), from: 0.0, to: 4.0, whole: false },
        series: vec![Series { name: "total".into(), style: Style::new(), kind, points }],
    }
}

#[test]
fn ticks_are_round_and_lie_within_the_axis() {
    let of = |from, to, most| Axis { title: String::new(), from, to, whole: false }.ticks(most);
    assert_eq!(Axis { title: String::new(), from: 1.0, to: 3.0, whole: true }.ticks(10), [1.0, 2.0, 3.0]);
    assert_eq!(of(0.0, 100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    assert_eq!(of(-3.0, 3.0, 4), [-2.0, 0.0, 2.0]);
    assert_eq!(of(0.0, 0.013, 3), [0.0, 0.005, 0.01]);
    assert!(of(5.0, 5.0, 3).is_empty());
    assert_eq!((tick(-2.0, 2.0), tick(0.05, 0.05), tick(120_000.0, 20_000.0)), ("−2".into(), "0.05".into(), "120k".into()));
}

#[test]
fn a_falling_line_goes_from_the_upper_left_to_the_lower_right() {
    let lines = text(&plot(vec![(0.0, 4.0), (100.0, 0.0)], Kind::Line), 40, 10);
    assert!(lines[0].starts_with("loss") && lines[0].ends_with("── total"), "{lines:#?}");
    assert!(lines[1].starts_with("4 ┤") || lines[1].starts_with(" 4 ┤"), "{lines:#?}");
    let braille = |line: &str| line.chars().position(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
    let (first, last) = (braille(&lines[1]).unwrap(), braille(&lines[7]).unwrap());
    assert!(first < 6 && last > 30, "{lines:#?}");
    assert!(lines[9].contains("0                50"), "{lines:#?}");
    assert!(lines[9].ends_with("step"));
}

#[test]
fn a_dotted_line_has_gaps_and_a_missing_value_parts_a_line() {
    let dots = |kind, points| {
        text(&plot(points, kind), 60, 12)
            .concat()
            .chars()
            .map(|c| if ('\u{2800}'..='\u{28ff}').contains(&c) { (c as u32 - 0x2800).count_ones() } else { 0 })
            .sum::<u32>()
    };
    let line = vec![(0.0, 1.0), (50.0, 1.0), (100.0, 1.0)];
    let whole = dots(Kind::Line, line.clone());
    assert!(dots(Kind::Dotted, line) * 2 < whole);
    assert!(dots(Kind::Line, vec![(0.0, 1.0), (20.0, 1.0), (50.0, f64::NAN), (80.0, 1.0), (100.0, 1.0)]) * 3 / 2 < whole);
}

#[test]
fn signs_stand_at_their_points_and_those_outside_are_left_out() {
    let lines = text(&plot(vec![(0.0, 0.0), (100.0, 4.0), (500.0, 2.0), (f64::NAN, 1.0)], Kind::Signs('×')), 40, 10);
    assert_eq!(lines[1..].concat().matches('×').count(), 2, "{lines:#?}");
    assert!(lines[1].ends_with('×'));
}

#[test]
fn there_is_no_plot_where_there_is_no_room() {
    assert!(text(&plot(vec![], Kind::Line), 15, 10).concat().is_empty());
    assert!(text(&plot(vec![], Kind::Line), 40, 4).concat().is_empty());
}

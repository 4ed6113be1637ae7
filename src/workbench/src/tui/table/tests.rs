//! Tests of tables.

use super::*;
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Col {
    Name,
    Kind,
    Size,
}

impl Column for Col {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Name, Spec::words("name", 6).grows(10)),
        (Self::Kind, Spec::words("kind", 6).rank(1)),
        (Self::Size, Spec::metric("size", 6)),
    ];
}

fn shown(layout: &Layout<Col>) -> Vec<(Col, u16)> {
    layout.columns.iter().map(|place| (place.column, place.width)).collect()
}

#[test]
fn columns_take_spare_cells_and_give_way_where_there_are_none() {
    let of = |width| shown(&Layout::of(Rect::new(0, 0, width, 5)));
    assert_eq!(of(25), [(Col::Name, 6), (Col::Kind, 6), (Col::Size, 6)]);
    assert_eq!(of(30), [(Col::Name, 11), (Col::Kind, 6), (Col::Size, 6)]);
    assert_eq!(of(80), [(Col::Name, 16), (Col::Kind, 6), (Col::Size, 6)]);
    assert_eq!(of(24), [(Col::Name, 12), (Col::Size, 6)], "the column of the highest rank went");
    assert_eq!(of(16), [(Col::Name, 4), (Col::Size, 6)], "words give way before figures are cut");
    assert_eq!(of(5), [(Col::Name, 4), (Col::Size, 6)], "columns of rank 0 stay");
}

#[test]
fn the_cursor_stays_in_sight_and_within_the_lines() {
    let lines = Rect::new(0, 1, 30, 5);
    let mut table = Table::new(Col::Name, false);
    table.show((0..20).collect(), lines);
    for (action, cursor, offset) in [
        (Action::Up, 0, 0),
        (Action::PageDown, 4, 0),
        (Action::PageDown, 8, 4),
        (Action::Bottom, 19, 15),
        (Action::Down, 19, 15),
        (Action::Up, 18, 15),
        (Action::Top, 0, 0),
    ] {
        assert!(table.act(action, lines));
        assert_eq!((table.cursor, table.offset), (cursor, offset), "{action:?}");
    }
    assert!(!table.act(Action::Quit, lines));
    table.cursor = 3;
    table.show(vec![9, 3, 5], lines);
    assert_eq!((table.cursor, table.chosen()), (1, Some(3)), "what was chosen stays chosen");
    table.show(Vec::new(), lines);
    assert_eq!((table.cursor, table.chosen()), (0, None));
}

#[test]
fn metrics_are_sorted_from_the_largest_and_a_second_time_turns_round() {
    let mut table = Table::new(Col::Name, false);
    table.sort_by(Col::Size);
    assert!(table.reversed);
    table.sort_by(Col::Size);
    assert!(!table.reversed);
    table.sort_by(Col::Name);
    assert_eq!((table.sort, table.reversed), (Col::Name, false));
    let narrow = Layout::of(Rect::new(0, 0, 24, 5));
    table.sort_act(Action::SortNext, &narrow);
    assert_eq!(table.sort, Col::Size, "columns that are not seen are passed over");
}

#[test]
fn a_press_on_a_head_sorts_and_on_a_line_chooses() {
    let layout = Layout::of(Rect::new(0, 0, 25, 5));
    let mut table = Table::new(Col::Name, false);
    table.show(vec![7, 8], layout.lines);
    let at = |column, row| MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column, row, modifiers: KeyModifiers::NONE };
    assert_eq!(table.press(at(11, 0), &layout), Pressed::Order);
    assert_eq!(table.sort, Col::Kind);
    assert_eq!(table.press(at(4, 2), &layout), Pressed::Line);
    assert_eq!(table.press(at(4, 2), &layout), Pressed::Open);
    assert_eq!(table.press(at(4, 3), &layout), Pressed::Nothing, "no line is there");
    assert_eq!(table.chosen(), Some(8));
}

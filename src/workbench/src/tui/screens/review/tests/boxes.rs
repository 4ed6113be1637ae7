//! Boxes that are moved, drawn, deleted and given to other joints.

use super::*;

#[test]
fn arrows_move_and_resize_the_box_in_hand_by_steps_that_follow_the_zoom() {
    let (folder, mut app) = open();
    let root = folder.path();
    first_film(&mut app);
    let joint = at(&app.state).unwrap().joint();
    let before = place(joint);
    assert_eq!(on_disk(root, "P001", joint), Some(before));
    app.keys("m");
    let text = app.text();
    assert!(text.contains("arrows move it, Tab resizes"), "{text}");
    assert!(plan(&app).marks.iter().any(|mark| mark.colour == theme::HAND && mark.label.as_deref() == Some("PIP 2 move")));
    app.keys("\x1b[C\x1b[C\x1b[B");
    let near = app.state.review.edit.unwrap().bbox;
    let step = (near.x0 - before.x0) / 2.0;
    assert!(step >= 1.0 && near.y0 - before.y0 == step && near.width() == before.width(), "{near:?}");
    app.keys("\t\x1b[C\x1b[1;2B");
    let larger = app.state.review.edit.unwrap().bbox;
    assert_eq!((larger.x0, larger.width(), larger.height()), (near.x0, before.width() + step, before.height() + 5.0 * step));
    app.keys("w\x1b[C");
    assert!(app.state.review.edit.unwrap().bbox.width() > larger.width() + step, "a step is longer where more is seen");
    app.keys("q");
    assert!(!app.ended, "nothing leads away while a box is in hand");
    app.keys("\x1b");
    assert_eq!((app.state.review.edit, on_disk(root, "P001", joint)), (None, Some(before)));
    app.keys("m\x1b[C\r");
    let BBox { x0, .. } = on_disk(root, "P001", joint).unwrap();
    assert!(x0 > before.x0 && matches!(last(root), Change::Move { .. }));
    let drawn = plan(&app).marks.into_iter().find(|mark| mark.selected && mark.line == Line::Solid).unwrap();
    assert_eq!(drawn.bbox.x0, x0, "the film shows the corrected box");
}

#[test]
fn the_mouse_moves_pulls_and_draws_the_box_in_hand() {
    let (_folder, mut app) = open();
    first_film(&mut app);
    app.keys("m");
    let cell = |plan: &Plan, x: f32, y: f32| {
        let column = f32::from(plan.rect.x) + (x - plan.region[0]) / (plan.region[2] - plan.region[0]) * f32::from(plan.rect.width);
        let row = f32::from(plan.rect.y) + (y - plan.region[1]) / (plan.region[3] - plan.region[1]) * f32::from(plan.rect.height);
        format!("{};{}", column as u16 + 1, row as u16 + 1)
    };
    let before = app.state.review.edit.unwrap().bbox;
    let (x, y) = before.centre();
    let shown = plan(&app);
    let (from, to) = (cell(&shown, x, y), cell(&shown, x + 12.0, y + 6.0));
    app.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let moved = app.state.review.edit.unwrap().bbox;
    assert!((moved.x0 - before.x0 - 12.0).abs() < 3.0 && (moved.width() - before.width()).abs() < 1e-3, "{before:?} {moved:?}");
    let (from, to) = (cell(&shown, moved.x1, moved.y1), cell(&shown, moved.x1 + 10.0, moved.y1 + 10.0));
    app.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let pulled = app.state.review.edit.unwrap().bbox;
    assert!(pulled.x0 == moved.x0 && pulled.x1 > moved.x1 + 5.0 && pulled.y1 > moved.y1 + 5.0, "{moved:?} {pulled:?}");
    let corner = (shown.region[0] + 2.0, shown.region[3] - 2.0);
    let (from, to) = (cell(&shown, corner.0, corner.1), cell(&shown, corner.0 + 20.0, corner.1 - 15.0));
    app.keys(&format!("\x1b[<0;{from}M\x1b[<32;{to}M\x1b[<0;{to}m"));
    let drawn = app.state.review.edit.unwrap().bbox;
    assert!((drawn.width() - 20.0).abs() < 4.0 && (drawn.height() - 15.0).abs() < 4.0, "a new box from outside: {drawn:?}");
}

#[test]
fn boxes_are_deleted_drawn_and_given_to_other_joints() {
    let (folder, mut app) = open();
    let root = folder.path();
    first_film(&mut app);
    let (pip2, pip3) = (named(Task::Narrowing, "LH_pip_2"), named(Task::Narrowing, "LH_pip_3"));
    app.keys("x");
    assert_eq!((on_disk(root, "P001", pip2), last(root)), (None, Change::Delete));
    app.keys("b");
    assert_eq!(app.state.review.edit.unwrap().bbox.width(), 30.0, "as large as the film's others");
    app.keys("\r");
    assert!(matches!(last(root), Change::Draw { .. }));
    let drawn = on_disk(root, "P001", pip2).unwrap();
    app.keys(";pip3\r");
    assert_eq!((on_disk(root, "P001", pip2), on_disk(root, "P001", pip3)), (Some(place(pip3)), Some(drawn)), "exchanged");
    assert!(app.text().contains("exchanged the boxes with LH_pip_3"), "{}", app.text());
    app.keys(";mcp\t");
    assert_eq!(app.state.prompt.as_ref().unwrap().text, "MCP 1", "Tab completes");
    assert!(app.text().contains("give the box to: MCP 1"));
    app.keys("\x1b");
    app.keys(";nonsense\r");
    assert!(app.text().contains("no other joint of this film is called `nonsense`"));
    assert_eq!(app.state.prompt.as_ref().unwrap().text, "nonsense", "to be corrected");
    app.keys("\x1b");
    app.keys("b");
    assert!(app.text().contains("has a box already") && app.state.review.edit.is_none());
}

#[test]
fn the_box_of_a_foots_erosion_is_that_of_narrowing() {
    let (folder, mut app) = open();
    first_toe(&mut app);
    app.keys("x");
    let (narrowing, erosion) = (named(Task::Narrowing, "LF_mtp_ip"), named(Task::Erosion, "LF_mtp_ip"));
    assert_eq!((on_disk(folder.path(), "P001", narrowing), on_disk(folder.path(), "P001", erosion)), (None, None));
    assert_eq!(Reviews::read(folder.path()).entries().next().unwrap().task, Task::Narrowing);
    app.keys("u");
    assert_eq!(on_disk(folder.path(), "P001", erosion), Some(place(narrowing)));
}

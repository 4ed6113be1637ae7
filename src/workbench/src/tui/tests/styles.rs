//! The main screens with their styles: a line of letters below each row says which cells look alike, and the legend what the letters are. A colour or a modifier
//! that changes is seen when it is made.

use std::fmt::Write;

use ratatui::style::{Color, Modifier, Style};

use super::{Headless, app, cohort, fixture};

/// The frame as rows of text, each with a row of letters for its styles, and the legend.
fn styled(app: &Headless) -> String {
    let (buffer, _) = app.frame();
    let (width, mut styles) = (usize::from(buffer.area.width), Vec::<Style>::new());
    let mut text = String::new();
    for row in buffer.content.chunks(width) {
        let symbols: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        let mut letters = String::new();
        for cell in row {
            let style = cell.style();
            let plain = matches!(style.fg, None | Some(Color::Reset))
                && matches!(style.bg, None | Some(Color::Reset))
                && style.add_modifier.is_empty();
            // A colour of the letter is not seen where there is none.
            let blank = cell.symbol().trim().is_empty() && matches!(style.bg, None | Some(Color::Reset));
            if plain || (blank && !style.add_modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED)) {
                letters.push(' ');
                continue;
            }
            let place = styles.iter().position(|other| *other == style).unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            letters.push(char::from_u32('a' as u32 + place as u32).unwrap_or('?'));
        }
        let _ = writeln!(text, "|{}\n:{}", symbols.trim_end(), letters.trim_end());
    }
    for (place, style) in styles.iter().enumerate() {
        let letter = char::from_u32('a' as u32 + place as u32).unwrap_or('?');
        let colour = |colour: Option<Color>| colour.map_or_else(|| "-".to_owned(), |colour| colour.to_string());
        let _ = writeln!(text, "{letter} = {} on {} {:?}", colour(style.fg), colour(style.bg), style.add_modifier);
    }
    text
}

#[test]
fn the_main_screens_have_the_styles_that_they_had() {
    let folder = cohort();
    fixture::run(folder.path());
    fixture::run_at(folder.path(), "20251123-200000-score", 0.95);
    let scenes = [
        ("patients", ""),
        ("film", "\r"),
        ("errors", "E"),
        ("grade-errors", "E\t\t"),
        ("totals", "T"),
        ("confusion", "C"),
        ("imbalance", "I"),
        ("runs", "R"),
        ("review", "\r|V"),
        ("curves", "U"),
        ("list", "EO\t  "),
        ("start", "Ra\x1b[C"),
        ("help", "?"),
        ("palette", "\x10er"),
    ];
    for (name, keys) in scenes {
        let mut app = app(folder.path(), (80, 24));
        app.state.root = "cohort".into();
        keys.split('|').for_each(|keys| app.keys(keys));
        app.rest();
        app.paint();
        insta::assert_snapshot!(format!("style-{name}-80x24"), styled(&app));
    }
}

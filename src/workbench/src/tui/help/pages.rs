//! What stands on the pages, as lines of pieces.

use ratatui::style::Style;

use super::{
    scheme,
    state::{Line, Page, State},
};
use crate::tui::{
    draw,
    keys::{Binding, Keymap, Place},
    state::State as Whole,
    theme::Theme,
};

/// The lines of the open page.
#[must_use]
pub fn lines(state: &Whole, help: &State) -> Vec<Line> {
    let width = usize::from(state.size.0.saturating_sub(4));
    match help.page {
        Page::Keys => keys_page(state.theme, &state.registry.keys, help.from, width),
        Page::Scheme => wrapped(scheme::lines(state.theme, width), width),
        Page::Legend => legend(state.theme, width),
        Page::About => about(state, width),
    }
}

fn heading(theme: Theme, text: &str) -> Line {
    vec![(text.to_owned(), theme.title())]
}

fn keys_page(theme: Theme, keys: &Keymap, from: Place, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for place in keys.chain(from) {
        let here: Vec<_> = keys.at(from).filter(|binding| binding.place == *place).collect();
        if here.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines.push(heading(theme, keys.heading(*place)));
        lines.extend(here.into_iter().flat_map(|binding| key_lines(theme, binding, width)));
    }
    lines
}

fn key_lines(theme: Theme, binding: &Binding, width: usize) -> Vec<Line> {
    const KEYS: usize = 14;
    let texts = draw::wrap(binding.help, width.saturating_sub(KEYS));
    let line = |(index, text): (usize, String)| {
        let label = if index == 0 { binding.label } else { "" };
        vec![(format!("{label:<KEYS$}"), theme.key()), (text, theme.text())]
    };
    texts.into_iter().enumerate().map(line).collect()
}

fn legend(theme: Theme, width: usize) -> Vec<Line> {
    let line = |sign: &str, style: Style, text: &str| vec![(format!("{sign:<7}"), style), (text.to_owned(), theme.text())];
    let lines = vec![
        heading(theme, "Over the film"),
        line("┌──┐", theme.reader(), "solid frame: a box labelled by a reader; t switches"),
        line("└──┘", theme.reader(), ""),
        line("┌  ┐", theme.model(), "corners: a box of the model; p switches"),
        line("└  ┘", theme.model(), ""),
        line("┌╌╌┐", theme.model(), "dashed frame: missed by the detector, inferred by the shape model"),
        line("└╌╌┘", theme.model(), ""),
        line("", theme.text(), "in this colour: implausible to the shape model")
            .into_iter()
            .map(|(text, _)| (text, theme.doubt()))
            .collect(),
        line("", theme.text(), "the chosen joint has a bold frame and its name"),
        line("□ × ~", theme.text(), "boxes too small for a frame: reader, model, inferred (⊠ both)"),
        Line::new(),
        heading(theme, "In the list of joints"),
        line("R", theme.reader(), "the reader's grade (from training.csv)"),
        line("M", theme.model(), "the model's grade: the most probable one, unless its card favours rare grades"),
        line("±", theme.title(), "model minus reader, where they differ"),
        line("▁▇▂··", theme.model(), "probability of each grade from 0 up; the model's grade is highlighted"),
        line("exp", theme.muted(), "expected grade: the mean of these probabilities"),
        line("~", theme.doubt(), "inferred by the shape model"),
        line("?", theme.doubt(), "implausible to the shape model"),
        line("°", theme.doubt(), "left open: unlike what the model was trained on, or too few pixels; not a low grade"),
        line("u", theme.doubt(), "graded, but nearly as unfamiliar"),
        Line::new(),
        heading(theme, "Over errors and crops"),
        line("□ ⌜⌟", theme.text(), "frame: where the joint is; corners: the box that is wrong, broken where it was inferred"),
        line("used", theme.text(), "✓ accepted box: the joint is graded from it"),
        line("Grade", theme.text(), "the box is right and the model's grade is not the reader's: 3→1 is 1 instead of 3"),
        line("⌜╳⌟", theme.doubt(), "crossed corners (/ where small): a detection that was rejected; * lists all with their reasons"),
        line(
            "conf H",
            theme.text(),
            "confidence, the probability of the model's grade; entropy, 0 where one grade has all, 1 where all are alike",
        ),
        line("effect", theme.text(), "what the error adds to the patient's total; ? where a grade is not known"),
        Line::new(),
        heading(theme, "Among runs"),
        line("◆", theme.text(), "the run that Errors, Totals, Confusion and Imbalance show"),
        line("⚑", theme.text(), "the run that the chosen one is compared with"),
        line("▶", theme.text(), "on the bar: running runs, wherever they were started"),
        Line::new(),
        heading(theme, "In the table of patients"),
        line("■ne", theme.text(), "film with labels of narrowing (n) and erosion (e)"),
        line("·", theme.muted(), "no film, or no grades"),
        line("62/86", theme.text(), "graded joints of all; the total is their sum"),
        line("23°", theme.model(), "joints were left open: the total is a lower bound"),
    ];
    wrapped(lines, width)
}

/// Lines of a sign and its words, the words wrapped under one another.
fn wrapped(lines: Vec<Line>, width: usize) -> Vec<Line> {
    let wrap = |line: Line| -> Vec<Line> {
        if let [(text, style)] = line.as_slice()
            && unicode_width::UnicodeWidthStr::width(text.as_str()) > width
        {
            let indent = text.len() - text.trim_start().len();
            let lines = draw::wrap(text, width.saturating_sub(indent)).into_iter();
            return lines.map(|words| vec![(format!("{}{words}", " ".repeat(indent)), *style)]).collect();
        }
        let [(sign, looks), (text, style)] = line.as_slice() else { return vec![line] };
        let room = width.saturating_sub(unicode_width::UnicodeWidthStr::width(sign.as_str()));
        let under = " ".repeat(unicode_width::UnicodeWidthStr::width(sign.as_str()));
        let words = draw::wrap(text, room).into_iter().enumerate();
        words.map(|(index, words)| vec![(if index == 0 { sign.clone() } else { under.clone() }, *looks), (words, *style)]).collect()
    };
    lines.into_iter().flat_map(wrap).collect()
}

fn about(state: &Whole, width: usize) -> Vec<Line> {
    let theme = state.theme;
    let capabilities = &state.capabilities;
    let engine = &state.engine;
    let fact = |name: &str, value: String| {
        let texts = draw::wrap(&value, width.saturating_sub(12));
        let line = |(index, text)| vec![(format!("{:<12}", if index == 0 { name } else { "" }), theme.muted()), (text, theme.text())];
        texts.into_iter().enumerate().map(line).collect::<Vec<Line>>()
    };
    let terminal = capabilities.terminal.clone().unwrap_or_else(|| "unknown".to_owned());
    let colours = match capabilities.colours {
        svh_terminal::Colours::True => "24 bits",
        svh_terminal::Colours::Indexed => "256",
        svh_terminal::Colours::None => "none (NO_COLOR, or a terminal without)",
    };
    let devices: Vec<_> = engine.devices.iter().map(|(name, words)| format!("{name} ({words})")).collect();
    let models: Vec<_> = engine.models.iter().map(|model| format!("{} ({}, {})", model.name, model.arch, model.task)).collect();
    let or = |list: Vec<String>, none: &str| if list.is_empty() { none.to_owned() } else { list.join(", ") };
    let unknown = "known once the engine runs: s or d starts it";
    let mut lines = vec![heading(theme, &format!("svh {}", env!("CARGO_PKG_VERSION")))];
    lines.extend(fact(
        "",
        "Scores radiographs of hands and feet by the Sharp/van der Heijde method. Not a medical device: for research.".to_owned(),
    ));
    lines.push(Line::new());
    lines.extend(fact("cohort", state.root.display().to_string()));
    lines.extend(fact("pictures", format!("{} ({})", capabilities.protocol.name(), capabilities.reason)));
    lines.extend(fact("terminal", terminal));
    lines.extend(fact("cell", format!("{} x {} pixels", capabilities.cell.0, capabilities.cell.1)));
    lines.extend(fact("colours", colours.to_owned()));
    lines.extend(fact("window", format!("{} x {} cells", state.size.0, state.size.1)));
    lines.extend(fact("libtorch", engine.libtorch.clone().unwrap_or_else(|| unknown.to_owned())));
    lines.extend(fact("device", engine.device.clone().unwrap_or_else(|| engine.wanted.clone())));
    lines.extend(fact("devices", or(devices, unknown)));
    lines.extend(fact("models", or(models, unknown)));
    lines
}

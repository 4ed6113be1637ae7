//! What the terminal can do: the protocol for pictures, its colours, the size of its cells. Decided from the environment and from the answers
//! to one question that is asked once; an answer that never comes leaves blocks.

use clap::ValueEnum;
use ratatui::style::Color;

use super::{
    Rgb, contrast,
    mosaic::{Blocks, Mosaic},
    tmux::{self, Tmux},
};

/// How pictures reach the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Images {
    /// Ask the terminal what it can do.
    #[default]
    Auto,
    /// The kitty graphics protocol.
    Kitty,
    /// Inline images of iTerm2 (also WezTerm, VS Code).
    Iterm,
    /// Sixel graphics.
    Sixel,
    /// Half blocks: plain coloured characters, works everywhere.
    Half,
    /// No pictures.
    Off,
}

/// A way to show a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The kitty graphics protocol.
    Kitty,
    /// The kitty graphics protocol inside tmux: text cells that stand for pieces of a picture.
    Placeholders,
    /// Inline images of iTerm2.
    Iterm,
    /// Sixel graphics.
    Sixel,
    /// Characters in the text itself.
    Blocks,
    /// No pictures.
    Off,
}

impl Protocol {
    /// Whether it paints pixels beside the text, as opposed to characters within it.
    #[must_use]
    pub const fn is_pixels(self) -> bool {
        matches!(self, Self::Kitty | Self::Placeholders | Self::Iterm | Self::Sixel)
    }

    /// The name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kitty => "kitty graphics",
            Self::Placeholders => "kitty graphics through tmux",
            Self::Iterm => "iTerm images",
            Self::Sixel => "sixel graphics",
            Self::Blocks => "blocks",
            Self::Off => "no pictures",
        }
    }
}

/// How many colours text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// 24 bits.
    True,
    /// The palette of 256.
    Indexed,
    /// None at all: `NO_COLOR` is set, or the terminal is known to have none.
    None,
}

impl Colours {
    /// What the environment says.
    #[must_use]
    fn from_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        let term = get("TERM").unwrap_or_default();
        let set = |name| get(name).is_some_and(|value| !value.is_empty());
        if set("NO_COLOR") || term == "dumb" || term.starts_with("vt") {
            return Self::None;
        }
        let claims = get("COLORTERM").unwrap_or_default();
        if claims.contains("truecolor") || claims.contains("24bit") { Self::True } else { Self::Indexed }
    }

    /// A colour as this terminal can show it.
    #[must_use]
    pub fn rgb(self, Rgb(r, g, b): Rgb) -> Color {
        // The cube's six steps are 0, 95, 135, 175, 215, 255.
        let step = |v: u8| match v {
            0..48 => 0,
            48..115 => 1,
            _ => (v - 35) / 40,
        };
        match self {
            Self::True => Color::Rgb(r, g, b),
            Self::Indexed => Color::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b)),
            Self::None => Color::Reset,
        }
    }

    /// A gray of the 256-colour palette.
    #[must_use]
    pub fn gray(self, gray: u8) -> Color {
        match (self, Self::ramp(gray)) {
            (Self::None, _) => Color::Reset,
            (_, 0) => Color::Indexed(16),
            (_, 25) => Color::Indexed(231),
            (_, step) => Color::Indexed(231 + step),
        }
    }

    /// A gray of a picture. With 24-bit colours there is one more between any two of the ramp, so that none is off by more than 3; those of the ramp
    /// itself take half the bytes.
    #[must_use]
    pub(crate) fn picture_gray(self, gray: u8) -> Color {
        let ramp = [0].into_iter().chain((0..24).map(|step| 8 + 10 * step)).chain([255]);
        let off = ramp.map(|shown: u8| shown.abs_diff(gray)).min().unwrap_or(0);
        if self != Self::True || off <= 2 {
            return self.gray(gray);
        }
        let between = match gray {
            0..8 => 4,
            239.. => 246,
            _ => (gray - 8) / 10 * 10 + 13,
        };
        Color::Rgb(between, between, between)
    }

    /// The nearest of the 26 grays of the 256-colour palette: black, 24 steps from 8 to 238, white.
    #[must_use]
    pub(crate) const fn ramp(gray: u8) -> u8 {
        match gray {
            0..=3 => 0,
            247..=255 => 25,
            _ => {
                let step = (gray as u16 + 7) / 10;
                if step < 1 {
                    1
                } else if step > 24 {
                    24
                } else {
                    step as u8
                }
            }
        }
    }
}

/// What the terminal has answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// It took the question for kitty graphics well.
    pub kitty: bool,
    /// It took the question for placeholders well, through tmux.
    pub placeholders: bool,
    /// The question for placeholders has been asked.
    pub asked_through_tmux: bool,
    /// Its name and version, `kitty(0.32.2)`.
    pub version: Option<String>,
    /// Width and height of a cell in pixels.
    pub cell: Option<(u16, u16)>,
    /// The numbers of its primary device attributes; 4 stands for sixel. They end the answers.
    pub attributes: Option<Vec<u16>>,
    /// The colour of its background.
    pub background: Option<Rgb>,
    /// What tmux said of itself and of the terminal around it; without anything in it where tmux did not answer.
    pub tmux: Option<Tmux>,
}

/// Everything that pictures depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalCapabilities {
    /// How pictures are painted.
    pub protocol: Protocol,
    /// Why, in words.
    pub reason: String,
    /// The colours of text.
    pub colours: Colours,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
    /// The terminal's own name, if it told; inside tmux that of the terminal around it.
    pub terminal: Option<String>,
    /// The characters of blocks.
    pub mosaic: Mosaic,
    /// The colour of the background; black where nobody says.
    pub background: Rgb,
    /// What to change so that pictures are pixels, where something is known to help.
    pub remedy: Option<String>,
}

/// The cell that is assumed where nobody says.
pub const CELL: (u16, u16) = (10, 20);

/// The program between us and the terminal, if the environment or the terminal's name tells of one.
#[must_use]
pub fn multiplexer(get: impl Fn(&str) -> Option<String>, version: Option<&str>) -> Option<&'static str> {
    let set = |name| get(name).is_some_and(|value| !value.is_empty());
    let term = get("TERM").unwrap_or_default();
    let version = version.unwrap_or_default().to_ascii_lowercase();
    if set("ZELLIJ") || version.contains("zellij") {
        Some("zellij")
    } else if set("TMUX") || term.starts_with("tmux") || version.starts_with("tmux") {
        Some("tmux")
    } else if set("STY") || term.starts_with("screen") {
        Some("screen")
    } else {
        None
    }
}

/// What the user wants, whatever the terminal says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// How pictures are painted.
    pub images: Images,
    /// Which characters blocks are made of.
    pub blocks: Blocks,
}

impl From<Images> for Wishes {
    fn from(images: Images) -> Self {
        Self { images, blocks: Blocks::Auto }
    }
}

impl TerminalCapabilities {
    /// Before any answer: what the user forced, otherwise blocks.
    #[must_use]
    pub fn unasked(wishes: impl Into<Wishes>, get: impl Fn(&str) -> Option<String>) -> Self {
        Self::decided(wishes, get, &Answers::default())
    }

    /// The best that the answers allow; what the user forced always wins.
    #[must_use]
    pub fn decided(wishes: impl Into<Wishes>, get: impl Fn(&str) -> Option<String>, answers: &Answers) -> Self {
        let Wishes { images, blocks } = wishes.into();
        let colours = Colours::from_environment(&get);
        let in_tmux = multiplexer(&get, answers.version.as_deref()) == Some("tmux");
        let mut remedy = None;
        let (protocol, reason) = match images {
            Images::Auto if in_tmux => {
                let found = through_tmux(answers);
                remedy = found.2;
                (found.0, found.1)
            }
            Images::Auto => best(&get, answers),
            Images::Kitty if in_tmux => (Protocol::Placeholders, "as asked for".to_owned()),
            Images::Kitty => (Protocol::Kitty, "as asked for".to_owned()),
            Images::Iterm => (Protocol::Iterm, "as asked for".to_owned()),
            Images::Sixel => (Protocol::Sixel, "as asked for".to_owned()),
            Images::Half => (Protocol::Blocks, "as asked for".to_owned()),
            Images::Off => (Protocol::Off, "as asked for".to_owned()),
        };
        let cell = answers.cell.filter(|cell| cell.0 > 0 && cell.1 > 0).unwrap_or(CELL);
        let outer = answers.tmux.as_ref().map(|tmux| tmux.outer.clone()).filter(|outer| !outer.is_empty());
        let terminal = outer.or_else(|| answers.version.clone());
        let mosaic = Mosaic::decided(blocks, terminal.as_deref());
        let background = answers.background.unwrap_or_else(|| background_of_environment(&get));
        Self { protocol, reason, colours, cell, terminal, mosaic, background, remedy }
    }

    /// Whether the background is a light one.
    #[must_use]
    pub fn is_light(&self) -> bool {
        contrast::is_light(self.background)
    }
}

/// rxvt and Konsole say there which of the sixteen colours the background has: 7 and 15 are white.
fn background_of_environment(get: impl Fn(&str) -> Option<String>) -> Rgb {
    let colours = get("COLORFGBG").unwrap_or_default();
    if matches!(colours.rsplit(';').next(), Some("7" | "15")) { Rgb(255, 255, 255) } else { Rgb(0, 0, 0) }
}

fn best(get: impl Fn(&str) -> Option<String>, answers: &Answers) -> (Protocol, String) {
    let version = answers.version.as_deref();
    if let Some(between) = multiplexer(&get, version) {
        return (Protocol::Blocks, format!("{between} does not pass pictures on reliably"));
    }
    let Some(attributes) = &answers.attributes else { return (Protocol::Blocks, "the terminal has not answered".to_owned()) };
    let name = version.unwrap_or("the terminal");
    // These answer for kitty or sixel as well, but their own protocol is the one they do best.
    let iterm = ["iTerm2", "WezTerm"].iter().any(|known| name.starts_with(known));
    if iterm {
        (Protocol::Iterm, format!("{name} shows inline images"))
    } else if answers.kitty {
        (Protocol::Kitty, format!("{name} answers for kitty graphics"))
    } else if attributes.contains(&4) && answers.cell.is_some() {
        (Protocol::Sixel, format!("{name} answers for sixel"))
    } else {
        (Protocol::Blocks, format!("{name} answers for no protocol of pictures"))
    }
}

/// The line that lets kitty's pictures through tmux.
pub(crate) const PASSTHROUGH: &str = "set -g allow-passthrough on";

/// Whether a terminal of this name shows placeholders, as far as its name tells.
fn knows_placeholders(name: &str) -> Option<bool> {
    if name.starts_with("kitty") {
        // Placeholders came with 0.28.
        return tmux::numbers(name).map(|version| version >= (0, 28));
    }
    if name.to_ascii_lowercase().contains("ghostty") {
        return Some(true);
    }
    // WezTerm and Konsole answer for kitty graphics, but show placeholders as text.
    let without = ["WezTerm", "Konsole", "XTerm", "foot", "VTE", "iTerm2", "mintty", "Windows Terminal"];
    without.iter().any(|known| name.starts_with(known)).then_some(false)
}

/// What works inside tmux, why, and what to change where something else would work better.
fn through_tmux(answers: &Answers) -> (Protocol, String, Option<String>) {
    let tmux = answers.tmux.clone().unwrap_or_default();
    let name = if tmux.outer.is_empty() { "the terminal around tmux" } else { &tmux.outer };
    let known = knows_placeholders(&tmux.outer);
    let held_back = tmux.passthrough == Some(false);
    let by_name = tmux.elsewhere && tmux.passthrough == Some(true) && known == Some(true);
    if !held_back && (answers.placeholders || by_name) && known != Some(false) {
        return (Protocol::Placeholders, format!("{name} shows placeholders, and tmux passes them through"), None);
    }
    let sixel = answers.attributes.as_ref().is_some_and(|attributes| attributes.contains(&4));
    if sixel && tmux.sixel != Some(false) && answers.cell.is_some() {
        return (Protocol::Sixel, format!("this tmux shows sixels, and so does {name}"), None);
    }
    if held_back && known != Some(false) {
        let remedy = format!("add to tmux.conf: {PASSTHROUGH}");
        return (Protocol::Blocks, "tmux keeps pictures back: allow-passthrough is off".to_owned(), Some(remedy));
    }
    let reason = match (known, sixel, answers.attributes.is_some()) {
        (_, _, false) => "tmux has not answered".to_owned(),
        (_, true, _) => format!("{name} shows neither placeholders nor sixels"),
        _ => format!("{name} shows no placeholders, and this tmux has no sixel"),
    };
    (Protocol::Blocks, reason, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn answers(kitty: bool, version: &str, attributes: &[u16]) -> Answers {
        let (version, cell, attributes) = (Some(version.to_owned()), Some((9, 18)), Some(attributes.to_vec()));
        Answers { kitty, version, cell, attributes, ..Answers::default() }
    }

    fn protocol(answers: &Answers) -> Protocol {
        TerminalCapabilities::decided(Images::Auto, nothing, answers).protocol
    }

    #[test]
    fn each_terminal_gets_what_it_does_best() {
        assert_eq!(protocol(&answers(true, "kitty(0.32.2)", &[62])), Protocol::Kitty);
        assert_eq!(protocol(&answers(true, "WezTerm 20240203", &[65, 4, 6])), Protocol::Iterm);
        assert_eq!(protocol(&answers(false, "XTerm(388)", &[64, 4, 22])), Protocol::Sixel);
        assert_eq!(protocol(&answers(false, "XTerm(388)", &[64, 22])), Protocol::Blocks);
        assert_eq!(protocol(&Answers::default()), Protocol::Blocks);
    }

    #[test]
    fn sixel_without_the_size_of_a_cell_is_not_risked() {
        let unsized_ = Answers { cell: None, ..answers(false, "XTerm(388)", &[64, 4]) };
        assert_eq!(protocol(&unsized_), Protocol::Blocks);
    }

    /// Inside a tmux that says this of itself.
    fn inside(tmux: Tmux, placeholders: bool, attributes: &[u16]) -> TerminalCapabilities {
        let answers = Answers { placeholders, tmux: Some(tmux), ..answers(false, "tmux 3.5a", attributes) };
        TerminalCapabilities::decided(Images::Auto, nothing, &answers)
    }

    fn tmux(passthrough: bool, outer: &str) -> Tmux {
        Tmux { version: "3.5a".into(), passthrough: Some(passthrough), elsewhere: false, sixel: Some(false), outer: outer.into() }
    }

    #[test]
    fn inside_tmux_the_terminal_around_it_is_asked_and_its_name_checked() {
        assert_eq!(inside(tmux(true, "kitty(0.35.2)"), true, &[1, 2]).protocol, Protocol::Placeholders);
        assert_eq!(inside(tmux(true, "kitty(0.35.2)"), false, &[1, 2]).protocol, Protocol::Blocks, "no answer, no pixels");
        assert_eq!(inside(tmux(true, "WezTerm 20240203"), true, &[1, 2]).protocol, Protocol::Blocks, "answers, but shows text");
        assert_eq!(inside(tmux(true, "kitty(0.26.5)"), true, &[1, 2]).protocol, Protocol::Blocks, "older than placeholders");
        let elsewhere = |outer| Tmux { elsewhere: true, ..tmux(true, outer) };
        assert_eq!(inside(elsewhere("kitty(0.35.2)"), false, &[1, 2]).protocol, Protocol::Placeholders, "not asked: its name is enough");
        assert_eq!(inside(elsewhere("xterm-256color"), false, &[1, 2]).protocol, Protocol::Blocks);
        // tmux on the near side of a connection: nothing is known but that the answer came.
        let far = TerminalCapabilities::decided(Images::Auto, nothing, &Answers { placeholders: true, ..answers(false, "tmux 3.4", &[1]) });
        assert_eq!(far.protocol, Protocol::Placeholders);
    }

    #[test]
    fn inside_tmux_sixels_are_shown_where_tmux_and_its_terminal_know_them() {
        let with = |sixel| Tmux { sixel, ..tmux(true, "XTerm(379)") };
        assert_eq!(inside(with(Some(true)), false, &[1, 2, 4]).protocol, Protocol::Sixel);
        assert_eq!(inside(with(Some(false)), false, &[1, 2, 4]).protocol, Protocol::Blocks, "tmux would write SIXEL IMAGE instead");
        assert_eq!(inside(with(Some(true)), false, &[1, 2]).protocol, Protocol::Blocks, "this tmux was built without");
        assert_eq!(inside(with(None), false, &[1, 2, 4]).protocol, Protocol::Sixel);
    }

    #[test]
    fn where_one_line_is_missing_it_is_named_and_only_there() {
        let remedy = |tmux, placeholders| inside(tmux, placeholders, &[1, 2]).remedy;
        assert!(remedy(tmux(false, "kitty(0.35.2)"), false).is_some_and(|text| text.contains(PASSTHROUGH)));
        assert!(remedy(tmux(false, "xterm-256color"), false).is_some_and(|text| text.contains(PASSTHROUGH)));
        assert_eq!(remedy(tmux(false, "XTerm(379)"), false), None, "it would not help");
        assert_eq!(remedy(tmux(true, "kitty(0.35.2)"), true), None);
    }

    #[test]
    fn inside_tmux_what_is_forced_wins_and_kitty_means_placeholders() {
        let told = answers(true, "tmux 3.4", &[4]);
        assert_eq!(TerminalCapabilities::decided(Images::Kitty, nothing, &told).protocol, Protocol::Placeholders);
        assert_eq!(TerminalCapabilities::decided(Images::Half, nothing, &told).protocol, Protocol::Blocks);
        let screen = |name: &str| (name == "STY").then(|| "1.pts".to_owned());
        assert_eq!(TerminalCapabilities::decided(Images::Auto, screen, &answers(true, "screen", &[4])).protocol, Protocol::Blocks);
    }

    #[test]
    fn the_background_is_the_terminals_else_the_environments_else_black() {
        let light = |name: &str| (name == "COLORFGBG").then(|| "0;default;15".to_owned());
        assert!(TerminalCapabilities::decided(Images::Auto, light, &Answers::default()).is_light());
        assert!(!TerminalCapabilities::decided(Images::Auto, nothing, &Answers::default()).is_light());
        let told = Answers { background: Some(Rgb(0, 43, 54)), ..Answers::default() };
        assert_eq!(TerminalCapabilities::decided(Images::Auto, light, &told).background, Rgb(0, 43, 54));
    }

    #[test]
    fn no_color_is_honoured_and_true_colour_must_be_claimed() {
        let env = |pairs: &'static [(&str, &str)]| move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        assert_eq!(Colours::from_environment(env(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")])), Colours::None);
        assert_eq!(Colours::from_environment(env(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")])), Colours::True);
        assert_eq!(Colours::from_environment(env(&[("TERM", "xterm-256color")])), Colours::Indexed);
    }

    #[test]
    fn the_gray_ramp_is_monotonous_and_never_off_by_more_than_its_half_step() {
        let shown = |v: u8| match Colours::Indexed.gray(v) {
            Color::Indexed(16) => 0,
            Color::Indexed(231) => 255,
            Color::Indexed(step) => 8 + 10 * (i32::from(step) - 232),
            other => panic!("{other:?}"),
        };
        for v in 0..=255_u8 {
            assert!((shown(v) - i32::from(v)).abs() <= 9, "{v} became {}", shown(v));
            assert!(v == 0 || shown(v) >= shown(v - 1));
        }
    }

    #[test]
    fn with_24_bits_grays_of_pictures_are_twice_as_fine() {
        for v in 0..=238_u8 {
            let shown = crate::contrast::shown(Colours::True.picture_gray(v)).expect("a gray").0;
            assert!(shown.abs_diff(v) <= 3, "{v} became {shown}");
            assert_eq!(Colours::Indexed.picture_gray(v), Colours::Indexed.gray(v));
        }
    }

    #[test]
    fn colours_of_the_cube_are_found_exactly() {
        assert_eq!(Colours::Indexed.rgb(Rgb(0, 95, 135)), Color::Indexed(16 + 6 + 2));
        assert_eq!(Colours::Indexed.rgb(Rgb(255, 215, 175)), Color::Indexed(16 + 36 * 5 + 6 * 4 + 3));
    }
}

//! What the terminal can do: the protocol for pictures, its colours, the size of its cells. Decided from the environment and from the answers
//! to one question that is asked once; an answer that never comes leaves blocks.

use clap::ValueEnum;
use ratatui::style::Color;

use super::Rgb;

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
        matches!(self, Self::Kitty | Self::Iterm | Self::Sixel)
    }

    /// The name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kitty => "kitty graphics",
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

    /// The nearest of the 26 grays of the 256-colour palette: black, 24 steps from 8 to 238, white.
    #[must_use]
    pub const fn ramp(gray: u8) -> u8 {
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
    /// Its name and version, `kitty(0.32.2)`.
    pub version: Option<String>,
    /// Width and height of a cell in pixels.
    pub cell: Option<(u16, u16)>,
    /// The numbers of its primary device attributes; 4 stands for sixel. They end the answers.
    pub attributes: Option<Vec<u16>>,
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
    /// The terminal's own name, if it told.
    pub terminal: Option<String>,
}

/// The cell that is assumed where nobody says.
pub const CELL: (u16, u16) = (10, 20);

/// The program between us and the terminal, if the environment or the terminal's name tells of one: none passes pictures on reliably.
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

impl TerminalCapabilities {
    /// Before any answer: what the user forced, otherwise blocks.
    #[must_use]
    pub fn unasked(images: Images, get: impl Fn(&str) -> Option<String>) -> Self {
        Self::decided(images, get, &Answers::default())
    }

    /// The best that the answers allow; what the user forced always wins.
    #[must_use]
    pub fn decided(images: Images, get: impl Fn(&str) -> Option<String>, answers: &Answers) -> Self {
        let colours = Colours::from_environment(&get);
        let (protocol, reason) = match images {
            Images::Auto => best(&get, answers),
            Images::Kitty => (Protocol::Kitty, "as asked for".to_owned()),
            Images::Iterm => (Protocol::Iterm, "as asked for".to_owned()),
            Images::Sixel => (Protocol::Sixel, "as asked for".to_owned()),
            Images::Half => (Protocol::Blocks, "as asked for".to_owned()),
            Images::Off => (Protocol::Off, "as asked for".to_owned()),
        };
        let cell = answers.cell.filter(|cell| cell.0 > 0 && cell.1 > 0).unwrap_or(CELL);
        Self { protocol, reason, colours, cell, terminal: answers.version.clone() }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn answers(kitty: bool, version: &str, attributes: &[u16]) -> Answers {
        Answers { kitty, version: Some(version.to_owned()), cell: Some((9, 18)), attributes: Some(attributes.to_vec()) }
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

    #[test]
    fn inside_tmux_pictures_are_blocks_whatever_it_answers_unless_forced() {
        let tmux = |name: &str| (name == "TERM").then(|| "tmux-256color".to_owned());
        let told = answers(true, "tmux 3.4", &[4]);
        assert_eq!(TerminalCapabilities::decided(Images::Auto, tmux, &told).protocol, Protocol::Blocks);
        assert_eq!(TerminalCapabilities::decided(Images::Auto, nothing, &told).protocol, Protocol::Blocks);
        assert_eq!(TerminalCapabilities::decided(Images::Kitty, tmux, &told).protocol, Protocol::Kitty);
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
    fn colours_of_the_cube_are_found_exactly() {
        assert_eq!(Colours::Indexed.rgb(Rgb(0, 95, 135)), Color::Indexed(16 + 6 + 2));
        assert_eq!(Colours::Indexed.rgb(Rgb(255, 215, 175)), Color::Indexed(16 + 36 * 5 + 6 * 4 + 3));
    }
}

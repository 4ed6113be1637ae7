//! Colours and emphasis by role. Hues are those of Okabe and Ito, told apart by every kind of colour vision; nothing is said by colour alone, and
//! without colours (`NO_COLOR`) emphasis takes their place.

use ratatui::style::{Color, Modifier, Style};

use svh_terminal::{Colours, Rgb};

/// Boxes and grades of the reader.
pub const READER: Rgb = Rgb(86, 180, 233);
/// Boxes and grades of the model.
pub const MODEL: Rgb = Rgb(230, 159, 0);
/// The box that the user holds.
pub const HAND: Rgb = GOOD;
/// Something that the shape model finds unlikely.
pub const DOUBT: Rgb = Rgb(204, 121, 167);
const ERROR: Rgb = Rgb(235, 110, 50);
const GOOD: Rgb = Rgb(0, 158, 115);

/// The styles of every role.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colours: Colours,
}

impl Theme {
    /// The theme for a terminal with these colours.
    #[must_use]
    pub const fn new(colours: Colours) -> Self {
        Self { colours }
    }

    /// The colours it was made for.
    #[must_use]
    pub const fn colours(self) -> Colours {
        self.colours
    }

    fn has_colours(self) -> bool {
        self.colours != Colours::None
    }

    fn hue(self, rgb: Rgb) -> Style {
        if self.has_colours() { Style::new().fg(self.colours.rgb(rgb)) } else { Style::new() }
    }

    /// Ordinary text, in the terminal's own colours.
    #[must_use]
    pub const fn text(self) -> Style {
        Style::new()
    }

    /// Text that may be overlooked.
    #[must_use]
    pub fn muted(self) -> Style {
        if self.has_colours() { Style::new().fg(Color::Indexed(245)) } else { Style::new() }
    }

    /// Headings.
    #[must_use]
    pub const fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The first line of the screen.
    #[must_use]
    pub fn bar(self) -> Style {
        if self.has_colours() {
            Style::new().fg(Color::Indexed(252)).bg(Color::Indexed(236))
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// The name of the program and of what is open, on the bar.
    #[must_use]
    pub fn bar_strong(self) -> Style {
        if self.has_colours() {
            self.bar().fg(Color::Indexed(231)).add_modifier(Modifier::BOLD)
        } else {
            self.bar().add_modifier(Modifier::BOLD)
        }
    }

    /// The screen in front, on the bar.
    #[must_use]
    pub fn bar_chosen(self) -> Style {
        if self.has_colours() {
            Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(24)).add_modifier(Modifier::BOLD)
        } else {
            // The bar is reversed: what is not stands out from it.
            Style::new().add_modifier(Modifier::BOLD)
        }
    }

    /// What is less important on the bar.
    #[must_use]
    pub fn bar_muted(self) -> Style {
        if self.has_colours() { self.bar().fg(Color::Indexed(246)) } else { self.bar() }
    }

    /// The chosen line of a list.
    #[must_use]
    pub fn selection(self) -> Style {
        if self.has_colours() {
            Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(24))
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// A key in a hint.
    #[must_use]
    pub fn key(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The reader's grades.
    #[must_use]
    pub fn reader(self) -> Style {
        self.hue(READER)
    }

    /// The model's grades.
    #[must_use]
    pub fn model(self) -> Style {
        self.hue(MODEL)
    }

    /// Implausible or inferred.
    #[must_use]
    pub fn doubt(self) -> Style {
        self.hue(DOUBT)
    }

    /// Something failed.
    #[must_use]
    pub fn error(self) -> Style {
        self.hue(ERROR).add_modifier(Modifier::BOLD)
    }

    /// Something went well.
    #[must_use]
    pub fn good(self) -> Style {
        self.hue(GOOD)
    }

    /// The part of a name that a search has found.
    #[must_use]
    pub fn found(self) -> Style {
        self.hue(Rgb(240, 228, 66)).add_modifier(Modifier::UNDERLINED)
    }

    /// A field whose brightness stands for a share, 0 to 1; the number in it shows the same.
    #[must_use]
    pub fn heat(self, share: f64) -> Style {
        // One hue from dark to light, so that every kind of colour vision sees the same order.
        const STEPS: [Rgb; 7] = [
            Rgb(26, 29, 34),
            Rgb(28, 45, 66),
            Rgb(32, 64, 98),
            Rgb(41, 88, 133),
            Rgb(63, 118, 165),
            Rgb(112, 161, 200),
            Rgb(176, 208, 232),
        ];
        if !self.has_colours() {
            return Style::new();
        }
        let place = if share <= 0.0 { 0 } else { (1 + (share.min(1.0) * 5.999) as usize).min(STEPS.len() - 1) };
        let front = if place >= 5 { Color::Indexed(16) } else { Color::Indexed(252) };
        Style::new().bg(self.colours.rgb(STEPS[place])).fg(front)
    }

    /// The chosen field among such fields.
    #[must_use]
    pub fn cursor(self) -> Style {
        if self.has_colours() {
            Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(222)).add_modifier(Modifier::BOLD)
        } else {
            Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
        }
    }

    /// Frames and rules.
    #[must_use]
    pub fn frame(self) -> Style {
        if self.has_colours() { Style::new().fg(Color::Indexed(240)) } else { Style::new() }
    }
}

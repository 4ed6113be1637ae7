//! Colours and emphasis by role. Hues are those of Okabe and Ito, told apart by every kind of colour vision; nothing is said by colour alone, and
//! without colours (`NO_COLOR`) emphasis takes their place.
//!
//! Colours on the terminal's own background are moved towards black or white until they can be read there ([`contrast`]): 4.5 to 1 for text, 3 to 1 for
//! frames and bars. What has a background of its own has one for dark and one for light terminals.

use ratatui::style::{Color, Modifier, Style};

use svh_terminal::{Colours, Rgb, contrast};

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

/// The hues of roles on the terminal's own background, before they are moved until they can be read there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hues {
    /// Boxes and grades of the reader.
    pub reader: Rgb,
    /// Boxes and grades of the model.
    pub model: Rgb,
    /// Implausible, inferred or open.
    pub doubt: Rgb,
    /// Something failed.
    pub error: Rgb,
    /// Something went well; the box that the user holds.
    pub good: Rgb,
    /// Text that may be overlooked.
    pub muted: Rgb,
    /// Frames and rules.
    pub frame: Rgb,
    /// What a search has found.
    pub found: Rgb,
}

impl Hues {
    /// What all have where nothing else is set.
    pub const DEFAULT: Self =
        Self { reader: READER, model: MODEL, doubt: DOUBT, error: ERROR, good: GOOD, muted: MUTED, frame: FRAME, found: FOUND };
}

/// What the user's settings say of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The background to write on; `None` for what the terminal says of its own.
    pub background: Option<Rgb>,
    /// The hues.
    pub hues: Hues,
}

impl Default for Look {
    fn default() -> Self {
        Self { background: None, hues: Hues::DEFAULT }
    }
}

impl Look {
    /// The theme for a terminal that says this of itself.
    #[must_use]
    pub fn theme(self, colours: Colours, background: Rgb) -> Theme {
        Theme { colours, background: self.background.unwrap_or(background), hues: self.hues }
    }
}

/// The styles of every role.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colours: Colours,
    background: Rgb,
    hues: Hues,
}

const MUTED: Rgb = Rgb(138, 138, 138);
const FRAME: Rgb = Rgb(88, 88, 88);
const FOUND: Rgb = Rgb(240, 228, 66);

impl Theme {
    /// The theme for a terminal with these colours and this background.
    #[must_use]
    pub const fn new(colours: Colours, background: Rgb) -> Self {
        Self { colours, background, hues: Hues::DEFAULT }
    }

    /// The colours it was made for.
    #[must_use]
    pub const fn colours(self) -> Colours {
        self.colours
    }

    /// The colour of a box on a film, given as that of its role by default; white without colours, where the kind of line tells boxes apart.
    #[must_use]
    pub fn mark(self, role: Rgb) -> Rgb {
        let Hues { reader, model, doubt, good, .. } = self.hues;
        match role {
            _ if !self.has_colours() => Rgb(255, 255, 255),
            READER => reader,
            MODEL => model,
            DOUBT => doubt,
            GOOD => good,
            other => other,
        }
    }

    fn has_colours(self) -> bool {
        self.colours != Colours::None
    }

    /// A colour of the 256, one for dark and one for light backgrounds.
    fn either(self, dark: u8, light: u8) -> Color {
        Color::Indexed(if contrast::is_light(self.background) { light } else { dark })
    }

    /// Text in this hue, as far as it can be read.
    pub fn hue(self, rgb: Rgb) -> Style {
        self.on_background(rgb, contrast::TEXT)
    }

    fn on_background(self, rgb: Rgb, least: f64) -> Style {
        if self.has_colours() { Style::new().fg(contrast::legible(rgb, self.background, least, self.colours)) } else { Style::new() }
    }

    /// Ordinary text, in the terminal's own colours.
    #[must_use]
    pub const fn text(self) -> Style {
        Style::new()
    }

    /// Text that may be overlooked.
    #[must_use]
    pub fn muted(self) -> Style {
        self.hue(self.hues.muted)
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
            Style::new().fg(self.either(252, 236)).bg(self.either(236, 252))
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// The name of the program and of what is open, on the bar.
    #[must_use]
    pub fn bar_strong(self) -> Style {
        if self.has_colours() {
            self.bar().fg(self.either(231, 16)).add_modifier(Modifier::BOLD)
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
        if self.has_colours() { self.bar().fg(self.either(248, 240)) } else { self.bar() }
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
        self.hue(self.hues.reader)
    }

    /// The model's grades.
    #[must_use]
    pub fn model(self) -> Style {
        self.hue(self.hues.model)
    }

    /// The bar of something that proceeds.
    #[must_use]
    pub fn rail(self) -> Style {
        if !self.has_colours() {
            return Style::new();
        }
        let rail = self.either(238, 250);
        let rail_shown = contrast::shown(rail).unwrap_or(self.background);
        Style::new().fg(contrast::legible(self.hues.model, rail_shown, contrast::MARK, self.colours)).bg(rail)
    }

    /// Implausible or inferred.
    #[must_use]
    pub fn doubt(self) -> Style {
        self.hue(self.hues.doubt)
    }

    /// Something failed.
    #[must_use]
    pub fn error(self) -> Style {
        self.hue(self.hues.error).add_modifier(Modifier::BOLD)
    }

    /// Something went well.
    #[must_use]
    pub fn good(self) -> Style {
        self.hue(self.hues.good)
    }

    /// The part of a name that a search has found.
    #[must_use]
    pub fn found(self) -> Style {
        self.hue(self.hues.found).add_modifier(Modifier::UNDERLINED)
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
        // Nothing is as dark or as light as the background, so that much always stands out.
        let step = if contrast::is_light(self.background) { STEPS[STEPS.len() - 1 - place] } else { STEPS[place] };
        let back = self.colours.rgb(step);
        let front = if contrast::shown(back).is_some_and(contrast::is_light) { Color::Indexed(16) } else { Color::Indexed(231) };
        Style::new().bg(back).fg(front)
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
        self.on_background(self.hues.frame, contrast::MARK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Backgrounds of common terminals, dark, light, and those between that nobody chose for their contrast.
    const BACKGROUNDS: [Rgb; 10] = [
        Rgb(0, 0, 0),
        Rgb(255, 255, 255),
        Rgb(0, 43, 54),
        Rgb(253, 246, 227),
        Rgb(40, 40, 40),
        Rgb(251, 241, 199),
        Rgb(30, 30, 46),
        Rgb(239, 241, 245),
        Rgb(119, 119, 119),
        Rgb(128, 128, 128),
    ];

    fn ratio(style: Style, background: Rgb) -> f64 {
        let back = style.bg.and_then(contrast::shown).unwrap_or(background);
        let front = style.fg.and_then(contrast::shown).expect("a colour that does not depend on the terminal's palette");
        contrast::ratio(front, back)
    }

    /// Hues that somebody might choose: all alike, which no background suits.
    fn alike(rgb: Rgb) -> Hues {
        Hues { reader: rgb, model: rgb, doubt: rgb, error: rgb, good: rgb, muted: rgb, frame: rgb, found: rgb }
    }

    #[test]
    fn text_has_a_contrast_of_4_5_and_marks_of_3_on_every_background_in_any_hues() {
        let chosen = [Rgb(0, 0, 0), Rgb(255, 255, 255), Rgb(120, 120, 120), Rgb(255, 0, 0), Rgb(0, 0, 255)].map(alike);
        for (background, hues) in
            BACKGROUNDS.into_iter().flat_map(|back| [Hues::DEFAULT].into_iter().chain(chosen).map(move |hues| (back, hues)))
        {
            for colours in [Colours::True, Colours::Indexed] {
                let theme = Look { background: None, hues }.theme(colours, background);
                let text = [
                    ("muted", theme.muted()),
                    ("bar", theme.bar()),
                    ("bar_strong", theme.bar_strong()),
                    ("bar_chosen", theme.bar_chosen()),
                    ("bar_muted", theme.bar_muted()),
                    ("selection", theme.selection()),
                    ("reader", theme.reader()),
                    ("model", theme.model()),
                    ("doubt", theme.doubt()),
                    ("error", theme.error()),
                    ("good", theme.good()),
                    ("found", theme.found()),
                    ("cursor", theme.cursor()),
                ];
                let heat = (0..=10).map(|tenth| ("heat", theme.heat(f64::from(tenth) / 10.0)));
                for (role, style) in text.into_iter().chain(heat) {
                    let ratio = ratio(style, background);
                    assert!(ratio >= contrast::TEXT, "{role} on {background:?} in {colours:?}: {ratio:.2}");
                }
                for (role, style) in [("frame", theme.frame()), ("rail", theme.rail())] {
                    let ratio = ratio(style, background);
                    assert!(ratio >= contrast::MARK, "{role} on {background:?} in {colours:?}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn a_background_that_is_set_counts_more_than_the_terminal_s() {
        let look = Look { background: Some(Rgb(255, 255, 255)), ..Look::default() };
        let theme = look.theme(Colours::True, Rgb(0, 0, 0));
        assert_eq!(theme.muted(), Theme::new(Colours::True, Rgb(255, 255, 255)).muted());
        assert_ne!(theme.muted(), Theme::new(Colours::True, Rgb(0, 0, 0)).muted());
        let hues = Hues { model: Rgb(255, 0, 255), ..Hues::DEFAULT };
        let theme = Look { background: None, hues }.theme(Colours::True, Rgb(0, 0, 0));
        assert_eq!((theme.mark(MODEL), theme.mark(READER)), (Rgb(255, 0, 255), READER), "boxes have the colour of their role");
        assert_eq!(Theme::new(Colours::None, Rgb(0, 0, 0)).mark(MODEL), Rgb(255, 255, 255));
    }

    #[test]
    fn on_black_the_hues_are_those_of_the_boxes() {
        let theme = Theme::new(Colours::True, Rgb(0, 0, 0));
        let colour = |Rgb(r, g, b)| Some(Color::Rgb(r, g, b));
        assert_eq!((theme.reader().fg, theme.model().fg), (colour(READER), colour(MODEL)));
    }
}

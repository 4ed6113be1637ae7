//! Contrast of colours (WCAG 2.2: relative luminance, contrast ratio), and colours moved until they can be read on a background.

use ratatui::style::Color;

use super::{Colours, Rgb};

/// The least contrast of text.
pub const TEXT: f64 = 4.5;
/// The least contrast of frames, bars and signs.
pub const MARK: f64 = 3.0;

/// Relative luminance, 0 (black) to 1 (white).
#[must_use]
pub(crate) fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// Contrast ratio of two colours, 1 to 21.
#[must_use]
pub fn ratio(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Whether black reads better on a background than white.
#[must_use]
pub fn is_light(background: Rgb) -> bool {
    ratio(background, Rgb(0, 0, 0)) > ratio(background, Rgb(255, 255, 255))
}

/// The colour that the terminal shows: `None` for its own colours and the first sixteen, which every theme sets as it likes.
#[must_use]
pub fn shown(colour: Color) -> Option<Rgb> {
    let step = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
    match colour {
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(index @ 16..=231) => {
            let cube = index - 16;
            Some(Rgb(step(cube / 36), step(cube / 6 % 6), step(cube % 6)))
        }
        Color::Indexed(index @ 232..) => Some(Rgb(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232))),
        _ => None,
    }
}

/// The colour itself where it has the contrast on this background; else mixed with black or white, as little as it takes. What comes back is what the
/// terminal can show.
#[must_use]
pub fn legible(colour: Rgb, background: Rgb, least: f64, colours: Colours) -> Color {
    const STEPS: u16 = 40;
    let end = if is_light(background) { 0 } else { 255 };
    let mixed = |v: u8, step: u16| ((u16::from(v) * (STEPS - step) + end * step) / STEPS) as u8;
    let at = |step: u16| {
        let Rgb(r, g, b) = colour;
        let mixed = Rgb(mixed(r, step), mixed(g, step), mixed(b, step));
        // Grays have a finer ramp than the cube.
        if r == g && g == b && colours == Colours::Indexed { colours.gray(mixed.0) } else { colours.rgb(mixed) }
    };
    let enough = |candidate: &Color| shown(*candidate).is_none_or(|shown| ratio(shown, background) >= least);
    (0..=STEPS).map(at).find(enough).unwrap_or_else(|| at(STEPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_definition() {
        assert!((ratio(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        // WCAG's own border case: #767676 on white is 4.54, #777777 is 4.48.
        assert!((ratio(Rgb(0x76, 0x76, 0x76), Rgb(255, 255, 255)) - 4.54).abs() < 0.005);
        assert!((ratio(Rgb(0x77, 0x77, 0x77), Rgb(255, 255, 255)) - 4.48).abs() < 0.005);
    }

    #[test]
    fn a_colour_is_moved_only_where_it_must_be_and_then_far_enough() {
        let orange = Rgb(230, 159, 0);
        assert_eq!(legible(orange, Rgb(0, 0, 0), TEXT, Colours::True), Color::Rgb(230, 159, 0));
        for background in [Rgb(255, 255, 255), Rgb(253, 246, 227), Rgb(119, 119, 119), Rgb(0, 43, 54), Rgb(128, 128, 128)] {
            for colours in [Colours::True, Colours::Indexed] {
                let moved = shown(legible(orange, background, TEXT, colours)).expect("a colour of its own");
                assert!(ratio(moved, background) >= TEXT, "{moved:?} on {background:?}: {}", ratio(moved, background));
            }
        }
    }
}

//! Films that fill a part of their 16 bits: the range that their pixels fill becomes black to white.
//!
//! Scanners and DICOM exports put 9 to 14 bits into 16, some with an offset. Read as fractions of 65535 such films are black, and no joint is found on
//! them. Films of 8 bits always fill their type and are not touched.

/// The least range of values, of 65535, that is left as it is: half of the type's.
const WIDE: u16 = 1 << 15;

/// The least number of values between black and white that is worth spreading; less is noise on an empty film.
const LEAST: u16 = 32;

/// The share of pixels beyond each end of the range: dead pixels do not set it.
const BEYOND: f64 = 0.0005;

/// Spreads the range that the pixels fill over the whole of 16 bits, where they fill less than half of it. Pure black and white, which paddings, burnt-in
/// letters and dead pixels have, do not count and stay, unless next to nothing else is there.
pub fn spread(pixels: &mut [u16]) {
    let mut counts = vec![0_u32; 1 << 16];
    for value in pixels.iter() {
        counts[usize::from(*value)] += 1;
    }
    let Some((low, high)) = range(&counts) else { return };
    if high - low >= WIDE || high - low < LEAST {
        return;
    }
    let span = u32::from(high - low);
    let table: Vec<u16> = (0..=u16::MAX)
        .map(|value| {
            let inside = u32::from(value.saturating_sub(low)).min(span);
            u16::try_from((inside * u32::from(u16::MAX) + span / 2) / span).unwrap_or(u16::MAX)
        })
        .collect();
    for value in pixels {
        *value = table[usize::from(*value)];
    }
}

/// The lowest and highest value in use.
fn range(counts: &[u32]) -> Option<(u16, u16)> {
    let all: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let ends = u64::from(counts[0]) + u64::from(counts[counts.len() - 1]);
    // Of a film whose pixels are mostly black or white, those are the film.
    let (first, last, total) = match (all - ends) * 20 >= all {
        true => (1, counts.len() - 2, all - ends),
        false => (0, counts.len() - 1, all),
    };
    let beyond = (total as f64 * BEYOND) as u64;
    let mut seen = 0;
    let mut passes = |value: &usize| {
        seen += u64::from(counts[*value]);
        seen > beyond
    };
    let low = (first..=last).find(&mut passes)?;
    seen = 0;
    let mut passes = |value: &usize| {
        seen += u64::from(counts[*value]);
        seen > beyond
    };
    let high = (first..=last).rev().find(&mut passes)?;
    (low < high).then_some((u16::try_from(low).ok()?, u16::try_from(high).ok()?))
}

/// Any numbers as 16 bits: fractions from 0 to 1 by 65535, anything else by its own range. What is not a number is black.
pub(crate) fn of_numbers(values: &[f32]) -> Vec<u16> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low >= 0.0 && high <= 1.0 { (0.0, 1.0) } else { (low, high) };
    let span = f64::from(high) - f64::from(low);
    let scale = if span > 0.0 { 65535.0 / span } else { 0.0 };
    // The cast is bounded by both ends, and a NaN becomes 0.
    values.iter().map(|value| ((f64::from(*value) - f64::from(low)) * scale).round() as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(low: u32, high: u32) -> Vec<u16> {
        (0..10_000).map(|at| (low + at * (high - low) / 9999) as u16).collect()
    }

    #[test]
    fn what_fills_a_part_of_its_type_is_spread_and_what_fills_it_is_not() {
        let mut whole = ramp(0, 65535);
        spread(&mut whole);
        assert_eq!(whole, ramp(0, 65535));
        for (low, high) in [(0, 511), (0, 1023), (0, 4095), (0, 16383), (32768, 33791), (64512, 65535), (3000, 3700)] {
            let mut part = ramp(low, high);
            spread(&mut part);
            let worst = part.iter().zip(&whole).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            // One step of the part, and what lies beyond the ends.
            assert!(u32::from(worst) <= 65535 / (high - low) + 200, "{low} to {high}: {worst}");
        }
    }

    #[test]
    fn letters_and_paddings_do_not_set_the_range() {
        let mut film = ramp(1, 1023);
        film[..900].fill(65535);
        film[900..1800].fill(0);
        spread(&mut film);
        assert_eq!((film[0], film[1000]), (65535, 0));
        assert!(film[9999] > 65000 && film[5500].abs_diff(33_000) < 4000, "{}", film[5500]);
    }

    #[test]
    fn an_empty_film_stays_empty() {
        for film in [vec![7_u16; 100], ramp(700, 720), Vec::new()] {
            let mut spreaded = film.clone();
            spread(&mut spreaded);
            assert_eq!(spreaded, film);
        }
    }

    #[test]
    fn numbers_of_any_range_become_16_bits() {
        assert_eq!(of_numbers(&[0.0, 0.25, 1.0]), [0, 16384, 65535]);
        assert_eq!(of_numbers(&[-1000.0, 0.0, 1000.0, f32::NAN]), [0, 32768, 65535, 0]);
        assert_eq!(of_numbers(&[5.0, 5.0]), [0, 0]);
        assert_eq!(of_numbers(&[f32::NAN, f32::INFINITY]).len(), 2);
    }
}

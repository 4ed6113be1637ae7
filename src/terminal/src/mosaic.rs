//! Characters that part a cell in two colours: halves, quadrants (2 x 2), sextants (2 x 3, Unicode 13), octants (2 x 4, Unicode 16). For each cell the
//! parting is taken that loses least of the picture.

use clap::ValueEnum;

/// Which characters a picture of blocks may use: the user's wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Blocks {
    /// What the terminal is known to draw itself; quadrants where nothing is known.
    #[default]
    Auto,
    /// Half blocks: two pixels a cell, in every font.
    Half,
    /// Quadrants: four pixels a cell, in nearly every font.
    Quadrants,
    /// Sextants where they are better: six pixels a cell (Unicode 13).
    Sextants,
    /// Octants where they are better: eight pixels a cell (Unicode 16).
    Octants,
}

/// The finest characters that may be used; coarser ones are used as well, where they show a cell as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mosaic {
    /// Half blocks.
    Half,
    /// Quadrants.
    #[default]
    Quadrants,
    /// Sextants.
    Sextants,
    /// Octants.
    Octants,
}

/// The first two numbers of a version.
type Version = (u32, u32);

/// Terminals that draw these characters themselves, whatever the font, since this version: name, sextants, octants.
const DRAWN: [(&str, Version, Version); 5] = [
    ("kitty", (0, 22), (0, 40)),
    ("ghostty", (1, 0), (1, 2)),
    ("foot", (1, 8), (1, 20)),
    ("WezTerm", (0, 0), (u32::MAX, 0)),
    // VTE tells 7800 for 0.78.
    ("VTE", (6200, 0), (7800, 0)),
];

impl Mosaic {
    /// What the user wants, else what a terminal of this name (its answer to XTVERSION) draws.
    #[must_use]
    pub fn decided(wish: Blocks, terminal: Option<&str>) -> Self {
        match wish {
            Blocks::Auto => terminal.map_or(Self::Quadrants, Self::of_terminal),
            Blocks::Half => Self::Half,
            Blocks::Quadrants => Self::Quadrants,
            Blocks::Sextants => Self::Sextants,
            Blocks::Octants => Self::Octants,
        }
    }

    fn of_terminal(name: &str) -> Self {
        let Some((_, sextants, octants)) = DRAWN.into_iter().find(|(known, ..)| name.starts_with(known)) else { return Self::Quadrants };
        match super::tmux::numbers(name) {
            Some(version) if version >= octants => Self::Octants,
            Some(version) if version >= sextants => Self::Sextants,
            _ => Self::Quadrants,
        }
    }

    /// Rows of samples a cell (there are two columns): all partings can be built from them.
    #[must_use]
    pub const fn rows(self) -> usize {
        match self {
            Self::Half | Self::Quadrants => 2,
            Self::Sextants => 6,
            Self::Octants => 12,
        }
    }

    /// Rows of the partings that are tried, coarse ones first.
    const fn partings(self) -> &'static [usize] {
        match self {
            Self::Half => &[2],
            Self::Quadrants => &[2],
            Self::Sextants => &[2, 3],
            Self::Octants => &[2, 3, 4],
        }
    }
}

/// A cell as it is shown: the character, the gray of its front, and of its back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parted {
    /// The character.
    pub glyph: char,
    /// Gray of the set parts.
    pub front: u8,
    /// Gray of the rest.
    pub back: u8,
}

/// Squared grays a sample that a finer parting must win over a coarser one: less is not seen.
const WORTH: f64 = 2.0;

/// Parts a cell of `2 x mosaic.rows()` samples, row by row, so that the squared error is least.
#[must_use]
pub fn part(samples: &[u8], mosaic: Mosaic) -> Parted {
    let count = samples.len() as f64;
    let sum: f64 = samples.iter().map(|v| f64::from(*v)).sum();
    let mean = (sum / count).round() as u8;
    // The squared error of a parting is that of the plain cell less what lies between its two means.
    let (mut best, mut won) = (Parted { glyph: ' ', front: mean, back: mean }, 0.0);
    for rows in mosaic.partings() {
        let (mask, between, front, back) = halves(samples, *rows, mosaic == Mosaic::Half);
        if between > won + WORTH * count && front != back {
            (best, won) = (Parted { glyph: glyph(*rows, mask), front, back }, between);
        }
    }
    best
}

/// The best two-colour parting of a cell into `2 x rows` pieces: the mask of its front, what it wins, and both means.
fn halves(samples: &[u8], rows: usize, upright: bool) -> (u8, f64, u8, u8) {
    let (high, per) = (samples.len() / 2 / rows, (samples.len() / 2 / rows) as f64);
    let piece = |bit: usize| {
        let (row, column) = (bit / 2, bit % 2);
        (row * high..(row + 1) * high).map(|line| f64::from(samples[line * 2 + column])).sum::<f64>()
    };
    let mut sums: [f64; 8] = std::array::from_fn(|bit| if bit < rows * 2 { piece(bit) } else { 0.0 });
    if upright {
        for row in 0..rows {
            let mean = f64::midpoint(sums[row * 2], sums[row * 2 + 1]);
            (sums[row * 2], sums[row * 2 + 1]) = (mean, mean);
        }
    }
    // In one dimension the best two groups are always the brightest pieces and the others.
    let mut order: [usize; 8] = std::array::from_fn(|bit| bit);
    let order = &mut order[..rows * 2];
    order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
    let total: f64 = sums[..rows * 2].iter().sum();
    let all = (rows * 2) as f64 * per;
    let (mut best, mut mask, mut front) = ((0, 0.0, 0, 0), 0_u8, 0.0);
    for (index, bit) in order.iter().enumerate().take(rows * 2 - 1) {
        mask |= 1 << bit;
        front += sums[*bit];
        let in_front = (index + 1) as f64 * per;
        let between = front * front / in_front + (total - front) * (total - front) / (all - in_front) - total * total / all;
        if between > best.1 + 1e-6 {
            let gray = |sum: f64, count: f64| (sum / count).round() as u8;
            best = (mask, between, gray(front, in_front), gray(total - front, all - in_front));
        }
    }
    // Of a parting and its inverse always the one that leaves the lower right open: equal neighbours then have equal colours.
    let (mask, between, front, back) = best;
    let last = 1 << (rows * 2 - 1);
    let closed = mask & last != 0;
    let inverse = !mask & (last | (last - 1));
    // Terminals that draw octants may lack the few that other blocks of Unicode hold; their inverses are octants.
    let lacking = rows == 4 && SUPPLEMENT.contains(if closed { &inverse } else { &mask });
    if closed == lacking { best } else { (inverse, between, back, front) }
}

/// Masks of eight pieces whose characters are outside the block of octants and newer than most fonts.
const SUPPLEMENT: [u8; 6] = [0b0000_0001, 0b0000_0010, 0b0001_0100, 0b0010_1000, 0b0100_0000, 0b1000_0000];

/// Quadrants by mask: 1 upper left, 2 upper right, 4 lower left, 8 lower right.
const QUADRANTS: [char; 16] = [' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'];

/// Pieces of eight that have a character of their own outside the block of octants, besides those made of quadrants.
const EIGHTHS: [(u8, char); 10] = [
    (0b0000_0001, '\u{1CEA8}'),
    (0b0000_0010, '\u{1CEAB}'),
    (0b0000_0011, '\u{1FB82}'),
    (0b0001_0100, '\u{1FBE6}'),
    (0b0010_1000, '\u{1FBE7}'),
    (0b0011_1111, '\u{1FB85}'),
    (0b0100_0000, '\u{1CEA3}'),
    (0b1000_0000, '\u{1CEA0}'),
    (0b1100_0000, '\u{2582}'),
    (0b1111_1100, '\u{2586}'),
];

/// The character whose pieces are set as in the mask, whose bits run from the upper left row by row.
#[must_use]
pub fn glyph(rows: usize, mask: u8) -> char {
    match rows {
        3 => sextant(mask),
        4 => octant(mask),
        _ => QUADRANTS[usize::from(mask & 15)],
    }
}

fn sextant(mask: u8) -> char {
    match mask & 63 {
        0 => ' ',
        63 => '█',
        21 => '▌',
        42 => '▐',
        mask => {
            // The characters stand in the order of their masks, without the four above.
            let before = [0, 21, 42, 63].into_iter().filter(|left_out| *left_out < mask).count() as u32;
            char::from_u32(0x1FB00 + u32::from(mask) - before).unwrap_or(' ')
        }
    }
}

/// The quadrants that make up a mask of octants, if it is made of quadrants.
fn quadrants_of(mask: u8) -> Option<u8> {
    let quarter = |bits: u8, bit: u8| match mask & bits {
        0 => Some(0),
        set if set == bits => Some(bit),
        _ => None,
    };
    Some(quarter(0b0101, 1)? | quarter(0b1010, 2)? | quarter(0b0101_0000, 4)? | quarter(0b1010_0000, 8)?)
}

fn octant(mask: u8) -> char {
    let elsewhere = |mask: u8| quadrants_of(mask).is_some() || EIGHTHS.iter().any(|(known, _)| *known == mask);
    if let Some(quadrants) = quadrants_of(mask) {
        return QUADRANTS[usize::from(quadrants)];
    }
    if let Some((_, glyph)) = EIGHTHS.iter().find(|(known, _)| *known == mask) {
        return *glyph;
    }
    // The characters stand in the order of their masks, without those that exist elsewhere.
    let before = (0..mask).filter(|earlier| !elsewhere(*earlier)).count() as u32;
    char::from_u32(0x1CD00 + before).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_of_the_standard() {
        // Names from the code charts: BLOCK SEXTANT-1, -12, -246 (its right neighbour of the half), -23456.
        assert_eq!([1, 3, 41, 62].map(|mask| glyph(3, mask)), ['\u{1FB00}', '\u{1FB02}', '\u{1FB27}', '\u{1FB3B}']);
        // BLOCK OCTANT-3, -23, -14, -134, -2345678, and neighbours that live in other blocks.
        let octants = [0b100, 0b110, 0b1001, 0b1101, 0b1111_1110].map(|mask| glyph(4, mask));
        assert_eq!(octants, ['\u{1CD00}', '\u{1CD01}', '\u{1CD04}', '\u{1CD07}', '\u{1CDE5}']);
        assert_eq!([0b1111, 0b0101_0101, 0b1100_0000, 255].map(|mask| glyph(4, mask)), ['▀', '▌', '▂', '█']);
        for (rows, pieces) in [(2, 16), (3, 64), (4, 256)] {
            let all: std::collections::BTreeSet<char> = (0..pieces).map(|mask: u16| glyph(rows, mask as u8)).collect();
            assert_eq!(all.len(), usize::from(pieces), "every mask has a character of its own");
        }
    }

    #[test]
    fn the_parting_that_loses_least_is_found_among_all() {
        let mut seed = 7_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        for _ in 0..200 {
            let samples: Vec<u8> = (0..2 * Mosaic::Octants.rows()).map(|_| noise()).collect();
            let shown = part(&samples, Mosaic::Octants);
            let error = |rows: usize, mask: u8| {
                let high = samples.len() / 2 / rows;
                let set = |index: usize| mask >> (index / 2 / high * 2 + index % 2) & 1 == 1;
                let loss = |front: bool| {
                    let of: Vec<f64> = (0..samples.len()).filter(|i| set(*i) == front).map(|i| f64::from(samples[i])).collect();
                    let mean = of.iter().sum::<f64>() / of.len().max(1) as f64;
                    of.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
                };
                loss(true) + loss(false)
            };
            let every =
                [(2, 16_u16), (3, 64), (4, 256)].into_iter().flat_map(|(rows, masks)| (0..masks).map(move |mask| (rows, mask as u8)));
            let least = every.clone().map(|(rows, mask)| error(rows, mask)).fold(f64::INFINITY, f64::min);
            let found = every
                .filter(|(rows, mask)| glyph(*rows, *mask) == shown.glyph)
                .map(|(rows, mask)| error(rows, mask))
                .fold(f64::INFINITY, f64::min);
            assert!(found <= least + WORTH * samples.len() as f64 + 1e-6, "{found} against {least}");
        }
    }

    #[test]
    fn the_octants_that_fonts_lack_are_shown_by_their_inverses() {
        for lit in 0..8 {
            for (on, off) in [(255, 0), (0, 255)] {
                let samples: Vec<u8> = (0..24).map(|index| if index / 2 / 3 * 2 + index % 2 == lit { on } else { off }).collect();
                let shown = part(&samples, Mosaic::Octants);
                assert!(('\u{1CD00}'..='\u{1CDE5}').contains(&shown.glyph), "piece {lit}: {shown:?}");
                assert!([shown.front, shown.back] == [on, off] || [shown.front, shown.back] == [off, on], "piece {lit}: {shown:?}");
            }
        }
    }

    #[test]
    fn a_plain_cell_is_a_space_and_halves_stay_upright() {
        assert_eq!(part(&[90; 24], Mosaic::Octants), Parted { glyph: ' ', front: 90, back: 90 });
        assert_eq!(part(&[200, 10, 200, 10], Mosaic::Half).glyph, ' ');
        assert_eq!(part(&[200, 200, 10, 10], Mosaic::Half), Parted { glyph: '▀', front: 200, back: 10 });
        assert_eq!(part(&[200, 10, 200, 10], Mosaic::Quadrants), Parted { glyph: '▌', front: 200, back: 10 });
    }

    #[test]
    fn terminals_that_draw_them_get_them() {
        let of = |name| Mosaic::decided(Blocks::Auto, Some(name));
        assert_eq!(of("kitty(0.26.5)"), Mosaic::Sextants);
        assert_eq!(of("kitty(0.41.1)"), Mosaic::Octants);
        assert_eq!(of("XTerm(379)"), Mosaic::Quadrants);
        assert_eq!(of("VTE(7802)"), Mosaic::Octants);
        assert_eq!(of("WezTerm 20240203-110809"), Mosaic::Sextants);
        assert_eq!(Mosaic::decided(Blocks::Octants, None), Mosaic::Octants);
        assert_eq!(Mosaic::decided(Blocks::Auto, None), Mosaic::Quadrants);
    }
}

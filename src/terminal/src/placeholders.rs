//! Pictures inside tmux: kitty's Unicode placeholders (sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders).
//!
//! The picture goes to the terminal around tmux, wrapped so that tmux passes it through (`allow-passthrough`). What stands in the pane is text: a cell
//! holds U+10EEEE with two combining marks that name its row and its column of the picture, and its colour names the picture. tmux moves, scrolls, clips
//! and erases such cells like any others, so the picture does what its pane does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ratatui::{buffer::Buffer, layout::Rect, style::Color};

/// The character that stands for a piece of a picture.
pub(crate) const PLACEHOLDER: char = '\u{10EEEE}';

/// Bytes of base64 in one command: the protocol's limit, and far below tmux's for one sequence.
const CHUNK: usize = 4096;

/// The marks that stand for numbers from 0, as runs of first code point and length: the combining marks above (class 230) of Unicode 6.0 that have no
/// decomposition and that no normalisation merges with their letter (kitty's `rowcolumn-diacritics.txt`).
#[rustfmt::skip]
const RUNS: [(u32, u16); 86] = [
    (0x305, 1), (0x30D, 2), (0x310, 1), (0x312, 1), (0x33D, 3), (0x346, 1), (0x34A, 3), (0x350, 3), (0x357, 1), (0x35B, 1), (0x363, 13),
    (0x483, 5), (0x592, 4), (0x597, 3), (0x59C, 6), (0x5A8, 2), (0x5AB, 2), (0x5AF, 1), (0x5C4, 1), (0x610, 8), (0x657, 5), (0x65D, 2),
    (0x6D6, 7), (0x6DF, 4), (0x6E4, 1), (0x6E7, 2), (0x6EB, 2), (0x730, 1), (0x732, 2), (0x735, 2), (0x73A, 1), (0x73D, 1), (0x73F, 3),
    (0x743, 1), (0x745, 1), (0x747, 1), (0x749, 2), (0x7EB, 7), (0x7F3, 1), (0x816, 4), (0x81B, 9), (0x825, 3), (0x829, 5), (0x951, 1),
    (0x953, 2), (0xF82, 2), (0xF86, 2), (0x135D, 3), (0x17DD, 1), (0x193A, 1), (0x1A17, 1), (0x1A75, 8), (0x1B6B, 1), (0x1B6D, 7),
    (0x1CD0, 3), (0x1CDA, 2), (0x1CE0, 1), (0x1DC0, 2), (0x1DC3, 7), (0x1DCB, 2), (0x1DD1, 22), (0x1DFE, 1), (0x20D0, 2), (0x20D4, 4),
    (0x20DB, 2), (0x20E1, 1), (0x20E7, 1), (0x20E9, 1), (0x20F0, 1), (0x2CEF, 3), (0x2DE0, 32), (0xA66F, 1), (0xA67C, 2), (0xA6F0, 2),
    (0xA8E0, 18), (0xAAB0, 1), (0xAAB2, 2), (0xAAB7, 2), (0xAABE, 2), (0xAAC1, 1), (0xFE20, 7), (0x10A0F, 1), (0x10A38, 1), (0x1D185, 5),
    (0x1D1AA, 4), (0x1D242, 3),
];

/// Columns and rows that can be named.
pub(crate) const LARGEST: u16 = 297;

/// The mark of a number below [`LARGEST`].
#[must_use]
pub(crate) fn diacritic(number: u16) -> Option<char> {
    let mut left = u32::from(number);
    for (first, length) in RUNS {
        if left < u32::from(length) {
            return char::from_u32(first + left);
        }
        left -= u32::from(length);
    }
    None
}

/// The number of the picture `index` of a program: the high byte tells programs in one terminal apart, the low one becomes the colour of the cells. Only
/// these two are used, because tmux may not pass on 24-bit colours, and the sixteen first colours are written in a way of their own.
#[must_use]
pub const fn id(program: u8, index: u8) -> u32 {
    // The marks of numbers up to 107 are short and old, so that every terminal and every multiplexer takes them for marks.
    let high = 1 + program % 107;
    let low = 16 + index % 240;
    (high as u32) << 24 | low as u32
}

/// Writes the cells that show a picture.
pub fn fill(id: u32, rect: Rect, buffer: &mut Buffer) {
    let [high, _, _, low] = id.to_be_bytes();
    let Some(program) = diacritic(u16::from(high)) else { return };
    for position in rect.positions() {
        let marks = (diacritic(position.y - rect.y), diacritic(position.x - rect.x));
        if let (Some(cell), (Some(row), Some(column))) = (buffer.cell_mut(position), marks) {
            cell.reset();
            cell.set_symbol(String::from_iter([PLACEHOLDER, row, column, program]).as_str()).set_fg(Color::Indexed(low));
        }
    }
}

/// Wraps a sequence so that tmux hands it to the terminal around it.
pub(crate) fn through_tmux(sequence: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1bPtmux;");
    for byte in sequence {
        if *byte == 0x1b {
            out.push(0x1b);
        }
        out.push(*byte);
    }
    out.extend_from_slice(b"\x1b\\");
}

/// Sends a PNG under a number, to be shown by placeholders in a rectangle of this many cells.
pub fn send(id: u32, png: &[u8], (columns, rows): (u16, u16), out: &mut Vec<u8>) {
    let text = STANDARD.encode(png);
    let count = text.len().div_ceil(CHUNK);
    for (index, chunk) in text.as_bytes().chunks(CHUNK).enumerate() {
        let more = u8::from(index + 1 < count);
        let head = if index == 0 { format!("\x1b_Ga=t,f=100,i={id},q=2,m={more};") } else { format!("\x1b_Gm={more},q=2;") };
        through_tmux(&[head.as_bytes(), chunk, b"\x1b\\"].concat(), out);
    }
    through_tmux(format!("\x1b_Ga=p,U=1,i={id},c={columns},r={rows},q=2;\x1b\\").as_bytes(), out);
}

/// Frees a picture in the terminal's memory.
pub fn forget(id: u32, out: &mut Vec<u8>) {
    through_tmux(format!("\x1b_Ga=d,d=I,i={id},q=2;\x1b\\").as_bytes(), out);
}

/// The number under which the question is answered.
pub(crate) const QUESTION_ID: &str = "4212";

/// Asks the terminal around tmux whether it knows placeholders. A terminal older than they are does not know the key `U` and does not answer.
#[must_use]
pub fn question() -> String {
    let mut out = Vec::new();
    through_tmux(format!("\x1b_Gi={QUESTION_ID},s=1,v=1,a=q,U=1,t=d,f=24;AAAA\x1b\\").as_bytes(), &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_are_those_of_the_protocol() {
        // First, last and some between of rowcolumn-diacritics.txt, by their line.
        for (number, mark) in [(0, 0x305), (1, 0x30D), (4, 0x312), (29, 0x36F), (34, 0x487), (295, 0x1D243), (296, 0x1D244)] {
            assert_eq!(diacritic(number), char::from_u32(mark), "{number}");
        }
        assert_eq!(diacritic(LARGEST), None);
        let all: std::collections::BTreeSet<char> = (0..LARGEST).filter_map(diacritic).collect();
        assert_eq!(all.len(), usize::from(LARGEST));
    }

    #[test]
    fn a_cell_is_one_column_wide_and_names_row_column_and_picture() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
        fill(id(7, 3), Rect::new(2, 1, 4, 3), &mut buffer);
        let cell = &buffer[(5, 2)];
        assert_eq!(cell.symbol(), "\u{10EEEE}\u{30D}\u{310}\u{346}");
        assert_eq!(cell.fg, Color::Indexed(19));
        assert_eq!(unicode_width::UnicodeWidthStr::width(cell.symbol()), 1);
        assert_eq!(buffer[(1, 1)].symbol(), " ");
    }

    #[test]
    fn escapes_are_doubled_inside_the_wrapping() {
        let mut out = Vec::new();
        through_tmux(b"\x1b_Gq\x1b\\", &mut out);
        assert_eq!(out, b"\x1bPtmux;\x1b\x1b_Gq\x1b\x1b\\\x1b\\");
    }
}

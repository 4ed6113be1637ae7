//! DICOM files of at most a megabyte that claim gigabytes, grow when they are inflated, or nest without end.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const RLE: &str = "1.2.840.10008.1.2.5";

const UNDEFINED: u32 = u32::MAX;
/// More than a program may take.
const HUGE: u32 = 3_000_000_000;

/// How the elements of a data set are written.
#[derive(Clone, Copy)]
struct Syntax {
    uid: &'static str,
    explicit: bool,
    big: bool,
}

impl Syntax {
    fn of(uid: &'static str) -> Self {
        Self { uid, explicit: uid != IMPLICIT, big: uid == BIG_ENDIAN }
    }

    fn short(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn long(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// The header of an element.
    fn header(self, tag: (u16, u16), vr: &[u8; 2], length: u32) -> Vec<u8> {
        let mut out = [self.short(tag.0), self.short(tag.1)].concat();
        if !self.explicit || tag.0 == 0xFFFE {
            out.extend(self.long(length));
        } else if [b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC"].contains(&vr) {
            out.extend(vr);
            out.extend([0, 0]);
            out.extend(self.long(length));
        } else {
            out.extend(vr);
            out.extend(self.short(length as u16));
        }
        out
    }

    fn element(self, tag: (u16, u16), vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        [self.header(tag, vr, value.len() as u32), value.to_vec()].concat()
    }

    fn item(self, length: u32) -> Vec<u8> {
        self.header((0xFFFE, 0xE000), b"--", length)
    }

    /// A file with these elements, then those of a picture, then `pixels`.
    fn file(self, before: &[u8], side: u16, pixels: &[u8]) -> Vec<u8> {
        let number = |tag: u16, value: u16| self.element((0x28, tag), b"US", &self.short(value));
        let picture = [
            number(2, 1),
            self.element((0x28, 4), b"CS", b"MONOCHROME2 "),
            [number(0x10, side), number(0x11, side), number(0x100, 16), number(0x101, 16), number(0x102, 15), number(0x103, 0)].concat(),
        ];
        let body = [before.to_vec(), picture.concat(), pixels.to_vec()].concat();
        let body = if self.uid == DEFLATED { deflate(&[(&body, 1)]) } else { body };
        [meta(self.uid), body].concat()
    }
}

/// Preamble and file meta information.
fn meta(uid: &str) -> Vec<u8> {
    let syntax = Syntax::of(EXPLICIT);
    let uid = format!("{uid}{}", if uid.len().is_multiple_of(2) { "" } else { "\0" });
    let rest = [
        syntax.element((2, 1), b"OB", &[0, 1]),
        syntax.element((2, 2), b"UI", b"1.2.840.10008.5.1.4.1.1.1.1\0"),
        syntax.element((2, 3), b"UI", b"1.2.3.4\0"),
        syntax.element((2, 0x10), b"UI", uid.as_bytes()),
    ]
    .concat();
    [vec![0; 128], b"DICM".to_vec(), syntax.element((2, 0), b"UL", &(rest.len() as u32).to_le_bytes()), rest].concat()
}

/// Pieces, each so many times over, deflated.
fn deflate(pieces: &[(&[u8], usize)]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::new(9));
    for (piece, times) in pieces {
        let block = piece.repeat((1 << 16) / piece.len().max(1) + 1);
        let mut left = piece.len() * times;
        while left > 0 {
            let part = left.min(block.len() / piece.len() * piece.len());
            packer.write_all(&block[..part]).unwrap();
            left -= part;
        }
    }
    packer.finish().unwrap()
}

/// Sequences within sequences, each as long as what it holds or of a length that a mark would end.
fn nested(syntax: Syntax, depth: u32, lengths: bool) -> Vec<u8> {
    let of = |length: u32| {
        [
            syntax.header((8, 0x1140), b"SQ", if lengths { length + 8 } else { UNDEFINED }),
            syntax.item(if lengths { length } else { UNDEFINED }),
        ]
        .concat()
    };
    let each = of(0).len() as u32;
    (0..depth).flat_map(|at| of((depth - 1 - at) * each)).collect()
}

/// All of them.
pub fn dicom() -> Vec<Vec<u8>> {
    let pixels = |syntax: Syntax| syntax.element((0x7FE0, 0x10), b"OW", &[0; 40 * 40 * 2]);
    let mut files = Vec::new();
    for syntax in [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED].map(Syntax::of) {
        let mut add = |before: &[u8]| files.push(syntax.file(before, 40, &pixels(syntax)));
        add(&nested(syntax, 40_000, false));
        add(&nested(syntax, 40_000, true));
        // An element that claims gigabytes: by itself, in a sequence with a length, and in one of an unknown kind.
        let huge = syntax.header((8, 0x119), b"UC", HUGE);
        add(&huge);
        add(&[syntax.header((8, 0x1140), b"SQ", huge.len() as u32 + 16), syntax.item(huge.len() as u32 + 8), huge.clone(), vec![0; 8]]
            .concat());
        add(&[syntax.header((9, 0x1001), b"UN", UNDEFINED), syntax.item(UNDEFINED), huge].concat());
        files.push(syntax.file(&[], 65_535, &pixels(syntax)));
        let fragment = [syntax.header((0x7FE0, 0x10), b"OB", UNDEFINED), syntax.item(HUGE)].concat();
        files.push(syntax.file(&[], 40, &fragment));
    }
    let deflated = Syntax::of(DEFLATED);
    let body = |pieces: &[(&[u8], usize)]| [meta(DEFLATED), deflate(pieces)].concat();
    let many: u32 = 100_000_000;
    files.push(body(&[(&deflated.header((8, 0x119), b"UC", many), 1), (b"\\", many as usize)]));
    files.push(body(&[(&deflated.element((9, 0x1001), b"LO", b""), 12_000_000)]));
    files.push(body(&[(&nested(deflated, 1, false), 1_000_000)]));
    let rle = Syntax::of(RLE);
    let frame = [
        rle.header((0x7FE0, 0x10), b"OB", UNDEFINED),
        rle.item(0),
        rle.item(64),
        [2_u32, 64, 64].iter().flat_map(|n| n.to_le_bytes()).collect(),
        vec![0; 52],
        rle.header((0xFFFE, 0xE0DD), b"--", 0),
    ]
    .concat();
    files.push(rle.file(&[], 65_535, &frame));
    files.push(rle.file(&[], 10_000, &frame));
    files
}

//! That no element of a data set claims to be longer than what is left of the file: dicom-rs reserves and clears what a length says before it reads.
//!
//! Elements are walked over by their headers alone (DICOM PS3.5 section 7). What a sequence or an item holds is walked over as well; the fragments of compressed pixels are
//! stepped over. Nothing is judged but lengths.

/// Whether all lengths fit. Deflated data sets are not looked into.
pub fn fit(bytes: &[u8]) -> bool {
    walk(bytes, false)
}

/// Whether the header, up to the pixels, is in these first bytes of a file and its lengths fit.
pub fn header_fits(start: &[u8]) -> bool {
    walk(start, true)
}

fn walk(bytes: &[u8], header_only: bool) -> bool {
    let start = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 4 };
    let mut walk = Walk { bytes, at: start, syntax: Syntax { explicit: true, big: false } };
    let mut after_meta = Syntax { explicit: false, big: false };
    // File meta information is always explicit and little endian.
    while walk.peek_group() == Some(2) {
        let Some(element) = walk.element() else { return false };
        if element.tag == (2, 0x10) {
            let uid = walk.bytes.get(element.value..walk.at).unwrap_or_default();
            match uid.trim_ascii_end().strip_suffix(&[0]).unwrap_or(uid) {
                b"1.2.840.10008.1.2" => after_meta = Syntax { explicit: false, big: false },
                b"1.2.840.10008.1.2.2" => after_meta = Syntax { explicit: true, big: true },
                b"1.2.840.10008.1.2.1.99" => return true,
                _ => after_meta = Syntax { explicit: true, big: false },
            }
        }
    }
    walk.syntax = after_meta;
    while walk.at < bytes.len() {
        if header_only && walk.at_pixels() {
            return true;
        }
        if walk.element().is_none() {
            return false;
        }
    }
    !header_only
}

#[derive(Clone, Copy)]
struct Syntax {
    explicit: bool,
    big: bool,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    syntax: Syntax,
}

struct Element {
    tag: (u16, u16),
    /// Where its value begins.
    value: usize,
}

const UNDEFINED: u32 = u32::MAX;

/// Value representations with a length of two bytes; all others, unknown ones included, have four.
const SHORT: [&[u8; 2]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI",
    b"UL", b"US",
];

impl Walk<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let pair = self.bytes.get(at..at + 2)?.try_into().ok()?;
        Some(if self.syntax.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if self.syntax.big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }

    fn peek_group(&self) -> Option<u16> {
        self.short(self.at)
    }

    fn at_pixels(&self) -> bool {
        (self.short(self.at), self.short(self.at + 2)) == (Some(0x7FE0), Some(0x10))
    }

    /// Steps over the next element, or into it where it holds others. `None` where it does not fit.
    fn element(&mut self) -> Option<Element> {
        let tag = (self.short(self.at)?, self.short(self.at + 2)?);
        let delimiter = tag.0 == 0xFFFE;
        let vr: [u8; 2] = self.bytes.get(self.at + 4..self.at + 6)?.try_into().ok()?;
        let (length, value) = if !self.syntax.explicit || delimiter {
            (self.long(self.at + 4)?, self.at + 8)
        } else if SHORT.contains(&&vr) {
            (u32::from(self.short(self.at + 6)?), self.at + 8)
        } else {
            (self.long(self.at + 8)?, self.at + 12)
        };
        let pixels = tag == (0x7FE0, 0x10);
        // Whether what follows is walked over: of an implicit data set only what has no length is known to hold others.
        let holds_others = delimiter || length == UNDEFINED || (self.syntax.explicit && vr == *b"SQ");
        let end = value.checked_add(if length == UNDEFINED { 0 } else { length as usize }).filter(|end| *end <= self.bytes.len())?;
        self.at = if holds_others { value } else { end };
        if length == UNDEFINED && self.syntax.explicit && vr == *b"UN" {
            // What it holds is implicit (PS3.5 6.2.2), and where that ends is not known here: the rest is not judged.
            self.at = self.bytes.len();
        }
        if pixels && length == UNDEFINED {
            self.fragments()?;
        }
        Some(Element { tag, value })
    }

    /// Steps over the items of compressed pixels and their end.
    fn fragments(&mut self) -> Option<()> {
        loop {
            let (element, length) = (self.short(self.at + 2)?, self.long(self.at + 4)?);
            let fits = self.short(self.at)? == 0xFFFE && length != UNDEFINED;
            let end = (self.at + 8).checked_add(length as usize).filter(|end| fits && *end <= self.bytes.len())?;
            self.at = end;
            if element == 0xE0DD {
                return Some(());
            }
        }
    }
}

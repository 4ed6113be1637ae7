//! That a data set can be read safely: no element claims to be longer than what is left of the file, sequences do not nest without end, and a deflated data set
//! does not grow beyond what a film needs. dicom-rs reserves and clears what a length says before it reads, and calls itself for each nested sequence.
//!
//! Elements are walked over by their headers alone (DICOM PS3.5 section 7), in the same states as dicom-rs's own reader, so that both see the same elements.

use std::io::Read;

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use flate2::read::DeflateDecoder;

use super::super::MAX_PIXELS;

/// The deepest nesting of sequences and items; dicom-rs needs some kilobytes of stack for each.
const MOST_LEVELS: usize = 64;
/// The most elements and items; a film has some hundred.
const MOST_ELEMENTS: usize = 1 << 20;
/// The most bytes of a deflated data set beside its pixels.
const MOST_HEADER: u64 = 1 << 24;

/// Why a data set is not given to dicom-rs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// An element ends behind the end of the file.
    Short,
    /// Sequences within sequences, or more elements than any film has.
    Nested,
    /// Inflated it is larger than a film can be.
    Inflated,
}

/// How far a data set is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Up to the pixels, which must be among the bytes.
    Header,
    /// All of it; a film without pixels is whole too.
    Whole,
}

/// Whether the data set of a file can be read.
///
/// # Errors
/// Why not.
pub fn check(bytes: &[u8], extent: Extent) -> Result<(), Misfit> {
    let start = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 4 };
    // File meta information is always explicit and little endian, and ends where its group length says.
    let mut meta = Walk::new(bytes, start, Syntax { explicit: true, big: false });
    let group = meta.step()?.unwrap_or_default();
    let (Some(length), true) = (meta.long(group.start), group.tag == tags::FILE_META_INFORMATION_GROUP_LENGTH) else { return Ok(()) };
    let end = group.end.saturating_add(length as usize);
    let mut uid = String::new();
    while meta.at < end && !meta.over {
        let value = meta.step()?.unwrap_or_default();
        if value.tag == tags::TRANSFER_SYNTAX_UID {
            let text = String::from_utf8_lossy(bytes.get(value.start..value.end).unwrap_or_default());
            uid = text.trim_end_matches([' ', '\0']).to_owned();
        }
    }
    let syntax = match uid.as_str() {
        uids::IMPLICIT_VR_LITTLE_ENDIAN => Syntax { explicit: false, big: false },
        "1.2.840.10008.1.2.2" => Syntax { explicit: true, big: true },
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => return inflated(bytes.get(meta.at..).unwrap_or_default(), extent),
        _ => Syntax { explicit: true, big: false },
    };
    Walk::new(bytes, meta.at, syntax).to(extent).map(drop)
}

/// As [`check`] of a deflated data set, which never takes more memory than the largest film.
fn inflated(bytes: &[u8], extent: Extent) -> Result<(), Misfit> {
    // Three bytes a pixel are colour; gray has two.
    let most = MOST_HEADER + if extent == Extent::Whole { 3 * MAX_PIXELS } else { 0 };
    let mut whole = Vec::new();
    // What is wrong with the stream is said by the reader.
    let _ = DeflateDecoder::new(bytes).take(most + 1).read_to_end(&mut whole);
    let cut = whole.len() as u64 > most;
    if cut && extent == Extent::Whole {
        return Err(Misfit::Inflated);
    }
    let pixels = match Walk::new(&whole, 0, Syntax { explicit: true, big: false }).to(extent) {
        Err(Misfit::Short) if cut => return Err(Misfit::Inflated),
        walked => walked?,
    };
    if (whole.len() as u64).saturating_sub(pixels) > MOST_HEADER && extent == Extent::Whole { Err(Misfit::Inflated) } else { Ok(()) }
}

#[derive(Clone, Copy)]
struct Syntax {
    explicit: bool,
    big: bool,
}

/// A sequence or an item that is open.
struct Level {
    item: bool,
    /// Fragments of compressed pixels.
    pixels: bool,
    /// Where it ends, unless a mark says so.
    end: Option<usize>,
}

/// The value of an element.
#[derive(Clone, Copy)]
struct Value {
    tag: Tag,
    start: usize,
    end: usize,
}

impl Default for Value {
    fn default() -> Self {
        Self { tag: Tag(0, 0), start: 0, end: 0 }
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    syntax: Syntax,
    levels: Vec<Level>,
    /// The header of an item, or the end of its sequence, comes next.
    in_sequence: bool,
    elements: usize,
    /// dicom-rs stops here with an error of its own.
    over: bool,
}

const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const END_OF_ITEM: Tag = Tag(0xFFFE, 0xE00D);
const END_OF_SEQUENCE: Tag = Tag(0xFFFE, 0xE0DD);

impl<'a> Walk<'a> {
    const fn new(bytes: &'a [u8], at: usize, syntax: Syntax) -> Self {
        Self { bytes, at, syntax, levels: Vec::new(), in_sequence: false, elements: 0, over: false }
    }

    fn short(&self, at: usize) -> Option<u16> {
        let pair = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.syntax.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.syntax.big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }

    /// Walks on; the number of bytes of the pixels on the highest level.
    fn to(mut self, extent: Extent) -> Result<u64, Misfit> {
        let mut pixels = 0;
        while self.at < self.bytes.len() && !self.over {
            if extent == Extent::Header && self.levels.is_empty() && !self.in_sequence && self.at_pixels() {
                return Ok(0);
            }
            if let Some(value) = self.step()?
                && value.tag == tags::PIXEL_DATA
                && self.levels.is_empty()
            {
                pixels += (value.end - value.start) as u64;
            }
        }
        // A header that does not come to its pixels is not whole, unless dicom-rs itself ends before them.
        if extent == Extent::Header && !self.over { Err(Misfit::Short) } else { Ok(pixels) }
    }

    fn at_pixels(&self) -> bool {
        self.short(self.at).zip(self.short(self.at + 2)).is_some_and(|(group, element)| Tag(group, element) >= tags::PIXEL_DATA)
    }

    /// Steps over the next element, or into it where it holds others; the value of one that holds none.
    fn step(&mut self) -> Result<Option<Value>, Misfit> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS || self.levels.len() > MOST_LEVELS {
            return Err(Misfit::Nested);
        }
        let value = if self.in_sequence {
            self.item()?;
            None
        } else if let Some(Level { item: true, pixels: true, end, .. }) = self.levels.last() {
            // dicom-rs refuses fragments without a length.
            match *end {
                Some(end) => self.at = end,
                None => self.over = true,
            }
            None
        } else {
            self.element()?
        };
        self.close();
        Ok(value)
    }

    /// The header of an item, or a mark.
    fn item(&mut self) -> Result<(), Misfit> {
        let header = self.short(self.at).zip(self.short(self.at + 2)).zip(self.long(self.at + 4));
        let ((group, element), length) = header.ok_or(Misfit::Short)?;
        self.at += 8;
        match Tag(group, element) {
            ITEM => {
                let pixels = self.levels.last().is_some_and(|level| level.pixels);
                self.open(true, pixels, length)
            }
            END_OF_ITEM => {
                self.levels.pop();
                Ok(())
            }
            END_OF_SEQUENCE => {
                self.levels.pop();
                self.in_sequence = false;
                Ok(())
            }
            _ => {
                self.over = true;
                Ok(())
            }
        }
    }

    fn element(&mut self) -> Result<Option<Value>, Misfit> {
        let Some((group, element)) = self.short(self.at).zip(self.short(self.at + 2)) else {
            // dicom-rs takes this for the end.
            self.over = true;
            self.at = self.bytes.len();
            return Ok(None);
        };
        let tag = Tag(group, element);
        let (vr, length) = self.header(tag).ok_or(Misfit::Short)?;
        if tag == END_OF_ITEM {
            self.in_sequence = self.levels.pop().is_some();
            return Ok(None);
        }
        if vr == VR::SQ || length == UNDEFINED {
            self.open(false, vr != VR::SQ && tag == tags::PIXEL_DATA, length)?;
            return Ok(None);
        }
        let (start, end) = (self.at, self.end(length)?);
        self.at = end;
        Ok(Some(Value { tag, start, end }))
    }

    /// Kind and length of the element here, whose value comes next.
    fn header(&mut self, tag: Tag) -> Option<(VR, u32)> {
        let (vr, length, header) = if tag.0 == 0xFFFE {
            (VR::UN, self.long(self.at + 4)?, 8)
        } else if !self.syntax.explicit {
            let known = StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed());
            (known, self.long(self.at + 4)?, 8)
        } else {
            let vr = self.bytes.get(self.at + 4..self.at + 6)?;
            let vr = VR::from_binary([vr[0], vr[1]]).unwrap_or(VR::UN);
            if has_short_length(vr) { (vr, u32::from(self.short(self.at + 6)?), 8) } else { (vr, self.long(self.at + 8)?, 12) }
        };
        self.at += header;
        (self.at <= self.bytes.len()).then_some((vr, length))
    }

    fn end(&self, length: u32) -> Result<usize, Misfit> {
        self.at.checked_add(length as usize).filter(|end| *end <= self.bytes.len()).ok_or(Misfit::Short)
    }

    /// Goes into a sequence or an item.
    fn open(&mut self, item: bool, pixels: bool, length: u32) -> Result<(), Misfit> {
        let end = if length == UNDEFINED { None } else { Some(self.end(length)?) };
        self.levels.push(Level { item, pixels, end });
        self.in_sequence = !item;
        Ok(())
    }

    /// Leaves what ends here by its length.
    fn close(&mut self) {
        while let Some(&Level { item, end: Some(end), .. }) = self.levels.last() {
            if end > self.at {
                return;
            }
            self.over |= end < self.at;
            self.levels.pop();
            self.in_sequence = item;
        }
    }
}

/// Whether the length of a value of this kind has two bytes; all others, unknown ones included, have four.
const fn has_short_length(vr: VR) -> bool {
    use VR::{AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US};
    matches!(vr, AE | AS | AT | CS | DA | DS | DT | FD | FL | IS | LO | LT | PN | SH | SL | SS | ST | TM | UI | UL | US)
}

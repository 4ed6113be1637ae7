//! From stored values to 16 bits: modality, then values of interest (VOI), then polarity, each once (DICOM PS3.3 C.11.1, C.11.2, PS3.4 N.2).
//!
//! This is the one place where a DICOM value becomes a brightness; models and screens get the same film.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, InMemDicomObject};

use super::header::{Header, text};

/// A table with its first input.
struct Table {
    first: i32,
    entries: Vec<u16>,
    /// The greatest output that its bits allow.
    top: f64,
}

impl Table {
    /// The entry of a value; inputs beyond the ends have the entry of that end.
    fn at(&self, value: f64) -> f64 {
        let place = (value.round() - f64::from(self.first)).clamp(0.0, (self.entries.len() - 1) as f64);
        f64::from(self.entries[place as usize])
    }

    /// The table of a sequence's first item, `None` where there is none.
    fn of(object: &InMemDicomObject, sequence: Tag, signed_input: bool) -> Result<Option<Self>, String> {
        let Some(item) = object.get(sequence).and_then(|element| element.items()).and_then(<[_]>::first) else { return Ok(None) };
        let numbers = |tag: Tag| item.get(tag).and_then(|element| element.to_multi_int::<i64>().ok());
        let descriptor = numbers(tags::LUT_DESCRIPTOR).unwrap_or_default();
        let [count, first, bits] = descriptor[..] else { return Err("a lookup table has no descriptor of three numbers".to_owned()) };
        // The descriptor is read as unsigned where its VR is not known, and 0 stands for 65536.
        let count = match count & 0xFFFF {
            0 => 1 << 16,
            count => usize::try_from(count).unwrap_or(0),
        };
        let first = if signed_input { i32::from((first & 0xFFFF) as u16 as i16) } else { (first & 0xFFFF) as i32 };
        let mut entries: Vec<u16> = numbers(tags::LUT_DATA).unwrap_or_default().into_iter().map(|value| (value & 0xFFFF) as u16).collect();
        if bits <= 8 && entries.len() < count && entries.len() >= count.div_ceil(2) {
            // Two entries of 8 bits in a word.
            entries = entries.into_iter().flat_map(u16::to_le_bytes).map(u16::from).collect();
        }
        if entries.len() < count || !(1..=16).contains(&bits) {
            return Err(format!("a lookup table has {} of {count} entries of {bits} bits", entries.len()));
        }
        entries.truncate(count);
        Ok(Some(Self { first, entries, top: f64::from((1_u32 << bits) - 1) }))
    }
}

enum Modality {
    Linear { slope: f64, intercept: f64 },
    Table(Table),
}

enum Voi {
    /// The range of everything that can be stored, black to white.
    Range {
        low: f64,
        high: f64,
    },
    Linear {
        centre: f64,
        width: f64,
    },
    LinearExact {
        centre: f64,
        width: f64,
    },
    Sigmoid {
        centre: f64,
        width: f64,
    },
    Table(Table),
}

/// Everything between a stored value and 16 bits.
pub(crate) struct Presentation {
    modality: Modality,
    voi: Voi,
    inverted: bool,
    range: (i32, i32),
}

impl Presentation {
    /// What the data set says; without its VOI where that is to be ignored.
    ///
    /// # Errors
    /// A table that does not hold what its descriptor says, in words that fit into parentheses.
    pub fn of(object: &DefaultDicomObject, header: &Header, ignore_voi: bool) -> Result<Self, String> {
        let range = header.stored_range();
        if header.samples() > 1 {
            let voi = Voi::Range { low: 0.0, high: f64::from(range.1) };
            return Ok(Self { modality: Modality::Linear { slope: 1.0, intercept: 0.0 }, voi, inverted: false, range });
        }
        let number = |tag: Tag| object.get(tag).and_then(|element| element.to_float64().ok()).filter(|value| value.is_finite());
        let modality = match Table::of(object, tags::MODALITY_LUT_SEQUENCE, header.signed)? {
            Some(table) => Modality::Table(table),
            None => {
                let slope = number(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0);
                Modality::Linear { slope, intercept: number(tags::RESCALE_INTERCEPT).unwrap_or(0.0) }
            }
        };
        let ends = modality.ends(range);
        let voi = (!ignore_voi).then(|| voi(object, ends)).transpose()?.flatten();
        let voi = voi.unwrap_or(Voi::Range { low: ends.0, high: ends.1 });
        Ok(Self { modality, voi, inverted: header.inverted, range })
    }

    /// The brightness of one stored value, 0 to 65535.
    fn value(&self, stored: i32) -> u16 {
        let shown = self.voi.share(self.modality.value(stored));
        let shown = if self.inverted { 1.0 - shown } else { shown };
        // The cast is bounded by the clamp, and a NaN becomes 0.
        (shown.clamp(0.0, 1.0) * 65535.0).round() as u16
    }

    /// The film's pixels; `stored` has 16 bits of two's complement for signed values.
    pub fn apply(&self, stored: Vec<i32>) -> Vec<u16> {
        let (low, high) = self.range;
        let table: Vec<u16> = (low..=high).map(|value| self.value(value)).collect();
        stored.into_iter().map(|value| table[(value.clamp(low, high) - low) as usize]).collect()
    }
}

impl Modality {
    fn value(&self, stored: i32) -> f64 {
        match self {
            Self::Linear { slope, intercept } => f64::from(stored) * slope + intercept,
            Self::Table(table) => table.at(f64::from(stored)),
        }
    }

    /// The least and the greatest output.
    fn ends(&self, (low, high): (i32, i32)) -> (f64, f64) {
        match self {
            Self::Linear { .. } => {
                let (a, b) = (self.value(low), self.value(high));
                (a.min(b), a.max(b))
            }
            Self::Table(table) => (0.0, table.top),
        }
    }
}

/// The table or the first window of the data set. A window without a width is as if there was none.
fn voi(object: &InMemDicomObject, ends: (f64, f64)) -> Result<Option<Voi>, String> {
    if let Some(table) = Table::of(object, tags::VOILUT_SEQUENCE, ends.0 < 0.0)? {
        return Ok(Some(Voi::Table(table)));
    }
    let first = |tag: Tag| object.get(tag)?.to_multi_float64().ok()?.first().copied().filter(|value| value.is_finite());
    let Some((centre, width)) = first(tags::WINDOW_CENTER).zip(first(tags::WINDOW_WIDTH)) else { return Ok(None) };
    let function = text(object, tags::VOILUT_FUNCTION).unwrap_or_default().to_ascii_uppercase();
    Ok(match function.as_str() {
        "SIGMOID" if width > 0.0 => Some(Voi::Sigmoid { centre, width }),
        "LINEAR_EXACT" if width > 0.0 => Some(Voi::LinearExact { centre, width }),
        "SIGMOID" | "LINEAR_EXACT" => None,
        _ => (width >= 1.0).then_some(Voi::Linear { centre, width }),
    })
}

impl Voi {
    /// The share of white, 0 to 1, of a value of the modality.
    fn share(&self, value: f64) -> f64 {
        match self {
            Self::Range { low, high } => (value - low) / (high - low),
            Self::Linear { centre, width } => {
                let (centre, width) = (centre - 0.5, width - 1.0);
                if value <= centre - width / 2.0 {
                    0.0
                } else if value > centre + width / 2.0 {
                    1.0
                } else {
                    (value - centre) / width + 0.5
                }
            }
            Self::LinearExact { centre, width } => (value - centre) / width + 0.5,
            Self::Sigmoid { centre, width } => 1.0 / (1.0 + (-4.0 * (value - centre) / width).exp()),
            Self::Table(table) => table.at(value) / table.top,
        }
    }
}

//! Numbers and texts in few bytes, for files that only this program reads.
//!
//! A file ends with its own length, so that one cut short is told from a whole one; every reader checks its bounds.

/// Gathers values.
#[derive(Debug, Default)]
pub(crate) struct Packer(Vec<u8>);

impl Packer {
    pub(crate) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn bool(&mut self, value: bool) {
        self.byte(value.into());
    }

    /// Seven bits a byte, the lowest first (LEB128).
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8);
    }

    pub fn bytes(&mut self, values: &[u8]) {
        self.0.extend_from_slice(values);
    }

    pub fn text(&mut self, value: &str) {
        self.number(value.len() as u64);
        self.bytes(value.as_bytes());
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The whole, with its length at the end.
    pub fn finish(mut self) -> Vec<u8> {
        let length = self.0.len() as u64;
        self.bytes(&length.to_le_bytes());
        self.0
    }
}

/// Reads values in the order in which they were gathered; `None` where the bytes are not what they should be.
#[derive(Debug)]
pub(crate) struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    /// From what [`Packer::finish`] gave.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let (rest, length) = bytes.split_last_chunk::<8>()?;
        (u64::from_le_bytes(*length) == rest.len() as u64).then_some(Self(rest))
    }

    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(found)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    pub fn bool(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// A number of things of at least so many bytes each: never more than there are bytes for, so that it is safe to make room for them.
    pub fn count(&mut self, least: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count.checked_mul(least)? <= self.0.len()).then_some(count)
    }

    /// Whether everything was read.
    pub(crate) fn is_done(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_a_cut_file_is_refused() {
        let mut out = Packer::default();
        let numbers = [0, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        numbers.iter().for_each(|number| out.number(*number));
        out.text("Grüße");
        out.bool(true);
        let bytes = out.finish();
        let mut input = Unpacker::open(&bytes).unwrap();
        assert_eq!(numbers.map(|_| input.number().unwrap()), numbers);
        assert_eq!((input.text(), input.bool(), input.is_done(), input.byte()), (Some("Grüße"), Some(true), true, None));
        for length in 0..bytes.len() {
            assert!(Unpacker::open(&bytes[..length]).is_none_or(|input| input.0.len() < length), "{length}");
        }
        assert!(Unpacker::open(&bytes[..bytes.len() - 1]).is_none());
    }
}

//! RLE Lossless (DICOM PS3.5 annex G): a header of segments, each packed as in PackBits, the high bytes of all samples before the low ones.

/// The segments unpacked and put together as little-endian samples, colour by pixel. `None` where the frame is not what its header says.
///
/// `planes` is samples a pixel times bytes a sample, `pixels` the number of pixels.
pub fn decode(frame: &[u8], samples: usize, bytes: usize, pixels: usize) -> Option<Vec<u8>> {
    let word = |at: usize| Some(u32::from_le_bytes(frame.get(at * 4..at * 4 + 4)?.try_into().ok()?) as usize);
    let planes = samples * bytes;
    if word(0)? != planes || planes > 15 {
        return None;
    }
    let mut out = vec![0; planes * pixels];
    for plane in 0..planes {
        let start = word(plane + 1)?;
        let end = if plane + 1 < planes { word(plane + 2)? } else { frame.len() };
        let values = unpack(frame.get(start..end)?, pixels)?;
        // The first segment of a sample is its highest byte.
        let (sample, byte) = (plane / bytes, bytes - 1 - plane % bytes);
        for (pixel, value) in values.into_iter().enumerate() {
            out[(pixel * samples + sample) * bytes + byte] = value;
        }
    }
    Some(out)
}

fn unpack(mut packed: &[u8], wanted: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while out.len() < wanted {
        let (count, rest) = packed.split_first()?;
        match *count as i8 {
            -128 => packed = rest,
            count if count < 0 => {
                let (value, rest) = rest.split_first()?;
                out.resize(out.len() + 1 + usize::from(count.unsigned_abs()), *value);
                packed = rest;
            }
            count => {
                let (values, rest) = rest.split_at_checked(count as usize + 1)?;
                out.extend_from_slice(values);
                packed = rest;
            }
        }
    }
    out.truncate(wanted);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals_are_unpacked_and_bytes_ordered() {
        let mut frame = vec![0; 64];
        frame[0] = 2;
        frame[4] = 64;
        frame[8] = 67;
        // High bytes: a run of three; low bytes: three as they are.
        frame.extend([0xFE, 1, 0x80]);
        frame.extend([2, 7, 8, 9]);
        assert_eq!(decode(&frame, 1, 2, 3).unwrap(), [7, 1, 8, 1, 9, 1]);
        assert_eq!(decode(&frame, 1, 2, 4), None, "too few");
        assert_eq!(decode(&frame[..40], 1, 2, 3), None);
        assert_eq!(decode(&[], 1, 1, 1), None);
    }
}

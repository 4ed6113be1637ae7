//! Samples of other kinds as the 16 bits of a film.

pub(super) type Size = (u32, u32);

pub(super) fn widen(value: u8) -> u16 {
    u16::from(value) * 257
}

/// ITU-R 601 luma in Pillow's 16-bit fixed point: 0.299, 0.587, 0.114, rounded to the nearest.
fn luma(r: u32, g: u32, b: u32) -> u32 {
    (r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16
}

pub(super) fn luma8(samples: &[u8], channels: usize) -> Vec<u16> {
    let mix = |p: &[u8]| luma(u32::from(p[0]), u32::from(p[1]), u32::from(p[2])) as u16 * 257;
    samples.chunks_exact(channels).map(mix).collect()
}

pub(super) fn luma16(samples: &[u16], channels: usize) -> Vec<u16> {
    let mix = |p: &[u16]| luma(u32::from(p[0]), u32::from(p[1]), u32::from(p[2])) as u16;
    samples.chunks_exact(channels).map(mix).collect()
}

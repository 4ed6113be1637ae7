//! The pixel spacing of an imported film, in a text of its PNG. PNG's own field for sizes (pHYs) is about paper and screens: most programs write one, and none of those holds at a
//! detector.

use std::io::{BufRead, Seek};

use super::dicom::{Spacing, SpacingSource};

/// Name of the text; its value is as DICOM writes it, millimetres from row to row and from column to column: `0.15\0.14`.
const NAME: &str = "Imager Pixel Spacing";

/// The first bytes of a PNG.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The bytes of a PNG with 16 bits a pixel that holds the spacing, where there is one, and no other metadata.
///
/// # Errors
/// In words, sizes that PNG does not have.
pub fn png(film: &super::Film, spacing: Option<Spacing>) -> Result<Vec<u8>, String> {
    let samples: Vec<u8> = film.pixels.iter().flat_map(|value| value.to_be_bytes()).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, film.width, film.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Sixteen);
    encoder.set_compression(png::Compression::Fast);
    let written = (|| {
        if let Some(Spacing { x, y, .. }) = spacing {
            encoder.add_text_chunk(NAME.to_owned(), format!("{y}\\{x}"))?;
        }
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&samples)?;
        writer.finish()
    })();
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The spacing that a PNG holds.
pub(super) fn of_png(start: &[u8], reader: impl BufRead + Seek) -> Option<Spacing> {
    if !start.starts_with(SIGNATURE) {
        return None;
    }
    let reader = png::Decoder::new(reader).read_info().ok()?;
    let text = reader.info().uncompressed_latin1_text.iter().find(|text| text.keyword == NAME)?;
    let (y, x) = text.text.split_once('\\')?;
    let usable = |text: &str| text.parse::<f64>().ok().filter(|value| super::dicom::is_usable_spacing(*value));
    Some(Spacing { x: usable(x)?, y: usable(y)?, source: SpacingSource::Detector })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_spacing_is_read_from_the_png_that_holds_it_and_from_no_other() {
        let film = crate::Film::new(40, 33, (0..40 * 33).map(|value| value * 7).collect()).unwrap();
        let spacing = Spacing { x: 0.1436, y: 0.15, source: SpacingSource::Detector };
        let (with, without) = (png(&film, Some(spacing)).unwrap(), png(&film, None).unwrap());
        let read = |bytes: &[u8]| of_png(bytes, Cursor::new(bytes));
        assert_eq!((read(&with), read(&without)), (Some(spacing), None));
        for bytes in [with, without] {
            let pixels = image::load_from_memory(&bytes).unwrap().into_luma16();
            assert_eq!((pixels.width(), pixels.height()), (40, 33));
            assert!(pixels.pixels().zip(&film.pixels).all(|(pixel, value)| pixel.0[0] == *value));
        }
        // The size that a drawing program wrote for paper.
        let mut paper = Vec::new();
        let mut encoder = png::Encoder::new(&mut paper, 1, 1);
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 2835, yppu: 2835, unit: png::Unit::Meter }));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&[0]).unwrap();
        assert_eq!(read(&paper), None);
        let odd = png(&film, Some(Spacing { x: f64::NAN, ..spacing })).unwrap();
        assert_eq!((read(&odd), read(b"\x89PNG\r\n\x1a\n")), (None, None));
    }
}

//! Made-up films and files that only pretend to be films.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};

/// A gray film with a lighter oval in the middle; its limb cannot be told from it.
///
/// # Panics
/// When it cannot be written.
pub fn write(path: &Path, width: u32, height: u32) {
    let centre = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let film = GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = ((f64::from(x) - centre.0) / centre.0, (f64::from(y) - centre.1) / centre.1);
        let inside = (1.0 - dx.hypot(dy)).max(0.0);
        Luma([(30.0 + 180.0 * inside) as u8])
    });
    film.save(path).expect("the film is written");
}

/// A film with so many times fewer pixels a side, each the mean of those that it stands for, as a PNG.
///
/// # Panics
/// When it cannot be read or written.
pub fn reduce(from: &Path, to: &Path, factor: u32) {
    let film = image::open(from).expect("the film is read").into_luma8();
    let (width, height) = (film.width() / factor, film.height() / factor);
    image::imageops::resize(&film, width, height, image::imageops::FilterType::Triangle).save(to).expect("the film is written");
}

/// A PNG that says it is this large and holds nothing more than its header.
///
/// # Panics
/// When it cannot be written.
pub fn write_header_only(path: &Path, width: u32, height: u32) {
    let mut header = Vec::from(*b"IHDR");
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut file = Vec::from(*b"\x89PNG\r\n\x1a\n\0\0\0\x0d");
    file.extend(&header);
    file.extend(crc(&header).to_be_bytes());
    std::fs::write(path, file).expect("the file is written");
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// One bad file of each kind, with the words that its sentence must hold.
///
/// # Panics
/// When they cannot be written.
#[must_use]
pub fn bad(folder: &Path) -> Vec<(PathBuf, Vec<&'static str>)> {
    let path = |name: &str| folder.join(name);
    std::fs::write(path("empty-LH.png"), b"").expect("written");
    std::fs::write(path("text-LH.jpg"), b"this is no picture\n").expect("written");
    write(&path("dot-LH.png"), 1, 1);
    write_header_only(&path("huge-LH.png"), 60_000, 60_000);
    write(&path("whole-LH.jpg"), 400, 500);
    let whole = std::fs::read(path("whole-LH.jpg")).expect("read");
    std::fs::write(path("cut-LH.jpg"), &whole[..whole.len() / 2]).expect("written");
    std::fs::remove_file(path("whole-LH.jpg")).expect("removed");
    vec![
        (path("cut-LH.jpg"), vec!["cut short"]),
        (path("dot-LH.png"), vec!["1 x 1", "32"]),
        (path("empty-LH.png"), vec!["empty"]),
        (path("huge-LH.png"), vec!["60000 x 60000", "100 megapixels"]),
        (path("text-LH.jpg"), vec!["not a JPEG"]),
        (path("missing-LH.jpg"), vec!["cannot be read"]),
    ]
}

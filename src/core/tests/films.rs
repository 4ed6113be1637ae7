//! Films as an independent reader (Pillow) sees them, and every kind of file that is not a film.

#![allow(clippy::unwrap_used)]

mod stored;

use std::fs;
use std::path::{Path, PathBuf};

use svh_core::{Film, FilmError};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/films")
}

fn pictures() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(fixtures()).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
        found.push((entry.file_name().into_string().unwrap(), entry.path()));
    }
    found.sort();
    found
}

fn open(name: &str, bytes: &[u8]) -> Result<Film, FilmError> {
    Film::decode(Path::new(name), bytes)
}

#[test]
fn lossless_pictures_equal_pillow_bit_for_bit_and_jpegs_within_rounding() {
    let pictures = pictures();
    assert!(pictures.len() >= 30);
    for (name, path) in pictures {
        let film = Film::open_stored(&path).unwrap_or_else(|e| panic!("{e}"));
        // Two inverse transforms may round differently: one gray level a channel; upsampled colour adds to it.
        let allowed = match name.as_str() {
            n if n.starts_with("colour-420") => 6 * 257,
            n if n.ends_with(".jpg") => 2 * 257,
            _ => 0,
        };
        let found = stored::largest_difference(&film, &stored::expected(&fixtures(), &name).unwrap());
        assert!(found <= allowed, "{name}: {found}");
    }
}

#[test]
fn the_header_alone_gives_the_size_of_the_upright_film() {
    for (name, path) in pictures() {
        let film = Film::open(&path).unwrap();
        assert_eq!(Film::size(&path).unwrap(), (film.width, film.height), "{name}");
    }
    assert_eq!(Film::size(&fixtures().join("orientation-6.jpg")).unwrap(), (36, 48));
}

#[test]
fn every_cut_of_every_picture_is_an_error_and_never_a_half_gray_film() {
    for (name, path) in pictures() {
        let whole = fs::read(&path).unwrap();
        let film = Film::open(&path).unwrap();
        for end in 0..whole.len() {
            match open(&name, &whole[..end]) {
                // What is cut may be a trailer without pixels; then the film must be whole.
                Ok(read) => assert!(read == film && end > whole.len() / 2, "{name} cut at {end} of {}", whole.len()),
                Err(error) => assert!(error.to_string().contains(&name), "{error}"),
            }
        }
    }
}

#[test]
fn a_truncated_jpeg_is_named_even_with_zeros_behind_the_cut() {
    let whole = fs::read(fixtures().join("gray.jpg")).unwrap();
    let cut = &whole[..whole.len() - 120];
    let truncated = |bytes: &[u8]| matches!(open("UAB001-LH.jpg", bytes), Err(FilmError::Truncated { .. }));
    assert!(truncated(cut));
    assert!(truncated(&[cut, &[0; 400]].concat()));
    let message = open("UAB001-LH.jpg", cut).unwrap_err().to_string();
    assert!(
        message.ends_with("UAB001-LH.jpg is cut short: the picture ends before its last row; copy it again from its source"),
        "{message}"
    );
}

#[test]
fn a_flipped_bit_anywhere_never_panics() {
    for (name, path) in pictures() {
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            drop(open(&name, &bytes));
        }
    }
}

#[test]
fn an_empty_file_a_text_file_and_a_folder_are_told_apart() {
    assert!(matches!(open("a.jpg", b""), Err(FilmError::Empty { .. })));
    assert!(matches!(open("a.jpg", b"This is a note, not a radiograph.\n"), Err(FilmError::NotAPicture { .. })));
    assert!(matches!(open("a.jpg", b"GIF89a\x20\x00\x20\x00\x00\x00\x00;"), Err(FilmError::NotAPicture { .. })));
    assert!(matches!(Film::open(&fixtures()), Err(FilmError::Unreadable { .. })));
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.jpg");
    fs::write(&cut, &fs::read(fixtures().join("gray.jpg")).unwrap()[..50]).unwrap();
    assert!(matches!(Film::open(&cut), Err(FilmError::Truncated { .. })));
    assert!(matches!(Film::size(&cut), Err(FilmError::Truncated { .. })));
    assert!(matches!(Film::open(Path::new("no/such/film.png")), Err(FilmError::Unreadable { .. })));
}

#[test]
fn a_film_is_known_by_its_content_and_not_by_its_name() {
    let png = fs::read(fixtures().join("gray16.png")).unwrap();
    assert_eq!(open("UAB001-LH.jpg", &png).unwrap(), stored::expected(&fixtures(), "gray16.png").unwrap());
}

#[test]
fn too_small_and_too_large_are_refused_from_the_header() {
    let png = fs::read(fixtures().join("gray.png")).unwrap();
    let with_size = |width: u32, height: u32| {
        let mut bytes = png.clone();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        open("a.png", &bytes)
    };
    assert!(matches!(with_size(1, 1), Err(FilmError::TooSmall { width: 1, height: 1, .. })));
    assert!(matches!(with_size(31, 400), Err(FilmError::TooSmall { .. })));
    assert!(matches!(with_size(60_000, 60_000), Err(FilmError::TooLarge { .. })));
    // The header may be all there is.
    let mut header = png[..33].to_vec();
    header[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    assert!(matches!(open("a.png", &header), Err(FilmError::TooLarge { .. })));
    let mut jpeg = fs::read(fixtures().join("gray.jpg")).unwrap();
    let sof = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[sof + 5..sof + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    assert!(matches!(open("a.jpg", &jpeg), Err(FilmError::TooLarge { width: 60_000, height: 60_000, .. })));
}

#[test]
fn a_12_bit_jpeg_is_refused_by_name() {
    let mut jpeg = fs::read(fixtures().join("gray.jpg")).unwrap();
    let sof = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[sof + 4] = 12;
    let error = open("a.jpg", &jpeg).unwrap_err();
    assert!(matches!(error, FilmError::Unsupported { .. }));
    assert!(error.to_string().contains("12 bits"), "{error}");
}

/// The CRC of PNG chunks (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 });
    !bytes.iter().fold(!0, step)
}

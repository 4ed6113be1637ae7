//! TIFF as scanners write it, against what tifffile put into the files.

#![allow(clippy::unwrap_used)]

mod stored;

use std::fs;
use std::path::{Path, PathBuf};

use svh_core::{Film, FilmError};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiff")
}

fn files() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

#[test]
fn every_kind_gives_the_values_that_were_written() {
    let mut read = 0;
    for path in files() {
        let Some(expected) = stored::expected(&fixtures(), path.file_name().unwrap().to_str().unwrap()) else { continue };
        let film = Film::open_stored(&path).unwrap_or_else(|error| panic!("{error}"));
        let worst = stored::largest_difference(&film, &expected);
        // Halves are rounded to one side or the other.
        assert!(worst <= 1, "{}: {worst}", path.display());
        assert_eq!(Film::size(&path).unwrap(), (film.width, film.height));
        read += 1;
    }
    assert!(read >= 24, "{read}");
}

#[test]
fn two_films_in_one_file_are_refused_with_their_number() {
    let path = fixtures().join("refused-two-films.tif");
    for error in [Film::open(&path).unwrap_err(), Film::size(&path).unwrap_err()] {
        assert!(matches!(error, FilmError::SeveralPages { pages: 2, .. }), "{error}");
        assert!(error.to_string().contains("has 2 pages that are films"), "{error}");
    }
}

#[test]
fn a_cut_or_a_flipped_bit_never_panics_nor_gives_another_size() {
    for path in files() {
        let whole = fs::read(&path).unwrap();
        for end in (0..whole.len()).step_by(41) {
            drop(Film::decode(&path, &whole[..end]));
        }
        for at in 0..whole.len().min(150) {
            for at in [at, whole.len() - 1 - at] {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << (at % 8);
                drop(Film::decode(&path, &bytes));
            }
        }
    }
}

/// A ramp as a 16-bit PNG or TIFF whose values fill a part of their type.
fn write(path: &Path, of: impl Fn(u32) -> u16) {
    let values: Vec<u16> = (0..64 * 64).map(of).collect();
    image::ImageBuffer::<image::Luma<u16>, _>::from_raw(64, 64, values).unwrap().save(path).unwrap();
}

#[test]
fn intensity_is_taken_from_what_is_there_in_png_and_tiff_alike() {
    let folder = tempfile::tempdir().unwrap();
    let step = |at: u32, top: u32| at * top / 4095;
    for ending in ["png", "tif"] {
        let path = folder.path().join(format!("film-LH.{ending}"));
        write(&path, |at| step(at, 65535) as u16);
        let whole = Film::open(&path).unwrap();
        assert_eq!(whole, Film::open_stored(&path).unwrap(), "a film that fills its type is as it is stored");
        for (low, top) in [(0, 511), (0, 1023), (0, 4095), (0, 16383), (0, 700), (32768, 1023), (64512, 1023), (1000, 4095)] {
            write(&path, |at| (low + step(at, top)) as u16);
            let film = Film::open(&path).unwrap();
            let worst = film.pixels.iter().zip(&whole.pixels).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(u32::from(worst) <= 65535 / top + 200, "{ending} from {low} by {top}: {worst}");
            assert_eq!(u32::from(Film::open_stored(&path).unwrap().pixels[4095]), low + top, "as stored");
        }
    }
}

#[test]
fn films_of_8_bits_are_as_they_are_however_dark() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["png", "bmp", "tif", "jpg"] {
        let path = folder.path().join(format!("film-LH.{ending}"));
        let values: Vec<u8> = (0..64 * 64).map(|at: u32| (at / 64) as u8 / 4).collect();
        image::GrayImage::from_raw(64, 64, values.clone()).unwrap().save(&path).unwrap();
        let film = Film::open(&path).unwrap();
        assert_eq!(film, Film::open_stored(&path).unwrap());
        let worst = film.pixels.iter().zip(values).map(|(a, b)| a.abs_diff(u16::from(b) * 257)).max().unwrap();
        assert!(worst <= if ending == "jpg" { 4 * 257 } else { 0 }, "{ending}: {worst}");
    }
}

#[test]
fn pictures_of_other_kinds_are_called_by_their_names() {
    let open = |bytes: &[u8]| Film::decode(Path::new("a-LH.jpg"), bytes).unwrap_err().to_string();
    let frame =
        |marker: u8| [&[0xFF, 0xD8, 0xFF, marker, 0, 11, 8, 0, 100, 0, 100, 1, 1, 0x11, 0][..], &[0xFF, 0xDA, 0, 2, 0xFF, 0xD9]].concat();
    for (bytes, name) in [
        (frame(0xF7), "JPEG-LS"),
        (frame(0xC9), "arithmetic coding"),
        (frame(0xCA), "arithmetic coding"),
        (frame(0xC3), "lossless JPEG"),
        (frame(0xC5), "hierarchical JPEG"),
        (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), "a WebP picture"),
        (b"\0\0\0\x0CjP  \r\n\x87\n".to_vec(), "a JPEG 2000 picture"),
        (b"<!DOCTYPE html><html>".to_vec(), "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "git-lfs pointer"),
        (b"%PDF-1.4".to_vec(), "a PDF file"),
    ] {
        let error = open(&bytes);
        assert!(error.contains(name) && error.contains("a-LH.jpg"), "{name}: {error}");
    }
}

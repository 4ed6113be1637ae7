//! Sheets of real and synthetic joints in random order, for blinded readers, and the key to them:
//! `cargo run --release -p svh-phantom --example crop_sheet -- OUT_DIR DETECTIONS.jsonl [--seed N] [--pairs N] [--limbs RH,LF]`.
//!
//! `DETECTIONS.jsonl` is what `svh detect FILM... --json` prints for real films. For each of the real joints that are drawn, the phantom renders the same joint
//! of a patient without disease at the same scale; both are cut with the same margin, scaled to the same size and stretched to the same range of gray.
//! `OUT_DIR` gets `sheet-1.png`, `sheet-2.png` (8 columns, 5 rows each) and `key.csv`. Real films may not be shared: name a folder that git ignores.

use std::path::Path;

use image::imageops::{FilterType, crop_imm, overlay, resize};
use image::{GrayImage, Luma};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use svh_core::{BBox, Limb};
use svh_phantom::{FilmSpec, LimbGrades, render_graded};

/// Side of a crop on the sheet, pixels.
const SIDE: u32 = 150;
const COLUMNS: u32 = 8;
const ROWS: u32 = 5;
/// Room around the box on every side, as a share of its longer side: what scorers see.
const MARGIN: f32 = 0.15;

struct Crop {
    picture: GrayImage,
    joint: String,
    origin: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(out), Some(detections)) = (args.next(), args.next()) else {
        return Err("name the folder to write and the file with the output of `svh detect --json`".into());
    };
    let (mut seed, mut pairs, mut limbs) = (1, 40, vec!["LH".to_owned(), "RH".to_owned(), "LF".to_owned(), "RF".to_owned()]);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or(format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--seed" => seed = value.parse()?,
            "--pairs" => pairs = value.parse()?,
            "--limbs" => limbs = value.split(',').map(str::to_owned).collect(),
            _ => return Err(format!("`{arg}` is not an option of crop_sheet").into()),
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut joints = joints(&std::fs::read_to_string(detections)?, &limbs)?;
    joints.shuffle(&mut rng);
    joints.truncate(pairs);
    let mut crops = Vec::new();
    for (film, joint, bbox) in &joints {
        let picture = image::open(film)?.to_luma8();
        crops.push(Crop { picture: cut(&picture, *bbox), joint: joint.clone(), origin: film.clone() });
        let patient = rng.random_range(0..100_000);
        crops.push(Crop {
            picture: synthetic(joint, bbox.width().max(bbox.height()), patient)?,
            joint: joint.clone(),
            origin: "phantom".to_owned(),
        });
    }
    crops.shuffle(&mut rng);
    write(Path::new(&out), &crops)
}

/// A joint that a detector found: film, joint, box.
type Found = (String, String, BBox);

/// The boxes of real joints that a detector found.
fn joints(text: &str, limbs: &[String]) -> Result<Vec<Found>, Box<dyn std::error::Error>> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let film: Value = serde_json::from_str(line)?;
        let path = film["film"].as_str().unwrap_or_default().to_owned();
        for detection in film["detections"].as_array().into_iter().flatten() {
            let joint = detection["joint"].as_str().unwrap_or_default().to_owned();
            let corners: Vec<f32> = detection["box"].as_array().into_iter().flatten().filter_map(|v| Some(v.as_f64()? as f32)).collect();
            let wanted = limbs.iter().any(|limb| joint.starts_with(limb.as_str()));
            if let (true, true, [x0, y0, x1, y1]) = (wanted, detection["kept"] == Value::Bool(true), corners.as_slice()) {
                found.push((path.clone(), joint, BBox::from([*x0, *y0, *x1, *y1])));
            }
        }
    }
    Ok(found)
}

/// The same joint of a healthy phantom, its box about as large in pixels.
fn synthetic(joint: &str, side: f32, patient: u32) -> Result<GrayImage, Box<dyn std::error::Error>> {
    let limb: Limb = joint.get(..2).unwrap_or_default().parse()?;
    let render = |max_side: f32| {
        let spec = FilmSpec { max_side: Some(max_side.clamp(160.0, 2900.0) as u32), ..FilmSpec::new(77, patient, limb) };
        let film = render_graded(&spec, LimbGrades::of(limb, |_| 0));
        let bbox = film.boxes.iter().find(|(j, _)| j.label == joint).map(|(_, b)| *b);
        (film.picture, bbox)
    };
    let (_, Some(first)) = render(500.0) else { return Err(format!("{joint} is not on the phantom").into()) };
    let (picture, Some(bbox)) = render(500.0 * side / first.width().max(1.0)) else {
        return Err(format!("{joint} is not on the phantom").into());
    };
    Ok(cut(&picture, bbox))
}

/// A square around a box, scaled, its 1st percentile of gray black and its 99th white.
fn cut(picture: &GrayImage, bbox: BBox) -> GrayImage {
    let centre = bbox.centre();
    let half = (0.5 + MARGIN) * bbox.width().max(bbox.height());
    let x = (centre.0 - half).max(0.0) as u32;
    let y = (centre.1 - half).max(0.0) as u32;
    let side = (2.0 * half) as u32;
    let part = crop_imm(picture, x.min(picture.width() - 1), y.min(picture.height() - 1), side, side).to_image();
    let mut values: Vec<u8> = part.pixels().map(|p| p.0[0]).collect();
    values.sort_unstable();
    let at = |share: f32| f32::from(values[((values.len() - 1) as f32 * share) as usize]);
    let (low, high) = (at(0.01), at(0.99).max(at(0.01) + 1.0));
    let mut scaled = resize(&part, SIDE, SIDE, FilterType::CatmullRom);
    for pixel in scaled.pixels_mut() {
        *pixel = Luma([((f32::from(pixel.0[0]) - low) / (high - low) * 255.0).clamp(0.0, 255.0) as u8]);
    }
    scaled
}

fn write(out: &Path, crops: &[Crop]) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(out)?;
    let mut key = String::from("sheet,row,column,joint,origin\n");
    for (sheet, part) in crops.chunks((COLUMNS * ROWS) as usize).enumerate() {
        let mut picture = GrayImage::from_pixel(COLUMNS * (SIDE + 6), ROWS * (SIDE + 6), Luma([128]));
        for (index, crop) in part.iter().enumerate() {
            let (row, column) = (index as u32 / COLUMNS, index as u32 % COLUMNS);
            overlay(&mut picture, &crop.picture, i64::from(column * (SIDE + 6) + 3), i64::from(row * (SIDE + 6) + 3));
            key.push_str(&format!("{},{},{},{},{}\n", sheet + 1, row + 1, column + 1, crop.joint, crop.origin));
        }
        picture.save(out.join(format!("sheet-{}.png", sheet + 1)))?;
    }
    std::fs::write(out.join("key.csv"), key)?;
    eprintln!("{} crops on sheets of {COLUMNS} columns and {ROWS} rows; the key is {}", crops.len(), out.join("key.csv").display());
    Ok(())
}

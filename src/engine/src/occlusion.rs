//! Which part of a crop a scorer's grade rests on: each part in turn is blurred away, and what the expected grade loses by that is its weight
//! (occlusion after Zeiler and Fergus 2014, with blur in place of gray so that no new edge appears).

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use serde::{Deserialize, Serialize};
use serde_json::json;
use svh_core::{BBox, Film, Joint, joint, polarity};

use crate::crop::Gray;
use crate::scorer::{Scorer, expected};
use crate::{Error, Result};
use tch::Device;

/// Places a side at which a crop is blurred.
pub const PLACES: usize = 12;
/// Deviation of the blurred spot as a share of the crop's side.
pub const SPOT: f32 = 0.07;
/// Columns of a sheet of crops.
const COLUMNS: u32 = 8;

/// `svh-engine model explain`
#[derive(Clone, Debug, clap::Args)]
pub struct ExplainArgs {
    /// Model folder of the scorer
    pub model: PathBuf,
    /// Output of `svh detect FILM... --json`: films and boxes
    pub detections: PathBuf,
    /// Folder to write: maps.jsonl, and a sheet per film with each crop and its occlusion map
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only joints with at least this expected grade
    #[arg(long, value_name = "GRADE", default_value_t = 0.0)]
    pub from: f32,
}

/// What a crop's grade rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occlusion {
    /// The expected grade of the crop as it is, before the model's calibration.
    pub expected: f32,
    /// By how much the expected grade falls where each place is blurred, [`PLACES`] rows of as many, grades; below 0 where it rises.
    pub falls: Vec<f32>,
}

/// The map of a joint's crop.
///
/// # Errors
/// The scorer does not grade the joint, or the network fails.
pub fn of_crop(scorer: &Scorer, joint: &Joint, crop: &Gray) -> Result<Occlusion> {
    let size = scorer.config().size as usize;
    let blurred = blurred(&crop.values, size);
    let mut crops = vec![crop.clone()];
    for row in 0..PLACES {
        for column in 0..PLACES {
            let centre = [column, row].map(|k| (k as f32 + 0.5) * size as f32 / PLACES as f32);
            crops.push(Gray { values: without(&crop.values, &blurred, size, centre), coverage: crop.coverage.clone() });
        }
    }
    let grades: Vec<f32> = scorer.logits(&crops)?.iter().filter_map(|logits| expected(scorer.config(), joint, logits)).collect();
    match grades.split_first() {
        Some((whole, rest)) if rest.len() == PLACES * PLACES => {
            Ok(Occlusion { expected: *whole, falls: rest.iter().map(|grade| whole - grade).collect() })
        }
        _ => Err(Error::Usage(format!("the model does not grade {}", joint.label))),
    }
}

/// The crop with one spot blurred.
fn without(values: &[f32], blurred: &[f32], size: usize, centre: [f32; 2]) -> Vec<f32> {
    let spread = 2.0 * (SPOT * size as f32).powi(2);
    let mixed = values.iter().zip(blurred).enumerate().map(|(at, (value, soft))| {
        let (x, y) = ((at % size) as f32 + 0.5 - centre[0], (at / size) as f32 + 0.5 - centre[1]);
        let share = (-(x * x + y * y) / spread).exp();
        value + share * (soft - value)
    });
    mixed.collect()
}

/// A strongly blurred crop: three box filters of an eighth of its side, the border continued.
fn blurred(values: &[f32], size: usize) -> Vec<f32> {
    let reach = (size / 16).max(1) as i64;
    let mut now = values.to_vec();
    for pass in 0..6 {
        let step = if pass % 2 == 0 { [1, 0] } else { [0, 1] };
        let at = |x: i64, y: i64| now[y.clamp(0, size as i64 - 1) as usize * size + x.clamp(0, size as i64 - 1) as usize];
        now = (0..size * size)
            .map(|index| {
                let (x, y) = ((index % size) as i64, (index / size) as i64);
                (-reach..=reach).map(|k| at(x + k * step[0], y + k * step[1])).sum::<f32>() / (2 * reach + 1) as f32
            })
            .collect();
    }
    now
}

/// Maps of all joints of all films in a file of detections; the answer says what was written.
pub fn explain(args: &ExplainArgs, device: Device, progress: &mut dyn FnMut(usize, usize)) -> Result<String> {
    let scorer = Scorer::load(&args.model, device)?;
    let text = std::fs::read_to_string(&args.detections).map_err(Error::io("read", &args.detections))?;
    let films: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    svh_core::access::make_folders(&args.out).map_err(Error::io("create", &args.out))?;
    let (mut lines, mut count) = (String::new(), 0);
    for (index, line) in films.iter().enumerate() {
        let (path, joints) = boxes(line, &scorer).ok_or_else(|| {
            Error::Data(format!("line {} of {} is not a line of `svh detect --json`", index + 1, args.detections.display()))
        })?;
        let film = Film::open(&path).map_err(|error| Error::Data(error.to_string()))?;
        let places: Vec<BBox> = joints.iter().map(|(_, bbox)| *bbox).collect();
        let film = if scorer.config().crop().wants_positive() { polarity::positive(film, &places) } else { film };
        let mut tiles = Vec::new();
        for (joint, bbox) in joints {
            let Ok(crop) = scorer.config().crop().crop(&film, bbox, scorer.config().size as u32) else { continue };
            let map = of_crop(&scorer, joint, &crop)?;
            if map.expected < args.from {
                continue;
            }
            let entry = json!({ "film": path, "joint": joint.label, "expected": map.expected, "falls": map.falls });
            lines.push_str(&format!("{entry}\n"));
            tiles.push(tile(&crop, &map, scorer.config().size as u32));
        }
        count += tiles.len();
        sheet(&tiles, &args.out.join(path.file_stem().unwrap_or_default()).with_extension("png"))?;
        progress(index + 1, films.len());
    }
    let out = args.out.join("maps.jsonl");
    svh_core::access::write(&out, lines.as_bytes()).map_err(Error::io("write", &out))?;
    Ok(format!("{count} joints of {} films in {}", films.len(), args.out.display()))
}

/// A film and the boxes on it that the scorer grades.
fn boxes(line: &str, scorer: &Scorer) -> Option<(PathBuf, Vec<(&'static Joint, BBox)>)> {
    let film: serde_json::Value = serde_json::from_str(line).ok()?;
    let task = scorer.config().task.task();
    let found = film["detections"].as_array()?.iter().filter(|d| d["kept"] == true && d["task"] == task.name());
    let joints = found.filter_map(|d| {
        let corners: Vec<f32> = d["box"].as_array()?.iter().filter_map(|v| Some(v.as_f64()? as f32)).collect();
        Some((joint::by_label(task, d["joint"].as_str()?)?, BBox::from(<[f32; 4]>::try_from(corners).ok()?)))
    });
    Some((PathBuf::from(film["film"].as_str()?), joints.filter(|(joint, _)| scorer.grades(joint)).collect()))
}

/// The crop, and beside it the crop with what raises the grade in red and what lowers it in blue; half a grade is full colour.
fn tile(crop: &Gray, map: &Occlusion, size: u32) -> RgbImage {
    RgbImage::from_fn(2 * size, size, |x, y| {
        let gray = crop.values[(y * size + x % size) as usize].clamp(0.0, 1.0) * 255.0;
        if x < size {
            return Rgb([gray as u8; 3]);
        }
        let place = |v: u32| (v as usize * PLACES / size as usize).min(PLACES - 1);
        let fall = map.falls[place(y) * PLACES + place(x - size)];
        let share = (fall.abs() / 0.5).min(0.8);
        let colour = if fall > 0.0 { [255.0, 40.0, 40.0] } else { [60.0, 110.0, 255.0] };
        Rgb(colour.map(|c| (gray + share * (c - gray)) as u8))
    })
}

fn sheet(tiles: &[RgbImage], path: &Path) -> Result<()> {
    let Some(first) = tiles.first() else { return Ok(()) };
    let columns = COLUMNS.div_ceil(2).max(1);
    let (w, h) = (first.width() + 4, first.height() + 4);
    let mut picture = RgbImage::new(w * columns, h * (tiles.len() as u32).div_ceil(columns));
    for (index, tile) in tiles.iter().enumerate() {
        let (row, column) = (index as u32 / columns, index as u32 % columns);
        image::imageops::overlay(&mut picture, tile, i64::from(column * w), i64::from(row * h));
    }
    picture.save(path).map_err(|error| Error::Data(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurring_takes_an_edge_away_and_leaves_an_even_crop_alone() {
        let size = 32;
        let even = vec![0.4; size * size];
        assert!(blurred(&even, size).iter().all(|v| (v - 0.4).abs() < 1e-5));
        let edge: Vec<f32> = (0..size * size).map(|at| f32::from(u8::from(at % size >= size / 2))).collect();
        let soft = blurred(&edge, size);
        let step = |values: &[f32]| values[size / 2] - values[size / 2 - 1];
        assert!(step(&edge) > 0.99 && step(&soft) < 0.3);
        let spot = without(&edge, &soft, size, [16.0, 16.0]);
        assert!((spot[16 * size + 16] - soft[16 * size + 16]).abs() < 0.05, "the middle of the spot is blurred");
        assert!((spot[0] - edge[0]).abs() < 1e-4, "far from it nothing changes");
    }
}

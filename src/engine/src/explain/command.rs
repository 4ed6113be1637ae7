//! `svh-engine model explain`: maps of all joints that a run found, as numbers and as pictures, and how stable the maps are.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use serde_json::json;
use svh_core::{BBox, Film, Joint, joint, polarity};
use tch::Device;

use super::gradient;
use super::occlusion::{self, PLACES};
use crate::crop::Gray;
use crate::scorer::{Scorer, expected};
use crate::{Error, Result};

/// Columns of a sheet of crops.
const COLUMNS: u32 = 4;
/// By how much of its side a box is moved to see how stable a map is.
const MOVED: f32 = 0.02;

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
    /// Add maps of integrated gradients, and report how much each kind of map changes when a box is shifted by 2 % of its side
    #[arg(long)]
    pub gradient: bool,
}

/// Maps of one crop.
struct Maps {
    /// The expected grade, before calibration.
    expected: f32,
    /// [`occlusion::of_crop`], and [`gradient::of_crop`] if it was asked for: [`PLACES`] × [`PLACES`] grades in row order.
    kinds: Vec<Vec<f32>>,
}

impl Maps {
    fn of(scorer: &Scorer, joint: &Joint, crop: &Gray, gradients: bool) -> Result<Self> {
        let occlusion = occlusion::of_crop(scorer, joint, crop)?;
        let mut kinds = vec![occlusion.falls];
        if gradients {
            kinds.push(gradient::of_crop(scorer, joint, crop)?);
        }
        Ok(Self { expected: occlusion.expected, kinds })
    }
}

/// How alike maps are, by Pearson's correlation over their places.
#[derive(Default)]
struct Stability {
    /// Maps of a crop and of the same joint with its box moved: of occlusion, of gradients.
    moved: [Vec<f32>; 2],
    /// The two kinds of map of the same crop.
    between: Vec<f32>,
}

impl Stability {
    fn add(&mut self, maps: &Maps, moved: &Maps) {
        for (kind, (here, there)) in maps.kinds.iter().zip(&moved.kinds).enumerate() {
            self.moved[kind].extend(correlation(here, there));
        }
        if let [occlusion, gradients] = &maps.kinds[..] {
            self.between.extend(correlation(occlusion, gradients));
        }
    }
}

impl std::fmt::Display for Stability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |values: &[f32]| {
            let mut values = values.to_vec();
            values.sort_by(f32::total_cmp);
            let at = |share: f32| values.get((share * values.len() as f32) as usize).copied().unwrap_or(f32::NAN);
            format!("{:.2} (10th percentile {:.2})", at(0.5), at(0.1))
        };
        write!(
            f,
            "median correlation with the map of the box moved by {:.0} % of its side: occlusion {}, integrated gradients {}; between the two kinds {}",
            MOVED * 100.0,
            part(&self.moved[0]),
            part(&self.moved[1]),
            part(&self.between)
        )
    }
}

/// `None` if one of the maps is constant.
fn correlation(a: &[f32], b: &[f32]) -> Option<f32> {
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |of: &dyn Fn(f32, f32) -> f32| a.iter().zip(b).map(|(a, b)| of(a - mean_a, b - mean_b)).sum::<f32>();
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    (spread > 0.0).then(|| sum(&|a, b| a * b) / spread)
}

/// Maps of all joints of all films in a file of detections; the answer says what was written.
///
/// # Errors
/// Files that cannot be read or written, and a line that is not one of `svh detect --json`.
pub fn explain(args: &ExplainArgs, device: Device, progress: &mut dyn FnMut(usize, usize)) -> Result<String> {
    let scorer = Scorer::load(&args.model, device)?;
    let (rule, size) = (scorer.config().crop(), scorer.config().size as u32);
    let text = std::fs::read_to_string(&args.detections).map_err(Error::io("read", &args.detections))?;
    let films: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    svh_core::access::make_folders(&args.out).map_err(Error::io("create", &args.out))?;
    let (mut lines, mut count, mut stability) = (String::new(), 0, Stability::default());
    for (index, line) in films.iter().enumerate() {
        let (path, joints) = boxes(line, &scorer).ok_or_else(|| {
            Error::Data(format!("line {} of {} is not a line of `svh detect --json`", index + 1, args.detections.display()))
        })?;
        let film = Film::open(&path).map_err(|error| Error::Data(error.to_string()))?;
        let places: Vec<BBox> = joints.iter().map(|(_, bbox)| *bbox).collect();
        let film = if rule.wants_positive() { polarity::positive(film, &places) } else { film };
        let mut tiles = Vec::new();
        for (joint, bbox) in joints {
            let Ok(crop) = rule.crop(&film, bbox, size) else { continue };
            let grade = scorer.logits(std::slice::from_ref(&crop))?.iter().find_map(|logits| expected(scorer.config(), joint, logits));
            if grade.is_some_and(|grade| grade < args.from) {
                continue;
            }
            let maps = Maps::of(&scorer, joint, &crop, args.gradient)?;
            let mut entry = json!({ "film": path, "joint": joint.label, "expected": maps.expected, "falls": maps.kinds[0] });
            if let Some(gradients) = maps.kinds.get(1) {
                entry["gradients"] = json!(gradients);
                let moved = rule.crop(&film, shifted(bbox), size).map(|crop| Maps::of(&scorer, joint, &crop, true));
                if let Ok(moved) = moved {
                    stability.add(&maps, &moved?);
                }
            }
            lines.push_str(&format!("{entry}\n"));
            tiles.push(tile(&crop, &maps.kinds, size));
        }
        count += tiles.len();
        sheet(&tiles, &args.out.join(path.file_stem().unwrap_or_default()).with_extension("png"))?;
        progress(index + 1, films.len());
    }
    let out = args.out.join("maps.jsonl");
    svh_core::access::write(&out, lines.as_bytes()).map_err(Error::io("write", &out))?;
    let written = format!("{count} joints of {} films in {}", films.len(), args.out.display());
    Ok(if args.gradient { format!("{written}; {stability}") } else { written })
}

/// A box moved along both axes.
fn shifted(bbox: BBox) -> BBox {
    let (x, y) = (MOVED * bbox.width(), MOVED * bbox.height());
    BBox { x0: bbox.x0 + x, x1: bbox.x1 + x, y0: bbox.y0 + y, y1: bbox.y1 + y }
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

/// The crop, followed by one copy per map: areas that raise the grade are tinted red, areas that lower it blue. The tint is strongest at 0.4 of a grade.
fn tile(crop: &Gray, maps: &[Vec<f32>], size: u32) -> RgbImage {
    RgbImage::from_fn((1 + maps.len() as u32) * size, size, |x, y| {
        let gray = crop.values[(y * size + x % size) as usize].clamp(0.0, 1.0) * 255.0;
        let Some(map) = (x / size).checked_sub(1).map(|map| &maps[map as usize]) else { return Rgb([gray as u8; 3]) };
        let place = |v: u32| (v as usize * PLACES / size as usize).min(PLACES - 1);
        let fall = map[place(y) * PLACES + place(x % size)];
        let share = (fall.abs() / 0.5).min(0.8);
        let colour = if fall > 0.0 { [255.0, 40.0, 40.0] } else { [60.0, 110.0, 255.0] };
        Rgb(colour.map(|c| (gray + share * (c - gray)) as u8))
    })
}

fn sheet(tiles: &[RgbImage], path: &Path) -> Result<()> {
    let Some(first) = tiles.first() else { return Ok(()) };
    let (w, h) = (first.width() + 4, first.height() + 4);
    let mut picture = RgbImage::new(w * COLUMNS, h * (tiles.len() as u32).div_ceil(COLUMNS));
    for (index, tile) in tiles.iter().enumerate() {
        let (row, column) = (index as u32 / COLUMNS, index as u32 % COLUMNS);
        image::imageops::overlay(&mut picture, tile, i64::from(column * w), i64::from(row * h));
    }
    picture.save(path).map_err(|error| Error::Data(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_correlate_as_numbers_do() {
        assert!((correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap() - 1.0).abs() < 1e-6);
        // scipy.stats.pearsonr([1, 2, 3, 4], [1, 3, 2, 5]) is 0.8315.
        assert!((correlation(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 5.0]).unwrap() - 0.8315).abs() < 1e-4);
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn a_tile_has_the_crop_and_its_maps_side_by_side() {
        let crop = Gray { values: vec![0.5; 24 * 24], coverage: vec![1.0; 24 * 24] };
        let mut map = vec![0.0; PLACES * PLACES];
        map[PLACES + 3] = 1.0;
        let tile = tile(&crop, &[vec![0.0; PLACES * PLACES], map], 24);
        assert_eq!((tile.width(), tile.height()), (72, 24));
        let red = |x: u32, y: u32| tile.get_pixel(x, y).0[0] > tile.get_pixel(x, y).0[2];
        assert!(red(48 + 6, 2) && !red(48 + 6, 0) && !red(24 + 6, 2) && !red(6, 2));
    }
}

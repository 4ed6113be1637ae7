//! What a scorer sees in training: `cargo run --release -p svh-engine --example training_crops -- COHORT narrowing|erosion SIDE OUT.png`.
//!
//! A row for each grade; in each pair the crop as inference cuts it, then as one training step draws it.

use std::path::Path;

use svh_engine::crop::{Gray, Intensity, Square};
use svh_engine::data::Proposals;
use svh_engine::data::crop_warp::CropVariation;
use svh_engine::data::joint_crops::JointCrops;
use svh_engine::data::order::rng_of;
use svh_engine::scorer::{Extras, ScorerArch, ScorerConfig, ScorerTask};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [cohort, task, side, out] = &args[..] else {
        return Err("give a cohort, a task, a side in pixels and the picture to write".into());
    };
    let task: ScorerTask = task.parse()?;
    let side: usize = side.parse()?;
    let mut config = ScorerConfig::stock(ScorerArch::EfficientNet(0), task, task.own_heads());
    config.size = side as i64;
    config.extras = Extras { margin: 0.15, square: Square::Context, intensity: Intensity::Stretch, ..Extras::default() };
    let crops = JointCrops::open(Path::new(cohort), &config, 0.0, 1, Proposals::default())?;
    let rows = 11;
    let columns = 6;
    let mut sheet = image::GrayImage::from_pixel((columns * 2 * (side + 4)) as u32, (rows * (side + 4)) as u32, image::Luma([60]));
    for grade in 0..rows {
        let of_grade: Vec<_> = crops.training.iter().filter(|crop| usize::from(crop.grade) == grade).collect();
        let chosen = of_grade.iter().step_by((of_grade.len() / columns).max(1)).take(columns);
        for (column, crop) in chosen.enumerate() {
            for (half, variation) in [CropVariation::NONE, CropVariation::TRAINING].into_iter().enumerate() {
                let drawn = crop.patch.draw(&config.crop(), &variation, &mut rng_of(1, grade as u64, column as u64));
                paste(&mut sheet, &drawn, side, (column * 2 + half) * (side + 4), grade * (side + 4));
            }
        }
    }
    Ok(sheet.save(out)?)
}

fn paste(sheet: &mut image::GrayImage, crop: &Gray, side: usize, left: usize, top: usize) {
    for (index, value) in crop.values.iter().enumerate() {
        let gray = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        sheet.put_pixel((left + index % side) as u32, (top + index / side) as u32, image::Luma([gray]));
    }
}

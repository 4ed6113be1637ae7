//! A contact sheet to judge phantoms by eye: `cargo run --release -p svh-phantom --example contact_sheet -- OUT.png [options] [FILM...]`.
//!
//! Options: `--limb LH`, `--first N`, `--count N`, `--columns N`, `--height PX`, `--boxes`, `--even`, `--outside`, `--side PX`, `--full`, `--seed N`, `--wrist` (cut the picture), `--wrist-films`. Films named
//! on the command line are put in front for comparison.

use std::time::Instant;

use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};
use svh_core::layout::WristFrame;
use svh_core::{Limb, Task};
use svh_phantom::{FilmSpec, GradeMix, Setting, render_limb};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("name the picture to write")?;
    let (mut limb, mut first, mut count, mut columns, mut height) = (Limb::LeftHand, 0, 8, 4, 640);
    let (mut boxes, mut wrist, mut films) = (false, false, Vec::new());
    let mut spec = FilmSpec { max_side: Some(900), ..FilmSpec::new(1, 0, limb) };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--limb" => limb = value()?.parse()?,
            "--first" => first = value()?.parse()?,
            "--count" => count = value()?.parse()?,
            "--columns" => columns = value()?.parse()?,
            "--height" => height = value()?.parse()?,
            "--seed" => spec.seed = value()?.parse()?,
            "--side" => spec.max_side = Some(value()?.parse()?),
            "--full" => spec.max_side = None,
            "--boxes" => boxes = true,
            "--wrist" => wrist = true,
            "--even" => spec.mix = GradeMix::Even,
            "--wrist-films" => spec.wrist_share = 1.0,
            "--outside" => spec.setting = Setting::Outside,
            film => films.push(image::open(film)?.to_rgb8()),
        }
    }
    let start = Instant::now();
    for patient in first..first + count {
        let film = render_limb(&FilmSpec { patient, limb, ..spec });
        let mut picture = image::DynamicImage::ImageLuma8(film.picture.clone()).to_rgb8();
        if boxes {
            for (task, colour) in [(Task::Narrowing, Rgb([80, 200, 255])), (Task::Erosion, Rgb([255, 160, 60]))] {
                for (_, b) in film.boxes_of(task) {
                    frame(&mut picture, b.into(), colour);
                }
            }
        }
        if wrist {
            let frame = WristFrame::of(&film.landmarks);
            let side = 1.95 * frame.x[0].hypot(frame.x[1]);
            let [x, y] = frame.at(0.0, 0.33).map(|v| (v - side / 2.0).max(0.0) as u32);
            picture = image::imageops::crop_imm(&picture, x, y, side as u32, side as u32).to_image();
        }
        films.push(picture);
    }
    if count > 0 {
        eprintln!("{:.0} ms a film", start.elapsed().as_secs_f64() * 1000.0 / f64::from(count));
    }
    sheet(&films, columns, height).save(out)?;
    Ok(())
}

fn frame(picture: &mut RgbImage, [x0, y0, x1, y1]: [f32; 4], colour: Rgb<u8>) {
    let (w, h) = picture.dimensions();
    let (x0, y0, x1, y1) = (x0 as u32, y0 as u32, (x1 as u32).min(w - 1), (y1 as u32).min(h - 1));
    for x in x0..=x1 {
        picture.put_pixel(x, y0.min(h - 1), colour);
        picture.put_pixel(x, y1, colour);
    }
    for y in y0..=y1 {
        picture.put_pixel(x0.min(w - 1), y, colour);
        picture.put_pixel(x1, y, colour);
    }
}

fn sheet(films: &[RgbImage], columns: usize, height: u32) -> RgbImage {
    let small: Vec<RgbImage> =
        films.iter().map(|film| resize(film, (film.width() * height / film.height()).max(1), height, FilterType::Triangle)).collect();
    let rows: Vec<&[RgbImage]> = small.chunks(columns.max(1)).collect();
    let width = rows.iter().map(|row| row.iter().map(|f| f.width() + 6).sum::<u32>()).max().unwrap_or(1);
    let mut sheet = RgbImage::from_pixel(width, rows.len() as u32 * (height + 6), Rgb([60, 0, 60]));
    for (index, row) in rows.iter().enumerate() {
        let mut x = 0;
        for film in *row {
            overlay(&mut sheet, film, i64::from(x), index as i64 * i64::from(height + 6));
            x += film.width() + 6;
        }
    }
    sheet
}

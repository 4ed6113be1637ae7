//! Writes a cohort: `cargo run --release -p svh-phantom --example cohort -- OUT PATIENTS SEED [--side PX] [--even] [--outside] [--wrists SHARE]`.

use std::path::Path;
use std::time::Instant;

use svh_phantom::{CohortSpec, GradeMix, Setting, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, patients, seed, options @ ..] = args.as_slice() else { return Err("name a folder, a number of patients and a seed".into()) };
    let mut spec = CohortSpec::new(patients.parse()?, seed.parse()?);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.as_str() {
            "--side" => spec.max_side = Some(options.next().ok_or("--side needs pixels")?.parse()?),
            "--wrists" => spec.wrist_share = options.next().ok_or("--wrists needs a share")?.parse()?,
            "--even" => spec.mix = GradeMix::Even,
            "--outside" => spec.setting = Setting::Outside,
            other => return Err(format!("{other} is no option").into()),
        }
    }
    let start = Instant::now();
    let summary = generate(Path::new(out), &spec, |_, _| {})?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} films, {} boxes, {:.0} ms a film", summary.films, summary.boxes, 1000.0 * seconds / summary.films as f64);
    Ok(())
}

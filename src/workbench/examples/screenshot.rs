//! Writes the screens of the workbench as PNG files, as a terminal with pictures shows them.
//!
//! `cargo run --release -p svh --example screenshot -- COHORT OUT [COLUMNSxROWS] [blocks] [SCENE...]`
//!
//! Without the name of a scene all are written; those of metrics need a finished run under `COHORT/runs`. The comparison writes a second run there, named
//! `above-0.95`: the first one without boxes of a lower score and without the grades that rest on them. Give a copy of a cohort that you want to keep.
//!
//! Uses the font DejaVu Sans Mono, or the one that `SVH_FONT` names.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use image::{Rgb, RgbImage};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use svh_core::{Limb, Origin, PatientScore, RunStatus, RunWriter, joint, protocol::Event, run};
use svh_terminal::Plan;
use svh_workbench::{Client, Headless, Images, Message, Settings};

const CELL: (u32, u32) = (10, 20);
const INK: [u8; 3] = [216, 220, 226];
const PAPER: [u8; 3] = [18, 20, 24];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(cohort), Some(out)) = (arguments.next(), arguments.next()) else { anyhow::bail!("COHORT OUT [COLUMNSxROWS] [blocks]") };
    let rest: Vec<String> = arguments.collect();
    let size = rest.iter().find_map(|word| word.split_once('x')).map_or(Ok((120, 40)), |(w, h)| anyhow::Ok((w.parse()?, h.parse()?)))?;
    let images = if rest.iter().any(|word| word == "blocks") { Images::Half } else { Images::Kitty };
    let font = Fonts::load()?;
    std::fs::create_dir_all(&out)?;
    let scenes = [
        ("patients", ""),
        ("film", "\r"),
        ("joint", "\r\x1b[B\x1b[B\r"),
        ("foot", "\r3e"),
        ("errors", "E"),
        ("crops", "E\t"),
        ("error", "E\r"),
        ("detections", "E\r*"),
        ("why", "E0h"),
        ("similar", "E0hO"),
        ("clahe", "\rH`"),
        ("beside", "\r|\x1b[B\x1b[B\r"),
        ("magnifier", "\r'Q\x1b[B\x1b[B\x1b[B"),
        ("space", "\rQ\x1b[B\x1b[B\x1b[B\r"),
        ("grades", "E\t\t"),
        ("error-joints", "E\t\t\t"),
        ("curves", "U"),
        ("totals", "T"),
        ("bland-altman", "T\t\t"),
        ("differences", "T\r"),
        ("confusion", "C"),
        ("foot-confusion", "C\x1b[Z%\\"),
        ("cell", "C\x1b[B\r"),
        ("imbalance", "I"),
        ("imbalance-joints", "I\t\t\t#"),
        ("imbalance-sources", "I\t\t\t\t"),
        // Of a cohort with visits.csv.
        ("progression", "S"),
        ("progression-joints", "S\r"),
        ("runs", "R"),
        ("compare", "R \x1b[B"),
        ("changes", "R \x1b[B~\t\t"),
        ("start", "Ra\x1b[C"),
        ("palette", "\x10er"),
        ("keys", "?"),
        ("scheme", "?\t"),
        ("legend", "?\t\t"),
        ("review", "V"),
        ("review-edit", "Vm\x1b[C\x1b[C\x1b[B"),
        ("bulk", "\rZ  2"),
        ("review-blind", "\rVB2b\r"),
    ];
    let known = |word: &&String| scenes.iter().any(|(name, _)| name == word);
    let wanted: Vec<&String> = rest.iter().filter(known).collect();
    let scenes = scenes.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| word == name));
    for (name, keys) in scenes {
        if matches!(name, "compare" | "changes") {
            second_run(Path::new(&cohort))?;
        }
        let mut app = Headless::open(Path::new(&cohort), images, size);
        // What the engine is asked is answered before the last key.
        let is_sequence = |at: &usize| keys[*at..].chars().count() == 3;
        let last = keys.rfind("\x1b[").filter(is_sequence).or_else(|| keys.char_indices().last().map(|(at, _)| at));
        let (first, last) = keys.split_at(last.unwrap_or(0));
        app.keys(first);
        answer(&mut app);
        app.keys(last);
        answer(&mut app);
        // What rests asks for films, one after the other.
        (0..4).for_each(|_| app.rest());
        app.paint();
        let (buffer, plan) = app.frame();
        let mut picture = draw(&buffer, &font);
        if let Some(plan) = plan.filter(|_| images == Images::Kitty) {
            paint(&plan, &mut picture);
        }
        let path = PathBuf::from(&out).join(format!("{name}.png"));
        picture.save(&path)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Writes a run beside the only one of a cohort: what that had found with a score of at least 0.95.
fn second_run(cohort: &Path) -> anyhow::Result<()> {
    let runs = run::list(&cohort.join("runs"));
    let [first] = &runs[..] else { return Ok(()) };
    let mut info = first.info().clone();
    // The screens go on showing the first run, which is the newer one.
    info.started = "2000-01-01T00:00:00Z".to_owned();
    let mut writer = RunWriter::create(&cohort.join("runs").join("above-0.95"), info)?;
    let mut boxed = BTreeSet::new();
    for film in &mut first.films()? {
        film.detections.retain(|found| found.score >= 0.95 || found.from == Origin::Inferred);
        let patient =
            Path::new(&film.film).file_stem().and_then(|stem| Limb::split_stem(stem.to_str()?)).map(|(patient, _)| patient.to_owned());
        let columns = film.detections.iter().filter(|found| found.kept).filter_map(|found| joint::by_label(found.task, &found.joint));
        boxed.extend(columns.map(|joint| (patient.clone().unwrap_or_default(), joint.ra2_column.clone())));
        writer.film(film)?;
    }
    for patient in first.patients()? {
        let joints = patient.joints.into_iter().filter(|(column, _)| boxed.contains(&(patient.patient.clone(), column.clone()))).collect();
        writer.patient(&PatientScore::new(patient.patient, joints, patient.expected_joints))?;
    }
    for event in first.events()? {
        writer.event(&event)?;
    }
    writer.finish(RunStatus::Finished, None)?;
    Ok(())
}

/// Lets an engine answer what the workbench has asked, where it has.
fn answer(app: &mut Headless) {
    let requests = std::mem::take(&mut app.requests);
    if requests.is_empty() {
        return;
    }
    let settings = Settings { device: "auto".into(), models: svh_core::places::models(None), ..Settings::default() };
    let (messages, inbox) = std::sync::mpsc::channel();
    let client = Client::new(settings, move |message| drop(messages.send(message)));
    let mut open = requests.len();
    requests.into_iter().for_each(|request| client.send(request));
    while let Some(message) = inbox.recv().ok().filter(|_| open > 0) {
        open -= usize::from(matches!(message, Message::Event(Event::Done { .. } | Event::Failed { .. })));
        app.engine(message);
        if open == 0 {
            break;
        }
    }
}

struct Fonts {
    plain: FontVec,
    bold: FontVec,
}

impl Fonts {
    fn load() -> anyhow::Result<Self> {
        let named = std::env::var("SVH_FONT").ok();
        let plain = named.unwrap_or_else(|| "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf".to_owned());
        let bold = plain.replace("Mono.ttf", "Mono-Bold.ttf");
        let load =
            |path: &str| anyhow::Ok(FontVec::try_from_vec(std::fs::read(path).map_err(|error| anyhow::anyhow!("{path}: {error}"))?)?);
        Ok(Self { plain: load(&plain)?, bold: load(&bold).or_else(|_| load(&plain))? })
    }
}

fn draw(buffer: &Buffer, fonts: &Fonts) -> RgbImage {
    let area = buffer.area;
    let mut picture = RgbImage::from_pixel(u32::from(area.width) * CELL.0, u32::from(area.height) * CELL.1, Rgb(PAPER));
    for position in area.positions() {
        let (x, y) = (u32::from(position.x) * CELL.0, u32::from(position.y) * CELL.1);
        cell(&buffer[position], (x, y), fonts, &mut picture);
    }
    picture
}

fn cell(cell: &Cell, (x, y): (u32, u32), fonts: &Fonts, picture: &mut RgbImage) {
    let (mut ink, mut paper) = (rgb(cell.fg, INK), rgb(cell.bg, PAPER));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut paper);
    }
    fill(picture, (x, y), (0, 0), CELL, paper);
    let Some(letter) = cell.symbol().chars().next().filter(|letter| *letter != ' ') else { return };
    if let Some(parts) = block(letter) {
        parts.into_iter().for_each(|(from, to)| fill(picture, (x, y), from, to, ink));
    } else {
        let font = if cell.modifier.contains(Modifier::BOLD) { &fonts.bold } else { &fonts.plain };
        glyph(font, letter, (x, y), ink, picture);
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        fill(picture, (x, y), (0, CELL.1 - 2), (CELL.0, CELL.1 - 1), ink);
    }
}

fn glyph(font: &FontVec, letter: char, (x, y): (u32, u32), ink: [u8; 3], picture: &mut RgbImage) {
    let scale = PxScale::from(19.3);
    let ascent = font.as_scaled(scale).ascent();
    let glyph = font.glyph_id(letter).with_scale_and_position(scale, ab_glyph::point(x as f32, y as f32 + ascent + 0.5));
    let Some(outline) = font.outline_glyph(glyph) else { return };
    let bounds = outline.px_bounds();
    outline.draw(|dx, dy, cover| {
        let (px, py) = (bounds.min.x as i64 + i64::from(dx), bounds.min.y as i64 + i64::from(dy));
        let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py)) else { return };
        if px < picture.width() && py < picture.height() {
            let pixel = picture.get_pixel_mut(px, py);
            for (channel, ink) in pixel.0.iter_mut().zip(ink) {
                *channel = (f32::from(*channel) * (1.0 - cover) + f32::from(ink) * cover) as u8;
            }
        }
    });
}

fn fill(picture: &mut RgbImage, (x, y): (u32, u32), from: (u32, u32), to: (u32, u32), colour: [u8; 3]) {
    for py in y + from.1..y + to.1 {
        for px in x + from.0..x + to.0 {
            picture.put_pixel(px, py, Rgb(colour));
        }
    }
}

type Part = ((u32, u32), (u32, u32));

/// Block elements, which fonts draw with gaps, as rectangles of the cell.
fn block(letter: char) -> Option<Vec<Part>> {
    let (w, h) = CELL;
    let quarter = |bit: u32| ((bit % 2 * w / 2, bit / 2 * h / 2), ((bit % 2 + 1) * w / 2, (bit / 2 + 1) * h / 2));
    let quarters = |mask: u32| Some((0..4).filter(|bit| mask >> bit & 1 == 1).map(quarter).collect());
    match letter {
        '█' => quarters(15),
        '▀' => quarters(3),
        '▘' => quarters(1),
        '▝' => quarters(2),
        '▖' => quarters(4),
        '▗' => quarters(8),
        '▞' => quarters(6),
        '▚' => quarters(9),
        '▛' => quarters(7),
        '▜' => quarters(11),
        '▙' => quarters(13),
        '▟' => quarters(14),
        '▐' => quarters(10),
        '▁'..='▇' => Some(vec![((0, h - h * (letter as u32 - '▁' as u32 + 1) / 8), (w, h))]),
        '\u{2800}'..='\u{28ff}' => {
            // Dots of two by four, in Unicode's order of bits.
            const PLACES: [(u32, u32); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
            let mask = letter as u32 - 0x2800;
            let dot = |(column, row): (u32, u32)| ((column * w / 2 + 1, row * h / 4 + 1), (column * w / 2 + 4, row * h / 4 + 4));
            Some((0..8).filter(|bit| mask >> bit & 1 == 1).map(|bit| dot(PLACES[bit as usize])).collect())
        }
        '▉'..='▏' => Some(vec![((0, 0), (w * (8 - (letter as u32 - '█' as u32)) / 8, h))]),
        _ => None,
    }
}

/// A colour of the terminal as red, green and blue.
fn rgb(colour: Color, default: [u8; 3]) -> [u8; 3] {
    match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3],
        Color::Indexed(index @ 16..) => {
            let steps = [0, 95, 135, 175, 215, 255];
            let index = usize::from(index - 16);
            [steps[index / 36], steps[index / 6 % 6], steps[index % 6]]
        }
        _ => default,
    }
}

/// Lays film and boxes over the cells as the painters do.
fn paint(plan: &Plan, picture: &mut RgbImage) {
    let size = plan.cells().pixels();
    let (gray, layer) = (plan.gray(), plan.layer(2, true));
    let (left, top) = (u32::from(plan.rect.x) * CELL.0, u32::from(plan.rect.y) * CELL.1);
    for (index, value) in gray.pixels.iter().enumerate() {
        let pixel = layer.at(index).map_or([*value; 3], |colour| [colour.0, colour.1, colour.2]);
        picture.put_pixel(left + index as u32 % size.0, top + index as u32 / size.0, Rgb(pixel));
    }
}

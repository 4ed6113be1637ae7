//! labelme landmarks: points on hands and feet, from which the boxes of joints follow by the table of [`crate::layout`].

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::names::{Films, file_name, files_below, patient_and_limb, stem, with_images};
use super::{CohortBuilder, ImportError, ImportOptions};
use crate::intake::{self, json};
use crate::shape::ShapeModel;
use crate::{Limb, Task, layout};

#[derive(Deserialize)]
struct File {
    shapes: Vec<Shape>,
    #[serde(default, rename = "imagePath")]
    image: Option<String>,
    #[serde(default, rename = "imageWidth", deserialize_with = "json::pixels")]
    width: Option<u32>,
    #[serde(default, rename = "imageHeight", deserialize_with = "json::pixels")]
    height: Option<u32>,
}

#[derive(Deserialize)]
struct Shape {
    label: String,
    #[serde(default)]
    points: Vec<Point>,
    #[serde(default)]
    shape_type: Option<String>,
}

/// `x y`, one that is not a number as NaN.
#[derive(Deserialize)]
#[serde(transparent)]
struct Point(#[serde(deserialize_with = "json::numbers")] Option<Vec<f64>>);

impl Shape {
    /// The joint that a shape stands for: a point itself, the centre of what is drawn around a joint.
    ///
    /// # Errors
    /// Why the shape says no place.
    fn place(&self) -> Result<[f32; 2], String> {
        let read = |point: &Point| match point.0.as_deref() {
            Some([x, y, ..]) if x.is_finite() && y.is_finite() => Some([*x, *y]),
            _ => None,
        };
        let points: Vec<[f64; 2]> = self.points.iter().map(read).collect::<Option<_>>().ok_or("it has a point that is not two numbers")?;
        let kind = self.shape_type.as_deref().unwrap_or(if points.len() == 1 { "point" } else { "polygon" });
        let middle = |of: fn(&[f64; 2]) -> f64| {
            let (low, high) =
                points.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            f64::midpoint(low, high)
        };
        match (kind, &points[..]) {
            (_, []) => Err("it has no point".to_owned()),
            ("point", [point]) => Ok(point.map(|value| value as f32)),
            // Its first point is the centre, its second lies on the edge.
            ("circle", [centre, _]) => Ok(centre.map(|value| value as f32)),
            ("rectangle", [_, _] | [_, _, _, _]) => Ok([middle(|point| point[0]) as f32, middle(|point| point[1]) as f32]),
            ("polygon" | "oriented_rectangle" | "rotation", [_, _, _, ..]) => Ok(centroid(&points).map(|value| value as f32)),
            ("point" | "circle" | "rectangle" | "polygon" | "oriented_rectangle" | "rotation", _) => {
                Err(format!("it is a {kind} of {} points", points.len()))
            }
            (other, _) => Err(format!("its shape, {other}, has no centre; draw a point or a rectangle")),
        }
    }
}

/// The centre of a polygon's area; of one without area the middle of its corners.
fn centroid(points: &[[f64; 2]]) -> [f64; 2] {
    let (mut area, mut sum) = (0.0, [0.0; 2]);
    // Relative to the first corner, so that large coordinates lose nothing.
    let [x, y] = points[0];
    for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
        let (a, b) = ([a[0] - x, a[1] - y], [b[0] - x, b[1] - y]);
        let cross = a[0] * b[1] - b[0] * a[1];
        area += cross;
        sum = [sum[0] + (a[0] + b[0]) * cross, sum[1] + (a[1] + b[1]) * cross];
    }
    if area.abs() > 1e-6 {
        return [x + sum[0] / (3.0 * area), y + sum[1] / (3.0 * area)];
    }
    let mean = |at: usize| points.iter().map(|point| point[at]).sum::<f64>() / points.len() as f64;
    [mean(0), mean(1)]
}

pub fn read(source: &Path, wanted: &ImportOptions) -> Result<CohortBuilder, ImportError> {
    let mut builder = CohortBuilder::default();
    let files = if source.is_file() { Ok(vec![source.to_owned()]) } else { files_below(source, ".json", 2) };
    let folder = if source.is_file() { source.parent().unwrap_or(Path::new(".")) } else { source };
    let around = Films::of(&with_images(folder));
    for path in files.map_err(|error| ImportError::unreadable(source, &error))? {
        let bytes = intake::bytes(&path, intake::MAX_JSON).map_err(|error| ImportError::unreadable(&path, &error))?;
        match json::parse::<File>(&bytes) {
            Ok(file) => take(&mut builder, &path, &file, &around, wanted),
            Err(reason) if source.is_file() => return Err(ImportError::Damaged { path, what: "labelme file", reason }),
            Err(reason) => {
                let shapes = json::parse::<serde_json::Value>(&bytes).is_ok_and(|value| value.get("shapes").is_none());
                let reason = match shapes {
                    true => "it is not a labelme file: it has no shapes".to_owned(),
                    false => format!("it cannot be read as a labelme file ({reason})"),
                };
                builder.report.leave("file", &file_name(&path), reason);
            }
        }
    }
    if !builder.is_empty() {
        builder.report.note("boxes are squares around the landmarks, in the sizes of svh's table; no reader drew them");
    }
    Ok(builder)
}

fn take(builder: &mut CohortBuilder, path: &Path, file: &File, around: &Films, wanted: &ImportOptions) {
    let name = file_name(path);
    let Some(film) = film_of(path, file, around) else {
        builder.report.leave("file", &name, "its film is not there; put it beside the file");
        return;
    };
    let is_foot = |shape: &Shape| landmark(&shape.label).starts_with("mtp");
    let (feet, hands) = file.shapes.iter().partition::<Vec<_>, _>(|shape| is_foot(shape));
    let limb = wanted.limb.or_else(|| side(&file_name(&film), !feet.is_empty()));
    // Which landmarks there are decides before the film is taken.
    let known = patient_and_limb(stem(&file_name(&film)), limb).map(|(_, limb)| limb);
    let shapes = match known {
        Some(limb) if limb.is_hand() => hands,
        Some(_) => feet,
        None => Vec::new(),
    };
    if known.is_some() && shapes.is_empty() {
        builder.report.leave("file", &name, "its landmarks are of another kind of limb than its name says");
        return;
    }
    let Some(key) = builder.film(&film, limb) else { return };
    let size = builder.size(&key).unwrap_or_default();
    if let (Some(width), Some(height)) = (file.width, file.height)
        && (width, height) != size
    {
        builder.report.leave("file", &name, format!("it is for {width} x {height} pixels and its film has {} x {}", size.0, size.1));
        return;
    }
    boxes(builder, &key, &name, &shapes);
}

/// The film that a file names, or the one of its own name.
fn film_of(path: &Path, file: &File, around: &Films) -> Option<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let image = file.image.as_deref().unwrap_or_default();
    let named = folder.join(image.replace('\\', "/"));
    if !image.is_empty() && named.is_file() {
        return Some(named);
    }
    let beside = Films::of(&with_images(folder));
    let find = |name: &str| beside.find(name).or_else(|| around.find(name)).cloned();
    find(image).or_else(|| find(&file_name(path)))
}

/// For names that say the side alone, the landmarks say hand or foot.
fn side(name: &str, is_foot: bool) -> Option<Limb> {
    if Limb::split_stem(stem(name)).is_some() {
        return None;
    }
    let (_, hand) = patient_and_limb(stem(name), None)?;
    match (is_foot, hand) {
        (false, _) => None,
        (true, Limb::LeftHand) => Some(Limb::LeftFoot),
        (true, _) => Some(Limb::RightFoot),
    }
}

/// A label without the number in front: `5_mcp_1` is `mcp_1`; `mtp` is the big toe's IP.
fn landmark(label: &str) -> &str {
    let label = label.trim();
    let bare = label.split_once('_').filter(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    match bare.map_or(label, |(_, rest)| rest) {
        "mtp" => "mtp_ip",
        name => name,
    }
}

fn boxes(builder: &mut CohortBuilder, key: &super::cohort_builder::Key, file: &str, shapes: &[&Shape]) {
    let limb = key.1;
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let mut points: Vec<Option<[f32; 2]>> = vec![None; model.landmarks.len()];
    for shape in shapes {
        let what = format!("{} of {file}", shape.label);
        match (model.index(landmark(&shape.label)), shape.place()) {
            (None, _) => builder.report.leave("landmark", &what, "no box can be derived from it"),
            (_, Err(reason)) => builder.report.leave("landmark", &what, reason),
            (Some(place), Ok(_)) if points[place].is_some() => builder.report.leave("landmark", &what, "the film has it already"),
            (Some(place), Ok(point)) => points[place] = Some(point),
        }
    }
    // A foot's erosion boxes are those of narrowing.
    let tasks = Task::ALL.into_iter().filter(|task| limb.is_hand() || *task == Task::Narrowing);
    let filled: Vec<[f32; 2]> = points.iter().map(|point| point.unwrap_or_default()).collect();
    for task in tasks {
        for (joint, bbox) in layout::boxes(limb, task, &filled) {
            let needed = layout::landmarks_of(joint);
            let missing: Vec<&str> =
                needed.into_iter().filter(|name| model.index(name).is_none_or(|place| points[place].is_none())).collect();
            if missing.is_empty() {
                builder.add_box(key, joint, bbox, false);
            } else {
                builder.report.leave("box", &format!("{} of {file}", joint.label), format!("landmark {} is missing", missing.join(", ")));
            }
        }
    }
}

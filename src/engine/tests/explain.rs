//! Why a grade: the occlusion map against one that is worked out here in another way, similar joints against plain distances, and what is kept on disk.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

mod common;

use std::path::{Path, PathBuf};

use common::served::{Engine, add_scorer_of};
use serde_json::{Value, json};
use svh_core::{BBox, Film};
use svh_engine::crop::Gray;
use svh_engine::scorer::Scorer;
use tch::Device;

/// A network of random weights says much the same of everything; so little heat makes its differences matter.
const TEMPERATURE: f32 = 1e-3;
const BOX: [f32; 4] = [20.0, 30.0, 70.0, 80.0];

/// A model, a film with its copy, and another film.
fn place() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let models = root.path().join("models");
    std::fs::create_dir(&models).unwrap();
    add_scorer_of(&models, 2, TEMPERATURE);
    let film = |name: &str, seed: u32| {
        let gray = |x: u32, y: u32| image::Luma([((x * (7 + seed)) ^ (y * 5)) as u8]);
        image::GrayImage::from_fn(90, 120, gray).save(root.path().join(name)).unwrap();
    };
    film("P1-LH.png", 0);
    film("P2-LH.png", 0);
    film("P3-LH.png", 3);
    (root, models)
}

fn serve(models: &Path) -> Engine {
    let cache = models.parent().unwrap().join("cache");
    Engine::start_with(models, &[("XDG_CACHE_HOME", &cache)])
}

fn film(path: &Path, joints: &[(&str, [f32; 4], Option<u8>)]) -> Value {
    let joints: Vec<Value> = joints.iter().map(|(joint, bbox, grade)| json!({ "joint": joint, "box": bbox, "grade": grade })).collect();
    json!({ "path": path, "joints": joints })
}

fn explain(engine: &mut Engine, id: u64, path: &Path, turned: u16, bbox: [f32; 4]) -> Vec<Value> {
    let mut film = film(path, &[("LH_mcp_2", bbox, None)]);
    film["turned"] = json!(turned);
    engine.ask(&json!({ "request": "explain", "id": id, "query": { "task": "narrowing", "film": film } }));
    engine.answer(id)
}

fn falls(event: &Value) -> Vec<f32> {
    event["result"]["falls"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

/// The expected grade of a crop: the mean of the softmax.
fn expected(scorer: &Scorer, crop: Gray) -> f32 {
    let logits = scorer.logits(&[crop]).unwrap().remove(0);
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let shares: Vec<f32> = logits.iter().map(|v| ((v - most) / TEMPERATURE).exp()).collect();
    let sum: f32 = shares.iter().sum();
    shares.iter().enumerate().map(|(grade, share)| grade as f32 * share / sum).sum()
}

/// Three times the mean of a square around each pixel, with the border continued.
fn blurred(values: &[f32], size: i64) -> Vec<f32> {
    let reach = size / 16;
    let mut now = values.to_vec();
    for _ in 0..3 {
        let at = |x: i64, y: i64| now[(y.clamp(0, size - 1) * size + x.clamp(0, size - 1)) as usize];
        let mean = |x: i64, y: i64| {
            let square = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
            square.map(|(dx, dy)| at(x + dx, y + dy)).sum::<f32>() / ((2 * reach + 1) * (2 * reach + 1)) as f32
        };
        now = (0..size * size).map(|index| mean(index % size, index / size)).collect();
    }
    now
}

#[test]
fn a_map_says_how_far_the_grade_falls_where_a_place_is_blurred() {
    let (root, models) = place();
    let path = root.path().join("P1-LH.png");
    let mut engine = serve(&models);
    let events = explain(&mut engine, 1, &path, 0, BOX);
    assert_eq!(events[0]["event"], "explained", "{events:?}");
    let map = falls(&events[0]);
    assert_eq!((map.len(), &events[0]["result"]["model"]), (144, &json!("scorer")));
    let most = map.iter().fold(0.0_f32, |most, fall| most.max(fall.abs()));
    assert!(most > 1e-3, "the test would see nothing: {most}");
    // The same without the engine's way of blurring.
    let scorer = Scorer::load(&models.join("scorer"), Device::Cpu).unwrap();
    let size = scorer.config().size as usize;
    let crop = scorer.config().crop().crop(&Film::open(&path).unwrap(), BBox::from(BOX), size as u32).unwrap();
    let soft = blurred(&crop.values, size as i64);
    let whole = expected(&scorer, crop.clone());
    for place in [0_usize, 67, 78, 143] {
        let (x, y) = ((place % 12) as f32 + 0.5, (place / 12) as f32 + 0.5);
        let side = size as f32 / 12.0;
        let mix = |at: usize| {
            let (dx, dy) = ((at % size) as f32 + 0.5 - x * side, (at / size) as f32 + 0.5 - y * side);
            let share = (-(dx * dx + dy * dy) / (2.0 * (0.07 * size as f32).powi(2))).exp();
            crop.values[at] * (1.0 - share) + soft[at] * share
        };
        let without = Gray { values: (0..size * size).map(mix).collect(), coverage: crop.coverage.clone() };
        let fall = whole - expected(&scorer, without);
        assert!((map[place] - fall).abs() < 0.05 * most, "{place}: {} and {fall}, at most {most}", map[place]);
    }
}

#[test]
fn integrated_gradients_add_up_to_what_the_crop_has_beyond_its_blurred_self() {
    // A random network says the same of every crop; the shipped one tells a closed space from a blurred one.
    let scorer = Scorer::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/scorer-narrowing"), Device::Cpu).unwrap();
    let size = scorer.config().size as usize;
    let bone = |at: usize| {
        let (x, y) = ((at % size) as f32 / size as f32 - 0.5, (at / size) as f32 / size as f32 - 0.5);
        if x.abs() > 0.28 { 0.25 } else { 0.6 + 0.35 * f32::from(u8::from(y.abs() < 0.06)) }
    };
    let values: Vec<f32> = (0..size * size).map(bone).collect();
    let crop = Gray { coverage: vec![1.0; values.len()], values };
    let soft = Gray { values: blurred(&crop.values, size as i64), coverage: crop.coverage.clone() };
    let joint = svh_core::joint::by_label(svh_core::Task::Narrowing, "LH_mcp_2").unwrap();
    let grade =
        |crop: &Gray| svh_engine::scorer::expected(scorer.config(), joint, &scorer.logits(std::slice::from_ref(crop)).unwrap()[0]).unwrap();
    let map = svh_engine::explain::gradient::of_crop(&scorer, joint, &crop).unwrap();
    let (sum, between) = (map.iter().sum::<f32>(), grade(&crop) - grade(&soft));
    assert!(between.abs() > 0.02, "the test would see nothing: {between}");
    assert_eq!(map.len(), 144);
    assert!((sum - between).abs() < 0.1 * between.abs(), "{sum} and {between}");
}

#[test]
fn a_film_that_lies_on_its_side_is_explained_upright_and_answered_as_it_lies() {
    let (root, models) = place();
    let path = root.path().join("P1-LH.png");
    let picture = image::open(&path).unwrap();
    let turned = root.path().join("P9-LH.png");
    picture.rotate270().save(&turned).unwrap();
    let mut engine = serve(&models);
    let upright = explain(&mut engine, 1, &path, 0, BOX).remove(0);
    // A film of 90 x 120 turned to the left: x becomes y from below, y becomes x.
    let lying = explain(&mut engine, 2, &turned, 90, [BOX[1], 90.0 - BOX[2], BOX[3], 90.0 - BOX[0]]).remove(0);
    assert_eq!(upright["result"]["expected"], lying["result"]["expected"]);
    let (upright, lying) = (falls(&upright), falls(&lying));
    for (row, column) in [(0, 0), (3, 7), (11, 2)] {
        assert_eq!(upright[row * 12 + column], lying[(11 - column) * 12 + row], "{row} {column}");
    }
}

#[test]
fn what_was_worked_out_is_kept_for_the_same_weights_and_the_same_crop() {
    let (root, models) = place();
    let path = root.path().join("P1-LH.png");
    let mut engine = serve(&models);
    let first = explain(&mut engine, 1, &path, 0, BOX).remove(0);
    let folder = root.path().join("cache/svh/explain");
    let kept: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(kept.len(), 1);
    // What is on disk is what is answered.
    let mut map: Value = serde_json::from_slice(&std::fs::read(&kept[0]).unwrap()).unwrap();
    assert_eq!(map["falls"], first["result"]["falls"]);
    map["expected"] = json!(9.0);
    std::fs::write(&kept[0], map.to_string()).unwrap();
    assert_eq!(explain(&mut engine, 2, &path, 0, BOX)[0]["result"]["expected"], 9.0);
    let other = explain(&mut engine, 3, &path, 0, [21.0, 30.0, 71.0, 80.0]).remove(0);
    assert_ne!(other["result"]["expected"], 9.0, "another crop");
    // A damaged file costs time only.
    std::fs::write(&kept[0], "{").unwrap();
    assert_eq!(explain(&mut engine, 4, &path, 0, BOX)[0]["result"]["falls"], first["result"]["falls"]);
    drop(engine);
    std::fs::remove_dir_all(models.join("scorer")).unwrap();
    add_scorer_of(&models, 3, TEMPERATURE);
    let retrained = explain(&mut serve(&models), 1, &path, 0, BOX).remove(0);
    assert_ne!(retrained["result"]["falls"], first["result"]["falls"], "other weights");
}

#[test]
fn the_nearest_reference_joints_come_first_and_the_joint_itself_is_left_out() {
    let (root, models) = place();
    let path = |name: &str| root.path().join(name);
    let near = [22.0, 32.0, 72.0, 82.0];
    let references = json!([
        film(&path("P1-LH.png"), &[("LH_mcp_2", BOX, Some(0)), ("LH_mcp_3", [10.0, 60.0, 60.0, 110.0], Some(1))]),
        film(&path("P2-LH.png"), &[("LH_mcp_2", BOX, Some(3)), ("LH_mcp_3", near, Some(2))]),
        film(&path("gone-LH.png"), &[("LH_mcp_2", BOX, Some(4))]),
        film(&path("P3-LH.png"), &[("LH_mcp_2", BOX, Some(4)), ("LH_mcp_3", [900.0, 900.0, 950.0, 950.0], Some(1))]),
    ]);
    let query = json!({ "task": "narrowing", "film": film(&path("P1-LH.png"), &[("LH_mcp_2", BOX, None)]) });
    let mut engine = serve(&models);
    let mut ask = |id: u64, most: usize| {
        engine.ask(&json!({ "request": "similar", "id": id, "query": query, "references": references, "most": most }));
        let events = engine.answer(id);
        assert_eq!(events[0]["event"], "similar", "{events:?}");
        events[0]["result"].as_array().unwrap().clone()
    };
    let found = ask(1, 10);
    let names: Vec<(String, Option<u64>)> = found
        .iter()
        .map(|one| {
            (Path::new(one["path"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned(), one["joint"]["grade"].as_u64())
        })
        .collect();
    assert_eq!(names.len(), 4, "itself, the film that is gone and the box beside its film are left out: {names:?}");
    assert_eq!(names[0], ("P2-LH.png".to_owned(), Some(3)), "the same pixels");
    assert!(found[0]["distance"].as_f64().unwrap() < 1e-4);
    // Plain distances of features, since this model's familiarity was never fitted.
    let scorer = Scorer::load(&models.join("scorer"), Device::Cpu).unwrap();
    let features = |name: &str, bbox: [f32; 4]| {
        let crop = scorer.config().crop().crop(&Film::open(&path(name)).unwrap(), BBox::from(bbox), scorer.config().size as u32).unwrap();
        scorer.features(&[crop]).unwrap().remove(0)
    };
    let own = features("P1-LH.png", BOX);
    for one in &found {
        let bbox: Vec<f32> = one["joint"]["box"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect();
        let name = Path::new(one["path"].as_str().unwrap()).file_name().unwrap().to_str().unwrap();
        let other = features(name, bbox.try_into().unwrap());
        let distance = own.iter().zip(&other).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
        assert!((distance - one["distance"].as_f64().unwrap() as f32).abs() < 1e-3 * distance.max(1.0), "{one}");
    }
    assert!(found.windows(2).all(|pair| pair[0]["distance"].as_f64() <= pair[1]["distance"].as_f64()));
    // From disk they are the same, and no more than were asked for.
    assert_eq!(ask(2, 2), found[..2]);
}

#[test]
fn a_joint_that_no_model_grades_and_a_film_that_is_gone_are_named() {
    let (root, models) = place();
    let mut engine = serve(&models);
    let query = json!({ "task": "erosion", "film": film(&root.path().join("P1-LH.png"), &[("LH_mcp_2", BOX, None)]) });
    engine.ask(&json!({ "request": "explain", "id": 1, "query": query }));
    let failed = engine.answer(1).remove(0);
    assert_eq!((&failed["event"], &failed["fault"]), (&json!("failed"), &json!("user")));
    assert!(failed["message"].as_str().unwrap().contains("no model grades the erosion of LH_mcp_2"), "{failed}");
    let gone = explain(&mut engine, 2, &root.path().join("gone-LH.png"), 0, BOX).remove(0);
    assert!(gone["message"].as_str().unwrap().contains("gone-LH.png"), "{gone}");
    let beside = explain(&mut engine, 3, &root.path().join("P1-LH.png"), 0, [900.0, 900.0, 990.0, 990.0]).remove(0);
    assert!(beside["message"].as_str().unwrap().contains("covers no pixel"), "{beside}");
}

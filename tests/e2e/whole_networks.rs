//! torchvision's networks, and the paper's EfficientNet, at full size through the real programs: `svh model import`, then `svh detect --raw` and
//! `svh model run`, against what the libraries said of the same weights and films. `fixtures/whole_networks.py` made the answers; weights and films are drawn here as it drew them.

use std::path::{Path, PathBuf};

use image::GrayImage;
use safetensors::{Dtype, serialize_to_file, tensor::TensorView};
use serde_json::Value;
use svh_tests::program::{run, svh};
use svh_tests::skip::skip;

const ON_CPU: &[&str] = &["--device", "cpu"];

fn fixture(case: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../fixtures/whole_networks.json")).unwrap();
    all[case].clone()
}

/// Values from 0 up to 1, fixed by the name: FNV-1a of the name, then splitmix64, the upper 24 bits.
fn noise(name: &str) -> impl Iterator<Item = f32> + use<> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (1_u64..).map(move |index| {
        let mut z = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f32 / (1_u32 << 24) as f32
    })
}

fn pair(value: &Value) -> [u32; 2] {
    serde_json::from_value(value.clone()).unwrap()
}

/// The script's `film`, as a PNG: discs over a slope, with grain.
fn draw_film(path: &Path, name: &str, [width, height]: [u32; 2]) {
    let (w, h) = (i64::from(width), i64::from(height));
    let mut gray: Vec<i64> = (0..w * h).map(|at| 40 + 40 * (at / w) / h).collect();
    let discs: Vec<f32> = noise(&format!("{name} discs")).take(240).collect();
    for disc in discs.chunks_exact(4) {
        let (cx, cy) = ((disc[0] * width as f32) as i64, (disc[1] * height as f32) as i64);
        let radius = (6.0 + disc[2] * disc[2] * 160.0) as i64;
        let light = (disc[3] * 120.0) as i64;
        for (at, gray) in (0..).zip(&mut gray) {
            let apart = (at % w - cx).pow(2) + (at / w - cy).pow(2);
            *gray += (radius * radius - apart).max(0) * light / (radius * radius);
        }
    }
    let grain = noise(&format!("{name} grain"));
    let pixels = gray.iter().zip(grain).map(|(gray, grain)| (gray + (grain * 8.0) as i64).min(255) as u8);
    GrayImage::from_raw(width, height, pixels.collect()).unwrap().save(path).unwrap();
}

/// The weights of a case as a safetensors file; `with_counters` adds what torchvision's batch norms count.
fn write_weights(path: &Path, case: &Value, with_counters: bool) {
    let mut stored: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for tensor in case["tensors"].as_array().unwrap() {
        let shape: Vec<usize> = serde_json::from_value(tensor[2].clone()).unwrap();
        let (middle, spread) = (tensor[3].as_f64().unwrap() as f32, tensor[4].as_f64().unwrap() as f32);
        let values = noise(tensor[1].as_str().unwrap()).map(|u| (u * 2.0 - 1.0) * spread + middle);
        let data = values.take(shape.iter().product()).flat_map(f32::to_le_bytes).collect();
        let name = tensor[0].as_str().unwrap();
        stored.push((name.to_owned(), Dtype::F32, shape, data));
        if let (true, Some(norm)) = (with_counters, name.strip_suffix("running_var")) {
            stored.push((format!("{norm}num_batches_tracked"), Dtype::I64, Vec::new(), vec![0; 8]));
        }
    }
    let views = stored.iter().map(|(name, dtype, shape, data)| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    serialize_to_file(views, None, path).unwrap();
}

/// Writes a case's weights, imports them as `models/m` and takes the weights away again.
fn import(folder: &Path, case: &Value, arguments: &[&str]) -> PathBuf {
    let (weights, models) = (folder.join("weights.safetensors"), folder.join("models"));
    write_weights(&weights, case, arguments[1].starts_with("efficientnet"));
    let ran = run(svh().args(["model", "import"]).arg(&weights).args(arguments).arg("--out").arg(models.join("m")));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    std::fs::remove_file(weights).unwrap();
    models
}

/// The detections of the case's film as class, score and box.
fn detect(folder: &Path, models: &Path, case: &Value, how: &[&str]) -> Vec<[f64; 6]> {
    let (film, size) = (folder.join("film.png"), pair(&case["size"]));
    draw_film(&film, "narrowing", size);
    let ran = run(svh().args(how).args(["detect", "--raw", "--json", "--models"]).arg(models).arg(&film));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let [line] = &ran.json()[..] else { panic!("{ran:?}") };
    assert_eq!(line["width"], size[0]);
    let numbers = |found: &Value| {
        let edge = |edge: usize| found["box"][edge].as_f64().unwrap();
        [found["class_id"].as_f64().unwrap(), found["score"].as_f64().unwrap(), edge(0), edge(1), edge(2), edge(3)]
    };
    line["detections"].as_array().unwrap().iter().map(numbers).collect()
}

/// The greatest distance between edges, in pixels.
fn apart(a: &[f64; 6], b: &[f64; 6]) -> f64 {
    a[2..].iter().zip(&b[2..]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// As many boxes, and each of torchvision's once: same class, edges within half a pixel, score within a thousandth.
fn assert_same(mut ours: Vec<[f64; 6]>, theirs: &Value) {
    let theirs: Vec<[f64; 6]> = serde_json::from_value(theirs.clone()).unwrap();
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.windows(2).all(|pair| pair[0][1] >= pair[1][1]), "the best come first");
    for wanted in &theirs {
        let same_class = (0..ours.len()).filter(|at| ours[*at][0] == wanted[0]);
        let nearest = same_class.min_by(|a, b| apart(&ours[*a], wanted).total_cmp(&apart(&ours[*b], wanted)));
        let found = ours.swap_remove(nearest.unwrap_or_else(|| panic!("no box of class {} for {wanted:?}", wanted[0])));
        assert!(apart(&found, wanted) < 0.5 && (found[1] - wanted[1]).abs() < 1e-3, "{found:?}, torchvision has {wanted:?}");
    }
}

#[test]
fn an_imported_resnet50_detector_finds_torchvisions_boxes() {
    let folder = tempfile::tempdir().unwrap();
    let case = fixture("narrowing");
    let models = import(folder.path(), &case, &["--arch", "fasterrcnn_resnet50_fpn", "--task", "narrowing"]);
    assert_same(detect(folder.path(), &models, &case, ON_CPU), &case["detections"]);
}

#[test]
fn a_detector_of_91_classes_with_old_names_and_no_epsilon_finds_torchvisions_boxes() {
    let folder = tempfile::tempdir().unwrap();
    let case = fixture("coco_names");
    assert!(case["tensors"].as_array().unwrap().iter().any(|tensor| tensor[0] == "rpn.head.conv.weight"));
    let arguments = ["--arch", "fasterrcnn_resnet50_fpn", "--task", "narrowing", "--classes", "91", "--bn-eps", "0"];
    let models = import(folder.path(), &case, &arguments);
    let found = detect(folder.path(), &models, &case, ON_CPU);
    assert!(found.iter().any(|found| found[0] > 42.0), "classes without a joint are answered too");
    assert_same(found, &case["detections"]);

    // The variances are such that the epsilon counts: with another one the same weights say something else.
    let card = models.join("m/card.json");
    let mut changed: Value = serde_json::from_str(&std::fs::read_to_string(&card).unwrap()).unwrap();
    assert_eq!(changed["norm"]["eps"], 0.0);
    changed["norm"]["eps"] = 1e-5.into();
    std::fs::write(&card, changed.to_string()).unwrap();
    let other = detect(folder.path(), &models, &case, ON_CPU);
    assert!((other[0][1] - case["detections"][0][1].as_f64().unwrap()).abs() > 1e-3, "{:?}", other[0]);
}

#[test]
fn half_precision_on_a_gpu_finds_nearly_the_same_and_is_refused_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.png");
    draw_film(&film, "narrowing", [200, 300]);
    run(svh().args(["--half", "--device", "cpu", "detect", "--raw", "--json"]).arg(&film)).refused(2, &["--half needs a GPU"]);

    let devices = run(svh().args(["doctor", "--json"])).json()[0]["engine"]["devices"].clone();
    if devices.as_array().is_none_or(|devices| devices.len() < 2) {
        return skip("svh finds no CUDA device, so half precision is not compared");
    }
    let case = fixture("narrowing");
    let models = import(folder.path(), &case, &["--arch", "fasterrcnn_resnet50_fpn", "--task", "narrowing"]);
    let ours = detect(folder.path(), &models, &case, &["--half", "--device", "cuda"]);
    let theirs: Vec<[f64; 6]> = serde_json::from_value(case["detections"].clone()).unwrap();
    // Which of two boxes of almost one score suppresses the other, and which is the hundredth, may change.
    let twin = |a: &&[f64; 6]| ours.iter().any(|b| a[0] == b[0] && (a[1] - b[1]).abs() < 2e-2 && apart(a, b) < 5.0);
    let found = theirs.iter().filter(twin).count();
    assert!(found >= 90, "{found} of {} boxes", theirs.len());
}

/// Imports a case's scorer and holds its logits against the fixture's.
fn assert_same_logits(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let case = fixture(name);
    let models = import(folder.path(), &case, &["--arch", "efficientnet_b4", "--task", "narrowing"]);
    for crop in case["crops"].as_array().unwrap() {
        let image = folder.path().join("crop.png");
        draw_film(&image, name, pair(&crop["size"]));
        let ran = run(svh().args(["--device", "cpu", "model", "run"]).arg(models.join("m")).arg(&image).arg("--json"));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let logits = |value: &Value| serde_json::from_value::<Vec<f64>>(value.clone()).unwrap();
        let (ours, theirs) = (logits(&ran.json()[0]["logits"]), logits(&crop["logits"]));
        assert_eq!(ours.len(), 5);
        assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-3), "{ours:?}, the fixture has {theirs:?}");
    }
}

#[test]
fn an_imported_efficientnet_b4_gives_torchvisions_logits() {
    assert_same_logits("efficientnet_b4");
}

#[test]
fn an_imported_b4_of_the_papers_library_gives_its_logits() {
    assert_same_logits("lukemelas_b4");
}

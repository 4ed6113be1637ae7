//! The shape model fitted to joints whose true places are known: limbs drawn from the model with errors of box centres.
#![allow(clippy::unwrap_used)]

use svh_core::shape::{Observation, ShapeFit, ShapeModel};
use svh_core::{Joint, Limb, Task, layout};

#[path = "../../../tests/src/skip.rs"]
mod skip;

use skip::skip;

/// Numbers about normal with deviation 1, the same on every machine (a 64-bit congruential generator, twelve uniform numbers summed).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }
}

const WIDTH: u32 = 1200;

/// Landmarks on a film, as seen (right limbs mirrored), and the palm or foot width.
fn limb(limb: Limb, noise: &mut Noise) -> Vec<[f32; 2]> {
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let z: Vec<f32> = model.modes.iter().map(|_| noise.normal().clamp(-2.5, 2.5)).collect();
    let (size, angle) = (900.0 + 300.0 * noise.uniform(), (noise.normal() * 8.0).to_radians());
    let (sin, cos) = angle.sin_cos();
    let place = |[x, y]: [f32; 2]| {
        let (right, down) = (600.0 + size * (cos * x - sin * y), 800.0 + size * (sin * x + cos * y));
        [if matches!(limb, Limb::RightHand | Limb::RightFoot) { WIDTH as f32 - right } else { right }, down]
    };
    model.shape(&z).into_iter().map(place).collect()
}

/// The centres of all boxes with errors of this deviation in palm or foot widths.
fn observe(limb: Limb, landmarks: &[[f32; 2]], error: f32, noise: &mut Noise) -> Vec<Observation> {
    let unit = layout::unit(limb, landmarks);
    let boxes = Task::ALL.into_iter().flat_map(|task| layout::boxes(limb, task, landmarks));
    let moved = boxes.map(|(joint, bbox)| {
        let (x, y) = bbox.centre();
        Observation { joint, centre: (x + noise.normal() * error * unit, y + noise.normal() * error * unit) }
    });
    moved.collect()
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn is(joint: &Joint, name: &str) -> bool {
    joint.joint == name
}

#[test]
fn a_missing_joint_is_placed_from_the_others() {
    let mut noise = Noise(1);
    let mut errors = Vec::new();
    for round in 0..200 {
        let which = Limb::ALL[round % 4];
        let reference = limb(which, &mut noise);
        let all = observe(which, &reference, 0.02, &mut noise);
        let missing = all[round % all.len()].joint;
        let rest: Vec<_> = all.iter().copied().filter(|o| !is(o.joint, &missing.joint)).collect();
        let fit = ShapeFit::of(which, WIDTH, &rest).unwrap();
        let expected = layout::boxes(which, missing.task, &reference).into_iter().find(|(joint, _)| *joint == missing).unwrap().1.centre();
        let found = fit.predict(missing).unwrap();
        let unit = layout::unit(which, &reference);
        errors.push((distance(found.centre, expected) / unit, found.sd));
    }
    errors.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, high) = (errors[100].0, errors[190].0);
    println!("error in palm or foot widths: median {median:.3}, 95 % {high:.3}");
    assert!(median < 0.06 && high < 0.2, "{median} {high}");
    // The deviation that is told must cover the errors: two axes, twice the deviation holds 86 % of a normal cloud.
    let covered = errors.iter().filter(|(error, sd)| *error < 2.0 * sd).count();
    assert!(covered >= 160, "{covered}");
}

#[test]
fn joints_that_lie_right_are_plausible_and_swapped_neighbours_are_not() {
    let mut noise = Noise(2);
    let (mut false_alarms, mut joints, mut caught, mut swaps) = (0, 0, 0, 0);
    for round in 0..200 {
        let which = if round % 2 == 0 { Limb::LeftHand } else { Limb::RightHand };
        let reference = limb(which, &mut noise);
        let mut all = observe(which, &reference, 0.04, &mut noise);
        let fit = ShapeFit::of(which, WIDTH, &all).unwrap();
        false_alarms += all.iter().filter(|o| !fit.judge(o.joint, o.centre).unwrap().plausible).count();
        joints += all.len();
        // One finger's joint is found on its neighbour.
        let names = [["pip_2", "pip_3"], ["pip_5", "pip_4"], ["mcp_4", "mcp_3"], ["mcp_ip", "pip_2"]][round / 2 % 4];
        let neighbour = all.iter().find(|o| is(o.joint, names[1])).unwrap().centre;
        let wrong: Vec<_> = (0..all.len()).filter(|at| is(all[*at].joint, names[0])).collect();
        for at in wrong {
            all[at].centre = neighbour;
        }
        if let Some(fit) = ShapeFit::of(which, WIDTH, &all) {
            swaps += 1;
            caught += usize::from(all.iter().filter(|o| is(o.joint, names[0])).all(|o| !fit.judge(o.joint, o.centre).unwrap().plausible));
        }
    }
    println!("{false_alarms} false alarms in {joints} joints, {caught} of {swaps} swaps caught");
    assert_eq!(swaps, 200);
    assert!(false_alarms * 1000 < joints && caught >= 180, "{false_alarms} of {joints}, {caught} of {swaps}");
}

#[test]
fn wrist_boxes_alone_place_a_wrist_joint_and_say_how_little_they_know_of_fingers() {
    let mut noise = Noise(3);
    let reference = limb(Limb::LeftHand, &mut noise);
    let all = observe(Limb::LeftHand, &reference, 0.02, &mut noise);
    let wrist: Vec<_> = all.iter().copied().filter(|o| o.joint.joint.starts_with("wrist_") && !is(o.joint, "wrist_lunate")).collect();
    let fit = ShapeFit::of(Limb::LeftHand, WIDTH, &wrist).unwrap();
    let place = |name: &str| {
        let o = all.iter().find(|o| is(o.joint, name)).unwrap();
        let found = fit.predict(o.joint).unwrap();
        (distance(found.centre, o.centre) / layout::unit(Limb::LeftHand, &reference), found.sd)
    };
    let (lunate, pip) = (place("wrist_lunate"), place("pip_3"));
    assert!(lunate.0 < 0.1 && lunate.1 < 0.1, "{lunate:?}");
    assert!(pip.1 > 0.2, "{pip:?}");
}

#[test]
fn too_few_joints_and_scattered_ones_have_no_shape() {
    let mut noise = Noise(4);
    let reference = limb(Limb::LeftFoot, &mut noise);
    let all = observe(Limb::LeftFoot, &reference, 0.02, &mut noise);
    let some = |count| all.iter().copied().take(count).collect::<Vec<_>>();
    assert!(ShapeFit::of(Limb::LeftFoot, WIDTH, &some(3)).is_none());
    assert!(ShapeFit::of(Limb::LeftFoot, WIDTH, &some(4)).is_some());
    assert!(ShapeFit::of(Limb::LeftHand, WIDTH, &all).is_none(), "these are joints of another limb");
    let hand = limb(Limb::LeftHand, &mut noise);
    let mut scattered = observe(Limb::LeftHand, &hand, 0.0, &mut noise);
    for o in &mut scattered {
        o.centre = (noise.uniform() * 1200.0, noise.uniform() * 1600.0);
    }
    assert!(ShapeFit::of(Limb::LeftHand, WIDTH, &scattered).is_none());
    scattered.iter_mut().for_each(|o| o.centre = (5.0, f32::NAN));
    assert!(ShapeFit::of(Limb::LeftHand, WIDTH, &scattered).is_none());
    scattered.iter_mut().for_each(|o| o.centre = (5.0, 5.0));
    assert!(ShapeFit::of(Limb::LeftHand, WIDTH, &scattered).is_none());
}

#[test]
fn the_fit_tells_rotation_size_and_landmarks() {
    let mut noise = Noise(5);
    for which in Limb::ALL {
        let reference = limb(which, &mut noise);
        let fit = ShapeFit::of(which, WIDTH, &observe(which, &reference, 0.0, &mut noise)).unwrap();
        let unit = layout::unit(which, &reference);
        assert!((fit.unit() / unit - 1.0).abs() < 0.2);
        assert!(fit.rotation().abs() < 40.0);
        for (found, reference) in fit.landmarks().iter().zip(&reference) {
            let error = distance((found[0], found[1]), (reference[0], reference[1])) / unit;
            assert!(error < 0.05, "{which} {error}");
        }
    }
}

#[test]
fn the_finger_joints_of_real_hands_are_plausible() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/films/dha/landmarks.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return skip(&format!("there is no {}", path.display()));
    };
    let mut films = std::collections::BTreeMap::<&str, Vec<Observation>>::new();
    for line in text.lines().skip(1) {
        let cells: Vec<_> = line.split(',').collect();
        let joint = Task::ALL.into_iter().find_map(|task| svh_core::joint::by_label(task, &format!("LH_{}", cells[1])));
        let Some(joint) = joint else { continue };
        films.entry(cells[0]).or_default().push(Observation { joint, centre: (cells[2].parse().unwrap(), cells[3].parse().unwrap()) });
    }
    assert!(films.len() >= 5);
    for (film, found) in films {
        let fit = ShapeFit::of(Limb::LeftHand, 2000, &found).unwrap();
        for o in &found {
            let verdict = fit.judge(o.joint, o.centre).unwrap();
            println!("{film} {} {:.3} from its expected place, deviation {:.3}", o.joint.joint, verdict.distance, verdict.expected.sd);
            assert!(verdict.plausible, "{film} {} {verdict:?}", o.joint.joint);
        }
    }
}

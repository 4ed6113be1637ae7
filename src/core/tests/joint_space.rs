//! The estimate of joint spaces on the films of the demo cohort: spaces of healthy joints are found, and are as wide as joint spaces are.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

use std::collections::BTreeMap;
use std::path::Path;

use svh_core::{Cohort, Film, JointGroup, JointSpace, Limb, Task, bone_axis};

#[test]
fn spaces_of_healthy_joints_are_found_and_have_a_likely_width() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/demo");
    let cohort = Cohort::open(&root).unwrap();
    // Shares of the box's longer side, by grade; and joints without a gap.
    let mut widths: BTreeMap<u8, Vec<f32>> = BTreeMap::new();
    let mut unseen: BTreeMap<u8, usize> = BTreeMap::new();
    for patient in cohort.patients() {
        let grades = *cohort.grades_of(patient).unwrap();
        for limb in [Limb::LeftHand, Limb::RightHand] {
            let Some(film) = cohort.film(patient, limb).and_then(|path| Film::open(&path).ok()) else { continue };
            let labels = cohort.boxes(patient, limb);
            let all = labels.of(Task::Narrowing).iter().chain(labels.of(Task::Erosion));
            let centres: Vec<_> = all.map(|labelled| (labelled.joint.joint.as_str(), labelled.bbox.centre())).collect();
            for labelled in labels.of(Task::Narrowing).iter().filter(|labelled| labelled.joint.group() == JointGroup::Finger) {
                let Some(grade) = grades.get(labelled.joint) else { continue };
                match JointSpace::measure(&film, labelled.bbox, bone_axis::of(labelled.joint, &centres)) {
                    Some(space) => {
                        let side = labelled.bbox.width().max(labelled.bbox.height());
                        widths.entry(grade).or_default().push(space.width((1.0, 1.0)) / side);
                    }
                    None => *unseen.entry(grade).or_default() += 1,
                }
            }
        }
    }
    let median = |grades: &[u8]| {
        let mut all: Vec<f32> = grades.iter().filter_map(|grade| widths.get(grade)).flatten().copied().collect();
        all.sort_by(f32::total_cmp);
        all[all.len() / 2]
    };
    let told = format!(
        "medians {:?}, counts {:?}, unseen {unseen:?}",
        widths.keys().map(|grade| (*grade, median(&[*grade]))).collect::<Vec<_>>(),
        widths.iter().map(|(grade, all)| (*grade, all.len())).collect::<Vec<_>>()
    );
    println!("{told}");
    // A space takes 4 to 12 hundredths of the box of a finger's joint.
    let healthy = median(&[0]);
    assert!((0.04..=0.12).contains(&healthy), "{told}");
    let inside = widths[&0].iter().filter(|width| (0.5 * healthy..2.0 * healthy).contains(*width)).count();
    assert!(inside as f32 > 0.9 * widths[&0].len() as f32, "{told}");
    let seen = widths[&0].len() as f32 / (widths[&0].len() + unseen.get(&0).copied().unwrap_or(0)) as f32;
    assert!(seen > 0.9, "{told}");
}

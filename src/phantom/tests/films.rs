//! What any film must show: its joints on the film, its side, and bone brighter than flesh brighter than air.
#![allow(clippy::unwrap_used)] // a test may panic

use svh_core::shape::ShapeModel;
use svh_core::{Limb, Side, Task};
use svh_phantom::{FilmSpec, GradeMix, PhantomFilm, Setting, render_limb};

fn films(setting: Setting, mix: GradeMix, patients: u32) -> impl Iterator<Item = (Limb, PhantomFilm)> {
    (0..patients).flat_map(move |patient| {
        Limb::ALL.map(|limb| (limb, render_limb(&FilmSpec { setting, mix, max_side: Some(240), ..FilmSpec::new(3, patient, limb) })))
    })
}

#[test]
fn every_box_lies_on_its_film_with_its_centre_where_the_joint_is() {
    for (setting, mix) in [(Setting::Standard, GradeMix::Natural), (Setting::Standard, GradeMix::Even), (Setting::Outside, GradeMix::Even)]
    {
        for (limb, film) in films(setting, mix, 10) {
            let (width, height) = (film.picture.width() as f32, film.picture.height() as f32);
            assert_eq!(film.boxes.len(), if limb.is_hand() { 31 } else { 12 });
            for (joint, b) in &film.boxes {
                assert!(
                    b.x0 >= 0.0 && b.y0 >= 0.0 && b.x1 <= width && b.y1 <= height && b.width() > 4.0 && b.height() > 4.0,
                    "{limb} {} {b:?}",
                    joint.label
                );
            }
        }
    }
}

#[test]
fn a_film_cut_to_the_wrist_keeps_the_wrist_and_drops_the_fingertips() {
    for patient in 0..8 {
        let film = render_limb(&FilmSpec { wrist_share: 1.0, max_side: Some(240), ..FilmSpec::new(3, patient, Limb::RightHand) });
        let has = |name: &str| film.boxes.iter().any(|(joint, _)| joint.joint == name);
        assert!(["wrist_lunate", "wrist_capnlun", "wrist_nav", "wrist_cmc3", "wrist_radcar"].into_iter().all(has));
        assert!(!["pip_2", "pip_3", "pip_4"].into_iter().any(has));
        let (width, height) = (film.picture.width() as f32, film.picture.height() as f32);
        assert!(film.boxes.iter().all(|(_, b)| b.x0 >= 0.0 && b.y0 >= 0.0 && b.x1 <= width && b.y1 <= height));
    }
}

#[test]
fn right_limbs_show_thumb_and_big_toe_on_the_left() {
    for (limb, film) in films(Setting::Standard, GradeMix::Natural, 4) {
        let (model, near, far) =
            if limb.is_hand() { (ShapeModel::hand(), "mcp_1", "mcp_5") } else { (ShapeModel::foot(), "mtp_1", "mtp_5") };
        let x = |name| film.landmarks[model.index(name).unwrap()][0];
        assert_eq!(x(near) < x(far), limb.side() == Side::Right, "{limb}");
    }
}

#[test]
fn bone_is_brighter_than_flesh_and_flesh_than_air() {
    let mut in_order = 0;
    let mut all = 0;
    for (limb, film) in films(Setting::Standard, GradeMix::Natural, 20) {
        if !limb.is_hand() {
            continue;
        }
        let point = |name: &str| film.landmarks[ShapeModel::hand().index(name).unwrap()];
        let gray = |p: [f32; 2]| {
            let mut sum = 0.0;
            for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let at = |v: f32, most: u32| (v.max(0.0) as u32).min(most - 1);
                sum += f32::from(film.picture.get_pixel(at(p[0] + dx, film.picture.width()), at(p[1] + dy, film.picture.height()))[0]);
            }
            sum / 5.0
        };
        let mid = |a: [f32; 2], b: [f32; 2], t: f32| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        // The shaft of the third metacarpal, the flesh between the third and the fourth, the air between index finger and thumb's tip.
        let shaft = mid(point("mcp_3"), point("w2"), 0.40);
        let flesh = mid(shaft, mid(point("mcp_4"), mid(point("w2"), point("w3"), 0.4), 0.40), 0.5);
        let air = mid(point("mcp_ip"), point("pip_2"), 0.5);
        all += 1;
        in_order += usize::from(gray(shaft) > gray(flesh) && gray(flesh) > gray(air));
    }
    // A few films are inverted or have a marker there.
    assert!(in_order * 10 >= all * 8, "{in_order} of {all}");
}

#[test]
fn the_outside_setting_draws_other_films_of_the_same_patient() {
    let spec = FilmSpec { max_side: Some(240), ..FilmSpec::new(3, 0, Limb::LeftHand) };
    let outside = render_limb(&FilmSpec { setting: Setting::Outside, ..spec });
    assert_ne!(render_limb(&spec).picture, outside.picture);
    assert!(render_limb(&spec).boxes_of(Task::Narrowing).count() == 15);
}

//! One film: grades, pose, anatomy, attenuation, film.

use image::GrayImage;
use svh_core::layout;
use svh_core::{BBox, Joint, JointGroup, Limb, Side, Task};

use crate::body::{Anatomy, Body};
use crate::field::Field;
use crate::film::Exposure;
use crate::grades::{self, LimbGrades};
use crate::marks::Marks;
use crate::plane::{add, direction, len, mul, right, sub};
use crate::pose::{self, View};
use crate::raysum::{self, Look, Ring};
use crate::seeded_rng::SeededRng;
use crate::setting::{GradeMix, Setting};
use crate::solid::Part;
use crate::space::flat;
use crate::{foot, fusion, hand, skin};

/// Share of patients who still grow unless asked otherwise: most are adults, as in trials of the disease.
pub const CHILD_SHARE: f32 = 0.15;

/// Everything that decides a film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmSpec {
    /// The cohort's seed.
    pub seed: u64,
    /// The patient's number in the cohort.
    pub patient: u32,
    /// The limb.
    pub limb: Limb,
    /// Which ranges are drawn from.
    pub setting: Setting,
    /// How grades are drawn.
    pub mix: GradeMix,
    /// Shrinks the film so that its longer side is not above this many pixels.
    pub max_side: Option<u32>,
    /// Share of grades that are written down one too high or too low.
    pub label_noise: f32,
    /// Share of hand films that are cut to the wrist, as collections of wrists are; boxes off the film are left out.
    pub wrist_share: f32,
    /// Share of patients who still grow.
    pub child_share: f32,
}

impl FilmSpec {
    /// The films of a demonstration cohort: standard setting, natural grades, real sizes, 3 % label noise, whole hands.
    #[must_use]
    pub const fn new(seed: u64, patient: u32, limb: Limb) -> Self {
        Self {
            seed,
            patient,
            limb,
            setting: Setting::Standard,
            mix: GradeMix::Natural,
            max_side: None,
            label_noise: 0.03,
            wrist_share: 0.0,
            child_share: CHILD_SHARE,
        }
    }

    /// The patient's build, the same on all four films.
    fn body(&self) -> Body {
        Body::draw(&mut SeededRng::new(self.seed, self.patient, 0, "body"), self.setting, self.child_share)
    }

    /// The grades of the film. As long as carpals are cartilage in part, what lies between them on a film is not the space of a joint: neither wide nor
    /// closed gaps are graded there.
    pub(crate) fn grades(&self) -> LimbGrades {
        let mut grades = grades::draw(self.seed, self.patient, self.limb, self.mix, self.label_noise);
        if self.body().maturity < OSSIFIED {
            let carpal = |joint: &Joint| joint.task == Task::Narrowing && joint.group() == JointGroup::Wrist;
            grades.joints.iter_mut().filter(|(joint, ..)| carpal(joint)).for_each(|(_, shown, written)| (*shown, *written) = (0, 0));
        }
        grades
    }
}

/// Maturity from which carpals have their grown-up outlines.
const OSSIFIED: f32 = 0.8;

/// A film whose joints and grades are known.
#[derive(Clone, Debug)]
pub struct PhantomFilm {
    /// The picture, upright; right limbs have thumb or big toe to the left.
    pub picture: GrayImage,
    /// Landmarks in pixels, in the order of the limb's shape model, as they lie on the film.
    pub landmarks: Vec<[f32; 2]>,
    /// Boxes of the narrowing joints, then of the erosion joints, pixels; on a film cut to the wrist those that lie on it.
    pub boxes: Vec<(&'static Joint, BBox)>,
    /// Grades.
    pub grades: LimbGrades,
}

impl PhantomFilm {
    /// The boxes of one task in class order.
    pub fn boxes_of(&self, task: Task) -> impl Iterator<Item = (&'static Joint, BBox)> + '_ {
        self.boxes.iter().copied().filter(move |(joint, _)| joint.task == task)
    }
}

/// Renders a film. The same specification gives the same picture, byte for byte.
#[must_use]
pub fn render_limb(spec: &FilmSpec) -> PhantomFilm {
    render_graded(spec, spec.grades())
}

/// Renders a film with given grades: same patient, same pose, only the disease differs.
#[must_use]
pub fn render_graded(spec: &FilmSpec, grades: LimbGrades) -> PhantomFilm {
    let scene = Scene::of(spec, &grades);
    let index = grades::limb_index(spec.limb);
    let dice = |purpose| SeededRng::new(spec.seed, spec.patient, index, purpose);
    let exposure = Exposure::draw(spec.setting, &mut dice("exposure"));
    let mut attenuation = scene.attenuation(exposure.contrast);
    let mut landmarks = scene.pose.points.clone();
    if spec.limb.side() == Side::Right {
        mirror(&mut attenuation);
        let last = attenuation.width as f32 - 1.0;
        landmarks.iter_mut().for_each(|p| p[0] = last - p[0]);
    }
    let unit = scene.unit;
    let limb_field = Field { width: attenuation.width, height: attenuation.height, values: attenuation.values.clone() };
    let mut film = exposure.develop(attenuation, unit);
    let boxes: Vec<_> = Task::ALL.into_iter().flat_map(|task| layout::boxes(spec.limb, task, &landmarks)).collect();
    let joints: Vec<_> = boxes.iter().map(|(_, b)| [b.centre().0, b.centre().1]).collect();
    Marks { limb: spec.limb, unit, limb_field: &limb_field, joints: &joints }.lay(&mut film, &mut dice("marks"));
    let picture = exposure.finish(film, unit, &mut dice("grain"));
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let on_film = |(joint, b): (_, BBox)| Some((joint, b.clipped(width, height))).filter(|(_, seen)| seen.area() >= 0.6 * b.area());
    let boxes = boxes.into_iter().filter_map(on_film).collect();
    PhantomFilm { picture, landmarks, boxes, grades }
}

/// A limb ready to be X-rayed, as a left limb.
pub(crate) struct Scene {
    pub(crate) pose: pose::Pose,
    pub(crate) unit: f32,
    body: Body,
    anatomy: Anatomy,
    phase: f32,
    mesh: f32,
    lattice: f32,
    ring: Option<Ring>,
}

impl Scene {
    pub(crate) fn of(spec: &FilmSpec, grades: &LimbGrades) -> Self {
        let index = grades::limb_index(spec.limb);
        let dice = |purpose| SeededRng::new(spec.seed, spec.patient, index, purpose);
        let mut body = spec.body();
        // Long disease thins all bone of a limb.
        body.mineral *= 1.0 - 0.25 * grades.burden();
        body.spongy *= 1.0 - 0.4 * grades.burden();
        let left = if spec.limb.is_hand() { Limb::LeftHand } else { Limb::LeftFoot };
        let wrist = spec.limb.is_hand() && dice("view").chance(spec.wrist_share);
        let view = if wrist { View::Wrist } else { View::Whole };
        let pose = pose::draw(spec.limb, view, spec.setting, grades, spec.max_side, &mut dice("pose"));
        let unit = layout::unit(left, &pose.points);
        let build = if spec.limb.is_hand() { hand::build } else { foot::build };
        let anatomy = build(&pose.points, &body, grades, &mut dice("anatomy"));
        let mut jewel = dice("ring");
        let ring = (spec.limb.is_hand() && jewel.chance(0.05)).then(|| ring(&anatomy, unit, &mut jewel)).flatten();
        Self {
            pose,
            unit,
            body,
            anatomy,
            phase: dice("texture").range(0.0, 500.0),
            mesh: dice("mesh").range(0.7, 1.7),
            lattice: dice("lattice").range(0.0, 1.0),
            ring,
        }
    }

    /// The attenuation of bone alone.
    pub(crate) fn bone(&self) -> Field {
        self.bone_near([0.0; 2], f32::INFINITY)
    }

    /// The same of the bones whose outline comes within `reach` pixels of a place.
    fn bone_near(&self, place: [f32; 2], reach: f32) -> Field {
        let look = Look {
            unit: self.unit,
            texture: self.body.texture,
            mesh: self.mesh,
            lattice: self.lattice,
            phase: self.phase,
            pale: self.anatomy.pale.clone(),
            swell: self.anatomy.swell.clone(),
        };
        let mut field = Field::new(self.pose.width as usize, self.pose.height as usize);
        for bone in self.anatomy.bones.iter().filter(|bone| bone.outline.iter().any(|p| len(sub(*p, place)) <= reach)) {
            raysum::project(&mut field, bone, &look);
        }
        fusion::fuse(&mut field, &self.anatomy.fusions, &look);
        field
    }

    /// Bone and soft tissue; `contrast` weighs bone against soft tissue.
    fn attenuation(&self, contrast: f32) -> Field {
        let mut field = self.bone();
        let soft = skin::paint(&self.anatomy, field.width, field.height, self.unit, self.phase);
        field.values.iter_mut().zip(&soft.values).for_each(|(bone, soft)| *bone = contrast * *bone + soft);
        if let Some(ring) = &self.ring {
            raysum::ring(&mut field, ring);
        }
        field
    }
}

/// A ring on one of the fingers 3 to 4.
fn ring(anatomy: &Anatomy, unit: f32, dice: &mut SeededRng) -> Option<Ring> {
    let finger = 3 + u8::from(dice.chance(0.7));
    let bone = anatomy.bones.iter().find(|bone| bone.part == Part::Proximal(finger))?;
    let (_, length) = bone.axis();
    let (base, head) = (flat(bone.frame.origin), flat(bone.frame.global([0.0, length, 0.0])));
    let axis = direction(base, head);
    let at = add(base, mul(axis, dice.range(0.3, 0.5) * len(sub(head, base))));
    let reach = mul(right(axis), 0.115 * unit);
    Some(Ring { a: sub(at, reach), b: add(at, reach), radius: dice.range(0.02, 0.04) * unit, metal: 0.6 })
}

fn mirror(field: &mut Field) {
    for row in field.values.chunks_exact_mut(field.width.max(1)) {
        row.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::lerp;

    fn spec(patient: u32, limb: Limb) -> FilmSpec {
        FilmSpec { max_side: Some(440), ..FilmSpec::new(11, patient, limb) }
    }

    fn one(limb: Limb, task: Task, name: &str, grade: u8) -> LimbGrades {
        LimbGrades::of(limb, |joint| if joint.task == task && joint.joint == name { grade } else { 0 })
    }

    /// Width of the valley in the bone's attenuation between two points, in palm widths: on five lines beside each other, the length of way on which there is
    /// less than two thirds of what lies in the less dense of both bones (rims lie over the space); the median line.
    fn gap(scene: &Scene, a: [f32; 2], b: [f32; 2]) -> f32 {
        let field = scene.bone_near(lerp(a, b, 0.5), len(sub(b, a)));
        let aside = right(direction(a, b));
        let mut widths: Vec<f32> = (-2..=2)
            .map(|line| {
                let shift = mul(aside, line as f32 * 0.012 * scene.unit);
                let steps = 400;
                let values: Vec<f32> = (0..steps).map(|k| field.at(add(lerp(a, b, k as f32 / steps as f32), shift))).collect();
                let [one, other] = [&values[..60], &values[steps - 60..]].map(|bone| bone.iter().sum::<f32>() / 60.0);
                let most = 0.667 * one.min(other);
                values.iter().filter(|v| **v < most).count() as f32 / steps as f32 * len(sub(b, a)) / scene.unit
            })
            .collect();
        widths.sort_by(f32::total_cmp);
        widths[2]
    }

    /// Ends of a way from bone to bone across a joint.
    fn way(scene: &Scene, joint: &str) -> [[f32; 2]; 2] {
        let along = |part: Part, t: f32| {
            let bone = scene.anatomy.bones.iter().find(|bone| bone.part == part).expect("a bone");
            flat(bone.frame.global([0.0, t * bone.axis().1, 0.0]))
        };
        let wrist = |a: [f32; 2], b: [f32; 2]| [a, b].map(|p| layout::WristFrame::of(&scene.pose.points).at(p[0], p[1]));
        match joint {
            "mcp_3" => [along(Part::Meta(3), 0.82), along(Part::Proximal(3), 0.25)],
            "pip_3" => [along(Part::Proximal(3), 0.85), along(Part::Middle(3), 0.2)],
            "wrist_cmc4" => wrist([-0.245, -0.23], [-0.245, 0.05]),
            "wrist_capnlun" => wrist([-0.02, 0.25], [-0.05, 0.48]),
            "wrist_radcar" => wrist([0.14, 0.41], [0.19, 0.66]),
            _ => panic!("no way across {joint}"),
        }
    }

    #[test]
    fn spaces_of_a_growing_wrist_have_no_grade() {
        let wrist = |patient: u32| {
            let spec = FilmSpec { mix: GradeMix::Even, child_share: 0.5, ..spec(patient, Limb::LeftHand) };
            let of = |task: Task| {
                spec.grades()
                    .joints
                    .iter()
                    .filter(|(j, ..)| j.task == task && j.group() == JointGroup::Wrist)
                    .map(|(_, g, _)| u32::from(*g))
                    .sum()
            };
            (spec.body().maturity, of(Task::Narrowing), of(Task::Erosion))
        };
        let (young, grown): (Vec<_>, Vec<_>) = (0..60).map(wrist).partition(|(maturity, ..): &(f32, u32, u32)| *maturity < OSSIFIED);
        assert!(
            young.len() > 15 && young.iter().all(|(_, narrowing, _)| *narrowing == 0) && young.iter().any(|(.., erosion)| *erosion > 0)
        );
        assert!(grown.len() > 15 && grown.iter().any(|(_, narrowing, _)| *narrowing > 5));
    }

    #[test]
    fn the_space_of_a_joint_shrinks_with_its_narrowing_grade() {
        // Least width of the healthy space, and the most that grades 2 and 3 may leave of it. Thin edges of carpals, and a fused joint, count as space: only what
        // is wider than at grade 4 is compared.
        for (joint, healthy, most) in [
            ("mcp_3", 0.02, [0.75, 0.4]),
            ("pip_3", 0.005, [0.75, 0.4]),
            ("wrist_cmc4", 0.015, [0.75, 0.5]),
            ("wrist_capnlun", 0.008, [0.85, 0.7]),
            ("wrist_radcar", 0.008, [0.85, 0.7]),
        ] {
            let mean = |grade: u8| {
                let adults: Vec<Scene> = (0..16)
                    .map(|patient| Scene::of(&spec(patient, Limb::LeftHand), &one(Limb::LeftHand, Task::Narrowing, joint, grade)))
                    .filter(|scene| scene.body.maturity >= 1.0)
                    .take(12)
                    .collect();
                let gap = |scene: &Scene| {
                    let [a, b] = way(scene, joint);
                    gap(scene, a, b)
                };
                adults.iter().map(gap).sum::<f32>() / adults.len() as f32
            };
            let widths: Vec<f32> = (0..=4).map(mean).collect();
            assert!(widths[0] > healthy, "the healthy space of {joint} is seen: {widths:?}");
            let left = |grade: usize| (widths[grade] - widths[4]) / (widths[0] - widths[4]);
            assert!(widths[1] < widths[0] && left(2) < most[0] && left(3) < most[1] && widths[4] < 0.5 * widths[0], "{joint}: {widths:?}");
        }
    }

    /// Bone within the joint's erosion box, relative to the healthy joint, mean over patients.
    fn mass(limb: Limb, name: &str, grade: u8) -> f32 {
        let patients = 3;
        let sum = |grade: u8, patient: u32| {
            let scene = Scene::of(&spec(patient, limb), &one(limb, Task::Erosion, name, grade));
            let boxes = layout::boxes(limb, Task::Erosion, &scene.pose.points);
            let b = boxes.iter().find(|(joint, _)| joint.joint == name).expect("a box").1;
            let field = scene.bone();
            let mut mass = 0.0;
            for y in b.y0.max(0.0) as usize..(b.y1 as usize).min(field.height) {
                mass += field.values[y * field.width..][b.x0.max(0.0) as usize..(b.x1 as usize).min(field.width)].iter().sum::<f32>();
            }
            mass
        };
        (0..patients).map(|patient| sum(grade, patient) / sum(0, patient)).sum::<f32>() / patients as f32
    }

    #[test]
    fn erosion_removes_bone_with_every_grade() {
        for (limb, name, grades) in [
            (Limb::LeftHand, "mcp_2", vec![0, 1, 2, 3, 4, 5]),
            (Limb::LeftHand, "wrist_lunate", vec![0, 1, 2, 3, 4, 5]),
            (Limb::LeftHand, "wrist_ulna", vec![0, 1, 2, 3, 4, 5]),
            (Limb::LeftFoot, "mtp_5", vec![0, 1, 2, 4, 6, 8, 10]),
        ] {
            let masses: Vec<f32> = grades.iter().map(|grade| mass(limb, name, *grade)).collect();
            assert!(masses.windows(2).all(|pair| pair[1] < pair[0]), "{name}: {masses:?}");
            // The box of the lunate also shows the rims of the radius, which stay.
            assert!(masses[masses.len() - 1] < 0.78, "{name}: {masses:?}");
        }
    }
}

//! Grades of a patient: as frequent as the published counts, and correlated as disease is: within a patient, within a limb, and between the
//! narrowing and the erosion of one joint.
//!
//! A Gaussian copula: each joint's latent value is a weighted sum of standard normals of the patient, the limb, the joint and the joint's task; its
//! rank picks the grade from the group's frequencies. Frequencies of the wrist are not published but for two facts that were matched: about
//! 85 % of erosion grades are zero, and the six narrowing grades of a wrist sum to 3 or more in 224 of 734 wrists.

use svh_core::{Joint, JointGroup, Limb, Task, joint};

use crate::seeded_rng::SeededRng;
use crate::setting::GradeMix;

/// Shares of the latent variance: patient, limb, joint, and the rest for the task.
const PATIENT: f32 = 0.36;
const LIMB: f32 = 0.14;
const JOINT: f32 = 0.18;

const FINGER_NARROWING: &[f32] = &[4093.0, 296.0, 287.0, 143.0, 149.0];
const FINGER_EROSION: &[f32] = &[5085.0, 213.0, 138.0, 43.0, 14.0, 27.0];
const FOOT_NARROWING: &[f32] = &[2792.0, 73.0, 248.0, 107.0, 92.0];
const FOOT_EROSION: &[f32] = &[2802.0, 120.0, 161.0, 92.0, 40.0, 44.0, 11.0, 14.0, 11.0, 8.0, 9.0];
const WRIST_NARROWING: &[f32] = &[0.817, 0.06, 0.058, 0.035, 0.03];
const WRIST_EROSION: &[f32] = &[0.85, 0.065, 0.045, 0.02, 0.008, 0.012];

/// How often each grade of a group occurs, unnormalised, grade 0 first.
#[must_use]
pub fn frequencies(group: JointGroup, task: Task) -> &'static [f32] {
    match (group, task) {
        (JointGroup::Finger, Task::Narrowing) => FINGER_NARROWING,
        (JointGroup::Finger, Task::Erosion) => FINGER_EROSION,
        (JointGroup::Foot, Task::Narrowing) => FOOT_NARROWING,
        (JointGroup::Foot, Task::Erosion) => FOOT_EROSION,
        (JointGroup::Wrist, Task::Narrowing) => WRIST_NARROWING,
        (JointGroup::Wrist, Task::Erosion) => WRIST_EROSION,
    }
}

/// The grades of one limb: what the film shows and what a reader wrote down.
#[derive(Clone, Debug, Default)]
pub struct LimbGrades {
    /// Joint, grade shown by the picture, grade in the table. The two differ by one grade at most, where label noise struck.
    pub joints: Vec<(&'static Joint, u8, u8)>,
}

impl LimbGrades {
    /// Grades of a limb as a function says, above the maximum cut to it; written down as shown.
    #[must_use]
    pub fn of(limb: Limb, grade: impl Fn(&Joint) -> u8) -> Self {
        let all = Task::ALL.into_iter().flat_map(|task| joint::of_limb(task, limb));
        Self { joints: all.map(|joint| (joint, grade(joint).min(joint.max_grade))).map(|(joint, g)| (joint, g, g)).collect() }
    }

    /// The grade that the picture shows for a joint of this name (`mcp_2`), 0 where the limb has no such joint.
    #[must_use]
    pub fn shown(&self, task: Task, name: &str) -> u8 {
        self.joints.iter().find(|(joint, ..)| joint.task == task && joint.joint == name).map_or(0, |(_, shown, _)| *shown)
    }

    /// How sick the limb is: mean share of the maximal grade, 0 to 1.
    #[must_use]
    pub fn burden(&self) -> f32 {
        let sum: f32 = self.joints.iter().map(|(joint, shown, _)| f32::from(*shown) / f32::from(joint.max_grade)).sum();
        sum / self.joints.len().max(1) as f32
    }
}

/// The grades of one limb of one patient; `noise` is the share of grades that the reader writes down one too high or too low.
#[must_use]
pub(crate) fn draw(seed: u64, patient: u32, limb: Limb, mix: GradeMix, noise: f32) -> LimbGrades {
    let common = SeededRng::new(seed, patient, 0, "disease of the patient").normal();
    let index = limb_index(limb);
    let of_limb = SeededRng::new(seed, patient, index, "disease of the limb").normal();
    let mut latents: Vec<(&str, f32)> = Vec::new();
    let mut dice = SeededRng::new(seed, patient, index, "disease of the joints");
    let mut even = SeededRng::new(seed, patient, index, "even grades");
    let sick = even.range(0.05, 0.95);
    let mut reader = SeededRng::new(seed, patient, index, "the reader");
    let mut grades = LimbGrades::default();
    for joint in Task::ALL.into_iter().flat_map(|task| joint::of_limb(task, limb)) {
        let own = match latents.iter().find(|(name, _)| *name == joint.joint) {
            Some((_, value)) => *value,
            None => {
                let value = dice.normal();
                latents.push((&joint.joint, value));
                value
            }
        };
        let rest = (1.0 - PATIENT - LIMB - JOINT).sqrt() * dice.normal();
        let latent = PATIENT.sqrt() * common + LIMB.sqrt() * of_limb + JOINT.sqrt() * own + rest;
        let rank = match mix {
            GradeMix::Natural | GradeMix::Healthy => normal_cdf(latent),
            GradeMix::Even => even.unit(),
        };
        let shown = match mix {
            GradeMix::Natural => at_rank(frequencies(joint.group(), joint.task), rank),
            GradeMix::Even => even_grade(joint.max_grade, rank, sick),
            GradeMix::Healthy => 0,
        };
        let written = if reader.chance(noise) && mix != GradeMix::Healthy { neighbour(shown, joint.max_grade, &mut reader) } else { shown };
        grades.joints.push((joint, shown, written));
    }
    grades
}

/// The place of a limb in random streams.
pub(crate) fn limb_index(limb: Limb) -> u8 {
    1 + Limb::ALL.iter().position(|l| *l == limb).unwrap_or(0) as u8
}

/// Zero for all but a share of ranks, and there every higher grade alike.
fn even_grade(max: u8, rank: f32, sick: f32) -> u8 {
    let rest = 1.0 - (1.0 - rank) / sick;
    if rest < 0.0 { 0 } else { 1 + ((rest * f32::from(max)) as u8).min(max - 1) }
}

fn at_rank(frequencies: &[f32], rank: f32) -> u8 {
    let mut left = rank * frequencies.iter().sum::<f32>();
    for (grade, count) in frequencies.iter().enumerate() {
        left -= count;
        if left < 0.0 {
            return grade as u8;
        }
    }
    (frequencies.len() - 1) as u8
}

fn neighbour(grade: u8, max: u8, dice: &mut SeededRng) -> u8 {
    match grade {
        0 => 1,
        g if g == max => g - 1,
        g if dice.chance(0.5) => g - 1,
        g => g + 1,
    }
}

/// The standard normal distribution function (Abramowitz and Stegun 7.1.26, error below 1.5e-7).
fn normal_cdf(x: f32) -> f32 {
    let z = f64::from(x.abs()) / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly = t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let erf = 1.0 - poly * (-z * z).exp();
    (if x < 0.0 { 0.5 * (1.0 - erf) } else { 0.5 * (1.0 + erf) }) as f32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn cohort(patients: u32, mix: GradeMix) -> Vec<LimbGrades> {
        (0..patients).flat_map(|patient| Limb::ALL.map(|limb| draw(5, patient, limb, mix, 0.0))).collect()
    }

    #[test]
    fn grades_are_as_frequent_as_the_published_counts() {
        let patients = 4000;
        let mut counts: BTreeMap<(JointGroup, Task), Vec<f32>> = BTreeMap::new();
        for limb in cohort(patients, GradeMix::Natural) {
            for (joint, shown, _) in limb.joints {
                counts.entry((joint.group(), joint.task)).or_insert_with(|| vec![0.0; usize::from(joint.max_grade) + 1])
                    [usize::from(shown)] += 1.0;
            }
        }
        assert_eq!(counts.len(), 6);
        for ((group, task), seen) in counts {
            let expected = frequencies(group, task);
            let (n, m) = (seen.iter().sum::<f32>(), expected.iter().sum::<f32>());
            for (grade, (count, frequency)) in seen.iter().zip(expected).enumerate() {
                let (share, wanted) = (count / n, frequency / m);
                // Patients, not joints, are independent: allow four deviations of a mean over patients whose joints agree.
                let deviation = (wanted * (1.0 - wanted) / patients as f32).sqrt();
                assert!(*count > 0.0 && (share - wanted).abs() < 4.0 * deviation, "{group:?} {task} grade {grade}: {share} for {wanted}");
            }
        }
    }

    #[test]
    fn three_wrists_in_ten_have_a_narrowing_sum_of_three_or_more() {
        let wrists: Vec<u32> = cohort(2000, GradeMix::Natural)
            .iter()
            .filter(|limb| limb.joints[0].0.limb.is_hand())
            .map(|limb| {
                limb.joints
                    .iter()
                    .filter(|(j, ..)| j.task == Task::Narrowing && j.group() == JointGroup::Wrist)
                    .map(|(_, g, _)| u32::from(*g))
                    .sum()
            })
            .collect();
        let share = wrists.iter().filter(|sum| **sum >= 3).count() as f32 / wrists.len() as f32;
        assert!((share - 224.0 / 734.0).abs() < 0.03, "{share}");
    }

    #[test]
    fn both_tasks_and_both_hands_of_a_patient_agree() {
        let of = |limb: Limb, task: Task| -> Vec<f32> {
            let sum = |g: LimbGrades| g.joints.iter().filter(|(j, ..)| j.task == task).map(|(_, g, _)| f32::from(*g)).sum();
            (0..1500).map(|patient| sum(draw(5, patient, limb, GradeMix::Natural, 0.0))).collect()
        };
        let narrowing = of(Limb::LeftHand, Task::Narrowing);
        assert!(correlation(&narrowing, &of(Limb::LeftHand, Task::Erosion)) > 0.45);
        assert!(correlation(&narrowing, &of(Limb::RightHand, Task::Narrowing)) > 0.4);
        assert!(correlation(&narrowing, &of(Limb::LeftFoot, Task::Erosion)) > 0.2);
    }

    #[test]
    fn an_even_mix_shows_every_grade_of_every_joint_and_noise_moves_one_grade() {
        let mut seen: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut moved = 0;
        for patient in 0..600 {
            for limb in Limb::ALL {
                for (joint, shown, written) in draw(5, patient, limb, GradeMix::Even, 0.1).joints {
                    seen.entry(&joint.ra2_column).or_insert_with(|| vec![0; usize::from(joint.max_grade) + 1])[usize::from(shown)] += 1;
                    assert!(shown.abs_diff(written) <= 1 && written <= joint.max_grade);
                    moved += u32::from(shown != written);
                }
            }
        }
        assert_eq!(seen.len(), 86);
        assert!(seen.values().flatten().all(|count| *count > 10));
        let share = moved as f32 / (600.0 * 86.0);
        assert!((share - 0.1).abs() < 0.01, "{share}");
    }

    fn correlation(a: &[f32], b: &[f32]) -> f32 {
        let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len() as f32;
        let (ma, mb) = (mean(a), mean(b));
        let cov: f32 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
        let var = |v: &[f32], m: f32| v.iter().map(|x| (x - m).powi(2)).sum::<f32>();
        cov / (var(a, ma) * var(b, mb)).sqrt()
    }
}

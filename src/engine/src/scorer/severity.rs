//! The patient's other joints as evidence: how sick the patient and the limb are, and what that makes of a joint in doubt.
//!
//! The grades of a patient follow a Gaussian copula. Each joint has a latent value, `sqrt(patient) u + sqrt(limb) v + sqrt(1 - patient - limb) e`, with
//! standard normal `u` (the patient's severity), `v` (the limb's) and `e` (the joint's own), and its grade is where that value falls among the thresholds
//! of its group. What a network says of a joint is a likelihood of its grades. The other joints on all films give the distribution of `u` and `v`, and with
//! it the frequencies of grades that this joint is seen against, in place of those of all patients.
//!
//! Only strong evidence counts for other joints. On films unlike those of the training, the odds of all joints of a limb are too high alike, and thirty of
//! those would make any patient sick: log-odds count only as far as they lie beyond [`STRONG`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use svh_core::{Joint, JointGroup, Limb, Task, joint};

use super::calibration::scale_name;
use super::head::normalised;

/// Log-odds of disease against none that a joint's evidence has to exceed: odds of 20 to 1, where strong evidence begins (Kass and Raftery 1995).
const STRONG: f64 = 3.0;

/// Values of `u` and of `v` over which is summed, and the outermost one in deviations.
const NODES: usize = 21;
const REACH: f64 = 3.2;

/// The least share of the latent variance that is a joint's own: with less, one joint would settle all others.
const OWN: f64 = 0.1;

/// How the grades of a scorer's joints go together in patients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Share of the latent variance that all joints of a patient have in common.
    pub patient: f64,
    /// Share that the joints of a limb have in common besides.
    pub limb: f64,
    /// How often each grade occurs, by group of joints (`finger`, `wrist`, `foot`), summing to 1.
    pub frequencies: BTreeMap<String, Vec<f64>>,
}

impl Severity {
    /// Fits frequencies and shares to the grades of patients: the shares that make them likeliest. `None` where no joint is above 0.
    #[must_use]
    pub fn fit(patients: &[Vec<(&'static Joint, u8)>]) -> Option<Self> {
        let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (joint, grade) in patients.iter().flatten() {
            // Half a joint more of each: a grade that nobody had is rare, not impossible.
            let of = counts.entry(joint.group().name().to_owned()).or_insert_with(|| vec![0.5; grades_of(joint)]);
            *of.get_mut(usize::from(*grade))? += 1.0;
        }
        if patients.iter().flatten().all(|(_, grade)| *grade == 0) {
            return None;
        }
        let rounded = |share: f64, digits: f64| (share * digits).round() / digits;
        let of_group = |(group, of): (String, Vec<f64>)| (group, shares(&of).into_iter().map(|share| rounded(share, 1e6)).collect());
        let frequencies = counts.into_iter().map(of_group).collect();
        let mut best = Self { patient: 0.3, limb: 0.1, frequencies };
        let mut likeliest = best.log_likelihood(patients);
        let mut step = 0.16;
        while step > 0.004 {
            let ways = [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step), (step, -step), (-step, step)];
            let tried = ways.map(|(patient, limb)| {
                let (patient, limb) = ((best.patient + patient).max(0.0), (best.limb + limb).max(0.0));
                let tried = Self { patient, limb, frequencies: best.frequencies.clone() };
                let likelihood = if patient + limb > 1.0 - OWN { f64::NEG_INFINITY } else { tried.log_likelihood(patients) };
                (tried, likelihood)
            });
            match tried.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((better, likelihood)) if likelihood > likeliest => (best, likeliest) = (better, likelihood),
                _ => step *= 0.5,
            }
        }
        Some(Self { patient: rounded(best.patient, 1e3), limb: rounded(best.limb, 1e3), ..best })
    }

    fn log_likelihood(&self, patients: &[Vec<(&'static Joint, u8)>]) -> f64 {
        let logs: BTreeMap<JointGroup, Vec<Grid>> = JointGroup::ALL
            .into_iter()
            .filter_map(|group| Some((group, self.frequencies.get(group.name())?)))
            .map(|(group, frequencies)| (group, self.grids(frequencies).into_iter().map(|grid| grid.map(|p| p.max(1e-12).ln())).collect()))
            .collect();
        let of_patient = |joints: &Vec<(&'static Joint, u8)>| {
            let seen = joints.iter().filter_map(|(joint, grade)| Some((joint.limb, logs.get(&joint.group())?.get(usize::from(*grade))?)));
            log_sum(&SeverityPosterior::of(seen).patient)
        };
        patients.iter().map(of_patient).sum()
    }

    /// Changes how often the grades of a joint's scale occur; its groups change in proportion.
    pub fn change(&mut self, of: &Joint, wanted: &[f64]) {
        let Some(usual) = self.usual(of) else { return };
        for group in groups(of) {
            if let Some(frequencies) = self.frequencies.get_mut(group.name()) {
                *frequencies = shares(
                    &frequencies.iter().zip(wanted).zip(&usual).map(|((old, wanted), usual)| old * wanted / usual).collect::<Vec<_>>(),
                );
            }
        }
    }

    /// How often each grade of a joint's scale occurs in patients: what its network's probabilities are corrected to.
    fn usual(&self, of: &Joint) -> Option<Vec<f64>> {
        let mut sum = vec![0.0; grades_of(of)];
        for other in joint::joints(of.task).iter().filter(|other| scale_name(other) == scale_name(of)) {
            // A cohort of feet has no frequencies of hands, and its scorer was corrected to those of feet.
            for (sum, frequency) in sum.iter_mut().zip(self.frequencies.get(other.group().name()).into_iter().flatten()) {
                *sum += frequency;
            }
        }
        sum.iter().all(|share| *share > 0.0).then(|| shares(&sum))
    }

    /// The probability of each grade of a group at every severity.
    fn grids(&self, frequencies: &[f64]) -> Vec<Grid> {
        let own = (1.0 - self.patient - self.limb).sqrt();
        let mut up_to = 0.0;
        let mut below = Grid::of(|_, _| 0.0);
        let mut grid = |frequency: &f64| {
            up_to += frequency;
            let threshold = if up_to < 1.0 - 1e-9 { STANDARD.inverse_cdf(up_to) } else { f64::INFINITY };
            let above = Grid::of(|u, v| STANDARD.cdf((threshold - self.patient.sqrt() * node(u) - self.limb.sqrt() * node(v)) / own));
            let grid = Grid::of(|u, v| above.at(u, v) - below.at(u, v));
            below = above;
            grid
        };
        frequencies.iter().map(&mut grid).collect()
    }

    /// Refuses what no patients can be.
    pub fn check(&self, task: Task) -> Result<(), String> {
        let share = |value: f64| (0.0..=1.0 - OWN).contains(&value);
        if !share(self.patient) || !share(self.limb) || !share(self.patient + self.limb) {
            let most = 1.0 - OWN;
            return Err(format!(
                "`severity` has shares of {} and {}; each is at least 0 and their sum at most {most}",
                self.patient, self.limb
            ));
        }
        for joint in joint::joints(task) {
            let (name, grades) = (joint.group().name(), grades_of(joint));
            let sound = |of: &Vec<f64>| of.len() == grades && of.iter().all(|v| *v > 0.0) && (of.iter().sum::<f64>() - 1.0).abs() < 1e-3;
            if self.frequencies.get(name).is_some_and(|of| !sound(of)) {
                return Err(format!("`severity.frequencies.{name}` must be {grades} shares above 0 that sum to 1"));
            }
        }
        Ok(())
    }
}

/// How likely each grade is at every severity, worked out once for a scorer.
#[derive(Clone, Debug)]
pub struct SeverityTables(BTreeMap<JointGroup, Table>);

#[derive(Clone, Debug)]
struct Table {
    /// How often each grade of the group's scale occurs in patients.
    usual: Vec<f64>,
    /// The probability of each grade at every severity.
    grades: Vec<Grid>,
}

impl SeverityTables {
    /// The tables of a task.
    #[must_use]
    pub fn new(severity: &Severity, task: Task) -> Self {
        let of_group = |group: JointGroup| {
            let joint = joint::joints(task).iter().find(|joint| joint.group() == group)?;
            Some(Table { usual: severity.usual(joint)?, grades: severity.grids(severity.frequencies.get(group.name())?) })
        };
        Self(JointGroup::ALL.into_iter().filter_map(|group| Some((group, of_group(group)?))).collect())
    }
}

/// A joint with what its network says of it.
#[derive(Clone, Copy, Debug)]
pub struct JointEvidence<'a> {
    /// Which joint.
    pub joint: &'static Joint,
    /// Log-probabilities of its grades at the frequencies of all patients.
    pub natural: &'a [f32],
    /// Its scorer's tables; a joint without them stays as it is and says nothing of others.
    pub tables: Option<&'a SeverityTables>,
    /// Whether others may rest on it: not if it looks unfamiliar.
    pub reliable: bool,
}

/// The log-probabilities of one patient's joints, each given all that is strong evidence in the others.
#[must_use]
pub fn of_patient(joints: &[JointEvidence]) -> Vec<Vec<f32>> {
    let likelihoods: Vec<Option<Likelihood>> = joints.iter().map(Likelihood::of).collect();
    let told = joints.iter().zip(&likelihoods).filter_map(|(said, known)| Some((said.joint.limb, known.as_ref()?.evidence.as_ref()?)));
    let severities = SeverityPosterior::of(told).of_limbs();
    let given = |(said, known): (&JointEvidence, &Option<Likelihood>)| match (known, severities.get(&said.joint.limb)) {
        (Some(known), Some(severity)) => known.given(severity),
        _ => said.natural.to_vec(),
    };
    joints.iter().zip(&likelihoods).map(given).collect()
}

/// What all joints of a patient say of its severity, as logarithms.
struct SeverityPosterior {
    /// Of each limb at every severity, the limb's own spread included.
    limbs: Vec<(Limb, Grid)>,
    /// At every severity of the patient.
    patient: Vec<f64>,
}

impl SeverityPosterior {
    fn of<'a>(evidence: impl Iterator<Item = (Limb, &'a Grid)>) -> Self {
        let mut limbs: Vec<(Limb, Grid)> = Limb::ALL.into_iter().map(|limb| (limb, Grid::of(|_, v| LOG_WEIGHT[v]))).collect();
        for (limb, grid) in evidence {
            if let Some((_, sum)) = limbs.iter_mut().find(|(of, _)| *of == limb) {
                sum.add(grid);
            }
        }
        let patient = (0..NODES).map(|u| LOG_WEIGHT[u] + limbs.iter().map(|(_, limb)| log_sum(limb.row(u))).sum::<f64>()).collect();
        Self { limbs, patient }
    }

    /// The patient's and each limb's severity, given all joints.
    fn of_limbs(&self) -> BTreeMap<Limb, Grid> {
        let of_limb = |(limb, own): &(Limb, Grid)| {
            let others: Vec<f64> = (0..NODES).map(|u| self.patient[u] - log_sum(own.row(u))).collect();
            (*limb, Grid::of(|u, v| others[u] + own.at(u, v)))
        };
        self.limbs.iter().map(of_limb).collect()
    }
}

/// A joint at every severity.
struct Likelihood<'a> {
    /// Log-likelihoods.
    grades: Vec<f64>,
    table: &'a Table,
    /// How well each severity explains what is strong evidence in the joint, as a logarithm; `None` if others may not rest on it.
    evidence: Option<Grid>,
}

impl<'a> Likelihood<'a> {
    fn of(said: &JointEvidence<'a>) -> Option<Self> {
        let table = said.tables?.0.get(&said.joint.group())?;
        let natural: Vec<f64> = said.natural.iter().map(|v| f64::from(*v)).collect();
        let grades: Vec<f64> = natural.iter().zip(&table.usual).map(|(grade, usual)| grade - usual.ln()).collect();
        let (none, some) = (natural.first()?, natural.get(1..)?);
        let odds = log_sum(some) - none - ((1.0 - table.usual[0]) / table.usual[0]).ln();
        let weaker = odds - odds.signum() * (odds.abs() - STRONG).max(0.0);
        let evidence = said.reliable.then(|| {
            let strong: Vec<f64> = grades.iter().enumerate().map(|(grade, v)| if grade == 0 { *v } else { v - weaker }).collect();
            let all = log_sum(&strong);
            let mut grid = Grid::of(|_, _| 0.0);
            for (likelihood, grade) in strong.iter().zip(&table.grades) {
                grid.add_times((likelihood - all).exp(), grade);
            }
            grid.map(|p| p.max(1e-12).ln())
        });
        Some(Self { grades, table, evidence })
    }

    /// Log-probabilities of the grades, from the severity that all joints, this one included, speak for.
    fn given(&self, severity: &Grid) -> Vec<f32> {
        let mut others = severity.clone();
        if let Some(own) = &self.evidence {
            others.add_times(-1.0, own);
        }
        let all = log_sum(&others.0);
        let weights = others.map(|v| (v - all).exp());
        let posterior = self.grades.iter().zip(&self.table.grades).map(|(likelihood, grade)| {
            let expected: f64 = weights.0.iter().zip(&grade.0).map(|(weight, p)| weight * p).sum();
            (likelihood + expected.max(1e-300).ln()) as f32
        });
        normalised(&posterior.collect::<Vec<_>>())
    }
}

/// A value at every pair of the patient's and the limb's severity.
#[derive(Clone, Debug)]
struct Grid(Vec<f64>);

impl Grid {
    fn of(value: impl Fn(usize, usize) -> f64) -> Self {
        Self((0..NODES * NODES).map(|at| value(at / NODES, at % NODES)).collect())
    }

    fn map(mut self, change: impl Fn(f64) -> f64) -> Self {
        for value in &mut self.0 {
            *value = change(*value);
        }
        self
    }

    fn at(&self, u: usize, v: usize) -> f64 {
        self.0[u * NODES + v]
    }

    fn row(&self, u: usize) -> &[f64] {
        &self.0[u * NODES..(u + 1) * NODES]
    }

    fn add(&mut self, other: &Self) {
        self.add_times(1.0, other);
    }

    fn add_times(&mut self, factor: f64, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a += factor * b;
        }
    }
}

static STANDARD: LazyLock<Normal> = LazyLock::new(Normal::standard);

static LOG_WEIGHT: LazyLock<[f64; NODES]> = LazyLock::new(|| {
    let log = std::array::from_fn(|index| -0.5 * node(index) * node(index));
    let sum = log_sum(&log);
    log.map(|v| v - sum)
});

const fn node(index: usize) -> f64 {
    REACH * (2.0 * index as f64 / (NODES - 1) as f64 - 1.0)
}

fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + values.iter().map(|v| (v - most).exp()).sum::<f64>().ln()
}

fn shares(counts: &[f64]) -> Vec<f64> {
    let sum: f64 = counts.iter().sum();
    counts.iter().map(|count| count / sum).collect()
}

fn grades_of(joint: &Joint) -> usize {
    usize::from(joint.max_grade) + 1
}

/// The groups of a joint's scale.
fn groups(of: &Joint) -> impl Iterator<Item = JointGroup> {
    let (task, scale) = (of.task, scale_name(of));
    JointGroup::ALL
        .into_iter()
        .filter(move |group| joint::joints(task).iter().any(|other| other.group() == *group && scale_name(other) == scale))
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use serde_json::Value;

    use super::*;
    use crate::data::order::rng_of;

    fn fixture() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/severity.json")).unwrap()
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    #[test]
    fn joints_in_view_of_each_other_are_as_drawn_patients_say() {
        let fixture = fixture();
        let severity: Severity = serde_json::from_value(fixture["severity"].clone()).unwrap();
        severity.check(Task::Narrowing).unwrap();
        let tables = SeverityTables::new(&severity, Task::Narrowing);
        for case in fixture["cases"].as_array().unwrap() {
            let joints = case["joints"].as_array().unwrap();
            let natural: Vec<Vec<f32>> =
                joints.iter().map(|joint| numbers(&joint["natural"]).iter().map(|p| p.ln() as f32).collect()).collect();
            let mut evidence = Vec::new();
            for (joint, natural) in joints.iter().zip(&natural) {
                let reliable = joint["reliable"].as_bool().unwrap();
                let joint = joint::by_label(Task::Narrowing, joint["joint"].as_str().unwrap()).unwrap();
                evidence.push(JointEvidence { joint, natural, tables: Some(&tables), reliable });
            }
            for (joint, found) in joints.iter().zip(of_patient(&evidence)) {
                for (found, drawn) in found.iter().zip(numbers(&joint["found"])) {
                    assert!((f64::from(found.exp()) - drawn).abs() < 0.004, "{} {}: {found:?} {drawn}", case["name"], joint["joint"]);
                }
            }
        }
    }

    #[test]
    fn a_joint_without_tables_stays_as_it_is() {
        let natural = [0.5f32.ln(), 0.2f32.ln(), 0.15f32.ln(), 0.1f32.ln(), 0.05f32.ln()];
        let joint = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
        assert_eq!(of_patient(&[JointEvidence { joint, natural: &natural, tables: None, reliable: true }]), [natural.to_vec()]);
    }

    /// Patients drawn from a copula.
    fn patients(patient: f64, limb: f64, count: u64) -> Vec<Vec<(&'static Joint, u8)>> {
        let cuts = [0.7, 0.8, 0.9, 0.96].map(|share| STANDARD.inverse_cdf(share));
        let mut rng = rng_of(7, count, 0);
        let mut normal = move || STANDARD.inverse_cdf(rng.random_range(1e-6..1.0 - 1e-6));
        (0..count)
            .map(|_| {
                let u = normal();
                let limbs: Vec<f64> = Limb::ALL.iter().map(|_| normal()).collect();
                let latent = |joint: &Joint| {
                    let v = limbs[Limb::ALL.iter().position(|limb| *limb == joint.limb).unwrap()];
                    patient.sqrt() * u + limb.sqrt() * v + (1.0 - patient - limb).sqrt() * normal()
                };
                let all = joint::joints(Task::Narrowing);
                let latents: Vec<f64> = all.iter().map(latent).collect();
                all.iter().zip(latents).map(|(joint, latent)| (joint, cuts.iter().filter(|cut| latent > **cut).count() as u8)).collect()
            })
            .collect()
    }

    #[test]
    fn a_fit_finds_the_shares_and_frequencies_that_drew_the_patients() {
        for (patient, limb) in [(0.36, 0.14), (0.1, 0.4), (0.0, 0.0)] {
            let found = Severity::fit(&patients(patient, limb, 300)).unwrap();
            assert!((found.patient - patient).abs() < 0.06 && (found.limb - limb).abs() < 0.05, "{patient} {limb}: {found:?}");
            let of_group = &found.frequencies["wrist"];
            assert!([0.7, 0.1, 0.1, 0.06, 0.04].iter().zip(of_group).all(|(drawn, found)| (drawn - found).abs() < 0.05), "{of_group:?}");
            assert_eq!(found.check(Task::Narrowing), Ok(()));
        }
        let healthy: Vec<_> = patients(0.3, 0.1, 3).into_iter().map(|of| of.into_iter().map(|(joint, _)| (joint, 0)).collect()).collect();
        assert_eq!(Severity::fit(&healthy), None);
    }

    #[test]
    fn other_frequencies_of_a_scale_change_its_groups_in_proportion() {
        let mut severity: Severity = serde_json::from_value(fixture()["severity"].clone()).unwrap();
        let knuckle = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
        let (before, usual) = (severity.frequencies.clone(), severity.usual(knuckle).unwrap());
        severity.change(knuckle, &usual);
        assert!(severity.frequencies.iter().all(|(group, of)| of.iter().zip(&before[group]).all(|(a, b)| (a - b).abs() < 1e-9)));
        let rarer: Vec<f64> = usual.iter().enumerate().map(|(grade, share)| if grade == 0 { *share } else { share / 10.0 }).collect();
        severity.change(knuckle, &shares(&rarer));
        let odds = |of: &Vec<f64>| of[2] / of[0];
        assert!(
            ["finger", "wrist", "foot"]
                .iter()
                .all(|group| (odds(&severity.frequencies[*group]) / odds(&before[*group]) - 0.1).abs() < 1e-6)
        );
    }

    #[test]
    fn a_card_with_impossible_shares_is_refused() {
        let sound: Severity = serde_json::from_value(fixture()["severity"].clone()).unwrap();
        assert!(Severity { patient: 0.8, limb: 0.3, ..sound.clone() }.check(Task::Narrowing).unwrap_err().contains("0.8 and 0.3"));
        assert!(Severity { patient: f64::NAN, ..sound.clone() }.check(Task::Narrowing).is_err());
        let frequencies = BTreeMap::from([("wrist".to_owned(), vec![0.5, 0.5])]);
        assert!(Severity { frequencies, ..sound }.check(Task::Narrowing).unwrap_err().contains("severity.frequencies.wrist"));
    }
}

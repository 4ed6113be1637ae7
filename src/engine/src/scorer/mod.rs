//! Scorers: a network that grades the crop of a joint, its preprocessing, and the way from logits to probabilities.

mod calibration;
mod config;
mod familiarity;
mod head;
mod healthy;
mod init;
mod network;
mod severity;

use std::path::Path;

use rayon::prelude::*;
use svh_core::card::ModelCard;
use svh_core::{BBox, Film, Joint, JointGroup, JointScore, OPEN_ABOVE, score};
use tch::{Device, Kind, Tensor};

pub use calibration::{Calibration, CalibrationStep, favoured, group_index, scale_name};
pub use config::{Extras, ScorerArch, ScorerConfig, ScorerTask};
pub use familiarity::{About, Anchors, Cause, FAMILIARITY, Familiarity, Unfamiliar};
pub use head::{Head, to_continuation};
pub use healthy::{CROPS as HEALTHY_CROPS, HealthyStatistics};
pub use init::Start;
pub use network::Network;
pub use severity::Severity;

use crate::batches::Batches;
use crate::crop::Gray;
use crate::models::{self, WEIGHTS};
use crate::nn::{ParamInit, Store};
use crate::times::{self, Part};
use crate::weights::Weights;
use crate::{Error, Result};
use severity::{JointEvidence, SeverityTables};

/// Crops that go through a network at once; a patient has 86.
pub const CROPS: usize = 128;

/// A joint to grade.
#[derive(Clone, Copy, Debug)]
pub struct GradeRequest<'a> {
    /// Which joint.
    pub joint: &'static Joint,
    /// The film it lies on.
    pub film: &'a Film,
    /// Where, in pixels of the film.
    pub bbox: BBox,
}

/// A trained scorer, ready to grade.
#[derive(Debug)]
pub struct Scorer {
    name: String,
    sha256: String,
    card: ModelCard,
    config: ScorerConfig,
    network: Network,
    familiarity: Option<Familiarity>,
    severity: Option<SeverityTables>,
    device: Device,
    kind: Kind,
    batches: Batches,
}

/// What a scorer says of a joint by its crop alone.
#[derive(Clone, Debug)]
pub struct CropScore<'a> {
    scorer: &'a Scorer,
    joint: &'static Joint,
    /// Log-probabilities of its grades.
    grades: Vec<f32>,
    unfamiliar: Option<Unfamiliar>,
}

/// A graded joint.
#[derive(Clone, Debug, PartialEq)]
pub struct Graded {
    /// The grade with its distribution, and how unfamiliar the joint looks where the scorer can tell.
    pub score: JointScore,
    /// Why it should be left open, where it should.
    pub open: Option<&'static str>,
}

/// What a network says of a crop.
struct JointFeatures {
    /// Log-probabilities before the calibration, at the frequencies of patients.
    natural: Vec<f32>,
    features: Vec<f32>,
}

impl Scorer {
    /// Reads a model folder and refuses one in which card and weights disagree.
    pub fn load(folder: &Path, device: Device) -> Result<Self> {
        let card = models::read_card(folder)?;
        let config = ScorerConfig::from_card(&card).map_err(|problem| Error::model(folder, problem))?;
        let weights = Weights::read(&folder.join(WEIGHTS))?;
        models::check_hash(folder, &card, weights.sha256())?;
        let store = Store::new(device, ParamInit::Empty);
        let network = Network::new(&store.root(), &config)?;
        weights.fill(&store)?;
        store.freeze(|_| true);
        let familiarity = Familiarity::read(folder, weights.sha256(), network.features(&config))?;
        // Larger crops take as much memory as so many of the usual size.
        let usual = (CROPS as i64 * 224 * 224) / (config.size * config.size).max(1);
        let batches = Batches::new("crops", usize::try_from(usual).unwrap_or(1).clamp(1, CROPS));
        let name = folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        let severity = config.extras.severity.as_ref().map(|severity| SeverityTables::new(severity, config.task.task()));
        Ok(Self {
            name,
            sha256: weights.sha256().to_owned(),
            card,
            config,
            network,
            familiarity,
            severity,
            device,
            kind: Kind::Float,
            batches,
        })
    }

    /// The same network computing in another kind of number: half precision on a GPU.
    #[must_use]
    pub(crate) fn computing_in(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// How many crops go through the network at once; see [`Batches`].
    #[must_use]
    pub const fn batches(&self) -> &Batches {
        &self.batches
    }

    /// The name of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of its weights.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The model's card.
    #[must_use]
    pub const fn card(&self) -> &ModelCard {
        &self.card
    }

    /// What it knows, where that was measured.
    #[must_use]
    pub const fn familiarity(&self) -> Option<&Familiarity> {
        self.familiarity.as_ref()
    }

    /// What the scorer is made of.
    #[must_use]
    pub const fn config(&self) -> &ScorerConfig {
        &self.config
    }

    /// Whether it grades this joint.
    #[must_use]
    pub(crate) fn grades(&self, joint: &Joint) -> bool {
        self.config.task.outputs(self.config.classes, joint).is_some()
    }

    /// Grades joints of one patient, all in one batch, by their crops alone; `None` for those that it does not grade or whose box covers no pixel of the film.
    pub fn score_crops(&self, requests: &[GradeRequest]) -> Result<Vec<Option<CropScore<'_>>>> {
        let calibration = self.config.extras.calibration.as_ref();
        let of_joint = |(request, features): (&GradeRequest, Option<JointFeatures>)| {
            let JointFeatures { natural, features } = features?;
            let joint = request.joint;
            let grades = calibration.map_or_else(|| natural.clone(), |calibration| calibration.apply(joint, &natural));
            let unfamiliar = self.familiarity.as_ref().map(|known| known.of(joint.group(), &features));
            Some(CropScore { scorer: self, joint, grades, unfamiliar })
        };
        Ok(requests.iter().zip(self.features_of(requests)?).map(of_joint).collect())
    }

    /// Grades joints of one patient, each in view of the others.
    pub fn grade(&self, requests: &[GradeRequest]) -> Result<Vec<Option<Graded>>> {
        let seen = self.score_crops(requests)?;
        let mut graded = in_view_of_all(&seen.iter().flatten().map(|seen| (seen, true)).collect::<Vec<_>>()).into_iter();
        Ok(seen.iter().map(|seen| seen.as_ref().and_then(|_| graded.next())).collect())
    }

    /// The log-probabilities of joints before the calibration, at the frequencies of patients.
    pub(crate) fn natural(&self, requests: &[GradeRequest]) -> Result<Vec<Option<Vec<f32>>>> {
        Ok(self.features_of(requests)?.into_iter().map(|seen| Some(seen?.natural)).collect())
    }

    /// What the network says of joints; `None` for those that it does not grade or whose box covers no pixel of the film.
    fn features_of(&self, requests: &[GradeRequest]) -> Result<Vec<Option<JointFeatures>>> {
        let size = self.config.size as u32;
        let config = self.config.crop();
        let crop = |request: &GradeRequest| match config.crop(request.film, request.bbox, size) {
            Err(Error::Data(_)) => Ok(None),
            crop => crop.map(Some),
        };
        let crops = times::of(Part::Prepare, Device::Cpu, || requests.par_iter().map(crop).collect::<Result<Vec<Option<Gray>>>>())?;
        let there: Vec<bool> = crops.iter().map(Option::is_some).collect();
        let mut rows = self.forward(&crops.into_iter().flatten().collect::<Vec<_>>())?.into_iter();
        let mut seen = |(request, there): (&GradeRequest, &bool)| {
            let (features, logits) = there.then(|| rows.next()).flatten()?;
            Some(JointFeatures { natural: natural(&self.config, request.joint, &logits)?, features })
        };
        Ok(requests.iter().zip(&there).map(&mut seen).collect())
    }

    /// The logits of crops, one row each, before any correction.
    pub fn logits(&self, crops: &[Gray]) -> Result<Vec<Vec<f32>>> {
        Ok(self.forward(crops)?.into_iter().map(|(_, logits)| logits).collect())
    }

    /// The features of crops that the last layer sees, one row each.
    pub fn features(&self, crops: &[Gray]) -> Result<Vec<Vec<f32>>> {
        Ok(self.forward(crops)?.into_iter().map(|(features, _)| features).collect())
    }

    /// Crops as the network is fed them and the logits that follow, [N, 3, S, S] and [N, K], for gradients of the logits by the crops.
    pub(crate) fn tracked_logits(&self, crops: &[Gray]) -> Result<(Tensor, Tensor)> {
        let crops = input(&self.config, crops, self.device)?.f_set_requires_grad(true)?;
        let logits = self.network.classify(&self.network.forward_features(&crops, false)?, false)?;
        Ok((crops, logits))
    }

    /// What the network's norms see of healthy joints; `None` for a network that cannot be adapted, or without any crop.
    pub(crate) fn healthy_statistics(&self, crops: &[(JointGroup, Gray)]) -> Result<Option<HealthyStatistics>> {
        let Network::Efficient(network) = &self.network else { return Ok(None) };
        if crops.is_empty() {
            return Ok(None);
        }
        HealthyStatistics::of(network, &self.config, crops, self.device).map(Some)
    }

    /// Features and logits of crops, one row each.
    fn forward(&self, crops: &[Gray]) -> Result<Vec<(Vec<f32>, Vec<f32>)>> {
        let _no_gradients = tch::no_grad_guard();
        self.batches.run(crops, |crops| {
            let crops = times::of(Part::Transfer, self.device, || input(&self.config, crops, self.device))?.f_to_kind(self.kind)?;
            times::of(Part::Network, self.device, || {
                let features = self.network.forward_features(&crops, false)?;
                let logits = self.network.classify(&features, false)?.f_to_kind(Kind::Float)?;
                Ok(to_rows(&features.f_to_kind(Kind::Float)?)?.into_iter().zip(to_rows(&logits)?).collect())
            })
        })
    }
}

impl CropScore<'_> {
    fn open(&self) -> Option<&'static str> {
        self.unfamiliar.filter(|unfamiliar| unfamiliar.value > OPEN_ABOVE).map(|unfamiliar| unfamiliar.cause.reason())
    }
}

/// The grades of one patient's joints, whichever scorers saw them, each in view of the others: see [`Severity`]. A joint that looks unfamiliar, or that
/// comes with `false`, says nothing of the others.
#[must_use]
pub fn in_view_of_all(joints: &[(&CropScore, bool)]) -> Vec<Graded> {
    let mut evidence = Vec::with_capacity(joints.len());
    for (seen, reliable) in joints {
        let tables = seen.scorer.severity.as_ref();
        evidence.push(JointEvidence { joint: seen.joint, natural: &seen.grades, tables, reliable: *reliable && seen.open().is_none() });
    }
    let none = Calibration::default();
    let graded = |((seen, _), grades): (&(&CropScore, bool), Vec<f32>)| {
        let calibration = seen.scorer.config.extras.calibration.as_ref().unwrap_or(&none);
        let mut score = JointScore::chosen(calibration.grade(seen.joint, &grades), probabilities(&grades));
        score.unfamiliarity = seen.unfamiliar.map(|unfamiliar| unfamiliar.value);
        score.alone = seen.scorer.severity.as_ref().map(|_| score::expected(&probabilities(&seen.grades)));
        Graded { score, open: seen.open() }
    };
    joints.iter().zip(severity::of_patient(&evidence)).map(graded).collect()
}

fn probabilities(logs: &[f32]) -> Vec<f32> {
    logs.iter().map(|v| v.exp()).collect()
}

/// The probabilities of a joint's grades: its outputs, corrected for how often each grade occurs in patients.
#[must_use]
pub fn score(config: &ScorerConfig, joint: &Joint, logits: &[f32]) -> Option<JointScore> {
    let log_probabilities = natural(config, joint, logits)?;
    Some(JointScore::from_probabilities(probabilities(&log_probabilities)))
}

/// The mean of the distribution over a joint's grades before the calibration; `None` for a joint that the model does not grade.
#[must_use]
pub fn expected(config: &ScorerConfig, joint: &Joint, logits: &[f32]) -> Option<f32> {
    Some(score::expected(&probabilities(&natural(config, joint, logits)?)))
}

/// The logarithms of those probabilities.
fn natural(config: &ScorerConfig, joint: &Joint, logits: &[f32]) -> Option<Vec<f32>> {
    let outputs = config.task.outputs(config.classes, joint)?;
    let extras = &config.extras;
    let tempered: Vec<f32> = logits.get(outputs.clone())?.iter().map(|v| v / extras.temperature).collect();
    let drawn = extras.head.log_probabilities(&tempered);
    let corrected: Vec<f32> = drawn.iter().zip(outputs).map(|(v, at)| v + extras.log_prior.get(at).unwrap_or(&0.0)).collect();
    Some(head::normalised(&corrected))
}

/// Crops as a network is fed: [N, 3, S, S], normalised, 0 where there was no film.
pub fn input(config: &ScorerConfig, crops: &[Gray], device: Device) -> Result<Tensor> {
    let (count, size) = (crops.len() as i64, config.size);
    let plane = |values: Vec<f32>| Tensor::f_from_slice(&values)?.f_view([count, 1, size, size])?.f_to_device(device);
    let channels = |values: [f64; 3]| Tensor::f_from_slice(&values.map(|v| v as f32))?.f_view([1, 3, 1, 1])?.f_to_device(device);
    let values = plane(crops.iter().flat_map(|crop| &crop.values).copied().collect())?;
    let mut mean = channels(config.mean)?;
    if crops.iter().any(|crop| crop.coverage.iter().any(|covered| *covered < 1.0)) {
        mean = mean.f_mul(&plane(crops.iter().flat_map(|crop| &crop.coverage).copied().collect())?)?;
    }
    Ok(values.f_sub(&mean)?.f_div(&channels(config.std)?)?)
}

/// The rows of a matrix.
pub(crate) fn to_rows(matrix: &Tensor) -> Result<Vec<Vec<f32>>> {
    let [_, columns] = matrix.size()[..] else { return Err(Error::Internal(format!("logits of shape {:?}", matrix.size()))) };
    let flat = Vec::<f32>::try_from(matrix.f_contiguous()?.f_view([-1])?)?;
    Ok(flat.chunks_exact(columns.max(1) as usize).map(<[f32]>::to_vec).collect())
}

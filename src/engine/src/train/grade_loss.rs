//! Cross-entropy of graded joints, each over its own scale.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use crate::Result;
use crate::data::joint_crops::TrainingCrop;
use crate::scorer::ScorerConfig;

/// What a batch was worth.
pub struct Compared {
    /// Mean cross-entropy, with gradients.
    pub loss: Tensor,
    /// How many joints got their grade.
    pub hits: usize,
}

/// Compares a batch's logits [N, classes] with its grades. `soft` spreads the target over neighbouring grades (a Gaussian of that deviation, in grades;
/// Díaz and Marathe 2019); 0 for the grade alone.
pub fn compare(config: &ScorerConfig, logits: &Tensor, samples: &[&TrainingCrop], soft: f32) -> Result<Compared> {
    let mut scales: BTreeMap<(usize, usize), Vec<(i64, u8)>> = BTreeMap::new();
    for (row, sample) in samples.iter().enumerate() {
        if let Some(scale) = config.task.outputs(config.classes, sample.joint) {
            scales.entry((scale.start, scale.end)).or_default().push((row as i64, sample.grade));
        }
    }
    let device = logits.device();
    let mut loss = Tensor::f_zeros([], (Kind::Float, device))?;
    let mut hits = 0;
    for ((start, end), rows) in scales {
        let grades = end - start;
        let index = Tensor::f_from_slice(&rows.iter().map(|(row, _)| *row).collect::<Vec<_>>())?.f_to_device(device)?;
        let targets = Tensor::f_from_slice(&rows.iter().map(|(_, grade)| i64::from(*grade)).collect::<Vec<_>>())?.f_to_device(device)?;
        let own = logits.f_index_select(0, &index)?.f_narrow(1, start as i64, grades as i64)?;
        let log_probabilities = config.extras.head.log_probabilities_of(&own)?;
        let target: Vec<f32> = rows.iter().flat_map(|(_, grade)| target(*grade, grades, soft)).collect();
        let target = Tensor::f_from_slice(&target)?.f_view([rows.len() as i64, grades as i64])?.f_to_device(device)?;
        loss = loss.f_sub(&log_probabilities.f_mul(&target)?.f_sum(Kind::Float)?)?;
        hits += log_probabilities.f_argmax(1, false)?.f_eq_tensor(&targets)?.f_sum(Kind::Int64)?.f_int64_value(&[])? as usize;
    }
    Ok(Compared { loss: loss.f_div_scalar(samples.len() as f64)?, hits })
}

/// The probabilities to learn.
fn target(grade: u8, grades: usize, soft: f32) -> Vec<f32> {
    let share = |at: usize| {
        let apart = at as f32 - f32::from(grade);
        if soft > 0.0 { (-0.5 * (apart / soft).powi(2)).exp() } else { f32::from(u8::from(apart == 0.0)) }
    };
    let shares: Vec<f32> = (0..grades).map(share).collect();
    let sum: f32 = shares.iter().sum();
    shares.iter().map(|v| v / sum).collect()
}

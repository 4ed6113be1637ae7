//! What a scorer's batch norms see of healthy joints: the reference with which `svh model adapt` compares other films.
//!
//! A norm's own statistics are those of the training, where severe grades are frequent. Replacing them by those of a cohort, in which most joints are healthy,
//! would make healthy joints look like average ones and raise their grades. So healthy joints are compared with healthy ones of the same groups, and a norm's
//! statistics are moved by the difference: where films look like those of the training nothing changes.

use svh_core::JointGroup;
use tch::{Device, Kind, Tensor};

use super::{ScorerConfig, group_index, input, to_rows};
use crate::crop::Gray;
use crate::efficientnet::EfficientNet;
use crate::nn::ChannelStatistics;
use crate::{Error, Result};

/// Crops that are compared at most: feature maps of all of them are in memory at once.
pub const CROPS: usize = 384;

/// Means and variances of each norm's input, by group of joints.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthyStatistics {
    /// The groups (0 finger, 1 wrist, 2 foot), in the order of the rows below.
    pub groups: Vec<usize>,
    /// For each norm [groups, channels].
    pub means: Vec<Vec<Vec<f32>>>,
    /// Likewise.
    pub variances: Vec<Vec<Vec<f32>>>,
}

impl HealthyStatistics {
    /// Of healthy joints' crops; the network stays as it is.
    pub fn of(network: &EfficientNet, config: &ScorerConfig, crops: &[(JointGroup, Gray)], device: Device) -> Result<Self> {
        let groups = groups_of(crops);
        let (mut means, mut variances) = (Vec::new(), Vec::new());
        network.visit_norms(&tensor(config, crops, device)?, &mut |_, x| {
            let each = groups.iter().map(|(_, rows)| Ok(ChannelStatistics::of(&x.f_index_select(0, &rows.f_to_device(device)?)?)?));
            let each = each.collect::<Result<Vec<_>>>()?;
            means.push(to_rows(&Tensor::f_stack(&each.iter().map(|of| &of.mean).collect::<Vec<_>>(), 0)?)?);
            variances.push(to_rows(&Tensor::f_stack(&each.iter().map(|of| &of.variance).collect::<Vec<_>>(), 0)?)?);
            Ok(())
        })?;
        Ok(Self { groups: groups.into_iter().map(|(group, _)| group).collect(), means, variances })
    }

    /// Moves the statistics of a network's norms by as much as these crops of healthy joints differ from the reference. Groups that the reference does not
    /// have take no part.
    pub fn shift(&self, network: &EfficientNet, config: &ScorerConfig, crops: &[(JointGroup, Gray)], device: Device) -> Result<()> {
        let known: Vec<(JointGroup, Gray)> =
            crops.iter().filter(|(group, _)| self.groups.contains(&group_index(*group))).cloned().collect();
        let shares: Vec<f64> = self
            .groups
            .iter()
            .map(|group| known.iter().filter(|(of, _)| group_index(*of) == *group).count() as f64 / known.len().max(1) as f64)
            .collect();
        let mut place = 0;
        network.visit_norms(&tensor(config, &known, device)?, &mut |norm, x| {
            let before = self.mixed(place, &shares, device)?;
            place += 1;
            Ok(norm.shift_statistics(&before, &ChannelStatistics::of(x)?)?)
        })
    }

    /// The statistics of a mixture of the groups.
    fn mixed(&self, norm: usize, shares: &[f64], device: Device) -> Result<ChannelStatistics> {
        let (Some(means), Some(variances)) = (self.means.get(norm), self.variances.get(norm)) else {
            return Err(Error::Internal("the reference of healthy joints has too few norms".to_owned()));
        };
        let channels = means.first().map_or(0, Vec::len);
        let (mut mean, mut square) = (vec![0.0f64; channels], vec![0.0f64; channels]);
        for ((row, spread), share) in means.iter().zip(variances).zip(shares) {
            for (channel, (m, v)) in row.iter().zip(spread).enumerate() {
                let (m, v) = (f64::from(*m), f64::from(*v));
                mean[channel] += share * m;
                square[channel] += share * (v + m * m);
            }
        }
        let variance: Vec<f64> = square.iter().zip(&mean).map(|(square, mean)| (square - mean * mean).max(0.0)).collect();
        let to = |values: &[f64]| Tensor::f_from_slice(values)?.f_to_kind(Kind::Float)?.f_to_device(device);
        Ok(ChannelStatistics { mean: to(&mean)?, variance: to(&variance)? })
    }
}

fn tensor(config: &ScorerConfig, crops: &[(JointGroup, Gray)], device: Device) -> Result<Tensor> {
    let crops: Vec<Gray> = crops.iter().map(|(_, crop)| crop.clone()).collect();
    input(config, &crops, device)
}

/// The groups that occur, each with the places of its crops.
fn groups_of(crops: &[(JointGroup, Gray)]) -> Vec<(usize, Tensor)> {
    (0..3)
        .filter_map(|group| {
            let places: Vec<i64> = (0i64..).zip(crops).filter(|(_, (of, _))| group_index(*of) == group).map(|(place, _)| place).collect();
            (!places.is_empty()).then(|| (group, Tensor::from_slice(&places)))
        })
        .collect()
}

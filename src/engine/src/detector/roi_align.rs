//! RoIAlign (K. He et al., "Mask R-CNN"): the part of a map under a box, sampled to a fixed grid.
//!
//! Each output is a weighted sum of 16 values of the map (2 x 2 samples, each bilinear over 4), which is exactly what `embedding_bag` computes over the map's
//! rows of channels: differentiable without code of our own, and several times faster on the CPU than torchvision's operator. Follows
//! torchvision's compiled operator with `aligned = false` and a sampling ratio of 2.

use rayon::prelude::*;
use svh_core::BBox;
use tch::{Kind, TchError, Tensor};

/// Side of the output grid.
pub(crate) const GRID: usize = 7;
const SAMPLES: usize = 2;
const TERMS: usize = SAMPLES * SAMPLES * 4;
const BINS: usize = GRID * GRID;

/// A box on one film of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Roi {
    /// Index of the film.
    pub film: usize,
    /// In pixels of the batch.
    pub bbox: BBox,
}

/// Pools each box from the level that fits its size. Maps are [N, C, H, W] with strides 4, 8, 16, ...; the result is [boxes, C, 7, 7].
pub fn multi_scale(maps: &[Tensor], rois: &[Roi]) -> Result<Tensor, TchError> {
    let level_of: Vec<usize> = rois.iter().map(|roi| level(roi.bbox, maps.len())).collect();
    let (mut parts, mut order) = (Vec::new(), Vec::new());
    for (index, map) in maps.iter().enumerate() {
        let members: Vec<usize> = (0..rois.len()).filter(|roi| level_of[*roi] == index).collect();
        if !members.is_empty() {
            let chosen: Vec<Roi> = members.iter().map(|roi| rois[*roi]).collect();
            parts.push(single_scale(map, &chosen, 0.25 / (1 << index) as f32)?);
            order.extend(members);
        }
    }
    match (parts.len(), maps.first()) {
        (1, _) => Ok(parts.remove(0)),
        (0, Some(map)) => Tensor::f_zeros([0, map.size()[1], GRID as i64, GRID as i64], (map.kind(), map.device())),
        (0, None) => Err(TchError::Shape("RoIAlign needs a map".into())),
        _ => {
            let mut places = vec![0i64; order.len()];
            for (place, roi) in order.into_iter().enumerate() {
                places[roi] = place as i64;
            }
            let places = Tensor::f_from_slice(&places)?.f_to_device(parts[0].device())?;
            Tensor::f_cat(&parts, 0)?.f_index_select(0, &places)
        }
    }
}

/// floor(4 + log2(side / 224) + 1e-6), clamped to the levels there are; level 2 has stride 4.
fn level(b: BBox, levels: usize) -> usize {
    let wanted = (4.0 + (b.area().sqrt() / 224.0).log2() + 1e-6).floor();
    wanted.clamp(2.0, 1.0 + levels as f32) as usize - 2
}

/// RoIAlign on one map of [N, C, H, W] whose pixels are `1 / scale` pixels of the batch: [boxes, C, 7, 7].
pub fn single_scale(map: &Tensor, rois: &[Roi], scale: f32) -> Result<Tensor, TchError> {
    let (_, channels, height, width) = map.size4()?;
    let rows = map.f_permute([0, 2, 3, 1])?.f_reshape([-1, channels])?;
    let (mut indices, mut weights) = (vec![0i64; rois.len() * BINS * TERMS], vec![0.0f32; rois.len() * BINS * TERMS]);
    let size = [height as usize, width as usize];
    indices
        .par_chunks_mut(BINS * TERMS)
        .zip(weights.par_chunks_mut(BINS * TERMS))
        .zip(rois)
        .with_min_len(32)
        .for_each(|((indices, weights), roi)| fill_terms(indices, weights, *roi, scale, size));
    let device = map.device();
    let bags = (rois.len() * BINS) as i64;
    let indices = Tensor::f_from_slice(&indices)?.f_to_device(device)?;
    let weights = Tensor::f_from_slice(&weights)?.f_to_kind(map.kind())?.f_to_device(device)?;
    let offsets = Tensor::f_arange_start_step(0, bags * TERMS as i64, TERMS as i64, (Kind::Int64, device))?;
    let (sums, ..) = Tensor::f_embedding_bag(&rows, &indices, &offsets, false, 0, false, Some(&weights), false)?;
    let grid = GRID as i64;
    sums.f_view([-1, grid * grid, channels])?.f_transpose(1, 2)?.f_reshape([-1, channels, grid, grid])
}

/// One sample along one axis: the two neighbours and their weights.
#[derive(Clone, Copy, Default)]
struct Tap {
    at: [usize; 2],
    weight: [f32; 2],
}

/// The samples of one axis, two a bin: positions outside [-1, length] weigh nothing, others are clamped into the map.
fn taps(start: f32, end: f32, scale: f32, length: usize) -> [Tap; GRID * SAMPLES] {
    let start = start * scale;
    let bin = (end * scale - start).max(1.0) / GRID as f32;
    std::array::from_fn(|index| {
        let (cell, sample) = (index / SAMPLES, index % SAMPLES);
        let position = start + cell as f32 * bin + (sample as f32 + 0.5) * bin / SAMPLES as f32;
        tap(position, length)
    })
}

fn tap(position: f32, length: usize) -> Tap {
    if position < -1.0 || position > length as f32 {
        return Tap::default();
    }
    let position = position.max(0.0);
    let low = position as usize;
    if low + 1 >= length {
        return Tap { at: [length - 1; 2], weight: [1.0, 0.0] };
    }
    let fraction = position - low as f32;
    Tap { at: [low, low + 1], weight: [1.0 - fraction, fraction] }
}

/// Rows and weights of all bins of one box.
fn fill_terms(indices: &mut [i64], weights: &mut [f32], roi: Roi, scale: f32, [height, width]: [usize; 2]) {
    let ys = taps(roi.bbox.y0, roi.bbox.y1, scale, height);
    let xs = taps(roi.bbox.x0, roi.bbox.x1, scale, width);
    let first = roi.film * height * width;
    let mut term = 0;
    for bin in 0..BINS {
        for sample in 0..SAMPLES * SAMPLES {
            let y = ys[bin / GRID * SAMPLES + sample / SAMPLES];
            let x = xs[bin % GRID * SAMPLES + sample % SAMPLES];
            for corner in 0..4 {
                let (cy, cx) = (corner / 2, corner % 2);
                indices[term] = (first + y.at[cy] * width + x.at[cx]) as i64;
                weights[term] = y.weight[cy] * x.weight[cx] / (SAMPLES * SAMPLES) as f32;
                term += 1;
            }
        }
    }
}

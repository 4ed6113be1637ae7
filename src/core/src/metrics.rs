//! Metrics of ordinal grades, for trainings and for evaluations alike: tables of counts, agreement, quantiles. Boxes overlap as [`crate::BBox::iou`] has it.

mod confusion;
mod grade_metrics;
mod ranks;

pub use confusion::Confusion;
pub use grade_metrics::{Baseline, GradeMetrics, NAMED_METRICS, NamedMetric};

/// The value below which this share of sorted values lies, linear between neighbours (numpy's default, type 7 of Hyndman and Fan); `None` without values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1])
        let values = [1.0, 2.0, 4.0, 8.0];
        let found = [0.0, 0.25, 0.5, 0.9, 1.0].map(|share| quantile(&values, share).unwrap());
        for (found, expected) in found.into_iter().zip([1.0, 1.75, 3.0, 6.8, 8.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!((quantile(&[], 0.5), quantile(&[3.0], 0.5)), (None, Some(3.0)));
    }
}

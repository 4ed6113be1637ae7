//! The course of a training, from its events.

use polars::prelude::*;
use svh_core::RunEvent;

use crate::Result;

/// Losses: `step, epoch, name, value, lr, seconds`, one row a step and loss.
///
/// # Errors
/// None that the data could cause.
pub fn curves(events: &[RunEvent]) -> Result<DataFrame> {
    let (mut steps, mut epochs, mut names, mut values, mut rates, mut times) = (vec![], vec![], vec![], vec![], vec![], vec![]);
    for event in events {
        let RunEvent::Step { step, epoch, losses, lr, seconds, .. } = event else { continue };
        for (name, value) in losses {
            steps.push(i64::try_from(*step).unwrap_or(i64::MAX));
            epochs.push(i64::from(*epoch));
            names.push(name.as_str());
            values.push(*value);
            rates.push(*lr);
            times.push(*seconds);
        }
    }
    Ok(df!["step" => steps, "epoch" => epochs, "name" => names, "value" => values, "lr" => rates, "seconds" => times]?)
}

/// Metrics measured now and then: `step, epoch, split, name, value, seconds`, one row a metric.
///
/// # Errors
/// None that the data could cause.
pub fn metrics(events: &[RunEvent]) -> Result<DataFrame> {
    let (mut steps, mut epochs, mut splits, mut names, mut found, mut times) = (vec![], vec![], vec![], vec![], vec![], vec![]);
    for event in events {
        let RunEvent::Metrics { step, epoch, split, values, seconds } = event else { continue };
        for (name, value) in values {
            steps.push(i64::try_from(*step).unwrap_or(i64::MAX));
            epochs.push(i64::from(*epoch));
            splits.push(split.as_str());
            names.push(name.as_str());
            found.push(*value);
            times.push(*seconds);
        }
    }
    Ok(df!["step" => steps, "epoch" => epochs, "split" => splits, "name" => names, "value" => found, "seconds" => times]?)
}

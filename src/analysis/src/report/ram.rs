//! Results in the table that RAM-H1200 publishes, so that both can be laid side by side.

use polars::prelude::*;
use svh_core::joint;

use crate::stats::{Binary, Confusion};
use crate::{Evaluation, Result, Scale, Scope, Split};

/// `Scope` (`Overall` for a scale, `Joint`), `Name`, then the metrics; both hands, or both feet, together. `Precision`, `Recall`, `F1score` and
/// `Specificity` are means over the grades that occur, each grade against all others; `DOR` (diagnostic odds ratio), `Pos/Neg ACC` and the binary
/// metrics tell damage (any grade above 0) from none. Names are RAM-H1200's keys where it has one. What is undefined is an empty cell.
///
/// # Errors
/// None that the data could cause.
pub fn ram_table(evaluation: &Evaluation) -> Result<DataFrame> {
    let overall = Scale::ALL.map(|scale| ("Overall", scale.name().to_owned(), Scope::all(scale)));
    let joints = Split::Joint.scopes().into_iter().map(|scope| ("Joint", name(&scope), scope));
    let rows: Vec<Row> =
        overall.into_iter().chain(joints).map(|(kind, name, scope)| Row::of(kind, name, &evaluation.confusion(&scope))).collect();
    let mut columns = vec![
        Column::new("Scope".into(), rows.iter().map(|row| row.kind).collect::<Vec<_>>()),
        Column::new("Name".into(), rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>()),
    ];
    for (place, title) in TITLES.into_iter().enumerate() {
        columns.push(Column::new(title.into(), rows.iter().map(|row| row.metrics[place]).collect::<Vec<_>>()));
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

const TITLES: [&str; 13] = [
    "Accuracy",
    "Precision",
    "Recall",
    "F1score",
    "Specificity",
    "BalancedAccuracy",
    "DOR",
    "QWK",
    "MAE",
    "Within1",
    "Pos/Neg ACC",
    "Binary Sensitivity",
    "Binary Specificity",
];

struct Row {
    kind: &'static str,
    name: String,
    metrics: [Option<f64>; TITLES.len()],
}

impl Row {
    fn of(kind: &'static str, name: String, table: &Confusion) -> Self {
        let metrics = table.metrics();
        let present = table.reference_counts().into_iter().enumerate().filter(|(_, count)| *count > 0).map(|(grade, _)| grade);
        let grades: Vec<Binary> = present.map(|grade| Binary::of(table, |other| other == grade)).collect();
        let mean = |of: &dyn Fn(&Binary) -> Option<f64>| {
            let known: Vec<f64> = grades.iter().filter_map(of).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        let damage = Binary::of(table, |grade| grade > 0);
        let values = [
            metrics.accuracy,
            mean(&|grade| Some(grade.precision())),
            mean(&Binary::sensitivity),
            metrics.macro_f1,
            mean(&Binary::specificity),
            metrics.balanced_accuracy,
            damage.odds_ratio(),
            metrics.qwk,
            metrics.mae,
            metrics.within1,
            damage.accuracy(),
            damage.sensitivity(),
            damage.specificity(),
        ];
        Self { kind, name, metrics: values }
    }
}

fn name(scope: &Scope) -> String {
    let known = joint::all().find(|joint| scope.has(joint)).and_then(|joint| joint.ram_h1200.clone());
    known.unwrap_or_else(|| format!("{} {}", scope.scale.name(), scope.joint.unwrap_or_default()))
}

//! The metrics of two readers' grades as text of at most 80 columns, baselines beside the results.

use std::fmt::Write;

use svh_analysis::Agreement;
use svh_analysis::stats::{Confusion, GradeMetrics, Interval, NAMED_METRICS};

/// A metric with three digits, or a dash where it is undefined.
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// An interval, or nothing where there is none.
pub fn interval(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |interval| format!("{:.3} to {:.3}", interval.low, interval.high))
}

/// All metrics and the confusion matrix.
pub fn table(agreement: &Agreement) -> String {
    let Agreement { metrics, majority, zero, .. } = agreement;
    let mut text = String::new();
    let patients = agreement.patients.map_or_else(|| "patients not named".to_owned(), |n| format!("{n} patients"));
    let missing = if agreement.missing > 0 { format!(", {} left out as a grade is missing", agreement.missing) } else { String::new() };
    let _ = writeln!(text, "{} joints, {patients}{missing}, grades 0 to {}", metrics.n, agreement.max_grade);
    let _ =
        writeln!(text, "\n{:<20}{:>9}  {:<18}{:>12}{:>10}", "", "result", "95 % interval", format!("majority {}", majority.grade), "all 0");
    for (name, read) in NAMED_METRICS {
        let found = agreement.ci95.as_ref().and_then(|intervals| intervals.get(name));
        row(&mut text, name_of(name), [metrics, &majority.metrics, &zero.metrics].map(read), &interval(found));
    }
    for (name, read) in MORE {
        row(&mut text, name, [metrics, &majority.metrics, &zero.metrics].map(read), "");
    }
    if let Some(weighted) = agreement.weighted {
        row(&mut text, "weighted MAE", [weighted.mae, None, None], "");
        row(&mut text, "weighted RMSE", [weighted.rmse, None, None], "");
    }
    let _ = writeln!(text, "\nGrades that occur, over which balanced accuracy is a mean: {}.", metrics.grades_present);
    if agreement.ci95.is_none() {
        text.push_str("No intervals: they are a bootstrap over patients, and it takes at least two.\n");
    }
    text.push('\n');
    confusion(&mut text, &agreement.confusion);
    text
}

/// How a metric is read.
type Read = fn(&GradeMetrics) -> Option<f64>;

const MORE: [(&str, Read); 4] = [
    ("kappa, linear", |metrics| metrics.kappa_linear),
    ("bias", |metrics| metrics.bias),
    ("Spearman", |metrics| metrics.spearman),
    ("Kendall tau-b", |metrics| metrics.kendall_tau_b),
];

/// A metric's name in words.
pub fn name_of(name: &str) -> &str {
    match name {
        "balanced_accuracy" => "balanced accuracy",
        "macro_f1" => "macro F1",
        "within1" => "within 1",
        "qwk" => "kappa, quadratic",
        "rmse" => "RMSE",
        "mae" => "MAE",
        "total_mae" => "MAE of totals",
        "total_rmse" => "RMSE of totals",
        "false_positives" => "false positives",
        name => name,
    }
}

fn row(text: &mut String, name: &str, [result, majority, zero]: [Option<f64>; 3], interval: &str) {
    let (result, majority, zero) = (number(result), number(majority), number(zero));
    let line = format!("{name:<20}{result:>9}  {interval:<18}{majority:>12}{zero:>10}");
    let _ = writeln!(text, "{}", line.trim_end());
}

/// The matrix with the reference in rows.
fn confusion(text: &mut String, table: &Confusion) {
    let width = table.n().to_string().len().max(4) + 1;
    let _ = write!(text, "{:<12}", "truth \\ says");
    for grade in 0..table.side() {
        let _ = write!(text, "{grade:>width$}");
    }
    text.push('\n');
    for (grade, counts) in table.rows().enumerate() {
        let _ = write!(text, "{grade:>12}");
        for count in counts {
            // A zero is left out, so that the eye finds the rest.
            let cell = if *count == 0 { ".".to_owned() } else { count.to_string() };
            let _ = write!(text, "{cell:>width$}");
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_80_columns_and_has_the_baselines_beside_the_results() {
        let pairs = (0..11).flat_map(|grade| [(grade, grade), (grade, 10 - grade), (0, 0)]);
        let text = table(&Agreement::of(Confusion::of(10, pairs), 3));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for part in ["all 0", "accuracy", "kappa, quadratic", "3 left out", "No intervals"] {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
        assert!(!text.contains("NaN"));
    }
}

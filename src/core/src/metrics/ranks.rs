//! Rank correlations of a table of counts: grades tie by the hundred, so both are worked out from the cells.

use super::Confusion;

/// Spearman's correlation: Pearson's of mean ranks.
pub fn spearman(table: &Confusion) -> Option<f64> {
    let (rows, columns) = (mean_ranks(&table.reference_counts()), mean_ranks(&table.model_counts()));
    let n = table.n() as f64;
    let centre = f64::midpoint(n, 1.0);
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (reference, model, count) in table.cells() {
        let (a, b, count) = (rows[reference] - centre, columns[model] - centre, count as f64);
        both += count * a * b;
        first += count * a * a;
        second += count * b * b;
    }
    (first > 0.0 && second > 0.0).then(|| both / (first * second).sqrt())
}

/// The rank that each grade's ties share, from 1.
fn mean_ranks(counts: &[u64]) -> Vec<f64> {
    let mut before = 0.0;
    let rank = |count: &u64| {
        let rank = before + f64::midpoint(*count as f64, 1.0);
        before += *count as f64;
        rank
    };
    counts.iter().map(rank).collect()
}

/// Kendall's tau-b: concordant minus discordant pairs, corrected for ties on either side.
pub fn kendall_tau_b(table: &Confusion) -> Option<f64> {
    let mut difference = 0.0;
    for (reference, model, count) in table.cells().filter(|(_, _, count)| *count > 0) {
        // Each pair of cells is met once, from its lower row.
        for (other_reference, other_model, other) in table.cells().skip((reference + 1) * table.side()) {
            debug_assert!(other_reference > reference);
            let pairs = count as f64 * other as f64;
            match other_model.cmp(&model) {
                std::cmp::Ordering::Greater => difference += pairs,
                std::cmp::Ordering::Less => difference -= pairs,
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let all = pairs(table.n() as f64);
    let untied = |counts: Vec<u64>| all - counts.into_iter().map(|n| pairs(n as f64)).sum::<f64>();
    let (first, second) = (untied(table.reference_counts()), untied(table.model_counts()));
    (first > 0.0 && second > 0.0).then(|| difference / first.sqrt() / second.sqrt())
}

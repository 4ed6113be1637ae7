//! A summary as text of at most 80 columns, problems aside.

use std::fmt;

use super::{Spread, Summary};
use crate::{Limb, Task};

/// So many problems are printed; their number is always told.
const SHOWN: usize = 10;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "cohort    {}", self.cohort)?;
        writeln!(f, "patients  {} ({} with all four films, {} without films)", self.patients, self.complete, self.without_films)?;
        let limbs: Vec<_> = self.films.limbs.iter().map(|(limb, count)| format!("{limb} {count}")).collect();
        write!(f, "films     {} ({}", self.films.total, limbs.join(", "))?;
        if self.films.unknown_limb > 0 {
            write!(f, ", limb unknown {}", self.films.unknown_limb)?;
        }
        if self.films.unreadable > 0 {
            write!(f, ", {} of them unreadable", self.films.unreadable)?;
        }
        writeln!(f, ")")?;
        let boxes: Vec<_> =
            self.boxes.iter().map(|(task, found)| format!("{task} {} in {} label files", found.boxes, found.files)).collect();
        writeln!(f, "boxes     {}", boxes.join(", "))?;
        if self.boxes.values().any(|found| found.proposed > 0) {
            let proposed: Vec<_> = self.boxes.iter().map(|(task, found)| format!("{task} {}", found.proposed)).collect();
            writeln!(f, "proposed  {}: these boxes are unreviewed", proposed.join(", "))?;
        }
        self.grades(f)?;
        self.problems(f)
    }
}

impl Summary {
    fn grades(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(grades) = &self.grades else { return writeln!(f, "grades    none: training.csv is missing") };
        let task = |task: Task| {
            let of = |counts: &std::collections::BTreeMap<Task, usize>| counts.get(&task).copied().unwrap_or(0);
            format!("{task} {} ({} missing)", of(&grades.given), of(&grades.missing))
        };
        writeln!(f, "grades    {} patients: {}", grades.patients, Task::ALL.map(task).join(", "))?;
        writeln!(f, "\ntotals    narrowing                       erosion")?;
        writeln!(f, "          mean   median  max  patients    mean   median  max  patients")?;
        for limb in Limb::ALL {
            let spreads = grades.limbs.get(&limb).copied().unwrap_or_default();
            row(f, limb.code(), &[spreads.narrowing, spreads.erosion])?;
        }
        row(f, "all", &[grades.all.narrowing, grades.all.erosion])?;
        row(f, "overall", &[grades.overall])
    }

    fn problems(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.problems.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nproblems  {}", self.problems.len())?;
        for problem in self.problems.iter().take(SHOWN) {
            writeln!(f, "  {problem}")?;
        }
        let more = self.problems.len().saturating_sub(SHOWN);
        if more > 0 { writeln!(f, "  and {more} more: --json has them all") } else { Ok(()) }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, spreads: &[Spread]) -> fmt::Result {
    let cells = spreads.iter().map(|spread| match spread.n {
        0 => format!("{:>5}{:>9}{:>5}{:>10}", "-", "-", "-", 0),
        n => format!("{:>5.1}{:>9.1}{:>5}{:>10}", spread.mean, spread.median, spread.max, n),
    });
    writeln!(f, "{name:<9}{}", cells.collect::<Vec<_>>().join("   "))
}

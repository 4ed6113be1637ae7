//! A run's tables, and those of a cohort, as pandas, polars and duckdb read them.

use std::path::Path;
use std::process::Command;

use svh_tests::{
    cohort,
    program::{checkout, run, svh, svh_with},
    skip::skip,
};

/// Prints, of a table of grades: rows, grades, their sum, joints of wrists, and the greatest difference of the probabilities' sums from 1.
const PANDAS: &str = r#"
import sys, pandas as pd
g = pd.read_parquet(sys.argv[1])
p = [f"p{i}" for i in range(11)]
off = (g[p].sum(axis=1) - 1).abs().max() if p[0] in g else 0
print(len(g), g.grade.count(), int(g.grade.sum()), (g.group == "wrist").sum(), off < 1e-4)
"#;

const POLARS: &str = r#"
import sys, polars as pl
g = pl.read_parquet(sys.argv[1])
p = [f"p{i}" for i in range(11)]
off = g.select((pl.sum_horizontal(p) - 1).abs().max()).item() if p[0] in g.columns else 0
print(g.height, g["grade"].count(), g["grade"].sum(), g.filter(pl.col("group") == "wrist").height, off < 1e-4)
"#;

const DUCKDB: &str = r#"
import sys, duckdb
names = [row[0] for row in duckdb.execute("describe select * from read_parquet(?)", [sys.argv[1]]).fetchall()]
p = [f"coalesce(p{i}, 0)" for i in range(11)]
off = f"max(abs({' + '.join(p)} - 1))" if "p0" in names else "0"
row = duckdb.execute(f"select count(*), count(grade), sum(grade)::int, count(*) filter (\"group\" = 'wrist'), {off} from read_parquet(?)", [sys.argv[1]]).fetchone()
print(*row[:4], row[4] < 1e-4)
"#;

/// The Python that is asked: `SVH_TEST_PYTHON`, else python3.
fn python() -> Command {
    let named = std::env::var_os("SVH_TEST_PYTHON").filter(|name| !name.is_empty());
    Command::new(named.unwrap_or_else(|| "python3".into()))
}

/// What every one of the libraries that are installed says of a table of grades.
fn read_by_all(table: &Path, expected: &str) {
    for (library, needs, script) in [("pandas", "pandas, pyarrow", PANDAS), ("polars", "polars", POLARS), ("duckdb", "duckdb", DUCKDB)] {
        if !python().args(["-c", &format!("import {needs}")]).output().is_ok_and(|done| done.status.success()) {
            skip(&format!("{library} is not installed for python3 (or the Python that SVH_TEST_PYTHON names)"));
            continue;
        }
        let ran = run(python().arg("-c").arg(script).arg(table));
        assert_eq!(ran.stdout.trim(), expected, "{library}: {ran:?}");
    }
}

#[test]
fn the_tables_of_a_run_and_of_a_cohort_are_read_by_pandas_polars_and_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = svh_core::run::list(&checkout().join("datasets/demo/runs")).into_iter().next().unwrap();
    let results = std::fs::read_to_string(recorded.folder().join("results.jsonl")).unwrap();
    let patients: Vec<serde_json::Value> = results
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line.get("joints").is_some())
        .collect();
    let of = |name: &str| {
        let joints = patients.iter().filter_map(|line| line[name].as_object()).flatten();
        joints.map(|(column, joint)| (column.clone(), joint["grade"].as_i64())).collect::<Vec<_>>()
    };
    let (graded, open) = (of("joints"), of("open"));
    let sum: i64 = graded.iter().filter_map(|(_, grade)| *grade).sum();
    let is_wrist = |column: &String| column.contains("_wrist_");
    let wrists = graded.iter().chain(&open).filter(|(column, _)| is_wrist(column)).count();
    assert!(graded.len() > 100 && wrists > 10, "{} {wrists}", graded.len());
    let out = folder.path().join("tables");
    let ran = run(svh().args(["export", "parquet"]).arg(checkout().join("datasets/demo")).arg(&out).args(["--run", &recorded.name()]));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    read_by_all(&out.join("grades.parquet"), &format!("{} {} {sum} {wrists} True", graded.len() + open.len(), graded.len()));

    // A cohort's own grades: 86 joints of each of two patients.
    let cohort = cohort::copy();
    let out = folder.path().join("cohort");
    let words = ["export", "parquet"].map(Path::new).into_iter().chain([cohort.path(), &out]);
    let ran = svh_with(words);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let table = std::fs::read_to_string(cohort.path().join("training.csv")).unwrap();
    let mut reader = table.lines();
    let header: Vec<&str> = reader.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = reader.map(|line| line.split(',').collect()).collect();
    let is_joint = |at: usize| header[at].contains("_J__") || header[at].contains("_E__");
    let sum: i64 = rows.iter().flat_map(|row| (0..row.len()).filter(|at| is_joint(*at)).filter_map(|at| row[at].parse::<i64>().ok())).sum();
    let wrists = 2 * (0..header.len()).filter(|at| is_joint(*at) && header[*at].contains("_wrist_")).count();
    read_by_all(&out.join("grades.parquet"), &format!("172 172 {sum} {wrists} True"));
}

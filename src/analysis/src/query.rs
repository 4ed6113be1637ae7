//! Queries over tidy grades, lazy until they are collected.

use polars::prelude::*;

/// Sums by patient, limb and task: `total`, and `scored`, the number of joints it rests on. Rows without a grade count for neither; a limb without
/// any grade has the total 0 of 0 joints.
#[must_use]
pub fn totals(grades: LazyFrame) -> LazyFrame {
    grades
        .group_by_stable([col("patient"), col("limb"), col("task")])
        .agg([col("grade").sum().alias("total"), col("grade").count().alias("scored")])
}

/// How often each grade occurs by task, limb and joint group: `count`, sorted. Missing grades are left out.
#[must_use]
pub fn distribution(grades: LazyFrame) -> LazyFrame {
    let keys = ["task", "limb", "group", "grade"];
    grades
        .filter(col("grade").is_not_null())
        .group_by(keys.map(col))
        .agg([len().cast(DataType::Int64).alias("count")])
        .sort(keys, SortMultipleOptions::default())
}

/// Two readers' grades of the same joints side by side: the first one's columns with `true_grade`, the second one's `predicted_grade`; joints that
/// either of them did not grade are left out.
#[must_use]
pub fn beside(truth: LazyFrame, predicted: LazyFrame) -> LazyFrame {
    let keys = ["patient", "limb", "task", "joint"].map(col);
    let named = |frame: LazyFrame, name: &str| frame.filter(col("grade").is_not_null()).rename(["grade"], [name], true);
    let predicted = named(predicted, "predicted_grade").drop(by_name(["group"], true, false));
    named(truth, "true_grade").join(predicted, keys.clone(), keys, JoinArgs::new(JoinType::Inner))
}

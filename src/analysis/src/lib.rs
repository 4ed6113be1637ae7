//! The numbers behind the screens and behind `svh evaluate`: the same code, so the same numbers.
//!
//! A screen loads an [`Evaluation`] of one run over one cohort once, on a worker thread ([`Evaluation::load`]; [`Evaluation::of_cohort`] where
//! there is no run), and asks it as often as it likes:
//!
//! | screen | ask | cost |
//! |---|---|---|
//! | Errors | [`Evaluation::errors`] at a threshold, then [`Errors::select`] and [`Errors::counts`]; [`Evaluation::tallies`] for figures 8.5.1 and 8.5.2 | a pass over the boxes |
//! | Imbalance | [`Evaluation::distributions`] by a [`Split`] | a few thousand cells |
//! | Confusion | [`Evaluation::confusion`], [`Evaluation::agreement`] of a [`Scope`]; [`Evaluation::graded`] for the joints behind a cell | cells; a bootstrap on request |
//! | Totals | [`Evaluation::totals`], [`Evaluation::totals_agreement`] of a [`Part`]; [`Evaluation::joint_differences`] of a patient | the patients |
//! | Runs | a [`TrainingCurves`] followed while it is written, [`curves`] and [`metrics`] of a finished one; [`compare`] of two evaluations | a bootstrap |
//!
//! What is kept beside a run or handed to others are polars frames (`tables`); grades in memory are dense columns, 86 rows a patient; statistics are plain Rust in
//! [`stats`]; hotcoco does COCO ([`detection`]). What is undefined is `None`, never NaN.

mod agreement;
mod changes;
mod compare;
mod curves;
pub mod detection;
mod error;
mod evaluation;
pub mod progression;
pub mod report;
mod scale;
pub mod stats;
mod tables;

pub use agreement::{Agreement, AgreementTable, TableFault};
pub use changes::{ChangeOf, Changed, Changes, ChangesOf, JointChange, Verdict, changes};
pub use compare::{Comparison, MetricDifference, OnlyOne, compare};
pub use curves::{Bucket, Measured, TrainingCurves, thinned};
pub use error::{AnalysisError, Result};
pub use evaluation::{
    BINS, DetectorCurves, Distribution, ErrorCounts, ErrorFilter, ErrorOrder, ErrorRow, Errors, EvaluatedFilm, Evaluation, FoundRow,
    GradeError, GradeErrors, GradeFilter, GradeRecall, GradedJoint, JointDifference, JointPlace, Opened, Part, PatientTotal, Summed,
    TotalsAgreement,
};
pub use polars::prelude::DataFrame;
pub use scale::{Scale, Scope, Split};
pub use tables::{
    BOXES, DETECTIONS, FILMS, GRADES, MAX_GRADE, curves, detections, films, is_kept, keep, kept, metrics, parquet, run_parquet, scores,
    write_csv,
};

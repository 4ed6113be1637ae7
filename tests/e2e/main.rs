//! The real programs against bad input, against each other, and in a terminal.

#![allow(clippy::unwrap_used)] // A panic is how a test fails.

mod archive;
mod baseline;
mod bulk;
mod cohorts;
mod engine_faults;
mod evaluate;
mod exchange;
mod figures;
mod foreign_torch;
mod jobs;
mod json;
mod label;
mod layers;
mod odd;
mod outputs;
mod phantom;
mod privacy;
mod protocol;
mod real_engine;
mod review;
mod scoring;
mod screens;
mod several;
mod shards;
mod tables;
mod tags;
mod tmux;
mod whole_networks;
mod workbench;

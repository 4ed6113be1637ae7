//! The command line and the terminal workbench of svh. Torch is never linked here: the networks live in the process `svh-engine`.

pub mod cli;
pub mod config;
pub mod engine;
pub mod figures;
pub mod options;
pub mod reader;
pub mod selection;
pub mod slurm;
pub mod tui;

pub use options::Options;
pub use svh_terminal::Images;

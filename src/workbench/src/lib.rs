//! The command line and the terminal workbench of svh. Torch is never linked here: the networks live in the process `svh-engine`.

mod cli;
mod config;
mod engine;
mod figures;
mod options;
mod reader;
mod selection;
mod slurm;
mod tui;

pub use cli::main;
// For the examples, which draw screens and measure them.
pub use engine::{Client, Message, Settings};
pub(crate) use options::Options;
pub use svh_terminal::Images;
pub use tui::headless::Headless;

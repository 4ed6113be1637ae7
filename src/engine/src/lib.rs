//! The networks of svh: detectors and scorers, their training and inference, on libtorch. The only crate that knows tch.
//!
//! [`nn`] holds layers with PyTorch's initialisation over a store of named tensors; [`weights`] reads and writes those strictly.

pub mod baseline;
mod batches;
pub mod checkpoint;
pub mod convnet;
pub mod crop;
pub mod data;
pub mod detector;
pub mod device;
pub mod efficientnet;
mod error;
pub mod explain;
mod gpu;
pub mod import;
pub mod info;
pub mod listener;
pub mod measure;
pub mod models;
pub mod nn;
mod pipeline;
pub mod scorer;
pub mod serve;
pub mod sgd;
mod times;
pub mod train;
pub mod weights;

pub use error::{Error, Result};

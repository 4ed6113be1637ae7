//! Layers shared by all networks, over a [`Store`] of named tensors.
//!
//! tch's own layers differ from PyTorch's in their initialisation, and its `VarStore` loads leniently; these follow PyTorch's
//! documentation of `torch.nn` (version 2.11) in names, shapes, initialisation and arithmetic.

mod conv;
mod conv_norm;
mod folded;
mod init;
mod layout;
mod linear;
mod norm;
mod store;

pub use conv::{Conv2d, ConvOptions};
pub use conv_norm::{ConvNorm, ConvShape};
pub use folded::Folded;
pub use init::Init;
pub use layout::{fastest_order, zeros};
pub use linear::Linear;
pub use norm::{ChannelStatistics, Norm2d, NormKind};
pub use store::{ParamInit, Role, Scope, Store, Variable};

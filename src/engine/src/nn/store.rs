//! The named tensors of one network: parameters that are trained, and buffers that are not.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;

use tch::{Device, Kind, Tensor};

use super::Init;
use crate::Result;

/// Whether a tensor is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Has a gradient.
    Parameter,
    /// Statistics and constants.
    Buffer,
}

/// One tensor of a network.
#[derive(Debug)]
pub struct Variable {
    /// The tensor; layers hold shallow clones of it, so writing into it changes the network.
    pub tensor: Tensor,
    /// Whether it is trained.
    pub role: Role,
}

/// What new tensors hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamInit {
    /// Their initialisation, drawn from this seed.
    Random(u64),
    /// Zeros, because weights are loaded next.
    Empty,
}

/// All tensors of a network by name, in the order of their names.
#[derive(Debug)]
pub struct Store {
    device: Device,
    filling: ParamInit,
    variables: RefCell<BTreeMap<String, Variable>>,
}

impl Store {
    /// A store without tensors.
    #[must_use]
    pub const fn new(device: Device, filling: ParamInit) -> Self {
        Self { device, filling, variables: RefCell::new(BTreeMap::new()) }
    }

    /// Where the tensors are.
    #[must_use]
    pub const fn device(&self) -> Device {
        self.device
    }

    /// The place that has no name yet.
    #[must_use]
    pub const fn root(&self) -> Scope<'_> {
        Scope { store: self, path: String::new() }
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.variables.borrow().keys().cloned().collect()
    }

    /// The tensor of this name, sharing its memory.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Tensor> {
        self.variables.borrow().get(name).map(|v| v.tensor.shallow_clone())
    }

    /// Name, tensor (sharing memory) and role of everything, in the order of names.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, Tensor, Role)> {
        self.variables.borrow().iter().map(|(name, v)| (name.clone(), v.tensor.shallow_clone(), v.role)).collect()
    }

    /// The parameters that are being trained, in the order of names.
    #[must_use]
    pub fn trainable(&self) -> Vec<(String, Tensor)> {
        let parameters = self.entries().into_iter().filter(|(_, tensor, role)| *role == Role::Parameter && tensor.requires_grad());
        parameters.map(|(name, tensor, _)| (name, tensor)).collect()
    }

    /// Stops training the parameters whose name is chosen.
    pub fn freeze(&self, chosen: impl Fn(&str) -> bool) {
        for (name, variable) in self.variables.borrow().iter() {
            if chosen(name) {
                let _ = variable.tensor.set_requires_grad(false);
            }
        }
    }

    /// The number of values of all parameters.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.entries().iter().filter(|(_, _, role)| *role == Role::Parameter).map(|(_, tensor, _)| tensor.numel()).sum()
    }

    fn add(&self, name: String, tensor: Tensor, role: Role) -> Tensor {
        let shared = tensor.shallow_clone();
        let before = self.variables.borrow_mut().insert(name, Variable { tensor, role });
        debug_assert!(before.is_none(), "two layers share a name");
        shared
    }
}

/// A place in the tree of names, where a layer creates its tensors.
#[derive(Clone, Debug)]
pub struct Scope<'s> {
    store: &'s Store,
    path: String,
}

impl Scope<'_> {
    /// The place `name` within this one.
    #[must_use]
    pub fn enter(&self, name: impl Display) -> Self {
        Self { store: self.store, path: self.name(name) }
    }

    /// Where tensors are made.
    #[must_use]
    pub const fn device(&self) -> Device {
        self.store.device
    }

    /// A new parameter.
    pub(crate) fn parameter(&self, name: &str, shape: &[i64], init: Init) -> Result<Tensor> {
        let tensor = self.filled(name, shape, init)?.f_set_requires_grad(true)?;
        Ok(self.store.add(self.name(name), tensor, Role::Parameter))
    }

    /// A new buffer of floats.
    pub(crate) fn buffer(&self, name: &str, shape: &[i64], init: Init) -> Result<Tensor> {
        let tensor = self.filled(name, shape, init)?;
        Ok(self.store.add(self.name(name), tensor, Role::Buffer))
    }

    /// A new buffer of one integer, 0: `num_batches_tracked`.
    pub(crate) fn counter(&self, name: &str) -> Result<Tensor> {
        let tensor = Tensor::f_zeros([], (Kind::Int64, self.store.device))?;
        Ok(self.store.add(self.name(name), tensor, Role::Buffer))
    }

    fn filled(&self, name: &str, shape: &[i64], init: Init) -> Result<Tensor> {
        let device = self.store.device;
        match (self.store.filling, init) {
            (ParamInit::Empty, _) => Ok(Tensor::f_zeros(shape, (Kind::Float, device))?),
            (_, Init::Constant(value)) => Ok(Tensor::f_full(shape, f64::from(value), (Kind::Float, device))?),
            (ParamInit::Random(seed), _) => {
                let values = init.values(shape, seed, &self.name(name));
                Ok(Tensor::f_from_slice(&values)?.f_reshape(shape)?.f_to_device(device)?)
            }
        }
    }

    fn name(&self, name: impl Display) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_nest_and_freezing_leaves_the_rest_trainable() {
        let store = Store::new(Device::Cpu, ParamInit::Random(1));
        let scope = store.root().enter("body").enter(3);
        let _ = scope.parameter("weight", &[2, 3], Init::DEFAULT_WEIGHT).unwrap();
        let _ = scope.buffer("running_mean", &[2], Init::Constant(0.0)).unwrap();
        let _ = store.root().parameter("bias", &[2], Init::Constant(1.0)).unwrap();
        assert_eq!(store.names(), ["bias", "body.3.running_mean", "body.3.weight"]);
        assert_eq!(store.parameter_count(), 8);
        store.freeze(|name| name.starts_with("body"));
        let left: Vec<_> = store.trainable().into_iter().map(|(name, _)| name).collect();
        assert_eq!(left, ["bias"]);
    }
}

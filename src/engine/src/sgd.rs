//! Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` computes it, with a state that can be saved: an
//! interrupted training goes on exactly where it stopped.

use std::collections::BTreeMap;

use tch::{TchError, Tensor};

use crate::nn::Store;
use crate::{Error, Result};

/// The optimiser's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdOptions {
    /// Share of the last step that is repeated.
    pub momentum: f64,
    /// Pull of every parameter towards 0.
    pub weight_decay: f64,
    /// Gradients are scaled down so that their common length is at most this.
    pub clip_norm: Option<f64>,
}

/// The optimiser over the trainable parameters of a store.
#[derive(Debug)]
pub struct Sgd {
    options: SgdOptions,
    parameters: Vec<(String, Tensor)>,
    /// One velocity a parameter, made at its first step.
    velocities: Vec<Option<Tensor>>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The parameters moved; the length of the gradient before clipping.
    Taken(f64),
    /// A gradient was not finite; nothing moved.
    Skipped,
}

impl Sgd {
    /// For the parameters of `store` that are trainable now.
    #[must_use]
    pub fn new(store: &Store, options: SgdOptions) -> Self {
        let parameters = store.trainable();
        let velocities = parameters.iter().map(|_| None).collect();
        Self { options, parameters, velocities }
    }

    /// Forgets the gradients.
    pub fn zero_grad(&mut self) -> Result<(), TchError> {
        for (_, parameter) in &self.parameters {
            let mut gradient = parameter.f_grad()?;
            if gradient.defined() {
                let _ = gradient.f_detach_()?.f_zero_()?;
            }
        }
        Ok(())
    }

    /// One step along the gradients that `backward` left.
    pub fn step(&mut self, learning_rate: f64) -> Result<Step, TchError> {
        let _guard = tch::no_grad_guard();
        let gradients = self.parameters.iter().map(|(_, parameter)| parameter.f_grad()).collect::<Result<Vec<_>, _>>()?;
        let length = length(&gradients)?;
        if !length.is_finite() {
            return Ok(Step::Skipped);
        }
        let scale = self.options.clip_norm.map_or(1.0, |most| (most / (length + 1e-6)).min(1.0));
        for (((_, parameter), gradient), velocity) in self.parameters.iter().zip(&gradients).zip(&mut self.velocities) {
            if gradient.defined() {
                let mut change = if scale < 1.0 { gradient.f_mul_scalar(scale)? } else { gradient.shallow_clone() };
                if self.options.weight_decay != 0.0 {
                    change = change.f_add(&parameter.f_mul_scalar(self.options.weight_decay)?)?;
                }
                let moved = match velocity {
                    Some(velocity) => velocity.f_mul_scalar_(self.options.momentum)?.f_add_(&change)?,
                    None => velocity.insert(change.copy()).shallow_clone(),
                };
                let _ = parameter.shallow_clone().f_sub_(&moved.f_mul_scalar(learning_rate)?)?;
            }
        }
        Ok(Step::Taken(length))
    }

    /// The velocities by parameter, for a checkpoint.
    #[must_use]
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let pairs = self.parameters.iter().zip(&self.velocities);
        pairs.filter_map(|((name, _), velocity)| Some((name.clone(), velocity.as_ref()?.shallow_clone()))).collect()
    }

    /// Takes the velocities of a checkpoint; names that are not trained here are an error.
    pub(crate) fn restore(&mut self, mut state: BTreeMap<String, Tensor>) -> Result<()> {
        for ((name, parameter), velocity) in self.parameters.iter().zip(&mut self.velocities) {
            *velocity = state.remove(name).map(|tensor| tensor.f_to_device(parameter.device())).transpose()?;
        }
        match state.keys().next() {
            Some(name) => Err(Error::Data(format!(
                "the checkpoint has a velocity for `{name}`, which is not trained now; resume with the same options"
            ))),
            None => Ok(()),
        }
    }
}

/// The common length of all gradients.
fn length(gradients: &[Tensor]) -> Result<f64, TchError> {
    let mut squares = Vec::new();
    for gradient in gradients.iter().filter(|gradient| gradient.defined()) {
        squares.push(gradient.f_norm()?.f_square()?);
    }
    if squares.is_empty() { Ok(0.0) } else { Ok(Tensor::f_stack(&squares, 0)?.f_sum(tch::Kind::Double)?.f_double_value(&[])?.sqrt()) }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::nn::{Init, ParamInit};

    const OPTIONS: SgdOptions = SgdOptions { momentum: 0.9, weight_decay: 0.1, clip_norm: None };

    fn one(value: f32) -> (Store, Tensor) {
        let store = Store::new(Device::Cpu, ParamInit::Random(0));
        let w = store.root().parameter("w", &[1], Init::Constant(value)).unwrap();
        (store, w)
    }

    /// One step on the loss 3 w: the gradient is 3.
    fn step(sgd: &mut Sgd, w: &Tensor) -> Step {
        sgd.zero_grad().unwrap();
        (w * 3.0).sum(tch::Kind::Float).backward();
        sgd.step(0.1).unwrap()
    }

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let (store, w) = one(1.0);
        let mut sgd = Sgd::new(&store, OPTIONS);
        assert_eq!(step(&mut sgd, &w), Step::Taken(3.0));
        // v1 = 3 + 0.1 * 1 = 3.1, w1 = 1 - 0.31; v2 = 0.9 v1 + 3 + 0.1 w1 = 5.859, w2 = 0.69 - 0.5859.
        assert!((w.double_value(&[0]) - 0.69).abs() < 1e-6);
        step(&mut sgd, &w);
        assert!((w.double_value(&[0]) - 0.1041).abs() < 1e-6);
    }

    #[test]
    fn clipping_shortens_and_a_gradient_that_is_not_finite_is_skipped() {
        let (store, w) = one(0.0);
        let mut sgd = Sgd::new(&store, SgdOptions { clip_norm: Some(1.0), weight_decay: 0.0, ..OPTIONS });
        step(&mut sgd, &w);
        assert!((w.double_value(&[0]) + 0.1).abs() < 1e-5);
        sgd.zero_grad().unwrap();
        (&w * f64::NAN).sum(tch::Kind::Float).backward();
        assert_eq!(sgd.step(0.1).unwrap(), Step::Skipped);
        assert!(w.double_value(&[0]).is_finite());
    }

    #[test]
    fn a_restored_state_goes_on_exactly() {
        let (store, w) = one(1.0);
        let mut sgd = Sgd::new(&store, OPTIONS);
        step(&mut sgd, &w);
        let saved: BTreeMap<_, _> = sgd.state().into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();
        let (other_store, other) = one(w.double_value(&[0]) as f32);
        let mut resumed = Sgd::new(&other_store, OPTIONS);
        resumed.restore(saved).unwrap();
        step(&mut sgd, &w);
        step(&mut resumed, &other);
        assert!(w.equal(&other));
        let stray = BTreeMap::from([("x".to_owned(), Tensor::zeros([1], (tch::Kind::Float, Device::Cpu)))]);
        assert!(resumed.restore(stray).unwrap_err().to_string().contains("`x`"));
    }
}

//! A norm with fixed statistics folded into the convolution before it.

use std::cell::RefCell;

use tch::{Kind, TchError, Tensor};

use super::{Conv2d, Norm2d};

/// Weight and bias of the convolution that does both, computed once and kept as long as neither can change: where nothing is trained.
#[derive(Debug, Default)]
pub struct Folded(RefCell<Option<(Tensor, Tensor)>>);

impl Folded {
    /// Applies convolution and norm to [N, in, H, W] in one pass, in the kind of number of `x`. They are folded in 32 bit: variances may be small.
    pub fn forward(&self, conv: &Conv2d, norm: &Norm2d, x: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias) = self.get(conv, norm, x.kind())?;
        conv.forward_with(x, &weight, Some(&bias))
    }

    /// To be called when the norm's statistics may have changed.
    pub(crate) fn forget(&self) {
        *self.0.borrow_mut() = None;
    }

    fn get(&self, conv: &Conv2d, norm: &Norm2d, kind: Kind) -> Result<(Tensor, Tensor), TchError> {
        if let Some((weight, bias)) = &*self.0.borrow()
            && weight.kind() == kind
        {
            return Ok((weight.shallow_clone(), bias.shallow_clone()));
        }
        let (weight, bias) = norm.folded(&conv.weight)?;
        let (weight, bias) = (weight.f_to_kind(kind)?, bias.f_to_kind(kind)?);
        if !conv.weight.requires_grad() && !norm.is_trained() {
            *self.0.borrow_mut() = Some((weight.shallow_clone(), bias.shallow_clone()));
        }
        Ok((weight, bias))
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::nn::{ConvOptions, NormKind, ParamInit, Store};

    #[test]
    fn what_is_trained_is_folded_anew_and_what_is_not_once() {
        let store = Store::new(Device::Cpu, ParamInit::Random(3));
        let conv = Conv2d::new(&store.root().enter("conv"), 2, 3, ConvOptions { bias: false, ..ConvOptions::default() }).unwrap();
        let norm = Norm2d::new(&store.root().enter("norm"), 3, NormKind::Batch, 1e-5).unwrap();
        let (folded, x) = (Folded::default(), Tensor::ones([1, 2, 4, 4], (Kind::Float, Device::Cpu)));
        let sum = || tch::no_grad(|| folded.forward(&conv, &norm, &x)).unwrap().abs().sum(Kind::Float).double_value(&[]);
        let double = || tch::no_grad(|| store.get("conv.weight").unwrap().f_mul_scalar_(2.0).map(drop)).unwrap();
        let first = sum();
        double();
        assert!((sum() / first - 2.0).abs() < 1e-5);
        store.freeze(|_| true);
        let kept = sum();
        double();
        assert!((sum() - kept).abs() < 1e-6);
        folded.forget();
        assert!((sum() / kept - 2.0).abs() < 1e-5);
    }
}

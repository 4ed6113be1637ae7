//! The order of a feature map in memory.

use tch::{TchError, Tensor};

/// The same [N, C, H, W] with its channels innermost in memory ("channels last"). Convolutions on the CPU are faster so, and what follows them keeps
/// the order, so that a network's input is the only place that needs it. Nothing is copied where the order is right.
pub fn channels_last(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    #[test]
    fn the_values_stay_and_a_second_call_copies_nothing() {
        let x = Tensor::arange(2 * 3 * 4 * 5, (Kind::Float, Device::Cpu)).reshape([2, 3, 4, 5]);
        let once = channels_last(&x).unwrap();
        assert!(once.equal(&x));
        assert_eq!(once.stride(), [60, 1, 15, 3]);
        assert_eq!(channels_last(&once).unwrap().data_ptr(), once.data_ptr());
    }
}

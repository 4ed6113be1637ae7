//! The inverted bottleneck: widen by 1 x 1, depthwise convolution, squeeze-and-excitation, narrow by 1 x 1, add the input.

use tch::{Kind, Tensor};

use super::config::{Config, Stage, divisible_by_8};
use super::layers::{ConvNorm, Shape, SqueezeExcite, VisitNorm};
use crate::Result;
use crate::nn::Scope;

/// One bottleneck of a stage (`block.0` ... in torchvision's names).
#[derive(Debug)]
pub struct Block {
    expand: Option<ConvNorm>,
    depthwise: ConvNorm,
    squeeze: SqueezeExcite,
    project: ConvNorm,
    residual: bool,
    skip: f64,
}

impl Block {
    /// The first block of a stage has its stride and widens to its channels. `skip` is the chance that training leaves the branch out; `side` is the
    /// side of the input, which SAME padding looks at, and is left as the output's.
    pub fn new(scope: &Scope, stage: &Stage, first: bool, skip: f64, config: &Config, side: &mut i64) -> Result<Self> {
        let input = if first { stage.input } else { stage.output };
        let stride = if first { stage.stride } else { 1 };
        let wide = divisible_by_8((input * stage.expand) as f64);
        let scope = scope.enter("block");
        let widened = stage.expand != 1;
        let at = |index: i64| scope.enter(index + i64::from(widened));
        let expand = match widened {
            true => Some(ConvNorm::new(&scope.enter(0), Shape::pointwise(input, wide), true, config, side)?),
            false => None,
        };
        let depthwise = Shape { input: wide, output: wide, kernel: stage.kernel, stride, groups: wide };
        Ok(Self {
            expand,
            depthwise: ConvNorm::new(&at(0), depthwise, true, config, side)?,
            squeeze: SqueezeExcite::new(&at(1), wide, (input / 4).max(1))?,
            project: ConvNorm::new(&at(2), Shape::pointwise(wide, stage.output), false, config, side)?,
            residual: stride == 1 && input == stage.output,
            skip,
        })
    }

    /// [N, in, H, W] to [N, out, H', W'].
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let wide = self.expand.as_ref().map(|expand| expand.forward(x, train)).transpose()?;
        let branch = self.depthwise.forward(wide.as_ref().unwrap_or(x), train)?;
        let branch = self.project.forward(&self.squeeze.forward(&branch)?, train)?;
        self.join(x, branch, train)
    }

    /// See [`ConvNorm::forward_visiting`].
    pub(crate) fn forward_visiting(&self, x: &Tensor, visit: &mut VisitNorm) -> Result<Tensor> {
        let wide = self.expand.as_ref().map(|expand| expand.forward_visiting(x, visit)).transpose()?;
        let branch = self.depthwise.forward_visiting(wide.as_ref().unwrap_or(x), visit)?;
        let branch = self.project.forward_visiting(&self.squeeze.forward(&branch)?, visit)?;
        self.join(x, branch, false)
    }

    fn join(&self, x: &Tensor, branch: Tensor, train: bool) -> Result<Tensor> {
        if !self.residual {
            return Ok(branch);
        }
        let branch = if train && self.skip > 0.0 { drop_rows(&branch, self.skip)? } else { branch };
        Ok(branch.f_add(x)?)
    }
}

/// Stochastic depth: whole rows of the batch become 0, each with this chance.
fn drop_rows(branch: &Tensor, chance: f64) -> Result<Tensor> {
    let kept = Tensor::f_full([branch.size()[0]], 1.0 - chance, (Kind::Float, branch.device()))?.f_bernoulli()?;
    keep_rows(branch, &kept, chance)
}

/// Rows [N, C, H, W] whose entry in `kept` [N] is 0 become 0; the others, where it is 1, grow so that the mean over the `chance` of being dropped stays.
pub fn keep_rows(branch: &Tensor, kept: &Tensor, chance: f64) -> Result<Tensor> {
    Ok(branch.f_mul(&kept.f_div_scalar(1.0 - chance)?.f_view([-1, 1, 1, 1])?.f_to_kind(branch.kind())?)?)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn dropped_rows_are_zero_and_the_others_keep_the_mean() {
        tch::manual_seed(5);
        let dropped = drop_rows(&Tensor::ones([4000, 2, 1, 1], (Kind::Float, Device::Cpu)), 0.2).unwrap();
        let values = Vec::<f32>::try_from(dropped.reshape([-1])).unwrap();
        assert!(values.chunks(2).all(|row| row[0] == row[1] && (row[0] == 0.0 || (row[0] - 1.25).abs() < 1e-6)));
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
    }
}

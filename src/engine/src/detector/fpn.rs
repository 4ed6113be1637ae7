//! The feature pyramid (T.-Y. Lin et al., 2017) with torchvision's "pool" level on top.

use tch::{TchError, Tensor};

use crate::Result;
use crate::nn::{Conv2d, ConvOptions, Init, Scope};

/// Lateral 1 x 1 convolutions, a top-down sum, 3 x 3 convolutions.
#[derive(Debug)]
pub struct FeaturePyramid {
    inner: Vec<Conv2d>,
    layer: Vec<Conv2d>,
}

impl FeaturePyramid {
    /// From maps of these channels to maps that all have `outputs`.
    pub fn new(scope: &Scope, inputs: [i64; 4], outputs: i64) -> Result<Self> {
        let init = ConvOptions {
            weight_init: Init::KaimingUniform { a_squared: 1.0 },
            bias_init: Some(Init::Constant(0.0)),
            ..ConvOptions::default()
        };
        let convs = |name: &str, options: ConvOptions, from: [i64; 4]| -> Result<Vec<_>> {
            let at = |index: usize| scope.enter(name).enter(index).enter(0);
            from.iter().enumerate().map(|(index, inputs)| Conv2d::new(&at(index), *inputs, outputs, options)).collect()
        };
        Ok(Self {
            inner: convs("inner_blocks", init, inputs)?,
            layer: convs("layer_blocks", ConvOptions { kernel: 3, padding: 1, ..init }, [outputs; 4])?,
        })
    }

    /// Four maps to five, finest first; the fifth is every second value of the fourth and serves the proposals only.
    pub fn forward(&self, maps: &[Tensor]) -> Result<Vec<Tensor>, TchError> {
        let mut results = Vec::with_capacity(maps.len() + 1);
        let mut above: Option<Tensor> = None;
        for ((map, inner), layer) in maps.iter().zip(&self.inner).zip(&self.layer).rev() {
            let lateral = inner.forward(map)?;
            let merged = match above {
                Some(above) => {
                    let size = lateral.size();
                    above.f_upsample_nearest2d([size[2], size[3]], None, None)?.f_add(&lateral)?
                }
                None => lateral,
            };
            results.push(layer.forward(&merged)?);
            above = Some(merged);
        }
        results.reverse();
        if let Some(last) = results.last() {
            results.push(last.f_max_pool2d([1, 1], [2, 2], [0, 0], [1, 1], false)?);
        }
        Ok(results)
    }
}

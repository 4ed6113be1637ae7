//! What a training does where nothing else is asked for: the paper's numbers for its own networks, others for the small ones, which learn faster from a higher
//! rate and a cosine.

/// The share of patients that a scorer is measured on unless a validation cohort is named.
pub const HELD_OUT: f64 = 0.1;

/// The numbers of an architecture's recipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// How often every film is seen, or as many crops drawn as there are.
    pub epochs: u64,
    /// Films or crops a step.
    pub batch: usize,
    /// The rate after warm-up.
    pub learning_rate: f64,
    /// Steps of warm-up.
    pub warm_up: u64,
    /// Epochs between tenfold falls of the rate; `None`: a cosine over the whole training.
    pub decay_epochs: Option<u64>,
}

impl Recipe {
    /// For a detector: the paper's with ResNet-50.
    #[must_use]
    pub fn detector(arch: &str) -> Self {
        let paper = arch == "fasterrcnn_resnet50_fpn";
        Self {
            epochs: if paper { 9 } else { 2 },
            batch: 2,
            learning_rate: if paper { 0.005 } else { 0.02 },
            warm_up: 100,
            decay_epochs: paper.then_some(3),
        }
    }

    /// For a scorer: the paper's with all but the smallest EfficientNet and the appendix's network.
    #[must_use]
    pub fn scorer(arch: &str) -> Self {
        let small = matches!(arch, "efficientnet_b0" | "svh_convnet");
        Self {
            epochs: if small { 4 } else { 30 },
            batch: 32,
            learning_rate: if small { 0.02 } else { 0.001 },
            warm_up: 50,
            decay_epochs: (!small).then_some(10),
        }
    }
}

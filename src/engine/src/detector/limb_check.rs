//! Whether a film shows the limb that it is said to show: the evidence of the boxes' agreement, held against what films without that limb come to.

use serde::{Deserialize, Serialize};
use svh_core::{Limb, OPEN_ABOVE};

/// What a detector's evidence for limbs is worth, as measured by [`crate::train::familiarity`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimbEvidence {
    /// For hands.
    pub hand: EvidenceScale,
    /// For feet.
    pub foot: EvidenceScale,
}

/// The evidence for one kind of limb ([`shape::evidence`]).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceScale {
    /// The median on films of such limbs.
    pub usual: f32,
    /// What a film needs not to be refused: well more than nearly all films without such a limb have.
    pub least: f32,
}

impl LimbEvidence {
    /// The scale of a limb.
    #[must_use]
    pub const fn of(&self, limb: Limb) -> EvidenceScale {
        if limb.is_hand() { self.hand } else { self.foot }
    }
}

impl EvidenceScale {
    /// From 0 for the usual evidence or more, over [`OPEN_ABOVE`] at the least, towards 1 for none.
    #[must_use]
    pub(crate) fn unfamiliarity(&self, evidence: f32) -> f32 {
        let least = self.least.max(1e-3);
        // Evidence that is not a number is none.
        if evidence.is_nan() || evidence < least {
            // Short of the least by a hair is short of it, in 32 bit too.
            let short = ((least - evidence) / least).max(1e-3);
            return 1.0 - (1.0 - OPEN_ABOVE) * (1.0 - short).max(0.0);
        }
        let span = (self.usual / least).ln().max(1e-3);
        OPEN_ABOVE * ((self.usual / evidence).ln() / span).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfamiliarity_falls_with_the_evidence_and_passes_the_limit_at_the_least() {
        let scale = EvidenceScale { usual: 20.0, least: 2.0 };
        let values: Vec<f32> = [0.0, 1.0, 1.9999, 2.0, 6.0, 20.0, 22.0].map(|evidence| scale.unfamiliarity(evidence)).into();
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{values:?}");
        assert_eq!((values[0], values[5], values[6]), (1.0, 0.0, 0.0));
        assert!(values[2] > OPEN_ABOVE && values[3] <= OPEN_ABOVE && scale.unfamiliarity(f32::NAN) > OPEN_ABOVE);
    }
}

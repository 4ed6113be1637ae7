//! The four limbs that the Sharp/van der Heijde method reads.

use serde::{Deserialize, Serialize};

/// A side of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The patient's left.
    Left,
    /// The patient's right.
    Right,
}

/// One limb; a film shows exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Limb {
    /// Left hand, `LH`.
    #[serde(rename = "LH")]
    LeftHand,
    /// Right hand, `RH`.
    #[serde(rename = "RH")]
    RightHand,
    /// Left foot, `LF`.
    #[serde(rename = "LF")]
    LeftFoot,
    /// Right foot, `RF`.
    #[serde(rename = "RF")]
    RightFoot,
}

impl Limb {
    /// All four, in the order that screens and tables use.
    pub const ALL: [Self; 4] = [Self::LeftHand, Self::RightHand, Self::LeftFoot, Self::RightFoot];

    /// The place of this limb in [`Limb::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The two-letter code of file names and columns.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LeftHand => "LH",
            Self::RightHand => "RH",
            Self::LeftFoot => "LF",
            Self::RightFoot => "RF",
        }
    }

    /// The name in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LeftHand => "left hand",
            Self::RightHand => "right hand",
            Self::LeftFoot => "left foot",
            Self::RightFoot => "right foot",
        }
    }

    /// Whether this is a hand.
    #[must_use]
    pub const fn is_hand(self) -> bool {
        matches!(self, Self::LeftHand | Self::RightHand)
    }

    /// The side of the body.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::LeftHand | Self::LeftFoot => Side::Left,
            Self::RightHand | Self::RightFoot => Side::Right,
        }
    }

    /// The same kind of limb on the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::LeftHand => Self::RightHand,
            Self::RightHand => Self::LeftHand,
            Self::LeftFoot => Self::RightFoot,
            Self::RightFoot => Self::LeftFoot,
        }
    }

    /// The limb with this code, in either case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limb| limb.code().eq_ignore_ascii_case(code))
    }

    /// Splits a film's file stem, `UAB001-LH`, into patient and limb; `None` where the name does not say the limb.
    #[must_use]
    pub fn split_stem(stem: &str) -> Option<(&str, Self)> {
        let (patient, code) = stem.rsplit_once(['-', '_'])?;
        (!patient.is_empty()).then_some(())?;
        Some((patient, Self::from_code(code)?))
    }
}

impl std::fmt::Display for Limb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.code())
    }
}

impl std::str::FromStr for Limb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::from_code(text).ok_or_else(|| format!("`{text}` is not a limb; use LH, RH, LF or RF"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_name_gives_patient_and_limb() {
        assert_eq!(Limb::split_stem("UAB001-LH"), Some(("UAB001", Limb::LeftHand)));
        assert_eq!(Limb::split_stem("RAW0023_0001-rh"), Some(("RAW0023_0001", Limb::RightHand)));
        assert_eq!(Limb::split_stem("rotated-2"), None);
        assert_eq!(Limb::split_stem("-LF"), None);
    }
}

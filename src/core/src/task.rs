//! The two things that are graded at a joint.

use serde::{Deserialize, Serialize};

/// What a grade speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Joint space narrowing, 0-4.
    Narrowing,
    /// Erosion, 0-5 in hands and 0-10 in feet.
    Erosion,
}

impl Task {
    /// Both tasks.
    pub const ALL: [Self; 2] = [Self::Narrowing, Self::Erosion];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Narrowing => "narrowing",
            Self::Erosion => "erosion",
        }
    }
}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Task {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|task| task.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is not a task; use narrowing or erosion"))
    }
}

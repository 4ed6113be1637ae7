//! What a training does with boxes that a model proposed and nobody has looked at.

use serde::{Deserialize, Serialize};

use crate::{FilmLabels, LabelledBox, Task};

/// To learn from proposals, or not to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Proposals {
    /// As if a person had placed them.
    Use,
    /// Only what people placed or looked at. A film with a proposal on it teaches no detector: what is missing among the other boxes would count as background.
    #[default]
    Leave,
}

impl Proposals {
    /// Whether a detector may learn a task from a film with these boxes.
    #[must_use]
    pub fn allow_film(self, labels: &FilmLabels, task: Task) -> bool {
        self == Self::Use || !labels.is_proposed(task)
    }

    /// Whether a box may be learned from.
    #[must_use]
    pub fn allow_box(self, labelled: &LabelledBox) -> bool {
        self == Self::Use || labelled.is_readers()
    }
}

/// The sentence for what was left out; `None` where nothing was.
#[must_use]
pub fn left_out(count: usize, things: &str) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{count} {things} that a model proposed are unreviewed and left out; review them and export the cohort (`svh export voc`), \
             or take them with --proposals use"
        )
    })
}

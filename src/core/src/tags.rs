//! Tags: words that readers give to patients, films, joints, boxes and runs, and filters that they keep under a name.
//!
//! They lie beside the cohort as reviews do: lines that are only ever appended, one file a program start, merged by time. For each tag of each thing the latest
//! line counts, so two readers who tag at the same time lose nothing; taking a tag away is a line as well.

mod films;
mod line;
mod listing;
mod state;
mod subject;

use std::path::Path;

pub use films::FilmFilter;
pub use line::{TagChange, TagLine, TagRefused, checked_name};
pub use listing::csv;
pub use state::Tags;
pub use subject::{Scope, Subject};

use crate::review::{Follower, Update};

/// The folder of tags in a cohort's folder.
const TAGS_FOLDER: &str = "tags";

impl Tags {
    /// Reads all tags of a cohort. A line that cannot be read is left out and told by [`Tags::problems`]; all others count.
    #[must_use]
    pub fn read(cohort: &Path) -> Self {
        let mut tags = Self::default();
        let mut follower: Follower<TagLine> = Follower::new(cohort);
        let first: Update<TagLine> = follower.poll();
        tags.take(first);
        // Nobody waits for the end of a line that is not there.
        tags.take(follower.poll());
        tags
    }
}

//! What the joints of a line share, where that is no part of the method.

/// What the joints of a line share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The beginning of the patient's id, which often names the site: `UAB` of `UAB001`.
    Site(String),
    /// The split of the data set that the film was imported from.
    Split(String),
    /// The kind of the film's file.
    Format(&'static str),
    /// Whether readers boxed the film for the joint's task.
    Boxed(bool),
    /// A tag of the joint, or of what it is part of.
    Tag(String),
    /// No tag.
    Untagged,
}

impl Group {
    /// In a few words.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Site(beginning) => format!("ids {beginning}…"),
            Self::Split(split) => format!("split {split}"),
            Self::Format(format) => (*format).to_owned(),
            Self::Boxed(true) => "boxed".to_owned(),
            Self::Boxed(false) => "not boxed".to_owned(),
            Self::Tag(tag) => format!("#{tag}"),
            Self::Untagged => "no tag".to_owned(),
        }
    }
}

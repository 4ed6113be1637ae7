//! The line about what just happened.

/// How it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// News; gone with the next key.
    Info,
    /// Something failed; stays until Esc or the next news.
    Error,
}

/// Something to tell the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How it is meant.
    pub level: Level,
    /// One sentence.
    pub text: String,
}

impl Message {
    /// News.
    #[must_use]
    pub fn info(text: impl Into<String>) -> Self {
        Self { level: Level::Info, text: text.into() }
    }

    /// There is no further item.
    #[must_use]
    pub fn end_of_list(forward: bool) -> Self {
        Self::info(if forward { "this is the last item of the list" } else { "this is the first item of the list" })
    }

    /// A failure.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self { level: Level::Error, text: text.into() }
    }
}

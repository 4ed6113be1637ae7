//! `tag:NAME` in the filters of screens.

/// What `tag:NAME` in a filter means; `None` for another word.
#[must_use]
pub fn filter_word(word: &str) -> Option<&str> {
    word.strip_prefix("tag:").or_else(|| word.strip_prefix('#')).filter(|tag| !tag.is_empty())
}

/// Whether tags hold a name, in any case.
#[must_use]
pub fn hold(tags: &[&str], name: &str) -> bool {
    tags.iter().any(|tag| tag.to_lowercase() == name.to_lowercase())
}

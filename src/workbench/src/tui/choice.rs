//! One of several that a key goes through, in their order and round the end.

/// The next of all, or the one before.
#[must_use]
pub fn beside<T: Copy + PartialEq>(all: &[T], one: T, forward: bool) -> T {
    let place = all.iter().position(|other| *other == one).unwrap_or(0);
    all[(place + if forward { 1 } else { all.len() - 1 }) % all.len()]
}

/// The next of all, with `None`, which stands for all together, before the first.
#[must_use]
pub fn after<T: Copy + PartialEq>(all: &[T], one: Option<T>) -> Option<T> {
    match one {
        None => all.first().copied(),
        Some(one) => all.iter().position(|other| *other == one).and_then(|place| all.get(place + 1)).copied(),
    }
}

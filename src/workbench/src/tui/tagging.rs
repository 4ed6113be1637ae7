//! Tags in the workbench: asked for in one line for what is at hand or marked, shown in lists, and filters that are kept under a name.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use svh_core::tags::{Scope, Subject, TagChange, Tags, checked_name};

use super::{
    action::Effect,
    format,
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screen_trait::Change,
    state::State,
};

/// Asks for tags of what is at hand.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let subjects = subjects(state);
    let Some(first) = subjects.first() else {
        state.message = Some(Message::info("nothing is at hand that can have a tag"));
        return Vec::new();
    };
    let hidden = state.session.hides_visits();
    let what = if subjects.len() == 1 { describe(first, hidden) } else { format::count_of(subjects.len(), "entry", "entries") };
    let mut have: BTreeSet<&str> = BTreeSet::new();
    // A tag may say which visit a film is of.
    subjects.iter().filter(|_| !hidden).for_each(|subject| have.extend(state.session.tags().of(subject)));
    let have = if have.is_empty() { "no tag".to_owned() } else { words(have) };
    let wider: Vec<&str> = Scope::ALL
        .into_iter()
        .filter(|scope| *scope != first.scope() && at_hand(state).iter().any(|full| full.widened(*scope).is_some()))
        .map(Scope::name)
        .collect();
    let wider = if wider.is_empty() { String::new() } else { format!("; {}: tags that instead", wider.join(": ")) };
    state.prompt = Some(Prompt::new(Purpose::Tag, "", 0).hinting(format!("{what}: {have} · NAME adds, -NAME takes away{wider}")));
    Vec::new()
}

/// Whether the line at the foot asks for tags.
#[must_use]
pub fn is_asking(state: &State) -> bool {
    state.prompt.as_ref().is_some_and(|prompt| prompt.purpose == Purpose::Tag)
}

/// Something was typed into that line.
pub fn typed(state: &mut State, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    match typed {
        Typed::Cancel => return Vec::new(),
        Typed::Complete => complete(state.session.tags(), &mut prompt.text),
        Typed::Accept if prompt.text.trim().is_empty() => return Vec::new(),
        Typed::Accept => match apply(state, &prompt.text) {
            Ok(effects) => return effects,
            Err(reason) => {
                state.prompt = Some(prompt.refused(reason));
                return Vec::new();
            }
        },
        _ => prompt.edit(typed),
    }
    state.prompt = Some(prompt);
    Vec::new()
}

/// Completes the last word to a tag that is in use.
fn complete(tags: &Tags, text: &mut String) {
    let start = text.rfind([' ', ':', '-']).map_or(0, |at| at + 1);
    let typed = text[start..].to_owned();
    let found = tags.counts().into_keys().find(|tag| tag.starts_with(&typed) && *tag != typed).map(str::to_owned);
    if let Some(tag) = found.filter(|_| !typed.is_empty()) {
        text.truncate(start);
        text.push_str(&tag);
    }
}

/// What is at hand, as narrow as it can be named.
fn at_hand(state: &State) -> Vec<Subject> {
    state.front().subjects(state)
}

/// What is tagged where no other scope is named.
fn subjects(state: &State) -> Vec<Subject> {
    let scope = state.front().tag_scope();
    let wide = |subject: Subject| scope.and_then(|scope| subject.widened(scope)).unwrap_or(subject);
    let mut seen = BTreeSet::new();
    at_hand(state).into_iter().map(wide).filter(|subject| seen.insert(subject.clone())).collect()
}

/// Gives and takes away the tags of a line: `blurred -odd film:rotated`.
fn apply(state: &mut State, text: &str) -> Result<Vec<Effect>, String> {
    let mut changes: Vec<TagChange> = Vec::new();
    for word in text.split_whitespace() {
        let (away, word) = word.strip_prefix('-').map_or((false, word), |word| (true, word));
        let (scope, name) = word.split_once(':').map_or((None, word), |(scope, name)| (Some(scope), name));
        let found = match scope {
            None => subjects(state),
            Some(named) => {
                let scope = Scope::ALL.into_iter().find(|scope| scope.name() == named);
                let scope = scope.ok_or_else(|| format!("`{named}` cannot have a tag; use run, patient, film, joint or box"))?;
                let wide: BTreeSet<Subject> = at_hand(state).iter().filter_map(|subject| subject.widened(scope)).collect();
                if wide.is_empty() {
                    return Err(format!("no {named} is at hand"));
                }
                wide.into_iter().collect()
            }
        };
        let tag = checked_name(name).map_err(|error| error.to_string())?;
        let has = |subject: &Subject| state.session.tags().of(subject).any(|other| other == tag);
        let wanted = found.into_iter().filter(|subject| has(subject) == away);
        changes.extend(
            wanted.map(|on| if away { TagChange::Untag { on, tag: tag.clone() } } else { TagChange::Tag { on, tag: tag.clone() } }),
        );
    }
    let said = match &changes[..] {
        [] => "nothing to change: the tags are already so".to_owned(),
        [TagChange::Tag { on, tag }] => format!("{} has #{tag}", describe(on, state.session.hides_visits())),
        [TagChange::Untag { on, tag }] => format!("{} no longer has #{tag}", describe(on, state.session.hides_visits())),
        changes => format!("{} made", format::count_of(changes.len(), "change of tags", "changes of tags")),
    };
    state.message = Some(Message::info(said));
    Ok(write(state, changes))
}

/// Keeps changes and has them written.
pub fn write(state: &mut State, changes: Vec<TagChange>) -> Vec<Effect> {
    let lines: Vec<_> = changes.into_iter().map(|change| state.session.tag(change)).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let registry = state.registry;
    let mut effects = vec![Effect::Tag(lines)];
    effects.extend(registry.announce(state, Change::Tags));
    effects
}

/// A subject in words; without the id of its film set where that is hidden.
fn describe(subject: &Subject, hidden: bool) -> String {
    if hidden {
        return format!("this {}", subject.scope().name());
    }
    let text = subject.to_string();
    let text = text.split('#').next().unwrap_or_default();
    match subject.scope() {
        Scope::Box => format!("box of {}", text.trim_end_matches('/')),
        Scope::Run => text.trim_start_matches("run:").to_owned(),
        _ => text.to_owned(),
    }
}

/// Tags as they are shown: `#blurred #odd`; nothing where there is none.
#[must_use]
pub fn words<'a>(tags: impl IntoIterator<Item = &'a str>) -> String {
    tags.into_iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" ")
}

/// The same in so many cells: as many whole tags as fit, then how many more there are; no name is cut.
#[must_use]
pub fn fitted(tags: &[&str], cells: usize) -> String {
    let whole = words(tags.iter().copied());
    if whole.width() <= cells {
        return whole;
    }
    let shown = |count: usize| match count {
        0 => format!("#{}", tags.len()),
        count => format!("{} +{}", words(tags[..count].iter().copied()), tags.len() - count),
    };
    (0..tags.len()).rev().map(shown).find(|text| text.width() <= cells).unwrap_or_default()
}

/// The filters kept for the screen in front, for the hint behind the line.
#[must_use]
pub fn kept_hint(state: &State, hint: &str) -> String {
    let names: Vec<String> = state.session.tags().filters(state.screen.0).map(|(name, _)| format!("={name}")).collect();
    if names.is_empty() { format!("{hint}; … =NAME keeps it") } else { format!("kept: {} · {hint}", names.join(" ")) }
}

/// The words of a filter line: `=NAME` recalls the one kept under that name, `WORDS =NAME` keeps one, `=-NAME` forgets it. What is to be written comes with them.
///
/// # Errors
/// A name that none is kept under, or that cannot be one.
pub fn recalled(state: &mut State, text: &str) -> Result<(String, Vec<Effect>), String> {
    let text = text.trim();
    let Some(at) = text.rfind('=').filter(|at| *at == 0 || text[..*at].ends_with(char::is_whitespace)) else {
        return Ok((text.to_owned(), Vec::new()));
    };
    let (words, name, screen) = (text[..at].trim().to_owned(), &text[at + 1..], state.screen.0);
    let kept = |state: &State, name: &str| {
        state.session.tags().filters(screen).find(|(other, _)| *other == name).map(|(_, words)| words.to_owned())
    };
    let save =
        |name: &str, filter: &str| TagChange::SaveFilter { screen: screen.to_owned(), name: name.to_owned(), filter: filter.to_owned() };
    if let (true, Some(name)) = (words.is_empty(), name.strip_prefix('-')) {
        kept(state, name).ok_or_else(|| format!("this screen has no filter called `{name}`"))?;
        return Ok((String::new(), write(state, vec![save(name, "")])));
    }
    if words.is_empty() {
        return kept(state, name).map(|words| (words, Vec::new())).ok_or_else(|| {
            let names: Vec<&str> = state.session.tags().filters(screen).map(|(name, _)| name).collect();
            let there = if names.is_empty() { "WORDS =NAME keeps one".to_owned() } else { format!("there are {}", names.join(", ")) };
            format!("this screen has no filter called `{name}`; {there}")
        });
    }
    let name = checked_name(name).map_err(|error| error.to_string())?;
    Ok((words.clone(), write(state, vec![save(&name, &words)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_do_not_fit_are_counted_and_none_is_cut() {
        let tags = ["blurred", "odd", "rotated"];
        assert_eq!(fitted(&tags, 40), "#blurred #odd #rotated");
        assert_eq!(fitted(&tags, 16), "#blurred #odd +1");
        assert_eq!(fitted(&tags, 15), "#blurred +2");
        assert_eq!(fitted(&tags, 10), "#3");
        assert_eq!((fitted(&tags, 1), fitted(&[], 5)), (String::new(), String::new()));
    }
}

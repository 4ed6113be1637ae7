//! The boxes over the film: solid frames of the reader, corners of the model, dashed frames in the model's colour for an unreviewed box of the
//! label file that a model proposed, and where the shape model placed a joint. In the colour of doubt: implausible places and joints left open.

use svh_analysis::{ErrorRow, detection::ErrorKind};
use svh_core::Origin;

use super::{
    current::{Current, Entry},
    state::State,
};
use crate::tui::{
    names,
    state::State as Whole,
    theme::{self, Theme},
};
use svh_terminal::{Line, Mark};

/// The marks of a film, as far as they are switched on.
#[must_use]
pub fn marks(state: &Whole, current: &Current) -> Vec<Mark> {
    let screen = &state.film;
    let entries = current.joints(screen.task).iter().map(|joint| current.entry(joint));
    // At an error its own boxes are the chosen ones.
    let chosen = |place| place == screen.joint && screen.error.is_none();
    let mut marks: Vec<_> = entries.enumerate().flat_map(|(place, entry)| of_joint(screen, &entry, chosen(place))).collect();
    if let Some(error) = &screen.error {
        let own = of_error(error, true);
        marks.retain(|mark| own.iter().all(|own| own.bbox != mark.bbox));
        marks.extend(own.into_iter().filter(|mark| if mark.line == Line::Solid { screen.reader } else { screen.model }));
    }
    in_colours(&mut marks, state.theme);
    marks
}

/// The boxes of an error: the reference as a frame, the wrong box as corners, broken where it was inferred; both are named where they are of different
/// joints.
#[must_use]
pub fn of_error(error: &ErrorRow, named: bool) -> Vec<Mark> {
    let label =
        |joint: Option<&'static svh_core::Joint>, sign: &str| joint.filter(|_| named).map(|joint| format!("{sign}{}", names::short(joint)));
    // One name is enough where both boxes are of the same joint and lie on one another. Where the box claims a joint of another limb the name alone
    // would not tell.
    let same = error.reference_box.is_some() && error.reference == error.model && error.iou > 0.0;
    let other_limb = error.reference.zip(error.model).is_some_and(|(truth, predicted)| truth.limb != predicted.limb);
    let limb = if other_limb { error.model.map_or_else(String::new, |joint| format!("{} ", joint.limb)) } else { String::new() };
    let reference = error.reference_box.map(|bbox| Mark {
        bbox,
        colour: theme::READER,
        line: Line::Solid,
        selected: named,
        label: label(error.reference.or(error.model), ""),
    });
    let wrong = error.model_box.map(|bbox| Mark {
        bbox,
        colour: theme::MODEL,
        line: if error.kind == ErrorKind::Inferred { Line::Dashed } else { Line::Corners },
        selected: named,
        label: label(error.model, &limb).filter(|_| !same),
    });
    reference.into_iter().chain(wrong).collect()
}

/// Gives marks the theme's colours. Without colours, the kinds of line still tell boxes apart.
pub fn in_colours(marks: &mut [Mark], theme: Theme) {
    marks.iter_mut().for_each(|mark| mark.colour = theme.mark(mark.colour));
}

/// The marks of one joint, as far as they are switched on.
#[must_use]
pub fn of_joint(screen: &State, entry: &Entry, selected: bool) -> Vec<Mark> {
    let label = || selected.then(|| names::short(entry.joint));
    let (colour, line) = match entry.proposed {
        None => (theme::READER, Line::Solid),
        Some(proposal) if proposal.implausible => (theme::DOUBT, Line::Dashed),
        Some(_) => (theme::MODEL, Line::Dashed),
    };
    let reference = entry.drawn.filter(|_| screen.reader).map(|bbox| Mark { bbox, colour, line, selected, label: label() });
    let found = entry.found.filter(|_| screen.model);
    let model = found.map(|found| Mark {
        bbox: found.bbox,
        colour: if found.implausible.is_some() || entry.open.is_some() { theme::DOUBT } else { theme::MODEL },
        line: if found.from == Origin::Inferred { Line::Dashed } else { Line::Corners },
        selected,
        // One name is enough where both boxes are shown.
        label: if reference.is_some() { None } else { label() },
    });
    reference.into_iter().chain(model).collect()
}

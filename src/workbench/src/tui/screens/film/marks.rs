//! The boxes over the film: solid frames of the reader, corners of the model, dashed frames in the model's colour for an unreviewed box of the
//! label file that a model proposed, and where the shape model placed a joint. In the colour of doubt: implausible places and joints left open.

use svh_core::Origin;

use super::{
    current::{Current, Entry},
    state::State,
};
use crate::tui::{names, theme};
use svh_terminal::{Colours, Line, Mark, Rgb};

/// The marks of a film, as far as they are switched on.
#[must_use]
pub fn marks(screen: &State, current: &Current, colours: Colours) -> Vec<Mark> {
    let entries = current.joints(screen.task).iter().map(|joint| current.entry(joint));
    let mut marks: Vec<_> = entries.enumerate().flat_map(|(place, entry)| of_joint(screen, &entry, place == screen.joint)).collect();
    without_colours(&mut marks, colours);
    marks
}

/// Where there are no colours, the kinds of line still tell boxes apart.
pub fn without_colours(marks: &mut [Mark], colours: Colours) {
    if colours == Colours::None {
        marks.iter_mut().for_each(|mark| mark.colour = Rgb(255, 255, 255));
    }
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

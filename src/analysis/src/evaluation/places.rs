//! Where a joint lies on the patient's film: the crops behind a cell or a difference.

use svh_core::{BBox, Joint, Limb, Task};

use super::Evaluation;

/// A joint's boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JointPlace {
    /// The film's place in [`Evaluation::films`]; absent where the patient has no film of the limb.
    pub film: Option<usize>,
    /// The box that people drew, as far as the run's films are labelled.
    pub reference: Option<BBox>,
    /// The box that the run kept and graded.
    pub model: Option<BBox>,
}

/// Boxes by film and joint, sorted.
#[derive(Debug, Default)]
pub(crate) struct Places {
    reference: Vec<(u32, u8, BBox)>,
    model: Vec<(u32, u8, BBox)>,
    /// By patient and limb: the film.
    films: Vec<[Option<u32>; 4]>,
}

impl Places {
    pub fn new(films: Vec<[Option<u32>; 4]>) -> Self {
        Self { films, ..Self::default() }
    }

    pub(crate) fn add_reference(&mut self, film: u32, joint: &Joint, bbox: BBox) {
        self.reference.push((film, joint.index() as u8, bbox));
    }

    pub(crate) fn add_model(&mut self, film: u32, joint: &Joint, bbox: BBox) {
        self.model.push((film, joint.index() as u8, bbox));
    }

    /// To be called once, after all were added.
    pub fn sort(&mut self) {
        for list in [&mut self.reference, &mut self.model] {
            list.sort_by_key(|(film, joint, _)| (*film, *joint));
        }
    }
}

fn find(list: &[(u32, u8, BBox)], film: u32, joint: &Joint) -> Option<BBox> {
    let of = |joint: &Joint| {
        let place = list.binary_search_by_key(&(film, joint.index() as u8), |(film, joint, _)| (*film, *joint)).ok()?;
        Some(list[place].2)
    };
    // A foot's erosion is graded in the box of its narrowing.
    let twin = || joint.twin().filter(|_| joint.task == Task::Erosion && !joint.limb.is_hand());
    of(joint).or_else(|| of(twin()?))
}

impl Evaluation {
    /// The film of a patient's limb, by its place in [`Evaluation::films`].
    pub(crate) fn film_of(&self, patient: usize, limb: Limb) -> Option<u32> {
        self.places.films.get(patient).and_then(|films| films[limb.index()])
    }

    /// Where a joint of a patient lies.
    #[must_use]
    pub fn place(&self, patient: usize, joint: &Joint) -> JointPlace {
        let Some(film) = self.film_of(patient, joint.limb) else { return JointPlace::default() };
        let (reference, model) = (find(&self.places.reference, film, joint), find(&self.places.model, film, joint));
        JointPlace { film: Some(film as usize), reference, model }
    }
}

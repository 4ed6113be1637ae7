//! Synthetic radiographs of hands and feet whose joints and grades are known: for training, for tests, and for a demonstration cohort.
//!
//! A film is the projection of solids: joint centres come from a shape model of real limbs, bones are solids with cortex and spongy bone inside,
//! posed in three dimensions; attenuation is summed along the rays through them and through soft tissue. Disease takes bone and space away
//! in three dimensions, by grade; the film adds its own faults. No pixel of a real radiograph is in it. Everything follows from seed, patient and limb.

mod body;
mod cohort;
mod disease;
mod field;
mod film;
mod foot;
mod forearm;
mod form;
mod fusion;
mod grades;
mod hand;
mod long_bone;
mod marks;
mod plane;
mod pose;
mod ray;
mod raysum;
mod render;
mod seeded_rng;
mod setting;
mod short_bone;
mod skin;
mod solid;
mod space;
mod texture;
mod wrist;

pub use cohort::{CohortSpec, PhantomError, Summary, generate, patient_id};
pub use grades::{LimbGrades, frequencies};
pub use render::{CHILD_SHARE, FilmSpec, PhantomFilm, render_graded, render_limb};
pub use setting::{GradeMix, Setting};

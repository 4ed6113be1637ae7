//! Synthetic radiographs of hands and feet whose joints and grades are known: for training, for tests, and for a demonstration cohort.
//!
//! A film is drawn from what is known of hands, feet and rheumatoid arthritis: joint centres from a shape model of real limbs, bones as outlines
//! with cortex and spongy inside, the path of the rays through them and through soft tissue, disease by grade, and the film's own
//! faults. No pixel of a real radiograph is in it. Everything follows from seed, patient and limb.

mod body;
mod bone;
mod cohort;
mod dice;
mod disease;
mod film;
mod foot;
mod grades;
mod hand;
mod marks;
mod paint;
mod plane;
mod pose;
mod ray;
mod render;
mod rim;
mod setting;
mod skin;
mod texture;
mod wrist;

pub use cohort::{CohortSpec, PhantomError, Summary, generate, patient_id};
pub use grades::{LimbGrades, draw as draw_grades, frequencies};
pub use render::{FilmSpec, PhantomFilm, render_graded, render_limb};
pub use setting::{GradeMix, Setting};

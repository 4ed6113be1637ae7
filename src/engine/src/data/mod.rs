//! Training data: workers decode and vary films ahead of the trainer, and the number of workers changes nothing but the speed.

pub mod cohort_films;
pub mod crop_warp;
pub mod detector_films;
pub mod joint_crops;
pub mod loader;
pub mod order;
pub mod photometric;
pub mod unlabelled;
pub mod warp;

pub use cohort_films::CohortFilms;
pub use detector_films::{DetectorSample, FilmSource, LabelledFilm, Preparation};
pub use loader::Loader;
pub use order::{Place, place_of};
pub use svh_core::training::Proposals;

//! A run as job arrays of a Slurm cluster: which jobs it has, how they stand, how they are submitted and stopped.

mod arrays;
mod jobs;
mod request;
mod standing;

pub use arrays::{OFFSET, arrays, folder, submit_array, submit_finish};
pub use jobs::{has_jobs, max_array};
pub use request::{Request, Tasks, manage};
pub use standing::{Standing, Standings, cancel, resubmit, standings, submit};

//! The list of all screens: one is added here. It is
//!
//! 1. a folder here that implements `screen_trait::Screen`, with its `mod` below;
//! 2. its keys and the name of its help page in `keys/screens.rs`;
//! 3. its line in [`SCREENS`];
//! 4. what it has to remember, if anything, as a field of `state::State`.

pub mod changes;
pub mod confusion;
pub mod curves;
pub mod errors;
pub mod film;
pub mod imbalance;
pub mod list;
pub mod patients;
pub mod progression;
pub mod review;
pub mod runs;
pub mod totals;

use std::sync::LazyLock;

use super::{
    keys::{
        ScreenKeys,
        screens::{CHANGES, CONFUSION, CURVES, ERRORS, FILM, IMBALANCE, LIST, PATIENTS, PROGRESSION, REVIEW, RUNS, TOTALS},
        shared::SHARED,
    },
    screen_trait::{Registry, Screen},
};

/// Every screen. Those with a letter are on the bar, in this order; the workbench opens with the first.
const SCREENS: &[(&ScreenKeys, &dyn Screen)] = &[
    (&PATIENTS, &patients::Patients),
    (&FILM, &film::Film),
    (&ERRORS, &errors::Errors),
    (&TOTALS, &totals::Totals),
    (&CONFUSION, &confusion::Confusion),
    (&IMBALANCE, &imbalance::Imbalance),
    (&RUNS, &runs::Runs),
    (&REVIEW, &review::Review),
    (&PROGRESSION, &progression::Progression),
    (&CURVES, &curves::Curves),
    (&LIST, &list::List),
    (&CHANGES, &changes::Changes),
];

/// The registry of all screens.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(SCREENS, SHARED));

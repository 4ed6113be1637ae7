//! The screens, each a folder with its state, its keys, its update, its view and its tests; and the one place that knows them all.

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
    help,
    keys::shared,
    screen::{Registry, Screen},
};

/// Every screen. Those with a letter are on the bar, in this order; the workbench opens with the first.
const SCREENS: &[&dyn Screen] = &[
    &patients::Patients,
    &film::Film,
    &errors::Errors,
    &totals::Totals,
    &confusion::Confusion,
    &imbalance::Imbalance,
    &runs::Runs,
    &review::Review,
    &progression::Progression,
    &curves::Curves,
    &list::List,
    &changes::Changes,
];

/// The registry of all screens.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    Registry::new(
        SCREENS,
        &[
            shared::RUN,
            shared::ITEMS,
            shared::THRESHOLD,
            shared::TABLE,
            shared::VIEW,
            shared::LOOK,
            shared::PATIENT,
            help::KEYS,
            shared::GLOBAL,
        ],
    )
});

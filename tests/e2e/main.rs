//! The real programs against bad input, against each other, and in a terminal.

mod engine_faults;

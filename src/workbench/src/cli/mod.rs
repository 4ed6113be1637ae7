//! The command line: what the user typed, done.

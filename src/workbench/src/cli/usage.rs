//! The command line as `clap` sees it: the help of a command lists the global options that act in it, and a mistyped command is answered with the nearest one.

use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::args::Arguments;

/// How alike a word and a command must be (Jaro's measure, 0 to 1).
const ALIKE: f64 = 0.75;

/// The commands that read a global option. An option is accepted everywhere, so that it may be set once for all; elsewhere the help leaves it out.
const ACTS: [(&str, &[&str]); 8] = [
    (
        "device",
        &[
            "detect",
            "score",
            "label",
            "train detector",
            "train scorer",
            "protocol",
            "model run",
            "model calibrate",
            "model adapt",
            "model familiarity",
            "resume",
            "slurm",
            "doctor",
        ],
    ),
    ("half", &["detect", "score", "label", "protocol", "resume", "slurm"]),
    ("models", &["detect", "score", "label", "model adapt", "resume", "slurm", "doctor"]),
    ("images", &["show", "doctor"]),
    ("blocks", &["show", "doctor"]),
    (
        "ignore_voi",
        &[
            "show",
            "detect",
            "score",
            "label",
            "report",
            "train detector",
            "train scorer",
            "protocol",
            "model run",
            "model calibrate",
            "model adapt",
            "model familiarity",
            "resume",
            "slurm",
        ],
    ),
    ("reader", &[]),
    ("reading_order", &[]),
];

/// All commands, with their help.
#[must_use]
pub fn command() -> Command {
    let whole = Arguments::command();
    let hidden: Vec<_> =
        ACTS.iter().filter_map(|(name, _)| whole.get_arguments().find(|option| option.get_id() == name).cloned()).collect();
    let names: Vec<String> = whole.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.iter().fold(whole, |whole, name| whole.mut_subcommand(name, |sub| hide(sub, name, &hidden)))
}

/// Hides the options that do not act in a command or in any of its own commands.
fn hide(command: Command, path: &str, options: &[clap::Arg]) -> Command {
    let inner: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = inner.iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |sub| hide(sub, &path, options))
    });
    let acts = |option: &&clap::Arg| {
        let at = ACTS.iter().find(|(name, _)| option.get_id() == name).map_or(&[][..], |(_, paths)| paths);
        at.iter().any(|at| *at == path || at.strip_prefix(path).is_some_and(|rest| rest.starts_with(' ')))
    };
    options.iter().filter(|option| !acts(option)).fold(command, |command, option| command.arg(option.clone().hide(true)))
}

/// The sentence for a first word that is neither a command nor a folder; `None` where it is one.
#[must_use]
pub fn unknown(word: &str) -> Option<String> {
    let commands = command();
    let is_command = commands.get_subcommands().any(|sub| sub.get_name() == word || sub.get_all_aliases().any(|alias| alias == word));
    if is_command || Path::new(word).exists() {
        return None;
    }
    let likeness = |name: &str| strsim::jaro(&word.to_lowercase(), name);
    let nearest = commands.get_subcommands().map(Command::get_name).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    Some(if likeness(nearest) > ALIKE {
        format!("there is no command and no folder `{word}`; did you mean `svh {nearest}`?")
    } else {
        format!("there is no command and no folder `{word}`; `svh help` lists the commands")
    })
}

/// The first word of a command line that is neither an option nor an option's value.
#[must_use]
pub fn first_word(words: impl IntoIterator<Item = OsString>) -> Option<String> {
    let whole = command();
    let takes_value = |word: &str| {
        let option = |option: &&clap::Arg| {
            let long = word.strip_prefix("--").is_some_and(|name| option.get_long() == Some(name));
            let short = word.strip_prefix('-').is_some_and(|name| option.get_short().is_some_and(|short| name == short.to_string()));
            long || short
        };
        whole.get_arguments().find(option).is_some_and(|option| option.get_action().takes_values())
    };
    let mut words = words.into_iter().map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return Some(word);
        }
        if takes_value(&word) {
            words.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(path: &[&str]) -> String {
        let mut found = command();
        found.build();
        for name in path {
            found = found.find_subcommand(name).unwrap_or_else(|| panic!("{path:?}")).clone();
        }
        found.render_long_help().to_string()
    }

    #[test]
    fn the_help_of_a_command_lists_the_global_options_that_act_in_it() {
        let listed = |path: &[&str]| {
            let help = help(path);
            ["--device", "--half", "--models", "--images", "--blocks", "--ignore-voi", "--reader", "--quiet"]
                .map(|option| help.contains(&format!("{option}\n")) || help.contains(&format!("{option} <")))
        };
        assert_eq!(listed(&[]), [true; 8]);
        assert_eq!(listed(&["score"]), [true, true, true, false, false, true, false, true]);
        assert_eq!(listed(&["summary"]), [false, false, false, false, false, false, false, true]);
        assert_eq!(listed(&["show"]), [false, false, false, true, true, true, false, true]);
        assert_eq!(listed(&["train", "scorer"]), [true, false, false, false, false, true, false, true]);
        assert_eq!(listed(&["model", "import"]), [false, false, false, false, false, false, false, true]);
    }

    #[test]
    fn every_global_option_is_listed_somewhere_or_is_the_workbenchs_or_of_every_command() {
        let whole = Arguments::command();
        let global = whole.get_arguments().filter(|option| option.is_global_set()).map(|option| option.get_id().to_string());
        let unlisted: Vec<String> = global.filter(|id| !ACTS.iter().any(|(name, _)| name == id)).collect();
        assert_eq!(unlisted, ["quiet"]);
    }

    #[test]
    fn every_command_that_is_said_to_read_an_option_exists_and_takes_it() {
        for (option, paths) in ACTS {
            for path in paths {
                let words: Vec<&str> = path.split(' ').collect();
                let option = option.replace('_', "-");
                assert!(help(&words).contains(&format!("--{option}")), "svh {path} and --{option}");
            }
        }
    }

    #[test]
    fn an_option_is_accepted_by_every_command() {
        for words in [&["svh", "summary", "c", "--device", "cuda:3"][..], &["svh", "--device", "cuda:3", "summary", "c"]] {
            let matches = command().try_get_matches_from(words).unwrap();
            let found = <Arguments as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
            assert_eq!(found.options.device, "cuda:3", "{words:?}");
        }
    }

    #[test]
    fn a_mistyped_command_is_answered_with_the_nearest_one() {
        for (word, meant) in [("scroe", "score"), ("evalute", "evaluate"), ("detct", "detect"), ("sumary", "summary"), ("Train", "train")] {
            let said = unknown(word).unwrap();
            assert!(said.contains(&format!("did you mean `svh {meant}`")), "{said}");
        }
        assert!(unknown("zzz").unwrap().contains("`svh help` lists"));
        assert_eq!((unknown("score"), unknown("/")), (None, None));
        let first = |words: &[&str]| first_word(words.iter().map(OsString::from));
        assert_eq!(first(&["--device", "cpu", "-q", "scroe", "x"]).as_deref(), Some("scroe"));
        assert_eq!(first(&["--device=cpu", "--half"]), None);
    }
}

//! `svh completions` and `svh man`: what shells and `man` read, made from the arguments by clap's own crates.

use std::{io::Write, path::Path};

use clap::Command as Described;
use svh_core::atomic;

use super::{
    args::{Completions, Man, Shell},
    failure::{Failure, Outcome},
    out, usage,
};

/// Prints the completions of a shell.
pub fn completions(command: &Completions) -> Outcome {
    let shell = match command.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut usage::command(), "svh", &mut text);
    raw(&text)
}

/// Prints the manual page, or writes the pages of all commands.
pub fn man(command: &Man) -> Outcome {
    let mut described = usage::command();
    described.build();
    let Some(folder) = &command.out else { return raw(&page(described, "svh")?) };
    std::fs::create_dir_all(folder).map_err(|error| Failure::user(format!("{} could not be created: {error}", folder.display())))?;
    pages(&described, "svh", folder)
}

/// The page of a command and those of its own commands.
fn pages(command: &Described, name: &str, folder: &Path) -> Outcome {
    atomic::write(&folder.join(format!("{name}.1")), &page(command.clone(), name)?).map_err(Failure::user)?;
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| pages(sub, &format!("{name}-{}", sub.get_name()), folder))
}

fn page(command: Described, name: &str) -> Outcome<Vec<u8>> {
    // The names live as long as the program, which ends after this.
    let name: &'static str = name.to_owned().leak();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.name(name)).render(&mut text).map_err(Failure::program)?;
    Ok(text)
}

/// Writes a text as it is: shells and `man` read its control characters.
fn raw(text: &[u8]) -> Outcome {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text).and_then(|()| stdout.flush()).map_err(|error| out::failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lists_the_global_options_that_act_in_its_command() {
        let folder = tempfile::tempdir().unwrap();
        man(&Man { out: Some(folder.path().to_path_buf()) }).unwrap_or_else(|_| panic!("no pages"));
        let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap().replace('\\', "");
        let lists = |name: &str| ["--device", "--half", "--blocks", "--reader", "--quiet"].map(|option| page(name).contains(option));
        assert_eq!(lists("svh.1"), [true; 5]);
        assert_eq!(lists("svh-summary.1"), [false, false, false, false, true]);
        assert_eq!(lists("svh-score.1"), [true, true, false, false, true]);
        assert_eq!(lists("svh-model-import.1"), [false, false, false, false, true]);
    }
}

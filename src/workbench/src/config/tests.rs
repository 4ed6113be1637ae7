//! The printed settings are valid and change nothing; keys are exchanged; conflicts name both meanings.

use svh_core::{Limb, Task};

use super::{Aliases, Config, ConfigError, keys, keys::EVERYWHERE, text};
use crate::{
    Options,
    tui::{
        keymap::{Place, REGISTRY, ScreenId},
        looks::{Columns, Look},
    },
};

fn aliases(text: &str) -> Result<Aliases, String> {
    let config: Config = toml::from_str(text).unwrap();
    Aliases::of(&config.keys, &REGISTRY)
}

#[test]
fn what_is_printed_is_a_file_that_changes_nothing() {
    let text = text(&REGISTRY);
    let config: Config = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut options = Options { device: "auto".into(), ..Options::default() };
    let before = format!("{options:?}");
    config.fill(&mut options, |_| false);
    assert_eq!(format!("{options:?}"), before);
    let aliases = Aliases::of(&config.keys, &REGISTRY).unwrap();
    for id in REGISTRY.all() {
        for binding in REGISTRY.keys.of(Place::On(id)) {
            assert!(binding.keys.iter().all(|(key, _)| aliases.meant(Place::On(id), *key) == Some(*key)), "{} {}", id.0, binding.label);
        }
    }
    assert_eq!(config.theme.look(), Ok(Look::default()));
    assert_eq!(Columns::of(&config.columns), Ok(Columns::default()));
    assert!(config.keys.contains_key("Errors") && config.keys.contains_key(EVERYWHERE));
    assert!(text.contains("\"Ctrl-P\" = \"Ctrl-P\"") && text.contains("threshold = 0.2"), "{text}");
}

#[test]
fn keys_have_names_that_are_read_again() {
    for name in ["n", "N", "Ctrl-R", "Shift-Tab", "Tab", "Enter", "F5", "PageUp", "Space", "-", "Shift-Left", "Alt-x", "Esc"] {
        assert_eq!(keys::name(keys::parse(name).unwrap_or_else(|| panic!("{name}"))), name);
    }
    assert!(["", "Foo", "Ctrl-", "F13", "Hyper-x"].iter().all(|name| keys::parse(name).is_none()));
}

#[test]
fn a_key_gets_another_s_meaning_and_a_conflict_names_both() {
    let errors = Place::On(ScreenId("Errors"));
    let key = |name: &str| keys::parse(name).unwrap();
    let moved = aliases("[keys.Errors]\nx = \"n\"\n").unwrap();
    assert_eq!(moved.meant(errors, key("x")), Some(key("n")));
    assert_eq!(moved.meant(errors, key("n")), None, "its meaning was given away");
    assert_eq!(moved.meant(Place::On(ScreenId("Totals")), key("n")), Some(key("n")));
    // Exchanged: both are free for the other.
    assert!(aliases("[keys.Errors]\nv = \"f\"\nf = \"v\"\n").is_ok());
    let said = aliases("[keys.Errors]\nf = \"v\"\n").unwrap_err();
    assert!(said.contains("`f` would mean both \"show some errors only") && said.contains("and \"only accepted boxes"), "{said}");
    let said = aliases("[keys.Everywhere]\ne = \"q\"\n").unwrap_err();
    assert!(said.contains("`e` would mean both") && said.contains("quit"), "{said}");
    assert!(aliases("[keys.Nowhere]\nx = \"n\"\n").unwrap_err().contains("use one of Patients"));
    assert!(aliases("[keys.Errors]\nx = \"Ctrl-Y\"\n").unwrap_err().contains("`Ctrl-Y` means nothing there"));
    assert!(aliases("[keys.Errors]\nHyper-x = \"n\"\n").unwrap_err().contains("is not a key"));
}

#[test]
fn settings_that_are_wrong_are_named_with_their_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert_eq!(Config::read(&path).unwrap(), Config::default(), "a missing file means the defaults");
    let said = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Config::read(&path).unwrap_err().to_string()
    };
    let unknown = said("[defaults]\ndevice = \"cpu\"\ncolour = 3\n");
    assert!(unknown.contains("config.toml") && unknown.contains("colour") && unknown.contains("line 3"), "{unknown}");
    assert!(said("[defaults]\ndevice = \"gpu\"\n").contains("device = \"gpu\" is not a device; use auto"));
    assert!(said("[defaults]\nthreshold = 3\n").contains("number from 0 to 1") && said("[defaults]\nimages = \"x\"\n").contains("kitty"));
    std::fs::write(&path, "[defaults]\ndevice = \"cpu\"\nreader = \"kim\"\n").unwrap();
    let config = Config::read(&path).unwrap();
    let mut options = Options { device: "cuda".into(), ..Options::default() };
    config.fill(&mut options, |name| name == "device");
    assert_eq!((options.device.as_str(), options.reader.as_deref()), ("cuda", Some("kim")), "the command line counts more");
    config.fill(&mut options, |_| false);
    assert_eq!(options.device, "cpu");
    assert!(matches!(Config::read(folder.path()), Err(ConfigError::Unreadable { .. })));
    assert_eq!((Limb::ALL.len(), Task::ALL.len()), (4, 2));
}

#[test]
fn colours_and_columns_are_read_and_a_wrong_name_is_told_with_the_allowed_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let said = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|error| error.to_string())
    };
    let config = said("[theme]\nbackground = \"light\"\nmodel = \"#FF00ff\"\n[columns]\nPatients = [\"patient\", \"model total\"]\nErrors = [\"effect\", \"film\"]\n").unwrap();
    let look = config.theme.look().unwrap();
    assert_eq!((look.background, look.hues.model), (Some(svh_terminal::Rgb(255, 255, 255)), svh_terminal::Rgb(255, 0, 255)));
    let columns = Columns::of(&config.columns).unwrap();
    assert_eq!((columns.patients.len(), columns.errors.len(), columns.grade_errors.len()), (2, 2, Columns::default().grade_errors.len()));
    let refused = |text: &str, words: &[&str]| {
        let said = said(text).unwrap_err();
        assert!(words.iter().all(|word| said.contains(word)) && said.contains("config.toml"), "{said}");
    };
    refused("\n[columns]\nErrors = [\"film\", \"scor\"]\n", &["columns.Errors", "`scor` is not a column", "error, film, joint", "line 3"]);
    refused("[columns]\nPatients = [\"model total\"]\n", &["columns.Patients has no `patient`"]);
    refused("[columns]\nErrors = [\"film\", \"film\"]\n", &["`film` is named twice"]);
    refused("[columns]\nErrors = []\n", &["columns.Errors is empty"]);
    refused("[columns]\nFilms = [\"film\"]\n", &["columns.Films is not a table", "Patients, Errors, WrongGrades"]);
    refused("[theme]\n# mine\nbackground = \"black\"\n", &["theme.background", "auto, dark, light", "line 3"]);
    refused("[theme]\nreader = \"#12345\"\n", &["theme.reader", "#rrggbb", "line 2"]);
    refused("[theme]\nreaders = \"#123456\"\n", &["readers", "`background`", "`found`", "line 2"]);
}

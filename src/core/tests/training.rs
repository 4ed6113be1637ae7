//! The options of a training as a form shows them are those of the command line, and what is wrong is said of the option.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use svh_core::training::{Network, OptionFault, TrainOptions};

fn words(network: &str, cohort: &Path, more: &[&str]) -> Vec<String> {
    let (cohort, out) = (cohort.display().to_string(), cohort.join("model").display().to_string());
    let mut words = vec!["train", network, "--task", "narrowing", "--cohort", &cohort, "--out", &out];
    words.extend(more);
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_option_of_a_form_is_one_of_the_command_line_with_its_help_default_and_choices() {
    let names =
        ["task", "arch", "init", "steps", "epochs", "batch", "learning-rate", "balance", "variation", "validation", "held-out", "seed"];
    let of = |network: Network| network.options(&names);
    let has = |network, name: &str| of(network).into_iter().find(|option| option.name == name);
    assert!(has(Network::Detector, "balance").is_none() && has(Network::Detector, "held-out").is_none());
    assert!(has(Network::Scorer, "steps").is_none());
    assert_eq!((of(Network::Scorer).len(), of(Network::Detector).len()), (11, 10));
    assert_eq!(has(Network::Scorer, "balance").unwrap().default.as_deref(), Some("1"));
    assert_eq!(has(Network::Scorer, "seed").unwrap().default.as_deref(), Some("1"));
    assert_eq!(has(Network::Detector, "variation").unwrap().choices, ["standard", "paper", "none"]);
    assert!(has(Network::Detector, "task").unwrap().choices.contains(&"both".to_owned()));
    for network in [Network::Detector, Network::Scorer] {
        assert!(of(network).iter().all(|option| !option.help.is_empty()));
        // The first architecture is the one that the command line takes by default.
        assert_eq!(has(network, "arch").unwrap().default.as_deref(), Some(network.archs()[0]));
    }
}

#[test]
fn what_is_wrong_is_said_of_its_option() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let fault = |network: &str, more: &[&str]| TrainOptions::checked(&words(network, root, more)).err();
    assert_eq!((fault("scorer", &[]), fault("detector", &[])), (None, None));
    let cohort = root.display().to_string();
    for (network, more, option) in [
        ("scorer", vec!["--batch", "x"], "batch"),
        ("scorer", vec!["--batch", "0"], "batch"),
        ("scorer", vec!["--balance", "1.5"], "balance"),
        ("scorer", vec!["--held-out=-0.1"], "held-out"),
        ("scorer", vec!["--learning-rate", "0"], "learning-rate"),
        ("scorer", vec!["--learning-rate", "NaN"], "learning-rate"),
        ("scorer", vec!["--init", "nowhere.safetensors"], "init"),
        ("scorer", vec!["--validation", &cohort], "validation"),
        ("detector", vec!["--validation", "nowhere"], "validation"),
        ("detector", vec!["--steps", "5", "--epochs", "2"], "steps"),
        ("detector", vec!["--variation", "wild"], "variation"),
        ("detector", vec!["--seed=-1"], "seed"),
    ] {
        let OptionFault { option: named, what } = fault(network, &more).unwrap_or_else(|| panic!("{more:?}"));
        assert!(named == option && !what.contains('\n') && what.len() > 10, "{more:?}: {named} {what}");
    }
    let mut wrong = words("scorer", root, &[]);
    wrong[3] = "both".into();
    assert_eq!(TrainOptions::checked(&wrong).unwrap_err().option, "task");
    std::fs::create_dir(root.join("model")).unwrap();
    std::fs::write(root.join("model/card.json"), "{}").unwrap();
    assert_eq!(fault("scorer", &[]).unwrap().option, "out");
    assert_eq!(fault("scorer", &["--force"]), None);
}

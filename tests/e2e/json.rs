//! Every field of JSON that a command prints is documented, and every documented field is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;
use svh_tests::{
    cohort,
    program::{checkout, run, svh},
};

/// The documented fields of a section: a field and whether it may be left out.
type Fields = BTreeMap<String, bool>;

/// One row: the fields that it names, the section whose fields follow below the last of them, and whether they may be left out.
struct Row {
    names: Vec<String>,
    section: Option<String>,
    optional: bool,
}

fn sections() -> BTreeMap<String, Vec<Row>> {
    let text = fs::read_to_string(checkout().join("src/workbench/json.md")).unwrap();
    let mut sections: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            current = name.to_owned();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, fields, meaning, _] = cells[..] else { continue };
        if !fields.starts_with('`') && !fields.starts_with('(') {
            continue;
        }
        let (named, section) = fields.split_once('→').map_or((fields, None), |(named, section)| (named, Some(section.trim().to_owned())));
        let names = named.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        sections.entry(current.clone()).or_default().push(Row { names, section, optional: meaning.starts_with("*Optional.*") });
    }
    sections
}

fn documented(sections: &BTreeMap<String, Vec<Row>>, name: &str) -> Fields {
    let mut fields = Fields::new();
    for row in sections.get(name).unwrap_or_else(|| panic!("json.md has no section {name}")) {
        fields.extend(row.names.iter().map(|name| (name.clone(), row.optional)));
        let Some(section) = &row.section else { continue };
        let base = row.names.last().map_or("", String::as_str);
        for (field, optional) in documented(sections, section) {
            let dot = if base.is_empty() || field.starts_with('[') { "" } else { "." };
            fields.insert(format!("{base}{dot}{field}"), optional || row.optional);
        }
    }
    fields
}

/// A key as json.md names it: words in capitals stand for names.
fn named(command: &str, path: &str, key: &str) -> String {
    let parent = path.rsplit('.').next().unwrap_or_default();
    let limbs = ["LH", "RH", "LF", "RF"];
    let word = match parent {
        "grading" | "totals" if command == "protocol" => "NETWORK",
        "NETWORK" if path.starts_with("grading") => "SCALE",
        "per_class" | "per_joint" => "JOINT",
        "statistics" | "ci95" => "METRIC",
        "effect" | "count" | "dap" => "KIND",
        "groups" => "GROUP",
        "readers" => "READER",
        "settings" => "SETTING",
        "grading" => "SCALE",
        "joints" | "grades" if command == "compare" => "SCALE",
        "range" if key != "limbs" => "PART",
        "scales" => "LIMBS",
        _ if command == "evaluate" && (path == "totals" || path == "totals_with_open") => "PART",
        _ if limbs.iter().any(|limb| key.strip_prefix(limb).is_some_and(|rest| rest.starts_with('_'))) => "JOINT",
        _ if limbs.contains(&key) => "LIMB",
        "detection" | "boxes" | "counts" | "given" | "missing" | "grades" | "all" | "LIMB" if ["narrowing", "erosion"].contains(&key) => {
            "TASK"
        }
        _ => key,
    };
    word.to_owned()
}

fn written(command: &str, value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = named(command, path, key);
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                written(command, value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| written(command, value, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// The lines that a command prints.
fn print(words: &[&str], folder: &Path) -> Vec<Value> {
    let ran = run(svh().args(["--quiet", "--device", "cpu"]).args(words).current_dir(folder));
    assert_eq!(ran.status, Some(0), "{words:?}: {ran:?}");
    ran.json()
}

/// Compares the lines that a command printed with a section of json.md.
///
/// # Panics
/// When the two differ.
pub fn is_documented(section: &str, words: &[&str], lines: &[Value]) {
    compare(&sections(), section, words, lines);
}

fn compare(sections: &BTreeMap<String, Vec<Row>>, section: &str, words: &[&str], lines: &[Value]) {
    assert!(!lines.is_empty(), "{words:?} printed nothing");
    let command = if words.contains(&"--against") { "compare" } else { words[0] };
    let mut found = BTreeSet::new();
    for line in lines {
        assert_eq!(line["version"], env!("CARGO_PKG_VERSION"), "{words:?}");
        written(command, line, "", &mut found);
    }
    let documented = documented(sections, section);
    // The head of json.md names `version` for every line; a section that is also part of others does not repeat it.
    let unknown: Vec<_> = found.iter().filter(|field| *field != "version" && !documented.contains_key(*field)).collect();
    assert!(unknown.is_empty(), "{words:?} prints fields that json.md does not name: {unknown:?}");
    let missing: Vec<_> = documented.iter().filter(|(field, optional)| !**optional && !found.contains(*field)).collect();
    assert!(missing.is_empty(), "{words:?} does not print what json.md names: {missing:?}");
}

#[test]
fn every_field_is_documented_and_every_documented_field_is_printed() {
    let sections = sections();
    let copy = cohort::copy();
    let (root, at) = (copy.path(), copy.path().to_str().unwrap());
    let film = root.join("images/PHA001-LH.jpg");
    let check = |section: &str, words: &[&str]| compare(&sections, section, words, &print(words, root));
    check("summary", &["summary", at, "--json"]);
    check("detect", &["detect", film.to_str().unwrap(), "--json"]);
    check("score", &["score", at, "--out", "runs/one", "--json"]);
    check("evaluate", &["evaluate", at, "--json"]);
    check("compare", &["evaluate", at, "--run", "one", "--against", "one", "--json"]);
    check("runs", &["runs", at, "--json"]);
    check("export", &["export", "coco", at, "exported", "--json", "--films", "no"]);
    check("export", &["export", "coco", at, "found", "--json", "--films", "no", "--run"]);
    check("evaluate --coco", &["evaluate", "--coco", "found/narrowing.coco.json", "found/narrowing_results.json", "--json"]);
    check("import", &["import", "voc", at, "imported", "--json", "--dry-run"]);
    fs::write(root.join("grades.csv"), "true,predicted,patient\n1,1,a\n0,1,b\n2,2,a\n").unwrap();
    check("agreement", &["agreement", "grades.csv", "--max-grade", "4", "--json"]);
    fs::write(root.join("weights.csv"), "grade,weight\n2,3\n").unwrap();
    check("agreement", &["agreement", "grades.csv", "--max-grade", "4", "--json", "--weights", "weights.csv"]);
    fs::create_dir(root.join("reviews")).unwrap();
    let flag = r#"{"id":"a/1","time":"2025-11-27T19:24:52.529Z","reader":"anna","patient":"PHA001","film":"PHA001-LH.jpg","task":"narrowing","joint":"LH_mcp_2","size":[448,600],"do":"flag","note":"look","before":{}}"#;
    fs::write(root.join("reviews/a.jsonl"), format!("{flag}\n")).unwrap();
    check("reviews", &["reviews", at, "--json"]);
    check("reviews --log", &["reviews", at, "--json", "--log"]);
    check("reviews --queue", &["reviews", at, "--json", "--queue"]);
    check("doctor", &["doctor", "--json"]);
    let scorer = checkout().join("models/scorer-narrowing");
    check("model run", &["model", "run", scorer.to_str().unwrap(), film.to_str().unwrap(), "--json"]);
    fs::write(root.join("visits.csv"), "Patient_ID,patient,visit,months\nPHA001,anna,1,0\nPHA002,anna,2,12\n").unwrap();
    check("progression", &["progression", at, "--run", "one", "--json"]);
    let tagged = run(svh().args(["tag", "add", at, "odd", "PHA001", "PHA001/LH", "run:one"]));
    assert_eq!(tagged.status, Some(0), "{tagged:?}");
    check("tag", &["tag", at, "--json"]);
    fs::remove_dir_all(root.join("narrowing_labels")).unwrap();
    check("label", &["label", at, "--json"]);
}

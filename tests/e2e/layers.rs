//! The layers of the crates: core below analysis, phantom, engine and terminal, the workbench above them. Read from `cargo metadata`, as cargo resolves it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use svh_tests::program::checkout;

/// Crates of this workspace from the lowest layer up. A crate may depend on crates of lower layers only.
const LAYERS: [&[&str]; 4] = [&["svh-core"], &["svh-analysis", "svh-engine", "svh-phantom", "svh-terminal"], &["svh"], &["svh-tests"]];

/// What must not be linked into a crate: `polars` stands for all crates whose names begin with it.
const FORBIDDEN: [(&str, &[&str]); 6] = [
    ("svh-core", &["tch", "torch-sys", "polars", "ratatui", "crossterm"]),
    ("svh-phantom", &["tch", "torch-sys", "polars", "ratatui", "crossterm"]),
    ("svh-analysis", &["tch", "torch-sys", "ratatui", "crossterm"]),
    ("svh-engine", &["polars", "ratatui", "crossterm"]),
    ("svh-terminal", &["tch", "torch-sys", "polars"]),
    ("svh", &["tch", "torch-sys"]),
];

/// What no crate may link: HTTP and TLS clients. svh opens no connection.
const NETWORK: &[&str] = &["reqwest", "hyper", "object_store", "ureq", "rustls"];

/// The packages as cargo resolves them for Linux.
struct Graph {
    /// Name by package id.
    names: BTreeMap<String, String>,
    /// Ids of what a package links, by its id: normal dependencies alone.
    links: BTreeMap<String, Vec<String>>,
    /// For each crate of the workspace the crates of the workspace that it names, tests and examples included.
    named: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read() -> Self {
        let cargo = std::env::var_os("CARGO").expect("`cargo test` names cargo in CARGO");
        let ran = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(checkout())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let metadata: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let packages = list(&metadata["packages"]);
        let names: BTreeMap<_, _> = packages.iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let mut links = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let normal = |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let linked =
                list(&node["deps"]).iter().filter(|dependency| normal(dependency)).map(|dependency| text(&dependency["pkg"])).collect();
            links.insert(text(&node["id"]), linked);
        }
        let members: BTreeSet<String> = list(&metadata["workspace_members"]).iter().map(|id| names[id.as_str().unwrap()].clone()).collect();
        let mut named = BTreeMap::new();
        for package in packages.iter().filter(|package| members.contains(package["name"].as_str().unwrap())) {
            let dependencies = list(&package["dependencies"]);
            let others = dependencies.iter().map(|dependency| text(&dependency["name"])).filter(|name| members.contains(name));
            named.insert(text(&package["name"]), others.collect());
        }
        Self { names, links, named }
    }

    /// How a crate comes to link one of these, crate by crate.
    fn way(&self, from: &str, forbidden: &[&str]) -> Option<Vec<&str>> {
        let start = self.names.iter().find(|(_, name)| *name == from).map(|(id, _)| id)?;
        let mut ways = vec![vec![start]];
        let mut seen = BTreeSet::from([start]);
        while let Some(way) = ways.pop() {
            let name = &self.names[way[way.len() - 1]];
            if forbidden.iter().any(|word| name == word || *word == "polars" && name.starts_with("polars")) {
                return Some(way.into_iter().map(|id| self.names[id].as_str()).collect());
            }
            for next in self.links.get(way[way.len() - 1]).into_iter().flatten() {
                if seen.insert(next) {
                    ways.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        None
    }
}

fn layer(name: &str) -> usize {
    let found = LAYERS.iter().position(|crates| crates.contains(&name));
    found.unwrap_or_else(|| panic!("{name} has no layer: add it to LAYERS in {}", file!()))
}

#[test]
fn a_crate_depends_on_lower_layers_only() {
    let graph = Graph::read();
    assert_eq!(graph.named.len(), LAYERS.iter().map(|crates| crates.len()).sum::<usize>(), "{:?}", graph.named.keys());
    for (name, others) in &graph.named {
        for other in others {
            assert!(layer(other) < layer(name), "{name} depends on {other}, which is not in a lower layer");
        }
    }
}

#[test]
fn no_crate_links_what_its_layer_must_not_know() {
    let graph = Graph::read();
    for (name, forbidden) in FORBIDDEN {
        let way = graph.way(name, forbidden);
        assert!(way.is_none(), "{name} must not link this: {}", way.unwrap_or_default().join(" -> "));
    }
    for name in graph.named.keys() {
        let way = graph.way(name, NETWORK);
        assert!(way.is_none(), "svh opens no connection, but this is linked: {}", way.unwrap_or_default().join(" -> "));
    }
    // The check sees what is there.
    assert!(graph.way("svh-analysis", &["polars"]).is_some() && graph.way("svh-engine", &["torch-sys"]).is_some());
}

//! All settings with their defaults, as a file that changes nothing.

use std::fmt::Write;

use super::{
    ThemeSettings,
    keys::{EVERYWHERE, name},
};
use crate::tui::{
    keymap::{Place, Registry},
    looks::Columns,
};

/// The text of `svh config --print`.
#[must_use]
pub fn text(registry: &Registry) -> String {
    let mut text = String::from(
        "# Settings of svh with their defaults. Keep what you change in config.toml: $SVH_CONFIG_HOME, $XDG_CONFIG_HOME/svh or ~/.config/svh.\n\
         # The command line and SVH_MODELS, SVH_READER count more than this file.\n\n\
         private = false     # true: new files in cohorts and runs are readable by you only (else by whoever can read their folder)\n\n\
         [defaults]\n\
         device = \"auto\"     # auto, cpu, cuda or cuda:N\n\
         half = false        # half precision on a GPU\n\
         images = \"auto\"     # auto, kitty, iterm, sixel, half or off\n\
         quiet = false       # no progress and no notes\n\
         threshold = 0.2     # score from which the workbench accepts boxes\n\
         reading_order = \"chronological\" # blind reading: chronological, random-in-pair or single\n\
         # models = \"/path\"  # folder of model folders\n\
         # reader = \"name\"   # stored with reviews; else the login name\n\n\
         # Colours. Whatever you choose is made lighter or darker until it can be read on the background: 4.5 to 1 for text, 3 to 1 for frames.\n\
         [theme]\n",
    );
    text.push_str(&ThemeSettings::text());
    text.push_str("\n# Columns of the tables, in the order shown; those that have no room give way.\n[columns]\n");
    for (table, names) in Columns::names() {
        let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
        let _ = writeln!(text, "{table} = [{}]", names.join(", "));
    }
    text.push_str("\n# Keys: \"the key that you press\" = \"the key below whose meaning it gets\", by screen.\n");
    let places = registry.all().map(|id| (id.0, Place::On(id))).chain([(EVERYWHERE, Place::Global)]);
    for (section, place) in places {
        let _ = write!(text, "\n[keys.{section}]\n");
        let mut seen = Vec::new();
        for binding in registry.keys.of(place) {
            for (key, _) in binding.keys.iter().filter(|(key, _)| registry.keys.action(place, *key).is_some()) {
                let key = name(*key);
                if !seen.contains(&key) {
                    let quoted = toml::Value::String(key.clone()).to_string();
                    let _ = writeln!(text, "{quoted} = {quoted}  # {}", binding.help);
                    seen.push(key);
                }
            }
        }
    }
    text
}

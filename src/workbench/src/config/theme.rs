//! Colours of the workbench in the user's settings.

use serde::Deserialize;
use svh_terminal::Rgb;

use crate::tui::looks::{Hues, Look};

/// `[theme]`: the background to write on, and the hues of roles. Whatever they are, text keeps a contrast of 4.5 to 1 and marks one of 3 to 1.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThemeSettings {
    /// `auto`, `dark`, `light` or `#rrggbb`
    pub background: Option<String>,
    /// Boxes and grades of the reader.
    pub reader: Option<String>,
    /// Boxes and grades of the model.
    pub model: Option<String>,
    /// Implausible, inferred or open.
    pub doubt: Option<String>,
    /// Something failed.
    pub error: Option<String>,
    /// Something went well.
    pub good: Option<String>,
    /// Text that may be overlooked.
    pub muted: Option<String>,
    /// Frames and rules.
    pub frame: Option<String>,
    /// What a search has found.
    pub found: Option<String>,
}

/// A colour as `#rrggbb`.
#[must_use]
pub fn written(Rgb(red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn read(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some(Rgb(part(0)?, part(2)?, part(4)?))
}

impl ThemeSettings {
    /// What it says of colours.
    ///
    /// # Errors
    /// A word that is not a colour; the sentence begins with the setting's name.
    pub fn look(&self) -> Result<Look, String> {
        let background = match self.background.as_deref() {
            None | Some("auto") => None,
            Some("dark") => Some(Rgb(0, 0, 0)),
            Some("light") => Some(Rgb(255, 255, 255)),
            Some(text) => Some(read(text).ok_or_else(|| {
                format!("theme.background = \"{text}\" is not a background; use auto, dark, light or a colour such as #1e1e2e")
            })?),
        };
        let mut hues = Hues::DEFAULT;
        for (name, text, hue) in [
            ("reader", &self.reader, &mut hues.reader),
            ("model", &self.model, &mut hues.model),
            ("doubt", &self.doubt, &mut hues.doubt),
            ("error", &self.error, &mut hues.error),
            ("good", &self.good, &mut hues.good),
            ("muted", &self.muted, &mut hues.muted),
            ("frame", &self.frame, &mut hues.frame),
            ("found", &self.found, &mut hues.found),
        ] {
            if let Some(text) = text {
                *hue = read(text).ok_or_else(|| format!("theme.{name} = \"{text}\" is not a colour; write #rrggbb, such as #56b4e9"))?;
            }
        }
        Ok(Look { background, hues })
    }

    /// The section with all defaults.
    #[must_use]
    pub fn text() -> String {
        let Hues { reader, model, doubt, error, good, muted, frame, found } = Hues::DEFAULT;
        let roles = [
            ("reader", reader, "boxes and grades of the reader"),
            ("model", model, "boxes and grades of the model"),
            ("doubt", doubt, "implausible, inferred, open"),
            ("error", error, "what failed"),
            ("good", good, "what went well, and the box in hand"),
            ("muted", muted, "text that may be overlooked"),
            ("frame", frame, "frames and rules"),
            ("found", found, "what a search has found"),
        ];
        let lines = roles.map(|(name, hue, what)| format!("{name} = \"{}\"  # {what}\n", written(hue)));
        format!("background = \"auto\"  # auto (the terminal is asked), dark, light or #rrggbb\n{}", lines.concat())
    }
}

//! What the doctor says of the terminal.

use std::io::IsTerminal;

use super::check::Check;
use crate::{Images, Options};
use svh_terminal::{Colours, Protocol, TerminalCapabilities, capabilities::multiplexer, probe};

/// The smallest window in which every screen of the workbench is comfortable.
const COMFORTABLE: (u16, u16) = (80, 24);

/// Size, text, colours, pictures.
pub fn checks(options: &Options) -> Vec<Check> {
    let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let capabilities = probe::capabilities(options.wishes());
    vec![window(), text(get), colours(&capabilities), pictures(&capabilities, options.images, multiplexer(get, None))]
}

fn colours(capabilities: &TerminalCapabilities) -> Check {
    const NAME: &str = "colours";
    match capabilities.colours {
        Colours::True => Check::ok(NAME, "16 million"),
        Colours::Indexed => {
            Check::note(NAME, "256, so blocks show 26 grays", "export COLORTERM=truecolor, if the terminal knows 24-bit colour")
        }
        Colours::None => Check::note(NAME, "none", "unset NO_COLOR, or set TERM to what the terminal is, such as xterm-256color"),
    }
}

fn pictures(capabilities: &TerminalCapabilities, images: Images, between: Option<&str>) -> Check {
    const NAME: &str = "pictures";
    let (width, height) = capabilities.cell;
    let found = format!("{} ({}), cells of {width} x {height} pixels", capabilities.protocol.name(), capabilities.reason);
    match (capabilities.protocol, between, &capabilities.remedy) {
        (Protocol::Blocks, _, Some(remedy)) => Check::note(
            NAME,
            found,
            format!("{remedy}   (then `tmux source-file` it; kitty 0.28 or newer and Ghostty show pixels through tmux)"),
        ),
        (Protocol::Blocks, Some("tmux"), None) if images == Images::Auto => Check::note(
            NAME,
            found,
            "inside tmux, pixels need kitty 0.28 or newer or Ghostty around it, or a tmux from 3.4 on that was built with sixel and a terminal that \
             shows sixels",
        ),
        (Protocol::Blocks, Some(between), None) if images == Images::Auto => {
            Check::note(NAME, found, format!("films are sharper outside {between}; `--images sixel` where {between} passes sixel on"))
        }
        (Protocol::Blocks, None, None) if images == Images::Auto => Check::note(
            NAME,
            found,
            "terminals that show pixels: kitty, Ghostty, iTerm2, WezTerm, foot, xterm -ti vt340; --images kitty, iterm or sixel forces one",
        ),
        _ => Check::ok(NAME, found),
    }
}

fn window() -> Check {
    const NAME: &str = "terminal";
    let term = std::env::var("TERM").unwrap_or_default();
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Check::note(NAME, "none: input or output is not a terminal", "the workbench needs one; every command works without");
    }
    let Ok((columns, rows)) = crossterm::terminal::size() else {
        return Check::problem(NAME, format!("{term}, which does not tell its size"), "use another terminal, or set COLUMNS and LINES");
    };
    let found = format!("{term}, {columns} x {rows}");
    if columns < COMFORTABLE.0 || rows < COMFORTABLE.1 {
        return Check::note(NAME, found, format!("{} x {} or more shows everything", COMFORTABLE.0, COMFORTABLE.1));
    }
    Check::ok(NAME, found)
}

/// The same order in which the C library looks.
fn text(get: impl Fn(&str) -> Option<String>) -> Check {
    const NAME: &str = "text";
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, get(name)?)));
    match locale {
        Some((name, value)) if value.to_ascii_lowercase().replace('-', "").contains("utf8") => {
            Check::ok(NAME, format!("UTF-8 ({name}={value})"))
        }
        Some((name, value)) => Check::note(
            NAME,
            format!("{name}={value} is not UTF-8: frames and blocks may show as other characters"),
            "export LC_ALL=C.UTF-8",
        ),
        None => Check::note(NAME, "no locale is set: frames and blocks may show as other characters", "export LC_ALL=C.UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn pixels_are_fine_and_blocks_come_with_the_way_to_pixels() {
        let with = |protocol, between| {
            let unasked = TerminalCapabilities::unasked(Images::Auto, |_| None);
            let capabilities = TerminalCapabilities { protocol, reason: "a reason".to_owned(), ..unasked };
            pictures(&capabilities, Images::Auto, between)
        };
        assert_eq!(with(Protocol::Kitty, None).state, State::Ok);
        let blocks = with(Protocol::Blocks, Some("zellij"));
        assert!(blocks.state == State::Note && blocks.advice.contains("outside zellij") && blocks.found.contains("a reason"), "{blocks:?}");
        assert!(with(Protocol::Blocks, Some("tmux")).advice.contains("kitty 0.28"));
    }

    #[test]
    fn the_missing_line_of_tmux_conf_is_named() {
        let unasked = TerminalCapabilities::unasked(Images::Auto, |_| None);
        let remedy = Some("add to tmux.conf: set -g allow-passthrough on".to_owned());
        let check = pictures(&TerminalCapabilities { remedy, ..unasked }, Images::Auto, Some("tmux"));
        assert!(check.state == State::Note && check.advice.starts_with("add to tmux.conf: set -g allow-passthrough on "), "{check:?}");
    }

    #[test]
    fn the_first_locale_that_is_set_decides_whether_text_is_utf8() {
        let with = |pairs: &'static [(&str, &str)]| {
            text(move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())).state
        };
        assert_eq!(with(&[("LANG", "de_DE.UTF-8")]), State::Ok);
        assert_eq!(with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]), State::Note);
        assert_eq!(with(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]), State::Ok);
        assert_eq!(with(&[]), State::Note);
    }
}

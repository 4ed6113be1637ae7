//! The one filter between what others wrote and a terminal: names, ids, notes and errors may hold control characters, which would move the cursor, set titles or
//! send keys. Text shows them as `\u{1b}`, JSON as its own escapes.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal, or a reader's eye, would be led astray: controls of both kinds, and marks that turn the direction of text or hide it.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Text for a terminal. Line breaks and tabs stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |c, out| write!(out, "{}", c.escape_unicode()))
}

/// JSON for a terminal: the same value, with what JSON allows in strings and terminals do not written as escapes.
#[must_use]
pub fn json(json: &str) -> Cow<'_, str> {
    // All of them lie within the first 65536, so that one escape is enough; none may stand outside a string.
    escaped(json, |c, out| if c < '\u{20}' { out.write_char(c) } else { write!(out, "\\u{:04x}", u32::from(c)) })
}

fn escaped(text: &str, escape: impl Fn(char, &mut String) -> std::fmt::Result) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing to a string does not fail.
        let _ = if is_unseen(c) { escape(c, &mut out) } else { out.write_char(c) };
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_comes_through() {
        assert_eq!(text("P\u{1b}]0;T\u{7}-LH.jpg\n\ta"), "P\\u{1b}]0;T\\u{7}-LH.jpg\n\ta");
        assert_eq!(text("a\u{9b}2J\u{7f}\r\u{202e}b"), "a\\u{9b}2J\\u{7f}\\u{d}\\u{202e}b");
        assert!(matches!(text("Müller 左手"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_the_same_value() {
        let name = "P\u{1b}\u{9b}\u{7f}\u{202e}ü\"";
        let line = serde_json::to_string(name).unwrap();
        let shown = json(&line);
        assert!(!shown.contains(is_unseen), "{shown:?}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), name);
    }
}

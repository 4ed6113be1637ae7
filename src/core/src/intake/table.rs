//! Tables as spreadsheets write them: their encoding, their separator, and Excel's `sep=` line.

use std::borrow::Cow;

/// A table's text from its header on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// UTF-8 without a mark.
    pub text: Cow<'a, str>,
    /// What stands between cells.
    pub separator: u8,
    /// Lines before the header.
    pub skipped: u64,
}

/// Reads the text of a table. The separator is what the line `sep=` says, else what the header line is separated by: comma, semicolon or tab.
///
/// # Errors
/// What the file is instead, and what to do.
pub fn text(bytes: &[u8]) -> Result<Text<'_>, String> {
    if let Some(kind) = super::kind(bytes) {
        return Err(format!("it is {}; {}", kind.name, kind.way_out));
    }
    let text = super::decode(bytes).map_err(|reason| format!("{reason}; save it as CSV UTF-8"))?;
    if text.contains('\0') {
        return Err("it holds zero bytes, which no text has; save it as CSV UTF-8".to_owned());
    }
    let first = text.lines().next().unwrap_or_default().trim_end();
    let told = first.trim_matches('"').strip_prefix("sep=").or_else(|| first.strip_prefix("SEP="));
    // Excel adds the separator once more behind it.
    let told = told.and_then(|rest| rest.bytes().next()).filter(u8::is_ascii);
    match told {
        Some(separator) => {
            let after = text.find('\n').map_or(text.len(), |at| at + 1);
            let text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[after..]),
                Cow::Owned(text) => Cow::Owned(text[after..].to_owned()),
            };
            Ok(Text { text, separator, skipped: 1 })
        }
        None => {
            let separator = separator(first);
            Ok(Text { text, separator, skipped: 0 })
        }
    }
}

/// A header with a comma is separated by commas.
fn separator(header: &str) -> u8 {
    [b',', b';', b'\t'].into_iter().find(|separator| header.as_bytes().contains(separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_told_or_seen() {
        let of = |bytes: &[u8]| text(bytes).map(|text| (text.text.into_owned(), text.separator, text.skipped));
        assert_eq!(of(b"a,b\n1,2\n").unwrap(), ("a,b\n1,2\n".to_owned(), b',', 0));
        assert_eq!(of(b"sep=,\r\na,b\n").unwrap(), ("a,b\n".to_owned(), b',', 1));
        assert_eq!(of(b"\xEF\xBB\xBF\"sep=;\"\na;b\n").unwrap(), ("a;b\n".to_owned(), b';', 1));
        assert_eq!(of(b"a;b\n").unwrap().1, b';');
        assert_eq!(of(b"a\tb\n").unwrap().1, b'\t');
        assert_eq!(of(b"").unwrap(), (String::new(), b',', 0));
        assert!(of(b"\x1F\x8B\x08").unwrap_err().contains("a gzip archive; unpack it"));
        assert!(of(b"M\xFCller").unwrap_err().contains("CSV UTF-8"));
    }
}

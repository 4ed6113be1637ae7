//! From bytes to text: UTF-8 and UTF-16 by their marks, and what an XML declaration names. Nothing is guessed, and nothing is replaced.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How a text lay in its file, so that it goes back as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded(&'static Encoding);

impl Default for Encoded {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl Encoded {
    /// The bytes of a text; in XML a letter that the encoding does not have becomes a reference, such as `&#8217;`.
    #[must_use]
    pub fn bytes(self, text: &str) -> Vec<u8> {
        if self.0 == UTF_16LE {
            return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        if self.0 == UTF_16BE {
            return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        }
        self.0.encode(text).0.into_owned()
    }
}

/// The text of a file that declares nothing: UTF-8, or UTF-16 with its mark or plainly visible. The mark is left out.
///
/// # Errors
/// What the bytes are instead, or where they stop being UTF-8.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let (encoding, mark) = by_mark(bytes)?.unwrap_or((UTF_8, 0));
    text(&bytes[mark..], encoding, mark > 0)
}

/// As [`decode`], for bytes that are known to be in this encoding, such as `latin1`.
///
/// # Errors
/// A name that no encoding has, or bytes that are not in it.
pub fn decode_declared<'a>(bytes: &'a [u8], name: &str) -> Result<Cow<'a, str>, String> {
    let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(|| format!("there is no encoding `{}`", short(name)))?;
    text(bytes, encoding, true)
}

/// The text of an XML file in the encoding that its mark or its declaration names, the mark included, and how it lay in the file.
///
/// # Errors
/// A declared encoding that does not exist, or bytes that are not in the declared one.
pub fn decode_xml(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoded), String> {
    if let Some((encoding, _)) = by_mark(bytes)? {
        return Ok((text(bytes, encoding, true)?, Encoded(encoding)));
    }
    let declared = declaration(bytes);
    let encoding = match &declared {
        None => UTF_8,
        Some(name) => match Encoding::for_label(name.as_bytes()) {
            // Its own declaration could not be read if it were true.
            Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
            Some(encoding) => encoding,
            None => return Err(format!("it declares the encoding `{}`, which does not exist", short(name))),
        },
    };
    Ok((text(bytes, encoding, declared.is_some())?, Encoded(encoding)))
}

/// The encoding that a mark, or zeros between the letters, show, and the length of the mark.
fn by_mark(bytes: &[u8]) -> Result<Option<(&'static Encoding, usize)>, String> {
    Ok(match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err("it is UTF-32 text".to_owned()),
        [0xEF, 0xBB, 0xBF, ..] => Some((UTF_8, 3)),
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        // Text of these files starts with Latin letters: every other byte is 0.
        [a, 0, b, 0, ..] if a.is_ascii() && *a > 0 && b.is_ascii() && *b > 0 => Some((UTF_16LE, 0)),
        [0, a, 0, b, ..] if a.is_ascii() && *a > 0 && b.is_ascii() && *b > 0 => Some((UTF_16BE, 0)),
        _ => None,
    })
}

fn text<'a>(bytes: &'a [u8], encoding: &'static Encoding, told: bool) -> Result<Cow<'a, str>, String> {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let at = error.valid_up_to();
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
            let kind = if told { "it claims to be UTF-8 but is not" } else { "it is not UTF-8 text" };
            format!("{kind}: byte 0x{:02X} in line {line}", bytes.get(at).copied().unwrap_or_default())
        });
    }
    // Five bytes of it mean nothing, and the web reads them as control characters.
    let holes = encoding == WINDOWS_1252;
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    match decoded {
        Some(text) if !holes || !text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c)) => Ok(text),
        _ => Err(format!("it is not the {} that it claims to be", encoding.name())),
    }
}

/// The encoding of `<?xml version="1.0" encoding="..."?>`, where there is one.
fn declaration(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..bytes.len().min(256))?;
    let rest = start.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(rest, b"?>")?;
    let inside: String = rest[..end].iter().map(|byte| char::from(*byte)).collect();
    let value = inside.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.trim().to_owned())
}

fn short(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn marks_and_zeros_tell_utf16_from_utf8() {
        let text = "Müller,1\n";
        for big in [false, true] {
            assert_eq!(decode(&utf16(&format!("\u{feff}{text}"), big)).unwrap(), text);
            assert_eq!(decode(&utf16("Patient", big)).unwrap(), "Patient");
        }
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        assert_eq!(decode(b"a\nM\xFCller").unwrap_err(), "it is not UTF-8 text: byte 0xFC in line 2");
    }

    #[test]
    fn a_declared_encoding_is_read_and_written_back() {
        for (label, word) in [("ISO-8859-1", "Müller"), ("gbk", "左手"), ("Shift_JIS", "左手"), ("windows-1251", "рука"), ("utf-8", "ü")]
        {
            let text = format!("<?xml version='1.0' encoding='{label}'?><a>{word}</a>");
            let bytes = Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned();
            let (read, encoded) = decode_xml(&bytes).unwrap();
            assert_eq!((&*read, encoded.bytes(&read)), (text.as_str(), bytes.clone()), "{label}");
        }
        for big in [false, true] {
            let bytes = utf16("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?><a>ü</a>", big);
            let (read, encoded) = decode_xml(&bytes).unwrap();
            assert_eq!(encoded.bytes(&read), bytes);
        }
        assert!(decode_xml(b"<?xml version='1.0' encoding='klingon'?>").unwrap_err().contains("`klingon`, which does not exist"));
        assert!(decode_xml(b"<?xml version='1.0' encoding='utf-8'?>\n\xFC").unwrap_err().contains("claims to be UTF-8 but is not"));
    }

    #[test]
    fn a_letter_that_the_encoding_lacks_becomes_a_reference() {
        let (_, encoded) = decode_xml(b"<?xml version='1.0' encoding='iso-8859-1'?>").unwrap();
        assert_eq!(encoded.bytes("ü左"), b"\xFC&#24038;");
    }
}

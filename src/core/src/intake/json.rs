//! JSON as label tools write it: with a byte order mark, in UTF-16, with NaN, with numbers as text and the other way round.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a value. `NaN` and `Infinity`, which Python writes and JSON does not have, are null.
///
/// # Errors
/// What the file is instead, or the parser's words with line and column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if let Some(kind) = super::kind(bytes) {
        return Err(format!("it is {}; {}", kind.name, kind.way_out));
    }
    let text = super::decode(bytes)?;
    serde_json::from_str(&text).or_else(|error| match without_nan(&text) {
        Cow::Borrowed(_) => Err(error.to_string()),
        Cow::Owned(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
    })
}

/// The text with `NaN` and `Infinity` outside strings as null, padded so that columns stay what they were.
fn without_nan(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest, mut quoted) = (String::with_capacity(text.len()), text, false);
    while let Some(c) = rest.chars().next() {
        let word = if quoted { None } else { WORDS.iter().find(|word| rest.starts_with(**word)) };
        let taken = match (word, c) {
            (Some(word), _) => {
                // NaN is a letter shorter than null, which moves its line by one.
                out += &format!("{:<width$}", "null", width = word.len());
                word.len()
            }
            (None, '\\') if quoted => {
                let two = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                out += &rest[..two];
                two
            }
            (None, c) => {
                quoted ^= c == '"';
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    Cow::Owned(out)
}

/// An id: a whole number in any spelling (7, 7.0, "7"), or a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(String);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<u64> for Id {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl Id {
    /// The number that it is, where it is one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, a whole number or a text")
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }

            fn visit_i64<E: Error>(self, id: i64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }

            fn visit_f64<E: Error>(self, id: f64) -> Result<Id, E> {
                let whole = id.fract() == 0.0 && id.abs() < 9e15;
                if whole { Ok(Id((id as i64).to_string())) } else { Err(E::invalid_value(Unexpected::Float(id), &self)) }
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Id, E> {
                let id = id.trim();
                match id.parse::<f64>() {
                    Ok(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(Id((number as i64).to_string())),
                    _ => Ok(Id(id.to_owned())),
                }
            }
        }
        input.deserialize_any(Read)
    }
}

/// A number, also as text; `None` for null and for text that is none. For `deserialize_with`.
///
/// # Errors
/// A value of another type.
pub fn number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    Ok(Number::deserialize(input)?.0)
}

/// As [`number`], a number of pixels.
///
/// # Errors
/// A value of another type.
pub fn pixels<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    let whole = |number: &f64| number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(number);
    Ok(number(input)?.filter(whole).map(|number| number as u32))
}

/// A list of numbers, which may be text; null and anything else become NaN. `None` without a list. For `deserialize_with`.
///
/// # Errors
/// A value of another type.
pub fn numbers<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<f64>>, D::Error> {
    let read = Option::<Vec<Number>>::deserialize(input)?;
    Ok(read.map(|numbers| numbers.into_iter().map(|number| number.0.unwrap_or(f64::NAN)).collect()))
}

/// Whether something is so: true and false, 1 and 0, also as text and in the spellings of [`yes_or_no`]; null is no. For `deserialize_with`.
///
/// # Errors
/// A value that is neither yes nor no.
pub fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    struct Read;
    impl Visitor<'_> for Read {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false, 1 or 0")
        }

        fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
            Ok(flag)
        }

        fn visit_u64<E: Error>(self, flag: u64) -> Result<bool, E> {
            Ok(flag != 0)
        }

        fn visit_i64<E: Error>(self, flag: i64) -> Result<bool, E> {
            Ok(flag != 0)
        }

        fn visit_f64<E: Error>(self, flag: f64) -> Result<bool, E> {
            Ok(flag != 0.0)
        }

        fn visit_str<E: Error>(self, flag: &str) -> Result<bool, E> {
            yes_or_no(flag).ok_or_else(|| E::invalid_value(Unexpected::Str(flag), &self))
        }

        fn visit_unit<E: Error>(self) -> Result<bool, E> {
            Ok(false)
        }
    }
    input.deserialize_any(Read)
}

/// What a label tool means by a word for yes or no, in any case; nothing is no. `None` for a word that is neither.
#[must_use]
pub(crate) fn yes_or_no(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "" | "0" | "0.0" | "false" | "f" | "no" | "n" | "off" | "none" | "null" => Some(false),
        _ => None,
    }
}

/// A number or what stands in its place.
struct Number(Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(Some(number as f64)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(Some(number as f64)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number(Some(number)))
            }

            fn visit_str<E: Error>(self, number: &str) -> Result<Number, E> {
                Ok(Number(number.trim().parse().ok().filter(|number: &f64| number.is_finite())))
            }

            fn visit_unit<E: Error>(self) -> Result<Number, E> {
                Ok(Number(None))
            }
        }
        input.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Entry {
        id: Id,
        #[serde(default, deserialize_with = "pixels")]
        width: Option<u32>,
        #[serde(default, deserialize_with = "numbers")]
        bbox: Option<Vec<f64>>,
        #[serde(default, deserialize_with = "flag")]
        difficult: bool,
    }

    #[test]
    fn numbers_are_read_however_they_are_spelled() {
        let plain: Entry = parse(br#"{"id": 7, "width": 700, "bbox": [1, 2, 3, 4.5], "difficult": true}"#).unwrap();
        let text: Entry = parse(br#"{"id": "7", "width": "700", "bbox": ["1", "2", "3", "4.5"], "difficult": "True"}"#).unwrap();
        let float: Entry = parse(b"\xEF\xBB\xBF{\"id\": 7.0, \"width\": 700.0, \"bbox\": [1.0, 2, 3, 4.5], \"difficult\": 1}").unwrap();
        assert_eq!((&plain, &plain), (&text, &float));
        let none: Entry = parse(br#"{"id": "a", "width": null, "bbox": null, "difficult": null}"#).unwrap();
        assert_eq!((none.width, none.bbox, none.difficult), (None, None, false));
    }

    #[test]
    fn nan_is_null_outside_strings_only() {
        let read: Vec<Option<Number2>> = parse(br#"[NaN, -Infinity, {"a": "NaN \" NaN"}]"#).unwrap();
        assert!(read[0].is_none() && read[1].is_none());
        assert_eq!(read[2].as_ref().unwrap().a, "NaN \" NaN");
        assert!(parse::<Entry>(b"{\"id\": 1,\n \"difficult\": \"perhaps\"}").unwrap_err().contains("line 2"));
        assert!(parse::<Entry>(b"<html>404").unwrap_err().contains("a web page"));
    }

    #[derive(Deserialize)]
    struct Number2 {
        a: String,
    }
}

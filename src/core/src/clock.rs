//! Times as they stand in files: UTC, RFC 3339, in whole seconds or, for what several people do at once, in milliseconds.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

/// Now, as `2025-11-23T22:05:44Z`.
#[must_use]
pub fn utc_now() -> String {
    utc(now_millis() / 1000)
}

/// This many seconds after 1970 began, as `1970-01-01T00:00:00Z`.
#[must_use]
pub fn utc(seconds: u64) -> String {
    text(seconds.saturating_mul(1000), SecondsFormat::Secs)
}

/// This many milliseconds after 1970 began, as `1970-01-01T00:00:00.000Z`.
#[must_use]
pub(crate) fn utc_millis(millis: u64) -> String {
    text(millis, SecondsFormat::Millis)
}

/// Times beyond chrono's calendar (the year 262142) become its last.
fn text(millis: u64, format: SecondsFormat) -> String {
    let time = i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis);
    time.unwrap_or(DateTime::<Utc>::MAX_UTC).to_rfc3339_opts(format, true)
}

/// Milliseconds since 1970 began, now.
#[must_use]
pub(crate) fn now_millis() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Milliseconds after 1970 began of a time as [`utc`] or [`utc_millis`] write it; `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let millis = u64::try_from(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis()).ok()?;
    (utc_millis(millis) == text || utc(millis / 1000) == text).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        // From `date -u -d @N`.
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_827_696, "2000-02-29T12:34:56Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(utc(seconds), text);
        }
    }

    #[test]
    fn times_are_read_as_they_were_written_and_nothing_else_is() {
        for millis in [0, 999, 951_827_696_001, 1_735_689_599_500, 4_107_542_400_000] {
            assert_eq!(parse(&utc_millis(millis)), Some(millis));
            assert_eq!(parse(&utc(millis / 1000)), Some(millis / 1000 * 1000));
        }
        assert_eq!(utc_millis(951_827_696_001), "2000-02-29T12:34:56.001Z");
        for bad in ["", "yesterday", "2025-11-23", "2025-13-23T00:00:00Z", "2025-11-23T22:05Z", "1960-01-01T00:00:00Z"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}

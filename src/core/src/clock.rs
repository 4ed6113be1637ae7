//! Times as they stand in files: UTC, RFC 3339, in whole seconds or, for what several people do at once, in milliseconds.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as `2025-11-23T22:05:44Z`.
#[must_use]
pub fn utc_now() -> String {
    utc(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// This many seconds after 1970 began, as `1970-01-01T00:00:00Z`.
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Milliseconds since 1970 began, now.
#[must_use]
pub fn now_millis() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// This many milliseconds after 1970 began, as `1970-01-01T00:00:00.000Z`.
#[must_use]
pub fn utc_millis(millis: u64) -> String {
    let seconds = utc(millis / 1000);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), millis % 1000)
}

/// Milliseconds after 1970 began of a time as [`utc`] or [`utc_millis`] write it; `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, by: char| text.split(by).map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>();
    let (time, millis) = match time.split_once('.') {
        Some((time, fraction)) if fraction.len() == 3 => (time, fraction.parse::<u64>().ok()?),
        Some(_) => return None,
        None => (time, 0),
    };
    let ([year, month @ 1..=12, day @ 1..=31], [hour, minute, second]) = (&numbers(date, '-')?[..], &numbers(time, ':')?[..]) else {
        return None;
    };
    let seconds = days(*year, *month, *day)?.checked_mul(86_400)?.checked_add(hour * 3600 + minute * 60 + second)?;
    seconds.checked_mul(1000)?.checked_add(millis)
}

/// The days from 1 January 1970 to a date of the Gregorian calendar, the reverse of [`date`].
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let (era, of_era) = (year / 400, year % 400);
    let days = era.checked_mul(146_097)? + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1;
    days.checked_sub(719_468)
}

/// The Gregorian date of a day after 1 January 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted in eras of 400 years from 1 March of the year 0, so that a leap day ends its year.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (era * 400 + year, month, date)
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

//! Days: of studies, and shifted by a number of days.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

impl Date {
    /// The day; `None` where there is none such.
    #[must_use]
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1800..=2200).contains(&year) {
            return None;
        }
        // Days from civil, Howard Hinnant's algorithm.
        let y = if month <= 2 { year - 1 } else { year };
        let (era, yoe) = (y.div_euclid(400), y.rem_euclid(400));
        let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let date = Self { days: era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468 };
        (date.parts() == (year, month, day)).then_some(date)
    }

    /// Year, month, day.
    #[must_use]
    pub fn parts(self) -> (i64, i64, i64) {
        let z = self.days + 719_468;
        let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
    }

    /// The day so many days later.
    #[must_use]
    pub(crate) const fn plus(self, days: i64) -> Self {
        Self { days: self.days + days }
    }

    /// Days from another day to this one.
    #[must_use]
    pub(crate) const fn since(self, other: Self) -> i64 {
        self.days - other.days
    }

    /// As DICOM writes it: `20240131`.
    #[must_use]
    pub(crate) fn compact(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}{month:02}{day:02}")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = String;

    /// `2024-01-31`, `20240131`, or the old `2024.01.31` of DICOM.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits: String = text.trim().chars().filter(|c| !matches!(c, '-' | '.')).take(9).collect();
        let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i64>().ok();
        let parts = (digits.len() == 8).then(|| Some((number(0..4)?, number(4..6)?, number(6..8)?))).flatten();
        parts.and_then(|(year, month, day)| Self::new(year, month, day)).ok_or_else(|| format!("`{text}` is not a date such as 2024-01-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_over_leap_years_and_back() {
        let date: Date = "20240228".parse().unwrap();
        assert_eq!(date.plus(2).to_string(), "2024-03-01");
        assert_eq!("2023.02.28".parse::<Date>().unwrap().plus(1).compact(), "20230301");
        assert_eq!("1970-01-01".parse::<Date>().unwrap().since("2000-01-01".parse().unwrap()), -10_957);
        for wrong in ["20230229", "2023-13-01", "", "yesterday", "202301"] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}

//! Numbers and times in words, the same everywhere.

use svh_analysis::stats::Interval;

/// `1 run`, `2 runs`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// `1 box`, `2 boxes`.
#[must_use]
pub fn count_of(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A whole number with its thousands apart.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A time span in its largest unit or two: `45 s`, `12 min`, `3 h 20`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        3600..172_800 => format!("{} h {:02}", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A time of a file, `2025-11-23T22:05:44Z`, to the minute.
#[must_use]
pub fn date(utc: &str) -> String {
    utc.get(..16).unwrap_or(utc).replace('T', " ")
}

/// A metric with so many decimals; a dash where there is none.
#[must_use]
pub fn value(value: Option<f64>, decimals: usize) -> String {
    let text = |value: f64| {
        let text = format!("{value:.decimals$}");
        // A small negative number is no negative zero.
        let is_zero = text.chars().all(|letter| matches!(letter, '-' | '0' | '.'));
        if is_zero { text.replace('-', "") } else { text.replace('-', "−") }
    };
    value.map_or_else(|| "–".to_owned(), text)
}

/// A confidence interval.
#[must_use]
pub fn interval(interval: Interval, decimals: usize) -> String {
    format!("[{}, {}]", value(Some(interval.low), decimals), value(Some(interval.high), decimals))
}

/// A count in five letters at most.
#[must_use]
pub fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1000),
        _ => format!("{:.1}M", count as f64 / 1e6),
    }
}

/// A difference with its sign.
#[must_use]
pub fn signed(value: i64) -> String {
    match value {
        0 => "=".to_owned(),
        1.. => format!("+{value}"),
        _ => format!("−{}", value.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_are_short_and_plain() {
        assert_eq!(
            (count(1, "run"), count(0, "run"), count(12_345, "patient")),
            ("1 run".into(), "0 runs".into(), "12 345 patients".into())
        );
        assert_eq!(grouped(1_234_567), "1 234 567");
        let spans = [(3.4, "3 s"), (59.9, "1 min"), (90.0, "2 min"), (7_230.0, "2 h 00"), (200_000.0, "2 days"), (-1.0, "0 s")];
        spans.into_iter().for_each(|(seconds, text)| assert_eq!(duration(seconds), text));
        assert_eq!((value(Some(-0.256), 2), value(None, 2), value(Some(-0.001), 2)), ("−0.26".into(), "–".into(), "0.00".into()));
        assert_eq!(interval(Interval { low: -1.0, high: 2.55 }, 1), "[−1.0, 2.5]");
        assert_eq!((short(9_999), short(123_456), short(2_500_000)), ("9999".into(), "123k".into(), "2.5M".into()));
        assert_eq!(date("2025-11-23T22:05:44Z"), "2025-11-23 22:05");
    }
}

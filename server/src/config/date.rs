//! Dates of reviews and of suppressions that end.

use std::time::{SystemTime, UNIX_EPOCH};

/// A day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

impl Date {
    /// A date such as `2026-01-31`; of `2026-01` and `2026` the first day.
    pub fn parse(text: &str) -> Option<Self> {
        let full = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_string(),
        };
        let date = full.parse::<toml::value::Datetime>().ok()?.date?;
        // The year begins with March, so that a leap day is its last.
        let (month, day) = (i64::from(date.month), i64::from(date.day));
        let year = i64::from(date.year) - i64::from(month < 3);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Some(Self(year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468))
    }

    /// The day it is, for whoever starts a check: what depends on it is handed it, so that it can
    /// be tested.
    pub fn today() -> Option<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs() / 86_400).ok().map(Self)
    }

    /// How many days lie between an earlier day and this one.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_calendars_do() {
        for (date, day) in [("1970-01-01", 0), ("2000-03-01", 11_017), ("2024-02-29", 19_782)] {
            assert_eq!(Date::parse(date), Some(Date(day)), "{date}");
        }
        assert_eq!(Date::parse("2026-13-01"), None);
        assert_eq!(Date::parse("soon"), None);
        assert_eq!(Date::parse("2027-01"), Date::parse("2027-01-01"));
        assert_eq!(Date::parse("2027"), Date::parse("2027-01-01"));
    }
}

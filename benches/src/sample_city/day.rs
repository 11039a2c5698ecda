//! 民用日期 / Civil days as a count, with the few operations that the city needs.
//!
//! 不引入日期库：只要加减天数、加月份和两种写法。

use std::ops::{Add, Sub};

/// A civil day: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(i32);

impl Day {
    /// The day of a civil date (Gregorian; months and days are trusted).
    pub const fn new(year: i32, month: i32, day: i32) -> Self {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y - era * 400;
        let mp = (month + 9) % 12;
        let doy = (153 * mp + 2) / 5 + day - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        Self(era * 146_097 + doe - 719_468)
    }

    /// Year, month and day.
    pub fn civil(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z - era * 146_097;
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        (year, month, doy - (153 * mp + 2) / 5 + 1)
    }

    /// The same day `months` later; days past the 28th fall back to the 28th, which keeps it simple.
    pub fn plus_months(self, months: i32) -> Self {
        let (y, m, d) = self.civil();
        let n = y * 12 + m - 1 + months;
        Self::new(n.div_euclid(12), n.rem_euclid(12) + 1, d.min(28))
    }

    /// `YYYY-MM-DD`.
    pub fn iso(self) -> String {
        let (y, m, d) = self.civil();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// `YYYY/MM/DD`, the older form of the publication template.
    pub fn slashed(self) -> String {
        self.iso().replace('-', "/")
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.civil().0
    }

    /// Monday to Friday nearest on or after this day.
    pub fn weekday(self) -> Self {
        match (self.0 + 3).rem_euclid(7) {
            5 => self + 2,
            6 => self + 1,
            _ => self,
        }
    }
}

impl Add<i32> for Day {
    type Output = Self;
    fn add(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

impl Sub for Day {
    type Output = i32;
    fn sub(self, other: Self) -> i32 {
        self.0 - other.0
    }
}

impl Sub<i32> for Day {
    type Output = Self;
    fn sub(self, days: i32) -> Self {
        Self(self.0 - days)
    }
}

/// The day of a literal `YYYY-MM-DD`.
pub fn at(text: &str) -> Day {
    let part = |range: std::ops::Range<usize>| text[range].parse().expect("a literal date");
    Day::new(part(0..4), part(5..7), part(8..10))
}

/// ISO form, or empty for no day.
pub fn iso(day: Option<Day>) -> String {
    day.map(Day::iso).unwrap_or_default()
}

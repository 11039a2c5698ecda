//! Civil days as plain numbers, and the few calendar sums that the answers need.
//!
//! Everything here is the schoolbook way: a day is the count of days since 1970-01-01,
//! intervals are half-open, and an absent end is open.

use std::fmt;

/// A civil day in Asia/Shanghai, as the number of days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a year, a month and a day of the month.
    pub fn new(year: i32, month: i32, day: i32) -> Day {
        // Years begin in March, so that the leap day comes last.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month, day of the month: found by walking, which is plainly right.
    pub fn civil(self) -> (i32, i32, i32) {
        let mut year = 1970 + self.0.div_euclid(366);
        while Day::new(year + 1, 1, 1) <= self {
            year += 1;
        }
        let mut month = 12;
        while Day::new(year, month, 1) > self {
            month -= 1;
        }
        (year, month, self.0 - Day::new(year, month, 1).0 + 1)
    }

    /// Reads `YYYY-MM-DD`; panics on anything else.
    pub fn parse(text: &str) -> Day {
        let bytes = text.as_bytes();
        assert!(
            bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-',
            "bad date {text:?}"
        );
        let number =
            |from: usize, to: usize| text[from..to].parse::<i32>().expect("a date's digits");
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        assert!((1..=12).contains(&month) && day >= 1 && day <= month_length(year, month));
        Day::new(year, month, day)
    }

    /// Reads a date that may be open: empty, `长期`, 2099-12-31 and 9999-12-31 mean no date.
    pub fn parse_open(text: &str) -> Option<Day> {
        match text.trim() {
            "" | "长期" | "2099-12-31" | "9999-12-31" => None,
            other => Some(Day::parse(other)),
        }
    }

    /// The day in Shanghai of a date or a date-time; without an offset it is Shanghai's.
    pub fn parse_moment(text: &str) -> Day {
        let day = Day::parse(&text[..10]);
        if text.len() <= 19 {
            return day;
        }
        let number =
            |from: usize, to: usize| text[from..to].parse::<i32>().expect("a time's digits");
        let minutes = number(11, 13) * 60 + number(14, 16);
        let offset = match &text[19..20] {
            "Z" => 0,
            sign => {
                let magnitude = number(20, 22) * 60 + number(23, 25);
                if sign == "-" { -magnitude } else { magnitude }
            }
        };
        Day(day.0 + (minutes - offset + 8 * 60).div_euclid(24 * 60))
    }

    /// The day `days` later.
    pub fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// `+ n months`: the same day of the month, or the month's last.
    pub fn plus_months(self, months: i32) -> Day {
        let (year, month, day) = self.civil();
        let total = year * 12 + (month - 1) + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        Day::new(year, month, day.min(month_length(year, month)))
    }

    /// `− n years`: the same month and day, and 28 February for 29 February.
    pub fn minus_years(self, years: i32) -> Day {
        self.plus_months(-12 * years)
    }

    /// Monday is 0, Sunday 6.
    pub fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }
}

fn month_length(year: i32, month: i32) -> i32 {
    let (next_year, next) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    Day::new(next_year, next, 1).0 - Day::new(year, month, 1).0
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A half-open interval `[from, to)`; no `from` is since ever, no `to` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first day.
    pub from: Option<Day>,
    /// The day after the last.
    pub to: Option<Day>,
}

impl Span {
    /// Whether the interval holds the day.
    pub fn holds(self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_fall_back_to_the_last_day() {
        let check = |from: &str, months: i32, to: &str| {
            assert_eq!(Day::parse(from).plus_months(months), Day::parse(to));
        };
        check("2024-01-31", 1, "2024-02-29");
        check("2023-01-31", 1, "2023-02-28");
        check("2024-02-29", -12, "2023-02-28");
        check("2024-02-29", 48, "2028-02-29");
        check("2024-08-31", 6, "2025-02-28");
        check("2024-12-15", 1, "2025-01-15");
    }

    #[test]
    fn every_day_of_a_century_survives_its_text() {
        for number in 0..36_525 {
            assert_eq!(Day::parse(&Day(number).to_string()), Day(number));
        }
        assert_eq!(Day::new(2025, 1, 6).weekday(), 0);
    }

    #[test]
    fn a_moment_is_told_in_shanghai() {
        let check = |text: &str, day: &str| assert_eq!(Day::parse_moment(text), Day::parse(day));
        check("2024-03-01", "2024-03-01");
        check("2024-03-01 23:59:59", "2024-03-01");
        check("2024-03-01T23:59:59+08:00", "2024-03-01");
        check("2024-03-01T16:00:00Z", "2024-03-02");
        check("2024-03-01T15:59:59Z", "2024-03-01");
        check("2024-03-01T00:30:00+09:00", "2024-02-29");
    }
}

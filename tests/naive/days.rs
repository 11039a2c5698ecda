//! A set of days, kept as one flag a day: no interval algebra that could be wrong.

use crate::day::{Day, Span};
use serde_json::{Value, json};

/// The first day of the world's calendar: 2005-01-01.
pub const FIRST: Day = Day(12_784);
/// The day after the last of the world's calendar: 2045-01-01. A set that reaches it is open.
pub const END: Day = Day(27_394);

/// A set of days between 2005 and 2045.
#[derive(Clone, PartialEq, Eq)]
pub struct Days(Vec<bool>);

impl Days {
    /// No day.
    pub fn none() -> Days {
        Days(vec![false; usize::try_from(END.0 - FIRST.0).unwrap()])
    }

    /// The days of `[from, to)`; no `to` is open.
    pub fn between(from: Day, to: Option<Day>) -> Days {
        assert!(from >= FIRST, "the day {from} is before the naive calendar");
        assert!(
            to.is_none_or(|to| to < END),
            "the day {to:?} is after the naive calendar"
        );
        let mut days = Days::none();
        for number in from.0..to.unwrap_or(END).0 {
            days.insert(Day(number));
        }
        days
    }

    /// Adds a day.
    pub fn insert(&mut self, day: Day) {
        self.0[usize::try_from(day.0 - FIRST.0).unwrap()] = true;
    }

    /// Whether the day is in the set; days outside the calendar are in none.
    pub fn holds(&self, day: Day) -> bool {
        (FIRST..END).contains(&day) && self.0[usize::try_from(day.0 - FIRST.0).unwrap()]
    }

    /// Keeps the days that `test` likes.
    pub fn keep(&mut self, test: impl Fn(Day) -> bool) {
        for number in FIRST.0..END.0 {
            let place = usize::try_from(number - FIRST.0).unwrap();
            self.0[place] = self.0[place] && test(Day(number));
        }
    }

    /// Keeps the days that another set has too.
    pub fn keep_those_of(&mut self, other: &Days) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = *mine && *theirs;
        }
    }

    /// Adds all days of another set.
    pub fn add(&mut self, other: &Days) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = *mine || *theirs;
        }
    }

    /// Whether there is no day.
    pub fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    /// The days, in order.
    pub fn iter(&self) -> impl Iterator<Item = Day> + '_ {
        (FIRST.0..END.0).map(Day).filter(|day| self.holds(*day))
    }

    /// The runs of days as half-open intervals, in order; the one that reaches the end is open.
    pub fn intervals(&self) -> Vec<Span> {
        let mut runs = Vec::new();
        let mut start = None;
        for day in (FIRST.0..END.0).map(Day) {
            match (self.holds(day), start) {
                (true, None) => start = Some(day),
                (false, Some(from)) => {
                    runs.push(Span {
                        from: Some(from),
                        to: Some(day),
                    });
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(from) = start {
            runs.push(Span {
                from: Some(from),
                to: None,
            });
        }
        runs
    }

    /// The intervals as the answers write them: `[[from, to|null], …]`.
    pub fn to_value(&self) -> Value {
        let text = |day: Option<Day>| day.map(|day| day.to_string());
        self.intervals()
            .iter()
            .map(|span| json!([text(span.from), text(span.to)]))
            .collect()
    }
}

impl std::fmt::Debug for Days {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.to_value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_touch_are_one() {
        let day = Day::parse;
        let mut days = Days::between(day("2024-01-01"), Some(day("2024-01-03")));
        days.add(&Days::between(day("2024-01-03"), Some(day("2024-01-05"))));
        days.add(&Days::between(day("2024-02-01"), Some(day("2024-02-01"))));
        days.add(&Days::between(day("2024-03-01"), None));
        assert_eq!(
            days.to_value(),
            json!([["2024-01-01", "2024-01-05"], ["2024-03-01", null]])
        );
        assert_eq!(FIRST, day("2005-01-01"));
        assert_eq!(END, day("2045-01-01"));
    }
}

//! Working days: weekdays that are no holiday, and weekend days that are worked.

use std::collections::{BTreeMap, BTreeSet};

use graph::time::Date;

/// The working-day calendar, year by year (State Council notices).
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// One year's exceptions.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Year {
    holidays: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
}

/// A day reached by counting working days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// The day.
    pub day: Date,
    /// Some day counted lies in a year without a calendar: Monday to Friday
    /// was taken, and the answer must say so.
    pub assumed: bool,
}

impl Calendar {
    /// Adds a year: weekdays off and weekend days worked.
    pub fn add_year(
        &mut self,
        year: i16,
        holidays: impl IntoIterator<Item = Date>,
        workdays: impl IntoIterator<Item = Date>,
    ) {
        let exceptions = Year {
            holidays: holidays.into_iter().collect(),
            workdays: workdays.into_iter().collect(),
        };
        self.years.insert(year, exceptions);
    }

    /// The years that are known.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.keys().copied()
    }

    /// `day` is a working day; a year that is missing is Monday to Friday.
    pub fn is_working_day(&self, day: Date) -> bool {
        match self.year_of(day) {
            Some(year) if day.is_weekend() => year.workdays.contains(&day),
            Some(year) => !year.holidays.contains(&day),
            None => !day.is_weekend(),
        }
    }

    /// The `count`-th working day after `day`, which itself is not counted.
    /// Zero is the day itself. An open end stays open.
    pub fn after(&self, day: Date, count: u32) -> Deadline {
        let mut deadline = Deadline {
            day,
            assumed: false,
        };
        let mut left = if day.is_day() { count } else { 0 };
        while left > 0 {
            deadline.day = deadline.day.next();
            deadline.assumed |= self.year_of(deadline.day).is_none();
            left -= u32::from(self.is_working_day(deadline.day));
        }
        deadline
    }

    fn year_of(&self, day: Date) -> Option<&Year> {
        self.years.get(&day.ymd()?.0)
    }
}

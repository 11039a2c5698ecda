//! Reading the working-day calendar: one table a year.
//!
//! `holidays` are weekdays off. Weekend days among them are accepted and change
//! nothing, because the official notices name whole spans of days. `workdays`
//! must be weekend days, since a weekday there is always a slip of the date.

use graph::time::Date;

use super::calendar::Calendar;
use super::fields::Fields;

pub(super) fn read(fields: &mut Fields<'_, '_>) -> Calendar {
    let mut calendar = Calendar::default();
    fields.each(|key, fields| {
        let holidays = fields.dates("holidays");
        let workdays = fields.dates("workdays");
        let Some(year) = year(key) else {
            let advice = "each table is a year of four digits, such as [2024]";
            fields.fault(fields.at, format!("`{key}` is no year"), advice);
            return;
        };
        for (day, at) in holidays.iter().chain(&workdays) {
            if day.ymd().is_none_or(|(other, ..)| other != year) {
                let advice = "move it to its own year, or correct the date";
                fields.fault(*at, format!("{day} does not lie in {year}"), advice);
            }
        }
        for (day, at) in &workdays {
            if !day.is_weekend() {
                let advice = "`workdays` are Saturdays and Sundays that are worked: check the date";
                fields.fault(*at, format!("{day} is no weekend day"), advice);
            }
            if holidays.iter().any(|(holiday, _)| holiday == day) {
                let advice = "take it out of `holidays` or out of `workdays`";
                fields.fault(*at, format!("{day} is both a holiday and worked"), advice);
            }
        }
        let days = |days: Vec<(Date, usize)>| days.into_iter().map(|(day, _)| day);
        calendar.add_year(year, days(holidays), days(workdays));
    });
    calendar
}

fn year(key: &str) -> Option<i16> {
    let year = key
        .parse()
        .ok()
        .filter(|year| (1900..=2999).contains(year))?;
    (key.len() == 4).then_some(year)
}

//! Reading yes or no, numbers, days and days of validity from a table.

use std::ops::RangeInclusive;

use graph::time::{Date, Interval};
use toml::de::DeValue;

use super::fields::{Fields, Value};

impl Fields<'_, '_> {
    /// A yes or no that must be stated.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        self.required(key)
            .is_some_and(|value| self.flag_of(key, value))
    }

    /// A yes or no with a default.
    pub(super) fn flag_or(&mut self, key: &'static str, default: bool) -> bool {
        self.get(key)
            .map_or(default, |value| self.flag_of(key, value))
    }

    fn flag_of(&mut self, key: &str, value: &Value<'_>) -> bool {
        if value.get_ref().as_bool().is_none() {
            self.mistyped(key, value, "true or false, without quotes");
        }
        value.get_ref().as_bool().unwrap_or_default()
    }

    /// A whole number that may be left out.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.get(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.mistyped(key, value, "a whole number, without quotes");
            return Some(*range.start());
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| u32::try_from(number).ok());
        if number.is_none_or(|number| !range.contains(&number)) {
            let advice = format!("write a number from {} to {}", range.start(), range.end());
            self.fault(
                value.span().start,
                format!("`{key}` cannot be {integer}"),
                &advice,
            );
        }
        number.or(Some(*range.start()))
    }

    /// A day that may be left out: a text `YYYY-MM-DD` or a TOML date.
    pub(super) fn date(&mut self, key: &'static str) -> Option<Date> {
        let value = self.get(key)?;
        self.date_of(key, value)
    }

    fn date_of(&mut self, key: &str, value: &Value<'_>) -> Option<Date> {
        let date = match value.get_ref() {
            DeValue::String(text) => Date::parse(text),
            DeValue::Datetime(stamp) => Date::parse(&stamp.to_string()),
            _ => None,
        };
        if date.is_none() {
            let advice = "write a day of the calendar as \"YYYY-MM-DD\"";
            self.fault(value.span().start, format!("`{key}` is no date"), advice);
        }
        date
    }

    /// Days with their places, none when left out.
    pub(super) fn dates(&mut self, key: &'static str) -> Vec<(Date, usize)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of days, such as [\"2024-01-01\"]");
            return Vec::new();
        };
        let day = |element| Some((self.date_of(key, element)?, element.span().start));
        array.iter().filter_map(day).collect()
    }

    /// `from` and `to`: the days of validity, half-open.
    pub(super) fn validity(&mut self) -> Interval {
        let validity = Interval::of(self.date("from"), self.date("to"));
        if validity.is_empty() {
            let message = format!("`to` {} is not after `from` {}", validity.to, validity.from);
            let advice = "`to` is the first day on which the entry no longer holds";
            self.fault(self.place("to"), message, advice);
        }
        validity
    }
}

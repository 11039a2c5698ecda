//! Dates in all the forms that files carry.
//!
//! `YYYY-MM-DD`, `YYYY/MM/DD`, `YYYY.MM.DD` (one digit will do for month and day), `YYYYMMDD`,
//! `YYYY年M月D日` and Excel serials of the 1900 system; a time of day may follow, with or without
//! an offset. A moment without offset is Asia/Shanghai; one with an offset becomes the day it was
//! there. Shanghai counts as UTC+08:00 throughout: the summer time of 1986 to 1991 is left aside,
//! which could shift only a moment in those summers, given with an offset, within an hour of
//! midnight.
//!
//! Empty, 长期 and a few words like it, 2099-12-31 and 9999-12-31 mean *open*.

use graph::time::{Date, Moment};

use super::fold;

/// The cell holds no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateFault;

/// Seconds by which Shanghai is ahead of UTC.
const SHANGHAI_SECONDS: i64 = 8 * 3600;
const DAY_SECONDS: i64 = 86_400;

/// Words that mean no end is set.
const OPEN_WORDS: [&str; 6] = ["长期", "长期有效", "永久", "永久有效", "至今", "无固定期限"];

/// Days of an "open" date, written as a date because a system demanded one.
const OPEN_DAYS: [(i16, i8, i8); 3] = [(2099, 12, 31), (9999, 12, 31), (9999, 9, 9)];

/// Reads a date: `Ok(None)` when it is open.
pub fn parse_date(text: &str) -> Result<Option<Date>, DateFault> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(date) = plain_date(text) {
        return Ok(Some(date));
    }
    let folded = fold(text);
    if folded.is_empty() || OPEN_WORDS.contains(&folded.as_ref()) {
        return Ok(None);
    }
    let (date, rest) = calendar_date(&folded).ok_or(DateFault)?;
    if date.ymd().is_some_and(|day| OPEN_DAYS.contains(&day)) && time_of_day(rest).is_some() {
        return Ok(None);
    }
    let time = time_of_day(rest).ok_or(DateFault)?;
    let shift = i32::try_from(time.in_shanghai().div_euclid(DAY_SECONDS)).map_err(|_| DateFault)?;
    Ok(Some(date.plus_days(shift)))
}

/// A date written `YYYY-MM-DD`, as most are, of a year that no open end has.
fn plain_date(text: &str) -> Option<Date> {
    let usual = text.starts_with("19") || text.starts_with("20") && !text.starts_with("2099");
    usual.then(|| Date::parse(text)).flatten()
}

/// Reads a moment: a date means its first instant in Shanghai; `None` when it is open.
pub fn parse_moment(text: &str) -> Result<Option<Moment>, DateFault> {
    if parse_date(text)?.is_none() {
        return Ok(None);
    }
    let folded = fold(text);
    let (date, rest) = calendar_date(&folded).ok_or(DateFault)?;
    let time = time_of_day(rest).ok_or(DateFault)?;
    let start = Moment::start_of(date);
    Ok(Some(Moment(
        start.0 + time.in_shanghai() * 1000 + time.milliseconds,
    )))
}

/// The date at the head of `text`, and what follows it.
fn calendar_date(text: &str) -> Option<(Date, &str)> {
    let (head, rest) = digits(text);
    match (head.len(), rest.chars().next()) {
        (4, Some('年')) => chinese(head, rest.strip_prefix('年')?),
        (4, Some(mark @ ('-' | '/' | '.'))) => separated(head, rest.get(1..)?, mark),
        (8, _) => Some((of(head.get(..4)?, head.get(4..6)?, head.get(6..)?)?, rest)),
        (14, None) => {
            let (day, time) = text.split_at(8);
            Some((of(day.get(..4)?, day.get(4..6)?, day.get(6..)?)?, time))
        }
        // A serial below five digits would lie before 1927: more likely a year or a slip.
        (5, _) => Some((serial(head, rest)?, "")),
        _ => None,
    }
}

fn separated<'a>(year: &str, text: &'a str, mark: char) -> Option<(Date, &'a str)> {
    let (month, rest) = digits(text);
    let (day, rest) = digits(rest.strip_prefix(mark)?);
    Some((of(year, month, day)?, rest))
}

fn chinese<'a>(year: &str, text: &'a str) -> Option<(Date, &'a str)> {
    let (month, rest) = digits(text.trim_start());
    let (day, rest) = digits(rest.trim_start().strip_prefix('月')?.trim_start());
    let rest = rest.trim_start();
    let rest = rest
        .strip_prefix('日')
        .or_else(|| rest.strip_prefix('号'))?;
    Some((of(year, month, day)?, rest))
}

/// An Excel serial of the 1900 system, perhaps with a fraction for the time of day.
fn serial(whole: &str, rest: &str) -> Option<Date> {
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    let fractional = rest.is_empty() || (rest.starts_with('.') && !fraction.is_empty());
    if !fractional || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Day 1 is 1900-01-01, and there is a 29 February 1900 that never was.
    let days: i32 = whole.parse().ok()?;
    Some(Date::from_ymd(1899, 12, 30)?.plus_days(days))
}

fn of(year: &str, month: &str, day: &str) -> Option<Date> {
    if !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) {
        return None;
    }
    Date::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The ASCII digits at the head of `text`, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// A time of day with its distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TimeOfDay {
    seconds: i64,
    milliseconds: i64,
    /// Seconds ahead of UTC.
    offset: i64,
}

impl TimeOfDay {
    /// Seconds since midnight in Shanghai; negative or past the day's end on another day.
    fn in_shanghai(self) -> i64 {
        self.seconds + SHANGHAI_SECONDS - self.offset
    }
}

/// Reads what follows a date: nothing, `T10:30`, ` 10:30:00.123+08:00`, ` 10时30分`, `103000`.
fn time_of_day(text: &str) -> Option<TimeOfDay> {
    let text = text.strip_prefix(['T', 't']).unwrap_or(text).trim();
    if text.is_empty() {
        return Some(of_seconds(0, 0, SHANGHAI_SECONDS));
    }
    let (hour, rest) = digits(text);
    if hour.len() == 6 && rest.is_empty() {
        let (hour, rest) = text.split_at(2);
        let (minute, second) = rest.split_at(2);
        return clock(hour, minute, second).map(|seconds| of_seconds(seconds, 0, SHANGHAI_SECONDS));
    }
    let rest = rest.strip_prefix([':', '时', '点'])?;
    let (minute, rest) = digits(rest);
    if minute.is_empty() && rest.is_empty() {
        return clock(hour, "0", "0").map(|seconds| of_seconds(seconds, 0, SHANGHAI_SECONDS));
    }
    let rest = rest.strip_prefix([':', '分']).unwrap_or(rest);
    let (second, rest) = digits(rest);
    let rest = rest.strip_prefix('秒').unwrap_or(rest);
    let (milliseconds, rest) = fraction(rest)?;
    let second = if second.is_empty() { "0" } else { second };
    let seconds = clock(hour, minute, second)?;
    Some(of_seconds(
        seconds,
        milliseconds,
        offset(rest.trim_start())?,
    ))
}

fn of_seconds(seconds: i64, milliseconds: i64, offset: i64) -> TimeOfDay {
    TimeOfDay {
        seconds,
        milliseconds,
        offset,
    }
}

/// Seconds since midnight.
fn clock(hour: &str, minute: &str, second: &str) -> Option<i64> {
    let part = |text: &str, limit: i64| -> Option<i64> {
        let value = text.parse().ok().filter(|value| (0..limit).contains(value));
        value.filter(|_| (1..=2).contains(&text.len()))
    };
    Some(part(hour, 24)? * 3600 + part(minute, 60)? * 60 + part(second, 60)?)
}

/// `.123456789` as milliseconds, cut off.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix(['.', ',']) else {
        return Some((0, text));
    };
    let (part, rest) = digits(rest);
    if part.is_empty() {
        return None;
    }
    let padded = format!("{part}00");
    Some((padded.get(..3)?.parse().ok()?, rest))
}

/// `Z`, `+08:00`, `+0800`, `+08`: seconds ahead of UTC; nothing is Shanghai.
fn offset(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(SHANGHAI_SECONDS);
    }
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (head, tail) = digits(rest);
    let (hour, minute) = match (head.len(), tail) {
        (2, "") => (head, "0"),
        (4, "") => head.split_at(2),
        (2, _) => (
            head,
            tail.strip_prefix(':').filter(|minute| minute.len() == 2)?,
        ),
        _ => return None,
    };
    let seconds = clock(hour, minute, "0").filter(|seconds| *seconds <= 18 * 3600)?;
    Some(sign * seconds)
}

#[cfg(test)]
#[path = "date_tests.rs"]
mod tests;

//! Civil dates, half-open intervals of days and recorded time.
//!
//! Everything a question says about *when* is built from these: `[from, to)`
//! intervals over days in Asia/Shanghai, with [`Date::MIN`] for "since ever" and
//! [`Date::MAX`] for "open". Nothing here reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A civil date in Asia/Shanghai, kept as days since 1970-01-01.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
)]
#[repr(transparent)]
pub struct Date(i32);

impl Date {
    /// "Since ever": earlier than every real date.
    pub const MIN: Self = Self(i32::MIN);
    /// "Open": later than every real date.
    pub const MAX: Self = Self(i32::MAX);

    /// The date `year-month-day`, or `None` when there is no such day.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day)
            .ok()
            .map(Self::from_civil)
    }

    /// Days since 1970-01-01; the bounds for [`Self::MIN`] and [`Self::MAX`].
    pub fn days(self) -> i32 {
        self.0
    }

    /// The date that lies `days` days after 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Reads exactly `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0i16, |number, digit| {
                let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
                Some(number * 10 + i16::from(digit))
            })
        };
        let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
        Self::from_ymd(
            number(&[y1, y2, y3, y4])?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        )
    }

    /// Days since 1970 by the lengths of years and months: loading reads several dates a row.
    fn from_civil(civil: jiff::civil::Date) -> Self {
        let (month, day) = (i32::from(civil.month()), i32::from(civil.day()));
        // A year that begins on 1 March has its leap day at its end.
        let year = i32::from(civil.year()) - i32::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// The way back from [`Self::from_civil`]: sweeps count working days by the million.
    fn civil(self) -> Option<jiff::civil::Date> {
        let days = self.0.checked_add(719_468)?;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        // Days less the leap days before them.
        let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on: the months' lengths repeat after five.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = 400 * era + year_of_era + i32::from(month <= 2);
        let [month, day] = [month, day].map(|part| i8::try_from(part).unwrap_or_default());
        jiff::civil::Date::new(i16::try_from(year).ok()?, month, day).ok()
    }

    /// `(year, month, day)`; `None` for the open ends.
    pub fn ymd(self) -> Option<(i16, i8, i8)> {
        self.civil()
            .map(|civil| (civil.year(), civil.month(), civil.day()))
    }

    /// True for a real day, false for the open ends.
    pub fn is_day(self) -> bool {
        self != Self::MIN && self != Self::MAX
    }

    /// The day after; the open ends stay where they are.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// The day before; the open ends stay where they are.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus_days(-1)
    }

    /// `days` later (earlier when negative); the open ends stay where they are.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        if self.is_day() {
            Self(self.0.saturating_add(days))
        } else {
            self
        }
    }

    /// `months` later: the same day of the month, else the month's last day.
    /// Past the calendar's end (year 9999) the result is [`Self::MAX`].
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        let later = || {
            let span = jiff::Span::new().try_months(i64::from(months)).ok()?;
            self.civil()?.checked_add(span).ok().map(Self::from_civil)
        };
        if self.is_day() {
            later().unwrap_or(Self::MAX)
        } else {
            self
        }
    }

    /// `years` earlier, 29 February falling back to the 28th. Before the
    /// calendar's beginning the result is [`Self::MIN`].
    #[must_use]
    pub fn minus_years(self, years: u32) -> Self {
        let earlier = || {
            let span = jiff::Span::new().try_years(i64::from(years)).ok()?;
            self.civil()?.checked_sub(span).ok().map(Self::from_civil)
        };
        if self.is_day() {
            earlier().unwrap_or(Self::MIN)
        } else {
            self
        }
    }

    /// True on Saturday and Sunday.
    pub fn is_weekend(self) -> bool {
        // 1970-01-01 was a Thursday.
        matches!(self.0.rem_euclid(7), 2 | 3)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ymd() {
            Some((year, month, day)) => match u16::try_from(year) {
                Ok(year) => {
                    let mut text = *b"0000-00-00";
                    let parts = [(0..4, year), (5..7, narrow(month)), (8..10, narrow(day))];
                    f.write_str(filled(&mut text, parts))
                }
                Err(_) => write!(f, "{year:04}-{month:02}-{day:02}"),
            },
            None if *self < Self(0) => f.write_str("-∞"),
            None => f.write_str("∞"),
        }
    }
}

/// Writes numbers into a text, each to its place: whoever lists a city formats millions.
fn filled<const N: usize>(text: &mut [u8], parts: [(std::ops::Range<usize>, u16); N]) -> &str {
    for (place, mut number) in parts {
        for digit in text.get_mut(place).into_iter().flatten().rev() {
            *digit = b'0' + narrow::<_, u8>(number % 10);
            number /= 10;
        }
    }
    std::str::from_utf8(text).unwrap_or_default()
}

/// A number that is known to fit.
fn narrow<T, N: TryFrom<T> + Default>(number: T) -> N {
    N::try_from(number).unwrap_or_default()
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The half-open interval of days `[from, to)`; empty when `to <= from`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
)]
#[repr(C)]
pub struct Interval {
    /// First day in it, [`Date::MIN`] for "since ever".
    pub from: Date,
    /// First day after it, [`Date::MAX`] for "open".
    pub to: Date,
}

impl Interval {
    /// Every day.
    pub const ALWAYS: Self = Self {
        from: Date::MIN,
        to: Date::MAX,
    };

    /// `[from, to)`.
    pub fn new(from: Date, to: Date) -> Self {
        Self { from, to }
    }

    /// `[from, to)` with absent ends open.
    pub fn of(from: Option<Date>, to: Option<Date>) -> Self {
        Self {
            from: from.unwrap_or(Date::MIN),
            to: to.unwrap_or(Date::MAX),
        }
    }

    /// The closed range of days `[first, last]`.
    pub fn closed(first: Date, last: Date) -> Self {
        Self {
            from: first,
            to: last.next(),
        }
    }

    /// No day lies in it.
    pub fn is_empty(&self) -> bool {
        self.to <= self.from
    }

    /// `day` lies in it.
    #[inline]
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && day < self.to
    }

    /// The days in both; may be empty.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }

    /// Some day lies in both.
    pub fn meets(&self, other: &Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// The end, `None` when open.
    pub fn end(&self) -> Option<Date> {
        (self.to != Date::MAX).then_some(self.to)
    }

    /// The beginning, `None` when it is "since ever".
    pub fn start(&self) -> Option<Date> {
        (self.from != Date::MIN).then_some(self.from)
    }
}

/// A set of days: sorted, disjoint, not touching, none empty.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct IntervalSet(Vec<Interval>);

impl IntervalSet {
    /// No day.
    pub fn new() -> Self {
        Self::default()
    }

    /// The union of any intervals, in any order.
    pub fn union_of(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut all: Vec<Interval> = intervals.into_iter().filter(|i| !i.is_empty()).collect();
        all.sort_unstable();
        let mut merged: Vec<Interval> = Vec::with_capacity(all.len());
        for next in all {
            match merged.last_mut() {
                Some(last) if next.from <= last.to => last.to = last.to.max(next.to),
                _ => merged.push(next),
            }
        }
        Self(merged)
    }

    /// The intervals, in order.
    pub fn intervals(&self) -> &[Interval] {
        &self.0
    }

    /// No day lies in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `day` lies in it.
    pub fn holds(&self, day: Date) -> bool {
        self.around(day).is_some()
    }

    /// The interval that holds `day`.
    pub fn around(&self, day: Date) -> Option<Interval> {
        self.0.iter().copied().find(|interval| interval.holds(day))
    }

    /// The days in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self::union_of(
            self.0
                .iter()
                .flat_map(|a| other.0.iter().map(move |b| a.intersect(b))),
        )
    }

    /// The days in this set that lie in `window`.
    #[must_use]
    pub fn within(&self, window: Interval) -> Self {
        Self(
            self.0
                .iter()
                .map(|i| i.intersect(&window))
                .filter(|i| !i.is_empty())
                .collect(),
        )
    }

    /// The days in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::union_of(self.0.iter().chain(&other.0).copied())
    }

    /// The first interval.
    pub fn first(&self) -> Option<Interval> {
        self.0.first().copied()
    }
}

impl From<Interval> for IntervalSet {
    fn from(interval: Interval) -> Self {
        Self::union_of([interval])
    }
}

/// A moment of recorded time: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Moment(pub i64);

/// Asia/Shanghai has been eight hours ahead of UTC, without summer time, since 1992.
const SHANGHAI_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

impl Moment {
    /// Later than every recorded moment.
    pub const MAX: Self = Self(i64::MAX);

    /// The first instant of a day in Asia/Shanghai (a date given as recorded time).
    pub fn start_of(day: Date) -> Self {
        Self(
            i64::from(day.days())
                .saturating_mul(DAY_MS)
                .saturating_sub(SHANGHAI_MS),
        )
    }

    /// The last instant of a day in Asia/Shanghai (a date given as `known_at`).
    pub fn end_of(day: Date) -> Self {
        Self(Self::start_of(day).0.saturating_add(DAY_MS - 1))
    }

    /// The civil date in Asia/Shanghai.
    pub fn date(self) -> Date {
        let days = self.0.saturating_add(SHANGHAI_MS).div_euclid(DAY_MS);
        Date::from_days(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in Asia/Shanghai, to the millisecond.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.saturating_add(SHANGHAI_MS).rem_euclid(DAY_MS);
        let (minutes, ms) = (ms / 60_000, ms % 60_000);
        let mut text = *b"T00:00:00.000+08:00";
        let parts = [
            (1..3, narrow(minutes / 60)),
            (4..6, narrow(minutes % 60)),
            (7..9, narrow(ms / 1000)),
            (10..13, narrow(ms % 1000)),
        ];
        self.date().fmt(f)?;
        f.write_str(filled(&mut text, parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    proptest! {
        #[test]
        fn a_moment_is_written_as_the_calendar_library_writes_it(ms in -9_000_000_000_000_i64..40_000_000_000_000) {
            let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
            let naive = jiff::Timestamp::from_millisecond(ms).unwrap().to_zoned(zone);
            let text = Moment(ms).to_string();
            prop_assert_eq!(&text, &naive.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string());
            prop_assert_eq!(Moment(ms).date().to_string(), &text[..10]);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar_library() {
        let mut civil = jiff::civil::date(-9999, 1, 1);
        let mut date = Date::from_ymd(-9999, 1, 1).unwrap();
        assert_eq!(date.previous().ymd(), None);
        loop {
            assert_eq!(date.civil(), Some(civil));
            date = date.next();
            match civil.tomorrow() {
                Ok(next) => civil = next,
                Err(_) => break,
            }
        }
        assert_eq!(date.ymd(), None);
        assert_eq!((Date::MIN.ymd(), Date::MAX.ymd()), (None, None));
    }

    #[test]
    fn calendar_arithmetic_falls_back_to_the_last_day() {
        assert_eq!(d("2024-02-29").minus_years(3), d("2021-02-28"));
        assert_eq!(d("2024-03-31").minus_years(3), d("2021-03-31"));
        assert_eq!(d("2024-01-31").plus_months(1), d("2024-02-29"));
        assert_eq!(d("2023-08-31").plus_months(18), d("2025-02-28"));
        assert_eq!(Date::MAX.plus_months(3), Date::MAX);
        assert_eq!(d("9999-12-01").plus_months(3), Date::MAX);
    }

    #[test]
    fn weekends_are_saturday_and_sunday() {
        assert!(d("2026-11-22").is_weekend());
        assert!(d("2026-11-21").is_weekend());
        assert!(!d("2026-11-23").is_weekend());
        assert!(d("1969-12-28").is_weekend());
    }

    #[test]
    fn only_the_plain_form_parses() {
        for bad in [
            "2024-2-1",
            "2023-02-29",
            "2024-01-01T",
            "+024-01-01",
            "",
            "2024-13-01",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert_eq!(d("2024-02-29").to_string(), "2024-02-29");
    }

    #[test]
    fn recorded_days_begin_at_midnight_in_shanghai() {
        let day = d("2025-01-06");
        assert_eq!(
            Moment::start_of(day).to_string(),
            "2025-01-06T00:00:00.000+08:00"
        );
        assert_eq!(
            Moment::end_of(day).to_string(),
            "2025-01-06T23:59:59.999+08:00"
        );
        assert_eq!(Moment::end_of(day).date(), day);
    }

    fn days() -> impl Strategy<Value = Vec<(i32, i32)>> {
        proptest::collection::vec((0..40i32, 0..12i32), 0..8)
    }

    fn set(parts: &[(i32, i32)]) -> IntervalSet {
        IntervalSet::union_of(
            parts
                .iter()
                .map(|&(a, n)| Interval::new(Date(a), Date(a + n))),
        )
    }

    proptest! {
        #[test]
        fn every_day_reads_back(days in -4_371_587..2_932_896i32) {
            let date = Date::from_days(days);
            let (year, month, day) = date.ymd().unwrap();
            prop_assert_eq!(Date::from_ymd(year, month, day), Some(date));
        }

        #[test]
        fn interval_sets_are_sets_of_days(a in days(), b in days(), w in (0..40i32, 0..12i32)) {
            let (x, y) = (set(&a), set(&b));
            let window = Interval::new(Date(w.0), Date(w.0 + w.1));
            for day in (-1..60).map(Date) {
                let inside = |s: &[(i32, i32)]| s.iter().any(|&(f, n)| f <= day.0 && day.0 < f + n);
                prop_assert_eq!(x.holds(day), inside(&a));
                prop_assert_eq!(x.union(&y).holds(day), inside(&a) || inside(&b));
                prop_assert_eq!(x.intersect(&y).holds(day), inside(&a) && inside(&b));
                prop_assert_eq!(x.within(window).holds(day), inside(&a) && window.holds(day));
            }
            for pair in x.intervals().windows(2) {
                prop_assert!(pair[0].to < pair[1].from);
            }
        }
    }
}

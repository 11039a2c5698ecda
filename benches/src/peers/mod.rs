//! The same records and questions for other engines: see `peers/README.md` in this
//! package for the questions in words.
//!
//! [`export`](export::export) writes what a store holds, cleaned, as plain rows with whole
//! numbers for entities, cases and matters, and [`write`](keys::write) what the numbers stand
//! for; [`answer`](answer::answer) asks the questions of the
//! library and writes the answers with their times. The engines are asked by the scripts
//! in `peers/`, which compare row by row before a time counts.

pub mod answer;
pub mod export;
pub mod keys;
pub mod numbers;
pub mod questions;
mod rows;
pub mod rules;

use graph::time::Date;

/// The day asked about: that of the truth of a generated city.
pub fn day() -> Date {
    Date::from_ymd(2026, 6, 30).expect("a day of the calendar")
}

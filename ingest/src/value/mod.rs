//! Cell texts to values: dates, percentages, money, truth values, words of a list.
//!
//! Every parser takes the text of one cell, folds it (NFKC, trimmed), and either gives an exact
//! value or says which reason code the cell deserves. None uses floating point.

mod date;
mod decimal;
mod money;
mod percent;
mod text;
mod truth;
mod word;

pub use date::{DateFault, parse_date, parse_moment};
pub use money::{Unit, parse_money};
pub use percent::{PercentFault, parse_percent};
pub use text::{fold, fold_number, is_blank};
pub use truth::parse_truth;
pub use word::Word;

//! The naive oracle: the answers worked out in the most literal way, and worlds to ask.
//!
//! It shares no code with the product. A [`World`] is plain text cells; every answer is a
//! function of a world, a day of valid time and a day of recorded time, and comes back as JSON
//! in a canonical order: organisations by their code, persons by their name. Slow and obvious
//! is the aim: days are looped over one by one, closures are found by going round.
//!
//! It must not be used by the product, and it must not learn from it.

pub mod case;
pub mod catalogue;
pub mod control;
pub mod day;
pub mod days;
pub mod gaps;
pub mod generate;
pub mod identifier;
pub mod indicators;
pub mod known;
pub mod offenders;
pub mod owners;
pub mod penetration;
pub mod record;
pub mod referrals;
pub mod relations;
pub mod shrink;
pub mod signals;
#[cfg(test)]
mod subtle;
mod version;
pub mod world;

pub use control::{control_votes, controllers, declared_controllers};
pub use day::Day;
pub use gaps::{gaps, gaps_after, gaps_ever};
pub use generate::{Knobs, days_to_ask, generate, spoil};
pub use indicators::{indicator_points, indicator_records, indicators};
pub use offenders::{offenders, offenders_persons};
pub use owners::{divergent, owners};
pub use penetration::{grounds, leads, restrictions};
pub use referrals::referrals;
pub use relations::{DEFAULT_LINKS, Links, group, network, paths};
pub use shrink::shrink;
pub use signals::signals;
pub use world::{Batch, Row, World};

use serde_json::Value;

/// A list in the canonical order: by the text of its members with their fields sorted.
pub fn canonical(mut list: Vec<Value>) -> Value {
    list.sort_by_cached_key(|value| {
        let mut value = value.clone();
        value.sort_all_objects();
        value.to_string()
    });
    Value::Array(list)
}

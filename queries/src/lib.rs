//! Questions over the graph: penetration to the responsible person,
//! high-frequency offenders, gaps, indicators, signals and relations.

pub mod catalogue;
pub mod control;
pub mod drawn;
pub mod gaps;
pub mod indicators;
pub mod offenders;
pub mod ownership;
pub mod penetration;
pub mod referrals;
pub mod relations;
pub mod signals;
pub mod standing;
pub mod sweep;
pub mod world;

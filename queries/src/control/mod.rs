//! Control (实际控制): who decides in whose company, through whatever chain.
//!
//! `x` controls `y` when the votes in `y` of `x`, together with those of every
//! company that `x` controls, are more than 50 %: the least set closed under
//! this. An agreement makes its controller, and whoever controls that
//! controller, control the company too. Nobody controls itself.
//!
//! `climb` finds who controls one company, mostly; `votes` makes one day's graph of
//! votes, of which `solve` finds the fixpoint for all companies at once; `over_time`
//! gives the answer by intervals of days.

mod climb;
mod numbers;
mod over_time;
mod proof;
mod solve;
mod votes;

pub use over_time::{ControlOverTime, Controllers, Day};
pub use proof::{Link, prove};
pub use solve::Solution;
pub use votes::Votes;

#[cfg(test)]
pub(crate) use over_time::controllers;
pub(crate) use over_time::upstream;
pub(crate) use votes::Above;

#[cfg(test)]
mod tests;

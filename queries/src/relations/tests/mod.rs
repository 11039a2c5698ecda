//! Links, networks, paths and groups on hand-made worlds; networks and paths
//! against plain enumeration on random ones.

mod groups;
mod links;
mod random;
mod walks;

use graph::record::Record;

use super::{Relations, When};
use crate::signals::hand_made::{catalogue, d, world};

/// Runs a question over the relations of these records.
fn over<T>(records: Vec<Record>, hub: usize, ask: impl FnOnce(&Relations<'_>) -> T) -> T {
    let (world, catalogue) = (
        world(records),
        catalogue(&format!("[relations]\nhub_degree = {hub}\n")),
    );
    ask(&Relations::new(&world, &catalogue))
}

fn on(text: &str) -> When {
    When::On(d(text))
}

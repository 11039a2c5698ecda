//! The records that an answer rests on, named so that a store finds them.

use graph::id::{RecordId, Set};

/// A record: its id, and the set that it belongs to. Content and source row are
/// read from the store when they are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cited {
    /// Its id.
    pub id: RecordId,
    /// Its set.
    pub set: Set,
}

impl Cited {
    /// The record `id` of `set`.
    pub fn new(set: Set, id: RecordId) -> Self {
        Self { id, set }
    }
}

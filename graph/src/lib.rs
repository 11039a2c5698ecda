//! The model and the storage seam of chuantou (穿透): what enterprises, persons
//! and cases are, what was true when, and what was known when.
//!
//! Start with [`record`] (what can be said), [`change`] (how it is written),
//! [`store`] (how it is read). [`memory`] is the plainest store, the oracle of
//! every other.
//!
//! This crate does no I/O, reads no clock and has no randomness.
//!
//! ```
//! use graph::change::{BatchNo, Change, Draft, Source};
//! use graph::id::{EntityId, Set, Uscc};
//! use graph::memory::MemoryStore;
//! use graph::record::{Record, Role, RoleKind};
//! use graph::store::Store;
//! use graph::time::{Date, Interval, Moment};
//!
//! let store = MemoryStore::new(&[1; 32]);
//! let org = Uscc::parse("914403001922038216").map(EntityId::organisation).ok_or("code")?;
//! let person = store.keys().person(graph::record::IdType::Passport, "E00000000");
//! let from = Date::parse("2024-01-01").ok_or("date")?;
//! let role = Role {
//!     org,
//!     role: RoleKind::LegalRepresentative,
//!     person,
//!     interval: Interval::new(from, Date::MAX),
//! };
//! store.commit(Draft {
//!     recorded_at: Moment::start_of(from),
//!     files: vec!["roles.csv".into()],
//!     changes: vec![Change::Put {
//!         record: Record::Role(role),
//!         detail: Default::default(),
//!         source: Source { file: 0, line: 2 },
//!     }],
//!     quarantine: vec![],
//!     resolved: vec![],
//!     report: String::new(),
//!     entries: vec![],
//! })?;
//! let held = store.snapshot()?.linked(Set::Roles, person, BatchNo::MAX)?;
//! assert_eq!(held.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod change;
pub mod conformance;
pub mod content;
mod detail;
mod framed;
pub mod id;
pub mod memory;
pub mod ratio;
pub mod record;
pub mod seal;
pub mod store;
pub mod time;

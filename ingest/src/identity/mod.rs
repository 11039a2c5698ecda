//! Who is meant: credit codes, resident identity numbers, names.
//!
//! Nothing here decides whether a wrong code is acceptable; that depends on the record set.

mod name;
mod resident_id;
mod uscc;

pub use name::{looks_like_organisation, normalise_name};
pub use resident_id::{is_resident_id, normalise_resident_id};
pub use uscc::{CheckedUscc, check_uscc};

//! The answer at the counter, with its receipt.

use graph::id::Set;
use graph::time::Moment;
use serde::Serialize;
use utoipa::ToSchema;

use super::{RestrictionAnswer, Subject};
use crate::receipt::Proof;

/// Is this subject restricted, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verification {
    // What all answers of one state of knowledge share stands first: it is digested once.
    /// Digest of the rules.
    pub catalogue: String,
    /// The newest batch consulted.
    pub data_version: u32,
    /// The record sets consulted, those that are equally fresh together. "No record" is
    /// not a clearance.
    pub sources: Vec<ConsultedSource>,
    /// The receipt's id.
    pub receipt: String,
    /// Who was asked about.
    pub subject: Subject,
    /// Some record knows the subject.
    pub known: bool,
    /// The day asked.
    pub as_of: String,
    /// The moment of knowledge asked.
    pub known_at: String,
    /// Who asked.
    pub department: Option<String>,
    /// For which matter.
    pub matter_no: Option<String>,
    /// Why.
    pub purpose: Option<String>,
    /// The item asked about.
    pub item: Option<String>,
    /// Some restriction is in force.
    pub restricted: bool,
    /// Some restriction in force blocks the item; none without an item.
    pub blocking: Option<bool>,
    /// The restrictions in force.
    pub restrictions: Vec<RestrictionAnswer>,
    /// When the answer was given.
    pub answered_at: String,
    /// SM2 over the root that the proof leads to, as hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature: String,
    /// What leads from the object without `signature` and `proof` to the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// Record sets that are equally fresh.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ConsultedSource {
    /// The record sets.
    pub sets: Vec<&'static str>,
    /// Recorded time of the newest batch that brought some of them; none when none did.
    pub fresh_as_of: Option<String>,
}

impl ConsultedSource {
    /// Record sets with how fresh each is, those that are equally fresh put together.
    pub fn together(sets: impl Iterator<Item = (Set, Option<Moment>)>) -> Vec<Self> {
        let mut together: Vec<(Option<Moment>, Vec<&'static str>)> = Vec::new();
        for (set, fresh) in sets {
            match together.iter_mut().find(|(as_of, _)| *as_of == fresh) {
                Some((_, sets)) => sets.push(set.name()),
                None => together.push((fresh, vec![set.name()])),
            }
        }
        let told = together.into_iter().map(|(fresh, sets)| Self {
            sets,
            fresh_as_of: fresh.map(|at| at.to_string()),
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equally_fresh_is_told_together() {
        let (early, late) = (Some(Moment(1)), Some(Moment(2)));
        let sets = [
            (Set::Roles, early),
            (Set::Checks, late),
            (Set::Holdings, early),
            (Set::Repairs, None),
        ];
        let told = ConsultedSource::together(sets.into_iter());
        let sets: Vec<&[&str]> = told.iter().map(|source| &*source.sets).collect();
        assert_eq!(
            sets,
            [&["roles", "holdings"][..], &["checks"], &["repairs"]]
        );
        assert_eq!(told[1].fresh_as_of, Some(Moment(2).to_string()));
        assert_eq!(told[2].fresh_as_of, None);
    }
}

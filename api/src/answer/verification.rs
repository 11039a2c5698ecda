//! The answer at the counter, with its receipt.

use serde::Serialize;
use utoipa::ToSchema;

use super::{RestrictionAnswer, Subject};
use crate::receipt::Proof;

/// Is this subject restricted, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verification {
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
    /// Digest of the rules.
    pub catalogue: String,
    /// The newest batch consulted.
    pub data_version: u32,
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
    /// The record sets consulted, each with the newest batch that touched it. "No
    /// record" is not a clearance.
    pub sources: Vec<ConsultedSource>,
    /// When the answer was given.
    pub answered_at: String,
    /// The public key, as hexadecimal (SM2, SEC1).
    pub public_key: String,
    /// SM2 over the root that the proof leads to, as hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature: String,
    /// What leads from the object without `signature` and `proof` to the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// A record set with how fresh it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsultedSource {
    /// The record set.
    pub set: &'static str,
    /// Recorded time of the newest batch that brought some of it.
    pub fresh_as_of: Option<String>,
}

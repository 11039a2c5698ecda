//! The public objects: what every face answers with, field by field.

pub(crate) mod ask;
mod catalogue;
mod control;
pub(crate) mod entity;
mod explain;
mod gap;
mod indicator;
mod ledger;
mod offender;
pub(crate) mod proof;
mod record;
mod relation;
mod restriction;
mod texts;
mod verification;

use graph::time::{Date, Interval, IntervalSet};
use serde::Serialize;
use utoipa::ToSchema;

pub use catalogue::{CatalogueAnswer, CatalogueEntry};
pub use control::{ChainLink, Controller, ControllersAnswer, OwnerAnswer, OwnersAnswer};
pub use entity::{EntityAnswer, RecordAnswer, RoleAnswer, TimelineAnswer, VersionAnswer};
pub use explain::{Explanation, SourceRow};
pub use gap::{GapAnswer, RoleRef};
pub use indicator::IndicatorAnswer;
pub use ledger::{BatchAnswer, QuarantineAnswer};
pub use offender::{OffenderAnswer, PenaltyRef};
pub use relation::{
    GroupAnswer, LinkAnswer, NetworkAnswer, NodeAnswer, PathAnswer, ReferralAnswer, SignalAnswer,
    StepAnswer,
};
pub use restriction::{GroundAnswer, LeadAnswer, RestrictionAnswer};
pub use verification::{ConsultedSource, Verification};

pub(crate) use explain::{source_in, source_row};
pub(crate) use gap::gap_answer;
pub(crate) use restriction::{lead_answer, lead_id, restriction_answer, restriction_id};

/// An organisation or a person, as answers name it. Persons are masked unless
/// the asker may see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Subject {
    /// `org` or `person`.
    pub kind: &'static str,
    /// `org:<uscc>`, `person:<hex>` or `provisional:<hex>`.
    pub key: String,
    /// Name, masked for persons.
    pub name: String,
    /// Credit code of an organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    /// Identity number of a person: `341502********0018` unless the asker may
    /// see it whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
}

/// Days as `[[from, to|null], …]`; "since ever" is null as well.
pub(crate) type Days = Vec<(Option<String>, Option<String>)>;

/// A set of days in public form.
pub(crate) fn days(set: &IntervalSet) -> Days {
    set.intervals()
        .iter()
        .map(|interval| ends(*interval))
        .collect()
}

/// Both ends of an interval in public form.
pub(crate) fn ends(interval: Interval) -> (Option<String>, Option<String>) {
    (
        interval.start().map(|day| day.to_string()),
        interval.end().map(|day| day.to_string()),
    )
}

/// A date in public form.
pub(crate) fn date(day: Date) -> String {
    day.to_string()
}

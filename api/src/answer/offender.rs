//! High-frequency offenders.

use queries::offenders::Offender;
use queries::sweep::Sweep;
use queries::world::Case;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Subject, date};
use crate::Error;
use crate::session::Session;

/// A penalty that counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PenaltyRef {
    /// The authority's code, else its name.
    pub authority: String,
    /// The decision's number.
    pub decision_no: String,
    /// Its date.
    pub decision_on: String,
    /// Published on the day asked.
    pub published: bool,
}

/// An offender.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OffenderAnswer {
    /// The organisation or person.
    pub subject: Subject,
    /// Penalties in the window.
    pub count: usize,
    /// Of them still published.
    pub published_count: usize,
    /// `to_clear`, `cleared` or `warning`.
    pub state: &'static str,
    /// First decision in the window.
    pub first_on: String,
    /// Last decision in the window.
    pub last_on: String,
    /// First day of the unbroken run of days with enough penalties.
    pub first_reached_on: Option<String>,
    /// The penalties, by day.
    pub penalties: Vec<PenaltyRef>,
    /// For a person: the organisations' codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisations: Option<Vec<String>>,
}

impl OffenderAnswer {
    /// The public form.
    pub(crate) fn of(
        session: &Session,
        sweep: &Sweep<'_>,
        offender: &Offender,
    ) -> Result<Self, Error> {
        let world = sweep.world();
        let penalty = |(place, published): &(usize, bool)| {
            let case = world.cases.get(*place)?;
            Some(PenaltyRef {
                authority: case.authority().unwrap_or_default().to_owned(),
                decision_no: case.number().to_owned(),
                decision_on: date(Case::own_date(case)),
                published: *published,
            })
        };
        let codes = offender
            .organisations
            .iter()
            .filter_map(graph::id::EntityId::uscc);
        let organisations: Vec<String> = codes.map(|uscc| uscc.to_string()).collect();
        Ok(Self {
            subject: session.describe(world, offender.subject)?,
            count: offender.penalties.len(),
            published_count: offender.published,
            state: offender.state.code(),
            first_on: date(offender.decided.0),
            last_on: date(offender.decided.1),
            first_reached_on: offender.first_reached_on.map(date),
            penalties: offender.penalties.iter().filter_map(penalty).collect(),
            organisations: (!organisations.is_empty()).then_some(organisations),
        })
    }
}

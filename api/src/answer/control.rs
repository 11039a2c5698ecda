//! Controllers and beneficial owners.

use graph::id::EntityId;
use graph::record::RoleKind;
use graph::store::Store;
use graph::time::Date;
use queries::control::{ControlOverTime, prove};
use queries::ownership;
use queries::world::World;
use serde::Serialize;
use utoipa::ToSchema;

use super::explain::{SourceRow, source_in};
use super::{Subject, date};
use crate::Error;
use crate::session::Session;

/// One step of a chain, from the holder down.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainLink {
    /// Who holds or controls.
    pub from_key: String,
    /// The company.
    pub to_key: String,
    /// Votes in percent; none for an agreement.
    pub ratio: Option<String>,
    /// The source row.
    pub source: Option<SourceRow>,
}

/// A controller with the votes it musters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Controller {
    /// Who.
    pub subject: Subject,
    /// `computed` or `declared`.
    pub basis: &'static str,
    /// Votes in percent of it and of what it controls.
    pub votes: String,
    /// The proof, from the top.
    pub chain: Vec<ChainLink>,
}

/// Who controls an organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControllersAnswer {
    /// Its code.
    pub org: String,
    /// Some record speaks of it.
    pub known: bool,
    /// The day.
    pub as_of: String,
    /// Natural persons.
    pub controllers: Vec<Controller>,
    /// Organisations that nobody controls.
    pub controlling_organisations: Vec<Subject>,
    /// Controlled only by members of a closed circle.
    pub circular: bool,
}

impl ControllersAnswer {
    /// Answers for one organisation.
    pub(crate) fn of(
        session: &Session,
        world: &World,
        control: &ControlOverTime<'_>,
        org: EntityId,
        day: Date,
    ) -> Result<Self, Error> {
        let found = control.on(org, day);
        let mut controllers = Vec::new();
        for person in &found.persons {
            let (votes, chain) = chain(session, (world, control), (org, *person), day)?;
            let subject = session.describe(world, *person)?;
            controllers.push(Controller {
                subject,
                basis: "computed",
                votes,
                chain,
            });
        }
        let mut declared: Vec<EntityId> = world
            .holders(org, RoleKind::ActualController, day)
            .map(|row| row.person)
            .collect();
        declared.sort_unstable();
        declared.dedup();
        for person in declared {
            let (votes, chain) = chain(session, (world, control), (org, person), day)?;
            let subject = session.describe(world, person)?;
            controllers.push(Controller {
                subject,
                basis: "declared",
                votes,
                chain,
            });
        }
        let organisations = found.organisations.iter();
        Ok(Self {
            org: org.uscc().map(|uscc| uscc.to_string()).unwrap_or_default(),
            known: session.knows(&*session.store.snapshot()?, org)?,
            as_of: date(day),
            controllers,
            controlling_organisations: organisations
                .map(|org| session.describe(world, *org))
                .collect::<Result<_, _>>()?,
            circular: found.circular,
        })
    }
}

/// The votes that somebody musters in a company, and the links that prove it.
pub(crate) fn chain(
    session: &Session,
    (world, control): (&World, &ControlOverTime<'_>),
    (org, head): (EntityId, EntityId),
    day: Date,
) -> Result<(String, Vec<ChainLink>), Error> {
    let (votes, links) = prove(world, control, org, head, day);
    let link = |link: queries::control::Link| {
        Ok(ChainLink {
            from_key: link.from.to_string(),
            to_key: link.to.to_string(),
            ratio: link.ratio.map(|ratio| ratio.to_string()),
            source: source_in(session, world, link.record)?,
        })
    };
    let links = links.into_iter().map(link).collect::<Result<_, Error>>()?;
    Ok((votes.to_string(), links))
}

/// A beneficial owner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnerAnswer {
    /// Who.
    pub subject: Subject,
    /// Percent with six decimals; none for a fallback or where it diverges.
    pub share: Option<String>,
    /// `share`, `votes`, `control` or `fallback`.
    pub basis: &'static str,
}

/// The beneficial owners of an organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnersAnswer {
    /// Its code.
    pub org: String,
    /// Some record speaks of it.
    pub known: bool,
    /// The day.
    pub as_of: String,
    /// By person.
    pub owners: Vec<OwnerAnswer>,
    /// Companies above reproduce themselves: shares have no value.
    pub divergent: bool,
}

impl OwnersAnswer {
    /// Answers for one organisation.
    pub(crate) fn of(
        session: &Session,
        world: &World,
        org: EntityId,
        day: Date,
    ) -> Result<Self, Error> {
        let found = ownership::owners(world, org, day);
        let answer = |owner: &ownership::Owner| {
            Ok(OwnerAnswer {
                subject: session.describe(world, owner.person)?,
                share: owner.share.map(six_decimals),
                basis: owner.basis.code(),
            })
        };
        Ok(Self {
            org: org.uscc().map(|uscc| uscc.to_string()).unwrap_or_default(),
            known: session.knows(&*session.store.snapshot()?, org)?,
            as_of: date(day),
            owners: found
                .owners
                .iter()
                .map(answer)
                .collect::<Result<_, Error>>()?,
            divergent: found.divergent,
        })
    }
}

fn six_decimals(share: graph::ratio::Percent) -> String {
    format!(
        "{}.{:06}",
        share.0 / 1_000_000,
        share.0.unsigned_abs() % 1_000_000
    )
}

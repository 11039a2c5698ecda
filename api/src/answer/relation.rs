//! Networks, paths, groups, signals and referrals: information for analysts.

use queries::referrals::Referral;
use queries::relations::{Group, Link, Network, Path};
use queries::signals::Signal;
use queries::sweep::Sweep;
use queries::world::{Case, World};
use serde::Serialize;
use utoipa::ToSchema;

use super::explain::{SourceRow, source_in, sources_in};
use super::{Subject, date, ends};
use crate::Error;
use crate::session::Session;

/// What every such answer says: association is no penalty.
pub(crate) const INFORMATION: &str =
    "关联信息，供分析参考，不是惩戒依据 / association, not a penalty";

/// A link between two entities.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkAnswer {
    /// The one above.
    pub from: String,
    /// The one below.
    pub to: String,
    /// `role:legal_representative`, `holding`, …
    pub link: String,
    /// Share in percent, for a holding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<String>,
    /// When it holds.
    #[schema(value_type = Vec<Option<String>>)]
    pub interval: (Option<String>, Option<String>),
    /// The source row.
    pub source: Option<SourceRow>,
}

impl LinkAnswer {
    fn of(session: &Session, world: &World, link: &Link) -> Result<Self, Error> {
        Ok(Self {
            from: link.from.to_string(),
            to: link.to.to_string(),
            link: link.kind.to_string(),
            ratio: link.ratio.map(|ratio| ratio.to_string()),
            interval: ends(link.interval),
            source: source_in(session, world, link.record)?,
        })
    }
}

/// An entity of a network.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NodeAnswer {
    /// Who.
    pub subject: Subject,
    /// How far from the start.
    pub hops: u32,
    /// Has too many links to be walked through.
    pub hub: bool,
}

/// A neighbourhood.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NetworkAnswer {
    /// What this is and is not.
    pub note: &'static str,
    /// The entities, nearest first.
    pub nodes: Vec<NodeAnswer>,
    /// The links between them.
    pub links: Vec<LinkAnswer>,
    /// The cap was hit: there is more.
    pub capped: bool,
}

impl NetworkAnswer {
    /// The public form.
    pub(crate) fn of(session: &Session, world: &World, found: &Network) -> Result<Self, Error> {
        let node = |node: &queries::relations::Node| {
            Ok(NodeAnswer {
                subject: session.describe(world, node.entity)?,
                hops: node.hops,
                hub: found.hubs.contains(&node.entity),
            })
        };
        Ok(Self {
            note: INFORMATION,
            nodes: found.nodes.iter().map(node).collect::<Result<_, Error>>()?,
            links: found
                .links
                .iter()
                .map(|link| LinkAnswer::of(session, world, link))
                .collect::<Result<_, Error>>()?,
            capped: found.capped,
        })
    }
}

/// One step of a path, as walked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepAnswer {
    /// From whom.
    pub from: Subject,
    /// To whom.
    pub to: Subject,
    /// What connects them.
    pub link: String,
    /// Share in percent, for a holding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<String>,
    /// When it holds.
    #[schema(value_type = Vec<Option<String>>)]
    pub interval: (Option<String>, Option<String>),
    /// The source row.
    pub source: Option<SourceRow>,
    /// How many further links connect the same two.
    pub further_links: usize,
}

/// A path between two entities.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PathAnswer {
    /// Number of steps.
    pub length: usize,
    /// The steps.
    pub steps: Vec<StepAnswer>,
}

impl PathAnswer {
    /// The public form.
    pub(crate) fn of(session: &Session, world: &World, path: &Path) -> Result<Self, Error> {
        let mut steps = Vec::new();
        for step in &path.steps {
            let Some(first) = step.links.first() else {
                continue;
            };
            let link = LinkAnswer::of(session, world, first)?;
            steps.push(StepAnswer {
                from: session.describe(world, step.from)?,
                to: session.describe(world, step.to)?,
                link: link.link,
                ratio: link.ratio,
                interval: link.interval,
                source: link.source,
                further_links: step.links.len().saturating_sub(1),
            });
        }
        Ok(Self {
            length: path.steps.len(),
            steps,
        })
    }
}

/// Everything under one ultimate controller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupAnswer {
    /// The controller; none for a closed circle.
    pub controller: Option<Subject>,
    /// The organisations under it.
    pub organisations: Vec<Subject>,
    /// Nobody outside the circle controls it.
    pub circular: bool,
}

impl GroupAnswer {
    /// One line for each ultimate controller.
    pub(crate) fn of(session: &Session, world: &World, group: &Group) -> Result<Vec<Self>, Error> {
        let answer = |under: &queries::relations::Under| {
            let controller = under
                .controller
                .map(|id| session.describe(world, id))
                .transpose()?;
            let organisations = under
                .organisations
                .iter()
                .map(|id| session.describe(world, *id));
            Ok(Self {
                circular: controller.is_none(),
                controller,
                organisations: organisations.collect::<Result<_, Error>>()?,
            })
        };
        group.under.iter().map(answer).collect()
    }
}

/// A signal: somebody tries to step out of reach, perhaps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignalAnswer {
    /// The kind's code.
    pub kind: &'static str,
    /// The kind's Chinese name.
    pub kind_name: &'static str,
    /// Whom it is about.
    pub subject: Subject,
    /// The cases' numbers.
    pub case_nos: Vec<String>,
    /// The organisations concerned.
    pub organisations: Vec<Subject>,
    /// The persons concerned.
    pub persons: Vec<Subject>,
    /// The office, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The day of what happened.
    pub on: Option<String>,
    /// The new organisation is in the same industry class.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub same_industry: bool,
    /// The violation days were not told: the case's own date was taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed_moment: bool,
    /// What this is and is not.
    pub note: &'static str,
    /// The source rows.
    pub sources: Vec<SourceRow>,
}

impl SignalAnswer {
    /// The public form.
    pub(crate) fn of(session: &Session, world: &World, signal: &Signal) -> Result<Self, Error> {
        let named = |ids: &[graph::id::EntityId]| {
            ids.iter()
                .map(|id| session.describe(world, *id))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            kind: signal.kind.code(),
            kind_name: signal.kind.name(),
            subject: session.describe(world, signal.subject)?,
            case_nos: numbers(world, &signal.cases),
            organisations: named(&signal.organisations)?,
            persons: named(&signal.persons)?,
            role: signal.role.map(graph::record::RoleKind::code),
            on: signal.on.map(date),
            same_industry: signal.same_industry,
            assumed_moment: signal.assumed_moment,
            note: INFORMATION,
            sources: sources_in(session, world, signal.records.iter().copied())?,
        })
    }
}

/// A referral: not a restriction, but somebody to tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferralAnswer {
    /// `superior`, `audit` or `discipline`.
    pub kind: &'static str,
    /// The kind's Chinese name.
    pub kind_name: &'static str,
    /// Whom it is about.
    pub subject: Subject,
    /// To whom it goes, when a record says so.
    pub to: Option<Subject>,
    /// The cases' numbers.
    pub case_nos: Vec<String>,
    /// The source rows.
    pub sources: Vec<SourceRow>,
}

impl ReferralAnswer {
    /// The public form.
    pub(crate) fn of(
        session: &Session,
        sweep: &Sweep<'_>,
        referral: &Referral,
    ) -> Result<Self, Error> {
        let world = sweep.world();
        Ok(Self {
            kind: referral.kind.code(),
            kind_name: referral.kind.name(),
            subject: session.describe(world, referral.subject)?,
            to: referral
                .to
                .map(|to| session.describe(world, to))
                .transpose()?,
            case_nos: numbers(world, &referral.cases),
            sources: sources_in(session, world, referral.records.iter().copied())?,
        })
    }
}

fn numbers(world: &World, cases: &[usize]) -> Vec<String> {
    let found = cases.iter().filter_map(|case| world.cases.get(*case));
    found.map(|case| Case::number(case).to_owned()).collect()
}

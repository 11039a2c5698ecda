//! Restrictions and leads with their grounds.

use graph::id::{EntityId, Hex};
use graph::record::Person;
use graph::time::Date;
use queries::penetration::{Ground, Lead, Restriction};
use queries::sweep::Sweep;
use queries::world::{Case, CaseKind, World};
use serde::Serialize;
use sm3::{Digest, Sm3};
use utoipa::ToSchema;

use super::control::{ChainLink, chain};
use super::explain::{SourceRow, sources_in};
use super::{Days, Subject, days, ends};
use crate::Error;
use crate::session::Session;

/// A restriction in force on the day asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RestrictionAnswer {
    /// What `explain` takes.
    pub id: String,
    /// On whom.
    pub subject: Subject,
    /// The measure's code.
    pub measure: String,
    /// The measure's name in the catalogue.
    pub measure_name: Option<String>,
    /// The list's code; none for a penalty.
    pub list: Option<String>,
    /// `listing` or `penalty`.
    pub case_kind: &'static str,
    /// The listing's or the decision's number.
    pub case_no: String,
    /// Who listed or punished.
    pub authority: Option<String>,
    /// First day of the interval that holds the day asked.
    pub from: Option<String>,
    /// First day after it; none when open.
    pub to: Option<String>,
    /// The whole union of days.
    #[schema(value_type = Vec<Vec<Option<String>>>)]
    pub days: Days,
    /// On the case's own subject.
    pub direct: bool,
    /// By the case itself, or by a determination.
    pub confirmed: bool,
    /// An objection to the case is undecided.
    pub under_objection: bool,
    /// Why.
    pub grounds: Vec<GroundAnswer>,
}

/// A lead (线索): listed apart, blocks nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadAnswer {
    /// What `explain` takes.
    pub id: String,
    /// On whom.
    pub subject: Subject,
    /// The measure's code.
    pub measure: String,
    /// The list's code; none for a penalty.
    pub list: Option<String>,
    /// `listing` or `penalty`.
    pub case_kind: &'static str,
    /// The listing's or the decision's number.
    pub case_no: String,
    /// First day of the interval that holds the day asked.
    pub from: Option<String>,
    /// First day after it; none when open.
    pub to: Option<String>,
    /// The whole union of days.
    #[schema(value_type = Vec<Vec<Option<String>>>)]
    pub days: Days,
    /// An objection to the case is undecided.
    pub under_objection: bool,
    /// Why.
    pub grounds: Vec<GroundAnswer>,
}

/// One ground: rule, role, moment, way and days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroundAnswer {
    /// The rule's id.
    pub rule: String,
    /// Its legal basis.
    pub basis: String,
    /// The role sought; none for a direct restriction.
    pub role: Option<&'static str>,
    /// The moment at which it counted.
    pub moment: Option<&'static str>,
    /// The violation days were not told: the case's own date was taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed_moment: bool,
    /// The organisation through which the person was reached.
    pub org: Option<String>,
    /// For a computed controller: the holdings and agreements, from the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<ChainLink>>,
    /// When this ground holds.
    #[schema(value_type = Vec<Vec<Option<String>>>)]
    pub days: Days,
    /// The source rows.
    pub sources: Vec<SourceRow>,
}

/// The public form of a restriction, seen on `day`.
pub(crate) fn restriction_answer(
    session: &Session,
    sweep: &Sweep<'_>,
    restriction: &Restriction,
    day: Date,
) -> Result<RestrictionAnswer, Error> {
    let world = sweep.world();
    let case = case_of(world, restriction.case)?;
    let (from, to) = restriction.days.around(day).map(ends).unwrap_or_default();
    Ok(RestrictionAnswer {
        id: restriction_id(session, world, restriction)?,
        subject: session.describe(world, restriction.subject)?,
        measure: restriction.measure.to_string(),
        measure_name: sweep
            .catalogue()
            .measures
            .get(&*restriction.measure)
            .and_then(|versions| versions.last())
            .map(|measure| measure.name.clone()),
        list: case.listing().map(|listing| listing.list.to_string()),
        case_kind: kind(case),
        case_no: case.number().to_owned(),
        authority: case.authority().map(str::to_owned),
        from,
        to,
        days: days(&restriction.days),
        direct: restriction.direct,
        confirmed: restriction.confirmed,
        under_objection: case.under_objection(day),
        grounds: grounds(
            session,
            sweep,
            (case, restriction.subject),
            &restriction.grounds,
        )?,
    })
}

/// The public form of a lead, seen on `day`.
pub(crate) fn lead_answer(
    session: &Session,
    sweep: &Sweep<'_>,
    lead: &Lead,
    day: Date,
) -> Result<LeadAnswer, Error> {
    let world = sweep.world();
    let case = case_of(world, lead.case)?;
    let (from, to) = lead.days.around(day).map(ends).unwrap_or_default();
    Ok(LeadAnswer {
        id: lead_id(session, world, lead)?,
        subject: session.describe(world, lead.subject)?,
        measure: lead.measure.to_string(),
        list: case.listing().map(|listing| listing.list.to_string()),
        case_kind: kind(case),
        case_no: case.number().to_owned(),
        from,
        to,
        days: days(&lead.days),
        under_objection: case.under_objection(day),
        grounds: grounds(session, sweep, (case, lead.subject), &lead.grounds)?,
    })
}

fn case_of(world: &World, place: usize) -> Result<&Case, Error> {
    world
        .cases
        .get(place)
        .ok_or_else(|| Error::Output("a restriction without a case".into()))
}

fn kind(case: &Case) -> &'static str {
    match case.kind() {
        CaseKind::Listing => "listing",
        CaseKind::Penalty => "penalty",
    }
}

fn grounds(
    session: &Session,
    sweep: &Sweep<'_>,
    (case, subject): (&Case, EntityId),
    grounds: &[Ground],
) -> Result<Vec<GroundAnswer>, Error> {
    let (world, control) = (sweep.world(), sweep.penetration.control);
    let answer = |ground: &Ground| {
        let own = queries::penetration::case_records(case);
        let reached = ground.controlled_on.zip(ground.org);
        let chain = reached
            .map(|(day, org)| chain(session, (world, control), (org, subject), day))
            .transpose()?;
        Ok(GroundAnswer {
            rule: ground.rule.id.clone(),
            basis: ground.rule.basis.clone(),
            role: ground.role.map(queries::catalogue::RoleSought::code),
            moment: ground.moment.map(queries::catalogue::RuleMoment::code),
            assumed_moment: ground.assumed_moment,
            org: ground
                .org
                .and_then(|org| org.uscc())
                .map(|uscc| uscc.to_string()),
            chain: chain.map(|(_, links)| links),
            days: days(&ground.days),
            sources: sources_in(session, world, own.iter().chain(&ground.records).copied())?,
        })
    };
    grounds.iter().map(answer).collect()
}

/// The id of a restriction: the same facts give the same id on every machine.
pub(crate) fn restriction_id(
    session: &Session,
    world: &World,
    restriction: &Restriction,
) -> Result<String, Error> {
    let (subject, measure) = (restriction.subject, &restriction.measure);
    let tag = session.tag(world, subject)?;
    Ok(identity(
        world,
        "restriction",
        (subject, tag),
        measure,
        restriction.case,
    ))
}

/// The id of a lead.
pub(crate) fn lead_id(session: &Session, world: &World, lead: &Lead) -> Result<String, Error> {
    let tag = session.tag(world, lead.subject)?;
    let subject = (lead.subject, tag);
    Ok(identity(world, "lead", subject, &lead.measure, lead.case))
}

fn identity(
    world: &World,
    kind: &str,
    (subject, tag): (EntityId, Option<[u8; 8]>),
    measure: &str,
    case: usize,
) -> String {
    let tag = tag.unwrap_or_else(|| Person::tag_of(&[&subject.to_string()]));
    let case = world.cases.get(case);
    let number = case.map(Case::number).unwrap_or_default();
    let authority = case.and_then(Case::authority).unwrap_or_default();
    let mut hash = Sm3::new();
    for part in [kind, measure, number, authority] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(tag);
    let digest = hash.finalize();
    format!(
        "{kind}-{}",
        Hex(digest
            .first_chunk::<12>()
            .map_or(&[], |chunk| chunk.as_slice()))
    )
}

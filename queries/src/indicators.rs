//! The policy's indicators, each with what it counts, so that the records
//! behind it can be listed.

use graph::id::{EntityId, Set};
use graph::record::{
    MatterOutcome, OrganisationKind, OrganisationStatus, RemovalReason, RepairKind, RoleKind,
};
use graph::time::Date;
use rayon::prelude::*;

use crate::gaps::{in_decided, is_covered};
use crate::offenders::{self, OffenderState};
use crate::sweep::Sweep;
use crate::world::{Case, CaseRecord, Cited, Organisation};

/// One indicator on one day.
#[derive(Clone, PartialEq, Debug)]
pub struct Indicator {
    /// Its code.
    pub code: &'static str,
    /// What fits, by record or subject.
    pub numerator: u64,
    /// Out of what; none for a plain count.
    pub denominator: Option<u64>,
    /// Points that the policy gives: factor and maximum.
    pub scale: Option<(u32, u32)>,
    /// The records that make the numerator.
    pub counted: Vec<Counted>,
}

/// A record or subject behind an indicator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// A record.
    Record(Cited),
    /// A subject.
    Subject(EntityId),
}

/// All indicators on `day`.
pub fn indicators(sweep: &Sweep<'_>, day: Date) -> Vec<Indicator> {
    vec![
        penetration(sweep, day),
        serious_share(sweep, day),
        code_errors(sweep),
        publication_timely(sweep, day),
        list_exit(sweep, day),
        check_coverage(sweep, day),
        restriction_coverage(sweep, day),
        high_frequency_open(sweep, day),
        government_defaulters(sweep, day),
    ]
}

fn counted(
    code: &'static str,
    of: impl ParallelIterator<Item = (Counted, bool)>,
    scale: Option<(u32, u32)>,
) -> Indicator {
    let note = |(mut all, mut fitting): (u64, Vec<Counted>), (counted, fits)| {
        all += 1;
        fitting.extend(Some(counted).filter(|_| fits));
        (all, fitting)
    };
    let parts: Vec<(u64, Vec<Counted>)> = of.fold(Default::default, note).collect();
    let all = parts.iter().map(|(all, _)| all).sum();
    let fitting: Vec<Counted> = parts.into_iter().flat_map(|(_, fitting)| fitting).collect();
    let numerator = u64::try_from(fitting.len()).unwrap_or(u64::MAX);
    Indicator {
        code,
        numerator,
        denominator: Some(all),
        scale,
        counted: fitting,
    }
}

/// The same of cases: listings before penalties, each by id, wherever they lie.
fn counted_cases(
    code: &'static str,
    of: impl ParallelIterator<Item = (Counted, bool)>,
    scale: Option<(u32, u32)>,
) -> Indicator {
    let mut indicator = counted(code, of, scale);
    indicator.counted.par_sort_unstable_by_key(|one| match one {
        Counted::Record(cited) => (cited.set == Set::Penalties, Some(cited.id)),
        Counted::Subject(_) => (false, None),
    });
    indicator
}

fn record_of(case: &Case) -> Counted {
    Counted::Record(case.cited())
}

/// A unit record: a listing that was in force at some time, or a penalty that
/// stands, on an organisation, dated by `day`.
fn is_unit_record(sweep: &Sweep<'_>, case: &Case, day: Date) -> bool {
    let was = match case.record {
        CaseRecord::Listing(_) => !case.active(sweep.catalogue()).is_empty(),
        CaseRecord::Penalty(_) => !case.never_was(),
    };
    was && case.subject().is_organisation() && case.own_date() <= day
}

/// Linked to a legal representative or principal on a violation day, or to a
/// person named, whether or not a rule asks for it.
pub fn is_penetrated(sweep: &Sweep<'_>, case: &Case) -> bool {
    let days = case.violation_days().0;
    let principal = [RoleKind::LegalRepresentative, RoleKind::Principal];
    case.responsible().next().is_some()
        || sweep
            .world()
            .roles
            .of(case.subject())
            .iter()
            .any(|row| principal.contains(&row.role) && row.interval.meets(&days))
}

fn penetration(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let records = sweep
        .world()
        .cases
        .side_by_side()
        .map(|(_, case)| case)
        .filter(|case| is_unit_record(sweep, case, day));
    counted_cases(
        "penetration",
        records.map(|case| (record_of(case), is_penetrated(sweep, case))),
        Some((2, 2)),
    )
}

fn registered<'a>(
    sweep: &'a Sweep<'_>,
) -> impl ParallelIterator<Item = (EntityId, &'a Organisation)> {
    let organisations = sweep.world().organisations.side_by_side();
    organisations.filter_map(|(id, rows)| Some((id, rows.first()?)))
}

fn listed(sweep: &Sweep<'_>, org: EntityId, day: Date, list: impl Fn(&str) -> bool) -> bool {
    let cases = sweep.world().cases_of.of(org).iter();
    cases
        .filter_map(|place| sweep.world().cases.get(*place))
        .any(|case| {
            case.listing().is_some_and(|listing| list(&listing.list))
                && case.active(sweep.catalogue()).holds(day)
        })
}

fn serious_share(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let lists = &sweep.catalogue().lists;
    let serious = |code: &str| lists.get(code).is_some_and(|list| list.serious);
    let operating = registered(sweep).filter(|(_, org)| {
        org.kind() == Some(OrganisationKind::Enterprise)
            && org.status() == Some(OrganisationStatus::Operating)
    });
    counted(
        "serious_share",
        operating.map(|(id, _)| (Counted::Subject(id), listed(sweep, id, day, serious))),
        None,
    )
}

/// 重错码: a wrong check character, or one name registered under several codes.
fn code_errors(sweep: &Sweep<'_>) -> Indicator {
    counted(
        "code_errors",
        registered(sweep).map(|(id, org)| {
            (
                Counted::Subject(id),
                org.wrong_code || sweep.world().shares_name(id),
            )
        }),
        None,
    )
}

fn publication_timely(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let catalogue = sweep.catalogue();
    let penalties = sweep.world().cases.side_by_side().filter_map(|(_, case)| {
        let penalty = case
            .penalty()
            .filter(|penalty| penalty.decision_on <= day)?;
        let allowed = catalogue.settings.publication_workdays;
        let deadline = catalogue.calendar.after(penalty.decision_on, allowed).day;
        let timely = penalty
            .reported_on
            .is_some_and(|on| on <= deadline && on <= day);
        Some((record_of(case), timely))
    });
    counted_cases("publication_timely", penalties, None)
}

fn list_exit(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let world = sweep.world();
    let listings = world.cases.side_by_side().filter_map(|(_, case)| {
        let listing = case.listing().filter(|listing| listing.listed_on <= day)?;
        let operating = world
            .organisation(case.subject())
            .is_some_and(|org| org.status() == Some(OrganisationStatus::Operating));
        let active = case.active(sweep.catalogue());
        if !operating || active.is_empty() {
            return None;
        }
        let ended = active.end().filter(|end| *end <= day);
        let removed = listing.removed_on.filter(|_| {
            let reason = listing.removal_reason;
            reason == Some(RemovalReason::Repaired) || reason == Some(RemovalReason::Fulfilled)
        });
        let repaired = case.earliest_repair(|kind| kind != RepairKind::Revocation);
        let exit = ended.is_some() && (ended == removed || ended == repaired);
        Some((record_of(case), exit))
    });
    counted_cases("list_exit", listings, Some((5, 3)))
}

fn check_coverage(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let matters = in_decided(sweep, day, |applicant, matter, found| {
        if matter.item.check_required {
            let record = Counted::Record(matter.row.cited());
            found.push((record, is_covered(applicant, matter, day)));
        }
    });
    counted("check_coverage", matters, None)
}

fn restriction_coverage(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let world = sweep.world();
    let matters = in_decided(sweep, day, |applicant, matter, found| {
        let row = matter.row;
        let subjects = applicant.concerned(matter.item, matter.on).into_iter();
        let stood: Vec<&str> = subjects
            .flat_map(|subject| applicant.blocking(subject, matter))
            .filter(|(_, measure)| measure.binding)
            .map(|(_, measure)| measure.code.as_str())
            .collect();
        let refused = row.outcome == MatterOutcome::Refused
            && world
                .text(row.refused_for())
                .is_some_and(|measure| stood.contains(&measure));
        if !stood.is_empty() {
            found.push((Counted::Record(row.cited()), refused || row.exempt));
        }
    });
    counted("restriction_coverage", matters, None)
}

fn high_frequency_open(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let open = offenders::organisations(sweep, day)
        .into_iter()
        .filter(|offender| offender.state == OffenderState::ToClear);
    let counted: Vec<Counted> = open
        .map(|offender| Counted::Subject(offender.subject))
        .collect();
    plain_count("high_frequency_open", counted)
}

/// The code that the catalogue gives the list of 失信被执行人.
const COURT_DEFAULTER: &str = "court_defaulter";

fn government_defaulters(sweep: &Sweep<'_>, day: Date) -> Indicator {
    let organs = registered(sweep).filter(|(id, org)| {
        org.kind() == Some(OrganisationKind::Government)
            && listed(sweep, *id, day, |list| list == COURT_DEFAULTER)
    });
    let counted = organs.map(|(id, _)| Counted::Subject(id)).collect();
    plain_count("government_defaulters", counted)
}

fn plain_count(code: &'static str, counted: Vec<Counted>) -> Indicator {
    let numerator = u64::try_from(counted.len()).unwrap_or(u64::MAX);
    Indicator {
        code,
        numerator,
        denominator: None,
        scale: None,
        counted,
    }
}

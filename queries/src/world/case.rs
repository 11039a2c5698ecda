//! A case: a listing or a penalty, with everything that was said about it.

use graph::id::EntityId;
use graph::record::{
    Determination, DeterminationOutcome, Listing, Objection, ObjectionOutcome, Penalty,
    PenaltyStatus, RemovalReason, Repair, RepairKind, Responsibility, ResponsiblePerson,
};
use graph::time::{Date, Interval};
use rustc_hash::FxHashMap;

use super::{CaseParts, Row, World, meant};
use crate::catalogue::{Catalogue, Rule, Trigger};

/// What a case is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CaseKind {
    /// An entry on a list.
    Listing,
    /// An administrative penalty.
    Penalty,
}

/// The record that makes the case.
#[derive(Clone, PartialEq, Debug)]
pub enum CaseRecord {
    /// An entry on a list.
    Listing(Row<Listing>),
    /// An administrative penalty.
    Penalty(Row<Penalty>),
}

/// A case with what refers to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// The record.
    pub record: CaseRecord,
    /// What was said about its end.
    pub ends: Ends,
    /// Persons named as responsible in it (or in its basis decision).
    pub named: Vec<Row<ResponsiblePerson>>,
    /// Determinations by person and day.
    pub determinations: Vec<Row<Determination>>,
    /// Since when each rejecting determination's rejection has been known.
    pub rejected_since: FxHashMap<EntityId, Date>,
    /// Its violation days as they stand, before the assumption.
    violation: Option<Interval>,
}

/// What may end a case.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ends {
    /// Repairs, revocations, fulfilments.
    pub repairs: Vec<Row<Repair>>,
    /// Objections.
    pub objections: Vec<Row<Objection>>,
    /// The recorded date since when the case is known never to have been.
    pub revoked_since: Option<Date>,
}

impl Case {
    /// Listing or penalty.
    pub fn kind(&self) -> CaseKind {
        match self.record {
            CaseRecord::Listing(_) => CaseKind::Listing,
            CaseRecord::Penalty(_) => CaseKind::Penalty,
        }
    }

    /// The listing's or the decision's number.
    pub fn number(&self) -> &str {
        match &self.record {
            CaseRecord::Listing(row) => &row.record.listing_no,
            CaseRecord::Penalty(row) => &row.record.decision_no,
        }
    }

    /// Who listed or punished, when told.
    pub fn authority(&self) -> Option<&str> {
        match &self.record {
            CaseRecord::Listing(row) => row.record.authority.as_deref(),
            CaseRecord::Penalty(row) => Some(&row.record.authority),
        }
    }

    /// Whose case it is.
    pub fn subject(&self) -> EntityId {
        match &self.record {
            CaseRecord::Listing(row) => row.record.subject,
            CaseRecord::Penalty(row) => row.record.subject,
        }
    }

    /// Its own date: of the listing or of the decision.
    pub fn own_date(&self) -> Date {
        match &self.record {
            CaseRecord::Listing(row) => row.record.listed_on,
            CaseRecord::Penalty(row) => row.record.decision_on,
        }
    }

    /// The listing, if it is one.
    pub fn listing(&self) -> Option<&Listing> {
        match &self.record {
            CaseRecord::Listing(row) => Some(&row.record),
            CaseRecord::Penalty(_) => None,
        }
    }

    /// The penalty, if it is one.
    pub fn penalty(&self) -> Option<&Penalty> {
        match &self.record {
            CaseRecord::Listing(_) => None,
            CaseRecord::Penalty(row) => Some(&row.record),
        }
    }

    /// It was withdrawn as wrong: it never was in force.
    pub fn never_was(&self) -> bool {
        let by_record = match &self.record {
            CaseRecord::Listing(row) => row.record.removal_reason == Some(RemovalReason::Revoked),
            CaseRecord::Penalty(row) => row.record.status != PenaltyStatus::Effective,
        };
        by_record
            || self
                .ends
                .repairs
                .iter()
                .any(|row| row.record.kind == RepairKind::Revocation)
    }

    /// The days on which a listing is active, were it never withdrawn as wrong.
    fn listed_days(&self, catalogue: &Catalogue) -> Interval {
        let Some(listing) = self.listing() else {
            return Interval::new(Date::MAX, Date::MAX);
        };
        let removed = listing
            .removed_on
            .filter(|_| listing.removal_reason != Some(RemovalReason::Revoked));
        let months = catalogue
            .lists
            .get(&listing.list)
            .and_then(|list| list.max_months);
        let by_term = months.map(|months| listing.listed_on.plus_months(months));
        let expired = listing.expires_on.or(by_term);
        let repaired = self.earliest_repair(|kind| kind != RepairKind::Revocation);
        let ends = [removed, expired, repaired, self.upheld_on()];
        Interval::of(Some(listing.listed_on), ends.into_iter().flatten().min())
    }

    /// The days on which a listing is active: none for one withdrawn as wrong.
    pub fn active(&self, catalogue: &Catalogue) -> Interval {
        if self.never_was() {
            empty()
        } else {
            self.listed_days(catalogue)
        }
    }

    /// The life of the case under a rule: empty when it never was.
    pub fn life(&self, rule: &Rule, catalogue: &Catalogue) -> Interval {
        if self.never_was() {
            empty()
        } else {
            self.life_unless_revoked(rule, catalogue)
        }
    }

    /// The life under a rule, as if no revocation existed.
    pub fn life_unless_revoked(&self, rule: &Rule, catalogue: &Catalogue) -> Interval {
        let Some(months) = rule.term_months else {
            return self.listed_days(catalogue);
        };
        let own = self.own_date();
        let term = if months == 0 {
            Date::MAX
        } else {
            own.plus_months(months)
        };
        let mut ends = vec![term];
        ends.extend(self.upheld_on());
        if rule.repair_lifts {
            ends.extend(self.earliest_repair(|kind| kind == RepairKind::Repair));
            let repaired = self
                .listing()
                .filter(|listing| listing.removal_reason == Some(RemovalReason::Repaired));
            ends.extend(repaired.and_then(|listing| listing.removed_on));
        }
        Interval::of(Some(own), ends.into_iter().min())
    }

    /// The rule applies to this case: in force on its own date, its trigger met.
    pub fn triggers(&self, rule: &Rule) -> bool {
        rule.validity.holds(self.own_date())
            && match (&rule.trigger, &self.record) {
                (Trigger::List(list), CaseRecord::Listing(row)) => row.record.list == *list,
                (
                    Trigger::Penalty {
                        kinds,
                        violation_types,
                    },
                    CaseRecord::Penalty(row),
                ) => {
                    row.record.kinds.iter().any(|kind| kinds.contains(kind))
                        && (violation_types.is_empty()
                            || row
                                .record
                                .violation_type
                                .as_ref()
                                .is_some_and(|of| violation_types.contains(of)))
                }
                _ => false,
            }
    }

    /// The violation days, and whether the case's own date had to be assumed.
    pub fn violation_days(&self) -> (Interval, bool) {
        match self.violation {
            Some(days) => (days, false),
            None => (Interval::closed(self.own_date(), self.own_date()), true),
        }
    }

    /// The persons named with a responsibility that counts.
    pub fn responsible(&self) -> impl Iterator<Item = &Row<ResponsiblePerson>> {
        self.named
            .iter()
            .filter(|row| row.record.responsibility != Responsibility::Other)
    }

    /// The determination on a person that counts: the one decided last. With
    /// `rejections` false, as if rejecting ones did not exist.
    pub fn determination(&self, person: EntityId, rejections: bool) -> Option<&Row<Determination>> {
        let of = self
            .determinations
            .iter()
            .filter(|row| row.record.person == person);
        of.filter(|row| rejections || row.record.outcome == DeterminationOutcome::Confirmed)
            .max_by_key(|row| (row.record.decided_on, row.batch, row.id))
    }

    /// An objection is undecided on `day`.
    pub fn under_objection(&self, day: Date) -> bool {
        self.ends.objections.iter().any(|row| {
            row.record.filed_on.is_none_or(|filed| filed <= day)
                && row.record.decided_on.is_none_or(|decided| decided > day)
        })
    }

    /// The earliest day of a repair of such a kind.
    pub fn earliest_repair(&self, kind: impl Fn(RepairKind) -> bool) -> Option<Date> {
        let fitting = self.ends.repairs.iter().filter(|row| kind(row.record.kind));
        fitting.map(|row| row.record.repaired_on).min()
    }

    /// The earliest day on which an objection was upheld.
    pub fn upheld_on(&self) -> Option<Date> {
        let upheld = self
            .ends
            .objections
            .iter()
            .filter(|row| row.record.outcome == ObjectionOutcome::Upheld);
        upheld.filter_map(|row| row.record.decided_on).min()
    }
}

fn empty() -> Interval {
    Interval::new(Date::MAX, Date::MAX)
}

/// The violation days that a record itself states; its own date closes an open range.
fn stated(from: Option<Date>, on: Option<Date>, own: Date) -> Option<Interval> {
    match (from, on) {
        (Some(from), Some(on)) => Some(Interval::closed(from, on)),
        (None, Some(on)) => Some(Interval::closed(on, on)),
        (Some(from), None) => Some(Interval::closed(from, own)),
        (None, None) => None,
    }
}

/// Makes the cases and attaches to each what refers to it.
pub(crate) fn assemble(world: &mut World, parts: CaseParts) {
    let CaseParts {
        mut penalties,
        mut listings,
        ..
    } = parts;
    penalties.sort_by_key(|row| row.id);
    penalties.dedup_by_key(|row| row.id);
    listings.sort_by_key(|row| row.id);
    listings.dedup_by_key(|row| row.id);
    let records = listings
        .into_iter()
        .map(CaseRecord::Listing)
        .chain(penalties.into_iter().map(CaseRecord::Penalty));
    world.cases = records.map(bare).collect();
    for (place, case) in world.cases.iter().enumerate() {
        world
            .cases_of
            .entry(case.subject())
            .or_default()
            .push(place);
        world
            .cases_numbered
            .entry(case.number().to_owned())
            .or_default()
            .push(place);
    }
    let since = parts.since;
    attach_repairs(world, parts.repairs);
    attach(
        world,
        parts.objections,
        |r| {
            (
                r.target_no.as_deref().unwrap_or_default(),
                &r.target_authority,
            )
        },
        |case, row| case.ends.objections.push(row),
    );
    attach(
        world,
        parts.determinations,
        |r| (&r.case_no, &r.case_authority),
        |case, row| {
            case.determinations.push(row);
        },
    );
    attach_named(world, parts.named);
    link_basis(world);
    for case in &mut world.cases {
        note_since(case, &since);
    }
}

/// A repair that names its subject leaves the others of a joint decision alone.
fn attach_repairs(world: &mut World, repairs: Vec<Row<Repair>>) {
    let subject_of = |place: usize| world.cases.get(place).map(Case::subject);
    let names_one = |row: &Row<Repair>| {
        let repair = &row.record;
        let meant = world.cases_meant(&repair.target_no, repair.target_authority.as_deref());
        repair.subject.is_some()
            && meant
                .into_iter()
                .any(|case| subject_of(case) == repair.subject)
    };
    let (of_one, of_all): (Vec<_>, Vec<_>) = repairs.into_iter().partition(names_one);
    attach(
        world,
        of_all,
        |r| (&r.target_no, &r.target_authority),
        |case, row| case.ends.repairs.push(row),
    );
    attach(
        world,
        of_one,
        |r| (&r.target_no, &r.target_authority),
        |case, row| {
            if row.record.subject == Some(case.subject()) {
                case.ends.repairs.push(row);
            }
        },
    );
}

fn bare(record: CaseRecord) -> Case {
    let violation = match &record {
        CaseRecord::Listing(row) => {
            let r = &row.record;
            stated(r.violation_from, r.violation_on, r.listed_on)
        }
        CaseRecord::Penalty(row) => {
            let r = &row.record;
            stated(r.violation_from, r.violation_on, r.decision_on)
        }
    };
    Case {
        record,
        ends: Ends::default(),
        named: Vec::new(),
        determinations: Vec::new(),
        rejected_since: FxHashMap::default(),
        violation,
    }
}

/// Gives each row to the cases that its number (and authority) means.
fn attach<T: Clone>(
    world: &mut World,
    mut rows: Vec<Row<T>>,
    reference: impl Fn(&T) -> (&str, &Option<String>),
    mut give: impl FnMut(&mut Case, Row<T>),
) {
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    for row in rows {
        let (number, authority) = reference(&row.record);
        for place in world.cases_meant(number, authority.as_deref()) {
            if let Some(case) = world.cases.get_mut(place) {
                give(case, row.clone());
            }
        }
    }
}

/// Named persons belong to the case of the number and, through a listing's basis
/// decision, to the listing when that decision is on the same subject or not loaded.
fn attach_named(world: &mut World, named: Vec<Row<ResponsiblePerson>>) {
    let mut by_number: FxHashMap<String, Vec<Row<ResponsiblePerson>>> = FxHashMap::default();
    let mut named = named;
    named.sort_by_key(|row| row.id);
    named.dedup_by_key(|row| row.id);
    for row in &named {
        by_number
            .entry(row.record.case_no.clone())
            .or_default()
            .push(row.clone());
    }
    let through_basis: Vec<(usize, Vec<Row<ResponsiblePerson>>)> = world
        .cases
        .iter()
        .enumerate()
        .filter_map(|(place, case)| {
            let listing = case.listing()?;
            let rows = by_number.get(listing.basis_decision_no.as_deref()?)?;
            let fitting = rows
                .iter()
                .filter(|row| basis_fits(world, listing, row))
                .cloned();
            Some((place, fitting.collect()))
        })
        .collect();
    attach(
        world,
        named,
        |r| (&r.case_no, &r.case_authority),
        |case, row| case.named.push(row),
    );
    for (place, rows) in through_basis {
        if let Some(case) = world.cases.get_mut(place) {
            let fresh: Vec<_> = rows
                .into_iter()
                .filter(|row| case.named.iter().all(|there| there.id != row.id))
                .collect();
            case.named.extend(fresh);
        }
    }
}

fn basis_fits(world: &World, listing: &Listing, row: &Row<ResponsiblePerson>) -> bool {
    let number = &row.record.case_no;
    let all = world
        .cases_numbered
        .get(number)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let penalties: Vec<usize> = all
        .iter()
        .copied()
        .filter(|place| {
            world
                .cases
                .get(*place)
                .is_some_and(|c| c.penalty().is_some())
        })
        .collect();
    let authority_of = |place: usize| world.cases.get(place).and_then(Case::authority);
    let decisions = meant(
        &penalties,
        row.record.case_authority.as_deref(),
        authority_of,
    );
    decisions.is_empty()
        || decisions.iter().any(|place| {
            world
                .cases
                .get(*place)
                .is_some_and(|c| c.subject() == listing.subject)
        })
}

/// A listing that states no violation days takes those of its basis decision,
/// if that is on the same subject.
fn link_basis(world: &mut World) {
    let found: Vec<(usize, Interval)> = world
        .cases
        .iter()
        .enumerate()
        .filter(|(_, case)| case.violation.is_none())
        .filter_map(|(place, case)| {
            let listing = case.listing()?;
            let basis = listing.basis_decision_no.as_deref()?;
            let all = world.cases_numbered.get(basis)?;
            let mut decisions: Vec<&Case> = all
                .iter()
                .filter_map(|place| world.cases.get(*place))
                .filter(|case| case.penalty().is_some() && case.subject() == listing.subject)
                .collect();
            // Of several authorities' decisions, the listing's own authority's first.
            decisions.sort_by_key(|case| {
                (
                    case.authority() != listing.authority.as_deref(),
                    case.authority(),
                )
            });
            Some((place, decisions.iter().find_map(|case| case.violation)?))
        })
        .collect();
    for (place, days) in found {
        if let Some(case) = world.cases.get_mut(place) {
            case.violation = Some(days);
        }
    }
}

fn note_since(case: &mut Case, since: &FxHashMap<graph::id::RecordId, Date>) {
    let own = match &case.record {
        CaseRecord::Listing(row) => row.id,
        CaseRecord::Penalty(row) => row.id,
    };
    let revocations = case
        .ends
        .repairs
        .iter()
        .filter(|row| row.record.kind == RepairKind::Revocation);
    let sources = revocations.map(|row| row.id).chain([own]);
    case.ends.revoked_since = if case.never_was() {
        sources.filter_map(|id| since.get(&id).copied()).min()
    } else {
        None
    };
}

//! A case: a listing or a penalty, with everything that was said about it.

use std::sync::Arc;

use graph::id::{EntityId, RecordId, Set};
use graph::record::{
    DeterminationOutcome, ObjectionOutcome, PenaltyStatus, RemovalReason, RepairKind,
    Responsibility,
};
use graph::time::{Date, Interval};

use super::Cited;
use super::record::{
    CaseRecord, Determination, Listing, Naming, Objection, Penalty, Repair, SaidOfCase,
};
use crate::catalogue::{Catalogue, Rule, Trigger};

/// What a case is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CaseKind {
    /// An entry on a list.
    Listing,
    /// An administrative penalty.
    Penalty,
}

/// A case with what refers to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// The record's id.
    pub id: RecordId,
    /// What makes it a case.
    pub record: CaseRecord,
    pub(super) subject: EntityId,
    pub(super) number: Box<str>,
    /// Its violation days as they stand, before the assumption.
    pub(super) violation: Option<Interval>,
    pub(super) said: Option<Box<SaidOfCase>>,
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
        &self.number
    }

    /// Who listed or punished, when told.
    pub fn authority(&self) -> Option<&str> {
        match &self.record {
            CaseRecord::Listing(listing) => listing.authority.as_deref(),
            CaseRecord::Penalty(penalty) => Some(&penalty.authority),
        }
    }

    /// For a listing: the number of the decision that it is based on.
    pub fn basis(&self) -> Option<&str> {
        self.listing()?.basis.as_deref()
    }

    /// Whose case it is.
    pub fn subject(&self) -> EntityId {
        self.subject
    }

    /// Its own date: of the listing or of the decision.
    pub fn own_date(&self) -> Date {
        match &self.record {
            CaseRecord::Listing(listing) => listing.listed_on,
            CaseRecord::Penalty(penalty) => penalty.decision_on,
        }
    }

    /// The listing, if it is one.
    pub fn listing(&self) -> Option<&Listing> {
        match &self.record {
            CaseRecord::Listing(listing) => Some(listing),
            CaseRecord::Penalty(_) => None,
        }
    }

    /// The penalty, if it is one.
    pub fn penalty(&self) -> Option<&Penalty> {
        match &self.record {
            CaseRecord::Listing(_) => None,
            CaseRecord::Penalty(penalty) => Some(penalty),
        }
    }

    /// The record behind it.
    pub fn cited(&self) -> Cited {
        let set = match self.kind() {
            CaseKind::Listing => Set::Listings,
            CaseKind::Penalty => Set::Penalties,
        };
        Cited::new(set, self.id)
    }

    /// Repairs, revocations, fulfilments.
    pub fn repairs(&self) -> &[Repair] {
        self.said.as_ref().map_or(&[], |said| &said.repairs)
    }

    /// Objections to it.
    pub fn objections(&self) -> &[Objection] {
        self.said.as_ref().map_or(&[], |said| &said.objections)
    }

    /// Persons named as responsible in it (or in its basis decision).
    pub fn named(&self) -> &[Naming] {
        self.said.as_ref().map_or(&[], |said| &said.named)
    }

    /// Determinations on persons.
    pub fn determinations(&self) -> &[Determination] {
        self.said.as_ref().map_or(&[], |said| &said.determinations)
    }

    /// The recorded date since when it has been known without a break that the case
    /// never was, or that its part on `subject`, a person found by a rule, was rejected.
    pub fn gone_since(&self, subject: EntityId) -> Option<Date> {
        let said = self.said.as_ref()?;
        let found = said.gone_for.iter().find(|(of, _)| *of == subject);
        found.map(|(_, day)| *day).or(said.gone_since)
    }

    pub(super) fn said_mut(&mut self) -> &mut SaidOfCase {
        self.said.get_or_insert_default()
    }

    /// It was withdrawn as wrong: it never was in force.
    pub fn never_was(&self) -> bool {
        let by_record = match &self.record {
            CaseRecord::Listing(listing) => listing.removal_reason == Some(RemovalReason::Revoked),
            CaseRecord::Penalty(penalty) => penalty.status != PenaltyStatus::Effective,
        };
        let revocation = |repair: &Repair| repair.kind == RepairKind::Revocation;
        by_record || self.repairs().iter().any(revocation)
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
            .get(&*listing.list)
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
                (Trigger::List(list), CaseRecord::Listing(listing)) => *listing.list == **list,
                (
                    Trigger::Penalty {
                        kinds,
                        violation_types,
                    },
                    CaseRecord::Penalty(penalty),
                ) => {
                    let of_type = |of: &Arc<str>| violation_types.iter().any(|t| **t == **of);
                    penalty.kinds.meet(kinds)
                        && (violation_types.is_empty()
                            || penalty.violation_type.as_ref().is_some_and(of_type))
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
    pub fn responsible(&self) -> impl Iterator<Item = &Naming> {
        self.named()
            .iter()
            .filter(|naming| naming.responsibility != Responsibility::Other)
    }

    /// The determination on a person that counts: the one decided last. With
    /// `rejections` false, as if rejecting ones did not exist.
    pub fn determination(&self, person: EntityId, rejections: bool) -> Option<&Determination> {
        let of = self.determinations().iter().filter(|d| d.person == person);
        of.filter(|d| rejections || d.outcome == DeterminationOutcome::Confirmed)
            .max_by_key(|d| (d.decided_on, d.batch, d.id))
    }

    /// An objection is undecided on `day`.
    pub fn under_objection(&self, day: Date) -> bool {
        self.objections().iter().any(|objection| {
            objection.filed_on.is_none_or(|filed| filed <= day)
                && objection.decided_on.is_none_or(|decided| decided > day)
        })
    }

    /// The earliest day of a repair of such a kind.
    pub fn earliest_repair(&self, kind: impl Fn(RepairKind) -> bool) -> Option<Date> {
        let fitting = self.repairs().iter().filter(|repair| kind(repair.kind));
        fitting.map(|repair| repair.repaired_on).min()
    }

    /// The earliest day on which an objection was upheld.
    pub fn upheld_on(&self) -> Option<Date> {
        let upheld = self
            .objections()
            .iter()
            .filter(|objection| objection.outcome == ObjectionOutcome::Upheld);
        upheld.filter_map(|objection| objection.decided_on).min()
    }
}

fn empty() -> Interval {
    Interval::new(Date::MAX, Date::MAX)
}

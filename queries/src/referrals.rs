//! Referrals: what a case of a public body calls for instead of a restriction. A
//! government organ cannot be barred from governing; its superior, the auditors
//! and the discipline inspection are told. Never a restriction.
//!
//! A referral stands on a day: those to the superior and to the auditors while
//! the case has a life under a rule, the one to the body that employs a
//! restricted person while the restriction is in force and a role is held there.
//! Of a body whose superior nobody registered only the auditors are told.

use graph::id::EntityId;
use graph::record::OrganisationKind;
use graph::time::Date;

use crate::penetration::case_records;
use crate::signals::{standing, why_restricted};
use crate::sweep::Sweep;
use crate::world::{Cited, Organisation, World};

/// To whom a referral goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReferralKind {
    /// 通报上级主管单位
    Superior,
    /// 移送审计
    Audit,
    /// 移送纪检: to the body where the person holds a role.
    Discipline,
}

impl ReferralKind {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Superior => "superior",
            Self::Audit => "audit",
            Self::Discipline => "discipline",
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Superior => "通报上级主管单位",
            Self::Audit => "移送审计",
            Self::Discipline => "移送纪检",
        }
    }
}

/// One referral.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Referral {
    /// What kind.
    pub kind: ReferralKind,
    /// Of whom: the body of the case, or the restricted person.
    pub subject: EntityId,
    /// To whom: the superior, the body of the person; none for the auditors.
    pub to: Option<EntityId>,
    /// The case's place in the world; for a person those of all restrictions in
    /// force on the day.
    pub cases: Vec<usize>,
    /// The records that prove it.
    pub records: Vec<Cited>,
}

/// The referrals that stand on `day`: by kind, subject, addressee and case.
pub fn referrals(sweep: &Sweep<'_>, day: Date) -> Vec<Referral> {
    let mut found = Vec::new();
    of_bodies(sweep, day, &mut found);
    of_persons(sweep, day, &mut found);
    found.sort_by(|a, b| {
        (a.kind, a.subject, a.to, &a.cases).cmp(&(b.kind, b.subject, b.to, &b.cases))
    });
    found
}

/// Government, institution or state-owned.
fn is_public(org: &Organisation) -> bool {
    let kinds = [OrganisationKind::Government, OrganisationKind::Institution];
    org.state_owned || org.kind().is_some_and(|kind| kinds.contains(&kind))
}

fn public_body(world: &World, id: EntityId) -> Option<&Organisation> {
    world.organisation(id).filter(|org| is_public(org))
}

fn of_bodies(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Referral>) {
    let (world, catalogue) = (sweep.world(), sweep.catalogue());
    for (place, case) in world.cases.all() {
        let body = case.subject();
        if public_body(world, body).is_none() {
            continue;
        }
        let mut rules = catalogue.rules.iter().filter(|rule| case.triggers(rule));
        if !rules.any(|rule| case.life(rule, catalogue).holds(day)) {
            continue;
        }
        let superior = world
            .superiors
            .above(body)
            .map(|to| (ReferralKind::Superior, Some(to)));
        for (kind, to) in superior.into_iter().chain([(ReferralKind::Audit, None)]) {
            let mut records = case_records(case);
            records.push(Organisation::cited(body));
            found.push(Referral {
                kind,
                subject: body,
                to,
                cases: vec![place],
                records,
            });
        }
    }
}

fn of_persons(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Referral>) {
    let world = sweep.world();
    for person in sweep
        .subjects()
        .filter(|subject| !subject.is_organisation())
    {
        let cases = standing(sweep, person, day);
        if cases.is_empty() {
            continue;
        }
        let mut roles: Vec<(EntityId, Cited)> = world
            .roles
            .naming(person)
            .filter(|(_, row)| row.interval.holds(day))
            .filter(|(org, _)| public_body(world, *org).is_some())
            .map(|(org, row)| (org, row.cited(org)))
            .collect();
        roles.sort_unstable();
        for at_body in roles.chunk_by(|(one, _), (other, _)| one == other) {
            let mut records = why_restricted(sweep, person, day);
            records.extend(at_body.iter().map(|(_, record)| *record));
            records.sort_unstable();
            records.dedup();
            found.push(Referral {
                kind: ReferralKind::Discipline,
                subject: person,
                to: at_body.first().map(|(body, _)| *body),
                cases: cases.clone(),
                records,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use graph::record::{Organisation, PenaltyKind, Record, RoleKind};

    use super::{EntityId, OrganisationKind, referrals};
    use crate::signals::hand_made::{
        LEGAL, d, enterprise, listing, org, penalty, person, role, swept,
    };

    fn body(n: u64, kind: OrganisationKind, superior: Option<u64>) -> Record {
        let superior = superior.map(org);
        Record::Organisation(Organisation {
            kind: Some(kind),
            superior,
            ..enterprise(org(n), "2000-01-01")
        })
    }

    fn found(records: Vec<Record>, on: &str) -> Vec<(&'static str, EntityId, Option<EntityId>)> {
        let referrals = swept(records, "", |sweep| referrals(sweep, d(on)));
        referrals
            .iter()
            .map(|r| (r.kind.code(), r.subject, r.to))
            .collect()
    }

    #[test]
    fn a_body_is_referred_while_its_case_lives() {
        let mut listed = listing("l", org(1), None, "2024-01-01");
        listed.expires_on = Some(d("2025-01-01"));
        let records = || {
            vec![
                body(1, OrganisationKind::Government, Some(2)),
                Record::Listing(listed.clone()),
            ]
        };
        let both = [("superior", org(1), Some(org(2))), ("audit", org(1), None)];
        assert_eq!(found(records(), "2023-12-31"), []);
        assert_eq!(found(records(), "2024-01-01"), both);
        assert_eq!(found(records(), "2024-12-31"), both);
        assert_eq!(found(records(), "2025-01-01"), []);
    }

    #[test]
    fn an_enterprise_is_referred_only_when_state_owned() {
        let case = || Record::Listing(listing("l", org(1), None, "2024-01-01"));
        let mut owned = enterprise(org(1), "2000-01-01");
        let plain = Record::Organisation(owned.clone());
        assert_eq!(found(vec![plain, case()], "2024-06-01"), []);
        owned.state_owned = true;
        let referred = found(vec![Record::Organisation(owned), case()], "2024-06-01");
        assert_eq!(referred, [("audit", org(1), None)]);
    }

    #[test]
    fn a_case_that_no_rule_reaches_is_not_referred() {
        let body = || body(1, OrganisationKind::Institution, Some(2));
        let fine = Record::Penalty(penalty("p", org(1), PenaltyKind::Fine, "2024-01-01"));
        assert_eq!(found(vec![body(), fine], "2024-06-01"), []);
        let licence = Record::Penalty(penalty(
            "p",
            org(1),
            PenaltyKind::LicenceRevoked,
            "2024-01-01",
        ));
        assert_eq!(found(vec![body(), licence], "2024-06-01").len(), 2);
    }

    #[test]
    fn a_restricted_person_is_referred_once_to_each_body_of_that_day() {
        let records = || {
            vec![
                Record::Organisation(enterprise(org(1), "2000-01-01")),
                body(2, OrganisationKind::Institution, None),
                body(3, OrganisationKind::Enterprise, None),
                Record::Listing(listing("l", org(1), None, "2024-01-01")),
                Record::Listing(listing("m", person(1), None, "2024-02-01")),
                role(org(1), LEGAL, person(1), "2020-01-01.."),
                role(
                    org(2),
                    RoleKind::Director,
                    person(1),
                    "2020-01-01..2024-06-01",
                ),
                role(
                    org(2),
                    RoleKind::Principal,
                    person(1),
                    "2020-01-01..2024-06-01",
                ),
                role(org(3), RoleKind::Director, person(1), "2020-01-01.."),
                role(org(2), RoleKind::Director, person(2), "2020-01-01.."),
            ]
        };
        let discipline = [("discipline", person(1), Some(org(2)))];
        assert_eq!(found(records(), "2024-05-31"), discipline);
        assert_eq!(found(records(), "2024-06-01"), []);
        assert_eq!(found(records(), "2023-12-31"), []);
        let referrals = swept(records(), "", |sweep| referrals(sweep, d("2024-05-31")));
        assert_eq!(referrals[0].cases.len(), 2);
    }
}

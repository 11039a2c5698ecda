//! What a store holds, as plain rows: bad rows are out, persons are numbers, what is said
//! of a case names the case by number.

use std::path::Path;

use graph::time::{Date, Interval};
use queries::catalogue::Catalogue;
use queries::world::{Case, CaseRecord, World};

use super::numbers::Numbers;
use super::rows::{Rows, from, maybe, to};

/// Writes every table into the folder.
pub fn export(
    world: &World,
    numbers: &Numbers,
    catalogue: &Catalogue,
    folder: &Path,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    entities(numbers, folder)?;
    people(world, numbers, folder)?;
    ties(world, numbers, folder)?;
    cases(world, numbers, folder)?;
    said(world, numbers, catalogue, folder)?;
    duties(world, numbers, folder)?;
    enforcements(world, numbers, folder)?;
    law(catalogue, folder)
}

fn entities(numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let mut rows = Rows::new(folder, "entity", &["id", "kind"])?;
    for (id, number) in numbers.entities.iter().zip(1usize..) {
        let kind = match id.kind() {
            graph::id::EntityKind::Organisation => "org",
            graph::id::EntityKind::Person => "person",
            graph::id::EntityKind::Provisional => "provisional",
        };
        rows.push(&[&number, &kind])?;
    }
    rows.end()
}

fn people(world: &World, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let columns = ["org", "person", "role", "from_on", "to_on"];
    let mut rows = Rows::new(folder, "role", &columns)?;
    for (org, row) in world.roles.all() {
        let (org, person) = (numbers.entity(org), numbers.entity(row.person));
        let (from, to) = (from(row.interval), to(row.interval));
        rows.push(&[&org, &person, &row.role.code(), &from, &to])?;
    }
    rows.end()?;
    let columns = ["org", "holder", "from_on", "to_on", "votes", "concert"];
    let mut rows = Rows::new(folder, "holding", &columns)?;
    for (org, row) in world.holdings.all() {
        let (org, holder) = (numbers.entity(org), numbers.entity(row.holder));
        let (from, to) = (from(row.interval), to(row.interval));
        let concert = world.text(row.concert_group()).unwrap_or_default();
        rows.push(&[&org, &holder, &from, &to, &row.votes().0, &concert])?;
    }
    rows.end()?;
    let columns = ["org", "controller", "from_on", "to_on"];
    let mut rows = Rows::new(folder, "agreement", &columns)?;
    for (org, row) in world.agreements.all() {
        let (org, other) = (numbers.entity(org), numbers.entity(row.controller));
        rows.push(&[&org, &other, &from(row.interval), &to(row.interval)])?;
    }
    rows.end()
}

/// Superiors and branches.
fn ties(world: &World, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let mut rows = Rows::new(folder, "tie", &["upper", "lower", "kind"])?;
    for lower in world.organisations.homes() {
        let superior = world.superiors.above(lower).map(|of| (of, "superior"));
        let parent = world.parents.above(lower).map(|of| (of, "branch"));
        for (upper, kind) in superior.into_iter().chain(parent) {
            rows.push(&[&numbers.entity(upper), &numbers.entity(lower), &kind])?;
        }
    }
    rows.end()
}

fn cases(world: &World, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let columns = [
        "id",
        "subject",
        "list",
        "listed_on",
        "expires_on",
        "removed_on",
        "removal_reason",
    ];
    let mut listings = Rows::new(folder, "listing", &columns)?;
    let columns = [
        "id",
        "subject",
        "authority",
        "decision_no",
        "decision_on",
        "violation_type",
        "closed_or_revoked",
        "published_from",
        "published_until",
        "reported_on",
        "status",
    ];
    let mut penalties = Rows::new(folder, "penalty", &columns)?;
    for (place, case) in world.cases.all() {
        let subject = numbers.entity(case.subject());
        match &case.record {
            CaseRecord::Listing(row) => listings.push(&[
                &place,
                &subject,
                &row.list,
                &row.listed_on,
                &maybe(row.expires_on),
                &maybe(row.removed_on),
                &row.removal_reason.map_or("", |reason| reason.code()),
            ])?,
            CaseRecord::Penalty(row) => penalties.push(&[
                &place,
                &subject,
                &row.authority,
                &case.number(),
                &row.decision_on,
                &row.violation_type.as_deref().unwrap_or_default(),
                &row.kinds.meet(&[
                    graph::record::PenaltyKind::Closed,
                    graph::record::PenaltyKind::LicenceRevoked,
                ]),
                &from(row.publication),
                &to(row.publication),
                &maybe(row.reported_on),
                &row.status.code(),
            ])?,
        }
    }
    listings.end()?;
    penalties.end()
}

/// Repairs, objections, namings and determinations, each with its case.
fn said(
    world: &World,
    numbers: &Numbers,
    catalogue: &Catalogue,
    folder: &Path,
) -> anyhow::Result<()> {
    let mut repairs = Rows::new(folder, "repair", &["case_id", "kind", "repaired_on"])?;
    let columns = ["case_id", "filed_on", "decided_on", "outcome"];
    let mut objections = Rows::new(folder, "objection", &columns)?;
    let columns = [
        "case_id",
        "person",
        "responsibility",
        "active_from",
        "active_to",
    ];
    let mut namings = Rows::new(folder, "naming", &columns)?;
    let columns = ["case_id", "person", "decided_on", "outcome", "seq"];
    let mut determinations = Rows::new(folder, "determination", &columns)?;
    for (place, case) in world.cases.all() {
        for row in case.repairs() {
            repairs.push(&[&place, &row.kind.code(), &row.repaired_on])?;
        }
        for row in case.objections() {
            let (filed, decided) = (maybe(row.filed_on), maybe(row.decided_on));
            objections.push(&[&place, &filed, &decided, &row.outcome.code()])?;
        }
        for row in case.named() {
            let person = numbers.entity(row.person);
            let days = linked_days(case, catalogue);
            let (from, to) = (from(days), to(days));
            namings.push(&[&place, &person, &row.responsibility.code(), &from, &to])?;
        }
        let mut decided: Vec<_> = case.determinations().iter().collect();
        decided.sort_by_key(|row| (row.decided_on, row.batch, row.id));
        for (row, seq) in decided.into_iter().zip(1usize..) {
            let person = numbers.entity(row.person);
            determinations.push(&[&place, &person, &row.decided_on, &row.outcome.code(), &seq])?;
        }
    }
    repairs.end()?;
    objections.end()?;
    namings.end()?;
    determinations.end()
}

/// On which days a person named in the case is linked with its subject.
fn linked_days(case: &Case, catalogue: &Catalogue) -> Interval {
    if case.listing().is_some() {
        return case.active(catalogue);
    }
    let from = Some(case.own_date());
    let to = if case.never_was() {
        from
    } else {
        case.upheld_on()
    };
    Interval::of(from, to)
}

fn duties(world: &World, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let columns = [
        "id",
        "applicant",
        "department",
        "item",
        "accepted_on",
        "decided_on",
        "outcome",
        "exempt",
    ];
    let mut rows = Rows::new(folder, "matter", &columns)?;
    for ((applicant, row), id) in world.matters.all().zip(1usize..) {
        rows.push(&[
            &id,
            &numbers.entity(applicant),
            &world.text(row.department()).unwrap_or_default(),
            &world.text(row.item()).unwrap_or_default(),
            &row.accepted_on,
            &maybe(row.decided_on()),
            &row.outcome.code(),
            &row.exempt,
        ])?;
    }
    rows.end()?;
    let columns = ["id", "subject", "department", "checked_on", "matter"];
    let mut rows = Rows::new(folder, "checks", &columns)?;
    for ((subject, row), id) in world.checks.all().zip(1usize..) {
        let matter = row
            .matter()
            .map(|matter| numbers.matter(matter).to_string());
        rows.push(&[
            &id,
            &numbers.entity(subject),
            &world.text(row.department()).unwrap_or_default(),
            &row.checked_on,
            &matter.unwrap_or_default(),
        ])?;
    }
    rows.end()
}

fn enforcements(world: &World, numbers: &Numbers, folder: &Path) -> anyhow::Result<()> {
    let columns = [
        "id",
        "subject",
        "department",
        "measure",
        "case_no",
        "from_on",
        "to_on",
        "reported_on",
    ];
    let mut rows = Rows::new(folder, "enforcement", &columns)?;
    for ((subject, row), id) in world.enforcements.all().zip(1usize..) {
        rows.push(&[
            &id,
            &numbers.entity(subject),
            &world.text(row.department).unwrap_or_default(),
            &world.text(row.measure).unwrap_or_default(),
            &row.case_no.as_deref().unwrap_or_default(),
            &from(row.interval),
            &to(row.interval),
            &maybe(row.reported_on),
        ])?;
    }
    rows.end()
}

/// What the catalogue says of items, and by when a decision of a day is to be reported.
fn law(catalogue: &Catalogue, folder: &Path) -> anyhow::Result<()> {
    let columns = ["code", "from_on", "to_on", "check_required", "valid_days"];
    let mut items = Rows::new(folder, "item", &columns)?;
    let mut subjects = Rows::new(folder, "item_subject", &["code", "from_on", "subject"])?;
    for (code, versions) in &catalogue.items {
        for item in versions {
            let since = from(item.validity);
            let days = item.check_valid_days;
            items.push(&[
                code,
                &since,
                &to(item.validity),
                &item.check_required,
                &days,
            ])?;
            for subject in &item.subjects {
                subjects.push(&[code, &since, &subject.code()])?;
            }
        }
    }
    items.end()?;
    subjects.end()?;
    let mut rows = Rows::new(folder, "deadline", &["decision_on", "report_by"])?;
    let mut day = Date::from_ymd(2000, 1, 1).unwrap_or(Date::MIN);
    while day.ymd().is_some_and(|(year, _, _)| year < 2031) {
        let by = catalogue
            .calendar
            .after(day, catalogue.settings.publication_workdays);
        rows.push(&[&day, &by.day])?;
        day = day.next();
    }
    rows.end()
}

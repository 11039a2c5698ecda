//! Hand-made worlds for tests: records in one line each, and a small catalogue.

use std::collections::BTreeMap;

use graph::change::{Change, Draft, Source};
use graph::id::{EntityId, Uscc};
use graph::memory::MemoryStore;
use graph::ratio::Percent;
use graph::record::{
    AgreementKind, ControlAgreement, Holding, Listing, Organisation, OrganisationKind,
    OrganisationStatus, Penalty, PenaltyKind, PenaltyStatus, Record, Responsibility,
    ResponsiblePerson, Role, RoleKind,
};
use graph::store::Store;
use graph::time::{Date, Interval, Moment};

use crate::catalogue::Catalogue;
use crate::control::ControlOverTime;
use crate::sweep::Sweep;
use crate::world::World;

pub(crate) const LEGAL: RoleKind = RoleKind::LegalRepresentative;

pub(crate) fn org(n: u64) -> EntityId {
    EntityId::organisation(Uscc::parse(&format!("{n:018}")).unwrap())
}

pub(crate) fn person(n: u8) -> EntityId {
    EntityId::person([n; 15])
}

pub(crate) fn d(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// `2024-01-01..2025-01-01`, either end may be missing.
pub(crate) fn days(text: &str) -> Interval {
    let (from, to) = text.split_once("..").unwrap();
    let end = |text: &str| (!text.is_empty()).then(|| d(text));
    Interval::of(end(from), end(to))
}

pub(crate) fn role(org: EntityId, role: RoleKind, person: EntityId, interval: &str) -> Record {
    Record::Role(Role {
        org,
        role,
        person,
        interval: days(interval),
    })
}

pub(crate) fn holding(org: EntityId, holder: EntityId, percent: i64, interval: &str) -> Record {
    Record::Holding(Holding {
        org,
        holder,
        interval: days(interval),
        ratio: Some(Percent(percent * 1_000_000)),
        voting_ratio: None,
        concert_group: None,
    })
}

pub(crate) fn agreement(org: EntityId, controller: EntityId, interval: &str) -> Record {
    Record::ControlAgreement(ControlAgreement {
        org,
        controller,
        interval: days(interval),
        kind: AgreementKind::Agreement,
        document: "协议".into(),
    })
}

/// An operating enterprise.
pub(crate) fn enterprise(id: EntityId, established: &str) -> Organisation {
    Organisation {
        id,
        name: id.to_string(),
        kind: Some(OrganisationKind::Enterprise),
        status: Some(OrganisationStatus::Operating),
        region: None,
        industry: Some("F5211".into()),
        established_on: Some(d(established)),
        dissolved_on: None,
        state_owned: false,
        superior: None,
        parent: None,
        wrong_code: false,
    }
}

/// A listing on the list `L`, with the day of the violation if told.
pub(crate) fn listing(no: &str, subject: EntityId, violation: Option<&str>, on: &str) -> Listing {
    Listing {
        listing_no: no.into(),
        list: "L".into(),
        subject,
        authority: Some("A".into()),
        violation_from: None,
        violation_on: violation.map(d),
        listed_on: d(on),
        expires_on: None,
        removed_on: None,
        removal_reason: None,
        basis_decision_no: None,
    }
}

pub(crate) fn penalty(no: &str, subject: EntityId, kind: PenaltyKind, on: &str) -> Penalty {
    Penalty {
        decision_no: no.into(),
        authority: "A".into(),
        subject,
        violation_from: None,
        violation_on: None,
        decision_on: d(on),
        violation_type: None,
        kinds: vec![kind],
        fine: None,
        confiscated: None,
        summary_procedure: false,
        published_from: None,
        published_until: None,
        reported_on: None,
        status: PenaltyStatus::Effective,
    }
}

pub(crate) fn named(no: &str, person: EntityId) -> Record {
    Record::ResponsiblePerson(ResponsiblePerson {
        case_no: no.into(),
        case_authority: None,
        person,
        responsibility: Responsibility::Direct,
    })
}

pub(crate) fn world(records: Vec<Record>) -> World {
    let store = MemoryStore::new(&[7; 32]);
    let changes = records.into_iter().map(|record| Change::Put {
        record,
        detail: BTreeMap::new(),
        source: Source::default(),
    });
    let draft = Draft {
        recorded_at: Moment::start_of(d("2025-01-01")),
        files: vec!["hand.csv".into()],
        changes: changes.collect(),
        quarantine: vec![],
        resolved: vec![],
        report: String::new(),
        entries: vec![],
    };
    store.commit(draft).unwrap();
    let snapshot = store.snapshot().unwrap();
    World::whole(snapshot.as_ref(), store.keys(), Moment::MAX).unwrap()
}

/// One list with a rule that reaches the subject and its legal representative,
/// one for penalties that revoke a licence; `settings` as in the file.
pub(crate) fn catalogue(settings: &str) -> Catalogue {
    let lists = r#"
[[list]]
code = "L"
name = "名单"
basis = "法"
serious = true
[[list]]
code = "quiet"
name = "无规则名单"
basis = "法"
serious = false
"#;
    let measures = r#"
[[measure]]
code = "M"
name = "措施"
basis = "法"
from = "2000-01-01"
"#;
    let rules = r#"
[[rule]]
id = "R"
list = "L"
basis = "法"
subject_measures = ["M"]
record_in_personal_file = true
from = "2000-01-01"
[[rule.person]]
role = "legal_representative"
moment = "violation"
measures = ["M"]
[[rule]]
id = "P"
penalty_kinds = ["licence_revoked"]
basis = "法"
subject_measures = ["M"]
record_in_personal_file = true
term_months = 12
from = "2000-01-01"
"#;
    let files = [
        ("lists.toml", lists),
        ("measures.toml", measures),
        ("rules.toml", rules),
        ("settings.toml", settings),
    ];
    let owned = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Catalogue::from_texts(&BTreeMap::from(owned)).unwrap()
}

/// Runs a question over a sweep of these records.
pub(crate) fn swept<T>(
    records: Vec<Record>,
    settings: &str,
    ask: impl FnOnce(&Sweep<'_>) -> T,
) -> T {
    let (world, catalogue) = (world(records), catalogue(settings));
    let control = ControlOverTime::new(&world);
    ask(&Sweep::new(&world, &catalogue, &control))
}

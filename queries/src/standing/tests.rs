//! Lifting is as fast as imposing: what hung on a case alone ends with it, in its batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::change::{BatchNo, Change, Draft, Source};
use graph::id::EntityId;
use graph::memory::MemoryStore;
use graph::record::{Record, Repair, RepairKind};
use graph::store::Store;
use graph::time::{Date, Moment};

use super::Standing;
use crate::catalogue::Catalogue;
use crate::control::ControlOverTime;
use crate::signals::hand_made::{agreement, d, holding, listing, org, person};

/// A list that reaches whoever controls the company listed, as long as he does.
fn catalogue() -> Arc<Catalogue> {
    let rules = r#"
[[rule]]
id = "R"
list = "L"
basis = "法"
subject_measures = ["M"]
record_in_personal_file = true
from = "2000-01-01"
[[rule.person]]
role = "computed_controller"
moment = "current"
measures = ["M"]
"#;
    let measures =
        "[[measure]]\ncode = \"M\"\nname = \"措施\"\nbasis = \"法\"\nfrom = \"2000-01-01\"\n";
    let lists = "[[list]]\ncode = \"L\"\nname = \"名单\"\nbasis = \"法\"\nserious = true\n";
    let files = [
        ("lists.toml", lists),
        ("measures.toml", measures),
        ("rules.toml", rules),
    ];
    let owned = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Arc::new(Catalogue::from_texts(&BTreeMap::from(owned)).unwrap())
}

/// A store told batch by batch, and what is kept of it.
struct Told {
    store: MemoryStore,
    kept: Standing,
}

impl Told {
    fn begin(records: Vec<Record>) -> Self {
        let store = MemoryStore::new(&[7; 32]);
        let kept = {
            let snapshot = store.snapshot().unwrap();
            let place = (&*snapshot, store.keys());
            Standing::whole(place, catalogue(), BatchNo(0)).unwrap()
        };
        let mut told = Self { store, kept };
        told.tell("2024-01-01", records);
        told
    }

    fn tell(&mut self, day: &str, records: Vec<Record>) {
        let changes = records.into_iter().map(|record| Change::Put {
            record,
            detail: BTreeMap::new(),
            source: Source::default(),
        });
        let draft = Draft {
            recorded_at: Moment::start_of(d(day)),
            files: vec!["hand.csv".into()],
            changes: changes.collect(),
            quarantine: vec![],
            resolved: vec![],
            report: String::new(),
            entries: vec![],
        };
        let no = self.store.commit(draft).unwrap().unwrap();
        let snapshot = self.store.snapshot().unwrap();
        let next = self.kept.after((&*snapshot, self.store.keys()), no);
        self.kept = next.unwrap().expect("a small batch");
    }

    /// The numbers of the cases for which `subject` is restricted on a day.
    fn cases_against(&self, subject: EntityId, day: Date) -> Vec<String> {
        let control = ControlOverTime::new(self.kept.world());
        let sweep = self.kept.sweep(&control);
        let on = sweep.on(subject).filter(|found| found.days.holds(day));
        let number = |place: usize| sweep.world().cases.get(place).unwrap().number().to_owned();
        on.map(|found| number(found.case)).collect()
    }
}

fn repaired(number: &str, on: &str) -> Record {
    Record::Repair(Repair {
        target_no: number.into(),
        target_authority: None,
        repaired_on: d(on),
        kind: RepairKind::Repair,
        authority: None,
        subject: None,
    })
}

/// A person controls a company above a circle: 1 holds 2, 2 holds 3, 3 holds part of 2.
fn circle() -> Vec<Record> {
    vec![
        holding(org(1), person(1), 60, "2020-01-01.."),
        holding(org(2), org(1), 55, "2020-01-01.."),
        holding(org(3), org(2), 80, "2020-01-01.."),
        holding(org(2), org(3), 30, "2020-01-01.."),
        Record::Listing(listing("L1", org(3), None, "2023-01-01")),
        Record::Listing(listing("L2", org(2), None, "2023-02-01")),
    ]
}

#[test]
fn what_hung_on_one_case_ends_with_it_and_what_hangs_on_another_stays() {
    let mut told = Told::begin(circle());
    let day = d("2024-06-01");
    assert_eq!(told.cases_against(person(1), day).len(), 2);
    assert_eq!(told.cases_against(org(3), day), ["L1"]);
    told.tell("2024-05-01", vec![repaired("L1", "2024-04-30")]);
    assert_eq!(told.cases_against(person(1), day), ["L2"]);
    assert!(told.cases_against(org(3), day).is_empty());
    assert_eq!(told.cases_against(org(2), day), ["L2"]);
    told.tell("2024-05-02", vec![repaired("L2", "2024-04-30")]);
    assert!(told.cases_against(person(1), day).is_empty());
    assert!(told.cases_against(org(2), day).is_empty());
}

#[test]
fn who_loses_the_company_above_a_circle_loses_what_follows_below_it() {
    let mut told = Told::begin(circle());
    let day = d("2024-06-01");
    // The top company is sold: the holding above the circle ends, and nobody follows.
    told.tell(
        "2024-05-01",
        vec![holding(org(1), person(1), 60, "2020-01-01..2024-04-01")],
    );
    assert!(told.cases_against(person(1), day).is_empty());
    assert_eq!(told.cases_against(org(3), day), ["L1"]);
    // Somebody else comes by an agreement, two companies above the listed one.
    told.tell(
        "2024-05-02",
        vec![agreement(org(1), person(2), "2024-05-01..")],
    );
    assert_eq!(told.cases_against(person(2), day).len(), 2);
    assert!(told.cases_against(person(1), day).is_empty());
}

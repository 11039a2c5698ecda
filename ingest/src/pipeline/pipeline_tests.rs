//! Batches against the plainest store.

use graph::change::{BatchNo, QuarantineEntry};
use graph::id::{EntityId, Set, Uscc};
use graph::memory::MemoryStore;
use graph::record::{Person, key};
use graph::store::{Snapshot, Store};
use graph::time::{Date, Moment};
use proptest::prelude::*;

use super::{Options, ingest};
use crate::quarantine::{export, id_text};
use crate::report::{Finding, Report};
use crate::set::Vocabulary;
use crate::source::Input;
use crate::Error;

const ORG: &str = "914403001922038216";
const OTHER: &str = "91330100799655058B";
const WRONG: &str = "914403001922038217";
const ID: &str = "11010519491231002X";

fn with(text: &str) -> String {
    text.replace("ORG", ORG).replace("OTHER", OTHER).replace("WRONG", WRONG).replace("IDNO", ID)
}

fn words() -> Vocabulary {
    let mut words = Vocabulary::new();
    words.add_list("L1", &["名单1"]);
    words
}

/// A store with days that go on by one a batch.
struct World {
    store: MemoryStore,
    day: Date,
}

impl World {
    fn new() -> Self {
        Self { store: MemoryStore::new(&[1; 32]), day: Date::parse("2025-01-06").unwrap() }
    }

    fn options(&self) -> Options {
        Options::at(Moment::start_of(self.day))
    }

    fn try_load(&mut self, files: &[(&str, &str)], options: &Options) -> Result<Report, Error> {
        let inputs: Vec<Input> =
            files.iter().map(|(name, text)| Input::bytes(name, with(text).into_bytes())).collect();
        let report = ingest(&self.store, &inputs, &words(), options, &mut ())?;
        self.day = self.day.next();
        Ok(report)
    }

    fn load(&mut self, files: &[(&str, &str)]) -> Report {
        let options = self.options();
        self.try_load(files, &options).unwrap()
    }

    fn pending(&self) -> Vec<QuarantineEntry> {
        let all = self.store.snapshot().unwrap().quarantine().unwrap();
        all.into_iter().filter(|entry| entry.resolved_in.is_none()).collect()
    }

    fn reasons(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.pending().iter().map(|entry| entry.row.reason.code().to_owned()).collect();
        all.sort();
        all
    }

    fn count(&self, set: Set) -> usize {
        let mut count = 0;
        let snapshot = self.store.snapshot().unwrap();
        snapshot.scan(set, BatchNo::MAX, &mut |_| { count += 1; Ok(()) }).unwrap();
        count
    }
}

/// `new changed unchanged withdrawn quarantined` of one set.
fn counts(report: &Report, set: &str) -> [u64; 5] {
    let counts = report.sets.get(set).copied().unwrap_or_default();
    let all = [counts.new, counts.changed, counts.unchanged, counts.withdrawn, counts.quarantined];
    assert_eq!(counts.read, all.iter().sum::<u64>());
    all
}

#[test]
fn rows_become_versions() {
    let mut world = World::new();
    let first = ("organizations.csv", "uscc,name\nORG,甲\nOTHER,乙\n");
    assert_eq!(counts(&world.load(&[first]), "organizations"), [2, 0, 0, 0, 0]);
    let again = world.load(&[first]);
    assert_eq!(counts(&again, "organizations"), [0, 0, 2, 0, 0]);
    assert_eq!(again.batch, None);
    let second = ("organizations.csv", "uscc,name,op\nORG,丙,\nOTHER,,delete\n");
    assert_eq!(counts(&world.load(&[second]), "organizations"), [0, 1, 0, 1, 0]);
    assert_eq!(world.count(Set::Organisations), 1);
    let gone = world.load(&[("organizations.csv", "uscc,op\nOTHER,delete\n")]);
    assert_eq!(counts(&gone, "organizations"), [0, 0, 1, 0, 0]);
    assert_eq!(gone.findings.get(&Finding::NothingToWithdraw), Some(&1));
    let org = EntityId::organisation(Uscc::parse(ORG).unwrap());
    let history = world.store.snapshot().unwrap().history(Set::Organisations, key::organisation(org));
    assert_eq!(history.unwrap().len(), 2);
}

#[test]
fn the_same_row_twice_is_one_record() {
    let mut world = World::new();
    let report = world.load(&[("organizations.csv", "uscc,name\nORG,甲\nORG,甲\n")]);
    assert_eq!(counts(&report, "organizations"), [1, 0, 1, 0, 0]);
}

#[test]
fn one_key_with_two_contents_is_a_conflict() {
    let mut world = World::new();
    let report = world.load(&[("organizations.csv", "uscc,name\nORG,甲\nORG,乙\nOTHER,丙\n")]);
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 2]);
    assert_eq!(world.reasons(), ["duplicate_key_conflict"; 2]);
    let fixed = world.load(&[("organizations.csv", "uscc,name\nORG,乙\n")]);
    assert_eq!(fixed.resolved, 2);
    assert_eq!(world.reasons(), [""; 0]);
    let split = [("organizations-1.csv", "uscc,name\nORG,甲\n"), ("organizations-2.csv", "uscc,name\nORG,乙\n")];
    assert_eq!(counts(&World::new().load(&split), "organizations"), [0, 0, 0, 0, 2]);
}

#[test]
fn a_bad_row_stops_nothing_and_its_correction_resolves_it() {
    let mut world = World::new();
    let text = "uscc,name,established_on\nORG,甲,2024-13-01\nOTHER,乙\nOTHER,乙,2024-01-01\n";
    let report = world.load(&[("organizations.csv", text)]);
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 2]);
    assert_eq!(world.reasons(), ["bad_date", "unreadable"]);
    let entry = &world.pending()[0].row;
    assert!(["line 2", "line 3"].contains(&entry.place.as_str()));
    assert_eq!(world.load(&[("organizations.csv", text)]).batch, None);
    assert_eq!(world.pending().len(), 2);
    let fixed = "uscc,name,established_on\nORG,甲,2024-12-01\nOTHER,乙,2024-01-02\nOTHER,乙,2024-01-02\n";
    world.load(&[("organizations.csv", fixed)]);
    assert_eq!(world.reasons(), [""; 0]);
}

#[test]
fn a_correction_of_the_key_itself_is_recognised() {
    let mut world = World::new();
    world.load(&[("roles.csv", "uscc,role,id_number,person_name,from\nORG,董事,110105194912310021,张三,2024-01-01\n")]);
    assert_eq!(world.reasons(), ["bad_id_number"]);
    world.load(&[("roles-fixed.csv", "uscc,role,id_number,person_name,from\nORG,董事,IDNO,张三,2024-01-01\n")]);
    assert_eq!(world.reasons(), [""; 0]);
}

#[test]
fn an_exported_row_resolves_the_entry_it_names() {
    let mut world = World::new();
    world.load(&[("determinations.csv", "case_no,id_number,decided_on,outcome,reason\n罚1,IDNO,昨天,rejected,无关\n")]);
    let table = export(&world.pending()).remove(0);
    assert_eq!(table.stem(), "determinations-quarantine");
    assert_eq!(table.headers[5..], ["quarantine_id", "quarantine_reason", "field", "message", "raw_text"]);
    assert_eq!(table.rows[0][5], id_text(world.pending()[0].row.id));
    let join = |rows: &[Vec<String>]| {
        rows.iter().map(|row| row.join(",").replace(": ", " ")).collect::<Vec<_>>().join("\n")
    };
    let unchanged = join(&[table.headers.clone(), table.rows[0].clone()]);
    assert_eq!(world.load(&[("determinations-quarantine.csv", &unchanged)]).batch, None);
    let corrected = unchanged.replace("昨天", "2024-01-01").replace("罚1", "罚2");
    let report = world.load(&[("determinations-quarantine.csv", &corrected)]);
    assert_eq!(counts(&report, "determinations"), [1, 0, 0, 0, 0]);
    assert_eq!(world.reasons(), [""; 0]);
}

#[test]
fn a_correction_that_is_still_wrong_takes_the_old_entrys_place() {
    let mut world = World::new();
    world.load(&[("organizations.csv", "uscc,name,established_on\nORG,甲,a\n")]);
    let id = id_text(world.pending()[0].row.id);
    let text = format!("uscc,name,established_on,quarantine_id\nORG,甲,b,{id}\n");
    world.load(&[("organizations.csv", &text)]);
    assert_eq!(world.pending().len(), 1);
    assert_ne!(id_text(world.pending()[0].row.id), id);
}

const ROLE_AT_WRONG: &str = "uscc,role,id_number,person_name,from\nWRONG,董事,IDNO,张三,2024-01-01\n";

#[test]
fn a_wrong_code_must_be_registered() {
    let mut world = World::new();
    let report = world.load(&[("roles.csv", ROLE_AT_WRONG)]);
    assert_eq!(counts(&report, "roles"), [0, 0, 0, 0, 1]);
    assert_eq!(world.reasons(), ["bad_uscc"]);
    let registered = world.load(&[("organizations.csv", "uscc,name\nWRONG,甲\n")]);
    assert_eq!(registered.sets["roles"].taken_up, 1);
    assert_eq!(registered.findings.get(&Finding::WrongCode), Some(&1));
    assert_eq!((world.count(Set::Roles), world.reasons().len()), (1, 0));
    assert_eq!(counts(&world.load(&[("roles.csv", ROLE_AT_WRONG)]), "roles"), [0, 0, 1, 0, 0]);
    let snapshot = world.store.snapshot().unwrap();
    let batch = snapshot.batches().unwrap().pop().unwrap();
    assert_eq!(batch.files, ["organizations.csv", "roles.csv"]);
}

#[test]
fn a_wrong_code_registered_in_the_same_batch_is_accepted() {
    let mut world = World::new();
    let report = world.load(&[("roles.csv", ROLE_AT_WRONG), ("organizations.csv", "uscc,name\nWRONG,甲\n")]);
    assert_eq!(counts(&report, "roles"), [1, 0, 0, 0, 0]);
}

const TWO_CASES: &str = "decision_no,authority,uscc,decision_on\n罚1,甲局,ORG,2024-01-01\n罚1,乙局,OTHER,2024-01-02\n";

#[test]
fn a_number_that_fits_two_cases_needs_its_authority() {
    let repairs = "target_no,repaired_on,target_authority\n罚1,2024-02-01,\n罚1,2024-02-01,甲局\n罚2,2024-02-01,\n";
    let mut world = World::new();
    let report = world.load(&[("repairs.csv", repairs), ("penalties.csv", TWO_CASES)]);
    assert_eq!(counts(&report, "penalties"), [2, 0, 0, 0, 0]);
    assert_eq!(counts(&report, "repairs"), [2, 0, 0, 0, 1]);
    assert_eq!(world.reasons(), ["ambiguous_reference"]);
    let objections = "objection_no,target_no,target_authority\n1,罚1,\n2,罚1,乙局\n";
    let report = world.load(&[("objections.csv", objections)]);
    assert_eq!(counts(&report, "objections"), [1, 0, 0, 0, 1]);
    let by_subject = "target_no,repaired_on,uscc\n罚1,2024-02-03,OTHER\n";
    assert_eq!(counts(&world.load(&[("repairs.csv", by_subject)]), "repairs"), [1, 0, 0, 0, 0]);
}

#[test]
fn a_person_without_a_number_is_told_by_the_cases_organisation() {
    let named = "case_no,person_name,responsibility\n罚7,张三,direct\n";
    let mut world = World::new();
    let report = world.load(&[("responsible_persons.csv", named)]);
    assert_eq!(counts(&report, "responsible_persons"), [0, 0, 0, 0, 1]);
    let penalty = ("penalties.csv", "decision_no,authority,uscc,decision_on\n罚7,甲局,ORG,2024-01-01\n");
    let report = world.load(&[penalty]);
    assert_eq!(report.sets["responsible_persons"].taken_up, 1);
    assert_eq!((world.count(Set::ResponsiblePersons), world.reasons().len()), (1, 0));
    let mut together = World::new();
    let report = together.load(&[("responsible_persons.csv", named), penalty]);
    assert_eq!(counts(&report, "responsible_persons"), [1, 0, 0, 0, 0]);
}

#[test]
fn persons_keep_the_newest_name_and_no_old_file_brings_one_back() {
    let mut world = World::new();
    let role = |name: &str| format!("uscc,role,id_number,person_name,from\nORG,董事,IDNO,{name},2024-01-01\n");
    let name = |world: &World| {
        let id = world.store.keys().person(graph::record::IdType::ResidentId, ID);
        let snapshot = world.store.snapshot().unwrap();
        let person = snapshot.record(Set::Persons, key::person(id), BatchNo::MAX).unwrap().unwrap();
        person.detail(world.store.keys()).unwrap()[Person::NAME].clone()
    };
    world.load(&[("roles.csv", &role("张三"))]);
    assert_eq!(name(&world), "张三");
    world.load(&[("holdings.csv", "uscc,id_number,holder_name,ratio\nORG,IDNO,张叁,50\n")]);
    assert_eq!(name(&world), "张叁");
    assert_eq!(world.load(&[("roles.csv", &role("张三"))]).batch, None);
    assert_eq!(name(&world), "张叁");
    world.load(&[("checks.csv", "check_no,id_number,checked_at\n1,IDNO,2024-01-01\n")]);
    assert_eq!(name(&world), "张叁");
}

#[test]
fn a_file_that_fits_no_set_is_refused_and_the_others_load() {
    let mut world = World::new();
    let files = [("notes.csv", "a,b\n1,2\n"), ("organizations.csv", "uscc,name\nORG,甲\n"),
        ("roles.csv", ""), ("x.pdf", ""), ("data.csv", "objection_no,target_no\n1,罚1\n")];
    let report = world.load(&files);
    let refused: Vec<&str> = report.refused.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(refused, ["notes.csv", "roles.csv", "x.pdf"]);
    assert!(report.refused[0].message.contains("penalties"));
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&report, "objections"), [1, 0, 0, 0, 0]);
}

#[test]
fn a_torn_file_fails_the_whole_batch() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text: String = (0..5000).map(|number| format!("{ORG},甲{}\n", number * 7919)).collect();
    encoder.write_all(format!("uscc,name\n{text}").as_bytes()).unwrap();
    let mut torn = encoder.finish().unwrap();
    torn.truncate(torn.len() / 2);
    let world = World::new();
    let inputs = [
        Input::bytes("a/organizations.csv", with("uscc,name\nOTHER,乙\n").into_bytes()),
        Input::bytes("b/organizations.csv.gz", torn),
    ];
    let failed = ingest(&world.store, &inputs, &words(), &world.options(), &mut ());
    assert!(matches!(failed, Err(Error::Read { .. })));
    assert_eq!(world.count(Set::Organisations), 0);
}

#[test]
fn strict_refuses_and_dry_run_writes_nothing() {
    let mut world = World::new();
    let bad = [("organizations.csv", "uscc,name\nORG,甲\n1,乙\n")];
    let strict = Options { strict: true, ..world.options() };
    assert!(matches!(world.try_load(&bad, &strict), Err(Error::Strict { report }) if report.quarantined() == 1));
    let dry = Options { dry_run: true, ..world.options() };
    let report = world.try_load(&bad, &dry).unwrap();
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 1]);
    assert!(world.store.snapshot().unwrap().batches().unwrap().is_empty());
    world.load(&bad);
    let early = Options::at(Moment(0));
    assert!(matches!(world.try_load(&bad, &early), Err(Error::BackInTime { .. })));
}

#[test]
fn unknown_departments_and_lists() {
    let mut world = World::new();
    let checks = "check_no,department,uscc,checked_at\n1,D-A,ORG,2024-01-01\n2,D-B,ORG,2024-01-01\n";
    let report = world.load(&[("checks.csv", checks), ("departments.csv", "department,name\nD-A,甲\n")]);
    assert_eq!(report.findings.get(&Finding::UnknownDepartment), Some(&1));
    let listings = "listing_no,list,uscc,listed_on\n列1,名单1,ORG,2024-01-01\n列2,名单9,ORG,2024-01-01\n";
    let report = world.load(&[("listings.csv", listings)]);
    assert_eq!(counts(&report, "listings"), [1, 0, 0, 0, 1]);
    assert_eq!(world.reasons(), ["bad_enum"]);
}

#[test]
fn a_determination_on_the_cases_own_subject_is_found() {
    let mut world = World::new();
    let penalty = ("penalties.csv", "decision_no,authority,id_number,decision_on\n罚1,甲局,IDNO,2024-01-01\n");
    let decided = ("determinations.csv", "case_no,id_number,decided_on,outcome\n罚1,IDNO,2024-02-01,confirmed\n");
    let report = world.load(&[decided, penalty]);
    assert_eq!(report.findings.get(&Finding::DeterminationOnSubject), Some(&1));
}

#[test]
fn json_lines_and_sheets_load_alike() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (header, cell)) in [("uscc", ORG), ("name", "甲")].iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet.write(0, column, *header).unwrap();
        sheet.write(1, column, *cell).unwrap();
    }
    let sheet = book.save_to_buffer().unwrap();
    let json = with("{\"uscc\":\"ORG\",\"name\":\"甲\"}\n");
    let gbk = encoding_rs::GB18030.encode(&with("统一社会信用代码,名称\nORG,甲\n")).0.into_owned();
    let zstd = zstd::encode_all(with("uscc\tname\nORG\t甲\n").as_bytes(), 1).unwrap();
    let mut world = World::new();
    for (number, (name, bytes)) in [
        ("organizations.xlsx", sheet),
        ("organizations.jsonl", json.into_bytes()),
        ("市场主体.csv", gbk),
        ("organizations.tsv.zst", zstd),
    ]
    .into_iter()
    .enumerate()
    {
        let inputs = [Input::bytes(name, bytes)];
        let report = ingest(&world.store, &inputs, &words(), &world.options(), &mut ()).unwrap();
        let expected = if number == 0 { [1, 0, 0, 0, 0] } else { [0, 0, 1, 0, 0] };
        assert_eq!(counts(&report, "organizations"), expected, "{name}");
        world.day = world.day.next();
    }
}

/// What a store says, without where each record stands.
fn said(store: &MemoryStore) -> Vec<String> {
    let snapshot = store.snapshot().unwrap();
    let mut all = Vec::new();
    for set in Set::ALL {
        let keys = store.keys();
        let mut each = |version: graph::store::Version| {
            all.push(format!("{:?} {:?}", version.record, version.detail(keys)?));
            Ok(())
        };
        snapshot.scan(set, BatchNo::MAX, &mut each).unwrap();
    }
    let mut pending: Vec<String> = snapshot
        .quarantine()
        .unwrap()
        .iter()
        .map(|entry| format!("{:?} {:?}", entry.row.id, entry.row.reason))
        .collect();
    pending.sort();
    all.extend(pending);
    all
}

const ROWS: [&str; 16] = [
    "organizations|uscc,name|ORG,甲",
    "organizations|uscc,name|WRONG,乙",
    "organizations|uscc,name|OTHER,丙",
    "organizations|uscc,name|OTHER,丁",
    "roles|uscc,role,id_number,person_name|WRONG,董事,IDNO,张三",
    "roles|uscc,role,id_number,person_name|ORG,监事,IDNO,张叁",
    "roles|uscc,role,id_number,person_name|914403001922038218,董事,IDNO,张三",
    "roles|uscc,role,id_number,person_name|ORG,董事,,张三",
    "penalties|decision_no,authority,uscc,decision_on|罚1,甲局,ORG,2024-01-01",
    "penalties|decision_no,authority,uscc,decision_on|罚1,乙局,OTHER,2024-01-01",
    "penalties|decision_no,authority,uscc,decision_on|罚2,乙局,OTHER,昨天",
    "repairs|target_no,repaired_on|罚1,2024-02-01",
    "repairs|target_no,repaired_on|罚2,2024-02-01",
    "responsible_persons|case_no,person_name,responsibility|罚1,李四,direct",
    "responsible_persons|case_no,person_name,responsibility|罚2,李四,direct",
    "holdings|uscc,holder_uscc,ratio|ORG,OTHER,50",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neither_the_order_of_rows_nor_their_files_matter(
        order in Just((0..ROWS.len()).collect::<Vec<_>>()).prop_shuffle(), take in 1..=ROWS.len(),
    ) {
        let chosen = &order[..take];
        let load = |rows: &[usize], together: bool| {
            let mut files: Vec<(String, String)> = Vec::new();
            for (number, row) in rows.iter().enumerate() {
                let mut parts = ROWS[*row].split('|');
                let (set, header, cells) =
                    (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                let name = if together { format!("{set}.csv") } else { format!("{set}-{number}.csv") };
                match files.iter_mut().find(|(own, _)| *own == name) {
                    Some((_, text)) => text.push_str(&format!("{cells}\n")),
                    None => files.push((name, format!("{header}\n{cells}\n"))),
                }
            }
            let files: Vec<(&str, &str)> =
                files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let mut world = World::new();
            world.load(&files);
            said(&world.store)
        };
        let mut sorted = chosen.to_vec();
        sorted.sort_unstable();
        let expected = load(&sorted, true);
        prop_assert_eq!(&load(chosen, true), &expected);
        prop_assert_eq!(&load(chosen, false), &expected);
    }
}

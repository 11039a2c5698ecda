//! Rows become versions of records and persons.

use graph::change::BatchNo;
use graph::id::{EntityId, Set, Uscc};
use graph::record::{Person, key};
use graph::store::Store;

use super::{ID, ORG, World, counts};
use crate::report::Finding;

#[test]
fn rows_become_versions() {
    let mut world = World::new();
    let first = ("organizations.csv", "uscc,name\nORG,甲\nOTHER,乙\n");
    assert_eq!(
        counts(&world.load(&[first]), "organizations"),
        [2, 0, 0, 0, 0]
    );
    let again = world.load(&[first]);
    assert_eq!(counts(&again, "organizations"), [0, 0, 2, 0, 0]);
    assert_eq!(again.batch, None);
    let second = (
        "organizations.csv",
        "uscc,name,op\nORG,丙,\nOTHER,,delete\n",
    );
    assert_eq!(
        counts(&world.load(&[second]), "organizations"),
        [0, 1, 0, 1, 0]
    );
    assert_eq!(world.count(Set::Organisations), 1);
    let gone = world.load(&[("organizations.csv", "uscc,op\nOTHER,delete\n")]);
    assert_eq!(counts(&gone, "organizations"), [0, 0, 1, 0, 0]);
    assert_eq!(gone.findings.get(&Finding::NothingToWithdraw), Some(&1));
    let org = EntityId::organisation(Uscc::parse(ORG).unwrap());
    let history = world
        .store
        .snapshot()
        .unwrap()
        .history(Set::Organisations, key::organisation(org));
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
    let split = [
        ("organizations-1.csv", "uscc,name\nORG,甲\n"),
        ("organizations-2.csv", "uscc,name\nORG,乙\n"),
    ];
    assert_eq!(
        counts(&World::new().load(&split), "organizations"),
        [0, 0, 0, 0, 2]
    );
}

const TWO_CASES: &str =
    "decision_no,authority,uscc,decision_on\n罚1,甲局,ORG,2024-01-01\n罚1,乙局,OTHER,2024-01-02\n";

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
    assert_eq!(
        counts(&world.load(&[("repairs.csv", by_subject)]), "repairs"),
        [1, 0, 0, 0, 0]
    );
}

#[test]
fn one_document_on_two_subjects_is_two_cases() {
    let joint = "decision_no,authority,uscc,decision_on\n\
        罚1,甲局,ORG,2024-01-01\n罚1,甲局,OTHER,2024-01-01\n";
    let mut world = World::new();
    assert_eq!(
        counts(&world.load(&[("penalties.csv", joint)]), "penalties"),
        [2, 0, 0, 0, 0]
    );
    let enforced = "enforcement_no,uscc,id_number,measure,case_no,from\n\
        1,ORG,,m,罚1,2024-02-01\n2,,IDNO,m,罚1,2024-02-01\n";
    let report = world.load(&[("enforcements.csv", enforced)]);
    assert_eq!(counts(&report, "enforcements"), [1, 0, 0, 0, 1]);
    let named = "case_no,uscc,person_name,responsibility\n\
        罚1,ORG,张三,direct\n罚1,,张三,direct\n";
    let report = world.load(&[("responsible_persons.csv", named)]);
    assert_eq!(counts(&report, "responsible_persons"), [1, 0, 0, 0, 1]);
    assert_eq!(world.reasons(), ["ambiguous_reference"; 2]);
}

#[test]
fn persons_keep_the_newest_name_and_no_old_file_brings_one_back() {
    let mut world = World::new();
    let role = |name: &str| {
        format!("uscc,role,id_number,person_name,from\nORG,董事,IDNO,{name},2024-01-01\n")
    };
    let name = |world: &World| {
        let id = world
            .store
            .keys()
            .person(graph::record::IdType::ResidentId, ID);
        let snapshot = world.store.snapshot().unwrap();
        let person = snapshot
            .record(Set::Persons, key::person(id), BatchNo::MAX)
            .unwrap()
            .unwrap();
        person.detail(world.store.keys()).unwrap()[Person::NAME].clone()
    };
    world.load(&[("roles.csv", &role("张三"))]);
    assert_eq!(name(&world), "张三");
    world.load(&[(
        "holdings.csv",
        "uscc,id_number,holder_name,ratio\nORG,IDNO,张叁,50\n",
    )]);
    assert_eq!(name(&world), "张叁");
    assert_eq!(world.load(&[("roles.csv", &role("张三"))]).batch, None);
    assert_eq!(name(&world), "张叁");
    world.load(&[(
        "checks.csv",
        "check_no,id_number,checked_at\n1,IDNO,2024-01-01\n",
    )]);
    assert_eq!(name(&world), "张叁");
}

#[test]
fn unknown_departments_and_lists() {
    let mut world = World::new();
    let checks =
        "check_no,department,uscc,checked_at\n1,D-A,ORG,2024-01-01\n2,D-B,ORG,2024-01-01\n";
    let report = world.load(&[
        ("checks.csv", checks),
        ("departments.csv", "department,name\nD-A,甲\n"),
    ]);
    assert_eq!(report.findings.get(&Finding::UnknownDepartment), Some(&1));
    let listings =
        "listing_no,list,uscc,listed_on\n列1,名单1,ORG,2024-01-01\n列2,名单9,ORG,2024-01-01\n";
    let report = world.load(&[("listings.csv", listings)]);
    assert_eq!(counts(&report, "listings"), [1, 0, 0, 0, 1]);
    assert_eq!(world.reasons(), ["bad_enum"]);
}

#[test]
fn a_determination_on_the_cases_own_subject_is_found() {
    let mut world = World::new();
    let penalty = (
        "penalties.csv",
        "decision_no,authority,id_number,decision_on\n罚1,甲局,IDNO,2024-01-01\n",
    );
    let decided = (
        "determinations.csv",
        "case_no,id_number,decided_on,outcome\n罚1,IDNO,2024-02-01,confirmed\n",
    );
    let report = world.load(&[decided, penalty]);
    assert_eq!(
        report.findings.get(&Finding::DeterminationOnSubject),
        Some(&1)
    );
}

//! Rows in quarantine, and what resolves them.

use graph::id::Set;
use graph::store::Store;

use super::{World, counts};
use crate::quarantine::{export, id_text};
use crate::report::Finding;

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
    let fixed =
        "uscc,name,established_on\nORG,甲,2024-12-01\nOTHER,乙,2024-01-02\nOTHER,乙,2024-01-02\n";
    world.load(&[("organizations.csv", fixed)]);
    assert_eq!(world.reasons(), [""; 0]);
}

#[test]
fn a_correction_of_the_key_itself_is_recognised() {
    let mut world = World::new();
    world.load(&[(
        "roles.csv",
        "uscc,role,id_number,person_name,from\nORG,董事,110105194912310021,张三,2024-01-01\n",
    )]);
    assert_eq!(world.reasons(), ["bad_id_number"]);
    world.load(&[(
        "roles-fixed.csv",
        "uscc,role,id_number,person_name,from\nORG,董事,IDNO,张三,2024-01-01\n",
    )]);
    assert_eq!(world.reasons(), [""; 0]);
}

#[test]
fn an_exported_row_resolves_the_entry_it_names() {
    let mut world = World::new();
    world.load(&[(
        "determinations.csv",
        "case_no,id_number,decided_on,outcome,reason\n罚1,IDNO,昨天,rejected,无关\n",
    )]);
    let table = export(&world.pending()).remove(0);
    assert_eq!(table.stem(), "determinations-quarantine");
    assert_eq!(
        table.headers[5..],
        [
            "quarantine_id",
            "quarantine_reason",
            "field",
            "message",
            "raw_text"
        ]
    );
    assert_eq!(table.rows[0][5], id_text(world.pending()[0].row.id));
    let join = |rows: &[Vec<String>]| {
        rows.iter()
            .map(|row| row.join(",").replace(": ", " "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let unchanged = join(&[table.headers.clone(), table.rows[0].clone()]);
    assert_eq!(
        world
            .load(&[("determinations-quarantine.csv", &unchanged)])
            .batch,
        None
    );
    let corrected = unchanged
        .replace("昨天", "2024-01-01")
        .replace("罚1", "罚2");
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

const ROLE_AT_WRONG: &str =
    "uscc,role,id_number,person_name,from\nWRONG,董事,IDNO,张三,2024-01-01\n";

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
    assert_eq!(
        counts(&world.load(&[("roles.csv", ROLE_AT_WRONG)]), "roles"),
        [0, 0, 1, 0, 0]
    );
    let snapshot = world.store.snapshot().unwrap();
    let batch = snapshot.batches().unwrap().pop().unwrap();
    assert_eq!(batch.files, ["organizations.csv", "roles.csv"]);
}

#[test]
fn a_wrong_code_registered_in_the_same_batch_is_accepted() {
    let mut world = World::new();
    let report = world.load(&[
        ("roles.csv", ROLE_AT_WRONG),
        ("organizations.csv", "uscc,name\nWRONG,甲\n"),
    ]);
    assert_eq!(counts(&report, "roles"), [1, 0, 0, 0, 0]);
}

#[test]
fn a_person_without_a_number_is_told_by_the_cases_organisation() {
    let named = "case_no,person_name,responsibility\n罚7,张三,direct\n";
    let mut world = World::new();
    let report = world.load(&[("responsible_persons.csv", named)]);
    assert_eq!(counts(&report, "responsible_persons"), [0, 0, 0, 0, 1]);
    let penalty = (
        "penalties.csv",
        "decision_no,authority,uscc,decision_on\n罚7,甲局,ORG,2024-01-01\n",
    );
    let report = world.load(&[penalty]);
    assert_eq!(report.sets["responsible_persons"].taken_up, 1);
    assert_eq!(
        (world.count(Set::ResponsiblePersons), world.reasons().len()),
        (1, 0)
    );
    let mut together = World::new();
    let report = together.load(&[("responsible_persons.csv", named), penalty]);
    assert_eq!(counts(&report, "responsible_persons"), [1, 0, 0, 0, 0]);
}

//! Whom a row speaks of.

use graph::id::Set;
use graph::record::Record;

use super::{ID, accepted, read, with};

#[test]
fn persons_are_told_by_document_and_by_name_at_one_organisation() {
    let person = |row: &str| accepted(Set::Roles, &with(row)).2.person.unwrap().person.id;
    let base = "uscc=ORG|role=董事";
    let old = person(&format!("{base}|id_number=110105491231002"));
    assert_eq!(
        old,
        person(&format!("{base}|id_number=IDNO|person_name=张三"))
    );
    assert_eq!(
        old,
        person(&format!(
            "{base}|证件类型=居民身份证|id_number=11010519491231002x"
        ))
    );
    assert_ne!(
        old,
        person(&format!("{base}|id_type=passport|id_number=IDNO"))
    );
    let named = person(&format!("{base}|person_name=张　 三"));
    assert_eq!(named, person(&format!("{base}|person_name=张 三")));
    assert_ne!(named, person("uscc=OTHER|role=董事|person_name=张 三"));
}

#[test]
fn the_subject_is_told_from_the_identifier() {
    let kind = |row: &str| {
        let row = with(&format!("target_no=1|repaired_on=2024-01-01|{row}"));
        match accepted(Set::Repairs, &row).0 {
            Record::Repair(repair) => repair.subject.map(|subject| subject.is_organisation()),
            _ => None,
        }
    };
    assert_eq!(kind("uscc=ORG"), Some(true));
    assert_eq!(kind("id_number=IDNO"), Some(false));
    assert_eq!(kind("uscc=IDNO"), Some(false));
    assert_eq!(kind("id_number=ORG"), Some(true));
    assert_eq!(kind("subject_kind=org|uscc=ORG|id_number=IDNO"), Some(true));
    assert_eq!(
        kind("subject_kind=自然人|uscc=ORG|id_number=IDNO"),
        Some(false)
    );
    assert_eq!(kind("uscc="), None);
    let (_, detail, _) = accepted(
        Set::Repairs,
        &with("target_no=1|repaired_on=2024-01-01|uscc=ORG|id_number=IDNO"),
    );
    assert_eq!(detail.get("id_number").map(String::as_str), Some(ID));
}

#[test]
fn no_message_holds_what_the_row_says() {
    let (fault, notes) = read(
        Set::Roles,
        &with("uscc=ORG|role=董事|id_number=110105194912310021|person_name=张三"),
    );
    let (_, _, good) = accepted(
        Set::Roles,
        &with("uscc=ORG|role=董事|id_number=IDNO|person_name=张三"),
    );
    let shown = format!("{:?}{notes:?}{good:?}", fault.err());
    assert!(
        !shown.contains("1949") && !shown.contains("张三"),
        "{shown}"
    );
}

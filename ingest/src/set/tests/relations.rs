//! Organisations, offices, shares and control.

use graph::id::Set;
use graph::record::Record;

use super::{accepted, finds, read, refused, with};
use crate::report::Finding;

#[test]
fn organisations() {
    let set = Set::Organisations;
    finds(set, &with("uscc=ORG|name=某某"), &[]);
    finds(
        set,
        &with("统一社会信用代码= 914403001922038216 |企业名称=某某|经营状态=存续"),
        &[],
    );
    finds(set, &with("uscc=WRONG|name=某某"), &[Finding::WrongCode]);
    finds(
        set,
        "uscc=914403001922038113|name=某某",
        &[Finding::WrongCode, Finding::InnerCheck],
    );
    finds(
        set,
        &with("uscc=ORG|name=a|superior_uscc=WRONG"),
        &[Finding::WrongCode],
    );
    let dates = with("uscc=ORG|name=a|established_on=2024-01-01|dissolved_on=2023-01-01");
    finds(set, &dates, &[Finding::DatesOutOfOrder]);
    refused(set, &with("uscc=ORG"), "missing_field name");
    refused(set, "uscc=|name=a", "missing_field uscc");
    refused(set, "uscc=123|name=a", "bad_uscc uscc");
    refused(set, &with("uscc=IDNO|name=a"), "bad_uscc uscc");
    refused(set, &with("uscc=ORG|name=a|kind=公司x"), "bad_enum kind");
    refused(set, &with("uscc=ORG|name=a|status=?"), "bad_enum status");
    refused(
        set,
        &with("uscc=ORG|name=a|state_owned=也许"),
        "bad_enum state_owned",
    );
    refused(
        set,
        &with("uscc=ORG|name=a|established_on=2023-02-29"),
        "bad_date established_on",
    );
    refused(set, &with("uscc=ORG|name=a|op=x"), "bad_enum op");
}

#[test]
fn a_name_is_normalised_and_kept_as_written() {
    let (record, detail, _) = accepted(
        Set::Organisations,
        &with("uscc=ORG|name=某某（集团）公司|注册资本=5万"),
    );
    assert!(matches!(record, Record::Organisation(org) if org.name == "某某(集团)公司"));
    assert_eq!(
        detail.get("name").map(String::as_str),
        Some("某某（集团）公司")
    );
    assert_eq!(detail.get("注册资本").map(String::as_str), Some("5万"));
}

#[test]
fn roles() {
    let set = Set::Roles;
    finds(
        set,
        &with("uscc=ORG|role=法定代表人|id_number=IDNO|person_name=张三|from=2024-01-01"),
        &[],
    );
    finds(set, &with("uscc=ORG|职务=principal|姓名=张三"), &[]);
    finds(
        set,
        &with("uscc=ORG|role=董事|person_name=张三|from=2024-01-01|to=长期"),
        &[],
    );
    let empty = with("uscc=ORG|role=董事|person_name=张三|from=2024-01-01|to=2024-01-01");
    finds(set, &empty, &[Finding::EmptyInterval]);
    refused(
        set,
        &with("role=董事|person_name=张三"),
        "missing_field uscc",
    );
    refused(
        set,
        &with("uscc=ORG|person_name=张三"),
        "missing_field role",
    );
    refused(set, &with("uscc=ORG|role=董事"), "missing_field id_number");
    refused(
        set,
        &with("uscc=ORG|role=扫地|person_name=张三"),
        "bad_enum role",
    );
    refused(
        set,
        &with("uscc=ORG|role=董事|id_number=110105194912310021"),
        "bad_id_number id_number",
    );
    refused(
        set,
        &with("uscc=ORG|role=董事|id_number=E1234|id_type=护照x"),
        "bad_enum id_type",
    );
    let reversed = with("uscc=ORG|role=董事|person_name=张三|from=2024-01-02|to=2024-01-01");
    refused(set, &reversed, "interval_reversed to");
    assert_eq!(
        read(set, &with("uscc=WRONG|role=董事|person_name=张三"))
            .1
            .doubtful
            .len(),
        1
    );
}

#[test]
fn holdings() {
    let set = Set::Holdings;
    finds(
        set,
        &with("uscc=ORG|holder_kind=org|holder_uscc=OTHER|ratio=51%"),
        &[],
    );
    finds(
        set,
        &with("uscc=ORG|holder_uscc=ORG|ratio=51"),
        &[Finding::SelfHolding],
    );
    finds(
        set,
        &with("uscc=ORG|id_number=IDNO|holder_name=张三|ratio=51"),
        &[],
    );
    finds(
        set,
        &with("uscc=ORG|holder_kind=person|holder_name=张三|ratio=51"),
        &[],
    );
    finds(
        set,
        &with("uscc=ORG|holder_name=张三|ratio="),
        &[Finding::NoRatio],
    );
    refused(
        set,
        &with("uscc=ORG|holder_name=某某有限公司|ratio=51"),
        "missing_field holder_uscc",
    );
    refused(
        set,
        &with("uscc=ORG|holder_kind=org|ratio=51"),
        "missing_field holder_uscc",
    );
    refused(set, &with("uscc=ORG|ratio=51"), "missing_field holder_uscc");
    refused(
        set,
        &with("uscc=ORG|holder_uscc=OTHER|ratio=101"),
        "ratio_out_of_range ratio",
    );
    refused(
        set,
        &with("uscc=ORG|holder_uscc=OTHER|ratio=-1"),
        "ratio_out_of_range ratio",
    );
    refused(
        set,
        &with("uscc=ORG|holder_uscc=OTHER|ratio=一半"),
        "bad_number ratio",
    );
    refused(
        set,
        &with("uscc=ORG|holder_uscc=OTHER|voting_ratio=1.0000001"),
        "bad_number voting_ratio",
    );
    refused(
        set,
        &with("uscc=ORG|holder_kind=x|holder_uscc=OTHER"),
        "bad_enum holder_kind",
    );
}

#[test]
fn control_agreements() {
    let set = Set::ControlAgreements;
    for prefix in ["holder", "controller"] {
        let row = format!("uscc=ORG|{prefix}_kind=org|{prefix}_uscc=OTHER|document=协议|kind=代持");
        finds(set, &with(&row), &[]);
    }
    refused(
        set,
        &with("uscc=ORG|controller_uscc=OTHER|kind=代持"),
        "missing_field document",
    );
    refused(
        set,
        &with("uscc=ORG|controller_uscc=OTHER|document=a|kind=x"),
        "bad_enum kind",
    );
}

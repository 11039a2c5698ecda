//! What follows a case, and what departments do.

use graph::id::Set;

use super::{PENALTY, Said, accepted, finds, read, refused, with};
use crate::report::Finding;

#[test]
fn persons_in_a_case() {
    let id = "id_number=IDNO";
    let responsible = with(&format!("case_no=罚1|{id}|responsibility=直接责任人"));
    finds(Set::ResponsiblePersons, &responsible, &[]);
    refused(
        Set::ResponsiblePersons,
        &with(&format!("case_no=罚1|{id}")),
        "missing_field responsibility",
    );
    let nameless = "case_no=罚1|person_name=张三|responsibility=direct";
    assert!(read(Set::ResponsiblePersons, nameless).1.needs_case);
    let decided = with(&format!("case_no=罚1|{id}|decided_on=2024-01-01"));
    finds(Set::Determinations, &format!("{decided}|outcome=认定"), &[]);
    refused(Set::Determinations, &decided, "missing_field outcome");
    refused(
        Set::Determinations,
        &format!("{decided}|outcome=不予认定"),
        "missing_field reason",
    );
}

#[test]
fn repairs_and_objections() {
    finds(Set::Repairs, "target_no=罚1|修复日期=2024-01-01", &[]);
    refused(Set::Repairs, "target_no=罚1", "missing_field repaired_on");
    refused(
        Set::Repairs,
        "repaired_on=2024-01-01",
        "missing_field target_no",
    );
    finds(
        Set::Objections,
        "objection_no=1|target_no=罚1|filed_on=2024-01-01",
        &[],
    );
    refused(
        Set::Objections,
        "objection_no=1|outcome=?",
        "bad_enum outcome",
    );
}

#[test]
fn departments_matters_checks_and_enforcements() {
    finds(Set::Departments, "部门编码=D-FIN|部门名称=财政局", &[]);
    refused(Set::Departments, "name=财政局", "missing_field department");
    let matter =
        with("matter_no=1|department=D|item=政府采购供应商资格审查|uscc=ORG|受理日期=2024-01-02");
    finds(Set::Matters, &matter, &[]);
    refused(
        Set::Matters,
        &format!("{matter}|办结日期=2024-01-01"),
        "interval_reversed decided_on",
    );
    let unknown = with("matter_no=1|item=x|uscc=ORG|accepted_on=2024-01-02|refused_for=y");
    finds(
        Set::Matters,
        &unknown,
        &[Finding::UnknownItem, Finding::UnknownMeasure],
    );
    finds(
        Set::Checks,
        &with("核查编号=1|uscc=ORG|核查时间=2024-01-02T23:59:59Z"),
        &[],
    );
    refused(
        Set::Checks,
        &with("check_no=1|uscc=ORG"),
        "missing_field checked_at",
    );
    let enforced =
        with("实施编号=1|department=D|uscc=ORG|惩戒措施=限制高消费|依据文号=罚1|from=2024-01-02");
    finds(Set::Enforcements, &enforced, &[]);
    refused(
        Set::Enforcements,
        &format!("{enforced}|to=2024-01-01"),
        "interval_reversed to",
    );
    refused(
        Set::Enforcements,
        &with("enforcement_no=1|uscc=ORG"),
        "missing_field from",
    );
}

#[test]
fn a_withdrawal_needs_the_key_only() {
    let put = accepted(Set::Penalties, &with(PENALTY)).0.id();
    let row = with("decision_no=罚1|authority=市监局|uscc=ORG|op=delete");
    assert!(matches!(read(Set::Penalties, &row).0, Ok(Said::Withdraw(id)) if id == put));
    let put = accepted(
        Set::Roles,
        &with("uscc=ORG|role=董事|id_number=IDNO|from=2024-01-01"),
    )
    .0
    .id();
    let row = with("uscc=ORG|role=董事|id_number=IDNO|from=2024-01-01|操作=删除");
    assert!(matches!(read(Set::Roles, &row).0, Ok(Said::Withdraw(id)) if id == put));
}

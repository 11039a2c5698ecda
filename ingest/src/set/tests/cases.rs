//! Penalties and listings.

use graph::id::Set;
use graph::record::Record;

use super::{ID, OTHER, PENALTY, accepted, finds, refused, with};
use crate::report::Finding;

#[test]
fn penalties() {
    let set = Set::Penalties;
    finds(set, &with(PENALTY), &[]);
    refused(
        set,
        &with("authority=a|uscc=ORG|decision_on=2024-03-01"),
        "missing_field decision_no",
    );
    refused(
        set,
        &with("decision_no=a|uscc=ORG|decision_on=2024-03-01"),
        "missing_field authority",
    );
    refused(
        set,
        &with("decision_no=a|authority=b|decision_on=2024-03-01"),
        "missing_field uscc",
    );
    refused(
        set,
        &with("decision_no=a|authority=b|uscc=ORG"),
        "missing_field decision_on",
    );
    refused(
        set,
        &with("decision_no=a|authority=b|uscc=ORG|decision_on=长期"),
        "missing_field decision_on",
    );
    let more = |rest: &str| with(&format!("{PENALTY}|{rest}"));
    refused(set, &more("kinds=罚款;口头"), "bad_enum kinds");
    refused(set, &more("fine_yuan=很多"), "bad_number fine_yuan");
    refused(
        set,
        &more("summary_procedure=?"),
        "bad_enum summary_procedure",
    );
    refused(set, &more("status=?"), "bad_enum status");
    refused(
        set,
        &more("violation_from=2024-01-02|violation_on=2024-01-01"),
        "interval_reversed violation_on",
    );
    finds(
        set,
        &more("reported_on=2024-02-01"),
        &[Finding::DatesOutOfOrder],
    );
    refused(
        set,
        &with(&PENALTY.replace("uscc=ORG", "subject_kind=person|person_name=张三")),
        "missing_field id_number",
    );
}

#[test]
fn the_2018_publication_standard_loads_as_it_is() {
    let row = "行政相对人名称=某某公司|行政相对人类别=法人及非法人组织|行政相对人代码_1（统一社会信用代码）=ORG\
        |行政相对人代码_2（工商注册号）=341500000012345|法定代表人=王五|法定代表人证件类型=身份证\
        |法定代表人证件号码=IDNO|自然人证件类型=|自然人证件号码=|行政处罚决定书文号=六市监罚〔2024〕1号\
        |违法行为类型=食品安全|违法事实=事实|处罚依据=依据|处罚类别=罚款;没收违法所得、没收非法财物;暂扣或吊销许可证\
        |处罚内容=罚款并吊销许可证|罚款金额（万元）=2.4151|没收违法所得、没收非法财物的金额（万元）=0.01\
        |暂扣或吊销证照名称及编号=食品经营许可证|处罚决定日期=2024/03/01|处罚有效期=2099-12-31|公示截止期=2027/03/01\
        |处罚机关=六安市市场监督管理局|处罚机关统一社会信用代码=OTHER|数据来源单位=a|备注=";
    let (record, detail, notes) = accepted(Set::Penalties, &with(row));
    let Record::Penalty(penalty) = record else {
        panic!("no penalty")
    };
    assert_eq!(penalty.decision_no, "六市监罚〔2024〕1号");
    assert_eq!(penalty.authority, OTHER);
    assert_eq!(penalty.fine.unwrap().to_string(), "24151");
    assert_eq!(penalty.confiscated.unwrap().to_string(), "100");
    let kinds: Vec<&str> = penalty.kinds.iter().map(|kind| kind.code()).collect();
    assert_eq!(kinds, ["fine", "confiscation", "licence_revoked"]);
    assert_eq!(penalty.published_until.unwrap().to_string(), "2027-03-01");
    assert_eq!(notes.findings, []);
    for (name, text) in [
        ("legal_representative_name", "王五"),
        ("法定代表人证件号码", ID),
        ("subject_name", "某某公司"),
        ("处罚有效期", "2099-12-31"),
        ("authority_name", "六安市市场监督管理局"),
    ] {
        assert_eq!(detail.get(name).map(String::as_str), Some(text), "{name}");
    }
    let natural = "CF_XDR_MC=张三|CF_XDR_LB=自然人|CF_XDR_ZJLX=身份证|CF_XDR_ZJHM=IDNO|CF_WSH=罚2\
        |CF_JDRQ=2024-03-01|CF_CFJG=某局|CF_CFLB=警告|CF_NR_FK=0.02|CF_GSJZQ=2025-03-01";
    let (record, _, notes) = accepted(Set::Penalties, &with(natural));
    assert_eq!(notes.person.unwrap().name, "张三");
    assert!(matches!(record, Record::Penalty(p) if p.fine.unwrap().to_string() == "200"));
}

#[test]
fn suspended_or_revoked_is_told_by_the_text() {
    for (content, code, findings) in [
        ("暂扣许可证三个月", "licence_suspended", &[][..]),
        ("吊销许可证", "licence_revoked", &[]),
        ("", "licence_suspended", &[Finding::UncertainKind]),
    ] {
        let row = with(&format!(
            "{PENALTY}|kinds=暂扣或吊销执照|处罚内容={content}"
        ));
        let (record, _, notes) = accepted(Set::Penalties, &row);
        assert!(
            matches!(record, Record::Penalty(p) if p.kinds[0].code() == code),
            "{content}"
        );
        assert_eq!(notes.findings, findings);
    }
}

#[test]
fn listings() {
    let set = Set::Listings;
    let base = "listing_no=列1|uscc=ORG|listed_on=2024-03-01";
    let (record, ..) = accepted(set, &with(&format!("{base}|list=失信被执行人")));
    assert!(matches!(record, Record::Listing(l) if l.list == "court_defaulter"));
    refused(set, &with(&format!("{base}|list=黑名单")), "bad_enum list");
    refused(set, &with(base), "missing_field list");
    let listed = "listing_no=列1|list=court_defaulter|listed_on=2024-03-01";
    refused(set, listed, "missing_field uscc");
    refused(
        set,
        &with("list=court_defaulter|uscc=ORG|listed_on=2024-03-01"),
        "missing_field listing_no",
    );
    refused(
        set,
        &with("listing_no=1|list=court_defaulter|uscc=ORG"),
        "missing_field listed_on",
    );
    let removed = with(&format!(
        "{base}|list=court_defaulter|removed_on=2024-02-01|removal_reason=到期"
    ));
    finds(set, &removed, &[Finding::DatesOutOfOrder]);
    refused(
        set,
        &with(&format!("{base}|list=court_defaulter|removal_reason=?")),
        "bad_enum removal_reason",
    );
}

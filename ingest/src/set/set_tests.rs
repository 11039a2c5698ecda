//! Every record set, row by row: what is accepted, and what is refused for which reason.

use graph::id::Set;
use graph::record::Record;
use graph::seal::Keys;

use super::{Asked, Columns, Context, Notes, Row, Vocabulary, read_row, spec};
use crate::report::Finding;

pub(super) fn vocabulary() -> Vocabulary {
    let mut words = Vocabulary::new();
    words.add_list("court_defaulter", &["失信被执行人"]);
    words.add_measure("limit_consumption", &["限制高消费"]);
    words.add_item("GP-01", &["政府采购供应商资格审查"]);
    words
}

/// Reads one row given as `header=cell` pairs.
fn read(set: Set, row: &str) -> (Result<Asked, String>, Notes) {
    let pairs: Vec<(&str, &str)> = row.split('|').filter_map(|pair| pair.split_once('=')).collect();
    let headers: Vec<String> = pairs.iter().map(|(header, _)| (*header).to_owned()).collect();
    let cells: Vec<String> = pairs.iter().map(|(_, cell)| (*cell).to_owned()).collect();
    let (keys, words) = (Keys::new(&[1; 32]), vocabulary());
    let context = Context { keys: &keys, vocabulary: &words, case_org: None };
    let spec = spec(set).unwrap();
    let columns = Columns::find(spec.columns, &headers);
    let mut notes = Notes::default();
    let asked = read_row(spec, &Row { context, columns: &columns, cells: &cells }, &mut notes);
    (asked.map_err(|fault| format!("{} {}", fault.reason.code(), fault.field)), notes)
}

fn refused(set: Set, row: &str, expected: &str) {
    assert_eq!(read(set, row).0.err().as_deref(), Some(expected), "{row}");
}

fn accepted(set: Set, row: &str) -> (Record, graph::record::Detail, Notes) {
    match read(set, row) {
        (Ok(Asked::Put(record, detail)), notes) => (record, detail, notes),
        (Ok(Asked::Withdraw(_)), _) => panic!("{row}: a withdrawal"),
        (Err(fault), _) => panic!("{row}: {fault}"),
    }
}

fn finds(set: Set, row: &str, expected: &[Finding]) {
    assert_eq!(accepted(set, row).2.findings, expected, "{row}");
}

const ORG: &str = "914403001922038216";
const OTHER: &str = "91330100799655058B";
const WRONG: &str = "914403001922038217";
const ID: &str = "11010519491231002X";

fn with(row: &str) -> String {
    row.replace("ORG", ORG).replace("OTHER", OTHER).replace("WRONG", WRONG).replace("IDNO", ID)
}

#[test]
fn organisations() {
    let set = Set::Organisations;
    finds(set, &with("uscc=ORG|name=某某"), &[]);
    finds(set, &with("统一社会信用代码= 914403001922038216 |企业名称=某某|经营状态=存续"), &[]);
    finds(set, &with("uscc=WRONG|name=某某"), &[Finding::WrongCode]);
    finds(set, "uscc=914403001922038113|name=某某", &[Finding::WrongCode, Finding::InnerCheck]);
    finds(set, &with("uscc=ORG|name=a|superior_uscc=WRONG"), &[Finding::WrongCode]);
    let dates = with("uscc=ORG|name=a|established_on=2024-01-01|dissolved_on=2023-01-01");
    finds(set, &dates, &[Finding::DatesOutOfOrder]);
    refused(set, &with("uscc=ORG"), "missing_field name");
    refused(set, "uscc=|name=a", "missing_field uscc");
    refused(set, "uscc=123|name=a", "bad_uscc uscc");
    refused(set, &with("uscc=IDNO|name=a"), "bad_uscc uscc");
    refused(set, &with("uscc=ORG|name=a|kind=公司x"), "bad_enum kind");
    refused(set, &with("uscc=ORG|name=a|status=?"), "bad_enum status");
    refused(set, &with("uscc=ORG|name=a|state_owned=也许"), "bad_enum state_owned");
    refused(set, &with("uscc=ORG|name=a|established_on=2023-02-29"), "bad_date established_on");
    refused(set, &with("uscc=ORG|name=a|op=x"), "bad_enum op");
}

#[test]
fn a_name_is_normalised_and_kept_as_written() {
    let (record, detail, _) =
        accepted(Set::Organisations, &with("uscc=ORG|name=某某（集团）公司|注册资本=5万"));
    assert!(matches!(record, Record::Organisation(org) if org.name == "某某(集团)公司"));
    assert_eq!(detail.get("name").map(String::as_str), Some("某某（集团）公司"));
    assert_eq!(detail.get("注册资本").map(String::as_str), Some("5万"));
}

#[test]
fn roles() {
    let set = Set::Roles;
    finds(set, &with("uscc=ORG|role=法定代表人|id_number=IDNO|person_name=张三|from=2024-01-01"), &[]);
    finds(set, &with("uscc=ORG|职务=principal|姓名=张三"), &[]);
    finds(set, &with("uscc=ORG|role=董事|person_name=张三|from=2024-01-01|to=长期"), &[]);
    let empty = with("uscc=ORG|role=董事|person_name=张三|from=2024-01-01|to=2024-01-01");
    finds(set, &empty, &[Finding::EmptyInterval]);
    refused(set, &with("role=董事|person_name=张三"), "missing_field uscc");
    refused(set, &with("uscc=ORG|person_name=张三"), "missing_field role");
    refused(set, &with("uscc=ORG|role=董事"), "missing_field id_number");
    refused(set, &with("uscc=ORG|role=扫地|person_name=张三"), "bad_enum role");
    refused(set, &with("uscc=ORG|role=董事|id_number=110105194912310021"), "bad_id_number id_number");
    refused(set, &with("uscc=ORG|role=董事|id_number=E1234|id_type=护照x"), "bad_enum id_type");
    let reversed = with("uscc=ORG|role=董事|person_name=张三|from=2024-01-02|to=2024-01-01");
    refused(set, &reversed, "interval_reversed to");
    assert_eq!(read(set, &with("uscc=WRONG|role=董事|person_name=张三")).1.doubtful.len(), 1);
}

#[test]
fn persons_are_told_by_document_and_by_name_at_one_organisation() {
    let person = |row: &str| accepted(Set::Roles, &with(row)).2.person.unwrap().person.id;
    let base = "uscc=ORG|role=董事";
    let old = person(&format!("{base}|id_number=110105491231002"));
    assert_eq!(old, person(&format!("{base}|id_number=IDNO|person_name=张三")));
    assert_eq!(old, person(&format!("{base}|证件类型=居民身份证|id_number=11010519491231002x")));
    assert_ne!(old, person(&format!("{base}|id_type=passport|id_number=IDNO")));
    let named = person(&format!("{base}|person_name=张　 三"));
    assert_eq!(named, person(&format!("{base}|person_name=张 三")));
    assert_ne!(named, person("uscc=OTHER|role=董事|person_name=张 三"));
}

#[test]
fn holdings() {
    let set = Set::Holdings;
    finds(set, &with("uscc=ORG|holder_kind=org|holder_uscc=OTHER|ratio=51%"), &[]);
    finds(set, &with("uscc=ORG|holder_uscc=ORG|ratio=51"), &[Finding::SelfHolding]);
    finds(set, &with("uscc=ORG|id_number=IDNO|holder_name=张三|ratio=51"), &[]);
    finds(set, &with("uscc=ORG|holder_kind=person|holder_name=张三|ratio=51"), &[]);
    finds(set, &with("uscc=ORG|holder_name=张三|ratio="), &[Finding::NoRatio]);
    refused(set, &with("uscc=ORG|holder_name=某某有限公司|ratio=51"), "missing_field holder_uscc");
    refused(set, &with("uscc=ORG|holder_kind=org|ratio=51"), "missing_field holder_uscc");
    refused(set, &with("uscc=ORG|ratio=51"), "missing_field holder_uscc");
    refused(set, &with("uscc=ORG|holder_uscc=OTHER|ratio=101"), "ratio_out_of_range ratio");
    refused(set, &with("uscc=ORG|holder_uscc=OTHER|ratio=-1"), "ratio_out_of_range ratio");
    refused(set, &with("uscc=ORG|holder_uscc=OTHER|ratio=一半"), "bad_number ratio");
    refused(set, &with("uscc=ORG|holder_uscc=OTHER|voting_ratio=1.0000001"), "bad_number voting_ratio");
    refused(set, &with("uscc=ORG|holder_kind=x|holder_uscc=OTHER"), "bad_enum holder_kind");
}

#[test]
fn control_agreements() {
    let set = Set::ControlAgreements;
    for prefix in ["holder", "controller"] {
        let row = format!("uscc=ORG|{prefix}_kind=org|{prefix}_uscc=OTHER|document=协议|kind=代持");
        finds(set, &with(&row), &[]);
    }
    refused(set, &with("uscc=ORG|controller_uscc=OTHER|kind=代持"), "missing_field document");
    refused(set, &with("uscc=ORG|controller_uscc=OTHER|document=a|kind=x"), "bad_enum kind");
}

const PENALTY: &str = "decision_no=罚1|authority=市监局|uscc=ORG|decision_on=2024-03-01";

#[test]
fn penalties() {
    let set = Set::Penalties;
    finds(set, &with(PENALTY), &[]);
    refused(set, &with("authority=a|uscc=ORG|decision_on=2024-03-01"), "missing_field decision_no");
    refused(set, &with("decision_no=a|uscc=ORG|decision_on=2024-03-01"), "missing_field authority");
    refused(set, &with("decision_no=a|authority=b|decision_on=2024-03-01"), "missing_field uscc");
    refused(set, &with("decision_no=a|authority=b|uscc=ORG"), "missing_field decision_on");
    refused(set, &with("decision_no=a|authority=b|uscc=ORG|decision_on=长期"), "missing_field decision_on");
    let more = |rest: &str| with(&format!("{PENALTY}|{rest}"));
    refused(set, &more("kinds=罚款;口头"), "bad_enum kinds");
    refused(set, &more("fine_yuan=很多"), "bad_number fine_yuan");
    refused(set, &more("summary_procedure=?"), "bad_enum summary_procedure");
    refused(set, &more("status=?"), "bad_enum status");
    refused(set, &more("violation_from=2024-01-02|violation_on=2024-01-01"), "interval_reversed violation_on");
    finds(set, &more("reported_on=2024-02-01"), &[Finding::DatesOutOfOrder]);
    refused(set, &with(&PENALTY.replace("uscc=ORG", "subject_kind=person|person_name=张三")), "missing_field id_number");
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
    let Record::Penalty(penalty) = record else { panic!("no penalty") };
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
        let row = with(&format!("{PENALTY}|kinds=暂扣或吊销执照|处罚内容={content}"));
        let (record, _, notes) = accepted(Set::Penalties, &row);
        assert!(matches!(record, Record::Penalty(p) if p.kinds[0].code() == code), "{content}");
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
    refused(set, &with("list=court_defaulter|uscc=ORG|listed_on=2024-03-01"), "missing_field listing_no");
    refused(set, &with("listing_no=1|list=court_defaulter|uscc=ORG"), "missing_field listed_on");
    let removed = with(&format!("{base}|list=court_defaulter|removed_on=2024-02-01|removal_reason=到期"));
    finds(set, &removed, &[Finding::DatesOutOfOrder]);
    refused(set, &with(&format!("{base}|list=court_defaulter|removal_reason=?")), "bad_enum removal_reason");
}

#[test]
fn the_other_sets() {
    let id = "id_number=IDNO";
    let responsible = with(&format!("case_no=罚1|{id}|responsibility=直接责任人"));
    finds(Set::ResponsiblePersons, &responsible, &[]);
    refused(Set::ResponsiblePersons, &with(&format!("case_no=罚1|{id}")), "missing_field responsibility");
    let nameless = "case_no=罚1|person_name=张三|responsibility=direct";
    assert!(read(Set::ResponsiblePersons, nameless).1.needs_case);
    let decided = with(&format!("case_no=罚1|{id}|decided_on=2024-01-01"));
    finds(Set::Determinations, &format!("{decided}|outcome=认定"), &[]);
    refused(Set::Determinations, &decided, "missing_field outcome");
    refused(Set::Determinations, &format!("{decided}|outcome=不予认定"), "missing_field reason");
    finds(Set::Repairs, "target_no=罚1|修复日期=2024-01-01", &[]);
    refused(Set::Repairs, "target_no=罚1", "missing_field repaired_on");
    refused(Set::Repairs, "repaired_on=2024-01-01", "missing_field target_no");
    finds(Set::Objections, "objection_no=1|target_no=罚1|filed_on=2024-01-01", &[]);
    refused(Set::Objections, "objection_no=1|outcome=?", "bad_enum outcome");
    finds(Set::Departments, "部门编码=D-FIN|部门名称=财政局", &[]);
    refused(Set::Departments, "name=财政局", "missing_field department");
    let matter = with("matter_no=1|department=D|item=政府采购供应商资格审查|uscc=ORG|受理日期=2024-01-02");
    finds(Set::Matters, &matter, &[]);
    refused(Set::Matters, &format!("{matter}|办结日期=2024-01-01"), "interval_reversed decided_on");
    let unknown = with("matter_no=1|item=x|uscc=ORG|accepted_on=2024-01-02|refused_for=y");
    finds(Set::Matters, &unknown, &[Finding::UnknownItem, Finding::UnknownMeasure]);
    finds(Set::Checks, &with("核查编号=1|uscc=ORG|核查时间=2024-01-02T23:59:59Z"), &[]);
    refused(Set::Checks, &with("check_no=1|uscc=ORG"), "missing_field checked_at");
    let enforced = with("实施编号=1|department=D|uscc=ORG|惩戒措施=限制高消费|依据文号=罚1|from=2024-01-02");
    finds(Set::Enforcements, &enforced, &[]);
    refused(Set::Enforcements, &format!("{enforced}|to=2024-01-01"), "interval_reversed to");
    refused(Set::Enforcements, &with("enforcement_no=1|uscc=ORG"), "missing_field from");
}

#[test]
fn a_withdrawal_needs_the_key_only() {
    let put = accepted(Set::Penalties, &with(PENALTY)).0.id();
    let row = with("decision_no=罚1|authority=市监局|uscc=ORG|op=delete");
    assert!(matches!(read(Set::Penalties, &row).0, Ok(Asked::Withdraw(id)) if id == put));
    let put = accepted(Set::Roles, &with("uscc=ORG|role=董事|id_number=IDNO|from=2024-01-01")).0.id();
    let row = with("uscc=ORG|role=董事|id_number=IDNO|from=2024-01-01|操作=删除");
    assert!(matches!(read(Set::Roles, &row).0, Ok(Asked::Withdraw(id)) if id == put));
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
    assert_eq!(kind("subject_kind=自然人|uscc=ORG|id_number=IDNO"), Some(false));
    assert_eq!(kind("uscc="), None);
    let (_, detail, _) = accepted(Set::Repairs, &with("target_no=1|repaired_on=2024-01-01|uscc=ORG|id_number=IDNO"));
    assert_eq!(detail.get("id_number").map(String::as_str), Some(ID));
}

#[test]
fn no_message_holds_what_the_row_says() {
    let (fault, notes) = read(Set::Roles, &with("uscc=ORG|role=董事|id_number=110105194912310021|person_name=张三"));
    let (_, _, good) = accepted(Set::Roles, &with("uscc=ORG|role=董事|id_number=IDNO|person_name=张三"));
    let shown = format!("{:?}{notes:?}{good:?}", fault.err());
    assert!(!shown.contains("1949") && !shown.contains("张三"), "{shown}");
}

//! The person's side: what is held on them, why, until when, and what they can do about it.

use crate::http::{Answer, Server, bearer};
use crate::product::Product;
use naive::identifier::resident_check;
use serde_json::Value;

const ORG: &str = "91350100M000100Y43";
const NAME: &str = "欧阳锋锐";
const OTHER: &str = "令狐远山";

fn number(serial: u32) -> String {
    let body = format!("1101051901010{serial:04}");
    format!("{body}{}", resident_check(&body))
}

/// A person who is legal representative of a company on a list, and another who is named in its papers.
fn founded() -> Product {
    let product = Product::empty();
    let (own, other) = (number(1101), number(1112));
    let organisations = format!("uscc,name,kind,status\n{ORG},某公司,enterprise,operating\n");
    let roles = format!(
        "uscc,role,id_type,id_number,person_name,from,to\n\
         {ORG},legal_representative,resident_id,{own},{NAME},2020-01-01,\n\
         {ORG},supervisor,resident_id,{other},{OTHER},2020-01-01,\n"
    );
    let listings = format!(
        "listing_no,list,uscc,listed_on,authority,facts\n\
         列1,court_consumption_limit,{ORG},2024-02-01,某法院,与{OTHER}（{other}）一并列明\n"
    );
    let penalties = format!(
        "decision_no,authority,subject_kind,id_type,id_number,person_name,decision_on,kinds,facts\n\
         罚1,某局,person,resident_id,{own},{NAME},2025-01-02,罚款,当事人{NAME}（{own}）与{other}\n"
    );
    let texts = [
        ("organizations.csv", organisations.as_str()),
        ("roles.csv", &roles),
        ("listings.csv", &listings),
        ("penalties.csv", &penalties),
    ];
    product.load_texts("2025-06-01", &texts);
    product
}

struct Desk {
    server: Server,
    operator: String,
    auditor: String,
}

impl Desk {
    fn ask(&self, path: &str) -> Answer {
        let why = "本人持身份证到场查询";
        let headers = [
            ("authorization", self.operator.as_str()),
            ("x-purpose", why),
        ];
        self.server.send(("GET", path), &headers, &[])
    }

    fn record(&self) -> Value {
        let answer = self.ask(&format!(
            "/v1/subjects/id:resident_id:{}/record",
            number(1101)
        ));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

#[test]
fn a_person_is_shown_their_own_record_whole_and_nobody_elses() {
    let product = founded();
    let desk = Desk {
        operator: bearer(&product, "operator", &[]),
        auditor: bearer(&product, "auditor", &[]),
        server: Server::configured(&product, "[auth]\n"),
    };
    let record = desk.record();
    assert_eq!(record["subject"]["name"], NAME);
    assert_eq!(record["subject"]["id_number"], number(1101));
    assert_eq!(record["known"], true);
    let sets: Vec<&str> = record["records"]
        .as_array()
        .expect("records")
        .iter()
        .filter_map(|one| one["set"].as_str())
        .collect();
    for set in ["roles", "penalties", "persons"] {
        assert!(sets.contains(&set), "{set} in {sets:?}");
    }
    let text = record.to_string();
    assert!(
        text.contains("当事人"),
        "the sealed texts about them are shown"
    );
    assert!(
        !text.contains(&number(1112)),
        "the number of somebody else is not"
    );
    let restriction = &record["restrictions"][0];
    assert_eq!(restriction["authority"], "某法院", "whom to object to");
    assert!(
        restriction["grounds"][0]["basis"]
            .as_str()
            .is_some_and(|basis| !basis.is_empty())
    );
    assert!(restriction["from"].is_string() && restriction.get("to").is_some());
    let rights = record["rights"].to_string();
    assert!(rights.contains("异议") && rights.contains("修复"));
    // Their own look is in the log that they are shown the next time, and the auditor too.
    let looks = desk.record()["looks"].to_string();
    assert!(looks.contains("read_person_record"));
    let headers = [("authorization", desk.auditor.as_str())];
    let log = desk.server.send(
        ("GET", "/v1/audit?action=read_person_record"),
        &headers,
        &[],
    );
    let entry = log.json()["items"][0].clone();
    assert_eq!(entry["purpose"], "本人持身份证到场查询");
    assert_eq!(
        (&entry["persons"], &entry["outcome"]),
        (&Value::from(1), &Value::from("allowed"))
    );
    assert_eq!(entry["subject"], record["subject"]["key"]);
    // An organisation is no person, and the same operator sees nobody masked elsewhere.
    assert_eq!(desk.ask(&format!("/v1/subjects/{ORG}/record")).status, 403);
    assert_eq!(
        desk.ask(&format!("/v1/entities/id:resident_id:{}", number(1101)))
            .status,
        403
    );
}

#[test]
fn what_is_lifted_is_lifted_at_once() {
    let product = founded();
    let desk = Desk {
        operator: bearer(&product, "operator", &[]),
        auditor: bearer(&product, "auditor", &[]),
        server: Server::configured(&product, "[auth]\n"),
    };
    assert!(
        !desk.record()["restrictions"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    let repairs = "target_no,repaired_on,kind\n列1,2025-08-01,repair\n";
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"repairs.csv\"\r\n\r\n{repairs}\r\n--b--\r\n"
    );
    let headers = [
        ("authorization", desk.operator.as_str()),
        ("content-type", "multipart/form-data; boundary=b"),
    ];
    let loaded = desk
        .server
        .send(("POST", "/v1/batches"), &headers, form.as_bytes());
    assert_eq!(loaded.status, 201, "{loaded:?}");
    let record = desk.record();
    assert_eq!(record["restrictions"], serde_json::json!([]));
}

#[test]
fn a_person_is_shown_who_checked_them_and_why() {
    let product = founded();
    let department = bearer(&product, "department", &["--department", "D-HUC"]);
    let desk = Desk {
        operator: bearer(&product, "operator", &[]),
        auditor: String::new(),
        server: Server::configured(&product, "[auth]\n"),
    };
    let subject = format!("id:resident_id:{}", number(1101));
    let asked = serde_json::json!({"subject": subject, "purpose": "上岗前核查"}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("authorization", department.as_str()),
    ];
    let line = ("POST", "/v1/verifications");
    assert_eq!(
        desk.server.send(line, &headers, asked.as_bytes()).status,
        201
    );
    let record = desk.record();
    let records = record["records"].as_array().expect("records");
    let check = records.iter().find(|one| one["set"] == "checks");
    let check = &check.expect("the check")["record"];
    assert_eq!(check["department"], "D-HUC");
    assert_eq!(check["texts"]["purpose"], "上岗前核查");
}

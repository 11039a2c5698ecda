//! Looking at persons is counted: quotas of a day that outlast a restart, and warnings in the audit log.

use crate::demo::loaded;
use crate::http::{Answer, Server, bearer};
use crate::product::Product;
use serde_json::{Value, json};

const ORG: &str = "91371502YN731R9A56";
/// Off hours are all hours, so that the day's time does not matter.
const CONFIG: &str = "[auth]\n[looks]\nper_day = { department = 3 }\n\
    [looks.watch]\nburst = 2\nburst_minutes = 1000\noff_hours = 3\nfrom_hour = 0\nto_hour = 0\n";

struct Window {
    department: String,
    auditor: String,
    office: String,
}

impl Window {
    fn of(product: &Product) -> Window {
        let department = ["--department", "D-HUC"];
        Window {
            department: bearer(product, "department", &department),
            auditor: bearer(product, "auditor", &[]),
            office: bearer(product, "credit_office", &[]),
        }
    }

    fn post(&self, server: &Server, path: &str, body: &Value) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            ("authorization", self.department.as_str()),
        ];
        server.send(("POST", path), &headers, body.to_string().as_bytes())
    }

    fn verify(&self, server: &Server, subject: &str) -> Answer {
        let body = json!({"subject": subject, "purpose": "办件审查", "as_of": "2026-06-30"});
        self.post(server, "/v1/verifications", &body)
    }

    fn log(&self, server: &Server, action: &str) -> Vec<Value> {
        let path = format!("/v1/audit?action={action}");
        let asked = [("authorization", self.auditor.as_str())];
        let answer = server.send(("GET", &path), &asked, &[]);
        answer.json()["items"].as_array().expect("items").clone()
    }
}

#[test]
fn a_spent_quota_is_told_counted_over_a_restart_and_audited() {
    let (product, planted) = loaded();
    let person = planted["hidden_controller"]["person"]["id"]
        .as_str()
        .expect("an id");
    let window = Window::of(&product);
    let server = Server::configured(&product, CONFIG);
    for _ in 0..2 {
        assert_eq!(window.verify(&server, person).status, 201);
    }
    // All or none: two more do not fit, one does.
    let two = json!({"subjects": [person, "person:00", ORG], "purpose": "批量"});
    let known = format!("person:{}", "0".repeat(30));
    let two = two.to_string().replace("person:00", &known);
    let two: Value = serde_json::from_str(&two).expect("JSON");
    let refused = window.post(&server, "/v1/verifications/batch", &two);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "quota_spent")
    );
    let wait: u32 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=86_401).contains(&wait), "until midnight: {wait}");
    assert_eq!(window.verify(&server, person).status, 201);
    let spent = window.verify(&server, person);
    assert_eq!((spent.status, spent.code().as_str()), (429, "quota_spent"));
    assert_eq!(
        window.verify(&server, ORG).status,
        201,
        "an organisation is no person"
    );
    // Another role has no limit; what it is shown is counted all the same.
    let asked = [("authorization", window.office.as_str())];
    let list = server.send(
        ("GET", "/v1/restrictions?as_of=2026-06-30&limit=1000"),
        &asked,
        &[],
    );
    assert_eq!(list.status, 200);
    let looks = window.log(&server, "read_restrictions");
    let shown = looks[0]["persons"].as_u64().expect("a number");
    let items = list.json()["items"].as_array().expect("items").clone();
    let mut persons: Vec<&str> = items
        .iter()
        .filter_map(|one| one["subject"]["key"].as_str())
        .collect();
    persons.retain(|key| !key.starts_with("org:"));
    persons.sort_unstable();
    persons.dedup();
    assert!(
        persons.len() > 3 && shown >= persons.len() as u64,
        "{shown} of {}",
        persons.len()
    );
    let answer = looks[0]["answer"].as_str().expect("a digest");
    assert_eq!(
        answer,
        graph::id::Hex(&<sm3::Sm3 as sm3::Digest>::digest(&list.body)).to_string()
    );
    assert_eq!(server.stop(), 0);
    let server = Server::configured(&product, CONFIG);
    let again = window.verify(&server, person);
    assert_eq!(
        (again.status, again.code().as_str()),
        (429, "quota_spent"),
        "after a restart"
    );
    let denied = window.log(&server, "verify");
    let denied = denied.iter().filter(|entry| entry["outcome"] == "denied");
    assert_eq!(denied.count(), 2);
    let own = |alerts: Vec<Value>| {
        let mut own = alerts.into_iter().filter(|one| one["role"] == "department");
        let first = own.next().expect("a warning");
        assert_eq!(own.next(), None, "once");
        first["purpose"].clone()
    };
    assert_eq!(own(window.log(&server, "alert_burst")), "2 persons");
    assert_eq!(own(window.log(&server, "alert_off_hours")), "3 persons");
    let figures = server.get("/metrics");
    assert!(String::from_utf8_lossy(&figures.body).contains("chuantou_alerts_total 0"));
}

#[test]
fn few_looks_warn_of_nobody() {
    let (product, planted) = loaded();
    let person = planted["hidden_controller"]["person"]["id"]
        .as_str()
        .expect("an id");
    let window = Window::of(&product);
    let quiet = CONFIG
        .replace("burst = 2", "burst = 4")
        .replace("off_hours = 3", "off_hours = 4");
    let server = Server::configured(&product, &quiet);
    for _ in 0..3 {
        assert_eq!(window.verify(&server, person).status, 201);
    }
    assert!(window.log(&server, "alert_burst").is_empty());
    assert!(window.log(&server, "alert_off_hours").is_empty());
}

//! Every role, every operation of the document, one's own department and another's: a running server
//! with API keys answers as a table written by hand says, and nobody without a key is let in.

use crate::demo::loaded;
use crate::http::{Answer, Server, bearer};
use crate::product::Product;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ORG: &str = "91371502YN731R9A56";
const ROLES: [(char, &str); 5] = [
    ('D', "department"),
    ('C', "credit_office"),
    ('A', "analyst"),
    ('U', "auditor"),
    ('O', "operator"),
];

/// Method and pattern as in the document; path and body as they are sent; and who may: about the own
/// department, and about another. `D` department, `C` credit office, `A` analyst, `U` auditor, `O`
/// operator. `@department`, `@gap` and `@receipt` are those of the department in question.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const VERIFY: &str = r#"{"subject":"91371502YN731R9A56","department":"@department","purpose":"办件审查","as_of":"2026-06-30"}"#;
const VERIFY_MANY: &str = r#"{"subjects":["91371502YN731R9A56"],"department":"@department","purpose":"办件审查","as_of":"2026-06-30"}"#;
const WEBHOOK: &str = r#"{"id":"hook-@department","url":"https://credit.example/hook","secret":"s","department":"@department"}"#;

#[rustfmt::skip]
const TABLE: [Row; 38] = [
    ("POST /v1/verifications", "", VERIFY, "D", ""),
    ("POST /v1/verifications/batch", "", VERIFY_MANY, "D", ""),
    ("GET /v1/receipts/{id}", "/v1/receipts/@receipt", "", "DU", "U"),
    ("GET /v1/public-keys", "", "", "DCAUO", "DCAUO"),
    ("GET /v1/entities", "/v1/entities?q=%E4%BA%91", "", "A", "A"),
    ("GET /v1/entities/{key}", "/v1/entities/@org", "", "A", "A"),
    ("GET /v1/entities/{key}/network", "/v1/entities/@org/network", "", "A", "A"),
    ("GET /v1/entities/{key}/controllers", "/v1/entities/@org/controllers", "", "A", "A"),
    ("GET /v1/entities/{key}/owners", "/v1/entities/@org/owners", "", "A", "A"),
    ("GET /v1/entities/{key}/group", "/v1/entities/@org/group", "", "A", "A"),
    ("GET /v1/entities/{key}/timeline", "/v1/entities/@org/timeline", "", "A", "A"),
    ("GET /v1/paths", "/v1/paths?from=@org&to=@org", "", "A", "A"),
    ("GET /v1/signals", "", "", "A", "A"),
    ("GET /v1/referrals", "", "", "C", "C"),
    ("GET /v1/restrictions", "", "", "C", "C"),
    ("GET /v1/leads", "", "", "C", "C"),
    ("GET /v1/explanations/{id}", "/v1/explanations/@gap?as_of=2026-06-30", "", "C", "C"),
    ("GET /v1/offenders", "", "", "C", "C"),
    ("GET /v1/gaps", "/v1/gaps?department=@department", "", "DC", "C"),
    // The feed has no department to name: a department's own changes are all it is shown.
    ("GET /v1/gaps/feed", "", "", "DC", "DC"),
    ("GET /v1/gaps/{id}", "/v1/gaps/@gap?as_of=2026-06-30", "", "DC", "C"),
    ("POST /v1/gaps/{id}/responses", "/v1/gaps/@gap/responses", r#"{"said":"accepted","as_of":"2026-06-30"}"#, "D", ""),
    ("POST /v1/gaps/{id}/responses", "/v1/gaps/@gap/responses", r#"{"said":"dismissed","reason":"核实无误","as_of":"2026-06-30"}"#, "C", "C"),
    ("PUT /v1/webhooks", "", WEBHOOK, "DC", "C"),
    ("GET /v1/webhooks", "", "", "DC", "DC"),
    ("GET /v1/webhooks/deliveries", "", "", "DC", "DC"),
    ("POST /v1/webhooks/deliveries", "", r#"{"subscription":"none","seq":1}"#, "DC", "DC"),
    ("GET /v1/notifications/{file}", "/v1/notifications/@department.html", "", "DC", "C"),
    ("POST /v1/notifications/{file}", "/v1/notifications/@department.xlsx", "", "C", "C"),
    ("GET /v1/indicators", "", "", "C", "C"),
    ("GET /v1/indicators/{code}/records", "/v1/indicators/penetration/records", "", "C", "C"),
    ("POST /v1/batches", "", r#"{"path":"in","dry_run":true}"#, "O", "O"),
    ("GET /v1/batches", "", "", "CO", "CO"),
    ("GET /v1/batches/{id}", "/v1/batches/1", "", "CO", "CO"),
    ("GET /v1/quarantine", "", "", "O", "O"),
    ("POST /v1/backups", "", "", "O", "O"),
    ("GET /v1/catalogue", "", "", "O", "O"),
    ("GET /v1/audit", "", "", "U", "U"),
];

/// Open to all, and what only an operator with a purpose may ask (below).
const APART: [&str; 4] = [
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /v1/subjects/{key}/record",
];

/// What a table's placeholders stand for.
struct Thing {
    department: String,
    gap: String,
    receipt: String,
}

impl Thing {
    fn filled(&self, text: &str) -> String {
        text.replace("@department", &self.department)
            .replace("@gap", &self.gap)
            .replace("@receipt", &self.receipt)
            .replace("@org", ORG)
    }
}

struct Office {
    server: Server,
    keys: BTreeMap<char, String>,
    own: Thing,
    other: Thing,
}

/// Two departments with a gap and a receipt each, and a key of every role for the first.
fn office(product: &Product) -> Office {
    let gaps = product.ask(&["gaps", "--as-of", "2026-06-30"]);
    let mut by_department = BTreeMap::new();
    for gap in gaps.as_array().expect("gaps") {
        if let Some(department) = gap["department"].as_str() {
            let id = gap["id"].as_str().expect("an id").to_owned();
            by_department.entry(department.to_owned()).or_insert(id);
        }
    }
    let mut things = by_department.into_iter().map(|(department, gap)| {
        let asked = ["verify", ORG, "--department", department.as_str()];
        let receipt = product.ask(&asked)["receipt"].as_str().map(str::to_owned);
        let receipt = receipt.expect("a receipt");
        Thing {
            department,
            gap,
            receipt,
        }
    });
    let own = things.next().expect("a department");
    let other = things.next().expect("another department");
    drop(things);
    let of_own = ["--department", own.department.as_str()];
    let keys: BTreeMap<char, String> = ROLES
        .map(|(letter, role)| (letter, bearer(product, role, &of_own)))
        .into();
    let drop = product.home().join("drop/in");
    std::fs::create_dir_all(&drop).expect("a folder");
    let csv = "uscc,name\n914403001922038216,某某\n";
    std::fs::write(drop.join("organizations.csv"), csv).expect("a file");
    let text = "drop_folder = \"drop\"\nwebhook_secrets = \"secrets\"\n[auth]\n";
    let server = Server::configured(product, text);
    Office {
        server,
        keys,
        own,
        other,
    }
}

impl Office {
    fn ask(
        &self,
        who: Option<char>,
        (row, about): (&Row, &Thing),
        more: &[(&str, &str)],
    ) -> Answer {
        let (method, pattern) = row.0.split_once(' ').expect("a method");
        let path = about.filled(if row.1.is_empty() { pattern } else { row.1 });
        let body = about.filled(row.2);
        let mut headers = vec![("content-type", "application/json")];
        headers.extend_from_slice(more);
        headers.extend(who.map(|who| ("authorization", self.keys[&who].as_str())));
        self.server.send((method, &path), &headers, body.as_bytes())
    }
}

#[test]
fn every_role_gets_what_the_policy_says_and_nothing_else() {
    let (product, _) = loaded();
    let office = office(&product);
    let mut allowed = 0;
    for row in &TABLE {
        for (about, may) in [(&office.own, row.3), (&office.other, row.4)] {
            let place = format!("{} about {}", row.0, about.department);
            let nobody = office.ask(None, (row, about), &[]);
            assert_eq!(
                (nobody.status, nobody.code().as_str()),
                (401, "unauthenticated"),
                "{place}"
            );
            for (letter, role) in ROLES {
                let answer = office.ask(Some(letter), (row, about), &[]);
                let text = String::from_utf8_lossy(&answer.body);
                if may.contains(letter) {
                    // Nothing was given up: who may ask is told so.
                    let is_there = answer.status < 300
                        || row.0 == "POST /v1/webhooks/deliveries" && answer.status == 404;
                    assert!(is_there, "{role}: {place}: {} {text}", answer.status);
                    allowed += 1;
                } else {
                    assert_eq!(
                        (answer.status, answer.code().as_str()),
                        (403, "forbidden"),
                        "{role}: {place}"
                    );
                }
            }
        }
    }
    let expected: usize = TABLE.iter().map(|row| row.3.len() + row.4.len()).sum();
    assert_eq!(allowed, expected);
    let document = office.server.found("/openapi.json");
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations: BTreeSet<String> = paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let named = TABLE.iter().map(|row| row.0).chain(APART);
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    assert_eq!(
        operations, named,
        "the table has every operation of the document"
    );
    // Each refusal stands in the audit log.
    let row: Row = ("GET /v1/audit", "/v1/audit?action=backup", "", "", "");
    let log = office.ask(Some('U'), (&row, &office.own), &[]).json();
    let denied = log["items"].as_array().expect("items").iter();
    let denied = denied.filter(|entry| entry["outcome"] == "denied").count();
    assert_eq!(denied, 2 * 4, "four roles, twice");
}

#[test]
fn a_department_sees_its_own_gaps_and_cannot_tell_others_from_none() {
    let (product, _) = loaded();
    let office = office(&product);
    let ask = |path: &'static str| {
        let row: Row = ("GET /", path, "", "", "");
        office.ask(Some('D'), (&row, &office.own), &[])
    };
    let list = ask("/v1/gaps?as_of=2026-06-30&limit=1000").json();
    let items = list["items"].as_array().expect("items");
    assert!(!items.is_empty());
    assert!(
        items
            .iter()
            .all(|gap| gap["department"] == office.own.department.as_str())
    );
    let changes = ask("/v1/gaps/feed?limit=1000").json();
    let changes = changes["changes"].as_array().expect("changes").clone();
    assert!(!changes.is_empty());
    assert!(
        changes
            .iter()
            .all(|change| change["department"] == office.own.department.as_str())
    );
    let row: Row = ("GET /", "/v1/gaps/@gap?as_of=2026-06-30", "", "", "");
    let other = office.ask(Some('D'), (&row, &office.other), &[]);
    let none = ask("/v1/gaps/gap-0?as_of=2026-06-30");
    assert_eq!((other.status, &other.body), (403, &none.body));
    assert_eq!(none.status, 403);
    let there = office.ask(
        Some('C'),
        (&("GET /", "/v1/gaps/gap-0", "", "", ""), &office.own),
        &[],
    );
    assert_eq!(
        there.status, 404,
        "whoever may see all is told that there is none"
    );
}

#[test]
fn a_verification_states_an_item_or_a_purpose() {
    let (product, _) = loaded();
    let item = item_in_force(&product);
    let office = office(&product);
    let ask = |more: Value, headers: &[(&str, &str)]| {
        let mut body = json!({"subject": ORG, "as_of": "2026-06-30"});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        let body: &'static str = body.to_string().leak();
        let row: Row = ("POST /v1/verifications", "", body, "", "");
        office.ask(Some('D'), (&row, &office.own), headers).status
    };
    assert_eq!(ask(json!({}), &[]), 403);
    assert_eq!(ask(json!({"matter_no": "M-1"}), &[]), 403);
    assert_eq!(ask(json!({"purpose": " ", "item": ""}), &[]), 403);
    assert_eq!(ask(json!({"purpose": "办件审查"}), &[]), 201);
    assert_eq!(ask(json!({}), &[("x-purpose", "permit")]), 201);
    assert_eq!(
        ask(json!({"purpose": "办件审查", "matter_no": "M-1"}), &[]),
        201
    );
    assert_eq!(ask(json!({"item": item}), &[]), 201);
}

/// An item in force on the day.
fn item_in_force(product: &Product) -> String {
    let server = Server::of(product, &[]);
    let rules = server.found("/v1/catalogue");
    let items = rules["items"].as_array().expect("items");
    items[0]["code"].as_str().expect("a code").to_owned()
}

#[test]
fn a_persons_own_record_is_for_an_operator_who_states_why() {
    let (product, planted) = loaded();
    let office = office(&product);
    let person = planted["hidden_controller"]["person"]["id"]
        .as_str()
        .expect("an id");
    let path: &'static str = format!("/v1/subjects/{person}/record").leak();
    let row: Row = ("GET /v1/subjects/{key}/record", path, "", "", "");
    let why = [("x-purpose", "person%20asked")];
    for (letter, role) in ROLES {
        let bare = office.ask(Some(letter), (&row, &office.own), &[]);
        assert_eq!(bare.status, 403, "{role} without a purpose");
        let asked = office.ask(Some(letter), (&row, &office.own), &why);
        let expected = if letter == 'O' { 200 } else { 403 };
        assert_eq!(asked.status, expected, "{role} with a purpose");
    }
    assert_eq!(office.ask(None, (&row, &office.own), &why).status, 401);
}

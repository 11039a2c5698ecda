//! What writes through the service: loads, verifications, answers to gaps, backups; and that it is
//! there after a restart.

use crate::demo::loaded;
use crate::http::{Answer, Server};
use crate::product::Product;
use graph::store::{Book, Store};
use graph_rocks::RocksStore;
use serde_json::{Value, json};
use std::time::Instant;

const ORG: &str = "914403001922038216";
const OTHER: &str = "91371502YN731R9A56";

fn form(files: &[(&str, &str)], options: &[(&str, &str)]) -> Vec<u8> {
    let mut form = String::new();
    for (name, text) in files {
        form.push_str(&format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    for (name, text) in options {
        form.push_str(&format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    (form + "--b--\r\n").into_bytes()
}

fn upload(server: &Server, files: &[(&str, &str)], options: &[(&str, &str)]) -> Answer {
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    server.send(("POST", "/v1/batches"), &kind, &form(files, options))
}

fn organisations(names: &[(&str, &str)]) -> String {
    let rows = names.iter().map(|(code, name)| format!("{code},{name}\n"));
    std::iter::once("uscc,name\n".to_owned())
        .chain(rows)
        .collect()
}

#[test]
fn what_is_loaded_is_seen_at_once_and_pages_stay_whole() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let path = "/v1/entities?q=%E4%BA%91%E6%BA%AA&limit=5";
    let first = server.found(path);
    let whole: Vec<Value> = server.items("/v1/entities?q=%E4%BA%91%E6%BA%AA", 1000);
    let told = server.found("/v1/restrictions?limit=1000");
    let csv = organisations(&[(ORG, "云溪新来有限公司")]);
    let answer = upload(&server, &[("organizations.csv", &csv)], &[]);
    assert_eq!(answer.status, 201, "{answer:?}");
    let batch = answer.json()["batch"].clone();
    assert_eq!(answer.header("location"), format!("/v1/batches/{batch}"));
    assert_eq!(answer.json()["sets"][0]["new"], 1);
    let shown = server.found(&format!("/v1/batches/{batch}"));
    assert_eq!(shown["batch"], batch);
    let now = server.items("/v1/entities?q=%E4%BA%91%E6%BA%AA", 1000);
    assert_eq!(now.len(), whole.len() + 1);
    // The pages begun before belong to what was known before.
    let mut items = first["items"].as_array().expect("items").clone();
    let mut page = first;
    while let Some(next) = page["next"].as_str() {
        page = server.found(&format!("{path}&cursor={next}"));
        items.extend(page["items"].as_array().expect("items").iter().cloned());
    }
    assert_eq!(items, whole);
    // What was answered is answered again with the times that it was answered with.
    let known = told["known_at"]
        .as_str()
        .expect("a time")
        .replace('+', "%2B");
    let day = told["as_of"].as_str().expect("a day");
    let again = server.found(&format!(
        "/v1/restrictions?limit=1000&as_of={day}&known_at={known}"
    ));
    assert_eq!(again, told);
    // The same again changes nothing and makes no batch.
    let again = upload(&server, &[("organizations.csv", &csv)], &[]);
    assert_eq!(
        (again.status, again.json()["batch"].clone()),
        (200, Value::Null)
    );
    let dry = organisations(&[(OTHER, "某某")]);
    let dry = upload(
        &server,
        &[("organizations.csv", &dry)],
        &[("dry_run", "true")],
    );
    assert_eq!(
        (dry.status, dry.json()["sets"][0]["changed"].clone()),
        (200, json!(1))
    );
    let bad = upload(
        &server,
        &[("organizations.csv", "uscc,name\nx,y\n")],
        &[("strict", "true")],
    );
    assert_eq!((bad.status, bad.code().as_str()), (422, "strict_refused"));
    assert_eq!(
        bad.json()["more"]["sets"]["organizations"]["quarantined"],
        1
    );
    let old = upload(
        &server,
        &[("roles.csv", "uscc\n")],
        &[("recorded_at", "2020-01-01")],
    );
    assert_eq!((old.status, old.code().as_str()), (409, "conflict"));
    server.stop();
    assert_eq!(product.ask(&["check"]), json!([]));
}

#[test]
fn a_credit_code_that_reads_as_a_residents_number_is_verified_once_it_is_registered() {
    // Both check characters fit, and its digits hold a day of 1901.
    const CODE: &str = "913715190103030211";
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let asked = json!({"subject": CODE, "purpose": "办件审查", "department": "D-HUC"});
    let ask = || server.post("/v1/verifications", &asked);
    assert_eq!(ask().json()["code"], "bad_subject");
    let csv = organisations(&[(CODE, "云溪数字有限公司")]);
    let loaded = upload(&server, &[("organizations.csv", &csv)], &[]);
    assert_eq!(loaded.status, 201, "{loaded:?}");
    let answer = ask();
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["subject"]["uscc"], CODE);
    let receipt = answer.json()["receipt"].as_str().unwrap().to_owned();
    let kept = server.found(&format!("/v1/receipts/{receipt}"));
    assert_eq!(kept["signature_valid"], true);
}

#[test]
fn many_verifications_are_committed_together_and_none_is_lost() {
    let (product, planted) = loaded();
    let config = product.home().join("server.toml");
    std::fs::write(&config, "[limits]\ngroup_wait_ms = 200\n").expect("a file");
    let server = Server::of(&product, &["--config", config.to_str().expect("a path")]);
    let before = server.found("/readyz")["data_version"]
        .as_u64()
        .expect("a number");
    let ask = |n: usize| {
        let body = json!({"subject": OTHER, "matter_no": format!("M-{n}"), "as_of": "2026-06-30"});
        let answer = server.post("/v1/verifications", &body);
        assert_eq!(answer.status, 201);
        answer.json()
    };
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let ask = &ask;
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                scope.spawn(move || (0..8).map(|n| ask(thread * 8 + n)).collect::<Vec<_>>())
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a thread"))
            .collect()
    });
    let after = server.found("/readyz")["data_version"]
        .as_u64()
        .expect("a number");
    assert!(
        after > before && after < before + 64,
        "{before} to {after}: nothing was grouped"
    );
    let shared = answers
        .iter()
        .any(|answer| answer["proof"]["leaves"].as_u64() > Some(1));
    assert!(shared, "no signature covers several receipts");
    let subjects = [
        OTHER,
        planted["hidden_controller"]["person"]["id"]
            .as_str()
            .expect("an id"),
    ];
    let many = json!({"subjects": subjects.repeat(300), "purpose": "批量", "as_of": "2026-06-30"});
    let whole = server.post("/v1/verifications/batch", &many);
    assert_eq!(whole.status, 200);
    let items = whole.json()["items"].as_array().expect("items").clone();
    assert_eq!(items.len(), 600);
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/x-ndjson"),
    ];
    let lines = server.send(
        ("POST", "/v1/verifications/batch"),
        &headers,
        many.to_string().as_bytes(),
    );
    let lines: Vec<Value> = String::from_utf8_lossy(&lines.body)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    assert_eq!(lines.len(), 600);
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line["subject"], items[place]["subject"]);
        assert_eq!(line["restrictions"], items[place]["restrictions"]);
    }
    server.stop();
    for answer in answers.iter().chain(&items).step_by(97) {
        let id = answer["receipt"].as_str().expect("an id");
        assert_eq!(product.ask(&["explain", id])["signature_valid"], true);
    }
    // Each is a check record: 64 and twice 600, and the one load in between none.
    let batches = product.ask(&["batches"]);
    let checks = batches.as_array().expect("batches").iter().skip(2);
    let checks: u64 = checks
        .map(|batch| {
            batch["report"]["sets"]["checks"]["new"]
                .as_u64()
                .expect("a number")
        })
        .sum();
    assert_eq!(checks, 64 + 1200);
    assert_eq!(product.ask(&["check"]), json!([]));
    product.ask(&["audit", "verify"]);
}

#[test]
fn a_request_sent_again_is_answered_as_the_first_time_also_after_a_restart() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "counter-7"),
    ];
    let body = json!({"subject": OTHER, "as_of": "2026-06-30"}).to_string();
    let send = |server: &Server, body: &str| {
        server.send(("POST", "/v1/verifications"), &headers, body.as_bytes())
    };
    let first = send(&server, &body);
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, "")
    );
    let again = send(&server, &body);
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(again.body, first.body);
    let other = send(&server, &body.replace("06-30", "06-29"));
    assert_eq!(
        (other.status, other.code().as_str()),
        (422, "idempotency_key_reused")
    );
    assert_eq!(server.stop(), 0);
    let server = Server::of(&product, &[]);
    let again = send(&server, &body);
    assert_eq!((again.status, again.body), (201, first.body));
}

#[test]
fn an_old_key_is_forgotten_and_its_answer_removed() {
    let (product, _) = loaded();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "counter-7"),
    ];
    let body = json!({"subject": OTHER, "as_of": "2026-06-30"}).to_string();
    let send =
        |server: &Server| server.send(("POST", "/v1/verifications"), &headers, body.as_bytes());
    let kept = || {
        let store = RocksStore::open_read_only(&product.data()).expect("the store");
        let snapshot = store.snapshot().expect("a snapshot");
        snapshot.entries(Book::Request, &[]).expect("entries").len()
    };
    let server = Server::of(&product, &[]);
    let first = send(&server);
    assert_eq!(server.stop(), 0);
    assert_eq!(kept(), 1);
    let server = Server::configured(&product, "[limits]\nidempotency_hours = 0\n");
    let begun = Instant::now();
    while kept() > 0 {
        assert!(begun.elapsed().as_secs() < 60, "the old answer stays");
    }
    let again = send(&server);
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "")
    );
    assert_ne!(again.json()["receipt"], first.json()["receipt"]);
}

#[test]
fn a_gap_is_answered_and_the_feed_tells_it() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    let feed = |cursor: u64| server.found(&format!("/v1/gaps/feed?limit=1000&cursor={cursor}"));
    let begun = feed(0);
    let next = begun["next"].as_u64().expect("a number");
    let changes = begun["changes"].as_array().expect("changes").clone();
    let today = server.items("/v1/gaps", 1000);
    assert_eq!(changes.len(), today.len());
    assert!(changes.iter().all(|change| change["change"] == "appeared"));
    assert_eq!(feed(next)["changes"], json!([]));
    let gap = today[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/gaps/{gap}/responses");
    let bare = server.post(&path, &json!({"said": "disputed"}));
    assert_eq!((bare.status, bare.code().as_str()), (409, "conflict"));
    let answer = server.post(&path, &json!({"said": "disputed", "reason": "已核查"}));
    assert_eq!(
        (answer.status, answer.json()["state"].clone()),
        (201, json!("answered"))
    );
    let told = feed(next)["changes"].clone();
    assert_eq!(told.as_array().expect("changes").len(), 1);
    assert_eq!(
        (&told[0]["gap"], &told[0]["state"]),
        (&json!(gap), &json!("answered"))
    );
    let ahead = server.get("/v1/gaps/feed?cursor=999999");
    assert_eq!(
        (ahead.status, ahead.code().as_str()),
        (410, "cursor_expired")
    );
    // Through the server, while it holds the store.
    let dismissed = product.ask(&["gaps", "respond", &gap, "--dismiss", "--reason", "核实无误"]);
    assert_eq!(dismissed[0]["state"], "dismissed");
    // So does reading the audit log; the look is the server's to log.
    let log = product.ask(&[
        "audit",
        "list",
        "--action",
        "answer_gap",
        "--from",
        "2026-01-01",
    ]);
    assert_eq!(log.as_array().expect("entries").len(), 1);
    assert_eq!(log[0]["outcome"], "allowed");
    let looks = server.found("/v1/audit?action=read_audit");
    assert!(!looks["items"].as_array().expect("items").is_empty());
    let none = server.found("/v1/audit?action=answer_gap&until=2026-01-01");
    assert_eq!(none["items"], json!([]));
    server.stop();
    let gaps = product.ask(&["gaps"]);
    let found = gaps
        .as_array()
        .expect("gaps")
        .iter()
        .find(|one| one["id"] == gap.as_str());
    assert_eq!(found.expect("the gap")["state"], "dismissed");
}

#[test]
fn a_copy_made_while_serving_is_brought_back_whole() {
    let (product, _) = loaded();
    let server = Server::of(&product, &[]);
    server.post(
        "/v1/verifications",
        &json!({"subject": OTHER, "as_of": "2026-06-30"}),
    );
    let copy = product.home().join("copy");
    let to = copy.to_str().expect("a path");
    product.ask(&["backup", to]);
    assert!(
        !copy.join("key").exists(),
        "the key is copied only when asked"
    );
    server.post(
        "/v1/verifications",
        &json!({"subject": ORG, "as_of": "2026-06-30"}),
    );
    server.stop();
    let back = Product::empty();
    let (refused, _) = back.try_ask(&["restore", to]);
    assert_eq!(refused, 1, "without a key nothing can be restored");
    let key = product.data().join("key");
    back.ask(&["restore", to, "--key", key.to_str().expect("a path")]);
    let times = ["--as-of", "2026-06-30"];
    let ask = |of: &Product| of.ask(&[&["restrictions"], &times[..]].concat());
    assert_eq!(ask(&back), ask(&product));
    let count = |of: &Product| of.ask(&["batches"]).as_array().expect("batches").len();
    assert_eq!(count(&back) + 1, count(&product));
    let (again, _) = back.try_ask(&["restore", to, "--key", key.to_str().expect("a path")]);
    assert_eq!(again, 1, "a folder with data is not overwritten");
}

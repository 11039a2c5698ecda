//! The server is killed while it verifies, loads, takes answers and tells its feed: what it
//! acknowledged is there, with receipt, check and audit entry, and the feed told every change once.

use crate::demo::city;
use crate::http::{Answer, Server};
use crate::product::Product;
use graph::change::BatchNo;
use graph::id::{Hex, Set};
use graph::record::Record;
use graph::store::Store;
use graph_rocks::RocksStore;
use serde_json::{Value, json};
use sm3::{Digest, Sm3};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many times, unless `CHUANTOU_KILLS` says otherwise (`make test-kill`).
const KILLS: usize = 30;
/// Threads that verify.
const COUNTERS: usize = 4;
/// Bytes of a text that is kept.
const LARGE: usize = 600_000;
const ORG: &str = "91371502YN731R9A56";
const JSON: (&str, &str) = ("content-type", "application/json");

/// What the server acknowledged, and what a consumer was told.
#[derive(Default)]
struct Seen {
    /// Receipt → the answer's bytes.
    verified: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Batches acknowledged.
    batches: Mutex<BTreeSet<u64>>,
    /// Gaps that an answer was sent to.
    tried: Mutex<BTreeSet<String>>,
    /// Gaps whose answer was acknowledged.
    answered: Mutex<BTreeSet<String>>,
    /// The feed as one consumer pulled it.
    told: Mutex<Vec<Value>>,
    /// Verifications that were asked for and not answered: each is sent again.
    unanswered: Mutex<Vec<usize>>,
    acknowledged: AtomicUsize,
    asked: AtomicUsize,
}

impl Seen {
    fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    fn number(&self) -> usize {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    fn verify(&self, server: &Server) -> Option<()> {
        let again = self.unanswered.lock().expect("numbers").pop();
        let number = again.unwrap_or_else(|| self.number());
        let matter = format!("K-{number}");
        let body = json!({"subject": ORG, "department": "D-HUC", "matter_no": matter}).to_string();
        let heads = [JSON, ("idempotency-key", matter.as_str())];
        let line = ("POST", "/v1/verifications");
        let Some(answer) = server.try_send(line, &heads, body.as_bytes()) else {
            self.unanswered.lock().expect("numbers").push(number);
            return None;
        };
        assert_eq!(answer.status, 201, "{answer:?}");
        let receipt = answer.json()["receipt"].as_str().expect("an id").to_owned();
        self.verified
            .lock()
            .expect("receipts")
            .insert(receipt, answer.body);
        self.acknowledge();
        Some(())
    }

    /// Every second load brings a penalty that was never published, the next one says that it was.
    /// Some are so large that verifications do not wait for them.
    fn load(&self, server: &Server) -> Option<()> {
        let number = self.number();
        let penalty = |number: usize, reported: &str| {
            format!("杀〔2025〕{number}号,市场监管局,{ORG},2025-03-03,罚款,{reported}\n")
        };
        let mut csv = String::from("decision_no,authority,uscc,decision_on,kinds,reported_on\n");
        csv += &penalty(number, "");
        csv += &penalty(number.saturating_sub(7), "2025-03-04");
        let part = |name: &str, csv: &str| {
            format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}.csv\"\r\n\r\n{csv}\r\n"
            )
        };
        let mut form = part("penalties", &csv);
        if number.is_multiple_of(2) {
            let officer = "某".repeat(LARGE / 3);
            let mut csv = String::from("check_no,uscc,checked_at,officer\n");
            for place in 0..4 {
                csv += &format!("C-{number}-{place},{ORG},2025-03-03,{officer}\n");
            }
            form += &part("checks", &csv);
        }
        form += "--b--\r\n";
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        let answer = server.try_send(("POST", "/v1/batches"), &kind, form.as_bytes())?;
        assert_eq!(answer.status, 201, "{answer:?}");
        let batch = answer.json()["batch"].as_u64().expect("a number");
        self.batches.lock().expect("batches").insert(batch);
        self.acknowledge();
        Some(())
    }

    fn respond(&self, server: &Server) -> Option<()> {
        // Of the gaps that the feed told of, one that nobody has answered.
        let open = || {
            let (told, mut tried) = (self.told.lock().ok()?, self.tried.lock().ok()?);
            let ids = told
                .iter()
                .rev()
                .filter_map(|change| change["gap"].as_str());
            let gap = ids.map(str::to_owned).find(|id| !tried.contains(id))?;
            tried.insert(gap.clone());
            Some(gap)
        };
        let Some(gap) = open() else {
            return server.try_send(("GET", "/healthz"), &[], &[]).map(drop);
        };
        let path = format!("/v1/gaps/{gap}/responses");
        let body = json!({"said": "accepted"}).to_string();
        let answer = server.try_send(("POST", &path), &[JSON], body.as_bytes())?;
        // A load may have settled it meanwhile.
        if answer.status == 201 {
            self.answered.lock().expect("answers").insert(gap);
            self.acknowledge();
        }
        Some(())
    }

    /// Pulls what came since the last time, as the credit office does.
    fn pull(&self, server: &Server) -> Option<bool> {
        let mut told = self.told.lock().expect("the feed");
        let path = format!("/v1/gaps/feed?cursor={}&limit=50", told.len());
        let answer = server.try_send(("GET", &path), &[], &[])?;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        for change in page["changes"].as_array().expect("changes") {
            assert_eq!(change["seq"], told.len() + 1, "every number once, in order");
            told.push(change.clone());
        }
        assert_eq!(page["next"], told.len());
        Some(page["more"] == true)
    }

    /// Works until the server is gone; kills it after so many acknowledgements.
    fn work(&self, server: &Server, after: usize) {
        let until = self.acknowledged.load(Ordering::Relaxed) + after;
        let on = |work: &(dyn Fn() -> Option<()> + Sync)| while work().is_some() {};
        std::thread::scope(|scope| {
            for _ in 0..COUNTERS {
                scope.spawn(|| {
                    on(&|| {
                        let done = self.verify(server);
                        if self.acknowledged.load(Ordering::Relaxed) >= until {
                            server.kill();
                        }
                        done
                    });
                });
            }
            scope.spawn(|| on(&|| self.load(server)));
            scope.spawn(|| on(&|| self.respond(server)));
            scope.spawn(|| on(&|| self.pull(server).map(drop)));
        });
    }
}

/// The feed tells a story without holes: a gap appears before anything else is told of it, and each
/// change begins where the one before it ended. Gives the gaps that hold, with their state.
fn replayed(told: &[Value]) -> BTreeMap<String, Value> {
    let mut state: BTreeMap<String, Value> = BTreeMap::new();
    for change in told {
        let gap = change["gap"].as_str().expect("a gap").to_owned();
        let before = state.get(&gap).cloned().unwrap_or(Value::Null);
        assert_eq!(change["before"], before, "{change}");
        assert_eq!(before.is_null(), change["change"] == "appeared", "{change}");
        assert_ne!(change["state"], before, "told twice: {change}");
        state.insert(gap, change["state"].clone());
    }
    state.retain(|_, state| state != "resolved");
    state
}

fn holding(server: &Server) -> BTreeMap<String, Value> {
    let gaps = server.items("/v1/gaps", 1000).into_iter();
    let state = |gap: Value| {
        let id = gap["id"].as_str().expect("an id").to_owned();
        (id, gap["state"].clone())
    };
    gaps.map(state).collect()
}

fn check_receipts(server: &Server, seen: &Seen) {
    let verified = seen.verified.lock().expect("receipts");
    for (receipt, answer) in verified.iter() {
        let found = server.found(&format!("/v1/receipts/{receipt}"));
        let answer: Value = serde_json::from_slice(answer).expect("an answer");
        assert_eq!(found["answer"], answer, "{receipt}");
        assert_eq!(found["signature_valid"], true, "{receipt}");
    }
}

/// The leaf of a receipt in the tree that was signed: of its bytes without signature and proof.
fn leaf(answer: &[u8]) -> String {
    let mut answer: Value = serde_json::from_slice(answer).expect("an answer");
    let fields = answer.as_object_mut().expect("an object");
    for name in ["signature", "proof"] {
        assert!(fields.shift_remove(name).is_some(), "{name}");
    }
    let digest = Sm3::new()
        .chain_update([0])
        .chain_update(answer.to_string());
    Hex(&digest.finalize()).to_string()
}

/// Each acknowledged answer stands in the log by the digest of its receipt.
fn check_log(product: &Product, seen: &Seen) {
    let log = product.ask(&["audit", "list", "--action", "verify", "--limit", "1000000"]);
    let digests = log.as_array().expect("entries").iter();
    let digests: BTreeSet<&str> = digests
        .filter_map(|entry| entry["answer"].as_str())
        .collect();
    for (receipt, answer) in seen.verified.lock().expect("receipts").iter() {
        let digest = leaf(answer);
        assert!(
            digests.contains(digest.as_str()),
            "{receipt} is not in the audit log"
        );
    }
}

fn check_records(product: &Product, seen: &Seen) {
    let store = RocksStore::open_read_only(&product.data()).expect("the store");
    let snapshot = store.snapshot().expect("a snapshot");
    let (mut checks, mut matters) = (BTreeSet::new(), BTreeSet::new());
    let mut each = |version: graph::store::Version| {
        if let Record::Check(check) = version.record {
            checks.insert(check.check_no);
            let matter = check.matter_no.filter(|matter| matter.starts_with("K-"));
            if let Some(matter) = matter {
                assert!(!matters.contains(&matter), "{matter} was verified twice");
                matters.insert(matter);
            }
        }
        Ok(())
    };
    snapshot
        .scan(Set::Checks, BatchNo::MAX, &mut each)
        .expect("a scan");
    for receipt in seen.verified.lock().expect("receipts").keys() {
        assert!(checks.contains(receipt), "{receipt} left no check");
    }
    let batches = snapshot.batches().expect("batches");
    let empty = batches.iter().filter(|batch| batch.files.is_empty());
    eprintln!("{} batches stand for loads that were killed", empty.count());
    for batch in seen.batches.lock().expect("batches").iter() {
        assert!(
            batches.iter().any(|one| u64::from(one.no.0) == *batch),
            "batch {batch} is lost"
        );
    }
}

#[test]
fn killed_under_load_nothing_acknowledged_is_lost_and_the_feed_tells_all_once() {
    let kills = std::env::var("CHUANTOU_KILLS").ok();
    let kills = kills.map_or(KILLS, |text| text.parse().expect("a number"));
    let product = Product::empty();
    product.load(&city().join("city/2026-05"), "2026-05-31");
    let seen = Seen::default();
    // With so little memory what is large becomes sorted tables, while others go on behind it.
    let config = product.data().with_file_name("server.toml");
    std::fs::write(&config, "[limits]\nload_memory_mib = 1\n").expect("a configuration");
    let config = config.to_str().expect("a path");
    for kill in 0..kills {
        let server = Server::of(&product, &["--config", config]);
        // A consumer that comes back finds what it has not been told, and no more.
        while seen.pull(&server).expect("an answer") {}
        // Every third server lives long enough to come to the end of a large load.
        let long = if kill % 3 == 0 { 150 } else { 0 };
        seen.work(&server, 5 + kill * 7 % 40 + long);
        drop(server);
        let report = product.ask(&["audit", "verify"]);
        assert_eq!(report["faults"], json!([]), "after {} kills", kill + 1);
    }
    let server = Server::of(&product, &[]);
    while seen.pull(&server).expect("an answer") {}
    let told = seen.told.lock().expect("the feed").clone();
    let state = replayed(&told);
    assert_eq!(state, holding(&server), "the feed adds up to what holds");
    for gap in seen.answered.lock().expect("answers").iter() {
        let gap: Answer = server.get(&format!("/v1/gaps/{gap}"));
        assert!(
            gap.status == 200 && gap.json()["state"] != "open",
            "{gap:?}"
        );
    }
    let afresh = server.items_of_feed();
    assert_eq!(afresh, told, "who begins anew is told the same");
    check_receipts(&server, &seen);
    assert_eq!(server.stop(), 0);
    check_log(&product, &seen);
    check_records(&product, &seen);
    assert_eq!(product.ask(&["check"]), json!([]));
    eprintln!(
        "{kills} kills: {} receipts, {} batches, {} answers, {} changes",
        seen.verified.lock().expect("receipts").len(),
        seen.batches.lock().expect("batches").len(),
        seen.answered.lock().expect("answers").len(),
        told.len()
    );
}

//! Subscribers are told: signed, tried again with growing pauses, given up where people see it, sent
//! again on request, and under the same ids after a restart.

use crate::demo::loaded;
use crate::http::Server;
use crate::product::Product;
use crate::receiver::{Receiver, Sent};
use aws_lc_rs::hmac;
use graph::id::Hex;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::Ordering;
use std::time::Instant;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The signature is of time, event and body, with the shared secret.
fn check_signature(sent: &Sent) {
    let (time, digest) = sent
        .head("chuantou-signature")
        .split_once(',')
        .expect("two parts");
    let seconds = time.strip_prefix("t=").expect("a time");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let text = format!("{seconds}.{}.{}", event(sent), sent.text());
    let expected = Hex(hmac::sign(&key, text.as_bytes()).as_ref()).to_string();
    assert_eq!(digest, format!("v1={expected}"));
}

fn event(sent: &Sent) -> &str {
    sent.head("chuantou-event")
}

fn serve(product: &Product) -> Server {
    let folder = product.home().join("secrets");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("hook");
    std::fs::write(&path, SECRET).expect("a file");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, private).expect("its mode");
    let text = format!(
        "webhook_secrets = {folder:?}\n[delivery]\nevery_ms = 10\nfirst_pause_ms = 40\nlongest_pause_ms = 160\nattempts = 4\n"
    );
    Server::configured(product, &text)
}

/// The deliveries that are not done, once they are as wanted.
fn deliveries(server: &Server, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let found = server.found("/v1/webhooks/deliveries");
        let found = found.as_array().expect("a list").clone();
        if wanted(&found) {
            return found;
        }
        assert!(begun.elapsed().as_secs() < 60, "never: {found:?}");
    }
}

fn change(server: &Server) -> String {
    let gap = server.found("/v1/gaps?state=open&limit=1")["items"][0]["id"].clone();
    let gap = gap.as_str().expect("an id").to_owned();
    let path = format!("/v1/gaps/{gap}/responses");
    assert_eq!(server.post(&path, &json!({"said": "accepted"})).status, 201);
    gap
}

#[test]
fn a_subscriber_that_fails_is_tried_again_given_up_and_reached_after_a_restart() {
    let (product, _) = loaded();
    let subscriber = Receiver::new("/hook", 500);
    let server = serve(&product);
    // What there is already is published before anybody subscribes.
    server.items_of_feed();
    let body = json!({"id": "office", "url": subscriber.url, "secret": "hook", "kinds": ["state"]});
    let put = |server: &Server| {
        let kind = [("content-type", "application/json")];
        let answer = server.send(("PUT", "/v1/webhooks"), &kind, body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    put(&server);
    let gap = change(&server);
    let dead = deliveries(&server, |all| all.iter().any(|one| one["state"] == "dead"));
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["attempts"], &dead[0]["fault"]),
        (&json!(4), &json!("http status: 500"))
    );
    let told_event = dead[0]["event"].as_str().expect("an id").to_owned();
    let sent: Vec<Sent> = (0..4)
        .map(|_| subscriber.sent.recv().expect("an attempt"))
        .collect();
    for one in &sent {
        check_signature(one);
        assert_eq!(
            (event(one), &one.body),
            (told_event.as_str(), &sent[0].body),
            "the same each time"
        );
    }
    let told: Value = serde_json::from_str(sent[0].text()).expect("a change");
    assert_eq!(
        (&told["gap"], &told["state"]),
        (&json!(gap), &json!("answered"))
    );
    assert_eq!(told_event, format!("change-{}", told["seq"]));
    let pauses: Vec<u128> = sent
        .windows(2)
        .map(|two| (two[1].at - two[0].at).as_millis())
        .collect();
    // Half of each pause is certain: 20, 40, 80 ms.
    assert!(
        pauses[0] >= 20 && pauses[1] >= 40 && pauses[2] >= 80,
        "{pauses:?}"
    );
    server.kill();
    drop(server);
    let server = serve(&product);
    let kept = deliveries(&server, |_| true);
    assert_eq!(kept, dead, "it is still there to be seen");
    subscriber.is_well.store(true, Ordering::SeqCst);
    let again = json!({"subscription": "office", "seq": told["seq"]});
    let waits = server.post("/v1/webhooks/deliveries", &again);
    assert_eq!(
        (waits.status, &waits.json()["state"]),
        (202, &json!("waiting"))
    );
    let reached = subscriber.sent.recv().expect("an attempt");
    check_signature(&reached);
    assert_eq!(
        (event(&reached), &reached.body),
        (told_event.as_str(), &sent[0].body)
    );
    deliveries(&server, <[Value]>::is_empty);
    let gone = server.post("/v1/webhooks/deliveries", &again);
    assert_eq!((gone.status, gone.code().as_str()), (404, "not_found"));
    // The next change comes once, at once, under the next number.
    change(&server);
    let next = subscriber.sent.recv().expect("an attempt");
    let next: Value = serde_json::from_str(next.text()).expect("a change");
    assert!(next["seq"].as_u64() > told["seq"].as_u64());
    deliveries(&server, <[Value]>::is_empty);
    assert!(subscriber.sent.try_recv().is_err(), "once");
}

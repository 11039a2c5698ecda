//! A collector is sent one span a request, which continues the caller's trace and says
//! nothing of anybody.

use crate::binary;
use crate::demo::loaded;
use crate::http::{DEBTOR, Server};
use crate::receiver::Receiver;

const TRACE: [u8; 16] = *b"\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c";

#[test]
fn a_collector_is_sent_each_request_and_nothing_of_whom_it_was_about() {
    let (product, _) = loaded();
    let collector = Receiver::new("/v1/traces", 200);
    let settings = format!("[traces]\ncollector = {:?}\n", collector.url);
    let server = Server::configured(&product, &settings);
    let path = format!("/v1/restrictions?subject={DEBTOR}");
    let trace = graph::id::Hex(&TRACE).to_string();
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let heads = [("traceparent", parent.as_str())];
    let answer = server.send(("GET", &path), &heads, &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.header("x-request-id").to_owned();
    assert_eq!(server.stop(), 0, "what waits is sent at the stop");
    let spans: Vec<u8> = collector
        .sent
        .try_iter()
        .flat_map(|sent| sent.body)
        .collect();
    let has = |part: &[u8]| spans.windows(part.len()).any(|window| window == part);
    assert!(has(b"GET /v1/restrictions"), "the route");
    assert!(has(&TRACE) && has(id.as_bytes()), "whose request it was");
    assert!(!has(DEBTOR.as_bytes()), "and not about whom");
}

#[test]
fn a_collector_elsewhere_is_spoken_to_by_tls_only() {
    let (product, _) = loaded();
    let config = product.home().join("server.toml");
    let text = "[traces]\ncollector = \"http://collector.test/v1/traces\"\n";
    std::fs::write(&config, text).expect("a file");
    let config = config.to_str().expect("a path").to_owned();
    let ran = binary::run(&product, &["serve", "--config", &config]);
    assert_ne!(ran.status, 0);
    assert!(ran.err.contains("https://"), "{}", ran.err);
}

//! Tests of subscriptions, deliveries and the thread that sends.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use graph::change::BatchNo;
use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::Moment;
use proptest::prelude::*;

use super::*;

const AT: Moment = Moment(1_790_000_000_000);

fn subscription(id: &str, kinds: &[ChangeKind], department: Option<&str>) -> Subscription {
    Subscription {
        id: id.into(),
        url: format!("https://{id}.test/hook"),
        secret: id.into(),
        kinds: kinds.iter().copied().collect(),
        department: department.map(str::to_owned),
        ended: false,
    }
}

/// A store whose feed has one change, of a gap of department D1, written together
/// with its deliveries to these subscribers.
fn store(subscribers: &[Subscription]) -> (MemoryStore, Queue) {
    let store = MemoryStore::new(&[4; 32]);
    let mut queue = opened_queue(&store);
    for subscriber in subscribers {
        store
            .write(&[queue.subscribe(subscriber).unwrap()])
            .unwrap();
        queue.subscribed(subscriber.clone());
    }
    let feed = Feed::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
    let gap = Current {
        id: "gap-1".into(),
        kind: "missed_check".into(),
        department: Some("D1".into()),
        subject: "org:1".into(),
    };
    let when = (BatchNo(1), AT.date());
    let looks = feed.everything([gap]);
    let pending = feed.compare(AT, when, looks, |_| None).unwrap();
    let deliveries = queue.deliveries(&pending.changes, AT).unwrap();
    let mut entries = pending.entries;
    entries.extend(queue.entries(&deliveries).unwrap());
    store.write(&entries).unwrap();
    queue.accept(deliveries);
    (store, queue)
}

fn opened_queue(store: &MemoryStore) -> Queue {
    Queue::open(&*store.snapshot().unwrap(), store.keys()).unwrap()
}

fn note(store: &MemoryStore, queue: &mut Queue, delivery: Delivery) {
    store
        .write(&queue.entries(std::slice::from_ref(&delivery)).unwrap())
        .unwrap();
    queue.accept(vec![delivery]);
}

fn names(messages: &[Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|one| one.subscription.as_str())
        .collect()
}

#[test]
fn each_is_told_what_it_asked_for() {
    let mut ended = subscription("ended", &[], None);
    ended.ended = true;
    let (store, mut queue) = store(&[
        subscription("all", &[], None),
        subscription("appeared", &[ChangeKind::Appeared], None),
        subscription("resolved", &[ChangeKind::Resolved], None),
        subscription("own", &[], Some("D1")),
        subscription("other", &[], Some("D2")),
        ended,
    ]);
    let due = queue.due(AT, 9);
    assert_eq!(names(&due), ["all", "appeared", "own"]);
    let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
    assert_eq!(
        (&body["seq"], &body["change"]),
        (&1.into(), &"appeared".into())
    );
    // Under way is not due; at a restart it is again: at least once.
    assert_eq!(names(&queue.due(AT, 9)), [""; 0]);
    let mut queue = opened_queue(&store);
    assert_eq!(queue.subscriptions().count(), 6);
    assert_eq!(names(&queue.due(AT, 2)), ["all", "appeared"]);
    assert_eq!(names(&queue.due(AT, 2)), ["own"]);
}

#[test]
fn failures_are_tried_again_until_dead_and_the_dead_can_be_sent_again() {
    let (store, mut queue) = store(&[subscription("all", &[], None)]);
    let (mut now, mut attempts) = (AT, 0);
    while queue.dead().next().is_none() {
        assert!(queue.due(Moment(now.0 - 1), 9).is_empty());
        let due = queue.due(now, 9);
        assert_eq!((due.len(), due[0].event.as_str()), (1, "change-1"));
        let failed = queue
            .attempted(
                ("all", 1),
                Err("answered 500".into()),
                now,
                (Pace::default(), 500),
            )
            .unwrap();
        attempts += 1;
        now = Moment(failed.due_at);
        note(&store, &mut queue, failed);
        // What a restart would go on with.
        queue = opened_queue(&store);
    }
    assert_eq!(attempts, 32);
    assert!(now.0 - AT.0 > 12 * 3_600_000);
    assert!(queue.due(Moment(i64::MAX), 9).is_empty());
    let dead = queue.dead().next().unwrap();
    assert_eq!(dead.fault.as_deref(), Some("answered 500"));
    let again = queue.again("all", 1, now).unwrap();
    note(&store, &mut queue, again);
    assert!(queue.again("all", 1, now).is_none());
    assert_eq!(queue.due(now, 9).len(), 1);
    let done = queue
        .attempted(("all", 1), Ok(()), now, (Pace::default(), 0))
        .unwrap();
    assert_eq!(done.state, DeliveryState::Delivered);
    note(&store, &mut queue, done);
    let mut queue = opened_queue(&store);
    assert!(queue.due(Moment(i64::MAX), 9).is_empty());
    assert!(
        queue
            .attempted(("all", 1), Ok(()), now, (Pace::default(), 0))
            .is_none()
    );
}

proptest! {
    #[test]
    fn pauses_grow_within_their_bounds(attempts in 1_u32..100, jitter in 0_u16..=1000) {
        let pause = Pace::default().delay_ms(attempts, jitter);
        let whole = 10_000_i64.saturating_mul(1 << (attempts - 1).min(20)).min(3_600_000);
        prop_assert!((whole / 2..=whole).contains(&pause));
        prop_assert!(Pace::default().delay_ms(attempts, 1000) <= 2 * Pace::default().delay_ms(attempts + 1, 0));
        prop_assert!(Pace::default().delay_ms(attempts, 0) <= pause && pause <= Pace::default().delay_ms(attempts, 1000));
    }

    #[test]
    fn any_change_of_secret_time_event_or_body_changes_the_signature(
        secret in prop::collection::vec(1_u8.., 16..100), body in "[a-z]{1,40}",
        seconds in 0_i64..1_000_000_000, seq in 0_u64..1000, bit in any::<usize>(),
    ) {
        let message = message(&body, seconds, seq);
        let signed = signature(&secret, &message);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let text = format!("{seconds}.change-{seq}.{body}");
        let tag = aws_lc_rs::hmac::sign(&key, text.as_bytes());
        let expected = format!("t={seconds},v1={}", graph::id::Hex(tag.as_ref()));
        prop_assert_eq!(&signed, &expected);
        let mut other = secret.clone();
        let place = bit / 8 % other.len();
        other[place] ^= 1 << (bit % 8);
        prop_assert_ne!(signature(&other, &message), signed);
    }
}

fn message(body: &str, seconds: i64, seq: u64) -> Message {
    Message {
        subscription: "all".into(),
        seq,
        url: String::new(),
        secret: "all".into(),
        event: format!("change-{seq}"),
        seconds,
        body: body.into(),
    }
}

#[test]
fn the_courier_sends_signed_and_says_what_came_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all");
    std::fs::write(&path, "0123456789abcdef\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let answers = ["200 OK", "302 Found\r\nlocation: /x", "500 Oh"];
        let one = |answer: &str| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"{\"a\":1}") {
                let mut part = [0; 1024];
                let size = stream.read(&mut part).unwrap();
                asked.extend_from_slice(&part[..size]);
            }
            write!(
                stream,
                "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            .unwrap();
            String::from_utf8(asked).unwrap()
        };
        answers.map(one)
    });
    let deliver = HttpDeliver {
        secrets: dir.path().to_owned(),
        roots: None,
        timeout: Duration::from_secs(20),
    };
    let courier = Courier::start(Box::new(deliver), 8).unwrap();
    let sent = Message {
        url,
        ..message("{\"a\":1}", 1_790_000_000, 7)
    };
    let outcomes = [(); 3].map(|()| {
        courier.send(sent.clone()).unwrap();
        courier.outcome(Duration::from_mins(1)).unwrap()
    });
    assert_eq!((outcomes[0].seq, &outcomes[0].result), (7, &Ok(())));
    assert!(outcomes[1].result.is_err() && outcomes[2].result.is_err());
    let asked = server.join().unwrap();
    let expected = signature(b"0123456789abcdef", &sent);
    for request in asked {
        assert!(request.starts_with("POST /hook HTTP/1.1\r\n"));
        let lower = request.to_ascii_lowercase();
        assert!(lower.contains("chuantou-event: change-7\r\n"));
        assert!(lower.contains(&format!("chuantou-signature: {expected}\r\n")));
    }
    let missing = Message {
        secret: "none".into(),
        ..sent.clone()
    };
    courier.send(missing).unwrap();
    assert!(
        courier
            .outcome(Duration::from_mins(1))
            .unwrap()
            .result
            .is_err()
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    courier.send(sent).unwrap();
    let open = courier
        .outcome(Duration::from_mins(1))
        .unwrap()
        .result
        .unwrap_err();
    assert!(open.contains("chmod 600"), "{open}");
}

#[test]
fn addresses_and_names_are_checked() {
    let good = subscription("all", &[], None);
    assert!(good.check(false).is_ok());
    let local = Subscription {
        url: "http://127.0.0.1:8080/".into(),
        ..good.clone()
    };
    assert!(local.check(false).is_err());
    assert!(local.check(true).is_ok());
    for name in ["", "../key", "a/b", "a.b", "密"] {
        assert!(
            Subscription {
                secret: name.into(),
                ..good.clone()
            }
            .check(true)
            .is_err()
        );
        assert!(
            Subscription {
                id: name.into(),
                ..good.clone()
            }
            .check(true)
            .is_err()
        );
    }
    assert!(
        Subscription {
            url: "http://all.test/".into(),
            ..good
        }
        .check(true)
        .is_err()
    );
}

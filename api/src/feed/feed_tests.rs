//! Tests of the feed: against a naive comparison, over restarts and cuts.

use std::collections::BTreeMap;

use graph::change::BatchNo;
use graph::memory::MemoryStore;
use graph::seal::Keys;
use graph::store::Store;
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use proptest::prelude::*;

use super::ChangeKind::{Appeared, Reopened, Resolved, State as Told};
use super::*;

const AT: Moment = Moment(1_790_000_000_000);

fn gap(number: u8) -> Current {
    Current {
        id: format!("gap-{number}"),
        kind: "missed_check".into(),
        department: Some(format!("D{}", number % 3)),
        subject: format!("org:{number}"),
    }
}

fn day(number: u8) -> Date {
    AT.date().plus_days(number.into())
}

/// One look: which gaps hold, and the last words.
type Asked = (Vec<u8>, Vec<(u8, usize)>);

fn inputs((holding, words): &Asked) -> (Vec<Current>, BTreeMap<String, Said>) {
    let said = words
        .iter()
        .map(|(number, said)| (gap(*number).id, Said::ALL[*said]));
    let mut holding: Vec<Current> = holding.iter().map(|number| gap(*number)).collect();
    holding.dedup();
    (holding, said.collect())
}

fn look(store: &dyn Store, feed: &Feed, number: u8, asked: &Asked) -> Pending {
    let (holding, said) = inputs(asked);
    let when = (BatchNo(u32::from(number) / 2 + 1), day(number));
    let last = |id: &str| said.get(id).copied();
    let pending = feed
        .compare(AT, when, feed.everything(holding), last)
        .unwrap();
    // A comparison changes nothing.
    assert_eq!(
        feed.last(),
        Feed::open(&*store.snapshot().unwrap(), store.keys())
            .unwrap()
            .last()
    );
    pending
}

/// The same of those gaps alone that came, went or were spoken of since the look before.
fn some(feed: &Feed, number: u8, (before, asked): (&Asked, &Asked)) -> Pending {
    let ((old, _), (holding, said)) = (inputs(before), inputs(asked));
    let came = holding.iter().filter(|gap| !old.contains(gap)).cloned();
    let went = old.iter().filter(|gap| !holding.contains(gap));
    let mut looks: BTreeMap<String, Option<Current>> =
        went.map(|gap| (gap.id.clone(), None)).collect();
    looks.extend(came.map(|gap| (gap.id.clone(), Some(gap))));
    for id in said.keys().chain(inputs(before).1.keys()) {
        let now = holding.iter().find(|gap| gap.id == *id).cloned();
        looks.insert(id.clone(), now);
    }
    let when = (BatchNo(u32::from(number) / 2 + 1), day(number));
    let last = |id: &str| said.get(id).copied();
    feed.compare(AT, when, looks.into_iter().collect(), last)
        .unwrap()
}

fn all(store: &dyn Store, cursor: u64, limit: usize, department: Option<&str>) -> Page {
    since(
        &*store.snapshot().unwrap(),
        store.keys(),
        cursor,
        limit,
        department,
    )
    .unwrap()
}

/// The states that a reader of the whole feed ends up with.
fn replayed(changes: &[Change]) -> BTreeMap<String, State> {
    let mut states = BTreeMap::new();
    for (number, change) in (1..).zip(changes) {
        assert_eq!(change.seq, number);
        let before = states.insert(change.gap.clone(), change.state);
        assert_eq!(change.before, before, "{change:?}");
        assert_ne!(before, Some(change.state));
    }
    states
}

/// Publishes each look, cut off (`cuts`) before or after the write and opened anew.
fn run(store: &dyn Store, looks: &[Asked], cuts: &[u8]) {
    let open = || Feed::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
    let mut feed = open();
    let mut expected: BTreeMap<String, State> = BTreeMap::new();
    for (place, (number, asked)) in (0..).zip(looks).enumerate() {
        let cut = cuts.get(place).copied().unwrap_or_default();
        let mut pending = look(store, &feed, number, asked);
        if let Some(before) = place.checked_sub(1).and_then(|before| looks.get(before)) {
            assert_eq!(
                some(&feed, number, (before, asked)),
                pending,
                "only what changed"
            );
        }
        if cut == 1 {
            // Ended before the write: the same changes are found again.
            feed = open();
            let again = look(store, &feed, number, asked);
            assert_eq!(again, pending);
            pending = again;
        }
        store.write(&pending.entries).unwrap();
        if cut == 2 {
            // Ended behind the write: none is left.
            feed = open();
        } else {
            feed.accept(pending);
        }
        let twice = look(store, &feed, number, asked);
        assert_eq!((&twice.changes, &twice.entries), (&vec![], &vec![]));
        let (holding, said) = inputs(asked);
        for gap in &holding {
            expected.entry(gap.id.clone()).or_insert(State::Open);
        }
        for (id, state) in &mut expected {
            let holds = holding.iter().any(|gap| gap.id == *id);
            *state = state_after(holds, said.get(id).copied());
        }
        let changes = all(store, 0, usize::MAX, None).changes;
        assert_eq!(replayed(&changes), expected);
    }
    check_pages(store);
}

/// Any cursor and limit give the same changes.
fn check_pages(store: &dyn Store) {
    let whole = all(store, 0, usize::MAX, None).changes;
    for limit in [1, 2, 7] {
        for department in [None, Some("D1")] {
            let (mut cursor, mut found) = (0, Vec::new());
            loop {
                let page = all(store, cursor, limit, department);
                assert!(page.changes.len() <= limit);
                found.extend(page.changes);
                cursor = page.next;
                if !page.more {
                    break;
                }
            }
            let wanted: Vec<Change> = whole
                .iter()
                .filter(|one| department.is_none() || one.department.as_deref() == department)
                .cloned()
                .collect();
            assert_eq!(found, wanted);
        }
    }
}

fn looks() -> impl Strategy<Value = (Vec<Asked>, Vec<u8>)> {
    let look = (
        prop::collection::vec(0_u8..8, 0..8),
        prop::collection::vec((0_u8..8, 0_usize..5), 0..6),
    );
    (
        prop::collection::vec(look, 1..12),
        prop::collection::vec(0_u8..3, 12),
    )
}

proptest! {
    #[test]
    fn the_feed_loses_and_doubles_nothing((looks, cuts) in looks()) {
        run(&MemoryStore::new(&[3; 32]), &looks, &cuts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn nor_does_it_on_the_disk((looks, cuts) in looks()) {
        let dir = tempfile::tempdir().unwrap();
        let open = || RocksStore::open(dir.path(), || Ok([3; 32])).unwrap();
        run(&open(), &looks, &cuts);
        // After closing and opening the folder all is still there.
        check_pages(&open());
    }
}

#[test]
fn each_kind_of_change_is_told_with_its_fact() {
    let store = MemoryStore::new(&[1; 32]);
    let mut feed = Feed::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
    assert_eq!(feed.published(), (BatchNo(0), None));
    let mut tell = |batch, number, holding: &[u8], said: Option<Said>| {
        let holding: Vec<Current> = holding.iter().map(|number| gap(*number)).collect();
        let said = said.map(|said| (gap(1).id, said)).into_iter().collect();
        let when = (BatchNo(batch), day(number));
        let said: BTreeMap<String, Said> = said;
        let last = |id: &str| said.get(id).copied();
        let pending = feed
            .compare(AT, when, feed.everything(holding), last)
            .unwrap();
        let told: Vec<_> = pending
            .changes
            .iter()
            .map(|one| (one.change, one.state, one.settled_by.clone()))
            .collect();
        store.write(&pending.entries).unwrap();
        feed.accept(pending);
        assert_eq!(feed.published(), (BatchNo(batch), Some(day(number))));
        told
    };
    assert_eq!(tell(1, 0, &[1], None), [(Appeared, State::Open, None)]);
    assert_eq!(tell(1, 0, &[1], None), []);
    assert_eq!(
        tell(1, 0, &[1], Some(Said::Notified)),
        [(Told, State::Notified, None)]
    );
    assert_eq!(
        tell(1, 0, &[1], Some(Said::Disputed)),
        [(Told, State::Answered, None)]
    );
    let batch = Some(SettledBy::Batch(2));
    assert_eq!(
        tell(2, 0, &[], Some(Said::Disputed)),
        [(Resolved, State::Resolved, batch)]
    );
    let again = [(Reopened, State::Answered, None)];
    assert_eq!(tell(3, 0, &[1], Some(Said::Disputed)), again);
    let by_day = Some(SettledBy::Day(day(1).to_string()));
    assert_eq!(
        tell(3, 1, &[], Some(Said::Disputed)),
        [(Resolved, State::Resolved, by_day)]
    );
    assert_eq!(
        tell(4, 1, &[1], Some(Said::Dismissed)),
        [(Told, State::Dismissed, None)]
    );
    assert_eq!(tell(5, 1, &[], Some(Said::Dismissed)), []);
    assert_eq!(
        tell(6, 1, &[1], Some(Said::Reopened)),
        [(Reopened, State::Open, None)]
    );
}

#[test]
fn a_cursor_from_the_future_is_refused() {
    let store = MemoryStore::new(&[1; 32]);
    let snapshot = store.snapshot().unwrap();
    assert!(since(&*snapshot, store.keys(), 1, 10, None).is_err());
    let empty = since(&*snapshot, store.keys(), 0, 10, None).unwrap();
    assert_eq!((empty.changes.len(), empty.next, empty.more), (0, 0, false));
}

#[test]
fn another_stores_key_opens_nothing() {
    let store = MemoryStore::new(&[1; 32]);
    run(&store, &[(vec![1, 2], vec![])], &[]);
    let other = Keys::new(&[2; 32]);
    assert!(Feed::open(&*store.snapshot().unwrap(), &other).is_err());
}

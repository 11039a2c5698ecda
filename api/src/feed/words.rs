//! What was said of gaps, in the store's gap book: `gap id ‖ 00 ‖ milliseconds(8) ‖
//! random(8)` to the sealed word.

use std::collections::BTreeMap;

use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot, StoreError};
use graph::time::Moment;

use super::{Said, Saying};

/// What to write for a word said of some gaps; `serial` is drawn anew each time, so
/// that two words of one millisecond are both kept.
pub fn say(
    keys: &Keys,
    gaps: &[&str],
    saying: &Saying,
    serial: [u8; 8],
) -> Result<Vec<BookEntry>, StoreError> {
    let text = serde_json::to_vec(saying).map_err(StoreError::encoding)?;
    let entry = |gap: &&str| {
        let key = [gap.as_bytes(), &[0], &saying.at.to_be_bytes(), &serial].concat();
        let sealed = keys.seal(&key, &text);
        (Book::Gap, key, sealed)
    };
    Ok(gaps.iter().map(entry).collect())
}

/// All that was said up to a moment, by gap, oldest first.
pub fn sayings(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    until: Moment,
) -> Result<BTreeMap<String, Vec<Saying>>, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt {
        place: "the gap book",
        what,
    };
    let mut said: BTreeMap<String, Vec<Saying>> = BTreeMap::new();
    for (key, sealed) in snapshot.entries(Book::Gap, &[])? {
        let text = keys.open(&key, &sealed);
        let text = text.map_err(|error| corrupt(error.to_string()))?;
        let saying: Saying =
            serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))?;
        let gap = key.split(|byte| *byte == 0).next().unwrap_or_default();
        if saying.at <= until.0 {
            let gap = String::from_utf8_lossy(gap).into_owned();
            said.entry(gap).or_default().push(saying);
        }
    }
    Ok(said)
}

/// The last word on each gap.
pub fn last_words(sayings: &BTreeMap<String, Vec<Saying>>) -> BTreeMap<String, Said> {
    let last = |(gap, said): (&String, &Vec<Saying>)| Some((gap.clone(), said.last()?.said));
    sayings.iter().filter_map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::memory::MemoryStore;
    use graph::store::Store;

    #[test]
    fn words_are_kept_in_their_order_and_seen_from_their_moment() {
        let store = MemoryStore::new(&[1; 32]);
        let word = |at, said| Saying {
            at,
            said,
            by: Some("D1".into()),
            reason: Some("why".into()),
            attachments: Vec::new(),
        };
        let mut serial = 0;
        let mut write = |gaps: &[&str], saying: &Saying| {
            serial += 1;
            store
                .write(&say(store.keys(), gaps, saying, [serial; 8]).unwrap())
                .unwrap();
        };
        write(&["gap-1", "gap-2"], &word(10, Said::Notified));
        write(&["gap-1"], &word(20, Said::Disputed));
        write(&["gap-1"], &word(20, Said::Accepted));
        let until = |at| sayings(&*store.snapshot().unwrap(), store.keys(), Moment(at)).unwrap();
        assert!(until(9).is_empty());
        assert_eq!(until(10)["gap-1"], [word(10, Said::Notified)]);
        assert_eq!(until(99)["gap-1"].len(), 3);
        let last = last_words(&until(99));
        assert_eq!(
            (last["gap-1"], last["gap-2"]),
            (Said::Accepted, Said::Notified)
        );
    }
}

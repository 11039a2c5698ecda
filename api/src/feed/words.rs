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

/// What was said of every gap and when; in memory, for whoever asks about many.
#[derive(Clone, Default, Debug)]
pub struct Words {
    /// Of each gap, oldest first.
    by_gap: BTreeMap<String, Vec<(Moment, Said)>>,
    /// The gaps spoken of since the words were read, in order, and when.
    fresh: Vec<(Moment, String)>,
}

impl Words {
    /// Reads all that was said.
    pub fn read(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Self, StoreError> {
        Self::under(snapshot, keys, &[])
    }

    /// Reads what was said of one gap.
    pub fn of_one(snapshot: &dyn Snapshot, keys: &Keys, gap: &str) -> Result<Self, StoreError> {
        Self::under(snapshot, keys, &[gap.as_bytes(), &[0]].concat())
    }

    fn under(snapshot: &dyn Snapshot, keys: &Keys, prefix: &[u8]) -> Result<Self, StoreError> {
        let corrupt = |what: String| StoreError::Corrupt {
            place: "the gap book",
            what,
        };
        let mut words = Self::default();
        for (key, sealed) in snapshot.entries(Book::Gap, prefix)? {
            let text = keys.open(&key, &sealed);
            let text = text.map_err(|error| corrupt(error.to_string()))?;
            let saying: Saying =
                serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))?;
            let gap = key.split(|byte| *byte == 0).next().unwrap_or_default();
            words.put(&String::from_utf8_lossy(gap), &saying);
        }
        Ok(words)
    }

    fn put(&mut self, gap: &str, saying: &Saying) {
        let word = (Moment(saying.at), saying.said);
        match self.by_gap.get_mut(gap) {
            Some(said) => said.push(word),
            None => drop(self.by_gap.insert(gap.to_owned(), vec![word])),
        }
    }

    /// Takes over what was just written.
    pub fn hear(&mut self, gaps: &[&str], saying: &Saying) {
        for gap in gaps {
            self.put(gap, saying);
            self.fresh.push((Moment(saying.at), (*gap).to_owned()));
        }
    }

    /// The moment at which something may be said of these gaps now, later than all that was.
    pub fn moment(&self, gaps: &[&str], now: Moment) -> Moment {
        let said = gaps.iter().filter_map(|gap| self.by_gap.get(*gap)?.last());
        let last = said.map(|(at, _)| Moment(at.0.saturating_add(1))).max();
        last.map_or(now, |after| after.max(now))
    }

    /// The last word on a gap up to a moment.
    pub fn last(&self, gap: &str, until: Moment) -> Option<Said> {
        let said = self.by_gap.get(gap)?.iter();
        let mut told = said.rev().filter(|(at, _)| *at <= until);
        told.next().map(|(_, said)| *said)
    }

    /// The gaps of which something was said after one moment and up to another.
    pub fn spoken_of(&self, after: Moment, until: Moment) -> impl Iterator<Item = &str> {
        let within =
            move |said: &[(Moment, Said)]| said.iter().any(|(at, _)| *at > after && *at <= until);
        let spoken = self.by_gap.iter().filter(move |(_, said)| within(said));
        spoken.map(|(gap, _)| gap.as_str())
    }

    /// Of the words taken over since these were read, those behind `count` that a look as
    /// known at `until` sees: their gaps, and the count to go on from. A word of a later
    /// moment, as while a batch is on its way, is for the next look, with all behind it.
    pub fn behind(&self, count: usize, until: Moment) -> (impl Iterator<Item = &String>, usize) {
        let rest = self.fresh.get(count..).unwrap_or_default();
        let later = rest.iter().position(|(at, _)| *at > until);
        let seen = rest.get(..later.unwrap_or(rest.len())).unwrap_or_default();
        (seen.iter().map(|(_, gap)| gap), count + seen.len())
    }
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
        let words = Words::read(&*store.snapshot().unwrap(), store.keys()).unwrap();
        let last = |gap, at| words.last(gap, Moment(at));
        assert_eq!((last("gap-1", 9), last("gap-3", 99)), (None, None));
        assert_eq!(last("gap-1", 10), Some(Said::Notified));
        assert_eq!(last("gap-1", 99), Some(Said::Accepted));
        assert_eq!(last("gap-2", 99), Some(Said::Notified));
        let spoken =
            |after, until| -> Vec<&str> { words.spoken_of(Moment(after), Moment(until)).collect() };
        assert_eq!(spoken(0, 10), ["gap-1", "gap-2"]);
        assert_eq!(spoken(10, 20), ["gap-1"]);
        assert!(spoken(20, 99).is_empty() && spoken(0, 9).is_empty());
        let one = Words::of_one(&*store.snapshot().unwrap(), store.keys(), "gap-2").unwrap();
        assert_eq!(
            one.spoken_of(Moment(0), Moment(99)).collect::<Vec<_>>(),
            ["gap-2"]
        );
    }

    #[test]
    fn a_word_is_heard_behind_all_that_were_said() {
        let mut words = Words::default();
        let word = |at, said| Saying {
            said,
            ..Saying::notified(Moment(at))
        };
        words.hear(&["gap-1", "gap-2"], &word(10, Said::Notified));
        assert_eq!(words.moment(&["gap-1"], Moment(10)), Moment(11));
        assert_eq!(words.moment(&["gap-3"], Moment(10)), Moment(10));
        words.hear(&["gap-1"], &word(11, Said::Accepted));
        let behind = |count, until| {
            let (gaps, count) = words.behind(count, Moment(until));
            (gaps.map(String::as_str).collect::<Vec<_>>(), count)
        };
        assert_eq!(behind(0, 9), (vec![], 0));
        assert_eq!(behind(0, 10), (vec!["gap-1", "gap-2"], 2));
        assert_eq!(behind(2, 10), (vec![], 2));
        assert_eq!(behind(2, 11), (vec!["gap-1"], 3));
        assert_eq!(words.last("gap-1", Moment(11)), Some(Said::Accepted));
    }
}

//! Keys and values as bytes: big-endian, order-preserving, drawn in `FORMAT.md`.

use std::collections::BTreeSet;

use graph::change::{BatchNo, Quarantined, Source};
use graph::id::{EntityId, Home, RecordId, Set};
use graph::seal::Keys;
use graph::store::{Book, Place, StoreError};
use graph::time::Moment;
use serde::{Deserialize, Serialize};

/// A version as it lies in the `record` family.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct Stored<'a> {
    /// What happened.
    pub(crate) act: Act,
    /// File in the batch.
    pub(crate) file: u32,
    /// Line in the file.
    pub(crate) line: u32,
    /// Where the version before lies, if elsewhere.
    pub(crate) moved_from: Option<[u8; 16]>,
    /// The record, as postcard; sealed when `core_sealed`.
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(crate) core: &'a [u8],
    /// A text in the record may hold an identity number.
    pub(crate) core_sealed: bool,
    /// The sealed detail.
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(crate) sealed: &'a [u8],
}

/// Bytes at once, not one by one.
fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// What happened to a record at a home. Stored by order: add at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub(crate) enum Act {
    /// It is so.
    Put,
    /// It was withdrawn.
    Withdrawn,
    /// It is filed elsewhere from here on.
    Moved,
}

/// `set(1) id(5)`: where records whose ids begin so are filed. Among 10^8 records a
/// handful share these five bytes; whoever looks one up asks at each home found.
pub(crate) fn place_prefix(set: Set, id: RecordId) -> [u8; PLACE_HEAD] {
    let mut key = [set.number(); PLACE_HEAD];
    let head = id.0.first_chunk::<{ PLACE_HEAD - 1 }>();
    if let (Some((_, place)), Some(head)) = (key.split_first_mut(), head) {
        place.copy_from_slice(head);
    }
    key
}

/// Length of what [`place_prefix`] makes.
pub(crate) const PLACE_HEAD: usize = 6;

/// `set(1) id(5) home`. An organisation's home is cut to the 12 bytes that differ.
pub(crate) fn place_key(set: Set, id: RecordId, home: Home) -> PlaceKey {
    let home = home.0.strip_prefix(&ORGANISATION).unwrap_or(&home.0);
    let length = PLACE_HEAD + home.len();
    let bytes = joined([place_prefix(set, id).as_slice(), home]);
    PlaceKey { bytes, length }
}

/// A key of `place`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlaceKey {
    bytes: [u8; PLACE_HEAD + 16],
    length: usize,
}

impl PlaceKey {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Parts one after the other; zeros where they are shorter.
fn joined<const N: usize, const P: usize>(parts: [&[u8]; P]) -> [u8; N] {
    let mut whole = [0; N];
    let mut rest = whole.as_mut_slice();
    for part in parts {
        let (place, after) = rest.split_at_mut(part.len().min(rest.len()));
        place.copy_from_slice(part.get(..place.len()).unwrap_or_default());
        rest = after;
    }
    whole
}

/// The home in what [`place_key`] made.
pub(crate) fn home_at(key: &[u8]) -> Option<Home> {
    let home = key.get(PLACE_HEAD..)?;
    let whole = [ORGANISATION.as_slice(), home].concat();
    let home = if home.len() == 12 { &whole } else { home };
    home.try_into().ok().map(Home)
}

/// How every organisation's home begins: 31 to the 18th is below 2 to the 90th.
const ORGANISATION: [u8; 4] = [1, 0, 0, 0];

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredBatch {
    pub(crate) recorded_at: Moment,
    pub(crate) files: Vec<String>,
    pub(crate) report: String,
}

/// A quarantined row; its cells are sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredRow {
    pub(crate) row: Quarantined,
    pub(crate) sealed: Vec<u8>,
    pub(crate) resolved_in: Option<u32>,
}

/// `set(1) home(16) id(12)`: all versions of one record at one home.
pub(crate) fn record_prefix(set: Set, home: Home, id: RecordId) -> [u8; RECORD_KEY - 4] {
    joined([&[set.number()], home.0.as_slice(), &id.0])
}

/// `set(1) home(16) id(12) !batch(4)`: the newest version first.
pub(crate) fn record_key(set: Set, home: Home, id: RecordId, batch: BatchNo) -> [u8; RECORD_KEY] {
    let batch = (!batch.0).to_be_bytes();
    joined([&[set.number()], home.0.as_slice(), &id.0, &batch])
}

/// Length of a key in `record`, `link` and `number`.
pub(crate) const RECORD_KEY: usize = 33;
pub(crate) const LINK_KEY: usize = 37;
pub(crate) const NUMBER_KEY: usize = 29;

/// For sorting the `record` keys of one set: no larger key has a smaller one. Most records
/// are filed at organisations, whose homes begin alike: with 16 bytes of the key from the home
/// on, those of one organisation would all look the same.
pub(crate) fn record_order(key: &[u8; RECORD_KEY]) -> u128 {
    entity_order(key.get(1..).unwrap_or_default())
}

/// The same for `link` keys.
pub(crate) fn link_order(key: &[u8; LINK_KEY]) -> u128 {
    entity_order(key)
}

/// The first 16 bytes; of an organisation without the zeros that all organisations have.
fn entity_order(key: &[u8]) -> u128 {
    let [kind, ..] = ORGANISATION;
    let bytes: [u8; 16] = match key.strip_prefix(&ORGANISATION) {
        Some(rest) => joined([&[kind], rest]),
        // Nothing is filed there; it would come after all organisations.
        None if key.first() == Some(&kind) => joined([&[kind], &[u8::MAX; 15]]),
        None => joined([key]),
    };
    u128::from_be_bytes(bytes)
}

/// Home, record and batch of a `record` key.
pub(crate) fn split_record_key(key: &[u8]) -> Option<(Home, RecordId, BatchNo)> {
    let (home, rest) = key.get(1..)?.split_first_chunk::<16>()?;
    let (id, rest) = rest.split_first_chunk::<12>()?;
    let batch = u32::from_be_bytes(rest.try_into().ok()?);
    Some((Home(*home), RecordId(*id), BatchNo(!batch)))
}

/// `entity(16) set(1)`: the records of a set that name an entity.
pub(crate) fn link_prefix(entity: EntityId, set: Set) -> [u8; 17] {
    joined([entity.bytes().as_slice(), &[set.number()]])
}

/// `entity(16) set(1) home(16) id(4)`: the records at a home whose ids begin so.
pub(crate) fn link_key(entity: EntityId, set: Set, home: Home, id: RecordId) -> [u8; LINK_KEY] {
    let prefix = link_prefix(entity, set);
    joined([prefix.as_slice(), home.0.as_slice(), &id.0])
}

/// `digest(8)`, keyed: the cases of one number. Numbers come from outside and
/// may hold what must not be read here.
pub(crate) fn number_prefix(keys: &Keys, case_no: &str) -> [u8; 8] {
    keys.content(&[b"number", case_no.as_bytes()])
}

/// `digest(8) set(1) home(16) id(4)`.
pub(crate) fn number_key(
    keys: &Keys,
    case_no: &str,
    set: Set,
    home: Home,
    id: RecordId,
) -> [u8; NUMBER_KEY] {
    let prefix = number_prefix(keys, case_no);
    joined([prefix.as_slice(), &[set.number()], home.0.as_slice(), &id.0])
}

/// What a `link` or `number` key points at, its end: `set(1) home(16) id(4)`, with which the
/// keys of the records begin.
pub(crate) fn pointed_at(key: &[u8]) -> Option<&[u8; 21]> {
    key.last_chunk()
}

/// The home of an organisation, by the id of its record.
pub(crate) fn organisation_at(id: RecordId) -> Home {
    Home(joined([ORGANISATION.as_slice(), &id.0]))
}

/// `set(1) kind(1) id(12)`: the record of a person, by its id; kind is that of the entity.
pub(crate) fn person_prefix(kind: u8, id: RecordId) -> [u8; 14] {
    joined([&[Set::Persons.number(), kind], &id.0])
}

/// The kinds of persons, as entities' first bytes.
pub(crate) const PERSON_KINDS: [u8; 2] = [2, 3];

/// Where a record of this set is filed cannot be told from its id: `place` tells it.
pub(crate) fn is_placed(set: Set) -> bool {
    !matches!(set, Set::Organisations | Set::Persons)
}

/// `batch(4)`.
pub(crate) fn batch_key(no: BatchNo) -> [u8; 4] {
    no.0.to_be_bytes()
}

/// Places one behind the other: `set(1) home` each.
pub(crate) fn touched_value(all: &BTreeSet<Place>) -> Vec<u8> {
    let places = all.iter();
    let bytes = places.flat_map(|(set, home)| [set.number()].into_iter().chain(home.0));
    bytes.collect()
}

/// The places in what [`touched_value`] made.
pub(crate) fn split_touched(bytes: &[u8]) -> Option<BTreeSet<Place>> {
    let places = bytes.chunks(17).map(|place| {
        let (set, home) = place.split_first()?;
        Some((Set::from_number(*set)?, Home(home.try_into().ok()?)))
    });
    places.collect()
}

/// `batch(4) id(8)`.
pub(crate) fn quarantine_key(batch: BatchNo, id: [u8; 8]) -> Vec<u8> {
    [batch.0.to_be_bytes().as_slice(), &id].concat()
}

/// `book(1) key`.
pub(crate) fn book_key(book: Book, key: &[u8]) -> Vec<u8> {
    [&[book.number()], key].concat()
}

/// A value as postcard.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(StoreError::encoding)
}

/// A value as postcard, in a buffer that is used again and again.
pub(crate) fn encode_into<T: Serialize>(value: &T, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
    bytes.clear();
    *bytes = postcard::to_extend(value, std::mem::take(bytes)).map_err(StoreError::encoding)?;
    Ok(())
}

/// What [`encode`] made.
pub(crate) fn decode<'a, T: Deserialize<'a>>(
    place: &'static str,
    bytes: &'a [u8],
) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Corrupt {
        place,
        what: error.to_string(),
    })
}

/// Where a stored version stands in its batch.
pub(crate) fn source(stored: &Stored<'_>) -> Source {
    Source {
        file: stored.file,
        line: stored.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::id::{Hex, Uscc};
    use proptest::prelude::*;

    #[test]
    fn golden_bytes_of_keys() {
        let org = EntityId::organisation(Uscc::parse("914403001922038216").unwrap());
        let (home, id) = (Home::from(org), RecordId([0xab; 12]));
        let shown = |key: &[u8]| Hex(key).to_string();
        let o = "0100000000a88f1cafc268fc57771ea5";
        let r = "abababababababababababab";
        assert_eq!(
            shown(&record_key(Set::Roles, home, id, BatchNo(1))),
            format!("02{o}{r}fffffffe")
        );
        assert_eq!(
            shown(&link_key(org, Set::Holdings, home, id)),
            format!("{o}03{o}abababab")
        );
        let keys = Keys::new(&[5; 32]);
        let number = number_key(&keys, "A1", Set::Penalties, home, id);
        let digest = shown(&keys.content(&[b"number", b"A1"]));
        assert_eq!(shown(&number), format!("{digest}05{o}abababab"));
        assert_eq!(shown(&book_key(Book::Audit, b"x")), "0378");
        let key = record_key(Set::Roles, home, id, BatchNo(7));
        assert_eq!(split_record_key(&key), Some((home, id, BatchNo(7))));
        let link = link_key(org, Set::Roles, home, id);
        let records = pointed_at(&link).map(|head| shown(head));
        assert_eq!(records, Some(format!("02{o}abababab")));
        assert_eq!(split_record_key(&key[..20]), None);
        let both = BTreeSet::from([(Set::Holdings, home), (Set::Roles, home)]);
        assert_eq!(shown(&touched_value(&both)), format!("02{o}03{o}"));
        assert_eq!(split_touched(&touched_value(&both)), Some(both));
        assert_eq!(organisation_at(RecordId::of_entity(org)), home);
    }

    #[test]
    fn golden_bytes_of_a_place() {
        let org = Home::from(EntityId::organisation(
            Uscc::parse("914403001922038216").unwrap(),
        ));
        let id = RecordId([0xab; 12]);
        assert_eq!(
            Hex(place_key(Set::Matters, id, org).bytes()).to_string(),
            "0cababababab00a88f1cafc268fc57771ea5"
        );
        for home in [org, Home([2; 16]), Home([9; 16]), Home([1; 16])] {
            assert_eq!(
                home_at(place_key(Set::Matters, id, home).bytes()),
                Some(home)
            );
        }
        assert_eq!(home_at(&[]), None);
        assert_eq!(home_at(&[2; 19]), None);
    }

    proptest! {
        #[test]
        fn no_larger_key_comes_before_in_sorting(
            mut keys in proptest::collection::vec(
                (0..3u8, proptest::array::uniform32(0..2u8)), 2..40),
        ) {
            keys.sort_unstable();
            let mut last = 0;
            for (first, rest) in keys {
                let key: [u8; RECORD_KEY] = joined([&[first], &rest]);
                prop_assert!(entity_order(&key) >= last);
                last = entity_order(&key);
                prop_assert_eq!(record_order(&joined([&[7], &key])), last);
                prop_assert_eq!(link_order(&joined([&key])), last);
            }
        }
    }

    #[test]
    fn newer_versions_come_first() {
        let (home, id) = (Home([1; 16]), RecordId([2; 12]));
        let key = |n| record_key(Set::Roles, home, id, BatchNo(n));
        assert!(key(2) < key(1));
        assert!(key(u32::MAX) < key(0));
    }
}

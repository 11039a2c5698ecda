//! Keys and values as bytes: big-endian, order-preserving, drawn in `FORMAT.md`.

use graph::change::{BatchNo, Quarantined, Source};
use graph::id::{EntityId, Home, RecordId, Set};
use graph::seal::Keys;
use graph::store::{Book, StoreError};
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
    #[serde(borrow)]
    pub(crate) core: &'a [u8],
    /// A text in the record may hold an identity number.
    pub(crate) core_sealed: bool,
    /// The sealed detail.
    #[serde(borrow)]
    pub(crate) sealed: &'a [u8],
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

/// `set(1) id(12)`: a record in `place`.
pub(crate) fn place_key(set: Set, id: RecordId) -> [u8; 13] {
    let mut key = [set.number(); 13];
    key[1..].copy_from_slice(&id.0);
    key
}

/// Where the newest version of a record is filed. An organisation's home is cut
/// to the 12 bytes that differ.
pub(crate) fn place_value(home: &Home) -> &[u8] {
    home.0.strip_prefix(&ORGANISATION).unwrap_or(&home.0)
}

/// What [`place_value`] made.
pub(crate) fn home_at(value: &[u8]) -> Option<Home> {
    let whole = [ORGANISATION.as_slice(), value].concat();
    let home = if value.len() == 12 { &whole } else { value };
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
pub(crate) fn record_prefix(set: Set, home: Home, id: RecordId) -> Vec<u8> {
    [&[set.number()], home.0.as_slice(), &id.0].concat()
}

/// `set(1) home(16) id(12) !batch(4)`: the newest version first.
pub(crate) fn record_key(set: Set, home: Home, id: RecordId, batch: BatchNo) -> Vec<u8> {
    let mut key = record_prefix(set, home, id);
    key.extend((!batch.0).to_be_bytes());
    key
}

/// Home, record and batch of a `record` key.
pub(crate) fn split_record_key(key: &[u8]) -> Option<(Home, RecordId, BatchNo)> {
    let (home, rest) = key.get(1..)?.split_first_chunk::<16>()?;
    let (id, rest) = rest.split_first_chunk::<12>()?;
    let batch = u32::from_be_bytes(rest.try_into().ok()?);
    Some((Home(*home), RecordId(*id), BatchNo(!batch)))
}

/// `entity(16) set(1)`: the records of a set that name an entity.
pub(crate) fn link_prefix(entity: EntityId, set: Set) -> Vec<u8> {
    [entity.bytes().as_slice(), &[set.number()]].concat()
}

/// `entity(16) set(1) home(16) id(12)`.
pub(crate) fn link_key(entity: EntityId, set: Set, home: Home, id: RecordId) -> Vec<u8> {
    [
        link_prefix(entity, set).as_slice(),
        home.0.as_slice(),
        &id.0,
    ]
    .concat()
}

/// `digest(8)`, keyed: the cases of one number. Numbers come from outside and
/// may hold what must not be read here.
pub(crate) fn number_prefix(keys: &Keys, case_no: &str) -> Vec<u8> {
    keys.content(&[b"number", case_no.as_bytes()]).to_vec()
}

/// `digest(8) set(1) home(16) id(12)`.
pub(crate) fn number_key(
    keys: &Keys,
    case_no: &str,
    set: Set,
    home: Home,
    id: RecordId,
) -> Vec<u8> {
    let prefix = number_prefix(keys, case_no);
    [prefix.as_slice(), &[set.number()], home.0.as_slice(), &id.0].concat()
}

/// Home and record at the end of a `link` or `number` key.
pub(crate) fn split_tail(key: &[u8]) -> Option<(Home, RecordId)> {
    let (rest, id) = key.split_last_chunk::<12>()?;
    let (_, home) = rest.split_last_chunk::<16>()?;
    Some((Home(*home), RecordId(*id)))
}

/// `batch(4)`.
pub(crate) fn batch_key(no: BatchNo) -> [u8; 4] {
    no.0.to_be_bytes()
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
            format!("{o}03{o}{r}")
        );
        let keys = Keys::new(&[5; 32]);
        let number = number_key(&keys, "A1", Set::Penalties, home, id);
        let digest = shown(&keys.content(&[b"number", b"A1"]));
        assert_eq!(shown(&number), format!("{digest}05{o}{r}"));
        assert_eq!(shown(&book_key(Book::Audit, b"x")), "0378");
        let key = record_key(Set::Roles, home, id, BatchNo(7));
        assert_eq!(split_record_key(&key), Some((home, id, BatchNo(7))));
        assert_eq!(
            split_tail(&link_key(org, Set::Roles, home, id)),
            Some((home, id))
        );
        assert_eq!(split_record_key(&key[..20]), None);
    }

    #[test]
    fn golden_bytes_of_a_place() {
        let org = Home::from(EntityId::organisation(
            Uscc::parse("914403001922038216").unwrap(),
        ));
        assert_eq!(
            Hex(place_value(&org)).to_string(),
            "00a88f1cafc268fc57771ea5"
        );
        for home in [org, Home([2; 16]), Home([9; 16]), Home([1; 16])] {
            assert_eq!(home_at(place_value(&home)), Some(home));
        }
        assert_eq!(home_at(&[]), None);
        assert_eq!(home_at(&[2; 13]), None);
        let key = place_key(Set::Matters, RecordId([0xab; 12]));
        assert_eq!(Hex(&key).to_string(), "0cabababababababababababab");
    }

    #[test]
    fn newer_versions_come_first() {
        let (home, id) = (Home([1; 16]), RecordId([2; 12]));
        let key = |n| record_key(Set::Roles, home, id, BatchNo(n));
        assert!(key(2) < key(1));
        assert!(key(u32::MAX) < key(0));
    }
}

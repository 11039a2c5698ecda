//! Identifiers: who an entity is and which record is meant.
//!
//! An [`EntityId`] is derived from the identifier itself, so there is no central
//! counter and the same organisation has the same id in every store. A person's
//! id is a keyed digest of the identity number ([`crate::seal::Keys`]): without
//! the key it tells nothing about the number.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::framed::framed;

/// The 31 characters of a unified social credit code (GB 32100), in ASCII order.
pub const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The digit that each byte is in [`USCC_ALPHABET`]; 255 for none.
const USCC_DIGITS: [u8; 256] = {
    let mut digits = [u8::MAX; 256];
    let mut digit = 0;
    while digit < 31 {
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "evaluated by the compiler, which refuses what is out of bounds"
        )]
        {
            digits[USCC_ALPHABET[digit] as usize] = digit as u8;
        }
        digit += 1;
    }
    digits
};

/// What a character of a credit code counts, from 0 to 30; none for any other byte.
pub fn uscc_digit(byte: u8) -> Option<u8> {
    let digit = USCC_DIGITS.get(usize::from(byte)).copied();
    digit.filter(|digit| *digit != u8::MAX)
}

/// A unified social credit code by its shape: 18 characters of the alphabet.
/// The check character is the loader's concern: codes that fail it were issued.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Uscc([u8; 18]);

impl Uscc {
    /// Reads an already trimmed, upper-cased code.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 18] = text.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(|byte| uscc_digit(*byte).is_some())
            .then_some(Self(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an entity is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EntityKind {
    /// An organisation, known by its credit code.
    Organisation,
    /// A person with an identity number.
    Person,
    /// A person known only by name at one organisation; never merged by name.
    Provisional,
}

/// An entity: a kind byte and 15 bytes.
///
/// * `1` organisation: the credit code read as a number in base 31, big-endian;
///   so organisations sort as their codes and the code can be read back.
/// * `2` person, `3` provisional person: the first 15 bytes of a keyed digest.
#[derive(
    Clone, Copy, PartialEq, Eq, Serialize, Deserialize, FromBytes, IntoBytes, KnownLayout, Immutable,
)]
#[repr(transparent)]
pub struct EntityId([u8; 16]);

/// As the bytes sort, compared as one number: every search in a column does this.
impl Ord for EntityId {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl PartialOrd for EntityId {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for EntityId {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number().hash(state);
    }
}

impl EntityId {
    #[inline]
    fn number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// The organisation with this code.
    pub fn organisation(uscc: Uscc) -> Self {
        // Nine digits are below 2^45: only joining the halves needs wide numbers.
        let half = |digits: &[u8]| {
            digits.iter().fold(0u64, |sum, byte| {
                sum * 31 + u64::from(uscc_digit(*byte).unwrap_or_default())
            })
        };
        let (head, tail) = uscc.0.split_at(9);
        let number = u128::from(half(head)) * u128::from(31u64.pow(9)) + u128::from(half(tail));
        let mut bytes = number.to_be_bytes();
        bytes[0] = 1;
        Self(bytes)
    }

    /// The person with this keyed digest of type and number.
    pub fn person(digest: [u8; 15]) -> Self {
        Self::with_kind(2, digest)
    }

    /// The provisional person with this keyed digest of organisation and name.
    pub fn provisional(digest: [u8; 15]) -> Self {
        Self::with_kind(3, digest)
    }

    fn with_kind(kind: u8, digest: [u8; 15]) -> Self {
        let mut bytes = [kind; 16];
        bytes[1..].copy_from_slice(&digest);
        Self(bytes)
    }

    /// From stored bytes; `None` when the kind byte is unknown.
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        let id = Self(bytes);
        id.is_known().then_some(id)
    }

    /// The kind byte is one that there is: an id that lies in a file as it does in memory
    /// may have any.
    #[inline]
    pub fn is_known(&self) -> bool {
        matches!(self.0[0], 1..=3)
    }

    /// The 16 bytes, in the order that ids sort by.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// What it is.
    #[inline]
    pub fn kind(&self) -> EntityKind {
        match self.0[0] {
            1 => EntityKind::Organisation,
            2 => EntityKind::Person,
            _ => EntityKind::Provisional,
        }
    }

    /// It is an organisation.
    #[inline]
    pub fn is_organisation(&self) -> bool {
        self.kind() == EntityKind::Organisation
    }

    /// The credit code of an organisation.
    pub fn uscc(&self) -> Option<Uscc> {
        if !self.is_organisation() {
            return None;
        }
        let mut bytes = self.0;
        bytes[0] = 0;
        let number = u128::from_be_bytes(bytes);
        // Nine digits fit into 64 bits, where dividing is cheap.
        let nine = 31_u128.pow(9);
        let mut code = [b'0'; 18];
        let (head, tail) = code.split_at_mut(9);
        for (half, number) in [(head, number / nine), (tail, number % nine)] {
            let mut number = u64::try_from(number).unwrap_or_default();
            for place in half.iter_mut().rev() {
                let digit = usize::try_from(number % 31).unwrap_or_default();
                *place = USCC_ALPHABET.get(digit).copied().unwrap_or(b'0');
                number /= 31;
            }
        }
        Some(Uscc(code))
    }

    /// Reads a public key: `org:<uscc>`, `person:<hex>` or `provisional:<hex>`.
    pub fn parse_key(key: &str) -> Option<Self> {
        let (kind, rest) = key.split_once(':')?;
        match kind {
            "org" => Uscc::parse(rest).map(Self::organisation),
            "person" => unhex(rest).map(Self::person),
            "provisional" => unhex(rest).map(Self::provisional),
            _ => None,
        }
    }
}

fn unhex(text: &str) -> Option<[u8; 15]> {
    let mut out = [0; 15];
    if text.len() != 30 || !text.is_ascii() {
        return None;
    }
    for (place, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

impl fmt::Display for EntityId {
    /// The public key: `org:91…`, `person:<hex>`, `provisional:<hex>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            EntityKind::Organisation => {
                let code = self.uscc().unwrap_or(Uscc([b'0'; 18]));
                let mut text = *b"org:..................";
                text[4..].copy_from_slice(&code.0);
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
            EntityKind::Person => write!(f, "person:{}", Hex(&self.0[1..])),
            EntityKind::Provisional => write!(f, "provisional:{}", Hex(&self.0[1..])),
        }
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes shown as lower-case hexadecimal.
#[derive(Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
        // A digest is written at once: a text that it is added to grows once.
        let mut text = [0; 64];
        for chunk in self.0.chunks(text.len() / 2) {
            let (pairs, _) = text.as_chunks_mut();
            for (pair, byte) in pairs.iter_mut().zip(chunk) {
                *pair = [digit(byte >> 4), digit(byte & 15)];
            }
            let written = text.get(..2 * chunk.len()).unwrap_or_default();
            f.write_str(std::str::from_utf8(written).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// The record set that a record belongs to. The number is stored: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Set {
    /// 市场主体
    Organisations = 1,
    /// 主要人员
    Roles = 2,
    /// 股东及出资信息
    Holdings = 3,
    /// 控制协议
    ControlAgreements = 4,
    /// 行政处罚
    Penalties = 5,
    /// 严重失信主体名单
    Listings = 6,
    /// 直接责任人
    ResponsiblePersons = 7,
    /// 责任认定
    Determinations = 8,
    /// 信用修复
    Repairs = 9,
    /// 异议
    Objections = 10,
    /// 部门目录
    Departments = 11,
    /// 业务办件
    Matters = 12,
    /// 信用核查记录
    Checks = 13,
    /// 惩戒实施反馈
    Enforcements = 14,
    /// Persons, made from the person columns of all other sets.
    Persons = 15,
}

impl Set {
    /// Every set, in the order of its number.
    pub const ALL: [Self; 15] = [
        Self::Organisations,
        Self::Roles,
        Self::Holdings,
        Self::ControlAgreements,
        Self::Penalties,
        Self::Listings,
        Self::ResponsiblePersons,
        Self::Determinations,
        Self::Repairs,
        Self::Objections,
        Self::Departments,
        Self::Matters,
        Self::Checks,
        Self::Enforcements,
        Self::Persons,
    ];

    /// Its records may be found from other entities, or by a case's number.
    pub fn is_indexed(self) -> bool {
        !matches!(
            self,
            Self::Objections
                | Self::Departments
                | Self::Matters
                | Self::Checks
                | Self::Enforcements
                | Self::Persons
        )
    }

    /// The stored number.
    pub fn number(self) -> u8 {
        let place = Self::ALL
            .iter()
            .position(|set| *set == self)
            .unwrap_or_default();
        u8::try_from(place).unwrap_or_default() + 1
    }

    /// The set with this stored number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The canonical name, as in file names and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organisations => "organizations",
            Self::Roles => "roles",
            Self::Holdings => "holdings",
            Self::ControlAgreements => "control_agreements",
            Self::Penalties => "penalties",
            Self::Listings => "listings",
            Self::ResponsiblePersons => "responsible_persons",
            Self::Determinations => "determinations",
            Self::Repairs => "repairs",
            Self::Objections => "objections",
            Self::Departments => "departments",
            Self::Matters => "matters",
            Self::Checks => "checks",
            Self::Enforcements => "enforcements",
            Self::Persons => "persons",
        }
    }
}

/// A record by its natural key. For an organisation and a person see [`Self::of_entity`];
/// for all others the first 12 bytes of SM3 over the set's number
/// and the key's parts, each with its length before it. Among 10⁸ records two
/// fall together with a probability below 10⁻¹².
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
)]
#[repr(transparent)]
pub struct RecordId(pub [u8; 12]);

impl RecordId {
    /// The record of `set` whose natural key has these parts.
    pub fn new(set: Set, parts: &[&[u8]]) -> Self {
        Self(digest(set.number(), parts))
    }

    /// The record of an organisation or a person itself: the entity's own id but for what
    /// all organisations share (the kind and zeros), or for a person's last bytes. So it says
    /// where it is filed.
    pub fn of_entity(entity: EntityId) -> Self {
        let (_, rest) = entity
            .0
            .split_at(if entity.is_organisation() { 4 } else { 1 });
        Self(rest.first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

/// Where a record is filed, so that everything about one subject (or one case
/// number) lies together: an entity's 16 bytes, or `9` and a digest of a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Home(pub [u8; 16]);

impl Home {
    /// The home of what is said about a case number (or department code).
    pub fn number(text: &str) -> Self {
        let mut bytes: [u8; 16] = digest(0, &[text.as_bytes()]);
        bytes[0] = 9;
        Self(bytes)
    }
}

impl From<EntityId> for Home {
    fn from(id: EntityId) -> Self {
        Self(id.0)
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

fn digest<const N: usize>(tag: u8, parts: &[&[u8]]) -> [u8; N] {
    let full = framed(tag, parts, |text| Sm3::digest(text));
    let mut out = [0; N];
    out.iter_mut()
        .zip(full.iter())
        .for_each(|(place, byte)| *place = *byte);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn set_numbers_are_those_on_disk() {
        for (place, set) in Set::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(set.number()), place + 1);
            assert_eq!(Set::from_number(set.number()), Some(set));
        }
        assert_eq!(Set::from_number(0), None);
        assert_eq!(Set::from_number(16), None);
        assert_eq!(Set::Persons.number(), 15);
    }

    #[test]
    fn golden_bytes_of_an_organisation() {
        let id = EntityId::organisation(Uscc::parse("914403001922038216").unwrap());
        assert_eq!(id.to_string(), "org:914403001922038216");
        assert_eq!(
            Hex(id.bytes()).to_string(),
            "0100000000a88f1cafc268fc57771ea5"
        );
    }

    #[test]
    fn keys_that_are_no_keys() {
        for bad in [
            "org:91",
            "person:zz",
            "person:",
            "",
            "x:y",
            "person:1",
            "org:",
        ] {
            assert_eq!(EntityId::parse_key(bad), None, "{bad}");
        }
    }

    fn code() -> impl Strategy<Value = String> {
        proptest::collection::vec(0..31usize, 18).prop_map(|v| {
            v.into_iter()
                .map(|i| char::from(USCC_ALPHABET[i]))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn organisations_sort_as_their_codes(a in code(), b in code()) {
            let (x, y) = (Uscc::parse(&a).unwrap(), Uscc::parse(&b).unwrap());
            let (i, j) = (EntityId::organisation(x), EntityId::organisation(y));
            prop_assert_eq!(a.cmp(&b), i.cmp(&j));
            prop_assert_eq!(i.uscc(), Some(x));
            prop_assert_eq!(EntityId::parse_key(&i.to_string()), Some(i));
        }

        #[test]
        fn entities_sort_as_their_bytes(mut a: [u8; 16], mut b: [u8; 16], same in 0..17usize) {
            (a[0], b[0]) = (a[0] % 3 + 1, b[0] % 3 + 1);
            b[..same].copy_from_slice(&a[..same]);
            let [x, y] = [a, b].map(|bytes| EntityId::from_bytes(bytes).unwrap());
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
        }

        #[test]
        fn person_keys_read_back(digest: [u8; 15]) {
            for id in [EntityId::person(digest), EntityId::provisional(digest)] {
                prop_assert_eq!(EntityId::parse_key(&id.to_string()), Some(id));
                prop_assert_eq!(EntityId::from_bytes(*id.bytes()), Some(id));
            }
        }
    }
}

//! A person, as the person columns of all record sets tell it.

use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use super::code::coded;
use crate::id::EntityId;

coded! {
    /// 证件类型
    IdType {
        /// 居民身份证
        ResidentId = "resident_id",
        /// 护照
        Passport = "passport",
        /// 港澳居民来往内地通行证
        HkMacauPermit = "hk_macau_permit",
        /// 台湾居民来往大陆通行证
        TaiwanPermit = "taiwan_permit",
        /// 外国人永久居留身份证
        ForeignPermanentResident = "foreign_permanent_resident",
        /// 其他
        Other = "other",
    }
}

/// One version of a person. Name and number are in the sealed detail, under
/// [`Person::NAME`] and [`Person::NUMBER`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The keyed id.
    pub id: EntityId,
    /// The document's type; none for a provisional person.
    pub id_type: Option<IdType>,
    /// The organisation a provisional person was named at.
    pub named_at: Option<EntityId>,
    /// What tells persons apart in ids that must be the same on every machine:
    /// see [`Person::tag_of`]. At rest it is veiled ([`crate::seal::Keys::veil`]).
    pub tag: [u8; 8],
}

impl Person {
    /// Detail field: the name.
    pub const NAME: &'static str = "name";
    /// Detail field: the identity number.
    pub const NUMBER: &'static str = "id_number";

    /// The tag: SM3 over what a masked answer shows anyway (type, first six and
    /// last four characters of the number), so it discloses nothing more and is
    /// the same on every machine. For a provisional person, over the name.
    pub fn tag_of(parts: &[&str]) -> [u8; 8] {
        let mut hash = Sm3::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize();
        let mut tag = [0; 8];
        tag.iter_mut()
            .zip(digest.iter())
            .for_each(|(place, byte)| *place = *byte);
        tag
    }

    /// A number as answers show it: `341502********0018`.
    pub fn mask_number(number: &str) -> String {
        let letters: Vec<char> = number.chars().collect();
        let (head, tail) = if letters.len() >= 14 {
            (6, 4)
        } else {
            (1.min(letters.len() / 3), 2.min(letters.len() / 3))
        };
        letters
            .iter()
            .enumerate()
            .map(|(i, c)| {
                if i < head || i + tail >= letters.len() {
                    *c
                } else {
                    '*'
                }
            })
            .collect()
    }

    /// A name as answers show it: `王*`.
    pub fn mask_name(name: &str) -> String {
        match name.chars().next() {
            Some(first) => format!(
                "{first}{}",
                "*".repeat(name.chars().count().saturating_sub(1).clamp(1, 2))
            ),
            None => String::new(),
        }
    }
}

//! Whom a row speaks of: an organisation by its code, a person by a document, and a person known
//! only by name at one organisation.

use std::cell::RefCell;

use graph::change::Reason;
use graph::id::{EntityId, Uscc};
use graph::record::{IdType, Person};
use graph::seal::Keys;
use rustc_hash::FxHashMap;

use super::row::{Fault, Notes, Row, bad_shape};
use crate::identity::{
    check_uscc, is_resident_id, looks_like_organisation, normalise_name, normalise_resident_id,
};
use crate::value::{Word, fold, fold_number};

/// A person as one row names it. Has no `Debug` that shows who it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) person: Person,
    /// As written, trimmed; empty when the row gives none.
    pub(crate) name: String,
    /// The normalised number; empty for a provisional person.
    pub(crate) number: String,
}

impl std::fmt::Debug for Mention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mention")
            .field("person", &self.person.id)
            .finish_non_exhaustive()
    }
}

/// The columns that a set uses for a subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubjectColumns {
    pub(crate) kind: &'static str,
    pub(crate) uscc: &'static str,
    pub(crate) id_type: &'static str,
    pub(crate) id_number: &'static str,
    /// The columns of a person's name, the best first.
    pub(crate) names: &'static [&'static str],
}

/// The columns of most sets.
pub(crate) const SUBJECT: SubjectColumns = SubjectColumns {
    kind: "subject_kind",
    uscc: "uscc",
    id_type: "id_type",
    id_number: "id_number",
    names: &["person_name", "subject_name"],
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Org,
    Person,
}

/// The subject of a row; a person must have a number. `None` when no column says anything.
pub(crate) fn subject(
    row: &Row<'_>,
    columns: &SubjectColumns,
    notes: &mut Notes,
) -> Result<Option<EntityId>, Fault> {
    match kind(row, columns)? {
        None => Ok(None),
        Some(Kind::Org) => organisation(row, columns, notes).map(Some),
        Some(Kind::Person) => numbered_person(row, columns, notes)?
            .map(Some)
            .ok_or_else(|| Fault::missing(columns.id_number)),
    }
}

/// The subject of a row that must have one.
pub(crate) fn required_subject(
    row: &Row<'_>,
    columns: &SubjectColumns,
    notes: &mut Notes,
) -> Result<EntityId, Fault> {
    subject(row, columns, notes)?.ok_or_else(|| Fault::missing(columns.uscc))
}

/// The holder of a share or of control: an organisation, a person with a number, or a provisional
/// person of the company held.
pub(crate) fn holder(
    row: &Row<'_>,
    columns: &SubjectColumns,
    company: EntityId,
    notes: &mut Notes,
) -> Result<EntityId, Fault> {
    let told = kind(row, columns)?;
    let name = name(row, columns).unwrap_or_default();
    match told {
        Some(Kind::Org) => organisation(row, columns, notes),
        None if looks_like_organisation(&name) => Err(Fault::missing(columns.uscc)),
        None if name.is_empty() => Err(Fault::missing(columns.uscc)),
        _ => person_at(row, columns, company.uscc(), notes),
    }
}

/// An organisation, or a person with a number: control is asserted of nobody who
/// is known by name alone.
pub(crate) fn known_holder(
    row: &Row<'_>,
    columns: &SubjectColumns,
    notes: &mut Notes,
) -> Result<EntityId, Fault> {
    let told = kind(row, columns)?;
    let name = name(row, columns).unwrap_or_default();
    match told {
        Some(Kind::Org) => organisation(row, columns, notes),
        None if looks_like_organisation(&name) => Err(Fault::missing(columns.uscc)),
        _ => numbered_person(row, columns, notes)?.ok_or_else(|| Fault::missing(columns.id_number)),
    }
}

/// A person with a number, or a provisional person of `at`.
pub(crate) fn person_at(
    row: &Row<'_>,
    columns: &SubjectColumns,
    at: Option<Uscc>,
    notes: &mut Notes,
) -> Result<EntityId, Fault> {
    if let Some(person) = numbered_person(row, columns, notes)? {
        return Ok(person);
    }
    let written = name(row, columns).ok_or_else(|| Fault::missing(columns.id_number))?;
    let Some(at) = at else {
        notes.needs_case = true;
        let message = "a person without a number is told by the case's organisation, which is not \
                       loaded yet: the row is taken up when it is";
        return Err(Fault::new(Reason::MissingField, columns.id_number, message));
    };
    let known_as = normalise_name(&written);
    let id = row.context.keys.provisional(at, &known_as);
    let person = Person {
        id,
        id_type: None,
        named_at: Some(EntityId::organisation(at)),
        tag: row.context.keys.veil(id, Person::tag_of(&[&known_as])),
    };
    notes.person = Some(Mention {
        person,
        name: written,
        number: String::new(),
    });
    Ok(id)
}

/// A person with a number; `None` when the number is empty.
pub(crate) fn numbered_person(
    row: &Row<'_>,
    columns: &SubjectColumns,
    notes: &mut Notes,
) -> Result<Option<EntityId>, Fault> {
    // A resident number stands in the code's column when that column is "the identifier".
    let misplaced = || row.raw(columns.uscc).filter(|text| is_resident_id(text));
    let Some(text) = row.raw(columns.id_number).or_else(misplaced) else {
        return Ok(None);
    };
    let id_type = id_type(row, columns)?;
    let bad = |message| Fault::new(Reason::BadIdNumber, columns.id_number, message);
    let number = if id_type == IdType::ResidentId {
        normalise_resident_id(text).ok_or_else(|| {
            bad("not a resident identity number: its check character or birth date is wrong")
        })?
    } else {
        let number = fold_number(text).into_owned();
        let hidden = number.contains('*') || !number.chars().any(char::is_alphanumeric);
        if hidden || number.chars().count() > 64 {
            return Err(bad(
                "not a document's number: hidden, too long, or no number",
            ));
        }
        number
    };
    let (id, tag) = match row.context.met {
        Some(met) => met.identify(row.context.keys, id_type, &number),
        None => identify(row.context.keys, id_type, &number),
    };
    let person = Person {
        id,
        id_type: Some(id_type),
        named_at: None,
        tag,
    };
    let name = name(row, columns).unwrap_or_default();
    notes.person = Some(Mention {
        person,
        name,
        number,
    });
    Ok(Some(id))
}

/// The id of a person with a number, and the veiled tag.
type Identity = (EntityId, [u8; 8]);

fn identify(keys: &Keys, id_type: IdType, number: &str) -> Identity {
    let id = keys.person(id_type, number);
    let shown = Person::mask_number(number);
    let tag = Person::tag_of(&[id_type.code(), &shown]);
    (id, keys.veil(id, tag))
}

/// Persons met before, by the first 17 digits of their resident numbers, which tell the last
/// character: who somebody is costs five digests.
#[derive(Default)]
pub(crate) struct Met(RefCell<FxHashMap<u64, Identity>>);

impl Met {
    /// Persons remembered before all are forgotten.
    const MOST: usize = 1 << 19;

    fn identify(&self, keys: &Keys, id_type: IdType, number: &str) -> Identity {
        let digits = number.get(..17).and_then(|digits| digits.parse().ok());
        // Other documents are few.
        let Some(digits) = digits.filter(|_: &u64| id_type == IdType::ResidentId) else {
            return identify(keys, id_type, number);
        };
        let mut met = self.0.borrow_mut();
        if let Some(known) = met.get(&digits) {
            return *known;
        }
        if met.len() >= Self::MOST {
            met.clear();
        }
        let identity = identify(keys, id_type, number);
        met.insert(digits, identity);
        identity
    }
}

fn id_type(row: &Row<'_>, columns: &SubjectColumns) -> Result<IdType, Fault> {
    let Some(text) = row.text(columns.id_type) else {
        return Ok(IdType::ResidentId);
    };
    // The standard's own form is `其他-` and the name of the document.
    let head = text.split(['-', '(', ':', '—']).next().unwrap_or_default();
    IdType::parse(&text)
        .or_else(|| IdType::parse(head))
        .ok_or_else(|| {
            Fault::new(
                Reason::BadEnum,
                columns.id_type,
                "not a known type of identity document",
            )
        })
}

/// The person's name as written, trimmed.
fn name(row: &Row<'_>, columns: &SubjectColumns) -> Option<String> {
    columns
        .names
        .iter()
        .find_map(|name| row.raw(name))
        .map(|text| text.trim().to_owned())
}

fn organisation(
    row: &Row<'_>,
    columns: &SubjectColumns,
    notes: &mut Notes,
) -> Result<EntityId, Fault> {
    if let Some(org) = row.organisation(columns.uscc, notes)? {
        return Ok(org);
    }
    // 证件号码 holds the credit code in files that have one column for both.
    let text = row
        .raw(columns.id_number)
        .ok_or_else(|| Fault::missing(columns.uscc))?;
    let checked = check_uscc(text).filter(|_| !is_resident_id(text));
    let checked = checked.ok_or_else(|| bad_shape(columns.uscc))?;
    if !checked.check_holds {
        notes.doubtful.push((checked.code, columns.id_number));
    }
    Ok(EntityId::organisation(checked.code))
}

/// What the subject is: as told, else by which identifier is there.
fn kind(row: &Row<'_>, columns: &SubjectColumns) -> Result<Option<Kind>, Fault> {
    if let Some(text) = row.text(columns.kind) {
        let known = told_kind(&text)
            .ok_or_else(|| Fault::new(Reason::BadEnum, columns.kind, "neither `org` nor `person`"));
        return known.map(Some);
    }
    if let Some(text) = row.raw(columns.uscc) {
        let person = is_resident_id(text) && !check_uscc(text).is_some_and(|code| code.check_holds);
        return Ok(Some(if person { Kind::Person } else { Kind::Org }));
    }
    let Some(text) = row.raw(columns.id_number) else {
        return Ok(None);
    };
    let told_org = row
        .text(columns.id_type)
        .is_some_and(|text| text.contains("信用代码"));
    let shaped = row.raw(columns.id_type).is_none()
        && check_uscc(text).is_some_and(|code| code.check_holds)
        && !is_resident_id(text);
    Ok(Some(if told_org || shaped {
        Kind::Org
    } else {
        Kind::Person
    }))
}

fn told_kind(text: &str) -> Option<Kind> {
    // Most cells hold the code as it is.
    kind_named(text).or_else(|| kind_named(&fold(text).to_lowercase()))
}

fn kind_named(text: &str) -> Option<Kind> {
    match text {
        "org"
        | "organization"
        | "organisation"
        | "法人"
        | "法人及非法人组织"
        | "企业"
        | "单位"
        | "组织"
        | "机构"
        | "个体工商户"
        | "非法人组织"
        | "法人股东"
        | "企业法人" => Some(Kind::Org),
        "person" | "自然人" | "个人" | "自然人股东" => Some(Kind::Person),
        _ => None,
    }
}

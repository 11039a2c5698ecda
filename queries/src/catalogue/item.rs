//! Items (事项) that departments handle, and whom each concerns.

use graph::record::RoleKind;
use graph::time::Interval;

use super::entry::{Entry, Versioned};
use super::fields::Fields;
use super::measure::roles;

/// One version of an item that departments handle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// What measures block.
    pub category: String,
    /// Who must be checked, and whose restriction blocks.
    pub subjects: Vec<ItemSubject>,
    /// A check is needed.
    pub check_required: bool,
    /// How many days a check stays good.
    pub check_valid_days: u32,
    /// When this version holds.
    pub validity: Interval,
}

/// Whom an item concerns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ItemSubject {
    /// The applicant.
    Applicant,
    /// Holders of this role at the applicant.
    Role(RoleKind),
}

impl ItemSubject {
    /// The code in the catalogue and in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Role(role) => role.code(),
        }
    }
}

impl Versioned for Item {
    fn code(&self) -> &str {
        &self.code
    }

    fn validity(&self) -> Interval {
        self.validity
    }
}

pub(super) fn read(fields: &mut Fields<'_, '_>) -> Entry<Item> {
    let code = fields.word("code");
    let value = Item {
        code: code.text,
        name: fields.text("name"),
        category: fields.word("category").text,
        subjects: subjects(fields),
        check_required: fields.flag_or("check_required", false),
        check_valid_days: fields.number("check_valid_days", 0..=3660).unwrap_or(30),
        validity: fields.validity(),
    };
    if value.check_required && fields.has_empty_array("subjects") {
        let advice = "name them, or leave `check_required` out";
        fields.fault(
            fields.place("subjects"),
            "a check is required of nobody",
            advice,
        );
    }
    Entry { at: code.at, value }
}

fn subjects(fields: &mut Fields<'_, '_>) -> Vec<ItemSubject> {
    let mut known = vec![("applicant", ItemSubject::Applicant)];
    known.extend(
        roles()
            .into_iter()
            .map(|(code, role)| (code, ItemSubject::Role(role))),
    );
    let words = fields.required_words("subjects");
    words
        .iter()
        .filter_map(|word| fields.meaning("subjects", word, &known))
        .collect()
}

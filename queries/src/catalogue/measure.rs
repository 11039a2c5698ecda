//! Measures (惩戒措施): what a restriction blocks or bars, and who must report on it.

use graph::record::RoleKind;
use graph::time::Interval;

use super::entry::{Entry, Versioned};
use super::fields::{Fields, Word};

/// One version of a measure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Title, number, article.
    pub basis: String,
    /// False: 供参考, never a gap.
    pub binding: bool,
    /// Item categories that must not be granted.
    pub blocks: Vec<String>,
    /// Roles that must not be taken up.
    pub bars_roles: Vec<RoleKind>,
    /// Departments that must report back.
    pub enforcers: Vec<String>,
    /// Working days they have for it.
    pub report_workdays: u32,
    /// Working days to lift after the restriction ends.
    pub lift_workdays: u32,
    /// When this version holds.
    pub validity: Interval,
}

impl Versioned for Measure {
    fn code(&self) -> &str {
        &self.code
    }

    fn validity(&self) -> Interval {
        self.validity
    }
}

/// Working days allowed for a duty: more than four years would be a slip.
pub(super) const WORKDAYS: std::ops::RangeInclusive<u32> = 0..=1000;

pub(super) fn read(fields: &mut Fields<'_, '_>) -> Entry<Measure> {
    let code = fields.word("code");
    let value = Measure {
        code: code.text,
        name: fields.text("name"),
        basis: fields.text("basis"),
        binding: fields.flag_or("binding", true),
        blocks: texts(fields.words("blocks")),
        bars_roles: fields.choices("bars_roles", &roles()),
        enforcers: texts(fields.words("enforcers")),
        report_workdays: fields.number("report_workdays", WORKDAYS).unwrap_or(0),
        lift_workdays: fields.number("lift_workdays", WORKDAYS).unwrap_or(3),
        validity: fields.validity(),
    };
    if !value.enforcers.is_empty() && !fields.has("report_workdays") {
        let advice = "state how many working days its enforcers have to report";
        fields.fault(
            fields.place("enforcers"),
            "`enforcers` without `report_workdays`",
            advice,
        );
    }
    Entry { at: code.at, value }
}

/// The words alone.
pub(super) fn texts(words: Vec<Word>) -> Vec<String> {
    words.into_iter().map(|word| word.text).collect()
}

/// Every role with its code.
pub(super) fn roles() -> Vec<(&'static str, RoleKind)> {
    RoleKind::ALL
        .iter()
        .map(|role| (role.code(), *role))
        .collect()
}

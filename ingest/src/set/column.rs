//! Columns of a record set, and how a header row is matched with them.
//!
//! A header is compared after NFKC, without white space, brackets unified, in lower case; a
//! leading `*` (the mark of a required column in official templates) and a unit in brackets at the
//! end do not count. What matches nothing is an extra attribute, kept under its own header.

use crate::identity::normalise_name;
use crate::value::Unit;

/// Whether a column's text goes into the sealed detail of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// No: the record itself holds all of it.
    No,
    /// When the record holds a folded form that differs from what was written.
    IfFolded,
    /// When it says more than the day, `YYYY-MM-DD`, that the record holds.
    IfMoreThanDay,
    /// Always: only people read it.
    Always,
}

/// A column of a record set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// The canonical name.
    pub(crate) name: &'static str,
    /// Other headers for it, normalised.
    pub(crate) headers: &'static [&'static str],
    /// Headers for it whose numbers are in 万元, normalised.
    pub(crate) ten_thousand: &'static [&'static str],
    /// What becomes of its text.
    pub(crate) keep: Keep,
}

/// A column that the record holds as a value.
pub(crate) const fn value(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        name,
        headers,
        ten_thousand: &[],
        keep: Keep::No,
    }
}

/// A column that the record holds folded; what was written is kept when it differs.
pub(crate) const fn folded(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        name,
        headers,
        ten_thousand: &[],
        keep: Keep::IfFolded,
    }
}

/// A column of which the record holds the day; a time of day is for people.
pub(crate) const fn day(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        name,
        headers,
        ten_thousand: &[],
        keep: Keep::IfMoreThanDay,
    }
}

/// A column that only people read.
pub(crate) const fn text(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        name,
        headers,
        ten_thousand: &[],
        keep: Keep::Always,
    }
}

/// A column of money.
pub(crate) const fn money(
    name: &'static str,
    headers: &'static [&'static str],
    ten_thousand: &'static [&'static str],
) -> Column {
    Column {
        name,
        headers,
        ten_thousand,
        keep: Keep::No,
    }
}

/// The column that tells a withdrawal from a record.
pub(crate) const OPERATION: &str = "op";
const OPERATION_HEADERS: [&str; 4] = [OPERATION, "操作", "操作类型", "操作标识"];

/// The column of an exported quarantine file by which a corrected row finds its entry.
pub const QUARANTINE_ID: &str = "quarantine_id";
/// Columns that an exported quarantine file adds for its reader. Under these plain names they are
/// only taken for such beside [`QUARANTINE_ID`], and when the set has no such column.
pub(crate) const EXPORTED: [&str; 4] = ["reason", "field", "message", "raw_text"];

/// The prefix of an added column whose plain name the source already uses.
pub(crate) const EXPORTED_PREFIX: &str = "quarantine_";

/// Where a set's columns stand in one header row.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    known: Vec<Known>,
    /// The canonical name at each place: the set's, or the normalised header of an extra; none for
    /// the columns that say nothing about the record.
    pub(crate) canonical: Vec<Option<String>>,
    /// Extra columns: place and header.
    pub(crate) extras: Vec<(usize, String)>,
    /// The place of the operation.
    pub(crate) operation: Option<usize>,
    /// The place of the quarantine entry's id.
    pub(crate) quarantine_id: Option<usize>,
}

/// A column that the header row has: its name and its places, in the header's order, each with
/// its unit.
#[derive(Debug)]
struct Known {
    mark: [u8; 4],
    name: &'static str,
    keep: Keep,
    places: Vec<(usize, Unit)>,
}

/// Tells most names apart at a glance: every row asks for every column by its name.
fn mark(name: &str) -> [u8; 4] {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    [
        length,
        at(0),
        at(bytes.len() / 2),
        at(bytes.len().saturating_sub(1)),
    ]
}

impl Columns {
    /// Matches `headers` with the columns of a set.
    pub(crate) fn find(columns: &[Column], headers: &[String]) -> Self {
        let mut found = Self::default();
        let names: Vec<String> = headers
            .iter()
            .map(|header| normalise_header(header))
            .collect();
        let exported = names.iter().any(|name| name == QUARANTINE_ID);
        for (place, (name, header)) in names.iter().zip(headers).enumerate() {
            let mut canonical = None;
            if OPERATION_HEADERS.contains(&name.as_str()) {
                found.operation = Some(place);
                canonical = Some(OPERATION.to_owned());
            } else if name == QUARANTINE_ID {
                found.quarantine_id = Some(place);
            } else if let Some((column, unit)) = matching(columns, name) {
                found.add(column, (place, unit));
                canonical = Some(column.name.to_owned());
            } else if !(exported && is_exported(name)) {
                found.extras.push((place, header.trim().to_owned()));
                canonical = Some(name.clone());
            }
            found.canonical.push(canonical);
        }
        found
    }

    fn add(&mut self, column: &Column, place: (usize, Unit)) {
        let mut known = self.known.iter_mut();
        if let Some(known) = known.find(|known| known.name == column.name) {
            known.places.push(place);
            return;
        }
        self.known.push(Known {
            mark: mark(column.name),
            name: column.name,
            keep: column.keep,
            places: vec![place],
        });
    }

    /// The columns that the header has of which something may be kept for people to read.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (&'static str, Keep, &[(usize, Unit)])> {
        let kept = self.known.iter().filter(|known| known.keep != Keep::No);
        kept.map(|known| (known.name, known.keep, known.places.as_slice()))
    }

    /// The places of a column, in the header's order, each with its unit.
    pub(crate) fn places(&self, name: &str) -> &[(usize, Unit)] {
        let mark = mark(name);
        let mut known = self.known.iter();
        let known = known.find(|known| known.mark == mark && known.name == name);
        known.map_or(&[], |known| &known.places)
    }

    /// Whether the header has this column.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.places(name).is_empty()
    }

    /// How many headers the set knows.
    pub(crate) fn known_places(&self) -> impl Iterator<Item = usize> {
        let all = self.known.iter().flat_map(|known| &known.places);
        all.map(|(place, _)| *place)
    }
}

fn is_exported(name: &str) -> bool {
    EXPORTED.contains(&name.strip_prefix(EXPORTED_PREFIX).unwrap_or(name))
}

fn matching<'a>(columns: &'a [Column], name: &str) -> Option<(&'a Column, Unit)> {
    let exact = |name: &str| {
        columns.iter().find_map(|column| {
            if column.name == name || column.headers.contains(&name) {
                return Some((column, Unit::Yuan));
            }
            column
                .ten_thousand
                .contains(&name)
                .then_some((column, Unit::TenThousandYuan))
        })
    };
    if let Some(found) = exact(name) {
        return Some(found);
    }
    let (bare, unit) = without_unit(name)?;
    exact(bare).map(|(column, own)| (column, unit.unwrap_or(own)))
}

/// A header without the unit at its end, and the unit when it is one of money.
fn without_unit(name: &str) -> Option<(&str, Option<Unit>)> {
    for (ending, unit) in [
        ("(万元)", Some(Unit::TenThousandYuan)),
        ("(单位:万元)", Some(Unit::TenThousandYuan)),
        ("(元)", Some(Unit::Yuan)),
        ("(单位:元)", Some(Unit::Yuan)),
        ("(%)", None),
    ] {
        if let Some(bare) = name.strip_suffix(ending) {
            return Some((bare, unit));
        }
    }
    None
}

/// The form in which headers are compared.
pub(crate) fn normalise_header(header: &str) -> String {
    let name: String = normalise_name(header)
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    name.trim_start_matches('*')
        .trim_end_matches('*')
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [Column; 3] = [
        value("decision_on", &["处罚决定日期"]),
        money("fine_yuan", &["罚款金额"], &["cf_nr_fk"]),
        value("ratio", &["持股比例"]),
    ];

    fn check(header: &str, expected: Option<(&str, Unit)>) {
        let found = matching(&COLUMNS, &normalise_header(header));
        assert_eq!(
            found.map(|(column, unit)| (column.name, unit)),
            expected,
            "{header}"
        );
    }

    #[test]
    fn headers_are_matched_however_they_are_written() {
        check("decision_on", Some(("decision_on", Unit::Yuan)));
        check(" Decision_On ", Some(("decision_on", Unit::Yuan)));
        check("*处罚决定日期", Some(("decision_on", Unit::Yuan)));
        check("\u{feff}处罚 决定日期", Some(("decision_on", Unit::Yuan)));
        check("罚款金额", Some(("fine_yuan", Unit::Yuan)));
        check("罚款金额（元）", Some(("fine_yuan", Unit::Yuan)));
        check(
            "罚款金额（万元）",
            Some(("fine_yuan", Unit::TenThousandYuan)),
        );
        check("CF_NR_FK", Some(("fine_yuan", Unit::TenThousandYuan)));
        check("持股比例(%)", Some(("ratio", Unit::Yuan)));
        check("罚款", None);
        check("", None);
    }

    #[test]
    fn columns_of_an_export_are_known_only_beside_its_id() {
        let headers = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let plain = Columns::find(&COLUMNS, &headers(&["decision_on", "reason", "备注"]));
        assert_eq!(
            plain.extras,
            [(1, "reason".to_owned()), (2, "备注".to_owned())]
        );
        let all = headers(&[
            "decision_on",
            "quarantine_id",
            "reason",
            "quarantine_field",
            "备注",
        ]);
        let exported = Columns::find(&COLUMNS, &all);
        assert_eq!(exported.quarantine_id, Some(1));
        assert_eq!(exported.extras, [(4, "备注".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "\\PC{0,16}") {
            check_any(&header);
        }
    }

    fn check_any(header: &str) {
        let _ = matching(&COLUMNS, &normalise_header(header));
    }
}

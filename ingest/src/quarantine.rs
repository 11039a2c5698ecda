//! Rows that could not be understood: how they are kept, and how they go out to be corrected.
//!
//! An entry holds the row in its source's own columns. The export gives those columns back with
//! the reason beside them and an id, by which the corrected row resolves that very entry.

use graph::change::{QuarantineEntry, Quarantined};
use graph::id::{Hex, Set};
use graph::seal::Keys;

use crate::set::{Columns, EXPORTED_PREFIX, Fault, QUARANTINE_ID, spec};
use crate::source::{Body, Cells, Layout, Raw};
use graph::change::Reason;

/// The id of an entry as exports and lists show it: 16 hexadecimal digits.
#[must_use]
pub fn id_text(id: [u8; 8]) -> String {
    Hex(&id).to_string()
}

/// The id that [`id_text`] shows as `text`.
#[must_use]
pub fn parse_id(text: &str) -> Option<[u8; 8]> {
    let text = text.trim();
    // Reading a number would take a sign, too.
    let plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u64::from_str_radix(text, 16).ok().filter(|_| plain)?;
    Some(value.to_be_bytes())
}

/// Makes the entry of a row at fault.
pub(crate) fn quarantined(
    keys: &Keys,
    set: Set,
    file: &str,
    raw: &Raw,
    fault: &Fault,
) -> Quarantined {
    let columns = spec(set).map(|spec| Columns::find(spec.columns, &raw.layout.headers));
    let columns = columns.unwrap_or_default();
    let place = columns.places(fault.field).first().map(|(place, _)| *place);
    let cells = match &raw.body {
        Body::Cells(cells) => {
            let kept = columns
                .canonical
                .iter()
                .zip(raw.layout.headers.iter().zip(cells.iter()));
            let kept = kept.filter(|(canonical, _)| canonical.is_some());
            kept.map(|(_, (header, cell))| (header.clone(), cell.to_owned()))
                .collect()
        }
        Body::Unreadable { text, .. } => vec![(String::new(), text.clone())],
    };
    Quarantined {
        id: entry_id(keys, set, &cells),
        set: Some(set.number()),
        file: file.to_owned(),
        place: raw.position.cell(place),
        field: fault.field.to_owned(),
        reason: fault.reason,
        message: fault.message.to_owned(),
        cells,
    }
}

/// The same cells under the same headers of the same set are the same entry.
fn entry_id(keys: &Keys, set: Set, cells: &[(String, String)]) -> [u8; 8] {
    let number = [set.number()];
    let mut parts: Vec<&[u8]> = vec![b"quarantine", &number];
    for (header, cell) in cells {
        parts.extend([header.trim().as_bytes(), cell.trim().as_bytes()]);
    }
    keys.content(&parts)
}

/// The fault of a row that is no row.
pub(crate) fn unreadable(why: &'static str) -> Fault {
    Fault::new(Reason::Unreadable, "", why)
}

/// The cells of an entry as a layout and a row; `None` for an unreadable line.
pub(crate) fn as_row(entry: &Quarantined) -> Option<(Layout, Cells)> {
    if entry.reason == Reason::Unreadable {
        return None;
    }
    let headers = entry
        .cells
        .iter()
        .map(|(header, _)| header.clone())
        .collect();
    let cells = entry.cells.iter().map(|(_, cell)| cell).collect();
    Some((Layout { headers }, cells))
}

/// The entries of one record set, ready to be written as one file.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportTable {
    /// The set; `None` for entries whose set was not known.
    pub set: Option<Set>,
    /// The source's own columns, then `quarantine_id`, the reason, the field, the message and the
    /// raw text of an unreadable line.
    pub headers: Vec<String>,
    /// One row an entry. Holds personal data.
    pub rows: Vec<Vec<String>>,
}

impl std::fmt::Debug for ExportTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportTable")
            .field("set", &self.set)
            .finish_non_exhaustive()
    }
}

impl ExportTable {
    /// A stem for its file, by which the set is told on the way back.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}-quarantine", self.set.map_or("rows", Set::name))
    }
}

/// The columns that an export adds, plain names.
const ADDED: [&str; 4] = ["reason", "field", "message", "raw_text"];

/// Puts entries into one table a set, in the order given. Columns are the union of the sources'.
#[must_use]
pub fn export<'a>(entries: impl IntoIterator<Item = &'a QuarantineEntry>) -> Vec<ExportTable> {
    let mut groups: Vec<(Option<u8>, Vec<&Quarantined>)> = Vec::new();
    for entry in entries {
        match groups.iter_mut().find(|(set, _)| *set == entry.row.set) {
            Some((_, rows)) => rows.push(&entry.row),
            None => groups.push((entry.row.set, vec![&entry.row])),
        }
    }
    groups.sort_by_key(|(set, _)| *set);
    groups
        .into_iter()
        .map(|(set, rows)| table(set.and_then(Set::from_number), &rows))
        .collect()
}

fn table(set: Option<Set>, entries: &[&Quarantined]) -> ExportTable {
    let mut sources: Vec<String> = Vec::new();
    for (header, _) in entries.iter().flat_map(|entry| &entry.cells) {
        if !header.is_empty() && !sources.contains(header) {
            sources.push(header.clone());
        }
    }
    let known = set.and_then(spec).map_or(&[][..], |spec| spec.columns);
    let taken = |name: &str| {
        known
            .iter()
            .any(|column| column.name == name || column.headers.contains(&name))
            || sources
                .iter()
                .any(|source| source.trim().eq_ignore_ascii_case(name))
    };
    let mut headers = sources.clone();
    headers.push(QUARANTINE_ID.to_owned());
    headers.extend(ADDED.map(|name| {
        if taken(name) {
            format!("{EXPORTED_PREFIX}{name}")
        } else {
            name.to_owned()
        }
    }));
    let rows = entries.iter().map(|entry| line(entry, &sources)).collect();
    ExportTable { set, headers, rows }
}

fn line(entry: &Quarantined, sources: &[String]) -> Vec<String> {
    let cell = |header: &String| {
        entry
            .cells
            .iter()
            .find(|(own, _)| own == header)
            .map(|(_, cell)| cell.clone())
    };
    let mut cells: Vec<String> = sources
        .iter()
        .map(|header| cell(header).unwrap_or_default())
        .collect();
    let raw = entry.cells.iter().find(|(header, _)| header.is_empty());
    cells.extend([
        id_text(entry.id),
        entry.reason.code().to_owned(),
        entry.field.clone(),
        entry.message.clone(),
        raw.map(|(_, text)| text.clone()).unwrap_or_default(),
    ]);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for (text, good) in [
            ("0123456789abcdef", true),
            (" 0123456789ABCDEF ", true),
            ("0123456789abcde", false),
            ("", false),
            ("0123456789abcdeg", false),
        ] {
            assert_eq!(parse_id(text).is_some(), good, "{text}");
        }
        assert_eq!(id_text([1, 2, 3, 4, 5, 6, 7, 255]), "01020304050607ff");
    }

    /// Found by the fuzz target `quarantine_id`.
    #[test]
    fn a_sign_is_no_digit_of_an_id() {
        assert_eq!(parse_id("+123456789abcdef"), None);
    }
}

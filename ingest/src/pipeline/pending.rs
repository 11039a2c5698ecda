//! The rows still in quarantine from earlier batches, and which of them a new row corrects.
//!
//! A row that names its entry (in the column of an export) resolves it. Without that, a row that
//! brings something new corrects a pending entry when it has the same natural key, or when all its
//! columns but the one at fault say the same, or, for an unreadable line, when it stands at the
//! same place of a file of the same name and at least half of its cells are found in the line.

use graph::change::{Quarantined, Reason};
use graph::id::{RecordId, Set};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Work;
use crate::Error;
use crate::quarantine::as_row;
use crate::set::{Columns, Notes, Row, spec};
use crate::source::{Cells, Raw};
use crate::value::fold;

/// Rows that are not resolved yet.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) entries: Vec<Quarantined>,
    ids: FxHashSet<[u8; 8]>,
    by_key: FxHashMap<RecordId, Vec<[u8; 8]>>,
    by_print: FxHashMap<[u8; 8], Vec<usize>>,
    /// The fields at fault in each set: what a fingerprint leaves out.
    masks: FxHashMap<Set, Vec<String>>,
    unreadable: FxHashMap<(Set, String, String), usize>,
}

impl Pending {
    pub(super) fn load(work: &Work<'_>) -> Result<Self, Error> {
        let mut pending = Self::default();
        for entry in work.snapshot.quarantine()? {
            if entry.resolved_in.is_none() {
                pending.add(work, entry.row);
            }
        }
        Ok(pending)
    }

    fn add(&mut self, work: &Work<'_>, entry: Quarantined) {
        let place = self.entries.len();
        self.ids.insert(entry.id);
        let set = entry.set.and_then(Set::from_number);
        if let (Some(set), Some((layout, cells))) = (set, as_row(&entry))
            && let Some(spec) = spec(set)
        {
            let columns = Columns::find(spec.columns, &layout.headers);
            let row = Row {
                context: work.context(),
                columns: &columns,
                cells: &cells,
            };
            if let Ok(key) = (spec.key)(&row, &mut Notes::default()) {
                self.by_key.entry(key).or_default().push(entry.id);
            }
            let print = fingerprint(work, set, &columns, &cells, &entry.field);
            if let Some(print) = print {
                self.by_print.entry(print).or_default().push(place);
                let masks = self.masks.entry(set).or_default();
                if !masks.contains(&entry.field) {
                    masks.push(entry.field.clone());
                }
            }
        } else if let Some(set) = set {
            let key = (set, base_name(&entry.file).to_owned(), entry.place.clone());
            self.unreadable.insert(key, place);
        }
        self.entries.push(entry);
    }

    /// Whether this entry is pending.
    pub(super) fn holds(&self, id: [u8; 8]) -> bool {
        self.ids.contains(&id)
    }

    /// The file that an entry came in.
    pub(super) fn file_of(&self, id: [u8; 8]) -> Option<&str> {
        self.entries
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.file.as_str())
    }

    /// The entries whose row has this natural key.
    pub(super) fn with_key(&self, key: RecordId) -> &[[u8; 8]] {
        self.by_key.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The entries that this row could correct by what its columns say, the likeliest first.
    pub(super) fn corrected_by(
        &self,
        work: &Work<'_>,
        columns: &Columns,
        raw: (&Raw, &Cells),
        (set, file): (Set, &str),
    ) -> Vec<[u8; 8]> {
        let (raw, cells) = raw;
        let mut found: Vec<usize> = Vec::new();
        for field in self.masks.get(&set).into_iter().flatten() {
            if let Some(print) = fingerprint(work, set, columns, cells, field) {
                let fitting = self.by_print.get(&print).into_iter().flatten();
                let same = |place: &&usize| {
                    self.entries
                        .get(**place)
                        .is_some_and(|entry| entry.field == *field)
                };
                found.extend(fitting.filter(same));
            }
        }
        let here = raw.position.cell(None);
        let file = base_name(file);
        if !self.unreadable.is_empty()
            && let Some(place) = self.unreadable.get(&(set, file.to_owned(), here.clone()))
            && self
                .entries
                .get(*place)
                .is_some_and(|entry| resembles(entry, cells))
        {
            found.push(*place);
        }
        let mut entries: Vec<&Quarantined> = found
            .iter()
            .filter_map(|place| self.entries.get(*place))
            .collect();
        entries.sort_by_key(|entry| {
            (
                base_name(&entry.file) != file,
                entry.place != here,
                entry.id,
            )
        });
        entries.into_iter().map(|entry| entry.id).collect()
    }
}

/// The last part of a path.
fn base_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// At least half of the row's cells stand in the unreadable line.
fn resembles(entry: &Quarantined, cells: &Cells) -> bool {
    let text = entry
        .cells
        .first()
        .map(|(_, text)| text.as_str())
        .unwrap_or_default();
    let full: Vec<&str> = cells
        .iter()
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .collect();
    let found = full.iter().filter(|cell| text.contains(**cell)).count();
    found * 2 >= full.len() && found > 0
}

/// A keyed digest of all that a row says but for the column at fault and those that are judged
/// with it. `None` when too little is left to tell rows apart.
fn fingerprint(
    work: &Work<'_>,
    set: Set,
    columns: &Columns,
    cells: &Cells,
    field: &str,
) -> Option<[u8; 8]> {
    let left_out = judged_together(field);
    let mut said: Vec<(&str, String)> = columns
        .canonical
        .iter()
        .zip(cells.iter())
        .filter_map(|(name, cell)| Some((name.as_deref()?, fold(cell).into_owned())))
        .filter(|(name, cell)| !cell.is_empty() && *name != field && !left_out.contains(name))
        .collect();
    if said.len() < 2 {
        return None;
    }
    said.sort();
    let number = [set.number()];
    let mut parts: Vec<&[u8]> = vec![b"print", &number, field.as_bytes()];
    parts.extend(
        said.iter()
            .flat_map(|(name, cell)| [name.as_bytes(), cell.as_bytes()]),
    );
    Some(work.keys.content(&parts))
}

/// Columns of which any may be the one that was wrong when `field` is named.
fn judged_together(field: &str) -> &'static [&'static str] {
    match field {
        "to" => &["from"],
        "violation_on" => &["violation_from"],
        "decided_on" => &["accepted_on"],
        "id_number" | "id_type" | "uscc" | "subject_kind" => {
            &["id_number", "id_type", "uscc", "subject_kind"]
        }
        "holder_uscc" | "holder_kind" => &["holder_uscc", "holder_kind", "id_type", "id_number"],
        "authority" => &["authority_uscc", "authority_name"],
        _ => &[],
    }
}

/// Entries that wait for something that this batch may bring: a registration, or a case.
pub(super) fn waits(entry: &Quarantined) -> bool {
    match entry.reason {
        Reason::BadUscc => true,
        Reason::MissingField => {
            entry.set == Some(Set::ResponsiblePersons.number()) && entry.field == "id_number"
        }
        _ => false,
    }
}

//! A world: the batches that were recorded and the catalogue, as plain text cells.

use crate::day::Day;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One row: its cells by canonical column name; a column `op` may say `delete`.
pub type Row = BTreeMap<String, String>;

/// The record sets in the order in which the formats describe them.
pub const SETS: [&str; 14] = [
    "organizations",
    "roles",
    "holdings",
    "control_agreements",
    "penalties",
    "listings",
    "responsible_persons",
    "determinations",
    "repairs",
    "objections",
    "departments",
    "matters",
    "checks",
    "enforcements",
];

/// The rows that were recorded together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The recorded time: the first instant of this day.
    pub recorded_at: Day,
    /// The rows by record set.
    pub rows: BTreeMap<String, Vec<Row>>,
}

/// Everything that a system was told: batches in the order of their recorded time, and the
/// catalogue's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The batches, oldest first.
    pub batches: Vec<Batch>,
    /// The catalogue's texts by file name.
    pub catalogue: BTreeMap<String, String>,
}

impl World {
    /// Reads a folder with `in/*.csv` (one batch) and `catalogue/*.toml`.
    pub fn read(folder: &Path, recorded_at: Day) -> World {
        let rows = read_tables(&folder.join("in"));
        let catalogue = read_catalogue(&folder.join("catalogue"));
        World {
            batches: vec![Batch { recorded_at, rows }],
            catalogue,
        }
    }

    /// Reads a folder that [`World::write`] wrote: `batch-N-DATE/*.csv` and `catalogue/*.toml`.
    pub fn read_batches(folder: &Path) -> World {
        let mut batches = Vec::new();
        for entry in fs::read_dir(folder).expect("the world's folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let Some(rest) = name.strip_prefix("batch-") else {
                continue;
            };
            let (number, date) = rest.split_once('-').expect("batch-N-DATE");
            let number: usize = number.parse().expect("the batch's number");
            batches.push((
                number,
                Batch {
                    recorded_at: Day::parse(date),
                    rows: read_tables(&path),
                },
            ));
        }
        batches.sort_by_key(|(number, _)| *number);
        let batches = batches.into_iter().map(|(_, batch)| batch).collect();
        World {
            batches,
            catalogue: read_catalogue(&folder.join("catalogue")),
        }
    }

    /// Writes a folder a batch (`batch-N-DATE`) with CSV files, and a folder `catalogue`.
    pub fn write(&self, folder: &Path) {
        for (number, batch) in self.batches.iter().enumerate() {
            let place = folder.join(format!("batch-{number}-{}", batch.recorded_at));
            fs::create_dir_all(&place).expect("a folder for the batch");
            for (set, rows) in &batch.rows {
                if !rows.is_empty() {
                    fs::write(place.join(format!("{set}.csv")), table_text(rows)).expect("a table");
                }
            }
        }
        let place = folder.join("catalogue");
        fs::create_dir_all(&place).expect("a folder for the catalogue");
        for (name, text) in &self.catalogue {
            fs::write(place.join(name), text).expect("a catalogue file");
        }
    }

    /// How many rows there are in all batches.
    pub fn row_count(&self) -> usize {
        self.batches
            .iter()
            .flat_map(|batch| batch.rows.values())
            .map(Vec::len)
            .sum()
    }
}

/// The rows as CSV with a header; the columns are all that any row has.
pub fn table_text(rows: &[Row]) -> String {
    let mut columns: Vec<&String> = Vec::new();
    for column in rows.iter().flat_map(|row| row.keys()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).expect("a header");
    for row in rows {
        let cells = columns
            .iter()
            .map(|column| row.get(*column).map_or("", String::as_str));
        writer.write_record(cells).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("a table")).expect("UTF-8")
}

fn read_tables(folder: &Path) -> BTreeMap<String, Vec<Row>> {
    let mut tables = BTreeMap::new();
    for set in SETS {
        let path = folder.join(format!("{set}.csv"));
        if !path.exists() {
            continue;
        }
        let mut reader = csv::Reader::from_path(&path).expect("a table");
        let rows: Vec<Row> = reader
            .deserialize()
            .map(|row| row.expect("a row"))
            .collect();
        tables.insert(set.to_owned(), rows);
    }
    tables
}

fn read_catalogue(folder: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the catalogue's folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        texts.insert(name, fs::read_to_string(&path).expect("a catalogue file"));
    }
    texts
}

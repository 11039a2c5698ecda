//! Loading files as one batch: the same for the command and for the service.

use ::ingest::report::Report;
use ::ingest::source::Input;
use ::ingest::{Options, Progress, ingest};
use graph::id::Set;
use graph::store::Store;
use queries::catalogue::Catalogue;
use serde_json::{Value, json};

use crate::Error;
use crate::session::vocabulary;

/// Loads into a store; the vocabulary is the catalogue's and the departments'.
pub(crate) fn load(
    store: &dyn Store,
    catalogue: &Catalogue,
    inputs: &[Input],
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Report, ::ingest::Error> {
    let mut words = vocabulary(catalogue);
    let snapshot = store.snapshot()?;
    let newest = graph::change::BatchNo::MAX;
    snapshot.scan(Set::Departments, newest, &mut |version| {
        if let graph::record::Record::Department(department) = version.record {
            words.add_department(&department.code);
        }
        Ok(())
    })?;
    drop(snapshot);
    ingest(store, inputs, &words, options, progress)
}

/// A line a record set.
pub(crate) fn lines(report: &Report) -> Result<Vec<Value>, Error> {
    let batch = report.batch.map(|batch| batch.0);
    let mut rows: Vec<Value> = Vec::new();
    for (set, counts) in &report.sets {
        let mut row = serde_json::to_value(counts)?;
        if let Some(fields) = row.as_object_mut() {
            fields.shift_insert(0, "set".into(), json!(set));
            fields.insert("batch".into(), json!(batch));
        }
        rows.push(row);
    }
    Ok(rows)
}

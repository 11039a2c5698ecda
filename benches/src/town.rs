//! A small generated city, for benches of kernels and for tests.

use graph::store::Store;
use graph::time::{Date, Moment};
use ingest::{Options, Vocabulary, ingest, source};
use queries::catalogue::Catalogue;
use synthetic::Plan;

/// Generates so many records and loads them.
pub fn fill(store: &dyn Store, records: u64) -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("town");
    synthetic::write(&Plan::new(records, 1)?, &folder, 2, &mut |_| {})?;
    let recorded = Date::from_ymd(2026, 6, 30).unwrap_or(Date::MIN);
    let options = Options {
        folder: home.path().to_owned(),
        ..Options::at(Moment::start_of(recorded))
    };
    let inputs = source::walk(&[folder])?;
    ingest(store, &inputs, &words()?, &options, &mut ())?;
    Ok(())
}

/// The lists, measures and items of the shipped catalogue.
pub fn words() -> anyhow::Result<Vocabulary> {
    let catalogue = Catalogue::shipped().map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let mut words = Vocabulary::new();
    for list in catalogue.lists.values() {
        let mut names: Vec<&str> = list.aliases.iter().map(String::as_str).collect();
        names.push(&list.name);
        words.add_list(&list.code, &names);
    }
    for measure in catalogue.measures.values().flatten() {
        words.add_measure(&measure.code, &[&measure.name]);
    }
    for item in catalogue.items.values().flatten() {
        words.add_item(&item.code, &[&item.name]);
    }
    Ok(words)
}

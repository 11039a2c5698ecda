//! What the fuzz targets do with their bytes: one function a target, shared with the seeded loops
//! on stable. Each panics when a law is broken, and none may panic otherwise.

use graph::change::BatchNo;
use graph::id::{Set, Uscc};
use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::{Date, Moment};
use ingest::source::{Encoding, Guess, Input, Layout};
use ingest::value::Unit;
use ingest::{Error, Options, Vocabulary};

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Loads `data` under `name` twice: the second time must change nothing, and every row read must
/// be accounted for.
fn load(name: &str, data: &[u8], set: Set) {
    let store = MemoryStore::new(&[7; 32]);
    let mut words = Vocabulary::new();
    words.add_list("L1", &["名单1"]);
    let inputs = [Input::bytes(name, data.to_vec())];
    let day = Date::from_days(20_000);
    let options = Options {
        set: Some(set),
        ..Options::at(Moment::start_of(day))
    };
    let first = match ingest::ingest(&store, &inputs, &words, &options, &mut ()) {
        Ok(report) => report,
        Err(Error::Read { .. } | Error::Torn { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    for counts in first.sets.values() {
        let told =
            counts.new + counts.changed + counts.unchanged + counts.withdrawn + counts.quarantined;
        assert_eq!(counts.read, told);
    }
    let entries = store
        .snapshot()
        .expect("snapshot")
        .quarantine()
        .expect("quarantine");
    assert!(u64::try_from(entries.len()).expect("count") <= first.quarantined());
    let tables = ingest::quarantine::export(&entries);
    assert_eq!(
        tables.iter().map(|table| table.rows.len()).sum::<usize>(),
        entries.len()
    );
    let again = ingest::ingest(&store, &inputs, &words, &options, &mut ()).expect("again");
    assert_eq!(
        again.batch, None,
        "loading the same file twice is no change"
    );
    let mut count = 0;
    let snapshot = store.snapshot().expect("snapshot");
    let mut each = |_| {
        count += 1;
        Ok(())
    };
    snapshot.scan(set, BatchNo::MAX, &mut each).expect("scan");
    assert!(count <= first.read());
}

/// The first byte chooses the set.
fn by_set(name: &str, data: &[u8]) {
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let set = Set::ALL
        .get(usize::from(*first) % 14)
        .copied()
        .unwrap_or(Set::Penalties);
    load(name, rest, set);
}

/// Comma-separated rows through the whole pipeline.
pub fn csv(data: &[u8]) {
    by_set("a.csv", data);
}

/// Tab-separated rows through the whole pipeline.
pub fn tsv(data: &[u8]) {
    by_set("a.tsv", data);
}

/// JSON Lines through the whole pipeline.
pub fn jsonl(data: &[u8]) {
    by_set("a.jsonl", data);
}

/// Workbooks of the three formats through the whole pipeline.
pub fn sheet(data: &[u8]) {
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let name = ["a.xlsx", "a.xls", "a.ods"]
        .get(usize::from(*first) % 3)
        .unwrap_or(&"a.xlsx");
    load(name, rest, Set::Penalties);
}

/// Parquet files through the whole pipeline.
pub fn parquet(data: &[u8]) {
    load("a.parquet", data, Set::Organisations);
}

/// The encoding does not depend on how the bytes are cut, and decoding never panics.
pub fn encoding(data: &[u8]) {
    let guess = |size: usize| {
        let mut guess = Guess::default();
        data.chunks(size).for_each(|chunk| guess.feed(chunk));
        guess.finish()
    };
    let told = guess(usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(guess(size), told);
    }
    if std::str::from_utf8(data).is_ok() {
        assert_eq!(told, Encoding::Utf8);
    }
    for encoding in [Encoding::Utf8, Encoding::Gb18030] {
        let lossy = encoding.decode_lossy(data);
        if let Some(exact) = encoding.decode(data) {
            assert_eq!(exact, lossy);
        }
    }
}

/// Any header row is matched with the sets or not.
pub fn headers(data: &[u8]) {
    let headers = text(data).split(',').map(str::to_owned).collect();
    let _ = ingest::set_of_headers(&Layout { headers });
}

/// A date that is read is written and read again as the same.
pub fn date(data: &[u8]) {
    let text = text(data);
    if let Ok(Some(date)) = ingest::value::parse_date(&text) {
        assert_eq!(
            ingest::value::parse_date(&date.to_string()),
            Ok(Some(date)),
            "{date}"
        );
    }
    let _ = ingest::value::parse_moment(&text);
}

/// A percentage that is read is written and read again as the same.
pub fn percent(data: &[u8]) {
    if let Ok(percent) = ingest::value::parse_percent(&text(data)) {
        assert_eq!(
            ingest::value::parse_percent(&percent.to_string()),
            Ok(percent)
        );
    }
}

/// Money that is read is written and read again as the same.
pub fn money(data: &[u8]) {
    for unit in [Unit::Yuan, Unit::TenThousandYuan] {
        if let Some(money) = ingest::value::parse_money(&text(data), unit) {
            assert_eq!(
                ingest::value::parse_money(&money.to_string(), Unit::Yuan),
                Some(money)
            );
        }
    }
}

/// A code that is read is one.
pub fn uscc(data: &[u8]) {
    if let Some(checked) = ingest::identity::check_uscc(&text(data)) {
        assert_eq!(Uscc::parse(checked.code.as_str()), Some(checked.code));
    }
}

/// A resident number that is read has 18 characters and is read again as the same.
pub fn resident_id(data: &[u8]) {
    if let Some(number) = ingest::identity::normalise_resident_id(&text(data)) {
        assert_eq!(number.len(), 18);
        assert_eq!(
            ingest::identity::normalise_resident_id(&number),
            Some(number.clone())
        );
    }
}

/// Normalising twice is normalising once.
pub fn name(data: &[u8]) {
    let once = ingest::identity::normalise_name(&text(data));
    assert_eq!(ingest::identity::normalise_name(&once), once);
    let _ = ingest::identity::looks_like_organisation(&once);
    let folded = ingest::value::fold(&once).into_owned();
    assert_eq!(ingest::value::fold(&folded), folded);
}

/// Words and truth values.
pub fn word(data: &[u8]) {
    use ingest::value::Word;
    let text = text(data);
    let _ = graph::record::PenaltyKind::parse(&text);
    let _ = graph::record::IdType::parse(&text);
    let _ = ingest::value::parse_truth(&text);
}

/// File stems.
pub fn stem(data: &[u8]) {
    let text = text(data);
    let _ = ingest::set_of_stem(&text);
    let _ = ingest::set_named(&text);
    let _ = ingest::source::Format::of(&text);
}

/// An id that is read is shown as it was written.
pub fn quarantine_id(data: &[u8]) {
    let text = text(data);
    if let Some(id) = ingest::quarantine::parse_id(&text) {
        assert_eq!(ingest::quarantine::id_text(id), text.trim().to_lowercase());
    }
}

//! Parquet files as rows of text, and as loaded.

use std::sync::Arc;

use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::{Date, Moment};
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::super::{Body, Input, Rows, Wrapper};
use super::Parquet;
use crate::{Error, Options, Vocabulary};

/// The values of one column; `None` is null.
enum Column {
    Text(Vec<Option<&'static str>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Fixed(Vec<Option<Vec<u8>>>),
    Truth(Vec<Option<bool>>),
    Short(Vec<Option<i32>>),
    Long(Vec<Option<i64>>),
    Single(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
}

/// Writes what is there, and where it is.
macro_rules! put {
    ($writer:expr, $kind:ty, $values:expr, $of:expr) => {{
        let levels: Vec<i16> = $values.iter().map(|one| i16::from(one.is_some())).collect();
        let values: Vec<_> = $values.iter().flatten().cloned().map($of).collect();
        $writer
            .typed::<$kind>()
            .write_batch(&values, Some(&levels), None)
            .unwrap();
    }};
}

impl Column {
    fn write(&self, writer: &mut SerializedColumnWriter<'_>) {
        match self {
            Self::Text(all) => put!(writer, ByteArrayType, all, |text: &str| ByteArray::from(
                text
            )),
            Self::Bytes(all) => put!(writer, ByteArrayType, all, ByteArray::from),
            Self::Fixed(all) => put!(writer, FixedLenByteArrayType, all, |bytes: Vec<u8>| {
                FixedLenByteArray::from(ByteArray::from(bytes))
            }),
            Self::Truth(all) => put!(writer, BoolType, all, |one| one),
            Self::Short(all) => put!(writer, Int32Type, all, |one| one),
            Self::Long(all) => put!(writer, Int64Type, all, |one| one),
            Self::Single(all) => put!(writer, FloatType, all, |one| one),
            Self::Double(all) => put!(writer, DoubleType, all, |one| one),
        }
    }
}

/// A file of columns `(schema, values)`, each optional.
fn file(columns: &[(&str, Column)], compression: Compression) -> Vec<u8> {
    let schema: Vec<&str> = columns.iter().map(|(one, _)| *one).collect();
    let schema = format!("message rows {{ {}; }}", schema.join("; "));
    let schema = parse_message_type(&schema).unwrap();
    let properties = WriterProperties::builder().set_compression(compression);
    let properties = Arc::new(properties.build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, column) in columns {
        let mut writer = group.next_column().unwrap().unwrap();
        column.write(&mut writer);
        writer.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

fn open(bytes: &[u8]) -> Result<Parquet, Error> {
    Parquet::open(&Input::bytes("a.parquet", bytes.to_vec()), Wrapper::None)
}

fn rows(bytes: &[u8]) -> Result<Vec<String>, Error> {
    let mut rows = open(bytes)?;
    let mut found = Vec::new();
    while let Some(raw) = rows.next_row()? {
        let number = raw.position.number();
        found.push(match raw.body {
            Body::Cells(cells) => {
                let cells: Vec<&str> = cells.iter().collect();
                format!("{number}:{}", cells.join("|"))
            }
            Body::Unreadable { why, text } => format!("{number}!{why}:{text}"),
        });
    }
    Ok(found)
}

/// The text that the one value of a column becomes.
fn check(schema: &str, value: Column, expected: &str) {
    let bytes = file(&[(schema, value)], Compression::UNCOMPRESSED);
    assert_eq!(rows(&bytes).unwrap(), [format!("1:{expected}")], "{schema}");
}

#[test]
fn a_value_becomes_the_text_that_other_formats_carry() {
    let text = |one| Column::Text(vec![Some(one)]);
    let short = |one| Column::Short(vec![Some(one)]);
    let long = |one| Column::Long(vec![Some(one)]);
    check("optional binary a (UTF8)", text("六安"), "六安");
    check("optional binary a (ENUM)", text("fine"), "fine");
    check("optional binary a", text("六安"), "六安");
    check(
        "optional boolean a",
        Column::Truth(vec![Some(true)]),
        "true",
    );
    check("optional int32 a", short(-7), "-7");
    check("optional int32 a (UINT_8)", short(200), "200");
    check("optional int64 a", long(i64::MAX), "9223372036854775807");
    check("optional int32 a (DATE)", short(19783), "2024-03-01");
    check("optional int32 a (DATE)", short(-1), "1969-12-31");
    check(
        "optional double a",
        Column::Double(vec![Some(33.3)]),
        "33.3",
    );
    check("optional double a", Column::Double(vec![Some(51.0)]), "51");
    check("optional float a", Column::Single(vec![Some(33.3)]), "33.3");
    let naive = "optional int64 a (TIMESTAMP(MICROS,false))";
    check(naive, long(1_709_251_200_000_000), "2024-03-01");
    check(
        naive,
        long(1_709_251_200_000_001),
        "2024-03-01T00:00:00.000001",
    );
    let nanos = "optional int64 a (TIMESTAMP(NANOS,false))";
    check(
        nanos,
        long(1_709_287_800_500_000_000),
        "2024-03-01T10:10:00.5",
    );
    // 16:00 in UTC is the next day in Shanghai: the zone must go along.
    let utc = "optional int64 a (TIMESTAMP(MILLIS,true))";
    check(utc, long(1_709_222_400_000), "2024-02-29T16:00:00Z");
    let legacy = "optional int64 a (TIMESTAMP_MILLIS)";
    check(legacy, long(1_709_222_400_000), "2024-02-29T16:00:00Z");
    check(
        "optional int64 a (TIMESTAMP_MICROS)",
        long(-1),
        "1969-12-31T23:59:59.999999Z",
    );
    check("optional int32 a (TIME_MILLIS)", short(1500), "00:00:01.5");
}

#[test]
fn decimals_are_exact() {
    let of = |bytes: &[u8]| Column::Bytes(vec![Some(bytes.to_vec())]);
    let fixed = |bytes: &[u8]| Column::Fixed(vec![Some(bytes.to_vec())]);
    let small = "optional int32 a (DECIMAL(9,6))";
    check(small, Column::Short(vec![Some(33_333_333)]), "33.333333");
    check(small, Column::Short(vec![Some(-1)]), "-0.000001");
    let long = "optional int64 a (DECIMAL(18,2))";
    let most = 999_999_999_999_999_999;
    check(long, Column::Long(vec![Some(most)]), "9999999999999999.99");
    check(long, Column::Long(vec![Some(5100)]), "51");
    check(long, Column::Long(vec![Some(0)]), "0");
    check("optional binary a (DECIMAL(38,2))", of(&[0xff, 0x38]), "-2");
    check("optional binary a (DECIMAL(38,2))", of(&[0, 0xff]), "2.55");
    let wide = "optional fixed_len_byte_array(16) a (DECIMAL(38,6))";
    check(wide, fixed(&51_250_000_i128.to_be_bytes()), "51.25");
    check(wide, fixed(&(-1_i128).to_be_bytes()), "-0.000001");
    let broad = [[0; 4].as_slice(), &7_i128.to_be_bytes()].concat();
    check("optional binary a (DECIMAL(38,0))", of(&broad), "7");
    let huge = [[1; 4].as_slice(), &[0; 16]].concat();
    let bytes = file(
        &[("optional binary a (DECIMAL(48,0))", of(&huge))],
        Compression::SNAPPY,
    );
    assert_eq!(rows(&bytes).unwrap(), ["1!a number has too many digits:"]);
}

#[test]
fn null_is_empty_and_a_row_of_nulls_is_no_row() {
    let columns = [
        (
            "optional binary a (UTF8)",
            Column::Text(vec![None, None, Some("x")]),
        ),
        ("optional int32 b", Column::Short(vec![Some(1), None, None])),
    ];
    let bytes = file(&columns, Compression::SNAPPY);
    assert_eq!(rows(&bytes).unwrap(), ["1:|1", "3:x|"]);
    assert_eq!(open(&bytes).unwrap().layout().unwrap().headers, ["a", "b"]);
}

#[test]
fn a_row_that_is_no_text_costs_only_itself() {
    let bytes = Column::Bytes(vec![Some(vec![0xff, 0xfe]), Some(b"x".to_vec())]);
    let with_nul = Column::Text(vec![Some("a"), Some("b\0")]);
    let columns = [
        ("optional binary a", bytes),
        ("optional binary b (UTF8)", with_nul),
    ];
    let found = rows(&file(&columns, Compression::UNCOMPRESSED)).unwrap();
    assert_eq!(
        found,
        [
            "1!a cell of bytes is not UTF-8:,a",
            "2!the row holds a NUL character:x,b\0"
        ]
    );
}

fn some_file(compression: Compression) -> Vec<u8> {
    let codes = ["914403001922038216"; 200].map(Some).to_vec();
    let days = (0..200).map(Some).collect();
    let columns = [
        ("optional binary uscc (UTF8)", Column::Text(codes)),
        ("optional int32 established_on (DATE)", Column::Short(days)),
    ];
    file(&columns, compression)
}

#[test]
fn the_usual_compressions_are_read() {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let found = rows(&some_file(compression)).unwrap();
        assert_eq!(found.len(), 200, "{compression}");
        assert_eq!(found[199], "200:914403001922038216|1970-07-19");
    }
}

#[test]
fn a_torn_file_is_an_error_wherever_it_breaks_off() {
    let whole = some_file(Compression::SNAPPY);
    for length in 0..whole.len() {
        let found = rows(&whole[..length]);
        assert!(matches!(found, Err(Error::Torn { .. })), "{length}");
    }
    // Its end is there, but a page is not.
    let mut holed = whole.clone();
    holed.splice(4..40, [0; 36]);
    assert!(matches!(rows(&holed), Err(Error::Torn { .. })));
}

fn load(inputs: &[Input]) -> Result<(MemoryStore, u64), Error> {
    let store = MemoryStore::new(&[7; 32]);
    let options = Options::at(Moment::start_of(Date::from_days(20_000)));
    let report = crate::ingest(&store, inputs, &Vocabulary::new(), &options, &mut ())?;
    Ok((store, report.quarantined()))
}

#[test]
fn a_parquet_file_loads_as_its_csv_does() {
    let text = |all: &[&'static str]| Column::Text(all.iter().copied().map(Some).collect());
    let columns = [
        (
            "optional binary uscc (UTF8)",
            text(&["914403001922038216", "914403001922038216"]),
        ),
        (
            "optional binary holder_kind (UTF8)",
            text(&["person", "org"]),
        ),
        (
            "optional binary holder_uscc (UTF8)",
            Column::Text(vec![None, Some("91330100799655058B")]),
        ),
        (
            "optional binary id_number (UTF8)",
            Column::Text(vec![Some("11010519491231002X"), None]),
        ),
        (
            "optional binary holder_name (UTF8)",
            Column::Text(vec![Some("张三"), None]),
        ),
        (
            "optional int32 from (DATE)",
            Column::Short(vec![Some(19783), None]),
        ),
        (
            "optional int64 ratio (DECIMAL(18,6))",
            Column::Long(vec![Some(51_250_000), Some(33_333_333)]),
        ),
        (
            "optional double voting_ratio",
            Column::Double(vec![None, Some(48.75)]),
        ),
        ("optional binary 备注 (UTF8)", text(&["甲", "乙"])),
    ];
    let parquet = file(&columns, Compression::SNAPPY);
    let csv = "uscc,holder_kind,holder_uscc,id_number,holder_name,from,ratio,voting_ratio,备注\n\
        914403001922038216,person,,11010519491231002X,张三,2024-03-01,51.25,,甲\n\
        914403001922038216,org,91330100799655058B,,,,33.333333,48.75,乙\n";
    let (one, bad) = load(&[Input::bytes("holdings.parquet", parquet)]).unwrap();
    let (other, worse) = load(&[Input::bytes("holdings.csv", csv.as_bytes().to_vec())]).unwrap();
    assert_eq!((bad, worse), (0, 0));
    assert_eq!(contents(&one), contents(&other));
    assert_eq!(contents(&one).len(), 3, "two holdings and a person");
}

/// Every version's record and what is sealed with it.
fn contents(store: &MemoryStore) -> Vec<String> {
    let snapshot = store.snapshot().unwrap();
    let mut all = Vec::new();
    for set in graph::id::Set::ALL {
        let newest = graph::change::BatchNo::MAX;
        let mut each = |version: graph::store::Version| {
            all.push(format!(
                "{:?} {:?} {:?}",
                version.id, version.record, version.sealed
            ));
            Ok(())
        };
        snapshot.scan(set, newest, &mut each).unwrap();
    }
    all
}

#[test]
fn a_torn_file_fails_the_whole_batch() {
    let mut torn = some_file(Compression::SNAPPY);
    torn.truncate(torn.len() - 9);
    let whole = "uscc,name\n914403001922038216,某某公司\n";
    let found = load(&[
        Input::bytes("organizations-1.csv", whole.as_bytes().to_vec()),
        Input::bytes("organizations-2.parquet", torn),
    ]);
    assert!(matches!(found.err(), Some(Error::Torn { .. })));
}

/// Found by fuzzing: the dictionary claims two billion values, for which the library would
/// make room.
#[test]
fn a_dictionary_that_claims_more_than_it_holds_is_torn() {
    let bytes = include_bytes!("dictionary-claims-too-much.parquet").to_vec();
    let opened = Parquet::open(&Input::bytes("a.parquet", bytes), Wrapper::None);
    assert!(matches!(opened, Err(Error::Torn { .. })), "{opened:?}");
}

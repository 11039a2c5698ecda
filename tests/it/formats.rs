//! One answer in every format: nothing is lost between them.

use crate::examples::{RECORDED, folder};
use crate::product::{Product, list};
use naive::{Day, World};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use std::fs::File;
use std::path::Path;

const TIMES: [&str; 4] = ["--as-of", "2024-06-01", "--known-at", RECORDED];

fn product() -> Product {
    Product::of(&World::read(&folder(1), Day::parse(RECORDED)))
}

/// The rows of a Parquet file, with what stands in each column.
fn rows(path: &Path) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("Parquet");
    let rows = reader.into_iter();
    rows.map(|row| row.expect("a row").into_columns()).collect()
}

/// A field read from Parquet as the answer in JSON tells it.
fn same(field: &Field, value: Option<&Value>) -> bool {
    let value = value.unwrap_or(&Value::Null);
    match (field, value) {
        (Field::Null, Value::Null) => true,
        (Field::Bool(one), Value::Bool(other)) => one == other,
        (Field::Long(one), other) => other.as_i64() == Some(*one),
        (Field::Double(one), other) => other.as_f64() == Some(*one),
        (Field::Str(one), Value::String(other)) => one == other,
        (Field::Str(one), nested) => {
            serde_json::from_str::<Value>(one).is_ok_and(|told| told == *nested)
        }
        _ => false,
    }
}

#[test]
fn a_parquet_answer_holds_what_the_json_one_does() {
    let product = product();
    let mut compared = 0;
    for command in [
        vec!["restrictions"],
        vec!["restrictions", "--leads"],
        vec!["gaps"],
        vec!["gaps", "--all"],
        vec!["offenders", "--all"],
        vec!["indicators"],
        vec!["batches"],
        vec!["signals"],
    ] {
        let line = [command.as_slice(), &TIMES].concat();
        let answer = product.ask(&line);
        let path = product.fresh("answer.parquet");
        let out = path.to_str().expect("a path");
        assert_eq!(product.run(&[line.as_slice(), &["--out", out]].concat()), 0);
        let found = rows(&path);
        assert_eq!(found.len(), list(&answer).len(), "{command:?}");
        for (row, expected) in found.iter().zip(list(&answer)) {
            let expected = expected.as_object().expect("an object");
            for name in expected.keys() {
                assert!(row.iter().any(|(column, _)| column == name), "{name}");
            }
            for (name, field) in row {
                assert!(
                    same(field, expected.get(name)),
                    "{command:?} {name}: {field}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} fields are too few");
}

#[test]
fn an_empty_answer_is_a_file_with_columns() {
    let product = product();
    let path = product.fresh("answer.parquet");
    let out = path.to_str().expect("a path");
    let line = ["restrictions", "--as-of", "1990-01-01", "--out", out];
    assert_eq!(product.run(&line), 0);
    let reader = SerializedFileReader::new(File::open(&path).expect("a file")).expect("Parquet");
    let metadata = reader.metadata().file_metadata();
    assert_eq!(metadata.num_rows(), 0);
    let columns = metadata.schema().get_fields();
    assert!(columns.iter().any(|column| column.name() == "measure"));
}

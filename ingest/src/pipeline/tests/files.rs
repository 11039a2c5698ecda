//! Files of all formats, torn files, strict batches.

use graph::id::Set;
use graph::store::Store;
use graph::time::Moment;

use super::{ORG, World, counts, with, words};
use crate::source::Input;
use crate::{Error, Options, ingest};

#[test]
fn a_file_that_fits_no_set_is_refused_and_the_others_load() {
    let mut world = World::new();
    let files = [
        ("notes.csv", "a,b\n1,2\n"),
        ("organizations.csv", "uscc,name\nORG,甲\n"),
        ("roles.csv", ""),
        ("x.pdf", ""),
        ("data.csv", "objection_no,target_no\n1,罚1\n"),
    ];
    let report = world.load(&files);
    let refused: Vec<&str> = report
        .refused
        .iter()
        .map(|file| file.file.as_str())
        .collect();
    assert_eq!(refused, ["notes.csv", "roles.csv", "x.pdf"]);
    assert!(report.refused[0].message.contains("penalties"));
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&report, "objections"), [1, 0, 0, 0, 0]);
}

#[test]
fn a_torn_file_fails_the_whole_batch() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text = (0..5000).fold(String::new(), |text, number| {
        text + &format!("{ORG},甲{}\n", number * 7919)
    });
    encoder
        .write_all(format!("uscc,name\n{text}").as_bytes())
        .unwrap();
    let mut torn = encoder.finish().unwrap();
    torn.truncate(torn.len() / 2);
    let world = World::new();
    let inputs = [
        Input::bytes(
            "a/organizations.csv",
            with("uscc,name\nOTHER,乙\n").into_bytes(),
        ),
        Input::bytes("b/organizations.csv.gz", torn),
    ];
    let failed = ingest(&world.store, &inputs, &words(), &world.options(), &mut ());
    assert!(matches!(failed, Err(Error::Read { .. })));
    assert_eq!(world.count(Set::Organisations), 0);
}

#[test]
fn strict_refuses_and_dry_run_writes_nothing() {
    let mut world = World::new();
    let bad = [("organizations.csv", "uscc,name\nORG,甲\n1,乙\n")];
    let strict = Options {
        strict: true,
        ..world.options()
    };
    assert!(
        matches!(world.try_load(&bad, &strict), Err(Error::Strict { report }) if report.quarantined() == 1)
    );
    let dry = Options {
        dry_run: true,
        ..world.options()
    };
    let report = world.try_load(&bad, &dry).unwrap();
    assert_eq!(counts(&report, "organizations"), [1, 0, 0, 0, 1]);
    assert!(
        world
            .store
            .snapshot()
            .unwrap()
            .batches()
            .unwrap()
            .is_empty()
    );
    world.load(&bad);
    let early = Options::at(Moment(0));
    assert!(matches!(
        world.try_load(&bad, &early),
        Err(Error::BackInTime { .. })
    ));
}

#[test]
fn json_lines_and_sheets_load_alike() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (header, cell)) in [("uscc", ORG), ("name", "甲")].iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet.write(0, column, *header).unwrap();
        sheet.write(1, column, *cell).unwrap();
    }
    let sheet = book.save_to_buffer().unwrap();
    let json = with("{\"uscc\":\"ORG\",\"name\":\"甲\"}\n");
    let gbk = encoding_rs::GB18030
        .encode(&with("统一社会信用代码,名称\nORG,甲\n"))
        .0
        .into_owned();
    let zstd = zstd::encode_all(with("uscc\tname\nORG\t甲\n").as_bytes(), 1).unwrap();
    let mut world = World::new();
    for (number, (name, bytes)) in [
        ("organizations.xlsx", sheet),
        ("organizations.jsonl", json.into_bytes()),
        ("市场主体.csv", gbk),
        ("organizations.tsv.zst", zstd),
    ]
    .into_iter()
    .enumerate()
    {
        let inputs = [Input::bytes(name, bytes)];
        let report = ingest(&world.store, &inputs, &words(), &world.options(), &mut ()).unwrap();
        let expected = if number == 0 {
            [1, 0, 0, 0, 0]
        } else {
            [0, 0, 1, 0, 0]
        };
        assert_eq!(counts(&report, "organizations"), expected, "{name}");
        world.day = world.day.next();
    }
}

//! Delimited text: what is read, what is unreadable, and where reading goes on.

use proptest::prelude::*;

use super::super::{Body, Encoding, Input, Raw, Rows, Wrapper};
use super::{Delimited, join};
use crate::Error;

fn read(bytes: &[u8], delimiter: u8) -> Vec<(u64, Result<Vec<String>, String>)> {
    let input = Input::bytes("a.csv", bytes.to_vec());
    let mut rows = Delimited::open(&input, Wrapper::None, delimiter, None).unwrap();
    let mut found = Vec::new();
    while let Some(raw) = rows.next_row().unwrap() {
        let body = match raw.body {
            Body::Cells(cells) => Ok(cells.iter().map(str::to_owned).collect()),
            Body::Unreadable { text, .. } => Err(text),
        };
        found.push((raw.position.number(), body));
    }
    found
}

/// Rows as `line:cell|cell`, unreadable ones as `line!text`.
fn check(text: &str, expected: &[&str]) {
    check_bytes(text.as_bytes(), expected);
}

fn check_bytes(bytes: &[u8], expected: &[&str]) {
    let found: Vec<String> = read(bytes, b',')
        .into_iter()
        .map(|(line, body)| match body {
            Ok(cells) => format!("{line}:{}", cells.join("|")),
            Err(text) => format!("{line}!{text}"),
        })
        .collect();
    assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn well_formed_rows_are_read() {
    check("a,b\n1,2\n", &["2:1|2"]);
    check("a,b\r\n1,2\r\n3,4", &["2:1|2", "3:3|4"]);
    check("\u{feff}a,b\n1,2\n", &["2:1|2"]);
    check("\n\na,b\n\n1,2\n,\n3,4\n", &["5:1|2", "7:3|4"]);
    check("a,b\n\"1,x\",\"say \"\"hi\"\"\"\n", &["2:1,x|say \"hi\""]);
    check("a,b\n\"two\nlines\",2\n3,4\n", &["2:two\nlines|2", "4:3|4"]);
    check("a,b\n公司\"某\",2\n", &["2:公司\"某\"|2"]);
    check("a,b\n\"\",\n1,\n", &["3:1|"]);
}

#[test]
fn a_bad_row_costs_its_first_line_only() {
    check("a,b\n1\n2,3\n", &["2!1", "3:2|3"]);
    check("a,b\n1,2,3\n2,3\n", &["2!1,2,3", "3:2|3"]);
    check(
        "a,b\n1,\"open\n2,3\n4,5\n",
        &["2!1,\"open", "3:2|3", "4:4|5"],
    );
    check(
        "a,b\n1,\"open\n2,\"x\"\n4,5\n",
        &["2!1,\"open", "3:2|x", "4:4|5"],
    );
    check("a,b\n\"1\"x,2\n4,5\n", &["2!\"1\"x,2", "3:4|5"]);
    check("a,b\n1,\u{0}\n4,5\n", &["2!1,\u{0}", "3:4|5"]);
}

#[test]
fn an_invalid_byte_costs_one_row() {
    let mut bytes = "a,b\n六安,测试\n".as_bytes().to_vec();
    bytes.extend(b"x,\xE6\xB5\n");
    bytes.extend("好,行\n".as_bytes());
    check_bytes(&bytes, &["2:六安|测试", "3!x,\u{fffd}", "4:好|行"]);
}

#[test]
fn gb18030_is_told_and_read() {
    let bytes = encoding_rs::GB18030
        .encode("名称,区域\n丂乂公司,\"六安,市\"\n")
        .0
        .into_owned();
    check_bytes(&bytes, &["2:丂乂公司|六安,市"]);
}

#[test]
fn an_overlong_line_is_unreadable_and_bounded() {
    let text = format!("a,b\n{},2\n3,4\n", "x".repeat(3 << 20));
    let found = read(text.as_bytes(), b',');
    assert_eq!(found.len(), 2);
    assert!(
        found[0]
            .1
            .as_ref()
            .is_err_and(|text| text.len() <= super::super::MAX_KEPT_BYTES)
    );
    assert_eq!(found[1], (3, Ok(vec!["3".into(), "4".into()])));
}

/// An opening quote a line, none closed: each costs its line, and the whole stays linear.
#[test]
fn many_open_quotes_stay_cheap() {
    let text = format!("a,b\n{}", "x\",\"c\n".repeat(50_000));
    assert_eq!(read(text.as_bytes(), b',').len(), 50_000);
}

#[test]
fn an_empty_file_has_no_header() {
    for text in ["", "\n\n", "\u{feff}", ",,\n"] {
        let input = Input::bytes("a.csv", text.as_bytes().to_vec());
        let mut rows = Delimited::open(&input, Wrapper::None, b',', None).unwrap();
        assert!(
            matches!(rows.next_row(), Err(Error::NoHeader { .. })),
            "{text:?}"
        );
    }
}

#[test]
fn a_truncated_gzip_is_an_error() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text = (0..10_000).fold(String::new(), |text, number| {
        text + &format!("{number},{}\n", number * 7919)
    });
    encoder.write_all(b"a,b\n").unwrap();
    encoder.write_all(text.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    for (bytes, good) in [
        (whole.clone(), true),
        (whole[..whole.len() / 2].to_vec(), false),
    ] {
        let input = Input::bytes("a.csv.gz", bytes);
        let opened = Delimited::open(&input, Wrapper::Gzip, b',', Some(Encoding::Utf8));
        let mut rows = opened.unwrap();
        let ended = loop {
            match rows.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert_eq!(ended, good);
    }
}

#[test]
fn several_gzip_members_are_one_file() {
    use std::io::Write;
    let mut bytes = Vec::new();
    for part in ["a,b\n1,", "2\n"] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part.as_bytes()).unwrap();
        bytes.extend(encoder.finish().unwrap());
    }
    let input = Input::bytes("a.csv.gz", bytes);
    let mut rows = Delimited::open(&input, Wrapper::Gzip, b',', None).unwrap();
    assert!(matches!(rows.next_row(), Ok(Some(raw)) if raw.body
        == Body::Cells(["1", "2"].iter().collect())));
}

/// Reads everything, in blocks where there are any.
fn read_blocks(bytes: &[u8], delimiter: u8) -> Option<Vec<Raw>> {
    let input = Input::bytes("a.csv", bytes.to_vec());
    let mut rows = Delimited::open(&input, Wrapper::None, delimiter, None).ok()?;
    rows.layout().ok()?;
    let mut all = Vec::new();
    loop {
        if let Some(block) = rows.next_block().ok()? {
            let before = all.len();
            let taken = block.each_row(|raw| {
                all.push(raw.clone());
                Ok::<(), ()>(())
            });
            assert_eq!(taken, Ok(u64::try_from(all.len() - before).unwrap()));
        } else if let Some(raw) = rows.next_row().ok()? {
            all.push(raw);
        } else {
            return Some(all);
        }
    }
}

/// Reads everything row by row.
fn read_rows(bytes: &[u8], delimiter: u8) -> Option<Vec<Raw>> {
    let input = Input::bytes("a.csv", bytes.to_vec());
    let mut rows = Delimited::open(&input, Wrapper::None, delimiter, None).ok()?;
    let mut all = Vec::new();
    while let Some(raw) = rows.next_row().ok()? {
        all.push(raw);
    }
    Some(all)
}

#[test]
fn blocks_go_on_where_buffers_end() {
    let text = format!("a,b\n{}", "测试,2\n".repeat(200_000));
    let found = read_blocks(text.as_bytes(), b',').unwrap();
    assert_eq!(found.len(), 200_000);
    assert!(found == read_rows(text.as_bytes(), b',').unwrap());
}

proptest! {
    #[test]
    fn blocks_give_the_rows_that_lines_give(
        lines in proptest::collection::vec("[a\",测 ]{0,6}|[a-c],[a-c]|,", 0..20),
        bad in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..3),
        end in "\n|\r\n",
    ) {
        let mut bytes = format!("x,y{end}{}{end}", lines.join(&end)).into_bytes();
        for (place, byte) in bad {
            let length = bytes.len() - 4;
            bytes[4 + place % length.max(1)] = byte;
        }
        prop_assert!(read_blocks(&bytes, b',') == read_rows(&bytes, b','));
    }

    #[test]
    fn what_is_written_is_read_back(
        rows in proptest::collection::vec(proptest::collection::vec("[a-z\"\n, 测试\t]{0,8}", 3), 1..8),
        tab in any::<bool>(),
    ) {
        let delimiter = if tab { '\t' } else { ',' };
        let line = |cells: &[String]| join(cells.iter().map(String::as_str), delimiter);
        let kept: Vec<_> = rows.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        let mut text = line(&["a", "b", "c"].map(String::from));
        for row in &kept {
            text.push('\n');
            text.push_str(&line(row));
        }
        let found: Vec<_> = read(text.as_bytes(), u8::try_from(delimiter).unwrap())
            .into_iter()
            .map(|(_, body)| body.unwrap())
            .collect();
        prop_assert_eq!(found, kept);
    }

    #[test]
    fn any_bytes_are_rows_or_no_header(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let input = Input::bytes("a.csv", bytes);
        let mut rows = Delimited::open(&input, Wrapper::None, b',', None).unwrap();
        while let Ok(Some(_)) = rows.next_row() {}
    }
}

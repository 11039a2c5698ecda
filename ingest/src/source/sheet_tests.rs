//! Spreadsheets as rows of text.

use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};

use super::super::{Body, Format, Input, Rows, Wrapper};
use super::Sheet;
use crate::Error;

fn book() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("处罚").unwrap();
    sheet.write(0, 0, "六安市行政处罚一览表").unwrap();
    for (column, header) in [(0, "文号"), (1, "日期"), (2, "金额"), (3, "简易")] {
        sheet.write(1, column, header).unwrap();
    }
    let date = Style::new().set_num_format("yyyy-mm-dd");
    let moment = ExcelDateTime::from_ymd(2024, 3, 1).unwrap();
    sheet.write(2, 0, "罚1").unwrap();
    sheet.write_with_format(2, 1, &moment, &date).unwrap();
    sheet.write(2, 2, 33.3).unwrap();
    sheet.write(2, 3, true).unwrap();
    sheet.write(4, 0, "罚2").unwrap();
    sheet.write(4, 1, 45352).unwrap();
    sheet.write(5, 0, "罚3").unwrap();
    sheet.write(5, 6, "stray").unwrap();
    book.add_worksheet().set_name("second").unwrap();
    book.save_to_buffer().unwrap()
}

fn open(bytes: &[u8], sheet: Option<&str>) -> Result<Sheet, Error> {
    let input = Input::bytes("a.xlsx", bytes.to_vec());
    Sheet::open(&input, Format::Xlsx, Wrapper::None, sheet)
}

#[test]
fn cells_are_read_as_a_clerk_sees_them() {
    let mut sheet = open(&book(), None).unwrap();
    assert_eq!(
        sheet.layout().unwrap().headers,
        ["文号", "日期", "金额", "简易"]
    );
    let first = sheet.next_row().unwrap().unwrap();
    assert_eq!(first.position.cell(Some(1)), "处罚!B3");
    let texts = ["罚1", "2024-03-01", "33.3", "true"].map(String::from);
    assert_eq!(first.body, Body::Cells(texts.iter().collect()));
    let second = sheet.next_row().unwrap().unwrap();
    let texts = ["罚2", "45352", "", ""].map(String::from);
    assert_eq!(second.body, Body::Cells(texts.iter().collect()));
    assert_eq!(second.position.number(), 5);
    let third = sheet.next_row().unwrap().unwrap();
    assert!(matches!(third.body, Body::Unreadable { .. }));
    assert!(sheet.next_row().unwrap().is_none());
}

#[test]
fn a_sheet_is_found_by_name() {
    assert!(open(&book(), Some("处罚")).is_ok());
    let mut empty = open(&book(), Some("second")).unwrap();
    assert!(matches!(empty.next_row(), Err(Error::NoHeader { .. })));
    assert!(matches!(
        open(&book(), Some("none")),
        Err(Error::NoSheet { .. })
    ));
}

#[test]
fn a_torn_workbook_is_an_error() {
    let whole = book();
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 30] {
        assert!(
            matches!(open(&whole[..length], None), Err(Error::Torn { .. })),
            "{length}"
        );
    }
}

/// The text that a number becomes under a format.
fn shown(number: f64, format: &str) -> String {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "文号").unwrap();
    sheet.write(0, 1, "持股比例").unwrap();
    let style = Style::new().set_num_format(format);
    sheet.write(1, 0, "甲").unwrap();
    sheet.write_with_format(1, 1, number, &style).unwrap();
    let mut sheet = open(&book.save_to_buffer().unwrap(), None).unwrap();
    let Body::Cells(cells) = sheet.next_row().unwrap().unwrap().body else {
        panic!("a row");
    };
    cells.get(1).unwrap().to_owned()
}

#[test]
fn a_number_shown_as_a_percentage_is_read_as_one() {
    for (number, format, expected) in [
        (0.51, "0%", "51%"),
        (0.5125, "0.00%", "51.25%"),
        (0.333_333_33, "0.000000%", "33.333333%"),
        (1.0, "0%;[Red]-0%", "100%"),
        (0.29, "#,##0.0 %", "29%"),
        (51.0, "0.00", "51"),
        (0.51, "General", "0.51"),
        (51.0, "0.00\"%\"", "51"),
        (51.0, "0\\%", "51"),
        (51.0, "0;0%", "51"),
    ] {
        assert_eq!(shown(number, format), expected, "{number} as {format}");
    }
}

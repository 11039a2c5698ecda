//! Workbooks of answers.

use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;

use super::{flatten, headers, plain};
use crate::Error;

pub(super) fn write(path: &Path, rows: &[Value]) -> Result<(), Error> {
    let failed = |error: XlsxError| Error::Output(format!("{}: {error}", path.display()));
    let flat: Vec<Vec<(String, Value)>> = rows.iter().map(flatten).collect();
    let headers = headers(&flat);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = Format::new().set_bold();
    for (column, header) in (0u16..).zip(&headers) {
        sheet
            .write_string_with_format(0, column, header, &bold)
            .map_err(failed)?;
    }
    for (line, row) in (1u32..).zip(&flat) {
        for (column, header) in (0u16..).zip(&headers) {
            let Some((_, value)) = row.iter().find(|(name, _)| name == header) else {
                continue;
            };
            match value {
                Value::Null => Ok(&mut *sheet),
                Value::Bool(yes) => sheet.write_boolean(line, column, *yes),
                Value::Number(number) => {
                    sheet.write_number(line, column, number.as_f64().unwrap_or_default())
                }
                other => sheet.write_string(line, column, plain(other)),
            }
            .map_err(failed)?;
        }
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    sheet.autofit();
    book.save(path).map_err(failed)
}

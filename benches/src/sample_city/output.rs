//! 写成各部门真实报送的样子 / Files as departments really send them.
//!
//! 行政处罚是 GB18030 的 CSV，其中一个月是 xlsx；办件是 JSON Lines；核查是 gzip 压缩的 CSV；其余是 UTF-8 的 CSV
//! （市场主体带 BOM）。同样的城市写出同样的字节。

use super::record::City;
use super::sets::{DECIDED, SETS};
use anyhow::Context;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use std::io::Write as _;
use std::path::Path;

/// The sheet's month: penalties decided then go to the xlsx file instead of the CSV.
const SHEET_MONTH: &str = "2026/04";

/// Writes both deliveries.
pub fn write(city: &City, folder: &Path) -> anyhow::Result<()> {
    for (n, month) in ["2026-05", "2026-06"].into_iter().enumerate() {
        let to = folder.join(month);
        if to.exists() {
            std::fs::remove_dir_all(&to)
                .with_context(|| format!("cannot clear {}", to.display()))?;
        }
        std::fs::create_dir_all(&to).with_context(|| format!("cannot create {}", to.display()))?;
        for (key, stem, header) in SETS {
            let rows = &city.rows[key][n];
            let header: Vec<&str> = header.split(',').collect();
            if !rows.is_empty() {
                write_table((key, stem), &header, rows, &to)
                    .with_context(|| format!("cannot write {stem} to {}", to.display()))?;
            }
        }
    }
    Ok(())
}

fn write_table(
    (key, stem): (&str, &str),
    header: &[&str],
    rows: &[Vec<String>],
    to: &Path,
) -> anyhow::Result<()> {
    let file = |ending: &str| to.join(format!("{stem}{ending}"));
    let all: Vec<&Vec<String>> = rows.iter().collect();
    match key {
        "penalties" => {
            let in_sheet = |row: &&Vec<String>| row[DECIDED].starts_with(SHEET_MONTH);
            let (sheet, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(in_sheet);
            if !sheet.is_empty() {
                workbook(header, &sheet, &file("-2026-04.xlsx"))?;
            }
            std::fs::write(file(".csv"), gb18030(&csv(header, &rest)?))?;
        }
        "personal" | "roles" => std::fs::write(file(".csv"), gb18030(&csv(header, &all)?))?,
        "matters" => {
            let torn = to.ends_with("2026-05");
            std::fs::write(file(".jsonl"), lines(header, &all, torn)?)?;
        }
        "checks" => {
            let mut packed =
                flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::best());
            packed.write_all(&csv(header, &all)?)?;
            std::fs::write(file(".csv.gz"), packed.finish()?)?;
        }
        "organizations" => {
            let mut bytes = "\u{feff}".as_bytes().to_vec();
            bytes.extend(csv(header, &all)?);
            std::fs::write(file(".csv"), bytes)?;
        }
        _ => std::fs::write(file(".csv"), csv(header, &all)?)?,
    }
    Ok(())
}

fn csv(header: &[&str], rows: &[&Vec<String>]) -> anyhow::Result<Vec<u8>> {
    let with_op = rows.iter().any(|r| r.len() > header.len());
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record(header.iter().copied().chain(with_op.then_some("op")))?;
    for row in rows {
        let missing = with_op && row.len() == header.len();
        out.write_record(row.iter().map(String::as_str).chain(missing.then_some("")))?;
    }
    Ok(out.into_inner()?)
}

fn gb18030(text: &[u8]) -> Vec<u8> {
    encoding_rs::GB18030
        .encode(&String::from_utf8_lossy(text))
        .0
        .into_owned()
}

/// One JSON object a line, empty cells left out; the first delivery's last line is torn on purpose.
fn lines(header: &[&str], rows: &[&Vec<String>], torn: bool) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    for row in rows {
        let names = header.iter().copied().chain(["op"]);
        let object: serde_json::Map<String, serde_json::Value> = names
            .zip(row.iter())
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.to_owned(), cell.as_str().into()))
            .collect();
        serde_json::to_writer(&mut out, &object)?;
        out.push(b'\n');
    }
    if torn {
        out.extend("{\"办件编号\":\"云办202699999\",\"部门编码\":\"D-AP\n".as_bytes());
    }
    Ok(out)
}

/// A sheet with real dates and numbers, as office programs save it.
fn workbook(header: &[&str], rows: &[&Vec<String>], path: &Path) -> anyhow::Result<()> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 5, 6)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = book.add_worksheet().set_name("法人行政处罚")?;
    for (column, name) in (0..).zip(header) {
        sheet.write_string(0, column, *name)?;
    }
    for (line, row) in (1..).zip(rows) {
        for ((column, name), cell) in (0..).zip(header).zip(row.iter()) {
            write_cell(sheet, (line, column), name, cell)?;
        }
    }
    Ok(book.save(path)?)
}

fn write_cell(sheet: &mut Worksheet, at: (u32, u16), name: &str, cell: &str) -> anyhow::Result<()> {
    let dated = ["处罚决定日期", "公示截止期", "公示日期", "上报日期"].contains(&name);
    if cell.is_empty() {
    } else if dated {
        let part = |range: std::ops::Range<usize>| cell[range].parse::<u16>();
        let day = ExcelDateTime::from_ymd(part(0..4)?, part(5..7)? as u8, part(8..10)? as u8)?;
        let format = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        sheet.write_datetime_with_format(at.0, at.1, day, &format)?;
    } else if name.ends_with("(万元)") {
        sheet.write_number(at.0, at.1, cell.parse::<f64>()?)?;
    } else {
        sheet.write_string(at.0, at.1, cell)?;
    }
    Ok(())
}

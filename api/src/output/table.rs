//! Tables for people.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::{Column, flatten, headers, plain};

pub(super) fn write(out: &mut dyn Write, value: &Value, columns: &[Column]) -> io::Result<()> {
    match value {
        Value::Array(rows) => list(out, rows, columns),
        one => object(out, one),
    }
}

fn list(out: &mut dyn Write, rows: &[Value], columns: &[Column]) -> io::Result<()> {
    let flat: Vec<Vec<(String, Value)>> = rows.iter().map(flatten).collect();
    let all;
    let columns: Vec<(&str, &str)> = if columns.is_empty() {
        all = headers(&flat);
        all.iter()
            .map(|name| (name.as_str(), name.as_str()))
            .collect()
    } else {
        columns.to_vec()
    };
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|(heading, _)| *heading));
    for row in &flat {
        table.add_row(columns.iter().map(|(_, path)| cell(row, path)));
    }
    writeln!(out, "{table}")?;
    writeln!(out, "共 {0} 条 / {0} rows", rows.len())
}

fn cell(row: &[(String, Value)], path: &str) -> String {
    let found = row.iter().find(|(name, _)| name == path);
    match found.map(|(_, value)| value) {
        None | Some(Value::Null) => "—".into(),
        Some(Value::Bool(true)) => "是 yes".into(),
        Some(Value::Bool(false)) => "否 no".into(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().map(plain).collect::<Vec<_>>().join("、")
        }
        Some(Value::Array(items)) => format!("{} 项", items.len()),
        Some(other) => plain(other),
    }
}

fn object(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let mut lists = Vec::new();
    for (name, value) in flatten(value) {
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => lists.push((name, items)),
            other => {
                table.add_row([name.clone(), cell(&[(name.clone(), other)], &name)]);
            }
        }
    }
    writeln!(out, "{table}")?;
    // What was found before where it was looked for.
    lists.sort_by_key(|(name, _)| name == "sources");
    for (name, items) in lists {
        writeln!(out, "\n{name}:")?;
        list(out, &items, nested(&name))?;
    }
    Ok(())
}

/// The columns worth a look of a list inside an object.
fn nested(name: &str) -> &'static [Column] {
    match name {
        "restrictions" => &[
            ("措施 measure", "measure_name"),
            ("案号 case", "case_no"),
            ("自 from", "from"),
            ("至 to", "to"),
            ("直接 direct", "direct"),
            ("已认定 confirmed", "confirmed"),
            ("编号 id", "id"),
        ],
        "controllers" | "owners" => &[
            ("人员 person", "subject.name"),
            ("标识 key", "subject.key"),
            ("依据 basis", "basis"),
            ("表决权 votes", "votes"),
            ("份额 share", "share"),
        ],
        "controlling_organisations" => &[("名称 name", "name"), ("代码 code", "uscc")],
        "rows" => &[
            ("数据集 set", "set"),
            ("批次 batch", "batch"),
            ("文件 file", "file"),
            ("行 line", "line"),
            ("入库 recorded", "recorded_at"),
        ],
        "sources" => &[
            ("最近入库 fresh as of", "fresh_as_of"),
            ("数据集 sets", "sets"),
        ],
        _ => &[],
    }
}

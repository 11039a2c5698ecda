//! The sample city's files, part of the program.

/// A file: batch folder, name, bytes.
pub(super) type CityFile = (&'static str, &'static str, &'static [u8]);

/// The batches: folder and recorded day.
pub(super) const BATCHES: [(&str, &str); 2] =
    [("2026-05", "2026-05-31"), ("2026-06", "2026-06-30")];

macro_rules! city {
    ($($folder:literal / $name:literal),+ $(,)?) => {
        &[$((
            $folder,
            $name,
            include_bytes!(concat!("../../../demo/city/", $folder, "/", $name)),
        )),+]
    };
}

/// Every file, by batch.
pub(super) const FILES: &[CityFile] = city![
    "2026-05" / "业务办件.jsonl",
    "2026-05" / "严重失信主体名单.csv",
    "2026-05" / "主要人员.csv",
    "2026-05" / "信用修复.csv",
    "2026-05" / "信用核查记录.csv.gz",
    "2026-05" / "失信被执行人.csv",
    "2026-05" / "市场主体.csv",
    "2026-05" / "异议.csv",
    "2026-05" / "惩戒实施反馈.csv",
    "2026-05" / "控制协议.csv",
    "2026-05" / "直接责任人.csv",
    "2026-05" / "股东及出资信息.csv",
    "2026-05" / "行政处罚-法人-2026-04.xlsx",
    "2026-05" / "行政处罚-法人.csv",
    "2026-05" / "行政处罚-自然人.csv",
    "2026-05" / "责任认定.csv",
    "2026-05" / "部门目录.csv",
    "2026-06" / "业务办件.jsonl",
    "2026-06" / "主要人员.csv",
    "2026-06" / "信用修复.csv",
    "2026-06" / "信用核查记录.csv.gz",
    "2026-06" / "市场主体.csv",
    "2026-06" / "异议.csv",
    "2026-06" / "惩戒实施反馈.csv",
    "2026-06" / "行政处罚-法人.csv",
    "2026-06" / "行政处罚-自然人.csv",
];

/// What was planted, with the identifiers of each story.
pub(super) const PLANTED: &str = include_str!("../../../demo/planted.json");

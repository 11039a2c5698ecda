//! The notification (通报) of one department: totals and the list of leads, as a
//! workbook that can be sent as it is.

use std::collections::BTreeMap;
use std::path::Path;

use graph::change::BatchNo;
use graph::id::Set;
use graph::record::{MatterOutcome, Record, key};
use graph::store::Store;
use graph::time::Date;
use queries::gaps::GapKind;
use queries::sweep::Sweep;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::Error;
use crate::answer::GapAnswer;
use crate::answer::ask::Window;
use crate::gapflow::{self, Wanted};
use crate::session::Session;

const TITLE: &str = "信用核查与失信惩戒落实情况通报";
const PRINT: &str = "body{font:14px/1.5 serif;margin:2cm}h1{text-align:center;font-size:20px}\
table{border-collapse:collapse;margin:1em 0;width:100%}td,th{border:1px solid #000;padding:2px 6px;text-align:left}\
thead{display:table-header-group}tr{break-inside:avoid}";
/// The headings of the list.
const HEADS: [&str; 13] = [
    "序号",
    "类别",
    "原因",
    "程度",
    "主体",
    "主体代码",
    "办件编号",
    "案号/文号",
    "措施",
    "日期",
    "命中惩戒",
    "异议中",
    "线索编号",
];

/// A department's notification.
pub(crate) struct Notice {
    department: String,
    name: String,
    day: Date,
    deadline: Date,
    contact: String,
    totals: Vec<(&'static str, usize)>,
    /// Names of measures by code.
    measures: BTreeMap<String, String>,
    /// The gaps told, gravest first.
    pub(crate) gaps: Vec<GapAnswer>,
}

impl Notice {
    /// Gathers what one department is told on the session's day.
    pub(crate) fn of(
        session: &Session,
        sweep: &Sweep<'_>,
        department: &str,
        (workdays, contact): (u32, Option<&str>),
    ) -> Result<Self, Error> {
        let wanted = Wanted {
            department: Some(department.to_owned()),
            ..Wanted::default()
        };
        let mut gaps = gapflow::gaps(session, sweep, &wanted, Window::ALL)?;
        gaps.retain(|gap| gap.state != "dismissed");
        let rank = |gap: &GapAnswer| {
            ["high", "medium", "low"]
                .iter()
                .position(|s| *s == gap.severity)
        };
        gaps.sort_by(|a, b| (rank(a), a.kind, &a.on, &a.id).cmp(&(rank(b), b.kind, &b.on, &b.id)));
        let name = department_name(session, sweep.world().known, department)?;
        let deadline = session
            .catalogue
            .calendar
            .after(session.as_of, workdays)
            .day;
        Ok(Self {
            department: department.to_owned(),
            name: name.unwrap_or_else(|| department.to_owned()),
            day: session.as_of,
            deadline,
            contact: contact
                .unwrap_or("市信用办（请补充联系人和电话）")
                .to_owned(),
            totals: totals(sweep, department, session.as_of, &gaps),
            measures: measure_names(session),
            gaps,
        })
    }

    /// Writes the workbook.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let bytes = self.workbook()?;
        std::fs::write(path, bytes).map_err(|error| Error::io(path, error))
    }

    /// The workbook's bytes.
    pub(crate) fn workbook(&self) -> Result<Vec<u8>, Error> {
        let failed = |error: XlsxError| Error::Output(format!("the notification: {error}"));
        let mut book = Workbook::new();
        self.write_totals(book.add_worksheet()).map_err(failed)?;
        self.write_list(book.add_worksheet()).map_err(failed)?;
        book.save_to_buffer().map_err(failed)
    }

    /// A page to be printed: the same totals and lines.
    pub(crate) fn page(&self) -> String {
        let mut page = format!(
            "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>{0}</title><style>{PRINT}</style>\
             <h1>{0}</h1><p>致：{1}（{2}）<br>统计截至：{3}</p><table>",
            TITLE,
            escaped(&self.name),
            escaped(&self.department),
            self.day
        );
        for (what, count) in &self.totals {
            page.extend(["<tr><td>", what, "<td>", &count.to_string()]);
        }
        page.push_str("</table>");
        for text in self.closing() {
            page.extend(["<p>", &escaped(&text), "</p>"]);
        }
        page.push_str("<table><thead><tr>");
        for head in HEADS {
            page.extend(["<th>", head]);
        }
        page.push_str("</thead>");
        for (line, gap) in (1u32..).zip(&self.gaps) {
            page.extend(["<tr><td>", &line.to_string()]);
            for text in self.cells(gap) {
                page.extend(["<td>", &escaped(text)]);
            }
        }
        page.push_str("</table></html>");
        page
    }

    fn write_totals(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let title = Format::new()
            .set_bold()
            .set_font_size(16)
            .set_align(FormatAlign::Center);
        let cell = Format::new().set_border(FormatBorder::Thin);
        let head = cell.clone().set_bold();
        sheet.set_name("通报")?;
        sheet.merge_range(0, 0, 0, 1, TITLE, &title)?;
        sheet.write(1, 0, format!("致：{}（{}）", self.name, self.department))?;
        sheet.write(2, 0, format!("统计截至：{}", self.day))?;
        sheet.write_with_format(4, 0, "项目", &head)?;
        sheet.write_with_format(4, 1, "数量", &head)?;
        let mut line = 5;
        for (what, count) in &self.totals {
            sheet.write_with_format(line, 0, *what, &cell)?;
            let count = u32::try_from(*count).unwrap_or(u32::MAX);
            sheet.write_with_format(line, 1, count, &cell)?;
            line += 1;
        }
        line += 1;
        for text in self.closing() {
            sheet.write(line, 0, text)?;
            line += 1;
        }
        sheet.set_column_width(0, 46)?;
        sheet.set_column_width(1, 12)?;
        Ok(())
    }

    /// What stands below the totals.
    fn closing(&self) -> [String; 3] {
        [
            format!(
                "请于 {} 前逐条核实并反馈；对线索有异议的，请写明理由并附材料。",
                self.deadline
            ),
            "本通报所列为线索，由规则从已归集的数据得出，不是对任何人的处理决定。".to_owned(),
            format!("联系人：{}", self.contact),
        ]
    }

    /// A line's cells, after its number.
    fn cells<'a>(&'a self, gap: &'a GapAnswer) -> [&'a str; 12] {
        let yes_no = |flag: Option<bool>| match flag {
            Some(true) => "是",
            Some(false) => "否",
            None => "",
        };
        let number = gap.case_no.as_ref().or(gap.decision_no.as_ref());
        [
            gap.kind_name,
            reason(gap.reason),
            severity(gap.severity),
            &gap.subject.name,
            gap.subject.uscc.as_deref().unwrap_or_default(),
            gap.matter_no.as_deref().unwrap_or_default(),
            number.map(String::as_str).unwrap_or_default(),
            self.measure(gap.measure.as_deref().unwrap_or_default()),
            &gap.on,
            yes_no(gap.hit),
            yes_no(Some(gap.evidence.under_objection)),
            &gap.id,
        ]
    }

    /// A measure's name, or the code that somebody else wrote.
    fn measure<'a>(&'a self, code: &'a str) -> &'a str {
        self.measures.get(code).map_or(code, String::as_str)
    }

    fn write_list(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let cell = Format::new().set_border(FormatBorder::Thin);
        let head = cell.clone().set_bold();
        sheet.set_name("线索清单")?;
        for (column, text) in (0u16..).zip(HEADS) {
            sheet.write_with_format(0, column, text, &head)?;
        }
        for (line, gap) in (1u32..).zip(&self.gaps) {
            sheet.write_with_format(line, 0, line, &cell)?;
            for (column, text) in (1u16..).zip(self.cells(gap)) {
                sheet.write_with_format(line, column, text, &cell)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn department_name(session: &Session, known: BatchNo, code: &str) -> Result<Option<String>, Error> {
    let snapshot = session.store.snapshot()?;
    let found = snapshot.record(Set::Departments, key::department(code), known)?;
    Ok(match found.map(|version| version.record) {
        Some(Record::Department(department)) => department.name,
        _ => None,
    })
}

fn measure_names(session: &Session) -> BTreeMap<String, String> {
    let versions = session.catalogue.measures.values().flatten();
    versions
        .map(|measure| (measure.code.clone(), measure.name.clone()))
        .collect()
}

fn reason(code: Option<&str>) -> &'static str {
    match code {
        Some("late") => "逾期",
        Some("stale") => "核查过早失效",
        Some("none") => "未核查",
        Some("absent") => "未反馈",
        _ => "",
    }
}

fn severity(code: &str) -> &'static str {
    match code {
        "high" => "高",
        "medium" => "中",
        _ => "低",
    }
}

/// The totals that such notices carry: should, done, missed, answered.
fn totals(
    sweep: &Sweep<'_>,
    department: &str,
    day: Date,
    gaps: &[GapAnswer],
) -> Vec<(&'static str, usize)> {
    let of = |kind: GapKind| gaps.iter().filter(|gap| gap.kind == kind.code()).count();
    let matters_missed = |kind: GapKind| {
        let mut matters: Vec<&str> = gaps
            .iter()
            .filter(|gap| gap.kind == kind.code())
            .filter_map(|gap| gap.matter_no.as_deref())
            .collect();
        matters.sort_unstable();
        matters.dedup();
        matters.len()
    };
    let symbol = sweep.world().symbols.find(department);
    let decided = sweep.world().matters.all().filter(|(_, matter)| {
        symbol.is_some()
            && matter.department() == symbol
            && matches!(
                matter.outcome,
                MatterOutcome::Granted | MatterOutcome::Refused
            )
            && matter.decided_on().is_some_and(|on| on <= day)
    });
    let (mut all, mut should_check, mut should_restrict) = (0, 0, 0);
    for (applicant, matter) in decided {
        all += 1;
        let duty = queries::gaps::duty(sweep, applicant, matter);
        should_check += usize::from(duty.check);
        should_restrict += usize::from(duty.restrict);
    }
    let (missed, passed) = (
        matters_missed(GapKind::MissedCheck),
        matters_missed(GapKind::MissedRestriction),
    );
    let answered = gaps.iter().filter(|gap| gap.state == "answered").count();
    vec![
        ("办结办件", all),
        ("应查办件", should_check),
        ("已查", should_check.saturating_sub(missed)),
        ("应查未查", missed),
        ("应惩办件", should_restrict),
        ("已惩（不予或豁免）", should_restrict.saturating_sub(passed)),
        ("应惩未惩", passed),
        ("应惩未反馈", of(GapKind::Unenforced)),
        ("应解未解", of(GapKind::OverdueLift)),
        ("不应惩而惩", of(GapKind::WrongfulRefusal)),
        ("超清单惩戒", of(GapKind::Overreach)),
        ("惩戒到人未落实", of(GapKind::UnlinkedPerson)),
        ("双公示迟报", of(GapKind::LatePublication)),
        ("线索合计", gaps.len()),
        ("已答复", answered),
    ]
}

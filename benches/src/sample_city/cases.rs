//! 处罚、名单和惩戒实施反馈 / Penalties, listings and what departments reported back.
//!
//! 寻常企业每户至多两次处罚，够不上高频失信；名单带来的直接惩戒绝大多数按时反馈，少数漏报、迟报。

use super::day::{Day, iso};
use super::record::{CUT, Case, City, Enforcement, Listing, Load, Matter, Subject, TODAY};

/// Authority, its word in a decision number, type, facts, basis, kinds, fine in 百元 from and to.
const OFFENCES: [&str; 12] = [
    "D-MKT|市监|食品安全|经营超过保质期的食品|食品安全法第三十四条、第一百二十四条|罚款;没收|20|500",
    "D-MKT|市监|食品安全|未按规定建立进货查验记录|食品安全法第一百二十六条|警告|0|0",
    "D-MKT|市监|广告|发布内容不真实的商业广告|广告法第五十五条|罚款|50|800",
    "D-MKT|市监|登记管理|未按规定办理变更登记|市场主体登记管理条例第四十六条|罚款|10|300",
    "D-EMB|应急|安全生产|未按规定对从业人员进行安全生产教育和培训|安全生产法第九十七条第三项|罚款|100|900",
    "D-EMB|应急|安全生产|未将事故隐患排查治理情况如实记录|安全生产法第九十七条第五项|罚款|100|900",
    "D-HUC|建|工程建设|未取得施工许可证擅自施工|建设工程质量管理条例第五十七条|罚款|300|2000",
    "D-CUL|文旅|娱乐场所|歌舞娱乐场所接纳未成年人|娱乐场所管理条例第四十八条|罚款;没收|100|300",
    "D-HRS|人社|劳动保障|未编制工资支付台账并依法保存|保障农民工工资支付条例第五十四条|罚款|200|500",
    "D-TRA|交|道路运输|未按规定维护和检测运输车辆|道路运输条例有关规定|罚款|10|100",
    "D-TRA|交|道路运输|擅自超限运输|公路安全保护条例有关规定|罚款|10|300",
    "D-TAX|税|税收征管|未按规定期限办理纳税申报|税收征收管理法第六十二条|罚款|5|100",
];

/// A penalty before it is written in the template's columns.
#[derive(Clone)]
pub struct Penalty {
    pub number: String,
    pub authority: usize,
    pub subject: Subject,
    /// Type, facts, basis, kinds.
    pub what: [&'static str; 4],
    /// In 万元, as written.
    pub fine: String,
    pub decided: Day,
    pub violation: (Option<Day>, Option<Day>),
    pub until: Option<Day>,
    pub reported: Option<Day>,
    /// 撤销, or empty.
    pub status: &'static str,
}

/// The direct measures of a list that some department must report on.
fn measures(list: &str) -> &'static [(&'static str, &'static str)] {
    match list {
        "拖欠农民工工资失信联合惩戒对象"
        | "失信被执行人"
        | "安全生产严重失信主体"
        | "市场监督管理严重违法失信名单"
        | "重大税收违法失信主体" => &[
            ("bar_procurement", "D-FIN"),
            ("bar_bidding", "D-PRT"),
            ("bar_fiscal_funds", "D-FIN"),
        ],
        "失信被执行人(自然人)" => &[
            ("bar_procurement", "D-FIN"),
            ("bar_fiscal_funds", "D-FIN"),
            ("company_office_bar", "D-MKT"),
        ],
        "政府采购严重违法失信行为记录" | "penalty" => &[("bar_procurement", "D-FIN")],
        "取消投标资格" => &[("bar_bidding", "D-PRT")],
        _ => &[],
    }
}

impl City {
    /// Writes a penalty in the columns of the publication template.
    pub fn penalty(&mut self, load: Load, p: &Penalty) {
        let person = p.subject.uscc.is_empty();
        let authority = &self.departments[p.authority].subject;
        let source = format!("{0}|{1}|{0}|{1}", authority.name, authority.uscc);
        let head = self
            .head_of(&p.subject.uscc, p.decided)
            .map(|h| h.name)
            .unwrap_or_default();
        let kind = match (person, p.subject.uscc.starts_with("92")) {
            (true, _) => "自然人",
            (_, true) => "个体工商户",
            _ => "法人及非法人组织",
        };
        let id = if person {
            p.subject.person_cells()
        } else {
            "||".to_owned()
        };
        let id = id.rsplit_once('|').map_or("|", |(id, _)| id);
        let [violation_type, facts, basis, kinds] = p.what;
        let fined = if p.fine.is_empty() {
            String::new()
        } else {
            format!("；罚款{}万元", p.fine)
        };
        let confiscated = if kinds.contains("没收") { "0.12" } else { "" };
        let licence = if kinds.contains("吊销") {
            "食品生产许可证"
        } else {
            ""
        };
        let days = [p.decided.slashed(), "2099-12-31".to_owned(), iso(p.until)].join("|");
        let violation = format!("{}|{}", iso(p.violation.0), iso(p.violation.1));
        let summary = if kinds == "警告" { "是" } else { "否" };
        let cells = [
            &format!("{}|{kind}|{}||||||{head}||", p.subject.name, p.subject.uscc),
            &format!("{id}|{}|{violation_type}|{facts}|{basis}|{kinds}", p.number),
            &format!("{kinds}{fined}|{}|{confiscated}|{licence}|{days}", p.fine),
            &format!("{source}||{violation}|{}|{summary}", p.decided.iso()),
            &format!("{}|{}", iso(p.reported), p.status),
        ];
        self.row(
            if person { "personal" } else { "penalties" },
            load,
            &cells.map(String::as_str).join("|"),
        );
        let heavy = kinds.contains("吊销") || kinds.contains("停产停业");
        if !person && heavy && p.status.is_empty() {
            let days = (p.decided, Some(p.decided.plus_months(36)));
            let (number, subject) = (p.number.clone(), p.subject.clone());
            self.cases.push(Case {
                number,
                subject,
                list: "penalty",
                days,
            });
        }
    }

    /// A penalty of an offence of the table, reported in time, published for a year.
    pub fn offence(&mut self, subject: &Subject, offence: usize, decided: Day) -> Penalty {
        let mut parts = OFFENCES[offence].split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (code, word) = (part(), part());
        let what = [part(), part(), part(), part()];
        let (low, high): (i32, i32) = (part().parse().unwrap_or(0), part().parse().unwrap_or(0));
        let n = self.next(code);
        let fine = self.rng.between(low, high);
        let end = decided - 12 - self.rng.between(0, 29);
        let start = self.rng.chance(400).then(|| end - self.rng.between(10, 90));
        Penalty {
            number: format!("云{word}罚〔{}〕{n}号", decided.year()),
            authority: self.department(code),
            subject: subject.clone(),
            what,
            fine: if fine == 0 {
                String::new()
            } else {
                format!("{}.{:02}", fine / 100, fine % 100)
            },
            decided,
            violation: (start, Some(end)),
            until: Some(decided.plus_months(12)),
            reported: Some(decided + self.rng.between(0, 6)),
            status: "",
        }
    }

    /// Ordinary penalties: one or two a firm, and a few on persons.
    pub fn noise_penalties(&mut self) {
        for n in 0..self.quiet.len() {
            let firm = self.quiet[n].0.clone();
            for _ in 0..[1, 1, 2, 2, 2][self.rng.below(5)] {
                self.noise_penalty(&firm, false);
            }
        }
        for _ in 0..36 {
            let person = self.rng.pick(&self.people).clone();
            self.noise_penalty(&person, true);
        }
    }

    fn noise_penalty(&mut self, subject: &Subject, person: bool) {
        let first = if self.rng.chance(450) {
            Day::new(2025, 5, 6)
        } else {
            Day::new(2021, 3, 1)
        };
        let decided = (first + self.rng.between(0, Day::new(2026, 6, 20) - first)).weekday();
        let offence = if person {
            9 + self.rng.below(2)
        } else {
            self.rng.below(OFFENCES.len())
        };
        let mut p = self.offence(subject, offence, decided);
        match self.rng.below(100) {
            0 | 1 => p.reported = None,
            2..=4 => p.reported = Some(decided + self.rng.between(16, 45)),
            5 if !person => p.what[3] = "罚款;责令停产停业",
            6 => p.violation = (None, None),
            _ => {}
        }
        p.reported = p.reported.filter(|d| *d <= TODAY);
        self.penalty(Load::of(decided), &p);
        if self.rng.chance(90) && decided < Day::new(2026, 1, 1) {
            let authority = self.departments[p.authority].subject.uscc.clone();
            let on = decided.plus_months(4);
            self.repair(
                Load::of(on),
                &p.number,
                on,
                &format!("信用修复|{authority}|"),
            );
        }
    }

    /// Ordinary listings on firms and persons.
    pub fn noise_listings(&mut self) {
        const LISTS: [(&str, &str, i32); 8] = [
            ("失信被执行人", "court", 24),
            ("限制消费人员", "court", 0),
            ("拖欠农民工工资失信联合惩戒对象", "D-HRS", 36),
            ("市场监督管理严重违法失信名单", "D-MKT", 36),
            ("重大税收违法失信主体", "D-TAX", 36),
            ("政府采购严重违法失信行为记录", "D-FIN", 24),
            ("取消投标资格", "D-PRT", 18),
            ("经营异常名录", "D-MKT", 0),
        ];
        let court = self.planted["court"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for n in 0..44_usize {
            let (list, code, months) = LISTS[n % LISTS.len()];
            let firm = self.quiet[n * 5 + 3].0.clone();
            let listed = (Day::new(2022, 3, 1) + self.rng.between(0, 1500)).weekday();
            let (authority, number, reason) = if code == "court" {
                let number = format!("({})鲁1599执{}号", listed.year(), 2000 + n * 37);
                (court.clone(), number, "履行完毕")
            } else {
                let number = format!("云列〔{}〕{}号", listed.year(), n + 101);
                (self.authority(code), number, "信用修复")
            };
            let mut l = Listing::plain(&number, &firm, &authority, listed);
            l.expires = (months > 0).then(|| listed.plus_months(months));
            l.violation = (
                None,
                n.is_multiple_of(3)
                    .then(|| listed - self.rng.between(30, 200)),
            );
            if self.rng.chance(220) {
                let day = listed.plus_months(self.rng.between(7, 20));
                l.removed = (day < CUT).then_some((day, reason));
            }
            self.name_the_head(list, &l);
            self.listing(Load::of(listed), list, l);
        }
        for n in 0..10 {
            let person = self.people[n * 31 + 7].clone();
            let listed = (Day::new(2023, 5, 1) + self.rng.between(0, 1000)).weekday();
            let number = format!("({})鲁1599执{}号", listed.year(), 5000 + n * 41);
            let mut l = Listing::plain(&number, &person, &court, listed);
            l.expires = Some(listed.plus_months(24));
            self.listing(Load::of(listed), "失信被执行人(自然人)", l);
        }
    }

    /// Wage and consumption cases name the head of the unit; most are confirmed, and then enforced.
    fn name_the_head(&mut self, list: &str, l: &Listing) {
        let wages = list.starts_with("拖欠农民工工资");
        let head = self.head_of(&l.subject.uscc, l.listed);
        let Some(head) = head.filter(|_| wages || list == "限制消费人员") else {
            return;
        };
        let (load, on) = (Load::of(l.listed), l.listed + 14);
        self.responsible(load, &l.number, &head, "主要负责人");
        if on >= CUT || self.rng.chance(300) {
            return;
        }
        self.determination((&l.number, &l.authority), &head, on, None);
        if wages {
            let e = Enforcement {
                number: None,
                department: "D-FIN",
                subject: head,
                measure: "bar_fiscal_funds",
                case: l.number.clone(),
                days: (on, l.end().filter(|d| *d < CUT)),
                reported: Some(on + 3),
            };
            self.enforcement(load, e);
        }
    }

    /// What departments reported on the direct restrictions of the cases so far.
    pub fn noise_enforcements(&mut self) {
        let known = |c: &&Case| Day::new(2020, 10, 12) <= c.days.0 && c.days.0 <= TODAY - 8;
        let cases: Vec<Case> = self.cases.iter().filter(known).cloned().collect();
        for case in cases {
            let start = case.days.0;
            for (measure, department) in measures(case.list) {
                if self.rng.chance(12) {
                    continue;
                }
                let late = self.rng.chance(15);
                let wait = if late {
                    self.rng.between(20, 50)
                } else {
                    self.rng.between(0, 4)
                };
                let ended = case
                    .days
                    .1
                    .map(|e| e + self.rng.between(0, 2))
                    .filter(|e| *e <= TODAY);
                let (number, subject, case) = (None, case.subject.clone(), case.number.clone());
                let reported = Some(start + wait).filter(|d| *d <= TODAY);
                let days = (start, ended);
                let mut e = Enforcement {
                    number,
                    department,
                    subject,
                    measure,
                    case,
                    days,
                    reported,
                };
                if ended.is_some_and(|d| Load::of(d) != Load::of(start)) {
                    let open = Enforcement {
                        days: (start, None),
                        ..e.clone()
                    };
                    e.number = Some(self.enforcement(Load::May, open));
                    self.enforcement(Load::June, e);
                } else {
                    self.enforcement(Load::of(start), e);
                }
            }
        }
    }

    /// Matters of listed subjects: most refused for the right measure, a few granted by mistake.
    pub fn noise_refusals(&mut self) {
        let items = [
            ("bar_procurement", "GP-01"),
            ("bar_bidding", "BD-01"),
            ("bar_fiscal_funds", "FF-01"),
        ];
        let ordinary =
            |s: &Subject| self.people.contains(s) || self.quiet.iter().any(|q| q.0 == *s);
        let cases: Vec<Case> = self
            .cases
            .iter()
            .filter(|c| ordinary(&c.subject))
            .cloned()
            .collect();
        for case in cases {
            let room = case.days.1.unwrap_or(TODAY).min(TODAY) - case.days.0 - 20;
            for (measure, department) in measures(case.list) {
                let item = items.iter().find(|i| i.0 == *measure);
                let soon = room < 20 || case.days.0 < Day::new(2022, 8, 1);
                let Some((_, item)) = item.filter(|_| !soon && self.rng.chance(420)) else {
                    continue;
                };
                let accepted = (case.days.0 + self.rng.between(5, room)).weekday();
                let decided = Some((accepted + self.rng.between(1, 7)).weekday());
                let outcome = match self.rng.below(100) {
                    0..=7 => ("准予", "", ""),
                    8..=15 => ("准予", "", "云溪市政府专题会议纪要〔2025〕6号(民生保供)"),
                    _ => ("不予", *measure, ""),
                };
                let (item, subject) = ((*department, *item), case.subject.clone());
                let m = Matter {
                    item,
                    subject,
                    accepted,
                    decided,
                    outcome,
                };
                let number = self.matter(&m);
                self.check(department, &m.subject, accepted, &number);
            }
        }
    }
}

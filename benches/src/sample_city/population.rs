//! 部门、市场主体、人员、任职和股权 / Who lives in the city.
//!
//! 这里只有寻常的企业和人；有故事的主体在 stories 和 duties 里另建，寻常数据不会碰到它们。

use super::day::{Day, at, iso};
use super::identity;
use super::names::{TRADES, address};
use super::record::{City, Department, Load, Subject, TODAY};

const MAY: Load = Load::May;
const REGIONS: [&str; 4] = ["371502", "371503", "371521", "371522"];
const DEPARTMENTS: [(&str, &str, &str); 11] = [
    ("D-DRC", "11", "云溪市发展和改革委员会"),
    ("D-FIN", "11", "云溪市财政局"),
    ("D-MKT", "11", "云溪市市场监督管理局"),
    ("D-APV", "11", "云溪市行政审批服务局"),
    ("D-HRS", "11", "云溪市人力资源和社会保障局"),
    ("D-EMB", "11", "云溪市应急管理局"),
    ("D-HUC", "11", "云溪市住房和城乡建设局"),
    ("D-CUL", "11", "云溪市文化和旅游局"),
    ("D-TRA", "11", "云溪市交通运输局"),
    ("D-TAX", "11", "国家税务总局云溪市税务局"),
    ("D-PRT", "12", "云溪市公共资源交易中心"),
];

/// What is special about an organisation's registration; the default is an operating enterprise.
#[derive(Clone, Copy, Default)]
pub struct Register<'a> {
    /// Chinese kind, 企业 if empty.
    pub kind: &'a str,
    /// Chinese status, 在营 if empty.
    pub status: &'a str,
    pub dissolved: Option<Day>,
    pub state_owned: bool,
    /// The superior's code.
    pub superior: &'a str,
    /// The code of the enterprise that a branch belongs to.
    pub parent: &'a str,
}

impl City {
    /// A new identity of an organisation; nothing is registered yet.
    pub fn organisation(&mut self, prefix: &str, name: &str) -> Subject {
        let region = *self.rng.pick(&REGIONS);
        let uscc = identity::uscc(&mut self.rng, prefix, region);
        Subject {
            uscc,
            name: name.to_owned(),
            ..Subject::default()
        }
    }

    /// Registers an organisation.
    pub fn register(
        &mut self,
        load: Load,
        org: &Subject,
        (trade, founded): (&str, Day),
        more: Register<'_>,
    ) {
        let (code, name, region) = (&org.uscc, &org.name, &org.uscc[2..8]);
        let kind = if more.kind.is_empty() {
            "企业"
        } else {
            more.kind
        };
        let status = if more.status.is_empty() {
            "在营"
        } else {
            more.status
        };
        let days = format!("{}|{}", founded.iso(), iso(more.dissolved));
        let owned = if more.state_owned { "是" } else { "否" };
        let links = format!(
            "{}|{}|{}",
            more.superior,
            more.parent,
            address(&mut self.rng)
        );
        let cells =
            format!("{code}|{name}|{kind}|{status}|{region}|{trade}|{days}|{owned}|{links}");
        self.row("organizations", load, &cells);
    }

    /// A registered enterprise `云溪<brand><word>有限公司` of a trade.
    pub fn firm(&mut self, brand: &str, trade: usize, founded: Day) -> Subject {
        let (industry, word) = TRADES[trade];
        let org = self.organisation("91", &format!("云溪{brand}{word}有限公司"));
        self.register(
            Load::of(founded),
            &org,
            (industry, founded),
            Register::default(),
        );
        org
    }

    /// A new person with a number.
    pub fn person(&mut self) -> Subject {
        let name = self.names.person(&mut self.rng);
        let region = *self.rng.pick(&REGIONS);
        Subject {
            number: identity::resident(&mut self.rng, region),
            name,
            ..Subject::default()
        }
    }

    /// A person out of the ordinary ones.
    fn somebody(&mut self) -> Subject {
        self.rng.pick(&self.people).clone()
    }

    /// Departments, ordinary organisations and persons, roles and holdings.
    pub fn populate(&mut self) {
        self.departments();
        for _ in 0..620 {
            let person = self.person();
            self.people.push(person);
        }
        for n in 0..292 {
            self.ordinary(n);
        }
        self.public_bodies();
        for n in 0..9 {
            self.group(n);
        }
        self.partnership();
        self.odd_codes();
    }

    fn departments(&mut self) {
        for (code, prefix, name) in DEPARTMENTS {
            let uscc = identity::uscc(&mut self.rng, prefix, "371500");
            let subject = Subject {
                uscc,
                name: name.to_owned(),
                ..Subject::default()
            };
            let kind = if prefix == "11" {
                "机关"
            } else {
                "事业单位"
            };
            let more = Register {
                kind,
                ..Register::default()
            };
            self.register(MAY, &subject, ("9221", at("2009-03-01")), more);
            // 目录里既有本市代码也有信用代码：处罚机关以信用代码出现。
            for key in [code, &subject.uscc] {
                self.row(
                    "departments",
                    MAY,
                    &format!("{key}|{name}|371500||0635-0000000"),
                );
            }
            self.departments.push(Department { code, subject });
        }
    }

    fn ordinary(&mut self, n: usize) {
        let (industry, word) = *self.rng.pick(&TRADES);
        let founded = at("2005-01-01") + self.rng.between(0, 6900);
        let brand = self.names.brand();
        let (prefix, kind, name) = match n % 20 {
            7 | 8 | 17 | 18 => ("92", "个体工商户", format!("云溪市{brand}{word}店")),
            19 => ("93", "农民专业合作社", format!("云溪{brand}种植专业合作社")),
            _ => ("91", "企业", format!("云溪{brand}{word}有限公司")),
        };
        let org = self.organisation(prefix, &name);
        let gone = self
            .rng
            .chance(60)
            .then(|| at("2024-01-01") + self.rng.between(0, 700));
        let dissolved = gone.filter(|d| *d < TODAY);
        let status = match (dissolved.is_some(), self.rng.below(40)) {
            (true, _) => "注销",
            (_, 0) => "停业",
            _ => "在营",
        };
        let more = Register {
            kind,
            status,
            dissolved,
            ..Register::default()
        };
        self.register(MAY, &org, (industry, founded), more);
        self.officers(&org, founded, prefix == "91");
        if status == "在营" {
            self.quiet.push((org, industry));
        }
    }

    fn officers(&mut self, org: &Subject, founded: Day, company: bool) {
        let head = self.somebody();
        let start = founded.max(at("2019-01-02"));
        let latest = (at("2026-05-20") - start).max(101);
        let change = self
            .rng
            .chance(220)
            .then(|| start + self.rng.between(100, latest));
        let change = change.filter(|d| *d < TODAY && start < at("2025-06-01"));
        self.head(org, &head, start, change);
        if let Some(day) = change {
            let next = self.somebody();
            self.head(org, &next, day, None);
        }
        if !company {
            return;
        }
        for (role, often) in [("经理", 450), ("监事", 500), ("财务负责人", 200)] {
            if self.rng.chance(often) {
                let other = self.somebody();
                let person = if role == "经理" && self.rng.chance(400) {
                    &head
                } else {
                    &other
                };
                self.role(Load::of(start), (org, role), person, (start, None));
            }
        }
        let share = self.rng.between(30, 95);
        let other = self.somebody();
        self.holding(org, (&head, &share.to_string()), start, "|");
        if other != head {
            self.holding(org, (&other, &format!("{}%", 100 - share)), start, "|");
        }
    }

    fn public_bodies(&mut self) {
        let superior = &self.authority("D-DRC");
        for (prefix, kind, name) in [
            ("11", "机关", "云溪市望溪街道办事处"),
            ("12", "事业单位", "云溪市实验中学"),
            ("12", "事业单位", "云溪市公共信用信息中心"),
            ("51", "社会组织", "云溪市餐饮行业协会"),
            ("51", "社会组织", "云溪市青禾公益服务中心"),
        ] {
            let (org, head) = (self.organisation(prefix, name), self.person());
            let more = Register {
                kind,
                superior,
                ..Register::default()
            };
            self.register(MAY, &org, ("9221", at("2010-06-01")), more);
            self.head(&org, &head, at("2019-03-01"), None);
        }
    }

    /// An ordinary group: a holding company, three below it, perhaps a branch.
    fn group(&mut self, n: usize) {
        let brand = self.names.brand();
        let founded = at("2012-04-01") + self.rng.between(0, 1500);
        let (owner, friend, since) = (self.somebody(), self.somebody(), at("2019-01-02"));
        let top = self.firm(&format!("{brand}控股"), 5, founded);
        self.head(&top, &owner, since, None);
        self.holding(&top, (&owner, "66.5"), founded, "|");
        self.holding(&top, (&friend, "33.5"), founded, "|");
        for level in 0..3 {
            let trade = self.rng.below(TRADES.len());
            let child = self.firm(
                &format!("{brand}{}", ["一", "二", "三"][level]),
                trade,
                founded,
            );
            let (head, partner) = (self.somebody(), self.somebody());
            self.head(&child, &head, since, None);
            let shares = match (n, level) {
                // 一致行动：单独都不过半，合起来过半。
                (0, 0) => [("30", "|甲组"), ("25", "|甲组"), ("45", "|")],
                // 同股不同权。
                (1, 0) => [("40", "70|"), ("55", "25|"), ("5", "5|")],
                _ => [("75", "|"), ("20", "|"), ("5", "|")],
            };
            for (holder, (share, more)) in [&top, &partner, &friend].into_iter().zip(shares) {
                self.holding(&child, (holder, share), founded, more);
            }
            if level == 0 && n.is_multiple_of(2) {
                let branch = self.organisation("91", &format!("{}望溪分公司", child.name));
                let parent = &child.uscc;
                let more = Register {
                    kind: "分支机构",
                    parent,
                    ..Register::default()
                };
                self.register(MAY, &branch, (TRADES[trade].0, founded + 400), more);
                self.role(MAY, (&branch, "主要负责人"), &partner, (since, None));
            }
            self.quiet.push((child, TRADES[trade].0));
        }
    }

    /// A partnership controlled by its general partner; a holder without a number, one with a passport.
    fn partnership(&mut self) {
        let fund = self.organisation("91", "云溪听松股权投资合伙企业(有限合伙)");
        let founded = at("2021-05-06");
        self.register(MAY, &fund, ("6720", founded), Register::default());
        let partner = self.person();
        let investor = Subject {
            name: "郝野川".into(),
            ..Subject::default()
        };
        let number = "X00000017".to_owned();
        let foreign = Subject {
            number,
            name: "MORGAN TESTER".into(),
            ..Subject::default()
        };
        self.role(MAY, (&fund, "执行事务合伙人"), &partner, (founded, None));
        for (holder, share) in [(&partner, "1"), (&investor, "69"), (&foreign, "30")] {
            self.holding(&fund, (holder, share), founded, "|");
        }
        let document = "听松合伙协议(2021)第十二条";
        self.agreement(&fund, &partner, ("执行事务合伙人", document), founded);
    }

    /// Control by a document: kind and document.
    pub fn agreement(&mut self, org: &Subject, who: &Subject, how: (&str, &str), from: Day) {
        let (code, day, who) = (&org.uscc, from.iso(), who.holder_cells());
        self.row(
            "control_agreements",
            MAY,
            &format!("{code}|{}|{}|{day}||{who}", how.0, how.1),
        );
    }

    /// Codes that were issued wrong, and one firm with two codes.
    fn odd_codes(&mut self) {
        let mut codes = vec![];
        for n in 0..5 {
            let brand = if n < 3 {
                self.names.brand()
            } else {
                "竹溪".to_owned()
            };
            let mut org = self.organisation("91", &format!("云溪{brand}金属制品有限公司"));
            match n {
                0 | 1 => org.uscc = identity::misprinted(&org.uscc),
                2 => org.uscc = identity::inner_misprinted(&org.uscc),
                _ => {}
            }
            self.register(MAY, &org, ("3311", at("2016-08-08")), Register::default());
            let head = self.somebody();
            self.head(&org, &head, at("2019-01-02"), None);
            codes.push(org.uscc);
        }
        let key = serde_json::json!({"uscc_check": codes[..2], "inner_check": codes[2],
            "one_firm_two_codes": codes[3..]});
        self.planted.insert("wrong_codes".into(), key);
    }
}

//! 穿透的故事 / Planted stories of control, evasion and repeat offenders.
//!
//! 每个故事自建主体，标识记入 `planted`，随后写进 planted.json 和 STORY.md。

use super::day::{Day, at};
use super::population::Register;
use super::record::{City, Listing, Load, Matter, Subject};
use serde_json::{Value, json};

const MAY: Load = Load::May;

/// How a person is named to the product.
pub fn id(person: &Subject) -> Value {
    json!({"name": person.name, "id": format!("id:resident_id:{}", person.number)})
}

/// How an organisation is named.
pub fn org(o: &Subject) -> Value {
    json!({"name": o.name, "uscc": o.uscc})
}

/// Several organisations.
pub fn orgs(all: &[Subject]) -> Vec<Value> {
    all.iter().map(org).collect()
}

impl City {
    /// A firm of the stories with its head, both new.
    pub fn newcomer(&mut self, brand: &str, trade: usize) -> (Subject, Subject) {
        let (firm, head) = (self.firm(brand, trade, at("2018-06-06")), self.person());
        self.head(&firm, &head, at("2019-01-02"), None);
        (firm, head)
    }

    /// A decided matter: `how` is `accepted decided outcome [measure]`.
    pub fn decided(
        &mut self,
        item: (&'static str, &'static str),
        subject: &Subject,
        how: &'static str,
        checked: &[&Subject],
    ) -> String {
        let mut parts = how.split(' ');
        let mut part = || parts.next().unwrap_or_default();
        let (accepted, decided, outcome) = (part(), part(), part());
        let number = self.matter(&Matter {
            item,
            subject: subject.clone(),
            accepted: at(accepted),
            decided: Some(at(decided)),
            outcome: (outcome, part(), ""),
        });
        for who in checked {
            self.check(item.0, who, at(accepted), &number);
        }
        number
    }

    /// Remembers a story.
    pub fn plant(&mut self, name: &str, key: Value) {
        self.planted.insert(name.to_owned(), key);
    }

    /// All stories of this file.
    pub fn stories(&mut self) {
        let court = self.organisation("11", "云溪市人民法院");
        let more = Register {
            kind: "机关",
            ..Register::default()
        };
        self.register(MAY, &court, ("9250", at("2009-03-01")), more);
        self.plant("court", json!(court.uscc));
        self.hidden_controller(&court.uscc);
        self.rejected_lead(&court.uscc);
        self.open_lead(&court.uscc);
        self.circular_group();
        self.swapped_representative();
        self.nominee();
        self.frequent_offenders();
        self.shells();
    }

    /// (a)(g) Six levels down, one person controls a debtor and holds no office anywhere.
    fn hidden_controller(&mut self, court: &str) {
        let person = self.person();
        let mut chain: Vec<Subject> = vec![];
        for (n, (word, trade, share)) in [
            ("控股", 5, 70),
            ("投资", 5, 80),
            ("产业", 5, 60),
            ("实业", 14, 55),
            ("", 15, 90),
            ("", 2, 51),
        ]
        .into_iter()
        .enumerate()
        {
            let founded = at("2018-03-01");
            let company = if n == 1 {
                // 外省公司：五月只有股权记录，六月登记信息才到（占位补全）。
                let company = self.organisation("91", "听澜霁岫投资有限公司");
                self.register(Load::June, &company, ("7212", founded), Register::default());
                self.plant("placeholder_filled_in_june", org(&company));
                company
            } else {
                self.firm(&format!("霁岫{word}"), trade, founded)
            };
            let (head, minority) = (self.person(), self.person());
            self.head(&company, &head, at("2019-01-02"), None);
            let above = chain.last().unwrap_or(&person).clone();
            self.holding(&company, (&above, &share.to_string()), founded, "|");
            self.holding(
                &company,
                (&minority, &(100 - share).to_string()),
                founded,
                "|",
            );
            chain.push(company);
        }
        let debtor = chain[5].clone();
        let (limit, own) = ("(2025)鲁1599执限1842号", "(2025)鲁1599执1842号");
        let mut l = Listing::plain(limit, &debtor, court, at("2025-09-10"));
        self.listing(MAY, "限制消费人员", l.clone());
        (l.number, l.expires) = (own.to_owned(), Some(at("2027-09-10")));
        self.listing(MAY, "失信被执行人", l);
        self.determination((limit, court), &person, at("2025-10-20"), None);
        let days = "2026-01-08 2026-01-15 准予";
        let flat = self.decided(("D-HUC", "HC-01"), &person, days, &[&person]);
        let key = json!({"person": id(&person), "chain": orgs(&chain), "debtor": org(&debtor),
            "case": limit, "defaulter_case": own, "confirmed_on": "2025-10-20",
            "beneficial_share": "8.482320", "missed_restriction_matter": flat,
            "department": "D-HUC", "measure": "limit_consumption"});
        self.plant("hidden_controller", key);
    }

    /// (g) A declared controller is found not to be one.
    fn rejected_lead(&mut self, court: &str) {
        let ((firm, _), former) = (self.newcomer("筱湉", 7), self.person());
        self.role(
            MAY,
            (&firm, "实际控制人"),
            &former,
            (at("2019-01-02"), None),
        );
        let case = "(2025)鲁1599执限2077号";
        self.listing(
            MAY,
            "限制消费人员",
            Listing::plain(case, &firm, court, at("2025-12-03")),
        );
        let reason = Some("股权已于2023年全部转出，不再参与经营，无控制事实");
        self.determination((case, court), &former, at("2026-02-26"), reason);
        let key = json!({"person": id(&former), "organisation": org(&firm), "case": case,
            "decided_on": "2026-02-26"});
        self.plant("rejected_lead", key);
    }

    /// (g) Control by a document, not yet decided.
    fn open_lead(&mut self, court: &str) {
        let ((firm, front), agent) = (self.newcomer("砚渌", 2), self.person());
        self.holding(&firm, (&front, "100"), at("2019-08-01"), "|");
        let document = "股权代持协议(2020-06-18)";
        self.agreement(&firm, &agent, ("代持", document), at("2020-06-18"));
        let case = "(2026)鲁1599执限0311号";
        self.listing(
            MAY,
            "限制消费人员",
            Listing::plain(case, &firm, court, at("2026-03-18")),
        );
        let key = json!({"person": id(&agent), "organisation": org(&firm), "case": case,
            "through": document});
        self.plant("open_lead", key);
    }

    /// (f) Three companies that hold each other, and one of them itself.
    fn circular_group(&mut self) {
        let made = ["瑭垚", "垚禾", "禾瑭"].map(|brand| self.newcomer(brand, 7));
        let ring = made.each_ref().map(|m| m.0.clone());
        for n in 0..3 {
            let (founded, small) = (at("2018-06-06"), self.person());
            self.holding(&ring[n], (&ring[(n + 2) % 3], "60"), founded, "|");
            self.holding(&ring[n], (&made[n].1, "22.5"), founded, "|");
            self.holding(&ring[n], (&small, "17.5"), founded, "|");
        }
        self.holding(&ring[0], (&ring[0], "5"), at("2018-06-06"), "|");
        let case = "云市监列〔2025〕77号";
        let mut l = Listing::plain(case, &ring[1], &self.authority("D-MKT"), at("2025-04-14"));
        l.expires = Some(at("2028-04-14"));
        self.listing(MAY, "市场监督管理严重违法失信名单", l);
        self.plant("circular_group", json!({"ring": orgs(&ring), "case": case}));
    }

    /// (b)(j) The legal representative is swapped before the licence is revoked, the new one founds a
    /// successor, and the old one, confirmed, becomes a director elsewhere.
    fn swapped_representative(&mut self) {
        let (old, new) = (self.person(), self.person());
        let firm = self.organisation("91", "云溪渌芃商贸有限公司");
        let more = Register {
            status: "吊销",
            ..Register::default()
        };
        self.register(MAY, &firm, ("5190", at("2015-07-07")), more);
        let left = at("2025-11-20");
        self.head(&firm, &old, at("2019-04-02"), Some(left));
        self.head(&firm, &new, left, None);
        self.holding(&firm, (&old, "100"), at("2015-07-07"), "|");
        let (authority, case) = (self.authority("D-MKT"), "云市监吊〔2025〕31号");
        let mut l = Listing::plain(case, &firm, &authority, at("2025-12-15"));
        l.violation = (Some(at("2025-03-01")), Some(at("2025-08-31")));
        self.listing(MAY, "吊销营业执照、责令关闭企业", l);
        self.determination((case, &authority), &old, at("2026-01-12"), None);
        let (other, _) = self.newcomer("渌湉供应链", 0);
        self.role(MAY, (&other, "董事"), &old, (at("2026-03-02"), None));
        let days = "2026-03-03 2026-03-05 准予";
        let filing = self.decided(("D-APV", "MR-02"), &other, days, &[&other]);
        let successor = self.firm("渌芃新贸", 0, at("2026-02-10"));
        self.head(&successor, &new, at("2026-02-10"), None);
        let key = json!({"organisation": org(&firm), "old": id(&old), "new": id(&new),
            "changed_on": "2025-11-20", "case": case, "confirmed_on": "2026-01-12",
            "measures": ["company_office_bar", "legal_representative_bar"],
            "barred_appointment": {"organisation": org(&other), "role": "director", "from": "2026-03-02"},
            "filing_granted": {"department": "D-APV", "matter_no": filing},
            "unenforced": {"department": "D-MKT", "measure": "company_office_bar"},
            "successor": org(&successor)});
        self.plant("swapped_representative", key);
    }

    /// (j) Legal representative of a dozen firms.
    fn nominee(&mut self) {
        let (person, mut firms) = (self.person(), vec![]);
        for n in 0..12 {
            let (brand, founded) = (self.names.brand(), at("2023-06-01") + 20 * n as i32);
            let firm = self.firm(&brand, n, founded);
            self.head(&firm, &person, founded, None);
            firms.push(firm.uscc);
        }
        self.plant(
            "nominee_like",
            json!({"person": id(&person), "organisations": firms}),
        );
    }

    /// (c) To clear, cleared, warning.
    fn frequent_offenders(&mut self) {
        for (key, brand, trade, count, repaired) in [
            ("offender_to_clear", "榕垚", 1, 6, 2),
            ("offender_cleared", "铄禾", 11, 5, 5),
            ("offender_warning", "翊峤", 3, 4, 0),
        ] {
            let (firm, _) = self.newcomer(brand, trade);
            let mut decisions = vec![];
            for n in 0..count {
                let decided = at("2023-09-12").plus_months(5 * n) + n;
                let mut p = self.offence(&firm, [0, 2, 4, 9, 3, 8][n as usize], decided);
                p.until = Some(decided.plus_months(36));
                self.penalty(MAY, &p);
                if n < repaired {
                    // “已清零”的最后一条六月才修复：按五月所知仍是应清零。
                    let last = repaired == count && n + 1 == count;
                    let on = if last {
                        at("2026-06-12")
                    } else {
                        decided.plus_months(4)
                    };
                    let by = self.departments[p.authority].subject.uscc.clone();
                    self.repair(Load::of(on), &p.number, on, &format!("信用修复|{by}|"));
                }
                decisions.push(p.number);
            }
            let published = count - repaired;
            self.plant(
                key,
                json!({"organisation": org(&firm), "decisions": decisions, "published": published}),
            );
        }
    }

    /// (c) One person behind four shells with two penalties each.
    fn shells(&mut self) {
        let (person, mut shells) = (self.person(), vec![]);
        for n in 0..4 {
            let (brand, founded) = (self.names.brand(), at("2022-01-10") + n * 40);
            let shell = self.firm(&format!("{brand}运达"), 11, founded);
            self.head(&shell, &person, founded, None);
            for k in 0..2 {
                let decided: Day = at("2024-02-05") + n * 150 + k * 61;
                let mut p = self.offence(&shell, 10, decided.weekday());
                p.until = Some(decided.plus_months(36));
                self.penalty(MAY, &p);
            }
            shells.push(shell.uscc);
        }
        let key = json!({"person": id(&person), "organisations": shells, "penalties": 8});
        self.plant("offender_person", key);
    }
}

//! 履责的故事 / Planted stories of duties done, missed, late and overdone: the nine kinds of gap, and
//! what June changed.

use super::day::at;
use super::population::Register;
use super::record::{City, Enforcement, Listing, Load, Subject};
use super::stories::{id, org};
use serde_json::json;

const MAY: Load = Load::May;
const JUNE: Load = Load::June;

impl City {
    /// All stories of this file.
    pub fn duties(&mut self) {
        self.missed_checks();
        self.wage_arrears();
        self.food_ban();
        self.wrongful_refusal();
        self.overreach();
        self.unlinked();
        self.late_publication();
        self.repaired_in_june();
        self.revoked_in_june();
        self.fulfilled_but_not_lifted();
        self.public_debtors();
        self.school_head();
        self.objection_pending();
        self.objection_upheld();
        self.small_changes();
    }

    /// A listing whose enforcement the story tells itself: ordinary reports leave it alone.
    fn told(&mut self, list: &'static str, l: Listing) {
        let number = l.number.clone();
        self.listing(MAY, list, l);
        self.cases.retain(|c| c.number != number);
    }

    /// An open enforcement: `days` is `from reported`.
    fn report(
        &mut self,
        department: &'static str,
        subject: &Subject,
        (measure, case): (&'static str, &str),
        days: &str,
    ) -> String {
        let (from, reported) = days.split_once(' ').unwrap_or((days, days));
        let (days, reported) = ((at(from), None), Some(at(reported)));
        let (number, subject, case) = (None, subject.clone(), case.to_owned());
        self.enforcement(
            MAY,
            Enforcement {
                number,
                department,
                subject,
                measure,
                case,
                days,
                reported,
            },
        )
    }

    /// (d) 应查未查：没查、迟查、旧核查。
    fn missed_checks(&mut self) {
        let (firm, head) = self.newcomer("棠昀", 1);
        let (apply, promise) = (("D-APV", "LF-01"), ("D-APV", "CV-01"));
        let none = self.decided(apply, &firm, "2026-04-07 2026-04-14 准予", &[&firm]);
        let late = self.decided(apply, &firm, "2025-09-02 2025-09-08 准予", &[&head]);
        self.check("D-APV", &firm, at("2025-09-15"), &late);
        let stale = self.decided(promise, &firm, "2025-03-03 2025-03-04 准予", &[]);
        self.check("D-APV", &firm, at("2024-11-20"), "");
        let key = json!({"organisation": org(&firm), "person": id(&head), "department": "D-APV",
            "none": none, "late": late, "stale": stale});
        self.plant("missed_check", key);
    }

    /// (d) 应惩未惩、应惩未反馈：欠薪名单点名到人，财政补助照发。
    fn wage_arrears(&mut self) {
        let ((firm, head), manager) = (self.newcomer("旻铄", 2), self.person());
        let (hrs, case) = (self.authority("D-HRS"), "云人社列〔2025〕9号");
        let mut l = Listing::plain(case, &firm, &hrs, at("2025-07-21"));
        l.violation = (Some(at("2024-12-01")), Some(at("2025-04-30")));
        self.told("拖欠农民工工资失信联合惩戒对象", l);
        for (person, how) in [(&head, "主要负责人"), (&manager, "直接责任人")] {
            self.responsible(MAY, case, person, how);
            self.determination((case, &hrs), person, at("2025-08-04"), None);
        }
        self.report(
            "D-FIN",
            &firm,
            ("bar_procurement", case),
            "2025-07-21 2025-07-23",
        );
        self.report(
            "D-FIN",
            &firm,
            ("bar_fiscal_funds", case),
            "2025-07-21 2025-07-23",
        );
        self.report(
            "D-PRT",
            &firm,
            ("bar_bidding", case),
            "2025-07-21 2025-08-26",
        );
        self.report(
            "D-FIN",
            &head,
            ("bar_fiscal_funds", case),
            "2025-08-04 2025-08-06",
        );
        let (funds, honours) = (("D-FIN", "FF-01"), ("D-HRS", "HN-01"));
        let subsidy = self.decided(funds, &firm, "2025-11-03 2025-11-12 准予", &[]);
        let honour = self.decided(honours, &manager, "2026-04-01 2026-04-20 准予", &[&manager]);
        let days = "2026-02-03 2026-02-05 不予 bar_bidding";
        let refused = self.decided(("D-PRT", "BD-01"), &firm, days, &[&firm]);
        let key = json!({"organisation": org(&firm), "case": case, "principal": id(&head),
            "manager": id(&manager), "rightly_refused": refused,
            "missed_restriction": [
                {"department": "D-FIN", "matter_no": subsidy, "measure": "bar_fiscal_funds"},
                {"department": "D-HRS", "matter_no": honour, "measure": "bar_honours"}],
            "unenforced": [
                {"department": "D-PRT", "reason": "late", "measure": "bar_bidding"},
                {"department": "D-FIN", "reason": "absent", "measure": "bar_fiscal_funds", "person": id(&manager)}]});
        self.plant("wage_arrears", key);
    }

    /// 食品许可吊销，点名的人五年禁业，换一家公司又拿到许可。
    fn food_ban(&mut self) {
        let ((firm, head), quality) = (self.newcomer("昀棠", 3), self.person());
        let mut p = self.offence(&firm, 0, at("2025-04-18"));
        p.what[1] = "用超过保质期的食品原料生产食品，情节严重";
        p.what[2] = "食品安全法第一百二十四条、第一百三十五条";
        p.what[3] = "罚款;没收;吊销许可证件";
        p.until = Some(at("2028-04-18"));
        self.penalty(MAY, &p);
        let (case, mkt, ban) = (p.number, self.authority("D-MKT"), "food_industry_ban");
        self.report("D-MKT", &firm, (ban, &case), "2025-04-18 2025-04-21");
        for (person, how) in [(&head, "主要负责人"), (&quality, "直接责任人")] {
            self.responsible(MAY, &case, person, how);
            self.determination((&case, &mkt), person, at("2025-04-28"), None);
            self.report("D-MKT", person, (ban, &case), "2025-04-28 2025-04-30");
        }
        let fresh = self.firm("珩昀", 3, at("2025-10-09"));
        self.head(&fresh, &quality, at("2025-10-09"), None);
        let days = "2025-12-01 2025-12-10 准予";
        let licence = self.decided(("D-APV", "LF-02"), &fresh, days, &[&fresh]);
        let key = json!({"organisation": org(&firm), "case": case, "named": [id(&head), id(&quality)],
            "new_firm": org(&fresh), "missed_restriction": {"department": "D-APV",
                "matter_no": licence, "measure": ban, "person": id(&quality)}});
        self.plant("food_ban", key);
    }

    /// (d) 不应惩而惩。
    fn wrongful_refusal(&mut self) {
        let (firm, head) = self.newcomer("湉榕", 1);
        let days = "2026-03-09 2026-03-16 不予 food_industry_ban";
        let refused = self.decided(("D-APV", "LF-01"), &firm, days, &[&firm, &head]);
        let key = json!({"organisation": org(&firm), "department": "D-APV", "matter_no": refused,
            "measure": "food_industry_ban"});
        self.plant("wrongful_refusal", key);
    }

    /// (d) 超清单惩戒：政府采购名单只限企业，却对法定代表人实施。
    fn overreach(&mut self) {
        let (supplier, boss) = self.newcomer("峤澍", 4);
        let (case, measure) = ("云财采〔2025〕14号", "bar_procurement");
        let mut l = Listing::plain(case, &supplier, &self.authority("D-FIN"), at("2025-06-05"));
        l.expires = Some(at("2027-06-05"));
        self.told("政府采购严重违法失信行为记录", l);
        self.report("D-FIN", &supplier, (measure, case), "2025-06-05 2025-06-06");
        let number = self.report("D-APV", &boss, (measure, case), "2025-06-09 2025-06-10");
        let key = json!({"organisation": org(&supplier), "person": id(&boss), "case": case,
            "department": "D-APV", "enforcement_no": number});
        self.plant("overreach", key);
    }

    /// (d) 惩戒到人未落实：列入名单的企业没有一个可查的人。
    fn unlinked(&mut self) {
        let firm = self.firm("岫芃", 8, at("2020-10-20"));
        let (mkt, case) = (self.authority("D-MKT"), "云市监列〔2025〕90号");
        let mut l = Listing::plain(case, &firm, &mkt, at("2025-10-27"));
        l.expires = Some(at("2028-10-27"));
        self.listing(MAY, "市场监督管理严重违法失信名单", l);
        let key = json!({"organisation": org(&firm), "case": case, "department": mkt});
        self.plant("unlinked_person", key);
    }

    /// (d) 双公示迟报、漏报。
    fn late_publication(&mut self) {
        let (firm, _) = self.newcomer("芃珩", 11);
        let numbers = [Some(at("2026-03-30")), None].map(|reported| {
            let mut p = self.offence(&firm, 10, at("2026-02-27"));
            p.reported = reported;
            self.penalty(MAY, &p);
            p.number
        });
        let key = json!({"organisation": org(&firm), "late": numbers[0], "absent": numbers[1],
            "department": self.authority("D-TRA")});
        self.plant("late_publication", key);
    }

    /// (e) 六月修复：一个部门及时解除，另一个没有。
    fn repaired_in_june(&mut self) {
        let (firm, _) = self.newcomer("澍铄", 9);
        let (mkt, case) = (self.authority("D-MKT"), "云市监列〔2024〕58号");
        let mut l = Listing::plain(case, &firm, &mkt, at("2024-11-05"));
        l.expires = Some(at("2027-11-05"));
        self.told("市场监督管理严重违法失信名单", l);
        for measure in ["bar_procurement", "bar_fiscal_funds"] {
            let number = self.report("D-FIN", &firm, (measure, case), "2024-11-05 2024-11-07");
            let lifted = Enforcement {
                number: Some(number),
                department: "D-FIN",
                subject: firm.clone(),
                measure,
                case: case.to_owned(),
                days: (at("2024-11-05"), Some(at("2026-06-11"))),
                reported: Some(at("2024-11-07")),
            };
            self.enforcement(JUNE, lifted);
        }
        let open = self.report(
            "D-PRT",
            &firm,
            ("bar_bidding", case),
            "2024-11-05 2024-11-08",
        );
        self.repair(JUNE, case, at("2026-06-10"), &format!("信用修复|{mkt}|"));
        let key = json!({"organisation": org(&firm), "case": case, "repaired_on": "2026-06-10",
            "overdue_lift": {"department": "D-PRT", "enforcement_no": open, "measure": "bar_bidding"}});
        self.plant("repaired_in_june", key);
    }

    /// (e) 六月撤销：列入错误，自始无效；先前据此拒绝的办件成了不应惩而惩。
    fn revoked_in_june(&mut self) {
        let (firm, _) = self.newcomer("霁翊", 14);
        let (tax, case) = (self.authority("D-TAX"), "云税列〔2025〕6号");
        let mut l = Listing::plain(case, &firm, &tax, at("2025-12-22"));
        l.expires = Some(at("2028-12-22"));
        self.told("重大税收违法失信主体", l);
        for (department, measure) in [
            ("D-FIN", "bar_procurement"),
            ("D-FIN", "bar_fiscal_funds"),
            ("D-PRT", "bar_bidding"),
        ] {
            self.report(department, &firm, (measure, case), "2025-12-22 2025-12-24");
        }
        let days = "2026-03-02 2026-03-10 不予 bar_fiscal_funds";
        let refused = self.decided(("D-FIN", "FF-01"), &firm, days, &[&firm]);
        self.repair(JUNE, case, at("2026-06-18"), &format!("撤销|{tax}|"));
        let key = json!({"organisation": org(&firm), "case": case,
            "wrongful_refusal_known_in_june": {"department": "D-FIN", "matter_no": refused}});
        self.plant("revoked_in_june", key);
    }

    /// (e) 履行完毕移出名单，审批部门仍不许告知承诺。
    fn fulfilled_but_not_lifted(&mut self) {
        let (firm, _) = self.newcomer("沅筱", 5);
        let (court, case) = (self.court(), "(2024)鲁1599执0256号");
        let mut l = Listing::plain(case, &firm, &court, at("2024-03-04"));
        l.expires = Some(at("2026-09-04"));
        l.removed = Some((at("2026-05-08"), "履行完毕"));
        self.listing(MAY, "失信被执行人", l);
        let open = self.report(
            "D-APV",
            &firm,
            ("bar_convenience", case),
            "2024-03-05 2024-03-07",
        );
        let key = json!({"organisation": org(&firm), "case": case, "removed_on": "2026-05-08",
            "department": "D-APV", "enforcement_no": open, "measure": "bar_convenience"});
        self.plant("fulfilled_but_not_lifted", key);
    }

    fn court(&self) -> String {
        self.planted["court"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// (h) 街道办和国有企业成了失信被执行人。
    fn public_debtors(&mut self) {
        let (court, superior) = (self.court(), &self.authority("D-FIN"));
        let office = self.organisation("11", "云溪市石桥街道办事处");
        let firm = self.organisation("91", "云溪城建投资发展有限公司");
        let body = Register {
            kind: "机关",
            superior,
            ..Register::default()
        };
        self.register(MAY, &office, ("9221", at("2010-01-04")), body);
        let owned = Register {
            state_owned: true,
            superior,
            ..Register::default()
        };
        self.register(MAY, &firm, ("4790", at("2012-01-04")), owned);
        let cases = ["(2026)鲁1599执0102号", "(2025)鲁1599执1377号"];
        for (case, debtor, listed) in [
            (cases[0], &office, at("2026-02-09")),
            (cases[1], &firm, at("2025-08-11")),
        ] {
            let head = self.person();
            self.head(debtor, &head, at("2019-01-02"), None);
            let mut l = Listing::plain(case, debtor, &court, listed);
            l.expires = Some(listed.plus_months(24));
            self.listing(MAY, "失信被执行人", l);
        }
        let key = json!([{"organisation": org(&office), "case": cases[0], "superior": superior},
            {"organisation": org(&firm), "case": cases[1], "superior": superior}]);
        self.plant("superior_and_audit_referrals", key);
        self.plant("government_defaulter", org(&office));
    }

    /// (h) 事业单位负责人本人失信。
    fn school_head(&mut self) {
        let (court, superior) = (self.court(), &self.authority("D-FIN"));
        let school = self.organisation("12", "云溪市东篱职业学校");
        let more = Register {
            kind: "事业单位",
            superior,
            ..Register::default()
        };
        self.register(MAY, &school, ("8336", at("2011-09-01")), more);
        let (head, case) = (self.person(), "(2026)鲁1599执0415号");
        self.head(&school, &head, at("2020-09-01"), None);
        let mut l = Listing::plain(case, &head, &court, at("2026-04-13"));
        l.expires = Some(at("2028-04-13"));
        self.listing(MAY, "失信被执行人(自然人)", l);
        let key = json!({"person": id(&head), "body": org(&school), "case": case});
        self.plant("discipline_referral", key);
    }

    /// (i) 异议待决；责任人写在依据的处罚决定里；审批照样准予。
    fn objection_pending(&mut self) {
        let (firm, head) = self.newcomer("垚铄", 9);
        let mut p = self.offence(&firm, 5, at("2026-02-03"));
        p.number = "云应急罚〔2026〕107号".into();
        p.violation = (Some(at("2025-09-01")), Some(at("2026-01-12")));
        self.penalty(MAY, &p);
        self.responsible(MAY, &p.number, &head, "主要负责人");
        let case = "云应急列〔2026〕3号";
        let mut l = Listing::plain(case, &firm, &self.authority("D-EMB"), at("2026-03-09"));
        l.basis.clone_from(&p.number);
        self.listing(MAY, "安全生产严重失信主体", l);
        self.row(
            "objections",
            MAY,
            &format!("异2026-001|{case}|2026-05-20||"),
        );
        let days = "2026-04-13 2026-04-21 准予";
        let project = self.decided(("D-APV", "PA-01"), &firm, days, &[&firm]);
        let key = json!({"organisation": org(&firm), "case": case, "objection_no": "异2026-001",
            "named_by_basis_decision": p.number, "person": id(&head),
            "missed_restriction": {"department": "D-APV", "matter_no": project,
                "measure": "suspend_project_approval"}});
        self.plant("objection_pending", key);
    }

    /// (i) 一件异议六月成立。
    fn objection_upheld(&mut self) {
        let (firm, _) = self.newcomer("禾岫", 6);
        let p = self.offence(&firm, 7, at("2026-04-16"));
        self.penalty(MAY, &p);
        let filed = format!("异2026-002|{}|2026-05-11", p.number);
        self.row("objections", MAY, &format!("{filed}||"));
        self.row("objections", JUNE, &format!("{filed}|2026-06-04|成立"));
        let key = json!({"organisation": org(&firm), "decision_no": p.number,
            "objection_no": "异2026-002"});
        self.plant("objection_upheld_in_june", key);
    }

    /// 卸任（任职记录的新版本）、撤回误报的办件、撤销的处罚决定。
    fn small_changes(&mut self) {
        let ((firm, head), next) = (self.newcomer("芃旻", 0), self.person());
        for role in ["法定代表人", "主要负责人"] {
            let days = (at("2019-01-02"), Some(at("2026-06-08")));
            self.role(JUNE, (&firm, role), &head, days);
        }
        self.head(&firm, &next, at("2026-06-08"), None);
        let days = "2026-05-06 2026-05-07 准予";
        let wrong = self.decided(("D-APV", "CV-01"), &firm, days, &[]);
        let row = self.rows["matters"][0]
            .last()
            .map(|cells| cells.join("|"))
            .unwrap_or_default();
        self.row("matters", JUNE, &format!("{row}|delete"));
        let mut p = self.offence(&firm, 3, at("2026-03-20"));
        self.penalty(MAY, &p);
        p.status = "撤销";
        self.penalty(JUNE, &p);
        let key = json!({"organisation": org(&firm), "role_ended": id(&head), "new_head": id(&next),
            "matter_withdrawn": wrong, "penalty_revoked": p.number});
        self.plant("changed_in_june", key);
    }
}

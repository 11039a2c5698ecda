//! 有意的坏行 / Rows that are bad on purpose, one for each reason code, and what June corrects.

use super::day::at;
use super::identity;
use super::population::Register;
use super::record::{City, Load};
use super::sets::DECIDED;
use super::stories::org;
use serde_json::json;

const MAY: Load = Load::May;

impl City {
    /// Adds the bad rows; each is named in `planted` under `quarantine`.
    pub fn flaws(&mut self) {
        let mut found = serde_json::Map::new();
        let mut note = |code: &str, what: String| found.insert(code.into(), json!(what));
        let (firm, person) = (self.quiet[1].0.clone(), self.people[1].clone());
        let (code, name) = (firm.uscc.clone(), firm.name.clone());

        let mut p = self.offence(&firm, 2, at("2026-03-03"));
        p.number = String::new();
        self.penalty(MAY, &p);
        note(
            "missing_field",
            format!("行政处罚-法人.csv：{name} 的一行没有决定书文号"),
        );

        let mut p = self.offence(&firm, 2, at("2026-03-04"));
        p.fine = "壹拾贰".into();
        self.penalty(MAY, &p);
        note("bad_number", p.number);

        let p = self.offence(&firm, 3, at("2025-12-01"));
        self.penalty(MAY, &p);
        let rows = &mut self.rows.get_mut("penalties").expect("a set")[0];
        rows.last_mut().expect("a row")[DECIDED] = "2025/02/30".into();
        note("bad_date", p.number);

        let row = format!(
            "云列〔2025〕999号|诚信红榜|{}|{name}||||2025-05-05||||",
            firm.cells()
        );
        self.row("listings", MAY, &row);
        note("bad_enum", "云列〔2025〕999号（名单类型“诚信红榜”）".into());

        let mut wrong = person.clone();
        wrong.number.replace_range(
            17..,
            if wrong.number.ends_with('1') {
                "2"
            } else {
                "1"
            },
        );
        let row = format!("{code}|监事|{}|2024-01-01|", wrong.person_cells());
        self.row("roles", MAY, &row);
        note(
            "bad_id_number",
            format!("主要人员.csv：{name} 的监事 {}", wrong.number),
        );

        let row = format!(
            "{code}|董事|{}|2024-05-01|2023-05-01",
            person.person_cells()
        );
        self.row("roles", MAY, &row);
        note(
            "interval_reversed",
            format!("主要人员.csv：{name} 的董事 {}", person.name),
        );

        let other = self.people[2].clone();
        self.holding(&firm, (&other, "150%"), at("2024-01-01"), "|");
        note(
            "ratio_out_of_range",
            format!("股东及出资信息.csv：{name} 的股东 {}", other.name),
        );

        // 代码校验位错而尚未登记：五月隔离，六月登记到了就收下，并报错码。
        let mut late = self.organisation("91", "云溪澜岸商贸有限公司");
        late.uscc = identity::misprinted(&late.uscc);
        self.register(
            Load::June,
            &late,
            ("5190", at("2021-02-02")),
            Register::default(),
        );
        self.role(MAY, (&late, "法定代表人"), &other, (at("2021-02-02"), None));
        note("bad_uscc", late.uscc.clone());

        // 两个机关用了同一文号：不写机关的修复无从归属；六月补写机关后收下。
        let number = "云罚〔2025〕88号";
        for (offence, n) in [(4, 5), (10, 9)] {
            let subject = self.quiet[n].0.clone();
            let mut p = self.offence(&subject, offence, at("2025-07-01"));
            p.number = number.into();
            self.penalty(MAY, &p);
        }
        let emb = self.authority("D-EMB");
        self.repair(MAY, number, at("2026-01-05"), "信用修复||");
        self.repair(
            Load::June,
            number,
            at("2026-01-05"),
            &format!("信用修复|{emb}|{emb}"),
        );
        note("ambiguous_reference", number.into());

        for end in ["|", "2026-04-30|不成立"] {
            let row = format!("异2026-003|云市监列〔2025〕77号|2026-04-20|{end}");
            self.row("objections", MAY, &row);
        }
        note("duplicate_key_conflict", "异2026-003".into());
        note("unreadable", "业务办件.jsonl 的最后一行（断在中间）".into());
        self.plant("quarantine", found.into());
        self.plant("accepted_when_registered_in_june", org(&late));
    }
}

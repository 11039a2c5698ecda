//! 业务办件和信用核查 / Matters and the checks that should go with them.
//!
//! 核查一般随办件进行；各部门漏查、迟查、用旧核查的比例不同，行政审批服务局办件最多，缺口也最多。

use super::day::Day;
use super::record::{City, Matter, Subject, TODAY};

/// Item, department, weight, roles concerned, misses per mille.
const ITEMS: [(&str, &str, usize, &[&str], usize); 14] = [
    ("LF-01", "D-APV", 22, &["法定代表人", "主要负责人"], 52),
    ("CV-01", "D-APV", 14, &[], 48),
    ("PA-01", "D-APV", 8, &[], 40),
    ("MR-01", "D-APV", 6, &["法定代表人"], 50),
    ("LC-01", "D-APV", 3, &["法定代表人", "主要负责人"], 30),
    ("LD-01", "D-APV", 3, &["法定代表人", "主要负责人"], 30),
    ("GP-01", "D-FIN", 12, &[], 16),
    ("FF-01", "D-FIN", 9, &[], 18),
    ("FF-02", "D-FIN", 3, &[], 10),
    ("BD-01", "D-PRT", 9, &[], 16),
    ("LT-01", "D-PRT", 2, &[], 10),
    ("HN-02", "D-DRC", 3, &["法定代表人", "主要负责人"], 0),
    ("LC-04", "D-CUL", 2, &["主要负责人", "经理"], 30),
    ("HC-01", "D-HUC", 5, &[], 40),
];

impl City {
    /// Ordinary matters with their checks.
    pub fn noise_matters(&mut self) {
        let tickets: Vec<usize> = ITEMS
            .iter()
            .enumerate()
            .flat_map(|(n, i)| std::iter::repeat_n(n, i.2))
            .collect();
        for _ in 0..1680 {
            let (item, department, _, roles, misses) = ITEMS[*self.rng.pick(&tickets)];
            let subject = self.applicant(item);
            let start = Day::new(2023, 9, 1);
            let accepted = (start + self.rng.between(0, TODAY - start - 2)).weekday();
            let takes = if item.starts_with('L') { 12 } else { 6 };
            let decided = (accepted + self.rng.between(0, takes)).weekday();
            if self.restricted(&subject, accepted) {
                continue;
            }
            let outcome = if self.rng.chance(45) {
                "不予"
            } else {
                "准予"
            };
            let number = self.matter(&Matter {
                item: (department, item),
                subject: subject.clone(),
                accepted,
                decided: Some(decided),
                outcome: (outcome, "", ""),
            });
            let mut who = self.concerned(&subject, roles, accepted);
            if item == "MR-01" {
                who.remove(0);
            }
            for subject in who {
                self.check_or_miss((department, &number), &subject, (accepted, decided), misses);
            }
        }
    }

    /// The applicant and the holders of the item's roles on a day.
    fn concerned(&self, applicant: &Subject, roles: &[&str], on: Day) -> Vec<Subject> {
        let mut who = vec![applicant.clone()];
        for held in self.held.get(&applicant.uscc).into_iter().flatten() {
            let known = !held.person.number.is_empty() && !who.contains(&held.person);
            if known && held.on(on) && roles.contains(&held.role) {
                who.push(held.person.clone());
            }
        }
        who
    }

    fn applicant(&mut self, item: &str) -> Subject {
        if item == "HC-01" {
            return self.rng.pick(&self.people).clone();
        }
        let trades: &[&str] = match item {
            "LF-01" => &["6210", "1499"],
            "LC-01" => &["9011"],
            "LD-01" => &["5251"],
            "LC-04" => &["7291"],
            _ => &[],
        };
        loop {
            let (firm, trade) = self.rng.pick(&self.quiet);
            if trades.is_empty() || trades.contains(trade) {
                return firm.clone();
            }
        }
    }

    /// Whether an ordinary matter would meet a restriction: those are made on purpose elsewhere.
    fn restricted(&self, subject: &Subject, on: Day) -> bool {
        let stands =
            |days: (Day, Option<Day>)| days.0 <= on + 15 && days.1.is_none_or(|to| on < to);
        self.cases
            .iter()
            .any(|c| c.subject == *subject && stands(c.days))
    }

    fn check_or_miss(
        &mut self,
        (department, number): (&str, &str),
        subject: &Subject,
        (accepted, decided): (Day, Day),
        misses: usize,
    ) {
        let missed = self.rng.chance(misses);
        let (on, number) = match self.rng.below(20) {
            _ if !missed => (
                accepted + self.rng.between(0, (decided - accepted).min(2)),
                number,
            ),
            0..=10 => return,
            11..=15 => (decided + self.rng.between(2, 20), number),
            _ => (accepted - self.rng.between(70, 150), ""),
        };
        self.check(department, subject, on.min(TODAY), number);
    }
}

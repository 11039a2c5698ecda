//! Hidden controllers, a closed circle, and a legal representative who was swapped in time.

use serde_json::json;

use super::{Planter, text};
use crate::identity::Code;
use crate::shape::{AS_OF, DEEPEST};
use crate::sheet::{Day, Number, Person, Subject};
use graph::time::Date;

impl Planter<'_> {
    pub(super) fn control(&mut self) {
        self.chain(3, "chain");
        self.chain(DEEPEST, "deep_chain");
        self.concert();
        self.agreement();
        self.circle();
        self.swapped();
    }

    /// Remembers who controls an organisation.
    fn controlled(&mut self, org: &Code, by: &[Person], how: &str) {
        let controllers: Vec<_> = by
            .iter()
            .map(|person| self.told(&Subject::Person(*person)))
            .collect();
        self.stories.controllers.push(json!({
            "org": text(org),
            "as_of": Date::from_days(AS_OF).to_string(),
            "controllers": controllers,
            "circular": by.is_empty(),
            "how": how,
        }));
    }

    /// A person at the top of so many holdings, who is named nowhere below.
    fn chain(&mut self, links: u64, how: &str) {
        let person = self.person();
        let mut holder = Subject::Person(person);
        let mut lowest = None;
        for _ in 0..links {
            let (company, _) = self.firm();
            self.holds(holder, &company, 51, None);
            holder = Subject::Organisation(company);
            lowest = Some(company);
        }
        if let Some(company) = lowest {
            self.controlled(&company, &[person], how);
        }
    }

    /// Two who act as one: the larger of them controls.
    fn concert(&mut self) {
        let (company, other) = self.firm();
        let (larger, smaller) = (self.person(), self.person());
        let group = Number::new("一致行动".as_bytes(), self.page.block, 0);
        self.holds(Subject::Person(larger), &company, 31, Some(group));
        self.holds(Subject::Person(smaller), &company, 25, Some(group));
        self.holds(Subject::Person(other), &company, 44, None);
        self.controlled(&company, &[larger], "concert");
    }

    /// Two hold one half each, a third controls by agreement.
    fn agreement(&mut self) {
        let (company, first) = self.firm();
        let (second, hidden) = (self.person(), self.person());
        self.holds(Subject::Person(first), &company, 50, None);
        self.holds(Subject::Person(second), &company, 50, None);
        let people = &self.page.plan.people;
        let row = self.page.written.sheets.agreements.row().bytes(&company);
        let row = row.subject(&Subject::Person(hidden)).name(people, &hidden);
        row.text("2019-01-01")
            .empty()
            .text("nominee")
            .text("代持协议")
            .end();
        self.controlled(&company, &[hidden], "agreement");
    }

    /// Two companies that hold each other.
    fn circle(&mut self) {
        let ((one, _), (other, _)) = (self.firm(), self.firm());
        self.holds(Subject::Organisation(one), &other, 60, None);
        self.holds(Subject::Organisation(other), &one, 60, None);
        self.controlled(&one, &[], "circle");
    }

    /// The representative of the violation is gone when the listing comes.
    fn swapped(&mut self) {
        let company = self.company();
        let (outgoing, incoming) = (self.person(), self.person());
        self.office(
            &company,
            "legal_representative",
            outgoing,
            ("2018-01-01", "2025-04-11"),
        );
        self.office(
            &company,
            "legal_representative",
            incoming,
            ("2025-04-11", ""),
        );
        let mut listing = self.listing(
            "market_supervision",
            Subject::Organisation(company),
            "2025-06-20",
        );
        let violation: Day = super::day("2025-04-01");
        listing.violation_on = Some(violation);
        self.enter(&listing, "", None);
        let (outgoing, incoming) = (
            self.told(&Subject::Person(outgoing)),
            self.told(&Subject::Person(incoming)),
        );
        self.stories.swapped_representatives.push(json!({
            "org": text(&company),
            "case_no": listing.no.text(),
            "role": "legal_representative",
            "outgoing": outgoing,
            "incoming": incoming,
            "on": "2025-04-11",
        }));
    }
}

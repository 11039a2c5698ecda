//! High-frequency offenders, those just short, and one hidden behind two shells.

use serde_json::json;

use super::{Planter, text};
use crate::identity::Code;
use crate::rows::Penalty;
use crate::sheet::Subject;

impl Planter<'_> {
    pub(super) fn offenders(&mut self) {
        let (org, _) = self.firm();
        self.fines(&org, 6);
        self.offends(&org, 6, 6);

        // All repaired: counted, but not published any more.
        let (org, _) = self.firm();
        for penalty in self.fines(&org, 5) {
            self.page
                .repair(&penalty.no, super::day("2026-05-06"), "repair");
        }
        self.offends(&org, 5, 0);

        // One of five was revoked.
        let (org, _) = self.firm();
        self.fines(&org, 4);
        let mut revoked = self.fine(&org, "2025-11-11");
        revoked.status = "revoked";
        self.punish(&revoked);
        self.offends(&org, 4, 4);

        // One of six is a day too old: three years before the day asked are not in the window.
        let (org, _) = self.firm();
        self.fines(&org, 5);
        let old = self.fine(&org, "2023-06-30");
        self.punish(&old);
        self.offends(&org, 5, 5);

        // Three each at two companies of one person.
        let ((one, person), other) = (self.firm(), self.company());
        self.office(&other, "legal_representative", person, ("2018-01-01", ""));
        self.fines(&one, 3);
        self.fines(&other, 3);
        let told = self.told(&Subject::Person(person));
        let shells =
            json!({"person": told, "count": 6, "organisations": [text(&one), text(&other)]});
        self.stories.offending_persons.push(shells);
    }

    /// So many fines within the last three years.
    fn fines(&mut self, org: &Code, count: usize) -> Vec<Penalty> {
        let days = [
            "2023-07-01",
            "2024-02-20",
            "2024-10-15",
            "2025-05-12",
            "2025-12-03",
            "2026-03-09",
        ];
        let fines: Vec<Penalty> = days
            .iter()
            .take(count)
            .map(|day| self.fine(org, day))
            .collect();
        for fine in &fines {
            self.punish(fine);
        }
        fines
    }

    fn offends(&mut self, org: &Code, count: u64, published: u64) {
        self.page.written.tally.offender(count, published);
        let state = match (count, published) {
            (5.., 1..) => "to_clear",
            (5.., _) => "cleared",
            _ => "warning",
        };
        let told = json!({"uscc": text(org), "count": count, "published_count": published, "state": state});
        self.stories.offenders.push(told);
    }
}

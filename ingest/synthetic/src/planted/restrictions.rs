//! Restrictions that stand, that were lifted, and that never were.

use serde_json::json;

use super::{Planter, day};
use crate::rows::Listing;
use crate::sheet::{Number, Subject};

impl Planter<'_> {
    pub(super) fn restrictions(&mut self) {
        let before = "2025-06-01";
        let after = "2025-06-02";

        // Lifted by repair.
        let listing = self.defaulter("2024-02-01");
        self.enter(&listing, "", Some(after));
        self.page.repair(&listing.no, day(after), "repair");
        self.stands(&listing, before, Some(true));
        self.stands(&listing, after, None);

        // Withdrawn as wrong: never in force.
        let mut listing = self.defaulter("2024-02-01");
        (listing.removed_on, listing.removal_reason) = (Some(day(after)), "revoked");
        listing.write(
            &mut self.page.written.sheets.listings,
            &self.page.plan.people,
        );
        self.stands(&listing, before, None);
        self.stands(&listing, after, None);

        // An objection was upheld.
        let listing = self.defaulter("2024-02-01");
        self.enter(&listing, "", Some(after));
        self.page
            .objection(&listing.no, day("2025-05-20"), Some((day(after), "upheld")));
        self.stands(&listing, before, Some(true));
        self.stands(&listing, after, None);

        // People reached by a rule: not decided on, confirmed, rejected.
        for determined in [None, Some(true), Some(false)] {
            let (code, person) = self.firm();
            let listing = self.listing(
                "court_consumption_limit",
                Subject::Organisation(code),
                "2025-01-15",
            );
            self.enter(&listing, "", None);
            let who = Subject::Person(person);
            if let Some(confirmed) = determined {
                self.page
                    .determination(&listing.no, &who, day("2025-02-14"), confirmed);
            }
            // Somebody without an office is named as directly responsible.
            let named = Subject::Person(self.person());
            self.page.responsible(&listing.no, &named, "direct");
            let of_named = (&listing.no, "limit_consumption");
            self.stood(&named, of_named, "2026-06-30", Some(false));
            let confirmed = (determined != Some(false)).then_some(determined == Some(true));
            self.stood(
                &who,
                (&listing.no, "limit_consumption"),
                "2026-06-30",
                confirmed,
            );
        }

        // One number, two authorities: a repair that does not say which.
        let (one, other) = (self.firm().0, self.firm().0);
        let mut first = self.fine(&one, "2025-08-05");
        first.authority = self.page.plan.code(1);
        let mut second = self.fine(&other, "2025-08-05");
        second.authority = self.page.plan.code(2);
        second.no = first.no;
        self.punish(&first);
        self.punish(&second);
        let sheet = &mut self.page.written.sheets.repairs;
        let row = sheet.flawed("ambiguous_reference").bytes(first.no.bytes());
        row.text("2026-02-03").text("repair").empty().end();
    }

    fn defaulter(&mut self, listed_on: &str) -> Listing {
        let org = Subject::Organisation(self.firm().0);
        self.listing("court_defaulter", org, listed_on)
    }

    /// Remembers whether the listing bars its subject from procurement on a day.
    fn stands(&mut self, listing: &Listing, on: &str, confirmed: Option<bool>) {
        self.stood(
            &listing.subject,
            (&listing.no, "bar_procurement"),
            on,
            confirmed,
        );
    }

    fn stood(
        &mut self,
        who: &Subject,
        (case, measure): (&Number, &str),
        on: &str,
        confirmed: Option<bool>,
    ) {
        let told = json!({
            "subject": self.told(who),
            "case_no": case.text(),
            "measure": measure,
            "as_of": on,
            "in_force": confirmed.is_some(),
            "confirmed": confirmed,
        });
        self.stories.restrictions.push(told);
    }
}

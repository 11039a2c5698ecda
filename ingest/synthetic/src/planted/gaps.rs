//! One gap of each kind and reason, and a matter where everything was done right.

use serde_json::json;

use super::{Planter, day, text};
use crate::sheet::Subject;

impl Planter<'_> {
    /// Matters: checks missed, late, stale; restrictions missed; a refusal without ground.
    pub(super) fn checks(&mut self) {
        for (reason, checked_on) in [
            ("", "2025-03-04"),
            ("none", ""),
            ("late", "2025-03-20"),
            ("stale", "2025-01-10"),
        ] {
            let org = Subject::Organisation(self.firm().0);
            let matter = self.matter("GP-01", "D-FIN", org);
            self.submit(&matter);
            if !checked_on.is_empty() {
                self.check(&matter, org, checked_on);
            }
            if !reason.is_empty() {
                let more = json!({"reason": reason, "matter_no": matter.no.text(), "on": "2025-03-10", "hit": false});
                self.gap("missed_check", &org, Some("D-FIN"), more);
            }
        }

        // The applicant was checked, its legal representative was not.
        let (code, person) = self.firm();
        let (org, head) = (Subject::Organisation(code), Subject::Person(person));
        let matter = self.matter("LF-01", "W-03", org);
        self.submit(&matter);
        self.check(&matter, org, "2025-03-05");
        let more = json!({"reason": "none", "matter_no": matter.no.text(), "on": "2025-03-10", "hit": false});
        self.gap("missed_check", &head, Some("W-03"), more);

        // Refused as the law says, but nobody had looked.
        let org = Subject::Organisation(self.firm().0);
        let listing = self.listing("court_defaulter", org, "2024-05-10");
        self.enter(&listing, "", None);
        let mut matter = self.matter("GP-01", "D-FIN", org);
        (matter.outcome, matter.refused_for) = ("refused", "bar_procurement");
        self.submit(&matter);
        let more = json!({"reason": "none", "matter_no": matter.no.text(), "on": "2025-03-10", "hit": true});
        self.gap("missed_check", &org, Some("D-FIN"), more);

        // Looked, and granted all the same.
        let org = Subject::Organisation(self.firm().0);
        let listing = self.listing("court_defaulter", org, "2024-05-10");
        self.enter(&listing, "", None);
        let matter = self.matter("BD-01", "D-PRT", org);
        self.submit(&matter);
        self.check(&matter, org, "2025-03-05");
        let more = json!({
            "matter_no": matter.no.text(), "case_no": listing.no.text(), "measure": "bar_bidding", "on": "2025-03-10",
        });
        self.gap("missed_restriction", &org, Some("D-PRT"), more);

        // Refused for a restriction that is not there.
        let org = Subject::Organisation(self.firm().0);
        let mut matter = self.matter("BD-01", "D-PRT", org);
        (matter.outcome, matter.refused_for) = ("refused", "bar_bidding");
        self.submit(&matter);
        self.check(&matter, org, "2025-03-05");
        let more =
            json!({"matter_no": matter.no.text(), "measure": "bar_bidding", "on": "2025-03-10"});
        self.gap("wrongful_refusal", &org, Some("D-PRT"), more);
    }

    /// Appointments, enforcements, publication, penetration.
    pub(super) fn duties(&mut self) {
        let (org, person) = (self.firm().0, self.person());
        let who = Subject::Person(person);
        let listing = self.listing("court_defaulter_person", who, "2024-09-02");
        self.enter(&listing, "", None);
        self.office(&org, "director", person, ("2025-02-05", ""));
        let more = json!({
            "measure": "company_office_bar", "case_no": listing.no.text(), "on": "2025-02-05",
            "role": {"uscc": text(&org), "role": "director", "from": "2025-02-05"},
        });
        self.gap("barred_appointment", &who, None, more);

        for reason in ["absent", "late"] {
            let org = Subject::Organisation(self.firm().0);
            let listing = self.listing("wage_arrears", org, "2025-01-06");
            self.enter(&listing, "bar_bidding", None);
            if reason == "late" {
                self.enforce(&listing, ("bar_bidding", "D-PRT"), day("2025-02-20"), None);
            }
            let more =
                json!({"reason": reason, "measure": "bar_bidding", "case_no": listing.no.text()});
            self.gap("unenforced", &org, Some("D-PRT"), more);
        }

        let org = Subject::Organisation(self.firm().0);
        let listing = self.listing("major_tax", org, "2024-03-04");
        self.enter(&listing, "bar_bidding", Some("2025-03-04"));
        let open = self.enforce(&listing, ("bar_bidding", "D-PRT"), listing.listed_on, None);
        self.page.repair(&listing.no, day("2025-03-04"), "repair");
        let more = json!({"measure": "bar_bidding", "case_no": listing.no.text(), "enforcement_no": open.text()});
        self.gap("overdue_lift", &org, Some("D-PRT"), more);

        let org = Subject::Organisation(self.firm().0);
        let listing = self.listing("market_supervision", org, "2025-02-10");
        self.enter(&listing, "", None);
        let beyond = self.enforce(
            &listing,
            ("suspend_project_approval", "D-DRC"),
            day("2025-02-12"),
            None,
        );
        let more = json!({
            "measure": "suspend_project_approval", "case_no": listing.no.text(), "enforcement_no": beyond.text(),
            "on": "2025-02-12",
        });
        self.gap("overreach", &org, Some("D-DRC"), more);

        let org = Subject::Organisation(self.company());
        let listing = self.listing("culture_tourism", org, "2025-04-01");
        self.enter(&listing, "", None);
        let authority = text(&listing.authority);
        let more = json!({"case_no": listing.no.text(), "on": "2025-04-01"});
        self.gap("unlinked_person", &org, Some(&authority), more);

        for (reason, reported_on) in [("late", Some("2025-09-30")), ("absent", None)] {
            let (code, _) = self.firm();
            let mut penalty = self.fine(&code, "2025-07-08");
            penalty.reported_on = reported_on.map(day);
            self.punish(&penalty);
            let authority = text(&penalty.authority);
            let more = json!({"reason": reason, "decision_no": penalty.no.text()});
            self.gap("late_publication", &penalty.subject, Some(&authority), more);
        }
    }
}

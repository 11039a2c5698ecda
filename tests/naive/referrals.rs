//! Referrals, not restrictions: to the body above, to the auditors, to the discipline office.

use crate::canonical;
use crate::day::Day;
use crate::known::Known;
use crate::penetration::ALL;
use crate::record::Organisation;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether a body is an organ, an institution or state-owned.
fn is_public(org: &Organisation) -> bool {
    org.state_owned || matches!(org.kind.as_str(), "government" | "institution")
}

/// The referrals on a day: `superior` and `audit` for a public body that is the subject of a
/// case in its life under a rule, `discipline` for a restricted person who holds a role there.
pub fn referrals(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut found: BTreeSet<(&str, String, Option<String>, Option<String>)> = BTreeSet::new();
    for case in &known.cases {
        let reached = known.catalogue.rules.iter().any(|rule| {
            known.rule_applies(rule, case) && known.life(rule, case, true).holds(as_of)
        });
        let org = case.subject.org().and_then(|uscc| known.organisation(uscc));
        let Some(org) = org.filter(|org| reached && is_public(org)) else {
            continue;
        };
        let case_no = Some(case.number.clone());
        if let Some(superior) = &org.superior {
            found.insert((
                "superior",
                org.uscc.clone(),
                Some(superior.clone()),
                case_no.clone(),
            ));
        }
        found.insert(("audit", org.uscc.clone(), None, case_no));
    }
    for ((subject, _, _), restriction) in known.restrictions(ALL) {
        if !subject.is_person() || !restriction.days.holds(as_of) {
            continue;
        }
        for role in known.roles.iter().filter(|role| role.person == subject) {
            let org = known.organisation(&role.org);
            if role.span.holds(as_of) && org.is_some_and(is_public) {
                let to = Some(role.org.clone());
                found.insert(("discipline", known.label(&subject), to, None));
            }
        }
    }
    let entry = |(kind, subject, to, case_no)| json!({"kind": kind, "subject": subject, "to": to, "case_no": case_no});
    canonical(found.into_iter().map(entry).collect())
}

//! 惩戒到人未落实: a case whose rules reach for persons and find nobody.

use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, GapKind};
use crate::penetration::{case_records, search};
use crate::sweep::Sweep;
use crate::world::Case;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let cases = sweep.world().cases.side_by_side();
    cases
        .filter_map(|(place, case)| of(sweep, place, case, day))
        .collect()
}

/// Whether one case reaches for persons and finds nobody.
pub(super) fn of(sweep: &Sweep<'_>, place: usize, case: &Case, day: Date) -> Option<Gap> {
    let may = case.subject().is_organisation() && case.own_date() <= day;
    if !may || !finds_nobody(sweep, case) {
        return None;
    }
    let mut gap = Gap::new(GapKind::UnlinkedPerson, case.subject(), case.own_date());
    gap.department = case.authority().map(str::to_owned);
    gap.case_no = Some(case.number().to_owned());
    gap.evidence.case = Some(place);
    gap.evidence.duty = case_records(case);
    Some(gap)
}

/// At least one rule with entries for persons and a personal record has a life
/// here, and the search of all of them finds nobody.
fn finds_nobody(sweep: &Sweep<'_>, case: &Case) -> bool {
    let catalogue = sweep.catalogue();
    let mut asked = false;
    for rule in &catalogue.rules {
        let reaches = rule.record_in_personal_file && !rule.persons.is_empty();
        if !reaches || !case.triggers(rule) {
            continue;
        }
        let life = case.life(rule, catalogue);
        if life.is_empty() {
            continue;
        }
        asked = true;
        let finds =
            |entry| !search(sweep.world(), sweep.penetration.control, case, entry, life).is_empty();
        if rule.persons.iter().any(finds) {
            return false;
        }
    }
    asked
}

//! 限制任职未落实: a role taken up by a person who was barred from it.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, GapKind};
use crate::sweep::Sweep;
use crate::world::Role;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let roles = sweep.world().roles.side_by_side();
    roles.flat_map_iter(|roles| at(sweep, roles, day)).collect()
}

/// The roles that one organisation gave to persons barred from them.
pub(super) fn at(sweep: &Sweep<'_>, (org, roles): (EntityId, &[Role]), day: Date) -> Vec<Gap> {
    let (world, catalogue) = (sweep.world(), sweep.catalogue());
    let mut found = Vec::new();
    for role in roles {
        let from = role.interval.from;
        // "Since ever" is no day, and an interval without days is never in force.
        if !from.is_day() || from > day || role.interval.is_empty() {
            continue;
        }
        for restriction in sweep.on(role.person) {
            let standing = restriction.days.holds(from) && restriction.days.holds(from.previous());
            let measure = catalogue.measure(&restriction.measure, from);
            let barred = measure
                .is_some_and(|measure| measure.binding && measure.bars_roles.contains(&role.role));
            if !standing || !barred {
                continue;
            }
            let mut gap = Gap::new(GapKind::BarredAppointment, role.person, from);
            gap.at = org;
            gap.measure = Some(restriction.measure.to_string());
            gap.case_no = world
                .cases
                .get(restriction.case)
                .map(|case| case.number().to_owned());
            gap.role = Some((org, role.role, from));
            gap.evidence.case = Some(restriction.case);
            gap.evidence.confirmed = Some(restriction.confirmed);
            gap.evidence
                .duty
                .extend(restriction.grounds.iter().flat_map(|g| g.records.clone()));
            gap.evidence.done.push(role.cited(org));
            found.push(gap);
        }
    }
    found
}

//! 不应惩而惩: refused for a measure that stood against nobody concerned.

use graph::record::MatterOutcome;
use graph::time::Date;
use rayon::prelude::*;

use super::matter::{Decided, concerned, decided};
use super::{Gap, GapKind};
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    decided(sweep, &[MatterOutcome::Refused], day)
        .filter_map(|matter| judge(sweep, &matter))
        .collect()
}

fn judge(sweep: &Sweep<'_>, matter: &Decided<'_>) -> Option<Gap> {
    let (world, row) = (sweep.world(), matter.row);
    let relied_on = world.text(row.refused_for)?;
    let subjects = concerned(world, matter.item, matter.applicant, matter.on);
    let founded = subjects.iter().any(|subject| {
        sweep
            .blocking(*subject, &matter.item.category, matter.on)
            .any(|(_, measure)| measure.code == relied_on)
    });
    (!founded).then(|| {
        let mut gap = Gap::new(GapKind::WrongfulRefusal, matter.applicant, matter.on);
        gap.department = world.text(row.department).map(str::to_owned);
        gap.act = Some(row.cited());
        gap.measure = Some(relied_on.to_owned());
        gap.evidence.done.push(row.cited());
        gap
    })
}

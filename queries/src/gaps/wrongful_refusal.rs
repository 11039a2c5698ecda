//! 不应惩而惩: refused for a measure that stood against nobody concerned.

use graph::record::MatterOutcome;
use graph::time::Date;

use super::matter::{concerned, decided};
use super::{Gap, GapKind};
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    let (world, catalogue) = (sweep.world(), sweep.catalogue());
    for matter in decided(world, catalogue, &[MatterOutcome::Refused], day) {
        let record = &matter.row.record;
        let Some(relied_on) = record.refused_for.as_deref() else {
            continue;
        };
        let subjects = concerned(world, matter.item, record.applicant, matter.on);
        let founded = subjects.iter().any(|subject| {
            sweep
                .blocking(*subject, &matter.item.category, matter.on)
                .any(|(_, measure)| measure.code == relied_on)
        });
        if !founded {
            let on = matter.on;
            let mut gap = Gap::new(GapKind::WrongfulRefusal, record.applicant, on);
            gap.department.clone_from(&record.department);
            gap.matter_no = Some(record.matter_no.clone());
            gap.measure = Some(relied_on.to_owned());
            gap.evidence.done.push(matter.row.id);
            found.push(gap);
        }
    }
}

//! 应惩未惩: granted although a restriction in force blocks it.

use graph::record::MatterOutcome;
use graph::time::Date;

use super::matter::{concerned, decided};
use super::{Gap, GapKind};
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    let (world, catalogue) = (sweep.world(), sweep.catalogue());
    for matter in decided(world, catalogue, &[MatterOutcome::Granted], day) {
        let record = &matter.row.record;
        if record.exemption.is_some() {
            continue;
        }
        for subject in concerned(world, matter.item, record.applicant, matter.on) {
            let standing = sweep.blocking(subject, &matter.item.category, matter.on);
            for (restriction, measure) in standing {
                if !measure.binding {
                    continue;
                }
                let mut gap = Gap::new(GapKind::MissedRestriction, subject, matter.on);
                gap.department.clone_from(&record.department);
                gap.matter_no = Some(record.matter_no.clone());
                gap.measure = Some(measure.code.clone());
                gap.case_no = world
                    .cases
                    .get(restriction.case)
                    .map(|case| case.number().to_owned());
                gap.evidence.case = Some(restriction.case);
                gap.evidence.confirmed = Some(restriction.confirmed);
                gap.evidence
                    .duty
                    .extend(restriction.grounds.iter().flat_map(|g| g.records.clone()));
                gap.evidence.done.push(matter.row.id);
                found.push(gap);
            }
        }
    }
}

//! Gaps: what should have been checked, restricted, reported or lifted and was
//! not, and what never should have been done. One kind a file.

mod barred_appointment;
mod enforcement;
mod held;
mod kind;
mod late_publication;
mod listed;
mod matter;
mod missed_check;
mod missed_restriction;
mod unenforced;
mod unlinked_person;
mod wrongful_refusal;

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::id::{EntityId, Hex, Set};
use graph::record::{Person, Record, RoleKind};
use graph::store::StoreError;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use sm3::{Digest, Sm3};

use listed::Listed;

use crate::sweep::Sweep;
use crate::world::{Cited, Tag, Texts, World};

pub use held::Held;
pub use kind::{GapKind, GapReason, Severity};
pub use listed::differing;
pub use matter::{Duty, duty};

pub(crate) use matter::in_decided;
pub(crate) use missed_check::is_covered;

/// The proof of both halves: the duty, and what was done instead.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Evidence {
    /// The records from which the duty follows.
    pub duty: Vec<Cited>,
    /// The records of what was done.
    pub done: Vec<Cited>,
    /// The restriction's case, if the duty follows from one.
    pub case: Option<usize>,
    /// Whether that restriction was confirmed.
    pub confirmed: Option<bool>,
    /// The day by which it was to be done.
    pub deadline: Option<Date>,
    /// The day on which a restriction ended.
    pub ended: Option<Date>,
    /// A deadline was counted in a year without a calendar (Monday to Friday).
    pub calendar_assumed: bool,
}

/// A gap that holds on the day asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Stable: the same facts give the same id on every machine.
    pub id: String,
    /// What kind.
    pub kind: GapKind,
    /// Why, for kinds that say so.
    pub reason: Option<GapReason>,
    /// Who is answerable.
    pub department: Option<String>,
    /// Whom it concerns.
    pub subject: EntityId,
    /// Whose records show it: the applicant of the matter, the organisation that gave the
    /// role, else the subject.
    pub at: EntityId,
    /// The matter or enforcement; its number is told only when somebody asks.
    pub act: Option<Cited>,
    /// The case.
    pub case_no: Option<String>,
    /// The measure.
    pub measure: Option<String>,
    /// The decision published late.
    pub decision_no: Option<String>,
    /// The role taken up: organisation, role, beginning.
    pub role: Option<(EntityId, RoleKind, Date)>,
    /// The day on which the duty was broken.
    pub on: Date,
    /// For a missed check: the subject was under a blocking restriction.
    pub hit: Option<bool>,
    /// How grave.
    pub severity: Severity,
    /// Both halves of the proof.
    pub evidence: Evidence,
}

impl Gap {
    fn new(kind: GapKind, subject: EntityId, on: Date) -> Self {
        let severity = match kind {
            GapKind::MissedRestriction
            | GapKind::BarredAppointment
            | GapKind::OverdueLift
            | GapKind::WrongfulRefusal
            | GapKind::Overreach => Severity::High,
            GapKind::MissedCheck | GapKind::Unenforced | GapKind::UnlinkedPerson => {
                Severity::Medium
            }
            GapKind::LatePublication => Severity::Low,
        };
        Self {
            id: String::new(),
            kind,
            reason: None,
            department: None,
            subject,
            at: subject,
            act: None,
            case_no: None,
            measure: None,
            decision_no: None,
            role: None,
            on,
            hit: None,
            severity,
            evidence: Evidence::default(),
        }
    }

    /// The number of the matter or enforcement, read from the store.
    pub fn number(&self, texts: &Texts<'_>) -> Result<Option<String>, StoreError> {
        let version = self.act.map(|act| texts.filed(self.at, act)).transpose()?;
        Ok(match version.flatten().map(|version| version.record) {
            Some(Record::Matter(matter)) => Some(matter.matter_no),
            Some(Record::Enforcement(act)) => Some(act.enforcement_no),
            _ => None,
        })
    }

    /// What makes it this gap and no other: everything but how it stands. A record's id
    /// stands for its number, of which it is a digest.
    fn identity(&self, world: &World, subject: &str) -> [u8; 32] {
        let mut hash = Sm3::new();
        if let Some(act) = self.act {
            hash.update([act.set.number()]);
            hash.update(act.id.0);
        }
        let mut part = |text: Option<&str>| {
            hash.update([u8::from(text.is_some())]);
            hash.update(text.unwrap_or_default());
            hash.update([0]);
        };
        part(Some(self.kind.code()));
        part(self.department.as_deref());
        part(self.case_no.as_deref());
        part(self.measure.as_deref());
        part(self.decision_no.as_deref());
        // An enforcement's number is enough: which case it means may become known later.
        let is_enforcement = self.act.is_some_and(|act| act.set == Set::Enforcements);
        let case = self.evidence.case.filter(|_| !is_enforcement);
        let authority = case.and_then(|case| world.cases.get(case)?.authority());
        part(authority);
        part(Some(subject));
        if let Some((org, role, from)) = self.role {
            part(Some(&org.to_string()));
            part(Some(role.code()));
            part(Some(&from.to_string()));
        }
        hash.finalize().into()
    }
}

/// What stands for the subject in an id: an organisation's code; for a person a
/// digest of what masked answers show, the same on every machine.
fn subject_tag(tags: &FxHashMap<EntityId, Tag>, subject: EntityId) -> String {
    if subject.is_organisation() {
        return subject.to_string();
    }
    let tag = tags.get(&subject).copied();
    Hex(&tag.unwrap_or_else(|| Person::tag_of(&[]))).to_string()
}

/// The gaps that hold on `day`, all kinds, by kind, day and id.
pub fn gaps(
    sweep: &Sweep<'_>,
    texts: &Texts<'_>,
    day: Date,
) -> Result<Arc<Vec<Arc<Gap>>>, StoreError> {
    Ok(Held::whole(sweep, texts, day)?.gaps(sweep.world()))
}

/// The gaps of these subjects' enforcements alone, 应解未解 and 超清单惩戒, by kind, day and id.
pub fn of_enforcements(
    sweep: &Sweep<'_>,
    texts: &Texts<'_>,
    subjects: &BTreeSet<EntityId>,
    day: Date,
) -> Result<Arc<Vec<Arc<Gap>>>, StoreError> {
    let world = sweep.world();
    let at = |subject: &EntityId| {
        let enforcements = (*subject, world.enforcements.of(*subject));
        enforcement::at(sweep, enforcements, day)
    };
    let gaps = named(sweep, texts, subjects.iter().flat_map(at).collect())?;
    let gaps = gaps.into_iter().map(Arc::new).collect();
    Ok(Listed::new(world, gaps).gaps)
}

/// The gaps that hold on `day`, all kinds, without ids.
fn everywhere(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let mut found = matter::find(sweep, day);
    found.extend(barred_appointment::find(sweep, day));
    found.extend(unenforced::find(sweep, day));
    found.extend(enforcement::find(sweep, day));
    found.extend(unlinked_person::find(sweep, day));
    found.extend(late_publication::find(sweep, day));
    found
}

/// The gaps that the records of one entity show, without ids.
fn at(sweep: &Sweep<'_>, entity: EntityId, day: Date) -> Vec<Gap> {
    let world = sweep.world();
    let mut found = matter::at(sweep, entity, day);
    let roles = (entity, world.roles.of(entity));
    found.extend(barred_appointment::at(sweep, roles, day));
    found.extend(unenforced::on(sweep, entity, day));
    let enforcements = (entity, world.enforcements.of(entity));
    found.extend(enforcement::at(sweep, enforcements, day));
    for place in world.cases_of.of(entity) {
        let Some(case) = world.cases.get(*place) else {
            continue;
        };
        found.extend(unlinked_person::of(sweep, *place, case, day));
        found.extend(late_publication::of(sweep, *place, case, day));
    }
    found
}

/// Leaves out what is too old, and names the rest: persons' tags are read from the store
/// for the gaps found, not for all that was looked at.
fn named(sweep: &Sweep<'_>, texts: &Texts<'_>, mut gaps: Vec<Gap>) -> Result<Vec<Gap>, StoreError> {
    if let Some(from) = sweep.catalogue().settings.evaluate_from {
        gaps.retain(|gap| gap.on >= from);
    }
    let subjects = gaps.iter().map(|gap| gap.subject);
    let tags = texts.tags(subjects.filter(|one| !one.is_organisation()).collect())?;
    gaps.par_iter_mut().for_each(|gap| {
        let digest = gap.identity(sweep.world(), &subject_tag(&tags, gap.subject));
        let head = digest.first_chunk::<12>();
        gap.id = format!("gap-{}", Hex(head.map_or(&[], |head| head.as_slice())));
    });
    Ok(gaps)
}

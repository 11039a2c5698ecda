//! Gaps: what should have been checked, restricted, reported or lifted and was
//! not, and what never should have been done. One kind a file.

mod barred_appointment;
mod enforcement;
mod kind;
mod late_publication;
mod matter;
mod missed_check;
mod missed_restriction;
mod unenforced;
mod unlinked_person;
mod wrongful_refusal;

use graph::id::{EntityId, Hex};
use graph::record::{Person, Record, RoleKind};
use graph::store::StoreError;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use sm3::{Digest, Sm3};

use crate::sweep::Sweep;
use crate::world::{Cited, Texts, World};

pub use kind::{GapKind, GapReason, Severity};
pub use matter::{Duty, duty};

pub(crate) use matter::{concerned, decided};
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
    /// The matter or enforcement whose number it tells.
    pub act: Option<Cited>,
    /// The matter.
    pub matter_no: Option<String>,
    /// The case.
    pub case_no: Option<String>,
    /// The measure.
    pub measure: Option<String>,
    /// The enforcement.
    pub enforcement_no: Option<String>,
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
            act: None,
            matter_no: None,
            case_no: None,
            measure: None,
            enforcement_no: None,
            decision_no: None,
            role: None,
            on,
            hit: None,
            severity,
            evidence: Evidence::default(),
        }
    }

    /// Reads the number of the matter or enforcement.
    fn read_number(&mut self, texts: &Texts<'_>) -> Result<(), StoreError> {
        let version = self.act.map(|act| texts.version(act)).transpose()?;
        match version.flatten().map(|version| version.record) {
            Some(Record::Matter(matter)) => self.matter_no = Some(matter.matter_no),
            Some(Record::Enforcement(act)) => self.enforcement_no = Some(act.enforcement_no),
            _ => {}
        }
        Ok(())
    }

    /// What makes it this gap and no other: everything but how it stands.
    fn identity(&self, world: &World, subject: &str) -> [u8; 32] {
        let mut hash = Sm3::new();
        let mut part = |text: Option<&str>| {
            hash.update([u8::from(text.is_some())]);
            hash.update(text.unwrap_or_default());
            hash.update([0]);
        };
        part(Some(self.kind.code()));
        part(self.department.as_deref());
        part(self.matter_no.as_deref());
        part(self.case_no.as_deref());
        part(self.measure.as_deref());
        part(self.enforcement_no.as_deref());
        part(self.decision_no.as_deref());
        // An enforcement's number is enough: which case it means may become known later.
        let case = self.evidence.case.filter(|_| self.enforcement_no.is_none());
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
fn subject_tag(texts: &Texts<'_>, subject: EntityId) -> Result<String, StoreError> {
    if subject.is_organisation() {
        return Ok(subject.to_string());
    }
    let tag = texts.tag(subject)?;
    Ok(Hex(&tag.unwrap_or_else(|| Person::tag_of(&[]))).to_string())
}

/// The gaps that hold on `day`, all kinds, by kind, day and id. Numbers and tags
/// are read from the store for the gaps found, not for all that was looked at.
pub fn gaps(sweep: &Sweep<'_>, texts: &Texts<'_>, day: Date) -> Result<Vec<Gap>, StoreError> {
    let mut found = missed_check::find(sweep, day);
    found.extend(missed_restriction::find(sweep, day));
    found.extend(barred_appointment::find(sweep, day));
    found.extend(unenforced::find(sweep, day));
    found.extend(enforcement::find(sweep, day));
    found.extend(wrongful_refusal::find(sweep, day));
    found.extend(unlinked_person::find(sweep, day));
    found.extend(late_publication::find(sweep, day));
    finish(sweep, texts, found)
}

/// The gaps of enforcements alone, 应解未解 and 超清单惩戒, as [`gaps`] gives them.
pub fn of_enforcements(
    sweep: &Sweep<'_>,
    texts: &Texts<'_>,
    day: Date,
) -> Result<Vec<Gap>, StoreError> {
    finish(sweep, texts, enforcement::find(sweep, day))
}

/// Leaves out what is too old, names the rest and sorts it.
fn finish(
    sweep: &Sweep<'_>,
    texts: &Texts<'_>,
    mut found: Vec<Gap>,
) -> Result<Vec<Gap>, StoreError> {
    if let Some(from) = sweep.catalogue().settings.evaluate_from {
        found.retain(|gap| gap.on >= from);
    }
    name(sweep.world(), texts, &mut found)?;
    found.sort_by(|a, b| (a.kind, a.on, &a.id).cmp(&(b.kind, b.on, &b.id)));
    Ok(found)
}

/// Gives ids. Where two persons' masked numbers are the same, the later in the
/// order of their records gets a number behind.
fn name(world: &World, texts: &Texts<'_>, gaps: &mut [Gap]) -> Result<(), StoreError> {
    gaps.par_sort_by_key(|gap| (gap.kind, gap.on, gap.subject));
    gaps.par_iter_mut().try_for_each(|gap| {
        gap.read_number(texts)?;
        let digest = gap.identity(world, &subject_tag(texts, gap.subject)?);
        let head = digest.first_chunk::<12>();
        gap.id = format!("gap-{}", Hex(head.map_or(&[], |head| head.as_slice())));
        Ok(())
    })?;
    let mut taken: FxHashMap<String, u32> = FxHashMap::default();
    for gap in gaps {
        let seen = taken.entry(gap.id.clone()).or_default();
        *seen += 1;
        if *seen > 1 {
            gap.id = format!("{}-{seen}", gap.id);
        }
    }
    Ok(())
}

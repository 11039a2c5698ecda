//! The rows with many columns, each as a struct that writes itself.

use crate::identity::{Code, Identities};
use crate::sheet::{Day, Number, Person, Sheet, Subject};

/// A row of `penalties`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Penalty {
    pub(crate) no: Number,
    pub(crate) authority: Code,
    pub(crate) subject: Subject,
    pub(crate) violation_from: Option<Day>,
    pub(crate) violation_on: Option<Day>,
    pub(crate) decision_on: Day,
    pub(crate) violation_type: &'static str,
    pub(crate) kinds: &'static str,
    pub(crate) fine_yuan: u64,
    pub(crate) published_from: Option<Day>,
    pub(crate) published_until: Option<Day>,
    pub(crate) reported_on: Option<Day>,
    pub(crate) status: &'static str,
}

impl Penalty {
    pub(crate) fn write(&self, sheet: &mut Sheet, people: &Identities) {
        sheet
            .row()
            .bytes(self.no.bytes())
            .bytes(&self.authority)
            .subject(&self.subject)
            .cell(|text| subject_name(&self.subject, people, text))
            .maybe_day(self.violation_from)
            .maybe_day(self.violation_on)
            .day(self.decision_on)
            .text(self.violation_type)
            .text(self.kinds)
            .number(self.fine_yuan)
            .maybe_day(self.published_from)
            .maybe_day(self.published_until)
            .maybe_day(self.reported_on)
            .text(self.status)
            .end();
    }
}

/// A row of `listings`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing {
    pub(crate) no: Number,
    pub(crate) list: &'static str,
    pub(crate) authority: Code,
    pub(crate) subject: Subject,
    pub(crate) violation_from: Option<Day>,
    pub(crate) violation_on: Option<Day>,
    pub(crate) listed_on: Day,
    pub(crate) expires_on: Option<Day>,
    pub(crate) removed_on: Option<Day>,
    pub(crate) removal_reason: &'static str,
}

impl Listing {
    pub(crate) fn write(&self, sheet: &mut Sheet, people: &Identities) {
        sheet
            .row()
            .bytes(self.no.bytes())
            .text(self.list)
            .bytes(&self.authority)
            .subject(&self.subject)
            .cell(|text| subject_name(&self.subject, people, text))
            .maybe_day(self.violation_from)
            .maybe_day(self.violation_on)
            .day(self.listed_on)
            .maybe_day(self.expires_on)
            .maybe_day(self.removed_on)
            .text(self.removal_reason)
            .empty()
            .end();
    }
}

/// Persons are named; an organisation's name stands with its registration.
fn subject_name(subject: &Subject, people: &Identities, text: &mut Vec<u8>) {
    if let Subject::Person(person) = subject {
        people.person_name(person.index, text);
    }
}

/// A row of `matters`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matter {
    pub(crate) no: Number,
    pub(crate) department: &'static str,
    pub(crate) item: &'static str,
    pub(crate) applicant: Subject,
    pub(crate) accepted_on: Day,
    pub(crate) decided_on: Option<Day>,
    pub(crate) outcome: &'static str,
    pub(crate) refused_for: &'static str,
    pub(crate) exemption: &'static str,
}

impl Matter {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet
            .row()
            .bytes(self.no.bytes())
            .text(self.department)
            .text(self.item)
            .subject(&self.applicant)
            .day(self.accepted_on)
            .maybe_day(self.decided_on)
            .text(self.outcome)
            .text(self.refused_for)
            .text(self.exemption)
            .end();
    }
}

/// A row of `checks`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) no: Number,
    pub(crate) department: &'static str,
    pub(crate) subject: Subject,
    pub(crate) checked_on: Day,
    pub(crate) matter_no: Option<Number>,
}

impl Check {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet
            .row()
            .bytes(self.no.bytes())
            .text(self.department)
            .subject(&self.subject)
            .day(self.checked_on)
            .bytes(self.matter_no.as_ref().map_or(&[], Number::bytes))
            .end();
    }
}

/// A row of `enforcements`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enforcement {
    pub(crate) no: Number,
    pub(crate) department: &'static str,
    pub(crate) subject: Subject,
    pub(crate) measure: &'static str,
    pub(crate) case_no: Number,
    pub(crate) from: Day,
    pub(crate) to: Option<Day>,
    pub(crate) reported_on: Option<Day>,
}

impl Enforcement {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet
            .row()
            .bytes(self.no.bytes())
            .text(self.department)
            .subject(&self.subject)
            .text(self.measure)
            .bytes(self.case_no.bytes())
            .day(self.from)
            .maybe_day(self.to)
            .maybe_day(self.reported_on)
            .end();
    }
}

/// A row of `roles`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) office: &'static str,
    pub(crate) person: Person,
    pub(crate) from: Day,
    pub(crate) to: Option<Day>,
    /// The register gives no number: a provisional person.
    pub(crate) unnumbered: bool,
}

impl Held {
    /// The office is held on a day.
    pub(crate) fn holds(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    pub(crate) fn write(&self, sheet: &mut Sheet, people: &Identities, at: &Code) {
        sheet
            .row()
            .bytes(at)
            .text(self.office)
            .bytes(if self.unnumbered {
                &[]
            } else {
                &self.person.number
            })
            .name(people, &self.person)
            .day(self.from)
            .maybe_day(self.to)
            .end();
    }
}

/// A row of `holdings`; ratios in whole percents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    pub(crate) holder: Subject,
    pub(crate) from: Day,
    pub(crate) to: Option<Day>,
    pub(crate) ratio: u64,
    pub(crate) votes: Option<u64>,
    /// Tells the concert group of the company, if the holder belongs to one.
    pub(crate) concert: Option<Number>,
}

impl Holding {
    pub(crate) fn write(&self, sheet: &mut Sheet, people: &Identities, of: &Code) {
        let row = sheet
            .row()
            .bytes(of)
            .subject(&self.holder)
            .cell(|text| subject_name(&self.holder, people, text))
            .day(self.from)
            .maybe_day(self.to)
            .number(self.ratio);
        let row = match self.votes {
            Some(votes) => row.number(votes),
            None => row.empty(),
        };
        row.bytes(self.concert.as_ref().map_or(&[], Number::bytes))
            .end();
    }
}

//! Rows on their way to the files: bytes straight into one buffer a record set.
//!
//! Cells are written as they stand; nothing here quotes, so no cell may hold a comma, a quote or a
//! line end. A row is finished by [`Row::end`].

use graph::id::Set;
use graph::time::Date;
use std::sync::LazyLock;

use crate::identity::{Code, Identities};

/// Days since 1970-01-01.
pub(crate) type Day = i32;

/// The days whose text is kept ready: 2000 to 2039.
const FIRST_DAY: Day = 10_957;
const LAST_DAY: Day = 25_567;

static DAYS: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| {
    let text = |day| {
        let text = Date::from_days(day).to_string();
        <[u8; 10]>::try_from(text.as_bytes()).unwrap_or(*b"0000-00-00")
    };
    (FIRST_DAY..LAST_DAY).map(text).collect()
});

/// A person, by index and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) index: u64,
    pub(crate) number: [u8; 18],
}

/// Whom a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Organisation(Code),
    Person(Person),
}

/// A row that will be quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Its place among the rows of this sheet, from 0.
    pub(crate) row: u64,
    /// The reason code that the product gives.
    pub(crate) reason: &'static str,
}

/// The rows of one record set.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) flaws: Vec<Flaw>,
}

impl Sheet {
    /// Begins a row.
    pub(crate) fn row(&mut self) -> Row<'_> {
        self.rows = self.rows.saturating_add(1);
        Row(&mut self.bytes)
    }

    /// Begins a row that will be quarantined.
    pub(crate) fn flawed(&mut self, reason: &'static str) -> Row<'_> {
        self.flaws.push(Flaw {
            row: self.rows,
            reason,
        });
        self.row()
    }
}

/// A row being written.
#[derive(Debug)]
pub(crate) struct Row<'a>(&'a mut Vec<u8>);

impl Row<'_> {
    pub(crate) fn bytes(self, text: &[u8]) -> Self {
        self.0.extend_from_slice(text);
        self.0.push(b',');
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn empty(self) -> Self {
        self.0.push(b',');
        self
    }

    pub(crate) fn day(self, day: Day) -> Self {
        let place = day
            .checked_sub(FIRST_DAY)
            .and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| DAYS.get(place)) {
            Some(text) => self.0.extend_from_slice(text),
            None => self
                .0
                .extend_from_slice(Date::from_days(day).to_string().as_bytes()),
        }
        self.0.push(b',');
        self
    }

    pub(crate) fn maybe_day(self, day: Option<Day>) -> Self {
        match day {
            Some(day) => self.day(day),
            None => self.empty(),
        }
    }

    pub(crate) fn number(self, number: u64) -> Self {
        push_number(self.0, number);
        self.0.push(b',');
        self
    }

    /// The two cells `uscc,id_number`.
    pub(crate) fn subject(self, subject: &Subject) -> Self {
        match subject {
            Subject::Organisation(code) => self.bytes(code).empty(),
            Subject::Person(person) => self.empty().bytes(&person.number),
        }
    }

    /// A person's name.
    pub(crate) fn name(self, people: &Identities, person: &Person) -> Self {
        people.person_name(person.index, self.0);
        self.0.push(b',');
        self
    }

    /// Whatever `write` writes, as one cell.
    pub(crate) fn cell(self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        write(self.0);
        self.0.push(b',');
        self
    }

    /// Finishes the row.
    pub(crate) fn end(self) {
        self.0.pop();
        self.0.push(b'\n');
    }
}

/// Writes a number in decimal.
pub(crate) fn push_number(into: &mut Vec<u8>, number: u64) {
    let mut text = [b'0'; 20];
    let mut left = number;
    let mut length = 0usize;
    for place in text.iter_mut().rev() {
        *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        length = length.saturating_add(1);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    into.extend_from_slice(text.get(20usize.saturating_sub(length)..).unwrap_or(&[]));
}

/// A number of a document: `<letter><block>-<serial>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    bytes: [u8; 24],
    length: usize,
}

impl Number {
    pub(crate) fn new(series: &[u8], block: u64, serial: u64) -> Self {
        let mut text = Vec::with_capacity(24);
        text.extend_from_slice(series);
        push_number(&mut text, block);
        text.push(b'-');
        push_number(&mut text, serial);
        let mut bytes = [0; 24];
        let mut length = 0usize;
        for (place, letter) in bytes.iter_mut().zip(&text) {
            *place = *letter;
            length = length.saturating_add(1);
        }
        Self { bytes, length }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

/// The record sets, with the columns that are written.
pub(crate) const COLUMNS: [(Set, &str); 14] = [
    (
        Set::Organisations,
        "uscc,name,kind,status,region,industry,established_on,dissolved_on,state_owned,superior_uscc,parent_uscc",
    ),
    (Set::Roles, "uscc,role,id_number,person_name,from,to"),
    (
        Set::Holdings,
        "uscc,holder_uscc,id_number,holder_name,from,to,ratio,voting_ratio,concert_group",
    ),
    (
        Set::ControlAgreements,
        "uscc,controller_uscc,controller_id_number,controller_name,from,to,kind,document",
    ),
    (
        Set::Penalties,
        "decision_no,authority,uscc,id_number,subject_name,violation_from,violation_on,decision_on,violation_type,kinds,fine_yuan,published_from,published_until,reported_on,status",
    ),
    (
        Set::Listings,
        "listing_no,list,authority,uscc,id_number,subject_name,violation_from,violation_on,listed_on,expires_on,removed_on,removal_reason,basis_decision_no",
    ),
    (
        Set::ResponsiblePersons,
        "case_no,id_number,person_name,responsibility",
    ),
    (
        Set::Determinations,
        "case_no,id_number,person_name,decided_on,outcome,authority,officer,reason",
    ),
    (Set::Repairs, "target_no,repaired_on,kind,authority"),
    (
        Set::Objections,
        "objection_no,target_no,filed_on,decided_on,outcome",
    ),
    (Set::Departments, "department,name,region,superior,contact"),
    (
        Set::Matters,
        "matter_no,department,item,uscc,id_number,accepted_on,decided_on,outcome,refused_for,exemption",
    ),
    (
        Set::Checks,
        "check_no,department,uscc,id_number,checked_at,matter_no",
    ),
    (
        Set::Enforcements,
        "enforcement_no,department,uscc,id_number,measure,case_no,from,to,reported_on",
    ),
];

/// A sheet a record set.
#[derive(Debug, Default)]
pub(crate) struct Sheets {
    pub(crate) organisations: Sheet,
    pub(crate) roles: Sheet,
    pub(crate) holdings: Sheet,
    pub(crate) agreements: Sheet,
    pub(crate) penalties: Sheet,
    pub(crate) listings: Sheet,
    pub(crate) responsible: Sheet,
    pub(crate) determinations: Sheet,
    pub(crate) repairs: Sheet,
    pub(crate) objections: Sheet,
    pub(crate) departments: Sheet,
    pub(crate) matters: Sheet,
    pub(crate) checks: Sheet,
    pub(crate) enforcements: Sheet,
}

impl Sheets {
    /// In the order of [`COLUMNS`].
    pub(crate) fn all(&self) -> [&Sheet; 14] {
        [
            &self.organisations,
            &self.roles,
            &self.holdings,
            &self.agreements,
            &self.penalties,
            &self.listings,
            &self.responsible,
            &self.determinations,
            &self.repairs,
            &self.objections,
            &self.departments,
            &self.matters,
            &self.checks,
            &self.enforcements,
        ]
    }

    /// Rows in all sheets.
    pub(crate) fn rows(&self) -> u64 {
        self.all().iter().map(|sheet| sheet.rows).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_cells() {
        let mut sheet = Sheet::default();
        sheet
            .row()
            .text("a")
            .empty()
            .day(20_000)
            .number(0)
            .number(120)
            .end();
        sheet
            .flawed("bad_date")
            .maybe_day(None)
            .day(0)
            .maybe_day(Some(30_000))
            .end();
        let text = "a,,2024-10-04,0,120\n,1970-01-01,2052-02-20\n";
        assert_eq!(String::from_utf8_lossy(&sheet.bytes), text);
        assert_eq!(sheet.rows, 2);
        assert_eq!(
            sheet.flaws,
            [Flaw {
                row: 1,
                reason: "bad_date"
            }]
        );
    }

    #[test]
    fn numbers_of_documents() {
        assert_eq!(Number::new(b"M", 0, 12).text(), "M0-12");
        assert_eq!(Number::new(b"CF", 366, 190_000).text(), "CF366-190000");
    }

    #[test]
    fn columns_are_in_the_order_of_the_sets() {
        for (set, (named, _)) in Set::ALL.iter().zip(&COLUMNS) {
            assert_eq!(set, named);
        }
    }
}

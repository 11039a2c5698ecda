//! A page: the rows of one block of organisations, with everything that is written beside them.

use crate::plan::Plan;
use crate::sheet::{Number, Sheets, Subject};
use crate::tally::Tally;

/// What one thread writes at a time.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) block: u64,
    pub(crate) written: Written,
    serial: u64,
}

/// What a page leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) sheets: Sheets,
    pub(crate) tally: Tally,
}

impl<'a> Page<'a> {
    /// An empty page; `block` tells its documents from those of other pages.
    pub(crate) fn new(plan: &'a Plan, block: u64) -> Self {
        Self {
            plan,
            block,
            written: Written::default(),
            serial: 0,
        }
    }

    /// A number that no other document of the city has.
    pub(crate) fn next(&mut self, series: &[u8]) -> Number {
        self.serial += 1;
        Number::new(series, self.block, self.serial)
    }

    /// A row of `repairs`.
    pub(crate) fn repair(&mut self, target: &Number, on: i32, kind: &'static str) {
        let sheet = &mut self.written.sheets.repairs;
        sheet
            .row()
            .bytes(target.bytes())
            .day(on)
            .text(kind)
            .empty()
            .end();
    }

    /// A row of `objections`; `decided` is the day and the outcome.
    pub(crate) fn objection(
        &mut self,
        target: &Number,
        filed: i32,
        decided: Option<(i32, &'static str)>,
    ) {
        let no = self.next(b"Y");
        let row = self.written.sheets.objections.row();
        let row = row.bytes(no.bytes()).bytes(target.bytes()).day(filed);
        match decided {
            Some((day, outcome)) => row.day(day).text(outcome).end(),
            None => row.empty().text("pending").end(),
        }
    }

    /// A row of `determinations`.
    pub(crate) fn determination(&mut self, case: &Number, who: &Subject, on: i32, confirmed: bool) {
        let Subject::Person(person) = who else { return };
        let (outcome, reason) = if confirmed {
            ("confirmed", "")
        } else {
            ("rejected", "查明当时并未实际履职")
        };
        let row = self.written.sheets.determinations.row();
        let row = row
            .bytes(case.bytes())
            .bytes(&person.number)
            .name(&self.plan.people, person);
        row.day(on)
            .text(outcome)
            .text("云溪市信用办")
            .empty()
            .text(reason)
            .end();
    }

    /// A row of `responsible_persons`.
    pub(crate) fn responsible(&mut self, case: &Number, who: &Subject, how: &'static str) {
        let Subject::Person(person) = who else { return };
        let row = self.written.sheets.responsible.row();
        let row = row
            .bytes(case.bytes())
            .bytes(&person.number)
            .name(&self.plan.people, person);
        row.text(how).end();
    }
}

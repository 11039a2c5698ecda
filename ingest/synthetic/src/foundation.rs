//! What a city of any size has: departments, authorities, the planted stories and one bad row of
//! every kind.

use crate::dice::{Dice, Purpose};
use crate::flaws;
use crate::law::{COUNTERS, DEPARTMENTS};
use crate::page::Page;
use crate::plan::{Kind, Plan};
use crate::planted::{Planter, Stories};
use crate::rows::Held;
use crate::shape::{AUTHORITIES, HISTORY_FROM};
use crate::sheet::Sheets;
use crate::tally::Tally;

/// The block number of its documents; no block of organisations has it.
const BLOCK: u64 = 999_999;

/// The foundation's rows, and what is true of them.
#[derive(Debug)]
pub(crate) struct Foundation {
    pub(crate) sheets: Sheets,
    pub(crate) tally: Tally,
    pub(crate) stories: Stories,
}

/// Writes the foundation.
pub(crate) fn lay(plan: &Plan) -> Foundation {
    let mut page = Page::new(plan, BLOCK);
    departments(&mut page);
    authorities(&mut page);
    let (mut page, stories) = Planter::new(page).plant();
    let mut dice = Dice::of(plan.seed, Purpose::Planted, 1);
    for kind in 0..flaws::KINDS {
        let code = plan.code(dice.below(AUTHORITIES));
        flaws::write(&mut page, &mut dice, kind, (&code, kind));
    }
    Foundation {
        sheets: page.written.sheets,
        tally: page.written.tally,
        stories,
    }
}

fn departments(page: &mut Page<'_>) {
    let sheet = &mut page.written.sheets.departments;
    for (code, name) in DEPARTMENTS {
        let row = sheet.row().text(code).cell(|text| {
            text.extend_from_slice("云溪市".as_bytes());
            text.extend_from_slice(name.as_bytes());
        });
        row.text("341500").empty().text("0000-0000000").end();
    }
    for code in COUNTERS {
        let row = sheet.row().text(code).cell(|text| {
            text.extend_from_slice("云溪市政务服务大厅窗口".as_bytes());
            text.extend_from_slice(code.as_bytes());
        });
        row.text("341500").text("D-APV").text("0000-0000000").end();
    }
}

fn authorities(page: &mut Page<'_>) {
    let plan = page.plan;
    for index in 0..AUTHORITIES {
        let code = plan.code(index);
        let superior = if index == 0 { None } else { Some(plan.code(0)) };
        let row = page
            .written
            .sheets
            .organisations
            .row()
            .bytes(&code)
            .cell(|text| {
                text.extend_from_slice("云溪市".as_bytes());
                plan.people.brand(index, text);
                text.extend_from_slice("监督管理局".as_bytes());
            });
        row.text(Kind::Government.code())
            .text("operating,341500,S9221")
            .day(HISTORY_FROM - 5_000)
            .empty()
            .text("true")
            .bytes(superior.as_ref().map_or(&[], <[u8; 18]>::as_slice))
            .empty()
            .end();
        let person = plan.person(crate::shape::FIRST_PLANTED_PERSON - 1 - index);
        let held = Held {
            office: "legal_representative",
            person,
            from: HISTORY_FROM,
            to: None,
            unnumbered: false,
        };
        held.write(&mut page.written.sheets.roles, &plan.people, &code);
    }
}

//! What was known: the record versions that had been recorded after some number of batches.
//!
//! A later row with the same natural key takes the place of the earlier one; a row with
//! `op = delete` takes the record away. A date as `known_at` is the end of that day.

use crate::catalogue::Catalogue;
use crate::control::Control;
use crate::day::Day;
use crate::days::Days;
use crate::record::{
    Agreement, Case, CaseKind, CaseReference, Holding, Organisation, Role, Subject, cell, date,
    filled, person, subject,
};
use crate::version::records;
use crate::world::{Row, World};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A named responsible person.
#[derive(Clone, Debug)]
pub struct Named {
    /// The case.
    pub case: CaseReference,
    /// The person.
    pub person: Subject,
    /// `direct`, `principal` or `other`.
    pub responsibility: String,
}

/// A determination (责任认定).
#[derive(Clone, Debug)]
pub struct Determination {
    /// The case.
    pub case: CaseReference,
    /// The person.
    pub person: Subject,
    /// When.
    pub decided_on: Day,
    /// `confirmed` or else `rejected`.
    pub confirmed: bool,
}

/// A repair, a revocation or a fulfilment.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The case.
    pub target: CaseReference,
    /// When.
    pub repaired_on: Day,
    /// `repair`, `revocation` or `fulfilment`.
    pub kind: String,
}

/// An objection (异议).
#[derive(Clone, Debug)]
pub struct Objection {
    /// The case.
    pub target: CaseReference,
    /// When it was filed.
    pub filed_on: Option<Day>,
    /// When it was decided.
    pub decided_on: Option<Day>,
    /// Whether it was upheld (成立).
    pub upheld: bool,
}

/// A matter (业务办件).
#[derive(Clone, Debug)]
pub struct Matter {
    /// Its number.
    pub matter_no: String,
    /// The department that decides.
    pub department: String,
    /// The item's code.
    pub item: String,
    /// The applicant.
    pub applicant: Subject,
    /// When it was accepted (受理).
    pub accepted_on: Day,
    /// When it was decided (办结).
    pub decided_on: Option<Day>,
    /// `granted`, `refused`, `withdrawn` or `pending`.
    pub outcome: String,
    /// The measure relied on by a refusal.
    pub refused_for: Option<String>,
    /// Why it was granted nevertheless.
    pub exemption: Option<String>,
}

/// A check (信用核查).
#[derive(Clone, Debug)]
pub struct Check {
    /// Who checked.
    pub department: String,
    /// Whom.
    pub subject: Subject,
    /// On which day.
    pub checked_on: Day,
    /// For which matter.
    pub matter_no: Option<String>,
}

/// An enforcement report (惩戒实施反馈).
#[derive(Clone, Debug)]
pub struct Enforcement {
    /// Its number.
    pub enforcement_no: String,
    /// Who enforces.
    pub department: String,
    /// Whom.
    pub subject: Subject,
    /// What.
    pub measure: String,
    /// For which case.
    pub case: CaseReference,
    /// From when.
    pub from: Day,
    /// Until when.
    pub to: Option<Day>,
    /// When it was reported.
    pub reported_on: Option<Day>,
}

/// The days on which each person is reached.
pub(crate) type Reach = Rc<BTreeMap<Subject, Days>>;

/// The places of the holdings and of the agreements in force on a day.
pub(crate) type InForce = (Vec<usize>, Vec<usize>);

/// All that was known, ready to be asked.
#[derive(Debug)]
pub struct Known<'w> {
    /// The world from which it comes.
    pub world: &'w World,
    /// How many of its batches had been recorded.
    pub batches: usize,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The registered organisations.
    pub organisations: Vec<Organisation>,
    /// The role records.
    pub roles: Vec<Role>,
    /// The holdings.
    pub holdings: Vec<Holding>,
    /// The control agreements.
    pub agreements: Vec<Agreement>,
    /// The listings and the penalties.
    pub cases: Vec<Case>,
    /// The responsible persons.
    pub named: Vec<Named>,
    /// The determinations.
    pub determinations: Vec<Determination>,
    /// The repairs.
    pub repairs: Vec<Repair>,
    /// The objections.
    pub objections: Vec<Objection>,
    /// The matters.
    pub matters: Vec<Matter>,
    /// The checks.
    pub checks: Vec<Check>,
    /// The enforcement reports.
    pub enforcements: Vec<Enforcement>,
    /// Names of persons by identity.
    names: BTreeMap<Subject, String>,
    /// The days of measures, by code.
    pub(crate) measure_memory: RefCell<BTreeMap<String, Rc<Days>>>,
    /// The days on which each person is reached, by organisation and role.
    pub(crate) reach_memory: RefCell<BTreeMap<(String, String), Reach>>,
    /// Control by day.
    pub(crate) control_by_day: RefCell<BTreeMap<Day, Rc<Control>>>,
    /// Control by the holdings and agreements in force: days with the same ones are alike.
    pub(crate) control_memory: RefCell<BTreeMap<InForce, Rc<Control>>>,
}

impl<'w> Known<'w> {
    /// What was known at the end of the day `known_at`.
    pub fn at(world: &'w World, known_at: Day) -> Known<'w> {
        let heard = world
            .batches
            .iter()
            .filter(|batch| batch.recorded_at <= known_at)
            .count();
        Known::after(world, heard)
    }

    /// What was known after the first `batches` batches.
    pub fn after(world: &'w World, batches: usize) -> Known<'w> {
        let catalogue = Catalogue::of(world);
        let rows = |set: &str| records(world, batches, set, &catalogue);
        let mut cases: Vec<Case> = Vec::new();
        for row in rows("listings") {
            cases.push(Case::of(CaseKind::Listing, &row, &catalogue));
        }
        for row in rows("penalties") {
            cases.push(Case::of(CaseKind::Penalty, &row, &catalogue));
        }
        Known {
            world,
            batches,
            organisations: rows("organizations").iter().map(Organisation::of).collect(),
            roles: rows("roles").iter().map(Role::of).collect(),
            holdings: rows("holdings").iter().map(Holding::of).collect(),
            agreements: rows("control_agreements")
                .iter()
                .map(Agreement::of)
                .collect(),
            named: rows("responsible_persons")
                .iter()
                .map(|row| named(row, &cases))
                .collect(),
            determinations: rows("determinations").iter().map(determination).collect(),
            repairs: rows("repairs").iter().map(repair).collect(),
            objections: rows("objections").iter().map(objection).collect(),
            matters: rows("matters").iter().map(matter).collect(),
            checks: rows("checks").iter().map(check).collect(),
            enforcements: rows("enforcements").iter().map(enforcement).collect(),
            names: names(world),
            measure_memory: RefCell::default(),
            reach_memory: RefCell::default(),
            control_by_day: RefCell::default(),
            control_memory: RefCell::default(),
            cases,
            catalogue,
        }
    }

    /// A subject as the answers name it: an organisation by its code, a person by the name.
    pub fn label(&self, subject: &Subject) -> String {
        match subject {
            Subject::Org(uscc) => uscc.clone(),
            Subject::Provisional { name, .. } => name.clone(),
            Subject::Person { number, .. } => self
                .names
                .get(subject)
                .unwrap_or_else(|| panic!("{number} has no name"))
                .clone(),
        }
    }

    /// The registered organisation with a code.
    pub fn organisation(&self, uscc: &str) -> Option<&Organisation> {
        self.organisations.iter().find(|org| org.uscc == uscc)
    }

    /// Who holds a role at an organisation on a day.
    pub fn role_holders(&self, org: &str, role: &str, day: Day) -> Vec<Subject> {
        let held =
            |record: &&Role| record.org == org && record.role == role && record.span.holds(day);
        self.roles
            .iter()
            .filter(held)
            .map(|record| record.person.clone())
            .collect()
    }
}

/// The names of all persons with a document, from all rows of all batches: in these worlds
/// a person's name never changes.
fn names(world: &World) -> BTreeMap<Subject, String> {
    let mut names = BTreeMap::new();
    for row in world
        .batches
        .iter()
        .flat_map(|batch| batch.rows.values().flatten())
    {
        for column in ["person_name", "holder_name"] {
            if let Some(name) = filled(row, column)
                && !cell(row, "id_number").is_empty()
            {
                names.insert(person(row, ""), name);
            }
        }
    }
    names
}

fn named(row: &Row, cases: &[Case]) -> Named {
    let case = CaseReference::of(row, "case_no", "case_authority");
    // A provisional person is one per organisation: here, that of the case.
    let subjects = cases
        .iter()
        .filter(|known| case.fits(known))
        .map(|known| &known.subject);
    let org = subjects
        .filter_map(Subject::org)
        .next()
        .unwrap_or("")
        .to_owned();
    Named {
        person: person(row, &org),
        responsibility: cell(row, "responsibility").to_owned(),
        case,
    }
}

fn determination(row: &Row) -> Determination {
    Determination {
        case: CaseReference::of(row, "case_no", "case_authority"),
        person: person(row, ""),
        decided_on: date(row, "decided_on").expect("decided_on"),
        confirmed: cell(row, "outcome") == "confirmed",
    }
}

fn repair(row: &Row) -> Repair {
    let mut target = CaseReference::of(row, "target_no", "target_authority");
    let told = !cell(row, "uscc").is_empty() || !cell(row, "id_number").is_empty();
    target.subject = told.then(|| subject(row));
    Repair {
        target,
        repaired_on: date(row, "repaired_on").expect("repaired_on"),
        kind: filled(row, "kind").unwrap_or_else(|| "repair".to_owned()),
    }
}

fn objection(row: &Row) -> Objection {
    Objection {
        target: CaseReference::of(row, "target_no", "target_authority"),
        filed_on: date(row, "filed_on"),
        decided_on: date(row, "decided_on"),
        upheld: cell(row, "outcome") == "upheld",
    }
}

fn matter(row: &Row) -> Matter {
    Matter {
        matter_no: cell(row, "matter_no").to_owned(),
        department: cell(row, "department").to_owned(),
        item: cell(row, "item").to_owned(),
        applicant: subject(row),
        accepted_on: date(row, "accepted_on").expect("accepted_on"),
        decided_on: date(row, "decided_on"),
        outcome: filled(row, "outcome").unwrap_or_else(|| "pending".to_owned()),
        refused_for: filled(row, "refused_for"),
        exemption: filled(row, "exemption"),
    }
}

fn check(row: &Row) -> Check {
    Check {
        department: cell(row, "department").to_owned(),
        subject: subject(row),
        checked_on: Day::parse_moment(cell(row, "checked_at")),
        matter_no: filled(row, "matter_no"),
    }
}

fn enforcement(row: &Row) -> Enforcement {
    Enforcement {
        enforcement_no: cell(row, "enforcement_no").to_owned(),
        department: cell(row, "department").to_owned(),
        subject: subject(row),
        measure: cell(row, "measure").to_owned(),
        case: CaseReference::of(row, "case_no", "case_authority"),
        from: date(row, "from").expect("from"),
        to: date(row, "to"),
        reported_on: date(row, "reported_on"),
    }
}

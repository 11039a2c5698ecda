//! Stories with a known answer, told with organisations and persons of their own.
//!
//! Nothing of the mass touches them, so what is true of them is known exactly, at every size.

mod control;
mod gaps;
mod offenders;
mod restrictions;

use graph::time::Date;
use serde_json::{Value, json};

use crate::dice::{Dice, Purpose};
use crate::identity::{Code, misprinted};
use crate::law::{List, ORGANISATION_LISTS, PERSON_LISTS};
use crate::page::Page;
use crate::penalties::write_counted;
use crate::plan::Kind;
use crate::rows::{Check, Enforcement, Held, Holding, Listing, Matter, Penalty};
use crate::shape::{AUTHORITIES, FIRST_PLANTED_PERSON};
use crate::sheet::{Day, Number, Person, Subject};

/// What is true of the planted stories.
#[derive(Debug, Default, Clone)]
pub(crate) struct Stories {
    pub(crate) controllers: Vec<Value>,
    pub(crate) swapped_representatives: Vec<Value>,
    pub(crate) offenders: Vec<Value>,
    pub(crate) offending_persons: Vec<Value>,
    pub(crate) gaps: Vec<Value>,
    pub(crate) restrictions: Vec<Value>,
    pub(crate) wrong_codes: Vec<Value>,
    /// Everybody of whom the gaps above are all there are.
    pub(crate) subjects: Vec<Value>,
}

/// Writes the stories.
#[derive(Debug)]
pub(crate) struct Planter<'a> {
    page: Page<'a>,
    stories: Stories,
    dice: Dice,
    next_organisation: u64,
    next_person: u64,
}

/// The day written so; the epoch for what is no day.
fn day(text: &str) -> Day {
    Date::parse(text).map_or(0, Date::days)
}

fn text(code: &[u8]) -> String {
    String::from_utf8_lossy(code).into_owned()
}

impl<'a> Planter<'a> {
    pub(crate) fn new(page: Page<'a>) -> Self {
        Self {
            dice: Dice::of(page.plan.seed, Purpose::Planted, 0),
            page,
            stories: Stories::default(),
            next_organisation: AUTHORITIES,
            next_person: FIRST_PLANTED_PERSON,
        }
    }

    /// Writes every story; gives the page back.
    pub(crate) fn plant(mut self) -> (Page<'a>, Stories) {
        self.control();
        self.offenders();
        self.checks();
        self.duties();
        self.restrictions();
        self.misprint();
        (self.page, self.stories)
    }

    /// A person of whom nothing is said yet.
    fn person(&mut self) -> Person {
        let person = self.page.plan.person(self.next_person);
        self.next_person += 1;
        let told = self.told(&Subject::Person(person));
        self.stories.subjects.push(told);
        person
    }

    /// A company whose code was issued with a wrong check character.
    fn misprint(&mut self) {
        let code = misprinted(self.next_code());
        self.register(code);
        self.stories.wrong_codes.push(json!(text(&code)));
        self.page.written.tally.wrong_codes += 1;
    }

    /// A registered company without people or holders.
    fn company(&mut self) -> Code {
        let code = self.next_code();
        self.register(code)
    }

    fn next_code(&mut self) -> Code {
        self.next_organisation += 1;
        self.page.plan.code(self.next_organisation - 1)
    }

    fn register(&mut self, code: Code) -> Code {
        let plan = self.page.plan;
        let index = self.next_organisation;
        let row = self
            .page
            .written
            .sheets
            .organisations
            .row()
            .bytes(&code)
            .cell(|text| {
                text.extend_from_slice("云溪市".as_bytes());
                plan.people.brand(index, text);
                text.extend_from_slice("有限公司".as_bytes());
            });
        row.text(Kind::Enterprise.code())
            .text("operating,341502,F5299,2018-01-01,,,,")
            .end();
        let told = self.told(&Subject::Organisation(code));
        self.stories.subjects.push(told);
        code
    }

    /// A registered company with a legal representative since 2018.
    fn firm(&mut self) -> (Code, Person) {
        let (code, person) = (self.company(), self.person());
        self.office(&code, "legal_representative", person, ("2018-01-01", ""));
        (code, person)
    }

    fn office(&mut self, at: &Code, office: &'static str, person: Person, days: (&str, &str)) {
        let to = (!days.1.is_empty()).then(|| day(days.1));
        let held = Held {
            office,
            person,
            from: day(days.0),
            to,
            unnumbered: false,
        };
        held.write(
            &mut self.page.written.sheets.roles,
            &self.page.plan.people,
            at,
        );
    }

    fn holds(&mut self, holder: Subject, of: &Code, ratio: u64, concert: Option<Number>) {
        let holding = Holding {
            holder,
            from: day("2018-01-01"),
            to: None,
            ratio,
            votes: None,
            concert,
        };
        holding.write(
            &mut self.page.written.sheets.holdings,
            &self.page.plan.people,
            of,
        );
    }

    fn authority(&mut self) -> Code {
        self.page.plan.code(self.dice.below(AUTHORITIES))
    }

    /// A listing that nobody has written yet.
    fn listing(&mut self, list: &'static str, subject: Subject, listed_on: &str) -> Listing {
        Listing {
            no: self.page.next(b"LR"),
            list,
            authority: self.authority(),
            subject,
            violation_from: None,
            violation_on: Some(day(listed_on) - 80),
            listed_on: day(listed_on),
            expires_on: None,
            removed_on: None,
            removal_reason: "",
        }
    }

    /// Writes a listing; every department reports in time what it has to, but for one measure.
    fn enter(&mut self, listing: &Listing, but: &str, lifted: Option<&str>) {
        listing.write(
            &mut self.page.written.sheets.listings,
            &self.page.plan.people,
        );
        let of_persons = matches!(listing.subject, Subject::Person(_));
        let lists: &[List] = if of_persons {
            &PERSON_LISTS
        } else {
            &ORGANISATION_LISTS
        };
        let measures = lists
            .iter()
            .find(|list| list.code == listing.list)
            .map_or(&[][..], |list| list.measures);
        for measure in measures
            .iter()
            .filter(|one| !one.enforcer.is_empty() && one.code != but)
        {
            self.enforce(
                listing,
                (measure.code, measure.enforcer),
                listing.listed_on,
                lifted,
            );
        }
    }

    /// Writes an enforcement, reported on its first day.
    fn enforce(
        &mut self,
        of: &Listing,
        (measure, department): (&'static str, &'static str),
        from: Day,
        to: Option<&str>,
    ) -> Number {
        let enforcement = Enforcement {
            no: self.page.next(b"SS"),
            department,
            subject: of.subject,
            measure,
            case_no: of.no,
            from,
            to: to.map(day),
            reported_on: Some(from),
        };
        enforcement.write(&mut self.page.written.sheets.enforcements);
        enforcement.no
    }

    /// A matter of 3 to 10 March 2025 that was granted; nobody has written it yet.
    fn matter(
        &mut self,
        item: &'static str,
        department: &'static str,
        applicant: Subject,
    ) -> Matter {
        Matter {
            no: self.page.next(b"BJ"),
            department,
            item,
            applicant,
            accepted_on: day("2025-03-03"),
            decided_on: Some(day("2025-03-10")),
            outcome: "granted",
            refused_for: "",
            exemption: "",
        }
    }

    fn submit(&mut self, matter: &Matter) {
        matter.write(&mut self.page.written.sheets.matters);
    }

    fn check(&mut self, matter: &Matter, subject: Subject, on: &str) {
        let check = Check {
            no: self.page.next(b"HC"),
            department: matter.department,
            subject,
            checked_on: day(on),
            matter_no: Some(matter.no),
        };
        check.write(&mut self.page.written.sheets.checks);
    }

    /// A fine, reported at once and published for ever; nobody has written it yet.
    fn fine(&mut self, subject: &Code, decision_on: &str) -> Penalty {
        Penalty {
            no: self.page.next(b"CF"),
            authority: self.authority(),
            subject: Subject::Organisation(*subject),
            violation_from: None,
            violation_on: Some(day(decision_on) - 30),
            decision_on: day(decision_on),
            violation_type: "价格违法",
            kinds: "fine",
            fine_yuan: 2_000,
            published_from: Some(day(decision_on)),
            published_until: None,
            reported_on: Some(day(decision_on)),
            status: "",
        }
    }

    fn punish(&mut self, penalty: &Penalty) {
        write_counted(&mut self.page, penalty);
    }

    /// A subject as the truth names it.
    fn told(&self, subject: &Subject) -> Value {
        match subject {
            Subject::Organisation(code) => json!({"uscc": text(code)}),
            Subject::Person(person) => {
                let mut name = Vec::new();
                self.page.plan.people.person_name(person.index, &mut name);
                json!({"id_type": "resident_id", "id_number": text(&person.number), "name": text(&name)})
            }
        }
    }

    /// Remembers a gap.
    fn gap(&mut self, kind: &str, subject: &Subject, department: Option<&str>, more: Value) {
        let mut gap = json!({"kind": kind, "subject": self.told(subject)});
        if let Some(fields) = gap.as_object_mut() {
            fields.extend(department.map(|code| ("department".to_owned(), json!(code))));
            if let Value::Object(more) = more {
                fields.extend(more);
            }
        }
        self.stories.gaps.push(gap);
    }
}

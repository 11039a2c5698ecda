//! 城市的记录 / The city's records as rows of the input files, in two deliveries.
//!
//! 每一行属于五月批次或者六月批次；六月批次里与五月同键的行就是新版本，`op = delete` 的行就是撤回。

use super::day::{Day, iso};
use super::names::Names;
use super::rng::Rng;
use super::sets::SETS;
use std::collections::BTreeMap;

/// Which of the two deliveries a row comes with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Load {
    /// Recorded at 2026-05-31.
    May,
    /// Recorded at 2026-06-30.
    June,
}

/// The first day that only the second delivery can know.
pub const CUT: Day = Day::new(2026, 6, 1);
/// The day on which the city is looked at.
pub const TODAY: Day = Day::new(2026, 6, 30);

impl Load {
    /// The delivery that brings what happened on a day.
    pub fn of(day: Day) -> Self {
        if day < CUT { Self::May } else { Self::June }
    }
}

/// An organisation (`uscc`) or a person (`number`, empty when nobody knows it).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Subject {
    pub uscc: String,
    pub number: String,
    pub name: String,
}

impl Subject {
    /// `credit code|ID type|ID number|personal name`.
    pub fn cells(&self) -> String {
        if self.uscc.is_empty() {
            format!("|{}", self.person_cells())
        } else {
            format!("{}|||", self.uscc)
        }
    }

    /// `ID type|ID number|name` of a person.
    pub fn person_cells(&self) -> String {
        let kind = match self.number.len() {
            0 => "",
            9 => "护照号",
            _ => "身份证",
        };
        format!("{kind}|{}|{}", self.number, self.name)
    }

    /// `kind|credit code|ID type|ID number|name` of a holder or controller.
    pub fn holder_cells(&self) -> String {
        if self.uscc.is_empty() {
            format!("自然人|{}", self.cells())
        } else {
            format!("企业|{}|||{}", self.uscc, self.name)
        }
    }
}

/// A department: its code in the catalogue, and itself as an authority.
pub struct Department {
    pub code: &'static str,
    pub subject: Subject,
}

/// A role as the generator remembers it, to know whom a check must cover.
pub struct Held {
    pub role: &'static str,
    pub person: Subject,
    pub days: (Day, Option<Day>),
}

impl Held {
    /// In office on a day.
    pub fn on(&self, day: Day) -> bool {
        self.days.0 <= day && self.days.1.is_none_or(|to| day < to)
    }
}

/// A case with direct restrictions: what enforcement and honest decisions depend on.
#[derive(Clone)]
pub struct Case {
    pub number: String,
    pub subject: Subject,
    /// The Chinese name of the list, or `penalty`.
    pub list: &'static str,
    pub days: (Day, Option<Day>),
}

/// A listing before it is written.
#[derive(Clone)]
pub struct Listing {
    pub number: String,
    pub subject: Subject,
    pub authority: String,
    pub violation: (Option<Day>, Option<Day>),
    pub listed: Day,
    pub expires: Option<Day>,
    pub removed: Option<(Day, &'static str)>,
    pub basis: String,
}

impl Listing {
    /// A listing without dates of violation, expiry or removal.
    pub fn plain(number: &str, subject: &Subject, authority: &str, listed: Day) -> Self {
        Self {
            number: number.to_owned(),
            subject: subject.clone(),
            authority: authority.to_owned(),
            violation: (None, None),
            listed,
            expires: None,
            removed: None,
            basis: String::new(),
        }
    }

    /// The day on which it ends, as far as it says itself.
    pub fn end(&self) -> Option<Day> {
        [self.expires, self.removed.map(|r| r.0)]
            .into_iter()
            .flatten()
            .min()
    }
}

/// A matter before it is written.
pub struct Matter {
    /// Department and item code.
    pub item: (&'static str, &'static str),
    pub subject: Subject,
    pub accepted: Day,
    pub decided: Option<Day>,
    /// Outcome, the measure relied on, the exemption.
    pub outcome: (&'static str, &'static str, &'static str),
}

/// An enforcement report before it is written.
#[derive(Clone)]
pub struct Enforcement {
    /// A number given before (a correction), or none for the next one.
    pub number: Option<String>,
    pub department: &'static str,
    pub subject: Subject,
    pub measure: &'static str,
    pub case: String,
    pub days: (Day, Option<Day>),
    pub reported: Option<Day>,
}

/// Everything that is generated.
pub struct City {
    pub rng: Rng,
    pub names: Names,
    pub departments: Vec<Department>,
    /// Ordinary firms with their trade, and ordinary persons: noise stays among them, stories keep out.
    pub quiet: Vec<(Subject, &'static str)>,
    pub people: Vec<Subject>,
    pub held: BTreeMap<String, Vec<Held>>,
    pub cases: Vec<Case>,
    /// Rows by record set and delivery.
    pub rows: BTreeMap<&'static str, [Vec<Vec<String>>; 2]>,
    serial: BTreeMap<&'static str, usize>,
    /// The machine-readable key of the stories.
    pub planted: serde_json::Map<String, serde_json::Value>,
}

impl City {
    /// An empty city of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            names: Names::new(),
            departments: vec![],
            quiet: vec![],
            people: vec![],
            held: BTreeMap::new(),
            cases: vec![],
            rows: SETS
                .iter()
                .map(|(key, _, _)| (*key, [vec![], vec![]]))
                .collect(),
            serial: BTreeMap::new(),
            planted: serde_json::Map::new(),
        }
    }

    /// Adds a row: its cells separated by `|`. One cell more than the header has is the `op` column.
    pub fn row(&mut self, set: &'static str, load: Load, cells: &str) {
        let rows = self.rows.get_mut(set).expect("a known set");
        rows[usize::from(load == Load::June)].push(cells.split('|').map(str::to_owned).collect());
    }

    /// The next number of a series, from 1.
    pub fn next(&mut self, series: &'static str) -> usize {
        let n = self.serial.entry(series).or_insert(0);
        *n += 1;
        *n
    }

    /// Where the department of a code is.
    pub fn department(&self, code: &str) -> usize {
        self.departments
            .iter()
            .position(|d| d.code == code)
            .expect("a department")
    }

    /// The credit code of a department.
    pub fn authority(&self, code: &str) -> String {
        self.departments[self.department(code)].subject.uscc.clone()
    }

    /// The legal representative of an organisation on a day.
    pub fn head_of(&self, org: &str, on: Day) -> Option<Subject> {
        let mut held = self.held.get(org)?.iter();
        held.find(|h| h.role == "法定代表人" && h.on(on))
            .map(|h| h.person.clone())
    }

    /// A role, in force for `days`; also remembered.
    pub fn role(
        &mut self,
        load: Load,
        (org, role): (&Subject, &'static str),
        person: &Subject,
        days: (Day, Option<Day>),
    ) {
        let (who, from, to) = (person.person_cells(), days.0.iso(), iso(days.1));
        self.row(
            "roles",
            load,
            &format!("{}|{role}|{who}|{from}|{to}", org.uscc),
        );
        let held = self.held.entry(org.uscc.clone()).or_default();
        let known = |h: &&mut Held| h.role == role && h.person == *person && h.days.0 == days.0;
        match held.iter_mut().find(known) {
            Some(known) => known.days = days,
            None => held.push(Held {
                role,
                person: person.clone(),
                days,
            }),
        }
    }

    /// Legal representative and principal in one person.
    pub fn head(&mut self, org: &Subject, person: &Subject, from: Day, to: Option<Day>) {
        for role in ["法定代表人", "主要负责人"] {
            self.role(Load::of(from), (org, role), person, (from, to));
        }
    }

    /// A holding; `more` is `votes|concert group`.
    pub fn holding(
        &mut self,
        held: &Subject,
        (holder, percent): (&Subject, &str),
        from: Day,
        more: &str,
    ) {
        let cells = format!(
            "{}|{}|{}||{percent}|{more}",
            held.uscc,
            holder.holder_cells(),
            from.iso()
        );
        self.row("holdings", Load::May, &cells);
    }

    /// A listing; with direct restrictions it counts as a case.
    pub fn listing(&mut self, load: Load, list: &'static str, l: Listing) {
        let court = ["失信被执行人", "失信被执行人(自然人)", "限制消费人员"].contains(&list);
        let (s, removed) = (&l.subject, l.removed.map(|r| r.0));
        let cells = format!(
            "{}|{list}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            l.number,
            s.cells(),
            s.name,
            l.authority,
            iso(l.violation.0),
            iso(l.violation.1),
            l.listed.iso(),
            iso(l.expires),
            iso(removed),
            l.removed.map(|r| r.1).unwrap_or_default(),
            l.basis,
        );
        self.row(if court { "court" } else { "listings" }, load, &cells);
        let days = (l.listed, l.end());
        self.cases.push(Case {
            number: l.number,
            subject: l.subject,
            list,
            days,
        });
    }

    /// A check by a department; `matter` may be empty.
    pub fn check(&mut self, department: &str, subject: &Subject, on: Day, matter: &str) {
        let n = self.next("check");
        let number = format!("核{}-{n:05}", on.year());
        let time = format!("{} {:02}:{:02}:00", on.iso(), 9 + n % 8, n * 7 % 60);
        let officer = format!("经办{:02}", n % 17 + 1);
        let who = subject.cells();
        let cells = format!("{number}|{department}|{who}|{time}|{matter}|{officer}");
        self.row("checks", Load::of(on), &cells);
    }

    /// A matter; gives its number. One accepted in May and decided in June is written twice.
    pub fn matter(&mut self, m: &Matter) -> String {
        let number = format!("云办{}{:05}", m.accepted.year(), self.next("matter"));
        let (department, item) = m.item;
        let start = format!(
            "{number}|{department}|{item}|{}|{}",
            m.subject.cells(),
            m.accepted.iso()
        );
        let decided = m.decided.filter(|d| *d <= TODAY);
        if decided.is_none_or(|d| Load::of(d) != Load::of(m.accepted)) {
            self.row("matters", Load::of(m.accepted), &format!("{start}||||"));
        }
        if let Some(d) = decided {
            let (outcome, refused_for, exemption) = m.outcome;
            let end = format!("{}|{outcome}|{refused_for}|{exemption}", d.iso());
            self.row("matters", Load::of(d), &format!("{start}|{end}"));
        }
        number
    }

    /// An enforcement report; gives its number.
    pub fn enforcement(&mut self, load: Load, e: Enforcement) -> String {
        let number = match e.number {
            Some(number) => number,
            None => format!("施{}-{:04}", e.days.0.year(), self.next("enforcement")),
        };
        let days = format!("{}|{}|{}", e.days.0.iso(), iso(e.days.1), iso(e.reported));
        let (department, who, measure, case) = (e.department, e.subject.cells(), e.measure, e.case);
        let cells = format!("{number}|{department}|{who}|{measure}|{case}|{days}");
        self.row("enforcements", load, &cells);
        number
    }

    /// A finding on a person; with a reason it is a rejection.
    pub fn determination(
        &mut self,
        (case, authority): (&str, &str),
        person: &Subject,
        on: Day,
        reason: Option<&str>,
    ) {
        let outcome = if reason.is_some() {
            "不予认定"
        } else {
            "认定"
        };
        let (who, day, reason) = (person.person_cells(), on.iso(), reason.unwrap_or("经核实"));
        let cells = format!("{case}|{who}|{day}|{outcome}|{authority}|承办人甲|{reason}");
        self.row("determinations", Load::of(on), &cells);
    }

    /// A repair; `more` is `kind|authority|the target's authority`.
    pub fn repair(&mut self, load: Load, target: &str, on: Day, more: &str) {
        self.row("repairs", load, &format!("{target}|{}|{more}", on.iso()));
    }

    /// A person named in a decision or listing.
    pub fn responsible(&mut self, load: Load, case: &str, person: &Subject, how: &str) {
        let cells = format!("{case}|{}|{how}", person.person_cells());
        self.row("responsible_persons", load, &cells);
    }
}

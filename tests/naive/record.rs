//! The records as the questions read them: cells turned into dates, ratios and identities.

use crate::catalogue::Catalogue;
use crate::day::{Day, Span};
use crate::world::Row;

/// Whom a record is about. Organisations come before persons.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An organisation by its unified social credit code.
    Org(String),
    /// A person by number and kind of document.
    Person {
        /// The document's number.
        number: String,
        /// The document's kind.
        id_type: String,
    },
    /// A person without a document: one per organisation and name.
    Provisional {
        /// The organisation at which the name is known.
        org: String,
        /// The name.
        name: String,
    },
}

impl Subject {
    /// The organisation's code, if it is one.
    pub fn org(&self) -> Option<&str> {
        match self {
            Subject::Org(uscc) => Some(uscc),
            _ => None,
        }
    }

    /// Whether it is a natural person.
    pub fn is_person(&self) -> bool {
        self.org().is_none()
    }

    /// Whether nobody could check it, for want of a document.
    pub fn is_provisional(&self) -> bool {
        matches!(self, Subject::Provisional { .. })
    }
}

/// A cell, empty when it is missing.
pub fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", |text| text.trim())
}

/// A cell, none when it is empty.
pub fn filled(row: &Row, column: &str) -> Option<String> {
    Some(cell(row, column))
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The date of a cell, none when it is open.
pub fn date(row: &Row, column: &str) -> Option<Day> {
    Day::parse_open(cell(row, column))
}

/// The identity in the cells `kind`, `uscc`, `id_type`, `id_number` and `name` of a row;
/// `at` is the organisation that keeps a provisional person apart.
pub fn identity(row: &Row, kind: &str, uscc: &str, name: &str, at: &str) -> Subject {
    let is_org = match cell(row, kind) {
        "" => !cell(row, uscc).is_empty(),
        told => told == "org",
    };
    if is_org {
        return Subject::Org(cell(row, uscc).to_owned());
    }
    let number = cell(row, "id_number").to_owned();
    if number.is_empty() {
        return Subject::Provisional {
            org: at.to_owned(),
            name: cell(row, name).to_owned(),
        };
    }
    let id_type = filled(row, "id_type").unwrap_or_else(|| "resident_id".to_owned());
    Subject::Person { number, id_type }
}

/// The subject of a row with the `subject` columns.
pub fn subject(row: &Row) -> Subject {
    identity(row, "subject_kind", "uscc", "person_name", "")
}

/// The person of a row with the `person` columns (they stand beside a `uscc` of another meaning).
pub fn person(row: &Row, at: &str) -> Subject {
    identity(row, "", "", "person_name", at)
}

/// The holder of a holding or the controller of an agreement.
pub fn holder(row: &Row) -> Subject {
    identity(
        row,
        "holder_kind",
        "holder_uscc",
        "holder_name",
        cell(row, "uscc"),
    )
}

fn span(row: &Row) -> Span {
    Span {
        from: date(row, "from"),
        to: date(row, "to"),
    }
}

/// A percentage in millionths of a percent, exactly.
pub fn millionths(text: &str) -> i64 {
    let text = text.trim().trim_end_matches('%');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 6, "more than six decimals in {text:?}");
    let part: i64 = format!("{part:0<6}").parse().expect("decimals");
    whole.parse::<i64>().expect("a percentage") * 1_000_000 + part
}

fn yes(text: &str) -> bool {
    matches!(text, "true" | "是" | "1" | "yes")
}

/// A registered organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its code.
    pub uscc: String,
    /// `enterprise`, `government`, …
    pub kind: String,
    /// `operating`, `revoked`, …
    pub status: String,
    /// GB/T 4754.
    pub industry: Option<String>,
    /// When it was founded.
    pub established_on: Option<Day>,
    /// Whether the state owns it.
    pub state_owned: bool,
    /// The body above it.
    pub superior: Option<String>,
    /// The company of which it is a branch.
    pub parent: Option<String>,
}

impl Organisation {
    pub(crate) fn of(row: &Row) -> Organisation {
        Organisation {
            uscc: cell(row, "uscc").to_owned(),
            kind: cell(row, "kind").to_owned(),
            status: cell(row, "status").to_owned(),
            industry: filled(row, "industry"),
            established_on: date(row, "established_on"),
            state_owned: yes(cell(row, "state_owned")),
            superior: filled(row, "superior_uscc"),
            parent: filled(row, "parent_uscc"),
        }
    }
}

/// A role record.
#[derive(Clone, Debug)]
pub struct Role {
    /// Where the role is held.
    pub org: String,
    /// `legal_representative`, `director`, …
    pub role: String,
    /// Who holds it.
    pub person: Subject,
    /// When.
    pub span: Span,
}

impl Role {
    pub(crate) fn of(row: &Row) -> Role {
        let org = cell(row, "uscc").to_owned();
        Role {
            role: cell(row, "role").to_owned(),
            person: person(row, &org),
            span: span(row),
            org,
        }
    }
}

/// A holding record.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The company held.
    pub company: String,
    /// Who holds it.
    pub holder: Subject,
    /// When.
    pub span: Span,
    /// Millionths of a percent of the capital.
    pub capital: i64,
    /// Millionths of a percent of the votes.
    pub votes: i64,
    /// The concert group (一致行动人组).
    pub group: Option<String>,
}

impl Holding {
    pub(crate) fn of(row: &Row) -> Holding {
        let capital = millionths(cell(row, "ratio"));
        Holding {
            company: cell(row, "uscc").to_owned(),
            holder: holder(row),
            span: span(row),
            capital,
            votes: filled(row, "voting_ratio").map_or(capital, |text| millionths(&text)),
            group: filled(row, "concert_group"),
        }
    }
}

/// A control agreement.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The company controlled.
    pub company: String,
    /// Who controls it.
    pub controller: Subject,
    /// When.
    pub span: Span,
}

impl Agreement {
    pub(crate) fn of(row: &Row) -> Agreement {
        let company = cell(row, "uscc").to_owned();
        Agreement {
            company,
            controller: holder(row),
            span: span(row),
        }
    }
}

/// What a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseKind {
    /// An entry of a list.
    Listing,
    /// An administrative penalty.
    Penalty,
}

/// A listing or a penalty.
#[derive(Clone, Debug)]
pub struct Case {
    /// Listing or penalty.
    pub kind: CaseKind,
    /// `listing_no` or `decision_no`.
    pub number: String,
    /// Who listed or punished.
    pub authority: String,
    /// On whom.
    pub subject: Subject,
    /// `listed_on` or `decision_on`.
    pub own_date: Day,
    /// The first day of the violation, if stated.
    pub violation_from: Option<Day>,
    /// The (last) day of the violation, if stated.
    pub violation_on: Option<Day>,
    /// Listings: the list's code.
    pub list: Option<String>,
    /// Listings: when the entry expires.
    pub expires_on: Option<Day>,
    /// Listings: when it was removed.
    pub removed_on: Option<Day>,
    /// Listings: why.
    pub removal_reason: String,
    /// Listings: the decision on which it rests.
    pub basis: Option<String>,
    /// Penalties: the kinds (处罚类别).
    pub kinds: Vec<String>,
    /// Penalties: the type of the violation.
    pub violation_type: String,
    /// Penalties: the summary procedure (简易程序).
    pub summary_procedure: bool,
    /// Penalties: from when published.
    pub published_from: Option<Day>,
    /// Penalties: until when published.
    pub published_until: Option<Day>,
    /// Penalties: when reported to the credit office.
    pub reported_on: Option<Day>,
    /// Penalties: `effective`, `revoked`, `annulled_on_review`.
    pub status: String,
}

impl Case {
    pub(crate) fn of(kind: CaseKind, row: &Row, catalogue: &Catalogue) -> Case {
        let listing = kind == CaseKind::Listing;
        let (number, own_date) = if listing {
            ("listing_no", "listed_on")
        } else {
            ("decision_no", "decision_on")
        };
        let kinds = cell(row, "kinds").split([';', '、', ',']).map(str::trim);
        Case {
            kind,
            number: cell(row, number).to_owned(),
            authority: cell(row, "authority").to_owned(),
            subject: subject(row),
            own_date: date(row, own_date).expect("the case's own date"),
            violation_from: date(row, "violation_from"),
            violation_on: date(row, "violation_on"),
            list: listing.then(|| catalogue.list(cell(row, "list")).code.clone()),
            expires_on: date(row, "expires_on"),
            removed_on: date(row, "removed_on"),
            removal_reason: cell(row, "removal_reason").to_owned(),
            basis: filled(row, "basis_decision_no"),
            kinds: kinds
                .filter(|kind| !kind.is_empty())
                .map(str::to_owned)
                .collect(),
            violation_type: cell(row, "violation_type").to_owned(),
            summary_procedure: yes(cell(row, "summary_procedure")),
            published_from: date(row, "published_from"),
            published_until: date(row, "published_until"),
            reported_on: date(row, "reported_on"),
            status: filled(row, "status").unwrap_or_else(|| "effective".to_owned()),
        }
    }
}

/// A reference to a case: its number and, where two authorities use one, the authority.
#[derive(Clone, Debug)]
pub struct CaseReference {
    /// The number.
    pub number: String,
    /// The authority, if the row tells it.
    pub authority: Option<String>,
    /// The subject, if the row tells it (repairs).
    pub subject: Option<Subject>,
}

impl CaseReference {
    pub(crate) fn of(row: &Row, number: &str, authority: &str) -> CaseReference {
        CaseReference {
            number: cell(row, number).to_owned(),
            authority: filled(row, authority),
            subject: None,
        }
    }

    /// Whether the reference fits a case.
    pub fn fits(&self, case: &Case) -> bool {
        self.number == case.number
            && self
                .authority
                .as_ref()
                .is_none_or(|authority| *authority == case.authority)
            && self
                .subject
                .as_ref()
                .is_none_or(|subject| *subject == case.subject)
    }
}

//! Relations: what is near an entity, how two are linked, and what one controller holds.

use crate::canonical;
use crate::day::{Day, Span};
use crate::days::Days;
use crate::known::Known;
use crate::record::{CaseKind, Subject};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Which links are walked, beside roles, holdings and superior or branch links.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    /// The case's subject with the persons named for it.
    pub cases: bool,
    /// A control agreement's two sides.
    pub agreements: bool,
    /// Over all time, not only on the day.
    pub any_time: bool,
}

/// Roles, holdings, cases and superior or branch links in force on the day.
pub const DEFAULT_LINKS: Links = Links {
    cases: true,
    agreements: false,
    any_time: false,
};

/// The links, undirected: two entities and what links them.
type Edges = Vec<(Subject, Subject, String)>;

impl Known<'_> {
    /// Finds a subject by its label.
    fn find(&self, label: &str) -> Option<Subject> {
        let mut all: BTreeSet<Subject> = BTreeSet::new();
        all.extend(
            self.organisations
                .iter()
                .map(|org| Subject::Org(org.uscc.clone())),
        );
        all.extend(self.roles.iter().map(|role| role.person.clone()));
        all.extend(self.holdings.iter().map(|holding| holding.holder.clone()));
        all.extend(
            self.agreements
                .iter()
                .map(|agreement| agreement.controller.clone()),
        );
        all.extend(self.cases.iter().map(|case| case.subject.clone()));
        all.extend(self.named.iter().map(|named| named.person.clone()));
        all.into_iter().find(|subject| self.label(subject) == label)
    }

    fn edges(&self, links: Links, day: Day) -> Edges {
        let org = |uscc: &str| Subject::Org(uscc.to_owned());
        // An interval of no days is never in force.
        let runs = |span: Span| match links.any_time {
            true => span.to.is_none() || span.from != span.to,
            false => span.holds(day),
        };
        let mut edges = Vec::new();
        for role in self.roles.iter().filter(|role| runs(role.span)) {
            edges.push((
                role.person.clone(),
                org(&role.org),
                format!("role:{}", role.role),
            ));
        }
        for holding in self.holdings.iter().filter(|holding| runs(holding.span)) {
            edges.push((
                holding.holder.clone(),
                org(&holding.company),
                "holding".to_owned(),
            ));
        }
        for agreement in self
            .agreements
            .iter()
            .filter(|one| links.agreements && runs(one.span))
        {
            let controller = agreement.controller.clone();
            edges.push((controller, org(&agreement.company), "agreement".to_owned()));
        }
        for one in &self.organisations {
            for (other, link) in [(&one.superior, "superior"), (&one.parent, "branch")] {
                if let Some(other) = other {
                    edges.push((org(&one.uscc), org(other), link.to_owned()));
                }
            }
        }
        for case in self.cases.iter().filter(|_| links.cases) {
            // Withdrawn as wrong it never was in force; an objection upheld ends a penalty too.
            let days = match case.kind {
                CaseKind::Listing => self.active_days(case),
                CaseKind::Penalty if self.was_withdrawn(case) => Days::none(),
                CaseKind::Penalty => {
                    Days::between(case.own_date, self.upheld_on(case).into_iter().min())
                }
            };
            if days.holds(day) || links.any_time && !days.is_empty() {
                for person in self.named_persons(case) {
                    let link = format!("case:{}", case.number);
                    edges.push((case.subject.clone(), person, link));
                }
            }
        }
        edges.retain(|(from, to, _)| from != to);
        edges
    }
}

/// Every entity's neighbours, and the hubs: entities with more links than the settings allow.
fn neighbours(
    edges: &Edges,
    most: usize,
) -> (BTreeMap<Subject, BTreeSet<Subject>>, BTreeSet<Subject>) {
    let mut near: BTreeMap<Subject, BTreeSet<Subject>> = BTreeMap::new();
    let mut degree: BTreeMap<Subject, usize> = BTreeMap::new();
    for (from, to, _) in edges {
        for (one, other) in [(from, to), (to, from)] {
            near.entry(one.clone()).or_default().insert(other.clone());
            *degree.entry(one.clone()).or_default() += 1;
        }
    }
    let hubs = degree.into_iter().filter(|(_, count)| *count > most);
    let hubs = hubs.map(|(subject, _)| subject).collect();
    (near, hubs)
}

/// The entities within some hops of one, each with its distance: `[label, hops]`. Hubs are
/// shown but not walked through (the entity asked about is always walked from).
pub fn network(
    world: &World,
    (label, hops): (&str, usize),
    links: Links,
    as_of: Day,
    known_at: Day,
) -> Value {
    let known = Known::at(world, known_at);
    let Some(start) = known.find(label) else {
        return json!([]);
    };
    let edges = known.edges(links, as_of);
    let (near, hubs) = neighbours(&edges, known.catalogue.settings.hub_degree);
    let mut distance: BTreeMap<Subject, usize> = BTreeMap::from([(start.clone(), 0)]);
    for hop in 1..=hops {
        for (subject, _) in distance.clone() {
            if hubs.contains(&subject) && subject != start {
                continue;
            }
            for other in near.get(&subject).into_iter().flatten() {
                distance.entry(other.clone()).or_insert(hop);
            }
        }
    }
    let entry = |(subject, hops): (&Subject, &usize)| json!([known.label(subject), hops]);
    canonical(distance.iter().map(entry).collect())
}

/// All simple paths between two entities of at most some hops, each as the list of labels,
/// shortest first. The k shortest are the first k; which of equally long ones is free.
pub fn paths(
    world: &World,
    (from, to, most): (&str, &str, usize),
    links: Links,
    as_of: Day,
    known_at: Day,
) -> Value {
    let known = Known::at(world, known_at);
    let (Some(start), Some(end)) = (known.find(from), known.find(to)) else {
        return json!([]);
    };
    let edges = known.edges(links, as_of);
    let (near, hubs) = neighbours(&edges, known.catalogue.settings.hub_degree);
    let mut found: Vec<Vec<Subject>> = Vec::new();
    let mut open: Vec<Vec<Subject>> = vec![vec![start.clone()]];
    for _ in 0..most {
        let mut longer = Vec::new();
        for path in open {
            let last = path.last().unwrap();
            if hubs.contains(last) && *last != start {
                continue;
            }
            for other in near.get(last).into_iter().flatten() {
                if path.contains(other) {
                    continue;
                }
                let mut next = path.clone();
                next.push(other.clone());
                if *other == end {
                    found.push(next)
                } else {
                    longer.push(next)
                }
            }
        }
        open = longer;
    }
    let labels = |path: &Vec<Subject>| -> Value {
        path.iter()
            .map(|subject| json!(known.label(subject)))
            .collect()
    };
    found.iter().map(labels).collect()
}

/// Everything under each ultimate controller of a subject: the companies by controller. A
/// subject that nobody controls is its own ultimate controller.
pub fn group(world: &World, label: &str, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let Some(subject) = known.find(label) else {
        return json!({});
    };
    let control = known.control(as_of);
    let mut ultimate: BTreeSet<Subject> = BTreeSet::new();
    if let Some(uscc) = subject.org() {
        ultimate.extend(control.computed_controllers(uscc));
        ultimate.extend(control.controlling_organisations(uscc));
        if control.controllers(uscc).is_empty() {
            ultimate.insert(subject);
        }
    } else {
        ultimate.insert(subject);
    }
    let mut answer = Map::new();
    for one in ultimate {
        let companies: Vec<&String> = control.controls.get(&one).into_iter().flatten().collect();
        answer.insert(known.label(&one), json!(companies));
    }
    Value::Object(answer)
}

//! A group: everything under one ultimate controller.
//!
//! The ultimate controllers of an organisation are all that control it and that
//! nobody controls, persons and organisations alike; of what nobody controls, and
//! of a person, itself. A company can have several (an agreement beside a
//! majority), each with its own group. Under a closed circle, where everybody is
//! controlled by another, the circle stands for the controller.

use graph::id::EntityId;

use crate::control::{Solution, Votes};

/// What is under one ultimate controller.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Under {
    /// The controller; none for a closed circle.
    pub controller: Option<EntityId>,
    /// The organisations that it controls (for a circle: its members and what
    /// they control), by code.
    pub organisations: Vec<EntityId>,
}

/// The group or groups that an entity belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Who was asked for.
    pub subject: EntityId,
    /// One for each ultimate controller: persons, organisations, circles, each by
    /// id. Never empty; nothing is under an entity that controls nobody.
    pub under: Vec<Under>,
}

impl Group {
    /// The organisation is controlled, and only by members of a closed circle.
    pub fn is_circular(&self) -> bool {
        self.under.iter().all(|under| under.controller.is_none())
    }

    /// Controllers, subject and all that is under them, each once, by id.
    pub fn members(&self) -> Vec<EntityId> {
        let under = self.under.iter();
        let all = under
            .flat_map(|u| u.controller.iter().chain(&u.organisations))
            .copied();
        let mut members: Vec<EntityId> = all.chain([self.subject]).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}

/// The group of `subject`, from the votes of a whole day and their solution,
/// which serve every subject of that day.
pub fn group(votes: &Votes, solution: &Solution, subject: EntityId) -> Group {
    let name = |nodes: &mut dyn Iterator<Item = u32>| {
        let mut named: Vec<EntityId> = nodes.filter_map(|node| votes.entity(node)).collect();
        named.sort_unstable();
        named
    };
    let under = |head: u32| Under {
        controller: votes.entity(head),
        organisations: name(&mut solution.controlled_by(head).into_iter().flatten().copied()),
    };
    let Some(node) = votes.find(subject) else {
        let alone = Under {
            controller: Some(subject),
            organisations: Vec::new(),
        };
        return Group {
            subject,
            under: vec![alone],
        };
    };
    let mut found: Vec<Under> = if solution.is_controlled(node) {
        let heads = solution.heads(node).iter().map(|head| under(*head));
        let circles = solution
            .circles()
            .iter()
            .filter(|circle| solution.heads(node).is_empty() && circle.contains(&node));
        let circles = circles.map(|circle| Under {
            controller: None,
            organisations: name(&mut circle.iter().copied()),
        });
        heads.chain(circles).collect()
    } else {
        vec![under(node)]
    };
    let rank = |under: &Under| under.controller.map(|id| (id.is_organisation(), id));
    found.sort_by(|a, b| {
        (rank(a).is_none(), rank(a), &a.organisations).cmp(&(
            rank(b).is_none(),
            rank(b),
            &b.organisations,
        ))
    });
    Group {
        subject,
        under: found,
    }
}

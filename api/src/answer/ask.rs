//! Questions over a sweep, answered with public objects: what both faces ask.
//!
//! The command line and the service call these and nothing else, so they cannot
//! disagree. They open no store for writing and record nothing.

use graph::id::EntityId;
use queries::control::{Solution, Votes};
use queries::indicators::{self, Counted};
use queries::offenders::{self, OffenderState};
use queries::referrals;
use queries::relations::{PathsQuestion, Relations, When, group as group_of};
use queries::signals::{self, SignalKind};
use queries::sweep::Sweep;
use rayon::prelude::*;
use serde_json::Value;

use super::{
    ControllersAnswer, GroupAnswer, IndicatorAnswer, LeadAnswer, NetworkAnswer, OffenderAnswer,
    OwnersAnswer, PathAnswer, ReferralAnswer, RestrictionAnswer, SignalAnswer, Subject,
    lead_answer, restriction_answer, source_in,
};
use crate::Error;
use crate::session::Session;

/// Which items of a list are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// So many are passed over.
    pub(crate) skip: usize,
    /// At most so many are given.
    pub(crate) take: usize,
}

impl Window {
    /// Every item.
    pub(crate) const ALL: Self = Self {
        skip: 0,
        take: usize::MAX,
    };

    /// The wanted of all items.
    pub(crate) fn of<T>(self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        items.into_iter().skip(self.skip).take(self.take).collect()
    }
}

/// What was found, told on all cores: texts are read from the store for each.
fn told<'f, T: Sync + 'f, A: Send>(
    found: impl Iterator<Item = &'f T>,
    answer: impl Fn(&T) -> Result<A, Error> + Sync + Send,
) -> Result<Vec<A>, Error> {
    let found: Vec<&T> = found.collect();
    found.into_par_iter().map(answer).collect()
}

/// Which restrictions are meant.
#[derive(Clone, Default, Debug)]
pub(crate) struct Which {
    /// Only on this subject.
    pub(crate) subject: Option<EntityId>,
    /// Only because of cases with this number.
    pub(crate) case: Option<String>,
}

impl Which {
    fn means(&self, sweep: &Sweep<'_>, subject: EntityId, case: usize) -> bool {
        self.subject.is_none_or(|of| of == subject)
            && self.case.as_deref().is_none_or(|number| {
                let case = sweep.world().cases.get(case);
                case.is_some_and(|case| case.number() == number)
            })
    }
}

/// The restrictions in force on the session's day.
pub(crate) fn restrictions(
    session: &Session,
    sweep: &Sweep<'_>,
    which: &Which,
    window: Window,
) -> Result<Vec<RestrictionAnswer>, Error> {
    let day = session.as_of;
    let in_force = sweep
        .restrictions()
        .filter(|r| r.days.holds(day) && which.means(sweep, r.subject, r.case));
    let wanted = in_force.skip(window.skip).take(window.take);
    told(wanted, |r| restriction_answer(session, sweep, r, day))
}

/// The leads of the session's day.
pub(crate) fn leads(
    session: &Session,
    sweep: &Sweep<'_>,
    which: &Which,
    window: Window,
) -> Result<Vec<LeadAnswer>, Error> {
    let day = session.as_of;
    let leads = sweep
        .leads()
        .filter(|l| l.days.holds(day) && which.means(sweep, l.subject, l.case));
    let wanted = leads.skip(window.skip).take(window.take);
    told(wanted, |lead| lead_answer(session, sweep, lead, day))
}

/// Who controls an organisation.
pub(crate) fn controllers(
    session: &Session,
    sweep: &Sweep<'_>,
    org: EntityId,
) -> Result<ControllersAnswer, Error> {
    let control = sweep.penetration.control;
    ControllersAnswer::of(session, sweep.world(), control, org, session.as_of)
}

/// The beneficial owners of an organisation.
pub(crate) fn owners(
    session: &Session,
    sweep: &Sweep<'_>,
    org: EntityId,
) -> Result<OwnersAnswer, Error> {
    OwnersAnswer::of(session, sweep.world(), org, session.as_of)
}

/// High-frequency offenders; those to clear, or (with `all`, or of persons) every one.
pub(crate) fn offenders(
    session: &Session,
    sweep: &Sweep<'_>,
    persons: bool,
    all: bool,
) -> Result<Vec<OffenderAnswer>, Error> {
    let found = if persons {
        offenders::persons(sweep, session.as_of)
    } else {
        offenders::organisations(sweep, session.as_of)
    };
    let wanted = found
        .iter()
        .filter(|found| all || persons || found.state == OffenderState::ToClear);
    told(wanted, |offender| {
        OffenderAnswer::of(session, sweep, offender)
    })
}

/// The policy's figures.
pub(crate) fn indicators(session: &Session, sweep: &Sweep<'_>) -> Vec<IndicatorAnswer> {
    let found = indicators::indicators(sweep, session.as_of);
    found.iter().map(IndicatorAnswer::from).collect()
}

/// What an indicator's numerator counts.
pub(crate) fn indicator_records(
    session: &Session,
    sweep: &Sweep<'_>,
    code: &str,
) -> Result<Vec<Value>, Error> {
    let found = indicators::indicators(sweep, session.as_of);
    let Some(asked) = found.iter().find(|indicator| indicator.code == code) else {
        let codes: Vec<&str> = found.iter().map(|indicator| indicator.code).collect();
        return Err(Error::Refused(format!(
            "no such indicator; there are {}",
            codes.join(", ")
        )));
    };
    let rows = asked.counted.iter().map(|counted| match counted {
        Counted::Record(cited) => {
            let row = source_in(session, sweep.world(), *cited)?;
            Ok(serde_json::to_value(row)?)
        }
        Counted::Subject(id) => Ok(serde_json::to_value(session.describe(sweep.world(), *id)?)?),
    });
    rows.collect()
}

/// How far to look around an entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// The entity in the middle.
    pub(crate) start: EntityId,
    /// So many hops.
    pub(crate) hops: u32,
    /// At most so many entities.
    pub(crate) cap: usize,
    /// Control agreements are links too.
    pub(crate) agreements: bool,
}

/// The entities within some hops.
pub(crate) fn network(
    session: &Session,
    sweep: &Sweep<'_>,
    around: Around,
) -> Result<NetworkAnswer, Error> {
    let relations = relations(sweep, around.agreements);
    let when = When::On(session.as_of);
    let found = relations.network(around.start, around.hops, when, around.cap.max(1));
    NetworkAnswer::of(session, sweep.world(), &found)
}

fn relations<'w>(sweep: &Sweep<'w>, agreements: bool) -> Relations<'w> {
    let relations = Relations::new(sweep.world(), sweep.catalogue());
    if agreements {
        relations.with_agreements()
    } else {
        relations
    }
}

/// The shortest paths, and the hubs that were not walked through.
pub(crate) fn paths(
    session: &Session,
    sweep: &Sweep<'_>,
    question: PathsQuestion,
    agreements: bool,
) -> Result<(Vec<PathAnswer>, Vec<Subject>), Error> {
    let found = relations(sweep, agreements).paths(question);
    let world = sweep.world();
    let paths = found
        .paths
        .iter()
        .map(|path| PathAnswer::of(session, world, path));
    let hubs = found.hubs.iter().map(|hub| session.describe(world, *hub));
    Ok((
        paths.collect::<Result<_, _>>()?,
        hubs.collect::<Result<_, _>>()?,
    ))
}

/// Everything under the subject's ultimate controllers.
pub(crate) fn group(
    session: &Session,
    sweep: &Sweep<'_>,
    subject: EntityId,
) -> Result<Vec<GroupAnswer>, Error> {
    let votes = Votes::whole(sweep.world(), session.as_of);
    let found = group_of(&votes, &Solution::of(&votes), subject);
    GroupAnswer::of(session, sweep.world(), &found)
}

/// Signs that somebody tries to step out of reach.
pub(crate) fn signals(
    session: &Session,
    sweep: &Sweep<'_>,
    kind: Option<SignalKind>,
) -> Result<Vec<SignalAnswer>, Error> {
    let found = signals::signals(sweep, session.as_of);
    let wanted = found
        .iter()
        .filter(|signal| kind.is_none_or(|kind| kind == signal.kind));
    told(wanted, |signal| {
        SignalAnswer::of(session, sweep.world(), signal)
    })
}

/// Whom to tell.
pub(crate) fn referrals(
    session: &Session,
    sweep: &Sweep<'_>,
) -> Result<Vec<ReferralAnswer>, Error> {
    let found = referrals::referrals(sweep, session.as_of);
    told(found.iter(), |referral| {
        ReferralAnswer::of(session, sweep, referral)
    })
}

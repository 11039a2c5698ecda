//! Control, ownership, networks, paths, groups, signals, referrals.

use axum::response::Response;
use graph::id::EntityId;
use queries::relations::{PathsQuestion, When};
use queries::signals::SignalKind;
use queries::sweep::Sweep;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Error;
use crate::answer::ask::{self, Around};
use crate::answer::{
    ControllersAnswer, GroupAnswer, NetworkAnswer, OwnersAnswer, PathAnswer, ReferralAnswer,
    SignalAnswer, Subject,
};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::{Ask, Named};
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::{dated, listed};
use crate::service::Needs;
use crate::session::Session;

dated! {
    /// The two times.
    struct TimesQuery {}
}

dated! {
    /// How far to look.
    struct NetworkQuery {
        /// How many hops. Default: 2.
        #[param(value_type = u32, required = false, minimum = 0, maximum = 6, example = 2)]
        hops: Option<u32>,
        /// At most so many entities. Default: 500.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 5000, example = 200)]
        cap: Option<u32>,
        /// Control agreements are links too.
        #[serde(default)]
        #[param(value_type = bool, required = false)]
        agreements: bool,
    }
}

dated! {
    /// Between whom, and how far.
    struct PathsQuery {
        /// One end.
        #[param(example = "91371502YWFQDQB31P")]
        from: String,
        /// The other end.
        #[param(example = "91371502YN731R9A56")]
        to: String,
        /// How many paths at most. Default: 3.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 20, example = 3)]
        k: Option<u32>,
        /// How many steps at most. Default: 6.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 12, example = 6)]
        max_hops: Option<u32>,
        /// Links of any time.
        #[serde(default)]
        #[param(value_type = bool, required = false)]
        any_time: bool,
        /// Control agreements are links too.
        #[serde(default)]
        #[param(value_type = bool, required = false)]
        agreements: bool,
    }
}

listed! {
    /// Which signals.
    struct SignalsQuery {
        /// Only this kind.
        #[param(value_type = String, required = false, pattern = "^(late_change|successor|nominee_like|hidden_controller)$", example = "hidden_controller")]
        kind: Option<String>,
    }
}

listed! {
    /// Which page.
    struct ReferralsQuery {}
}

/// The paths between two entities.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paths {
    /// Valid time.
    as_of: String,
    /// Recorded time.
    known_at: String,
    /// The newest batch consulted.
    data_version: u32,
    /// The paths, shortest first.
    items: Vec<PathAnswer>,
    /// Hubs that were not walked through.
    hubs: Vec<Subject>,
}

fn within(
    value: Option<u32>,
    usual: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, Problem> {
    let value = value.unwrap_or(usual);
    if range.contains(&value) {
        return Ok(value);
    }
    let what = format!("a number from {} to {}", range.start(), range.end());
    Err(Problem::new(Code::BadParameter, what))
}

/// 周边关系 / The entities within some hops
#[utoipa::path(
    get, path = "/v1/entities/{key}/network", tag = "entities",
    params(("key" = String, Path, description = "A credit code, `person:KEY` or `id:TYPE:NUMBER`.", example = "91371502YN731R9A56"), NetworkQuery),
    responses((status = 200, description = "The neighbourhood. Association is no penalty.", body = NetworkAnswer), Problems)
)]
pub(crate) async fn network(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<NetworkQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadNetwork).await?;
    let around = Around {
        start: asker.subject(&key)?,
        hops: within(query.hops, 2, 0..=6)?,
        cap: usize::try_from(within(query.cap, 500, 1..=5000)?).unwrap_or(500),
        agreements: query.agreements,
    };
    let tense = query.tense(&asker.app)?;
    asker
        .show(
            (Action::ReadNetwork, Some(around.start)),
            (tense, Needs::Substance),
            move |session, sweep| ask::network(session, sweep, around),
        )
        .await
}

/// What a question about control says of an organisation.
async fn of_org<T: Serialize + 'static>(
    asker: &Asker,
    key: &str,
    query: &TimesQuery,
    question: fn(&Session, &Sweep<'_>, EntityId) -> Result<T, Error>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadControl).await?;
    let org = asker.organisation(key)?;
    let (look, tense) = ((Action::ReadControl, Some(org)), query.tense(&asker.app)?);
    let find = move |session: &Session, sweep: &Sweep<'_>| question(session, sweep, org);
    asker.show(look, (tense, Needs::Substance), find).await
}

/// 谁控制它 / Who controls an organisation
#[utoipa::path(
    get, path = "/v1/entities/{key}/controllers", tag = "entities",
    params(("key" = String, Path, description = "A credit code.", example = "91371502YN731R9A56"), TimesQuery),
    responses((status = 200, description = "The controllers, with proof.", body = ControllersAnswer), Problems)
)]
pub(crate) async fn controllers(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<TimesQuery>,
) -> Result<Response, Problem> {
    of_org(&asker, &key, &query, ask::controllers).await
}

/// 受益所有人 / The beneficial owners of an organisation
#[utoipa::path(
    get, path = "/v1/entities/{key}/owners", tag = "entities",
    params(("key" = String, Path, description = "A credit code.", example = "91371502YN731R9A56"), TimesQuery),
    responses((status = 200, description = "The owners.", body = OwnersAnswer), Problems)
)]
pub(crate) async fn owners(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<TimesQuery>,
) -> Result<Response, Problem> {
    of_org(&asker, &key, &query, ask::owners).await
}

/// 同一最终控制人之下 / Everything under one ultimate controller
#[utoipa::path(
    get, path = "/v1/entities/{key}/group", tag = "entities",
    params(("key" = String, Path, description = "A credit code, `person:KEY` or `id:TYPE:NUMBER`.", example = "91371502YN731R9A56"), TimesQuery),
    responses((status = 200, description = "One object for each ultimate controller.", body = Vec<GroupAnswer>), Problems)
)]
pub(crate) async fn group(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<TimesQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadGroup).await?;
    let subject = asker.subject(&key)?;
    let tense = query.tense(&asker.app)?;
    asker
        .show(
            (Action::ReadGroup, Some(subject)),
            (tense, Needs::Substance),
            move |session, sweep| ask::group(session, sweep, subject),
        )
        .await
}

/// 两个主体之间的路径 / The shortest paths between two entities
#[utoipa::path(
    get, path = "/v1/paths", tag = "entities", params(PathsQuery),
    responses((status = 200, description = "The paths.", body = Paths), Problems)
)]
pub(crate) async fn paths(asker: Asker, Ask(query): Ask<PathsQuery>) -> Result<Response, Problem> {
    asker.may(Action::ReadPaths).await?;
    let (from, to) = (asker.subject(&query.from)?, asker.subject(&query.to)?);
    asker.looked(Action::ReadPaths, Some(to)).await?;
    let tense = query.tense(&asker.app)?;
    let when = if query.any_time {
        When::AnyTime
    } else {
        When::On(tense.as_of)
    };
    let size = |value| usize::try_from(value).unwrap_or_default();
    let question = PathsQuestion {
        from,
        to,
        k: size(within(query.k, 3, 1..=20)?),
        max_hops: size(within(query.max_hops, 6, 1..=12)?),
        when,
    };
    asker
        .show(
            (Action::ReadPaths, Some(from)),
            (tense, Needs::Substance),
            move |session, sweep| {
                let (items, hubs) = ask::paths(session, sweep, question, query.agreements)?;
                Ok(Paths {
                    as_of: tense.as_of.to_string(),
                    known_at: tense.known_at.to_string(),
                    data_version: tense.batch.0,
                    items,
                    hubs,
                })
            },
        )
        .await
}

/// 规避迹象 / Signals for analysts, never a restriction
#[utoipa::path(
    get, path = "/v1/signals", tag = "entities", params(SignalsQuery),
    responses((status = 200, description = "The signals.", body = Paged<SignalAnswer>), Problems)
)]
pub(crate) async fn signals(
    asker: Asker,
    Ask(query): Ask<SignalsQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadSignals).await?;
    let unknown = || Problem::new(Code::BadParameter, "no such kind of signal / 没有这一类");
    let kind = query.kind.as_deref();
    let kind = kind.map(|code| SignalKind::from_code(code).ok_or_else(unknown));
    let kind = kind.transpose()?;
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadSignals, None),
            (page.tense, Needs::Substance),
            move |session, sweep| {
                let found = ask::signals(session, sweep, kind)?;
                Ok(page.filled(page.window().of(found)))
            },
        )
        .await
}

/// 移送线索 / Referrals to superiors, audit and discipline
#[utoipa::path(
    get, path = "/v1/referrals", tag = "entities", params(ReferralsQuery),
    responses((status = 200, description = "The referrals.", body = Paged<ReferralAnswer>), Problems)
)]
pub(crate) async fn referrals(
    asker: Asker,
    Ask(query): Ask<ReferralsQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadReferrals).await?;
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadReferrals, None),
            (page.tense, Needs::Substance),
            move |session, sweep| {
                let found = ask::referrals(session, sweep)?;
                Ok(page.filled(page.window().of(found)))
            },
        )
        .await
}

//! `offenders`: high-frequency offenders.

use clap::Args;
use queries::control::ControlOverTime;
use queries::offenders::{self, OffenderState};
use queries::sweep::Sweep;

use super::Context;
use crate::Error;
use crate::answer::OffenderAnswer;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct OffendersArgs {
    /// 多家企业背后的人 / the persons behind several organisations
    #[arg(long)]
    persons: bool,
    /// 连同已清零和预警的 / with cleared and warning ones
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(context: &Context, args: &OffendersArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "offenders")?;
    let world = session.world_without_duties()?;
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &session.catalogue, &control);
    let found = if args.persons {
        offenders::persons(&sweep, session.as_of)
    } else {
        offenders::organisations(&sweep, session.as_of)
    };
    let wanted = found
        .iter()
        .filter(|found| args.all || args.persons || found.state == OffenderState::ToClear);
    let answers = wanted.map(|offender| OffenderAnswer::of(&session, &sweep, offender));
    let answers: Vec<_> = answers.collect::<Result<_, _>>()?;
    context.output.list(
        &answers,
        &[
            ("主体 subject", "subject.name"),
            ("标识 key", "subject.key"),
            ("处罚数 count", "count"),
            ("公示中 published", "published_count"),
            ("状态 state", "state"),
            ("首次达到 reached", "first_reached_on"),
            ("最近一次 last", "last_on"),
        ],
    )
}

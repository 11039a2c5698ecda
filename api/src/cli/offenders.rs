//! `offenders`: high-frequency offenders.

use clap::Args;

use super::Context;
use crate::Error;
use crate::answer::ask;
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
    let answers = session
        .sweep_without_duties(|sweep| ask::offenders(&session, sweep, args.persons, args.all))?;
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

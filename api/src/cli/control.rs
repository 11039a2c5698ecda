//! `controllers` and `owners` of one organisation.

use clap::Args;
use queries::control::ControlOverTime;

use super::Context;
use crate::Error;
use crate::answer::{ControllersAnswer, OwnersAnswer};
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct OrgArgs {
    /// 统一社会信用代码 / credit code
    org: String,
}

pub(crate) fn controllers(context: &Context, args: &OrgArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "controllers")?;
    let org = session.organisation(&args.org)?;
    let world = session.world_above(org)?;
    let control = ControlOverTime::new(&world);
    let answer = ControllersAnswer::of(&session, &world, &control, org, session.as_of)?;
    context.output.object(&answer)
}

pub(crate) fn owners(context: &Context, args: &OrgArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "owners")?;
    let org = session.organisation(&args.org)?;
    let world = session.world_above(org)?;
    context
        .output
        .object(&OwnersAnswer::of(&session, &world, org, session.as_of)?)
}

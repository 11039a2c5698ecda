//! `controllers` and `owners` of one organisation.

use clap::Args;

use super::Context;
use crate::Error;
use crate::answer::ask;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct OrgArgs {
    /// 统一社会信用代码 / credit code
    org: String,
}

pub(crate) fn controllers(context: &Context, args: &OrgArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "controllers")?;
    let org = session.organisation(&args.org)?;
    let answer = session.sweep_above(org, |sweep| ask::controllers(&session, sweep, org))?;
    context.output.object(&answer)
}

pub(crate) fn owners(context: &Context, args: &OrgArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "owners")?;
    let org = session.organisation(&args.org)?;
    let answer = session.sweep_above(org, |sweep| ask::owners(&session, sweep, org))?;
    context.output.object(&answer)
}

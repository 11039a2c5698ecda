//! `restrictions`: all in force on the day, or the leads.

use clap::Args;

use super::Context;
use super::progress::Spinner;
use crate::Error;
use crate::answer::ask::{self, Which, Window};
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct RestrictionsArgs {
    /// 只看这个主体 / only this subject
    #[arg(long)]
    subject: Option<String>,
    /// 只看这个案件 / only this case
    #[arg(long)]
    case: Option<String>,
    /// 线索而非措施 / the leads instead
    #[arg(long)]
    leads: bool,
}

pub(crate) fn run(context: &Context, args: &RestrictionsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "restrictions")?;
    let subject = args
        .subject
        .as_deref()
        .map(|text| session.subject(text))
        .transpose()?;
    let spinner = Spinner::new(context.quiet, "计算 / working");
    let which = Which {
        subject,
        case: args.case.clone(),
    };
    if args.leads {
        let answers = session.sweep(|sweep| ask::leads(&session, sweep, &which, Window::ALL))?;
        drop(spinner);
        return context.output.list(&answers, COLUMNS);
    }
    let answers = session.sweep(|sweep| ask::restrictions(&session, sweep, &which, Window::ALL))?;
    drop(spinner);
    context.output.list(&answers, COLUMNS)
}

const COLUMNS: &[crate::output::Column] = &[
    ("主体 subject", "subject.name"),
    ("标识 key", "subject.key"),
    ("措施 measure", "measure"),
    ("名单 list", "list"),
    ("案号 case", "case_no"),
    ("自 from", "from"),
    ("至 to", "to"),
    ("直接 direct", "direct"),
    ("已认定 confirmed", "confirmed"),
    ("异议中 objection", "under_objection"),
];

//! `explain`: the whole proof of a restriction, lead, gap or receipt.

use clap::Args;

use super::Context;
use crate::Error;
use crate::answer::proof;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// 措施、线索、缺口或回执的编号 / id of a restriction, lead, gap or receipt
    id: String,
}

pub(crate) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "explain")?;
    let id = args.id.trim();
    if id.starts_with("receipt-") {
        let receipt = proof::kept_receipt(&session, id)?
            .ok_or_else(|| Error::Refused(format!("no receipt is called {id}")))?;
        let answer = session.sweep(|sweep| proof::of_receipt(&session, sweep, &receipt))?;
        return context.output.object(&answer);
    }
    let answer = if id.starts_with("gap-") {
        session.sweep(|sweep| proof::of_sweep(&session, sweep, id))?
    } else {
        session.sweep_without_duties(|sweep| proof::of_sweep(&session, sweep, id))?
    };
    match answer {
        Some(explanation) => context.output.object(&explanation),
        None => Err(Error::Refused(format!(
            "nothing is called {id} with what is known at {}: ids stand in the answers of \
             `restrictions`, `restrictions --leads`, `gaps` and `verify`",
            session.known_at
        ))),
    }
}

//! `indicators`: the policy's figures.

use clap::Args;

use super::Context;
use crate::Error;
use crate::answer::ask;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct IndicatorsArgs {
    /// 列出某个指标的分子所含记录 / list what an indicator's numerator counts
    #[arg(long, value_name = "CODE")]
    records: Option<String>,
}

pub(crate) fn run(context: &Context, args: &IndicatorsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "indicators")?;
    if let Some(code) = &args.records {
        let rows = session.sweep(|sweep| ask::indicator_records(&session, sweep, code))?;
        return context.output.list(&rows, &[]);
    }
    let answers = session.sweep(|sweep| Ok(ask::indicators(&session, sweep)))?;
    context.output.list(
        &answers,
        &[
            ("指标 indicator", "code"),
            ("分子 numerator", "numerator"),
            ("分母 denominator", "denominator"),
            ("比率 ratio", "ratio"),
            ("得分 points", "points"),
        ],
    )
}

//! The only place that reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use graph::time::{Date, Moment};

/// The present moment.
pub(crate) fn now() -> Moment {
    let since = system().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The present moment as the system tells it, for whoever measures.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn system() -> SystemTime {
    SystemTime::now()
}

/// Today in Asia/Shanghai.
pub(crate) fn today() -> Date {
    now().date()
}

//! The only place that reads the clock.

use std::time::UNIX_EPOCH;

use graph::time::{Date, Moment};

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> Moment {
    let since = std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Today in Asia/Shanghai.
pub(crate) fn today() -> Date {
    now().date()
}

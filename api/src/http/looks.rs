//! How many persons each caller is shown: quotas of a day, and warnings when it is
//! many in a short time or outside working hours.
//!
//! What counts is the answer: each person in it once, whoever was asked about. A
//! quota is refused before anything is told. What was shown before a restart
//! stands in the audit log.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use graph::store::Store;
use graph::time::Moment;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::audit::shown_since;
use crate::auth::{Alert, Caller, DailyQuota, Role, Watch, WatchSettings};

/// Limits to looking.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LookSettings {
    /// So many persons a day (Asia/Shanghai) for one caller of a role; a role that is
    /// not named has no limit. Of several roles the smallest counts.
    pub(crate) per_day: BTreeMap<Role, u32>,
    /// When to warn.
    pub(crate) watch: WatchSettings,
}

/// What was counted.
#[derive(Debug)]
pub(crate) struct Looks {
    per_day: BTreeMap<Role, u32>,
    counted: Mutex<(DailyQuota, Watch)>,
}

impl Looks {
    /// Takes up what the log says of today.
    pub(crate) fn new(
        settings: &LookSettings,
        store: &dyn Store,
        now: Moment,
    ) -> Result<Self, Error> {
        let mut quota = DailyQuota::default();
        if !settings.per_day.is_empty() {
            let snapshot = store.snapshot()?;
            let since = Moment::start_of(now.date());
            for (caller, shown) in shown_since(&*snapshot, store.keys(), since)? {
                quota.resume(&caller, shown, now);
            }
        }
        Ok(Self {
            per_day: settings.per_day.clone(),
            counted: Mutex::new((quota, Watch::new(settings.watch))),
        })
    }

    fn counted(&self) -> MutexGuard<'_, (DailyQuota, Watch)> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts persons that are about to be shown; else says how many are left today.
    pub(crate) fn take(
        &self,
        caller: &Caller,
        persons: u32,
        now: Moment,
        is_workday: bool,
    ) -> Result<Vec<Alert>, u32> {
        let limits = caller
            .roles
            .iter()
            .filter_map(|role| self.per_day.get(role));
        let mut counted = self.counted();
        if let Some(limit) = limits.min() {
            counted.0.take(&caller.client, persons, *limit, now)?;
        }
        Ok(counted.1.look(&caller.client, persons, now, is_workday))
    }
}

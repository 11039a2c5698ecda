//! Counting: how fast a client asks, how many persons it looks at in a day, and
//! what ought to be looked into. Pure state; the clock is passed in.

use std::collections::{BTreeMap, VecDeque};

use graph::time::{Date, Moment};
use serde::{Deserialize, Serialize};

/// How many requests a client may make: `burst` at once, `per_minute` in the long
/// run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RateLimit {
    /// At once.
    pub burst: u32,
    /// In the long run.
    pub per_minute: u32,
}

const MINUTE_MS: i64 = 60_000;

/// Buckets of tokens, one a client. A token is counted as `MINUTE_MS` parts, of
/// which `per_minute` come back every millisecond: whole numbers throughout.
#[derive(Clone, Debug)]
pub struct Bucket {
    limit: RateLimit,
    filled: BTreeMap<String, (i64, Moment)>,
}

impl Bucket {
    /// Full buckets.
    pub fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            filled: BTreeMap::new(),
        }
    }

    fn full(&self) -> i64 {
        i64::from(self.limit.burst) * MINUTE_MS
    }

    fn refilled(&self, parts: i64, since: Moment, now: Moment) -> i64 {
        // A clock that is set back gives nothing and takes nothing.
        let passed = now.0.saturating_sub(since.0).max(0);
        let gained = passed.saturating_mul(i64::from(self.limit.per_minute));
        parts.saturating_add(gained).min(self.full())
    }

    /// Takes one token; else says after how many milliseconds there is one, or
    /// `None` inside when there never will be.
    pub fn take(&mut self, client: &str, now: Moment) -> Result<(), Option<u64>> {
        let (parts, since) = self
            .filled
            .get(client)
            .copied()
            .unwrap_or((self.full(), now));
        let parts = self.refilled(parts, since, now);
        let left = parts - MINUTE_MS;
        let kept = if left < 0 { parts } else { left };
        self.filled
            .insert(client.to_owned(), (kept, now.max(since)));
        if left >= 0 {
            return Ok(());
        }
        let pace = i64::from(self.limit.per_minute);
        if pace == 0 || self.full() < MINUTE_MS {
            return Err(None);
        }
        let wait = left.saturating_neg().saturating_add(pace - 1) / pace;
        Err(Some(u64::try_from(wait).unwrap_or(u64::MAX)))
    }

    /// Forgets clients whose bucket is full again.
    pub fn forget_idle(&mut self, now: Moment) {
        let rules = Self::new(self.limit);
        let full = self.full();
        self.filled
            .retain(|_, (parts, since)| rules.refilled(*parts, *since, now) < full);
    }
}

/// How many persons a client may look at in a day (Asia/Shanghai).
#[derive(Clone, Default, Debug)]
pub struct DailyQuota {
    day: Option<Date>,
    used: BTreeMap<String, u32>,
}

impl DailyQuota {
    /// Takes up what was used before a restart, as the audit log tells it.
    pub fn resume(&mut self, client: &str, used: u32, now: Moment) {
        self.turn(now);
        self.used.insert(client.to_owned(), used);
    }

    /// Takes `count` looks of `limit`, all or none; else says how many are left.
    pub fn take(&mut self, client: &str, count: u32, limit: u32, now: Moment) -> Result<(), u32> {
        self.turn(now);
        let used = self.used.entry(client.to_owned()).or_default();
        let left = limit.saturating_sub(*used);
        if count > left {
            return Err(left);
        }
        *used = used.saturating_add(count);
        Ok(())
    }

    fn turn(&mut self, now: Moment) {
        let today = now.date();
        // A clock that is set back does not give yesterday's looks again.
        if self.day.is_none_or(|day| today > day) {
            self.day = Some(today);
            self.used.clear();
        }
    }
}

/// What is worth a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchSettings {
    /// So many persons shown …
    pub burst: u32,
    /// … within so many minutes.
    pub burst_minutes: u32,
    /// So many persons shown in one day outside working hours.
    pub off_hours: u32,
    /// Working hours begin with this hour …
    pub from_hour: u32,
    /// … and end before this one.
    pub to_hour: u32,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            burst: 500,
            burst_minutes: 10,
            off_hours: 100,
            from_hour: 8,
            to_hour: 19,
        }
    }
}

/// The kind of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Many looks in a short time.
    Burst,
    /// Many looks outside working hours.
    OffHours,
}

impl AlertKind {
    /// The name in the audit log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Burst => "alert_burst",
            Self::OffHours => "alert_off_hours",
        }
    }
}

/// A warning, for the audit log and whoever is on duty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Alert {
    /// What.
    pub kind: AlertKind,
    /// By whom.
    pub client: String,
    /// How many looks were counted.
    pub count: u32,
    /// When, RFC 3339.
    pub at: String,
}

#[derive(Clone, Default, Debug)]
struct Watched {
    recent: VecDeque<(Moment, u32)>,
    warned_at: Option<Moment>,
    off_day: Option<Date>,
    off_count: u32,
}

/// Watches looks at persons, client by client.
#[derive(Clone, Debug)]
pub struct Watch {
    settings: WatchSettings,
    clients: BTreeMap<String, Watched>,
}

impl Watch {
    /// Nothing was seen yet.
    pub fn new(settings: WatchSettings) -> Self {
        Self {
            settings,
            clients: BTreeMap::new(),
        }
    }

    /// Notes `count` looks; `is_workday` is the calendar's word on the day. One
    /// warning a stretch of minutes, and one a day for off hours.
    pub fn look(&mut self, client: &str, count: u32, now: Moment, is_workday: bool) -> Vec<Alert> {
        let settings = self.settings;
        let watched = self.clients.entry(client.to_owned()).or_default();
        let alert = |kind, count| Alert {
            kind,
            client: client.to_owned(),
            count,
            at: now.to_string(),
        };
        let mut alerts = Vec::new();
        let window = i64::from(settings.burst_minutes) * MINUTE_MS;
        let begin = now.0.saturating_sub(window);
        watched.recent.push_back((now, count));
        watched.recent.retain(|(at, _)| at.0 > begin);
        let sum = |total: u32, (_, count): &(Moment, u32)| total.saturating_add(*count);
        let recent = watched.recent.iter().fold(0, sum);
        if recent >= settings.burst && watched.warned_at.is_none_or(|at| at.0 <= begin) {
            watched.warned_at = Some(now);
            alerts.push(alert(AlertKind::Burst, recent));
        }
        let hour = now.0.saturating_sub(Moment::start_of(now.date()).0) / (60 * MINUTE_MS);
        let working = i64::from(settings.from_hour)..i64::from(settings.to_hour);
        if !is_workday || !working.contains(&hour) {
            if watched.off_day != Some(now.date()) {
                (watched.off_day, watched.off_count) = (Some(now.date()), 0);
            }
            let before = watched.off_count;
            watched.off_count = before.saturating_add(count);
            if before < settings.off_hours && watched.off_count >= settings.off_hours {
                alerts.push(alert(AlertKind::OffHours, watched.off_count));
            }
        }
        alerts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Moment = Moment(1_790_049_600_000);

    fn after(ms: i64) -> Moment {
        Moment(NOON.0 + ms)
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_holds_more_than_burst_and_pace(
            burst in 1_u32..6, per_minute in 1_u32..200,
            gaps in prop::collection::vec(0_i64..5000, 1..60),
        ) {
            let mut bucket = Bucket::new(RateLimit { burst, per_minute });
            let (mut now, mut taken) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                match bucket.take("a", after(now)) {
                    Ok(()) => taken.push(now),
                    Err(wait) => {
                        let wait = i64::try_from(wait.unwrap()).unwrap();
                        prop_assert!(wait > 0);
                        prop_assert!(bucket.clone().take("a", after(now + wait - 1)).is_err());
                        prop_assert!(bucket.clone().take("a", after(now + wait)).is_ok());
                    }
                }
                bucket.forget_idle(after(now));
            }
            for (first, begin) in taken.iter().enumerate() {
                for (last, end) in taken.iter().enumerate().skip(first) {
                    let count = i64::try_from(last - first + 1).unwrap();
                    let most = i64::from(burst) * 60_000 + (end - begin) * i64::from(per_minute);
                    prop_assert!(count * 60_000 <= most);
                }
            }
        }
    }

    #[test]
    fn clients_do_not_share_a_bucket_and_none_is_never() {
        let mut bucket = Bucket::new(RateLimit {
            burst: 1,
            per_minute: 1,
        });
        assert_eq!(bucket.take("a", NOON), Ok(()));
        assert_eq!(bucket.take("b", NOON), Ok(()));
        assert_eq!(bucket.take("a", NOON), Err(Some(60_000)));
        assert_eq!(bucket.take("a", after(-600_000)), Err(Some(60_000)));
        bucket.forget_idle(after(60_000));
        assert!(bucket.filled.is_empty());
        let mut closed = Bucket::new(RateLimit {
            burst: 0,
            per_minute: 60,
        });
        assert_eq!(closed.take("a", NOON), Err(None));
    }

    #[test]
    fn a_day_has_so_many_looks() {
        let mut quota = DailyQuota::default();
        assert_eq!(quota.take("a", 3, 5, NOON), Ok(()));
        assert_eq!(quota.take("a", 3, 5, NOON), Err(2));
        assert_eq!(quota.take("b", 5, 5, NOON), Ok(()));
        assert_eq!(quota.take("a", 2, 5, after(-86_400_000)), Ok(()));
        assert_eq!(quota.take("a", 1, 5, NOON), Err(0));
        // 12:00 in Shanghai: the day ends in twelve hours.
        assert_eq!(quota.take("a", 5, 5, after(12 * 3_600_000 - 1)), Err(0));
        assert_eq!(quota.take("a", 5, 5, after(12 * 3_600_000)), Ok(()));
        let mut again = DailyQuota::default();
        again.resume("a", 4, NOON);
        assert_eq!(again.take("a", 2, 5, NOON), Err(1));
    }

    #[test]
    fn bursts_and_off_hours_are_told_once() {
        let settings = WatchSettings {
            burst: 4,
            off_hours: 3,
            ..WatchSettings::default()
        };
        let mut watch = Watch::new(settings);
        let mut kinds = |count, at, workday| {
            let alerts = watch.look("a", count, at, workday);
            alerts
                .into_iter()
                .map(|one| (one.kind, one.count))
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(3, NOON, true), []);
        assert_eq!(kinds(1, after(60_000), true), [(AlertKind::Burst, 4)]);
        assert_eq!(kinds(1, after(120_000), true), []);
        assert_eq!(kinds(3, after(900_000), true), []);
        assert_eq!(kinds(4, after(900_001), true), [(AlertKind::Burst, 7)]);
        let evening = 8 * 3_600_000;
        assert_eq!(kinds(2, after(evening), true), []);
        assert_eq!(
            kinds(1, after(evening + 660_000), true),
            [(AlertKind::OffHours, 3)]
        );
        assert_eq!(kinds(1, after(evening + 1_320_000), true), []);
        let holiday = 24 * 3_600_000;
        assert_eq!(kinds(3, after(holiday), false), [(AlertKind::OffHours, 3)]);
        assert_eq!(watch.look("b", 1, after(holiday), false), []);
    }
}

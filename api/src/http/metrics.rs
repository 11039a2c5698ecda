//! Figures for Prometheus: requests and how long they took, by route.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency buckets, in milliseconds.
const BUCKETS_MS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 5000, 30000];

#[derive(Default, Debug)]
struct Latency {
    buckets: [u64; BUCKETS_MS.len()],
    count: u64,
    sum_us: u64,
}

/// What was counted since the start.
#[derive(Default, Debug)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    latencies: Mutex<BTreeMap<String, Latency>>,
    alerts: AtomicU64,
}

impl Metrics {
    /// A request was answered. `route` is the route's pattern, never a path.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let key = (method.to_owned(), route.to_owned(), status);
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry(key).or_default() += 1;
        drop(requests);
        let mut latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let latency = latencies.entry(route.to_owned()).or_default();
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bound, bucket) in BUCKETS_MS.iter().zip(&mut latency.buckets) {
            *bucket += u64::from(took_us <= bound * 1000);
        }
        latency.count += 1;
        latency.sum_us = latency.sum_us.saturating_add(took_us);
    }

    /// Somebody was warned of.
    pub(crate) fn alerted(&self) {
        self.alerts.fetch_add(1, Ordering::Relaxed);
    }

    /// The text that Prometheus reads; `gauges` are added as they are.
    pub(crate) fn text(&self, gauges: &[(&str, u64)]) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = self.write(&mut text, gauges);
        text
    }

    fn write(&self, out: &mut String, gauges: &[(&str, u64)]) -> std::fmt::Result {
        writeln!(out, "# TYPE chuantou_requests_total counter")?;
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), count) in requests.iter() {
            writeln!(
                out,
                "chuantou_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            )?;
        }
        drop(requests);
        writeln!(out, "# TYPE chuantou_request_seconds histogram")?;
        let latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (route, latency) in latencies.iter() {
            let name = "chuantou_request_seconds";
            for (bound, count) in BUCKETS_MS.iter().zip(latency.buckets) {
                let (whole, part) = (bound / 1000, bound % 1000);
                writeln!(
                    out,
                    "{name}_bucket{{route=\"{route}\",le=\"{whole}.{part:03}\"}} {count}"
                )?;
            }
            let (count, sum) = (latency.count, latency.sum_us);
            writeln!(
                out,
                "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            )?;
            let (whole, part) = (sum / 1_000_000, sum % 1_000_000);
            writeln!(out, "{name}_sum{{route=\"{route}\"}} {whole}.{part:06}")?;
            writeln!(out, "{name}_count{{route=\"{route}\"}} {count}")?;
        }
        let alerts = self.alerts.load(Ordering::Relaxed);
        writeln!(
            out,
            "# TYPE chuantou_alerts_total counter\nchuantou_alerts_total {alerts}"
        )?;
        for (name, value) in gauges {
            writeln!(out, "# TYPE chuantou_{name} gauge\nchuantou_{name} {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_falls_into_every_bucket_above_it() {
        let metrics = Metrics::default();
        metrics.answered("GET", "/v1/gaps", 200, Duration::from_millis(3));
        let text = metrics.text(&[("data_version", 7)]);
        for line in [
            "chuantou_requests_total{method=\"GET\",route=\"/v1/gaps\",status=\"200\"} 1",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"0.002\"} 0",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"0.005\"} 1",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"+Inf\"} 1",
            "chuantou_request_seconds_sum{route=\"/v1/gaps\"} 0.003000",
            "chuantou_data_version 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}

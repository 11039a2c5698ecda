//! Webhooks: who is told of which changes, and the state of every delivery.
//!
//! A delivery is a POST of one change as JSON, with these headers:
//!
//! ```text
//! Content-Type: application/json
//! Chuantou-Event: change-<number>                      the same at every attempt
//! Chuantou-Signature: t=<seconds since 1970>,v1=<hexadecimal>
//! v1 = HMAC-SHA256(secret, "<t>.<event>.<body>")
//! ```
//!
//! The receiver computes `v1` over the bytes it got, compares in constant time, and
//! refuses a `t` more than five minutes away. Any answer of 200 to 299 is a receipt;
//! anything else is tried again, later each time, and after the last attempt the
//! delivery is dead until somebody sends it again. A change is delivered at least
//! once, and may come twice or out of order: `Chuantou-Event` and the change's
//! number tell.

use std::collections::{BTreeMap, BTreeSet};

use graph::id::Hex;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot, StoreError};
use graph::time::Moment;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Change, ChangeKind, entry, key, opened};
use crate::Error;

/// Who is told of what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id: letters, digits, `-`.
    pub id: String,
    /// Where to.
    pub url: String,
    /// The name of the file with the secret, in the folder for these.
    pub secret: String,
    /// These kinds of changes; empty: all.
    pub kinds: BTreeSet<ChangeKind>,
    /// This department's gaps; none: all.
    pub department: Option<String>,
    /// Not told any more.
    pub ended: bool,
}

impl Subscription {
    /// Whether it may be kept. Loopback addresses are for trying out.
    pub fn check(&self, allow_local: bool) -> Result<(), Error> {
        let is_name = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
        };
        let refused = |what: &str| Err(Error::Refused(what.to_owned()));
        if !is_name(&self.id) || !is_name(&self.secret) {
            return refused("ids and names of secrets are letters, digits and `-`, at most 64");
        }
        let secure = self.url.starts_with("https://");
        if secure || allow_local && crate::outbound::is_local(&self.url) {
            return Ok(());
        }
        refused("a subscriber's address begins with https://")
    }

    fn wants(&self, change: &Change) -> bool {
        !self.ended
            && (self.kinds.is_empty() || self.kinds.contains(&change.change))
            && (self.department.is_none() || self.department == change.department)
    }
}

/// Where a delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried at its time.
    Waiting,
    /// Received.
    Delivered,
    /// Given up.
    Dead,
}

/// One change on its way to one subscriber.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// To whom.
    pub subscription: String,
    /// Which change.
    pub seq: u64,
    /// What is sent, byte for byte the same each time.
    pub body: String,
    /// Where it is.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// Not before this moment, milliseconds since 1970 UTC.
    pub due_at: i64,
    /// What the last failure was.
    pub fault: Option<String>,
}

impl Delivery {
    /// The event's id, the same at every attempt.
    pub fn event(&self) -> String {
        format!("change-{}", self.seq)
    }
}

/// What a sender is given: everything but the secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// To whom.
    pub subscription: String,
    /// Which change.
    pub seq: u64,
    /// Where to.
    pub url: String,
    /// The name of the secret.
    pub secret: String,
    /// The event's id.
    pub event: String,
    /// Seconds since 1970.
    pub seconds: i64,
    /// The body.
    pub body: String,
}

/// Sends a message; an error says why it was not received.
pub trait Deliver: Send {
    /// Sends it once.
    fn deliver(&self, message: &Message) -> Result<(), String>;
}

/// The value of `Chuantou-Signature`.
pub fn signature(secret: &[u8], message: &Message) -> String {
    let mut block = [0; 64];
    let long;
    let secret = if secret.len() > block.len() {
        long = <Sha256 as sha2::Digest>::digest(secret);
        long.as_slice()
    } else {
        secret
    };
    block
        .iter_mut()
        .zip(secret)
        .for_each(|(place, byte)| *place = *byte);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(format!("{}.{}.{}", message.seconds, message.event, message.body).as_bytes());
    let digest = mac.finalize().into_bytes();
    format!("t={},v1={}", message.seconds, Hex(&digest))
}

/// How fast what failed is tried again, and when it is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// The pause after the first attempt.
    pub first_ms: i64,
    /// The longest pause.
    pub longest_ms: i64,
    /// Given up after so many attempts.
    pub attempts: u32,
}

impl Default for Pace {
    /// Given up after about a day.
    fn default() -> Self {
        Self {
            first_ms: 10_000,
            longest_ms: 3_600_000,
            attempts: 32,
        }
    }
}

impl Pace {
    /// The pause after so many attempts: twice as long each time, up to the longest,
    /// of which `jitter` (0 to 1000) decides the second half.
    pub fn delay_ms(self, attempts: u32, jitter: u16) -> i64 {
        let doubled = 1_i64
            .checked_shl(attempts.saturating_sub(1).min(30))
            .unwrap_or(1);
        let whole = self.first_ms.saturating_mul(doubled).min(self.longest_ms);
        let half = whole / 2;
        half + half * i64::from(jitter.min(1000)) / 1000
    }
}

type Place = (String, u64);

/// Subscriptions and what is not delivered, held by the one writer.
#[derive(Clone, Debug)]
pub struct Queue {
    subscriptions: BTreeMap<String, Subscription>,
    open: BTreeMap<Place, Delivery>,
    /// Handed to a sender, with no word yet. Forgotten at a restart: sent again.
    under_way: BTreeSet<Place>,
    keys: Keys,
}

impl Queue {
    /// Reads them from a store.
    pub fn open(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Self, StoreError> {
        let mut queue = Self {
            subscriptions: BTreeMap::new(),
            open: BTreeMap::new(),
            under_way: BTreeSet::new(),
            keys: keys.clone(),
        };
        for (key, value) in snapshot.entries(Book::Feed, b"s")? {
            let subscription: Subscription = opened(keys, &key, &value)?;
            queue
                .subscriptions
                .insert(subscription.id.clone(), subscription);
        }
        for (key, value) in snapshot.entries(Book::Feed, b"q")? {
            queue.accept(vec![opened(keys, &key, &value)?]);
        }
        Ok(queue)
    }

    /// All subscriptions, ended ones too.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    /// Adds or changes a subscription: what to write. Take it over with
    /// [`Self::subscribed`] when it is written.
    pub fn subscribe(&self, subscription: &Subscription) -> Result<BookEntry, StoreError> {
        let key = key(b's', subscription.id.as_bytes());
        entry(&self.keys, key, subscription)
    }

    /// Takes over a subscription that was written.
    pub fn subscribed(&mut self, subscription: Subscription) {
        self.subscriptions
            .insert(subscription.id.clone(), subscription);
    }

    /// The deliveries that follow from changes, to be written together with them.
    pub fn deliveries(&self, changes: &[Change], at: Moment) -> Result<Vec<Delivery>, StoreError> {
        let mut found = Vec::new();
        for change in changes {
            for subscription in self.subscriptions.values().filter(|one| one.wants(change)) {
                found.push(Delivery {
                    subscription: subscription.id.clone(),
                    seq: change.seq,
                    body: serde_json::to_string(change).map_err(StoreError::encoding)?,
                    state: DeliveryState::Waiting,
                    attempts: 0,
                    due_at: at.0,
                    fault: None,
                });
            }
        }
        Ok(found)
    }

    /// What to write for deliveries. Take them over with [`Self::accept`] when they
    /// are written.
    pub fn entries(&self, deliveries: &[Delivery]) -> Result<Vec<BookEntry>, StoreError> {
        let written = deliveries.iter().map(|delivery| {
            let place = [
                delivery.subscription.as_bytes(),
                &[0],
                &delivery.seq.to_be_bytes(),
            ];
            let key = key(b'q', &place.concat());
            if delivery.state == DeliveryState::Delivered {
                // An entry written without a value is removed.
                return Ok((Book::Feed, key, Vec::new()));
            }
            entry(&self.keys, key, delivery)
        });
        written.collect()
    }

    /// Takes over deliveries that were written.
    pub fn accept(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let place = (delivery.subscription.clone(), delivery.seq);
            self.under_way.remove(&place);
            if delivery.state == DeliveryState::Delivered {
                self.open.remove(&place);
            } else {
                self.open.insert(place, delivery);
            }
        }
    }

    /// At most `limit` messages whose time has come and that are not under way;
    /// they are now.
    pub fn due(&mut self, now: Moment, limit: usize) -> Vec<Message> {
        let ready = |(place, delivery): &(&Place, &Delivery)| {
            delivery.state == DeliveryState::Waiting
                && delivery.due_at <= now.0
                && !self.under_way.contains(*place)
        };
        let message = |(_, delivery): (&Place, &Delivery)| {
            let to = self.subscriptions.get(&delivery.subscription)?;
            (!to.ended).then(|| Message {
                subscription: to.id.clone(),
                seq: delivery.seq,
                url: to.url.clone(),
                secret: to.secret.clone(),
                event: delivery.event(),
                seconds: now.0.div_euclid(1000),
                body: delivery.body.clone(),
            })
        };
        let waiting = self.open.iter().filter(ready);
        let messages: Vec<Message> = waiting.filter_map(message).take(limit).collect();
        let places = messages
            .iter()
            .map(|one| (one.subscription.clone(), one.seq));
        self.under_way.extend(places);
        messages
    }

    /// What became of a message. `jitter` is drawn from 0 to 1000.
    pub fn attempted(
        &self,
        (subscription, seq): (&str, u64),
        outcome: Result<(), String>,
        now: Moment,
        (pace, jitter): (Pace, u16),
    ) -> Option<Delivery> {
        let mut delivery = self.open.get(&(subscription.to_owned(), seq))?.clone();
        delivery.attempts = delivery.attempts.saturating_add(1);
        match outcome {
            Ok(()) => (delivery.state, delivery.fault) = (DeliveryState::Delivered, None),
            Err(fault) => {
                delivery.fault = Some(fault);
                delivery.due_at = now
                    .0
                    .saturating_add(pace.delay_ms(delivery.attempts, jitter));
                if delivery.attempts >= pace.attempts {
                    delivery.state = DeliveryState::Dead;
                }
            }
        }
        Some(delivery)
    }

    /// What is not delivered: what waits, and what was given up.
    pub fn open_deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.open.values()
    }

    /// What was given up.
    pub fn dead(&self) -> impl Iterator<Item = &Delivery> {
        let all = self.open_deliveries();
        all.filter(|delivery| delivery.state == DeliveryState::Dead)
    }

    /// A dead delivery as it is to be sent again, from the beginning.
    pub fn again(&self, subscription: &str, seq: u64, now: Moment) -> Option<Delivery> {
        let found = self.open.get(&(subscription.to_owned(), seq))?;
        (found.state == DeliveryState::Dead).then(|| Delivery {
            state: DeliveryState::Waiting,
            attempts: 0,
            due_at: now.0,
            ..found.clone()
        })
    }
}

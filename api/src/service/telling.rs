//! Publishing what changed about gaps, and the deliveries that follow.

use graph::store::Store;
use graph::time::Moment;

use super::{Needs, Service};
use crate::feed::{
    Current, Delivery, Feed, Message, Pace, Queue, Subscription, last_words, sayings,
};
use crate::gapflow;
use crate::{Error, clock};

/// The feed and the deliveries, held by one at a time.
#[derive(Debug)]
pub(super) struct Telling {
    feed: Feed,
    queue: Queue,
}

impl Telling {
    pub(super) fn open(store: &dyn Store) -> Result<Self, Error> {
        let snapshot = store.snapshot()?;
        Ok(Self {
            feed: Feed::open(&*snapshot, store.keys())?,
            queue: Queue::open(&*snapshot, store.keys())?,
        })
    }
}

impl Service {
    /// Publishes how the gaps of today differ from what was published last: after
    /// this the feed is up to date.
    pub(crate) async fn publish(&self) -> Result<(), Error> {
        let mut telling = self.telling.lock().await;
        let tense = self.tense(None, None);
        let asked = self.ask((tense, Needs::Everything), |session, sweep| {
            let found = gapflow::of_sweep(session, sweep, session.as_of)?;
            let holding: Vec<Current> = found.iter().map(|gap| Current::from(&**gap)).collect();
            let snapshot = session.store.snapshot()?;
            let said = sayings(&*snapshot, session.store.keys(), session.known_at)?;
            Ok((holding, last_words(&said)))
        });
        let (holding, said) = asked.await?;
        let (now, state) = (clock::now(), (tense.batch, tense.as_of));
        let mut pending = telling.feed.compare(now, state, &holding, &said)?;
        if pending.entries.is_empty() {
            return Ok(());
        }
        let deliveries = telling.queue.deliveries(&pending.changes, now)?;
        let mut entries = std::mem::take(&mut pending.entries);
        entries.extend(telling.queue.entries(&deliveries)?);
        self.write(entries).await?;
        telling.feed.accept(pending);
        telling.queue.accept(deliveries);
        Ok(())
    }

    /// Publishes when somebody has subscribed.
    pub(crate) async fn publish_to_subscribers(&self) -> Result<(), Error> {
        let open = |one: &Subscription| !one.ended;
        let wanted = self.telling.lock().await.queue.subscriptions().any(open);
        if wanted { self.publish().await } else { Ok(()) }
    }

    /// The subscriptions.
    pub(crate) async fn subscriptions(&self) -> Vec<Subscription> {
        let telling = self.telling.lock().await;
        telling.queue.subscriptions().cloned().collect()
    }

    /// Adds or changes a subscription.
    pub(crate) async fn subscribe(&self, subscription: Subscription) -> Result<(), Error> {
        subscription.check(true)?;
        let mut telling = self.telling.lock().await;
        let entry = telling.queue.subscribe(&subscription)?;
        self.write(vec![entry]).await?;
        telling.queue.subscribed(subscription);
        Ok(())
    }

    /// What is not delivered: what waits, and what was given up.
    pub(crate) async fn open_deliveries(&self) -> Vec<Delivery> {
        let telling = self.telling.lock().await;
        telling.queue.open_deliveries().cloned().collect()
    }

    /// Has a delivery that was given up sent again; none when it was not.
    pub(crate) async fn send_again(
        &self,
        (subscription, seq): (&str, u64),
    ) -> Result<Option<Delivery>, Error> {
        let mut telling = self.telling.lock().await;
        let Some(delivery) = telling.queue.again(subscription, seq, clock::now()) else {
            return Ok(None);
        };
        let deliveries = vec![delivery.clone()];
        self.write(telling.queue.entries(&deliveries)?).await?;
        telling.queue.accept(deliveries);
        Ok(Some(delivery))
    }

    /// Messages whose time has come; they are under way now.
    pub(crate) async fn due(&self, now: Moment, most: usize) -> Vec<Message> {
        self.telling.lock().await.queue.due(now, most)
    }

    /// Writes what became of a message.
    pub(crate) async fn attempted(
        &self,
        (subscription, seq): (String, u64),
        outcome: Result<(), String>,
        pace: Pace,
    ) -> Result<(), Error> {
        let mut telling = self.telling.lock().await;
        let mut jitter = [0; 2];
        // Without random numbers the pauses are the shortest.
        let _ = getrandom::fill(&mut jitter);
        let jitter = u16::from_be_bytes(jitter) % 1001;
        let which = (subscription.as_str(), seq);
        let found = telling
            .queue
            .attempted(which, outcome, clock::now(), (pace, jitter));
        let Some(delivery) = found else {
            return Ok(());
        };
        let deliveries = vec![delivery];
        self.write(telling.queue.entries(&deliveries)?).await?;
        telling.queue.accept(deliveries);
        Ok(())
    }
}

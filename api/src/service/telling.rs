//! Publishing what changed about gaps, and the deliveries that follow.

use graph::store::Store;
use graph::time::Moment;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use queries::gaps::{Gap, differing};

use super::queue::busy;
use super::{Needs, Service};
use crate::feed::{
    Current, Delivery, Feed, Look, Message, Pace, Queue, Saying, Subscription, Words,
};
use crate::gapflow;
use crate::{Error, clock};

/// The feed and the deliveries, held by one at a time.
#[derive(Debug)]
pub(super) struct Telling {
    feed: Feed,
    queue: Queue,
    /// What was looked at when the feed was published last.
    seen: Option<Seen>,
}

/// The gaps that held, and how many of the words said since the start were seen.
#[derive(Clone, Default, Debug)]
struct Seen {
    gaps: Arc<Vec<Arc<Gap>>>,
    words: usize,
}

impl Seen {
    /// The gaps that came, went or were spoken of since.
    fn looks(&self, gaps: &[Arc<Gap>], (words, until): (&Words, Moment)) -> Vec<Look> {
        let (gone, come) = differing(&self.gaps, gaps);
        let gone = gone.iter().map(|gap| (gap.id.clone(), None));
        let mut looks: BTreeMap<String, Option<Current>> = gone.collect();
        looks.extend(come.iter().map(|gap| held(gap)));
        let (spoken_of, _) = words.behind(self.words, until);
        let spoken_of: BTreeSet<&String> =
            spoken_of.filter(|id| !looks.contains_key(*id)).collect();
        if !spoken_of.is_empty() {
            let holding = gaps.iter().filter(|gap| spoken_of.contains(&gap.id));
            let holding: Vec<Look> = holding.map(|gap| held(gap)).collect();
            looks.extend(spoken_of.into_iter().map(|id| (id.clone(), None)));
            looks.extend(holding);
        }
        looks.into_iter().collect()
    }
}

fn held(gap: &Gap) -> Look {
    (gap.id.clone(), Some(Current::from(gap)))
}

impl Telling {
    pub(super) fn open(store: &dyn Store) -> Result<Self, Error> {
        let snapshot = store.snapshot()?;
        Ok(Self {
            feed: Feed::open(&*snapshot, store.keys())?,
            queue: Queue::open(&*snapshot, store.keys())?,
            seen: None,
        })
    }
}

impl Service {
    /// What was said of gaps.
    pub(crate) fn words(&self) -> Arc<Words> {
        let words = self.words.read();
        Arc::clone(&words.unwrap_or_else(PoisonError::into_inner))
    }

    /// Says something of some gaps: kept when this returns, and known from then on.
    pub(crate) async fn say(&self, gaps: &[&str], mut saying: Saying) -> Result<(), Error> {
        let _alone = self.speaking.lock().await;
        saying.at = self.words().moment(gaps, Moment(saying.at)).0;
        let entries = gapflow::entries(self.store.keys(), gaps, &saying)?;
        self.write(entries).await?;
        let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut words).hear(gaps, &saying);
        Ok(())
    }

    /// Publishes how the gaps of today differ from what was published last: after
    /// this the feed is up to date.
    pub(crate) async fn publish(&self) -> Result<(), Error> {
        let mut telling = self.telling.lock().await;
        let (tense, words) = (self.tense(None, None), self.words());
        let (seen, said) = (telling.seen.clone(), Arc::clone(&words));
        let asked = self.ask((tense, Needs::Everything), move |session, sweep| {
            let gaps = gapflow::of_sweep(session, sweep, session.as_of)?;
            let looks = seen.map(|seen| seen.looks(&gaps, (&said, tense.known_at)));
            Ok((gaps, looks))
        });
        let (gaps, looks) = asked.await?;
        let (now, state) = (clock::now(), (tense.batch, tense.as_of));
        let before = telling.seen.as_ref().map_or(0, |seen| seen.words);
        let (_, seen) = words.behind(before, tense.known_at);
        let looked_at = Seen {
            gaps: Arc::clone(&gaps),
            words: seen,
        };
        let feed = &telling.feed;
        let compare = || {
            let all = || feed.everything(gaps.iter().map(|gap| Current::from(&**gap)));
            let looks = looks.unwrap_or_else(all);
            feed.compare(now, state, looks, |id| words.last(id, tense.known_at))
        };
        let mut pending = busy(compare)?;
        if !pending.entries.is_empty() {
            let deliveries = telling.queue.deliveries(&pending.changes, now)?;
            let mut entries = std::mem::take(&mut pending.entries);
            entries.extend(telling.queue.entries(&deliveries)?);
            self.write(entries).await?;
            telling.feed.accept(pending);
            telling.queue.accept(deliveries);
        }
        telling.seen = Some(looked_at);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Said;

    #[test]
    fn a_word_of_a_later_moment_waits_for_the_next_look() {
        let mut words = Words::default();
        let at = |at| Saying {
            said: Said::Accepted,
            ..Saying::notified(Moment(at))
        };
        words.hear(&["gap-1"], &at(10));
        words.hear(&["gap-2"], &at(20));
        let looks = |words_seen, until| {
            let seen = Seen {
                words: words_seen,
                ..Seen::default()
            };
            let looks = seen.looks(&[], (&words, Moment(until)));
            looks.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        // While a batch is on its way "now" lies before it, and before what is said meanwhile.
        assert_eq!(looks(0, 15), ["gap-1"]);
        let (_, seen) = words.behind(0, Moment(15));
        assert_eq!(looks(seen, 20), ["gap-2"]);
    }
}

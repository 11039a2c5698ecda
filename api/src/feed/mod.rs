//! Gaps as they live: what is said of them (`life`), every change in order
//! (`publish`), and telling those who asked to be told (`webhook`, `courier`).
//!
//! The book `feed` of the store holds:
//!
//! ```text
//! `head`                    the last number, and the batch and day last published
//! `c` number(8)             a change, numbered from 1 without holes
//! `p` keyed digest(16)      what was last published of a gap
//! `s` subscription id       a subscription
//! `q` id 00 number(8)       the delivery of that change to a subscriber
//! ```
//!
//! A change, the new published state and the deliveries that follow are one
//! durable write. What is published is the difference between what holds and what
//! was published last: after a crash before the write it is found again, after
//! one behind it there is no difference left. Nothing here reads the clock or
//! draws random numbers; only the courier's thread sends.

mod courier;
mod life;
mod publish;
mod webhook;
mod words;

use graph::seal::Keys;
use graph::store::{Book, BookEntry, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use courier::{Courier, HttpDeliver, Outcome};
pub use life::{Attachment, Said, Saying, State, check_saying, state_after};
pub use publish::{Change, ChangeKind, Current, Feed, Look, Page, Pending, SettledBy, since};
pub use webhook::{
    Deliver, Delivery, DeliveryState, Message, Pace, Queue, Subscription, signature,
};
pub use words::{Words, say};

const HEAD: &[u8] = b"head";

fn key(kind: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(rest);
    key
}

fn entry(keys: &Keys, key: Vec<u8>, value: &impl Serialize) -> Result<BookEntry, StoreError> {
    let text = serde_json::to_vec(value).map_err(StoreError::encoding)?;
    let value = keys.seal(&key, &text);
    Ok((Book::Feed, key, value))
}

fn opened<T: DeserializeOwned>(keys: &Keys, key: &[u8], value: &[u8]) -> Result<T, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt {
        place: "the feed book",
        what,
    };
    let text = keys
        .open(key, value)
        .map_err(|error| corrupt(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| corrupt(error.to_string()))
}

#[cfg(test)]
mod feed_tests;
#[cfg(test)]
mod webhook_tests;

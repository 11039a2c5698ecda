//! Every change of a gap, numbered, in order, exactly once.

use std::collections::BTreeMap;

use graph::change::BatchNo;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot, StoreError};
use graph::time::{Date, Moment};
use queries::gaps::Gap;
use serde::{Deserialize, Serialize};

use super::{HEAD, Said, State, entry, key, opened, state_after};
use crate::Error;

/// A gap that holds now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Current {
    /// The gap.
    pub id: String,
    /// Its kind's code.
    pub kind: String,
    /// Who is answerable.
    pub department: Option<String>,
    /// Whom it concerns, by key.
    pub subject: String,
}

impl From<&Gap> for Current {
    fn from(gap: &Gap) -> Self {
        Self {
            id: gap.id.clone(),
            kind: gap.kind.code().to_owned(),
            department: gap.department.clone(),
            subject: gap.subject.to_string(),
        }
    }
}

/// What happened to a gap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It holds, for the first time.
    Appeared,
    /// Something was said of it.
    State,
    /// It holds no more.
    Resolved,
    /// It holds again, or its dismissal was taken back.
    Reopened,
}

/// The fact after which a gap held no more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    /// This batch was loaded.
    Batch(u32),
    /// This day came, with nothing new loaded.
    Day(String),
}

/// One change, as it is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Its number, from 1, without holes: the cursor.
    pub seq: u64,
    /// When it was published, RFC 3339.
    pub at: String,
    /// What happened.
    pub change: ChangeKind,
    /// To which gap.
    pub gap: String,
    /// Of which kind.
    pub kind: String,
    /// Whose.
    pub department: Option<String>,
    /// About whom.
    pub subject: String,
    /// The state before; none for one that has just appeared.
    pub before: Option<State>,
    /// The state now.
    pub state: State,
    /// For one that holds no more: what settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<SettledBy>,
    /// The newest batch that was looked at.
    pub batch: u32,
    /// The day that was looked at.
    pub day: String,
}

/// A gap by its id, and how it is when it holds.
pub type Look = (String, Option<Current>);

/// What was last published of a gap.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Published {
    gap: String,
    state: State,
    kind: String,
    department: Option<String>,
    subject: String,
}

impl Published {
    fn new(gap: Current, state: State) -> Self {
        Self {
            gap: gap.id,
            state,
            kind: gap.kind,
            department: gap.department,
            subject: gap.subject,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
struct Head {
    seq: u64,
    batch: u32,
    day: String,
}

/// What was published last, held by the one writer.
#[derive(Clone, Debug)]
pub struct Feed {
    head: Head,
    published: BTreeMap<String, Published>,
    keys: Keys,
}

/// Changes that are not written yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// What to write, in one durable write.
    pub entries: Vec<BookEntry>,
    /// The changes among them, for the deliveries.
    pub changes: Vec<Change>,
    head: Head,
    published: Vec<(String, Published)>,
}

impl Feed {
    /// Finds in a store what was published last.
    pub fn open(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Self, StoreError> {
        let mut published = BTreeMap::new();
        for (key, value) in snapshot.entries(Book::Feed, b"p")? {
            let found: Published = opened(keys, &key, &value)?;
            published.insert(found.gap.clone(), found);
        }
        Ok(Self {
            head: read_head(snapshot, keys)?,
            published,
            keys: keys.clone(),
        })
    }

    /// The number of the last change.
    pub fn last(&self) -> u64 {
        self.head.seq
    }

    /// The newest batch and the day that were published. After a crash, whoever
    /// publishes goes on batch by batch from here, so that nothing is skipped.
    pub fn published(&self) -> (BatchNo, Option<Date>) {
        (BatchNo(self.head.batch), Date::parse(&self.head.day))
    }

    /// Looks at every gap: those that hold, and all that were ever published.
    pub fn everything(&self, holding: impl IntoIterator<Item = Current>) -> Vec<Look> {
        let ids = self.published.keys();
        let mut looks: BTreeMap<String, Option<Current>> =
            ids.map(|id| (id.clone(), None)).collect();
        let holding = holding.into_iter();
        looks.extend(holding.map(|gap| (gap.id.clone(), Some(gap))));
        looks.into_iter().collect()
    }

    /// Compares these gaps, as they are on `day` and known with `batch`, with what was
    /// published last; all others are as they were. Write the entries, then
    /// [`Self::accept`] them; when the write fails, drop them.
    pub fn compare(
        &self,
        at: Moment,
        (batch, day): (BatchNo, Date),
        mut looks: Vec<Look>,
        last_word: impl Fn(&str) -> Option<Said>,
    ) -> Result<Pending, StoreError> {
        let mut pending = Pending {
            entries: Vec::new(),
            changes: Vec::new(),
            head: Head {
                seq: self.head.seq,
                batch: batch.0,
                day: day.to_string(),
            },
            published: Vec::new(),
        };
        looks.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (id, now) in looks {
            let before = self.published.get(&id);
            let state = state_after(now.is_some(), last_word(&id));
            let next = match (now, before) {
                (Some(gap), _) => Published::new(gap, state),
                (None, Some(before)) => Published {
                    state,
                    ..before.clone()
                },
                // It neither holds nor ever did.
                (None, None) => continue,
            };
            if before == Some(&next) {
                continue;
            }
            let told = before.map(|before| before.state);
            if told != Some(state) {
                pending.head.seq += 1;
                pending.changes.push(Change {
                    seq: pending.head.seq,
                    at: at.to_string(),
                    change: kind_of(told, state),
                    gap: id.clone(),
                    kind: next.kind.clone(),
                    department: next.department.clone(),
                    subject: next.subject.clone(),
                    before: told,
                    state,
                    settled_by: (state == State::Resolved).then(|| self.settling(batch, day)),
                    batch: batch.0,
                    day: day.to_string(),
                });
            }
            pending.published.push((id, next));
        }
        self.encode(&mut pending)?;
        Ok(pending)
    }

    /// What came between the last look and this one.
    fn settling(&self, batch: BatchNo, day: Date) -> SettledBy {
        if batch.0 > self.head.batch {
            return SettledBy::Batch(batch.0);
        }
        SettledBy::Day(day.to_string())
    }

    fn encode(&self, pending: &mut Pending) -> Result<(), StoreError> {
        for change in &pending.changes {
            let key = key(b'c', &change.seq.to_be_bytes());
            pending.entries.push(entry(&self.keys, key, change)?);
        }
        for (id, published) in &pending.published {
            let key = published_key(&self.keys, id);
            pending.entries.push(entry(&self.keys, key, published)?);
        }
        if pending.head != self.head {
            let head = entry(&self.keys, HEAD.to_vec(), &pending.head)?;
            pending.entries.push(head);
        }
        Ok(())
    }

    /// Takes over what was written.
    pub fn accept(&mut self, pending: Pending) {
        self.head = pending.head;
        self.published.extend(pending.published);
    }
}

/// A gap's id is made of facts that may be guessed: on the disk it is a keyed digest.
fn published_key(keys: &Keys, gap: &str) -> Vec<u8> {
    let half = |part: &[u8]| keys.content(&[b"published gap", part, gap.as_bytes()]);
    key(b'p', &[half(b"1"), half(b"2")].concat())
}

fn kind_of(before: Option<State>, now: State) -> ChangeKind {
    match (before, now) {
        (_, State::Resolved) => ChangeKind::Resolved,
        (None, _) => ChangeKind::Appeared,
        (Some(State::Resolved), State::Dismissed) => ChangeKind::State,
        (Some(State::Resolved), _) | (Some(State::Dismissed), State::Open) => ChangeKind::Reopened,
        _ => ChangeKind::State,
    }
}

fn read_head(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Head, StoreError> {
    match snapshot.entry(Book::Feed, HEAD)? {
        Some(value) => opened(keys, HEAD, &value),
        None => Ok(Head::default()),
    }
}

/// Some changes, and where to go on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Page {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// The cursor for the next ones.
    pub next: u64,
    /// There are more already.
    pub more: bool,
}

/// Exactly the changes after a cursor, in order, at most `limit` of them; with a
/// department only its own.
pub fn since(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    cursor: u64,
    limit: usize,
    department: Option<&str>,
) -> Result<Page, Error> {
    let last = read_head(snapshot, keys)?.seq;
    if cursor > last {
        return Err(Error::Refused(format!(
            "the cursor {cursor} lies behind the last change ({last}): the data was brought back \
             from an older copy; begin again from 0"
        )));
    }
    let (mut changes, mut next) = (Vec::new(), cursor);
    while next < last && changes.len() < limit {
        next += 1;
        let key = key(b'c', &next.to_be_bytes());
        let value = snapshot
            .entry(Book::Feed, &key)?
            .ok_or(StoreError::Corrupt {
                place: "the feed book",
                what: format!("change {next} is missing"),
            })?;
        let change: Change = opened(keys, &key, &value)?;
        if department.is_none() || change.department.as_deref() == department {
            changes.push(change);
        }
    }
    Ok(Page {
        changes,
        next,
        more: next < last,
    })
}

//! Lists by pages. A cursor remembers the times of its question, so that later
//! pages belong to the same state of knowledge whatever is loaded meanwhile.

use graph::id::Hex;
use graph::time::{Date, Moment};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use utoipa::ToSchema;

use super::problem::{Code, Problem};
use crate::answer::ask::Window;
use crate::service::{Service, Tense};

/// Items of a page unless `limit` says otherwise.
const USUAL: usize = 100;
/// The most items of a page.
pub(crate) const MOST: usize = 1000;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paged<T> {
    /// Valid time.
    pub(crate) as_of: String,
    /// Recorded time.
    pub(crate) known_at: String,
    /// The newest batch consulted.
    pub(crate) data_version: u32,
    /// The items.
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; none on the last.
    pub(crate) next: Option<String>,
}

/// A question for one page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) tense: Tense,
    skip: usize,
    limit: usize,
    about: String,
}

#[derive(Serialize, Deserialize)]
struct Cursor(String, i64, u32, usize, String);

impl Page {
    /// The page that a query asks for. `about` is the rest of the query: a cursor
    /// goes with it and no other.
    pub(crate) fn of(
        service: &Service,
        (as_of, known_at): (Option<Date>, Option<Moment>),
        (limit, cursor): (Option<u32>, Option<&str>),
        about: &impl Serialize,
    ) -> Result<Self, Problem> {
        let about = serde_json::to_string(about).unwrap_or_default();
        let digest = Sm3::digest(format!("{about}{as_of:?}{known_at:?}"));
        let about = Hex(digest.first_chunk::<8>().map_or(&[], |head| head)).to_string();
        let limit = limit.map_or(USUAL, |limit| usize::try_from(limit).unwrap_or(MOST));
        if limit == 0 || limit > MOST {
            let what = format!("limit is 1 to {MOST}");
            return Err(Problem::new(Code::BadParameter, what));
        }
        let Some(cursor) = cursor else {
            return Ok(Self {
                tense: service.tense(as_of, known_at),
                skip: 0,
                limit,
                about,
            });
        };
        let wrong = || {
            Problem::new(
                Code::BadCursor,
                "not a cursor of this list / 不是本列表的游标",
            )
        };
        let bytes = crate::receipt::unhex(cursor).ok_or_else(wrong)?;
        let Cursor(day, known_at, batch, skip, of) =
            serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        let day = Date::parse(&day).ok_or_else(wrong)?;
        if of != about {
            return Err(wrong());
        }
        let tense = service.tense(Some(day), Some(Moment(known_at)));
        if tense.batch.0 != batch {
            let what = "begin the list again / 请从头取列表";
            return Err(Problem::new(Code::CursorExpired, what));
        }
        Ok(Self {
            tense,
            skip,
            limit,
            about,
        })
    }

    /// The items to fetch: one more than the page has, to know whether there is more.
    pub(crate) fn window(&self) -> Window {
        Window {
            skip: self.skip,
            take: self.limit + 1,
        }
    }

    /// The page from what the window gave.
    pub(crate) fn filled<T>(&self, mut items: Vec<T>) -> Paged<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let Tense {
            as_of,
            known_at,
            batch,
        } = self.tense;
        let next = more.then(|| {
            let skip = self.skip + self.limit;
            let day = as_of.to_string();
            let cursor = Cursor(day, known_at.0, batch.0, skip, self.about.clone());
            Hex(&serde_json::to_vec(&cursor).unwrap_or_default()).to_string()
        });
        Paged {
            as_of: as_of.to_string(),
            known_at: known_at.to_string(),
            data_version: batch.0,
            items,
            next,
        }
    }
}

//! The life of a gap: `open → notified → answered → resolved | dismissed`.
//!
//! Nothing is deleted. What is said is kept with who and when; the state follows
//! from the last word and from whether the gap still holds.

use std::str::FromStr;

use graph::time::Moment;
use serde::{Deserialize, Serialize};

/// What may be said of a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The department was told.
    Notified,
    /// The department says it is so.
    Accepted,
    /// The department says it is not so.
    Disputed,
    /// The credit office says it is none.
    Dismissed,
    /// The credit office takes a dismissal back.
    Reopened,
}

impl Said {
    /// Everything that may be said.
    pub const ALL: [Self; 5] = [
        Self::Notified,
        Self::Accepted,
        Self::Disputed,
        Self::Dismissed,
        Self::Reopened,
    ];

    /// The code in the book and in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Accepted => "accepted",
            Self::Disputed => "disputed",
            Self::Dismissed => "dismissed",
            Self::Reopened => "reopened",
        }
    }

    /// The state of a gap that holds, after this was said.
    pub fn state(self) -> State {
        match self {
            Self::Notified => State::Notified,
            Self::Accepted | Self::Disputed => State::Answered,
            Self::Dismissed => State::Dismissed,
            Self::Reopened => State::Open,
        }
    }
}

impl FromStr for Said {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|said| said.code() == text)
            .ok_or(())
    }
}

/// Where a gap is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds, and nobody was told.
    Open,
    /// The department was told.
    Notified,
    /// The department answered.
    Answered,
    /// It holds no more.
    Resolved,
    /// The credit office found that it is none.
    Dismissed,
}

impl State {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Notified => "notified",
            Self::Answered => "answered",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }

    /// Reads a code.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [
            Self::Open,
            Self::Notified,
            Self::Answered,
            Self::Resolved,
            Self::Dismissed,
        ];
        all.into_iter().find(|state| state.code() == text)
    }
}

/// A paper that goes with an answer; the paper itself stays with who gave it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// SM3 of its bytes, 64 hexadecimal digits.
    pub digest: String,
}

/// Something said of a gap, with who and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Saying {
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// What.
    pub said: Said,
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The papers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Saying {
    /// The department was told, by the system itself.
    pub fn notified(at: Moment) -> Self {
        Self {
            at: at.0,
            said: Said::Notified,
            by: None,
            reason: None,
            attachments: Vec::new(),
        }
    }
}

/// The state after the last word. A dismissed gap stays dismissed whether it holds
/// or not; any other that holds no more is resolved.
pub fn state_after(holds: bool, last: Option<Said>) -> State {
    match last {
        Some(Said::Dismissed) => State::Dismissed,
        _ if !holds => State::Resolved,
        last => last.map_or(State::Open, Said::state),
    }
}

/// Whether this may be said of a gap in this state; else why not.
pub fn check_saying(state: State, saying: &Saying) -> Result<(), &'static str> {
    use Said::{Accepted, Dismissed, Disputed, Notified, Reopened};
    match (saying.said, state) {
        (Reopened, State::Dismissed) => {}
        (Reopened, _) => return Err("only a dismissed gap can be reopened"),
        (_, State::Dismissed) => return Err("the gap is dismissed: reopen it first"),
        (Notified | Dismissed, State::Resolved) => return Err("the gap holds no more"),
        _ => {}
    }
    let has_reason = saying
        .reason
        .as_ref()
        .is_some_and(|text| !text.trim().is_empty());
    if matches!(saying.said, Disputed | Dismissed | Reopened) && !has_reason {
        return Err("a dispute, a dismissal or a reopening needs its reason");
    }
    if !matches!(saying.said, Accepted | Disputed) && !saying.attachments.is_empty() {
        return Err("papers go with a department's answer");
    }
    let is_digest = |paper: &Attachment| {
        crate::receipt::unhex(&paper.digest).is_some_and(|digest| digest.len() == 32)
    };
    if !saying.attachments.iter().all(is_digest) {
        return Err("a paper is named by its SM3, 64 hexadecimal digits");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(said: Said, reason: Option<&str>) -> Saying {
        Saying {
            at: 0,
            said,
            by: Some("D1".into()),
            reason: reason.map(str::to_owned),
            attachments: Vec::new(),
        }
    }

    #[test]
    fn the_last_word_and_whether_it_holds_make_the_state() {
        let check = |last, holds, expected| assert_eq!(state_after(holds, last), expected);
        check(None, true, State::Open);
        check(None, false, State::Resolved);
        check(Some(Said::Notified), true, State::Notified);
        check(Some(Said::Notified), false, State::Resolved);
        check(Some(Said::Accepted), true, State::Answered);
        check(Some(Said::Disputed), true, State::Answered);
        check(Some(Said::Disputed), false, State::Resolved);
        check(Some(Said::Dismissed), true, State::Dismissed);
        check(Some(Said::Dismissed), false, State::Dismissed);
        check(Some(Said::Reopened), true, State::Open);
        check(Some(Said::Reopened), false, State::Resolved);
    }

    #[test]
    fn what_may_be_said_depends_on_the_state() {
        // For each word the states in which it may be said: open, notified,
        // answered, resolved, dismissed.
        let table = [
            (Said::Notified, [true, true, true, false, false]),
            (Said::Accepted, [true, true, true, true, false]),
            (Said::Disputed, [true, true, true, true, false]),
            (Said::Dismissed, [true, true, true, false, false]),
            (Said::Reopened, [false, false, false, false, true]),
        ];
        let states = [
            State::Open,
            State::Notified,
            State::Answered,
            State::Resolved,
            State::Dismissed,
        ];
        for (said, expected) in table {
            let found = states.map(|at| check_saying(at, &saying(said, Some("why"))).is_ok());
            assert_eq!(found, expected, "{said:?}");
            assert_eq!(said.code().parse(), Ok(said));
        }
    }

    #[test]
    fn reasons_and_papers() {
        let ok = |saying: &Saying, at| check_saying(at, saying).is_ok();
        assert!(ok(&saying(Said::Accepted, None), State::Open));
        for reason in [None, Some(" ")] {
            assert!(!ok(&saying(Said::Disputed, reason), State::Open));
            assert!(!ok(&saying(Said::Dismissed, reason), State::Open));
            assert!(!ok(&saying(Said::Reopened, reason), State::Dismissed));
        }
        let mut with = saying(Said::Disputed, Some("已核查"));
        with.attachments = vec![Attachment {
            name: "核查表.pdf".into(),
            digest: "ab".repeat(32),
        }];
        assert!(ok(&with, State::Notified));
        with.attachments[0].digest.pop();
        assert!(!ok(&with, State::Notified));
        with.attachments[0].digest.push('B');
        assert!(!ok(&with, State::Notified));
        let mut told = saying(Said::Notified, None);
        told.attachments = vec![Attachment {
            name: "x".into(),
            digest: "ab".repeat(32),
        }];
        assert!(!ok(&told, State::Open));
    }
}

//! The thread that sends. It knows no store and no clock: messages come in with
//! their time, outcomes go out to the one writer, who notes them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Deliver, Message, signature};
use crate::Error;

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// To whom.
    pub subscription: String,
    /// Which change.
    pub seq: u64,
    /// Received, or why not.
    pub result: Result<(), String>,
}

/// A sender on a thread of its own. Dropping it waits for what is under way.
#[derive(Debug)]
pub struct Courier {
    jobs: Option<SyncSender<Message>>,
    outcomes: Receiver<Outcome>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Starts the thread; at most `room` messages wait for it.
    pub fn start(deliver: Box<dyn Deliver>, room: usize) -> Result<Self, Error> {
        let (jobs, todo) = sync_channel::<Message>(room);
        // The writer may be slow to listen: outcomes never hold the thread up.
        let (done, outcomes) = std::sync::mpsc::channel();
        let work = move || {
            for message in todo {
                let outcome = Outcome {
                    result: deliver.deliver(&message),
                    subscription: message.subscription,
                    seq: message.seq,
                };
                if done.send(outcome).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("courier".into())
            .spawn(work)
            .map_err(|error| Error::Refused(format!("no thread for sending: {error}")))?;
        Ok(Self {
            jobs: Some(jobs),
            outcomes,
            thread: Some(thread),
        })
    }

    /// Hands over a message; gives an outcome at once when there is no room.
    pub fn send(&self, message: Message) -> Result<(), Outcome> {
        let refused = |message: Message, why: &str| Outcome {
            subscription: message.subscription,
            seq: message.seq,
            result: Err(why.to_owned()),
        };
        let Some(jobs) = &self.jobs else {
            return Err(refused(message, "the sender has ended"));
        };
        match jobs.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(message)) => Err(refused(message, "too many wait")),
            Err(TrySendError::Disconnected(message)) => {
                Err(refused(message, "the sender has ended"))
            }
        }
    }

    /// The next outcome, waiting at most so long.
    pub fn outcome(&self, wait: Duration) -> Option<Outcome> {
        self.outcomes.recv_timeout(wait).ok()
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A sender that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

/// Sends over HTTPS, with secrets from the files of a folder.
#[derive(Clone, Debug)]
pub struct HttpDeliver {
    /// The folder of the secrets, one file a name, mode 0600.
    pub secrets: PathBuf,
    /// The PEM file of the authorities to trust; none: the system's.
    pub roots: Option<PathBuf>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl HttpDeliver {
    fn secret(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.secrets.join(name);
        let wrong = |error: std::io::Error| format!("the secret {name}: {error}");
        if fs::metadata(&path).map_err(wrong)?.permissions().mode() & 0o077 != 0 {
            return Err(format!("others may read the secret {name}: chmod 600 it"));
        }
        let text = fs::read(&path).map_err(wrong)?.trim_ascii().to_vec();
        if text.len() < 16 {
            return Err(format!("the secret {name} is shorter than 16 bytes"));
        }
        Ok(text)
    }
}

impl Deliver for HttpDeliver {
    fn deliver(&self, message: &Message) -> Result<(), String> {
        let secret = self.secret(&message.secret)?;
        let agent = crate::outbound::agent(&message.url, self.roots.as_deref(), self.timeout)
            .map_err(|error| error.to_string())?;
        let answer = agent
            .post(&message.url)
            .header("Content-Type", "application/json")
            .header("Chuantou-Event", &message.event)
            .header("Chuantou-Signature", signature(&secret, message))
            .send(message.body.as_bytes());
        match answer.map_err(|error| error.to_string())?.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("answered {status}")),
        }
    }
}

//! What waits for a thread: handed over without waking anybody who is awake.
//!
//! At every hand-over a channel wakes who listens, one by one. Questions of some
//! microseconds come faster than threads wake, so here a thread that finds more
//! goes on, and another is woken only when nobody is awake or those awake fall
//! behind. A thread of the runtime wakes nobody while it has more to do: it says
//! when it rests.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// With more than this waiting for those awake, another is woken.
const BEHIND: usize = 8;

/// For whom something was brought without waking them.
static OWED: Mutex<Vec<Arc<dyn Rouse>>> = Mutex::new(Vec::new());

thread_local! {
    /// This thread says when it rests.
    static RESTS: Cell<bool> = const { Cell::new(false) };
}

fn owed() -> MutexGuard<'static, Vec<Arc<dyn Rouse>>> {
    OWED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This thread has nothing to do for now: wakes those for whom anybody brought something. From
/// now on it must say so each time before it sleeps, until it is [`busy`].
pub(crate) fn rest() {
    RESTS.set(true);
    let owed = std::mem::take(&mut *owed());
    for queue in owed {
        queue.rouse();
    }
}

/// Does what takes long on a thread of the runtime; the thread may be none of them afterwards.
pub(super) fn busy<R>(work: impl FnOnce() -> R) -> R {
    rest();
    RESTS.set(false);
    tokio::task::block_in_place(work)
}

/// Somebody may have to be woken.
trait Rouse: Send + Sync {
    fn rouse(&self);
}

impl<T: Send> Rouse for Queue<T> {
    fn rouse(&self) {
        if self.locked().calls(true) {
            self.came.notify_one();
        }
    }
}

/// The queue. It holds so much and no more.
#[derive(Debug)]
pub(super) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    came: Condvar,
    room: usize,
}

#[derive(Debug)]
struct Inner<T> {
    waiting: VecDeque<T>,
    /// When the first of those that wait came.
    since: Instant,
    /// Threads that sleep, and threads that will come back soon.
    asleep: usize,
    awake: usize,
    /// Threads that were woken and are not up yet.
    woken: usize,
    /// Who sleeps wants so many things at least.
    enough: usize,
    closed: bool,
}

impl<T> Inner<T> {
    /// Somebody is to be woken; counts whoever that is as awake. Who will say when it rests
    /// is in no hurry.
    fn calls(&mut self, hurry: bool) -> bool {
        let here = self.waiting.len();
        let wake = self.asleep > 0
            && here >= self.enough
            && here > 0
            && (here > BEHIND || (self.awake == 0 && hurry));
        if wake {
            self.asleep -= 1;
            self.awake += 1;
            self.woken += 1;
        }
        wake
    }
}

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                waiting: VecDeque::new(),
                since: Instant::now(),
                asleep: 0,
                awake: 0,
                woken: 0,
                enough: 1,
                closed: false,
            }),
            came: Condvar::new(),
            room,
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread that will take things comes.
    pub(super) fn come(&self) {
        self.locked().awake += 1;
    }

    /// Hands something over; gives it back when there is no room or nobody comes any more.
    pub(super) fn push(&self, thing: T) -> Result<(), T> {
        self.put(thing, true)
    }

    /// The same from a thread that may have more to do: see [`rest`].
    pub(super) fn bring(self: &Arc<Self>, thing: T) -> Result<(), T>
    where
        T: Send + 'static,
    {
        if !RESTS.get() {
            return self.push(thing);
        }
        self.put(thing, false)?;
        let own: Arc<dyn Rouse> = Arc::<Self>::clone(self);
        let mut owed = owed();
        if !owed.iter().any(|queue| Arc::ptr_eq(queue, &own)) {
            owed.push(own);
        }
        Ok(())
    }

    fn put(&self, thing: T, hurry: bool) -> Result<(), T> {
        let mut inner = self.locked();
        if inner.closed || inner.waiting.len() >= self.room {
            return Err(thing);
        }
        if inner.waiting.is_empty() {
            inner.since = Instant::now();
        }
        inner.waiting.push_back(thing);
        let wake = inner.calls(hurry);
        drop(inner);
        if wake {
            self.came.notify_one();
        }
        Ok(())
    }

    /// Takes the first; none when it is closed and everything is taken.
    pub(super) fn next(&self) -> Option<T> {
        let mut inner = self.locked();
        loop {
            if let Some(thing) = inner.waiting.pop_front() {
                return Some(thing);
            }
            if inner.closed {
                return None;
            }
            inner = self.sleep(inner, 1, None);
        }
    }

    /// Does what takes long: whoever took it does not come back soon.
    pub(super) fn away<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut inner = self.locked();
        inner.awake = inner.awake.saturating_sub(1);
        let wake = inner.calls(true);
        drop(inner);
        if wake {
            self.came.notify_one();
        }
        let done = work();
        self.locked().awake += 1;
        done
    }

    /// Takes the first `most` once there are so many or the first has waited for `wait`,
    /// for a single thread; none when it is closed and everything is taken.
    pub(super) fn group(&self, most: usize, wait: Duration) -> Option<Vec<T>> {
        let mut inner = self.locked();
        loop {
            let here = inner.waiting.len();
            let waited = inner.since.elapsed();
            if here >= most || (here > 0 && (inner.closed || waited >= wait)) {
                let group = inner.waiting.drain(..here.min(most)).collect();
                inner.since = Instant::now();
                return Some(group);
            }
            if inner.closed {
                return None;
            }
            inner = match here {
                0 => self.sleep(inner, 1, None),
                _ => self.sleep(inner, most, Some(wait.saturating_sub(waited))),
            };
        }
    }

    /// Sleeps until woken, or until the time is over.
    fn sleep<'a>(
        &self,
        mut inner: MutexGuard<'a, Inner<T>>,
        enough: usize,
        longest: Option<Duration>,
    ) -> MutexGuard<'a, Inner<T>> {
        inner.asleep += 1;
        inner.awake = inner.awake.saturating_sub(1);
        inner.enough = enough;
        let sleeps = |inner: &mut Inner<T>| inner.woken == 0 && !inner.closed;
        let mut inner = match longest {
            None => {
                let woken = self.came.wait_while(inner, sleeps);
                woken.unwrap_or_else(PoisonError::into_inner)
            }
            Some(longest) => {
                let woken = self.came.wait_timeout_while(inner, longest, sleeps);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        if inner.woken > 0 {
            inner.woken -= 1;
        } else {
            // Up by itself.
            inner.asleep = inner.asleep.saturating_sub(1);
            inner.awake += 1;
        }
        inner
    }

    /// Nothing more is taken in; what waits is still given out.
    pub(super) fn close(&self) {
        self.locked().closed = true;
        self.came.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn everything_is_taken_once_by_many() {
        let queue = Arc::new(Queue::new(usize::MAX));
        let taken = thread::scope(|scope| {
            let takers: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        queue.come();
                        std::iter::from_fn(|| queue.next()).collect::<Vec<u32>>()
                    })
                })
                .collect();
            let givers: Vec<_> = (0..4)
                .map(|giver| {
                    let queue = Arc::clone(&queue);
                    scope.spawn(move || {
                        for n in 0..1000 {
                            queue.push(giver * 1000 + n).unwrap();
                        }
                    })
                })
                .collect();
            for giver in givers {
                giver.join().unwrap();
            }
            queue.close();
            let mut taken: Vec<u32> = takers.into_iter().flat_map(|t| t.join().unwrap()).collect();
            taken.sort_unstable();
            taken
        });
        assert_eq!(taken, (0..4000).collect::<Vec<_>>());
        assert_eq!(queue.push(1), Err(1), "closed");
    }

    #[test]
    fn who_is_away_keeps_nobody_waiting() {
        let (queue, done) = (Queue::new(9), std::sync::mpsc::sync_channel(1));
        let short = std::sync::mpsc::sync_channel(1);
        let short = (short.0, Mutex::new(short.1));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    queue.come();
                    while let Some(long) = queue.next() {
                        // The long one ends when the short one behind it is done.
                        if long {
                            queue.away(|| short.1.lock().unwrap().recv().unwrap());
                        } else {
                            short.0.send(()).unwrap();
                            done.0.send(()).unwrap();
                        }
                    }
                });
            }
            queue.push(true).unwrap();
            queue.push(false).unwrap();
            done.1.recv().unwrap();
            queue.close();
        });
    }

    #[test]
    fn who_rests_wakes_only_then_unless_much_came() {
        let (queue, (tell, taken)) = (Arc::new(Queue::new(99)), std::sync::mpsc::channel());
        let own = Arc::clone(&queue);
        let other = thread::spawn(move || {
            own.come();
            while let Some(thing) = own.next() {
                tell.send(thing).unwrap();
            }
        });
        let asleep = || {
            while queue.locked().asleep == 0 {
                thread::yield_now();
            }
        };
        let soon = Duration::from_millis(20);
        asleep();
        queue.bring(0).unwrap();
        assert_eq!(taken.recv(), Ok(0), "this thread never said when it rests");
        rest();
        asleep();
        queue.bring(1).unwrap();
        taken.recv_timeout(soon).unwrap_err();
        rest();
        assert_eq!(taken.recv(), Ok(1));
        asleep();
        let many: Vec<usize> = (0..=BEHIND).collect();
        for thing in &many {
            queue.bring(*thing).unwrap();
        }
        assert_eq!(taken.iter().take(many.len()).collect::<Vec<_>>(), many);
        queue.close();
        other.join().unwrap();
    }

    #[test]
    fn a_group_has_what_waits_in_order_and_no_more_than_asked() {
        let queue = Queue::new(5);
        (0..5).for_each(|n| queue.push(n).unwrap());
        assert_eq!(queue.push(5), Err(5), "no room");
        let long = Duration::from_hours(1);
        assert_eq!(queue.group(3, long), Some(vec![0, 1, 2]));
        assert_eq!(queue.group(3, Duration::ZERO), Some(vec![3, 4]));
        queue.push(6).unwrap();
        queue.close();
        assert_eq!(queue.group(3, long), Some(vec![6]), "closed, but not lost");
        assert_eq!(queue.group(3, long), None);
    }

    #[test]
    fn a_full_group_does_not_wait_for_its_time() {
        let queue = Queue::new(10);
        let group = thread::scope(|scope| {
            let taker = scope.spawn(|| queue.group(4, Duration::from_hours(1)));
            (0..4).for_each(|n| queue.push(n).unwrap());
            taker.join().unwrap()
        });
        assert_eq!(group, Some(vec![0, 1, 2, 3]));
    }
}

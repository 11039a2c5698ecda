//! What waits for a thread: handed over without waking anybody who is awake.
//!
//! At every hand-over a channel wakes who listens, one by one. Questions of some
//! microseconds come faster than threads wake, so here a thread that finds more
//! goes on, and only who found nothing is woken.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// So many threads sleep, and are woken when there are so many things at least.
    asleep: usize,
    enough: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                waiting: VecDeque::new(),
                since: Instant::now(),
                asleep: 0,
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

    /// Hands something over; gives it back when there is no room or nobody comes any more.
    pub(super) fn push(&self, thing: T) -> Result<(), T> {
        let mut inner = self.locked();
        if inner.closed || inner.waiting.len() >= self.room {
            return Err(thing);
        }
        if inner.waiting.is_empty() {
            inner.since = Instant::now();
        }
        inner.waiting.push_back(thing);
        // Whoever wakes without finding anything says again that it sleeps.
        let wake = inner.asleep > 0 && inner.waiting.len() >= inner.enough;
        inner.asleep -= usize::from(wake);
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

    fn sleep<'a>(
        &self,
        mut inner: MutexGuard<'a, Inner<T>>,
        enough: usize,
        longest: Option<Duration>,
    ) -> MutexGuard<'a, Inner<T>> {
        inner.asleep += 1;
        inner.enough = enough;
        let Some(longest) = longest else {
            let woken = self.came.wait(inner);
            return woken.unwrap_or_else(PoisonError::into_inner);
        };
        let woken = self.came.wait_timeout(inner, longest);
        let (mut inner, slept) = woken.unwrap_or_else(PoisonError::into_inner);
        if slept.timed_out() {
            inner.asleep = inner.asleep.saturating_sub(1);
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
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn everything_is_taken_once_by_many() {
        let queue = Arc::new(Queue::new(usize::MAX));
        let taken = thread::scope(|scope| {
            let takers: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| std::iter::from_fn(|| queue.next()).collect::<Vec<u32>>()))
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
            givers.into_iter().for_each(|giver| giver.join().unwrap());
            queue.close();
            let mut taken: Vec<u32> = takers.into_iter().flat_map(|t| t.join().unwrap()).collect();
            taken.sort_unstable();
            taken
        });
        assert_eq!(taken, (0..4000).collect::<Vec<_>>());
        assert_eq!(queue.push(1), Err(1), "closed");
    }

    #[test]
    fn a_group_has_what_waits_in_order_and_no_more_than_asked() {
        let queue = Queue::new(5);
        (0..5).for_each(|n| queue.push(n).unwrap());
        assert_eq!(queue.push(5), Err(5), "no room");
        let long = Duration::from_secs(3600);
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
            let taker = scope.spawn(|| queue.group(4, Duration::from_secs(3600)));
            (0..4).for_each(|n| queue.push(n).unwrap());
            taker.join().unwrap()
        });
        assert_eq!(group, Some(vec![0, 1, 2, 3]));
    }
}

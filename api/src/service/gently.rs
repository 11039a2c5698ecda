//! Work that takes long and hurries nobody: building a state of knowledge. Its threads
//! give way to those that answer.
//!
//! It must hold nothing that those wait for: a load, which at its end holds the gate,
//! does not belong here.

use rayon::ThreadPoolBuilder;

/// How far they stand back, of 19.
const NICE: i32 = 10;

/// Does work on threads that stand back, as do those that it starts.
pub(super) fn gently<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match ThreadPoolBuilder::new().start_handler(stand_back).build() {
        Ok(pool) => pool.install(work),
        // Without threads of its own it is done all the same.
        Err(_) => work(),
    }
}

fn stand_back(_: usize) {
    // Linux takes this of the thread alone. Where it is refused, work goes on in haste.
    let _ = rustix::process::setpriority_process(None, NICE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[test]
    fn its_threads_stand_back_and_ours_do_not() {
        let before = getpriority_process(None).unwrap();
        let there = gently(|| {
            let started = std::thread::spawn(|| getpriority_process(None).unwrap());
            [getpriority_process(None).unwrap(), started.join().unwrap()]
        });
        assert_eq!(there, [NICE.max(before); 2]);
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}

//! The same work on many things, by several threads.

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Calls `work` once for every number below `count`. Each thread has a state of its own, which
/// `start` makes. Returns the results in the order of the numbers, and the states in any order.
pub(super) fn each<S: Send, T: Send>(
    count: usize,
    threads: NonZeroUsize,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> (Vec<T>, Vec<S>) {
    let next = AtomicUsize::new(0);
    let done = Mutex::new((Vec::with_capacity(count), Vec::new()));
    let run = || {
        let mut state = start();
        while let Some(number) = take(&next, count) {
            let result = work(&mut state, number);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.0.push((number, result));
        }
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        done.1.push(state);
    };
    thread::scope(|scope| {
        for _ in 1..threads.get().min(count) {
            scope.spawn(run);
        }
        run();
    });
    let (mut results, states) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    let results = results.into_iter().map(|(_, result)| result);
    (results.collect(), states)
}

fn take(next: &AtomicUsize, count: usize) -> Option<usize> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    (number < count).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_worked_on_once_and_in_order() {
        for threads in [1, 3, 8] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let count = |seen: &mut usize, number: usize| {
                *seen += 1;
                number * 2
            };
            let (results, seen) = each(100, threads, || 0, count);
            assert_eq!(results, (0..100).map(|n| n * 2).collect::<Vec<_>>());
            assert_eq!(seen.iter().sum::<usize>(), 100);
            assert!(each(0, threads, || (), |(), n| n).0.is_empty());
        }
    }
}

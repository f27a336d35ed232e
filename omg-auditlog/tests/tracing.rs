//! The spans: which there are, and that they are left again.
#![cfg(all(feature = "tracing", feature = "fs"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::{actor, at, event, key, machine, origin};
use omg_auditlog::Trust;
use omg_auditlog::fs::{Every, Log, LogOptions, LogReader};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[derive(Clone, Default)]
struct Names {
    seen: Arc<Mutex<Vec<&'static str>>>,
    next: Arc<AtomicU64>,
    open: Arc<AtomicU64>,
}

impl Subscriber for Names {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "omg_auditlog"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.seen.lock().unwrap().push(span.metadata().name());
        Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    fn exit(&self, _: &Id) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn work_on_a_log_is_in_spans() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let names = Names::default();
    tracing::subscriber::with_default(names.clone(), || {
        let options = LogOptions::new(origin(), machine()).sign(Arc::new(key(1)), Every::Commit);
        let log = Log::open(&path, options, &actor(), at(0)).unwrap();
        log.append(event(1), &actor(), at(1)).unwrap();
        let reader = LogReader::open(&path).unwrap().unwrap();
        reader.verify(Trust::none(), NonZeroUsize::MIN).unwrap();
    });
    let seen = names.seen.lock().unwrap();
    // The first checkpoint of a handle reads the log, which is a verification.
    assert_eq!(*seen, ["append", "verify", "checkpoint", "sync", "verify"]);
    assert_eq!(names.open.load(Ordering::Relaxed), 0);
}

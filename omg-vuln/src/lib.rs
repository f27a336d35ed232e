//! Which known vulnerabilities affect these packages?
//!
//! ```
//! use omg_vuln::{AdvisoryDb, Ecosystem, FailOn, Package, Source, SourceKind, State, Status};
//!
//! // The Arch Linux security tracker's feed, in production fetched from its `all.json`.
//! let feed = br#"[{"name": "AVG-2765", "packages": ["openssl"], "status": "Vulnerable",
//!     "severity": "Medium", "type": "denial of service", "affected": "1.1.1.o-1",
//!     "fixed": null, "ticket": null, "issues": ["CVE-2022-1"], "advisories": []}]"#;
//! let mut db = AdvisoryDb::new();
//! db.add(Source::new("all.json", SourceKind::ArchTracker), omg_vuln::arch::parse(feed)?);
//!
//! let installed = [Package::new(Ecosystem::arch(), "openssl", "3.6.1-1.1")];
//! let report = omg_vuln::scan(&db, &installed, "2026-11-24T00:00:00Z".parse()?);
//!
//! // Nobody closed the group; what is installed is far newer than what it speaks of.
//! assert_eq!(report.findings[0].state, State::LikelyStale);
//! assert_eq!(report.failing(FailOn::default(), false).count(), 0);
//! assert_eq!(report.status(), Status::Complete);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Feature flags
//!
//! | feature | adds |
//! |---|---|
//! | *(none)* | everything that is pure: readers, version orders, scores, the scan, indexes |
//! | `http` | `http::Client`: the OSV interface and dumps, the Arch tracker, KEV, EPSS; async |
//! | `store` | `store::Store`: feeds read from files, indexes and caches in a folder; with `http`, updates |
//!
//! Without these there is no socket, no file, no clock and no async runtime in this crate.
//!
//! # What this crate does not do
//!
//! It does not find out what is installed (`omg-sbom` does), and it knows no vulnerability
//! that its sources do not list: a complete report without findings means "nothing known",
//! not "nothing wrong". What could not be checked is never silent: see [`Report::status`],
//! [`Report::sources`] and [`Report::unchecked`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod advisory;
pub mod arch;
pub mod cache;
mod database;
pub mod epss;
mod error;
mod group;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
mod ignore;
pub mod index;
pub mod kev;
pub mod osv;
mod package;
mod scan;
mod sealed;
mod severity;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod store;
mod threshold;
mod verdict;
pub mod version;
mod vex;

pub use advisory::{
    Advisories, Advisory, Affected, BrokenRecord, Criteria, Event, Range, RangeKind, Record,
    Tracker, TrackerStatus, Versions,
};
pub use database::{AdvisoryDb, Answers, Source, SourceKind, SourceStatus};
pub use epss::Epss;
pub use error::{JsonError, ParseError};
pub use ignore::{IgnoreList, IgnoreRule, IgnoreUse, MAX_IGNORE_BYTES};
pub use index::Index;
pub use kev::Kev;
pub use package::{Ecosystem, Package};
pub use scan::{Finding, Ignored, Report, State, Status, Unchecked, UncheckedReason, scan};
pub use sealed::{Storable, Stored, StoredError};
pub use severity::{Cvss, CvssError, CvssVersion, Severity};
pub use threshold::FailOn;
pub use vex::{MAX_VEX_BYTES, Statement, UnusedStatement, Vex, VexStatus, apply_vex};

/// The example of the README is run like every other.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;

//! Everything that the other checks find, for one report.

use std::collections::BTreeMap;

use omg_auditlog::{Entry, EventKind, Filter, Value};
use omg_sbom::inventory::Machine;

use crate::checks::log::{self, LogQuery, LogResult};
use crate::checks::policy::active::ActivePolicy;
use crate::checks::policy::decide::decide;
use crate::checks::policy::evidence::{InstalledEvidence, ScanEvidence, machine};
use crate::checks::policy::layers;
use crate::checks::policy::result::PolicyResult;
use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::result::ScanResult;
use crate::checks::vulnerabilities::scan::Scan;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;

/// Everything that the file shows.
pub struct ReportResult {
    pub scan: ScanResult,
    /// What the policy says of what is installed; not of lock files and SBOMs.
    pub policy: Option<(ActivePolicy, PolicyResult)>,
    /// What the audit log proves, or why that cannot be said.
    pub log: Result<LogResult, String>,
    /// How many packages name each licence, and each kind of check at installation.
    pub licences: BTreeMap<String, usize>,
    pub checked: BTreeMap<String, usize>,
    /// What the log remembers, if there is one.
    pub history: History,
}

/// What the audit log remembers of earlier runs. Whether it is true, its verification says.
#[derive(Default)]
pub struct History {
    /// The newest scans, the oldest of them first.
    pub scans: Vec<Past>,
    /// The newest verdicts on signatures and provenance, counted by what they were.
    pub proofs: BTreeMap<EventKind, usize>,
}

/// An earlier scan.
pub struct Past {
    pub at: chrono::DateTime<chrono::Utc>,
    pub packages: i64,
    pub findings: i64,
    pub failing: i64,
    pub complete: bool,
}

/// How many earlier scans are shown, and of how many verdicts the kinds are counted.
const MOST_SCANS: usize = 30;
const MOST_PROOFS: usize = 1_000;

impl History {
    fn read(context: &Context) -> Option<Self> {
        let reader = context.readable_log().ok()?;
        // Other audits are entries of the same kind: enough are read that scans are among them.
        let audits = Filter::new().event(EventKind::SecurityAudit);
        let audits = reader.last(8 * MOST_SCANS, &audits).ok()?;
        let mut scans: Vec<Past> = audits.iter().filter_map(Past::of).collect();
        scans.drain(..scans.len().saturating_sub(MOST_SCANS));
        let mut proofs = BTreeMap::new();
        let mut filter = Filter::new();
        for kind in [
            EventKind::ProvenanceFailed,
            EventKind::ProvenanceVerified,
            EventKind::SignatureFailed,
            EventKind::SignatureVerified,
        ] {
            proofs.insert(kind.clone(), 0);
            filter = filter.event(kind);
        }
        for entry in reader.last(MOST_PROOFS, &filter).ok()? {
            *proofs.entry(entry.kind().clone()).or_default() += 1;
        }
        Some(Self { scans, proofs })
    }
}

impl Past {
    fn of(entry: &Entry) -> Option<Self> {
        let subject = &entry.event().subject;
        let text = |name: &str| match subject.get(name) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let number = |name: &str| match subject.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        (text("command") == Some("scan")).then_some(())?;
        Some(Self {
            at: entry.at(),
            packages: number("packages")?,
            findings: number("findings")?,
            failing: number("failing")?,
            complete: text("status") == Some("complete"),
        })
    }
}

impl ReportResult {
    /// As the scan; an audit log that was tampered with is an alarm wherever it is seen.
    pub fn exit(&self) -> Exit {
        let log = match &self.log {
            Ok(verified) if verified.exit() == Exit::Integrity => Exit::Integrity,
            _ => Exit::Ok,
        };
        self.scan.exit().max(log)
    }
}

/// Scans, decides by the policy and verifies the audit log.
pub fn gather(context: &Context, query: &ScanQuery) -> Result<ReportResult, Failure> {
    let scan = Scan::new(context, query)?;
    let found = scan.look_up()?;
    let mut policy = None;
    let (mut licences, mut checked) = (Counts::new(), Counts::new());
    if query.is_of_machine() {
        let active = layers::effective(context)?;
        let machine = machine(context)?;
        (licences, checked) = counts(&machine);
        let known = ScanEvidence::new(&found, !query.advisories.is_empty(), context.at);
        let installed = InstalledEvidence::of(machine, &found, known)?;
        let result = decide(context, &active, installed, false);
        policy = Some((active, result));
    }
    let log = log::perform(context, &LogQuery::default());
    Ok(ReportResult {
        scan: scan.judge(found),
        policy,
        log: log.map_err(|failure| failure.message().to_owned()),
        licences,
        checked,
        history: History::read(context).unwrap_or_default(),
    })
}

type Counts = BTreeMap<String, usize>;

/// Of what is installed: licences as recorded, and how packages were checked at installation.
fn counts(machine: &Machine) -> (Counts, Counts) {
    let (mut licences, mut checked) = (Counts::new(), Counts::new());
    for inventory in &machine.inventories {
        for package in inventory.packages() {
            let licence = match package.licences.is_empty() {
                true => "not recorded".to_owned(),
                false => package.licences.join(" and "),
            };
            *licences.entry(licence).or_default() += 1;
            let check = match package.validation.as_slice() {
                [] => "not recorded".to_owned(),
                list => {
                    let words = list.iter().map(|check| format!("{check:?}").to_lowercase());
                    words.collect::<Vec<_>>().join(" and ")
                }
            };
            *checked.entry(check).or_default() += 1;
        }
    }
    (licences, checked)
}

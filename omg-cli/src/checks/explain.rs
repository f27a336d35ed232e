//! What an advisory is and what it affects here, or what is known of a package.

use std::path::PathBuf;

use omg_vuln::epss::EpssScore;
use omg_vuln::kev::KevEntry;
use omg_vuln::{Finding, Record};

use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::result::ScanResult;
use crate::checks::vulnerabilities::scan::perform;
use crate::checks::vulnerabilities::sources::records;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;

/// The name of an advisory or of an installed package.
#[derive(Clone, Debug)]
pub struct ExplainQuery {
    pub name: String,
    /// Advisories, instead of the stored database.
    pub advisories: Vec<PathBuf>,
}

/// Everything known under a name.
pub struct Explanation {
    /// What was asked for.
    pub what: String,
    /// In which versions it is installed, if it is a package.
    pub versions: Vec<String>,
    pub advisories: Vec<SourceAdvisory>,
    /// What is installed, and what is known of it; else why that cannot be said.
    pub here: Result<ScanResult, String>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// An advisory as one source has it.
pub struct SourceAdvisory {
    pub source: String,
    pub record: Record,
    pub kev: Option<KevEntry>,
    pub epss: Option<EpssScore>,
}

impl Explanation {
    pub fn is_package(&self) -> bool {
        !self.versions.is_empty()
    }

    /// What here is affected by it, or by what the package is affected.
    pub fn findings(&self) -> Vec<&Finding> {
        let Ok(scanned) = &self.here else {
            return Vec::new();
        };
        let all = scanned.report.findings.iter();
        let about = |finding: &&Finding| match self.is_package() {
            true => {
                finding.package.name == self.what
                    || scanned
                        .subjects
                        .installed_as(&finding.package)
                        .contains(&self.what)
            }
            false => self.advisories.iter().any(|told| {
                let id = &told.record.advisory.id;
                finding.is_known_as(id) || finding.is_known_as(&self.what)
            }),
        };
        all.filter(about).collect()
    }

    pub fn exit(&self) -> Exit {
        let whole = match &self.here {
            Ok(scanned) => scanned.status() == omg_vuln::Status::Complete,
            Err(_) => false,
        };
        let known = self.is_package() || !self.advisories.is_empty();
        match known && whole && self.problems.is_empty() {
            true => Exit::Ok,
            false => Exit::Incomplete,
        }
    }
}

/// Looks the name up, among packages first.
pub fn explain(context: &Context, query: &ExplainQuery) -> Result<Explanation, Failure> {
    let here = perform(context, &ScanQuery::with_advisories(&query.advisories));
    let versions = here
        .as_ref()
        .map(|scanned| scanned.subjects.versions(&query.name));
    let versions = versions.unwrap_or_default();
    let mut explained = Explanation {
        what: query.name.clone(),
        versions,
        advisories: Vec::new(),
        here: match here {
            Ok(scanned) => Ok(scanned),
            // An invalid ignore file is no matter of what is installed.
            Err(failure) if failure.exit == Exit::Config => return Err(failure),
            Err(failure) => Err(failure.message().to_owned()),
        },
        problems: Vec::new(),
    };
    if explained.is_package() {
        return Ok(explained);
    }
    let known = records(context, &query.advisories, &query.name)?;
    explained.problems = known.problems;
    if known.sources == 0 && explained.problems.is_empty() {
        explained.problems.push("no advisory is stored".to_owned());
    }
    for (source, record) in known.records {
        let advisory = &record.advisory;
        let ids = || advisory.aliases.iter().chain([&advisory.id]);
        let kev = known.kev.as_ref().and_then(|kev| {
            let mut entries = ids().filter_map(|id| kev.entries.get(id));
            entries.next().cloned()
        });
        let scores = known
            .epss
            .as_ref()
            .map(|epss| ids().filter_map(|id| epss.get(id)));
        let epss = scores.and_then(|scores| scores.max_by_key(|score| score.probability_e5));
        explained.advisories.push(SourceAdvisory {
            source,
            record,
            kev,
            epss,
        });
    }
    Ok(explained)
}

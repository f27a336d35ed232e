//! The packages that two policies are compared on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use crate::decision::Verdict;
use crate::evidence::{
    Anchor, Aur, Checksum, Coverage, Epss, Evidence, Finding, Fix, Inspection, MaintainerChanged,
    Origin, Provenance, Severity, Signature,
};
use crate::inspect::{ScriptFinding, ScriptRule};
use crate::layer::Policy;
use crate::licence::{Expression, Licence, Licences};
use crate::matcher::{By, Matcher, Versions};
use crate::rule::Kind;

/// A name that no policy mentions, unless by a pattern.
const OTHER: &str = "zzz-any-other-package";

/// Everything that either policy distinguishes.
pub(super) struct Space {
    pub(super) times: Vec<DateTime<Utc>>,
    pub(super) identities: Vec<Identity>,
    findings: Vec<Finding>,
    coverage_ages: Vec<Duration>,
    authentic: Vec<Evidence>,
    origins: Vec<(Origin, OriginAges)>,
    ages: Vec<Duration>,
    licences: Vec<Licences>,
    inspections: Vec<Inspection>,
}

/// Who a package is.
pub(super) struct Identity {
    pub(super) evidence: Evidence,
    /// Whether an exception is about it.
    pub(super) excepted: bool,
    /// Whether no rule names it.
    pub(super) generic: bool,
}

/// Whether an origin has times.
#[derive(Clone, Copy, Eq, PartialEq)]
enum OriginAges {
    None,
    Aur,
}

impl Space {
    pub(super) fn new(first: &Policy, second: &Policy, now: DateTime<Utc>) -> Self {
        let mut marks = Marks::default();
        marks.policy(first);
        marks.policy(second);
        let mut times = vec![now];
        times.extend(marks.ends.iter().copied().filter(|end| *end > now));
        times.sort();
        times.dedup();
        Self {
            times,
            identities: marks.identities(),
            findings: marks.findings(),
            coverage_ages: around(&marks.stale),
            authentic: marks.authentic(),
            origins: marks.origins(),
            ages: around(&marks.waits),
            licences: marks.licences(),
            inspections: marks.inspections(),
        }
    }

    /// The package of this identity at its best, in the eyes of one policy.
    pub(super) fn best(
        &self,
        identity: &Evidence,
        at: DateTime<Utc>,
        verdict: &dyn Fn(&Evidence) -> Verdict,
    ) -> Evidence {
        let mut best = identity.clone();
        best.coverage = Coverage::Fresh { as_of: at };
        best.signature = Signature::Trusted;
        best.provenance = Provenance::Verified { level: 3 };
        best.rebuilds = Some(u32::MAX);
        best.checksum = Checksum::Match(Anchor::SignedMetadata);
        best.inspection = Inspection::Done(Vec::new());
        best.released = Some(at - Duration::days(40_000));
        best.security_fix = Some(true);
        // These two have no order: what is best is what this policy likes most.
        let mut lowest: Option<(Verdict, Evidence)> = None;
        for (origin, ages) in self.origins.iter().rev() {
            for licences in self.licences.iter().rev() {
                best.origin = match ages {
                    OriginAges::None => origin.clone(),
                    OriginAges::Aur => old_recipe(at),
                };
                best.licences = licences.clone();
                let value = verdict(&best);
                if value == Verdict::Allow {
                    return best;
                }
                if lowest.as_ref().is_none_or(|(known, _)| value < *known) {
                    lowest = Some((value, best.clone()));
                }
            }
        }
        lowest.map_or(best, |(_, evidence)| evidence)
    }

    /// Every package in which one kind of evidence is not that of `base`.
    pub(super) fn each(&self, base: &Evidence, at: DateTime<Utc>, look: &mut dyn FnMut(&Evidence)) {
        let mut evidence = base.clone();
        for finding in &self.findings {
            evidence.findings = vec![finding.clone()];
            look(&evidence);
        }
        evidence.findings.clear();
        for coverage in [Coverage::NotScanned, Coverage::Stale] {
            evidence.coverage = coverage;
            look(&evidence);
        }
        for age in &self.coverage_ages {
            evidence.coverage = Coverage::Fresh { as_of: at - *age };
            look(&evidence);
        }
        evidence.coverage = base.coverage;
        for part in &self.authentic {
            evidence.signature = part.signature;
            evidence.provenance = part.provenance;
            evidence.rebuilds = part.rebuilds;
            evidence.checksum = part.checksum;
            look(&evidence);
        }
        (evidence.signature, evidence.provenance) = (base.signature, base.provenance);
        (evidence.rebuilds, evidence.checksum) = (base.rebuilds, base.checksum);
        for licences in &self.licences {
            evidence.licences = licences.clone();
            look(&evidence);
        }
        evidence.licences = base.licences.clone();
        for inspection in &self.inspections {
            evidence.inspection = inspection.clone();
            look(&evidence);
        }
        evidence.inspection = base.inspection.clone();
        for fix in [Some(true), None] {
            evidence.security_fix = fix;
            self.each_age(&mut evidence, at, look);
        }
    }

    /// Where a package comes from, and how old it is.
    fn each_age(
        &self,
        evidence: &mut Evidence,
        at: DateTime<Utc>,
        look: &mut dyn FnMut(&Evidence),
    ) {
        let (origin, released) = (evidence.origin.clone(), evidence.released);
        let moments = || std::iter::once(None).chain(self.ages.iter().map(|age| Some(at - *age)));
        for moment in moments() {
            evidence.released = moment;
            look(evidence);
        }
        evidence.released = released;
        for (place, ages) in &self.origins {
            evidence.origin = place.clone();
            look(evidence);
            if *ages == OriginAges::None {
                continue;
            }
            // Each of the three on its own: the rules about them are.
            let mut recipe = |aur: Aur| {
                evidence.origin = Origin::Aur(aur);
                look(evidence);
            };
            let old = || match old_recipe(at) {
                Origin::Aur(aur) => aur,
                _ => Aur::default(),
            };
            for moment in moments() {
                recipe(Aur {
                    last_change: moment,
                    ..old()
                });
                let changed = moment.map_or(MaintainerChanged::Unknown, MaintainerChanged::At);
                recipe(Aur {
                    maintainer_changed: changed,
                    ..old()
                });
            }
            for script in [None, Some(true)] {
                recipe(Aur {
                    new_install_script: script,
                    ..old()
                });
            }
        }
        evidence.origin = origin;
    }
}

/// A recipe that nobody can object to.
fn old_recipe(at: DateTime<Utc>) -> Origin {
    Origin::Aur(Aur {
        maintainer: Some("somebody".to_owned()),
        last_change: Some(at - Duration::days(40_000)),
        maintainer_changed: MaintainerChanged::Never,
        new_install_script: Some(false),
    })
}

/// Times around each limit: the limit, a moment less and a moment more.
fn around(limits: &BTreeSet<Duration>) -> Vec<Duration> {
    let mut ages: BTreeSet<Duration> = BTreeSet::from([Duration::zero(), Duration::days(40_000)]);
    for limit in limits {
        let moment = Duration::seconds(1);
        ages.extend([*limit - moment, *limit, *limit + moment]);
    }
    // What lies in the future shows a clock that was set back.
    ages.insert(Duration::days(-2));
    ages.into_iter().collect()
}

/// What the rules of the policies mention.
#[derive(Default)]
struct Marks {
    ends: BTreeSet<DateTime<Utc>>,
    /// Matchers as text, to have each once, and whether an exception has it.
    matchers: BTreeMap<String, (Matcher, bool)>,
    ids: BTreeSet<String>,
    scores: Vec<f64>,
    stale: BTreeSet<Duration>,
    waits: BTreeSet<Duration>,
    rebuilds: BTreeSet<u32>,
    official: BTreeSet<String>,
    third_party: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Marks {
    fn policy(&mut self, policy: &Policy) {
        for layer in policy.layers() {
            self.stale.extend(layer.grading.stale_after);
            self.rebuilds.extend(layer.grading.locked.rebuilds);
            for rule in &layer.rules {
                self.rule(&rule.kind);
            }
            for exception in &layer.exceptions {
                self.ends.insert(exception.until);
                self.ends.extend(exception.granted);
                self.ids.extend(exception.id.clone());
                self.matcher(&exception.matcher, true);
            }
        }
    }

    fn matcher(&mut self, matcher: &Matcher, excepted: bool) {
        let key = format!("{:?} {matcher}", matcher.by);
        let entry = self.matchers.entry(key).or_insert((matcher.clone(), false));
        entry.1 |= excepted;
    }

    fn rule(&mut self, kind: &Kind) {
        match kind {
            Kind::Current(limit) => self.stale.extend(*limit),
            Kind::Finding(criterion) => self.scores.extend(criterion.epss),
            Kind::Repositories(names) => self.official.extend(names.iter().cloned()),
            Kind::ThirdParties(names) => self.third_party.extend(names.iter().cloned()),
            Kind::AurAge(wait) | Kind::AurQuarantine(wait) | Kind::ReleaseAge(wait) => {
                self.waits.insert(wait.time);
            }
            Kind::LicencesAllowed(list) | Kind::LicencesDenied(list) => {
                self.names.extend(list.names().iter().cloned());
            }
            Kind::Ban(ban) => self.matcher(&ban.matcher, false),
            _ => {}
        }
    }

    fn identities(&self) -> Vec<Identity> {
        let package = |name: &str, version: &str| {
            let mut evidence = Evidence::new(name, version);
            evidence.pkgbase = Some(name.to_owned());
            evidence.provides = Some(Vec::new());
            evidence
        };
        let mut identities = vec![Identity {
            evidence: package(OTHER, "1"),
            excepted: false,
            generic: true,
        }];
        for (matcher, excepted) in self.matchers.values() {
            let example = matcher.glob.example();
            let mut versions = BTreeSet::from(["1".to_owned()]);
            for bound in matcher.versions.iter().flat_map(Versions::bounds) {
                versions.extend(["0".to_owned(), "999999999".to_owned(), bound.to_owned()]);
                versions.insert(format!("{bound}.0.1"));
            }
            for version in versions {
                let mut shapes = vec![package(&example, &version)];
                if matcher.by != By::Name {
                    let mut built = package(OTHER, &version);
                    built.pkgbase = Some(example.clone());
                    let mut provides = package(OTHER, &version);
                    provides.provides = Some(vec![example.clone()]);
                    let mut unknown = package(OTHER, &version);
                    (unknown.name, unknown.version) = (None, None);
                    (unknown.pkgbase, unknown.provides) = (None, None);
                    shapes.extend([built, provides, unknown]);
                }
                identities.extend(shapes.into_iter().map(|evidence| Identity {
                    evidence,
                    excepted: *excepted,
                    generic: false,
                }));
            }
        }
        identities
    }

    fn findings(&self) -> Vec<Finding> {
        use Severity as S;
        let mut scores = vec![
            Epss::Unknown,
            Epss::NotScored,
            Epss::Score(0.0),
            Epss::Score(1.0),
        ];
        for score in &self.scores {
            scores.extend([Epss::Score(*score), Epss::Score((score - 1e-9).max(0.0))]);
        }
        let mut findings = Vec::new();
        let other = "an advisory that no exception names".to_owned();
        for id in self.ids.iter().chain([&other]) {
            for severity in [S::Unknown, S::None, S::Low, S::Medium, S::High, S::Critical] {
                for kev in [None, Some(true), Some(false)] {
                    for &epss in &scores {
                        findings.extend([Fix::Unknown, Fix::Available, Fix::None].map(|fix| {
                            Finding {
                                id: id.clone(),
                                aliases: Vec::new(),
                                severity,
                                kev,
                                epss,
                                fix,
                            }
                        }));
                    }
                }
            }
        }
        findings
    }

    fn authentic(&self) -> Vec<Evidence> {
        let mut provenances = vec![Provenance::Missing, Provenance::Invalid];
        provenances.extend((0..=3).map(|level| Provenance::Verified { level }));
        let mut rebuilds = BTreeSet::from([None, Some(0), Some(u32::MAX)]);
        for count in &self.rebuilds {
            rebuilds.extend([Some(*count), Some(count.saturating_sub(1))]);
        }
        let checksums = [
            Checksum::Missing,
            Checksum::Mismatch,
            Checksum::Match(Anchor::SelfAsserted),
            Checksum::Match(Anchor::SignedMetadata),
        ];
        let signatures = [
            Signature::Missing,
            Signature::Invalid,
            Signature::Untrusted,
            Signature::Trusted,
        ];
        let mut parts = Vec::new();
        for signature in signatures {
            for &provenance in &provenances {
                for &rebuilds in &rebuilds {
                    parts.extend(checksums.map(|checksum| Evidence {
                        signature,
                        provenance,
                        rebuilds,
                        checksum,
                        ..Evidence::default()
                    }));
                }
            }
        }
        parts
    }

    fn origins(&self) -> Vec<(Origin, OriginAges)> {
        let other = "zzz-any-other-repository".to_owned();
        // The least remarkable ones are last, and tried first.
        let mut origins = vec![(Origin::Aur(Aur::default()), OriginAges::Aur)];
        origins.push((Origin::Unknown, OriginAges::None));
        origins.push((Origin::LocalFile, OriginAges::None));
        let names = |set: &BTreeSet<String>| -> Vec<String> {
            std::iter::once(other.clone())
                .chain(set.iter().cloned())
                .collect()
        };
        for repository in names(&self.third_party) {
            origins.push((Origin::ThirdParty { repository }, OriginAges::None));
        }
        for repository in names(&self.official) {
            origins.push((Origin::Official { repository }, OriginAges::None));
        }
        origins
    }

    /// What a choice between or a sum of licences means follows from each of them.
    fn licences(&self) -> Vec<Licences> {
        let mut names: BTreeSet<String> = self.names.clone();
        let common = [
            "MIT",
            "GPL-3.0-or-later",
            "LicenseRef-zzz-any-other-licence",
        ];
        names.extend(common.map(str::to_owned));
        let mut all = vec![
            Licences::Unknown,
            Licences::AllOf(vec![Licence::Unresolved("see website".to_owned())]),
        ];
        for name in &names {
            let Ok(expression) = Expression::parse(name) else {
                continue;
            };
            all.push(Licences::AllOf(vec![Licence::Ambiguous {
                recorded: "ambiguous".to_owned(),
                candidates: vec![expression.clone()],
            }]));
            all.push(Licences::AllOf(vec![Licence::Expression(expression)]));
        }
        all
    }

    fn inspections(&self) -> Vec<Inspection> {
        let mut all = vec![Inspection::Unknown];
        for &rule in ScriptRule::ALL {
            if rule == ScriptRule::Network || self.ids.contains(rule.as_str()) {
                all.push(Inspection::Done(vec![ScriptFinding {
                    rule,
                    file: ".INSTALL".to_owned(),
                    line: 1,
                    seen: String::new(),
                }]));
            }
        }
        all
    }
}

//! What two policies mention, as packages that show it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::space::{Identity, OriginAges};
use crate::effective::Policy;
use crate::facts::{
    Anchor, Aur, Checksum, Epss, Facts, Finding, Fix, Inspection, Origin, Provenance, Severity,
    Signature,
};
use crate::inspect::{ScriptFinding, ScriptRule};
use crate::licence::{Expression, Licence, Licences};
use crate::matcher::{By, Matcher, Versions};
use crate::rule::Kind;

/// A name that no policy mentions, unless by a pattern.
const OTHER: &str = "zzz-any-other-package";

/// What the rules of the policies mention.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) ends: BTreeSet<DateTime<Utc>>,
    /// Matchers as text, to have each once, and whether an exception has it.
    pub(super) matchers: BTreeMap<String, (Matcher, bool)>,
    pub(super) ids: BTreeSet<String>,
    pub(super) scores: Vec<f64>,
    pub(super) stale: BTreeSet<Duration>,
    pub(super) waits: BTreeSet<Duration>,
    pub(super) rebuilds: BTreeSet<u32>,
    pub(super) official: BTreeSet<String>,
    pub(super) third_party: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
}

impl Marks {
    pub(super) fn policy(&mut self, policy: &Policy) {
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

    pub(super) fn matcher(&mut self, matcher: &Matcher, excepted: bool) {
        let key = format!("{:?} {matcher}", matcher.by);
        let entry = self.matchers.entry(key).or_insert((matcher.clone(), false));
        entry.1 |= excepted;
    }

    pub(super) fn rule(&mut self, kind: &Kind) {
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

    pub(super) fn identities(&self) -> Vec<Identity> {
        let package = |name: &str, version: &str| {
            let mut evidence = Facts::new(name, version);
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

    pub(super) fn findings(&self) -> Vec<Finding> {
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

    pub(super) fn authentic(&self) -> Vec<Facts> {
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
            Signature::Recorded,
            Signature::Trusted,
        ];
        let mut parts = Vec::new();
        for signature in signatures {
            for &provenance in &provenances {
                for &rebuilds in &rebuilds {
                    parts.extend(checksums.map(|checksum| Facts {
                        signature,
                        provenance,
                        rebuilds,
                        checksum,
                        ..Facts::default()
                    }));
                }
            }
        }
        parts
    }

    pub(super) fn origins(&self) -> Vec<(Origin, OriginAges)> {
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
    pub(super) fn licences(&self) -> Vec<Licences> {
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

    pub(super) fn inspections(&self) -> Vec<Inspection> {
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

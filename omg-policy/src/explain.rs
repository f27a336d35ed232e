//! Reasons in words: what was found, on which facts it rests, and what would make it pass.

use chrono::{DateTime, Utc};

use crate::caps;
use crate::decision::{Basis, Fact, Reason};
use crate::engine::{Found, age_of_scan};
use crate::facts::{
    Checksum, Facts, Fix, Inspection, MaintainerChanged, Origin, Provenance, Signature,
};
use crate::grade::Grade;
use crate::layer::Layer;
use crate::licence::{Expression, Licence, Licences};
use crate::matcher::{By, Matcher};
use crate::period::{show, show_moment};
use crate::rule::{Ban, Kind, Rule, Wait};
use crate::words::{checksum, coverage, origin, provenance, show_finding, signature, since};

/// What a violation is in words.
struct Words {
    evidence: String,
    passes_if: String,
    facts: Vec<Fact>,
}

fn words(
    evidence: impl Into<String>,
    passes_if: impl Into<String>,
    facts: impl Into<Vec<Fact>>,
) -> Words {
    Words {
        evidence: evidence.into(),
        passes_if: passes_if.into(),
        facts: facts.into(),
    }
}

/// What a decision rested on.
pub(crate) struct Ground<'a> {
    layers: &'a [Layer],
    facts: &'a Facts,
    now: DateTime<Utc>,
    grade: Grade,
    finding_caps: &'a [Grade],
}

impl<'a> Ground<'a> {
    pub(crate) fn new(layers: &'a [Layer], basis: &'a Basis, grade: Grade) -> Self {
        Self {
            layers,
            facts: &basis.facts,
            now: basis.now,
            grade,
            finding_caps: &basis.finding_caps,
        }
    }
}

pub(crate) fn reason(ground: &Ground<'_>, rule: &Rule, found: Found) -> Reason {
    let words = match &rule.kind {
        Kind::MinimumGrade(least) => minimum(ground, *least),
        kind => of_kind(ground, kind, found),
    };
    Reason {
        rule: rule.id(),
        verdict: rule.action,
        origin: rule.place.clone(),
        detail: rule.text(),
        evidence: words.evidence,
        passes_if: words.passes_if,
        facts: words.facts,
    }
}

fn of_kind(ground: &Ground<'_>, kind: &Kind, found: Found) -> Words {
    let facts = ground.facts;
    match kind {
        Kind::Integrity => integrity(facts),
        Kind::MinimumGrade(_) => words("", "", []),
        Kind::Scanned | Kind::Current(_) => words(
            coverage(facts.coverage),
            "a scan with a current database succeeds",
            [Fact::Coverage],
        ),
        Kind::Finding(_) => finding(facts, found),
        Kind::Signature(_) => words(
            signature(facts.signature),
            "it has a valid signature by somebody who is trusted",
            [Fact::Signature],
        ),
        Kind::ProvenanceLevel(level) => words(
            provenance(facts.provenance),
            format!("provenance of SLSA build level {level} or higher is verified"),
            [Fact::Provenance],
        ),
        Kind::Checksum(_) => words(
            checksum(facts.checksum),
            "its checksum is the one in a repository's signed metadata",
            [Fact::Checksum],
        ),
        Kind::ReleaseAge(wait) => {
            let what = match facts.released {
                None => "when it was released is unknown".to_owned(),
                Some(at) => format!("released {}", since(at, ground.now)),
            };
            waiting(ground, *wait, what, facts.released, Fact::Released)
        }
        Kind::Ban(ban) => banned(facts, ban),
        Kind::ScriptsInspected => words(
            "its install scripts were not inspected",
            "they are inspected",
            [Fact::Inspection],
        ),
        Kind::ScriptsClean => script(facts, found),
        Kind::LicencesAllowed(_)
        | Kind::LicencesDenied(_)
        | Kind::LicencesResolved
        | Kind::LicencesKnown
        | Kind::LicencesUnambiguous { .. } => licence(facts, found),
        _ => from(ground, kind),
    }
}

/// What keeps the grade down, without what was said already.
struct Why {
    least: Grade,
    texts: Vec<String>,
    facts: Vec<Fact>,
}

impl Why {
    fn cap(&mut self, cap: Grade, text: impl FnOnce() -> String, facts: &[Fact]) {
        if cap < self.least {
            let text = text();
            if !self.texts.contains(&text) {
                self.texts.push(text);
                self.facts.extend(facts);
            }
        }
    }

    /// The caps that are the same in every layer.
    fn common(&mut self, facts: &Facts) {
        let tampered = integrity(facts);
        let cap = caps::tamper_cap(facts);
        self.cap(cap, || tampered.evidence, &tampered.facts);
        let proof = [Fact::Signature, Fact::Checksum];
        let (signed, summed) = (signature(facts.signature), checksum(facts.checksum));
        let cap = caps::authenticity_cap(facts);
        self.cap(cap, || format!("{signed}; {summed}"), &proof);
        let place = || origin(&facts.origin);
        self.cap(caps::origin_cap(facts), place, &[Fact::Origin]);
        let inspected = || "suspicious install scripts".to_owned();
        self.cap(caps::inspection_cap(facts), inspected, &[Fact::Inspection]);
    }

    /// Those of one layer.
    fn layer(&mut self, ground: &Ground<'_>, number: usize, layer: &Layer) {
        let facts = ground.facts;
        let age = age_of_scan(facts, ground.now);
        let cap = caps::coverage_cap(facts, age, &layer.grading);
        self.cap(cap, || coverage(facts.coverage), &[Fact::Coverage]);
        let built = [Fact::Signature, Fact::Provenance, Fact::Rebuilds];
        let cap = caps::locked_cap(facts, layer.grading.locked);
        self.cap(cap, || proved(facts), &built);
        let open: Vec<Fact> = (0..facts.findings.len()).map(Fact::Finding).collect();
        let listed = || format!("{} known vulnerabilities", facts.findings.len());
        let cap = ground.finding_caps.get(number).copied();
        self.cap(cap.unwrap_or(Grade::Locked), listed, &open);
    }
}

/// Cites the caps that keep the grade down.
fn minimum(ground: &Ground<'_>, least: Grade) -> Words {
    let mut why = Why {
        least,
        texts: Vec::new(),
        facts: Vec::new(),
    };
    why.common(ground.facts);
    for (number, layer) in ground.layers.iter().enumerate() {
        why.layer(ground, number, layer);
    }
    let Why {
        texts, mut facts, ..
    } = why;
    facts.sort_unstable();
    facts.dedup();
    let grade = ground.grade;
    words(
        format!("the grade is {grade}: {}", texts.join("; ")),
        format!("what keeps it below {least} is put right"),
        facts,
    )
}

fn proved(facts: &Facts) -> String {
    let rebuilds = facts.rebuilds;
    format!(
        "{}; {}; {} independent rebuilds",
        signature(facts.signature),
        provenance(facts.provenance),
        rebuilds.map_or("unknown".to_owned(), |n| n.to_string()),
    )
}

fn integrity(facts: &Facts) -> Words {
    let mut broken = Vec::new();
    let mut texts = Vec::new();
    if facts.signature == Signature::Invalid {
        broken.push(Fact::Signature);
        texts.push(signature(facts.signature));
    }
    if facts.provenance == Provenance::Invalid {
        broken.push(Fact::Provenance);
        texts.push(provenance(facts.provenance));
    }
    if facts.checksum == Checksum::Mismatch {
        broken.push(Fact::Checksum);
        texts.push(checksum(facts.checksum));
    }
    words(
        texts.join("; "),
        "the package is fetched again from a source that did not alter it",
        broken,
    )
}

fn finding(facts: &Facts, found: Found) -> Words {
    let Found::Finding(index) = found else {
        return words("", "", []);
    };
    let finding = &facts.findings[index];
    let remedy = match finding.fix {
        Fix::Available => "it is updated",
        Fix::None => "a fix appears, or an exception names it",
        Fix::Unknown => "it is updated or found not to be affected",
    };
    words(show_finding(finding), remedy, [Fact::Finding(index)])
}

fn banned(facts: &Facts, ban: &Ban) -> Words {
    let mut text = named(facts, &ban.matcher);
    if let Some(reason) = &ban.reason {
        text.push_str(&format!(": {reason}"));
    }
    let passes_if = match &ban.instead {
        Some(instead) => format!("{instead} is used instead"),
        None if ban.matcher.versions.is_some() => "another version is used".to_owned(),
        None => "another package is used".to_owned(),
    };
    let mut facts = vec![Fact::Name];
    if ban.matcher.versions.is_some() {
        facts.push(Fact::Version);
    }
    words(text, passes_if, facts)
}

fn named(facts: &Facts, matcher: &Matcher) -> String {
    let unknown = |what: &str| format!("its {what} is unknown, and {matcher} is banned");
    let by_any = matcher.by == By::Any;
    match facts {
        Facts { name: None, .. } if by_any || matcher.by == By::Name => unknown("name"),
        Facts { pkgbase: None, .. } if by_any || matcher.by == By::Pkgbase => unknown("base"),
        Facts { provides: None, .. } if by_any || matcher.by == By::Provides => {
            format!("what it provides is unknown, and {matcher} is banned")
        }
        Facts { version: None, .. } if matcher.versions.is_some() => unknown("version"),
        _ => format!("{matcher} is banned"),
    }
}

fn script(facts: &Facts, found: Found) -> Words {
    let text = match (&facts.inspection, found) {
        (Inspection::Done(findings), Found::Script(index)) => findings[index].to_string(),
        _ => String::new(),
    };
    words(
        text,
        "somebody reads the script, and an exception names what was found",
        [Fact::Inspection],
    )
}

fn licence(facts: &Facts, found: Found) -> Words {
    let text = match (&facts.licences, found) {
        (Licences::AllOf(list), Found::Licence(index)) => match &list[index] {
            Licence::Expression(expression) => expression.as_str().to_owned(),
            Licence::Unresolved(text) => format!("{text:?} is no name of a licence"),
            Licence::Ambiguous {
                recorded,
                candidates,
            } => {
                let names: Vec<&str> = candidates.iter().map(Expression::as_str).collect();
                format!("{recorded:?} can mean {}", names.join(", "))
            }
        },
        _ => "its licence is unknown".to_owned(),
    };
    words(
        text,
        "its licence is recorded as an SPDX expression that is allowed",
        [Fact::Licences],
    )
}

fn from(ground: &Ground<'_>, kind: &Kind) -> Words {
    let place = &ground.facts.origin;
    let plain = |passes_if: &str| words(origin(place), passes_if, [Fact::Origin]);
    match (kind, place) {
        (Kind::AurAge(wait), Origin::Aur(aur)) => {
            let what = match aur.last_change {
                None => "when the recipe was last changed is unknown".to_owned(),
                Some(at) => format!("the recipe was changed {}", since(at, ground.now)),
            };
            waiting(ground, *wait, what, aur.last_change, Fact::Origin)
        }
        (Kind::AurQuarantine(wait), Origin::Aur(aur)) => {
            let who = match &aur.maintainer {
                Some(name) => format!("its maintainer {name}"),
                None => "its maintainer, of unknown name,".to_owned(),
            };
            let (what, at) = match aur.maintainer_changed {
                MaintainerChanged::At(at) => (
                    format!("{who} took over {}", since(at, ground.now)),
                    Some(at),
                ),
                _ => (format!("since when {who} maintains it is unknown"), None),
            };
            waiting(ground, *wait, what, at, Fact::Origin)
        }
        (Kind::AurAge(wait) | Kind::AurQuarantine(wait), _) => {
            waiting(ground, *wait, origin(place), None, Fact::Origin)
        }
        (Kind::NoNewInstallScript, Origin::Aur(aur)) => {
            let what = match aur.new_install_script {
                Some(true) => "it has an install script that is new",
                _ => "whether its install script is new is unknown",
            };
            words(
                what,
                "the script is read, and an exception names it",
                [Fact::Origin],
            )
        }
        _ => plain("it comes from where the policy allows"),
    }
}

fn waiting(
    ground: &Ground<'_>,
    wait: Wait,
    what: String,
    since: Option<DateTime<Utc>>,
    fact: Fact,
) -> Words {
    let mut passes_if = match since.and_then(|at| at.checked_add_signed(wait.time)) {
        Some(end) => format!("it is {} old, on {}", show(wait.time), show_moment(end)),
        None => format!("it is known to be {} old", show(wait.time)),
    };
    let mut facts = vec![fact];
    if wait.waived && ground.facts.security_fix != Some(true) {
        passes_if.push_str(", or it is known to fix a vulnerability of what is installed");
        facts.push(Fact::SecurityFix);
    }
    words(what, passes_if, facts)
}

//! Random evidence and policies.
#![allow(unreachable_pub)] // Part of a test.

use chrono::{DateTime, Duration, Utc};
use omg_policy::inspect::{ScriptKind, inspect};
use omg_policy::{
    Anchor, Aur, Checksum, Coverage, Epss, Expression, Facts, Finding, Fix, Inspection, Licence,
    Licences, MaintainerChanged, Origin, Provenance, Severity, Signature,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// The time of all decisions.
pub fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// A moment within two months.
pub fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (-5i64..60).prop_map(|days| now() - Duration::days(days))
}

pub fn finding() -> impl Strategy<Value = Finding> {
    let severity = select(vec![
        Severity::Unknown,
        Severity::None,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]);
    let epss = prop_oneof![
        Just(Epss::Unknown),
        Just(Epss::NotScored),
        Just(Epss::Score(f64::NAN)),
        (0.0f64..=1.0).prop_map(Epss::Score)
    ];
    let fix = select(vec![Fix::Unknown, Fix::Available, Fix::None]);
    (1..5u8, severity, option::of(any::<bool>()), epss, fix).prop_map(|parts| {
        let (id, severity, kev, epss, fix) = parts;
        let mut finding = Finding::new(format!("CVE-2026-{id}"));
        (finding.severity, finding.kev, finding.epss, finding.fix) = (severity, kev, epss, fix);
        finding
    })
}

pub fn signature() -> impl Strategy<Value = Signature> {
    select(vec![
        Signature::Unknown,
        Signature::Missing,
        Signature::Invalid,
        Signature::Untrusted,
        Signature::Recorded,
        Signature::Trusted,
    ])
}

pub fn provenance() -> impl Strategy<Value = Provenance> {
    prop_oneof![
        Just(Provenance::Unknown),
        Just(Provenance::Missing),
        Just(Provenance::Invalid),
        (0..=3u8).prop_map(|level| Provenance::Verified { level })
    ]
}

pub fn checksum() -> impl Strategy<Value = Checksum> {
    select(vec![
        Checksum::Unknown,
        Checksum::Missing,
        Checksum::Mismatch,
        Checksum::Match(Anchor::SelfAsserted),
        Checksum::Match(Anchor::UnsignedMetadata),
        Checksum::Match(Anchor::SignedMetadata),
    ])
}

pub fn coverage() -> impl Strategy<Value = Coverage> {
    prop_oneof![
        Just(Coverage::NotScanned),
        Just(Coverage::Stale),
        moment().prop_map(|as_of| Coverage::Fresh { as_of })
    ]
}

pub fn origin() -> impl Strategy<Value = Origin> {
    let repository = select(vec!["core", "extra", "chaotic"]).prop_map(str::to_owned);
    let changed = prop_oneof![
        Just(MaintainerChanged::Unknown),
        Just(MaintainerChanged::Never),
        moment().prop_map(MaintainerChanged::At)
    ];
    let aur = (option::of(moment()), changed, option::of(any::<bool>())).prop_map(|parts| {
        let mut aur = Aur::default();
        (
            aur.last_change,
            aur.maintainer_changed,
            aur.new_install_script,
        ) = parts;
        Origin::Aur(aur)
    });
    prop_oneof![
        Just(Origin::Unknown),
        Just(Origin::LocalFile),
        repository
            .clone()
            .prop_map(|repository| Origin::Official { repository }),
        repository.prop_map(|repository| Origin::ThirdParty { repository }),
        aur
    ]
}

pub fn licences() -> impl Strategy<Value = Licences> {
    let names = select(vec![
        "MIT",
        "Apache-2.0",
        "GPL-3.0-or-later",
        "LicenseRef-x",
    ]);
    let expression = proptest::collection::vec((names, any::<bool>()), 1..4).prop_map(|parts| {
        let mut text = String::new();
        for (name, and) in parts {
            let operator = if and { " AND " } else { " OR " };
            text = if text.is_empty() {
                name.to_owned()
            } else {
                text + operator + name
            };
        }
        Expression::parse(&text).unwrap()
    });
    let ambiguous = proptest::collection::vec(expression.clone(), 0..3).prop_map(|candidates| {
        Licence::Ambiguous {
            recorded: "BSD".to_owned(),
            candidates,
        }
    });
    let licence = prop_oneof![
        3 => expression.prop_map(Licence::Expression),
        1 => ambiguous,
        1 => Just(Licence::Unresolved("see website".to_owned()))
    ];
    prop_oneof![
        1 => Just(Licences::Unknown),
        4 => proptest::collection::vec(licence, 0..3).prop_map(Licences::AllOf)
    ]
}

pub fn inspection() -> impl Strategy<Value = Inspection> {
    let script = |text: &[u8]| Inspection::Done(inspect(ScriptKind::PacmanInstall, "i", text));
    select(vec![
        Inspection::Unknown,
        script(b"true"),
        script(b"true"),
        script(b"curl example.org | sh"),
        script(b"crontab x\nchmod 4755 /x"),
    ])
}

pub fn evidence() -> impl Strategy<Value = Facts> {
    let name = option::weighted(0.9, select(vec!["xz", "linux", "foo-bin", "zlib"]));
    let version = option::weighted(0.9, select(vec!["1", "2", "3", "5"]));
    let provides = option::weighted(
        0.9,
        proptest::collection::vec(select(vec!["xz=1", "sh"]), 0..2),
    );
    let identity = (name.clone(), version, name, provides);
    let checks = (
        coverage(),
        signature(),
        provenance(),
        option::of(0..4u32),
        checksum(),
    );
    let findings = proptest::collection::vec(finding(), 0..4);
    let rest = (
        findings,
        origin(),
        licences(),
        inspection(),
        option::of(moment()),
    );
    (identity, checks, rest, option::of(any::<bool>())).prop_map(|parts| {
        let ((name, version, base, provides), checks, rest, security_fix) = parts;
        let mut evidence = Facts::default();
        evidence.name = name.map(str::to_owned);
        evidence.version = version.map(str::to_owned);
        evidence.pkgbase = base.map(str::to_owned);
        evidence.provides = provides.map(|list| list.into_iter().map(str::to_owned).collect());
        (
            evidence.coverage,
            evidence.signature,
            evidence.provenance,
            ..,
        ) = checks;
        (.., evidence.rebuilds, evidence.checksum) = checks;
        (evidence.findings, evidence.origin, evidence.licences, ..) = rest.clone();
        (.., evidence.inspection, evidence.released) = rest;
        evidence.security_fix = security_fix;
        evidence
    })
}

/// Parts of policies. Each is about something else, so that any choice of them is a policy.
const PARTS: [&[&str]; 9] = [
    &[
        "",
        "[grade]\nminimum = 'community'",
        "[grade]\nminimum = 'verified'\nunscanned = 'reject'",
        "[grade]\nstale_after = '10d'\nstale = 'reject'",
    ],
    &[
        "",
        "[vulnerabilities]",
        "[vulnerabilities]\nreject = [{ severity = 'medium', fix = 'available' }, { kev = true }]\nwarn = { fix = 'any' }",
        "[vulnerabilities]\nkev = 'reject'\nepss_at_least = 0.5",
    ],
    &[
        "",
        "[signature]\nrequire = 'any'",
        "[signature]\nrequire = 'trusted'",
    ],
    &[
        "",
        "[provenance]\nlocked_needs = 'slsa3'",
        "[provenance]\nrequire = 'slsa2'\nlocked_needs = ['slsa1', 'rebuilds:3']",
    ],
    &[
        "",
        "[origin]\nallow = ['core']",
        "[origin]\nunknown = 'warn'\n[origin.aur]\nmin_commit_age = '7d'\nadoption_quarantine = '30d'\nforbid_new_install_scripts = true",
        "[origin]\nallow = ['core', 'extra']\nallow_third_party = ['chaotic']\nlocal_file = 'warn'\n[origin.aur]\nallow = true",
    ],
    &[
        "",
        "[release]\nmin_age = '3d'",
        "[release]\nmin_age = '14d'\nwaive_for_security_fixes = false",
    ],
    &[
        "",
        "[licenses]\nallow = ['MIT', 'Apache-2.0']\nunresolved = 'warn'",
        "[licenses]\ndeny = ['GPL-3.0-or-later']\nunknown = 'allow'",
    ],
    &[
        "",
        "[[ban]]\npackage = 'xz'\nversions = '>=2, <4'\nreason = 'CVE-2024-3094'",
        "[[ban]]\nname = '*-bin'\naction = 'warn'",
        "[checksum]\nrequire = 'signed'\n[scripts]\nsuspicious = 'warn'\nnot_inspected = 'warn'",
    ],
    &[
        "",
        "",
        "[[exception]]\nrule = 'vulnerabilities'\npackage = 'linux'\nid = 'CVE-2026-1'\nreason = 'not reachable'\nowner = 'ops'\nuntil = 2026-12-31",
        "[[exception]]\nrule = 'signature'\npackage = '*'\nreason = 'bootstrap'\nowner = 'ops'\nuntil = 2026-11-25",
    ],
];

/// A policy file.
pub fn policy_text() -> impl Strategy<Value = String> {
    text_of(&PARTS)
}

/// A policy file without a rule that time makes easier.
pub fn policy_text_without_waiting() -> impl Strategy<Value = String> {
    let parts: Vec<&[&str]> = PARTS
        .iter()
        .copied()
        .filter(|p| !p[1].contains("[release]") && !p[1].contains("[origin]"))
        .collect();
    text_of(&parts)
}

fn text_of(parts: &[&[&'static str]]) -> impl Strategy<Value = String> + use<> {
    let choices: Vec<_> = parts.iter().map(|parts| select(parts.to_vec())).collect();
    choices.prop_map(|chosen| format!("schema = 1\n{}\n", chosen.join("\n")))
}

//! Synthetic data in the shape of the real, at any size and the same on every machine.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::fmt::Write as _;

use omg_vuln::{Ecosystem, Package};
use serde_json::{Value, json};

/// SplitMix64 (Steele, Lea, Flood 2014): reproducible, and good enough to spread things.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let count = u64::try_from(items.len()).unwrap_or(1);
        usize::try_from(self.below(count)).map_or("", |index| items[index])
    }
}

/// A version as Arch and Debian write it: `1:4.12.3+dfsg-2`.
pub fn version(random: &mut Random) -> String {
    let mut out = String::new();
    if random.below(10) == 0 {
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "{}:", 1 + random.below(2));
    }
    for part in 0..2 + random.below(3) {
        let _ = write!(
            out,
            "{}{}",
            if part == 0 { "" } else { "." },
            random.below(31)
        );
    }
    out.push_str(random.pick(&["", "", "", "rc1", "+dfsg", ".arch1", "+12+gabc1234"]));
    let _ = write!(out, "-{}", 1 + random.below(3));
    out
}

/// A name of one of `count` packages. Few of them have most of the advisories, as with the
/// kernel and the browsers.
fn name(random: &mut Random, count: u64) -> String {
    let skewed = random
        .below(count)
        .min(random.below(count))
        .min(random.below(count));
    format!("package{skewed:05}")
}

/// `count` installed packages out of `names`.
pub fn installed(ecosystem: &Ecosystem, count: u64, names: u64, seed: u64) -> Vec<Package> {
    let mut random = Random::new(seed);
    let step = (names / count.max(1)).max(1);
    let package = |number: u64| {
        // A system that is kept up to date: nearly every fix that exists is installed.
        let epoch = if random.below(50) == 0 { "" } else { "9:" };
        let version = version(&mut random);
        let version = format!("{epoch}{}", version.rsplit(':').next().unwrap_or_default());
        Package::new(
            ecosystem.clone(),
            format!("package{:05}", number * step),
            version,
        )
    };
    (0..count).map(package).collect()
}

/// The Arch tracker's feed with `groups` groups; the shares of states and of groups without a
/// fix are those seen in the real one.
pub fn tracker_feed(groups: u64, names: u64, seed: u64) -> String {
    let mut random = Random::new(seed);
    let group = |number: u64| {
        let status = match random.below(100) {
            0..86 => "Fixed",
            86..93 => "Vulnerable",
            93..97 => "Not affected",
            97..99 => "Unknown",
            _ => "Testing",
        };
        let unfixed = status == "Vulnerable" && random.below(20) > 0;
        let packages: Vec<String> = (0..=random.below(10) / 8)
            .map(|_| name(&mut random, names))
            .collect();
        let issues: Vec<String> = (0..=random.below(8))
            .map(|_| {
                format!(
                    "CVE-{}-{}",
                    2014 + random.below(12),
                    1000 + random.below(90_000)
                )
            })
            .collect();
        json!({
            "name": format!("AVG-{number}"), "packages": packages, "status": status,
            "severity": random.pick(&["Unknown", "Low", "Medium", "High", "Critical"]),
            "type": random.pick(&["multiple issues", "arbitrary code execution"]),
            "affected": version(&mut random),
            "fixed": if unfixed { Value::Null } else { version(&mut random).into() },
            "ticket": null, "issues": issues, "advisories": [],
        })
    };
    let groups: Vec<Value> = (1..=groups).map(group).collect();
    serde_json::to_string_pretty(&groups).unwrap_or_default()
}

/// One OSV record of an ecosystem, like those made from Debian's security tracker.
pub fn osv_record(ecosystem: &str, number: u64, names: u64, random: &mut Random) -> Value {
    let affected: Vec<Value> = (0..=random.below(10) / 8)
        .map(|_| {
            let mut events = vec![json!({ "introduced": "0" })];
            if random.below(20) > 0 {
                events.push(json!({ "fixed": version(random) }));
            }
            let versions: Vec<String> = (0..random.below(12)).map(|_| version(random)).collect();
            json!({
                "package": { "ecosystem": ecosystem, "name": name(random, names) },
                "ranges": [{ "type": "ECOSYSTEM", "events": events }],
                "versions": versions,
                "ecosystem_specific": { "urgency": random.pick(&["low", "medium", "high"]) },
            })
        })
        .collect();
    let cve = format!("CVE-{}-{number}", 2010 + random.below(16));
    json!({
        "schema_version": "1.7.0", "id": format!("DEBIAN-{cve}"), "upstream": [cve],
        "modified": "2026-11-01T00:00:00Z", "published": "2025-01-01T00:00:00Z",
        "details": "A flaw was found in the handling of crafted input. ".repeat(6),
        "severity": [{ "type": "CVSS_V3", "score": format!(
            "CVSS:3.1/AV:{}/AC:L/PR:N/UI:N/S:U/C:H/I:{}/A:N",
            random.pick(&["N", "L", "A"]), random.pick(&["H", "L", "N"]))}],
        "affected": affected,
        "references": [{ "type": "ADVISORY",
            "url": format!("https://security-tracker.debian.org/tracker/{cve}") }],
    })
}

/// `count` OSV records of an ecosystem about `names` packages.
pub fn osv_records(ecosystem: &str, count: u64, names: u64, seed: u64) -> Vec<Value> {
    let mut random = Random::new(seed);
    (1..=count)
        .map(|number| osv_record(ecosystem, number, names, &mut random))
        .collect()
}

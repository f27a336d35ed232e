//! Releases whose advisories are no longer published where this program looks.

use chrono::{DateTime, NaiveDate, Utc};
use omg_sbom::inventory::{Family, OsRelease, Problem, ProblemKind};

/// The last day of standard support of Ubuntu's releases that had one by now, or have a date:
/// distro-info-data, `ubuntu.csv`, column `eol`. Later records are those of Ubuntu Pro alone.
const UBUNTU: [(&str, (i32, u32, u32)); 14] = [
    ("14.04", (2019, 4, 25)),
    ("16.04", (2021, 4, 30)),
    ("18.04", (2023, 5, 31)),
    ("20.04", (2025, 5, 31)),
    ("22.04", (2027, 6, 1)),
    ("22.10", (2023, 7, 20)),
    ("23.04", (2024, 1, 25)),
    ("23.10", (2024, 7, 11)),
    ("24.04", (2029, 5, 31)),
    ("24.10", (2025, 7, 10)),
    ("25.04", (2026, 1, 15)),
    ("25.10", (2026, 7, 9)),
    ("26.04", (2031, 5, 29)),
    ("21.10", (2022, 7, 14)),
];

/// A problem for a release past its support: what is fixed only for subscribers is in no record that
/// is looked at, so that finding nothing means nothing.
pub fn ended(os: &OsRelease, at: DateTime<Utc>) -> Option<Problem> {
    let distribution = os.distribution();
    let release = distribution
        .release
        .filter(|_| distribution.family == Family::Ubuntu)?;
    let (_, (year, month, day)) = UBUNTU.iter().find(|(known, _)| *known == release)?;
    let end = NaiveDate::from_ymd_opt(*year, *month, *day)?;
    (at.date_naive() > end).then(|| {
        let detail = format!(
            "standard support ended on {end}: records since then are of Ubuntu Pro, and are not \
             looked at"
        );
        Problem::new(format!("Ubuntu {release}"), ProblemKind::Unreadable, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_not_covered_after_its_support() {
        let ended = |text: &str, at: &str| {
            let os = OsRelease::parse(text.as_bytes()).unwrap();
            ended(&os, at.parse().unwrap()).is_some()
        };
        let focal = "ID=ubuntu\nVERSION_ID=20.04\n";
        assert!(!ended(focal, "2025-05-31T23:00:00Z"));
        assert!(ended(focal, "2025-06-01T00:00:00Z"));
        assert!(!ended(
            "ID=ubuntu\nVERSION_ID=22.04\n",
            "2026-01-01T00:00:00Z"
        ));
        let mint = "ID=linuxmint\nID_LIKE=ubuntu\nUBUNTU_CODENAME=focal\n";
        assert!(ended(mint, "2026-01-01T00:00:00Z"));
        assert!(!ended("ID=debian\nVERSION_ID=10\n", "2026-01-01T00:00:00Z"));
    }
}

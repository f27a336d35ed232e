//! Measures the scanner on labelled samples: per source, how many of the positives are found
//! and how many of the negatives are flagged.
//!
//! ```text
//! cargo run --release --example evaluate -- <folder or file>... [--missed] [--flagged] [--types]
//!     [--secrets | --everything]
//! ```
//!
//! Every `*.jsonl` file of a folder is read. A line is a JSON object with `text_b64`, and
//! `expected`: `true`, `false` or `null` (not labelled, only scanned). With `secret_b64` a
//! positive counts as found only if a finding overlaps that secret; else any finding in the
//! sample counts. A negative counts as flagged if there is any finding in it. With
//! `"scope": "type"` its label is about one kind of credential only, and another one may rightly
//! be found: the line `own kind` counts it only if a rule fires that also finds a positive sample
//! of the same type, or if there is none of them to tell.
//!
//! Four sets of rules are measured: the default one, the same without the group `generic`, the
//! default one without the group `identifier`, and everything, which adds values that stand
//! where a secret would be. Labelled sets count names such as a bucket or an OAuth client id as
//! positives: they are no secrets, and the default set finds them with the severity `none`, so
//! that the third column is what fails a run. They count `aaaaaaaa` in the place of a key too,
//! which the default set leaves alone. `--missed` and `--flagged` list samples of the default
//! set, with `--secrets` or `--everything` of those.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use omg_secrets::{Group, GroupState, Scanner, StandIns};
use serde_json::Value;

/// How many sets of rules are measured.
const SETS: usize = 4;

#[derive(Clone, Copy, Default)]
struct Count {
    positives: usize,
    found: [usize; SETS],
    negatives: usize,
    flagged: [usize; SETS],
    /// By a rule of the sample's own type.
    own: [usize; SETS],
    unlabelled: usize,
    hit: [usize; SETS],
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, paths): (Vec<_>, Vec<_>) =
        arguments.into_iter().partition(|a| a.starts_with("--"));
    if paths.is_empty() {
        return Err(
            "usage: evaluate <folder or file>... [--missed] [--flagged] [--types] [--secrets | --everything]"
                .into(),
        );
    }
    let option = |name: &str| options.iter().any(|given| given == name);
    let scanners = [
        Scanner::builder().build()?,
        Scanner::builder()
            .group(Group::Generic, GroupState::Off)
            .build()?,
        Scanner::builder()
            .group(Group::Identifier, GroupState::Off)
            .build()?,
        Scanner::builder().stand_ins(StandIns::Report).build()?,
    ];
    let listed = match (option("--everything"), option("--secrets")) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 0,
    };
    let mut samples = Vec::new();
    for file in files(&paths)? {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&file)?;
        for line in text.lines().filter(|line| line.starts_with('{')) {
            samples.extend(Sample::read(&serde_json::from_str(line)?, &stem, &scanners));
        }
    }
    // The rules that find a type.
    let mut finders: BTreeMap<&str, [BTreeSet<&str>; SETS]> = BTreeMap::new();
    for sample in samples.iter().filter(|s| s.expected == Some(true)) {
        let finders = finders.entry(&sample.kind).or_default();
        for (finders, rules) in finders.iter_mut().zip(&sample.rules) {
            finders.extend(rules.iter().map(String::as_str));
        }
    }
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut types: BTreeMap<String, Count> = BTreeMap::new();
    for sample in &samples {
        let own = sample.of_own_kind(finders.get(sample.kind.as_str()));
        counts
            .entry(sample.source.clone())
            .or_default()
            .add(sample, own);
        types
            .entry(sample.kind.clone())
            .or_default()
            .add(sample, own);
        let hit = !sample.rules[listed].is_empty();
        let missed = sample.expected == Some(true) && !hit && option("--missed");
        let flagged = sample.expected == Some(false) && hit && option("--flagged");
        if missed || flagged {
            println!(
                "{} {} {} {:?}",
                if missed { "missed" } else { "flagged" },
                sample.kind,
                sample.id,
                sample.rules[listed]
            );
        }
    }
    table(&counts);
    if option("--types") {
        println!();
        table(&types);
    }
    Ok(())
}

fn files(paths: &[String]) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths.iter().map(Path::new) {
        if !path.is_dir() {
            files.push(path.to_owned());
            continue;
        }
        for entry in std::fs::read_dir(path)? {
            let path = entry?.path();
            // Vectors of one kind, without labels.
            if path.extension().is_some_and(|e| e == "jsonl") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn decoded(sample: &Value, key: &str) -> Option<Vec<u8>> {
    let text = sample[key].as_str()?;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// A sample, and the rules that fire in it, by set.
struct Sample {
    id: String,
    source: String,
    /// The source, and the type that is the source's own.
    kind: String,
    expected: Option<bool>,
    /// Whether the label is about its type only.
    of_type: bool,
    rules: [Vec<String>; SETS],
}

impl Sample {
    fn read(json: &Value, stem: &str, scanners: &[Scanner; SETS]) -> Option<Self> {
        let text = decoded(json, "text_b64")?;
        let expected = json["expected"].as_bool();
        let secret = decoded(json, "secret_b64")
            .filter(|secret| !secret.is_empty() && expected == Some(true));
        let at = secret.and_then(|secret| {
            let mut windows = text.windows(secret.len());
            let at = windows.position(|window| window == secret)?;
            Some(at..at + secret.len())
        });
        let rules = scanners.each_ref().map(|scanner| {
            let counted = scanner.scan(&text).filter(|finding| {
                let span = &finding.span;
                at.as_ref()
                    .is_none_or(|at| span.start < at.end && at.start < span.end)
            });
            counted
                .map(|finding| finding.rule.id().to_owned())
                .collect()
        });
        let source = json["source"].as_str().unwrap_or(stem);
        Some(Self {
            id: json["id"].to_string(),
            source: source.to_owned(),
            kind: format!("{source} {}", json["type"].as_str().unwrap_or("?")),
            expected,
            of_type: json["scope"] == "type",
            rules,
        })
    }

    /// Whether what is found is of the sample's type, as far as its label goes.
    fn of_own_kind(&self, finders: Option<&[BTreeSet<&str>; SETS]>) -> [bool; SETS] {
        std::array::from_fn(|set| {
            let finders = finders.map(|finders| &finders[set]);
            let finders = finders.filter(|finders| self.of_type && !finders.is_empty());
            let mut rules = self.rules[set].iter();
            rules.any(|rule| finders.is_none_or(|finders| finders.contains(rule.as_str())))
        })
    }
}

impl Count {
    fn add(&mut self, sample: &Sample, own: [bool; SETS]) {
        let (total, some) = match sample.expected {
            Some(true) => (&mut self.positives, &mut self.found),
            Some(false) => (&mut self.negatives, &mut self.flagged),
            None => (&mut self.unlabelled, &mut self.hit),
        };
        *total += 1;
        for (sum, rules) in some.iter_mut().zip(&sample.rules) {
            *sum += usize::from(!rules.is_empty());
        }
        if sample.expected == Some(false) {
            for (sum, own) in self.own.iter_mut().zip(own) {
                *sum += usize::from(own);
            }
        }
    }
}

fn table(counts: &BTreeMap<String, Count>) {
    println!(
        "{:<36} {:>9} {:>40}   {:>9} {:>40}",
        "source", "positives", "recall", "negatives", "false positives"
    );
    let sets = row(["default", "no generic", "secrets", "everything"].map(str::to_owned));
    println!("{:<36} {:>9} {sets}   {:>9} {sets}", "", "", "");
    let share = |part: usize, whole: usize| {
        let [part, whole] = [part, whole].map(|n| u32::try_from(n).map_or(f64::NAN, f64::from));
        (whole > 0.0).then_some(part / whole)
    };
    let text = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.3}"));
    let mut means = [Mean::default(); 3];
    for (source, count) in counts {
        let found = count.found.map(|n| share(n, count.positives));
        let flagged = count.flagged.map(|n| share(n, count.negatives));
        let own = count.own.map(|n| share(n, count.negatives));
        println!(
            "{source:<36} {:>9} {}   {:>9} {}",
            count.positives,
            row(found.map(text)),
            count.negatives,
            row(flagged.map(text))
        );
        if count.negatives > 0 {
            println!("{:>100} {}", "own kind", row(own.map(text)));
        }
        if count.unlabelled > 0 {
            println!(
                "{:<36} {} not labelled, findings in {}",
                "", count.unlabelled, count.hit[0]
            );
        }
        for (mean, shares) in means.iter_mut().zip([found, flagged, own]) {
            mean.add(shares);
        }
    }
    let [found, flagged, own] = means.map(|mean| row(mean.of().map(text)));
    println!(
        "{:<36} {:>9} {found}   {:>9} {flagged}",
        "mean of the sources", "", ""
    );
    println!("{:>100} {own}", "own kind");
}

/// The mean of sources that have such samples, by set.
#[derive(Clone, Copy, Default)]
struct Mean {
    sums: [f64; SETS],
    sources: f64,
}

impl Mean {
    fn add(&mut self, shares: [Option<f64>; SETS]) {
        if shares[0].is_some() {
            self.sources += 1.0;
        }
        for (sum, share) in self.sums.iter_mut().zip(shares) {
            *sum += share.unwrap_or(0.0);
        }
    }

    fn of(self) -> [Option<f64>; SETS] {
        let sources = self.sources;
        self.sums
            .map(|sum| (sources > 0.0).then_some(sum / sources))
    }
}

fn row(cells: [String; SETS]) -> String {
    let [default, plain, named, all] = cells;
    format!("{default:>9} {plain:>10} {named:>8} {all:>10}")
}

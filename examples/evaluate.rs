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
//! sample counts. A negative counts as flagged if there is any finding in it, although with
//! `"scope": "type"` the label is about one kind only and another one may rightly be found.
//!
//! Four sets of rules are measured: the default one, the same without the group `generic`, the
//! default one without the group `identifier`, and everything, which adds values that stand
//! where a secret would be. Labelled sets count names such as a bucket or an OAuth client id as
//! positives: they are no secrets, and the default set finds them with the severity `none`, so
//! that the third column is what fails a run. They count `aaaaaaaa` in the place of a key too,
//! which the default set leaves alone. `--missed` and `--flagged` list samples of the default
//! set, with `--secrets` or `--everything` of those.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
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
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut types: BTreeMap<String, Count> = BTreeMap::new();
    for file in files(&paths)? {
        for line in std::fs::read_to_string(&file)?
            .lines()
            .filter(|line| line.starts_with('{'))
        {
            let sample: Value = serde_json::from_str(line)?;
            let Some(text) = decoded(&sample, "text_b64") else {
                continue;
            };
            let secret = decoded(&sample, "secret_b64");
            let hits = scanners
                .each_ref()
                .map(|scanner| hit(scanner, &text, secret.as_deref(), &sample));
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let source = sample["source"].as_str().unwrap_or(&stem);
            let kind = format!("{source} {}", sample["type"].as_str().unwrap_or("?"));
            record(counts.entry(source.to_owned()).or_default(), &sample, hits);
            record(types.entry(kind.clone()).or_default(), &sample, hits);
            let missed = sample["expected"] == true && !hits[listed] && option("--missed");
            let flagged = sample["expected"] == false && hits[listed] && option("--flagged");
            if missed || flagged {
                let rules: Vec<String> = scanners[listed]
                    .scan(&text)
                    .map(|f| f.rule.id().to_owned())
                    .collect();
                println!(
                    "{} {kind} {} {rules:?}",
                    if missed { "missed" } else { "flagged" },
                    sample["id"]
                );
            }
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

fn hit(scanner: &Scanner, text: &[u8], secret: Option<&[u8]>, sample: &Value) -> bool {
    let mut findings = scanner.scan(text);
    let at = secret
        .filter(|secret| !secret.is_empty() && sample["expected"] == true)
        .and_then(|secret| {
            text.windows(secret.len())
                .position(|window| window == secret)
                .map(|at| at..at + secret.len())
        });
    match at {
        Some(at) => findings.any(|f| f.span.start < at.end && at.start < f.span.end),
        None => findings.next().is_some(),
    }
}

fn record(count: &mut Count, sample: &Value, hits: [bool; SETS]) {
    let (total, some) = match sample["expected"].as_bool() {
        Some(true) => (&mut count.positives, &mut count.found),
        Some(false) => (&mut count.negatives, &mut count.flagged),
        None => (&mut count.unlabelled, &mut count.hit),
    };
    *total += 1;
    for (sum, hit) in some.iter_mut().zip(hits) {
        *sum += usize::from(hit);
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
        if whole > 0.0 {
            format!("{:.3}", part / whole)
        } else {
            "-".to_owned()
        }
    };
    let mut macros = [[0.0; SETS]; 2];
    let mut labelled = [0.0; 2];
    for (source, count) in counts {
        let found = count.found.map(|n| share(n, count.positives));
        let flagged = count.flagged.map(|n| share(n, count.negatives));
        println!(
            "{source:<36} {:>9} {}   {:>9} {}",
            count.positives,
            row(found.clone()),
            count.negatives,
            row(flagged.clone())
        );
        if count.unlabelled > 0 {
            println!(
                "{:<36} {} not labelled, findings in {}",
                "", count.unlabelled, count.hit[0]
            );
        }
        for (side, texts) in [&found, &flagged].into_iter().enumerate() {
            if texts[0] != "-" {
                labelled[side] += 1.0;
                for set in 0..SETS {
                    macros[side][set] += texts[set].parse().unwrap_or(0.0);
                }
            }
        }
    }
    let mean = |side: usize, set: usize| {
        if labelled[side] > 0.0 {
            macros[side][set] / labelled[side]
        } else {
            0.0
        }
    };
    let means = |side| row(std::array::from_fn(|set| format!("{:.3}", mean(side, set))));
    println!(
        "{:<36} {:>9} {}   {:>9} {}",
        "mean of the sources",
        "",
        means(0),
        "",
        means(1)
    );
}

fn row(cells: [String; SETS]) -> String {
    let [default, plain, named, all] = cells;
    format!("{default:>9} {plain:>10} {named:>8} {all:>10}")
}

//! Tries a policy out on packages whose facts are JSON, one a line, and says why it decides so.
//!
//! ```text
//! cargo run --example policy-decide -- POLICY.toml 2026-11-24T12:00:00Z <FACTS.jsonl
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{BufRead as _, stdin};

use omg_policy::{Evidence, Facts, Layer, LayerKind, Policy, Verdict};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(at)) = (arguments.next(), arguments.next()) else {
        return Err("usage: policy-decide POLICY.toml TIME <FACTS.jsonl".into());
    };
    let layer = Layer::parse(LayerKind::CommandLine, &file, &std::fs::read(&file)?)?;
    let policy = Policy::new([layer]);
    let now = at.parse()?;
    let mut worst = Verdict::Allow;
    for line in stdin().lock().lines() {
        let facts: Facts = serde_json::from_str(&line?)?;
        let name = facts.name.clone().unwrap_or_else(|| "?".to_owned());
        // No check made these facts, so the decision is about no package.
        let evidence = Evidence::simulated(facts);
        // Versions of Arch's packages; `omg_vuln::version` has other orders.
        let decision = policy.decide(&evidence, now, &omg_vuln::version::alpm::compare);
        println!("{} {name}, grade {}", decision.verdict, decision.grade);
        for reason in decision.reasons() {
            println!("  {}  {}", reason.detail, reason.origin);
            println!("    {}", reason.evidence);
            println!("    passes if {}", reason.passes_if);
        }
        worst = worst.max(decision.verdict);
    }
    println!("in all: {worst}");
    Ok(())
}

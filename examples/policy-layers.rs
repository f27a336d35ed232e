//! What layers make of one another: each may only tighten, and exceptions need a delegation.
//!
//! ```text
//! cargo run --example policy-layers
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;

use omg_policy::{Comparison, Evidence, Facts, Layer, LayerKind, Policy, Signature};

const SYSTEM: &str = "
schema = 1
require_pgp = true

[delegate]
user_may_except = ['signature']
max_exception = '90d'
";

const USER: &str = "
schema = 1
minimum_grade = 'community'

[[exception]]
rule = 'signature'
package = 'my-tool'
reason = 'built here'
owner = 'me'
granted = 2026-11-01
until = 2026-12-31
";

fn main() -> Result<(), Box<dyn Error>> {
    let now = "2026-11-24T12:00:00Z".parse()?;
    let order = |a: &str, b: &str| a.cmp(b);
    let system = Layer::parse(LayerKind::System, "/etc/omg/policy.toml", SYSTEM.as_bytes())?;
    let user = Layer::parse(
        LayerKind::User,
        "~/.config/omg/policy.toml",
        USER.as_bytes(),
    )?;
    let (alone, both) = (Policy::new([system.clone()]), Policy::new([system, user]));

    for rule in both.rules() {
        println!("{:<28} {}", rule.origin.to_string(), rule.text);
    }
    for name in ["my-tool", "other-tool"] {
        let mut facts = Facts::new(name, "1");
        facts.signature = Signature::Missing;
        let decision = both.decide(&Evidence::simulated(facts), now, &order);
        println!("{name}: {}", decision.verdict);
        for excepted in decision.excepted() {
            println!("  excepted until {}: {}", excepted.until, excepted.because);
        }
        for reason in decision.reasons() {
            println!("  {} ({}): {}", reason.rule, reason.origin, reason.evidence);
        }
    }
    match Comparison::of(&alone, &both, now, &order) {
        Comparison::Looser { loosened } => {
            let name = loosened.evidence.name.unwrap_or_default();
            println!("the user's layer loosens, as delegated: {name}");
        }
        other => println!("{other:?}"),
    }
    Ok(())
}

//! Reads any bytes as a policy in Rego and asks it about a package: whatever it is, nothing gets
//! better, and the interpreter neither ends the process nor stays away.
#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use omg_policy::{Evidence, Facts, Policy, Rego};

/// A panic of the interpreter is a rejection, and no crash.
static QUIET: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let Ok(rego) = Rego::parse("rules.rego", data) else {
        return;
    };
    let (evidence, now) = (Facts::new("app", "1-1"), chrono::DateTime::UNIX_EPOCH);
    let before = Policy::default().decide(&Evidence::simulated(evidence.clone()), now, &|a, b| a.cmp(b));
    let after = rego.tighten(before.clone(), &Evidence::simulated(evidence), now);
    assert!(after.verdict >= before.verdict && after.grade == before.grade);
});

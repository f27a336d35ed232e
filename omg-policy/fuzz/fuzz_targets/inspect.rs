//! Inspects any bytes as each kind of script.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_policy::inspect::{ScriptKind, inspect};

fuzz_target!(|data: &[u8]| {
    for kind in [ScriptKind::PacmanInstall, ScriptKind::DebianMaintainer, ScriptKind::Recipe] {
        let _ = inspect(kind, "script", data);
    }
});

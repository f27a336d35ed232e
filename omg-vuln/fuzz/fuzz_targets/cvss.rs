//! Reading any string as a CVSS vector ends in a score between 0 and 10 or in an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_vuln::{Cvss, Severity};

fuzz_target!(|vector: &str| {
    if let Ok(cvss) = Cvss::from_vector(vector) {
        assert!(cvss.tenths() <= 100);
        assert_ne!(cvss.severity(), Severity::Unknown);
        assert_eq!(Cvss::from_vector(cvss.vector()).as_ref(), Ok(&cvss));
    }
});

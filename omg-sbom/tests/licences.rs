//! Licences as packages of a real repository record them.
#![cfg(feature = "document")]
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use omg_sbom::licence::{Licence, resolve};

#[test]
fn most_packages_are_resolved_and_none_is_guessed() {
    let Some(folder) = common::data("policy") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("archlinuxcn-pkg-licenses.tsv")).unwrap();
    let (mut all, mut resolved, mut ambiguous) = (0_usize, 0_usize, 0_usize);
    for line in text.lines() {
        let values: Vec<_> = line.split('\t').skip(1).map(resolve).collect();
        all += 1;
        if values.iter().all(|value| value.expression().is_some()) {
            resolved += 1;
        } else if values
            .iter()
            .any(|value| matches!(value, Licence::Ambiguous { .. }))
        {
            ambiguous += 1;
        }
        for value in &values {
            let Some(expression) = value.expression() else {
                continue;
            };
            let mode = spdx::ParseMode {
                allow_deprecated: true,
                ..spdx::ParseMode::STRICT
            };
            assert!(
                spdx::Expression::parse_mode(expression, mode).is_ok(),
                "{expression}"
            );
        }
    }
    eprintln!("{resolved} of {all} packages resolved, {ambiguous} ambiguous");
    assert!(resolved * 100 >= all * 96, "{resolved} of {all}");
}

//! Every built-in rule: its data, its examples, its counter-examples.

#![allow(clippy::unwrap_used)] // Helpers of tests.

use std::collections::BTreeSet;

use omg_secrets::{Group, Rule, Scanner, Severity, builtin_rules};

const SEEDS: [u64; 3] = [1, 20_261_124, 77_777];

#[test]
fn the_set_is_as_large_and_as_distinctive_as_promised() {
    let rules: Vec<Rule> = builtin_rules().collect();
    let keyword = rules
        .iter()
        .filter(|rule| rule.group() == Group::Keyword)
        .count();
    assert!(
        rules.len() - keyword >= 200,
        "{} and {keyword}",
        rules.len()
    );
    assert!(
        rules.len() >= 300 && keyword <= 100,
        "{} and {keyword}",
        rules.len()
    );
    let ids: BTreeSet<&str> = rules.iter().map(Rule::id).collect();
    assert_eq!(ids.len(), rules.len(), "an id stands twice");
    for rule in &rules {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id().chars().all(plain), "{}", rule.id());
        assert!(
            rule.documentation().starts_with("https://"),
            "{}",
            rule.id()
        );
        assert!(
            !rule.title().is_empty() && !rule.provider().is_empty() && !rule.advice().is_empty()
        );
    }
}

#[test]
fn the_promised_kinds_have_the_promised_severities() {
    use Severity::{Critical, High, Medium};
    for (id, severity) in [
        ("aws-access-key-id", Critical),
        ("aws-secret-access-key", Critical),
        ("github-personal-access-token", Critical),
        ("github-oauth-token", Critical),
        ("github-user-token", Critical),
        ("github-server-token", Critical),
        ("github-refresh-token", Critical),
        ("github-fine-grained-token", Critical),
        ("gitlab-personal-access-token", Critical),
        ("private-key-rsa", Critical),
        ("private-key-pkcs8", Critical),
        ("private-key-openssh", Critical),
        ("private-key-ec", Critical),
        ("private-key-dsa", Critical),
        ("private-key-pgp", Critical),
        ("private-key-encrypted", Medium),
        ("stripe-secret-key", Critical),
        ("stripe-restricted-key", Critical),
        ("slack-bot-token", High),
        ("google-api-key", High),
        ("npm-access-token", High),
        ("jwt", Medium),
        ("generic-api-key", Medium),
        ("generic-password", Medium),
    ] {
        let rule = builtin_rules().find(|rule| rule.id() == id);
        assert_eq!(rule.map(|rule| rule.severity()), Some(severity), "{id}");
    }
}

#[test]
fn a_name_that_is_no_secret_is_of_no_severity() {
    let none: Vec<bool> = builtin_rules()
        .map(|rule| rule.severity() == Severity::None)
        .collect();
    let identifiers: Vec<bool> = builtin_rules()
        .map(|rule| rule.group() == Group::Identifier)
        .collect();
    assert_eq!(none, identifiers);
    let scanner = Scanner::builder().build().unwrap();
    let user = ["DB_USER", "=alice\n"].concat();
    let found: Vec<_> = scanner.scan(user.as_bytes()).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::None);
    assert!(Severity::None < Severity::Low);
}

#[test]
fn every_rule_finds_its_examples() {
    let mut missed = Vec::new();
    for rule in builtin_rules() {
        let scanner = Scanner::builder().only([rule.id()]).build().unwrap();
        let examples = rule.examples(SEEDS[0]);
        assert!(!examples.is_empty(), "{} has no examples", rule.id());
        for text in SEEDS.iter().flat_map(|seed| rule.examples(*seed)) {
            if scanner.scan(text.as_bytes()).next().is_none() {
                missed.push(format!("{}: {text}", rule.id()));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn no_rule_finds_its_counter_examples() {
    let mut found = Vec::new();
    for rule in builtin_rules() {
        let scanner = Scanner::builder().only([rule.id()]).build().unwrap();
        let texts = rule.counter_examples(SEEDS[0]);
        assert!(!texts.is_empty(), "{} has no counter-examples", rule.id());
        for text in texts {
            if let Some(finding) = scanner.scan(text.as_bytes()).next() {
                found.push(format!("{}: {text} {:?}", rule.id(), finding.span));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} found:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn an_example_is_found_beside_a_placeholder() {
    let scanner = Scanner::builder().build().unwrap();
    let mut missed = Vec::new();
    for rule in builtin_rules() {
        for text in rule.examples(SEEDS[1]) {
            let alone = scanner.scan(text.as_bytes()).count();
            let beside =
                format!("api_key = \"your_api_key_here\"\n\n{text}\n\ntoken: ${{TOKEN}}\n");
            let found = scanner.scan(beside.as_bytes()).count();
            if found < alone {
                missed.push(format!("{}: {text}", rule.id()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A token of the first rule where one of the second would be.
#[test]
fn a_rule_of_the_context_gives_way_to_the_shape_of_the_value() {
    let scanner = Scanner::builder().build().unwrap();
    let example = |id: &str| {
        let rule = builtin_rules().find(|rule| rule.id() == id).unwrap();
        rule.examples(3).remove(0)
    };
    let token = example("github-personal-access-token");
    for (text, context) in [
        ("Authorization: Bearer @", "http-bearer-token"),
        ("postgres://deploy:@@db.internal/app", "uri-password"),
        ("//registry.internal/:_authToken=@", "npm-legacy-token"),
        (
            "curl -u deploy:@ https://git.internal",
            "command-line-password",
        ),
    ] {
        let found = |value: &str| -> Vec<String> {
            let text = text.replacen('@', value, 1);
            let found = scanner.scan(text.as_bytes());
            found.map(|finding| finding.rule.id().to_owned()).collect()
        };
        assert_eq!(found(&token), ["github-personal-access-token"], "{text}");
        assert_eq!(found("k2J9sLq0ZtVbN4xWcR7u"), [context], "{text}");
    }
}

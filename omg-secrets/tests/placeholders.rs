//! Values that stand where a secret would are never found, in whatever notation.

use omg_secrets::{Confidence, Scanner, Severity, StandIns};

/// How a value is written down.
const NOTATIONS: [&str; 8] = [
    "api_key = \"@\"\n",
    "password: \"@\"\n",
    "SECRET_TOKEN=@\n",
    "{\"client_secret\": \"@\"}\n",
    "<password>@</password>\n",
    "Authorization: Bearer @\n",
    "postgres://app:@@db.internal/app\n",
    "export GITHUB_TOKEN='@'\n",
];

fn values() -> Vec<String> {
    let text = include_str!("vectors/placeholders.txt");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn no_placeholder_is_found() {
    let scanner = Scanner::builder().build().unwrap();
    let values = values();
    assert!(values.len() >= 200, "only {}", values.len());
    let mut found = Vec::new();
    for value in &values {
        for notation in NOTATIONS {
            // In an address a quote, a space or a slash ends the password.
            let address = notation.starts_with("postgres");
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-${}<>".contains(c);
            // What databases are installed with is a finding there.
            let installed = ["secret", "test"].contains(&value.to_lowercase().as_str());
            if address && (!value.chars().all(plain) || installed) {
                continue;
            }
            let text = notation.replacen('@', value, 1);
            for finding in scanner.scan(text.as_bytes()) {
                found.push(format!("{}: {text}", finding.rule.id()));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} found:\n{}",
        found.len(),
        found.concat()
    );
}

#[test]
fn tokens_of_documentation_are_not_found() {
    let scanner = Scanner::builder().build().unwrap();
    for parts in [
        ["AKIA", "IOSFODNN7EXAMPLE"],
        ["ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
        ["ghp_", "000000000000000000000000000000000000"],
        ["glpat-", "XXXXXXXXXXXXXXXXXXXX"],
        ["sk_live_", "xxxxxxxxxxxxxxxxxxxxxxxx"],
        ["AIza", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
        ["npm_", "abcdefghijklmnopqrstuvwxyz0123456789"],
        ["SK", "00000000000000000000000000000000"],
        ["hf_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
        [
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/",
            "bPxRfiCYEXAMPLEKEY",
        ],
    ] {
        let text = parts.concat();
        assert_eq!(scanner.scan(text.as_bytes()).count(), 0, "{text}");
    }
}

#[test]
fn a_key_in_which_somebody_counted_is_none_but_a_password_may_be() {
    let scanner = Scanner::builder().build().unwrap();
    let found = |text: &str| scanner.scan(text.as_bytes()).count();
    for (random, counted) in [("kT9w", "abcdefg12346+FJQCK"), ("7fKq", "qd4c3b2a1kZ")] {
        for name in ["api_key", "client_secret", "auth_token"] {
            let key = format!("{name} = \"{random}{}\"", "Vb81xT0pR");
            assert_eq!(found(&key), 1, "{key}");
            let key = format!("{name} = \"{random}{counted}\"");
            assert_eq!(found(&key), 0, "{key}");
        }
    }
    assert_eq!(found("password = \"abcdefg12346+FJQCK\""), 1);
}

#[test]
fn what_is_suppressed_can_be_looked_at() {
    let scanner = Scanner::builder()
        .stand_ins(StandIns::Report)
        .build()
        .unwrap();
    for text in [
        ["ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"].concat(),
        "api_key = \"your_api_key_here\"".to_owned(),
        "aws_secret_access_key = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        "api_key = \"kT9wQz4b2LmXabcdefg12\"".to_owned(),
    ] {
        let found: Vec<_> = scanner.scan(text.as_bytes()).collect();
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].severity, Severity::Low, "{text}");
        assert_eq!(found[0].confidence, Confidence::Low, "{text}");
    }
}

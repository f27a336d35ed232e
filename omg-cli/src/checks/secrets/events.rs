//! What a search for credentials leaves in the audit log: how much, of which rules and where to
//! look, and nothing of what was found.

use std::collections::BTreeMap;

use omg_auditlog::{Event, EventKind, Outcome, Severity};

use super::result::SearchResult;

/// How many rules are named; the counts are of all of them.
const MAX_RULES: usize = 20;

/// One entry for the search.
pub fn of(searched: &SearchResult) -> Vec<Event> {
    let failing: Vec<_> = searched
        .found
        .iter()
        .filter(|found| searched.fails(found))
        .collect();
    let mut rules: BTreeMap<&str, u32> = BTreeMap::new();
    for found in &failing {
        *rules.entry(found.finding.rule.id()).or_default() += 1;
    }
    let rules: Vec<String> = rules
        .iter()
        .take(MAX_RULES)
        .map(|(rule, count)| format!("{rule}:{count}"))
        .collect();
    let (kind, severity) = match failing.is_empty() {
        true => (EventKind::SecurityAudit, Severity::Info),
        false => (EventKind::SecretsFound, Severity::Error),
    };
    let outcome = match (searched.complete(), failing.is_empty()) {
        (false, _) => Outcome::Incomplete,
        (true, true) => Outcome::Success,
        (true, false) => Outcome::Failure,
    };
    let secrets = searched.found.iter().filter(|found| !found.is_identifier());
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "secrets")
        .with("exit", u32::from(searched.exit().code()))
        .with("findings", number(secrets.count()))
        .with("failing", number(failing.len()))
        .with("rules", rules.join(" "));
    vec![event]
}

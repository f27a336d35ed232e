//! Recorded exchanges, as go-vcr writes them.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use serde_json::Value;

/// A request, with its answer if that was recorded.
pub(crate) struct Exchange {
    pub(crate) url: String,
    pub(crate) request: Value,
    pub(crate) response: Option<Value>,
}

/// Reads the part of YAML that these files use: `key: value` and blocks of `body: |`.
pub(crate) fn read(yaml: &str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut in_response = false;
    let mut lines = yaml.lines().peekable();
    while let Some(line) = lines.next() {
        let key = line.trim_start().trim_start_matches("- ");
        if key == "request:" {
            in_response = false;
            exchanges.push(Exchange {
                url: String::new(),
                request: Value::Null,
                response: None,
            });
        } else if key == "response:" {
            in_response = true;
        } else if let Some(url) = key.strip_prefix("url: ") {
            exchanges.last_mut().unwrap().url = url.to_owned();
        } else if key == "body: |" {
            let indent = |line: &str| line.len() - line.trim_start().len();
            let mut block = String::new();
            while let Some(inner) =
                lines.next_if(|next| next.trim().is_empty() || indent(next) > indent(line))
            {
                block.push_str(inner);
            }
            let body =
                serde_json::from_str(&block).unwrap_or_else(|error| panic!("{error}: {block}"));
            let exchange = exchanges.last_mut().unwrap();
            if in_response {
                exchange.response = Some(body);
            } else {
                exchange.request = body;
            }
        }
    }
    exchanges
}

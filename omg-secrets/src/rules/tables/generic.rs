//! Values that only their name and their looks make a credential.

use crate::rules::rank::{Confidence, Group, Severity::Medium};
use crate::rules::spec::{Spec, special};

const CWE: &str = "https://cwe.mitre.org/data/definitions/798.html";

pub(crate) static RULES: &[Spec] = &[
    special(
        "generic-password",
        "Password in the text",
        Medium,
        CWE,
        &[
            "password = \"{a:9}x7\"",
            "DB_PASSWORD={a:14}\n",
            "<password>{a:12}</password>",
        ],
        &[
            "password = getPassword()",
            "password: str = None",
            "<password>${pw}</password>",
            "password = \"your_password_here\"",
        ],
    )
    .group(Group::Generic)
    .sure(Confidence::Medium),
    special(
        "generic-api-key",
        "API key in the text",
        Medium,
        CWE,
        &[
            "api_key = \"{a:32}\"",
            "API_KEY={x:40}\n",
            "\"apiKey\": \"{a:24}\"",
        ],
        &[
            "api_key = os.environ[\"API_KEY\"]",
            "api_key: str",
            "apiKey = \"YOUR_API_KEY\"",
        ],
    )
    .group(Group::Generic)
    .sure(Confidence::Medium),
    special(
        "generic-token",
        "Token in the text",
        Medium,
        CWE,
        &["auth_token = \"{a:32}\"", "TOKEN: {x:40}\n"],
        &[
            "token = next(tokens)",
            "token = \"<TOKEN>\"",
            "tokenizer = \"{a:32}\"",
        ],
    )
    .group(Group::Generic)
    .sure(Confidence::Medium),
    special(
        "generic-secret",
        "Secret in the text",
        Medium,
        CWE,
        &["client_secret = \"{a:32}\"", "SECRET_KEY='{a:40}'"],
        &["secret = config.secret", "secret = \"changeme\""],
    )
    .group(Group::Generic)
    .sure(Confidence::Medium),
    special(
        "generic-password-in-prose",
        "Password in a sentence",
        Medium,
        CWE,
        &[
            "the password is \"{a:9}x7\"",
            "default password for admin is '{a:9}x7'",
        ],
        &["the password is wrong", "the password is \"required\""],
    )
    .group(Group::Generic)
    .sure(Confidence::Low),
    special(
        "generic-credential-argument",
        "Password passed to a function",
        Medium,
        CWE,
        &["new NetworkCredential(\"deploy\", \"{a:12}\")"],
        &["new NetworkCredential(user, password)"],
    )
    .group(Group::Generic)
    .sure(Confidence::Medium),
];

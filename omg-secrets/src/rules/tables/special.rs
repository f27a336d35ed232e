//! Credentials that a parser of their own finds; see `extract`.

use crate::rules::rank::{
    Confidence, Precedence,
    Severity::{Critical, High, Medium},
};
use crate::rules::spec::{Check, Spec, special};

const PKCS: &str = "https://www.rfc-editor.org/rfc/rfc7468";
const AWS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html";

pub(crate) static RULES: &[Spec] = &[
    special(
        "private-key-rsa", "RSA private key (PKCS#1)", Critical, PKCS,
        &["-----BEGIN RSA PRIVATE KEY-----\nMII{b:61}\n{b:64}\n-----END RSA PRIVATE KEY-----\n"],
        &["-----BEGIN RSA PUBLIC KEY-----\nMII{b:61}\n-----END RSA PUBLIC KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----"],
    )
    .check(Check::Pem),
    special(
        "private-key-pkcs8", "Private key (PKCS#8)", Critical, PKCS,
        &["-----BEGIN PRIVATE KEY-----\nMII{b:61}\n{b:64}\n-----END PRIVATE KEY-----\n"],
        &["-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-ec", "EC private key", Critical, PKCS,
        &["-----BEGIN EC PRIVATE KEY-----\nMHc{b:61}\n{b:64}\n-----END EC PRIVATE KEY-----\n"],
        &["-----BEGIN EC PARAMETERS-----\n{b:12}\n-----END EC PARAMETERS-----\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-dsa", "DSA private key", Critical, PKCS,
        &["-----BEGIN DSA PRIVATE KEY-----\nMII{b:61}\n{b:64}\n-----END DSA PRIVATE KEY-----\n"],
        &["-----BEGIN DSA PARAMETERS-----\nMII{b:61}\n-----END DSA PARAMETERS-----\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-openssh", "OpenSSH private key", Critical,
        "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key",
        &["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA{b:50}\n{b:64}\n-----END OPENSSH PRIVATE KEY-----\n"],
        &["-----BEGIN OPENSSH PRIVATE KEY-----\n<key>\n-----END OPENSSH PRIVATE KEY-----\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-pgp", "OpenPGP private key", Critical, "https://www.rfc-editor.org/rfc/rfc9580",
        &["-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ{b:62}\n{b:64}\n-----END PGP PRIVATE KEY BLOCK-----\n"],
        &["-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ{b:62}\n-----END PGP PUBLIC KEY BLOCK-----\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-other", "Private key in a PEM file", Critical, PKCS,
        &["-----BEGIN ANY PRIVATE KEY-----\nMII{b:61}\n{b:64}\n-----END ANY PRIVATE KEY-----\n"],
        &["-----BEGIN PRIVATE KEY FILE-----\nMII{b:61}\n"],
    )
    .check(Check::Pem),
    special(
        "private-key-encrypted", "Encrypted private key", Medium, PKCS,
        &[
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII{b:61}\n{b:64}\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{X:32}\n\n{b:64}\n{b:64}\n-----END RSA PRIVATE KEY-----\n",
        ],
        &["-----BEGIN CERTIFICATE-----\nMII{b:61}\n-----END CERTIFICATE-----\n"],
    )
    .check(Check::Pem),
    special(
        "google-service-account", "Google service account key file", Critical,
        "https://cloud.google.com/iam/docs/keys-create-delete",
        &["{\"type\": \"service_account\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMII{b:61}\\n{b:64}\\n-----END PRIVATE KEY-----\\n\"}"],
        &["{\"type\": \"service_account\", \"private_key\": \"\"}"],
    )
    .check(Check::Pem),
    special(
        "aws-secret-access-key", "AWS secret access key", Critical, AWS,
        &["aws_secret_access_key = {b:40}", "\"SecretAccessKey\": \"{b:40}\"", "AWS_SECRET_ACCESS_KEY='{b:40}'"],
        &["aws_secret_access_key = {x:39}", "aws_secret_access_key = ${SECRET}"],
    )
    .precedence(Precedence::Context),
    special(
        "uri-password", "Password in a URI", High, "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        &["postgres://admin:{a:14}@db.internal:5432/app", "https://deploy:{a:20}@git.internal/x.git"],
        &["https://user:password@example.com/", "https://git.internal/@scope/x", "postgres://admin:${DB_PASSWORD}@db/app"],
    )
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "http-basic-credentials", "HTTP Basic credentials", Medium, "https://www.rfc-editor.org/rfc/rfc7617",
        &["Authorization: Basic YWRtaW46azJKOXNMcTBadFZi"],
        &["Authorization: Basic {{ credentials }}", "Basic usage of the tool"],
    )
    .check(Check::Base64Colon)
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "http-bearer-token", "HTTP bearer token", Medium, "https://www.rfc-editor.org/rfc/rfc6750",
        &["Authorization: Bearer {a:32}", "curl -H 'Authorization: token {x:40}'"],
        &["Authorization: Bearer ${TOKEN}", "the bearer of this letter"],
    )
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "netrc-password", "Password in a netrc file", High,
        "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
        &["machine git.internal login deploy password {a:14}", "machine api.internal\n  login deploy\n  password {a:12}\n"],
        &["machine learning is a field", "machine git.internal login deploy password <password>"],
    )
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "pgpass-password", "Password in a pgpass file", High,
        "https://www.postgresql.org/docs/current/libpq-pgpass.html",
        &["db.internal:5432:app:deploy:{a:14}\n"],
        &["db.internal:5432:app:deploy:*\n", "12:30:45:10:20"],
    )
    .sure(Confidence::Medium),
    special(
        "connection-string-password", "Password in a database connection string", High,
        "https://www.connectionstrings.com",
        &["Server=db.internal;Database=app;User Id=sa;Password={a:12};"],
        &["Server=db.internal;Database=app;User Id=sa;Password={0};", "Server=x;Integrated Security=true;"],
    )
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "docker-registry-auth", "Docker registry credentials", High,
        "https://docs.docker.com/reference/cli/docker/login/",
        &["{\"auths\": {\"registry.internal\": {\"auth\": \"YWRtaW46{b:24}\"}}}"],
        &["{\"auths\": {\"registry.internal\": {\"auth\": \"\"}}}"],
    )
    .check(Check::Base64Colon),
    special(
        "kubernetes-secret", "Value of a Kubernetes Secret", High,
        "https://kubernetes.io/docs/concepts/configuration/secret/",
        &["apiVersion: v1\nkind: Secret\ndata:\n  password: czNj{b:20}\n"],
        &["apiVersion: v1\nkind: Secret\ndata:\n  password: {{ .Values.password }}\n", "kind: SecretStore\n"],
    )
    .sure(Confidence::Medium)
    .precedence(Precedence::Context),
    special(
        "command-line-password", "Password on a command line", Medium,
        "https://capec.mitre.org/data/definitions/37.html",
        &["mysql -u root -p{a:12} app", "psexec \\\\host -u admin -p {a:12} cmd"],
        &["mysql -u root -p app", "mkdir -p {a:12}"],
    )
    .sure(Confidence::Low)
    .precedence(Precedence::Context),
    special(
        "jenkins-setup-password", "Password of Jenkins' first administrator", High,
        "https://www.jenkins.io/doc/book/installing/",
        &["Please use the following password to proceed to installation:\n\n{x:32}\n"],
        &["Please use the following password to proceed to installation:\n\n"],
    ),
    special(
        "vault-unseal-key", "HashiCorp Vault unseal key", Critical,
        "https://developer.hashicorp.com/vault/docs/concepts/seal",
        &["Unseal Key 1: {b:44}", "vault operator unseal {b:44}"],
        &["Unseal Key 1: <key>", "vault operator unseal"],
    ),
];

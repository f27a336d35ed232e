//! What a literal outside of any run announces.

use super::{Engine, USER_NAME};

/// What a literal of the second way announces.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Rule(u32),
    Pem,
    Uri,
    Authorization,
    Netrc,
    Pgpass,
    Password,
    Kubernetes,
    DockerAuth,
    Prose,
    Argument(usize),
    Unseal,
    JenkinsSetup,
    Command(&'static str),
    Name,
}

impl Engine {
    pub(super) fn sign(&mut self, literal: &[u8], sign: Sign, literals: &mut Vec<(Vec<u8>, u32)>) {
        let number = u32::try_from(self.signs.len()).unwrap_or(u32::MAX);
        self.signs.push(sign);
        literals.push((literal.to_vec(), number));
    }

    pub(super) fn special_signs(&mut self, literals: &mut Vec<(Vec<u8>, u32)>) {
        let mut add = |texts: &[&str], sign: Sign| {
            texts
                .iter()
                .for_each(|text| self.sign(text.as_bytes(), sign, literals));
        };
        add(&["PRIVATE KEY"], Sign::Pem);
        add(&["://"], Sign::Uri);
        add(
            &[
                "Basic ", "BASIC ", "basic ", "Bearer ", "bearer ", "BEARER ", ": token ",
                ": Token ",
            ],
            Sign::Authorization,
        );
        add(&["machine "], Sign::Netrc);
        add(&[":5432:", ":*:"], Sign::Pgpass);
        add(
            &["pass", "Pass", "PASS", "pwd", "Pwd", "PWD"],
            Sign::Password,
        );
        add(
            &["kind: Secret", "kind: \"Secret", "kind: 'Secret"],
            Sign::Kubernetes,
        );
        add(&["\"auth\"", "\"auth\\\""], Sign::DockerAuth);
        add(&["NetworkCredential("], Sign::Argument(1));
        add(&["DirectoryEntry("], Sign::Argument(2));
        add(&["Unseal Key", "operator unseal "], Sign::Unseal);
        add(&["use the following password"], Sign::JenkinsSetup);
        add(&["mysql "], Sign::Command("mysql"));
        add(&["mysqldump "], Sign::Command("mysqldump"));
        add(&["mysqladmin "], Sign::Command("mysqladmin"));
        add(&["sexec", "sExec", "SEXEC"], Sign::Command("psexec"));
        add(&["sshpass "], Sign::Command("sshpass"));
        add(&["docker login "], Sign::Command("docker"));
        add(&["curl "], Sign::Command("curl"));
        add(
            &["onnect-VIServer", "onnect-viserver"],
            Sign::Command("connect-viserver"),
        );
        self.users = self.ids.contains_key(USER_NAME);
        self.names = self.generic || self.users || self.ids.contains_key("aws-secret-access-key");
        if self.names {
            let mut add = |texts: &[&str], sign: Sign| {
                texts
                    .iter()
                    .for_each(|text| self.sign(text.as_bytes(), sign, literals));
            };
            add(
                &[
                    "secret",
                    "Secret",
                    "SECRET",
                    "credential",
                    "Credential",
                    "CREDENTIAL",
                    "api_key",
                    "apikey",
                    "api-key",
                    "apiKey",
                    "ApiKey",
                    "API_KEY",
                    "APIKEY",
                    "Api-Key",
                    "API-KEY",
                    "APIKey",
                    "private_key",
                    "privateKey",
                    "PRIVATE_KEY",
                    "PrivateKey",
                    "token",
                    "Token",
                    "TOKEN",
                    "psk=",
                ],
                Sign::Name,
            );
            add(&["password ", "Password "], Sign::Prose);
        }
    }
}

//! The answers of the AUR's interface: `info` of version 5.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The largest answer: 1 MiB, for twenty packages.
pub const MAX_ANSWER: u64 = 1 << 20;
/// The longest name of a package or account.
const MAX_NAME: usize = 255;
/// More accounts than that maintain nothing together.
const MAX_CO_MAINTAINERS: usize = 64;

/// What is used of an entry of the interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecipeInfo {
    pub name: String,
    pub base: String,
    /// Nobody, for an orphan.
    pub maintainer: Option<String>,
    /// Sorted.
    pub co_maintainers: Vec<String>,
    pub first_submitted: DateTime<Utc>,
    pub last_modified: DateTime<Utc>,
    pub out_of_date: Option<DateTime<Utc>>,
}

/// The address of a request.
pub fn address(base: &str, names: &[&str]) -> String {
    let mut url = format!("{}/rpc/v5/info?", base.trim_end_matches('/'));
    for (number, name) in names.iter().enumerate() {
        if number > 0 {
            url.push('&');
        }
        url.push_str("arg%5B%5D=");
        for byte in name.bytes() {
            // RFC 3986, section 2.3: what needs no escape.
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(char::from(byte));
                }
                byte => url.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    url
}

/// Other keys are left alone: the interface may grow.
#[derive(Deserialize)]
struct Response {
    version: u32,
    #[serde(rename = "type")]
    kind: String,
    error: Option<String>,
    #[serde(default)]
    resultcount: usize,
    #[serde(default)]
    results: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    name: String,
    package_base: String,
    /// Null for an orphan; an entry without it says nothing about that.
    #[serde(deserialize_with = "required")]
    maintainer: Option<String>,
    #[serde(default)]
    co_maintainers: Vec<String>,
    first_submitted: i64,
    last_modified: i64,
    #[serde(default)]
    out_of_date: Option<i64>,
}

/// May be null, and has to be there.
fn required<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(from)
}

/// Reads an answer about these names; the error is for people.
pub fn parse(json: &[u8], asked: &[&str]) -> Result<Vec<RecipeInfo>, String> {
    let answer: Response = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    if let Some(error) = answer.error {
        let error: String = error.chars().take(200).collect();
        return Err(format!("it says {error:?}"));
    }
    if answer.version != 5 || answer.kind != "multiinfo" {
        return Err("not an answer of version 5".to_owned());
    }
    if answer.resultcount != answer.results.len() || answer.results.len() > asked.len() {
        return Err("the number of results does not fit".to_owned());
    }
    let mut infos: Vec<RecipeInfo> = Vec::new();
    for entry in answer.results {
        let known = infos.iter().any(|info| info.name == entry.name);
        if known || !asked.contains(&entry.name.as_str()) {
            return Err("it speaks of another package".to_owned());
        }
        infos.push(entry.into_info()?);
    }
    Ok(infos)
}

impl Entry {
    fn into_info(self) -> Result<RecipeInfo, String> {
        let time = |seconds: i64| {
            DateTime::from_timestamp(seconds, 0).ok_or_else(|| "a time is out of range".to_owned())
        };
        let mut co_maintainers = self.co_maintainers;
        co_maintainers.sort();
        co_maintainers.dedup();
        let names = [&self.name, &self.package_base].into_iter();
        let names = names.chain(&self.maintainer).chain(&co_maintainers);
        let odd = |name: &&String| {
            name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control)
        };
        if names.into_iter().any(|name| odd(&name)) || co_maintainers.len() > MAX_CO_MAINTAINERS {
            return Err("a name is none".to_owned());
        }
        Ok(RecipeInfo {
            name: self.name,
            base: self.package_base,
            maintainer: self.maintainer,
            co_maintainers,
            first_submitted: time(self.first_submitted)?,
            last_modified: time(self.last_modified)?,
            out_of_date: self.out_of_date.map(time).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = r#"{"resultcount":1,"results":[{"CheckDepends":[],"CoMaintainers":["zoe",
        "bob"],"Depends":["glibc"],"Description":"x","FirstSubmitted":1500000000,"ID":1,"Keywords":[],
        "LastModified":1790000000,"License":["MIT"],"Maintainer":"alice","MakeDepends":["cmake"],
        "Name":"foo","NumVotes":3,"OptDepends":[],"OutOfDate":null,"PackageBase":"foo","PackageBaseID":1,
        "Popularity":0.5,"Submitter":"alice","URL":"https://example.org","URLPath":"/x.tar.gz",
        "Version":"1.0-1"}],"type":"multiinfo","version":5}"#;

    #[test]
    fn an_answer_is_read() {
        let infos = parse(ANSWER.as_bytes(), &["foo", "bar"]).unwrap();
        assert_eq!(infos.len(), 1);
        assert_eq!(infos[0].maintainer.as_deref(), Some("alice"));
        assert_eq!(infos[0].co_maintainers, ["bob", "zoe"]);
        assert_eq!(infos[0].last_modified.timestamp(), 1_790_000_000);
        let orphan = ANSWER.replace("\"alice\",\"Make", "null,\"Make");
        assert_eq!(
            parse(orphan.as_bytes(), &["foo"]).unwrap()[0].maintainer,
            None
        );
        let none = r#"{"resultcount":0,"results":[],"type":"multiinfo","version":5}"#;
        assert_eq!(parse(none.as_bytes(), &["foo"]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let asked = ["foo"];
        let entry = |from: &str, to: &str| {
            let changed = ANSWER.replace(from, to);
            assert_ne!(changed, ANSWER, "{from}");
            parse(changed.as_bytes(), &asked)
        };
        for (from, to) in [
            ("\"version\":5", "\"version\":6"),
            ("multiinfo", "search"),
            ("\"resultcount\":1", "\"resultcount\":2"),
            ("\"Name\":\"foo\"", "\"Name\":\"bar\""),
            ("\"Maintainer\":\"alice\",", ""),
            ("\"Maintainer\":\"alice\"", "\"Maintainer\":7"),
            ("\"Maintainer\":\"alice\"", "\"Maintainer\":\"\""),
            ("\"Maintainer\":\"alice\"", "\"Maintainer\":\"a\\nb\""),
            ("1790000000", "9223372036854775807"),
            ("1790000000", "\"soon\""),
            ("\"LastModified\":1790000000,", ""),
            ("\"PackageBase\":\"foo\",", ""),
            ("\"type\"", "\"error\":\"Too many\",\"type\""),
        ] {
            assert!(entry(from, to).is_err(), "{from} → {to}");
        }
        assert!(parse(&ANSWER.as_bytes()[..200], &asked).is_err());
        assert!(parse(b"[]", &asked).is_err() && parse(b"", &asked).is_err());
    }

    #[test]
    fn addresses_have_nothing_of_their_own() {
        let url = address("https://aur.example/", &["a+b", "c&arg[]=d #"]);
        assert_eq!(
            url,
            "https://aur.example/rpc/v5/info?arg%5B%5D=a%2Bb&arg%5B%5D=c%26arg%5B%5D%3Dd%20%23"
        );
    }

    proptest! {
        #[test]
        fn reading_never_fails_otherwise(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..700) {
            let _ = parse(&bytes, &["foo"]);
            let mut mixed = ANSWER.as_bytes().to_vec();
            let at = cut.min(mixed.len());
            mixed.splice(at..at, bytes);
            let _ = parse(&mixed, &["foo"]);
        }
    }
}

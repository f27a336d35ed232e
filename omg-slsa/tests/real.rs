//! Bundles from the field, with the roots of three instances.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{at, shared};
use omg_slsa::{Bundle, Digests, Domain, Error, TrustRoot, Verifier, inspect};

#[test]
fn verdicts() {
    let Some(dir) = shared("real") else { return };
    let table = std::fs::read_to_string(dir.join("cases.tsv")).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, root, artifact, profile, expected, ..] = fields[..] else {
            panic!("{line}")
        };
        let file = match root {
            "public" => "public-good",
            other => other,
        };
        let file = format!("roots/{file}.trusted_root.json");
        let root = std::fs::read(dir.parent().unwrap().join(file)).unwrap();
        let domain = match profile {
            "github" => Domain::Github,
            _ => Domain::PublicGood,
        };
        let verifier = Verifier::new(&TrustRoot::parse(&root, domain).unwrap()).unwrap();
        let bytes = std::fs::read(dir.join("bundles").join(name)).unwrap();
        let result = Bundle::parse(&bytes).and_then(|bundle| {
            let digests = match artifact {
                "subject" => {
                    let statement = bundle.statement().unwrap();
                    statement.subjects()[0].digests[0].clone().into()
                }
                text => match text.parse::<omg_slsa::Digest>() {
                    Ok(digest) => digest.into(),
                    Err(_) => {
                        let file = std::fs::File::open(dir.parent().unwrap().join(text)).unwrap();
                        Digests::of_reader(file, &bundle.algorithms()).unwrap()
                    }
                },
            };
            verifier
                .authenticate(&bundle, &digests, at())
                .and_then(inspect)
        });
        let text = match &result {
            Ok(found) => format!("{:?}", found.assessment()),
            Err(error) => format!("{error}"),
        };
        println!("{name} {profile} {expected}: {text}");
        if result.is_ok() != (expected == "accept") {
            wrong.push(format!("{line}: {text}"));
        }
        assert!(!matches!(result, Err(Error::Unmet(_))));
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 16, "{seen}");
}

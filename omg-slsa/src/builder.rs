//! Builders: who may say what of a build, and what that is worth.

/// A builder whose word has a known worth.
pub(crate) struct Known {
    /// The workflow that signs, without its version.
    pub(crate) signer: &'static str,
    /// The highest SLSA Build level that it reaches.
    pub(crate) level: u8,
    /// Why.
    pub(crate) reason: &'static str,
    /// Whether it vouches for what other workflows of its kind say of themselves.
    pub(crate) delegates: bool,
}

const GENERATOR: &str = "a reusable workflow of slsa-github-generator: the build's own steps \
    reach neither the signing secret nor the statement";
const DELEGATOR: &str = "slsa-github-generator signs for a workflow that builds in isolation";
const REGISTRY: &str = "the workflow of the Bazel Central Registry, reusable and isolated from \
    the repository that it publishes";

macro_rules! generator {
    ($name:literal) => {
        concat!(
            "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/",
            $name
        )
    };
}

const fn generator(signer: &'static str) -> Known {
    Known {
        signer,
        level: 3,
        reason: GENERATOR,
        delegates: false,
    }
}

const fn delegator(signer: &'static str) -> Known {
    Known {
        signer,
        level: 3,
        reason: DELEGATOR,
        delegates: true,
    }
}

/// Built in; by the name in the certificate, never by the name of a package.
static KNOWN: [Known; 10] = [
    generator(generator!("builder_go_slsa3.yml")),
    generator(generator!("builder_container-based_slsa3.yml")),
    generator(generator!("generator_generic_slsa3.yml")),
    generator(generator!("generator_container_slsa3.yml")),
    generator(generator!("builder_maven_slsa3.yml")),
    generator(generator!("builder_gradle_slsa3.yml")),
    generator(generator!("builder_nodejs_slsa3.yml")),
    delegator(generator!("delegator_generic_slsa3.yml")),
    delegator(generator!("delegator_lowperms-generic_slsa3.yml")),
    Known {
        signer: "https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml",
        level: 3,
        reason: REGISTRY,
        delegates: false,
    },
];

/// GitHub's runners as builders: what a workflow says of itself, on a machine of GitHub's.
pub(crate) const RUNNER: &str = "https://github.com/actions/runner";
/// The issuer of GitHub's workflows.
pub(crate) const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

pub(crate) fn known(signer: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.signer == signer)
}

/// A builder's name and version: `https://…/workflow.yml` and `refs/tags/v1.2.3`.
pub(crate) fn split(id: &str) -> (&str, Option<&str>) {
    match id.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (id, None),
    }
}

/// Whether a version is a release in full: `refs/tags/v1.2.3`, and no candidate for one. Only
/// these stay what they are.
pub(crate) fn is_release(version: Option<&str>) -> bool {
    version
        .and_then(|version| version.strip_prefix("refs/tags/"))
        .and_then(|tag| tag.strip_prefix('v'))
        .filter(|tag| !tag.contains(['-', '+']))
        .is_some_and(|tag| numbers(tag).is_some_and(|numbers| numbers.len() == 3))
}

/// `1.2.3` as numbers; without anything that a version may have behind.
pub(crate) fn numbers(version: &str) -> Option<Vec<u64>> {
    let core = version.split(['-', '+']).next()?;
    let parts = core.split('.').map(|part| {
        let canonical = part == "0" || !part.starts_with('0');
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (digits && canonical).then(|| part.parse().ok()).flatten()
    });
    parts.collect()
}

/// Whether this is the expected builder: by name, or by name and version.
pub(crate) fn is(expected: &str, actual: &str) -> bool {
    let (name, version) = split(expected);
    let (actual_name, actual_version) = split(actual);
    name == actual_name
        && match version {
            None => true,
            Some(version) => actual_version.is_some_and(|actual| {
                actual == version || actual.strip_prefix("refs/tags/") == Some(version)
            }),
        }
}

/// Whether a tag is of this version: `v1.2` is met by `v1.2.3`, not by `v1.20.0`.
pub(crate) fn is_version(expected: &str, tag: &str) -> bool {
    let tagged = |text: &str| text.strip_prefix('v').and_then(numbers);
    let (Some(wanted), Some(mut actual)) = (tagged(expected), tagged(tag)) else {
        return false;
    };
    // A tag `v14` is version 14.0.0.
    while actual.len() < 3 {
        actual.push(0);
    }
    let rest = |text: &str| {
        text.find(['-', '+'])
            .map(|at| text.split_at(at).1.to_owned())
    };
    // What stands behind the numbers is another version, and is asked for in full.
    let same_rest = match wanted.len() {
        3.. => rest(expected) == rest(tag),
        _ => rest(expected).is_none() && rest(tag).is_none_or(|rest| rest.starts_with('+')),
    };
    actual.starts_with(&wanted) && same_rest
}

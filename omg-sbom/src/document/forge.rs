//! Addresses that are a repository of source code, as their form alone says.

/// Sites on which every project page is a repository that can be cloned by the same address.
const FORGES: &[&str] = &[
    "bitbucket.org",
    "codeberg.org",
    "framagit.org",
    "github.com",
    "git.sr.ht",
    "gitlab.com",
    "gitlab.freedesktop.org",
    "gitlab.gnome.org",
    "invent.kde.org",
    "salsa.debian.org",
];

/// First parts of a path there that name no owner.
const PAGES: &[&str] = &[
    "apps", "explore", "groups", "orgs", "sponsors", "topics", "users",
];

/// Whether a project's home page is its repository: `OWNER/NAME` on a forge, or what ends in
/// `.git` anywhere. A page within a repository, and that of an owner, is none.
pub(super) fn is_repository(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if path.contains(['?', '#']) {
        return false;
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.len() > ".git".len() && path.ends_with(".git") {
        return true;
    }
    let is_forge = FORGES.iter().any(|forge| forge.eq_ignore_ascii_case(host));
    let owner = match path.split_once('/') {
        Some((owner, name)) if !name.is_empty() && !name.contains('/') => owner,
        _ => return false,
    };
    is_forge && !owner.is_empty() && !PAGES.contains(&owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories() {
        for url in [
            "https://github.com/madler/zlib",
            "https://GitHub.com/madler/zlib/",
            "https://git.sr.ht/~sircmpwn/aerc",
            "https://gitlab.gnome.org/GNOME/glib.git",
            "https://git.example.org/a/b/c.git",
        ] {
            assert!(is_repository(url), "{url}");
        }
        for url in [
            "https://github.com/",
            "https://github.com",
            "https://github.com/madler",
            "https://github.com//zlib",
            "https://github.com/madler/zlib/tree/master/contrib",
            "https://github.com/madler/zlib#readme",
            "https://github.com/orgs/example",
            "https://gitlab.com/groups/example",
            "https://zlib.net/madler/zlib",
            "https://example.org/.git",
            "https://notgithub.com/a/b",
            "github.com/a/b",
        ] {
            assert!(!is_repository(url), "{url}");
        }
    }
}

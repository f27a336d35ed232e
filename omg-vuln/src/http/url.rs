//! Which addresses may be asked.

use std::net::IpAddr;

use reqwest::Url;

use super::error::{HttpError, HttpErrorKind};

/// Parses an address and holds it to the rule "https, or http to a loopback address".
pub(super) fn parse(text: &str) -> Result<Url, HttpError> {
    let url = Url::parse(text).map_err(|error| {
        // The text itself may hold a password, so it stays out of the message.
        HttpError::new(HttpErrorKind::InvalidUrl, "(unparsable)").source(error)
    })?;
    if !matches!(url.scheme(), "http" | "https") || !is_secure(&url) {
        return Err(HttpError::new(HttpErrorKind::InsecureUrl, shown(&url)));
    }
    Ok(url)
}

/// Appends segments to the path of a base address, percent-encoding each.
pub(super) fn join(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only addresses like "data:" have no path segments, and `parse` accepts none.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The address without user name, password, query string and fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only where there is no host, and then there is nothing to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Whether a redirect may be followed: it stays with https (or with loopback, where it
/// started there), and nobody outside leads us to a service of this machine.
pub(super) fn may_redirect(from: &Url, to: &Url) -> bool {
    let downgrade = from.scheme() == "https" && to.scheme() != "https";
    is_secure(to) && !downgrade && (is_loopback(from) || !is_loopback(to))
}

fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// 127.0.0.0/8, ::1 and the name `localhost`.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_pass_the_rest_does_not() {
        for good in [
            "https://api.osv.dev",
            "http://127.0.0.1:1/x",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost",
            "http://0x7f.1", // Another spelling of 127.0.0.1.
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (bad, kind) in [
            ("http://api.osv.dev", HttpErrorKind::InsecureUrl),
            ("http://127.0.0.1.example.org", HttpErrorKind::InsecureUrl),
            ("http://localhost.example.org", HttpErrorKind::InsecureUrl),
            ("http://[::ffff:127.0.0.1]", HttpErrorKind::InsecureUrl),
            ("http://10.0.0.1", HttpErrorKind::InsecureUrl),
            ("ftp://127.0.0.1", HttpErrorKind::InsecureUrl),
            ("file:///etc/passwd", HttpErrorKind::InsecureUrl),
            ("data:,x", HttpErrorKind::InsecureUrl),
            ("https://", HttpErrorKind::InvalidUrl),
            ("api.osv.dev", HttpErrorKind::InvalidUrl),
            ("", HttpErrorKind::InvalidUrl),
        ] {
            assert_eq!(parse(bad).unwrap_err().kind(), kind, "{bad}");
        }
    }

    #[test]
    fn redirects_keep_to_https_and_off_this_machine() {
        let may = |from: &str, to: &str| may_redirect(&parse(from).unwrap(), &to.parse().unwrap());
        assert!(may("https://a.example", "https://b.example"));
        assert!(may("http://127.0.0.1:1", "http://127.0.0.1:2"));
        assert!(may("http://127.0.0.1:1", "https://a.example"));
        assert!(!may("https://a.example", "http://a.example"));
        assert!(!may("https://127.0.0.1", "http://127.0.0.1"));
        assert!(!may("http://127.0.0.1:1", "http://a.example"));
        assert!(!may("https://a.example", "https://127.0.0.1"));
        assert!(!may("https://a.example", "file:///etc/passwd"));
    }

    #[test]
    fn segments_are_encoded_and_bases_keep_their_path() {
        let base = parse("https://mirror.example/osv/").unwrap();
        let joined = join(&base, &["Red Hat", "a/b?c.json"]);
        assert_eq!(
            joined.as_str(),
            "https://mirror.example/osv/Red%20Hat/a%2Fb%3Fc.json"
        );
        let base = parse("https://mirror.example/osv").unwrap();
        assert_eq!(
            join(&base, &["crates.io"]).as_str(),
            "https://mirror.example/osv/crates.io"
        );
    }

    #[test]
    fn secrets_do_not_show() {
        let url = parse("https://user:secret@example.org/x?token=1#y").unwrap();
        assert_eq!(shown(&url), "https://example.org/x");
    }
}

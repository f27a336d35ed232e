//! Addresses that can stand in a document: what is not of RFC 3986's grammar is left out, since
//! a reader may refuse the whole document for it.

/// Whether this is a web address by RFC 3986 that a person can follow.
pub(crate) fn is_web(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let known = ["http", "https", "ftp", "git"];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    known.iter().any(|known| known.eq_ignore_ascii_case(scheme))
        && !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        && port.bytes().all(|b| b.is_ascii_digit())
        && !authority.contains('@')
        && is_path(path)
}

fn is_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_fine = |(position, byte): (usize, &u8)| match byte {
        b'%' => bytes
            .get(position + 1..position + 3)
            .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)),
        b => b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(b),
    };
    // A second `#` would be a fragment in a fragment.
    bytes.iter().enumerate().all(is_fine) && text.matches('#').count() <= 1
}

/// `Name <mail>`: the name, and the address if it is one by the plain part of RFC 5321.
pub(super) fn contact(text: &str) -> (String, Option<String>) {
    let (name, mail) = match text.split_once('<') {
        Some((name, rest)) => (name, rest.split('>').next()),
        None => (text, None),
    };
    let mail = mail.map(str::trim).filter(|mail| is_mail(mail));
    (
        name.trim().trim_matches('"').to_owned(),
        mail.map(str::to_owned),
    )
}

fn is_mail(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_atom = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text.split('.').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
            })
    };
    let labels = domain
        .split('.')
        .all(|label| label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    local.len() <= 64
        && domain.len() <= 253
        && is_atom(local, b"!#$%&'*+/=?^_`{|}~-")
        && is_atom(domain, b"-")
        && labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "https://www.zlib.net/",
            "http://example.org:8080/a?b=c#d",
            "HTTPS://x/%20",
        ] {
            assert!(is_web(good), "{good}");
        }
        for bad in [
            "",
            "zlib.net",
            "https://",
            "https:///x",
            "https://a b/",
            "https://x/%2",
            "javascript://x",
            "https://x/#a#b",
            "https://user@x/",
            "https://x/\u{e9}",
            "https://x:y/",
            "https://x/[1]",
            "https://x/\"",
        ] {
            assert!(!is_web(bad), "{bad}");
        }
    }

    #[test]
    fn contacts() {
        for (text, name, mail) in [
            ("Jane <jane@example.org>", "Jane", Some("jane@example.org")),
            ("CI (msys2/x/1)", "CI (msys2/x/1)", None),
            ("Jane <jane at example.org>", "Jane", None),
            ("\"A, B\" <a..b@x>", "A, B", None),
            ("x <a@-b.c>", "x", None),
            ("<a@b.c>", "", Some("a@b.c")),
        ] {
            assert_eq!(
                contact(text),
                (name.to_owned(), mail.map(str::to_owned)),
                "{text}"
            );
        }
    }
}

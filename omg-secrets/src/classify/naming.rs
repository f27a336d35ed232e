//! Names that are no secrets: is it really somebody's name?

use crate::classify::placeholder;

/// Whether an Amazon resource name says whose the resource is: a region that is none or looks
/// like one, and an account of twelve digits. Without an account the resource itself is
/// unique, as a bucket is; those of the account `aws` belong to Amazon.
pub(crate) fn arn(token: &[u8]) -> bool {
    let fields: Vec<&[u8]> = token.splitn(6, |&b| b == b':').collect();
    let [_, _, _, region, account, _] = fields[..] else {
        return false;
    };
    let region_fits = region.is_empty()
        || region.contains(&b'-') && region.last().is_some_and(u8::is_ascii_digit);
    let account_fits =
        account.is_empty() || account.len() == 12 && account.iter().all(u8::is_ascii_digit);
    region_fits && account_fits
}

/// Whether a name is written behind the first `=`, and not where it is to be looked up.
pub(crate) fn assigned(token: &[u8]) -> bool {
    let value = memchr::memchr(b'=', token).map_or(token, |at| &token[at + 1..]);
    !value.starts_with(b"$") && !placeholder::reference(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_have_an_owner() {
        for name in [
            "arn:aws:iam::210987654321:user/alice",
            "arn:aws:sns:eu-west-1:210987654321:topic",
            "arn:aws:s3:::bucket/key:with:colons",
        ] {
            assert!(arn(name.as_bytes()), "{name}");
        }
        for name in [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:sns:somewhere:210987654321:topic",
            "arn:aws:sns:eu-west-1:21098:topic",
            "arn:aws:s3",
        ] {
            assert!(!arn(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_stand_in_the_text() {
        assert!(assigned(b"DB_USER=alice"));
        assert!(!assigned(b"DB_USER=$SERVICE_USER/x"));
        assert!(!assigned(b"DB_USER={{user}}"));
    }
}

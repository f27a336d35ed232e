//! Texts that can be a version at all. Lock files and SBOMs hold others in the place of a version:
//! tags (`latest`), ranges (`^4.17.0`, `4.x`), words (`unknown`, `NOASSERTION`), addresses.

use super::Order;

/// Whether a text can be a version. Orders place every text; what is no version has a place that
/// means nothing.
pub(super) fn is_version(order: Order, text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 512 {
        return false;
    }
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    has_digit
        && match order {
            Order::Alpm | Order::Debian | Order::Rpm | Order::Apk => {
                only(text, b".+-~:_^@")
                    && !text.starts_with(['~', '^', '.', '-', '+', ':', '_', '@'])
            }
            Order::Pep440 => only(text, b".+-_!") && has_numbers(text) && starts_with_number(text),
            Order::SemVer | Order::NuGet | Order::Pub | Order::Packagist => {
                only(text, b".+-_") && has_numbers(text) && starts_with_number(text)
            }
            Order::Maven | Order::RubyGems => only(text, b".+-_") && has_numbers(text),
            Order::Numbers => {
                let mut numbers = text.split(['.', '-']);
                numbers.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
            }
        }
}

/// Whether all characters are letters, digits, or among these.
fn only(text: &str, others: &[u8]) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// Whether no component is a placeholder, as in `4.x`.
fn has_numbers(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or(text);
    !core.split('.').any(|part| matches!(part, "x" | "X"))
}

/// Whether the first component is a number, perhaps after a `v`; a commit is not.
fn starts_with_number(text: &str) -> bool {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_commit = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits > 0 && !is_commit
}

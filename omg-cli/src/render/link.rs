//! Links in a terminal: OSC 8, "Hyperlinks in Terminal Emulators" by Egmont Koblinger.

/// The longest address that becomes a link, in bytes; terminals stop near 2,083.
const MAX_ADDRESS: usize = 2_000;

/// A line whose last `word` is a link to the first of these addresses that can be one. An
/// address is somebody else's text: only the web, and nothing that could end the sequence.
pub fn linked(line: &str, word: &str, addresses: &[String]) -> Option<String> {
    let address = addresses.iter().find(|address| is_web(address))?;
    let at = line.rfind(word).filter(|_| !word.is_empty())?;
    let (head, rest) = line.split_at(at);
    let tail = &rest[word.len()..];
    Some(format!(
        "{head}\x1b]8;;{address}\x1b\\{word}\x1b]8;;\x1b\\{tail}"
    ))
}

fn is_web(address: &str) -> bool {
    (address.starts_with("https://") || address.starts_with("http://"))
        && address.len() <= MAX_ADDRESS
        && address.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_becomes_a_link() {
        let to = ["https://example.org/a".to_owned()];
        assert_eq!(
            linked("a AVG-1  ", "AVG-1", &to).unwrap(),
            "a \x1b]8;;https://example.org/a\x1b\\AVG-1\x1b]8;;\x1b\\  "
        );
    }

    #[test]
    fn nothing_of_a_feed_ends_the_sequence_or_leaves_the_web() {
        for address in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://e.org/\x1b\\\x1b[31m",
            "https://e.org/\u{9c}",
            "https://e.org/ a",
            &format!("https://e.org/{}", "a".repeat(MAX_ADDRESS)),
        ] {
            assert_eq!(linked("a", "a", &[address.to_owned()]), None, "{address:?}");
        }
    }
}

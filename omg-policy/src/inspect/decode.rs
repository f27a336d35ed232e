//! Encoded text in a script.

/// The shortest encoded run that is looked at, in characters.
const SHORTEST: usize = 16;

/// The texts that a line hides: base64, hexadecimal, reversed.
pub(super) fn hidden_texts(raw: &str, plain: &str) -> Vec<String> {
    let mut found = Vec::new();
    for text in [raw, plain] {
        for run in runs(text) {
            found.extend(base64(run).and_then(readable));
            found.extend(hexadecimal(run).and_then(readable));
            let reversed: String = run.chars().rev().collect();
            found.extend(base64(&reversed).and_then(readable));
        }
        if raw == plain {
            break;
        }
    }
    let words = ["rev", "[::-1]", "reverse"];
    if words.iter().any(|word| plain.contains(word)) {
        let reversed: String = plain.chars().rev().collect();
        // Reversed text looks like code only if it was meant to be.
        if ["curl", "wget", "/bin/", "http"]
            .iter()
            .any(|word| reversed.contains(word))
        {
            found.push(reversed);
        }
    }
    if plain.contains("tr ") {
        let rotated: String = plain.chars().map(rot13).collect();
        if ["curl", "wget", "http"]
            .iter()
            .any(|word| rotated.contains(word))
        {
            found.push(rotated);
        }
    }
    found.sort();
    found.dedup();
    found.truncate(16);
    found
}

/// Runs of characters that base64 has.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/_-".contains(c))
        .filter(|run| run.len() >= SHORTEST)
}

fn rot13(c: char) -> char {
    let shift = |base: u8| {
        let offset = u32::from(c) - u32::from(base);
        char::from(base + u8::try_from((offset + 13) % 26).unwrap_or(0))
    };
    match c {
        'a'..='z' => shift(b'a'),
        'A'..='Z' => shift(b'A'),
        c => c,
    }
}

/// RFC 4648, both alphabets, padding optional.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut have) = (0u32, 0u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from((bits >> have) & 0xff).unwrap_or(0));
        }
    }
    Some(out)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.len() % 2 == 1 {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// Bytes that are text: printable, with a space or a line end somewhere.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let fine = |byte: &u8| matches!(byte, b'\n' | b'\t' | b'\r' | b' '..=b'~');
    let text = bytes.iter().all(fine) && bytes.iter().any(|byte| matches!(byte, b' ' | b'\n'));
    text.then(|| bytes.into_iter().map(char::from).collect())
}

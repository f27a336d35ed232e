//! DER (X.690), as much as certificates and timestamps take.

pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// A value with its tag and length.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        out.push(0x80 | bytes.len() as u8);
        out.extend(bytes);
    }
    out.extend(content);
    out
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// A set, in the order that DER wants.
pub fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(SET, &parts.concat())
}

pub fn int(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    let mut digits = bytes[zeros..].to_vec();
    if digits[0] >= 0x80 {
        digits.insert(0, 0);
    }
    tlv(0x02, &digits)
}

pub fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

pub fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

pub fn yes() -> Vec<u8> {
    tlv(0x01, &[0xff])
}

pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

pub fn oid(dotted: &str) -> Vec<u8> {
    let numbers: Vec<u64> = dotted
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    let mut out = vec![(numbers[0] * 40 + numbers[1]) as u8];
    for number in &numbers[2..] {
        let mut digits = vec![(number & 0x7f) as u8];
        let mut rest = number >> 7;
        while rest > 0 {
            digits.insert(0, 0x80 | (rest & 0x7f) as u8);
            rest >>= 7;
        }
        out.extend(digits);
    }
    tlv(0x06, &out)
}

/// A time, in seconds since 1970.
pub fn time(seconds: i64) -> Vec<u8> {
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    tlv(0x18, time.format("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

/// A time of a certificate before 2050.
pub fn utc(seconds: i64) -> Vec<u8> {
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    tlv(0x17, time.format("%y%m%d%H%M%SZ").to_string().as_bytes())
}

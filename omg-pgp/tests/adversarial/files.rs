//! Files that are no file of signatures or keyring, or have something beside them.

use omg_pgp::{Error, Keyring, KeyringError, Rejection, TrustModel, Verifier};

use super::maker::{DATA, Maker};
use super::{Case, case, check, check_with, policy, reason};

pub(crate) fn cases() -> Vec<Case> {
    use Rejection as R;
    let good = Maker::new(1);
    let sig = good.sign();
    let body = &sig[2..];
    let with = |before: &[u8], after: &[u8]| [before, &sig, after].concat();
    let packet = |tag: u8, body: &[u8]| {
        let mut packet = vec![0xc0 | tag, u8::try_from(body.len()).unwrap()];
        packet.extend(body);
        packet
    };
    let edited = |at: usize, value: u8| {
        let mut edited = sig.clone();
        edited[at] = value;
        edited
    };
    let mut tampered = sig.clone();
    *tampered.last_mut().unwrap() ^= 1;
    let many = sig.repeat(17);
    let mut stream = vec![0xc2, 0xe0 | 7];
    stream.extend(body);
    let mut old = vec![0x8b];
    old.extend(body);
    vec![
        case("marker before", &good, with(&packet(10, b"PGP"), b""), None),
        case(
            "padding before",
            &good,
            with(&packet(21, b"xxxx"), b""),
            None,
        ),
        case(
            "private packet after",
            &good,
            with(b"", &packet(60, b"x")),
            None,
        ),
        case("twice", &good, with(&sig, b""), None),
        case(
            "unknown version beside",
            &good,
            with(&packet(2, &[23, 0]), b""),
            None,
        ),
        case(
            "unknown version alone",
            &good,
            packet(2, &[23, 0]),
            R::UnsupportedVersion,
        ),
        case("version 3", &good, edited(2, 3), R::UnsupportedVersion),
        case("version 5", &good, edited(2, 5), R::UnsupportedVersion),
        case(
            "false marker",
            &good,
            with(&packet(10, b"GPG"), b""),
            R::NotDetached,
        ),
        case(
            "literal data",
            &good,
            with(&packet(11, b"b\0\0\0\0\0x"), b""),
            R::NotDetached,
        ),
        case(
            "one-pass signature",
            &good,
            with(&packet(4, &[3; 13]), b""),
            R::NotDetached,
        ),
        case("compressed data", &good, packet(8, &[0]), R::NotDetached),
        case(
            "a user ID",
            &good,
            with(b"", &packet(13, b"x")),
            R::NotDetached,
        ),
        case(
            "a trust packet",
            &good,
            with(b"", &packet(12, b"x")),
            R::NotDetached,
        ),
        case(
            "unknown critical packet",
            &good,
            with(b"", &packet(39, b"x")),
            R::NotDetached,
        ),
        case(
            "the certificate",
            &good,
            [good.cert(), sig.clone()].concat(),
            R::NotDetached,
        ),
        case("a NUL after", &good, with(b"", b"\0"), R::TrailingData),
        case("text after", &good, with(b"", b"\n"), R::TrailingData),
        case("text before", &good, with(b"\n", b""), R::Malformed),
        case(
            "cut off",
            &good,
            sig[..sig.len() - 1].to_vec(),
            R::Malformed,
        ),
        case("only a header", &good, sig[..2].to_vec(), R::Malformed),
        case("partial length", &good, stream, R::Malformed),
        case("indeterminate length", &good, old, R::Malformed),
        case(
            "four gigabytes",
            &good,
            [&[0xc2, 0xff, 0xff, 0xff, 0xff, 0xff], body].concat(),
            R::Malformed,
        ),
        case("hashed part too long", &good, edited(6, 0xff), R::Malformed),
        case("too many", &good, many, R::Limit),
        case(
            "too much padding",
            &good,
            {
                let padding = vec![0; 0x1_0000];
                [&[0xd5, 0xff, 0, 1, 0, 0][..], &padding, &sig].concat()
            },
            R::Limit,
        ),
        case(
            "too much armour",
            &good,
            {
                let begin = "-----BEGIN PGP SIGNATURE-----\nComment: ";
                [begin.as_bytes(), &vec![b'x'; 0x2_0001]].concat()
            },
            R::Limit,
        ),
        case("too large", &good, with(&vec![0xc2; 65_536], b""), R::Limit),
        case("signature edited", &good, tampered, R::BadSignature),
        case("type edited", &good, edited(3, 1), R::WrongType),
        case("hash edited", &good, edited(5, 10), R::BadSignature),
    ]
}

/// A creation time that is not signed is none.
#[test]
fn no_creation_time() {
    let good = Maker::new(1);
    let mut sig = good.sign();
    // The subpacket becomes one of a private type.
    let at = sig.windows(2).position(|w| w == [5, 0x82]).unwrap();
    sig[at + 1] = 100;
    assert_eq!(
        reason(check(&good.cert(), &sig)),
        Some(Rejection::NoCreationTime)
    );
}

#[test]
fn other_data_are_not_signed() {
    let good = Maker::new(1);
    for data in [
        &b""[..],
        b"Every byte of this is signed.",
        b"Every byte of this is signed.\r\n",
    ] {
        let answer = check_with(
            &good.cert(),
            &good.sign(),
            data,
            TrustModel::Plain,
            policy(),
        );
        assert_eq!(reason(answer), Some(Rejection::BadSignature));
    }
}

#[test]
fn an_empty_file_has_no_signature() {
    let good = Maker::new(1);
    for nothing in [&b""[..], &[0xca, 3, b'P', b'G', b'P'], &[0xd5, 1, 0]] {
        assert!(matches!(
            check(&good.cert(), nothing),
            Err(Error::NoSignature)
        ));
    }
}

/// Keyrings that are none.
#[test]
fn keyrings() {
    let good = Maker::new(1).cert();
    let limit = vec![0; omg_pgp::MAX_KEYRING_BYTES + 1];
    let too_large = Keyring::from_bytes("bad", &limit);
    assert!(matches!(too_large, Err(KeyringError::TooLarge { .. })));
    // A certificate that somebody flooded is left out, and the others are not.
    let flood = [&[0xfc, 0xff, 0, 0x11, 0, 0][..], &vec![0; 0x11_0000]].concat();
    let keyring = Keyring::from_bytes("flood", &[&good[..], &flood, &good].concat()).unwrap();
    assert_eq!((keyring.len(), keyring.skipped().len()), (1, 1));
    for bad in [&b""[..], b"garbage", &[0xc6, 2, 4, 0], &good[..20]] {
        assert!(Keyring::from_bytes("bad", bad).is_err(), "{bad:?}");
    }
    let beside = [&good[..], b"garbage", &good].concat();
    let keyring = Keyring::from_bytes("beside", &beside).unwrap();
    assert_eq!((keyring.len(), keyring.skipped().len()), (2, 1));
    assert_eq!(keyring.skipped()[0].offset, good.len());
}

/// The signature of a package in a sync database is the one beside its file.
#[test]
fn signatures_in_sync_databases() {
    use base64::Engine as _;
    let maker = Maker::new(1);
    let text = base64::engine::general_purpose::STANDARD.encode(maker.sign());
    let sig = omg_pgp::decode_pgpsig(&format!("{text}\n")).unwrap();
    assert!(check(&maker.cert(), &sig).is_ok());
    assert!(omg_pgp::decode_pgpsig("%%%").is_err());
}

/// Many files at once: the answers are in the order of the jobs, and a file that cannot be read
/// is an error of its own.
#[test]
fn batches_keep_their_order() {
    let maker = Maker::new(1);
    let keyring = Keyring::from_bytes("test", &maker.cert()).unwrap();
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy());
    let jobs: Vec<usize> = (0..50).collect();
    let threads = std::num::NonZeroUsize::new(4).unwrap();
    let answers = verifier.verify_batch(&jobs, threads, |job| match job % 3 {
        0 => Ok((DATA, maker.sign())),
        1 => Ok((&b"other"[..], maker.sign())),
        _ => Err(std::io::Error::other("gone")),
    });
    assert_eq!(answers.len(), jobs.len());
    for (job, answer) in answers.iter().enumerate() {
        match job % 3 {
            0 => assert!(answer.is_ok()),
            1 => assert!(matches!(answer, Err(Error::Rejected(_)))),
            _ => assert!(matches!(answer, Err(Error::Io(_)))),
        }
    }
}

//! Keys, tokens and hashes that belong to no provider.

use crate::rules::rank::{
    Confidence,
    Severity::{Critical, High, Low, Medium},
};
use crate::rules::spec::{Check, Spec, shape};

pub(crate) static RULES: &[Spec] = &[
    shape(
        "age-secret-key",
        "age secret key",
        Critical,
        &["AGE-SECRET-KEY-1"],
        "{q:58}",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    )
    .check(Check::Bech32),
    shape(
        "age-plugin-identity",
        "age plugin or post-quantum identity",
        Critical,
        &["AGE-PLUGIN-", "AGE-SECRET-KEY-PQ-1"],
        "{w:20-400}",
        "https://github.com/C2SP/C2SP/blob/main/age-plugin.md",
    )
    .check(Check::Bech32),
    shape(
        "putty-private-key",
        "PuTTY private key file",
        Critical,
        &["PuTTY-User-Key-File-2: ", "PuTTY-User-Key-File-3: "],
        "{w:7-30}",
        "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
    ),
    shape(
        "gnupg-private-key",
        "GnuPG private key file",
        Critical,
        &["(11:private-key(3:", "Key: (private-key"],
        "{v:0-3}",
        "https://www.gnupg.org/documentation/manuals/gnupg/",
    ),
    shape(
        "jwt",
        "JSON Web Token",
        Medium,
        &["eyJ"],
        "{s:13-2000}.eyJ{s:4-4000}.{w:10-1400}",
        "https://www.rfc-editor.org/rfc/rfc7519",
    )
    .check(Check::Jwt)
    .sure(Confidence::Medium)
    .like(&["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.{w:43}"]),
    shape(
        "jwt-unsigned",
        "JSON Web Token without a signature",
        Low,
        &["eyJ"],
        "{s:13-2000}.eyJ{s:4-4000}",
        "https://www.rfc-editor.org/rfc/rfc7519",
    )
    .check(Check::Jwt)
    .sure(Confidence::Medium)
    .like(&["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0"]),
    shape(
        "jwk-private",
        "Private key of a JSON Web Key",
        High,
        &["\"d\":\"", "\"d\": \""],
        "{w:40-700}",
        "https://www.rfc-editor.org/rfc/rfc7517",
    )
    .near(&["\"kty\""]),
    shape(
        "bcrypt-hash",
        "bcrypt password hash",
        Medium,
        &["$2a$", "$2b$", "$2y$", "$2x$"],
        "{d:2}${c:53}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "sha512-crypt-hash",
        "SHA-512 password hash",
        Medium,
        &["$6$"],
        "{c:1-16}${c:86}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "sha512-crypt-rounds-hash",
        "SHA-512 password hash with rounds",
        Medium,
        &["$6$rounds="],
        "{d:4-9}${c:1-16}${c:86}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "sha256-crypt-hash",
        "SHA-256 password hash",
        Medium,
        &["$5$"],
        "{c:1-16}${c:43}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "sha256-crypt-rounds-hash",
        "SHA-256 password hash with rounds",
        Medium,
        &["$5$rounds="],
        "{d:4-9}${c:1-16}${c:43}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "md5-crypt-hash",
        "MD5 password hash",
        Medium,
        &["$1$", "$apr1$"],
        "{c:1-8}${c:22}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "yescrypt-hash",
        "yescrypt password hash",
        Medium,
        &["$y$", "$gy$"],
        "{c:2-10}${c:1-86}${c:43}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "sun-md5-hash",
        "Sun MD5 password hash",
        Medium,
        &["$md5,rounds="],
        "{d:1-9}${c:1-16}$${c:22}",
        "https://manpages.debian.org/bookworm/libcrypt-dev/crypt.5.en.html",
    )
    .sure(Confidence::Medium),
    shape(
        "cisco-hash",
        "Cisco type 8 or 9 password hash",
        Medium,
        &["$8$", "$9$"],
        "{c:14}${c:43}",
        "https://www.cisco.com/c/en/us/support",
    )
    .check(Check::Crypt)
    .sure(Confidence::Medium),
    shape(
        "phpass-hash",
        "phpass password hash",
        Medium,
        &["$P$", "$H$"],
        "{c:31}",
        "https://www.openwall.com/phpass/",
    )
    .sure(Confidence::Medium),
    shape(
        "argon2-hash",
        "Argon2 password hash",
        Medium,
        &["$argon2id$v=19$", "$argon2i$v=19$", "$argon2d$v=19$"],
        "m={d:1-8},t={d:1-4},p={d:1-4}${b:11-64}${b:16-100}",
        "https://www.rfc-editor.org/rfc/rfc9106",
    )
    .sure(Confidence::Medium),
    shape(
        "django-hash",
        "Django password hash",
        Medium,
        &["pbkdf2_sha256$", "pbkdf2_sha1$"],
        "{d:4-8}${a:8-32}${p:27-64}",
        "https://docs.djangoproject.com/en/stable/topics/auth/passwords/",
    )
    .sure(Confidence::Medium),
    shape(
        "kerberos-hash",
        "Kerberos ticket for offline guessing",
        High,
        &["$krb5asrep$23$", "$krb5tgs$23$", "$krb5pa$18$"],
        "{v:8-120}",
        "https://hashcat.net/wiki/doku.php?id=example_hashes",
    ),
    shape(
        "django-secret-key",
        "Django secret key generated by startproject",
        High,
        &["django-insecure-"],
        "{v:20-80}",
        "https://docs.djangoproject.com/en/stable/ref/settings/#secret-key",
    ),
    shape(
        "wireguard-private-key",
        "WireGuard private key",
        Critical,
        &["PrivateKey = ", "PrivateKey="],
        "{b:42-43}=",
        "https://www.wireguard.com/quickstart/",
    )
    .check(Check::Clamped),
    shape(
        "wireguard-preshared-key",
        "WireGuard preshared key",
        High,
        &["PresharedKey = ", "PresharedKey="],
        "{b:42-43}=",
        "https://www.wireguard.com/quickstart/",
    )
    .check(Check::Base64Len(32)),
    shape(
        "jenkins-api-token",
        "Jenkins API token",
        High,
        &["11"],
        "{x:32}",
        "https://www.jenkins.io/doc/book/system-administration/authenticating-scripted-clients/",
    )
    .near(&["jenkins"])
    .sure(Confidence::Medium),
    shape(
        "bip32-private-key",
        "Extended private key of a wallet",
        Critical,
        &["xprv", "yprv", "zprv", "tprv"],
        "{B:107}",
        "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
    ),
    shape(
        "nostr-private-key",
        "Nostr private key",
        Critical,
        &["nsec1"],
        "{l:58}",
        "https://github.com/nostr-protocol/nips/blob/master/19.md",
    )
    .check(Check::Bech32),
    shape(
        "psk-hash",
        "Pre-shared key of a wireless network",
        Medium,
        &["psk="],
        "{x:64}",
        "https://w1.fi/cgit/hostap/plain/wpa_supplicant/wpa_supplicant.conf",
    ),
];

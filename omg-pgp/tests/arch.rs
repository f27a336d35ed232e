//! Arch Linux's keyring of November 2023, and GnuPG's own computation on it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use omg_pgp::{Anchors, Keyring, Trust, TrustModel};

#[test]
fn seventy_nine() {
    let dir = std::path::Path::new("/work/shared/data/pgp/arch-keyring");
    let keyring = Keyring::open(&dir.join("archlinux.gpg")).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let anchors = Anchors::parse(&read("archlinux-trusted"), &read("archlinux-revoked")).unwrap();
    let model = TrustModel::Anchored(anchors);
    let standings = model.standings(&keyring, "2023-12-09T00:00:00Z".parse().unwrap());
    println!("{} {:?}", keyring.len(), keyring.skipped());
    let count = |f: &dyn Fn(&omg_pgp::Standing) -> bool| standings.iter().filter(|s| f(s)).count();
    println!(
        "valid+trusted {} anchors {} certified {} disabled {} disabled&valid..{} invalid {}",
        count(&|s| s.is_valid && s.trust.is_trusted()),
        count(&|s| s.is_valid && s.trust == Trust::Anchor),
        count(&|s| s.is_valid && matches!(s.trust, Trust::Certified { .. })),
        count(&|s| s.trust == Trust::Disabled),
        count(&|s| s.is_valid && s.trust == Trust::Disabled),
        count(&|s| !s.is_valid),
    );
}

#[test]
fn dump() {
    let dir = std::path::Path::new("/work/shared/data/pgp/arch-keyring");
    let keyring = Keyring::open(&dir.join("archlinux.gpg")).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let anchors = Anchors::parse(&read("archlinux-trusted"), &read("archlinux-revoked")).unwrap();
    let model = TrustModel::Anchored(anchors);
    for at in [
        "2023-12-09T00:00:00Z",
        "2021-06-01T00:00:00Z",
        "2026-11-24T00:00:00Z",
    ] {
        let standings = model.standings(&keyring, at.parse().unwrap());
        let mut out = String::new();
        for s in standings {
            out += &format!(
                "{} {} {:?}\n",
                s.certificate,
                s.is_valid && s.trust.is_trusted(),
                (s.is_valid, s.trust)
            );
        }
        std::fs::write(format!("/tmp/ours-{}.txt", &at[..10]), out).unwrap();
    }
}

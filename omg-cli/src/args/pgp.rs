//! Options of `omg audit pgp`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use omg_pgp::KeysAsOf;

use crate::checks::signature::query::{SignatureQuery, TrustChoice};

pub const EXAMPLES: &str = "Examples:
  omg audit pgp bash-5.2-1-x86_64.pkg.tar.zst       as pacman would: FILE.sig, Arch's keys
  omg audit pgp release.tar --keyring vendor.gpg    every key in vendor.gpg is trusted
  omg audit pgp FILE --keyring archlinux.gpg --trust arch
  omg audit pgp FILE --keyring team.gpg --threshold 2 --require-pqc
Exit codes: 0 valid and trusted, 1 valid and not trusted or below the threshold,
3 no signature or no certificate of its signer, 4 the keyring is missing, empty
or invalid, 5 the signature is not valid.";

/// Whether a trusted key signed a file.
#[derive(Args, Clone, Debug)]
pub struct Pgp {
    /// The file that was signed
    pub file: PathBuf,
    /// Its detached signature (default: FILE.sig, then FILE.asc)
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// Certificates, a file or a folder; repeatable (default: the distribution's)
    #[arg(long, value_name = "FILE")]
    pub keyring: Vec<PathBuf>,
    /// Who is trusted: everyone in the keyring, whom Arch's main keys certified, or by a
    /// VOA hierarchy (default: plain with --keyring, else as the distribution does)
    #[arg(long, value_enum, value_name = "MODEL", hide_possible_values = true)]
    #[arg(value_name = "plain|arch|voa")]
    pub trust: Option<PgpTrust>,
    /// Arch's main keys (default: KEYRING-trusted beside the keyring)
    #[arg(long, value_name = "FILE")]
    pub trusted: Option<PathBuf>,
    /// Arch's revoked keys (default: KEYRING-revoked beside the keyring)
    #[arg(long, value_name = "FILE")]
    pub revoked: Option<PathBuf>,
    /// How many different trusted certificates must have signed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threshold: usize,
    /// At least one of them with a post-quantum algorithm
    #[arg(long)]
    pub require_pqc: bool,
    /// And at least one of them without
    #[arg(long)]
    pub require_classical: bool,
    /// Every signature in the file must be good and trusted, as for pacman
    #[arg(long)]
    pub all_signatures: bool,
    /// When a key must be good: when it signed, or also now, as for pacman
    #[arg(long, value_enum, default_value_t, value_name = "signature|now")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub keys_as_of: PgpKeysAsOf,
    /// Accept signatures over text, which are the same for other line ends
    #[arg(long)]
    pub accept_text: bool,
    /// A certificate of the keyring that cannot be read is an error, not a warning
    #[arg(long)]
    pub strict_keyring: bool,
}

/// Who is trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum PgpTrust {
    Plain,
    Arch,
    Voa,
}

/// When a key must be good.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum PgpKeysAsOf {
    #[default]
    Signature,
    Now,
}

impl Pgp {
    /// The question that the options put.
    pub fn query(&self) -> SignatureQuery {
        SignatureQuery {
            file: self.file.clone(),
            signature: self.signature.clone(),
            keyrings: self.keyring.clone(),
            trust: self.trust.map(PgpTrust::choice),
            trusted: self.trusted.clone(),
            revoked: self.revoked.clone(),
            threshold: self.threshold,
            require_pqc: self.require_pqc,
            require_classical: self.require_classical,
            all_signatures: self.all_signatures,
            keys_as_of: match self.keys_as_of {
                PgpKeysAsOf::Signature => KeysAsOf::Signature,
                PgpKeysAsOf::Now => KeysAsOf::ReferenceTime,
            },
            accept_text: self.accept_text,
            strict_keyring: self.strict_keyring,
        }
    }
}

impl PgpTrust {
    /// The trust model that the word names.
    pub fn choice(self) -> TrustChoice {
        match self {
            Self::Plain => TrustChoice::Plain,
            Self::Arch => TrustChoice::Arch,
            Self::Voa => TrustChoice::Voa,
        }
    }
}

//! A signed table of builders: whose word is worth what, beside the ones that are built in.
//!
//! The file is a DSSE envelope (<https://github.com/secure-systems-lab/dsse>) or a Sigstore
//! bundle around an in-toto statement, whose predicate has the type [`BUILDERS`] and this form:
//!
//! ```json
//! {
//!   "revision": 3,
//!   "issued": "2026-11-01T00:00:00Z",
//!   "expires": "2027-02-01T00:00:00Z",
//!   "builders": [{
//!     "id": "https://github.com/owner/builder/.github/workflows/build.yml",
//!     "issuer": "https://token.actions.githubusercontent.com",
//!     "level": 3,
//!     "reason": "reusable, isolated from the build's own steps; audited in October 2026"
//!   }]
//! }
//! ```
//!
//! The statement's subjects are not looked at: a table is about no artifact.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sigstore_verify::crypto::VerificationKey;
use sigstore_verify::types::{self, SignatureContent};

use crate::bundle::{self, Bundle};
use crate::digest::Digests;
use crate::error::Error;
use crate::expectations::Expectations;
use crate::statement::Statement;
use crate::strict;
use crate::trust_root::PublicKey;
use crate::verifier::Verifier;

/// The type of the predicate.
pub const BUILDERS: &str = "urn:omg:builders:1";
/// The most builders that a table may have.
pub const MAX_BUILDERS: usize = 1000;
/// The longest text in a table, in bytes.
const MAX_TEXT: usize = 1024;

/// Builders whose word has a known worth, as somebody signed it who is trusted for that. Only the
/// check makes it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builders {
    table: Table,
}

/// What a table must be, beside signed.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// The time at which it is used: it must be issued, and not yet expired.
    pub at: DateTime<Utc>,
    /// The lowest revision that is accepted: the highest that was seen before, so that nobody
    /// brings back an older table; 0 if none was.
    pub revision: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    revision: u64,
    issued: DateTime<Utc>,
    expires: DateTime<Utc>,
    builders: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    id: String,
    issuer: String,
    pub(crate) level: u8,
    pub(crate) reason: String,
}

impl Builders {
    /// Reads a table in a DSSE envelope with one signature, which must be by this key: ECDSA with
    /// P-256 or P-384 (in DER), Ed25519 or RSA (PKCS #1 with SHA-256).
    ///
    /// # Errors
    /// [`Error::Builders`] if the key did not sign it, it is no table, is older than what was seen,
    /// not yet issued or expired. Nothing of it is used then.
    pub fn signed(envelope: &[u8], key: &PublicKey, fresh: Fresh) -> Result<Self, Error> {
        let value = strict::parse(envelope, strict::BUNDLE_VALUES).map_err(unusable)?;
        bundle::check_envelope(&value).map_err(unusable)?;
        let envelope: types::DsseEnvelope = Deserialize::deserialize(&value).map_err(unusable)?;
        if envelope.payload_type != bundle::IN_TOTO {
            return Err(unusable(format!(
                "the payload is {:?}",
                envelope.payload_type
            )));
        }
        VerificationKey::from_spki(&key.inner)
            .and_then(|key| key.verify(envelope.pae(), &envelope.signature.sig))
            .map_err(|_| unusable("the key did not sign it"))?;
        let statement = Statement::parse(envelope.payload.as_bytes()).map_err(unusable)?;
        Self::of(&statement, fresh)
    }

    /// Reads a table in a Sigstore bundle. The expectations must name its signer: by identity and
    /// issuer, or by the verifier's key.
    ///
    /// # Errors
    /// As [`signed`](Self::signed), and if the bundle is not good or its signer is another.
    pub fn bundled(
        bundle: &[u8],
        verifier: &Verifier,
        signer: &Expectations,
        fresh: Fresh,
    ) -> Result<Self, Error> {
        let bundle = Bundle::parse(bundle).map_err(unusable)?;
        let SignatureContent::DsseEnvelope(_) = &bundle.inner.content else {
            return Err(unusable("it is a signature over a file, and no statement"));
        };
        // It is about no artifact: whatever it names, it names.
        let digest = bundle.statement().and_then(|statement| {
            let mut digests = statement.subjects().iter().flat_map(|one| &one.digests);
            digests.next().cloned()
        });
        let digest = digest.ok_or_else(|| unusable("it has no subject with a digest"))?;
        let digests = Digests::from(digest);
        let found = verifier.authenticate(&bundle, &digests, fresh.at);
        let found = found.map_err(unusable)?;
        // Of the expectations only those of the signer, which without a key must be there: a table
        // says nothing of a build.
        let signer = Expectations {
            identity: signer.identity.clone(),
            issuer: signer.issuer.clone(),
            ..Expectations::default()
        };
        let found = signer.check(found).map_err(unusable)?;
        match found.findings().attestation().statement() {
            Some(statement) => Self::of(statement, fresh),
            None => Err(unusable("it holds no statement")),
        }
    }

    fn of(statement: &Statement, fresh: Fresh) -> Result<Self, Error> {
        let kind = statement.predicate_type();
        if kind != BUILDERS {
            return Err(unusable(format!("it is no table but {kind}")));
        }
        let table: Table = Deserialize::deserialize(&*statement.predicate).map_err(unusable)?;
        if table.builders.len() > MAX_BUILDERS {
            return Err(unusable(format!("more than {MAX_BUILDERS} builders")));
        }
        for (at, entry) in table.builders.iter().enumerate() {
            entry.check().map_err(unusable)?;
            let mut earlier = table.builders.iter().take(at);
            if earlier.any(|one| (&one.id, &one.issuer) == (&entry.id, &entry.issuer)) {
                return Err(unusable(format!("{} stands twice", entry.id)));
            }
        }
        let Table {
            revision,
            issued,
            expires,
            ..
        } = &table;
        if *revision < fresh.revision {
            let newer = fresh.revision;
            return Err(unusable(format!(
                "it is revision {revision}, older than {newer}"
            )));
        }
        if *issued > fresh.at {
            return Err(unusable(format!(
                "it is issued on {issued}, which is yet to come"
            )));
        }
        if *expires <= fresh.at {
            return Err(unusable(format!("it expired on {expires}")));
        }
        Ok(Self { table })
    }

    /// The revision, which its maker counts up.
    pub fn revision(&self) -> u64 {
        self.table.revision
    }

    /// From when on it is not used any more.
    pub fn expires(&self) -> DateTime<Utc> {
        self.table.expires
    }

    pub(crate) fn find(&self, name: &str, issuer: &str) -> Option<&Entry> {
        let mut entries = self.table.builders.iter();
        entries.find(|entry| entry.id == name && entry.issuer == issuer)
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        let texts = [&self.id, &self.issuer, &self.reason];
        if texts
            .iter()
            .any(|text| text.trim().is_empty() || text.len() > MAX_TEXT)
        {
            return Err(format!(
                "{:?}: a text is empty or longer than {MAX_TEXT} bytes",
                self.id
            ));
        }
        if !self.id.starts_with("https://") || self.id.contains('@') {
            return Err(format!(
                "{:?} is no builder's name without a version",
                self.id
            ));
        }
        match self.level {
            1..=3 => Ok(()),
            other => Err(format!(
                "{:?}: the level is {other}, and not 1 to 3",
                self.id
            )),
        }
    }
}

fn unusable(error: impl ToString) -> Error {
    Error::Builders {
        detail: error.to_string(),
    }
}

//! What takes the network: the public log, and roots fetched anew.

use std::path::Path;

use chrono::{DateTime, Utc};
use omg_slsa::online::{Answer as Reply, OnlineError, Transport, TransportError, rekor, tuf};
use omg_slsa::{Digest, Domain, TrustRoot};
use omg_vuln::http::{Client, HttpErrorKind};

use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::{Failure, chain};
use crate::session::network::{self, Ended};
use crate::session::store;

/// When the roots of this release were taken, as the changelog of sigstore-trust-root 0.15.1 has
/// it: 2026-10-23.
const RELEASED: DateTime<Utc> = DateTime::from_timestamp(1_792_713_600, 0).unwrap();

/// After how many days roots are old.
const MAX_AGE_DAYS: i64 = 180;

/// The program's one client, as the library asks for it.
struct Requests(Client);

impl Transport for Requests {
    fn get<'a>(&'a self, url: &'a str, limit: u64) -> Reply<'a> {
        Box::pin(async move {
            let mut bytes = Vec::new();
            match self.0.fetch_to(url, &mut bytes, limit).await {
                Ok(_) => Ok(Some(bytes)),
                Err(error) if error.kind() == HttpErrorKind::Status(404) => Ok(None),
                Err(error) => Err(TransportError(chain(&error))),
            }
        })
    }

    fn post<'a>(&'a self, url: &'a str, json: Vec<u8>, limit: u64) -> Reply<'a> {
        Box::pin(async move {
            match self.0.post_json(url, json, limit).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == HttpErrorKind::Status(404) => Ok(None),
                Err(error) => Err(TransportError(chain(&error))),
            }
        })
    }
}

/// What the log holds of a digest.
pub fn search(context: &Context, digest: &Digest) -> Result<rekor::Found, Failure> {
    let requests = requests(context)?;
    let log = context.config.sources.rekor.as_deref();
    let found = rekor::search(&requests, log.unwrap_or(rekor::PUBLIC_LOG), digest);
    finished(network::block_on(found)?)
        .map_err(|failure| failure.try_this("--bundle FILE, which needs no network"))
}

/// The trusted root of a domain, fetched anew and kept.
pub fn refresh(context: &Context, domain: Domain) -> Result<TrustRoot, Failure> {
    let requests = requests(context)?;
    let repository = context.config.sources.tuf.as_deref();
    let repository = repository.unwrap_or(tuf::repository(domain));
    let seen = context.env.data_dir()?.join("sigstore").join(domain.name());
    let first = tuf::embedded(domain);
    let fetched = tuf::refresh(requests, repository, first, domain, Some(&seen), context.at);
    let (root, bytes) = finished(network::block_on(fetched)?)?;
    store::of(&context.env)?
        .write_cache(&kept_as(domain), &bytes)
        .map_err(|error| Failure::incomplete("cannot keep the trusted root").because(&error))?;
    Ok(root)
}

/// The trusted root that was fetched last, if there is one that can be used and that is no older
/// than this release.
pub fn kept(context: &Context, domain: Domain) -> Option<TrustRoot> {
    let (store, name) = (store::of(&context.env).ok()?, kept_as(domain));
    let fetched = written_at(&store.folder().join(&name)).filter(|at| *at >= RELEASED)?;
    match TrustRoot::parse(&store.cache(&name)?, domain) {
        Ok(root) => {
            warn_of_age(context, fetched);
            Some(root)
        }
        Err(error) => {
            context.warn(&format!("the fetched root is not used: {error}"));
            None
        }
    }
}

/// The trusted root of this release.
pub fn embedded(context: &Context, domain: Domain) -> Result<TrustRoot, omg_slsa::Error> {
    warn_of_age(context, RELEASED);
    TrustRoot::embedded(domain)
}

/// Says so where roots are old.
fn warn_of_age(context: &Context, as_of: DateTime<Utc>) {
    let age = context.at.signed_duration_since(as_of);
    if age.num_days() > MAX_AGE_DAYS {
        context.warn(&format!(
            "the trusted roots are {} days old; omg audit slsa --refresh-root fetches new ones",
            age.num_days()
        ));
    }
}

/// When a file was written, as the file system says.
fn written_at(path: &Path) -> Option<DateTime<Utc>> {
    let meta = std::fs::metadata(path).ok()?;
    meta.modified().ok().map(DateTime::from)
}

fn kept_as(domain: Domain) -> String {
    format!("sigstore-{}.json", domain.name())
}

fn requests(context: &Context) -> Result<Requests, Failure> {
    if context.common.offline {
        return Err(Failure::usage(
            "this takes the network, and --offline was given",
        ));
    }
    network::client(context).map(Requests)
}

fn finished<T>(ended: Ended<Result<T, OnlineError>>) -> Result<T, Failure> {
    match ended {
        Ended::Done(Ok(found)) => Ok(found),
        Ended::Done(Err(error @ OnlineError::Untrusted { .. })) => {
            Err(Failure::incomplete("the trusted root was not fetched").because(&error))
        }
        Ended::Done(Err(error)) => Err(Failure::incomplete("no answer to rely on").because(&error)),
        Ended::Interrupted => Err(Failure::new(Exit::Interrupted, "interrupted")),
    }
}

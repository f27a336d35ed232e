//! Keys: making one, and handing over to the next.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use omg_auditlog::{Signer as _, SigningKey};

use super::seal::AS_IT_IS;
use crate::session::auditlog::{beside_key, read_key};
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::newfile::{Access, NewFile};
use crate::session::output::Plan;

pub fn keygen(context: &Context, key: Option<&Path>, name: Option<&str>) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &AS_IT_IS)?;
    let path = context.key_path(key)?;
    if is_beside(&path, &context.log_path()?) {
        return Err(Failure::usage(
            "the key would be in the log's directory: who can write the log could sign it",
        )
        .try_this("--key FILE somewhere else"));
    }
    let name = match name {
        Some(name) => name.to_owned(),
        None => match context.readable_log().and_then(|log| {
            let origin = log.origin();
            origin.map_err(|error| context.log_failure(&error))
        }) {
            Ok(origin) => origin.to_string(),
            Err(_) => context.origin()?.to_string(),
        },
    };
    let made = random_key(&name)?;
    let public = format!("{}\n", made.verifying_key());
    let secret = format!("{}\n", made.expose());
    write_new(&path, secret.as_bytes(), Access::Private)?;
    write_new(
        &path.with_extension("pub"),
        public.as_bytes(),
        Access::Usual,
    )?;
    plan.write(|_, _| public.clone())?;
    Ok(Exit::Ok)
}

/// The new key is written beside the old one first, and takes its place last: a run that was
/// interrupted is finished by the next. Until then nothing is signed.
pub fn rotate_key(context: &Context, key: Option<&Path>) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &AS_IT_IS)?;
    context.readable_log()?;
    let path = context.key_path(key)?;
    let old: SigningKey = read_key(&path, true)?.ok_or_else(|| {
        Failure::config("there is no key to hand over from").try_this("omg audit log keygen")
    })?;
    let next = beside_key(&path);
    let new = match read_key(&next, false)? {
        Some(new) => new,
        None => {
            let new = random_key(old.verifying_key().name())?;
            let secret = format!("{}\n", new.expose());
            write_new(&next, secret.as_bytes(), Access::Private)?;
            new
        }
    };
    let log = context.unsigned_log()?;
    log.rotate_key(&old, &new, &context.env.actor(), context.env.clock())
        .map_err(|error| context.log_failure(&error))?;
    replace(&next, &path).map_err(|error| {
        Failure::config(format!("cannot replace {}", path.display())).because(&error)
    })?;
    let public = format!("{}\n", new.verifying_key());
    plan.write(|_, _| public.clone())?;
    Ok(Exit::Ok)
}

fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(from, to)?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    std::fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn random_key(name: &str) -> Result<SigningKey, Failure> {
    let mut seed = [0; 32];
    fill_random(&mut seed)?;
    SigningKey::from_seed(name, seed)
        .map_err(|error| Failure::usage("this name cannot be a key's").because(&error))
}

fn is_beside(key: &Path, log: &Path) -> bool {
    let directory = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parent = path
            .parent()
            .map_or_else(|| PathBuf::from("/"), Path::to_owned);
        parent.canonicalize().unwrap_or(parent)
    };
    directory(key) == directory(log)
}

fn fill_random(mut seed: &mut [u8]) -> Result<(), Failure> {
    while !seed.is_empty() {
        let flags = rustix::rand::GetRandomFlags::empty();
        match rustix::rand::getrandom(&mut *seed, flags) {
            Ok(count) => seed = &mut seed[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                return Err(Failure::incomplete("the system has no random bytes").because(&error));
            }
        }
    }
    Ok(())
}

/// Writes a file that must not be there yet, and that is there whole or not at all: half a key
/// would be in the way of every later one.
fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), Failure> {
    let write = || {
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(parent)?;
        }
        let mut new = NewFile::new(path, access)?;
        new.file().write_all(bytes)?;
        new.publish_new()
    };
    write().map_err(|error| {
        let failure = Failure::config(format!("cannot write {}", path.display()));
        let failure = failure.because(&error);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            failure.try_this("--key FILE for another key; a key is never overwritten")
        } else {
            failure
        }
    })
}

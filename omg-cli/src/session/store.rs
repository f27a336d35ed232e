//! The folder of everything that can be fetched again.

use omg_vuln::store::Store;

use super::env::Env;
use super::failure::Failure;

/// The user's store: `$XDG_CACHE_HOME/omg/db`.
pub fn of(env: &Env) -> Result<Store, Failure> {
    Ok(Store::new(env.cache_dir()?.join("db")))
}

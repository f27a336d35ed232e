//! Values that hold where nothing is configured.

use omg_vuln::http::Endpoints;
use toml::Value;

/// A stored database older than this many days is stale.
pub const MAX_AGE_DAYS: u32 = 7;

/// Where the AUR's interface is: <https://wiki.archlinux.org/title/Aurweb_RPC_interface>,
/// version 5.
pub const AUR: &str = "https://aur.archlinux.org";

/// The defaults by key.
pub fn all() -> [(&'static str, Value); 9] {
    let built_in = Endpoints::default();
    [
        ("scan.ignore", Value::Array(Vec::new())),
        ("scan.max_age", Value::from(i64::from(MAX_AGE_DAYS))),
        ("scan.vex", Value::Array(Vec::new())),
        ("sources.arch", Value::from(built_in.arch)),
        ("sources.aur", Value::from(AUR)),
        ("sources.epss", Value::from(built_in.epss)),
        ("sources.kev", Value::from(built_in.kev)),
        ("sources.osv", Value::from(built_in.osv_api)),
        ("sources.osv_dumps", Value::from(built_in.osv_dumps)),
    ]
}

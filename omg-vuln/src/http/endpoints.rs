//! Where the sources are.

use reqwest::Url;

use super::error::HttpError;
use super::url;

/// The addresses of the sources. The default is where they are published.
///
/// Each must be https, or http to a loopback address; building a client checks it.
///
/// # Examples
///
/// ```
/// use omg_vuln::http::{Client, Endpoints};
///
/// let mut endpoints = Endpoints::default();
/// assert_eq!(endpoints.osv_api, "https://api.osv.dev");
/// endpoints.osv_dumps = "https://mirror.example/osv".to_owned();
/// Client::builder().endpoints(endpoints).build()?;
/// # Ok::<(), omg_vuln::http::HttpError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Endpoints {
    /// The OSV API, without the `/v1`.
    pub osv_api: String,
    /// The directory of OSV's data dumps.
    pub osv_dumps: String,
    /// The groups of the Arch Linux security tracker.
    pub arch: String,
    /// CISA's catalogue of vulnerabilities known to be exploited.
    pub kev: String,
    /// EPSS scores, a gzip-compressed table.
    pub epss: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            osv_api: "https://api.osv.dev".to_owned(),
            osv_dumps: "https://storage.googleapis.com/osv-vulnerabilities".to_owned(),
            arch: "https://security.archlinux.org/all.json".to_owned(),
            kev: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
                .to_owned(),
            epss: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz".to_owned(),
        }
    }
}

/// The same addresses, parsed and checked.
pub(super) struct Addresses {
    pub(super) osv_api: Url,
    pub(super) osv_dumps: Url,
    pub(super) arch: Url,
    pub(super) kev: Url,
    pub(super) epss: Url,
}

impl Addresses {
    pub(super) fn check(endpoints: &Endpoints) -> Result<Self, HttpError> {
        Ok(Self {
            osv_api: url::parse(&endpoints.osv_api)?,
            osv_dumps: url::parse(&endpoints.osv_dumps)?,
            arch: url::parse(&endpoints.arch)?,
            kev: url::parse(&endpoints.kev)?,
            epss: url::parse(&endpoints.epss)?,
        })
    }
}

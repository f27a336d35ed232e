use super::{inventory::Inventory, os_release::OsRelease, problem::Problem};

/// What was found below a root directory: the system's description of itself and one
/// inventory per package database.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// `/etc/os-release`, else `/usr/lib/os-release`; `None` if there is neither.
    pub os_release: Option<OsRelease>,
    /// The inventories, in the order pacman, dpkg, apk; at least one, which may be empty,
    /// except where [`read_names`](Self::read_names) gave pacman's apart.
    ///
    /// A machine can have several, for instance where pacman is installed on Debian.
    pub inventories: Vec<Inventory>,
    /// What could not be read and belongs to none of the inventories.
    pub problems: Vec<Problem>,
}

impl Machine {
    /// Whether everything was read: neither the machine nor an inventory has problems.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty() && self.inventories.iter().all(Inventory::is_complete)
    }
}

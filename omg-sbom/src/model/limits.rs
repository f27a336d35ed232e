//! What each reader accepts at most. Reaching a limit is an error or a
//! [`Problem`](crate::inventory::Problem), never a silent truncation.

/// Packages and problems together, in one inventory (Debian has about 100,000 binary packages).
pub const MAX_ENTRIES: usize = 250_000;

/// A package name or version, in bytes.
pub const MAX_NAME_BYTES: usize = 1024;

/// Any other recorded value (one line of pacman's `desc`, one field of dpkg), in bytes.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;

/// One `desc` file of pacman, in bytes.
pub const MAX_DESC_BYTES: usize = 4 * 1024 * 1024;

/// dpkg's `status` or apk's `installed`, in bytes.
pub const MAX_STATUS_BYTES: usize = 256 * 1024 * 1024;

/// A list of apt (`Packages`), in bytes: ten times the largest that Debian has.
pub const MAX_LIST_BYTES: u64 = 512 * 1024 * 1024;

/// One paragraph of a list of apt, and so each line of it, in bytes.
pub const MAX_STANZA_BYTES: usize = 1024 * 1024;

/// `os-release` or `pacman.conf`, in bytes.
pub const MAX_CONFIG_BYTES: usize = 256 * 1024;

/// A lock file, in bytes.
pub const MAX_LOCKFILE_BYTES: usize = 64 * 1024 * 1024;

/// An SBOM, in bytes.
pub const MAX_SBOM_BYTES: usize = 256 * 1024 * 1024;

/// Sync databases that are read for one inventory.
pub const MAX_SYNC_DATABASES: usize = 64;

/// Directives `Include` in `pacman.conf` and in the files that it includes, and such files.
pub const MAX_INCLUDES: usize = 256;

/// A sync database as stored, in bytes.
pub const MAX_SYNC_BYTES: usize = 128 * 1024 * 1024;

/// A sync database after decompression, in bytes.
pub const MAX_SYNC_UNPACKED_BYTES: usize = 512 * 1024 * 1024;

/// The record of one package's files (`mtree` unpacked, `md5sums`, `list`), in bytes.
pub const MAX_MTREE_BYTES: usize = 64 * 1024 * 1024;

/// Paths that one package records.
pub const MAX_FILES: usize = 500_000;

/// An installed file whose digest is computed, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Paths that belong to no package, in one report.
pub const MAX_EXTRA_FILES: usize = 1_000_000;

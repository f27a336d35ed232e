/// What a package file may cost at most. Reaching a limit is
/// [`ArchiveError::LimitExceeded`](super::ArchiveError::LimitExceeded).
///
/// # Examples
///
/// ```
/// let mut limits = omg_sbom::archive::Limits::default();
/// limits.packed_bytes = 64 * 1024 * 1024;
/// assert_eq!(limits.members, 500_000);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The file as it is, in bytes (default: 4 GiB).
    pub packed_bytes: u64,
    /// All that decompressors give, in bytes, read in pieces and not kept (default: 16 GiB; the
    /// largest official package of Arch has about 5).
    pub unpacked_bytes: u64,
    /// Members and their extended headers (default: 500,000).
    pub members: usize,
    /// Metadata and scripts together, which are kept, in bytes (default: 32 MiB).
    pub metadata_bytes: usize,
    /// The list of members in memory, in bytes (default: 128 MiB).
    pub list_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packed_bytes: 4 << 30,
            unpacked_bytes: 16 << 30,
            members: 500_000,
            metadata_bytes: 32 << 20,
            list_bytes: 128 << 20,
        }
    }
}

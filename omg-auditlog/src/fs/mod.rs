//! The log on disk (feature `fs`): many threads and processes append to one file of lines, and
//! nothing that was acknowledged is lost in a crash.

mod commit;
mod disk;
mod entries;
mod error;
mod kept;
mod log;
mod options;
mod prune;
mod reader;
mod seal;
mod storage;
mod tail;

pub use self::disk::{Disk, DiskFile, DiskLock};
pub use self::entries::Cursor;
pub use self::error::{LogError, UnsafePath};
pub use self::log::{Log, Receipt};
pub use self::options::{Every, LogOptions, Sync};
pub use self::prune::Pruned;
pub use self::reader::LogReader;
pub use self::storage::{Overwrite, Storage, StorageFile};

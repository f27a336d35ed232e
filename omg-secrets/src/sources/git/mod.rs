//! A git repository: what is staged, and every version of every file in its history.
//!
//! Nothing is fetched, written or run: hooks, filters and configured programs are not
//! started.

mod history;
mod open;
mod reach;
mod result;
mod staged;

pub use self::history::history;
pub use self::open::{GitError, hooks_dir};
pub use self::result::{Commit, Located, MAX_BLOB_BYTES, Problem, Repository};
pub use self::staged::staged;

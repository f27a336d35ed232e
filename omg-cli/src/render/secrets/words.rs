//! Words of a search for credentials.

use crate::checks::secrets::result::SearchedUnit;

/// The unit that was searched.
pub fn unit(unit: SearchedUnit) -> &'static str {
    match unit {
        SearchedUnit::File => "file",
        SearchedUnit::Input => "input",
        SearchedUnit::StagedFile => "staged file",
        SearchedUnit::Version => "version",
    }
}

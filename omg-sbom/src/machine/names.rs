//! Names and versions of pacman's packages, in the form that is cheapest to make.

use std::os::unix::ffi::OsStrExt;

use super::listing::Listing;
use crate::{
    model::{
        name::fault_of,
        problem::{Problem, ProblemKind, shorten},
    },
    read::pacman::local::{NOT_A_PACKAGE_NAME, split_directory_name},
};

/// Name and version of each package in pacman's local database, sorted by both: what the names
/// of its directories tell, as it does for pacman itself, and nothing else is looked at.
///
/// A package whose `desc` is missing or broken is listed like any other (`pacman -Q` does so,
/// too); [`Detail::Full`](crate::inventory::Detail::Full) notices.
#[derive(Debug)]
pub struct Names {
    text: String,
    /// Where in `text` each name and version begin and end.
    entries: Vec<[u32; 3]>,
    problems: Vec<Problem>,
}

impl Names {
    pub(super) fn new(listing: &Listing) -> Self {
        let mut names = Self {
            text: String::with_capacity(listing.text_bytes()),
            entries: Vec::with_capacity(listing.len()),
            problems: Vec::new(),
        };
        for (name, _) in listing.iter() {
            if let Err(problem) = names.add(name.as_bytes()) {
                names.problems.push(problem);
            }
        }
        names.problems.sort();
        names
    }

    fn add(&mut self, directory: &[u8]) -> Result<(), Problem> {
        let Some((name, version)) = str::from_utf8(directory)
            .ok()
            .and_then(split_directory_name)
        else {
            let subject = shorten(&String::from_utf8_lossy(directory));
            let kind = ProblemKind::Malformed;
            return Err(Problem::new(subject, kind, NOT_A_PACKAGE_NAME));
        };
        if let Some((kind, detail)) = fault_of("name", name).or(fault_of("version", version)) {
            return Err(Problem::new(shorten(name), kind, detail));
        }
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(version);
        // MAX_ENTRIES names of at most 255 bytes each: far below 4 GiB.
        if let (Ok(start), Ok(middle), Ok(end)) = (
            u32::try_from(start),
            u32::try_from(middle),
            u32::try_from(self.text.len()),
        ) {
            self.entries.push([start, middle, end]);
        }
        Ok(())
    }

    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Name and version of the package at a position.
    pub fn get(&self, position: usize) -> Option<(&str, &str)> {
        let [start, middle, end] = self.entries.get(position)?.map(|at| at as usize);
        Some((self.text.get(start..middle)?, self.text.get(middle..end)?))
    }

    /// All names and versions, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..self.len()).filter_map(|position| self.get(position))
    }

    /// Directories that are not called as packages are, sorted.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn add_problems(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
        self.problems.sort();
    }
}

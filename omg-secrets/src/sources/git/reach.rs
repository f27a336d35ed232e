//! Which commits, trees and blobs the references of a repository reach.

use std::collections::HashSet;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::object::Kind;

use super::open::{GitError, Opened, failed};

/// A blob at its first place in the history.
pub(super) struct Blob {
    pub(super) id: ObjectId,
    pub(super) path: String,
    /// The oldest commit that has it; `None` for what a reference names without a commit.
    pub(super) commit: Option<ObjectId>,
}

/// What references name.
#[derive(Default)]
struct Tips {
    commits: Vec<ObjectId>,
    /// Trees and blobs that are named themselves, as tags can.
    others: Vec<(ObjectId, Kind, String)>,
}

/// Every blob, once; `None` where no reference names anything, so that there is no history.
///
/// Trees and blobs that an older commit had are not visited again, so that the work is that
/// of the differences.
pub(super) fn reachable(opened: &mut Opened) -> Result<Option<Vec<Blob>>, GitError> {
    let tips = tips(&opened.repository)?;
    if tips.commits.is_empty() && tips.others.is_empty() {
        return Ok(None);
    }
    let commits = commits(&opened.repository, tips.commits)?;
    let mut reached = Reached::default();
    for commit in commits.into_iter().rev() {
        let tree = opened
            .repository
            .find_commit(commit)
            .map_err(failed("cannot read a commit"))?
            .tree_id()
            .map_err(failed("cannot read a commit"))?
            .detach();
        reached.tree(opened, tree, String::new(), Some(commit))?;
    }
    for (id, kind, name) in tips.others {
        if kind == Kind::Tree {
            reached.tree(opened, id, name + "/", None)?;
        } else {
            reached.blob(id, name, None);
        }
    }
    Ok(Some(reached.blobs))
}

/// An error for each reference to what is not there: its history is not clean but unknown.
fn tips(repository: &gix::Repository) -> Result<Tips, GitError> {
    let references = repository
        .references()
        .map_err(failed("cannot read the references"))?;
    let mut tips = Tips::default();
    for reference in references
        .all()
        .map_err(failed("cannot read the references"))?
    {
        let mut reference = reference.map_err(failed("cannot read a reference"))?;
        // What a symbolic reference names is a reference itself, or nothing.
        if reference.target().try_id().is_none() {
            continue;
        }
        let name = reference.name().as_bstr().to_str_lossy().into_owned();
        let object = reference
            .peel_to_id()
            .map_err(failed("cannot read what a reference names"))?
            .object()
            .map_err(failed("cannot read what a reference names"))?;
        match object.kind {
            Kind::Commit => tips.commits.push(object.id),
            kind => tips.others.push((object.id, kind, name)),
        }
    }
    let head = repository
        .head()
        .map_err(failed("cannot read HEAD"))?
        .try_into_peeled_id()
        .map_err(failed("cannot read what HEAD names"))?;
    tips.commits.extend(head.map(gix::Id::detach));
    Ok(tips)
}

/// The commits, oldest last.
fn commits(repository: &gix::Repository, tips: Vec<ObjectId>) -> Result<Vec<ObjectId>, GitError> {
    let walk = repository
        .rev_walk(tips)
        .all()
        .map_err(failed("cannot read the commits"))?;
    let mut commits = Vec::new();
    for info in walk {
        commits.push(info.map_err(failed("cannot read a commit"))?.id);
    }
    Ok(commits)
}

#[derive(Default)]
struct Reached {
    seen: HashSet<ObjectId>,
    blobs: Vec<Blob>,
}

impl Reached {
    fn tree(
        &mut self,
        opened: &mut Opened,
        root: ObjectId,
        folder: String,
        commit: Option<ObjectId>,
    ) -> Result<(), GitError> {
        let mut open = vec![(root, folder)];
        while let Some((id, folder)) = open.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            let tree = opened
                .for_a_tree()?
                .find_tree(id)
                .map_err(failed("cannot read a tree"))?;
            for entry in tree.iter() {
                let entry = entry.map_err(failed("cannot read a tree"))?;
                let path = format!("{folder}{}", entry.filename().to_str_lossy());
                if entry.mode().is_tree() {
                    open.push((entry.oid().to_owned(), path + "/"));
                } else if entry.mode().is_blob() {
                    self.blob(entry.oid().to_owned(), path, commit);
                }
            }
        }
        Ok(())
    }

    fn blob(&mut self, id: ObjectId, path: String, commit: Option<ObjectId>) {
        if self.seen.insert(id) {
            self.blobs.push(Blob { id, path, commit });
        }
    }
}

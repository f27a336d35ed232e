//! Tiles: the tree cut into pieces of 256 hashes that can be served as plain files
//! (C2SP tlog-tiles).

use crate::hash::Hash;
use crate::merkle::Frontier;

/// How many hashes a full tile has, and how many entries a full bundle.
pub const TILE_WIDTH: usize = 256;

/// A piece of the tree, or a bundle of entries, with its place below the log's directory.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tile {
    /// Its path, such as `tile/0/x001/067`, `tile/entries/003.p/12`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Where a tile lies: `level` is `0`, `1`, … or `entries`; a width below 256 is a partial tile.
#[must_use]
pub fn tile_path(level: &str, index: u64, width: usize) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    let partial = if width < TILE_WIDTH {
        format!(".p/{width}")
    } else {
        String::new()
    };
    format!("tile/{level}/{path}{partial}")
}

/// Cuts a log's entries into tiles, in one pass; it holds one tile of each level.
#[derive(Clone, Debug, Default)]
pub struct TileBuilder {
    entries: Vec<u8>,
    size: u64,
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Default)]
struct Level {
    /// The number of the tile that is being filled.
    index: u64,
    hashes: Vec<Hash>,
}

impl TileBuilder {
    /// Adds an entry, by what its leaf is made of
    /// ([`Entry::leaf_bytes`](crate::Entry::leaf_bytes)), and hands over the tiles that became
    /// full.
    pub fn push(&mut self, leaf: &[u8], mut full: impl FnMut(Tile)) {
        // An entry is at most 65,535 bytes long, so that its length has two bytes.
        let length = u16::try_from(leaf.len()).unwrap_or(u16::MAX);
        self.entries.extend_from_slice(&length.to_be_bytes());
        self.entries.extend_from_slice(leaf);
        self.size += 1;
        if self.size.is_multiple_of(TILE_WIDTH as u64) {
            let bytes = std::mem::take(&mut self.entries);
            let index = self.size / TILE_WIDTH as u64 - 1;
            full(Tile {
                path: tile_path("entries", index, TILE_WIDTH),
                bytes,
            });
        }
        self.push_hash(0, Hash::leaf(leaf), &mut full);
    }

    fn push_hash(&mut self, level: usize, hash: Hash, full: &mut impl FnMut(Tile)) {
        if self.levels.len() <= level {
            self.levels.push(Level::default());
        }
        let tile = &mut self.levels[level];
        tile.hashes.push(hash);
        if tile.hashes.len() < TILE_WIDTH {
            return;
        }
        let hashes = std::mem::take(&mut tile.hashes);
        full(hash_tile(level, tile.index, &hashes));
        tile.index += 1;
        let mut subtree = Frontier::default();
        subtree.extend(hashes);
        self.push_hash(level + 1, subtree.root(), full);
    }

    /// The tiles that are not full.
    #[must_use]
    pub fn finish(self) -> Vec<Tile> {
        let mut tiles = Vec::new();
        // Each entry has its hash in the lowest level, whose tiles are full when bundles are.
        let rest = self.levels.first().map_or(0, |lowest| lowest.hashes.len());
        if rest > 0 {
            tiles.push(Tile {
                path: tile_path("entries", self.size / TILE_WIDTH as u64, rest),
                bytes: self.entries,
            });
        }
        let levels = self.levels.iter().enumerate();
        let partial = levels.filter(|(_, tile)| !tile.hashes.is_empty());
        tiles.extend(partial.map(|(level, tile)| hash_tile(level, tile.index, &tile.hashes)));
        tiles
    }
}

fn hash_tile(level: usize, index: u64, hashes: &[Hash]) -> Tile {
    let bytes = hashes.iter().flat_map(|hash| *hash.as_bytes());
    Tile {
        path: tile_path(&level.to_string(), index, hashes.len()),
        bytes: bytes.collect(),
    }
}

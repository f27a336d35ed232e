//! Contents of files that are larger than what is kept of them.

use std::{
    fs::File,
    io::{self, Read as _},
};

use crate::model::limits;

/// How much of a file is read at a time, in bytes.
const PIECE_BYTES: usize = 128 * 1024;

/// Room for one piece of a file.
pub(super) fn buffer() -> Vec<u8> {
    vec![0; PIECE_BYTES]
}

/// Gives the rest of a file to `take`, piece by piece. More than [`limits::MAX_FILE_BYTES`] are an
/// error.
pub(super) fn each(file: File, buffer: &mut [u8], mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = file.take(limits::MAX_FILE_BYTES + 1);
    loop {
        match file.read(buffer) {
            Ok(0) => break,
            Ok(count) => take(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    match file.limit() {
        0 => Err(io::ErrorKind::FileTooLarge.into()),
        _ => Ok(()),
    }
}

use std::io::{self, Read};

/// Passes bytes on until more than the limit came, and watches how the stream ends.
pub(super) struct Budget<R> {
    inner: R,
    left: usize,
    exhausted: bool,
    trailing_zeros: usize,
}

impl<R> Budget<R> {
    pub(super) fn new(inner: R, limit: usize) -> Self {
        Self {
            inner,
            left: limit,
            exhausted: false,
            trailing_zeros: 0,
        }
    }

    /// Whether more came than the limit allows.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// How many bytes at the end of what was read are zero.
    pub(super) fn trailing_zeros(&self) -> usize {
        self.trailing_zeros
    }
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(count) else {
            self.exhausted = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        let zeros = buffer
            .iter()
            .take(count)
            .rev()
            .take_while(|byte| **byte == 0)
            .count();
        self.trailing_zeros = if zeros == count {
            self.trailing_zeros + zeros
        } else {
            zeros
        };
        Ok(count)
    }
}

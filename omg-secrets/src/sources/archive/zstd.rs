//! A zstd file: frames one after the other (RFC 8878, section 3).

use std::io::{BufRead, Error, ErrorKind, Read, Result, copy, sink};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Decompresses all frames of its input. A window over the limit is an error.
pub(super) struct Zstd<R> {
    input: R,
    decoder: FrameDecoder,
    /// Whether the decoder is within a frame.
    within: bool,
    /// Whether there was an error, so that nobody knows in which state the decoder is.
    broken: bool,
}

impl<R: BufRead> Zstd<R> {
    pub(super) fn new(input: R, max_window: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(max_window);
        Self {
            input,
            decoder,
            within: false,
            broken: false,
        }
    }

    /// Begins the next frame; whether there is one.
    fn begin(&mut self) -> Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = copy(&mut self.input.by_ref().take(length), &mut sink())?;
                    if skipped < length {
                        return Err(Error::other("a frame ends too soon"));
                    }
                }
                Err(error) => return Err(Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Reads on, from frame to frame.
    fn read_frames(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            if !self.within {
                if !self.begin()? {
                    return Ok(0);
                }
                self.within = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.input, one);
                decoded.map_err(Error::other)?;
            }
            let count = self.decoder.read(out)?;
            if count > 0 {
                return Ok(count);
            }
            self.within = false;
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    /// After an error there is nothing but errors: the decoder (ruzstd 0.9.1) is left with half a
    /// table and panics where it is asked on, as fuzzing found. It is somebody else's code, so that
    /// a panic of its is caught all the same, and is an error like any other: a file that somebody
    /// made for it must not end the scan of all the others.
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.broken {
            return Err(Error::other("a zstd frame that is broken"));
        }
        self.broken = true;
        let read = catch_unwind(AssertUnwindSafe(|| self.read_frames(out)))
            .map_err(|_| Error::other("a zstd frame that no compressor writes"))?;
        // Only between two frames is an interrupted call told as such: it can be repeated.
        self.broken = matches!(&read, Err(error) if error.kind() != ErrorKind::Interrupted);
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What fuzzing found: after the error the decoder indexes a table that it does not have.
    const BROKEN: &[u8] =
        b"\x28\xb5\x2f\xfd\x01\x00\x00\x00\x00\x00\xfd\x01\x00\xe0\x38\xe0\xe0\xe0\xe0\
        \xe0\xe0\x21\xe0\xe0\xe0\xe0\xe0\xe0\x00\xe0\xe0\xe0\xe0\xe0\xe0\xe0\xe0\xff\
        \xe0\xe0\xe0\xe0\xe0\xe0\xb5\x2f\x00\x01\x03\x00\xb5\x2e\x2f\xfd\x01\x00\xe0\
        \x39\x00\xe0\x39\xe0\xe0\xe0\xe0\xe0\xe0\x21\xe0\xe0\xe0\xe0\xe0\xe0\x2e\x2f\
        \xfd\x01\x00\xe0\x39\x00\xe0\x39\xe0\xe0\xe0\xe0\xe0\xe0\x21\xe0\xe0\xe0\xe0\
        \xe0\xe0\xaa\xe0\x01\xe0\x39\x00\xe0\x39\xe0\xe0\xe0\xe0\xe0\xe0\x21\xe0\xe0\
        \xe0\x3b\xe0\xe0\xe0\xaa\xe0\xe0\x87\x87\x87\x87\x87\x87\x87\x87\x01\x02\x00\
        \x00\x00\x00\x01\x85\x87\x87\xe0\xe0\xe0\x87\xe0\xe0\xc2";

    #[test]
    fn after_an_error_the_decoder_is_not_asked_again() {
        let mut reader = Zstd::new(BROKEN, 8 << 20);
        assert!(copy(&mut reader, &mut sink()).is_err());
        let again = reader.read(&mut [0; 8]).unwrap_err();
        assert_eq!(again.to_string(), "a zstd frame that is broken");
    }
}

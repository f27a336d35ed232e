use std::{
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// What a decompressor may use for its window, in KiB; the tools' defaults need up to 8 MiB.
const MAX_WINDOW_KIB: u32 = 64 * 1024;

/// Decompresses gzip, zstd or xz, which the first bytes tell; other bytes pass as they are.
/// `start` are the first bytes of `input`, which still has them.
pub(crate) fn decompressor<'a>(start: &[u8], input: impl Read + 'a) -> Box<dyn Read + 'a> {
    match start {
        [0x1f, 0x8b, ..] => Box::new(UntilError::new(MultiGzDecoder::new(input))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Box::new(UntilError::new(ZstdFrames::new(input)))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let xz = XzReader::new_mem_limit(input, true, MAX_WINDOW_KIB);
            Box::new(UntilError::new(xz))
        }
        _ => Box::new(input),
    }
}

/// A decoder that is not asked on after an error, when nobody knows in which state it is.
///
/// Fuzzing found files after whose error one decoder panics (ruzstd 0.9.1: half a table) and one
/// never returns (lzma-rust2 0.25.0: a position that wrapped around). They are somebody else's
/// code, so that a panic of theirs is caught too and is an error like any other: a file that
/// somebody made for it must not end a program that only wanted to know what is in it.
struct UntilError<R> {
    decoder: R,
    broken: bool,
}

impl<R> UntilError<R> {
    fn new(decoder: R) -> Self {
        Self {
            decoder,
            broken: false,
        }
    }
}

impl<R: Read> Read for UntilError<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.broken {
            return Err(io::Error::other("compressed data that are broken"));
        }
        self.broken = true;
        let read = catch_unwind(AssertUnwindSafe(|| self.decoder.read(buffer)))
            .map_err(|_| io::Error::other("compressed data that no compressor writes"))?;
        self.broken = read.is_err();
        read
    }
}

/// All frames of a zstd file, one after the other (RFC 8878, 3).
struct ZstdFrames<R> {
    input: R,
    decoder: FrameDecoder,
}

impl<R: Read> ZstdFrames<R> {
    fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(u64::from(MAX_WINDOW_KIB) * 1024);
        Self { input, decoder }
    }

    /// Starts the next frame; `false` if there is none.
    fn start_frame(&mut self) -> io::Result<bool> {
        let mut magic = [0; 4];
        match read_up_to(&mut self.input, &mut magic)? {
            0 => return Ok(false),
            4 => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        // RFC 8878, 3.1.2: skippable frames, which parallel compressors write.
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18] = magic {
            let mut length = [0; 4];
            self.input.read_exact(&mut length)?;
            let length = u64::from(u32::from_le_bytes(length));
            let skipped = io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
            if skipped < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            return Ok(true);
        }
        let mut frame = magic.as_slice().chain(&mut self.input);
        self.decoder.init(&mut frame).map_err(io::Error::other)?;
        Ok(true)
    }
}

/// Fills `buffer` as far as the input goes.
pub(crate) fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl<R: Read> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.input, one);
                decoded.map_err(io::Error::other)?;
            } else if !self.start_frame()? {
                return Ok(0);
            }
        }
        self.decoder.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    /// `printf hello | zstd`, in a frame with a checksum.
    const HELLO: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00hello\xa3\x6d\x9f\x88";

    fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        decompressor(bytes, bytes)
            .read_to_end(&mut content)
            .map(|_| content)
    }

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

    /// The same for xz: after the error the decoder never returns.
    const BROKEN_XZ: &[u8] =
        b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\
        \x2f\xe5\xa3\xe0\x27\xff\x00\xd7\x23\x5d\x00\x3d\x1b\x09\x60\xac\x78\xf6\xbc\x42\x7e\
        \x53\xe3\x82\xa1\xe3\x3b\xed\xda\x40\x17\x3d\xc7\x1d\x3a\x57\x7e\xd8\x71\x8e\xd8\xde\
        \xb8\x2d\xcb\x7f\x54\x3b\x8b\x35\x4c\x04\x83\x8e\xab\x1d\xd1\xcb\xa5\xef\x4b\x73\xcb\
        \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
        \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
        \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
        \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
        \x01\x01\xa6\x96\x3a\x26\xcc\x3a\x23\xa2\x56\x4a\xbb\xc4\xe5\xa0\x13\xc3\x99\x73\xe2\
        \x56\xdd\xd1\xe3\xe3\x7c\x68\x2b\x16\x76\x56\x88\xd3\xea\x33\x3d\xb9\xc8\xed\x9d\x2c\
        \x05\x28\x2e\xab\xb4\xed\xec\xde\xf8\x4a\x36\x14\xa9\x82\x1d\x77\x31\x2d\x86\x01\x00\
        \x00\x00\x00\x00\x37\xf2\xf1\x49\x68\x50\x47\x79\x1b\x91\x12\xff\x5a\xb8\x0e\xc5\xe8\
        \x43\x13\xac\x2f\x26\x71\x50\x91\xeb\x2e\xb4\xf7\x39\xb9\xf5\xb9\x77\x9f\x8b\xcc\x76\
        \x5c\xe8\x35\x11\xbf\xa5\x00\x30\x17\xa9\xe7\x43\x31\x70\x13\x72\x02\xd3\x97\x2c\x73\
        \x33\x03\x54\x67\x0f\xb4\x28\x1e\xfc\xac\x8f\xa5\x4b\x5a\xf1\x23\xbb\xb6\x57\x92\xdd\
        \x71\xdd\x8c\xa4\x09\xfc\x80\x26\x94\xad\x23\x9a\x79\x33\x16\x1b\xcd\xdf\x0e\x3b\x50\
        \xa9\x82\x1d\x77\x31\x2d\x86\x01\x00\x00\x00\x00\x00\x37\xf2\xf1\x49\x68\x50\x47\x79\
        \x1b\x91\x12\xff\x5a\xb8\x0e\xc5\xe8\x43\x13\xac\x2f\x26\x71\x50\x91\xeb\x2e\xb4\x00\
        \x00\x00\x00\x59\x5a";

    #[test]
    fn after_an_error_a_decoder_is_not_asked_again() {
        for broken in [BROKEN, BROKEN_XZ] {
            assert!(unpacked(broken).is_err());
            let mut reader = decompressor(broken, broken);
            assert!(io::copy(&mut reader, &mut io::sink()).is_err());
            let again = reader.read(&mut [0; 8]).unwrap_err();
            assert_eq!(again.to_string(), "compressed data that are broken");
        }
    }

    #[test]
    fn all_frames_of_zstd_are_read() {
        let skippable = b"\x52\x2a\x4d\x18\x03\x00\x00\x00abc";
        let frames = [skippable, HELLO, skippable, HELLO].concat();
        assert_eq!(unpacked(&frames).unwrap(), b"hellohello");
        for cut in [
            frames.len() - 1,
            frames.len() - 8,
            skippable.len() - 1,
            skippable.len() + 3,
        ] {
            assert!(unpacked(frames.get(..cut).unwrap()).is_err(), "{cut}");
        }
        assert!(unpacked(&[HELLO, b"junk"].concat()).is_err());
    }

    #[test]
    fn a_window_that_is_too_large_is_refused() {
        // RFC 8878, 3.1.1.1.2: descriptor 0x88 is a window of 2^27 bytes, which decoders take.
        let frame = b"\x28\xb5\x2f\xfd\x00\x88\x29\x00\x00hello";
        assert!(unpacked(frame).is_err());
        let frame = b"\x28\xb5\x2f\xfd\x00\x50\x29\x00\x00hello";
        assert_eq!(unpacked(frame).unwrap(), b"hello");
    }

    /// `printf hello | xz --check=crc32 --lzma2=dict=4KiB`, with another dictionary size
    /// (xz file format, 5.3.1) and the CRC of the block header that goes with it.
    fn xz(dictionary: u8, header_crc: [u8; 4]) -> Vec<u8> {
        let start = b"\xfd7zXZ\0\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01";
        let end = b"\x01\x00\x04hello\x00\x00\x00\x00\x86\xa6\x10\x36\x00\x01\x19\x05\xbc\xe8\
            \xec\xcb\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01YZ";
        [&start[..], &[dictionary, 0, 0, 0], &header_crc, end].concat()
    }

    #[test]
    fn all_streams_of_xz_are_read_within_the_window() {
        let small = xz(0x00, [0x37, 0x27, 0x97, 0xd6]);
        assert_eq!(unpacked(&small).unwrap(), b"hello");
        assert_eq!(
            unpacked(&[&*small, &small].concat()).unwrap(),
            b"hellohello"
        );
        let large = xz(0x1e, [0x9b, 0x07, 0x51, 0x66]);
        assert_eq!(
            unpacked(&large).unwrap_err().kind(),
            io::ErrorKind::OutOfMemory
        );
    }

    #[test]
    fn all_members_of_gzip_are_read() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        io::Write::write_all(&mut gzip, b"hello").unwrap();
        let member = gzip.finish().unwrap();
        assert_eq!(
            unpacked(&[&*member, &member].concat()).unwrap(),
            b"hellohello"
        );
    }
}

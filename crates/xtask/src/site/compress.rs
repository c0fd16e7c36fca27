//! Compressing once, as well as it goes, so that the server never has to.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::error::Error;

/// A form that browsers accept beside the plain one.
#[derive(Clone, Copy)]
pub(super) enum Coding {
    /// Brotli, quality 11.
    Brotli,
    /// Gzip, level 9.
    Gzip,
}

impl Coding {
    /// Both, in the order of the manifest.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What is added to the name of a compressed file.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }

    /// Compresses a whole file.
    pub(super) fn compress(self, mut content: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = Error::io("compress a file");
        match self {
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality: 11,
                    lgwin: 24,
                    size_hint: content.len(),
                    ..BrotliEncoderParams::default()
                };
                let mut compressed = Vec::new();
                brotli::BrotliCompress(&mut content, &mut compressed, &parameters)
                    .map(|_| compressed)
                    .map_err(failed)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder
                    .write_all(content)
                    .and_then(|()| encoder.finish())
                    .map_err(failed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let text = b"the war room, the war room, the war room".repeat(20);

        let mut back = Vec::new();
        let brotli = Coding::Brotli.compress(&text).unwrap();
        brotli::BrotliDecompress(&mut brotli.as_slice(), &mut back).unwrap();
        assert_eq!(back, text);

        back.clear();
        let gzip = Coding::Gzip.compress(&text).unwrap();
        flate2::read::GzDecoder::new(gzip.as_slice())
            .read_to_end(&mut back)
            .unwrap();
        assert_eq!(back, text);
        assert!(brotli.len() < gzip.len() && gzip.len() < text.len());
    }
}

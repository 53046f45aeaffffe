//! `zlib.Compress`: compression piece by piece.

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Object, Raised, Ref, Room, create};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use libz_rs_sys as z;

use super::error;
use super::stream::Deflater;
use crate::system::guarded::Guarded;

#[pytype(name = "zlib.Compress", doc = "", heap, flag = DISALLOW_INSTANTIATION)]
/// A compressor.
pub(super) struct Compress {
    base: Object,
    stream: Guarded<Deflater>,
    room: Room<32>,
}

habu_runtime::assert_layout!(Compress, size 168);

impl Compress {
    fn fresh() -> Result<Ref<Compress>, Raised> {
        // The stream is started only where it stays.
        create(Compress { base: Object::of::<Compress>(), stream: Guarded::new(Deflater::new()), room: Room::new() })
    }

    pub(super) fn start(
        level: i32,
        method: i32,
        wbits: i32,
        memory: i32,
        strategy: i32,
        dictionary: Option<&[u8]>,
    ) -> Result<Ref<Compress>, Raised> {
        if dictionary.is_some_and(|dictionary| u32::try_from(dictionary.len()).is_err()) {
            return Err(raise!(OverflowError, "zdict length does not fit in an unsigned int"));
        }
        let made = Compress::fresh()?;
        let mut stream = made.stream.lock()?;
        match stream.start_deflate(level, method, wbits, memory, strategy) {
            z::Z_OK => {}
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Can't allocate memory for compression object")),
            z::Z_STREAM_ERROR => return Err(raise!(ValueError, "Invalid initialization option")),
            code => return Err(error(code, stream.text().as_deref(), "while creating compression object")),
        }
        if let Some(dictionary) = dictionary {
            match stream.set_dictionary(dictionary) {
                z::Z_OK => {}
                z::Z_STREAM_ERROR => return Err(raise!(ValueError, "Invalid dictionary")),
                _ => return Err(raise!(ValueError, "deflateSetDictionary() failed")),
            }
        }
        drop(stream);
        Ok(made)
    }

    fn duplicate(&self) -> Result<Ref<Compress>, Raised> {
        let copy = Compress::fresh()?;
        let code = {
            let mut source = self.stream.lock()?;
            copy.stream.lock()?.copy_of(&mut source)
        };
        match code {
            z::Z_OK => Ok(copy),
            z::Z_STREAM_ERROR => Err(raise!(ValueError, "Inconsistent stream state")),
            z::Z_MEM_ERROR => Err(raise!(MemoryError, "Can't allocate memory for compression object")),
            code => Err(error(code, None, "while copying compression object")),
        }
    }
}

#[pymethods]
impl Compress {
    /// Returns a bytes object containing compressed data.
    ///
    ///   data
    ///     Binary data to be compressed.
    ///
    /// After calling this function, some of the input data may still
    /// be stored in internal buffers for later processing.
    /// Call the flush() method to clear these buffers.
    #[of_class]
    fn compress(&self, data: ByteView) -> Result<Ref<Bytes>, Raised> {
        let mut stream = self.stream.lock()?;
        let done = stream.run(&data, z::Z_NO_FLUSH, usize::MAX)?;
        match done.code {
            z::Z_OK | z::Z_BUF_ERROR => Bytes::new(&done.output),
            code => Err(error(code, stream.text().as_deref(), "while compressing data")),
        }
    }

    /// Return a bytes object containing any remaining compressed data.
    ///
    ///   mode
    ///     One of the constants Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH.
    ///     If mode == Z_FINISH, the compressor object can no longer be
    ///     used after calling the flush() method.  Otherwise, more data
    ///     can still be compressed.
    #[signature(mode = z::Z_FINISH, /)]
    #[shown("($self, mode=zlib.Z_FINISH, /)")]
    #[of_class]
    fn flush(&self, mode: i32) -> Result<Ref<Bytes>, Raised> {
        if mode == z::Z_NO_FLUSH {
            return Ok(Bytes::empty());
        }
        let mut stream = self.stream.lock()?;
        let done = stream.run(&[], mode, usize::MAX)?;
        match done.code {
            z::Z_STREAM_END if mode == z::Z_FINISH => match stream.end() {
                z::Z_OK => {}
                code => return Err(error(code, None, "while finishing compression")),
            },
            z::Z_OK | z::Z_BUF_ERROR => {}
            code => return Err(error(code, stream.text().as_deref(), "while flushing")),
        }
        Bytes::new(&done.output)
    }

    /// Return a copy of the compression object.
    #[of_class]
    fn copy(&self) -> Result<Ref<Compress>, Raised> {
        self.duplicate()
    }

    #[name = "__copy__"]
    #[of_class]
    fn plain_copy(&self) -> Result<Ref<Compress>, Raised> {
        self.duplicate()
    }

    #[name = "__deepcopy__"]
    #[signature(memo, /)]
    #[of_class]
    fn deep_copy(&self, memo: &Object) -> Result<Ref<Compress>, Raised> {
        let _ = memo;
        self.duplicate()
    }
}

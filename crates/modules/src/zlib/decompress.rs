//! `zlib.Decompress`: decompression piece by piece, with limits of the output.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_BOOL, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, create};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, supports_buffer};
use habu_runtime::types::bytes::Bytes;
use libz_rs_sys as z;

use super::stream::{Inflater, Run};
use super::{DEFAULT_SIZE, error};
use crate::system::guarded::Guarded;

#[pytype(name = "zlib.Decompress", doc = "", heap, flag = DISALLOW_INSTANTIATION)]
/// A decompressor.
pub(super) struct Decompress {
    base: Object,
    /// What came behind the end of the stream.
    unused: Field<Bytes>,
    /// What was not taken because the output was limited.
    unconsumed: Field<Bytes>,
    dictionary: Field,
    eof: Cell<bool>,
    raw: bool,
    stream: Guarded<Inflater>,
}

habu_runtime::assert_layout!(Decompress, size 168);

static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"unused_data".as_ptr(),
        kind: T_OBJECT,
        offset: offset_of!(Decompress, unused) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"unconsumed_tail".as_ptr(),
        kind: T_OBJECT,
        offset: offset_of!(Decompress, unconsumed) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
    MemberDef {
        name: c"eof".as_ptr(),
        kind: T_BOOL,
        offset: offset_of!(Decompress, eof) as isize,
        flags: READONLY,
        doc: std::ptr::null(),
    },
];

impl Decompress {
    fn fresh(dictionary: Option<&Object>, raw: bool) -> Result<Ref<Decompress>, Raised> {
        create(Decompress {
            base: Object::of::<Decompress>(),
            unused: Field::new(Bytes::empty()),
            unconsumed: Field::new(Bytes::empty()),
            dictionary: Field::optional(dictionary.map(Object::to_ref)),
            eof: Cell::new(false),
            raw,
            // The stream is started only where it stays.
            stream: Guarded::new(Inflater::new()),
        })
    }

    pub(super) fn start(wbits: i32, dictionary: Option<&Object>) -> Result<Ref<Decompress>, Raised> {
        if dictionary.is_some_and(|dictionary| !supports_buffer(dictionary)) {
            return Err(raise!(TypeError, "zdict argument must support the buffer protocol"));
        }
        let made = Decompress::fresh(dictionary, wbits < 0)?;
        let code = made.stream.lock()?.start_inflate(wbits);
        match code {
            z::Z_OK => {}
            z::Z_STREAM_ERROR => return Err(raise!(ValueError, "Invalid initialization option")),
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Can't allocate memory for decompression object")),
            code => return Err(error(code, None, "while creating decompression object")),
        }
        if made.raw {
            // A raw stream never asks for its dictionary.
            made.give_dictionary()?;
        }
        Ok(made)
    }

    /// Gives the stream its dictionary, if there is one: whether there is.
    fn give_dictionary(&self) -> Result<bool, Raised> {
        let Some(dictionary) = self.dictionary.get() else { return Ok(false) };
        let view = ByteView::new(&dictionary)?;
        if u32::try_from(view.len()).is_err() {
            return Err(raise!(OverflowError, "zdict length does not fit in an unsigned int"));
        }
        let mut stream = self.stream.lock()?;
        match stream.set_dictionary(&view) {
            z::Z_OK => Ok(true),
            code => Err(error(code, stream.text().as_deref(), "while setting zdict")),
        }
    }

    /// Runs over the input, with the dictionary where the stream asks for it.
    fn run(&self, input: &[u8], flush: i32, most: usize) -> Result<Run, Raised> {
        let first = self.stream.lock()?.run(input, flush, most)?;
        if first.code != z::Z_NEED_DICT || !self.give_dictionary()? {
            return Ok(first);
        }
        let rest = input.get(first.taken..).unwrap_or(&[]);
        let mut second = self.stream.lock()?.run(rest, flush, most - first.output.len())?;
        second.taken += first.taken;
        let mut output = first.output;
        output.extend_from_slice(&second.output)?;
        second.output = output;
        Ok(second)
    }

    /// Keeps what was not taken: behind the end as unused, else for the next call.
    fn keep_rest(&self, rest: &[u8], code: i32) -> Result<(), Raised> {
        if code == z::Z_STREAM_END {
            if !rest.is_empty() {
                let before = self.unused.get();
                let mut all = habu_heap::Buffer::from_slice(before.as_deref().map_or(&[][..], Bytes::as_slice))?;
                all.extend_from_slice(rest)?;
                self.unused.set(Some(Bytes::new(&all)?));
            }
            self.unconsumed.set(Some(Bytes::empty()));
            return Ok(());
        }
        if !rest.is_empty() || self.unconsumed.get().is_some_and(|tail| tail.len() > 0) {
            self.unconsumed.set(Some(Bytes::new(rest)?));
        }
        Ok(())
    }

    fn duplicate(&self) -> Result<Ref<Decompress>, Raised> {
        let copy = Decompress::fresh(self.dictionary.get().as_deref(), self.raw)?;
        let code = {
            let mut source = self.stream.lock()?;
            copy.stream.lock()?.copy_of(&mut source)
        };
        match code {
            z::Z_OK => {}
            z::Z_STREAM_ERROR => return Err(raise!(ValueError, "Inconsistent stream state")),
            z::Z_MEM_ERROR => return Err(raise!(MemoryError, "Can't allocate memory for decompression object")),
            code => return Err(error(code, None, "while copying decompression object")),
        }
        copy.unused.set(self.unused.get());
        copy.unconsumed.set(self.unconsumed.get());
        copy.eof.set(self.eof.get());
        Ok(copy)
    }
}

#[pymethods(members = MEMBERS)]
impl Decompress {
    /// Return a bytes object containing the decompressed version of the data.
    ///
    ///   data
    ///     The binary data to decompress.
    ///   max_length
    ///     The maximum allowable length of the decompressed data.
    ///     Unconsumed input data will be stored in
    ///     the unconsumed_tail attribute.
    ///
    /// After calling this function, some of the input data may still be stored in
    /// internal buffers for later processing.
    /// Call the flush() method to clear these buffers.
    #[signature(data, /, max_length = 0)]
    fn decompress(&self, data: ByteView, max_length: isize) -> Result<Ref<Bytes>, Raised> {
        let most = match usize::try_from(max_length) {
            Err(_) => return Err(raise!(ValueError, "max_length must be non-negative")),
            Ok(0) => usize::MAX,
            Ok(most) => most,
        };
        let done = self.run(&data, z::Z_SYNC_FLUSH, most)?;
        self.keep_rest(data.get(done.taken..).unwrap_or(&[]), done.code)?;
        match done.code {
            z::Z_STREAM_END => self.eof.set(true),
            z::Z_OK | z::Z_BUF_ERROR => {}
            code => return Err(error(code, self.stream.lock()?.text().as_deref(), "while decompressing data")),
        }
        Bytes::new(&done.output)
    }

    /// Return a bytes object containing any remaining decompressed data.
    ///
    ///   length
    ///     the initial size of the output buffer.
    #[signature(length = DEFAULT_SIZE, /)]
    #[shown("($self, length=zlib.DEF_BUF_SIZE, /)")]
    #[of_class]
    fn flush(&self, length: isize) -> Result<Ref<Bytes>, Raised> {
        if length <= 0 {
            return Err(raise!(ValueError, "length must be greater than zero"));
        }
        let tail = self.unconsumed.get().unwrap_or_else(Bytes::empty);
        let done = self.run(tail.as_slice(), z::Z_FINISH, usize::MAX)?;
        self.keep_rest(tail.as_slice().get(done.taken..).unwrap_or(&[]), done.code)?;
        if done.code == z::Z_STREAM_END {
            self.eof.set(true);
            let code = self.stream.lock()?.end();
            if code != z::Z_OK {
                return Err(error(code, None, "while finishing decompression"));
            }
        }
        Bytes::new(&done.output)
    }

    /// Return a copy of the decompression object.
    #[of_class]
    fn copy(&self) -> Result<Ref<Decompress>, Raised> {
        self.duplicate()
    }

    #[name = "__copy__"]
    #[of_class]
    fn plain_copy(&self) -> Result<Ref<Decompress>, Raised> {
        self.duplicate()
    }

    #[name = "__deepcopy__"]
    #[signature(memo, /)]
    #[of_class]
    fn deep_copy(&self, memo: &Object) -> Result<Ref<Decompress>, Raised> {
        let _ = memo;
        self.duplicate()
    }
}

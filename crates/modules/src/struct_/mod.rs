//! `_struct`: Python values as bytes in the layout of C structs.
//!
//! `layout` compiles a format, `values` converts; this file has `Struct`, its iterator, and the functions of the module, which keep
//! the formats used last.

mod layout;
mod values;

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::exceptions::hierarchy::EXCEPTION_TYPE;
use habu_runtime::exceptions::raise_text;
use habu_runtime::object::protocol::call_method;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit, create, instantiate};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::fill::{set_type, static_exception};
use layout::Layout;

static_exception!(
    /// `struct.error`
    pub ERROR,
    "struct.error",
    EXCEPTION_TYPE
);

/// Raises `struct.error`.
#[cold]
fn error(message: std::fmt::Arguments<'_>) -> Raised {
    raise_text(&ERROR.ty, message)
}

/// Struct(fmt) --> compiled struct object
#[pytype(name = "_struct.Struct", generic_get, generic_set, doc = "Struct(fmt) --> compiled struct object\n\n", gc, heap, immutable, basetype, weaklist = weaklist)]
pub struct Struct {
    base: Object,
    size: Cell<isize>,
    count: Cell<isize>,
    layout: Field<Layout>,
    #[traverse]
    format: Field<Bytes>,
    weaklist: Cell<*const Object>,
}

habu_runtime::assert_layout!(Struct, size 56, weaklist @ 48);

/// The bytes of the format.
fn format_bytes(format: &Object) -> Result<Ref<Bytes>, Raised> {
    if let Some(bytes) = format.downcast::<Bytes>() {
        return Ok(Ref::from_borrowed(bytes));
    }
    if let Some(text) = format.downcast::<Str>() {
        if let Some(text) = text.as_ascii() {
            return Bytes::new(text.as_bytes());
        }
        // Raises UnicodeEncodeError.
        let encoded = call_method(text, &*Str::intern("encode")?, &[&*Str::intern("ascii")?])?;
        if let Ok(bytes) = encoded.downcast_into::<Bytes>() {
            return Ok(bytes);
        }
    }
    Err(raise!(TypeError, "Struct() argument 1 must be a str or bytes object, not {}", format.ty().full_name()))
}

/// Refuses a number of values other than the format's.
fn check_count(function: &str, expected: isize, given: usize) -> Result<(), Raised> {
    if given as isize != expected {
        return Err(error(format_args!("{function} expected {expected} items for packing (got {given})")));
    }
    Ok(())
}

#[pymethods(with(METHODS))]
impl Struct {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Struct>, Raised> {
        let _ = (args, kwargs);
        instantiate(cls, Struct::unset())
    }

    #[hidden]
    fn unset() -> Struct {
        Struct {
            base: Object::of::<Struct>(),
            size: Cell::new(-1),
            count: Cell::new(-1),
            layout: Field::empty(),
            format: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
        }
    }

    #[slot(tp_init)]
    #[signature(format)]
    fn init(&self, format: &Object) -> Result<(), Raised> {
        let format = format_bytes(format)?;
        let layout = layout::compile(format.as_slice())?;
        self.size.set(layout.size as isize);
        self.count.set(layout.count as isize);
        self.layout.set(Some(layout));
        self.format.set(Some(format));
        Ok(())
    }

    /// An exact instance.
    #[hidden]
    fn make(format: &Object) -> Result<Ref<Struct>, Raised> {
        let made = create(Struct::unset())?;
        made.init(format)?;
        Ok(made)
    }

    /// The layout; an object without `__init__` has none.
    #[hidden]
    fn layout(&self) -> Result<Ref<Layout>, Raised> {
        self.layout.get().ok_or_else(|| raise!(RuntimeError, "Struct object is not initialized"))
    }

    /// struct format string
    #[getter]
    fn format(&self) -> Result<Ref<Str>, Raised> {
        match self.format.get() {
            Some(format) => Str::from_latin1(format.as_slice()),
            None => Str::new(""),
        }
    }

    /// struct size in bytes
    #[getter]
    fn size(&self) -> Result<isize, Raised> {
        Ok(self.size.get())
    }

    #[hidden]
    fn pack_values(&self, values: &[&Object]) -> Result<Ref<Bytes>, Raised> {
        check_count("pack", self.count.get(), values.len())?;
        let layout = self.layout()?;
        let mut packed = Ok(());
        let bytes = Bytes::build(layout.size, |out| packed = values::pack(&layout, values, out))?;
        if layout.size == 0 {
            packed = values::pack(&layout, values, &mut []);
        }
        packed?;
        Ok(bytes)
    }

    #[hidden]
    fn pack_values_into(&self, arguments: &[&Object]) -> Result<(), Raised> {
        let [buffer, offset, values @ ..] = arguments else {
            let missing = if arguments.is_empty() { "buffer" } else { "offset" };
            return Err(error(format_args!("pack_into expected {missing} argument")));
        };
        check_count("pack_into", self.count.get(), values.len())?;
        let layout = self.layout()?;
        let view = writable(buffer)?;
        let offset = index_as_size(offset, Some(habu_runtime::exceptions::exc::IndexError()))?;
        let window = window(&layout, view.len(), offset, &PACK)?;
        let mut packed = Buffer::new();
        packed.resize(layout.size, 0u8)?;
        values::pack(&layout, values, &mut packed)?;
        view.write(window.start, &packed);
        Ok(())
    }

    #[hidden]
    fn unpack_all(&self, buffer: &Object) -> Result<Ref<Tuple>, Raised> {
        let layout = self.layout()?;
        let check = |length: usize| {
            if length == layout.size {
                return Ok(());
            }
            Err(error(format_args!("unpack requires a buffer of {} bytes", layout.size)))
        };
        if let Some(bytes) = buffer.downcast_exact::<Bytes>() {
            check(bytes.len())?;
            return values::unpack(&layout, bytes.as_slice());
        }
        let view = ByteView::new(buffer)?;
        check(view.len())?;
        values::unpack(&layout, &view.to_buffer()?)
    }

    #[hidden]
    fn unpack_at(&self, buffer: &Object, offset: isize) -> Result<Ref<Tuple>, Raised> {
        let layout = self.layout()?;
        if let Some(bytes) = buffer.downcast_exact::<Bytes>() {
            // They never change: nothing need be lent or copied.
            let window = window(&layout, bytes.len(), offset, &UNPACK)?;
            return values::unpack(&layout, &bytes.as_slice()[window]);
        }
        let view = ByteView::new(buffer)?;
        let window = window(&layout, view.len(), offset, &UNPACK)?;
        values::unpack(&layout, &Buffer::from_slice(&view[window])?)
    }

    #[hidden]
    fn iterate(&self, buffer: &Object) -> Result<Ref<UnpackIterator>, Raised> {
        let layout = self.layout()?;
        if layout.size == 0 {
            return Err(error(format_args!("cannot iteratively unpack with a struct of length 0")));
        }
        let view = ByteView::new(buffer)?;
        if view.len() % layout.size != 0 {
            let size = layout.size;
            return Err(error(format_args!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
        }
        create(UnpackIterator {
            base: Object::of::<UnpackIterator>(),
            format: Field::new(Ref::from_borrowed(self)),
            view: Cell::new(view),
            at: Cell::new(0),
        })
    }
}

/// What a function says of a buffer that is too short.
struct Words {
    function: &'static str,
    doing: &'static str,
    short: &'static str,
}

const PACK: Words = Words { function: "pack_into", doing: "packing", short: "no space to pack" };
const UNPACK: Words = Words { function: "unpack_from", doing: "unpacking", short: "not enough data to unpack" };

/// What a function reads or writes of so many bytes.
fn window(layout: &Layout, length: usize, offset: isize, words: &Words) -> Result<std::ops::Range<usize>, Raised> {
    let (size, length) = (layout.size as isize, length as isize);
    let start = if offset < 0 {
        if offset + size > 0 {
            return Err(error(format_args!("{} {size} bytes at offset {offset}", words.short)));
        }
        if offset + length < 0 {
            return Err(error(format_args!("offset {offset} out of range for {length}-byte buffer")));
        }
        offset + length
    } else {
        offset
    };
    if length - start < size {
        let least = (start as usize).saturating_add(layout.size);
        return Err(error(format_args!(
            "{} requires a buffer of at least {least} bytes for {} {size} bytes at offset {start} \
             (actual buffer size is {length})",
            words.function, words.doing
        )));
    }
    Ok(start as usize..start as usize + layout.size)
}

/// The object's memory, to be written.
fn writable(object: &Object) -> Result<ByteView, Raised> {
    ByteView::writable(object).map_err(|raised| {
        raised.clear();
        raise!(
            TypeError,
            "argument must be read-write bytes-like object, not {}",
            habu_runtime::object::args::shown_type(object)
        )
    })
}

#[pymethods(table = METHODS)]
impl Struct {
    /// Return an iterator yielding tuples.
    ///
    /// Tuples are unpacked from the given bytes source, like a repeated
    /// invocation of unpack_from().
    ///
    /// Requires that the bytes length be a multiple of the struct size.
    fn iter_unpack(&self, buffer: &Object) -> Result<Ref<UnpackIterator>, Raised> {
        self.iterate(buffer)
    }

    /// S.pack(v1, v2, ...) -> bytes
    ///
    /// Return a bytes object containing values v1, v2, ... packed according
    /// to the format string S.format.  See help(struct) for more on format
    /// strings.
    #[no_signature]
    #[signature(*values)]
    fn pack(&self, values: &[&Object]) -> Result<Ref<Bytes>, Raised> {
        self.pack_values(values)
    }

    /// S.pack_into(buffer, offset, v1, v2, ...)
    ///
    /// Pack the values v1, v2, ... according to the format string S.format
    /// and write the packed bytes into the writable buffer buf starting at
    /// offset.  Note that the offset is a required argument.  See
    /// help(struct) for more on format strings.
    #[no_signature]
    #[signature(*arguments)]
    fn pack_into(&self, arguments: &[&Object]) -> Result<(), Raised> {
        self.pack_values_into(arguments)
    }

    /// Return a tuple containing unpacked values.
    ///
    /// Unpack according to the format string Struct.format. The buffer's size
    /// in bytes must be Struct.size.
    ///
    /// See help(struct) for more on format strings.
    fn unpack(&self, buffer: &Object) -> Result<Ref<Tuple>, Raised> {
        self.unpack_all(buffer)
    }

    /// Return a tuple containing unpacked values.
    ///
    /// Values are unpacked according to the format string Struct.format.
    ///
    /// The buffer's size in bytes, starting at position offset, must be
    /// at least Struct.size.
    ///
    /// See help(struct) for more on format strings.
    #[signature(buffer, offset = 0)]
    fn unpack_from(&self, buffer: &Object, offset: isize) -> Result<Ref<Tuple>, Raised> {
        self.unpack_at(buffer, offset)
    }

    /// S.__sizeof__() -> size of S in memory, in bytes
    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        // One entry of 32 bytes for each run of values and one more, as in CPython.
        let items = self.layout.get().map_or(0, |layout| layout.items.len() + 1);
        Ok(size_of::<Struct>() + 32 * items)
    }
}

/// An iterator over structs of one format.
#[pytype(name = "_struct.unpack_iterator", generic_get, doc = "", gc, heap, immutable)]
pub struct UnpackIterator {
    base: Object,
    /// The format; none at the end.
    format: Field<Struct>,
    /// The memory; nothing at the end.
    view: Cell<ByteView>,
    at: Cell<usize>,
}

habu_runtime::assert_layout!(UnpackIterator, size 112);

impl UnpackIterator {
    fn layout(&self) -> Option<Ref<Layout>> {
        self.format.get()?.layout.get()
    }
}

#[pymethods]
impl UnpackIterator {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let _ = (args, kwargs);
        // CPython's words, with one quote.
        Err(raise!(TypeError, "Cannot create '{} objects", cls.name()))
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        visit.object(self.ty())?;
        self.format.traverse(visit)?;
        let view = self.view.replace(ByteView::nothing());
        let shown = view.object().map_or(Ok(()), |object| visit.object(object));
        self.view.set(view);
        shown
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(layout) = self.layout() else { return Ok(None) };
        let view = self.view.replace(ByteView::nothing());
        let start = self.at.get();
        let end = start + layout.size;
        if end > view.len() {
            // The memory is given back, which may run Python code.
            drop(view);
            self.format.set(None);
            return Ok(None);
        }
        self.at.set(end);
        let bytes = Buffer::from_slice(&view[start..end]);
        self.view.set(view);
        Ok(Some(values::unpack(&layout, &bytes?)?.into_object()))
    }

    #[no_signature]
    fn __length_hint__(&self) -> Result<usize, Raised> {
        let Some(layout) = self.layout() else { return Ok(0) };
        let view = self.view.replace(ByteView::nothing());
        let rest = view.len().saturating_sub(self.at.get()) / layout.size.max(1);
        self.view.set(view);
        Ok(rest)
    }
}

/// The formats kept by the module's functions.
const CACHE_SIZE: usize = 100;

/// The compiled form of a format, from those used last if it is there.
fn cached(format: &Object) -> Result<Ref<Struct>, Raised> {
    let interpreter = Thread::current().interpreter();
    let cache = match interpreter.struct_formats.get() {
        Some(cache) => cache,
        None => {
            let cache = Dict::new()?;
            interpreter.struct_formats.set(Some(cache.clone()));
            cache
        }
    };
    if let Some(found) = cache.get(format)?
        && let Ok(found) = found.downcast_into::<Struct>()
    {
        return Ok(found);
    }
    let made = Struct::make(format)?;
    if cache.len() >= CACHE_SIZE {
        let fresh = Dict::new()?;
        fresh.set(format, &made)?;
        interpreter.struct_formats.set(Some(fresh));
    } else {
        cache.set(format, &made)?;
    }
    Ok(made)
}

/// The format and the arguments after it.
fn with_format<'a>(arguments: &'a [&'a Object]) -> Result<(Ref<Struct>, &'a [&'a Object]), Raised> {
    match arguments.split_first() {
        Some((format, rest)) => Ok((cached(format)?, rest)),
        None => Err(raise!(TypeError, "missing format argument")),
    }
}

/// The module.
pub struct StructModule;

/// Functions to convert between Python values and C structs.
/// Python bytes objects are used to hold the data representing the C struct
/// and also as format strings (explained below) to describe the layout of data
/// in the C struct.
///
/// The optional first format char indicates byte order, size and alignment:
///   @: native order, size & alignment (default)
///   =: native order, std. size & alignment
///   <: little-endian, std. size & alignment
///   >: big-endian, std. size & alignment
///   !: same as >
///
/// The remaining chars indicate types of args and must match exactly;
/// these can be preceded by a decimal repeat count:
///   x: pad byte (no data); c:char; b:signed byte; B:unsigned byte;
///   ?: _Bool (requires C99; if not available, char is used instead)
///   h:short; H:unsigned short; i:int; I:unsigned int;
///   l:long; L:unsigned long; f:float; d:double; e:half-float.
/// Special cases (preceding decimal count indicates length):
///   s:string (array of char); p: pascal string (with count byte).
/// Special cases (only available in native format):
///   n:ssize_t; N:size_t;
///   P:an integer type that is wide enough to hold a pointer.
/// Special case (not in native mode unless 'long long' in platform C):
///   q:long long; Q:unsigned long long
/// Whitespace between formats is ignored.
///
/// The variable struct.error is an exception raised on errors.
#[pymodule(name = "_struct")]
impl StructModule {
    /// Clear the internal cache.
    #[name = "_clearcache"]
    fn clear_cache() -> Result<(), Raised> {
        Thread::current().interpreter().struct_formats.set(None);
        Ok(())
    }

    /// Return size in bytes of the struct described by the format string.
    fn calcsize(format: &Object) -> Result<isize, Raised> {
        Ok(cached(format)?.size.get())
    }

    /// Return an iterator yielding tuples unpacked from the given bytes.
    ///
    /// The bytes are unpacked according to the format string, like
    /// a repeated invocation of unpack_from().
    ///
    /// Requires that the bytes length be a multiple of the format struct size.
    fn iter_unpack(format: &Object, buffer: &Object) -> Result<Ref<UnpackIterator>, Raised> {
        cached(format)?.iterate(buffer)
    }

    /// pack(format, v1, v2, ...) -> bytes
    ///
    /// Return a bytes object containing the values v1, v2, ... packed according
    /// to the format string.  See help(struct) for more on format strings.
    #[no_signature]
    #[signature(*arguments)]
    fn pack(arguments: &[&Object]) -> Result<Ref<Bytes>, Raised> {
        let (format, values) = with_format(arguments)?;
        format.pack_values(values)
    }

    /// pack_into(format, buffer, offset, v1, v2, ...)
    ///
    /// Pack the values v1, v2, ... according to the format string and write
    /// the packed bytes into the writable buffer buf starting at offset.  Note
    /// that the offset is a required argument.  See help(struct) for more
    /// on format strings.
    #[no_signature]
    #[signature(*arguments)]
    fn pack_into(arguments: &[&Object]) -> Result<(), Raised> {
        let (format, rest) = with_format(arguments)?;
        format.pack_values_into(rest)
    }

    /// Return a tuple containing values unpacked according to the format string.
    ///
    /// The buffer's size in bytes must be calcsize(format).
    ///
    /// See help(struct) for more on format strings.
    fn unpack(format: &Object, buffer: &Object) -> Result<Ref<Tuple>, Raised> {
        cached(format)?.unpack_all(buffer)
    }

    /// Return a tuple containing values unpacked according to the format string.
    ///
    /// The buffer's size, minus offset, must be at least calcsize(format).
    ///
    /// See help(struct) for more on format strings.
    #[signature(format, /, buffer, offset = 0)]
    fn unpack_from(format: &Object, buffer: &Object, offset: isize) -> Result<Ref<Tuple>, Raised> {
        cached(format)?.unpack_at(buffer, offset)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        use habu_runtime::types::type_::ready::ready_static;
        ready_static(Layout::static_type())?;
        module.ready_type(UnpackIterator::static_type())?;
        set_type(module, "Struct", STRUCT_TYPE)?;
        set_type(module, "error", ERROR)
    }
}

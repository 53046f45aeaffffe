//! Objects from marshalled bytes. Code objects are verified before they may run.

use habu_bytecode::marshal::{Builder, CodeParts, Container, MarshalError, Reader, Source};
use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::code::{Code, Parts};
use habu_runtime::types::complex::Complex;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::set::{FrozenSet, Set};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, ellipsis, none};

/// What stops a reading.
pub(crate) enum Failure {
    /// The format is broken.
    Format(MarshalError),
    /// An exception is set.
    Raised(Raised),
}

impl From<MarshalError> for Failure {
    fn from(error: MarshalError) -> Failure {
        Failure::Format(error)
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Failure {
        Failure::Raised(raised)
    }
}

impl From<habu_heap::OutOfMemory> for Failure {
    fn from(error: habu_heap::OutOfMemory) -> Failure {
        Failure::Raised(error.into())
    }
}

impl Failure {
    fn raise(self) -> Raised {
        match self {
            Failure::Format(error) => super::raise_marshal(&error),
            Failure::Raised(raised) => raised,
        }
    }
}

/// Makes objects.
struct Objects;

/// A container that is being filled; tuples and frozen sets are made when they are complete.
enum Open {
    Items(Buffer<Ref>, Container),
    List(Ref<List>),
    Set(Ref<Set>),
    Dict(Ref<Dict>),
}

impl Builder for Objects {
    type Value = Ref;
    type Open = Open;
    type Error = Failure;

    fn singleton(&mut self, code: u8) -> Result<Ref, Failure> {
        Ok(match code {
            b'T' => boolean(true),
            b'F' => boolean(false),
            b'.' => ellipsis(),
            b'S' => exc::StopIteration().to_ref(),
            _ => none(),
        })
    }

    fn int(&mut self, value: i64) -> Result<Ref, Failure> {
        Ok(Int::from_i64(value)?.into_object())
    }

    fn long(&mut self, negative: bool, digits: &[u8]) -> Result<Ref, Failure> {
        let count = digits.len() / 2;
        let digit = |index: usize| u32::from(u16::from_le_bytes([digits[2 * index], digits[2 * index + 1]]));
        let number = Int::build(count.div_ceil(2), negative, |to| {
            for (index, place) in to.iter_mut().enumerate() {
                let high = if 2 * index + 1 < count { digit(2 * index + 1) } else { 0 };
                *place = digit(2 * index) | high << 15;
            }
            to.len()
        })?;
        Ok(number.into_object())
    }

    fn float(&mut self, value: f64) -> Result<Ref, Failure> {
        Ok(Float::new(value)?.into_object())
    }

    fn complex(&mut self, real: f64, imaginary: f64) -> Result<Ref, Failure> {
        Ok(Complex::new(habu_numbers::complex::Complex { real, imag: imaginary })?.into_object())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Ref, Failure> {
        Ok(Bytes::new(bytes)?.into_object())
    }

    fn latin1(&mut self, bytes: &[u8], interned: bool) -> Result<Ref, Failure> {
        let text = Str::from_latin1(bytes)?;
        Ok(if interned { habu_runtime::types::str::intern::intern(text) } else { text }.into_object())
    }

    fn unicode(&mut self, bytes: &[u8], interned: bool) -> Result<Ref, Failure> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Str::new(text)?,
            Err(_) => decode_with_surrogates(bytes)?,
        };
        Ok(if interned { habu_runtime::types::str::intern::intern(text) } else { text }.into_object())
    }

    fn open(&mut self, kind: Container, length: usize) -> Result<Open, Failure> {
        Ok(match kind {
            Container::Dict => Open::Dict(Dict::new()?),
            Container::Set => Open::Set(Set::new()?),
            Container::List => Open::List(List::new()?),
            // The length is no more than the number of bytes that are left.
            kind => Open::Items(Buffer::with_capacity(length.min(64))?, kind),
        })
    }

    fn early(&mut self, open: &Open) -> Result<Option<Ref>, Failure> {
        Ok(match open {
            Open::List(list) => Some(list.to_ref()),
            Open::Set(set) => Some(set.to_ref()),
            Open::Dict(dict) => Some(dict.to_ref()),
            Open::Items(..) => None,
        })
    }

    fn push(&mut self, open: &mut Open, key: Option<Ref>, item: Ref) -> Result<(), Failure> {
        match open {
            Open::Items(items, _) => items.push(item)?,
            Open::List(list) => list.push(item)?,
            Open::Set(set) => set.add_item(&item)?,
            Open::Dict(dict) => {
                if let Some(key) = key {
                    dict.set(&key, &item)?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, open: Open) -> Result<Ref, Failure> {
        Ok(match open {
            Open::List(list) => list.into_object(),
            Open::Items(items, Container::FrozenSet) => FrozenSet::from_refs(&items)?.into_object(),
            Open::Items(items, _) => Tuple::from_buffer(items)?.into_object(),
            Open::Set(set) => set.into_object(),
            Open::Dict(dict) => dict.into_object(),
        })
    }

    fn code(&mut self, parts: CodeParts<Ref>) -> Result<Ref, Failure> {
        Ok(code_from_parts(parts)?.into_object())
    }

    fn share(&mut self, value: &Ref) -> Result<Ref, Failure> {
        Ok(value.clone())
    }
}

fn decode_with_surrogates(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    let object = Bytes::new(bytes)?;
    let (encoding, errors) = (Str::intern("utf-8")?, Str::intern("surrogatepass")?);
    let text = protocol::call_method(&object, &*Str::intern("decode")?, &[&encoding, &errors])?;
    text.downcast_into::<Str>().map_err(|_| raise!(TypeError, "decoder did not return a string"))
}

/// A code object of marshalled parts: their types are checked, then the code is verified.
fn code_from_parts(parts: CodeParts<Ref>) -> Result<Ref<Code>, Raised> {
    let [code, consts, names, locals, kinds, filename, name, qualname, lines, handlers] = parts.objects;
    let number = |value: i32| u32::try_from(value).map_err(|_| raise!(ValueError, "code: negative field"));
    let code: Ref<Bytes> = part(code)?;
    let built = Parts {
        counts: (number(parts.argcount)?, number(parts.posonlyargcount)?, number(parts.kwonlyargcount)?),
        stacksize: number(parts.stacksize)?,
        flags: parts.flags as u32,
        firstlineno: parts.firstlineno,
        consts: part(consts)?,
        names: part(names)?,
        localsplusnames: part(locals)?,
        localspluskinds: part(kinds)?,
        filename: part(filename)?,
        name: part(name)?,
        qualname: part(qualname)?,
        linetable: part(lines)?,
        exceptiontable: part(handlers)?,
    };
    Code::from_untrusted_parts(built, code.as_slice())
}

/// A part of a code object, which must be of the right type.
fn part<T: PyType>(object: Ref) -> Result<Ref<T>, Raised> {
    object.downcast_into::<T>().map_err(|_| raise!(SystemError, "bad argument to internal function"))
}

/// The object at the start of `data`.
pub fn loads(data: &[u8]) -> Result<Ref, Raised> {
    Reader::new(data, &mut Objects).read().map_err(Failure::raise)
}

/// A file object that is read piece by piece, no further than the object goes.
struct File<'a> {
    file: &'a Object,
    kept: Vec<u8>,
}

impl Source<Failure> for File<'_> {
    fn take(&mut self, count: usize) -> Result<Option<&[u8]>, Failure> {
        let read = || -> Result<Vec<u8>, Raised> {
            // Into memory of the size that is wanted, so that not more is read.
            let memory = ByteArray::new(&[])?;
            memory.resize(count)?;
            let view = protocol::call1(
                <habu_runtime::types::memoryview::MemoryView as habu_runtime::object::PyType>::type_object(),
                &memory,
            )?;
            let read = protocol::call_method(self.file, &*Str::intern("readinto")?, &[&view])?;
            let read = protocol::number::index_as_size(&read, None)?;
            let read = usize::try_from(read).unwrap_or(0);
            if read > count {
                return Err(raise!(
                    ValueError,
                    "read() returned too much data: {count} bytes requested, {read} returned"
                ));
            }
            Ok(memory.lend(|bytes| bytes.get(..read).unwrap_or_default().to_vec()))
        };
        self.kept = read()?;
        Ok((self.kept.len() == count).then_some(&self.kept))
    }
}

/// The next object of a file.
pub fn load(file: &Object) -> Result<Ref, Raised> {
    // A file of text is refused before anything is read.
    let piece = protocol::call_method(file, &*Str::intern("read")?, &[&*Int::from_i64(0)?])?;
    if !piece.isinstance::<Bytes>() {
        return Err(raise!(TypeError, "file.read() returned not bytes but {}", piece.ty().full_name()));
    }
    Reader::new(File { file, kept: vec![] }, &mut Objects).read().map_err(Failure::raise)
}

/// Bytes that a function gives, at most as many as it is asked for.
struct Pieces<'a> {
    read: &'a mut dyn FnMut(usize) -> Vec<u8>,
    kept: Vec<u8>,
}

impl Source<Failure> for Pieces<'_> {
    fn take(&mut self, count: usize) -> Result<Option<&[u8]>, Failure> {
        self.kept = (self.read)(count);
        Ok((self.kept.len() == count).then_some(&self.kept))
    }
}

/// The next object of what `read` gives; no more is read than the object takes.
pub fn load_pieces(read: &mut dyn FnMut(usize) -> Vec<u8>) -> Result<Ref, Raised> {
    Reader::new(Pieces { read, kept: vec![] }, &mut Objects).read().map_err(Failure::raise)
}

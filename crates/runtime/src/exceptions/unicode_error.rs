//! UnicodeEncodeError, UnicodeDecodeError and UnicodeTranslateError: one layout (`PyUnicodeErrorObject`), three forms of text.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::members::{members, object, size};
use crate::exceptions::hierarchy::UNICODE_ERROR_TYPE;
use crate::exceptions::{BaseException, exc, raise_object};
use crate::object::protocol::number::index_as_size;
use crate::object::{Field, MemberDef, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::buffer::ByteView;
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// What the three have in common.
#[repr(C)]
pub struct UnicodeErrorFields {
    /// What every exception has.
    pub base: BaseException,
    /// The codec.
    pub encoding: Field,
    /// What was being encoded, decoded or translated.
    pub object: Field,
    /// Where the trouble starts.
    pub start: Cell<isize>,
    /// Where it ends.
    pub end: Cell<isize>,
    /// What the trouble is.
    pub reason: Field,
}

crate::assert_layout!(UnicodeErrorFields, size 112, encoding @ 72, object @ 80, start @ 88, end @ 96, reason @ 104);
crate::ends_in_order!(UnicodeErrorFields: encoding, object, reason);

impl crate::object::Traverse for UnicodeErrorFields {
    fn traverse(&self, visit: &crate::object::Visit) -> Result<(), crate::object::Stopped> {
        self.encoding.traverse(visit)?;
        self.object.traverse(visit)?;
        self.reason.traverse(visit)?;
        self.base.traverse(visit)
    }

    fn clear(&self) {
        self.base.clear();
        self.encoding.clear();
        self.object.clear();
        self.reason.clear();
    }
}

static MEMBERS: &[MemberDef] = members![
    object(c"encoding", std::mem::offset_of!(UnicodeErrorFields, encoding), c"exception encoding"),
    object(c"object", std::mem::offset_of!(UnicodeErrorFields, object), c"exception object"),
    size(c"start", std::mem::offset_of!(UnicodeErrorFields, start), c"exception start"),
    size(c"end", std::mem::offset_of!(UnicodeErrorFields, end), c"exception end"),
    object(c"reason", std::mem::offset_of!(UnicodeErrorFields, reason), c"exception reason"),
];

/// Unicode encoding error.
#[pytype(name = "UnicodeEncodeError", gc, basetype, base = UNICODE_ERROR_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct UnicodeEncodeError {
    /// The fields.
    #[traverse]
    pub base: UnicodeErrorFields,
}

/// Unicode decoding error.
#[pytype(name = "UnicodeDecodeError", gc, basetype, base = UNICODE_ERROR_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct UnicodeDecodeError {
    /// The fields.
    #[traverse]
    pub base: UnicodeErrorFields,
}

/// Unicode translation error.
#[pytype(name = "UnicodeTranslateError", gc, basetype, base = UNICODE_ERROR_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct UnicodeTranslateError {
    /// The fields.
    #[traverse]
    pub base: UnicodeErrorFields,
}

/// The argument at `index` as a string.
fn text_argument(args: &Tuple, index: usize) -> Result<Ref, Raised> {
    let argument = &args.as_slice()[index];
    if !argument.isinstance::<Str>() {
        let name = if crate::types::singletons::is_none(argument) { "None" } else { argument.ty().full_name() };
        return Err(raise!(TypeError, "argument {} must be str, not {name}", index + 1));
    }
    Ok(argument.clone())
}

fn size_argument(args: &Tuple, index: usize) -> Result<isize, Raised> {
    index_as_size(&args.as_slice()[index], Some(exc::OverflowError()))
}

impl UnicodeErrorFields {
    /// Takes the arguments in; `has_encoding` for all but the translation error, `is_text` for all but the decoding error.
    fn parse(&self, args: &Tuple, has_encoding: bool, is_text: bool) -> Result<(), Raised> {
        let count = 4 + usize::from(has_encoding);
        if args.len() != count {
            return Err(raise!(TypeError, "function takes exactly {count} arguments ({} given)", args.len()));
        }
        let mut at = 0;
        let mut encoding = None;
        if has_encoding {
            encoding = Some(text_argument(args, 0)?);
            at = 1;
        }
        let mut object = if is_text { text_argument(args, at)? } else { args.as_slice()[at].clone() };
        let (start, end) = (size_argument(args, at + 1)?, size_argument(args, at + 2)?);
        let reason = text_argument(args, at + 3)?;
        if !is_text && object.ty().buffer().is_none_or(|suite| suite.bf_getbuffer.get().is_none()) {
            return Err(raise!(TypeError, "a bytes-like object is required, not '{}'", object.ty().full_name()));
        }
        if !is_text && !object.isinstance::<Bytes>() {
            // What can change is copied.
            let bytes = ByteView::new(&object)?.to_buffer()?;
            object = Bytes::new(&bytes)?.into_object();
        }
        self.start.set(start);
        self.end.set(end);
        self.encoding.set(encoding);
        self.object.set(Some(object));
        self.reason.set(Some(reason));
        Ok(())
    }

    /// The codec's name and the reason as text; None for an exception that was not initialised.
    fn texts(&self) -> Result<Option<(Ref, Ref<Str>, Ref<Str>)>, Raised> {
        let Some(object) = self.object.get() else { return Ok(None) };
        let text = |field: &Field| -> Result<Ref<Str>, Raised> {
            match field.get() {
                Some(value) => protocol::str(&value),
                None => protocol::str(&crate::types::none()),
            }
        };
        let reason = text(&self.reason)?;
        let encoding = text(&self.encoding)?;
        Ok(Some((object, encoding, reason)))
    }

    /// The character that the error is about, when it is exactly one.
    fn one_character(&self, object: &Object) -> Option<u32> {
        let (start, end) = (self.start.get(), self.end.get());
        let text = object.downcast::<Str>()?;
        (start >= 0 && (start as usize) < text.len() && Some(end) == start.checked_add(1))
            .then(|| text.chars().at(start as usize))
    }
}

/// A character as an escape.
fn escape(character: u32) -> String {
    match character {
        0..=0xff => format!("\\x{character:02x}"),
        0x100..=0xffff => format!("\\u{character:04x}"),
        _ => format!("\\U{character:08x}"),
    }
}

/// `before encoding between reason`, where the texts may have any characters.
fn join(parts: &[&Str]) -> Result<Ref<Str>, Raised> {
    let mut text = protocol::TextBuilder::new();
    for part in parts {
        text.push(part)?;
    }
    text.finish()
}

#[pymethods(members = MEMBERS)]
impl UnicodeEncodeError {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<BaseException>, Raised> {
        BaseException::new(cls, args, kwargs)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.base.init(args, kwargs)?;
        self.base.parse(args, true, true)
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let Some((object, encoding, reason)) = self.base.texts()? else {
            return Ok(crate::types::str::intern::empty());
        };
        let start = self.base.start.get();
        let middle = match self.base.one_character(&object) {
            Some(character) => {
                format!("' codec can't encode character '{}' in position {start}: ", escape(character))
            }
            None => {
                let last = self.base.end.get().wrapping_sub(1);
                format!("' codec can't encode characters in position {start}-{last}: ")
            }
        };
        join(&[&*Str::new("'")?, &encoding, &*Str::new(&middle)?, &reason])
    }
}

#[pymethods(members = MEMBERS)]
impl UnicodeDecodeError {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<BaseException>, Raised> {
        BaseException::new(cls, args, kwargs)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.base.init(args, kwargs)?;
        self.base.parse(args, true, false)
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let Some((object, encoding, reason)) = self.base.texts()? else {
            return Ok(crate::types::str::intern::empty());
        };
        let (start, end) = (self.base.start.get(), self.base.end.get());
        let length = protocol::length(&object)?;
        let middle = if start >= 0 && (start as usize) < length && Some(end) == start.checked_add(1) {
            let byte = protocol::sequence::get_index(&object, start)?;
            let byte = index_as_size(&byte, None)? & 0xff;
            format!("' codec can't decode byte 0x{byte:02x} in position {start}: ")
        } else {
            format!("' codec can't decode bytes in position {start}-{}: ", end.wrapping_sub(1))
        };
        join(&[&*Str::new("'")?, &encoding, &*Str::new(&middle)?, &reason])
    }
}

#[pymethods(members = MEMBERS)]
impl UnicodeTranslateError {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<BaseException>, Raised> {
        BaseException::new(cls, args, kwargs)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.base.init(args, kwargs)?;
        self.base.parse(args, false, true)
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let Some((object, _, reason)) = self.base.texts()? else {
            return Ok(crate::types::str::intern::empty());
        };
        let start = self.base.start.get();
        let first = match self.base.one_character(&object) {
            Some(character) => format!("can't translate character '{}' in position {start}: ", escape(character)),
            None => {
                let last = self.base.end.get().wrapping_sub(1);
                format!("can't translate characters in position {start}-{last}: ")
            }
        };
        join(&[&*Str::new(&first)?, &reason])
    }
}

/// Raises a UnicodeEncodeError or UnicodeDecodeError.
#[cold]
pub fn raise_unicode_error(
    kind: &'static Type,
    encoding: &str,
    object: &Object,
    start: usize,
    end: usize,
    reason: &str,
) -> Raised {
    let make = || -> Result<Ref, Raised> {
        let args = Tuple::from_refs([
            Str::new(encoding)?.into_object(),
            object.to_ref(),
            crate::types::int::Int::from_u64(start as u64)?.into_object(),
            crate::types::int::Int::from_u64(end as u64)?.into_object(),
            Str::new(reason)?.into_object(),
        ])?;
        super::raise::instance(kind, &args)
    };
    match make() {
        Ok(exception) => raise_object(exception),
        Err(raised) => raised,
    }
}

//! The codec registry of an interpreter: search functions, the codecs they found, error handlers by name.

use habu_macros::pymodule;
use habu_text::codec::Problem;
use habu_text::codec::handlers::{Handler, Replacement, Standard, decode_replacement, encode_replacement};

use crate::exceptions::unicode_error::UnicodeErrorFields;
use crate::exceptions::{BaseException, exc, raise_object};
use crate::object::protocol::{self, lookup_attribute};
use crate::object::{Field, Object, PyType, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::builtin_function::BuiltinFunction;
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::str::{Str, StrBuilder};
use crate::types::tuple::Tuple;

/// The registry; made at its first use.
pub struct CodecRegistry {
    /// The search functions.
    path: Field<List>,
    /// The codecs found, by normalised name.
    cache: Field<Dict>,
    /// The error handlers, by name.
    errors: Field<Dict>,
}

impl CodecRegistry {
    /// An empty registry.
    pub const fn new() -> CodecRegistry {
        CodecRegistry { path: Field::empty(), cache: Field::empty(), errors: Field::empty() }
    }

    /// Makes the registry, with the built-in error handlers and the search function of the package `encodings`.
    fn ready(&self) -> Result<(Ref<List>, Ref<Dict>), Raised> {
        if let (Some(path), Some(cache)) = (self.path.get(), self.cache.get()) {
            return Ok((path, cache));
        }
        let (path, cache) = (List::new()?, Dict::new()?);
        self.path.set(Some(path.clone()));
        self.cache.set(Some(cache.clone()));
        self.handlers()?;
        if let Err(raised) = crate::import::import_module("encodings") {
            // Nothing was found: the next use tries again.
            drop((self.path.take(), self.cache.take()));
            return Err(raised);
        }
        Ok((path, cache))
    }

    /// The error handlers.
    fn handlers(&self) -> Result<Ref<Dict>, Raised> {
        if let Some(errors) = self.errors.get() {
            return Ok(errors);
        }
        let errors = Dict::new()?;
        for method in Handlers::HANDLERS_FUNCTIONS {
            let name = method.name();
            let name = Str::intern(name.strip_suffix("_errors").unwrap_or(name))?;
            errors.set(&name, &*BuiltinFunction::new(method, None, None)?)?;
        }
        self.errors.set(Some(errors.clone()));
        Ok(errors)
    }
}

impl Default for CodecRegistry {
    fn default() -> CodecRegistry {
        CodecRegistry::new()
    }
}

fn current() -> &'static CodecRegistry {
    &Thread::current().interpreter().codecs
}

/// The name as search functions get it: letters in lower case, runs of what is no letter, digit or dot as one underscore.
pub fn normalized(encoding: &Str) -> Result<Ref<Str>, Raised> {
    let mut name = StrBuilder::with_capacity(encoding.len())?;
    let mut pending = false;
    for code in encoding.chars().iter() {
        let kept = char::from_u32(code).filter(|c| c.is_ascii_alphanumeric() || *c == '.');
        match kept {
            Some(kept) => {
                if pending && name.len() > 0 {
                    name.push_char('_' as u32)?;
                }
                pending = false;
                name.push_char(kept.to_ascii_lowercase() as u32)?;
            }
            // What is not ASCII is left out.
            None if code > 127 => {}
            None => pending = true,
        }
    }
    Ok(super::super::intern::intern(name.finish()?))
}

/// `codecs.register(function)`
pub fn register(function: &Object) -> Result<(), Raised> {
    let (path, _) = current().ready()?;
    if !protocol::is_callable(function) {
        return Err(raise!(TypeError, "argument must be callable"));
    }
    path.push(function.to_ref())
}

/// `codecs.unregister(function)`
pub fn unregister(function: &Object) -> Result<(), Raised> {
    let (Some(path), Some(cache)) = (current().path.get(), current().cache.get()) else { return Ok(()) };
    let mut at = 0;
    while let Some(known) = path.get(at) {
        if known.is(function) {
            drop(cache);
            current().cache.set(Some(Dict::new()?));
            return protocol::sequence::set_index(&path, at as isize, None);
        }
        at += 1;
    }
    Ok(())
}

/// `codecs.lookup(encoding)`: a tuple of four.
pub fn lookup(encoding: &Str) -> Result<Ref<Tuple>, Raised> {
    super::check_no_nul(Some(encoding))?;
    let (path, cache) = current().ready()?;
    let name = normalized(encoding)?;
    if let Some(found) = cache.get(&name)?
        && let Ok(found) = found.downcast_into::<Tuple>()
    {
        return Ok(found);
    }
    if path.len() == 0 {
        return Err(raise!(LookupError, "no codec search functions registered: can't find encoding"));
    }
    let mut at = 0;
    while let Some(function) = path.get(at) {
        at += 1;
        let found = protocol::call1(&function, &name)?;
        if is_none(&found) {
            continue;
        }
        let Ok(found) = found.downcast_into::<Tuple>() else {
            return Err(raise!(TypeError, "codec search functions must return 4-tuples"));
        };
        if found.len() != 4 {
            return Err(raise!(TypeError, "codec search functions must return 4-tuples"));
        }
        cache.set(&name, &found)?;
        return Ok(found);
    }
    Err(raise!(LookupError, "unknown encoding: {}", encoding))
}

/// As `lookup`, of a codec between text and bytes; `use_instead` is what the message recommends for others.
pub fn lookup_text_encoding(encoding: &Str, use_instead: &str) -> Result<Ref<Tuple>, Raised> {
    let codec = lookup(encoding)?;
    if codec.is_exact::<Tuple>() {
        return Ok(codec);
    }
    let flag = lookup_attribute(&codec, &*Str::intern("_is_text_encoding")?)?;
    if let Some(flag) = flag
        && !protocol::truth(&flag)?
    {
        return Err(raise!(
            LookupError,
            "'{}' is not a text encoding; use {use_instead} to handle arbitrary codecs",
            encoding
        ));
    }
    Ok(codec)
}

/// Calls the encoder (0) or decoder (1) of a codec.
pub fn convert(
    codec: &Tuple,
    which: usize,
    object: &Object,
    errors: Option<&Str>,
    encoding: &Str,
) -> Result<Ref, Raised> {
    let Some(function) = codec.get(which) else {
        return Err(raise!(TypeError, "codec search functions must return 4-tuples"));
    };
    let result = match errors {
        Some(errors) => protocol::call(&function, &[object, errors]),
        None => protocol::call1(&function, object),
    };
    let result = result.map_err(|raised| wrap(raised, which, encoding))?;
    match result.downcast::<Tuple>().map(Tuple::as_slice) {
        Some([value, _]) => Ok(value.clone()),
        _ if which == 0 => Err(raise!(TypeError, "encoder must return a tuple (object, integer)")),
        _ => Err(raise!(TypeError, "decoder must return a tuple (object,integer)")),
    }
}

/// An exception of a codec that has no state beyond its text is raised anew, with the codec's name in it and itself as the cause.
fn wrap(raised: Raised, which: usize, encoding: &Str) -> Raised {
    let exception = raised.take();
    let (ty, base) = (exception.ty(), <BaseException as PyType>::type_object());
    let slot = |slot: Option<usize>| slot.unwrap_or(0);
    let plain = slot(ty.tp_init.get().map(|f| f as usize)) == slot(base.tp_init.get().map(|f| f as usize))
        && slot(ty.tp_new.get().map(|f| f as usize)) == slot(base.tp_new.get().map(|f| f as usize))
        && exception.dict.get().is_none_or(|dict| dict.len() == 0)
        && exception.args.get().is_some_and(|args| match args.as_slice() {
            [] => true,
            [only] => only.is_exact::<Str>(),
            _ => false,
        });
    if !plain {
        return raise_object(exception.into_object());
    }
    let verb = if which == 0 { "encoding" } else { "decoding" };
    let text = protocol::str(&exception).and_then(|shown| {
        let mut text = StrBuilder::new();
        text.push_ascii(verb)?;
        text.push_ascii(" with '")?;
        text.push(encoding)?;
        text.push_ascii("' codec failed (")?;
        text.push_str(ty.full_name())?;
        text.push_ascii(": ")?;
        text.push(&shown)?;
        text.push_ascii(")")?;
        text.finish()
    });
    match text {
        Ok(text) => {
            let ty = exception.type_ref();
            let raised = crate::exceptions::raise_with_arguments(&ty, &[&text]).take();
            raised.context.set(Some(exception.clone()));
            raised.cause.set(Some(exception));
            raised.suppress_context.set(true);
            Thread::current().set_exception(raised)
        }
        Err(raised) => raised,
    }
}

/// `codecs.register_error(name, handler)`
pub fn register_error(name: &Str, handler: &Object) -> Result<(), Raised> {
    if !protocol::is_callable(handler) {
        return Err(raise!(TypeError, "handler must be callable"));
    }
    current().handlers()?.set(name, handler)
}

/// `codecs.lookup_error(name)`; none is `strict`.
pub fn lookup_error(name: Option<&Str>) -> Result<Ref, Raised> {
    let strict;
    let name = match name {
        Some(name) => name,
        None => {
            strict = Str::intern("strict")?;
            &strict
        }
    };
    match current().handlers()?.get(name)? {
        Some(handler) => Ok(handler),
        None => Err(raise!(LookupError, "unknown error handler name '{}'", name)),
    }
}

/// The built-in error handlers as functions.
struct Handlers;

/// What an exception says.
enum Facts {
    Encode(Ref<Str>, Ref),
    Decode(Ref<Bytes>, Ref),
    Translate(Ref<Str>),
}

fn wrong_type(exception: &Object) -> Raised {
    raise!(TypeError, "don't know how to handle {} in error callback", exception.ty().full_name())
}

fn facts(exception: &Object) -> Result<(Facts, Problem), Raised> {
    let ty = exception.ty();
    let known = [exc::UnicodeEncodeError(), exc::UnicodeDecodeError(), exc::UnicodeTranslateError()];
    let Some(kind) = known.iter().position(|kind| ty.is_subtype(kind)) else { return Err(wrong_type(exception)) };
    // SAFETY: instances of these three types begin with that layout.
    let fields = unsafe { &*std::ptr::from_ref(exception).cast::<UnicodeErrorFields>() };
    let missing = |what: &str| raise!(TypeError, "{what} attribute not set");
    let object = fields.object.get().ok_or_else(|| missing("object"))?;
    let text =
        |object: Ref| object.downcast_into::<Str>().map_err(|_| raise!(TypeError, "object attribute must be unicode"));
    let encoding = fields.encoding.get().unwrap_or_else(crate::types::none);
    let facts = match kind {
        0 => Facts::Encode(text(object)?, encoding),
        1 => {
            let bytes = object.downcast_into::<Bytes>();
            Facts::Decode(bytes.map_err(|_| raise!(TypeError, "object attribute must be bytes"))?, encoding)
        }
        _ => Facts::Translate(text(object)?),
    };
    let length = match &facts {
        Facts::Encode(text, _) | Facts::Translate(text) => text.len(),
        Facts::Decode(bytes, _) => bytes.len(),
    };
    // Positions outside are brought inside, as the exceptions' accessors do.
    let start = usize::try_from(fields.start.get()).unwrap_or(0).min(length.saturating_sub(1));
    let end = usize::try_from(fields.end.get()).unwrap_or(0).clamp(1, length.max(1)).min(length);
    Ok((facts, Problem { start, end: end.max(start), reason: "" }))
}

fn result(replacement: Ref, position: usize) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([replacement, Int::from_u64(position as u64)?.into_object()])
}

fn standard(encoding: &Object) -> Option<Standard> {
    Standard::from_name(encoding.downcast::<Str>()?.ascii_bytes()?)
}

/// Raises the exception that a handler was given.
fn reraise(exception: &Object) -> Raised {
    raise_object(exception.to_ref())
}

/// A handler of `habu_text` as a function.
fn handle(handler: Handler, exception: &Object) -> Result<Ref<Tuple>, Raised> {
    let (facts, problem) = facts(exception)?;
    match facts {
        Facts::Encode(text, encoding) => {
            if problem.start >= problem.end && handler != Handler::Ignore {
                return result(Str::empty().into_object(), problem.end);
            }
            match encode_replacement(handler, standard(&encoding), text.chars(), problem)? {
                Some((Replacement::Text(text), next)) => result(Str::from_latin1(&text)?.into_object(), next),
                Some((Replacement::Bytes(bytes), next)) => result(Bytes::new(&bytes)?.into_object(), next),
                None => Err(reraise(exception)),
            }
        }
        Facts::Decode(bytes, encoding) => {
            if matches!(handler, Handler::XmlCharRefReplace | Handler::NameReplace) {
                return Err(wrong_type(exception));
            }
            let mut text = StrBuilder::new();
            match decode_replacement(handler, standard(&encoding), bytes.as_slice(), problem, &mut text)? {
                Some(next) => result(text.finish()?.into_object(), next),
                None => Err(reraise(exception)),
            }
        }
        Facts::Translate(text) => {
            let count = problem.end - problem.start;
            let mut out = StrBuilder::new();
            match handler {
                Handler::Ignore => {}
                Handler::Replace => out.push_repeated(0xFFFD, count)?,
                Handler::BackslashReplace => {
                    if let Some((Replacement::Text(escaped), _)) =
                        encode_replacement(handler, None, text.chars(), problem)?
                    {
                        out.push_chars(habu_text::Chars::One(&escaped))?;
                    }
                }
                _ => return Err(wrong_type(exception)),
            }
            result(out.finish()?.into_object(), problem.end)
        }
    }
}

#[pymodule(table = HANDLERS)]
impl Handlers {
    /// Implements the 'strict' error handling, which raises a UnicodeError on coding errors.
    #[no_signature]
    fn strict_errors(exception: &Object) -> Result<Ref, Raised> {
        if exception.isinstance::<crate::exceptions::BaseException>() {
            return Err(reraise(exception));
        }
        Err(raise!(TypeError, "codec must pass exception instance"))
    }

    /// Implements the 'ignore' error handling, which ignores malformed data and continues.
    #[no_signature]
    fn ignore_errors(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::Ignore, exception)
    }

    /// Implements the 'replace' error handling, which replaces malformed data with a replacement marker.
    #[no_signature]
    fn replace_errors(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::Replace, exception)
    }

    /// Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference.
    #[no_signature]
    fn xmlcharrefreplace_errors(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::XmlCharRefReplace, exception)
    }

    /// Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence.
    #[no_signature]
    fn backslashreplace_errors(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::BackslashReplace, exception)
    }

    /// Implements the 'namereplace' error handling, which replaces an unencodable character with a \N{...} escape sequence.
    #[no_signature]
    fn namereplace_errors(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::NameReplace, exception)
    }

    #[no_signature]
    fn surrogatepass(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::SurrogatePass, exception)
    }

    #[no_signature]
    fn surrogateescape(exception: &Object) -> Result<Ref<Tuple>, Raised> {
        handle(Handler::SurrogateEscape, exception)
    }
}

//! What expat calls: each callback turns its arguments into objects and calls the parser's handler.
//!
//! A handler that raises stops the parser; until the call into expat returns, which then raises, no other handler is called. Text that is kept
//! (`buffer_text`) is told before any other event.

use std::ffi::{CStr, c_char, c_int, c_void};

use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;
use habu_runtime::types::tuple::Tuple;

use super::library::{Callback, Content, Encoding, Library, XmlParser};
use super::parser::Parser;

/// The handlers, in the order of a parser's table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StartElement,
    EndElement,
    ProcessingInstruction,
    CharacterData,
    UnparsedEntityDecl,
    NotationDecl,
    StartNamespaceDecl,
    EndNamespaceDecl,
    Comment,
    StartCdataSection,
    EndCdataSection,
    Default,
    DefaultHandlerExpand,
    NotStandalone,
    ExternalEntityRef,
    StartDoctypeDecl,
    EndDoctypeDecl,
    EntityDecl,
    XmlDecl,
    ElementDecl,
    AttlistDecl,
    SkippedEntity,
}

/// How many there are.
pub(super) const COUNT: usize = 22;

/// All of them.
pub(super) const ALL: [Kind; COUNT] = [
    Kind::StartElement,
    Kind::EndElement,
    Kind::ProcessingInstruction,
    Kind::CharacterData,
    Kind::UnparsedEntityDecl,
    Kind::NotationDecl,
    Kind::StartNamespaceDecl,
    Kind::EndNamespaceDecl,
    Kind::Comment,
    Kind::StartCdataSection,
    Kind::EndCdataSection,
    Kind::Default,
    Kind::DefaultHandlerExpand,
    Kind::NotStandalone,
    Kind::ExternalEntityRef,
    Kind::StartDoctypeDecl,
    Kind::EndDoctypeDecl,
    Kind::EntityDecl,
    Kind::XmlDecl,
    Kind::ElementDecl,
    Kind::AttlistDecl,
    Kind::SkippedEntity,
];

impl Kind {
    /// The function that a traceback names.
    fn function(self) -> &'static str {
        match self {
            Kind::StartElement => "StartElement",
            Kind::EndElement => "EndElement",
            Kind::ProcessingInstruction => "ProcessingInstruction",
            Kind::CharacterData => "CharacterData",
            Kind::UnparsedEntityDecl => "UnparsedEntityDecl",
            Kind::NotationDecl => "NotationDecl",
            Kind::StartNamespaceDecl => "StartNamespaceDecl",
            Kind::EndNamespaceDecl => "EndNamespaceDecl",
            Kind::Comment => "Comment",
            Kind::StartCdataSection => "StartCdataSection",
            Kind::EndCdataSection => "EndCdataSection",
            Kind::Default => "Default",
            Kind::DefaultHandlerExpand => "DefaultHandlerExpand",
            Kind::NotStandalone => "NotStandalone",
            Kind::ExternalEntityRef => "ExternalEntityRef",
            Kind::StartDoctypeDecl => "StartDoctypeDecl",
            Kind::EndDoctypeDecl => "EndDoctypeDecl",
            Kind::EntityDecl => "EntityDecl",
            Kind::XmlDecl => "XmlDecl",
            Kind::ElementDecl => "ElementDecl",
            Kind::AttlistDecl => "AttlistDecl",
            Kind::SkippedEntity => "SkippedEntity",
        }
    }

    /// Whether expat may call the callback several times for one event, without asking again whether there is one.
    pub(super) fn is_called_in_a_loop(self) -> bool {
        matches!(self, Kind::CharacterData | Kind::Default | Kind::DefaultHandlerExpand)
    }

    /// Has expat call the handler's callback, or not any more.
    ///
    /// # Safety
    /// The parser is alive.
    pub(super) unsafe fn install(self, library: &Library, parser: XmlParser, on: bool) {
        let (set, callback): (unsafe extern "C" fn(XmlParser, Callback), Callback) = match self {
            Kind::StartElement => (library.on_start_element, start_element as Callback),
            Kind::EndElement => (library.on_end_element, end_element as Callback),
            Kind::ProcessingInstruction => (library.on_instruction, instruction as Callback),
            Kind::CharacterData => (library.on_text, text as Callback),
            Kind::UnparsedEntityDecl => (library.on_unparsed_entity, unparsed_entity as Callback),
            Kind::NotationDecl => (library.on_notation, notation as Callback),
            Kind::StartNamespaceDecl => (library.on_start_namespace, start_namespace as Callback),
            Kind::EndNamespaceDecl => (library.on_end_namespace, end_namespace as Callback),
            Kind::Comment => (library.on_comment, comment as Callback),
            Kind::StartCdataSection => (library.on_start_cdata, start_cdata as Callback),
            Kind::EndCdataSection => (library.on_end_cdata, end_cdata as Callback),
            Kind::Default => (library.on_default, default as Callback),
            Kind::DefaultHandlerExpand => (library.on_default_expand, default_expand as Callback),
            Kind::NotStandalone => (library.on_not_standalone, not_standalone as Callback),
            Kind::ExternalEntityRef => (library.on_external_entity, external_entity as Callback),
            Kind::StartDoctypeDecl => (library.on_start_doctype, start_doctype as Callback),
            Kind::EndDoctypeDecl => (library.on_end_doctype, end_doctype as Callback),
            Kind::EntityDecl => (library.on_entity, entity as Callback),
            Kind::XmlDecl => (library.on_xml, xml as Callback),
            Kind::ElementDecl => (library.on_element_declaration, element_declaration as Callback),
            Kind::AttlistDecl => (library.on_attributes_declaration, attributes_declaration as Callback),
            Kind::SkippedEntity => (library.on_skipped_entity, skipped_entity as Callback),
        };
        // SAFETY: by the contract; the callback has the type that this kind has.
        unsafe { set(parser, if on { callback } else { std::ptr::null() }) }
    }
}

/// UTF-8 as a string.
fn decode(bytes: &[u8]) -> Result<Ref, Raised> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Str::new(text)?.into_object()),
        Err(_) => Ok(Codec::Utf8.decode(bytes, &Errors::new(None), true)?.0.into_object()),
    }
}

/// What expat passes as a C string, or None for null.
///
/// # Safety
/// Null, or a C string.
unsafe fn shown(text: *const c_char) -> Result<Ref, Raised> {
    if text.is_null() {
        return Ok(none());
    }
    // SAFETY: by the contract.
    decode(unsafe { CStr::from_ptr(text) }.to_bytes())
}

fn number(value: c_int) -> Result<Ref, Raised> {
    Int::from_i64(value.into()).map(Ref::into_object)
}

impl Parser {
    /// A C string as an interned object of this parser.
    ///
    /// # Safety
    /// As `shown`.
    unsafe fn interned(&self, text: *const c_char) -> Result<Ref, Raised> {
        // SAFETY: by the contract.
        let made = unsafe { shown(text) }?;
        match self.intern.get() {
            Some(known) if !made.is(&none()) => match known.get(&made)? {
                Some(found) => Ok(found),
                None => {
                    known.set(&made, &made)?;
                    Ok(made)
                }
            },
            _ => Ok(made),
        }
    }

    /// Calls a handler, if there is one and nothing was raised yet, with what `arguments` makes; what it raises stops the parser.
    fn tell<const N: usize>(&self, kind: Kind, arguments: impl FnOnce() -> Result<[Ref; N], Raised>) -> Option<Ref> {
        if Thread::current().has_exception() || self.handler(kind).is_none() {
            return None;
        }
        if self.flush().is_err() {
            return self.stop();
        }
        // What was told may have taken the handler away.
        let handler = self.handler(kind)?;
        let call = || {
            let arguments = arguments()?;
            let borrowed: [&Object; N] = std::array::from_fn(|at| &*arguments[at]);
            Ok((protocol::call(&handler, &borrowed), arguments))
        };
        let made: Result<_, Raised> = call();
        match made {
            Ok((Ok(result), _)) => Some(result),
            Ok((Err(_), _)) => {
                crate::foreign_frames::add_traceback(kind.function(), "pyexpat.c", 0);
                self.stop()
            }
            Err(_) => self.stop(),
        }
    }

    /// Tells a piece of text.
    fn tell_text(&self, bytes: &[u8]) -> Result<(), Raised> {
        let Some(handler) = self.handler(Kind::CharacterData) else { return Ok(()) };
        let made = decode(bytes)?;
        protocol::call1(&handler, &made).map(drop).inspect_err(|_| {
            crate::foreign_frames::add_traceback(Kind::CharacterData.function(), "pyexpat.c", 0);
        })
    }

    /// Tells the text that is kept.
    pub(super) fn flush(&self) -> Result<(), Raised> {
        let kept = self.take_text()?;
        if kept.is_empty() { Ok(()) } else { self.tell_text(&kept) }
    }

    /// An exception is set: no handler is called any more.
    fn stop<T>(&self) -> Option<T> {
        self.forget_handlers();
        if let Some(library) = super::library::opened() {
            // SAFETY: the parser is alive, and runs.
            unsafe { (library.stop)(self.parser.get(), 0) };
        }
        None
    }

    /// The number that a handler gave; 0, which ends parsing, where it raised.
    fn verdict(&self, result: Option<Ref>) -> c_int {
        let Some(result) = result else { return 0 };
        match protocol::number::index_as_size(&result, None) {
            Ok(number) => number as c_int,
            Err(_) => {
                self.stop::<()>();
                0
            }
        }
    }
}

unsafe extern "C" fn start_element(parser: &Parser, name: *const c_char, attributes: *const *const c_char) {
    parser.tell(Kind::StartElement, || {
        // SAFETY: expat gives C strings, and pairs of them up to a null.
        unsafe {
            let count = match (parser.specified.get(), super::library::opened()) {
                (true, Some(library)) => (library.specified_count)(parser.parser.get()).max(0) as usize,
                _ => (0..).take_while(|at| !(*attributes.add(2 * at)).is_null()).count() * 2,
            };
            let name = parser.interned(name)?;
            let pair = |at: usize| -> Result<(Ref, Ref), Raised> {
                Ok((parser.interned(*attributes.add(at))?, shown(*attributes.add(at + 1))?))
            };
            let container = if parser.ordered.get() {
                let list = List::new()?;
                for at in (0..count).step_by(2) {
                    let (name, value) = pair(at)?;
                    list.push(name)?;
                    list.push(value)?;
                }
                list.into_object()
            } else {
                let dict = Dict::new()?;
                for at in (0..count).step_by(2) {
                    let (name, value) = pair(at)?;
                    dict.set(&name, &value)?;
                }
                dict.into_object()
            };
            Ok([name, container])
        }
    });
}

unsafe extern "C" fn text(parser: &Parser, data: *const c_char, length: c_int) {
    if Thread::current().has_exception() || parser.handler(Kind::CharacterData).is_none() {
        return;
    }
    // SAFETY: expat gives that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length.max(0) as usize) };
    let keep = || match parser.keep_text(bytes)? {
        true => Ok(()),
        false => {
            parser.flush()?;
            if parser.keep_text(bytes)? { Ok(()) } else { parser.tell_text(bytes) }
        }
    };
    let kept: Result<(), Raised> = keep();
    if kept.is_err() {
        parser.stop::<()>();
    }
}

/// Declares callbacks whose arguments become objects one by one, and which give nothing.
macro_rules! callbacks {
    ($($function:ident $kind:ident($($argument:ident: $type:ty => $made:expr),*);)*) => {
        $(
            unsafe extern "C" fn $function(parser: &Parser, $($argument: $type),*) {
                // SAFETY: expat gives C strings, or null.
                parser.tell(Kind::$kind, || Ok([$(unsafe { $made(parser, $argument) }?),*]));
            }
        )*
    };
}

/// A name, which is interned.
unsafe fn name(parser: &Parser, text: *const c_char) -> Result<Ref, Raised> {
    // SAFETY: by the callers' contract.
    unsafe { parser.interned(text) }
}

/// Other text.
unsafe fn plain(_parser: &Parser, text: *const c_char) -> Result<Ref, Raised> {
    // SAFETY: by the callers' contract.
    unsafe { shown(text) }
}

unsafe fn integer(_parser: &Parser, value: c_int) -> Result<Ref, Raised> {
    number(value)
}

type CText = *const c_char;

callbacks! {
    end_element EndElement(element: CText => name);
    instruction ProcessingInstruction(target: CText => name, data: CText => plain);
    unparsed_entity UnparsedEntityDecl(entity: CText => name, base: CText => name, system: CText => name, public: CText => name, notation: CText => name);
    notation NotationDecl(notation: CText => name, base: CText => name, system: CText => name, public: CText => name);
    start_namespace StartNamespaceDecl(prefix: CText => name, uri: CText => name);
    end_namespace EndNamespaceDecl(prefix: CText => name);
    comment Comment(data: CText => plain);
    start_cdata StartCdataSection();
    end_cdata EndCdataSection();
    start_doctype StartDoctypeDecl(doctype: CText => name, system: CText => name, public: CText => name, internal: c_int => integer);
    end_doctype EndDoctypeDecl();
    xml XmlDecl(version: CText => plain, encoding: CText => plain, standalone: c_int => integer);
    attributes_declaration AttlistDecl(element: CText => name, attribute: CText => name, kind: CText => plain, default: CText => plain, required: c_int => integer);
    skipped_entity SkippedEntity(entity: CText => name, parameter: c_int => integer);
}

/// What goes to a default handler, as it stands in the document.
fn tell_default(parser: &Parser, kind: Kind, data: *const c_char, length: c_int) {
    // SAFETY: expat gives that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length.max(0) as usize) };
    parser.tell(kind, || Ok([decode(bytes)?]));
}

unsafe extern "C" fn default(parser: &Parser, data: *const c_char, length: c_int) {
    tell_default(parser, Kind::Default, data, length);
}

unsafe extern "C" fn default_expand(parser: &Parser, data: *const c_char, length: c_int) {
    tell_default(parser, Kind::DefaultHandlerExpand, data, length);
}

unsafe extern "C" fn entity(
    parser: &Parser,
    entity: *const c_char,
    parameter: c_int,
    value: *const c_char,
    length: c_int,
    base: *const c_char,
    system: *const c_char,
    public: *const c_char,
    notation: *const c_char,
) {
    // SAFETY: expat gives C strings, or null, and a value with its length.
    parser.tell(Kind::EntityDecl, || unsafe {
        let value = match value.is_null() {
            true => none(),
            false => decode(std::slice::from_raw_parts(value.cast::<u8>(), length.max(0) as usize))?,
        };
        Ok([
            parser.interned(entity)?,
            number(parameter)?,
            value,
            parser.interned(base)?,
            parser.interned(system)?,
            parser.interned(public)?,
            parser.interned(notation)?,
        ])
    });
}

unsafe extern "C" fn not_standalone(parser: &Parser) -> c_int {
    let result = parser.tell(Kind::NotStandalone, || Ok([]));
    parser.verdict(result)
}

/// Expat passes the parser itself to this callback; its user data is the first word of its structure (`XML_GetUserData` is a macro).
unsafe extern "C" fn external_entity(
    parser: *const *const Parser,
    context: *const c_char,
    base: *const c_char,
    system: *const c_char,
    public: *const c_char,
) -> c_int {
    // SAFETY: as said above; expat gives C strings, or null.
    unsafe {
        let Some(parser) = (*parser).as_ref() else { return 0 };
        let result = parser.tell(Kind::ExternalEntityRef, || {
            Ok([shown(context)?, parser.interned(base)?, parser.interned(system)?, parser.interned(public)?])
        });
        parser.verdict(result)
    }
}

/// A content model as nested tuples.
///
/// # Safety
/// What expat made.
unsafe fn model(parser: &Parser, content: &Content) -> Result<Ref, Raised> {
    let _depth = NativeCall::enter(" in conv_content_model")?;
    // SAFETY: by the contract.
    unsafe {
        let children = Tuple::build(content.count as usize, |at| model(parser, &*content.children.add(at)))?;
        let name = parser.interned(content.name)?;
        let made =
            Tuple::from_refs([number(content.kind)?, number(content.quantifier)?, name, children.into_object()])?;
        Ok(made.into_object())
    }
}

unsafe extern "C" fn element_declaration(parser: &Parser, element: *const c_char, content: *mut Content) {
    // SAFETY: expat gives a name, and a model that the callee frees.
    unsafe {
        parser.tell(Kind::ElementDecl, || {
            let model = model(parser, &*content)?;
            Ok([parser.interned(element)?, model])
        });
        if let Some(library) = super::library::opened() {
            (library.free_content)(parser.parser.get(), content);
        }
    }
}

/// Says what the bytes of an encoding are that only Python knows: one character for each.
pub(super) unsafe extern "C" fn unknown_encoding(
    _data: *const c_void,
    name: *const c_char,
    encoding: *mut Encoding,
) -> c_int {
    if Thread::current().has_exception() {
        return 0;
    }
    let all: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    let decode = || -> Result<Ref<Str>, Raised> {
        // SAFETY: expat gives a C string.
        let name = unsafe { shown(name) }?;
        let Some(name) = name.downcast::<Str>() else { return Err(raise!(ValueError, "unknown encoding")) };
        let bytes = habu_runtime::types::bytes::Bytes::new(&all)?;
        let replace = Str::intern("replace")?;
        let text = habu_runtime::types::str::codecs::decode_object(&bytes, Some(name), Some(&replace))?;
        match text.len() {
            256 => Ok(text),
            _ => Err(raise!(ValueError, "multi-byte encodings are not supported")),
        }
    };
    let Ok(text) = decode() else { return 0 };
    // SAFETY: expat gives a place for the description.
    let encoding = unsafe { &mut *encoding };
    for (place, code) in encoding.map.iter_mut().zip(text.chars().iter()) {
        *place = if code == 0xFFFD { -1 } else { code as c_int };
    }
    encoding.data = std::ptr::null_mut();
    encoding.convert = None;
    encoding.release = None;
    1
}

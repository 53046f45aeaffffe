//! `pyexpat.xmlparser`: a parser of expat with its handlers, and what Python asks it for.

use std::cell::{Cell, UnsafeCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;

use habu_heap::{Buffer, Domain};
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_object;
use habu_runtime::object::protocol;
use habu_runtime::object::{Field, Object, Raised, Ref, Stopped, Traverse, Visit, create};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs;

use super::handlers::{self, ALL, COUNT, Kind};
use super::library::{Callback, Library, Memory, XmlParser, library};
use crate::system::Optional;

/// How much text is kept at most, until a program says otherwise.
const BUFFER: u32 = 8192;
/// How much of a file is read at a time.
const BLOCK: usize = 2048;
/// How much expat gets at a time.
const CHUNK: usize = 1 << 20;

/// XML parser
#[pytype(name = "pyexpat.xmlparser", doc = "XML parser", gc, heap, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Parser {
    base: Object,
    /// Expat's parser, whose user data is this object.
    pub(super) parser: Cell<XmlParser>,
    /// Whether attributes are told as a list.
    pub(super) ordered: Cell<bool>,
    /// Whether attributes are told only that the document has, not those with defaults.
    pub(super) specified: Cell<bool>,
    prefixes: Cell<bool>,
    /// Whether expat runs.
    running: Cell<bool>,
    /// How much text is kept.
    buffer_size: Cell<u32>,
    /// Text that is not told yet; none where text is told at once.
    text: UnsafeCell<Option<Buffer<u8>>>,
    /// Strings that are kept to be used again.
    pub(super) intern: Field<Dict>,
    fields: Fields,
}

habu_runtime::assert_layout!(Parser, size 72);

/// The handlers, in a block of their own as in CPython. Behind them is the parser whose document names the entity that this one parses: it
/// must live longer.
struct Fields(NonNull<[Field; COUNT + 1]>);

/// Where the parent stands.
const PARENT: usize = COUNT;

impl Fields {
    fn new() -> Result<Fields, Raised> {
        match habu_heap::alloc(Domain::Mem, size_of::<[Field; COUNT + 1]>()) {
            Some(memory) => {
                let fields = memory.cast::<[Field; COUNT + 1]>();
                // SAFETY: the block is as large.
                unsafe { fields.write([const { Field::empty() }; COUNT + 1]) };
                Ok(Fields(fields))
            }
            None => Err(habu_runtime::exceptions::memory_error()),
        }
    }
}

impl std::ops::Deref for Fields {
    type Target = [Field; COUNT + 1];
    fn deref(&self) -> &[Field; COUNT + 1] {
        // SAFETY: the block lives as long as this.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        // SAFETY: `new` allocated the block, and it is used no more.
        unsafe {
            self.0.drop_in_place();
            habu_heap::free(Domain::Mem, self.0.cast(), size_of::<[Field; COUNT + 1]>());
        }
    }
}

/// Memory for expat, which a limit on the heap counts.
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    habu_heap::alloc(Domain::Object, size.max(1)).map_or(std::ptr::null_mut(), |memory| memory.as_ptr().cast())
}

unsafe extern "C" fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    let Some(old) = std::ptr::NonNull::new(memory.cast::<u8>()) else {
        // SAFETY: any size will do.
        return unsafe { malloc(size) };
    };
    // SAFETY: what `malloc` gave.
    let new = unsafe { habu_heap::realloc_unsized(Domain::Object, old, size.max(1)) };
    new.map_or(std::ptr::null_mut(), |memory| memory.as_ptr().cast())
}

unsafe extern "C" fn free(memory: *mut c_void) {
    if let Some(memory) = std::ptr::NonNull::new(memory.cast::<u8>()) {
        // SAFETY: what `malloc` gave, not used any more.
        unsafe { habu_heap::free_unsized(Domain::Object, memory) }
    }
}

static MEMORY: Memory = Memory { malloc, realloc, free };

/// A C string argument that must not have NULs.
fn c_text(text: &Str) -> Result<Ref<Bytes>, Raised> {
    let bytes = codecs::encode(text, None, None)?;
    match bytes.as_slice().contains(&0) {
        true => Err(raise!(ValueError, "embedded null character")),
        false => Ok(bytes),
    }
}

fn pointer(text: Option<&Ref<Bytes>>) -> *const c_char {
    // Bytes objects end with a NUL.
    text.map_or(std::ptr::null(), |text| text.as_slice().as_ptr().cast())
}

impl Parser {
    fn of(parser: XmlParser, intern: Option<Ref<Dict>>, library: &Library) -> Result<Ref<Parser>, Raised> {
        if parser.is_null() {
            return Err(raise!(RuntimeError, "XML_ParserCreate failed"));
        }
        let made = create(Parser {
            base: Object::of::<Parser>(),
            parser: Cell::new(parser),
            ordered: Cell::new(false),
            specified: Cell::new(false),
            prefixes: Cell::new(false),
            running: Cell::new(false),
            buffer_size: Cell::new(BUFFER),
            text: UnsafeCell::new(None),
            intern: Field::optional(intern),
            fields: Fields::new()?,
        })?;
        // SAFETY: the parser is alive; the object stays where it is, and frees the parser when it ends.
        unsafe {
            (library.set_user_data)(parser, std::ptr::from_ref(&*made).cast());
            (library.on_unknown_encoding)(parser, handlers::unknown_encoding as Callback, std::ptr::null());
        }
        Ok(made)
    }

    /// A parser of documents.
    pub(super) fn new(
        encoding: Option<&Str>,
        separator: Option<&Str>,
        intern: Option<Ref<Dict>>,
    ) -> Result<Ref<Parser>, Raised> {
        let library = library()?;
        if separator.is_some_and(|separator| separator.len() > 1) {
            return Err(raise!(ValueError, "namespace_separator must be at most one character, omitted, or None"));
        }
        let encoding = encoding.map(c_text).transpose()?;
        let separator = separator.map(|separator| codecs::encode(separator, None, None)).transpose()?;
        // SAFETY: C strings, or null; the memory functions are static.
        let parser =
            unsafe { (library.create)(pointer(encoding.as_ref()), &raw const MEMORY, pointer(separator.as_ref())) };
        let made = Parser::of(parser, intern, library)?;
        // SAFETY: the parser is alive. An attacker who does not know the salt cannot make names collide.
        unsafe { (library.set_hash_salt)(parser, habu_runtime::hashing::hash_bytes(b"pyexpat") as u64) };
        Ok(made)
    }

    /// A handler.
    pub(super) fn handler(&self, kind: Kind) -> Option<Ref> {
        self.fields[kind as usize].get()
    }

    /// Takes all handlers away, since one has raised.
    pub(super) fn forget_handlers(&self) {
        if let Some(library) = super::library::opened() {
            for kind in ALL {
                // Expat must not lose such a callback inside of it; without a handler it does nothing.
                let stays = kind.is_called_in_a_loop() && self.running.get();
                // SAFETY: the parser is alive.
                unsafe { kind.install(library, self.parser.get(), stays) };
            }
        }
        let kept: [Option<Ref>; COUNT] = std::array::from_fn(|at| self.fields[at].take());
        habu_runtime::exceptions::keep_current(|| drop(kept));
    }

    fn get_handler(&self, kind: Kind) -> Result<Ref, Raised> {
        Ok(self.handler(kind).unwrap_or_else(none))
    }

    fn set_handler(&self, kind: Kind, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(RuntimeError, "Cannot delete attribute")) };
        if kind == Kind::CharacterData {
            // What was kept belongs to the old handler.
            self.flush()?;
        }
        let library = library()?;
        let handler = (!value.is(&none())).then(|| value.to_ref());
        // Expat goes on with the rest of a text although the callback was taken away: it is left there, and does nothing.
        let stays = handler.is_none() && kind.is_called_in_a_loop() && self.running.get();
        // SAFETY: the parser is alive.
        unsafe { kind.install(library, self.parser.get(), handler.is_some() || stays) };
        self.fields[kind as usize].set(handler);
        Ok(())
    }

    /// Keeps text to tell it later; false where it is to be told at once, or what is kept before it.
    pub(super) fn keep_text(&self, bytes: &[u8]) -> Result<bool, Raised> {
        // SAFETY: the borrow ends before anything runs that could reach the text.
        match unsafe { &mut *self.text.get() } {
            Some(text) if text.len() + bytes.len() <= self.buffer_size.get() as usize => {
                text.extend_from_slice(bytes)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The text that is kept, which is no more.
    pub(super) fn take_text(&self) -> Result<Buffer<u8>, Raised> {
        // SAFETY: as above.
        Ok(match unsafe { &mut *self.text.get() } {
            Some(text) if !text.is_empty() => std::mem::replace(text, Buffer::new()),
            _ => Buffer::new(),
        })
    }

    fn is_buffered(&self) -> bool {
        // SAFETY: as above.
        unsafe { &*self.text.get() }.is_some()
    }

    /// Hands a piece of the document to expat.
    fn feed(&self, bytes: &[u8], is_final: bool) -> Result<c_int, Raised> {
        let library = library()?;
        if self.running.replace(true) {
            return Err(raise!(RuntimeError, "a handler cannot have its own parser go on"));
        }
        // SAFETY: the parser is alive, and so are the bytes.
        let status = unsafe {
            (library.parse)(self.parser.get(), bytes.as_ptr().cast(), bytes.len() as c_int, c_int::from(is_final))
        };
        self.running.set(false);
        if Thread::current().has_exception() {
            return Err(Raised::set());
        }
        if status == 0 {
            // SAFETY: the parser is alive.
            return Err(self.error(unsafe { (library.error_code)(self.parser.get()) }));
        }
        Ok(status)
    }

    /// Hands all of some bytes to expat, in pieces; tells of the text that is kept then.
    fn feed_all(&self, bytes: &[u8], is_final: bool) -> Result<c_int, Raised> {
        let mut chunks = bytes.chunks(CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            let last = chunks.peek().is_none();
            let status = self.feed(chunk, is_final && last)?;
            if last {
                self.flush()?;
                return Ok(status);
            }
        }
        let status = self.feed(&[], is_final)?;
        self.flush()?;
        Ok(status)
    }

    /// The ExpatError of one of expat's codes, at the place where the parser is.
    fn error(&self, code: c_int) -> Raised {
        let make = || -> Result<Ref, Raised> {
            let library = library()?;
            let parser = self.parser.get();
            // SAFETY: the parser is alive.
            let (line, column) = unsafe { ((library.line)(parser), (library.column)(parser)) };
            let text = super::error_text(code)?.unwrap_or_default();
            let message = Str::from_format(format_args!("{text}: line {line}, column {column}"))?;
            let error = protocol::call1(&*super::error_class()?, &message)?;
            let set = |name: &str, value: i64| {
                protocol::set_attribute(&error, &*Str::intern(name)?, Some(&*Int::from_i64(value)?))
            };
            set("code", code.into())?;
            set("offset", column as i64)?;
            set("lineno", line as i64)?;
            Ok(error)
        };
        match make() {
            Ok(error) => raise_object(error),
            Err(raised) => raised,
        }
    }

    /// A number that expat tells of the place where it is.
    fn place<T>(&self, ask: impl FnOnce(&Library, XmlParser) -> T) -> Result<T, Raised> {
        Ok(ask(library()?, self.parser.get()))
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        if let Some(library) = super::library::opened() {
            // SAFETY: the parser is used no more. An external one ends before its parent, which its field keeps.
            unsafe { (library.free)(self.parser.get()) };
        }
    }
}

#[pymethods(with(HANDLERS))]
impl Parser {
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.fields.iter().try_for_each(|field| field.traverse(visit))?;
        visit.object(self.ty())
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        if !self.running.get() {
            self.forget_handlers();
            self.intern.set(None);
        }
    }

    /// Parse XML data.
    ///
    /// `isfinal' should be true at end of input.
    #[name = "Parse"]
    #[signature(data, isfinal = false, /)]
    fn parse(&self, data: &Object, isfinal: bool) -> Result<c_int, Raised> {
        if let Some(text) = data.downcast::<Str>() {
            let bytes = codecs::encode(text, None, None)?;
            let library = library()?;
            // SAFETY: the parser is alive. The text is of this encoding, whatever the document says.
            unsafe { (library.set_encoding)(self.parser.get(), c"utf-8".as_ptr()) };
            return self.feed_all(bytes.as_slice(), isfinal);
        }
        let view = ByteView::new(data)?;
        self.feed_all(view.as_slice(), isfinal)
    }

    /// Parse XML data from file-like object.
    #[name = "ParseFile"]
    fn parse_file(&self, file: &Object) -> Result<c_int, Raised> {
        let Some(read) = protocol::lookup_attribute(file, &*Str::intern("read")?)? else {
            return Err(raise!(TypeError, "argument must have 'read' attribute"));
        };
        let size = Int::from_i64(BLOCK as i64)?;
        loop {
            let block = protocol::call1(&read, &size)?;
            let bytes = match (block.downcast::<Bytes>(), block.downcast::<ByteArray>()) {
                (None, None) => {
                    let given = block.ty().full_name();
                    return Err(raise!(TypeError, "read() did not return a bytes object (type={given})"));
                }
                _ => habu_runtime::types::buffer::to_bytes(&block)?,
            };
            let count = bytes.len();
            if count > BLOCK {
                return Err(raise!(
                    ValueError,
                    "read() returned too much data: {BLOCK} bytes requested, {count} returned"
                ));
            }
            let status = self.feed(bytes.as_slice(), count == 0)?;
            if count == 0 {
                self.flush()?;
                return Ok(status);
            }
        }
    }

    /// Set the base URL for the parser.
    #[name = "SetBase"]
    fn set_base(&self, base: &Str) -> Result<(), Raised> {
        let base = c_text(base)?;
        // SAFETY: the parser is alive, and copies the C string.
        match self.place(|library, parser| unsafe { (library.set_base)(parser, pointer(Some(&base))) })? {
            0 => Err(habu_runtime::exceptions::memory_error()),
            _ => Ok(()),
        }
    }

    /// Return base URL string for the parser.
    #[name = "GetBase"]
    fn get_base(&self) -> Result<Option<Ref<Str>>, Raised> {
        // SAFETY: the parser is alive, and so is its C string.
        self.place(|library, parser| unsafe {
            let base = (library.base)(parser);
            (!base.is_null()).then(|| Str::new(&CStr::from_ptr(base).to_string_lossy())).transpose()
        })?
    }

    /// Return the untranslated text of the input that caused the current event.
    ///
    /// If the event was generated by a large amount of text (such as a start tag
    /// for an element with many attributes), not all of the text may be available.
    #[name = "GetInputContext"]
    fn input_context(&self) -> Result<Option<Ref<Bytes>>, Raised> {
        if !self.running.get() {
            return Ok(None);
        }
        let (mut offset, mut size) = (0, 0);
        // SAFETY: the parser is alive; it gives memory of that size, which stays until it goes on.
        self.place(|library, parser| unsafe {
            let memory = (library.input_context)(parser, &raw mut offset, &raw mut size);
            if memory.is_null() || size <= offset {
                return Ok(None);
            }
            let part =
                std::slice::from_raw_parts(memory.add(offset.max(0) as usize).cast::<u8>(), (size - offset) as usize);
            Bytes::new(part).map(Some)
        })?
    }

    /// Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler.
    #[name = "ExternalEntityParserCreate"]
    #[signature(context, encoding = Optional::MISSING, /)]
    fn external_entity_parser(
        &self,
        context: Option<&Object>,
        encoding: Optional<&Str>,
    ) -> Result<Ref<Parser>, Raised> {
        let library = library()?;
        let context = super::text_or_none(context, "ExternalEntityParserCreate() argument 1")?;
        let (context, encoding) = (context.map(c_text).transpose()?, encoding.0.map(c_text).transpose()?);
        // SAFETY: the parser is alive; C strings, or null.
        let parser = unsafe {
            (library.create_external)(self.parser.get(), pointer(context.as_ref()), pointer(encoding.as_ref()))
        };
        if parser.is_null() {
            return Err(habu_runtime::exceptions::memory_error());
        }
        let made = Parser::of(parser, self.intern.get(), library)?;
        made.fields[PARENT].set(Some(self.to_ref()));
        made.ordered.set(self.ordered.get());
        made.specified.set(self.specified.get());
        made.prefixes.set(self.prefixes.get());
        made.buffer_size.set(self.buffer_size.get());
        if self.is_buffered() {
            // SAFETY: the parser is new: nobody else reaches its text.
            unsafe { *made.text.get() = Some(Buffer::new()) };
        }
        for kind in ALL {
            let handler = self.handler(kind);
            // SAFETY: the parser is alive.
            unsafe { kind.install(library, parser, handler.is_some()) };
            made.fields[kind as usize].set(handler);
        }
        Ok(made)
    }

    /// Controls parsing of parameter entities (including the external DTD subset).
    ///
    /// Possible flag values are XML_PARAM_ENTITY_PARSING_NEVER,
    /// XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE and
    /// XML_PARAM_ENTITY_PARSING_ALWAYS. Returns true if setting the flag
    /// was successful.
    #[name = "SetParamEntityParsing"]
    fn set_param_entity_parsing(&self, flag: i32) -> Result<c_int, Raised> {
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.set_param_entity_parsing)(parser, flag) })
    }

    /// Allows the application to provide an artificial external subset if one is not specified as part of the document instance.
    ///
    /// This readily allows the use of a 'default' document type controlled by the
    /// application, while still getting the advantage of providing document type
    /// information to the parser. 'flag' defaults to True if not provided.
    #[name = "UseForeignDTD"]
    #[signature(flag = true, /)]
    fn use_foreign_dtd(&self, flag: bool) -> Result<(), Raised> {
        // SAFETY: the parser is alive.
        let code = self.place(|library, parser| unsafe { (library.use_foreign_dtd)(parser, u8::from(flag)) })?;
        if code == 0 { Ok(()) } else { Err(self.error(code)) }
    }

    #[getter]
    #[name = "intern"]
    fn get_intern(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.intern.get().map(Ref::into_object))
    }

    #[getter]
    fn buffer_size(&self) -> Result<u32, Raised> {
        Ok(self.buffer_size.get())
    }

    #[setter]
    fn set_buffer_size(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(RuntimeError, "Cannot delete attribute")) };
        let Some(number) = value.downcast::<Int>() else {
            return Err(raise!(TypeError, "buffer_size must be an integer"));
        };
        let size = match number.to_i64() {
            Some(size) if size <= 0 => return Err(raise!(ValueError, "buffer_size must be greater than zero")),
            Some(size) if size <= c_int::MAX.into() => size as u32,
            _ if number.is_negative() => return Err(raise!(ValueError, "buffer_size must be greater than zero")),
            _ => return Err(raise!(ValueError, "buffer_size must not be greater than {}", c_int::MAX)),
        };
        if self.is_buffered() {
            self.flush()?;
        }
        self.buffer_size.set(size);
        Ok(())
    }

    #[getter]
    fn buffer_used(&self) -> Result<usize, Raised> {
        // SAFETY: as in `keep_text`.
        Ok(unsafe { &*self.text.get() }.as_ref().map_or(0, |text| text.len()))
    }

    #[getter]
    fn buffer_text(&self) -> Result<bool, Raised> {
        Ok(self.is_buffered())
    }

    #[setter]
    fn set_buffer_text(&self, value: Option<&Object>) -> Result<(), Raised> {
        let on = flag(value)?;
        if on == self.is_buffered() {
            return Ok(());
        }
        self.flush()?;
        // SAFETY: as in `keep_text`; what is replaced is empty.
        unsafe { *self.text.get() = on.then(Buffer::new) };
        Ok(())
    }

    #[getter]
    fn namespace_prefixes(&self) -> Result<bool, Raised> {
        Ok(self.prefixes.get())
    }

    #[setter]
    fn set_namespace_prefixes(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.prefixes.set(flag(value)?);
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.set_return_triplet)(parser, c_int::from(self.prefixes.get())) })
    }

    #[getter]
    fn ordered_attributes(&self) -> Result<bool, Raised> {
        Ok(self.ordered.get())
    }

    #[setter]
    fn set_ordered_attributes(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.ordered.set(flag(value)?);
        Ok(())
    }

    #[getter]
    fn specified_attributes(&self) -> Result<bool, Raised> {
        Ok(self.specified.get())
    }

    #[setter]
    fn set_specified_attributes(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.specified.set(flag(value)?);
        Ok(())
    }

    #[getter]
    #[name = "ErrorCode"]
    fn error_code(&self) -> Result<c_int, Raised> {
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.error_code)(parser) })
    }

    #[getter]
    #[name = "ErrorLineNumber"]
    fn error_line(&self) -> Result<u64, Raised> {
        self.current_line()
    }

    #[getter]
    #[name = "ErrorColumnNumber"]
    fn error_column(&self) -> Result<u64, Raised> {
        self.current_column()
    }

    #[getter]
    #[name = "ErrorByteIndex"]
    fn error_index(&self) -> Result<i64, Raised> {
        self.current_index()
    }

    #[getter]
    #[name = "CurrentLineNumber"]
    fn current_line(&self) -> Result<u64, Raised> {
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.line)(parser) })
    }

    #[getter]
    #[name = "CurrentColumnNumber"]
    fn current_column(&self) -> Result<u64, Raised> {
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.column)(parser) })
    }

    #[getter]
    #[name = "CurrentByteIndex"]
    fn current_index(&self) -> Result<i64, Raised> {
        // SAFETY: the parser is alive.
        self.place(|library, parser| unsafe { (library.byte_index)(parser) })
    }
}

/// A flag that an attribute is set to.
fn flag(value: Option<&Object>) -> Result<bool, Raised> {
    match value {
        Some(value) => protocol::truth(value),
        None => Err(raise!(RuntimeError, "Cannot delete attribute")),
    }
}

/// Declares the attributes that are handlers.
macro_rules! handler_attributes {
    ($($get:ident $set:ident $name:literal $kind:ident;)*) => {
        #[pymethods(table = HANDLERS)]
        impl Parser {
            $(
                #[getter]
                #[name = $name]
                fn $get(&self) -> Result<Ref, Raised> {
                    self.get_handler(Kind::$kind)
                }

                #[setter]
                #[name = $name]
                fn $set(&self, value: Option<&Object>) -> Result<(), Raised> {
                    self.set_handler(Kind::$kind, value)
                }
            )*
        }
    };
}

handler_attributes! {
    start_element set_start_element "StartElementHandler" StartElement;
    end_element set_end_element "EndElementHandler" EndElement;
    instruction set_instruction "ProcessingInstructionHandler" ProcessingInstruction;
    character_data set_character_data "CharacterDataHandler" CharacterData;
    unparsed_entity set_unparsed_entity "UnparsedEntityDeclHandler" UnparsedEntityDecl;
    notation set_notation "NotationDeclHandler" NotationDecl;
    start_namespace set_start_namespace "StartNamespaceDeclHandler" StartNamespaceDecl;
    end_namespace set_end_namespace "EndNamespaceDeclHandler" EndNamespaceDecl;
    comment set_comment "CommentHandler" Comment;
    start_cdata set_start_cdata "StartCdataSectionHandler" StartCdataSection;
    end_cdata set_end_cdata "EndCdataSectionHandler" EndCdataSection;
    default_handler set_default_handler "DefaultHandler" Default;
    default_expand set_default_expand "DefaultHandlerExpand" DefaultHandlerExpand;
    not_standalone set_not_standalone "NotStandaloneHandler" NotStandalone;
    external_entity set_external_entity "ExternalEntityRefHandler" ExternalEntityRef;
    start_doctype set_start_doctype "StartDoctypeDeclHandler" StartDoctypeDecl;
    end_doctype set_end_doctype "EndDoctypeDeclHandler" EndDoctypeDecl;
    entity set_entity "EntityDeclHandler" EntityDecl;
    xml set_xml "XmlDeclHandler" XmlDecl;
    element_declaration set_element_declaration "ElementDeclHandler" ElementDecl;
    attributes_declaration set_attributes_declaration "AttlistDeclHandler" AttlistDecl;
    skipped_entity set_skipped_entity "SkippedEntityHandler" SkippedEntity;
}

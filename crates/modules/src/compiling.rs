//! From source text to code objects: what `compile`, `exec`, `eval`, import and the command line share.

use habu_compiler::{Category, CompileError, ErrorKind, Mode, Options};
use habu_heap::{Buffer, Working};
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::code::Code;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{
    exceptions::{exc, memory_error},
    raise,
};

/// `PyCF_ONLY_AST`
const ONLY_AST: i32 = 0x400;
/// `PyCF_SOURCE_IS_UTF8`, which is only for use inside.
const SOURCE_IS_UTF8: i32 = 0x100;
/// `CO_FUTURE_*` flags, inherited from the code that compiles.
pub const FUTURE_MASK: i32 = 0x01fe_0000;
/// All flags that `compile` takes.
const KNOWN_FLAGS: i32 = FUTURE_MASK | 0x200 | SOURCE_IS_UTF8 | ONLY_AST | 0x1000 | 0x2000 | 0x4000 | 0x10;

/// Source that was handed over: bytes to be decoded, or text.
pub enum Source {
    /// As in a file, with a declared encoding.
    Bytes(Buffer<u8>),
    /// Already decoded.
    Text(Buffer<u8>),
}

impl Source {
    /// The source in an object; `expected` names what it may be.
    pub fn from_object(object: &Object, function: &str, expected: &str) -> Result<Source, Raised> {
        let no_null = |bytes: &[u8]| match bytes.contains(&0) {
            true => Err(raise!(SyntaxError, "source code string cannot contain null bytes")),
            false => Ok(()),
        };
        if let Some(text) = object.downcast::<Str>() {
            // Surrogates, which UTF-8 has no bytes for, are refused here.
            text.keep_utf8()?;
            let text = habu_runtime::types::str::codecs::encode(text, None, None)?;
            let text = Buffer::from_slice(text.as_slice())?;
            no_null(&text)?;
            return Ok(Source::Text(text));
        }
        if let Some(bytes) = object.downcast::<Bytes>() {
            no_null(bytes.as_slice())?;
            return Ok(Source::Bytes(Buffer::from_slice(bytes.as_slice())?));
        }
        match habu_runtime::types::buffer::to_bytes(object) {
            Ok(bytes) => {
                no_null(bytes.as_slice())?;
                Ok(Source::Bytes(Buffer::from_slice(bytes.as_slice())?))
            }
            Err(raised) => {
                raised.clear();
                Err(raise!(TypeError, "{function}() arg 1 must be a {expected} object"))
            }
        }
    }

    /// The source without the spaces and tabs that it begins with, as `eval` takes it.
    pub fn without_indent(self) -> Source {
        let cut = |mut bytes: Buffer<u8>| {
            while bytes.first().is_some_and(|first| *first == b' ' || *first == b'\t') {
                bytes.remove(0);
            }
            bytes
        };
        match self {
            Source::Bytes(bytes) => Source::Bytes(cut(bytes)),
            Source::Text(bytes) => Source::Text(cut(bytes)),
        }
    }

    /// Tells hooks that the source is compiled.
    fn audit(&self, filename: &str) -> Result<(), Raised> {
        let (Source::Bytes(bytes) | Source::Text(bytes)) = self;
        habu_runtime::audit!("compile", Bytes::new(bytes)?, filename)
    }

    /// The text, decoded as the source says.
    fn text(&self, filename: &str) -> Result<String, Raised> {
        match self {
            Source::Text(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Source::Bytes(bytes) => {
                let mut raised = None;
                let decoded = habu_compiler::parse::decode(bytes, &mut |encoding: &str, bytes: &[u8]| {
                    decode_with_codec(encoding, bytes, &mut raised)
                });
                match (decoded, raised) {
                    (Ok(text), _) => Ok(text.to_string()),
                    (Err(_), Some(raised)) => Err(raised),
                    (Err(error), None) => Err(raise_compile_error(&CompileError::Syntax(error), filename)),
                }
            }
        }
    }
}

/// Decodes source in an encoding that the compiler does not know, by the codec of that name.
fn decode_with_codec(
    encoding: &str,
    bytes: &[u8],
    raised: &mut Option<Raised>,
) -> Result<String, habu_compiler::parse::CodecError> {
    let decode = || -> Result<String, Raised> {
        let bytes = Bytes::new(bytes)?;
        let text = protocol::call_method(&bytes, &*Str::intern("decode")?, &[&*Str::new(encoding)?])?;
        match text.downcast::<Str>() {
            Some(text) => Ok(text.to_string_lossy()),
            None => Err(raise!(TypeError, "decoder did not return a string")),
        }
    };
    match decode() {
        Ok(text) => Ok(text),
        Err(error) => {
            if habu_runtime::threads::Thread::current()
                .exception()
                .is_some_and(|error| error.ty().is_subtype(exc::LookupError()))
            {
                error.clear();
                return Err(habu_compiler::parse::CodecError::Unknown);
            }
            // What the codec says of the bytes is said of the source; other errors are their own.
            let current = habu_runtime::threads::Thread::current().exception();
            if current.as_ref().is_some_and(|error| error.ty().is_subtype(exc::ValueError())) {
                error.clear();
                let reason = current.and_then(|current| match protocol::str(&current) {
                    Ok(reason) => Some(reason.to_string_lossy()),
                    Err(raised) => {
                        raised.clear();
                        None
                    }
                });
                return Err(habu_compiler::parse::CodecError::Failed(reason.unwrap_or_default()));
            }
            *raised = Some(error);
            Err(habu_compiler::parse::CodecError::Unknown)
        }
    }
}

/// The options for code of the running program: its recursion limit, digits limit and optimisation.
fn options(flags: u32, optimize: i32) -> Options {
    let limit = habu_runtime::threads::Thread::current().recursion_limit.get();
    Options {
        optimize: if optimize < 0 { crate::sys_::optimization().min(2) } else { optimize } as i8,
        flags,
        feature_version: 11,
        recursion_limit: (limit.max(0) as u32).saturating_mul(3),
        max_int_digits: habu_runtime::types::int::text::digit_limit(),
    }
}

/// Compiles with the flags of the running code.
pub fn compile_source(source: &Source, filename: &str, mode: Mode) -> Result<Ref<Code>, Raised> {
    compile_with(source, filename, mode, inherited_flags() as u32, -1)
}

/// Compiles with these flags and this optimisation (-1: the program's own).
pub fn compile_with(
    source: &Source,
    filename: &str,
    mode: Mode,
    flags: u32,
    optimize: i32,
) -> Result<Ref<Code>, Raised> {
    Code::from_data(&compile_data(source, filename, mode, flags, optimize)?)
}

/// As `compile_with` with the flags of the running code, for code that runs at once: with the objects of its literals, which the caller
/// keeps until it ended, see `Code::with_literals`.
pub fn compile_to_run(source: &Source, filename: &str, mode: Mode) -> Result<(Ref<Code>, Buffer<Ref>), Raised> {
    Code::with_literals(&compile_data(source, filename, mode, inherited_flags() as u32, -1)?)
}

/// Charges what decoding and compiling a source takes at most, since neither can be stopped when memory is short. Tokens are counted, roughly: trees,
/// symbols and code come to at most 215 bytes for each, texts of tokens to four times the source. Comments may end early: a `#` in a
/// string is not one.
fn working_memory(source: &Source) -> Result<Working, Raised> {
    const FOR_A_TOKEN: usize = 215;
    let (Source::Bytes(bytes) | Source::Text(bytes)) = source;
    let mut tokens = 0_usize;
    let (mut in_word, mut in_comment) = (false, false);
    for &byte in bytes.iter() {
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        in_comment = (in_comment || byte == b'#') && !matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'{');
        let begins = !(in_comment || is_word && in_word || matches!(byte, b' ' | b'\t' | b'\r'));
        tokens += usize::from(begins);
        in_word = is_word;
    }
    let room = tokens.saturating_mul(FOR_A_TOKEN).saturating_add(bytes.len().saturating_mul(4));
    Working::reserve(room).map_err(|_| memory_error())
}

fn compile_data(
    source: &Source,
    filename: &str,
    mode: Mode,
    flags: u32,
    optimize: i32,
) -> Result<habu_bytecode::Code, Raised> {
    source.audit(filename)?;
    let _working = working_memory(source)?;
    let text = source.text(filename)?;
    let mut warnings = Vec::new();
    let options = options(flags, optimize);
    let code = habu_compiler::compile_text_warning(&text, filename.into(), mode, &options, &mut warnings);
    warn(&warnings, filename)?;
    code.map_err(|error| raise_compile_error(&error, filename))
}

/// `CO_FUTURE_*` flags of the code that is running.
fn inherited_flags() -> i32 {
    habu_runtime::eval::running_code().map_or(0, |code| code.flag_bits() as i32 & FUTURE_MASK)
}

/// What `builtins.compile` does.
pub fn compile_builtin(
    source: &Object,
    filename: &Object,
    mode: &Str,
    flags: i32,
    dont_inherit: bool,
    optimize: i32,
    feature_version: i32,
) -> Result<Ref, Raised> {
    if flags & !KNOWN_FLAGS != 0 {
        return Err(raise!(ValueError, "compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(raise!(ValueError, "compile(): invalid optimize value"));
    }
    let flags = if dont_inherit { flags } else { flags | inherited_flags() };
    let only_tree = flags & ONLY_AST != 0;
    let mode = match mode.as_ascii() {
        Some("exec") => Mode::Exec,
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        Some("func_type") if only_tree => Mode::FuncType,
        Some("func_type") => {
            return Err(raise!(ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ if only_tree => {
            return Err(raise!(ValueError, "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"));
        }
        _ => return Err(raise!(ValueError, "compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let filename = file_name(filename)?.to_string_lossy();
    if crate::ast::is_tree(source) {
        return if only_tree {
            Ok(source.to_ref())
        } else {
            compile_tree(source, &filename, mode, flags as u32, optimize)
        };
    }
    let source = Source::from_object(source, "compile", "string, bytes or AST")?;
    if only_tree {
        let mut options = options(flags as u32, -1);
        if feature_version >= 0 {
            options.feature_version = feature_version.min(11) as u8;
        }
        return parse_tree(&source, &filename, mode, &options);
    }
    compile_with(&source, &filename, mode, flags as u32, optimize).map(Ref::into_object)
}

/// The name of the source: a path, or with a warning any other buffer of bytes (`PyUnicode_FSDecoder`).
pub(crate) fn file_name(object: &Object) -> Result<Ref<Str>, Raised> {
    use habu_runtime::types::str::codecs::paths;
    if !object.isinstance::<Bytes>() && habu_runtime::types::buffer::supports_buffer(object) {
        habu_runtime::exceptions::warn::warn(
            exc::DeprecationWarning(),
            format_args!("path should be string, bytes, or os.PathLike, not {}", object.ty().full_name()),
            1,
        )?;
        return paths::fs_decode(habu_runtime::types::buffer::to_bytes(object)?.as_slice());
    }
    let path = paths::path_object(object)?;
    let name = match path.downcast_into::<Bytes>() {
        Ok(bytes) => paths::fs_decode(bytes.as_slice())?,
        Err(text) => text.downcast_into::<Str>().map_err(|_| raise!(SystemError, "a path that is no text"))?,
    };
    if name.chars().iter().any(|code| code == 0) {
        return Err(raise!(ValueError, "embedded null character"));
    }
    Ok(name)
}

/// Compiles a tree that a program made.
fn compile_tree(tree: &Object, filename: &str, mode: Mode, flags: u32, optimize: i32) -> Result<Ref, Raised> {
    use habu_compiler::ast::{Invalid, validate};
    let (tree, _working) = crate::ast::from_object(tree, mode)?;
    let options = options(flags, optimize);
    validate(&tree, options.recursion_limit).map_err(|invalid| match invalid {
        Invalid::Value(message) => raise!(ValueError, "{message}"),
        Invalid::Type(message) => raise!(TypeError, "{message}"),
        Invalid::TooDeep => raise!(RecursionError, "maximum recursion depth exceeded during compilation"),
    })?;
    let mut warnings = Vec::new();
    let code = habu_compiler::compile_tree(tree, filename.into(), &options, &mut warnings);
    warn(&warnings, filename)?;
    Ok(Code::from_data(&code.map_err(|error| raise_compile_error(&error, filename))?)?.into_object())
}

/// The syntax tree of source, as an object.
fn parse_tree(source: &Source, filename: &str, mode: Mode, options: &Options) -> Result<Ref, Raised> {
    source.audit(filename)?;
    let _working = working_memory(source)?;
    let text = source.text(filename)?;
    let mut warnings = Vec::new();
    let tree = habu_compiler::parse_warning(&text, mode, options, &mut warnings);
    warn(&warnings, filename)?;
    crate::ast::to_object(&tree.map_err(|error| raise_compile_error(&error, filename))?)
}

/// The symbol table of source, with the flags of the running code.
pub(crate) fn symbol_table(
    source: &Source,
    filename: &str,
    mode: Mode,
) -> Result<habu_compiler::symtable::SymbolTable, Raised> {
    let _working = working_memory(source)?;
    let text = source.text(filename)?;
    let mut warnings = Vec::new();
    let table = habu_compiler::symbol_table(&text, mode, &options(inherited_flags() as u32, -1), &mut warnings);
    warn(&warnings, filename)?;
    table.map_err(|error| raise_compile_error(&error, filename))
}

/// Issues the compiler's warnings; one that is made an error is raised as a SyntaxError.
fn warn(warnings: &[habu_compiler::Warning], filename: &str) -> Result<(), Raised> {
    for warning in warnings {
        let category = match warning.category {
            Category::Syntax => exc::SyntaxWarning(),
            Category::Deprecation => exc::DeprecationWarning(),
        };
        if let Err(raised) = crate::warnings::warn_explicit(category, &warning.message, filename, warning.line as i64) {
            protocol::attribute::ignore::<()>(raised, category)?;
            return Err(raise_compile_error(&CompileError::Syntax(warning.error.clone()), filename));
        }
    }
    Ok(())
}

/// Refuses a file of source with null bytes, or with bytes that its encoding does not have.
pub fn check_file(bytes: &[u8], filename: &str) -> Result<(), Raised> {
    habu_compiler::parse::check_file(bytes, filename).map_err(|error| match error.line {
        // Without a line there is the message alone.
        0 => raise!(SyntaxError, "{}", error.message),
        _ => raise_compile_error(&CompileError::Syntax(error), filename),
    })
}

/// Raises what the compiler found wrong.
pub fn raise_compile_error(error: &CompileError, filename: &str) -> Raised {
    let error = match error {
        CompileError::Syntax(error) => error,
        CompileError::TooLarge => return raise!(OverflowError, "code object is too large"),
        CompileError::Internal(what) => return raise!(SystemError, "{what}"),
    };
    let kind = match error.kind {
        ErrorKind::Syntax => exc::SyntaxError(),
        ErrorKind::Indentation => exc::IndentationError(),
        ErrorKind::Tab => exc::TabError(),
        ErrorKind::Value => return raise!(ValueError, "{}", error.message),
        ErrorKind::Memory => return habu_runtime::exceptions::memory_error(),
        ErrorKind::Recursion => return raise!(RecursionError, "{}", error.message),
    };
    match syntax_error_arguments(error, filename) {
        Ok((message, details)) => habu_runtime::exceptions::raise_with_arguments(kind, &[&message, &details]),
        Err(raised) => raised,
    }
}

/// `(message, (filename, line, offset, text, end line, end offset))`
fn syntax_error_arguments(
    error: &habu_compiler::SyntaxError,
    filename: &str,
) -> Result<(Ref<Str>, Ref<Tuple>), Raised> {
    let number = |value: i64| -> Result<Ref, Raised> { Ok(Int::from_i64(value)?.into_object()) };
    // The parser gives all lines of a string that goes over several; of a file, the error's own line is shown.
    let whole = error.text.as_deref().filter(|text| text.trim_end_matches('\n').contains('\n'));
    let own_line = whole.and_then(|_| file_line(filename, error.line));
    let text = match own_line.as_ref().or(error.text.as_ref()) {
        Some(text) => Str::new(text)?.into_object(),
        None => match file_line(filename, error.line) {
            Some(line) => Str::new(&line)?.into_object(),
            None => none(),
        },
    };
    let name = Str::new(filename)?.into_object();
    let (line, offset) = (number(error.line.into())?, number(error.offset.into())?);
    // What is wrong with the text as a whole has no place, and no end.
    let details = match error.line {
        0 => Tuple::from_refs([name, line, offset, text])?,
        _ => {
            let end = [number(error.end_line.into())?, number(error.end_offset.into())?];
            let [end_line, end_offset] = end;
            Tuple::from_refs([name, line, offset, text, end_line, end_offset])?
        }
    };
    Ok((Str::new(&error.message)?, details))
}

/// A line of a source file, for an error found after the text was gone.
fn file_line(filename: &str, line: u32) -> Option<String> {
    let text = std::fs::read(filename).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    text.split_inclusive('\n').nth(line.checked_sub(1)? as usize).map(str::to_owned)
}

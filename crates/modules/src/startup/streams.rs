//! The standard streams.

use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised};
use habu_runtime::threads::Thread;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::registry;

/// Opens `sys.stdin`, `sys.stdout` and `sys.stderr`.  One whose descriptor is closed is None.
pub fn open() -> Result<(), Raised> {
    let config = &Thread::current().interpreter().config;
    let (encoding, errors) = match config.io_encoding.as_deref() {
        Some(given) => given.split_once(':').map_or((given, ""), |(encoding, errors)| (encoding, errors)),
        None => ("", ""),
    };
    // The codec of file names, with the library's packages that it takes: later a program's own `codecs.py` could stand in their way.
    registry::lookup(&*Str::intern("utf-8")?)?;
    let io = habu_runtime::import::import_module("io")?;
    if let Some(builtins) = Thread::current().interpreter().builtins.get() {
        builtins.set_str("open", &*protocol::get_attribute_str(&io, "open")?)?;
    }
    let strict = match (encoding.is_empty(), errors.is_empty()) {
        (_, false) => errors,
        (true, true) => default_errors(),
        // An encoding that was asked for is strict.
        (false, true) => "strict",
    };
    let encoding = match encoding {
        "" => "utf-8".to_owned(),
        // By the name that the codec itself has.
        given => {
            let codec = registry::lookup(&*Str::new(given)?)?;
            let name = protocol::lookup_attribute(&codec, &*Str::intern("name")?)?;
            name.as_deref().and_then(Object::downcast::<Str>).map_or_else(|| given.to_owned(), Str::to_string_lossy)
        }
    };
    for (fd, name, mode, errors) in
        [(0, "stdin", "rb", strict), (1, "stdout", "wb", strict), (2, "stderr", "wb", "backslashreplace")]
    {
        // SAFETY: asking for a descriptor's flags touches no memory.
        let is_open = unsafe { libc::fcntl(fd, libc::F_GETFD) } >= 0;
        let stream = match is_open {
            true => crate::io::create_stdio(fd, mode, &format!("<{name}>"), &encoding, errors, fd == 2)?,
            false => none(),
        };
        crate::sys_::set(&format!("__{name}__"), &stream)?;
        crate::sys_::set(name, &stream)?;
    }
    Ok(())
}

/// In the C locale undecodable bytes pass through.
fn default_errors() -> &'static str {
    match super::locale_name().to_bytes() {
        b"C" | b"POSIX" | b"C.UTF-8" | b"C.utf8" | b"UTF-8" => "surrogateescape",
        _ => "strict",
    }
}

//! `_socket`: sockets, and the look-ups of names around them.
//!
//! `address` turns Python's addresses into the system's and back; `value` is the type with its states; `waiting` makes calls that respect
//! the timeout; `transfer` and `message` send and receive; `lookup` asks for names; `numbers` converts. Blocking calls run with the
//! interpreter's lock released. CPython's counterpart is `socketmodule.c`.

mod address;
mod capi;
pub mod constants;
mod lookup;
mod message;
mod numbers;
mod transfer;
pub mod value;
mod waiting;

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::args::{FromArg, Signature};
use habu_runtime::object::{Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, supports_buffer};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use habu_runtime::threads::audit::audit;

use crate::fill::{set, set_type};
use crate::system::{state, text};

/// The signature of an argument that is converted alone.
static ONE: Signature = Signature {
    function: "socket",
    names: &["x"],
    required: &[true],
    positional_only: 1,
    positional: 1,
    varargs: false,
    words: habu_runtime::object::args::Words::Clinic,
};

/// A C `int` (format `i`).
fn int(object: &Object) -> Result<i32, Raised> {
    i32::from_arg(object, &ONE, 0)
}

/// The argument at `index` as a C `int`, or its default.
fn int_at(args: &[&Object], index: usize, default: i32) -> Result<i32, Raised> {
    args.get(index).map_or(Ok(default), |object| int(object))
}

/// A `Py_ssize_t` (format `n`).
fn size(object: &Object) -> Result<isize, Raised> {
    isize::from_arg(object, &ONE, 0)
}

/// Bytes-like data (format `y*`).
fn data(object: &Object) -> Result<ByteView, Raised> {
    if !supports_buffer(object) {
        return Err(raise!(TypeError, "a bytes-like object is required, not '{}'", object.ty().full_name()));
    }
    ByteView::new(object)
}

/// Checks how many arguments a function was given, in the words of `PyArg_ParseTuple`.
fn check_count(name: &str, args: &[&Object], least: usize, most: usize) -> Result<(), Raised> {
    let count = args.len();
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let (word, limit) = match (least == most, count < least) {
        (true, _) => ("exactly", most),
        (_, true) => ("at least", least),
        _ => ("at most", most),
    };
    let plural = if limit == 1 { "" } else { "s" };
    Err(raise!(TypeError, "{name}() takes {word} {limit} argument{plural} ({count} given)"))
}

/// A string argument (format `s`) ended by NUL.
fn c_text(name: &str, position: usize, object: &Object) -> Result<text::CText, Raised> {
    match object.downcast::<Str>() {
        Some(text) => text::CText::of_str(text),
        None => {
            let got = if habu_runtime::types::singletons::is_none(object) { "None" } else { object.ty().full_name() };
            Err(raise!(TypeError, "{name}() argument {position} must be str, not {got}"))
        }
    }
}

/// Raises one of the module's own exceptions with a code and its text.
fn raise_own(kind: &str, code: i32, message: &std::ffi::CStr) -> Raised {
    let make = || -> Result<Raised, Raised> {
        let class = state::get(kind)?;
        let class = class.as_deref().and_then(|class| class.downcast::<Type>()).unwrap_or(exc::OSError());
        let (code, message) = (Int::from_i64(code.into())?, text::decode(message.to_bytes())?);
        Ok(habu_runtime::exceptions::raise_with_arguments(class, &[&code, &message]))
    };
    make().unwrap_or_else(|raised| raised)
}

const DEFAULT_TIMEOUT: &str = "_socket.default_timeout";

/// The timeout of new sockets in nanoseconds; negative for none.
fn default_timeout() -> Result<i64, Raised> {
    let kept = state::get(DEFAULT_TIMEOUT)?;
    Ok(kept.as_deref().and_then(|kept| kept.downcast::<Int>()).and_then(Int::to_i64).unwrap_or(-1))
}

/// A timeout as Python sees it.
fn shown_timeout(nanoseconds: i64) -> Result<Option<Ref<Float>>, Raised> {
    if nanoseconds < 0 { Ok(None) } else { Float::new(nanoseconds as f64 / 1e9).map(Some) }
}

/// The module.
pub struct SocketModule;

/// Implementation module for socket operations.
///
/// See the socket module for documentation.
#[pymodule(name = "_socket", with(LOOKUP, NUMBERS))]
impl SocketModule {
    /// getdefaulttimeout() -> timeout
    ///
    /// Returns the default timeout in seconds (float) for new socket objects.
    /// A value of None indicates that new socket objects have no timeout.
    /// When the socket module is first imported, the default is None.
    #[no_signature]
    fn getdefaulttimeout() -> Result<Option<Ref<Float>>, Raised> {
        shown_timeout(default_timeout()?)
    }

    /// setdefaulttimeout(timeout)
    ///
    /// Set the default timeout in seconds (float) for new socket objects.
    /// A value of None indicates that new socket objects have no timeout.
    /// When the socket module is first imported, the default is None.
    #[no_signature]
    fn setdefaulttimeout(timeout: &Object) -> Result<(), Raised> {
        let timeout = waiting::parse_timeout(timeout)?;
        state::set(DEFAULT_TIMEOUT, &*Int::from_i64(timeout)?)
    }

    /// close(integer) -> None
    ///
    /// Close an integer socket file descriptor.  This is like os.close(), but for
    /// sockets; on some platforms os.close() won't work for socket file descriptors.
    #[no_signature]
    fn close(fd: &Object) -> Result<(), Raised> {
        value::close_descriptor(int(fd)?)
    }

    /// dup(integer) -> integer
    ///
    /// Duplicate an integer socket file descriptor.  This is like os.dup(), but for
    /// sockets; on some platforms os.dup() won't work for socket file descriptors.
    #[no_signature]
    fn dup(fd: &Object) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        crate::system::check(unsafe { libc::fcntl(int(fd)?, libc::F_DUPFD_CLOEXEC, 0) })
    }

    /// socketpair([family[, type [, proto]]]) -> (socket object, socket object)
    ///
    /// Create a pair of socket objects from the sockets returned by the platform
    /// socketpair() function.
    /// The arguments are the same as for socket() except the default family is
    /// AF_UNIX if defined on the platform; otherwise, the default is AF_INET.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn socketpair(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        check_count("socketpair", args, 0, 3)?;
        let family = int_at(args, 0, libc::AF_UNIX)?;
        let (kind, proto) = (int_at(args, 1, libc::SOCK_STREAM)?, int_at(args, 2, 0)?);
        let mut pair = [-1; 2];
        // SAFETY: the call fills the two places.
        crate::system::check(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, pair.as_mut_ptr()) })?;
        let first = value::Socket::adopt(pair[0], family, kind, proto);
        let second = value::Socket::adopt(pair[1], family, kind, proto);
        Tuple::from_refs([first?.into_object(), second?.into_object()])
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "SocketType", &value::SOCKET_TYPE)?;
        set_type(module, "socket", &value::SOCKET_TYPE)?;
        module.set("error", exc::OSError())?;
        capi::add(module)?;
        module.set("timeout", exc::TimeoutError())?;
        for name in ["herror", "gaierror"] {
            let class = crate::system::new_exception("socket", name, &[exc::OSError()])?;
            module.set(name, &class)?;
            state::set(name, &class)?;
        }
        set(module, "has_ipv6", true)?;
        module.set_text("BDADDR_ANY", "00:00:00:00:00:00")?;
        module.set_text("BDADDR_LOCAL", "00:00:00:FF:FF:FF")?;
        constants::CONSTANTS.iter().try_for_each(|(name, value)| module.set_int(name, *value))
    }
}

/// The bytes of a `bytes` or `bytearray` object.
fn own_bytes(object: &Object) -> Result<Option<habu_heap::Buffer<u8>>, Raised> {
    if object.isinstance::<Bytes>() || object.isinstance::<habu_runtime::types::bytearray::ByteArray>() {
        return Ok(Some(ByteView::new(object)?.to_buffer()?));
    }
    Ok(None)
}

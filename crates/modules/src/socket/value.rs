//! `_socket.socket`: the object, its life, and its states.

use std::cell::Cell;
use std::mem::{offset_of, size_of};

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::descriptor_tables::{READONLY, T_INT};
use habu_runtime::object::{MemberDef, Object, Raised, Ref, Type, create, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::address::{self, Address};
use super::waiting::{Wait, Waited, deadline, parse_timeout, timed_out};
use super::{audit, check_count, data, default_timeout, int, int_at, shown_timeout};
use crate::system::blocking::{check_signals, without_lock};
use crate::system::{check, errno, last_error};

#[pytype(
    name = "_socket.socket",
    generic_get,
    doc = "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\nOpen a socket of the given type.  The family argument specifies the\naddress family; it defaults to AF_INET.  The type argument specifies\nwhether this is a stream (SOCK_STREAM, this is the default)\nor datagram (SOCK_DGRAM) socket.  The protocol argument defaults to 0,\nspecifying the default protocol.  Keyword arguments are accepted.\nThe socket is created as non-inheritable.\n\nWhen a fileno is passed in, family, type and proto are auto-detected,\nunless they are explicitly set.\n\nA socket object represents one endpoint of a network connection.",
    basetype
)]
/// One end of a connection, or of none yet.
pub struct Socket {
    base: Object,
    /// -1 when closed.
    fd: Cell<i32>,
    family: Cell<i32>,
    kind: Cell<i32>,
    proto: Cell<i32>,
    /// Where CPython keeps the function that raises errors.
    reserved: Cell<usize>,
    /// In nanoseconds: negative blocks for ever, 0 never.
    timeout: Cell<i64>,
}

habu_runtime::assert_layout!(Socket, size 48, fd @ 16, timeout @ 40);

const fn member(name: &'static std::ffi::CStr, offset: usize, doc: &'static std::ffi::CStr) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_INT, offset: offset as isize, flags: READONLY, doc: doc.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"family", offset_of!(Socket, family), c"the socket family"),
    member(c"type", offset_of!(Socket, kind), c"the socket type"),
    member(c"proto", offset_of!(Socket, proto), c"the socket protocol"),
];

/// Closes a descriptor; that the other side is gone is no error.
pub(super) fn close_descriptor(fd: i32) -> Result<(), Raised> {
    // SAFETY: a plain call.
    let (result, failed) = without_lock(|| unsafe { (libc::close(fd), errno()) });
    if result < 0 && failed != libc::ECONNRESET { Err(raise_os_error(failed, None)) } else { Ok(()) }
}

impl Socket {
    fn fields() -> Socket {
        Socket {
            base: Object::of::<Socket>(),
            fd: Cell::new(-1),
            family: Cell::new(0),
            kind: Cell::new(0),
            proto: Cell::new(0),
            reserved: Cell::new(super::capi::ERROR_HANDLER as *const () as usize),
            timeout: Cell::new(-1),
        }
    }

    /// An object for a new descriptor, which it owns from here on.
    pub(super) fn adopt(fd: i32, family: i32, kind: i32, proto: i32) -> Result<Ref<Socket>, Raised> {
        let made = create(Socket::fields()).and_then(|socket| {
            socket.set_up(fd, family, kind, proto)?;
            Ok(socket)
        });
        if made.is_err() {
            // SAFETY: nobody else owns the descriptor.
            unsafe { libc::close(fd) };
        }
        made
    }

    fn set_up(&self, fd: i32, family: i32, kind: i32, proto: i32) -> Result<(), Raised> {
        let default = default_timeout()?;
        let at_once = kind & libc::SOCK_NONBLOCK != 0;
        if !at_once && default >= 0 {
            set_nonblocking(fd, true)?;
        }
        self.timeout.set(if at_once { 0 } else { default });
        self.family.set(family);
        self.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
        self.proto.set(proto);
        self.fd.set(fd);
        Ok(())
    }

    pub(super) fn descriptor(&self) -> i32 {
        self.fd.get()
    }

    pub(super) fn timeout_nanoseconds(&self) -> i64 {
        self.timeout.get()
    }

    pub(super) fn shown_address(&self, address: &Address) -> Result<Ref, Raised> {
        address::to_python(address, self.proto.get())
    }

    pub(super) fn address(&self, caller: &str, object: &Object) -> Result<Address, Raised> {
        address::from_python(caller, self.family.get(), self.proto.get(), object)
    }

    /// Connects; gives the errno of a failure.
    fn connect_now(&self, address: &Address, raises: bool) -> Result<i32, Raised> {
        let fd = self.fd.get();
        // SAFETY: the address is alive during the call.
        let (result, failed) =
            without_lock(|| unsafe { (libc::connect(fd, address.as_ptr(), address.length), errno()) });
        if result == 0 {
            return Ok(0);
        }
        let timeout = self.timeout.get();
        let waits = match failed {
            libc::EINTR => {
                check_signals()?;
                timeout != 0
            }
            libc::EINPROGRESS => timeout > 0,
            _ => false,
        };
        if !waits {
            return Ok(failed);
        }
        if self.wait_until(Wait::Connect, deadline(timeout))? == Waited::TimedOut {
            return if raises { Err(timed_out()) } else { Ok(libc::EWOULDBLOCK) };
        }
        match option(self.fd.get(), libc::SOL_SOCKET, libc::SO_ERROR) {
            Ok(libc::EISCONN) => Ok(0),
            Ok(state) => Ok(state),
            Err(failed) => Ok(failed),
        }
    }

    fn ask_address(
        &self,
        call: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
    ) -> Result<Ref, Raised> {
        let (fd, mut room) = (self.fd.get(), Address::room());
        // SAFETY: the room is as long as its length says.
        check(without_lock(|| unsafe {
            let mut length = room.length;
            let result = call(fd, room.as_mut_ptr(), &raw mut length);
            room.length = length;
            result
        }))?;
        self.shown_address(&room)
    }
}

/// An option that is an integer, or the errno.
fn option(fd: i32, level: i32, name: i32) -> Result<i32, i32> {
    let (mut value, mut length) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: the call fills at most the bytes of the integer.
    let result = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) };
    if result < 0 { Err(errno()) } else { Ok(value) }
}

fn set_nonblocking(fd: i32, nonblocking: bool) -> Result<(), Raised> {
    let mut flag = libc::c_int::from(nonblocking);
    // SAFETY: the call reads one integer.
    check(without_lock(|| unsafe { libc::ioctl(fd, libc::FIONBIO, &raw mut flag) })).map(drop)
}

/// What a descriptor that a program gave is of, where the program did not say.
fn detect(fd: i32, family: i32, kind: i32, proto: i32) -> Result<(i32, i32, i32), Raised> {
    let mut room = Address::room();
    let mut length = room.length;
    // SAFETY: the room is as long as its length says.
    if unsafe { libc::getsockname(fd, room.as_mut_ptr(), &raw mut length) } < 0 {
        let failed = errno();
        if family == -1 || failed == libc::EBADF || failed == libc::ENOTSOCK {
            return Err(raise_os_error(failed, None));
        }
    }
    let family = if family == -1 { room.family() } else { family };
    let ask = |given: i32, name: i32| match given {
        -1 => option(fd, libc::SOL_SOCKET, name).map_err(|failed| raise_os_error(failed, None)),
        given => Ok(given),
    };
    Ok((family, ask(kind, libc::SO_TYPE)?, ask(proto, libc::SO_PROTOCOL)?))
}

#[pymethods(with(TRANSFER, MESSAGE), members = MEMBERS)]
impl Socket {
    #[slot(tp_new)]
    fn new(cls: &Type) -> Result<Ref<Socket>, Raised> {
        instantiate(cls, Socket::fields())
    }

    #[slot(tp_init)]
    #[signature(family = -1, r#type = -1, proto = -1, fileno = None)]
    fn init(&self, family: i32, r#type: i32, proto: i32, fileno: Option<&Object>) -> Result<(), Raised> {
        let (mut family, mut kind, mut proto) = (family, r#type, proto);
        audit(
            "socket.__new__",
            &[self, &*Int::from_i64(family.into())?, &*Int::from_i64(kind.into())?, &*Int::from_i64(proto.into())?],
        )?;
        if let Some(fileno) = fileno.filter(|fileno| !is_none(fileno)) {
            let fd = int(fileno)?;
            if fd < 0 {
                return Err(raise!(ValueError, "negative file descriptor"));
            }
            (family, kind, proto) = detect(fd, family, kind, proto)?;
            return self.set_up(fd, family, kind, proto);
        }
        if family == -1 {
            family = libc::AF_INET;
        }
        if kind == -1 {
            kind = libc::SOCK_STREAM;
        }
        if proto == -1 {
            proto = 0;
        }
        // SAFETY: a plain call.
        let fd = check(without_lock(|| unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) }))?;
        let set = self.set_up(fd, family, kind, proto);
        if set.is_err() {
            // SAFETY: nobody else owns the descriptor.
            unsafe { libc::close(fd) };
        }
        set
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (fd, family, kind, proto) = (self.fd.get(), self.family.get(), self.kind.get(), self.proto.get());
        Str::from_format(format_args!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>"))
    }

    #[slot(tp_finalize)]
    fn finalize(&self) {
        if self.fd.get() == -1 {
            return;
        }
        habu_runtime::exceptions::keep_current(|| {
            let warned = protocol::repr(self)
                .and_then(|text| crate::system::warn::resource_warning(self, format_args!("unclosed {text}")));
            if let Err(raised) = warned {
                habu_runtime::exceptions::unraisable(raised, Some(self));
            }
            let fd = self.fd.replace(-1);
            if fd != -1 {
                // SAFETY: the descriptor is this object's own.
                without_lock(|| unsafe { libc::close(fd) });
            }
        });
    }

    /// _accept() -> (integer, address info)
    ///
    /// Wait for an incoming connection.  Return a new socket file descriptor
    /// representing the connection, and the address of the client.
    /// For IP sockets, the address info is a pair (hostaddr, port).
    #[no_signature]
    fn _accept(&self) -> Result<Ref<Tuple>, Raised> {
        let mut room = Address::room();
        // SAFETY: the room is as long as its length says.
        let fd = self.perform(Wait::Read, |fd| unsafe {
            room.length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            let mut length = room.length;
            let result = libc::accept4(fd, room.as_mut_ptr(), &raw mut length, libc::SOCK_CLOEXEC);
            room.length = length;
            result as isize
        })?;
        let pair = self
            .shown_address(&room)
            .and_then(|address| Tuple::from_refs([Int::from_i64(fd as i64)?.into_object(), address]));
        if pair.is_err() {
            // SAFETY: nobody else owns the descriptor.
            unsafe { libc::close(fd as i32) };
        }
        pair
    }

    /// bind(address)
    ///
    /// Bind the socket to a local address.  For IP sockets, the address is a
    /// pair (host, port); the host must refer to the local host. For raw packet
    /// sockets the address is a tuple (ifname, proto [,pkttype [,hatype [,addr]]])
    #[no_signature]
    fn bind(&self, address: &Object) -> Result<(), Raised> {
        let to = self.address("bind", address)?;
        audit("socket.bind", &[self, address])?;
        let fd = self.fd.get();
        // SAFETY: the address is alive during the call.
        check(without_lock(|| unsafe { libc::bind(fd, to.as_ptr(), to.length) })).map(drop)
    }

    /// close()
    ///
    /// Close the socket.  It cannot be used after this call.
    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        match self.fd.replace(-1) {
            -1 => Ok(()),
            fd => close_descriptor(fd),
        }
    }

    /// connect(address)
    ///
    /// Connect the socket to a remote address.  For IP sockets, the address
    /// is a pair (host, port).
    #[no_signature]
    fn connect(&self, address: &Object) -> Result<(), Raised> {
        let to = self.address("connect", address)?;
        audit("socket.connect", &[self, address])?;
        match self.connect_now(&to, true)? {
            0 => Ok(()),
            failed => Err(raise_os_error(failed, None)),
        }
    }

    /// connect_ex(address) -> errno
    ///
    /// This is like connect(address), but returns an error code (the errno value)
    /// instead of raising an exception when an error occurs.
    #[no_signature]
    fn connect_ex(&self, address: &Object) -> Result<i32, Raised> {
        let to = self.address("connect_ex", address)?;
        audit("socket.connect", &[self, address])?;
        self.connect_now(&to, false)
    }

    /// detach()
    ///
    /// Close the socket object without closing the underlying file descriptor.
    /// The object cannot be used after this call, but the file descriptor
    /// can be reused for other purposes.  The file descriptor is returned.
    #[no_signature]
    fn detach(&self) -> Result<i32, Raised> {
        Ok(self.fd.replace(-1))
    }

    /// fileno() -> integer
    ///
    /// Return the integer file descriptor of the socket.
    #[no_signature]
    fn fileno(&self) -> Result<i32, Raised> {
        Ok(self.fd.get())
    }

    /// getpeername() -> address info
    ///
    /// Return the address of the remote endpoint.  For IP sockets, the address
    /// info is a pair (hostaddr, port).
    #[no_signature]
    fn getpeername(&self) -> Result<Ref, Raised> {
        self.ask_address(libc::getpeername)
    }

    /// getsockname() -> address info
    ///
    /// Return the address of the local endpoint. The format depends on the
    /// address family. For IPv4 sockets, the address info is a pair
    /// (hostaddr, port).
    #[no_signature]
    fn getsockname(&self) -> Result<Ref, Raised> {
        self.ask_address(libc::getsockname)
    }

    /// getsockopt(level, option[, buffersize]) -> value
    ///
    /// Get a socket option.  See the Unix manual for level and option.
    /// If a nonzero buffersize argument is given, the return value is a
    /// string of that length; otherwise it is an integer.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn getsockopt(&self, args: &[&Object]) -> Result<Ref, Raised> {
        check_count("getsockopt", args, 2, 3)?;
        let (level, name, room) = (int_at(args, 0, 0)?, int_at(args, 1, 0)?, int_at(args, 2, 0)?);
        if room == 0 && self.family.get() == libc::AF_VSOCK {
            let (mut value, mut length) = (0u64, size_of::<u64>() as libc::socklen_t);
            // SAFETY: the call fills the integer.
            check(unsafe { libc::getsockopt(self.fd.get(), level, name, (&raw mut value).cast(), &raw mut length) })?;
            return Ok(Int::from_u64(value)?.into_object());
        }
        if room == 0 {
            let value = option(self.fd.get(), level, name).map_err(|failed| raise_os_error(failed, None))?;
            return Ok(Int::from_i64(value.into())?.into_object());
        }
        if !(0..=1024).contains(&room) {
            return Err(raise!(OSError, "getsockopt buflen out of range"));
        }
        let (mut bytes, mut length) = ([0u8; 1024], room as libc::socklen_t);
        // SAFETY: the call fills at most `length` bytes.
        check(unsafe { libc::getsockopt(self.fd.get(), level, name, bytes.as_mut_ptr().cast(), &raw mut length) })?;
        Ok(Bytes::new(&bytes[..(length as usize).min(bytes.len())])?.into_object())
    }

    /// setsockopt(level, option, value: int)
    /// setsockopt(level, option, value: buffer)
    /// setsockopt(level, option, None, optlen: int)
    ///
    /// Set a socket option.  See the Unix manual for level and option.
    /// The value argument can either be an integer, a string buffer, or
    /// None, optlen.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn setsockopt(&self, args: &[&Object]) -> Result<(), Raised> {
        if let (4, Some(value)) = (args.len(), args.get(2))
            && is_none(value)
        {
            let (level, name, length) = (int_at(args, 0, 0)?, int_at(args, 1, 0)?, int_at(args, 3, 0)?);
            // SAFETY: the system checks the address, which is none, for itself.
            return check(unsafe {
                libc::setsockopt(self.fd.get(), level, name, std::ptr::null(), length as libc::socklen_t)
            })
            .map(drop);
        }
        check_count("setsockopt", args, 3, 3)?;
        let (level, name) = (int_at(args, 0, 0)?, int_at(args, 1, 0)?);
        if self.family.get() != libc::AF_VSOCK
            && protocol::number::has_index(args[2])
            && let Some(Ok(value)) = protocol::number::index(args[2])?.to_i64().map(i32::try_from)
        {
            let length = size_of::<i32>() as libc::socklen_t;
            // SAFETY: the call reads the integer.
            return check(unsafe { libc::setsockopt(self.fd.get(), level, name, (&raw const value).cast(), length) })
                .map(drop);
        }
        if self.family.get() == libc::AF_VSOCK
            && let Some(value) = args[2].downcast::<Int>()
        {
            // Its options have 64 bits.
            let value = protocol::number::to_i128_index(value, "unsigned long")? as u64;
            let length = size_of::<u64>() as libc::socklen_t;
            // SAFETY: the call reads the integer.
            return check(unsafe { libc::setsockopt(self.fd.get(), level, name, (&raw const value).cast(), length) })
                .map(drop);
        }
        let value = data(args[2])?;
        let Ok(length) = i32::try_from(value.len()) else {
            return Err(raise!(OverflowError, "socket option is larger than {} bytes", i32::MAX));
        };
        // SAFETY: the call reads `length` bytes of the view.
        check(unsafe {
            libc::setsockopt(self.fd.get(), level, name, value.pointer().cast(), length as libc::socklen_t)
        })
        .map(drop)
    }

    /// gettimeout() -> timeout
    ///
    /// Returns the timeout in seconds (float) associated with socket
    /// operations. A timeout of None indicates that timeouts on socket
    /// operations are disabled.
    #[no_signature]
    fn gettimeout(&self) -> Result<Option<Ref<Float>>, Raised> {
        shown_timeout(self.timeout.get())
    }

    /// the socket timeout
    #[getter]
    fn timeout(&self) -> Result<Option<Ref<Float>>, Raised> {
        shown_timeout(self.timeout.get())
    }

    /// settimeout(timeout)
    ///
    /// Set a timeout on socket operations.  'timeout' can be a float,
    /// giving in seconds, or None.  Setting a timeout of None disables
    /// the timeout feature and is equivalent to setblocking(1).
    /// Setting a timeout of zero is the same as setblocking(0).
    #[no_signature]
    fn settimeout(&self, timeout: &Object) -> Result<(), Raised> {
        let timeout = parse_timeout(timeout)?;
        self.timeout.set(timeout);
        set_nonblocking(self.fd.get(), timeout >= 0)
    }

    /// setblocking(flag)
    ///
    /// Set the socket to blocking (flag is true) or non-blocking (false).
    /// setblocking(True) is equivalent to settimeout(None);
    /// setblocking(False) is equivalent to settimeout(0.0).
    #[no_signature]
    fn setblocking(&self, flag: &Object) -> Result<(), Raised> {
        let Some(flag) = protocol::number::index(flag)?.to_i64() else {
            return Err(raise!(OverflowError, "Python int too large to convert to C long"));
        };
        let block = flag != 0;
        self.timeout.set(if block { -1 } else { 0 });
        set_nonblocking(self.fd.get(), !block)
    }

    /// getblocking()
    ///
    /// Returns True if socket is in blocking mode, or False if it
    /// is in non-blocking mode.
    #[no_signature]
    fn getblocking(&self) -> Result<bool, Raised> {
        Ok(self.timeout.get() != 0)
    }

    /// listen([backlog])
    ///
    /// Enable a server to accept connections.  If backlog is specified, it must be
    /// at least 0 (if it is lower, it is set to 0); it specifies the number of
    /// unaccepted connections that the system will allow before refusing new
    /// connections. If not specified, a default reasonable value is chosen.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn listen(&self, args: &[&Object]) -> Result<(), Raised> {
        check_count("listen", args, 0, 1)?;
        let (fd, backlog) = (self.fd.get(), int_at(args, 0, 128)?.max(0));
        // SAFETY: a plain call.
        check(without_lock(|| unsafe { libc::listen(fd, backlog) })).map(drop)
    }

    /// shutdown(flag)
    ///
    /// Shut down the reading side of the socket (flag == SHUT_RD), the writing side
    /// of the socket (flag == SHUT_WR), or both ends (flag == SHUT_RDWR).
    #[no_signature]
    fn shutdown(&self, flag: &Object) -> Result<(), Raised> {
        let (fd, how) = (self.fd.get(), int(flag)?);
        // SAFETY: a plain call.
        let result = without_lock(|| unsafe { libc::shutdown(fd, how) });
        if result < 0 { Err(last_error()) } else { Ok(()) }
    }
}

const _: () = assert!(size_of::<Socket>() == 48);

//! Names of hosts and services, through the system's resolver.

use std::ffi::{CStr, c_char, c_int};
use std::mem::zeroed;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::address::{self, Address, host_bytes, idna, resolve};
use super::{SocketModule, audit, c_text, check_count, int, raise_own};
use crate::system::blocking::{outside, without_lock};
use crate::system::text::CText;
use crate::system::{check, errno, text};

unsafe extern "C" {
    fn gethostbyname_r(
        name: *const c_char,
        result: *mut libc::hostent,
        room: *mut c_char,
        length: usize,
        found: *mut *mut libc::hostent,
        error: *mut c_int,
    ) -> c_int;
    fn gethostbyaddr_r(
        address: *const libc::c_void,
        address_length: libc::socklen_t,
        family: c_int,
        result: *mut libc::hostent,
        room: *mut c_char,
        length: usize,
        found: *mut *mut libc::hostent,
        error: *mut c_int,
    ) -> c_int;
    fn hstrerror(error: c_int) -> *const c_char;
}

/// What is asked of the resolver.
#[derive(Clone, Copy)]
pub(super) struct Hints {
    pub(super) family: i32,
    pub(super) kind: i32,
    pub(super) proto: i32,
    pub(super) flags: i32,
}

/// The resolver's answer.
pub(super) struct Found(*mut libc::addrinfo);

impl Drop for Found {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the list came from `getaddrinfo`.
            unsafe { libc::freeaddrinfo(self.0) }
        }
    }
}

/// Raises `gaierror`, or the OSError that the resolver met.
fn address_error(code: i32, failed: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return habu_runtime::exceptions::raise_os_error(failed, None);
    }
    // SAFETY: the text is static.
    raise_own("gaierror", code, unsafe { CStr::from_ptr(libc::gai_strerror(code)) })
}

impl Found {
    pub(super) fn ask(host: Option<&CStr>, service: Option<&CStr>, hints: Hints) -> Result<Found, Raised> {
        // SAFETY: the structure holds integers and pointers that may be null.
        let mut asked: libc::addrinfo = unsafe { zeroed() };
        (asked.ai_family, asked.ai_socktype) = (hints.family, hints.kind);
        (asked.ai_protocol, asked.ai_flags) = (hints.proto, hints.flags);
        let mut found = Found(std::ptr::null_mut());
        let place = &raw mut found.0;
        let text = |text: Option<&CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the texts end by NUL, the hints are alive, the call fills the place.
        let (code, failed) = without_lock(unsafe {
            outside(|| (libc::getaddrinfo(text(host), text(service), &raw const asked, place), errno()))
        });
        if code != 0 {
            found.0 = std::ptr::null_mut();
            return Err(address_error(code, failed));
        }
        Ok(found)
    }

    /// Each answer with its address.
    fn each(&self, mut each: impl FnMut(&libc::addrinfo, Address) -> Result<(), Raised>) -> Result<(), Raised> {
        let mut at = self.0;
        // SAFETY: the list is the resolver's, alive as long as `self`; it ends by null.
        while let Some(entry) = unsafe { at.as_ref() } {
            if !entry.ai_addr.is_null() {
                // SAFETY: the entry says how long its address is.
                each(entry, unsafe { Address::from_raw(entry.ai_addr, entry.ai_addrlen) })?;
            }
            at = entry.ai_next;
        }
        Ok(())
    }

    /// The first address.
    pub(super) fn first(&self) -> Option<Address> {
        // SAFETY: as in `each`.
        let entry = unsafe { self.0.as_ref() }?;
        // SAFETY: the entry says how long its address is.
        (!entry.ai_addr.is_null()).then(|| unsafe { Address::from_raw(entry.ai_addr, entry.ai_addrlen) })
    }
}

/// A C string of bytes; with a NUL in them, what is before it.
fn c_string(mut bytes: Buffer<u8>) -> Result<CText, Raised> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    CText::new(bytes)?.ok_or_else(|| raise!(ValueError, "embedded null byte"))
}

fn as_c(text: &CText) -> &CStr {
    // SAFETY: the text ends by its only NUL and lives as long as the borrow.
    unsafe { CStr::from_ptr(text.as_ptr()) }
}

/// The host argument of the look-ups by name.
fn host_argument(caller: &str, args: &[&Object]) -> Result<Buffer<u8>, Raised> {
    check_count(caller, args, 1, 1)?;
    if let Some(name) = args[0].downcast::<Str>() {
        let bytes = if name.as_ascii().is_some() { text::encode(name)? } else { idna(name)? };
        if bytes.contains(&0) {
            return Err(raise!(ValueError, "embedded null character"));
        }
        return Ok(bytes);
    }
    host_bytes(args[0], || {
        raise!(TypeError, "{caller}() argument 1 must be str, bytes or bytearray, not {}", args[0].ty().full_name())
    })
}

/// A host's entry: `(name, aliases, addresses)`.
fn host_entry(entry: &libc::hostent) -> Result<Ref<Tuple>, Raised> {
    /// The pointers of a row that ends by null.
    ///
    /// # Safety
    /// `row` is null or such a row.
    unsafe fn row(row: *mut *mut c_char) -> impl Iterator<Item = *mut c_char> {
        (0..).map_while(move |at| {
            if row.is_null() {
                return None;
            }
            // SAFETY: by the contract, and the iteration ends at the null.
            let pointer = unsafe { *row.add(at) };
            (!pointer.is_null()).then_some(pointer)
        })
    }
    let (aliases, addresses) = (List::new()?, List::new()?);
    // SAFETY: the entry is the resolver's: its rows end by null, its names by NUL.
    unsafe {
        for alias in row(entry.h_aliases) {
            aliases.push(text::decode_c(alias)?.into_object())?;
        }
        for address in row(entry.h_addr_list) {
            let shown = match entry.h_addrtype {
                libc::AF_INET6 => std::net::Ipv6Addr::from(address.cast::<[u8; 16]>().read()).to_string(),
                _ => std::net::Ipv4Addr::from(address.cast::<[u8; 4]>().read()).to_string(),
            };
            addresses.push(Str::new(&shown)?.into_object())?;
        }
        Tuple::from_refs([text::decode_c(entry.h_name)?.into_object(), aliases.into_object(), addresses.into_object()])
    }
}

/// Makes a look-up that fills an entry and its room.
fn ask_host(
    call: impl Fn(*mut libc::hostent, *mut c_char, usize, *mut *mut libc::hostent, *mut c_int) -> c_int,
) -> Result<Ref<Tuple>, Raised> {
    let mut room = Buffer::<u8>::new();
    room.resize(16384, 0)?;
    loop {
        // SAFETY: the structure holds integers and pointers that may be null.
        let mut entry: libc::hostent = unsafe { zeroed() };
        let (mut found, mut failed) = (std::ptr::null_mut(), 0);
        let (start, length) = (room.as_mut_ptr().cast(), room.len());
        // SAFETY: the call fills memory of this function alone, and touches no object.
        let code =
            without_lock(unsafe { outside(|| call(&raw mut entry, start, length, &raw mut found, &raw mut failed)) });
        if code == libc::ERANGE && room.len() < 1 << 20 {
            let larger = room.len() * 2;
            room.resize(larger, 0)?;
            continue;
        }
        // SAFETY: null, or the entry, which is alive.
        return match unsafe { found.as_ref() } {
            Some(entry) => host_entry(entry),
            // SAFETY: the text is static.
            None => Err(raise_own("herror", failed, unsafe { CStr::from_ptr(hstrerror(failed)) })),
        };
    }
}

/// The port argument of `getservbyport`.
fn port_argument(object: &Object) -> Result<u16, Raised> {
    u16::try_from(int(object)?).map_err(|_| raise!(OverflowError, "getservbyport: port must be 0-65535."))
}

#[pymodule(table = LOOKUP)]
impl SocketModule {
    /// gethostname() -> string
    ///
    /// Return the current host name.
    #[no_signature]
    fn gethostname() -> Result<Ref<Str>, Raised> {
        audit("socket.gethostname", &[])?;
        let mut room = [0 as c_char; 1024];
        // SAFETY: the call fills at most all but the last byte, which stays NUL.
        check(without_lock(|| unsafe { libc::gethostname(room.as_mut_ptr(), room.len() - 1) }))?;
        // SAFETY: the room ends by NUL.
        unsafe { text::decode_c(room.as_ptr()) }
    }

    /// sethostname(name)
    ///
    /// Sets the hostname to name.
    #[no_signature]
    #[varargs]
    fn sethostname(name: &Object) -> Result<(), Raised> {
        let bytes = match name.downcast::<Bytes>() {
            Some(bytes) => Buffer::from_slice(bytes.as_slice())?,
            None => Buffer::from_slice(CText::of_path(name)?.as_bytes())?,
        };
        audit("socket.sethostname", &[name])?;
        // SAFETY: the call reads so many bytes.
        check(unsafe { libc::sethostname(bytes.as_ptr().cast(), bytes.len()) }).map(drop)
    }

    /// gethostbyname(host) -> address
    ///
    /// Return the IP address (a string of the form '255.255.255.255') for a host.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn gethostbyname(args: &[&Object]) -> Result<Ref<Str>, Raised> {
        let name = host_argument("gethostbyname", args)?;
        audit("socket.gethostbyname", &[args[0]])?;
        Str::new(&resolve(&name, libc::AF_INET)?.host())
    }

    /// gethostbyname_ex(host) -> (name, aliaslist, addresslist)
    ///
    /// Return the true host name, a list of aliases, and a list of IP addresses,
    /// for a host.  The host argument is a string giving a host name or IP number.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn gethostbyname_ex(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        let name = host_argument("gethostbyname_ex", args)?;
        audit("socket.gethostbyname", &[args[0]])?;
        resolve(&name, libc::AF_INET)?;
        let name = c_string(name)?;
        // SAFETY: the name ends by NUL; the other places are the caller's.
        ask_host(|entry, room, length, found, failed| unsafe {
            gethostbyname_r(name.as_ptr(), entry, room, length, found, failed)
        })
    }

    /// gethostbyaddr(host) -> (name, aliaslist, addresslist)
    ///
    /// Return the true host name, a list of aliases, and a list of IP addresses,
    /// for a host.  The host argument is a string giving a host name or IP number.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn gethostbyaddr(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        let name = host_argument("gethostbyaddr", args)?;
        audit("socket.gethostbyaddr", &[args[0]])?;
        let address = resolve(&name, libc::AF_UNSPEC)?;
        let host = address.host();
        let (mut packed, length) = ([0u8; 16], if address.family() == libc::AF_INET6 { 16 } else { 4 });
        match host.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(four)) => packed[..4].copy_from_slice(&four.octets()),
            Ok(std::net::IpAddr::V6(six)) => packed = six.octets(),
            Err(_) => return Err(raise!(OSError, "unsupported address family")),
        }
        // SAFETY: the address has so many bytes; the other places are the caller's.
        ask_host(|entry, room, size, found, failed| unsafe {
            gethostbyaddr_r(packed.as_ptr().cast(), length, address.family(), entry, room, size, found, failed)
        })
    }

    /// getservbyname(servicename[, protocolname]) -> integer
    ///
    /// Return a port number from a service name and protocol name.
    /// The optional protocol name, if given, should be 'tcp' or 'udp',
    /// otherwise any protocol will match.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn getservbyname(args: &[&Object]) -> Result<u32, Raised> {
        check_count("getservbyname", args, 1, 2)?;
        let name = c_text("getservbyname", 1, args[0])?;
        let proto = args.get(1).map(|proto| c_text("getservbyname", 2, proto)).transpose()?;
        audit("socket.getservbyname", &[args[0], args.get(1).copied().unwrap_or(&*Str::empty())])?;
        let proto = proto.as_ref().map_or(std::ptr::null(), CText::as_ptr);
        // SAFETY: the texts end by NUL; the entry is read before any other look-up.
        let port = unsafe { libc::getservbyname(name.as_ptr(), proto).as_ref().map(|entry| entry.s_port) };
        match port {
            Some(port) => Ok(u16::from_be(port as u16).into()),
            None => Err(raise!(OSError, "service/proto not found")),
        }
    }

    /// getservbyport(port[, protocolname]) -> string
    ///
    /// Return the service name from a port number and protocol name.
    /// The optional protocol name, if given, should be 'tcp' or 'udp',
    /// otherwise any protocol will match.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn getservbyport(args: &[&Object]) -> Result<Ref<Str>, Raised> {
        check_count("getservbyport", args, 1, 2)?;
        let port = int(args[0])?;
        let proto = args.get(1).map(|proto| c_text("getservbyport", 2, proto)).transpose()?;
        let port = match u16::try_from(port) {
            Ok(port) => port,
            Err(_) => port_argument(args[0])?,
        };
        audit("socket.getservbyport", &[args[0], args.get(1).copied().unwrap_or(&*Str::empty())])?;
        let proto = proto.as_ref().map_or(std::ptr::null(), CText::as_ptr);
        // SAFETY: the text ends by NUL; the entry is read before any other look-up.
        unsafe {
            match libc::getservbyport(i32::from(port.to_be()), proto).as_ref() {
                Some(entry) => text::decode_c(entry.s_name),
                None => Err(raise!(OSError, "port/proto not found")),
            }
        }
    }

    /// getprotobyname(name) -> integer
    ///
    /// Return the protocol number for the named protocol.  (Rarely used.)
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn getprotobyname(args: &[&Object]) -> Result<i32, Raised> {
        check_count("getprotobyname", args, 1, 1)?;
        let name = c_text("getprotobyname", 1, args[0])?;
        // SAFETY: the text ends by NUL; the entry is read before any other look-up.
        match unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|entry| entry.p_proto) } {
            Some(number) => Ok(number),
            None => Err(raise!(OSError, "protocol not found")),
        }
    }

    /// getaddrinfo(host, port [, family, type, proto, flags])
    ///     -> list of (family, type, proto, canonname, sockaddr)
    ///
    /// Resolve host and port into addrinfo struct.
    #[signature(host, port, family = 0, r#type = 0, proto = 0, flags = 0)]
    #[no_signature]
    fn getaddrinfo(
        host: &Object,
        port: &Object,
        family: i32,
        r#type: i32,
        proto: i32,
        flags: i32,
    ) -> Result<Ref<List>, Raised> {
        let name = match (host.downcast::<Str>(), host.downcast::<Bytes>()) {
            _ if is_none(host) => None,
            (Some(name), _) => Some(c_string(idna(name)?)?),
            (None, Some(name)) => Some(c_string(Buffer::from_slice(name.as_slice())?)?),
            _ => return Err(raise!(TypeError, "getaddrinfo() argument 1 must be string or None")),
        };
        let service = match (port.downcast::<Int>(), port.downcast::<Str>(), port.downcast::<Bytes>()) {
            _ if is_none(port) => None,
            (Some(number), ..) => Some(text::CText::of_str(&*protocol::str(&*number.to_exact()?)?)?),
            (None, Some(name), _) => Some(c_string(text::encode(name)?)?),
            (None, None, Some(name)) => Some(c_string(Buffer::from_slice(name.as_slice())?)?),
            _ => return Err(raise!(OSError, "Int or String expected")),
        };
        let number = |value: i32| Int::from_i64(value.into());
        audit("socket.getaddrinfo", &[host, port, &*number(family)?, &*number(r#type)?, &*number(proto)?])?;
        let found = Found::ask(
            name.as_ref().map(as_c),
            service.as_ref().map(as_c),
            Hints { family, kind: r#type, proto, flags },
        )?;
        let list = List::new()?;
        found.each(|entry, address| {
            // SAFETY: null or a text that ends by NUL.
            let canonical = unsafe { text::decode_c(entry.ai_canonname)? };
            let item = Tuple::from_refs([
                number(entry.ai_family)?.into_object(),
                number(entry.ai_socktype)?.into_object(),
                number(entry.ai_protocol)?.into_object(),
                canonical.into_object(),
                address::to_python(&address, entry.ai_protocol)?,
            ])?;
            list.push(item.into_object())
        })?;
        Ok(list)
    }

    /// getnameinfo(sockaddr, flags) --> (host, port)
    ///
    /// Get host and port for a sockaddr.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn getnameinfo(args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        check_count("getnameinfo", args, 2, 2)?;
        let flags = int(args[1])?;
        let Some(tuple) = args[0].downcast::<Tuple>() else {
            return Err(raise!(TypeError, "getnameinfo() argument 1 must be a tuple"));
        };
        let (host, port, flow, scope) = address::numeric(tuple)?;
        audit("socket.getnameinfo", &[args[0]])?;
        let (host, service) = (c_string(host)?, text::CText::of_str(&*Str::from_format(format_args!("{port}"))?)?);
        let hints = Hints { family: 0, kind: libc::SOCK_DGRAM, proto: 0, flags: libc::AI_NUMERICHOST };
        let found = Found::ask(Some(as_c(&host)), Some(as_c(&service)), hints)?;
        let Some(address) = found.first() else { return Err(raise!(OSError, "sockaddr resolved to no address")) };
        if address.family() == libc::AF_INET && tuple.len() != 2 {
            return Err(raise!(OSError, "IPv4 sockaddr must be 2 tuple"));
        }
        let address = address::with_flow(&address, flow, scope);
        let (mut name, mut service) = ([0 as c_char; 1025], [0 as c_char; 32]);
        // SAFETY: the rooms are as long as is said; the address is alive during the call.
        let (code, failed) = without_lock(|| unsafe {
            let code = libc::getnameinfo(
                address.as_ptr(),
                address.length,
                name.as_mut_ptr(),
                name.len() as libc::socklen_t,
                service.as_mut_ptr(),
                service.len() as libc::socklen_t,
                flags,
            );
            (code, errno())
        });
        if code != 0 {
            return Err(address_error(code, failed));
        }
        // SAFETY: the call ended both by NUL.
        unsafe {
            Tuple::from_refs([
                text::decode_c(name.as_ptr())?.into_object(),
                text::decode_c(service.as_ptr())?.into_object(),
            ])
        }
    }
}

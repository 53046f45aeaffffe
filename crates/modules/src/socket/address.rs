//! Addresses: Python's tuples and paths as the system's structures, and back.

use std::ffi::CStr;
use std::mem::{offset_of, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr};

use habu_heap::Buffer;
use habu_runtime::exceptions::exc;
use habu_runtime::object::args::FromArg;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use libc::{c_int, sockaddr_storage, socklen_t};

use super::lookup::{Found, Hints};
use super::{ONE, data, int, own_bytes};
use crate::system::text;

/// A socket address of the system.
#[derive(Clone, Copy)]
pub(super) struct Address {
    storage: sockaddr_storage,
    /// How many bytes of it count.
    pub(super) length: socklen_t,
}

/// The structures that addresses of the families are; each fits into `sockaddr_storage` and is plain data.
///
/// # Safety
/// Any bytes are a value of the type, which is no larger and no more aligned than `sockaddr_storage`.
pub(super) unsafe trait Form: Copy {}
macro_rules! forms {
    ($($ty:ty),*) => {$(
        const _: () = assert!(size_of::<$ty>() <= size_of::<sockaddr_storage>());
        const _: () = assert!(align_of::<$ty>() <= align_of::<sockaddr_storage>());
        // SAFETY: checked above; the structures hold integers only.
        unsafe impl Form for $ty {}
    )*};
}
forms!(
    libc::sockaddr,
    libc::sockaddr_in,
    libc::sockaddr_in6,
    libc::sockaddr_un,
    libc::sockaddr_nl,
    libc::sockaddr_vm,
    libc::sockaddr_ll,
    libc::sockaddr_alg,
    libc::sockaddr_can
);

impl Address {
    /// Room for an address that the system fills in.
    pub(super) fn room() -> Address {
        // SAFETY: the structure holds integers only.
        Address { storage: unsafe { zeroed() }, length: size_of::<sockaddr_storage>() as socklen_t }
    }

    fn of<T: Form>(value: T) -> Address {
        let mut address = Address::room();
        // SAFETY: by the contract of `Form`.
        unsafe { std::ptr::from_mut(&mut address.storage).cast::<T>().write(value) };
        address.length = size_of::<T>() as socklen_t;
        address
    }

    /// The address at a pointer.
    ///
    /// # Safety
    /// `length` bytes can be read there.
    pub(super) unsafe fn from_raw(from: *const libc::sockaddr, length: socklen_t) -> Address {
        let mut address = Address::room();
        let count = (length as usize).min(size_of::<sockaddr_storage>());
        // SAFETY: by the contract, and within the structure.
        unsafe { std::ptr::from_mut(&mut address.storage).cast::<u8>().copy_from(from.cast(), count) };
        address.length = count as socklen_t;
        address
    }

    fn view<T: Form>(&self) -> T {
        // SAFETY: by the contract of `Form`; what the system did not fill is 0.
        unsafe { std::ptr::from_ref(&self.storage).cast::<T>().read() }
    }

    pub(super) fn family(&self) -> i32 {
        self.storage.ss_family.into()
    }

    pub(super) fn as_ptr(&self) -> *const libc::sockaddr {
        std::ptr::from_ref(&self.storage).cast()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        std::ptr::from_mut(&mut self.storage).cast()
    }

    fn bytes(&self) -> &[u8] {
        let length = (self.length as usize).min(size_of::<sockaddr_storage>());
        // SAFETY: the structure is plain data without padding that matters; the length is within it.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(&self.storage).cast(), length) }
    }

    /// The numeric host of an Internet address.
    pub(super) fn host(&self) -> String {
        match self.family() {
            libc::AF_INET6 => Ipv6Addr::from(self.view::<libc::sockaddr_in6>().sin6_addr.s6_addr).to_string(),
            _ => Ipv4Addr::from(self.view::<libc::sockaddr_in>().sin_addr.s_addr.to_ne_bytes()).to_string(),
        }
    }
}

fn number(value: i64) -> Result<Ref, Raised> {
    Ok(Int::from_i64(value)?.into_object())
}

/// An address as Python sees it.
pub(super) fn to_python(address: &Address, proto: i32) -> Result<Ref, Raised> {
    if (address.length as usize) < size_of::<libc::sa_family_t>() {
        return Ok(habu_runtime::types::none());
    }
    let tuple = match address.family() {
        libc::AF_INET => {
            let port = u16::from_be(address.view::<libc::sockaddr_in>().sin_port);
            Tuple::from_refs([Str::new(&address.host())?.into_object(), number(port.into())?])?
        }
        libc::AF_INET6 => {
            let form = address.view::<libc::sockaddr_in6>();
            Tuple::from_refs([
                Str::new(&address.host())?.into_object(),
                number(u16::from_be(form.sin6_port).into())?,
                number(u32::from_be(form.sin6_flowinfo).into())?,
                number(form.sin6_scope_id.into())?,
            ])?
        }
        libc::AF_UNIX => {
            let path = &address.bytes()[offset_of!(libc::sockaddr_un, sun_path).min(address.bytes().len())..];
            if path.first() == Some(&0) {
                // A name of the abstract name space, which may hold NULs.
                return Ok(Bytes::new(path)?.into_object());
            }
            let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
            return Ok(text::decode(&path[..end])?.into_object());
        }
        libc::AF_NETLINK => {
            let form = address.view::<libc::sockaddr_nl>();
            Tuple::from_refs([number(form.nl_pid.into())?, number(form.nl_groups.into())?])?
        }
        libc::AF_VSOCK => {
            let form = address.view::<libc::sockaddr_vm>();
            Tuple::from_refs([number(form.svm_cid.into())?, number(form.svm_port.into())?])?
        }
        libc::AF_PACKET => packet_to_python(&address.view::<libc::sockaddr_ll>())?,
        libc::AF_CAN if proto == libc::CAN_RAW || proto == libc::CAN_BCM => {
            let name = interface_name(address.view::<libc::sockaddr_can>().can_ifindex as u32);
            Tuple::from_refs([text::decode(&name)?.into_object()])?
        }
        family => {
            let rest = address.bytes().get(size_of::<libc::sa_family_t>()..).unwrap_or(&[]);
            Tuple::from_refs([number(family.into())?, Bytes::new(rest)?.into_object()])?
        }
    };
    Ok(tuple.into_object())
}

fn packet_to_python(form: &libc::sockaddr_ll) -> Result<Ref<Tuple>, Raised> {
    let name = if form.sll_ifindex == 0 { Buffer::new() } else { interface_name(form.sll_ifindex as u32) };
    let hardware = &form.sll_addr[..usize::from(form.sll_halen).min(form.sll_addr.len())];
    Tuple::from_refs([
        text::decode(&name)?.into_object(),
        number(u16::from_be(form.sll_protocol).into())?,
        number(form.sll_pkttype.into())?,
        number(form.sll_hatype.into())?,
        Bytes::new(hardware)?.into_object(),
    ])
}

/// The name of a network interface; empty where there is none.
pub(super) fn interface_name(index: u32) -> Buffer<u8> {
    let mut room = [0; libc::IF_NAMESIZE];
    // SAFETY: the room is as large as the call wants; it ends what it writes by NUL.
    let name = unsafe {
        let name = libc::if_indextoname(index, room.as_mut_ptr());
        if name.is_null() { c"" } else { CStr::from_ptr(name) }
    };
    Buffer::from_slice(name.to_bytes()).unwrap_or_default()
}

/// A host's name as the look-up wants it: ASCII as it is, else by IDNA; bytes as they are.
pub(super) fn host_bytes(object: &Object, mismatch: impl FnOnce() -> Raised) -> Result<Buffer<u8>, Raised> {
    let bytes = match (object.downcast::<Str>(), own_bytes(object)?) {
        (Some(name), _) => match name.as_ascii() {
            Some(ascii) => Buffer::from_slice(ascii.as_bytes())?,
            None => idna(name)?,
        },
        (None, Some(bytes)) => bytes,
        (None, None) => return Err(mismatch()),
    };
    if bytes.contains(&0) {
        return Err(raise!(TypeError, "host name must not contain null character"));
    }
    Ok(bytes)
}

/// A name encoded by the codec `idna`.
pub(super) fn idna(name: &Str) -> Result<Buffer<u8>, Raised> {
    let encoded = protocol::call_method(name, &*Str::intern("encode")?, &[&*Str::intern("idna")?])?;
    match encoded.downcast::<Bytes>() {
        Some(bytes) => Ok(Buffer::from_slice(bytes.as_slice())?),
        None => Err(raise!(TypeError, "encoder did not return a bytes object")),
    }
}

/// The first address of a host in a family; the port is not set.
pub(super) fn resolve(name: &[u8], family: i32) -> Result<Address, Raised> {
    if name.is_empty() {
        return match family {
            libc::AF_INET => Ok(inet(Ipv4Addr::UNSPECIFIED, 0)),
            libc::AF_INET6 => Ok(inet6(Ipv6Addr::UNSPECIFIED, 0, 0, 0)),
            _ => Found::ask(
                None,
                Some(c"0"),
                Hints { family, kind: libc::SOCK_DGRAM, flags: libc::AI_PASSIVE, proto: 0 },
            )?
            .first()
            .ok_or_else(|| raise!(OSError, "unsupported address family")),
        };
    }
    if name == b"255.255.255.255" || name == b"<broadcast>" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(raise!(OSError, "address family mismatched"));
        }
        return Ok(inet(Ipv4Addr::BROADCAST, 0));
    }
    let text = std::str::from_utf8(name).unwrap_or("");
    if (family == libc::AF_UNSPEC || family == libc::AF_INET)
        && let Ok(host) = text.parse::<Ipv4Addr>()
    {
        return Ok(inet(host, 0));
    }
    if (family == libc::AF_UNSPEC || family == libc::AF_INET6)
        && let Ok(host) = text.parse::<Ipv6Addr>()
    {
        return Ok(inet6(host, 0, 0, 0));
    }
    let mut name = Buffer::from_slice(name)?;
    name.push(0)?;
    let Ok(name) = CStr::from_bytes_with_nul(&name) else {
        return Err(raise!(TypeError, "host name must not contain null character"));
    };
    Found::ask(Some(name), None, Hints { family, kind: 0, flags: 0, proto: 0 })?
        .first()
        .ok_or_else(|| raise!(OSError, "address family mismatched"))
}

fn inet(host: Ipv4Addr, port: u16) -> Address {
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_in = unsafe { zeroed() };
    form.sin_family = libc::AF_INET as _;
    form.sin_port = port.to_be();
    form.sin_addr.s_addr = u32::from_ne_bytes(host.octets());
    Address::of(form)
}

fn inet6(host: Ipv6Addr, port: u16, flow: u32, scope: u32) -> Address {
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_in6 = unsafe { zeroed() };
    form.sin6_family = libc::AF_INET6 as _;
    form.sin6_port = port.to_be();
    form.sin6_flowinfo = flow.to_be();
    form.sin6_scope_id = scope;
    form.sin6_addr.s6_addr = host.octets();
    Address::of(form)
}

fn tuple_of<'a>(caller: &str, family: &str, object: &'a Object) -> Result<&'a Tuple, Raised> {
    object
        .downcast::<Tuple>()
        .ok_or_else(|| raise!(TypeError, "{caller}(): {family} address must be tuple, not {}", object.ty().full_name()))
}

/// The port of an address: a number that does not fit is an OverflowError that names the caller.
fn port(caller: &str, object: &Object) -> Result<u16, Raised> {
    let refused = || raise!(OverflowError, "{caller}(): port must be 0-65535.");
    match int(object) {
        Ok(value) => u16::try_from(value).map_err(|_| refused()),
        Err(raised) => {
            protocol::attribute::ignore::<()>(raised, exc::OverflowError())?;
            Err(refused())
        }
    }
}

fn unsigned(object: &Object) -> Result<u32, Raised> {
    // The format `I` takes the low bits.
    let value = habu_runtime::object::protocol::number::index(object)?;
    Ok(habu_numbers::digits::small::wrapping_u64(value.signed()) as u32)
}

fn internet(caller: &str, family: i32, object: &Object) -> Result<Address, Raised> {
    let six = family == libc::AF_INET6;
    let tuple = tuple_of(caller, if six { "AF_INET6" } else { "AF_INET" }, object)?;
    let items = tuple.as_slice();
    let right = if six { (2..=4).contains(&items.len()) } else { items.len() == 2 };
    if !right {
        return Err(if six {
            raise!(TypeError, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
        } else {
            raise!(TypeError, "AF_INET address must be a pair (host, port)")
        });
    }
    let host = host_bytes(&items[0], || {
        raise!(TypeError, "str, bytes or bytearray expected, not {}", items[0].ty().full_name())
    })?;
    let port = port(caller, &items[1])?;
    let flow = items.get(2).map_or(Ok(0), |flow| unsigned(flow))?;
    let scope = items.get(3).map_or(Ok(0), |scope| unsigned(scope))?;
    if flow > 0xf_ffff {
        return Err(raise!(OverflowError, "{caller}(): flowinfo must be 0-1048575."));
    }
    let found = resolve(&host, family)?;
    Ok(match found.family() {
        libc::AF_INET6 => {
            let form = found.view::<libc::sockaddr_in6>();
            // A scope of the name's own ("fe80::1%eth0") stays where the tuple gives none.
            let scope = if items.len() > 3 { scope } else { form.sin6_scope_id };
            inet6(Ipv6Addr::from(form.sin6_addr.s6_addr), port, flow, scope)
        }
        _ => inet(Ipv4Addr::from(found.view::<libc::sockaddr_in>().sin_addr.s_addr.to_ne_bytes()), port),
    })
}

fn unix(object: &Object) -> Result<Address, Raised> {
    let path = match object.downcast::<Str>() {
        Some(path) => text::encode(path)?,
        None => data(object)?.to_buffer()?,
    };
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_un = unsafe { zeroed() };
    form.sun_family = libc::AF_UNIX as _;
    // A path needs its NUL; a name of the abstract name space does not, nor the empty one, for which the system chooses.
    let is_abstract = matches!(path.first(), None | Some(&0));
    let most = form.sun_path.len() + usize::from(is_abstract);
    if path.len() >= most {
        return Err(raise!(OSError, "AF_UNIX path too long"));
    }
    for (to, from) in form.sun_path.iter_mut().zip(path.iter()) {
        *to = *from as libc::c_char;
    }
    let mut address = Address::of(form);
    let counted = offset_of!(libc::sockaddr_un, sun_path) + path.len() + usize::from(!is_abstract);
    address.length = counted as socklen_t;
    Ok(address)
}

fn netlink(caller: &str, object: &Object) -> Result<Address, Raised> {
    let tuple = tuple_of(caller, "AF_NETLINK", object)?;
    let [pid, groups] = tuple.as_slice() else {
        return Err(raise!(TypeError, "AF_NETLINK address must be a pair (pid, groups)"));
    };
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_nl = unsafe { zeroed() };
    form.nl_family = libc::AF_NETLINK as _;
    (form.nl_pid, form.nl_groups) = (unsigned(pid)?, unsigned(groups)?);
    Ok(Address::of(form))
}

fn vsock(object: &Object) -> Result<Address, Raised> {
    let tuple = object.downcast::<Tuple>().ok_or_else(|| {
        raise!(TypeError, "getsockaddrarg: AF_VSOCK address must be tuple, not {}", object.ty().full_name())
    })?;
    let [cid, port] = tuple.as_slice() else {
        return Err(raise!(TypeError, "getsockaddrarg: AF_VSOCK address must be a pair (cid, port)"));
    };
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_vm = unsafe { zeroed() };
    form.svm_family = libc::AF_VSOCK as _;
    (form.svm_cid, form.svm_port) = (unsigned(cid)?, unsigned(port)?);
    Ok(Address::of(form))
}

fn packet(caller: &str, object: &Object) -> Result<Address, Raised> {
    let tuple = tuple_of(caller, "AF_PACKET", object)?;
    let items = tuple.as_slice();
    if !(2..=5).contains(&items.len()) {
        return Err(raise!(
            TypeError,
            "AF_PACKET address must be a tuple of two to five elements (ifname, proto[, pkttype[, hatype[, addr]]])"
        ));
    }
    let name = super::c_text(caller, 1, &items[0])?;
    let protocol = int(&items[1])?;
    let (kind, hardware) =
        (items.get(2).map_or(Ok(0), |kind| int(kind))?, items.get(3).map_or(Ok(0), |kind| int(kind))?);
    let own = items.get(4).map(|own| data(own)).transpose()?;
    let index = interface_index(&name)?;
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_ll = unsafe { zeroed() };
    if own.as_ref().is_some_and(|own: &ByteView| own.len() > form.sll_addr.len()) {
        return Err(raise!(ValueError, "hardware address must be 8 bytes or less"));
    }
    let Ok(protocol) = u16::try_from(protocol) else {
        return Err(raise!(OverflowError, "{caller}(): proto argument must be 0-65535."));
    };
    form.sll_family = libc::AF_PACKET as _;
    form.sll_protocol = protocol.to_be();
    form.sll_ifindex = index;
    (form.sll_pkttype, form.sll_hatype) = (kind as u8, hardware as u16);
    if let Some(own) = own {
        for (to, from) in form.sll_addr.iter_mut().zip(own.iter()) {
            *to = *from;
        }
        form.sll_halen = own.len() as u8;
    }
    Ok(Address::of(form))
}

/// The number of a network interface.
fn interface_index(name: &text::CText) -> Result<c_int, Raised> {
    if name.as_bytes().len() >= libc::IF_NAMESIZE {
        return Err(raise!(OSError, "AF_CAN interface name too long"));
    }
    // SAFETY: the name ends by NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(crate::system::last_error()),
        index => Ok(index as c_int),
    }
}

fn can(caller: &str, proto: i32, object: &Object) -> Result<Address, Raised> {
    if proto != libc::CAN_RAW && proto != libc::CAN_BCM {
        return Err(raise!(OSError, "{caller}(): unsupported CAN protocol"));
    }
    let tuple = tuple_of(caller, "AF_CAN", object)?;
    let [name] = tuple.as_slice() else {
        return Err(raise!(TypeError, "AF_CAN address must be a tuple (interface, )"));
    };
    let name = match name.downcast::<Str>() {
        Some(name) => text::CText::of_str(name)?,
        None => return Err(raise!(TypeError, "AF_CAN address must be a tuple (interface, )")),
    };
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_can = unsafe { zeroed() };
    form.can_family = libc::AF_CAN as _;
    if !name.as_bytes().is_empty() {
        form.can_ifindex = interface_index(&name)?;
    }
    Ok(Address::of(form))
}

fn algorithm(caller: &str, object: &Object) -> Result<Address, Raised> {
    let tuple = tuple_of(caller, "AF_ALG", object)?;
    let items = tuple.as_slice();
    if !(2..=4).contains(&items.len()) {
        return Err(raise!(
            TypeError,
            "AF_ALG address must be a tuple of two to four elements (type, name[, feat[, mask]])"
        ));
    }
    let (kind, name) = (super::c_text(caller, 1, &items[0])?, super::c_text(caller, 2, &items[1])?);
    let feature = items.get(2).map_or(Ok(0), |value| unsigned(value))?;
    let mask = items.get(3).map_or(Ok(0), |value| unsigned(value))?;
    // SAFETY: the structure holds integers only.
    let mut form: libc::sockaddr_alg = unsafe { zeroed() };
    if kind.as_bytes().len() >= form.salg_type.len() {
        return Err(raise!(ValueError, "AF_ALG type too long."));
    }
    if name.as_bytes().len() >= form.salg_name.len() {
        return Err(raise!(ValueError, "AF_ALG name too long."));
    }
    form.salg_family = libc::AF_ALG as _;
    (form.salg_feat, form.salg_mask) = (feature, mask);
    form.salg_type.iter_mut().zip(kind.as_bytes()).for_each(|(to, from)| *to = *from);
    form.salg_name.iter_mut().zip(name.as_bytes()).for_each(|(to, from)| *to = *from);
    Ok(Address::of(form))
}

/// The address that a program gave to `caller`.
pub(super) fn from_python(caller: &str, family: i32, proto: i32, object: &Object) -> Result<Address, Raised> {
    match family {
        libc::AF_INET | libc::AF_INET6 => internet(caller, family, object),
        libc::AF_UNIX => unix(object),
        libc::AF_NETLINK => netlink(caller, object),
        libc::AF_VSOCK => vsock(object),
        libc::AF_PACKET => packet(caller, object),
        libc::AF_CAN => can(caller, proto, object),
        libc::AF_ALG => algorithm(caller, object),
        _ => Err(raise!(OSError, "{caller}(): bad family")),
    }
}

/// The address of `getnameinfo`: numeric hosts only.
pub(super) fn numeric(tuple: &Tuple) -> Result<(Buffer<u8>, u16, u32, u32), Raised> {
    let items = tuple.as_slice();
    let illegal = || raise!(TypeError, "getnameinfo(): illegal sockaddr argument");
    let (Some(host), Some(port), 2..=4) = (items.first(), items.get(1), items.len()) else { return Err(illegal()) };
    let Some(host) = host.downcast::<Str>() else { return Err(illegal()) };
    let port = i32::from_arg(port, &ONE, 0)?;
    let flow = items.get(2).map_or(Ok(0), |flow| unsigned(flow))?;
    let scope = items.get(3).map_or(Ok(0), |scope| unsigned(scope))?;
    if flow > 0xf_ffff {
        return Err(raise!(OverflowError, "getnameinfo(): flowinfo must be 0-1048575."));
    }
    Ok((text::encode(host)?, port as u16, flow, scope))
}

/// An address of `getaddrinfo` with flow and scope of an IPv6 tuple put in.
pub(super) fn with_flow(found: &Address, flow: u32, scope: u32) -> Address {
    if found.family() != libc::AF_INET6 {
        return *found;
    }
    let form = found.view::<libc::sockaddr_in6>();
    inet6(Ipv6Addr::from(form.sin6_addr.s6_addr), u16::from_be(form.sin6_port), flow, scope)
}

//! Conversions: byte orders, addresses as text and bytes, sizes of ancillary data, network interfaces.

use std::ffi::CStr;

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::{SocketModule, address, c_text, check_count, data, int, message, size};
use crate::system::{last_error, text};

unsafe extern "C" {
    fn inet_aton(text: *const libc::c_char, address: *mut libc::in_addr) -> libc::c_int;
    fn inet_pton(family: libc::c_int, text: *const libc::c_char, address: *mut libc::c_void) -> libc::c_int;
}

/// A 16-bit number.
fn short(name: &str, object: &Object) -> Result<u16, Raised> {
    let value = protocol::number::index(object)?;
    let Some(value) = value.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C long"));
    };
    if value < 0 {
        return Err(raise!(OverflowError, "{name}: can't convert negative Python int to C 16-bit unsigned integer"));
    }
    u16::try_from(value)
        .map_err(|_| raise!(OverflowError, "{name}: Python int too large to convert to C 16-bit unsigned integer"))
}

/// A 32-bit number.
fn long(object: &Object) -> Result<u32, Raised> {
    let Some(value) = object.downcast::<Int>() else {
        return Err(raise!(TypeError, "expected int, {} found", object.ty().full_name()));
    };
    if value.is_negative() {
        return Err(raise!(OverflowError, "can't convert negative value to unsigned int"));
    }
    match value.to_u64() {
        None => Err(raise!(OverflowError, "Python int too large to convert to C unsigned long")),
        Some(value) => u32::try_from(value).map_err(|_| raise!(OverflowError, "int larger than 32 bits")),
    }
}

#[pymodule(table = NUMBERS)]
impl SocketModule {
    /// ntohs(integer) -> integer
    ///
    /// Convert a 16-bit unsigned integer from network to host byte order.
    #[no_signature]
    #[varargs]
    fn ntohs(x: &Object) -> Result<u32, Raised> {
        Ok(u16::from_be(short("ntohs", x)?).into())
    }

    /// ntohl(integer) -> integer
    ///
    /// Convert a 32-bit integer from network to host byte order.
    #[no_signature]
    fn ntohl(x: &Object) -> Result<u32, Raised> {
        Ok(u32::from_be(long(x)?))
    }

    /// htons(integer) -> integer
    ///
    /// Convert a 16-bit unsigned integer from host to network byte order.
    #[no_signature]
    #[varargs]
    fn htons(x: &Object) -> Result<u32, Raised> {
        Ok(short("htons", x)?.to_be().into())
    }

    /// htonl(integer) -> integer
    ///
    /// Convert a 32-bit integer from host to network byte order.
    #[no_signature]
    fn htonl(x: &Object) -> Result<u32, Raised> {
        Ok(long(x)?.to_be())
    }

    /// inet_aton(string) -> bytes giving packed 32-bit IP representation
    ///
    /// Convert an IP address in string format (123.45.67.89) to the 32-bit packed
    /// binary format used in low-level network functions.
    #[no_signature]
    #[varargs]
    fn inet_aton(string: &Object) -> Result<Ref<Bytes>, Raised> {
        let name = c_text("inet_aton", 1, string)?;
        let mut packed = libc::in_addr { s_addr: 0 };
        // SAFETY: the text ends by NUL; the call fills the address.
        if unsafe { inet_aton(name.as_ptr(), &raw mut packed) } == 0 {
            return Err(raise!(OSError, "illegal IP address string passed to inet_aton"));
        }
        Bytes::new(&packed.s_addr.to_ne_bytes())
    }

    /// inet_ntoa(packed_ip) -> ip_address_string
    ///
    /// Convert an IP address from 32-bit packed binary format to string format
    #[no_signature]
    #[varargs]
    fn inet_ntoa(packed_ip: &Object) -> Result<Ref<Str>, Raised> {
        match <[u8; 4]>::try_from(&*data(packed_ip)?) {
            Ok(packed) => Str::new(&std::net::Ipv4Addr::from(packed).to_string()),
            Err(_) => Err(raise!(OSError, "packed IP wrong length for inet_ntoa")),
        }
    }

    /// inet_pton(af, ip) -> packed IP address string
    ///
    /// Convert an IP address from string format to a packed string suitable
    /// for use with low-level network functions.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn inet_pton(args: &[&Object]) -> Result<Ref<Bytes>, Raised> {
        check_count("inet_pton", args, 2, 2)?;
        let (family, ip) = (int(args[0])?, c_text("inet_pton", 2, args[1])?);
        let mut packed = [0u8; 16];
        // SAFETY: the text ends by NUL; the call fills at most 16 bytes.
        match unsafe { inet_pton(family, ip.as_ptr(), packed.as_mut_ptr().cast()) } {
            -1 => Err(last_error()),
            0 => Err(raise!(OSError, "illegal IP address string passed to inet_pton")),
            _ if family == libc::AF_INET => Bytes::new(&packed[..4]),
            _ => Bytes::new(&packed),
        }
    }

    /// inet_ntop(af, packed_ip) -> string formatted IP address
    ///
    /// Convert a packed IP address of the given family to string format.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn inet_ntop(args: &[&Object]) -> Result<Ref<Str>, Raised> {
        check_count("inet_ntop", args, 2, 2)?;
        let (family, packed) = (int(args[0])?, data(args[1])?);
        let wrong = || raise!(ValueError, "invalid length of packed IP address string");
        match family {
            libc::AF_INET => {
                let packed = <[u8; 4]>::try_from(&*packed).map_err(|_| wrong())?;
                Str::new(&std::net::Ipv4Addr::from(packed).to_string())
            }
            libc::AF_INET6 => {
                let packed = <[u8; 16]>::try_from(&*packed).map_err(|_| wrong())?;
                Str::new(&std::net::Ipv6Addr::from(packed).to_string())
            }
            _ => Err(raise!(ValueError, "unknown address family {family}")),
        }
    }

    /// CMSG_LEN(length) -> control message length
    ///
    /// Return the total length, without trailing padding, of an ancillary
    /// data item with associated data of the given length.  Raises
    /// OverflowError if length is outside the permissible range of values.
    #[no_signature]
    #[varargs]
    #[name = "CMSG_LEN"]
    fn cmsg_len(length: &Object) -> Result<usize, Raised> {
        message::record_length(size(length)?).ok_or_else(|| raise!(OverflowError, "CMSG_LEN() argument out of range"))
    }

    /// CMSG_SPACE(length) -> buffer size
    ///
    /// Return the buffer size needed for recvmsg() to receive an ancillary
    /// data item with associated data of the given length, along with any
    /// trailing padding.  Raises OverflowError if length is outside the
    /// permissible range of values.
    #[no_signature]
    #[varargs]
    #[name = "CMSG_SPACE"]
    fn cmsg_space(length: &Object) -> Result<usize, Raised> {
        message::record_space(size(length)?).ok_or_else(|| raise!(OverflowError, "CMSG_SPACE() argument out of range"))
    }

    /// if_nameindex()
    ///
    /// Returns a list of network interface information (index, name) tuples.
    #[no_signature]
    fn if_nameindex() -> Result<Ref<List>, Raised> {
        /// The system's list, given back at the end.
        struct Names(*mut libc::if_nameindex);
        impl Drop for Names {
            fn drop(&mut self) {
                // SAFETY: the list came from the system.
                unsafe { libc::if_freenameindex(self.0) }
            }
        }
        // SAFETY: a plain call.
        let names = Names(unsafe { libc::if_nameindex() });
        if names.0.is_null() {
            return Err(last_error());
        }
        let list = List::new()?;
        for at in 0.. {
            // SAFETY: the list ends by an entry of index 0, where the loop ends.
            let (index, name) = unsafe {
                let entry = &*names.0.add(at);
                if entry.if_index == 0 || entry.if_name.is_null() {
                    break;
                }
                (entry.if_index, text::decode(CStr::from_ptr(entry.if_name).to_bytes())?)
            };
            let pair = Tuple::from_refs([Int::from_i64(index.into())?.into_object(), name.into_object()])?;
            list.push(pair.into_object())?;
        }
        Ok(list)
    }

    /// if_nametoindex(if_name)
    ///
    /// Returns the interface index corresponding to the interface name if_name.
    #[no_signature]
    #[varargs]
    fn if_nametoindex(if_name: &Object) -> Result<u32, Raised> {
        let name = text::CText::of_path(if_name)?;
        // SAFETY: the name ends by NUL.
        match unsafe { libc::if_nametoindex(name.as_ptr()) } {
            0 => Err(raise!(OSError, "no interface with this name")),
            index => Ok(index),
        }
    }

    /// if_indextoname(if_index)
    ///
    /// Returns the interface name corresponding to the interface index if_index.
    #[no_signature]
    fn if_indextoname(if_index: &Object) -> Result<Ref<Str>, Raised> {
        let index = protocol::number::index(if_index)?;
        if index.is_negative() {
            return Err(raise!(OverflowError, "can't convert negative value to unsigned int"));
        }
        let Some(index) = index.to_u64() else {
            return Err(raise!(OverflowError, "Python int too large to convert to C unsigned long"));
        };
        let name = address::interface_name(u32::try_from(index).unwrap_or(0));
        if name.is_empty() {
            return Err(habu_runtime::exceptions::raise_os_error(libc::ENXIO, None));
        }
        text::decode(&name)
    }
}

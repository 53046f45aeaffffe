//! `sendmsg` and `recvmsg`: data in several pieces, with ancillary data (RFC 3542) such as file descriptors.
//!
//! Ancillary data is a row of records: a header of 16 bytes (length with the header, level, type), the data, and padding to 8 bytes.

use std::mem::{size_of, zeroed};

use habu_heap::Buffer;
use habu_macros::pymethods;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::sequence::fast_items;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::address::Address;
use super::transfer::Room;
use super::value::Socket;
use super::waiting::Wait;
use super::{audit, check_count, data, int, int_at, size};

/// The header of a record.
const HEADER: usize = size_of::<libc::cmsghdr>();
const _: () = assert!(HEADER == 16);

/// The length of a record with its header, without padding; nothing when it cannot be told to the system.
pub(super) fn record_length(data: isize) -> Option<usize> {
    let length = usize::try_from(data).ok()?.checked_add(HEADER)?;
    (length <= i32::MAX as usize).then_some(length)
}

/// The length of a record with header and padding.
pub(super) fn record_space(data: isize) -> Option<usize> {
    // The largest padding of all counts against the limit, as in CPython.
    (data <= i32::MAX as isize - 24).then(|| record_length(data).map(|length| length.next_multiple_of(8)))?
}

/// A Python iterable of pieces as the system wants it; the views keep the memory in place.
struct Pieces {
    vectors: Buffer<libc::iovec>,
    views: Buffer<ByteView>,
}

impl Pieces {
    fn of(items: &[Ref], view: impl Fn(&Object) -> Result<ByteView, Raised>) -> Result<Pieces, Raised> {
        let mut pieces =
            Pieces { vectors: Buffer::with_capacity(items.len())?, views: Buffer::with_capacity(items.len())? };
        for item in items {
            let view = view(item)?;
            pieces.vectors.push(libc::iovec { iov_base: view.pointer().cast(), iov_len: view.len() })?;
            pieces.views.push(view)?;
        }
        Ok(pieces)
    }
}

/// The records of a message to send.
fn records(items: &[Ref]) -> Result<Buffer<u8>, Raised> {
    let mut out = Buffer::new();
    for item in items {
        let count = if protocol::sequence::is_sequence(item) { Some(protocol::sequence::length(item)?) } else { None };
        match count {
            None => {
                let name = item.ty().full_name();
                return Err(raise!(
                    TypeError,
                    "[sendmsg() ancillary data items]() argument must be 3-item sequence, not {name}"
                ));
            }
            Some(3) => {}
            Some(count) => {
                return Err(raise!(
                    TypeError,
                    "[sendmsg() ancillary data items]() argument must be sequence of length 3, not {count}"
                ));
            }
        }
        let parts = fast_items(item, "ancillary data item must be a sequence")?;
        let [level, kind, bytes] = &*parts else {
            return Err(raise!(RuntimeError, "ancillary data item changed size"));
        };
        let (level, kind, bytes) = (int(level)?, int(kind)?, data(bytes)?);
        let Some(length) = record_length(bytes.len() as isize) else {
            return Err(raise!(OSError, "ancillary data item too large"));
        };
        out.extend_from_slice(&length.to_ne_bytes())?;
        out.extend_from_slice(&level.to_ne_bytes())?;
        out.extend_from_slice(&kind.to_ne_bytes())?;
        out.extend_from_slice(&bytes)?;
        let padded = out.len().next_multiple_of(8);
        if padded > i32::MAX as usize {
            return Err(raise!(OSError, "too much ancillary data"));
        }
        out.resize(padded, 0)?;
    }
    Ok(out)
}

/// The records of a message that was received, as a list of `(level, type, data)`.
fn received_records(mut rest: &[u8]) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    while rest.len() >= HEADER {
        let field = |at: usize| i32::from_ne_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        let length = usize::from_ne_bytes(*rest.first_chunk::<8>().unwrap_or(&[0; 8]));
        if length < HEADER {
            break;
        }
        if length > rest.len() {
            crate::system::warn::warn(
                exc::RuntimeWarning(),
                format_args!("received malformed or improperly-truncated ancillary data"),
                1,
                None,
            )?;
        }
        let bytes = Bytes::new(&rest[HEADER..length.min(rest.len())])?;
        let (level, kind) = (Int::from_i64(field(8).into())?, Int::from_i64(field(12).into())?);
        list.push(Tuple::from_refs([level.into_object(), kind.into_object(), bytes.into_object()])?.into_object())?;
        rest = rest.get(length.next_multiple_of(8)..).unwrap_or(&[]);
    }
    Ok(list)
}

impl Socket {
    /// Receives into the pieces: the count of bytes with the rest of the answer.
    fn receive_message(
        &self,
        vectors: &mut [libc::iovec],
        ancillary: isize,
        flags: i32,
    ) -> Result<(usize, [Ref; 3]), Raised> {
        let Ok(ancillary) = u32::try_from(ancillary).map(|length| length as usize) else {
            return Err(raise!(ValueError, "invalid ancillary data buffer length"));
        };
        if ancillary > i32::MAX as usize {
            return Err(raise!(ValueError, "invalid ancillary data buffer length"));
        }
        let (mut control, mut from) = (Room::new(ancillary)?, Address::room());
        // SAFETY: the structure holds integers and pointers that may be null.
        let mut header: libc::msghdr = unsafe { zeroed() };
        let (start, count) = (vectors.as_mut_ptr(), vectors.len());
        let control_start = control.pointer();
        // SAFETY: all the parts of the message are alive during the call, and as long as it says.
        let length = self.perform(Wait::Read, |fd| unsafe {
            header.msg_name = from.as_mut_ptr().cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            (header.msg_iov, header.msg_iovlen) = (start, count as _);
            header.msg_control = if ancillary > 0 { control_start.cast() } else { std::ptr::null_mut() };
            header.msg_controllen = ancillary as _;
            libc::recvmsg(fd, &raw mut header, flags)
        })?;
        from.length = header.msg_namelen;
        let filled = if ancillary > 0 { (header.msg_controllen as usize).min(ancillary) } else { 0 };
        // SAFETY: the call wrote so many bytes.
        let records = received_records(unsafe { control.written(filled) })?;
        let answer_flags = Int::from_i64(header.msg_flags.into())?;
        Ok((length, [records.into_object(), answer_flags.into_object(), self.shown_address(&from)?]))
    }
}

/// Checks that an argument can be iterated and takes its items.
fn items(caller: &str, position: usize, object: &Object) -> Result<Buffer<Ref>, Raised> {
    fast_items(object, &format!("{caller}() argument {position} must be an iterable"))
}

#[pymethods(table = MESSAGE)]
impl Socket {
    /// recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)
    ///
    /// Receive normal data (up to bufsize bytes) and ancillary data from the
    /// socket.  The ancbufsize argument sets the size in bytes of the buffer
    /// for the ancillary data, for which CMSG_SPACE() and CMSG_LEN() are made;
    /// it defaults to 0, so that none is received.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn recvmsg(&self, args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        check_count("recvmsg", args, 1, 3)?;
        let length = size(args[0])?;
        let ancillary = args.get(1).map_or(Ok(0), |value| size(value))?;
        let flags = int_at(args, 2, 0)?;
        let Ok(length) = usize::try_from(length) else {
            return Err(raise!(ValueError, "negative buffer size in recvmsg()"));
        };
        let mut room = Room::new(length)?;
        let mut vectors = [libc::iovec { iov_base: room.pointer().cast(), iov_len: length }];
        let (count, [records, flags, from]) = self.receive_message(&mut vectors, ancillary, flags)?;
        // SAFETY: the call wrote so many bytes.
        let bytes = Bytes::new(unsafe { room.written(count.min(length)) })?;
        Tuple::from_refs([bytes.into_object(), records, flags, from])
    }

    /// recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)
    ///
    /// Receive normal data and ancillary data from the socket, scattering the
    /// normal data over writable buffers (e.g. bytearray objects), which are
    /// filled one after the other.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn recvmsg_into(&self, args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        check_count("recvmsg_into", args, 1, 3)?;
        let ancillary = args.get(1).map_or(Ok(0), |value| size(value))?;
        let flags = int_at(args, 2, 0)?;
        let buffers = items("recvmsg_into", 1, args[0])?;
        let mut pieces = Pieces::of(&buffers, |item| {
            ByteView::writable(item).map_err(|raised| {
                raised.clear();
                raise!(TypeError, "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers")
            })
        })?;
        let (count, [records, flags, from]) = self.receive_message(&mut pieces.vectors, ancillary, flags)?;
        Tuple::from_refs([Int::from_u64(count as u64)?.into_object(), records, flags, from])
    }

    /// sendmsg(buffers[, ancdata[, flags[, address]]]) -> count
    ///
    /// Send normal data, gathered from bytes-like objects, and ancillary data
    /// to the socket: zero or more tuples (cmsg_level, cmsg_type, cmsg_data).
    /// If address is given and not None, it is the destination.  The return
    /// value is the number of bytes of normal data that were sent.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn sendmsg(&self, args: &[&Object]) -> Result<usize, Raised> {
        check_count("sendmsg", args, 1, 4)?;
        let flags = int_at(args, 2, 0)?;
        let address = args.get(3).filter(|address| !is_none(address));
        let to = address.map(|address| self.address("sendmsg", address)).transpose()?;
        if let Some(address) = address {
            audit("socket.sendmsg", &[self, address])?;
        }
        let buffers = items("sendmsg", 1, args[0])?;
        let mut pieces = Pieces::of(&buffers, data)?;
        let mut control = match args.get(1) {
            Some(ancillary) => records(&items("sendmsg", 2, ancillary)?)?,
            None => Buffer::new(),
        };
        // SAFETY: the structure holds integers and pointers that may be null.
        let mut header: libc::msghdr = unsafe { zeroed() };
        if let Some(to) = &to {
            header.msg_name = to.as_ptr().cast_mut().cast();
            header.msg_namelen = to.length;
        }
        (header.msg_iov, header.msg_iovlen) = (pieces.vectors.as_mut_ptr(), pieces.vectors.len() as _);
        if !control.is_empty() {
            (header.msg_control, header.msg_controllen) = (control.as_mut_ptr().cast(), control.len() as _);
        }
        // SAFETY: all the parts of the message are alive during the call, and as long as it says.
        let sent = self.perform(Wait::Write, |fd| unsafe { libc::sendmsg(fd, &raw const header, flags) });
        drop(pieces.views);
        sent
    }
}

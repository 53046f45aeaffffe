//! Sending and receiving plain data.

use std::mem::size_of;

use habu_heap::Buffer;
use habu_macros::pymethods;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::tuple::Tuple;

use super::address::Address;
use super::value::Socket;
use super::waiting::{Wait, deadline, timed_out};
use super::{audit, check_count, data, int, int_at, size};
use crate::system::blocking::check_signals;

/// Memory that is written before it is read.
pub(super) struct Room(Buffer<u8>);

impl Room {
    pub(super) fn new(length: usize) -> Result<Room, Raised> {
        Ok(Room(Buffer::with_capacity(length.max(1))?))
    }

    pub(super) fn pointer(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    /// The first bytes.
    ///
    /// # Safety
    /// So many were written, within the room.
    pub(super) unsafe fn written(&self, count: usize) -> &[u8] {
        // SAFETY: by the contract.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr(), count) }
    }
}

/// Memory of the caller to receive into.
fn writable(caller: &str, object: &Object) -> Result<ByteView, Raised> {
    ByteView::writable(object).map_err(|raised| {
        raised.clear();
        raise!(
            TypeError,
            "{caller}() argument 1 must be read-write bytes-like object, not {}",
            habu_runtime::object::args::shown_type(object)
        )
    })
}

fn receive_size(caller: &str, object: &Object) -> Result<usize, Raised> {
    usize::try_from(size(object)?).map_err(|_| raise!(ValueError, "negative buffersize in {caller}"))
}

impl Socket {
    fn receive(&self, to: *mut u8, length: usize, flags: i32) -> Result<usize, Raised> {
        if length == 0 {
            return Ok(0);
        }
        // SAFETY: the caller has `length` bytes there, which nobody reads during the call.
        self.perform(Wait::Read, |fd| unsafe { libc::recv(fd, to.cast(), length, flags) })
    }

    fn receive_from(&self, to: *mut u8, length: usize, flags: i32) -> Result<(usize, Ref), Raised> {
        let mut from = Address::room();
        // SAFETY: as in `receive`; the room of the address is as long as its length says.
        let count = self.perform(Wait::Read, |fd| unsafe {
            let mut room = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            let count = libc::recvfrom(fd, to.cast(), length, flags, from.as_mut_ptr(), &raw mut room);
            from.length = room;
            count
        })?;
        Ok((count, self.shown_address(&from)?))
    }
}

#[pymethods(table = TRANSFER)]
impl Socket {
    /// recv(buffersize[, flags]) -> data
    ///
    /// Receive up to buffersize bytes from the socket.  For the optional flags
    /// argument, see the Unix manual.  When no data is available, block until
    /// at least one byte is available or until the remote end is closed.  When
    /// the remote end is closed and all data is read, return the empty string.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn recv(&self, args: &[&Object]) -> Result<Ref<Bytes>, Raised> {
        check_count("recv", args, 1, 2)?;
        let (length, flags) = (receive_size("recv", args[0])?, int_at(args, 1, 0)?);
        let mut room = Room::new(length)?;
        let count = self.receive(room.pointer(), length, flags)?;
        // SAFETY: the call wrote so many bytes.
        Bytes::new(unsafe { room.written(count) })
    }

    /// recv_into(buffer, [nbytes[, flags]]) -> nbytes_read
    ///
    /// A version of recv() that stores its data into a buffer rather than creating
    /// a new string.  Receive up to buffersize bytes from the socket.  If buffersize
    /// is not specified (or 0), receive up to the size available in the given buffer.
    ///
    /// See recv() for documentation about the flags.
    #[signature(buffer, nbytes = 0, flags = 0)]
    #[no_signature]
    fn recv_into(&self, buffer: &Object, nbytes: isize, flags: i32) -> Result<usize, Raised> {
        let view = writable("recv_into", buffer)?;
        let Ok(asked) = usize::try_from(nbytes) else {
            return Err(raise!(ValueError, "negative buffersize in recv_into"));
        };
        let length = if asked == 0 { view.len() } else { asked };
        if view.len() < length {
            return Err(raise!(ValueError, "buffer too small for requested bytes"));
        }
        self.receive(view.pointer(), length, flags)
    }

    /// recvfrom(buffersize[, flags]) -> (data, address info)
    ///
    /// Like recv(buffersize, flags) but also return the sender's address info.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn recvfrom(&self, args: &[&Object]) -> Result<Ref<Tuple>, Raised> {
        check_count("recvfrom", args, 1, 2)?;
        let (length, flags) = (receive_size("recvfrom", args[0])?, int_at(args, 1, 0)?);
        let mut room = Room::new(length)?;
        let (count, from) = self.receive_from(room.pointer(), length, flags)?;
        // A datagram that was cut may be said to be longer than the room with MSG_TRUNC.
        // SAFETY: the call wrote so many bytes.
        let bytes = Bytes::new(unsafe { room.written(count.min(length)) })?;
        Tuple::from_refs([bytes.into_object(), from])
    }

    /// recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)
    ///
    /// Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info.
    #[signature(buffer, nbytes = 0, flags = 0)]
    #[no_signature]
    fn recvfrom_into(&self, buffer: &Object, nbytes: isize, flags: i32) -> Result<Ref<Tuple>, Raised> {
        let view = writable("recvfrom_into", buffer)?;
        let Ok(asked) = usize::try_from(nbytes) else {
            return Err(raise!(ValueError, "negative buffersize in recvfrom_into"));
        };
        let length = if asked == 0 { view.len() } else { asked };
        if view.len() < length {
            return Err(raise!(ValueError, "nbytes is greater than the length of the buffer"));
        }
        let (count, from) = self.receive_from(view.pointer(), length, flags)?;
        Tuple::from_refs([Int::from_u64(count as u64)?.into_object(), from])
    }

    /// send(data[, flags]) -> count
    ///
    /// Send a data string to the socket.  For the optional flags
    /// argument, see the Unix manual.  Return the number of bytes
    /// sent; this may be less than len(data) if the network is busy.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn send(&self, args: &[&Object]) -> Result<usize, Raised> {
        check_count("send", args, 1, 2)?;
        let (view, flags) = (data(args[0])?, int_at(args, 1, 0)?);
        let (from, length) = (view.pointer(), view.len());
        // SAFETY: the view keeps the bytes in place.
        self.perform(Wait::Write, |fd| unsafe { libc::send(fd, from.cast(), length, flags) })
    }

    /// sendall(data[, flags])
    ///
    /// Send a data string to the socket.  For the optional flags
    /// argument, see the Unix manual.  This calls send() repeatedly
    /// until all data is sent.  If an error occurs, it's impossible
    /// to tell how much data has been sent.
    #[no_signature]
    #[signature(*args)]
    #[varargs]
    fn sendall(&self, args: &[&Object]) -> Result<(), Raised> {
        check_count("sendall", args, 1, 2)?;
        let (view, flags) = (data(args[0])?, int_at(args, 1, 0)?);
        // The timeout is that of the whole transfer.
        let end = deadline(self.timeout_nanoseconds());
        let mut sent = 0;
        loop {
            if sent > 0 && end.is_some_and(|end| std::time::Instant::now() >= end) {
                return Err(timed_out());
            }
            let (from, length) = (view.pointer().wrapping_add(sent), view.len() - sent);
            // SAFETY: the view keeps the bytes in place; `sent` is within it.
            let count = self.attempt(Wait::Write, end, |fd| unsafe { libc::send(fd, from.cast(), length, flags) })?;
            sent += count.map_err(|failed| raise_os_error(failed, None))?.min(length);
            if sent >= view.len() {
                return Ok(());
            }
            check_signals()?;
        }
    }

    /// sendto(data[, flags], address) -> count
    ///
    /// Like send(data, flags) but allows specifying the destination address.
    /// For IP sockets, the address is a pair (hostaddr, port).
    #[no_signature]
    #[signature(*args)]
    #[varargs(unpack)]
    fn sendto(&self, args: &[&Object]) -> Result<usize, Raised> {
        let (view, flags, address) = match args {
            [bytes, address] => (data(bytes)?, 0, address),
            [bytes, flags, address] => (data(bytes)?, int(flags)?, address),
            _ => return Err(raise!(TypeError, "sendto() takes 2 or 3 arguments ({} given)", args.len())),
        };
        let to = self.address("sendto", address)?;
        audit("socket.sendto", &[self, address])?;
        let (from, length) = (view.pointer(), view.len());
        // SAFETY: the view keeps the bytes in place; the address is alive during the call.
        self.perform(Wait::Write, |fd| unsafe { libc::sendto(fd, from.cast(), length, flags, to.as_ptr(), to.length) })
    }
}

//! The module `pwd`: the users of the system.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::exceptions::raise_os_error;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use crate::posix::path::{Id, id};
use crate::system::blocking::{outside, without_lock};
use crate::system::text::{CText, decode_c};

struct_sequence! {
    heap doc "pwd.struct_passwd: Results from getpw*() routines.\n\nThis object may be accessed either as a tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\nor via the object attributes as named in the above tuple."
    pub static STRUCT_PASSWD = "pwd.struct_passwd", visible 7,
    {
        pw_name: "user name",
        pw_passwd: "password",
        pw_uid: "user id",
        pw_gid: "group id",
        pw_gecos: "real name",
        pw_dir: "home directory",
        pw_shell: "shell program",
    }
}

/// The module.
pub struct Pwd;

/// An entry as Python sees it.
///
/// # Safety
/// The texts of the entry are C strings that stay during the call.
unsafe fn entry(user: &libc::passwd) -> Result<Ref<Tuple>, Raised> {
    STRUCT_PASSWD.build(|index| {
        let text = match index {
            0 => user.pw_name,
            1 => user.pw_passwd,
            2 => return habu_runtime::object::IntoObject::into_object(Id(user.pw_uid)),
            3 => return habu_runtime::object::IntoObject::into_object(Id(user.pw_gid)),
            4 => user.pw_gecos,
            5 => user.pw_dir,
            _ => user.pw_shell,
        };
        if text.is_null() {
            return Ok(habu_runtime::types::none());
        }
        // SAFETY: by the contract.
        Ok(unsafe { decode_c(text) }?.into_object())
    })
}

/// Asks for one entry with as much room as it needs; nothing where there is none.
fn find(
    mut ask: impl FnMut(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> i32,
) -> Result<Option<Ref<Tuple>>, Raised> {
    let mut room = Buffer::<u8>::new();
    let mut size = 1024;
    loop {
        room.resize(size, 0)?;
        // SAFETY: the structure is plain data that the call fills.
        let mut user = unsafe { std::mem::zeroed::<libc::passwd>() };
        let mut found = std::ptr::null_mut();
        let start = room.as_mut_ptr();
        // SAFETY: the call fills memory of this function alone, and touches no object.
        match without_lock(unsafe { outside(|| ask(&mut user, start.cast(), size, &mut found)) }) {
            libc::ERANGE if size < 1 << 24 => size *= 2,
            libc::ERANGE => return Err(habu_runtime::exceptions::memory_error()),
            _ if found.is_null() => return Ok(None),
            // SAFETY: the texts stand in `room`.
            0 => return unsafe { entry(&user) }.map(Some),
            failed => return Err(raise_os_error(failed, None)),
        }
    }
}

/// This module provides access to the Unix password database.
/// It is available on all Unix versions.
///
/// Password database entries are reported as 7-tuples containing the following
/// items from the password database (see `<pwd.h>'), in order:
/// pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell.
/// The uid and gid items are integers, all others are strings. An
/// exception is raised if the entry asked for cannot be found.
#[pymodule(name = "pwd")]
impl Pwd {
    /// Return the password database entry for the given numeric user ID.
    ///
    /// See `help(pwd)` for more on password database entries.
    fn getpwuid(uidobj: &Object) -> Result<Ref<Tuple>, Raised> {
        let not_found = || {
            let shown = protocol::str(uidobj)?;
            Err(raise!(KeyError, "getpwuid(): uid not found: {shown}"))
        };
        let uid = match id(uidobj, "uid") {
            Ok(uid) => uid.0,
            Err(raised) => {
                let overflow = habu_runtime::exceptions::exc::OverflowError();
                protocol::attribute::ignore::<()>(raised, overflow)?;
                return not_found();
            }
        };
        // SAFETY: the places are valid, and the room has the size that is told.
        match find(|user, room, size, found| unsafe { libc::getpwuid_r(uid, user, room, size, found) })? {
            Some(user) => Ok(user),
            None => not_found(),
        }
    }

    /// Return the password database entry for the given user name.
    ///
    /// See `help(pwd)` for more on password database entries.
    fn getpwnam(name: &Str) -> Result<Ref<Tuple>, Raised> {
        let text = CText::of_str(name)?;
        // SAFETY: the name is a C string, the places are valid, and the room has the size that is told.
        match find(|user, room, size, found| unsafe { libc::getpwnam_r(text.as_ptr(), user, room, size, found) })? {
            Some(user) => Ok(user),
            None => Err(raise!(KeyError, "getpwnam(): name not found: {}", protocol::repr(name)?)),
        }
    }

    /// Return a list of all available password database entries, in arbitrary order.
    ///
    /// See help(pwd) for more on password database entries.
    fn getpwall() -> Result<Ref<List>, Raised> {
        let users = List::new()?;
        // SAFETY: the entry stays until the next call, and is copied before it.
        unsafe {
            libc::setpwent();
            while let Some(user) = libc::getpwent().as_ref() {
                let pushed = entry(user).and_then(|user| users.push(user.into_object()));
                if let Err(raised) = pushed {
                    libc::endpwent();
                    return Err(raised);
                }
            }
            libc::endpwent();
        }
        Ok(users)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        STRUCT_PASSWD.ready()?;
        module.set("struct_passwd", STRUCT_PASSWD.type_object())
    }
}

//! The module `grp`: the groups of the system.

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
    heap doc "grp.struct_group: Results from getgr*() routines.\n\nThis object may be accessed either as a tuple of\n  (gr_name,gr_passwd,gr_gid,gr_mem)\nor via the object attributes as named in the above tuple.\n"
    pub static STRUCT_GROUP = "grp.struct_group", visible 4,
    {
        gr_name: "group name",
        gr_passwd: "password",
        gr_gid: "group id",
        gr_mem: "group members",
    }
}

/// The module.
pub struct Grp;

/// An entry as Python sees it.
///
/// # Safety
/// The texts of the entry are C strings that stay during the call.
unsafe fn entry(group: &libc::group) -> Result<Ref<Tuple>, Raised> {
    let members = List::new()?;
    let mut place = group.gr_mem;
    // SAFETY: by the contract; the members end with null.
    unsafe {
        while !place.is_null() && !(*place).is_null() {
            members.push(decode_c(*place)?.into_object())?;
            place = place.add(1);
        }
    }
    STRUCT_GROUP.build(|index| {
        let text = match index {
            0 => group.gr_name,
            1 => group.gr_passwd,
            2 => return habu_runtime::object::IntoObject::into_object(Id(group.gr_gid)),
            _ => return Ok(members.clone().into_object()),
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
    mut ask: impl FnMut(*mut libc::group, *mut libc::c_char, usize, *mut *mut libc::group) -> i32,
) -> Result<Option<Ref<Tuple>>, Raised> {
    let mut room = Buffer::<u8>::new();
    let mut size = 1024;
    loop {
        room.resize(size, 0)?;
        // SAFETY: the structure is plain data that the call fills.
        let mut group = unsafe { std::mem::zeroed::<libc::group>() };
        let mut found = std::ptr::null_mut();
        let start = room.as_mut_ptr();
        // SAFETY: the call fills memory of this function alone, and touches no object.
        match without_lock(unsafe { outside(|| ask(&mut group, start.cast(), size, &mut found)) }) {
            libc::ERANGE if size < 1 << 24 => size *= 2,
            libc::ERANGE => return Err(habu_runtime::exceptions::memory_error()),
            _ if found.is_null() => return Ok(None),
            // SAFETY: the texts stand in `room`.
            0 => return unsafe { entry(&group) }.map(Some),
            failed => return Err(raise_os_error(failed, None)),
        }
    }
}

/// Access to the Unix group database.
///
/// Group entries are reported as 4-tuples containing the following fields
/// from the group database, in order:
///
///   gr_name   - name of the group
///   gr_passwd - group password (encrypted); often empty
///   gr_gid    - numeric ID of the group
///   gr_mem    - list of members
///
/// The gid is an integer, name and password are strings.  (Note that most
/// users are not explicitly listed as members of the groups they are in
/// according to the password database.  Check both databases to get
/// complete membership information.)
#[pymodule(name = "grp")]
impl Grp {
    /// Return the group database entry for the given numeric group ID.
    ///
    /// If id is not valid, raise KeyError.
    #[signature(id)]
    fn getgrgid(id: &Object) -> Result<Ref<Tuple>, Raised> {
        let gid = group_id(id)?;
        // SAFETY: the places are valid, and the room has the size that is told.
        match find(|group, room, size, found| unsafe { libc::getgrgid_r(gid, group, room, size, found) })? {
            Some(group) => Ok(group),
            None => Err(raise!(KeyError, "getgrgid(): gid not found: {}", protocol::str(id)?)),
        }
    }

    /// Return the group database entry for the given group name.
    ///
    /// If name is not valid, raise KeyError.
    #[signature(name)]
    fn getgrnam(name: &Str) -> Result<Ref<Tuple>, Raised> {
        let text = CText::of_str(name)?;
        // SAFETY: the name is a C string, the places are valid, and the room has the size that is told.
        match find(|group, room, size, found| unsafe { libc::getgrnam_r(text.as_ptr(), group, room, size, found) })? {
            Some(group) => Ok(group),
            None => Err(raise!(KeyError, "getgrnam(): name not found: {}", protocol::repr(name)?)),
        }
    }

    /// Return a list of all available group entries, in arbitrary order.
    ///
    /// An entry whose name starts with '+' or '-' represents an instruction
    /// to use YP/NIS and may not be accessible via getgrnam or getgrgid.
    fn getgrall() -> Result<Ref<List>, Raised> {
        let groups = List::new()?;
        // SAFETY: the entry stays until the next call, and is copied before it.
        unsafe {
            libc::setgrent();
            while let Some(group) = libc::getgrent().as_ref() {
                let pushed = entry(group).and_then(|group| groups.push(group.into_object()));
                if let Err(raised) = pushed {
                    libc::endgrent();
                    return Err(raised);
                }
            }
            libc::endgrent();
        }
        Ok(groups)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        STRUCT_GROUP.ready()?;
        module.set("struct_group", STRUCT_GROUP.type_object())
    }
}

/// A group's number as an argument.
fn group_id(object: &Object) -> Result<u32, Raised> {
    match id(object, "gid") {
        Ok(id) => Ok(id.0),
        Err(raised) => {
            let overflow = habu_runtime::exceptions::exc::OverflowError();
            protocol::attribute::ignore::<()>(raised, overflow)?;
            Err(raise!(KeyError, "getgrgid(): gid not found: {}", protocol::str(object)?))
        }
    }
}

//! Who the process is: users, groups, sessions.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::Posix;
use super::path::{Id, id};
use crate::system::text::{CText, decode_c};
use crate::system::{CInt, check, is_index, last_error};

/// A list of numbers of groups.
fn group_list(groups: &[u32]) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    for group in groups {
        list.push(habu_runtime::object::IntoObject::into_object(Id(*group))?)?;
    }
    Ok(list)
}

fn ids(all: [u32; 3]) -> Result<Ref<Tuple>, Raised> {
    Tuple::build(3, |index| habu_runtime::object::IntoObject::into_object(Id(all[index])))
}

#[pymodule(table = IDENTITY)]
impl Posix {
    /// Return the current process id.
    fn getpid() -> Result<i32, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::getpid() })
    }

    /// Return the parent's process id.
    ///
    /// If the parent process has already exited, Windows machines will still
    /// return its id; others systems will return the id of the 'init' process (1).
    fn getppid() -> Result<i32, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::getppid() })
    }

    /// Return the current process's user id.
    fn getuid() -> Result<Id, Raised> {
        // SAFETY: a plain call.
        Ok(Id(unsafe { libc::getuid() }))
    }

    /// Return the current process's effective user id.
    fn geteuid() -> Result<Id, Raised> {
        // SAFETY: a plain call.
        Ok(Id(unsafe { libc::geteuid() }))
    }

    /// Return the current process's group id.
    fn getgid() -> Result<Id, Raised> {
        // SAFETY: a plain call.
        Ok(Id(unsafe { libc::getgid() }))
    }

    /// Return the current process's effective group id.
    fn getegid() -> Result<Id, Raised> {
        // SAFETY: a plain call.
        Ok(Id(unsafe { libc::getegid() }))
    }

    /// Return a tuple of the current process's real, effective, and saved user ids.
    fn getresuid() -> Result<Ref<Tuple>, Raised> {
        let mut all = [0; 3];
        let [real, effective, saved] = &mut all;
        // SAFETY: there is room for three numbers.
        check(unsafe { libc::getresuid(real, effective, saved) })?;
        ids(all)
    }

    /// Return a tuple of the current process's real, effective, and saved group ids.
    fn getresgid() -> Result<Ref<Tuple>, Raised> {
        let mut all = [0; 3];
        let [real, effective, saved] = &mut all;
        // SAFETY: there is room for three numbers.
        check(unsafe { libc::getresgid(real, effective, saved) })?;
        ids(all)
    }

    /// Set the current process's user id.
    fn setuid(uid: &Object) -> Result<(), Raised> {
        let uid = id(uid, "uid")?.0;
        // SAFETY: a plain call.
        check(unsafe { libc::setuid(uid) }).map(drop)
    }

    /// Set the current process's effective user id.
    fn seteuid(euid: &Object) -> Result<(), Raised> {
        let euid = id(euid, "uid")?.0;
        // SAFETY: a plain call.
        check(unsafe { libc::seteuid(euid) }).map(drop)
    }

    /// Set the current process's group id.
    fn setgid(gid: &Object) -> Result<(), Raised> {
        let gid = id(gid, "gid")?.0;
        // SAFETY: a plain call.
        check(unsafe { libc::setgid(gid) }).map(drop)
    }

    /// Set the current process's effective group id.
    fn setegid(egid: &Object) -> Result<(), Raised> {
        let egid = id(egid, "gid")?.0;
        // SAFETY: a plain call.
        check(unsafe { libc::setegid(egid) }).map(drop)
    }

    /// Set the current process's real and effective user ids.
    fn setreuid(ruid: &Object, euid: &Object) -> Result<(), Raised> {
        let (ruid, euid) = (id(ruid, "uid")?.0, id(euid, "uid")?.0);
        // SAFETY: a plain call.
        check(unsafe { libc::setreuid(ruid, euid) }).map(drop)
    }

    /// Set the current process's real and effective group ids.
    fn setregid(rgid: &Object, egid: &Object) -> Result<(), Raised> {
        let (rgid, egid) = (id(rgid, "gid")?.0, id(egid, "gid")?.0);
        // SAFETY: a plain call.
        check(unsafe { libc::setregid(rgid, egid) }).map(drop)
    }

    /// Set the current process's real, effective, and saved user ids.
    fn setresuid(ruid: &Object, euid: &Object, suid: &Object) -> Result<(), Raised> {
        let (ruid, euid, suid) = (id(ruid, "uid")?.0, id(euid, "uid")?.0, id(suid, "uid")?.0);
        // SAFETY: a plain call.
        check(unsafe { libc::setresuid(ruid, euid, suid) }).map(drop)
    }

    /// Set the current process's real, effective, and saved group ids.
    fn setresgid(rgid: &Object, egid: &Object, sgid: &Object) -> Result<(), Raised> {
        let (rgid, egid, sgid) = (id(rgid, "gid")?.0, id(egid, "gid")?.0, id(sgid, "gid")?.0);
        // SAFETY: a plain call.
        check(unsafe { libc::setresgid(rgid, egid, sgid) }).map(drop)
    }

    /// Return list of supplemental group IDs for the process.
    fn getgroups() -> Result<Ref<List>, Raised> {
        // SAFETY: without room only the number is told.
        let count = check(unsafe { libc::getgroups(0, std::ptr::null_mut()) })?;
        let mut groups = Buffer::<u32>::new();
        groups.resize(count as usize, 0)?;
        // SAFETY: there is room for that number.
        let count = check(unsafe { libc::getgroups(count, groups.as_mut_ptr()) })?;
        group_list(groups.get(..count as usize).unwrap_or(&[]))
    }

    /// Set the groups of the current process to list.
    fn setgroups(groups: &Object) -> Result<(), Raised> {
        if !protocol::sequence::is_sequence(groups) {
            return Err(raise!(TypeError, "setgroups argument must be a sequence"));
        }
        let mut numbers = Buffer::<u32>::new();
        let count = protocol::length(groups)?;
        if count > 65536 {
            return Err(raise!(ValueError, "too many groups"));
        }
        for index in 0..count {
            let group = protocol::sequence::get_index(groups, index as isize)?;
            if !is_index(&group) {
                return Err(raise!(TypeError, "groups must be integers"));
            }
            numbers.push(id(&group, "gid")?.0)?;
        }
        // SAFETY: there are that many numbers.
        check(unsafe { libc::setgroups(numbers.len(), numbers.as_ptr()) }).map(drop)
    }

    /// Returns a list of groups to which a user belongs.
    ///
    ///   user
    ///     username to lookup
    ///   group
    ///     base group id of the user
    fn getgrouplist(user: &Str, group: &Object) -> Result<Ref<List>, Raised> {
        let (user, group) = (CText::of_str(user)?, id(group, "gid")?.0);
        let mut groups = Buffer::<u32>::new();
        let mut room = 64;
        loop {
            groups.resize(room as usize, 0)?;
            let mut count = room;
            // SAFETY: the name is a C string; there is room for the number that is told.
            let found = unsafe { libc::getgrouplist(user.as_ptr(), group, groups.as_mut_ptr(), &mut count) };
            if found >= 0 {
                return group_list(groups.get(..count.max(0) as usize).unwrap_or(&[]));
            }
            if room > 1 << 20 {
                return Err(last_error());
            }
            room = count.max(room * 2);
        }
    }

    /// Initialize the group access list.
    ///
    /// Call the system initgroups() to initialize the group access list with all of
    /// the groups of which the specified username is a member, plus the specified
    /// group id.
    fn initgroups(username: &Object, gid: &Object) -> Result<(), Raised> {
        let (name, gid) = (CText::of_path(username)?, id(gid, "gid")?.0);
        // SAFETY: the name is a C string.
        check(unsafe { libc::initgroups(name.as_ptr(), gid) }).map(drop)
    }

    /// Return the actual login name.
    fn getlogin() -> Result<Ref<Str>, Raised> {
        // SAFETY: the name stays until the next call, and is copied before that.
        unsafe {
            let name = libc::getlogin();
            if name.is_null() { Err(last_error()) } else { decode_c(name) }
        }
    }

    /// Call the system call getpgid(), and return the result.
    #[signature(pid)]
    fn getpgid(pid: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::getpgid(pid.0) })
    }

    /// Return the current process group id.
    fn getpgrp() -> Result<i32, Raised> {
        // SAFETY: a plain call.
        Ok(unsafe { libc::getpgrp() })
    }

    /// Call the system call getsid(pid) and return the result.
    fn getsid(pid: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::getsid(pid.0) })
    }

    /// Call the system call setsid().
    fn setsid() -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::setsid() }).map(drop)
    }

    /// Call the system call setpgid(pid, pgrp).
    #[parsed]
    fn setpgid(pid: CInt, pgrp: CInt) -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::setpgid(pid.0, pgrp.0) }).map(drop)
    }

    /// Make the current process the leader of its process group.
    fn setpgrp() -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(unsafe { libc::setpgid(0, 0) }).map(drop)
    }
}

//! The module `spwd`: the users' shadow passwords.

use habu_macros::pymodule;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use crate::system::text::{CText, decode_c};
use crate::system::{errno, last_error};

struct_sequence! {
    heap doc "spwd.struct_spwd: Results from getsp*() routines.\n\nThis object may be accessed either as a 9-tuple of\n  (sp_namp,sp_pwdp,sp_lstchg,sp_min,sp_max,sp_warn,sp_inact,sp_expire,sp_flag)\nor via the object attributes as named in the above tuple."
    pub static STRUCT_SPWD = "spwd.struct_spwd", visible 9,
    {
        sp_namp: "login name",
        sp_pwdp: "encrypted password",
        sp_lstchg: "date of last change",
        sp_min: "min #days between changes",
        sp_max: "max #days between changes",
        sp_warn: "#days before pw expires to warn user about it",
        sp_inact: "#days after pw expires until account is disabled",
        sp_expire: "#days since 1970-01-01 when account expires",
        sp_flag: "reserved",
        sp_nam: "login name; deprecated",
        sp_pwd: "encrypted password; deprecated",
    }
}

/// An entry as Python sees it.
///
/// # Safety
/// The texts of the entry are C strings that stay during the call.
unsafe fn entry(user: &libc::spwd) -> Result<Ref<Tuple>, Raised> {
    STRUCT_SPWD.build(|index| {
        let number = match index {
            // SAFETY: by the contract.
            0 | 9 => return Ok(unsafe { decode_c(user.sp_namp) }?.into_object()),
            // SAFETY: by the contract.
            1 | 10 => return Ok(unsafe { decode_c(user.sp_pwdp) }?.into_object()),
            2 => user.sp_lstchg,
            3 => user.sp_min,
            4 => user.sp_max,
            5 => user.sp_warn,
            6 => user.sp_inact,
            7 => user.sp_expire,
            _ => user.sp_flag as i64,
        };
        Ok(Int::from_i64(number)?.into_object())
    })
}

/// The module.
pub struct Spwd;

/// This module provides access to the Unix shadow password database.
/// It is available on various Unix versions.
///
/// Shadow password database entries are reported as 9-tuples of type struct_spwd,
/// containing the following items from the password database (see `<shadow.h>'):
/// sp_namp, sp_pwdp, sp_lstchg, sp_min, sp_max, sp_warn, sp_inact, sp_expire, sp_flag.
/// The sp_namp and sp_pwdp are strings, the rest are integers.
/// An exception is raised if the entry asked for cannot be found.
/// You have to be root to be able to use this module.
#[pymodule(name = "spwd")]
impl Spwd {
    /// Return the shadow password database entry for the given user name.
    ///
    /// See `help(spwd)` for more on shadow password database entries.
    fn getspnam(arg: &Str) -> Result<Ref<Tuple>, Raised> {
        let name = CText::of_str(arg)?;
        // SAFETY: the name ends by NUL; the entry is read before any other look-up.
        unsafe {
            *libc::__errno_location() = 0;
            match libc::getspnam(name.as_ptr()).as_ref() {
                Some(user) => entry(user),
                None if errno() != 0 => Err(last_error()),
                None => Err(raise!(KeyError, "getspnam(): name not found")),
            }
        }
    }

    /// Return a list of all available shadow password database entries, in arbitrary order.
    ///
    /// See `help(spwd)` for more on shadow password database entries.
    fn getspall() -> Result<Ref<List>, Raised> {
        let users = List::new()?;
        // SAFETY: an entry stays until the next call, and is copied before it.
        unsafe {
            libc::setspent();
            while let Some(user) = libc::getspent().as_ref() {
                let pushed = entry(user).and_then(|user| users.push(user.into_object()));
                if let Err(raised) = pushed {
                    libc::endspent();
                    return Err(raised);
                }
            }
            libc::endspent();
        }
        Ok(users)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        crate::system::warn::warn(
            habu_runtime::exceptions::exc::DeprecationWarning(),
            format_args!("'spwd' is deprecated and slated for removal in Python 3.13"),
            7,
            None,
        )?;
        STRUCT_SPWD.ready()?;
        module.set("struct_spwd", STRUCT_SPWD.type_object())
    }
}

//! Short forms for the member tables of exceptions, and for their named arguments.

use std::ffi::CStr;

use crate::object::descriptor_tables::{READONLY, T_BOOL, T_OBJECT, T_PYSSIZET};
use crate::object::{MemberDef, Raised, Ref};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;

/// A static table of members.
macro_rules! members {
    ($($member:expr),* $(,)?) => { &[$($member),*] };
}
pub(super) use members;

const fn member(name: &'static CStr, kind: std::ffi::c_int, offset: usize, flags: std::ffi::c_int) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags, doc: std::ptr::null() }
}

/// A truth value.
pub(super) const fn boolean(name: &'static CStr, offset: usize) -> MemberDef {
    member(name, T_BOOL, offset, 0)
}

/// A reference, which reads as None when there is none.
pub(super) const fn object(name: &'static CStr, offset: usize, doc: &'static CStr) -> MemberDef {
    MemberDef { doc: doc.as_ptr(), ..member(name, T_OBJECT, offset, 0) }
}

/// A reference that Python cannot change.
pub(super) const fn readonly(name: &'static CStr, offset: usize, doc: &'static CStr) -> MemberDef {
    MemberDef { doc: doc.as_ptr(), ..member(name, T_OBJECT, offset, READONLY) }
}

/// A size.
pub(super) const fn size(name: &'static CStr, offset: usize, doc: &'static CStr) -> MemberDef {
    MemberDef { doc: doc.as_ptr(), ..member(name, T_PYSSIZET, offset, 0) }
}

/// The values of the keyword-only arguments `names` of the exception `function`, all optional.
pub(super) fn keywords<const N: usize>(
    function: &str,
    names: [&str; N],
    kwargs: Option<&Dict>,
) -> Result<[Option<Ref>; N], Raised> {
    let mut values = [const { None }; N];
    let Some(kwargs) = kwargs else { return Ok(values) };
    if kwargs.len() > N {
        let plural = if N == 1 { "" } else { "s" };
        return Err(raise!(
            TypeError,
            "{function}() takes at most {N} keyword argument{plural} ({} given)",
            kwargs.len()
        ));
    }
    let mut at = 0;
    while let Some((key, value)) = kwargs.next_item(&mut at) {
        let Some(key) = key.downcast::<Str>() else { return Err(raise!(TypeError, "keywords must be strings")) };
        match names.iter().position(|name| key.equals(name)) {
            Some(index) => values[index] = Some(value),
            None => {
                return Err(raise!(TypeError, "'{}' is an invalid keyword argument for {function}()", key));
            }
        }
    }
    Ok(values)
}

//! What a type made by an extension brings in its C tables: methods, members, computed attributes.

use crate::object::descriptor_tables::{GetSetDef, MemberDef, MethodDef};
use crate::object::{Raised, Type};
use crate::types::descriptor::{add_getsets, add_members, add_methods};
use crate::types::dict::Dict;

/// The entries of a table before the one without a name.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $entry:ty) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// Null, or a table that ends with an entry without a name and lives as long as the process.
        pub unsafe fn $name(table: *const $entry) -> &'static [$entry] {
            if table.is_null() {
                return &[];
            }
            let mut count = 0;
            // SAFETY: by the contract.
            unsafe {
                while !(*table.add(count)).name.is_null() {
                    count += 1;
                }
                std::slice::from_raw_parts(table, count)
            }
        }
    };
}

table!(
    /// The methods of a C table.
    methods,
    MethodDef
);
table!(
    /// The members of a C table.
    members,
    MemberDef
);
table!(
    /// The computed attributes of a C table.
    getsets,
    GetSetDef
);

/// Adds what the type's own C tables say to its dictionary.
pub(super) fn fill_dict(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    // SAFETY: a type's tables are as the C API asks for.
    unsafe {
        add_methods(ty, dict, methods(ty.tp_methods.get()))?;
        add_members(ty, dict, members(ty.tp_members.get()))?;
        add_getsets(ty, dict, getsets(ty.tp_getset.get()))
    }
}

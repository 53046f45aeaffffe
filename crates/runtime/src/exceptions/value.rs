//! The layout that all exceptions begin with (`PyBaseExceptionObject`, 72 bytes).

use std::cell::Cell;

use habu_macros::pytype;

use crate::object::{Field, Object};
use crate::types::dict::Dict;
use crate::types::traceback::Traceback;
use crate::types::tuple::Tuple;

/// Common base class for all exceptions
#[pytype(name = "BaseException", gc, basetype, subclass_flag = BASE_EXC_SUBCLASS, dict = dict)]
pub struct BaseException {
    /// The header.
    pub base: Object,
    /// The instance's attributes.
    #[traverse]
    pub dict: Field<Dict>,
    /// What the exception was called with.
    #[traverse]
    pub args: Field<Tuple>,
    /// `__notes__`; unused, notes stand in the dictionary.
    #[traverse]
    pub notes: Field,
    /// `__traceback__`
    #[traverse]
    pub traceback: Field<Traceback>,
    /// `__context__`
    #[traverse]
    pub context: Field<BaseException>,
    /// `__cause__`
    #[traverse]
    pub cause: Field<BaseException>,
    /// `__suppress_context__`
    pub suppress_context: Cell<bool>,
}

crate::assert_layout!(BaseException, size 72, dict @ 16, args @ 24, traceback @ 40, cause @ 56, suppress_context @ 64);

#[habu_macros::pymethods]
impl BaseException {}

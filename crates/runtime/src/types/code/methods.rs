//! What Python sees of code objects.

use super::value::Code;

#[habu_macros::pymethods]
impl Code {}

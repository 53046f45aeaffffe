//! `_compare_digest`: a comparison whose time does not tell where two texts differ.

use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::str::Str;

/// Whether the two are equal, in a time that depends on the second one's length alone.
fn equal_bytes(left: &[u8], right: &[u8]) -> bool {
    // With lengths that differ, the second one is compared with itself, and the result is known.
    let (mut difference, left) = if left.len() == right.len() { (0, left) } else { (1, right) };
    for (one, other) in left.iter().zip(right) {
        difference |= std::hint::black_box(one ^ other);
    }
    difference == 0
}

/// Two ASCII strings or two bytes-like objects.
pub(super) fn compare_digest(left: &Object, right: &Object) -> Result<bool, Raised> {
    if let (Some(left), Some(right)) = (left.downcast::<Str>(), right.downcast::<Str>()) {
        let (Some(left), Some(right)) = (left.as_ascii(), right.as_ascii()) else {
            return Err(raise!(TypeError, "comparing strings with non-ASCII characters is not supported"));
        };
        return Ok(equal_bytes(left.as_bytes(), right.as_bytes()));
    }
    let (left, right) = (ByteView::new(left)?, ByteView::new(right)?);
    Ok(equal_bytes(left.as_slice(), right.as_slice()))
}

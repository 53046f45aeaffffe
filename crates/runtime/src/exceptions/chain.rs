//! `__context__`: the exception that was being handled when another was raised.

use crate::exceptions::BaseException;
use crate::object::Ref;

/// Makes `handled` the context of `exception`, which is being raised while it is handled.  Where `exception` stands in the chain of
/// contexts of `handled`, that link is cut first, so that no cycle arises.
pub fn set_context(exception: &BaseException, handled: &Ref<BaseException>) {
    if exception.is(handled) {
        return;
    }
    // The tortoise walks at half the speed: a chain that Python code made into a cycle without `exception` ends too.
    let mut at = handled.clone();
    let mut tortoise = handled.clone();
    let mut step = false;
    while let Some(context) = at.context.get() {
        if context.is(exception) {
            at.context.set(None);
            break;
        }
        at = context;
        if at.is(&tortoise) {
            break;
        }
        if step && let Some(next) = tortoise.context.get() {
            tortoise = next;
        }
        step = !step;
    }
    exception.context.set(Some(handled.clone()));
}

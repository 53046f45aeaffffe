//! `_heapq`: lists as heaps.

use habu_macros::pymodule;
use habu_runtime::object::protocol::compare_truth;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::list::List;

/// Heap queue algorithm (a.k.a. priority queue).
///
/// Heaps are arrays for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for
/// all k, counting elements from 0.  For the sake of comparison,
/// non-existing elements are considered to be infinite.  The interesting
/// property of a heap is that a[0] is always its smallest element.
pub struct Heapq;

/// Which end of the order stands first.
#[derive(Clone, Copy)]
enum Order {
    Smallest,
    Largest,
}

impl Order {
    /// Whether `left` belongs before `right`.
    fn before(self, left: &Object, right: &Object) -> Result<bool, Raised> {
        match self {
            Order::Smallest => compare_truth(left, right, CompareOp::Lt),
            Order::Largest => compare_truth(right, left, CompareOp::Lt),
        }
    }
}

fn out_of_range() -> Raised {
    raise!(IndexError, "index out of range")
}

fn item(heap: &List, index: usize) -> Result<Ref, Raised> {
    heap.get(index).ok_or_else(out_of_range)
}

/// A comparison may have changed the list, which ends the operation.
fn check_size(heap: &List, length: usize) -> Result<(), Raised> {
    if heap.len() != length {
        return Err(raise!(RuntimeError, "list changed size during iteration"));
    }
    Ok(())
}

/// Moves the item at `at` towards `start` to where it belongs.
fn sift_down(heap: &List, start: usize, mut at: usize, order: Order) -> Result<(), Raised> {
    let length = heap.len();
    let new = item(heap, at)?;
    while at > start {
        let parent = (at - 1) / 2;
        let before = order.before(&new, &*item(heap, parent)?)?;
        check_size(heap, length)?;
        if !before {
            break;
        }
        heap.swap(at, parent);
        at = parent;
    }
    Ok(())
}

/// Moves the item at `at` to a leaf, past the better one of each pair of children, then back to where it belongs.
fn sift_up(heap: &List, at: usize, order: Order) -> Result<(), Raised> {
    let (length, start, mut at) = (heap.len(), at, at);
    if at >= length {
        return Err(out_of_range());
    }
    while at < length / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < length {
            let before = order.before(&*item(heap, child)?, &*item(heap, child + 1)?)?;
            check_size(heap, length)?;
            child += usize::from(!before);
        }
        heap.swap(at, child);
        at = child;
    }
    sift_down(heap, start, at, order)
}

fn heap_from(heap: &List, order: Order) -> Result<(), Raised> {
    (0..heap.len() / 2).rev().try_for_each(|at| sift_up(heap, at, order))
}

fn take_first(heap: &List, order: Order) -> Result<Ref, Raised> {
    let Some(last) = heap.len().checked_sub(1).and_then(|last| heap.remove_at(last)) else {
        return Err(out_of_range());
    };
    match heap.replace(0, last.clone()) {
        Some(first) => {
            sift_up(heap, 0, order)?;
            Ok(first)
        }
        None => Ok(last),
    }
}

fn replace_first(heap: &List, new: &Object, order: Order) -> Result<Ref, Raised> {
    let first = heap.replace(0, new.to_ref()).ok_or_else(out_of_range)?;
    sift_up(heap, 0, order)?;
    Ok(first)
}

#[pymodule(name = "_heapq")]
impl Heapq {
    /// Push item onto heap, maintaining the heap invariant.
    fn heappush(heap: &List, item: &Object) -> Result<(), Raised> {
        heap.push(item.to_ref())?;
        sift_down(heap, 0, heap.len() - 1, Order::Smallest)
    }

    /// Push item on the heap, then pop and return the smallest item from the heap.
    ///
    /// The combined action runs more efficiently than heappush() followed by
    /// a separate call to heappop().
    fn heappushpop(heap: &List, item: &Object) -> Result<Ref, Raised> {
        let Some(first) = heap.get(0) else { return Ok(item.to_ref()) };
        if !Order::Smallest.before(&first, item)? {
            return Ok(item.to_ref());
        }
        replace_first(heap, item, Order::Smallest)
    }

    /// Pop the smallest item off the heap, maintaining the heap invariant.
    fn heappop(heap: &List) -> Result<Ref, Raised> {
        take_first(heap, Order::Smallest)
    }

    /// Pop and return the current smallest value, and add the new item.
    ///
    /// This is more efficient than heappop() followed by heappush(), and can be
    /// more appropriate when using a fixed-size heap.  Note that the value
    /// returned may be larger than item!  That constrains reasonable uses of
    /// this routine unless written as part of a conditional replacement:
    ///
    ///     if item > heap[0]:
    ///         item = heapreplace(heap, item)
    fn heapreplace(heap: &List, item: &Object) -> Result<Ref, Raised> {
        replace_first(heap, item, Order::Smallest)
    }

    /// Transform list into a heap, in-place, in O(len(heap)) time.
    fn heapify(heap: &List) -> Result<(), Raised> {
        heap_from(heap, Order::Smallest)
    }

    /// Maxheap variant of heappop.
    fn _heappop_max(heap: &List) -> Result<Ref, Raised> {
        take_first(heap, Order::Largest)
    }

    /// Maxheap variant of heapify.
    fn _heapify_max(heap: &List) -> Result<(), Raised> {
        heap_from(heap, Order::Largest)
    }

    /// Maxheap variant of heapreplace.
    fn _heapreplace_max(heap: &List, item: &Object) -> Result<Ref, Raised> {
        replace_first(heap, item, Order::Largest)
    }
}

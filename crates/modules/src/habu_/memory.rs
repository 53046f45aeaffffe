//! The module `habu.memory`: limits, usage, the auditor, stress and faults.
//!
//! The hard limit counts what the process holds: whole arenas, and system blocks of all domains. It cannot be set below what is in use already
//! by more than that stops growth. What nears it is collected in time: at the allocation of a collectable object after half of the room that was left
//! is used up. An allocation beyond it raises MemoryError, and the program can go on.

use habu_heap::{Domain, Faults};
use habu_macros::pymodule;
use habu_runtime::gc::{GcState, pressure};
use habu_runtime::object::{IntoObject, Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;

/// The module.
pub struct Memory;

/// The variable that a child process takes its limit from.
pub const LIMIT_VARIABLE: &str = "HABU_MEMORY_LIMIT";

fn heap() -> &'static habu_heap::Heap {
    &Thread::current().interpreter().heap
}

/// A number of bytes as people write it: digits, and perhaps K, M, G or T (of 1,024 each), with or without `B` or `iB` behind it.
pub fn parse_size(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text[digits.len()..].to_ascii_uppercase();
    let unit = unit.strip_suffix("IB").or_else(|| unit.strip_suffix('B')).unwrap_or(&unit);
    let shift = match unit {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    digits.trim_end().parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// Sets the hard limit of the current interpreter. Fails with the bytes in use when these are more.
pub fn limit_to(bytes: Option<usize>) -> Result<(), usize> {
    let heap = heap();
    if let Some(bytes) = bytes
        && heap.bytes_in_use() > bytes
    {
        return Err(heap.bytes_in_use());
    }
    heap.set_limit(bytes);
    heap.set_soft_limit(heap.soft_limit(), pressure::crossed);
    pressure::set_mark();
    Ok(())
}

/// A number of bytes that a program gives: an integer, a text such as "256M", or None.
fn size_argument(value: &Object) -> Result<Option<usize>, Raised> {
    if is_none(value) {
        return Ok(None);
    }
    if let Some(text) = value.downcast::<Str>() {
        return match parse_size(&text.to_string_lossy()) {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(raise!(ValueError, "not a size in bytes: {}", protocol::repr(text)?)),
        };
    }
    let number = protocol::number::index(value)?;
    match number.to_i64() {
        Some(bytes) if bytes >= 0 => Ok(Some(bytes as usize)),
        _ if number.is_negative() => Err(raise!(ValueError, "a limit cannot be negative")),
        _ => Err(raise!(OverflowError, "the limit is too large")),
    }
}

/// Memory as Habu counts it: limits, usage, and ways to check the heap.
///
/// Sizes are in bytes. A limit may be given as text, such as "256M".
#[pymodule(name = "habu.memory")]
impl Memory {
    /// The hard limit, or None.
    fn limit() -> Result<Option<usize>, Raised> {
        Ok(heap().limit())
    }

    /// Set the hard limit, or remove it with None.
    ///
    /// Allocations that would pass it raise MemoryError.  With children true,
    /// processes that are started from now on get the same limit.
    /// ValueError is raised if more is in use already.
    #[signature(limit, *, children = false)]
    fn set_limit(limit: &Object, children: bool) -> Result<(), Raised> {
        let bytes = size_argument(limit)?;
        if let Err(in_use) = limit_to(bytes) {
            return Err(raise!(ValueError, "the limit is below the {in_use} bytes that are in use"));
        }
        if children {
            let environ = protocol::get_attribute_str(&*habu_runtime::import::import_module("os")?, "environ")?;
            let name = Str::new(LIMIT_VARIABLE)?;
            match bytes {
                Some(bytes) => {
                    let text = Str::from_format(format_args!("{bytes}"))?;
                    protocol::call_method(&environ, &*Str::intern("__setitem__")?, &[&name, &text])?;
                }
                None => drop(protocol::call_method(&environ, &*Str::intern("pop")?, &[&name, &none()])?),
            }
        }
        Ok(())
    }

    /// The soft limit, or None.
    fn soft_limit() -> Result<Option<usize>, Raised> {
        Ok(heap().soft_limit())
    }

    /// Set the soft limit, or remove it with None.
    ///
    /// Each time that use grows past it, callback is called with the bytes in use,
    /// soon after the allocation that did it.
    #[signature(limit, callback = None)]
    fn set_soft_limit(limit: &Object, callback: Option<&Object>) -> Result<(), Raised> {
        let bytes = size_argument(limit)?;
        let callback = callback.filter(|callback| !is_none(callback));
        if let Some(callback) = callback
            && !protocol::is_callable(callback)
        {
            return Err(raise!(TypeError, "callback must be callable, not {}", callback.ty().full_name()));
        }
        GcState::current().soft_limit_callback.set(callback.map(Object::to_ref));
        heap().set_soft_limit(bytes, pressure::crossed);
        Ok(())
    }

    /// What is in use, as a dictionary of bytes.
    ///
    /// arenas: memory in arenas; blocks: what of it is in blocks in use;
    /// raw, mem, object: blocks of more than 512 bytes by domain;
    /// total: arenas and these blocks, which is what limits count.
    fn usage() -> Result<Ref<Dict>, Raised> {
        let stats = heap().stats();
        let dict = Dict::new()?;
        let arenas = stats.arenas * stats.geometry.arena_size();
        for (name, bytes) in [
            ("arenas", arenas),
            ("blocks", stats.bytes_used),
            ("raw", stats.system(Domain::Raw).bytes),
            ("mem", stats.system(Domain::Mem).bytes),
            ("object", stats.system(Domain::Object).bytes),
            ("total", stats.in_use),
        ] {
            dict.set_str(name, &*bytes.into_object()?)?;
        }
        Ok(dict)
    }

    /// The most bytes that were in use at once.
    fn peak() -> Result<usize, Raised> {
        Ok(heap().peak_bytes())
    }

    /// Make the present use the peak.
    fn reset_peak() -> Result<(), Raised> {
        heap().reset_peak();
        Ok(())
    }

    /// Check every object, pool and arena.
    ///
    /// The references that can be seen to each object are added up and compared
    /// with its count, which must not be lower.  Returns a dictionary: how many
    /// objects were looked into, how many references were found to how many
    /// objects, and a list of what is wrong, as text; it is empty for a sound heap.
    fn audit() -> Result<Ref<Dict>, Raised> {
        let audit = GcState::current().audit()?;
        let dict = Dict::new()?;
        for (name, count) in
            [("objects", audit.objects), ("references", audit.references), ("referents", audit.referents)]
        {
            dict.set_str(name, &*count.into_object()?)?;
        }
        let errors = List::new()?;
        for finding in &audit.findings {
            errors.push(Str::from_format(format_args!("{finding}"))?.into_object())?;
        }
        dict.set_str("errors", &errors)?;
        Ok(dict)
    }

    /// Collect everything at each every-th allocation of a collectable object; 0 ends that.
    #[signature(every, /)]
    fn stress(every: u32) -> Result<(), Raised> {
        GcState::current().set_stress(every);
        Ok(())
    }

    /// Let allocations fail, from the start-th on up to before the stop-th.
    ///
    /// They are counted from this call on, the first being number 0.
    /// With stop None all further ones fail; with start None none does.
    #[signature(start, stop = None, /)]
    fn fail(start: &Object, stop: Option<&Object>) -> Result<(), Raised> {
        let faults = match size_argument(start)? {
            None => None,
            Some(start) => {
                let stop = stop.map(size_argument).transpose()?.flatten();
                Some(Faults { start: start as u64, stop: stop.map(|stop| stop as u64) })
            }
        };
        heap().set_faults(faults);
        Ok(())
    }

    /// The allocations since fail() was called last.
    fn counted() -> Result<u64, Raised> {
        Ok(heap().counted_allocations())
    }

    /// Give back to the system what can be given.
    fn trim() -> Result<(), Raised> {
        Thread::current().interpreter().free_lists.clear();
        heap().trim();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_size("4096"), Some(4096));
        assert_eq!(parse_size("256M"), Some(256 << 20));
        assert_eq!(parse_size(" 2 GiB "), Some(2 << 30));
        assert_eq!(parse_size("1kb"), Some(1024));
        for wrong in ["", "M", "-1", "1X", "1.5G", "99999999999999999999", "17179869184G"] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }
}

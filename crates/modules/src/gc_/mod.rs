//! The module `gc`: the cycle collector in the hands of the program.

use habu_macros::pymodule;
use habu_runtime::gc::collect::debug;
use habu_runtime::gc::state::GENERATIONS;
use habu_runtime::gc::{self, GcState};
use habu_runtime::object::visit::Stopped;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

/// The module.
pub struct Gc;

/// The generation that an argument names.
fn generation(value: i32) -> Result<usize, Raised> {
    usize::try_from(value)
        .ok()
        .filter(|value| *value < GENERATIONS)
        .ok_or_else(|| raise!(ValueError, "invalid generation"))
}

/// Gathers referents; 1, with the exception set, where there is no memory for them.
unsafe extern "C" fn visit_into_list(object: &Object, list: *mut std::ffi::c_void) -> std::ffi::c_int {
    // SAFETY: the argument is the list that `get_referents` passes.
    let list = unsafe { &*list.cast::<List>() };
    std::ffi::c_int::from(list.push(object.to_ref()).is_err())
}

unsafe extern "C" fn visit_wanted(object: &Object, wanted: *mut std::ffi::c_void) -> std::ffi::c_int {
    // SAFETY: the argument is the slice that `refers_to` passes.
    let wanted = unsafe { &*wanted.cast::<&[&Object]>() };
    std::ffi::c_int::from(wanted.iter().any(|other| other.is(object)))
}

/// Whether an object refers to one of these directly.
fn refers_to(object: &Object, wanted: &[&Object]) -> bool {
    let Some(traverse) = object.ty().tp_traverse.get() else { return false };
    // SAFETY: the slot belongs to the object's own type; the visitor takes this argument.
    let code = unsafe { traverse(object, visit_wanted, (&raw const wanted).cast_mut().cast()) };
    Stopped(code).0 != 0
}

/// All tracked objects of some generations. The list itself is not tracked while they are gathered.
fn tracked(generations: impl Iterator<Item = usize>) -> Result<Ref<List>, Raised> {
    let state = GcState::current();
    let list = List::new()?;
    gc::untrack(&list);
    let mut failed = None;
    for number in generations {
        state.for_each(number, |object| {
            if failed.is_none()
                && !object.is(&list)
                && let Err(raised) = list.push(object.to_ref())
            {
                failed = Some(raised);
            }
        });
    }
    gc::track(&list);
    failed.map_or(Ok(list), Err)
}

/// A threshold: a C `int`, with the errors of CPython's parser of arguments.
fn threshold(object: &Object) -> Result<i32, Raised> {
    let Some(value) = habu_runtime::object::protocol::number::index(object)?.to_i64() else {
        return Err(raise!(OverflowError, "Python int too large to convert to C long"));
    };
    i32::try_from(value).map_err(|_| match value > 0 {
        true => raise!(OverflowError, "signed integer is greater than maximum"),
        false => raise!(OverflowError, "signed integer is less than minimum"),
    })
}

/// This module provides access to the garbage collector for reference cycles.
///
/// enable() -- Enable automatic garbage collection.
/// disable() -- Disable automatic garbage collection.
/// isenabled() -- Returns true if automatic collection is enabled.
/// collect() -- Do a full collection right now.
/// get_count() -- Return the current collection counts.
/// get_stats() -- Return list of dictionaries containing per-generation stats.
/// set_debug() -- Set debugging flags.
/// get_debug() -- Get debugging flags.
/// set_threshold() -- Set the collection thresholds.
/// get_threshold() -- Return the current the collection thresholds.
/// get_objects() -- Return a list of all objects tracked by the collector.
/// is_tracked() -- Returns true if a given object is tracked.
/// is_finalized() -- Returns true if a given object has been already finalized.
/// get_referrers() -- Return the list of objects that refer to an object.
/// get_referents() -- Return the list of objects that an object refers to.
/// freeze() -- Freeze all tracked objects and ignore them for future collections.
/// unfreeze() -- Unfreeze all objects in the permanent generation.
/// get_freeze_count() -- Return the number of objects in the permanent generation.
#[pymodule(name = "gc")]
impl Gc {
    /// Enable automatic garbage collection.
    fn enable() -> Result<(), Raised> {
        GcState::current().enabled.set(true);
        Ok(())
    }

    /// Disable automatic garbage collection.
    fn disable() -> Result<(), Raised> {
        GcState::current().enabled.set(false);
        Ok(())
    }

    /// Returns true if automatic garbage collection is enabled.
    fn isenabled() -> Result<bool, Raised> {
        Ok(GcState::current().enabled.get())
    }

    /// Run the garbage collector.
    ///
    /// With no arguments, run a full collection.  The optional argument
    /// may be an integer specifying which generation to collect.  A ValueError
    /// is raised if the generation number is invalid.
    ///
    /// The number of unreachable objects is returned.
    #[signature(generation = 2)]
    fn collect(generation: i32) -> Result<isize, Raised> {
        let generation = self::generation(generation)?;
        let found = GcState::current().collect_guarded(generation);
        Ok(found.collected + found.uncollectable)
    }

    /// Set the garbage collection debugging flags.
    ///
    ///   flags
    ///     An integer that can have the following bits turned on:
    ///       DEBUG_STATS - Print statistics during collection.
    ///       DEBUG_COLLECTABLE - Print collectable objects found.
    ///       DEBUG_UNCOLLECTABLE - Print unreachable but uncollectable objects
    ///         found.
    ///       DEBUG_SAVEALL - Save objects to gc.garbage rather than freeing them.
    ///       DEBUG_LEAK - Debug leaking programs (everything but STATS).
    ///
    /// Debugging information is written to sys.stderr.
    fn set_debug(flags: i32) -> Result<(), Raised> {
        GcState::current().debug.set(flags);
        Ok(())
    }

    /// Get the garbage collection debugging flags.
    fn get_debug() -> Result<i32, Raised> {
        Ok(GcState::current().debug.get())
    }

    /// set_threshold(threshold0, [threshold1, threshold2]) -> None
    /// Set the collection thresholds.  Setting threshold0 to zero disables
    /// collection.
    #[raw]
    #[no_signature]
    fn set_threshold(args: &[&Object], names: Option<&Tuple>) -> Result<(), Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "set_threshold() takes no keyword arguments"));
        }
        let (word, bound, plural) = match args.len() {
            0 => ("least", 1, ""),
            4.. => ("most", 3, "s"),
            _ => ("", 0, ""),
        };
        if bound > 0 {
            let given = args.len();
            return Err(raise!(TypeError, "set_threshold() takes at {word} {bound} argument{plural} ({given} given)"));
        }
        let mut thresholds = [None; GENERATIONS];
        for (place, argument) in thresholds.iter_mut().zip(args) {
            *place = Some(threshold(argument)?);
        }
        let state = GcState::current();
        state.threshold0.set(thresholds[0].unwrap_or(0));
        state.arm();
        for (generation, value) in state.generations[1..].iter().zip(&thresholds[1..]) {
            if let Some(value) = value {
                generation.threshold.set(*value);
            }
        }
        Ok(())
    }

    /// Return the current collection thresholds.
    fn get_threshold() -> Result<Ref<Tuple>, Raised> {
        let state = GcState::current();
        Tuple::build(GENERATIONS, |index| {
            let value = if index == 0 { state.threshold0.get() } else { state.generations[index].threshold.get() };
            Ok(Int::from_i64(value.into())?.into_object())
        })
    }

    /// Return a three-tuple of the current collection counts.
    fn get_count() -> Result<Ref<Tuple>, Raised> {
        let counts = [0, 1, 2].map(|index: usize| GcState::current().generations[index].count.get());
        Tuple::build(GENERATIONS, |index| Ok(Int::from_i64(counts[index].into())?.into_object()))
    }

    /// Return a list of dictionaries containing per-generation statistics.
    fn get_stats() -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        for stats in &GcState::current().stats {
            let entry = Dict::new()?;
            let fields = [
                ("collections", &stats.collections),
                ("collected", &stats.collected),
                ("uncollectable", &stats.uncollectable),
            ];
            for (name, value) in fields {
                entry.set_str(name, &*Int::from_i64(value.get() as i64)?)?;
            }
            list.push(entry.into_object())?;
        }
        Ok(list)
    }

    /// Return a list of objects tracked by the collector (excluding the list returned).
    ///
    ///   generation
    ///     Generation to extract the objects from.
    ///
    /// If generation is not None, return only the objects tracked by the collector
    /// that are in that generation.
    #[signature(generation = None)]
    fn get_objects(generation: Option<&Object>) -> Result<Ref<List>, Raised> {
        habu_runtime::audit!(
            "gc.get_objects",
            match generation.filter(|generation| !is_none(generation)) {
                Some(generation) => generation.to_ref(),
                None => Int::from_i64(-1)?.into_object(),
            }
        )?;
        let Some(generation) = generation.filter(|generation| !is_none(generation)) else {
            return tracked(0..GENERATIONS);
        };
        if !habu_runtime::object::protocol::number::has_index(generation) {
            return Err(raise!(TypeError, "argument should be integer or None, not '{}'", generation.ty().full_name()));
        }
        let number = habu_runtime::object::protocol::number::index_as_size(
            generation,
            Some(habu_runtime::exceptions::exc::OverflowError()),
        )?;
        if number == -1 {
            return tracked(0..GENERATIONS);
        }
        if number < 0 {
            return Err(raise!(ValueError, "generation parameter cannot be negative"));
        }
        if number >= GENERATIONS as isize {
            return Err(raise!(
                ValueError,
                "generation parameter must be less than the number of available generations ({GENERATIONS})"
            ));
        }
        tracked(std::iter::once(number as usize))
    }

    /// Returns true if the object is tracked by the garbage collector.
    ///
    /// Simple atomic objects will return false.
    fn is_tracked(obj: &Object) -> Result<bool, Raised> {
        Ok(gc::is_tracked(obj))
    }

    /// Returns true if the object has been already finalized by the GC.
    fn is_finalized(obj: &Object) -> Result<bool, Raised> {
        Ok(gc::is_collectable(obj) && gc::is_finalized(obj))
    }

    /// get_referrers(*objs) -> list
    /// Return the list of objects that directly refer to any of objs.
    #[no_signature]
    #[signature(*objs)]
    #[varargs(unpack)]
    fn get_referrers(objs: &[&Object]) -> Result<Ref<List>, Raised> {
        habu_runtime::audit!("gc.get_referrers", Tuple::from_borrowed(objs)?)?;
        let all = tracked(0..GENERATIONS)?;
        let found = List::new()?;
        for index in 0..all.len() {
            if let Some(object) = all.get(index)
                && !object.is(&found)
                && refers_to(&object, objs)
            {
                found.push(object)?;
            }
        }
        Ok(found)
    }

    /// get_referents(*objs) -> list
    /// Return the list of objects that are directly referred to by objs.
    #[no_signature]
    #[signature(*objs)]
    #[varargs(unpack)]
    fn get_referents(objs: &[&Object]) -> Result<Ref<List>, Raised> {
        habu_runtime::audit!("gc.get_referents", Tuple::from_borrowed(objs)?)?;
        let found = List::new()?;
        for object in objs.iter().filter(|object| gc::is_collectable(object)) {
            if let Some(traverse) = object.ty().tp_traverse.get() {
                // SAFETY: the slot belongs to the object's own type; the visitor takes a list.
                let stopped = unsafe { traverse(object, visit_into_list, found.as_pointer().as_ptr().cast()) } != 0;
                if stopped && habu_runtime::threads::Thread::current().has_exception() {
                    return Err(Raised::set());
                }
            }
        }
        Ok(found)
    }

    /// Freeze all current tracked objects and ignore them for future collections.
    ///
    /// This can be used before a POSIX fork() call to make the gc copy-on-write friendly.
    /// Note: collection before a POSIX fork() call may free pages for future allocation
    /// which can cause copy-on-write.
    fn freeze() -> Result<(), Raised> {
        GcState::current().freeze();
        Ok(())
    }

    /// Unfreeze all objects in the permanent generation.
    ///
    /// Put all objects in the permanent generation back into oldest generation.
    fn unfreeze() -> Result<(), Raised> {
        GcState::current().unfreeze();
        Ok(())
    }

    /// Return the number of objects in the permanent generation.
    fn get_freeze_count() -> Result<isize, Raised> {
        Ok(GcState::current().frozen())
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        let state = GcState::current();
        for (name, field) in [("garbage", &state.garbage), ("callbacks", &state.callbacks)] {
            let list = match field.get() {
                Some(list) => list,
                None => {
                    let list = List::new()?;
                    field.set(Some(list.clone()));
                    list
                }
            };
            module.set(name, &list)?;
        }
        for (name, value) in [
            ("DEBUG_STATS", debug::STATS),
            ("DEBUG_COLLECTABLE", debug::COLLECTABLE),
            ("DEBUG_UNCOLLECTABLE", debug::UNCOLLECTABLE),
            ("DEBUG_SAVEALL", debug::SAVEALL),
            ("DEBUG_LEAK", debug::LEAK),
        ] {
            module.set_int(name, value.into())?;
        }
        Ok(())
    }
}

//! `_abc`: abstract base classes, the part of `abc.ABCMeta` that is asked at every instance check.
//!
//! Every abstract class has an `_abc_data` object, which remembers what was found about other classes. Registering any class counts up the
//! module's counter; negative answers are good only as long as it stands where it stood when they were found.

mod data;

use habu_macros::pymodule;
use habu_runtime::object::protocol::{
    call, call_method, for_each, get_attribute, lookup_attribute, mapping, set_attribute, truth,
};
use habu_runtime::object::typeobject::flags;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::set::{FrozenSet, Set};
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::type_::instance_check::issubclass;
use habu_runtime::types::{boolean, not_implemented};
use habu_runtime::{id, raise};

use data::AbcData;

/// The flags that tell `match` what a class is: one of them at most.
const COLLECTION: usize = flags::SEQUENCE | flags::MAPPING;

/// The counter of registrations. It stands in the word for the module's state, so that every interpreter has its own.
fn counter(module: &Module) -> u64 {
    module.state.get().addr() as u64
}

fn count_up(module: &Module) {
    module.state.set(std::ptr::without_provenance_mut(module.state.get().addr().wrapping_add(1)));
}

/// The state of an abstract class.
fn data_of(class: &Object) -> Result<Ref<AbcData>, Raised> {
    match get_attribute(class, id!(_abc_impl))?.downcast_into::<AbcData>() {
        Ok(data) if data.is_exact::<AbcData>() => Ok(data),
        _ => Err(raise!(TypeError, "_abc_impl is set to a wrong type")),
    }
}

/// Whether a function or property is abstract.
fn is_abstract(value: &Object) -> Result<bool, Raised> {
    match lookup_attribute(value, id!(__isabstractmethod__))? {
        Some(mark) => truth(&mark),
        None => Ok(false),
    }
}

/// Sets `__abstractmethods__`: what is abstract in the class, and what it inherits and leaves abstract.
fn find_abstract_methods(class: &Object) -> Result<(), Raised> {
    let names = Set::new()?;
    let attribute = id!(__abstractmethods__);
    let own = mapping::items(&*get_attribute(class, id!(__dict__))?)?;
    let mut index = 0;
    while let Some(item) = own.get(index) {
        index += 1;
        let Some([name, value]) = item.downcast::<Tuple>().map(Tuple::as_slice) else {
            return Err(raise!(TypeError, "Iteration over __dict__.items() returned non-pairs"));
        };
        if is_abstract(value)? {
            names.add_item(name)?;
        }
    }
    let bases = get_attribute(class, id!(__bases__))?;
    let Some(bases) = bases.downcast::<Tuple>() else { return Err(raise!(TypeError, "__bases__ is not tuple")) };
    for base in bases.as_slice() {
        let Some(inherited) = lookup_attribute(base, attribute)? else { continue };
        for_each(&inherited, |name| {
            let Some(text) = name.downcast::<Str>() else {
                return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
            };
            if let Some(value) = lookup_attribute(class, text)?
                && is_abstract(&value)?
            {
                names.add_item(text)?;
            }
            Ok(())
        })?;
    }
    let frozen = call(FrozenSet::type_object(), &[&*names])?;
    set_attribute(class, attribute, Some(&frozen))
}

/// Takes over `__abc_tpflags__` of a class's body.
fn set_collection_flag(class: &Type) -> Result<(), Raised> {
    let name = Str::intern("__abc_tpflags__")?;
    let Some(dict) = class.tp_dict.get() else { return Ok(()) };
    let Some(value) = dict.get_name(&name) else { return Ok(()) };
    let Some(value) = value.downcast::<Int>() else { return Ok(()) };
    let wanted = value.to_i64().unwrap_or(0) as usize & COLLECTION;
    if wanted == COLLECTION {
        return Err(raise!(TypeError, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"));
    }
    class.tp_flags.set(class.tp_flags.get() | wanted);
    dict.remove(&name)?;
    Ok(())
}

/// Gives a registered class, and what derives from it, the collection flag of the abstract class.
fn spread_collection_flag(class: &Type, flag: usize) -> Result<(), Raised> {
    if class.has_flag(flag) || class.has_flag(flags::IMMUTABLETYPE) {
        return Ok(());
    }
    let _depth = NativeCall::enter(" while registering a class")?;
    class.tp_flags.set(class.tp_flags.get() & !COLLECTION | flag);
    habu_runtime::types::type_::subclasses::for_each(class, |subclass| spread_collection_flag(subclass, flag))
}

/// `class.__subclasscheck__(subclass)`
fn ask(class: &Object, subclass: &Object) -> Result<Ref, Raised> {
    call_method(class, id!(__subclasscheck__), &[subclass])
}

/// Finds out whether `subclass` is a subclass, beyond what the caches know.
fn search(class: &Object, subclass: &Type, data: &AbcData) -> Result<bool, Raised> {
    // The class itself is asked first.
    let answer = call_method(class, id!(__subclasshook__), &[subclass])?;
    if answer.is(&boolean(true)) || answer.is(&boolean(false)) {
        return Ok(answer.is(&boolean(true)));
    }
    if !answer.is(&not_implemented()) {
        return Err(raise!(AssertionError, "__subclasshook__ must return either False, True, or NotImplemented"));
    }
    if subclass.tp_mro.get().is_some_and(|mro| mro.as_slice().iter().any(|base| base.is(class))) {
        return Ok(true);
    }
    if data.registry.contains(subclass)? || data.registry.any(|registered| issubclass(subclass, registered))? {
        return Ok(true);
    }
    let subclasses = call_method(class, &*Str::intern("__subclasses__")?, &[])?;
    let Some(subclasses) = subclasses.downcast::<List>() else {
        return Err(raise!(TypeError, "__subclasses__() must return a list"));
    };
    let mut index = 0;
    while let Some(derived) = subclasses.get(index) {
        index += 1;
        if issubclass(subclass, &derived)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Module contains faster C implementation of abc.ABCMeta
pub struct Abc;

#[pymodule(name = "_abc")]
impl Abc {
    /// Returns the current ABC cache token.
    ///
    /// The token is an opaque object (supporting equality testing) identifying the
    /// current version of the ABC cache for virtual subclasses. The token changes
    /// with every call to register() on any ABC.
    fn get_cache_token(module: &Module) -> Result<u64, Raised> {
        Ok(counter(module))
    }

    /// Internal ABC helper for class set-up. Should be never used outside abc module.
    #[name = "_abc_init"]
    #[signature(self_, /)]
    #[shown("($module, self, /)")]
    fn abc_init(module: &Module, self_: &Object) -> Result<(), Raised> {
        find_abstract_methods(self_)?;
        let data = call(AbcData::type_object(), &[])?;
        if let Some(data) = data.downcast::<AbcData>() {
            data.version.set(counter(module));
        }
        set_attribute(self_, id!(_abc_impl), Some(&data))?;
        match self_.downcast::<Type>() {
            Some(class) => set_collection_flag(class),
            None => Ok(()),
        }
    }

    /// Internal ABC helper for subclasss registration. Should be never used outside abc module.
    #[name = "_abc_register"]
    #[signature(self_, subclass, /)]
    #[shown("($module, self, subclass, /)")]
    fn abc_register(module: &Module, self_: &Object, subclass: &Object) -> Result<Ref, Raised> {
        let Some(class) = subclass.downcast::<Type>() else {
            return Err(raise!(TypeError, "Can only register classes"));
        };
        if issubclass(subclass, self_)? {
            return Ok(subclass.to_ref());
        }
        // The other direction would make every class of the cycle a subclass of the others.
        if issubclass(self_, subclass)? {
            return Err(raise!(RuntimeError, "Refusing to create an inheritance cycle"));
        }
        data_of(self_)?.registry.add(subclass)?;
        count_up(module);
        if let Some(own) = self_.downcast::<Type>() {
            let flag = own.tp_flags.get() & COLLECTION;
            if flag != 0 {
                spread_collection_flag(class, flag)?;
            }
        }
        Ok(subclass.to_ref())
    }

    /// Internal ABC helper for instance checks. Should be never used outside abc module.
    #[name = "_abc_instancecheck"]
    #[signature(self_, instance, /)]
    #[shown("($module, self, instance, /)")]
    fn abc_instancecheck(module: &Module, self_: &Object, instance: &Object) -> Result<Ref, Raised> {
        let data = data_of(self_)?;
        let class = get_attribute(instance, id!(__class__))?;
        if data.cache.contains(&class)? {
            return Ok(boolean(true));
        }
        let ty = instance.type_ref();
        if ty.is(&class) {
            if data.version.get() == counter(module) && data.negative_cache.contains(&class)? {
                return Ok(boolean(false));
            }
            return ask(self_, &class);
        }
        let answer = ask(self_, &class)?;
        if truth(&answer)? { Ok(answer) } else { ask(self_, &ty) }
    }

    /// Internal ABC helper for subclasss checks. Should be never used outside abc module.
    #[name = "_abc_subclasscheck"]
    #[signature(self_, subclass, /)]
    #[shown("($module, self, subclass, /)")]
    fn abc_subclasscheck(module: &Module, self_: &Object, subclass: &Object) -> Result<bool, Raised> {
        let Some(class) = subclass.downcast::<Type>() else {
            return Err(raise!(TypeError, "issubclass() arg 1 must be a class"));
        };
        let _depth = NativeCall::enter(" in __subclasscheck__")?;
        let data = data_of(self_)?;
        if data.cache.contains(subclass)? {
            return Ok(true);
        }
        if data.version.get() < counter(module) {
            data.negative_cache.clear();
            data.version.set(counter(module));
        } else if data.negative_cache.contains(subclass)? {
            return Ok(false);
        }
        let found = search(self_, class, &data)?;
        let known = if found { &data.cache } else { &data.negative_cache };
        known.add(subclass)?;
        Ok(found)
    }

    /// Internal ABC helper to reset registry of a given class.
    ///
    /// Should be only used by refleak.py
    #[name = "_reset_registry"]
    #[signature(self_, /)]
    #[shown("($module, self, /)")]
    fn reset_registry(self_: &Object) -> Result<(), Raised> {
        data_of(self_)?.registry.clear();
        Ok(())
    }

    /// Internal ABC helper to reset both caches of a given class.
    ///
    /// Should be only used by refleak.py
    #[name = "_reset_caches"]
    #[signature(self_, /)]
    #[shown("($module, self, /)")]
    fn reset_caches(self_: &Object) -> Result<(), Raised> {
        let data = data_of(self_)?;
        data.cache.clear();
        data.negative_cache.clear();
        Ok(())
    }

    /// Internal ABC helper for cache and registry debugging.
    ///
    /// Return shallow copies of registry, of both caches, and
    /// negative cache version. Don't call this function directly,
    /// instead use ABC._dump_registry() for a nice repr.
    #[name = "_get_dump"]
    #[signature(self_, /)]
    #[shown("($module, self, /)")]
    fn get_dump(self_: &Object) -> Result<Ref<Tuple>, Raised> {
        let data = data_of(self_)?;
        Tuple::from_refs([
            data.registry.copy()?.into_object(),
            data.cache.copy()?.into_object(),
            data.negative_cache.copy()?.into_object(),
            Int::from_u64(data.version.get())?.into_object(),
        ])
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        let _ = module;
        habu_runtime::types::type_::ready::ready_static(&data::DISCARD_TYPE)?;
        module.ready_type(data::ABC_DATA_TYPE)
    }
}

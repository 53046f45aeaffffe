//! `object`: the base of all types; generic attribute access, and the methods that every object has.

use habu_macros::pymethods;

use crate::object::protocol::{self, lookup_attribute};
use crate::object::raised::Status;
use crate::object::slots::CompareOp;
use crate::object::typeobject::{StaticType, TypeFacts, flags};
use crate::object::visit::DerivedSlots;
use crate::object::{Object, PyType, Raised, Ref, Type};
use crate::types::dict::{Dict, instance};
use crate::types::list::List;
use crate::types::singletons::{boolean, none, not_implemented, not_implemented_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_::lookup::DescriptorKind;
use crate::{id, raise};

/// The type object of `object`.
#[unsafe(export_name = "PyBaseObject_Type")]
pub static OBJECT_TYPE: StaticType = StaticType::new::<Object>(
    &raw const crate::types::type_::TYPE_TYPE.ty,
    TypeFacts {
        name: c"object",
        doc: Some(
            c"object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
        ),
        basicsize: 16,
        itemsize: 0,
        flags: flags::BASETYPE,
        base: None,
        dictoffset: 0,
        weaklistoffset: 0,
        vectorcall_offset: 0,
    },
);

// SAFETY: every object begins with the header.
unsafe impl PyType for Object {
    const NAME: &'static str = "object";
    #[inline(always)]
    fn static_type() -> &'static StaticType {
        &OBJECT_TYPE
    }
    #[inline(always)]
    fn check(_: &Object) -> bool {
        true
    }
}

impl DerivedSlots for Object {
    #[allow(clippy::declare_interior_mutable_const)]
    const DERIVED: crate::object::slots::TypeSlots = crate::object::slots::TypeSlots {
        tp_getattro: std::cell::Cell::new(Some(generic_get_attribute)),
        tp_setattro: std::cell::Cell::new(Some(generic_set_attribute)),
        ..crate::object::slots::TypeSlots::EMPTY
    };
}

/// `object.__getattribute__`: data descriptors, the instance's dictionary, other class attributes.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn generic_get_attribute(object: &Object, name: &Object) -> Result<Ref, Raised> {
    let Some(name) = name.downcast::<Str>() else { return Err(not_a_name(name)) };
    match generic_get(object, name)? {
        Some(value) => Ok(value),
        None => Err(no_attribute(object, name)),
    }
}

#[cold]
fn not_a_name(name: &Object) -> Raised {
    raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name())
}

#[cold]
fn no_attribute(object: &Object, name: &Str) -> Raised {
    let text = format_args!("'{}' object has no attribute '{}'", object.ty().full_name(), name);
    crate::exceptions::raise_attribute_error(object, name, text)
}

/// As `generic_get_attribute`; nothing when there is no such attribute. What the inline part leaves over stands out of line, so that reading an
/// attribute keeps few registers.
#[inline(always)]
pub fn generic_get(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    let ty = object.ty();
    // SAFETY: nothing runs before the result is there but what binds what was found, which is held then.
    if let Some(found) = unsafe { ty.known(name) }
        && found.is_none_or(|found| found.ty().tp_descr_set.get().is_none())
        && let Some(own) = instance::get_inline(object, name)
    {
        return match (own, found) {
            (Some(own), _) => Ok(Some(own)),
            (None, Some(found)) => bound(object, found),
            (None, None) => Ok(None),
        };
    }
    generic_get_slow(object, name)
}

/// What was found in the class of `object`, bound to it.
#[inline(never)]
fn bound(object: &Object, found: &Object) -> Result<Option<Ref>, Raised> {
    match found.ty().tp_descr_get.get() {
        // SAFETY: the slot belongs to the type of what was found, which is held while it runs.
        Some(bind) => unsafe { bind(&found.to_ref(), Some(object), Some(&*object.type_ref())) }.map(Some),
        None => Ok(Some(found.to_ref())),
    }
}

#[inline(never)]
fn generic_get_slow(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    let found = object.ty().lookup(name);
    let kind = found.as_deref().map_or(DescriptorKind::None, DescriptorKind::of);
    let bind = |found: &Object| match found.ty().tp_descr_get.get() {
        // SAFETY: the slot belongs to the type of what was found.
        Some(bind) => unsafe { bind(found, Some(object), Some(&*object.type_ref())) },
        None => Ok(found.to_ref()),
    };
    if let (DescriptorKind::Data, Some(found)) = (kind, &found)
        && found.ty().tp_descr_get.get().is_some()
    {
        return bind(found).map(Some);
    }
    if object.ty().tp_dictoffset.get() != 0
        && let Some(value) = instance::get(object, name)?
    {
        return Ok(Some(value));
    }
    match found {
        Some(found) => bind(&found).map(Some),
        None => Ok(None),
    }
}

/// `object.__setattr__`, and for a null value `object.__delattr__`.
///
/// # Safety
/// As for the slot.
pub unsafe extern "C" fn generic_set_attribute(object: &Object, name: &Object, value: Option<&Object>) -> Status {
    let set = || -> Result<(), Raised> {
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        generic_set(object, name, value)
    };
    Status::from(set())
}

/// As `generic_set_attribute`.
pub fn generic_set(object: &Object, name: &Str, value: Option<&Object>) -> Result<(), Raised> {
    let found = object.ty().lookup(name);
    if let Some(found) = &found
        && let Some(set) = found.ty().tp_descr_set.get()
    {
        // SAFETY: the slot belongs to the type of what was found.
        return unsafe { set(found, object, value) }.result();
    }
    let missing = || {
        let text = match object.downcast::<Type>() {
            Some(ty) => format!("type object '{}' has no attribute '{name}'", ty.name()),
            None => format!("'{}' object has no attribute '{name}'", object.ty().full_name()),
        };
        crate::exceptions::raise_attribute_error(object, name, format_args!("{text}"))
    };
    if object.ty().tp_dictoffset.get() == 0 {
        return Err(match found {
            Some(_) => crate::exceptions::raise_attribute_error(
                object,
                name,
                format_args!("'{}' object attribute '{}' is read-only", object.ty().full_name(), name),
            ),
            None => missing(),
        });
    }
    if !instance::set(object, name, value)? {
        return Err(missing());
    }
    Ok(())
}

/// Whether the type's `__new__` or `__init__` is another than object's.
fn overrides(ty: &Type, init: bool) -> bool {
    let base = Object::type_object();
    if init {
        ty.tp_init.get().map(|slot| slot as usize) != base.tp_init.get().map(|slot| slot as usize)
    } else {
        ty.tp_new.get().map(|slot| slot as usize) != base.tp_new.get().map(|slot| slot as usize)
    }
}

fn has_arguments(args: &Tuple, kwargs: Option<&Dict>) -> bool {
    args.len() > 0 || kwargs.is_some_and(|kwargs| kwargs.len() > 0)
}

/// The error of instantiating a class with abstract methods left.
fn abstract_class(cls: &Type) -> Raised {
    let text = || -> Result<(usize, String), Raised> {
        let methods = protocol::get_attribute_str(cls, "__abstractmethods__")?;
        let names = protocol::sequence::to_list(&methods)?;
        crate::types::list::sort(&names, None, false)?;
        let mut shown = vec![];
        for index in 0..names.len() {
            if let Some(name) = names.get(index) {
                shown.push(protocol::str(&name)?.to_string_lossy());
            }
        }
        Ok((shown.len(), shown.join(", ")))
    };
    match text() {
        Ok((count, names)) => raise!(
            TypeError,
            "Can't instantiate abstract class {} with abstract method{} {names}",
            cls.full_name(),
            if count > 1 { "s" } else { "" }
        ),
        Err(raised) => raised,
    }
}

#[pymethods(with(PICKLE))]
impl Object {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        if has_arguments(args, kwargs) {
            if overrides(cls, false) {
                return Err(raise!(TypeError, "object.__new__() takes exactly one argument (the type to instantiate)"));
            }
            if !overrides(cls, true) {
                return Err(raise!(TypeError, "{}() takes no arguments", cls.full_name()));
            }
        }
        if cls.has_flag(flags::IS_ABSTRACT) {
            return Err(abstract_class(cls));
        }
        crate::object::instantiate(cls, Object::header(Object::type_object())).map(Ref::into_object)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if has_arguments(args, kwargs) {
            if overrides(self.ty(), true) {
                return Err(raise!(
                    TypeError,
                    "object.__init__() takes exactly one argument (the instance to initialize)"
                ));
            }
            if !overrides(self.ty(), false) {
                return Err(raise!(
                    TypeError,
                    "{}.__init__() takes exactly one argument (the instance to initialize)",
                    self.ty().full_name()
                ));
            }
        }
        Ok(())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let ty = self.type_ref();
        let module = match ty.module() {
            Ok(module) => module.downcast_into::<Str>().ok(),
            Err(raised) => {
                raised.clear();
                None
            }
        };
        let name = protocol::str(&*ty.qualified()?)?;
        match module.filter(|module| !module.equals("builtins")) {
            Some(module) => Str::from_format(format_args!("<{}.{} object at {:#x}>", module, name, self.address())),
            None => Str::from_format(format_args!("<{} object at {:#x}>", name, self.address())),
        }
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        protocol::repr(self)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(crate::hashing::hash_pointer(self.address()))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        match op {
            CompareOp::Eq if self.is(other) => Ok(boolean(true)),
            CompareOp::Ne => {
                // The opposite of `==`, where the type says something about it.
                let Some(compare) = self.ty().tp_richcompare.get() else { return Ok(not_implemented()) };
                // SAFETY: the slot belongs to the object's own type.
                let equal = unsafe { compare(self, other, CompareOp::Eq as i32) }?;
                if equal.is(not_implemented_static()) {
                    return Ok(equal);
                }
                Ok(boolean(!protocol::truth(&equal)?))
            }
            _ => Ok(not_implemented()),
        }
    }

    /// the object's class
    #[getter]
    fn __class__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.type_ref())
    }

    #[setter]
    fn set___class__(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "can't delete __class__ attribute")) };
        let Some(new) = value.downcast::<Type>() else {
            return Err(raise!(TypeError, "__class__ must be set to a class, not '{}' object", value.ty().full_name()));
        };
        crate::audit!("object.__setattr__", self.to_ref(), "__class__", value.to_ref())?;
        let old = self.type_ref();
        let modules = self.isinstance::<crate::types::module::Module>()
            && new.is_subtype(crate::types::module::Module::type_object());
        if !modules && (new.has_flag(flags::IMMUTABLETYPE) || old.has_flag(flags::IMMUTABLETYPE)) {
            return Err(raise!(
                TypeError,
                "__class__ assignment only supported for mutable types or ModuleType subclasses"
            ));
        }
        if !crate::types::type_::instance::same_layout(new, &old) {
            return Err(raise!(
                TypeError,
                "__class__ assignment: '{}' object layout differs from '{}'",
                new.full_name(),
                old.full_name()
            ));
        }
        instance::unshare(self)?;
        crate::object::allocate::own_type(new);
        self.ty.set(new);
        crate::types::type_::instance::disown_type(&old);
        Ok(())
    }

    /// Default object formatter.
    fn __format__(&self, format_spec: &Str) -> Result<Ref<Str>, Raised> {
        if format_spec.len() > 0 {
            return Err(raise!(TypeError, "unsupported format string passed to {}.__format__", self.ty().full_name()));
        }
        protocol::str(self)
    }

    /// Size of object in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        let ty = self.ty();
        let mut size = ty.tp_basicsize.get();
        if ty.tp_itemsize.get() > 0 {
            // SAFETY: types with items have objects of variable size.
            let items = unsafe { &*std::ptr::from_ref(self).cast::<crate::object::VarObject>() };
            size += ty.tp_itemsize.get() * items.size.get().abs();
        }
        Ok(size as usize)
    }

    /// Default dir() implementation.
    fn __dir__(&self) -> Result<Ref, Raised> {
        let names = match lookup_attribute(self, id!(__dict__))? {
            Some(dict) => match dict.downcast::<Dict>() {
                Some(dict) => dict.copy()?,
                None => Dict::new()?,
            },
            None => Dict::new()?,
        };
        if let Some(class) = lookup_attribute(self, id!(__class__))? {
            crate::types::type_::instance_check::merge_class_dict(&names, &class)?;
        }
        protocol::mapping::keys(&names).map(Ref::into_object)
    }

    /// This method is called when a class is subclassed.
    ///
    /// The default implementation does nothing. It may be
    /// overridden to extend subclasses.
    #[classmethod]
    #[no_signature]
    fn __init_subclass__(_cls: &Type) -> Result<(), Raised> {
        Ok(())
    }

    /// Abstract classes can override this to customize issubclass().
    ///
    /// This is invoked early on by abc.ABCMeta.__subclasscheck__().
    /// It should return True, False or NotImplemented.  If it returns
    /// NotImplemented, the normal algorithm is used.  Otherwise, it
    /// overrides the normal algorithm (and the outcome is cached).
    #[classmethod]
    #[no_signature]
    #[raw]
    fn __subclasshook__(_cls: &Type, _args: &[&Object], _names: Option<&Tuple>) -> Result<Ref, Raised> {
        Ok(not_implemented())
    }
}

#[pymethods(table = PICKLE)]
impl Object {
    /// Helper for pickle.
    fn __reduce__(&self) -> Result<Ref, Raised> {
        common_reduce(self, 0)
    }

    /// Helper for pickle.
    fn __reduce_ex__(&self, protocol: i32) -> Result<Ref, Raised> {
        if let Some(reduce) = lookup_attribute(self, id!(__reduce__))? {
            let class = crate::types::type_::instance_check::shown_class(self)?;
            let own = protocol::get_attribute(&class, id!(__reduce__))?;
            let plain = Object::type_object().tp_dict.get().and_then(|dict| dict.get_name(id!(__reduce__)));
            if plain.is_none_or(|plain| !plain.is(&own)) {
                return protocol::call0(&reduce);
            }
        }
        common_reduce(self, protocol)
    }

    /// Helper for pickle.
    fn __getstate__(&self) -> Result<Ref, Raised> {
        state(self, false)
    }
}

/// The `copyreg` function of this name.
fn copyreg(name: &str) -> Result<Ref, Raised> {
    let module = crate::import::import_module("copyreg")?;
    protocol::get_attribute_str(&module, name)
}

fn common_reduce(object: &Object, protocol: i32) -> Result<Ref, Raised> {
    if protocol >= 2 {
        return reduce_newobj(object);
    }
    let version = crate::types::int::Int::from_i64(i64::from(protocol))?;
    protocol::call(&*copyreg("_reduce_ex")?, &[object, &version])
}

/// The reduction of protocol 2 and up: `copyreg.__newobj__`, the class and arguments, state, list items, dictionary items.
fn reduce_newobj(object: &Object) -> Result<Ref, Raised> {
    if object.ty().tp_new.get().is_none() {
        return Err(raise!(TypeError, "cannot pickle '{}' object", object.ty().full_name()));
    }
    let (args, kwargs) = new_arguments(object)?;
    let kwargs = kwargs.filter(|kwargs| kwargs.len() > 0);
    let required = args.is_none() && !object.isinstance::<List>() && !object.isinstance::<Dict>();
    let class = crate::types::type_::instance_check::shown_class(object)?;
    let (function, arguments) = match (args, kwargs) {
        (args, None) => {
            let args = args.unwrap_or_else(Tuple::empty);
            let all = Tuple::build(args.len() + 1, |index| match index {
                0 => Ok(class.clone()),
                _ => Ok(args.as_slice()[index - 1].clone()),
            })?;
            (copyreg("__newobj__")?, all)
        }
        (Some(args), Some(kwargs)) => {
            (copyreg("__newobj_ex__")?, Tuple::from_refs([class, args.into_object(), kwargs.into_object()])?)
        }
        (None, Some(_)) => return Err(raise!(SystemError, "bad argument to internal function")),
    };
    let method = protocol::get_attribute(object, id!(__getstate__))?;
    let default = Object::type_object().tp_dict.get().and_then(|dict| dict.get_name(id!(__getstate__)));
    let own = object.ty().lookup(id!(__getstate__));
    let state = match (own, default) {
        (Some(own), Some(default)) if own.is(&default) => state(object, required)?,
        _ => protocol::call0(&method)?,
    };
    let list_items = match object.isinstance::<List>() {
        true => protocol::iterate::iterator(object)?,
        false => none(),
    };
    let dict_items = match object.isinstance::<Dict>() {
        true => {
            let items = protocol::call_method(object, &*Str::intern("items")?, &[])?;
            protocol::iterate::iterator(&items)?
        }
        false => none(),
    };
    Ok(Tuple::from_refs([function, arguments.into_object(), state, list_items, dict_items])?.into_object())
}

/// What `__getnewargs_ex__` or `__getnewargs__` gives.
#[allow(clippy::type_complexity)]
fn new_arguments(object: &Object) -> Result<(Option<Ref<Tuple>>, Option<Ref<Dict>>), Raised> {
    if let Some(method) = protocol::lookup_special(object, id!(__getnewargs_ex__))? {
        let both = protocol::call0(&method)?;
        let Some(both) = both.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "__getnewargs_ex__ should return a tuple, not '{}'", both.ty().full_name()));
        };
        let [args, kwargs] = both.as_slice() else {
            return Err(raise!(ValueError, "__getnewargs_ex__ should return a tuple of length 2, not {}", both.len()));
        };
        let args = args.clone().downcast_into::<Tuple>().map_err(|other| {
            raise!(
                TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                other.ty().full_name()
            )
        })?;
        let kwargs = kwargs.clone().downcast_into::<Dict>().map_err(|other| {
            raise!(
                TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                other.ty().full_name()
            )
        })?;
        return Ok((Some(args), Some(kwargs)));
    }
    match protocol::lookup_special(object, id!(__getnewargs__))? {
        Some(method) => {
            let args = protocol::call0(&method)?.downcast_into::<Tuple>().map_err(|other| {
                raise!(TypeError, "__getnewargs__ should return a tuple, not '{}'", other.ty().full_name())
            })?;
            Ok((Some(args), None))
        }
        None => Ok((None, None)),
    }
}

/// The names in `__slots__` of a class and its bases, kept in `__slotnames__`.
fn slot_names(class: &Type) -> Result<Ref, Raised> {
    if let Some(known) = class.tp_dict.get().and_then(|dict| dict.get_name(id!(__slotnames__))) {
        return Ok(known);
    }
    protocol::call1(&*copyreg("_slotnames")?, class)
}

/// What the object's `__getstate__` gives.
pub fn state_of(object: &Object) -> Result<Ref, Raised> {
    protocol::call0(&*protocol::get_attribute(object, id!(__getstate__))?)
}

/// What `object.__getstate__` gives; with `required`, an object that has fields beside its dictionary is refused.
fn state(object: &Object, required: bool) -> Result<Ref, Raised> {
    let class = object.type_ref();
    let state = match crate::types::dict::instance::is_empty(object) {
        true => none(),
        false => crate::types::dict::instance::dictionary(object)?.into_object(),
    };
    let names = slot_names(&class)?;
    let names = names.downcast::<List>().map(Ref::from_borrowed);
    if required {
        let mut expected = 16;
        let words = isize::from(class.tp_dictoffset.get() > 0 && !class.has_flag(flags::MANAGED_DICT))
            + isize::from(class.tp_weaklistoffset.get() > 0);
        expected += 8 * (words + names.as_ref().map_or(0, |names| names.len() as isize));
        if class.tp_itemsize.get() != 0 || class.tp_basicsize.get() > expected {
            return Err(raise!(TypeError, "cannot pickle '{}' object", class.full_name()));
        }
    }
    let Some(names) = names.filter(|names| names.len() > 0) else { return Ok(state) };
    let slots = Dict::new()?;
    for index in 0..names.len() {
        let Some(name) = names.get(index) else { break };
        if let Some(name) = name.downcast::<Str>()
            && let Some(value) = lookup_attribute(object, name)?
        {
            slots.set(name, &value)?;
        }
    }
    if slots.len() == 0 {
        return Ok(state);
    }
    Ok(Tuple::from_refs([state, slots.into_object()])?.into_object())
}

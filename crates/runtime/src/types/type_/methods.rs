//! The methods and attributes of types.

use habu_macros::pymethods;

use crate::object::descriptor_tables::{MemberDef, READONLY, T_OBJECT, T_PYSSIZET, T_ULONG};
use crate::object::slots::VectorcallFunc;
use crate::object::typeobject::flags;
use crate::object::{Field, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::singletons::none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

impl Type {
    /// The module's name and the type's, as `repr` shows them: `__main__.A`, `int`.
    fn shown_name(&self) -> Result<String, Raised> {
        let module = self.module()?;
        let name = self.qualified()?;
        let name = crate::object::protocol::str(&name)?;
        match module.downcast::<Str>() {
            Some(module) if !module.equals("builtins") => Ok(format!("{module}.{name}")),
            _ => Ok(name.to_string_lossy()),
        }
    }

    /// `__module__`
    pub fn module(&self) -> Result<Ref, Raised> {
        if self.has_flag(flags::HEAPTYPE) {
            return match self.tp_dict.get().and_then(|dict| dict.get_name(id!(__module__))) {
                Some(module) => Ok(module),
                None => Err(raise!(AttributeError, "__module__")),
            };
        }
        match self.full_name().rsplit_once('.') {
            Some((module, _)) => Ok(Str::intern(module)?.into_object()),
            None => Ok(Ref::from_borrowed(id!(builtins)).into_object()),
        }
    }

    /// `__qualname__`
    pub fn qualified(&self) -> Result<Ref, Raised> {
        match self.as_heap_type().and_then(|heap| heap.ht_qualname.get()) {
            Some(name) => Ok(name),
            None => Ok(Str::intern(self.name())?.into_object()),
        }
    }

    /// Refuses changes of built-in types, and of attributes that cannot be deleted.
    fn check_set(&self, name: &str, value: Option<&Object>) -> Result<(), Raised> {
        if self.has_flag(flags::IMMUTABLETYPE) {
            return Err(super::ready::immutable(self, &*Str::new(name)?));
        }
        if value.is_none() {
            return Err(raise!(TypeError, "cannot delete '{name}' attribute of immutable type '{}'", self.full_name()));
        }
        match value {
            Some(value) => crate::audit!("object.__setattr__", self.to_ref(), name, value.to_ref()),
            None => Ok(()),
        }
    }

    fn own_dict(&self) -> Result<Ref<Dict>, Raised> {
        self.tp_dict.get().ok_or_else(|| raise!(SystemError, "type without a dictionary"))
    }
}

const fn member(name: &'static std::ffi::CStr, kind: std::ffi::c_int, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"__basicsize__", T_PYSSIZET, std::mem::offset_of!(Type, tp_basicsize)),
    member(c"__itemsize__", T_PYSSIZET, std::mem::offset_of!(Type, tp_itemsize)),
    member(c"__flags__", T_ULONG, std::mem::offset_of!(Type, tp_flags)),
    member(c"__weakrefoffset__", T_PYSSIZET, std::mem::offset_of!(Type, tp_weaklistoffset)),
    member(c"__base__", T_OBJECT, std::mem::offset_of!(Type, tp_base)),
    member(c"__dictoffset__", T_PYSSIZET, std::mem::offset_of!(Type, tp_dictoffset)),
    member(c"__mro__", T_OBJECT, std::mem::offset_of!(Type, tp_mro)),
];

#[pymethods(with(HOOKS), members = MEMBERS)]
impl Type {
    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        crate::types::union_::union_of(left, right)
    }

    #[slot(tp_new)]
    fn new(metatype: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        super::create::type_new(metatype, args, kwargs)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) && args.len() == 1 {
            return Err(raise!(TypeError, "type.__init__() takes no keyword arguments"));
        }
        if args.len() != 1 && args.len() != 3 {
            return Err(raise!(TypeError, "type.__init__() takes 1 or 3 arguments"));
        }
        Ok(())
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        super::construct::call_type(self, args, kwargs)
    }

    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        match (arguments, names) {
            ([object], None) => Ok(object.type_ref().into_object()),
            _ => crate::object::protocol::call::call_through_tuple(cls, arguments, names),
        }
    }

    #[slot(tp_dealloc)]
    unsafe fn dealloc(object: std::ptr::NonNull<Object>) {
        // SAFETY: the slot is type's own.
        unsafe { super::create::dealloc_type(object) }
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        // Built-in types are not in any generation.
        self.tp_dict.traverse(visit)?;
        self.tp_cache.traverse(visit)?;
        self.tp_mro.traverse(visit)?;
        self.tp_bases.traverse(visit)?;
        self.tp_base.traverse(visit)?;
        match self.as_heap_type() {
            Some(heap) => heap.ht_module.traverse(visit),
            None => Ok(()),
        }
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        super::cache::modified(self);
        if let Some(dict) = self.tp_dict.get() {
            dict.clear_items();
        }
        self.tp_mro.set(None);
    }

    #[slot(tp_is_gc)]
    fn is_gc(&self) -> Result<bool, Raised> {
        Ok(self.has_flag(flags::HEAPTYPE))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::from_format(format_args!("<class '{}'>", self.shown_name()?))
    }

    #[slot(tp_getattro)]
    fn get_attribute(&self, name: &Object) -> Result<Ref, Raised> {
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        self.attribute(name)?.ok_or_else(|| {
            crate::exceptions::raise_attribute_error(
                self,
                name,
                format_args!("type object '{}' has no attribute '{}'", self.full_name(), name),
            )
        })
    }

    #[slot(tp_setattro)]
    fn set_attribute(&self, name: &Object, value: Option<&Object>) -> Result<(), Raised> {
        let Some(text) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        if self.has_flag(flags::IMMUTABLETYPE) {
            return Err(super::ready::immutable(self, text));
        }
        let name = crate::types::str::intern::intern(Ref::from_borrowed(text));
        // The slot functions and caches follow even when setting fails half-way.
        let result = crate::types::object::generic_set(self, &name, value);
        super::cache::modified(self);
        super::slotdefs::update_name(self, &name)?;
        result
    }

    #[getter]
    fn __name__(&self) -> Result<Ref, Raised> {
        match self.as_heap_type().and_then(|heap| heap.ht_name.get()) {
            Some(name) => Ok(name),
            None => Ok(Str::intern(self.name())?.into_object()),
        }
    }

    #[setter]
    fn set___name__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.check_set("__name__", value)?;
        let Some(text) = value.and_then(Object::downcast::<Str>) else {
            let got = value.map_or("NULL", |value| value.ty().full_name()).to_owned();
            return Err(raise!(TypeError, "can only assign string to {}.__name__, not '{got}'", self.full_name()));
        };
        super::create::set_name(self, text)
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.qualified()
    }

    #[setter]
    fn set___qualname__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.check_set("__qualname__", value)?;
        match (value.filter(|value| value.isinstance::<Str>()), self.as_heap_type()) {
            (Some(value), Some(heap)) => heap.ht_qualname.set(Some(value.to_ref())),
            _ => {
                let got = value.map_or("NULL", |value| value.ty().full_name()).to_owned();
                return Err(raise!(
                    TypeError,
                    "can only assign string to {}.__qualname__, not '{got}'",
                    self.full_name()
                ));
            }
        }
        Ok(())
    }

    #[getter]
    fn __bases__(&self) -> Result<Option<Ref<Tuple>>, Raised> {
        Ok(self.tp_bases.get())
    }

    #[setter]
    fn set___bases__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.check_set("__bases__", value)?;
        super::create::set_bases(self, value)
    }

    #[getter]
    fn __module__(&self) -> Result<Ref, Raised> {
        self.module()
    }

    #[setter]
    fn set___module__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.check_set("__module__", value)?;
        super::cache::modified(self);
        match value {
            Some(value) => self.own_dict()?.set(id!(__module__), value),
            None => Ok(()),
        }
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref, Raised> {
        match self.tp_dict.get() {
            Some(dict) => crate::types::pending::mapping_proxy(&dict),
            None => Ok(none()),
        }
    }

    #[getter]
    fn __doc__(&self) -> Result<Ref, Raised> {
        let Some(found) = self.tp_dict.get().and_then(|dict| dict.get_name(id!(__doc__))) else { return Ok(none()) };
        match found.ty().tp_descr_get.get() {
            // SAFETY: the slot belongs to the type of what was found.
            Some(bind) => unsafe { bind(&found, None, Some(self)) },
            None => Ok(found),
        }
    }

    #[setter]
    fn set___doc__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.check_set("__doc__", value)?;
        super::cache::modified(self);
        match value {
            Some(value) => self.own_dict()?.set(id!(__doc__), value),
            None => Ok(()),
        }
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        let doc = self.tp_doc.get();
        if doc.is_null() {
            // A class of Python's own has its text in the dictionary alone.
            let own = self.tp_dict.get().and_then(|dict| dict.get_name(id!(__doc__)));
            let own = own.and_then(|own| own.downcast::<Str>().map(Str::to_string_lossy));
            return crate::types::descriptor::text_signature(self.name(), own.as_deref());
        }
        // SAFETY: tp_doc is a C string that lives as long as the type.
        let doc = unsafe { std::ffi::CStr::from_ptr(doc) }.to_str().unwrap_or("");
        crate::types::descriptor::text_signature(self.name(), Some(doc))
    }

    #[getter]
    fn __annotations__(&self) -> Result<Ref, Raised> {
        if !self.has_flag(flags::HEAPTYPE) {
            return Err(raise!(
                AttributeError,
                "type object '{}' has no attribute '__annotations__'",
                self.full_name()
            ));
        }
        let dict = self.own_dict()?;
        if let Some(found) = dict.get_name(id!(__annotations__)) {
            return match found.ty().tp_descr_get.get() {
                // SAFETY: the slot belongs to the type of what was found.
                Some(bind) => unsafe { bind(&found, None, Some(self)) },
                None => Ok(found),
            };
        }
        let annotations = Dict::new()?.into_object();
        dict.set(id!(__annotations__), &annotations)?;
        super::cache::modified(self);
        Ok(annotations)
    }

    #[setter]
    fn set___annotations__(&self, value: Option<&Object>) -> Result<(), Raised> {
        if self.has_flag(flags::IMMUTABLETYPE) {
            return Err(super::ready::immutable(self, id!(__annotations__)));
        }
        let dict = self.own_dict()?;
        match value {
            Some(value) => dict.set(id!(__annotations__), value)?,
            None => {
                if dict.remove(id!(__annotations__))?.is_none() {
                    return Err(raise!(AttributeError, "__annotations__"));
                }
            }
        }
        super::cache::modified(self);
        Ok(())
    }

    #[getter]
    fn __abstractmethods__(&self) -> Result<Ref, Raised> {
        let found = match std::ptr::eq(self, Type::type_object()) {
            true => None,
            false => self.tp_dict.get().and_then(|dict| dict.get_str("__abstractmethods__").transpose()),
        };
        match found {
            Some(found) => found,
            None => Err(raise!(AttributeError, "__abstractmethods__")),
        }
    }

    #[setter]
    fn set___abstractmethods__(&self, value: Option<&Object>) -> Result<(), Raised> {
        let dict = self.own_dict()?;
        let is_abstract = match value {
            Some(value) => {
                let is_abstract = crate::object::protocol::truth(value)?;
                dict.set_str("__abstractmethods__", value)?;
                is_abstract
            }
            None => {
                if dict.remove(&*Str::intern("__abstractmethods__")?)?.is_none() {
                    return Err(raise!(AttributeError, "__abstractmethods__"));
                }
                false
            }
        };
        super::cache::modified(self);
        let set = self.tp_flags.get();
        self.tp_flags.set(if is_abstract { set | flags::IS_ABSTRACT } else { set & !flags::IS_ABSTRACT });
        Ok(())
    }
}

#[pymethods(table = HOOKS)]
impl Type {
    /// Return a type's method resolution order.
    #[name = "mro"]
    fn mro_list(&self) -> Result<Ref<List>, Raised> {
        let mro = super::mro::linearise(self)?;
        List::from_slice(mro.as_slice())
    }

    /// Return a list of immediate subclasses.
    fn __subclasses__(&self) -> Result<Ref<List>, Raised> {
        super::subclasses::alive(self)
    }

    /// __prepare__() -> dict
    /// used for the class statement
    #[classmethod]
    #[raw]
    fn __prepare__(_cls: &Type, _args: &[&Object], _names: Option<&Tuple>) -> Result<Ref<Dict>, Raised> {
        Dict::new()
    }

    /// Check if an object is an instance.
    fn __instancecheck__(&self, instance: &Object) -> Result<bool, Raised> {
        super::instance_check::real_isinstance(instance, self)
    }

    /// Check if a class is a subclass.
    fn __subclasscheck__(&self, subclass: &Object) -> Result<bool, Raised> {
        super::instance_check::real_issubclass(subclass, self)
    }

    /// Specialized __dir__ implementation for types.
    fn __dir__(&self) -> Result<Ref, Raised> {
        let names = Dict::new()?;
        super::instance_check::merge_class_dict(&names, self)?;
        crate::object::protocol::mapping::keys(&names).map(Ref::into_object)
    }

    /// Return memory consumption of the type object.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        match self.as_heap_type() {
            Some(heap) => Ok(size_of::<crate::object::HeapType>() + super::create::cached_keys_size(heap)),
            None => Ok(size_of::<Type>()),
        }
    }
}

/// For types whose instances are called without a tuple.
pub type TypeVectorcall = VectorcallFunc;

/// The field of a heap type that keeps `__slots__`.
pub fn slots_field(ty: &Type) -> Option<&Field> {
    ty.as_heap_type().map(|heap| &heap.ht_slots)
}

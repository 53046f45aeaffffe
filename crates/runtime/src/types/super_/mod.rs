//! `super`: attribute lookup that starts behind a class in the method resolution order.

use habu_macros::{pymethods, pytype};

use crate::object::{Field, Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::types::dict::Dict;
use crate::types::singletons::is_none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// super() -> same as super(__class__, <first argument>)
/// super(type) -> unbound super object
/// super(type, obj) -> bound super object; requires isinstance(obj, type)
/// super(type, type2) -> bound super object; requires issubclass(type2, type)
/// Typical use to call a cooperative superclass method:
/// class C(B):
///     def meth(self, arg):
///         super().meth(arg)
/// This works for class methods too:
/// class C(B):
///     @classmethod
///     def cmeth(cls, arg):
///         super().cmeth(arg)
#[pytype(name = "super", c_name = "PySuper_Type", gc, basetype)]
pub struct Super {
    base: Object,
    #[traverse]
    ty: Field<Type>,
    #[traverse]
    object: Field,
    #[traverse]
    object_type: Field<Type>,
}

crate::assert_layout!(Super, size 40);

/// Whether the order of `class` has `ty` in it: that of a type with an `mro()` of its own may lack even the type itself.
fn derives(class: &Type, ty: &Type) -> bool {
    match class.tp_mro.get() {
        Some(mro) if std::ptr::eq(class, ty) => mro.as_slice().iter().any(|entry| std::ptr::addr_eq(&**entry, ty)),
        _ => class.is_subtype(ty),
    }
}

/// The type whose order is searched for `object`: its own, or itself when it is a type.
fn check(ty: &Type, object: &Object) -> Result<Ref<Type>, Raised> {
    if let Some(class) = object.downcast::<Type>()
        && derives(class, ty)
    {
        return Ok(Ref::from_borrowed(class));
    }
    if derives(object.ty(), ty) {
        return Ok(object.type_ref());
    }
    if let Some(class) = crate::object::protocol::lookup_attribute(object, id!(__class__))?
        && let Some(class) = class.downcast::<Type>()
        && !std::ptr::eq(class, object.ty())
        && class.is_subtype(ty)
    {
        return Ok(Ref::from_borrowed(class));
    }
    Err(raise!(TypeError, "super(type, obj): obj must be an instance or subtype of type"))
}

#[pymethods]
impl Super {
    /// The object comes first, as in CPython.
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.object.traverse(visit)?;
        self.ty.traverse(visit)?;
        self.object_type.traverse(visit)
    }

    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Super>, Raised> {
        let _ = (args, kwargs);
        Super::empty(cls)
    }

    #[hidden]
    fn empty(cls: &Type) -> Result<Ref<Super>, Raised> {
        let empty = Super {
            base: Object::of::<Super>(),
            ty: Field::empty(),
            object: Field::empty(),
            object_type: Field::empty(),
        };
        crate::object::instantiate(cls, empty)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "super() takes no keyword arguments"));
        }
        self.fill(args.as_borrowed_slice())
    }

    /// Calls take no tuple, as in CPython.
    #[slot(tp_vectorcall)]
    fn call_type(cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "super() takes no keyword arguments"));
        }
        if arguments.len() > 2 {
            return Err(raise!(TypeError, "super() expected at most 2 arguments, got {}", arguments.len()));
        }
        let Some(cls) = cls.downcast::<Type>() else { return Err(raise!(SystemError, "super is no type")) };
        let made = Super::empty(cls)?;
        made.fill(arguments)?;
        Ok(made.into_object())
    }

    #[hidden]
    fn fill(&self, args: &[&Object]) -> Result<(), Raised> {
        let (ty, object) = match args {
            [] => {
                let (ty, object) = crate::types::pending::super_arguments()?;
                (ty, Some(object))
            }
            [ty] => (ty.to_ref(), None),
            [ty, object] => (ty.to_ref(), Some(object.to_ref()).filter(|object| !is_none(object))),
            more => return Err(raise!(TypeError, "super expected at most 2 arguments, got {}", more.len())),
        };
        let ty = match ty.downcast_into::<Type>() {
            Ok(ty) => ty,
            Err(other) => {
                return Err(raise!(TypeError, "super() argument 1 must be a type, not {}", other.ty().full_name()));
            }
        };
        let object_type = match &object {
            Some(object) => Some(check(&ty, object)?),
            None => None,
        };
        self.ty.set(Some(ty));
        self.object.set(object);
        self.object_type.set(object_type);
        Ok(())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let ty = self.ty.get();
        let name = ty.as_ref().map_or("NULL", |ty| ty.name());
        match self.object_type.get() {
            Some(object) => Str::from_format(format_args!("<super: <class '{name}'>, <{} object>>", object.name())),
            None => Str::from_format(format_args!("<super: <class '{name}'>, NULL>")),
        }
    }

    #[slot(tp_getattro)]
    fn get(&self, name: &Object) -> Result<Ref, Raised> {
        if let (Some(start), Some(ty), Some(text)) = (self.object_type.get(), self.ty.get(), name.downcast::<Str>())
            && !text.equals("__class__")
            && let Some(found) = find_behind(&start, &ty, text)
        {
            let object = self.object.get();
            return match found.ty().tp_descr_get.get() {
                Some(bind) => {
                    // Bound to the class itself when the object is the class.
                    let instance = object.as_deref().filter(|object| !std::ptr::addr_eq(*object, &*start));
                    // SAFETY: the slot belongs to the type of what was found.
                    unsafe { bind(&found, instance, Some(&start)) }
                }
                None => Ok(found),
            };
        }
        // SAFETY: any object may be asked for any attribute.
        unsafe { crate::types::object::generic_get_attribute(self, name) }
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance.filter(|instance| !is_none(instance)) else { return Ok(self.to_ref()) };
        let Some(ty) = self.ty.get().filter(|_| self.object.is_empty()) else { return Ok(self.to_ref()) };
        if !self.is_exact::<Super>() {
            return crate::object::protocol::call(&self.type_ref(), &[&ty, instance]);
        }
        let object_type = check(&ty, instance)?;
        let bound = Super {
            base: Object::of::<Super>(),
            ty: Field::new(ty),
            object: Field::new(instance.to_ref()),
            object_type: Field::new(object_type),
        };
        Ok(crate::object::create(bound)?.into_object())
    }

    /// the class invoking super()
    #[getter]
    fn __thisclass__(&self) -> Result<Option<Ref<Type>>, Raised> {
        Ok(self.ty.get())
    }

    /// the instance invoking super(); may be None
    #[getter]
    fn __self__(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.object.get())
    }

    /// the type of the instance invoking super(); may be None
    #[getter]
    fn __self_class__(&self) -> Result<Option<Ref<Type>>, Raised> {
        Ok(self.object_type.get())
    }
}

/// The attribute in the types that follow `ty` in the order of `start`.
fn find_behind(start: &Type, ty: &Type, name: &Str) -> Option<Ref> {
    let mro = start.tp_mro.get()?;
    let position = mro.as_slice().iter().position(|entry| std::ptr::addr_eq(&**entry, ty))?;
    mro.as_slice()[position + 1..].iter().find_map(|entry| entry.downcast::<Type>()?.tp_dict.get()?.get_name(name))
}

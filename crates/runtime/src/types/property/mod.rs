//! `property`, `classmethod` and `staticmethod`.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};

use crate::object::descriptor_tables::{READONLY, T_OBJECT};
use crate::object::protocol::{self, call1, get_attribute, lookup_attribute, set_attribute};
use crate::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type};
use crate::threads::thread::check_native_stack;
use crate::types::dict::Dict;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// Property attribute.
///
///   fget
///     function to be used for getting an attribute value
///   fset
///     function to be used for setting an attribute value
///   fdel
///     function to be used for del'ing an attribute
///   doc
///     docstring
///
/// Typical use is to define a managed attribute x:
///
/// class C(object):
///     def getx(self): return self._x
///     def setx(self, value): self._x = value
///     def delx(self): del self._x
///     x = property(getx, setx, delx, "I'm the 'x' property.")
///
/// Decorators make defining new properties or modifying existing ones easy:
///
/// class C(object):
///     @property
///     def x(self):
///         "I am the 'x' property."
///         return self._x
///     @x.setter
///     def x(self, value):
///         self._x = value
///     @x.deleter
///     def x(self):
///         del self._x
#[pytype(
    name = "property",
    generic_get,
    signature = "(fget=None, fset=None, fdel=None, doc=None)",
    c_name = "PyProperty_Type",
    gc,
    basetype
)]
pub struct Property {
    base: Object,
    #[traverse]
    pub(crate) getter: Field,
    #[traverse]
    pub(crate) setter: Field,
    #[traverse]
    deleter: Field,
    #[traverse]
    doc: Field,
    #[traverse]
    name: Field,
    getter_doc: Cell<bool>,
}

crate::assert_layout!(Property, size 64);

impl Property {
    fn empty() -> Property {
        Property {
            base: Object::of::<Property>(),
            getter: Field::empty(),
            setter: Field::empty(),
            deleter: Field::empty(),
            doc: Field::empty(),
            name: Field::empty(),
            getter_doc: Cell::new(false),
        }
    }

    /// A copy with some of the functions replaced, of the same type.
    fn copy(&self, getter: Option<Ref>, setter: Option<Ref>, deleter: Option<Ref>) -> Result<Ref, Raised> {
        let or_none = |value: Option<Ref>| value.unwrap_or_else(none);
        let getter = or_none(getter.or_else(|| self.getter.get()));
        let setter = or_none(setter.or_else(|| self.setter.get()));
        let deleter = or_none(deleter.or_else(|| self.deleter.get()));
        let doc = if self.getter_doc.get() && !is_none(&getter) { none() } else { or_none(self.doc.get()) };
        let new = protocol::call(&self.type_ref(), &[&getter, &setter, &deleter, &doc])?;
        if let Some(new) = new.downcast::<Property>() {
            new.name.set(self.name.get());
        }
        Ok(new)
    }

    /// The error of an accessor that is missing.
    fn missing(&self, instance: &Object, what: &str) -> Raised {
        let owner = get_attribute(&instance.type_ref(), id!(__qualname__))
            .and_then(|name| protocol::str(&name))
            .map(|name| name.to_string_lossy());
        let owner = match owner {
            Ok(owner) => owner,
            Err(raised) => return raised,
        };
        match self.name.get() {
            Some(name) => match protocol::repr(&name) {
                Ok(name) => raise!(AttributeError, "property {} of '{owner}' object has no {what}", name),
                Err(raised) => raised,
            },
            None => raise!(AttributeError, "property of '{owner}' object has no {what}"),
        }
    }
}

const fn member(name: &'static std::ffi::CStr, offset: usize, flags: i32) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind: T_OBJECT, offset: offset as isize, flags, doc: std::ptr::null() }
}

/// The parts of a property.
static MEMBERS: &[MemberDef] = &[
    member(c"fget", offset_of!(Property, getter), READONLY),
    member(c"fset", offset_of!(Property, setter), READONLY),
    member(c"fdel", offset_of!(Property, deleter), READONLY),
    member(c"__doc__", offset_of!(Property, doc), 0),
];

#[pymethods(members = MEMBERS)]
impl Property {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Property>, Raised> {
        let _ = (args, kwargs);
        crate::object::instantiate(cls, Property::empty())
    }

    #[slot(tp_init)]
    #[signature(fget = None, fset = None, fdel = None, doc = None)]
    fn init(
        &self,
        fget: Option<&Object>,
        fset: Option<&Object>,
        fdel: Option<&Object>,
        doc: Option<&Object>,
    ) -> Result<(), Raised> {
        let given = |value: Option<&Object>| value.filter(|value| !is_none(value)).map(Object::to_ref);
        self.getter.set(given(fget));
        self.setter.set(given(fset));
        self.deleter.set(given(fdel));
        self.getter_doc.set(false);
        self.name.set(None);
        let mut doc = given(doc);
        if doc.is_none()
            && let Some(getter) = self.getter.get()
            && let Some(found) = lookup_attribute(&getter, id!(__doc__))?
        {
            self.getter_doc.set(true);
            doc = Some(found);
        }
        if self.getter_doc.get() && !self.is_exact::<Property>() {
            // An instance of a subclass keeps the getter's in its dictionary, so that it hides the class's own docstring.
            return set_attribute(self, id!(__doc__), Some(&*doc.unwrap_or_else(none)));
        }
        self.doc.set(doc.filter(|doc| !is_none(doc)));
        Ok(())
    }

    #[slot(tp_descr_get)]
    fn get(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance.filter(|instance| !is_none(instance)) else { return Ok(self.to_ref()) };
        match self.getter.get() {
            Some(getter) => call1(&getter, instance),
            None => Err(self.missing(instance, "getter")),
        }
    }

    #[slot(tp_descr_set)]
    fn set(&self, instance: &Object, value: Option<&Object>) -> Result<(), Raised> {
        match value {
            Some(value) => match self.setter.get() {
                Some(setter) => protocol::call(&setter, &[instance, value]).map(drop),
                None => Err(self.missing(instance, "setter")),
            },
            None => match self.deleter.get() {
                Some(deleter) => call1(&deleter, instance).map(drop),
                None => Err(self.missing(instance, "deleter")),
            },
        }
    }

    /// Descriptor to obtain a copy of the property with a different getter.
    #[no_signature]
    fn getter(&self, function: &Object) -> Result<Ref, Raised> {
        self.copy(Some(function.to_ref()), None, None)
    }

    /// Descriptor to obtain a copy of the property with a different setter.
    #[no_signature]
    fn setter(&self, function: &Object) -> Result<Ref, Raised> {
        self.copy(None, Some(function.to_ref()), None)
    }

    /// Descriptor to obtain a copy of the property with a different deleter.
    #[no_signature]
    fn deleter(&self, function: &Object) -> Result<Ref, Raised> {
        self.copy(None, None, Some(function.to_ref()))
    }

    /// Method to set name of a property.
    #[no_signature]
    #[signature(*args)]
    #[varargs(unpack)]
    fn __set_name__(&self, args: &[&Object]) -> Result<(), Raised> {
        let [_owner, name] = args else {
            let given = args.len();
            return Err(raise!(TypeError, "__set_name__() takes 2 positional arguments but {given} were given"));
        };
        self.name.set(Some(name.to_ref()));
        Ok(())
    }

    #[getter]
    fn __isabstractmethod__(&self) -> Result<bool, Raised> {
        for function in [&self.getter, &self.setter, &self.deleter] {
            if let Some(function) = function.get()
                && is_abstract(&function)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a function says that it is abstract.
fn is_abstract(function: &Object) -> Result<bool, Raised> {
    check_native_stack()?;
    match lookup_attribute(function, id!(__isabstractmethod__))? {
        Some(value) => protocol::truth(&value),
        None => Ok(false),
    }
}

/// staticmethod(function) -> method
///
/// Convert a function to be a static method.
///
/// A static method does not receive an implicit first argument.
/// To declare a static method, use this idiom:
///
///      class C:
///          @staticmethod
///          def f(arg1, arg2, argN):
///              ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()). Both the class and the instance are ignored, and
/// neither is passed implicitly as the first argument to the method.
///
/// Static methods in Python are similar to those found in Java or C++.
/// For a more advanced concept, see the classmethod builtin.
#[pytype(name = "staticmethod", c_name = "PyStaticMethod_Type", gc, basetype, dict = dict)]
pub struct StaticMethod {
    base: Object,
    #[traverse]
    callable: Field,
    #[traverse]
    dict: Field<Dict>,
}

/// classmethod(function) -> method
///
/// Convert a function to be a class method.
///
/// A class method receives the class as implicit first argument,
/// just like an instance method receives the instance.
/// To declare a class method, use this idiom:
///
///   class C:
///       @classmethod
///       def f(cls, arg1, arg2, argN):
///           ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()).  The instance is ignored except for its class.
/// If a class method is called for a derived class, the derived class
/// object is passed as the implied first argument.
///
/// Class methods are different than C++ or Java static methods.
/// If you want those, see the staticmethod builtin.
#[pytype(name = "classmethod", c_name = "PyClassMethod_Type", gc, basetype, dict = dict)]
pub struct ClassMethod {
    base: Object,
    #[traverse]
    callable: Field,
    #[traverse]
    dict: Field<Dict>,
}

/// Copies the attributes that tell of a function to what wraps it.
fn copy_wrapped(wrapper: &Object, function: &Object) -> Result<(), Raised> {
    for name in [id!(__module__), id!(__name__), id!(__qualname__), id!(__doc__), id!(__annotations__)] {
        if let Some(value) = lookup_attribute(function, name)? {
            match set_attribute(wrapper, name, Some(&value)) {
                Ok(()) => {}
                Err(raised) => {
                    protocol::attribute::ignore::<()>(raised, crate::exceptions::exc::AttributeError())?;
                }
            }
        }
    }
    Ok(())
}

macro_rules! method_wrappers {
    ($($ty:ident $python:literal;)*) => {
        $(impl $ty {
            fn empty() -> $ty {
                $ty { base: Object::of::<$ty>(), callable: Field::empty(), dict: Field::empty() }
            }

            /// The wrapped function.
            pub fn callable(&self) -> Result<Ref, Raised> {
                self.callable.get().ok_or_else(|| raise!(RuntimeError, concat!("uninitialized ", $python, " object")))
            }

            /// A wrapper of `function`.
            pub fn wrap(function: &Object) -> Result<Ref<$ty>, Raised> {
                let wrapper = crate::object::create($ty::empty())?;
                wrapper.callable.set(Some(function.to_ref()));
                Ok(wrapper)
            }

            fn set_up(&self, function: &Object) -> Result<(), Raised> {
                self.callable.set(Some(function.to_ref()));
                copy_wrapped(self, function)
            }

            fn show(&self) -> Result<Ref<Str>, Raised> {
                let inner = match self.callable.get() {
                    Some(callable) => protocol::repr(&callable)?,
                    None => Str::intern("<NULL>")?,
                };
                Str::from_format(format_args!(concat!("<", $python, "({})>"), inner))
            }
        })*
    };
}
method_wrappers! { StaticMethod "staticmethod"; ClassMethod "classmethod"; }

#[pymethods]
impl StaticMethod {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<StaticMethod>, Raised> {
        let _ = (args, kwargs);
        crate::object::instantiate(cls, StaticMethod::empty())
    }

    #[slot(tp_init)]
    #[signature(function, /)]
    fn init(&self, function: &Object) -> Result<(), Raised> {
        self.set_up(function)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.show()
    }

    #[slot(tp_descr_get)]
    fn get(&self, _instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        self.callable()
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        protocol::call_tuple(&*self.callable()?, args, kwargs)
    }

    #[getter]
    fn __func__(&self) -> Result<Ref, Raised> {
        self.callable()
    }

    #[getter]
    fn __wrapped__(&self) -> Result<Ref, Raised> {
        self.callable()
    }

    #[getter]
    fn __isabstractmethod__(&self) -> Result<bool, Raised> {
        self.callable.get().map_or(Ok(false), |callable| is_abstract(&callable))
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref<Dict>, Raised> {
        crate::types::dict::instance::dictionary(self)
    }

    #[setter]
    fn set___dict__(&self, value: Option<&Object>) -> Result<(), Raised> {
        crate::types::dict::instance::set_dictionary(self, value)
    }
}

#[pymethods]
impl ClassMethod {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<ClassMethod>, Raised> {
        let _ = (args, kwargs);
        crate::object::instantiate(cls, ClassMethod::empty())
    }

    #[slot(tp_init)]
    #[signature(function, /)]
    fn init(&self, function: &Object) -> Result<(), Raised> {
        self.set_up(function)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.show()
    }

    #[slot(tp_descr_get)]
    fn get(&self, instance: Option<&Object>, owner: Option<&Object>) -> Result<Ref, Raised> {
        check_native_stack()?;
        let callable = self.callable()?;
        let ty = match (owner, instance) {
            (Some(owner), _) => owner.to_ref(),
            (None, Some(instance)) => instance.type_ref().into_object(),
            (None, None) => return Err(raise!(TypeError, "__get__(None, None) is invalid")),
        };
        match callable.ty().tp_descr_get.get() {
            // SAFETY: the slot belongs to the callable's own type.
            Some(bind) => unsafe { bind(&callable, Some(&ty), Some(&ty)) },
            None => Ok(crate::types::pending::bind_method(&callable, &ty)?),
        }
    }

    #[getter]
    fn __func__(&self) -> Result<Ref, Raised> {
        self.callable()
    }

    #[getter]
    fn __wrapped__(&self) -> Result<Ref, Raised> {
        self.callable()
    }

    #[getter]
    fn __isabstractmethod__(&self) -> Result<bool, Raised> {
        self.callable.get().map_or(Ok(false), |callable| is_abstract(&callable))
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref<Dict>, Raised> {
        crate::types::dict::instance::dictionary(self)
    }

    #[setter]
    fn set___dict__(&self, value: Option<&Object>) -> Result<(), Raised> {
        crate::types::dict::instance::set_dictionary(self, value)
    }
}

/// The static type of `property`, for checks elsewhere.
pub fn property_type() -> &'static Type {
    Property::type_object()
}

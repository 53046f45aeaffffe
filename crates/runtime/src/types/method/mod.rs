//! `method`: a function bound to an object (`PyMethodObject`).

pub mod instance_method;

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use crate::object::descriptor_tables::{MemberDef, READONLY, T_OBJECT};
use crate::object::slots::{CompareOp, VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use crate::object::{Field, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::threads::thread::check_native_stack;
use crate::types::dict::Dict;
use crate::types::singletons::{boolean, is_none, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Create a bound instance method object.
#[pytype(name = "method", generic_set, c_name = "PyMethod_Type", gc, weaklist = weaklist, vectorcall = vectorcall)]
pub struct Method {
    /// The header.
    pub base: Object,
    /// `__func__`
    #[traverse]
    pub function: Field,
    /// `__self__`
    #[traverse]
    pub this: Field,
    /// Weak references to the method.
    pub weaklist: Cell<*const Object>,
    /// How the method is called.
    pub vectorcall: Cell<VectorcallFunc>,
}

crate::assert_layout!(Method, size 48, function @ 16, this @ 24, weaklist @ 32, vectorcall @ 40);

/// The members that are read from the layout.
pub static MEMBERS: &[MemberDef] = &[
    MemberDef {
        name: c"__func__".as_ptr(),
        kind: T_OBJECT,
        offset: std::mem::offset_of!(Method, function) as isize,
        flags: READONLY,
        doc: c"the function (or other callable) implementing a method".as_ptr(),
    },
    MemberDef {
        name: c"__self__".as_ptr(),
        kind: T_OBJECT,
        offset: std::mem::offset_of!(Method, this) as isize,
        flags: READONLY,
        doc: c"the instance to which a method is bound".as_ptr(),
    },
];

impl Method {
    /// `function` bound to `this`.
    #[inline]
    pub fn new(function: &Object, this: &Object) -> Result<Ref<Method>, Raised> {
        crate::object::create(Method {
            base: Object::of::<Method>(),
            function: Field::new(function.to_ref()),
            this: Field::new(this.to_ref()),
            weaklist: Cell::new(std::ptr::null()),
            vectorcall: Cell::new(method_vectorcall),
        })
    }

    /// What is called.
    #[inline(always)]
    pub fn function(&self) -> &Object {
        // SAFETY: filled when the method is made and only emptied by the collector, when nobody calls any more.
        unsafe { self.function.borrow().unwrap_unchecked() }
    }

    /// What it is bound to.
    #[inline(always)]
    pub fn receiver(&self) -> &Object {
        // SAFETY: as above.
        unsafe { self.this.borrow().unwrap_unchecked() }
    }
}

/// Calls the function with the receiver before the other arguments: in the free slot before them, if the caller lends it.
///
/// # Safety
/// As every vectorcall function; `callable` is a method.
unsafe extern "C" fn method_vectorcall(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    check_native_stack()?;
    // SAFETY: the slot is this type's own; the caller's arguments are as `flagged` and `names` say.
    unsafe {
        // The caller holds the method, which holds these two: `sys.getrefcount` shows no reference more.
        let method = callable.cast_unchecked::<Method>();
        let (function, this) = (method.function(), method.receiver());
        let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
        if flagged & VECTORCALL_ARGUMENTS_OFFSET != 0 {
            let place = arguments.sub(1).cast_mut().cast::<*const Object>();
            let saved = place.replace(this);
            let result = protocol::call::vectorcall_raw(function, place.cast_const().cast(), count + 1, names);
            place.write(saved);
            return result;
        }
        let arguments = crate::object::args::all(arguments, count as isize, names);
        protocol::call::call_with_receiver(function, this, arguments, names)
    }
}

#[pymethods(members = MEMBERS)]
impl Method {
    #[slot(tp_new)]
    #[signature(function, instance, /)]
    fn new_method(cls: &Type, function: &Object, instance: &Object) -> Result<Ref<Method>, Raised> {
        let _ = cls;
        if !protocol::is_callable(function) {
            return Err(raise!(TypeError, "first argument must be callable"));
        }
        if is_none(instance) {
            return Err(raise!(TypeError, "instance must not be None"));
        }
        Method::new(function, instance)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let function = self.function().to_ref();
        let name = match protocol::lookup_attribute(&function, crate::id!(__qualname__))? {
            Some(name) => Some(name),
            None => protocol::lookup_attribute(&function, crate::id!(__name__))?,
        };
        let this = protocol::repr(&self.receiver().to_ref())?;
        match name.as_ref().and_then(|name| name.downcast::<Str>()) {
            Some(name) => Str::from_format(format_args!("<bound method {name} of {this}>")),
            None => Str::from_format(format_args!("<bound method ? of {this}>")),
        }
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        let receiver = crate::hashing::hash_pointer(self.receiver().address());
        let function = protocol::hash(&self.function().to_ref())?;
        Ok(receiver ^ function)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Method>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        let same = self.receiver().is(other.receiver())
            && protocol::equal(&self.function().to_ref(), &other.function().to_ref())?;
        Ok(boolean(same == (op == CompareOp::Eq)))
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        protocol::call_tuple(self, args, kwargs)
    }

    #[slot(tp_getattro)]
    fn get_attribute(&self, name: &Object) -> Result<Ref, Raised> {
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        if let Some(found) = self.ty().lookup(name) {
            return match found.ty().tp_descr_get.get() {
                // SAFETY: the slot belongs to the type of what was found.
                Some(bind) => unsafe { bind(&found, Some(self), Some(&*self.type_ref())) },
                None => Ok(found),
            };
        }
        check_native_stack()?;
        protocol::get_attribute(&self.function().to_ref(), name)
    }

    #[getter]
    #[name = "__doc__"]
    fn doc(&self) -> Result<Ref, Raised> {
        check_native_stack()?;
        protocol::get_attribute(&self.function().to_ref(), crate::id!(__doc__))
    }

    /// Helper for pickle.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let builtins = crate::eval::builtins();
        let getattr = protocol::get_item(&builtins, &*Str::intern("getattr")?)?;
        let name = protocol::get_attribute(&self.function().to_ref(), crate::id!(__name__))?;
        let arguments = Tuple::from_refs([self.receiver().to_ref(), name])?;
        Tuple::from_refs([getattr, arguments.into_object()])
    }
}

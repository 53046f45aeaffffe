//! Proxies: weak references that act as their object (`weakref.proxy`).
//!
//! Every operation takes the object first; a dead one is a ReferenceError.

use habu_macros::{pymethods, pytype};

use super::value::{WeakReference, list_of};
use crate::object::protocol::operator::{self, Operator, binary_op, inplace_op};
use crate::object::protocol::{self, iterate, sequence};
use crate::object::slots::CompareOp;
use crate::object::{Object, PyType, Raised, Ref};
use crate::raise;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A proxy of an object that cannot be called.
#[pytype(name = "weakref.ProxyType", c_name = "_PyWeakref_ProxyType", doc = "", gc)]
pub struct Proxy {
    #[traverse]
    reference: WeakReference,
}

/// A proxy of an object that can be called.
#[pytype(name = "weakref.CallableProxyType", c_name = "_PyWeakref_CallableProxyType", doc = "", gc)]
pub struct CallableProxy {
    #[traverse]
    reference: WeakReference,
}

impl crate::object::Traverse for WeakReference {
    fn traverse(&self, visit: &crate::object::Visit) -> Result<(), crate::object::Stopped> {
        self.callback.traverse(visit)
    }

    fn clear(&self) {
        self.callback.set(None);
    }
}

/// Whether a reference is a proxy.
pub fn is_proxy(object: &Object) -> bool {
    object.is_exact::<Proxy>() || object.is_exact::<CallableProxy>()
}

/// Whether a reference is a proxy without a callback.
pub fn is_plain_proxy(reference: &WeakReference) -> bool {
    is_proxy(reference) && reference.callback.is_empty()
}

/// The object behind a proxy; anything else is itself.
fn target(object: &Object) -> Result<Ref, Raised> {
    if !is_proxy(object) {
        return Ok(object.to_ref());
    }
    // SAFETY: both kinds of proxy begin with a weak reference.
    let reference = unsafe { &*std::ptr::from_ref(object).cast::<WeakReference>() };
    reference.target().ok_or_else(|| raise!(ReferenceError, "weakly-referenced object no longer exists"))
}

/// A proxy of an object: the plain one there is, or a new one.
pub fn make(object: &Object, callback: Option<&Object>) -> Result<Ref, Raised> {
    let Some(list) = list_of(object) else {
        return Err(raise!(TypeError, "cannot create weak reference to '{}' object", object.ty().full_name()));
    };
    let callback = callback.filter(|callback| !is_none(callback));
    // SAFETY: references in the list are alive.
    let (first, second) = unsafe {
        let first = list.get().as_ref();
        let second = first.and_then(|first| first.next.get().as_ref());
        (first, second)
    };
    if callback.is_none()
        && let Some(known) = [first, second].into_iter().flatten().find(|known| is_plain_proxy(known))
    {
        return Ok(known.to_ref());
    }
    let mut fields = WeakReference::fields(object, callback.map(Object::to_ref));
    let proxy = if protocol::is_callable(object) {
        fields.base = Object::of::<CallableProxy>();
        crate::object::create(CallableProxy { reference: fields })?.into_object()
    } else {
        fields.base = Object::of::<Proxy>();
        crate::object::create(Proxy { reference: fields })?.into_object()
    };
    // SAFETY: both kinds of proxy begin with a weak reference; those in the list are alive.
    unsafe {
        let reference = &*proxy.as_pointer().as_ptr().cast::<WeakReference>();
        match list.get().as_ref().filter(|first| first.is_plain()) {
            Some(plain) => reference.link_after(plain),
            None => reference.link_first(list),
        }
    }
    Ok(proxy)
}

/// Both kinds have the same slots but for calling.
macro_rules! proxy_slots {
    ($ty:ident { $($extra:tt)* }) => {
        #[pymethods]
        impl $ty {
            #[slot(tp_repr)]
            fn repr(&self) -> Result<Ref<Str>, Raised> {
                let target = self.reference.target();
                let (kind, place) = match &target {
                    Some(target) => (target.ty().full_name().to_owned(), target.address()),
                    None => ("NoneType".to_owned(), none().address()),
                };
                Str::from_format(format_args!("<weakproxy at {:#x} to {kind} at {place:#x}>", self.address()))
            }

            #[slot(tp_str)]
            fn str(&self) -> Result<Ref<Str>, Raised> {
                protocol::str(&*target(self)?)
            }

            #[slot(tp_getattro)]
            fn get_attribute(&self, name: &Object) -> Result<Ref, Raised> {
                match name.downcast::<Str>() {
                    Some(name) => protocol::get_attribute(&*target(self)?, name),
                    None => Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name())),
                }
            }

            #[slot(tp_setattro)]
            fn set_attribute(&self, name: &Object, value: Option<&Object>) -> Result<(), Raised> {
                match name.downcast::<Str>() {
                    Some(name) => protocol::set_attribute(&*target(self)?, name, value),
                    None => Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name())),
                }
            }

            #[slot(tp_richcompare)]
            fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
                protocol::compare(&*target(self)?, &*target(other)?, op)
            }

            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                iterate::iterator(&*target(self)?)
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let target = target(self)?;
                if !iterate::is_iterator(&target) {
                    return Err(raise!(
                        TypeError,
                        "Weakref proxy referenced a non-iterator '{}' object",
                        target.ty().full_name()
                    ));
                }
                iterate::next(&target)
            }

            #[slot(mp_length)]
            fn length(&self) -> Result<usize, Raised> {
                sequence::length(&*target(self)?)
            }

            #[slot(mp_subscript)]
            fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
                sequence::get_item(&*target(self)?, &*target(key)?)
            }

            #[slot(mp_ass_subscript)]
            fn set_subscript(&self, key: &Object, value: Option<&Object>) -> Result<(), Raised> {
                match value {
                    Some(value) => sequence::set_item(&*target(self)?, key, value),
                    None => sequence::delete_item(&*target(self)?, key),
                }
            }

            #[slot(sq_contains)]
            fn contains(&self, value: &Object) -> Result<bool, Raised> {
                sequence::contains(&*target(self)?, value)
            }

            #[slot(nb_bool)]
            fn truth(&self) -> Result<bool, Raised> {
                protocol::truth(&*target(self)?)
            }

            #[slot(nb_power)]
            fn power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
                let none = none();
                operator::power(&*target(left)?, &*target(right)?, &*target(modulus.unwrap_or(&none))?)
            }

            #[slot(nb_inplace_power)]
            fn inplace_power(left: &Object, right: &Object, modulus: Option<&Object>) -> Result<Ref, Raised> {
                let none = none();
                operator::inplace_power(&*target(left)?, &*target(right)?, &*target(modulus.unwrap_or(&none))?)
            }

            #[slot(nb_divmod)]
            fn divmod(left: &Object, right: &Object) -> Result<Ref, Raised> {
                operator::divmod(&*target(left)?, &*target(right)?)
            }

            #[slot(nb_negative)]
            fn negative(&self) -> Result<Ref, Raised> {
                operator::negative(&*target(self)?)
            }

            #[slot(nb_positive)]
            fn positive(&self) -> Result<Ref, Raised> {
                operator::positive(&*target(self)?)
            }

            #[slot(nb_absolute)]
            fn absolute(&self) -> Result<Ref, Raised> {
                operator::absolute(&*target(self)?)
            }

            #[slot(nb_invert)]
            fn invert(&self) -> Result<Ref, Raised> {
                operator::invert(&*target(self)?)
            }

            #[slot(nb_int)]
            fn int(&self) -> Result<Ref, Raised> {
                protocol::call1(crate::types::int::Int::type_object(), &*target(self)?)
            }

            #[slot(nb_float)]
            fn float(&self) -> Result<Ref, Raised> {
                protocol::call1(crate::types::float::Float::type_object(), &*target(self)?)
            }

            #[slot(nb_index)]
            fn index(&self) -> Result<Ref, Raised> {
                protocol::number::index(&*target(self)?).map(Ref::into_object)
            }

            #[slot(nb_add)]
            fn add(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Add)
            }

            #[slot(nb_subtract)]
            fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Subtract)
            }

            #[slot(nb_multiply)]
            fn multiply(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Multiply)
            }

            #[slot(nb_remainder)]
            fn remainder(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Remainder)
            }

            #[slot(nb_lshift)]
            fn lshift(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::LeftShift)
            }

            #[slot(nb_rshift)]
            fn rshift(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::RightShift)
            }

            #[slot(nb_and)]
            fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::And)
            }

            #[slot(nb_xor)]
            fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Xor)
            }

            #[slot(nb_or)]
            fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::Or)
            }

            #[slot(nb_floor_divide)]
            fn floor_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::FloorDivide)
            }

            #[slot(nb_true_divide)]
            fn true_divide(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::TrueDivide)
            }

            #[slot(nb_matrix_multiply)]
            fn matrix_multiply(left: &Object, right: &Object) -> Result<Ref, Raised> {
                binary_op(&*target(left)?, &*target(right)?, Operator::MatrixMultiply)
            }

            #[slot(nb_inplace_add)]
            fn inplace_add(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Add)
            }

            #[slot(nb_inplace_subtract)]
            fn inplace_subtract(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Subtract)
            }

            #[slot(nb_inplace_multiply)]
            fn inplace_multiply(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Multiply)
            }

            #[slot(nb_inplace_matrix_multiply)]
            fn inplace_matrix_multiply(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::MatrixMultiply)
            }

            #[slot(nb_inplace_remainder)]
            fn inplace_remainder(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Remainder)
            }

            #[slot(nb_inplace_or)]
            fn inplace_or(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Or)
            }

            #[slot(nb_inplace_floor_divide)]
            fn inplace_floor_divide(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::FloorDivide)
            }

            #[slot(nb_inplace_true_divide)]
            fn inplace_true_divide(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::TrueDivide)
            }

            #[slot(nb_inplace_lshift)]
            fn inplace_lshift(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::LeftShift)
            }

            #[slot(nb_inplace_rshift)]
            fn inplace_rshift(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::RightShift)
            }

            #[slot(nb_inplace_and)]
            fn inplace_and(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::And)
            }

            #[slot(nb_inplace_xor)]
            fn inplace_xor(&self, other: &Object) -> Result<Ref, Raised> {
                inplace_op(&*target(self)?, &*target(other)?, Operator::Xor)
            }

            $($extra)*
        }
    };
}

proxy_slots! {
    Proxy {
        #[no_signature]
        fn __bytes__(&self) -> Result<Ref, Raised> {
            protocol::call_method(&*target(self)?, crate::id!(__bytes__), &[])
        }

        #[no_signature]
        fn __reversed__(&self) -> Result<Ref, Raised> {
            protocol::call_method(&*target(self)?, crate::id!(__reversed__), &[])
        }
    }
}
proxy_slots! {
    CallableProxy {
        #[slot(tp_call)]
        fn call(&self, args: &Tuple, kwargs: Option<&crate::types::dict::Dict>) -> Result<Ref, Raised> {
            protocol::call_tuple(&*target(self)?, args, kwargs)
        }
    }
}

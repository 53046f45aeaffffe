//! Members of an object's layout: `__slots__`, and fields of built-in types.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::DescriptorHead;
use crate::object::descriptor_tables::*;
use crate::object::{Field, MemberDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::float::Float;
use crate::types::int::Int;
use crate::types::singletons::{boolean, is_none, none};
use crate::types::str::Str;

/// A member (`PyMemberDescrObject`). The definition is kept by value: those of `__slots__` belong to their descriptors alone.
#[pytype(name = "member_descriptor", generic_get, c_name = "PyMemberDescr_Type", doc = "", gc)]
pub struct MemberDescriptor {
    #[traverse]
    head: DescriptorHead,
    definition: Cell<*const MemberDef>,
}

crate::assert_layout!(MemberDescriptor, size 48);

impl MemberDescriptor {
    /// The descriptor of a member.
    pub fn new(owner: &Type, name: &Str, definition: MemberDef) -> Result<Ref<MemberDescriptor>, Raised> {
        let Some(memory) = habu_heap::alloc(habu_heap::Domain::Object, size_of::<MemberDef>()) else {
            return Err(crate::exceptions::memory_error());
        };
        // SAFETY: the memory is large enough and aligned.
        unsafe { memory.cast::<MemberDef>().write(definition) };
        crate::object::create(MemberDescriptor {
            head: DescriptorHead::of::<MemberDescriptor>(owner, name),
            definition: Cell::new(memory.cast::<MemberDef>().as_ptr()),
        })
    }

    /// The member's kind, place and rights.
    pub fn definition(&self) -> MemberDef {
        // SAFETY: the definition is written when the descriptor is made and freed with it.
        unsafe { *self.definition.get() }
    }

    /// The type that the member belongs to.
    pub fn owner(&self) -> Ref<Type> {
        self.head.owner()
    }
}

impl Drop for MemberDescriptor {
    fn drop(&mut self) {
        if let Some(memory) = std::ptr::NonNull::new(self.definition.get().cast_mut()) {
            // SAFETY: allocated in `new` with this size.
            unsafe { habu_heap::free(habu_heap::Domain::Object, memory.cast(), size_of::<MemberDef>()) };
        }
    }
}

/// Reads a member of an object that has it.
///
/// # Safety
/// The object's layout must have a member of the kind at the offset.
unsafe fn read(object: &Object, definition: &MemberDef, name: &Str) -> Result<Ref, Raised> {
    let place = std::ptr::from_ref(object).cast::<u8>();
    // SAFETY: by the contract.
    let place = unsafe { place.offset(definition.offset) };
    macro_rules! integer {
        ($ty:ty) => {
            // SAFETY: by the contract.
            Ok(Int::from_i64(unsafe { place.cast::<$ty>().read_unaligned() } as i64)?.into_object())
        };
    }
    match definition.kind {
        T_OBJECT | T_OBJECT_EX => {
            // SAFETY: by the contract: the field holds a reference or nothing.
            let value = unsafe { &*place.cast::<Field>() }.get();
            match value {
                Some(value) => Ok(value),
                None if definition.kind == T_OBJECT => Ok(none()),
                None => Err(raise!(AttributeError, "'{}' object has no attribute '{}'", object.ty().full_name(), name)),
            }
        }
        // SAFETY: by the contract, for all below.
        T_BOOL => Ok(boolean(unsafe { place.read() } != 0)),
        T_BYTE => integer!(i8),
        T_UBYTE => integer!(u8),
        T_SHORT => integer!(i16),
        T_USHORT => integer!(u16),
        T_INT => integer!(i32),
        T_UINT => integer!(u32),
        T_LONG | T_LONGLONG | T_PYSSIZET => integer!(i64),
        T_ULONG | T_ULONGLONG => {
            // SAFETY: by the contract.
            Ok(Int::from_u64(unsafe { place.cast::<u64>().read_unaligned() })?.into_object())
        }
        // SAFETY: by the contract.
        T_FLOAT => Ok(Float::new(f64::from(unsafe { place.cast::<f32>().read_unaligned() }))?.into_object()),
        // SAFETY: by the contract.
        T_DOUBLE => Ok(Float::new(unsafe { place.cast::<f64>().read_unaligned() })?.into_object()),
        T_STRING => {
            // SAFETY: by the contract: a C string or null.
            let text = unsafe { place.cast::<*const std::ffi::c_char>().read() };
            if text.is_null() {
                return Ok(none());
            }
            // SAFETY: as above.
            let text = unsafe { std::ffi::CStr::from_ptr(text) };
            Ok(Str::new(&text.to_string_lossy())?.into_object())
        }
        T_STRING_INPLACE => {
            // SAFETY: by the contract: a C string that stands in the object.
            let text = unsafe { std::ffi::CStr::from_ptr(place.cast()) };
            Ok(Str::new(&text.to_string_lossy())?.into_object())
        }
        // SAFETY: by the contract.
        T_CHAR => Ok(Str::from_latin1(&[unsafe { place.read() }])?.into_object()),
        T_NONE => Ok(none()),
        kind => Err(raise!(SystemError, "bad memberdescr type for {} ({kind})", name)),
    }
}

/// Writes or deletes a member of an object that has it.
///
/// # Safety
/// As `read`.
unsafe fn write(object: &Object, definition: &MemberDef, name: &Str, value: Option<&Object>) -> Result<(), Raised> {
    if definition.flags & READONLY != 0 {
        return Err(raise!(AttributeError, "readonly attribute"));
    }
    let place = std::ptr::from_ref(object).cast::<u8>();
    // SAFETY: by the contract.
    let place = unsafe { place.offset(definition.offset).cast_mut() };
    if definition.kind == T_OBJECT || definition.kind == T_OBJECT_EX {
        // SAFETY: by the contract.
        let field = unsafe { &*place.cast::<Field>() };
        if value.is_none() && field.is_empty() && definition.kind == T_OBJECT_EX {
            return Err(raise!(AttributeError, "{name}"));
        }
        field.set(value.map(Object::to_ref));
        return Ok(());
    }
    let Some(value) = value else { return Err(raise!(TypeError, "can't delete numeric/char attribute")) };
    // SAFETY: by the contract, for all writes below.
    unsafe {
        match definition.kind {
            T_BOOL => {
                if value.downcast::<crate::types::int::Bool>().is_none() {
                    return Err(raise!(TypeError, "attribute value type must be bool"));
                }
                place.write(u8::from(crate::object::protocol::truth(value)?));
            }
            T_FLOAT => place.cast::<f32>().write_unaligned(crate::object::protocol::number::to_f64(value)? as f32),
            T_DOUBLE => place.cast::<f64>().write_unaligned(crate::object::protocol::number::to_f64(value)?),
            T_CHAR => match value.downcast::<Str>().map(|text| text.chars()) {
                Some(text) if text.len() == 1 => place.write(text.at(0) as u8),
                _ => return Err(raise!(TypeError, "bad argument type for built-in operation")),
            },
            T_STRING | T_STRING_INPLACE => return Err(raise!(TypeError, "readonly attribute")),
            kind => {
                let number = crate::object::protocol::number::to_i128_index(value, "long")?;
                let truncated = match kind {
                    T_BYTE => (i8::try_from(number).is_err(), "char"),
                    T_UBYTE => (u8::try_from(number).is_err(), "unsigned char"),
                    T_SHORT => (i16::try_from(number).is_err(), "short"),
                    T_USHORT => (u16::try_from(number).is_err(), "unsigned short"),
                    T_INT => (i32::try_from(number).is_err(), "int"),
                    _ => (false, ""),
                };
                if let (true, name) = truncated {
                    let category = crate::exceptions::exc::RuntimeWarning();
                    crate::exceptions::warn::warn(category, format_args!("Truncation of value to {name}"), 1)?;
                }
                match kind {
                    T_BYTE | T_UBYTE => place.write(number as u8),
                    T_SHORT | T_USHORT => place.cast::<u16>().write_unaligned(number as u16),
                    T_INT | T_UINT => place.cast::<u32>().write_unaligned(number as u32),
                    T_LONG | T_LONGLONG | T_PYSSIZET => {
                        let number = i64::try_from(number)
                            .map_err(|_| raise!(OverflowError, "Python int too large to convert to C long"))?;
                        place.cast::<i64>().write_unaligned(number);
                    }
                    T_ULONG | T_ULONGLONG => place.cast::<u64>().write_unaligned(number as u64),
                    _ => return Err(raise!(SystemError, "bad memberdescr type for {}", name)),
                }
            }
        }
    }
    Ok(())
}

#[pymethods]
impl MemberDescriptor {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.head.repr("member")
    }

    #[slot(tp_descr_get)]
    fn get(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance else { return Ok(self.to_ref()) };
        self.head.check_receiver(instance)?;
        let name = self.head.name.get().unwrap_or_else(crate::types::str::intern::empty);
        let definition = self.definition();
        if definition.flags & AUDIT_READ != 0 {
            crate::audit!("object.__getattr__", instance.to_ref(), name.clone())?;
        }
        // SAFETY: the receiver is an instance of the type that the member belongs to.
        unsafe { read(instance, &definition, &name) }
    }

    #[slot(tp_descr_set)]
    fn set(&self, instance: &Object, value: Option<&Object>) -> Result<(), Raised> {
        self.head.check_receiver(instance)?;
        let name = self.head.name.get().unwrap_or_else(crate::types::str::intern::empty);
        // SAFETY: as in `get`.
        unsafe { write(instance, &self.definition(), &name, value) }
    }

    #[getter]
    fn __name__(&self) -> Result<Option<Ref<Str>>, Raised> {
        Ok(self.head.name.get())
    }

    #[getter]
    fn __objclass__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.head.owner())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.head.qualified_name()
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<&'static str>, Raised> {
        Ok(self.definition().doc())
    }

    fn __reduce__(&self) -> Result<Ref<crate::types::tuple::Tuple>, Raised> {
        let name = self.head.name.get().unwrap_or_else(crate::types::str::intern::empty);
        super::method::reduce_attribute(&self.head.owner(), &name)
    }
}

/// For callers that have an argument that may be None.
pub fn present(object: &Object) -> Option<&Object> {
    (!is_none(object)).then_some(object)
}

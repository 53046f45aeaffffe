//! Descriptors of built-in types: methods, class methods, members, computed attributes, slot wrappers (`PyDescrObject`).
//!
//! Each knows the type that it belongs to and checks its receiver against it.

pub mod getset;
pub mod member;
pub mod method;
pub mod wrapper;

use crate::object::descriptor_tables::{METH_CLASS, METH_COEXIST, METH_STATIC};
use crate::object::{Field, GetSetDef, MemberDef, MethodDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;

pub use getset::GetSetDescriptor;
pub use member::MemberDescriptor;
pub use method::{ClassMethodDescriptor, MethodDescriptor};
pub use wrapper::{MethodWrapper, WrapperDescriptor};

/// What all descriptors begin with (`PyDescrObject`, 40 bytes).
#[repr(C)]
pub struct DescriptorHead {
    /// The header.
    pub base: Object,
    /// The type that the descriptor belongs to.
    pub owner: Field<Type>,
    /// The attribute's name.
    pub name: Field<Str>,
    /// `__qualname__`, once it was asked for.
    pub qualname: Field,
}

impl crate::object::Traverse for DescriptorHead {
    fn traverse(&self, visit: &crate::object::Visit) -> Result<(), crate::object::Stopped> {
        self.owner.traverse(visit)
    }

    fn clear(&self) {}
}

impl DescriptorHead {
    /// The head of a descriptor of `owner` with the layout `T`.
    pub fn of<T: crate::object::PyType>(owner: &Type, name: &Str) -> DescriptorHead {
        DescriptorHead {
            base: Object::of::<T>(),
            owner: Field::new(Ref::from_borrowed(owner)),
            name: Field::new(Ref::from_borrowed(name)),
            qualname: Field::empty(),
        }
    }

    /// The type that the descriptor belongs to.
    pub fn owner(&self) -> Ref<Type> {
        self.owner.get().unwrap_or_else(|| self.base.type_ref())
    }

    /// The name for messages.
    pub fn name_text(&self) -> String {
        self.name.get().map(|name| name.to_string_lossy()).unwrap_or_default()
    }

    /// Refuses a receiver that is no instance of the owner.
    pub fn check_receiver(&self, receiver: &Object) -> Result<(), Raised> {
        // SAFETY: the owner is set once, when the descriptor is made.
        let owner = unsafe { self.owner.borrow() };
        if owner.is_some_and(|owner| receiver.ty().is_subtype(owner)) {
            return Ok(());
        }
        Err(raise!(
            TypeError,
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            self.name_text(),
            self.owner().full_name(),
            receiver.ty().full_name()
        ))
    }

    /// Refuses a receiver of a call `T.method(receiver)`.
    pub fn check_call_receiver(&self, receiver: Option<&Object>) -> Result<(), Raised> {
        let Some(receiver) = receiver else {
            return Err(raise!(
                TypeError,
                "unbound method {}.{}() needs an argument",
                self.owner().full_name(),
                self.name_text()
            ));
        };
        self.check_receiver(receiver)
    }

    /// Whether an object may be the receiver: an instance of the owner.
    #[inline(always)]
    pub(crate) fn accepts(&self, receiver: &Object) -> bool {
        let owner = self.owner.pointer();
        // SAFETY: the owner is set once, when the descriptor is made.
        std::ptr::eq(receiver.ty.get(), owner)
            || unsafe { owner.as_ref() }.is_some_and(|ty| receiver.ty().is_subtype(ty))
    }

    /// `__qualname__`: that of the owner, a dot and the name.
    pub fn qualified_name(&self) -> Result<Ref, Raised> {
        if let Some(known) = self.qualname.get() {
            return Ok(known);
        }
        let owner = crate::object::protocol::get_attribute(&self.owner(), crate::id!(__qualname__))?;
        let Some(text) = owner.downcast::<Str>() else {
            return Err(raise!(TypeError, "<descriptor>.__objclass__.__qualname__ is not a unicode object"));
        };
        let name = Str::from_format(format_args!("{}.{}", text, self.name_text()))?.into_object();
        self.qualname.set(Some(name.clone()));
        Ok(name)
    }

    /// `<kind 'name' of 'owner' objects>`
    pub fn repr(&self, kind: &str) -> Result<Ref<Str>, Raised> {
        Str::from_format(format_args!("<{kind} '{}' of '{}' objects>", self.name_text(), self.owner().name()))
    }
}

/// The text signature in a docstring, or None.
pub fn text_signature(name: &str, doc: Option<&str>) -> Result<Option<Ref<Str>>, Raised> {
    match doc.and_then(|doc| crate::object::descriptor_tables::split_doc(name, doc).0) {
        Some(signature) => Str::new(signature).map(Some),
        None => Ok(None),
    }
}

/// The docstring without the text signature, or None.
pub fn doc_text(name: &str, doc: Option<&str>) -> Result<Option<Ref<Str>>, Raised> {
    match doc {
        // A compiled function may have an empty one, or a signature alone: that is none.
        Some(doc) => match crate::object::descriptor_tables::split_doc(name, doc).1 {
            "" => Ok(None),
            text => Str::new(text).map(Some),
        },
        None => Ok(None),
    }
}

/// Adds the methods of a table to a type's dictionary.
pub fn add_methods(ty: &Type, dict: &Dict, methods: &'static [MethodDef]) -> Result<(), Raised> {
    for method in methods {
        let name = Str::intern(method.name())?;
        if method.flags & METH_COEXIST == 0 && dict.get_name(&name).is_some() {
            continue;
        }
        if method.flags & METH_CLASS != 0 {
            dict.set(&name, &*ClassMethodDescriptor::new(ty, &name, method)?)?;
        } else if method.flags & METH_STATIC != 0 {
            let function = crate::types::builtin_function::BuiltinFunction::of_static(method, ty)?;
            dict.set(&name, &*crate::types::property::StaticMethod::wrap(&function)?)?;
        } else {
            dict.set(&name, &*MethodDescriptor::new(ty, &name, method)?)?;
        }
    }
    Ok(())
}

/// Adds the members of a table to a type's dictionary.
pub fn add_members(ty: &Type, dict: &Dict, members: &'static [MemberDef]) -> Result<(), Raised> {
    for member in members {
        let name = Str::intern(member.name())?;
        if dict.get_name(&name).is_none() {
            dict.set(&name, &*MemberDescriptor::new(ty, &name, *member)?)?;
        }
    }
    Ok(())
}

/// Adds the computed attributes of a table to a type's dictionary.
pub fn add_getsets(ty: &Type, dict: &Dict, getsets: &'static [GetSetDef]) -> Result<(), Raised> {
    for getset in getsets {
        let name = Str::intern(getset.name())?;
        if dict.get_name(&name).is_none() {
            dict.set(&name, &*GetSetDescriptor::new(ty, &name, getset)?)?;
        }
    }
    Ok(())
}

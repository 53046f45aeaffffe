//! `defaultdict`: a dictionary that makes the values that it is asked for.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::{exc, raise_with_arguments};
use habu_runtime::object::descriptor_tables::T_OBJECT;
use habu_runtime::object::protocol::repr_guard::guarded;
use habu_runtime::object::protocol::{
    self, TextBuilder, call_method, call_tuple, call0, is_callable, iterator, repr, set_item,
};
use habu_runtime::object::{Field, MemberDef, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{none, not_implemented};
use habu_runtime::{assert_layout, ends_in_order, id, raise};

/// defaultdict(default_factory=None, /, [...]) --> dict with default factory
///
/// The default factory is called without arguments to produce
/// a new value when a key is not present, in __getitem__ only.
/// A defaultdict compares equal to a dict with the same items.
/// All remaining arguments are treated the same as if they were
/// passed to the dict constructor, including keyword arguments.
#[pytype(name = "collections.defaultdict", generic_get, gc, basetype, base = habu_runtime::types::dict::DICT_TYPE)]
pub(super) struct DefaultDict {
    dict: Dict,
    factory: Field,
}

assert_layout!(DefaultDict, size 56, factory @ 48);
ends_in_order!(DefaultDict: factory);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"default_factory".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(DefaultDict, factory) as isize,
    flags: 0,
    doc: c"Factory for default value called by __missing__().".as_ptr(),
}];

impl DefaultDict {
    fn factory(&self) -> Ref {
        self.factory.get().unwrap_or_else(none)
    }

    /// The slots of dict, which this type's own ones build on.
    fn parent() -> &'static Type {
        Dict::type_object()
    }

    fn duplicate(&self) -> Result<Ref, Raised> {
        protocol::call(&self.type_ref(), &[&self.factory(), self])
    }
}

#[pymethods(members = MEMBERS)]
impl DefaultDict {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        let factory = args.get(0);
        if let Some(factory) = &factory
            && !is_none(factory)
            && !is_callable(factory)
        {
            return Err(raise!(TypeError, "first argument must be callable or None"));
        }
        let rest = Tuple::from_slice(args.as_slice().get(1..).unwrap_or(&[]))?;
        self.factory.set(factory.filter(|factory| !is_none(factory)));
        match DefaultDict::parent().tp_init.get() {
            // SAFETY: this is an instance of a subclass of dict.
            Some(init) => unsafe { init(self, &rest, kwargs) }.result(),
            None => Ok(()),
        }
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.factory.traverse(visit)?;
        if let Some(traverse) = DefaultDict::parent().tp_traverse.get() {
            // SAFETY: this is an instance of a subclass of dict.
            unsafe { visit.by(traverse, self) }?;
        }
        Ok(())
    }

    #[slot(tp_clear)]
    fn drop_items(&self) {
        self.factory.set(None);
        self.dict.clear_items();
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let items = match DefaultDict::parent().tp_repr.get() {
            // SAFETY: this is an instance of a subclass of dict.
            Some(slot) => unsafe { slot(self) }?,
            None => none(),
        };
        let factory = self.factory();
        // The factory may be a method of this very dictionary.
        let factory = guarded(&factory, || Str::new("..."), || repr(&factory))?;
        let mut text = TextBuilder::new();
        text.push(&*Str::new(self.ty().name())?)?;
        text.push_ascii("(")?;
        text.push(&factory)?;
        text.push_ascii(", ")?;
        text.push(&*protocol::str(&items)?)?;
        text.push_ascii(")")?;
        text.finish()
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        let (ours, other) = match left.downcast::<DefaultDict>() {
            Some(ours) => (ours, right),
            None => match right.downcast::<DefaultDict>() {
                Some(ours) => (ours, left),
                None => return Ok(not_implemented()),
            },
        };
        if !other.isinstance::<Dict>() {
            return Ok(not_implemented());
        }
        let new = if left.isinstance::<DefaultDict>() {
            ours.duplicate()?
        } else {
            let arguments = Tuple::from_refs([ours.factory(), left.to_ref()])?;
            call_tuple(&ours.type_ref(), &arguments, None)?
        };
        let update = Str::intern("update")?;
        call_method(&new, &update, &[right])?;
        Ok(new)
    }

    /// __missing__(key) # Called by __getitem__ for missing key; pseudo-code:
    ///   if self.default_factory is None: raise KeyError((key,))
    ///   self[key] = value = self.default_factory()
    ///   return value
    #[name = "__missing__"]
    #[no_signature]
    fn missing(&self, key: &Object) -> Result<Ref, Raised> {
        let Some(factory) = self.factory.get().filter(|factory| !is_none(factory)) else {
            return Err(raise_with_arguments(exc::KeyError(), &[key]));
        };
        let value = call0(&factory)?;
        set_item(self, key, &value)?;
        Ok(value)
    }

    /// D.copy() -> a shallow copy of D.
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        self.duplicate()
    }

    /// D.copy() -> a shallow copy of D.
    #[name = "__copy__"]
    #[no_signature]
    fn shallow_copy(&self) -> Result<Ref, Raised> {
        self.duplicate()
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let arguments = match self.factory.get().filter(|factory| !is_none(factory)) {
            Some(factory) => Tuple::from_refs([factory])?,
            None => Tuple::empty(),
        };
        let items = iterator(&*call_method(self, id!(items), &[])?)?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object(), none(), none(), items])
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}

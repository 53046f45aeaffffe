//! The alias: a class and what it was subscripted with. It forwards attributes and calls to the class.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};

use super::substitute::{collect_parameters, substitute};
use super::text::push_item;
use crate::exceptions::exc;
use crate::id;
use crate::object::descriptor_tables::{READONLY, T_BOOL, T_OBJECT};
use crate::object::protocol::attribute::ignore;
use crate::object::protocol::sequence::{check_count, no_keywords};
use crate::object::protocol::{self, TextBuilder};
use crate::object::slots::{CompareOp, VectorcallFunc};
use crate::object::typeobject::flags;
use crate::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type};
use crate::raise;
use crate::threads::thread::check_native_stack;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none, not_implemented};

/// Represent a PEP 585 generic type
///
/// E.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).
#[pytype(name = "types.GenericAlias", c_name = "Py_GenericAliasType", gc, basetype, weaklist = weaklist, vectorcall = vectorcall)]
pub struct GenericAlias {
    base: Object,
    #[traverse]
    origin: Field,
    #[traverse]
    args: Field<Tuple>,
    /// The type variables, once they were asked for.
    #[traverse]
    parameters: Field<Tuple>,
    weaklist: Cell<*const Object>,
    /// Whether it stands with a star before it.
    starred: Cell<bool>,
    vectorcall: Cell<Option<VectorcallFunc>>,
}

crate::assert_layout!(GenericAlias, size 64, origin @ 16, args @ 24, weaklist @ 40, vectorcall @ 56);

const fn member(name: &'static std::ffi::CStr, kind: i32, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"__origin__", T_OBJECT, offset_of!(GenericAlias, origin)),
    member(c"__args__", T_OBJECT, offset_of!(GenericAlias, args)),
    member(c"__unpacked__", T_BOOL, offset_of!(GenericAlias, starred)),
];

/// The attributes that are the alias's own; all others are the class's.
const OWN_ATTRIBUTES: &[&str] = &[
    "__class__",
    "__bases__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
];

/// `origin[args]`: what `__class_getitem__` of the built-in classes gives. What is not a tuple is the one argument.
pub fn alias(origin: &Object, args: &Object) -> Result<Ref, Raised> {
    Ok(GenericAlias::make(GenericAlias::type_object(), origin, args, false)?.into_object())
}

/// Calls the class and notes the alias in the new object's `__orig_class__`, where it takes that.
///
/// # Safety
/// As every vectorcall.
unsafe extern "C" fn call_alias(
    this: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    check_native_stack()?;
    // SAFETY: the function stands in aliases only.
    let this = unsafe { this.cast_unchecked::<GenericAlias>() };
    let origin = this.origin();
    // SAFETY: the arguments are passed on as they came; the slot before them is the callee's to use, as it was ours.
    let object = unsafe { protocol::call::vectorcall_raw(&origin, arguments, flagged, names) }?;
    if let Err(raised) = protocol::set_attribute(&object, id!(__orig_class__), Some(this))
        && let Err(raised) = ignore::<()>(raised, exc::AttributeError())
    {
        ignore::<()>(raised, exc::TypeError())?;
    }
    Ok(object)
}

impl GenericAlias {
    fn make(cls: &Type, origin: &Object, args: &Object, starred: bool) -> Result<Ref<GenericAlias>, Raised> {
        let args = match args.downcast::<Tuple>() {
            Some(args) => Ref::from_borrowed(args),
            None => Tuple::from_borrowed(&[args])?,
        };
        let callable = origin.ty().has_flag(flags::HAVE_VECTORCALL) || protocol::is_callable(origin);
        crate::object::instantiate(
            cls,
            GenericAlias {
                base: Object::header(cls),
                origin: Field::new(origin.to_ref()),
                args: Field::new(args),
                parameters: Field::empty(),
                weaklist: Cell::new(std::ptr::null()),
                starred: Cell::new(starred),
                vectorcall: Cell::new(callable.then_some(call_alias as VectorcallFunc)),
            },
        )
    }

    /// The class.
    pub fn origin(&self) -> Ref {
        self.origin.get().unwrap_or_else(none)
    }

    /// What the class was subscripted with.
    pub fn args(&self) -> Ref<Tuple> {
        self.args.get().unwrap_or_else(Tuple::empty)
    }

    fn own_parameters(&self) -> Result<Ref<Tuple>, Raised> {
        if let Some(parameters) = self.parameters.get() {
            return Ok(parameters);
        }
        check_native_stack()?;
        let parameters = collect_parameters(&self.args())?;
        self.parameters.set(Some(parameters.clone()));
        Ok(parameters)
    }
}

#[pymethods(members = MEMBERS)]
impl GenericAlias {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<GenericAlias>, Raised> {
        no_keywords("GenericAlias", kwargs)?;
        check_count("GenericAlias", args.len(), 2, 2)?;
        let (origin, arguments) = (args.get(0).unwrap_or_else(none), args.get(1).unwrap_or_else(none));
        GenericAlias::make(cls, &origin, &arguments, false)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let mut text = TextBuilder::new();
        if self.starred.get() {
            text.push_ascii("*")?;
        }
        push_item(&mut text, &self.origin())?;
        text.push_ascii("[")?;
        let args = self.args();
        for (index, item) in args.as_slice().iter().enumerate() {
            if index > 0 {
                text.push_ascii(", ")?;
            }
            push_item(&mut text, item)?;
        }
        text.push_ascii(if args.len() == 0 { "()]" } else { "]" })?;
        text.finish()
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Ok(protocol::hash(&self.origin())? ^ protocol::hash(&self.args())?)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let object = protocol::call_tuple(&self.origin(), args, kwargs)?;
        if let Err(raised) = protocol::set_attribute(&object, id!(__orig_class__), Some(self))
            && let Err(raised) = ignore::<()>(raised, exc::AttributeError())
        {
            ignore::<()>(raised, exc::TypeError())?;
        }
        Ok(object)
    }

    #[slot(tp_getattro)]
    fn get_attribute(&self, name: &Object) -> Result<Ref, Raised> {
        match name.downcast::<Str>() {
            Some(name) if !OWN_ATTRIBUTES.iter().any(|own| name.equals(own)) => {
                check_native_stack()?;
                protocol::get_attribute(&self.origin(), name)
            }
            // SAFETY: the generic lookup is for objects of any type.
            _ => unsafe { crate::types::object::generic_get_attribute(self, name) },
        }
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<GenericAlias>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        let same = self.starred.get() == other.starred.get()
            && protocol::equal(&self.origin(), &other.origin())?
            && protocol::equal(&self.args(), &other.args())?;
        Ok(boolean(same == (op == CompareOp::Eq)))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<GenericAliasIterator>, Raised> {
        crate::object::create(GenericAliasIterator {
            base: Object::of::<GenericAliasIterator>(),
            alias: Field::new(Ref::from_borrowed(self)),
        })
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        crate::types::union_::union_of(left, right)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, item: &Object) -> Result<Ref<GenericAlias>, Raised> {
        check_native_stack()?;
        let args = substitute(self, &self.args(), &*self.own_parameters()?, item)?;
        GenericAlias::make(self.ty(), &self.origin(), &args, self.starred.get())
    }

    #[name = "__mro_entries__"]
    #[no_signature]
    fn mro_entries(&self, _bases: &Object) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([self.origin()])
    }

    #[name = "__instancecheck__"]
    #[no_signature]
    fn instance_check(&self, _instance: &Object) -> Result<Ref, Raised> {
        Err(raise!(TypeError, "isinstance() argument 2 cannot be a parameterized generic"))
    }

    #[name = "__subclasscheck__"]
    #[no_signature]
    fn subclass_check(&self, _class: &Object) -> Result<Ref, Raised> {
        Err(raise!(TypeError, "issubclass() argument 2 cannot be a parameterized generic"))
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        if self.starred.get() {
            let plain = GenericAlias::make(GenericAlias::type_object(), &self.origin(), &self.args(), false)?;
            let next = crate::types::iterators::builtin(id!(next))?;
            let items = plain.iter()?.into_object();
            return Tuple::from_refs([next, Tuple::from_refs([items])?.into_object()]);
        }
        let arguments = Tuple::from_refs([self.origin(), self.args().into_object()])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
    }

    #[name = "__dir__"]
    #[no_signature]
    fn dir(&self) -> Result<Ref<List>, Raised> {
        let names = protocol::call_method(&self.origin(), id!(__dir__), &[]).or_else(|raised| {
            // The `__dir__` of a class is its metaclass's, called on the class.
            raised.clear();
            let method = protocol::lookup_special(&self.origin(), id!(__dir__))?;
            method.map_or_else(|| Ok(List::new()?.into_object()), |method| protocol::call0(&method))
        })?;
        let names = protocol::to_list(&names)?;
        for own in OWN_ATTRIBUTES {
            let name = Str::intern(own)?;
            if !protocol::contains(&names, &name)? {
                names.push(name.into_object())?;
            }
        }
        Ok(names)
    }

    /// Type variables in the GenericAlias.
    #[getter]
    #[name = "__parameters__"]
    fn parameters(&self) -> Result<Ref<Tuple>, Raised> {
        self.own_parameters()
    }

    #[getter]
    #[name = "__typing_unpacked_tuple_args__"]
    fn unpacked_tuple_args(&self) -> Result<Option<Ref<Tuple>>, Raised> {
        Ok((self.starred.get() && self.origin().is(Tuple::type_object())).then(|| self.args()))
    }
}

/// What `*tuple[int, ...]` iterates over: the alias once, starred.
#[pytype(name = "generic_alias_iterator", doc = "", gc)]
pub struct GenericAliasIterator {
    base: Object,
    #[traverse]
    alias: Field<GenericAlias>,
}

crate::assert_layout!(GenericAliasIterator, size 24);

#[pymethods]
impl GenericAliasIterator {
    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(alias) = self.alias.take() else { return Ok(None) };
        let starred = GenericAlias::make(GenericAlias::type_object(), &alias.origin(), &alias.args(), true)?;
        Ok(Some(starred.into_object()))
    }

    /// Return state information for pickling.
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let iter = crate::types::iterators::builtin(crate::id!(iter))?;
        let over = match self.alias.get() {
            Some(alias) => alias.into_object(),
            None => Tuple::empty().into_object(),
        };
        Tuple::from_refs([iter, Tuple::from_refs([over])?.into_object()])
    }
}

//! `itemgetter`, `attrgetter` and `methodcaller`: objects that fetch from what they are called with.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::repr_guard::guarded;
use habu_runtime::object::protocol::sequence::{get_item, no_keywords};
use habu_runtime::object::protocol::{TextBuilder, call_tuple, get_attribute, get_attribute_str, repr};
use habu_runtime::object::slots::{VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

/// itemgetter(item, ...) --> itemgetter object
///
/// Return a callable object that fetches the given item(s) from its operand.
/// After f = itemgetter(2), the call f(r) returns r[2].
/// After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])
#[pytype(name = "operator.itemgetter", generic_get, gc, heap, immutable, vectorcall = vectorcall)]
pub(super) struct ItemGetter {
    base: Object,
    count: usize,
    /// The key, or a tuple of the keys where there are several.
    #[traverse]
    item: Field,
    /// A single key that is a small index from the start, else -1.
    index: isize,
    vectorcall: Cell<Option<VectorcallFunc>>,
}

/// attrgetter(attr, ...) --> attrgetter object
///
/// Return a callable object that fetches the given attribute(s) from its operand.
/// After f = attrgetter('name'), the call f(r) returns r.name.
/// After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).
/// After h = attrgetter('name.first', 'name.last'), the call h(r) returns
/// (r.name.first, r.name.last).
#[pytype(name = "operator.attrgetter", generic_get, gc, heap_last, immutable, vectorcall = vectorcall)]
pub(super) struct AttributeGetter {
    base: Object,
    count: usize,
    /// The names as they were given.
    #[traverse]
    names: Field<Tuple>,
    vectorcall: Cell<Option<VectorcallFunc>>,
}

/// methodcaller(name, ...) --> methodcaller object
///
/// Return a callable object that calls the given method on its operand.
/// After f = methodcaller('name'), the call f(r) returns r.name().
/// After g = methodcaller('name', 'date', foo=1), the call g(r) returns
/// r.name('date', foo=1).
#[pytype(name = "operator.methodcaller", generic_get, gc, heap_last, immutable)]
pub(super) struct MethodCaller {
    base: Object,
    #[traverse]
    name: Field<Str>,
    #[traverse]
    args: Field<Tuple>,
    #[traverse]
    kwargs: Field<Dict>,
}

assert_layout!(ItemGetter, size 48);
assert_layout!(AttributeGetter, size 40);
assert_layout!(MethodCaller, size 40);

/// The one argument of a call.
fn operand<'a, T: PyType>(arguments: &[&'a Object], named: bool) -> Result<&'a Object, Raised> {
    if named {
        return Err(raise!(TypeError, "{}() takes no keyword arguments", T::NAME));
    }
    match arguments {
        [operand] => Ok(operand),
        _ => Err(raise!(TypeError, "{} expected 1 argument, got {}", T::NAME, arguments.len())),
    }
}

/// The vectorcall function of a type that fetches.
macro_rules! fetching {
    ($function:ident, $ty:ident) => {
        /// Calls the object.
        ///
        /// # Safety
        /// As every vectorcall.
        unsafe extern "C" fn $function(
            this: &Object,
            arguments: *const &'static Object,
            flagged: usize,
            names: Option<&Tuple>,
        ) -> Result<Ref, Raised> {
            let count = (flagged & !VECTORCALL_ARGUMENTS_OFFSET) as isize;
            let (this, arguments) =
                // SAFETY: the function stands in objects of this type alone; the arguments are as many as it is told.
                unsafe { (this.cast_unchecked::<$ty>(), habu_runtime::object::args::all(arguments, count, names)) };
            this.fetch(operand::<$ty>(arguments, names.is_some_and(|names| names.len() > 0))?)
        }
    };
}

fetching!(call_item_getter, ItemGetter);
fetching!(call_attribute_getter, AttributeGetter);

/// `operator.itemgetter(1)` or `operator.itemgetter(1, 2)`
fn repr_of(this: &Object, items: &Tuple) -> Result<Ref<Str>, Raised> {
    let name = this.ty().full_name();
    guarded(
        this,
        || Str::from_format(format_args!("{name}(...)")),
        || match items.as_slice() {
            [only] => Str::from_format(format_args!("{name}({})", repr(only)?)),
            _ => Str::from_format(format_args!("{name}{}", repr(items)?)),
        },
    )
}

impl ItemGetter {
    fn fetch(&self, object: &Object) -> Result<Ref, Raised> {
        if self.index >= 0
            && let Some(tuple) = object.downcast_exact::<Tuple>()
            && let Some(item) = tuple.get(self.index as usize)
        {
            return Ok(item);
        }
        let item = self.item.get().unwrap_or_else(|| Tuple::empty().into_object());
        match item.downcast_exact::<Tuple>().filter(|_| self.count != 1) {
            None => get_item(object, &item),
            Some(items) => {
                let items = items.as_slice();
                Ok(Tuple::build(items.len(), |at| get_item(object, &items[at]))?.into_object())
            }
        }
    }

    /// The keys as they were given.
    fn items(&self) -> Result<Ref<Tuple>, Raised> {
        match self.item.get() {
            None => Ok(Tuple::empty()),
            Some(item) if self.count == 1 => Tuple::from_refs([item]),
            Some(items) => Ok(items.downcast_into::<Tuple>().unwrap_or_else(|_| Tuple::empty())),
        }
    }
}

#[pymethods]
impl ItemGetter {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<ItemGetter>, Raised> {
        no_keywords("itemgetter", kwargs)?;
        if args.len() == 0 {
            return Err(raise!(TypeError, "itemgetter expected 1 argument, got 0"));
        }
        let index = match args.as_slice() {
            [only] => only.downcast_exact::<Int>().and_then(Int::to_i64).filter(|index| *index >= 0),
            _ => None,
        };
        let getter = ItemGetter {
            base: Object::header(cls),
            count: args.len(),
            item: Field::new(match args.as_slice() {
                [only] => only.clone(),
                items => Tuple::from_slice(items)?.into_object(),
            }),
            index: index.map_or(-1, |index| index as isize),
            vectorcall: Cell::new(Some(call_item_getter)),
        };
        habu_runtime::object::instantiate(cls, getter)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        self.fetch(operand::<ItemGetter>(args.as_borrowed_slice(), kwargs.is_some())?)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        repr_of(self, &*self.items()?)
    }

    /// Return state information for pickling
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([self.type_ref().into_object(), self.items()?.into_object()])
    }
}

impl AttributeGetter {
    fn fetch(&self, object: &Object) -> Result<Ref, Raised> {
        let names = self.names.get().unwrap_or_else(Tuple::empty);
        match names.as_slice() {
            [only] => dotted(object, only),
            names => Ok(Tuple::build(names.len(), |at| dotted(object, &names[at]))?.into_object()),
        }
    }
}

/// `object.a.b.c`
fn dotted(object: &Object, name: &Object) -> Result<Ref, Raised> {
    let Some(name) = name.downcast::<Str>() else { return Err(raise!(TypeError, "attribute name must be a string")) };
    let text = name.chars();
    let dot = u32::from('.');
    if text.iter().all(|code| code != dot) {
        return get_attribute(object, name);
    }
    let mut codes = habu_heap::Buffer::<u32>::new();
    let mut value = object.to_ref();
    for code in text.iter().chain([dot]) {
        if code != dot {
            codes.push(code)?;
            continue;
        }
        let part = Str::from_chars(habu_runtime::types::str::Chars::Four(&codes))?;
        let part = habu_runtime::types::str::intern::intern(part);
        value = get_attribute(&value, &part)?;
        codes.clear();
    }
    Ok(value)
}

#[pymethods]
impl AttributeGetter {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<AttributeGetter>, Raised> {
        no_keywords("attrgetter", kwargs)?;
        if args.len() == 0 {
            return Err(raise!(TypeError, "attrgetter expected 1 argument, got 0"));
        }
        let items = args.as_slice();
        let names = Tuple::build(items.len(), |at| {
            if !items[at].isinstance::<Str>() {
                return Err(raise!(TypeError, "attribute name must be a string"));
            }
            // Names that are interned are found faster.
            match items[at].clone().downcast_into::<Str>() {
                Ok(name) if name.is_exact::<Str>() => Ok(habu_runtime::types::str::intern::intern(name).into_object()),
                Ok(name) => Ok(name.into_object()),
                Err(other) => Ok(other),
            }
        })?;
        let getter = AttributeGetter {
            base: Object::header(cls),
            count: names.len(),
            names: Field::new(names),
            vectorcall: Cell::new(Some(call_attribute_getter)),
        };
        habu_runtime::object::instantiate(cls, getter)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        self.fetch(operand::<AttributeGetter>(args.as_borrowed_slice(), kwargs.is_some())?)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        repr_of(self, &self.names.get().unwrap_or_else(Tuple::empty))
    }

    /// Return state information for pickling
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let names = self.names.get().unwrap_or_else(Tuple::empty);
        Tuple::from_refs([self.type_ref().into_object(), names.into_object()])
    }
}

/// A dictionary's items shown as named arguments, each with a comma before it.
pub(crate) fn push_named(text: &mut TextBuilder, named: &Dict) -> Result<(), Raised> {
    let mut at = 0;
    while let Some((name, value)) = named.next_item(&mut at) {
        text.push_ascii(", ")?;
        text.push(&*habu_runtime::object::protocol::str(&name)?)?;
        text.push_ascii("=")?;
        text.push(&*repr(&value)?)?;
    }
    Ok(())
}

#[pymethods]
impl MethodCaller {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<MethodCaller>, Raised> {
        let [name, rest @ ..] = args.as_slice() else {
            return Err(raise!(TypeError, "methodcaller needs at least one argument, the method name"));
        };
        let Ok(name) = name.clone().downcast_into::<Str>() else {
            return Err(raise!(TypeError, "method name must be a string"));
        };
        let name = if name.is_exact::<Str>() { habu_runtime::types::str::intern::intern(name) } else { name };
        let kwargs = kwargs.filter(|kwargs| kwargs.len() > 0).map(Ref::from_borrowed);
        let caller = MethodCaller {
            base: Object::header(cls),
            name: Field::new(name),
            args: Field::new(Tuple::from_slice(rest)?),
            kwargs: Field::optional(kwargs),
        };
        habu_runtime::object::instantiate(cls, caller)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let object = operand::<MethodCaller>(args.as_borrowed_slice(), kwargs.is_some())?;
        let Some(name) = self.name.get() else { return Ok(none()) };
        let method = get_attribute(object, &name)?;
        call_tuple(&method, &self.args.get().unwrap_or_else(Tuple::empty), self.kwargs.get().as_deref())
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let type_name = self.ty().full_name();
        guarded(
            self,
            || Str::from_format(format_args!("{type_name}(...)")),
            || {
                let mut text = TextBuilder::new();
                text.push(&*Str::new(type_name)?)?;
                text.push_ascii("(")?;
                text.push(&*repr(&self.name.get().map_or_else(none, Ref::into_object))?)?;
                for item in self.args.get().unwrap_or_else(Tuple::empty).as_slice() {
                    text.push_ascii(", ")?;
                    text.push(&*repr(item)?)?;
                }
                if let Some(kwargs) = self.kwargs.get() {
                    push_named(&mut text, &kwargs)?;
                }
                text.push_ascii(")")?;
                text.finish()
            },
        )
    }

    /// Return state information for pickling
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let name = self.name.get().map_or_else(none, Ref::into_object);
        let args = self.args.get().unwrap_or_else(Tuple::empty);
        let ty = self.type_ref().into_object();
        if let Some(kwargs) = self.kwargs.get() {
            let functools = habu_runtime::import::import_module("functools")?;
            let partial = get_attribute_str(&functools, "partial")?;
            let constructor = call_tuple(&partial, &*Tuple::from_refs([ty, name])?, Some(&kwargs))?;
            return Tuple::from_refs([constructor, args.into_object()]);
        }
        let all = Tuple::build(args.len() + 1, |at| {
            Ok(if at == 0 { name.clone() } else { args.as_slice()[at - 1].clone() })
        })?;
        Tuple::from_refs([ty, all.into_object()])
    }
}

//! `_lru_cache_wrapper`: a callable that remembers its results, all of them or those used last.
//!
//! A bounded cache maps each key to a link, which holds key and result; the links form a ring through the wrapper in the order of their last
//! use. Dictionary and ring each own a reference to a link.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::protocol::number::{has_index, index_as_size};
use habu_runtime::object::protocol::{self, call, call_tuple, hash, is_callable, truth};
use habu_runtime::object::{Field, IntoObject, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::method::Method;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

/// A result that is remembered, in the ring.
#[pytype(name = "functools._lru_list_elem", doc = "", heap, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Link {
    base: Object,
    /// The one used before this, or null when not in a ring.
    before: Cell<*const Link>,
    /// The one used after this.
    after: Cell<*const Link>,
    hash: Cell<isize>,
    key: Field,
    result: Field,
}

#[pymethods]
impl Link {}

/// Create a cached callable that wraps another function.
///
/// user_function:      the function being cached
///
/// maxsize:  0         for no caching
///           None      for unlimited cache size
///           n         for a bounded cache
///
/// typed:    False     cache f(3) and f(3.0) as identical calls
///           True      cache f(3) and f(3.0) as distinct calls
///
/// cache_info_type:    namedtuple class with the fields:
///                         hits misses currsize maxsize
#[pytype(name = "functools._lru_cache_wrapper", gc, heap, immutable, flag = METHOD_DESCRIPTOR, dict = dict, weaklist = weaklist)]
pub(super) struct Cache {
    base: Object,
    /// The link used longest ago.
    oldest: Cell<*const Link>,
    /// The link used last.
    newest: Cell<*const Link>,
    hits: Cell<isize>,
    misses: Cell<isize>,
    /// The most results; -1 for any number.
    maxsize: isize,
    typed: bool,
    cache: Field<Dict>,
    function: Field,
    info_type: Field,
    /// What stands between positional and named arguments in a key.
    mark: Field,
    link_type: Field<Type>,
    unused: [usize; 4],
    dict: Field<Dict>,
    weaklist: Cell<*const Object>,
}

assert_layout!(Cache, size 152, dict @ 136, weaklist @ 144);

impl Cache {
    /// The key of a call: the one argument itself when it is a plain string or integer, else a tuple of all.
    fn key(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let kwargs = kwargs.filter(|kwargs| kwargs.len() > 0);
        if !self.typed && kwargs.is_none() {
            return match args.as_slice() {
                [only] if only.is_exact::<Str>() || only.is_exact::<Int>() => Ok(only.clone()),
                _ => Ok(args.to_ref()),
            };
        }
        let mut parts = Buffer::<Ref>::new();
        parts.try_extend(args.as_slice().iter().cloned())?;
        let mut at = 0;
        let mut values = Buffer::<Ref>::new();
        if let Some(kwargs) = kwargs {
            parts.push(self.mark.get().unwrap_or_else(none))?;
            while let Some((name, value)) = kwargs.next_item(&mut at) {
                parts.push(name)?;
                parts.push(value.clone())?;
                values.push(value)?;
            }
        }
        if self.typed {
            for value in args.as_slice().iter().chain(values.iter()) {
                parts.push(value.type_ref().into_object())?;
            }
        }
        Ok(Tuple::from_buffer(parts)?.into_object())
    }

    fn table(&self) -> Result<Ref<Dict>, Raised> {
        self.cache.get().map_or_else(Dict::new, Ok)
    }

    fn compute(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        call_tuple(&self.function.get().unwrap_or_else(none), args, kwargs)
    }

    fn is_linked(&self, link: &Link) -> bool {
        !link.before.get().is_null() || std::ptr::eq(self.oldest.get(), link)
    }

    /// Takes a link out of the ring, with the ring's reference; nothing when it is not in it.
    fn unlink(&self, link: &Link) -> Option<Ref<Link>> {
        if !self.is_linked(link) {
            return None;
        }
        let (before, after) = (link.before.replace(std::ptr::null()), link.after.replace(std::ptr::null()));
        // SAFETY: links in the ring are alive, as the ring owns a reference to each; that of this one passes to the result.
        unsafe {
            match before.as_ref() {
                Some(before) => before.after.set(after),
                None => self.oldest.set(after),
            }
            match after.as_ref() {
                Some(after) => after.before.set(before),
                None => self.newest.set(before),
            }
            Some(Ref::from_owned(NonNull::from(link)))
        }
    }

    /// Makes a link that is in no ring the newest one.
    fn link_last(&self, link: Ref<Link>) {
        let link = link.into_pointer().as_ptr().cast_const();
        let newest = self.newest.replace(link);
        // SAFETY: the reference that was given is the ring's now; the newest link is in the ring.
        unsafe {
            (*link).before.set(newest);
            (*link).after.set(std::ptr::null());
            match newest.as_ref() {
                Some(newest) => newest.after.set(link),
                None => self.oldest.set(link),
            }
        }
    }

    fn count(counter: &Cell<isize>) {
        counter.set(counter.get().wrapping_add(1));
    }

    fn unbounded(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let key = self.key(args, kwargs)?;
        let hash = hash(&key)?;
        if let Some(result) = self.table()?.get_hashed(&key, hash)? {
            Cache::count(&self.hits);
            return Ok(result);
        }
        Cache::count(&self.misses);
        let result = self.compute(args, kwargs)?;
        self.table()?.set_hashed(&key, hash, &result)?;
        Ok(result)
    }

    fn bounded(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let key = self.key(args, kwargs)?;
        let hash = hash(&key)?;
        let table = self.table()?;
        if let Some(found) = table.get_hashed(&key, hash)?
            && let Some(link) = found.downcast::<Link>()
        {
            if let Some(link) = self.unlink(link) {
                self.link_last(link);
            }
            Cache::count(&self.hits);
            return Ok(link.result.get().unwrap_or_else(none));
        }
        Cache::count(&self.misses);
        let result = self.compute(args, kwargs)?;
        // The call may have added the key itself.
        if table.get_hashed(&key, hash)?.is_some() {
            return Ok(result);
        }
        if (table.len() as isize) >= self.maxsize {
            self.drop_oldest(&table)?;
        }
        let link = habu_runtime::object::create(Link {
            base: Object::of::<Link>(),
            before: Cell::new(std::ptr::null()),
            after: Cell::new(std::ptr::null()),
            hash: Cell::new(hash),
            key: Field::new(key.clone()),
            result: Field::new(result.clone()),
        })?;
        table.set_hashed(&key, hash, &link)?;
        // Comparing keys may have run code that cleared the cache or added this key: then the link is in no ring.
        let kept = table.get_hashed(&key, hash)?;
        if kept.is_some_and(|kept| kept.is(&link)) {
            self.link_last(link);
        }
        Ok(result)
    }

    /// Forgets the result used longest ago.
    fn drop_oldest(&self, table: &Dict) -> Result<(), Raised> {
        // SAFETY: links in the ring are alive.
        let Some(oldest) = (unsafe { self.oldest.get().as_ref() }) else { return Ok(()) };
        let Some(oldest) = self.unlink(oldest) else { return Ok(()) };
        let Some(key) = oldest.key.get() else { return Ok(()) };
        match table.remove_hashed(&key, oldest.hash.get()) {
            Ok(removed) => {
                // An equal key may lead to a link that came in meanwhile, which must leave the ring as well.
                if let Some(other) = removed
                    && let Some(other) = other.downcast::<Link>()
                {
                    drop(self.unlink(other));
                }
                Ok(())
            }
            Err(raised) => {
                self.link_last(oldest);
                Err(raised)
            }
        }
    }

    /// Lets go of the ring.
    fn drop_ring(&self) {
        // SAFETY: links in the ring are alive.
        while let Some(link) = unsafe { self.oldest.get().as_ref() } {
            drop(self.unlink(link));
        }
    }

    /// Forgets everything.
    fn forget(&self) -> Result<(), Raised> {
        self.drop_ring();
        self.hits.set(0);
        self.misses.set(0);
        self.table()?.clear_items();
        Ok(())
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.drop_ring();
    }
}

#[pymethods]
impl Cache {
    #[slot(tp_new)]
    #[called("lru_cache")]
    #[varargs]
    #[signature(user_function, maxsize, typed, cache_info_type)]
    fn new(
        cls: &Type,
        user_function: &Object,
        maxsize: &Object,
        typed: &Object,
        cache_info_type: &Object,
    ) -> Result<Ref<Cache>, Raised> {
        if !is_callable(user_function) {
            return Err(raise!(TypeError, "the first argument must be callable"));
        }
        let maxsize = if is_none(maxsize) {
            -1
        } else if has_index(maxsize) {
            index_as_size(maxsize, Some(exc::OverflowError()))?.max(0)
        } else {
            return Err(raise!(TypeError, "maxsize should be integer or None"));
        };
        let cache = Cache {
            base: Object::header(cls),
            oldest: Cell::new(std::ptr::null()),
            newest: Cell::new(std::ptr::null()),
            hits: Cell::new(0),
            misses: Cell::new(0),
            maxsize,
            typed: truth(typed)?,
            cache: Field::new(Dict::new()?),
            function: Field::new(user_function.to_ref()),
            info_type: Field::new(cache_info_type.to_ref()),
            mark: Field::new(protocol::call0(Object::type_object())?),
            link_type: Field::new(Ref::from_borrowed(&LINK_TYPE.ty)),
            unused: [0; 4],
            dict: Field::empty(),
            weaklist: Cell::new(std::ptr::null()),
        };
        habu_runtime::object::instantiate(cls, cache)
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        visit.object(self.ty())?;
        // SAFETY: links in the ring are alive; a visitor changes nothing.
        let mut at = unsafe { self.oldest.get().as_ref() };
        while let Some(link) = at {
            link.key.traverse(visit)?;
            link.result.traverse(visit)?;
            visit.object(link.ty())?;
            // SAFETY: as above.
            at = unsafe { link.after.get().as_ref() };
        }
        self.cache.traverse(visit)?;
        self.function.traverse(visit)?;
        self.mark.traverse(visit)?;
        self.link_type.traverse(visit)?;
        self.info_type.traverse(visit)?;
        self.dict.traverse(visit)
    }

    #[slot(tp_clear)]
    fn drop_all(&self) {
        self.drop_ring();
        self.cache.set(None);
        self.function.set(None);
        self.info_type.set(None);
        self.mark.set(None);
        self.link_type.set(None);
        self.dict.set(None);
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        match self.maxsize {
            -1 => self.unbounded(args, kwargs),
            0 => {
                Cache::count(&self.misses);
                self.compute(args, kwargs)
            }
            _ => self.bounded(args, kwargs),
        }
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        match instance {
            Some(instance) if !is_none(instance) => Ok(Method::new(self, instance)?.into_object()),
            _ => Ok(self.to_ref()),
        }
    }

    /// Report cache statistics
    #[no_signature]
    fn cache_info(&self) -> Result<Ref, Raised> {
        let maxsize = if self.maxsize < 0 { none() } else { self.maxsize.into_object()? };
        let (hits, misses) = (self.hits.get().into_object()?, self.misses.get().into_object()?);
        let size = self.table()?.len().into_object()?;
        call(&self.info_type.get().unwrap_or_else(none), &[&hits, &misses, &maxsize, &size])
    }

    /// Clear the cache and cache statistics
    #[no_signature]
    fn cache_clear(&self) -> Result<(), Raised> {
        self.forget()
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref, Raised> {
        protocol::get_attribute(self, id!(__qualname__))
    }

    #[name = "__copy__"]
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[name = "__deepcopy__"]
    #[no_signature]
    fn deep_copy(&self, _memo: &Object) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        super::own_dict(&self.dict)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        super::set_own_dict(&self.dict, value)
    }
}

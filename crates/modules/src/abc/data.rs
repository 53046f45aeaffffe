//! What `_abc` keeps for each abstract class, in weak sets: sets of weak references that take themselves out.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::call;
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type, instantiate};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::set::Set;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::weakref::WeakReference;

/// Internal state held by ABC machinery.
#[pytype(name = "_abc._abc_data", gc, heap)]
pub(super) struct AbcData {
    base: Object,
    /// Registered classes.
    #[traverse]
    pub(super) registry: WeakSet,
    /// Classes found to be subclasses.
    #[traverse]
    pub(super) cache: WeakSet,
    /// Classes found to be none, as long as `version` is the module's counter.
    #[traverse]
    pub(super) negative_cache: WeakSet,
    pub(super) version: Cell<u64>,
}

habu_runtime::assert_layout!(AbcData, size 48);

#[pymethods]
impl AbcData {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<AbcData>, Raised> {
        let _ = (args, kwargs);
        instantiate(
            cls,
            AbcData {
                base: Object::of::<AbcData>(),
                registry: WeakSet(Field::empty()),
                cache: WeakSet(Field::empty()),
                negative_cache: WeakSet(Field::empty()),
                version: Cell::new(0),
            },
        )
    }
}

/// A set of weak references; no set as long as nothing was added.
#[repr(transparent)]
pub(super) struct WeakSet(Field<Set>);

impl habu_runtime::object::Traverse for WeakSet {
    fn traverse(&self, visit: &habu_runtime::object::Visit) -> Result<(), habu_runtime::object::Stopped> {
        self.0.traverse(visit)
    }

    fn clear(&self) {
        self.0.clear();
    }
}

impl WeakSet {
    /// Whether an object is in the set. One that cannot be referred to weakly is not.
    pub(super) fn contains(&self, object: &Object) -> Result<bool, Raised> {
        let Some(set) = self.0.get().filter(|set| set.len() > 0) else { return Ok(false) };
        match WeakReference::plain(object) {
            Ok(reference) => set.contains_item(&reference),
            Err(raised) => {
                let kind = habu_runtime::exceptions::exc::TypeError();
                habu_runtime::object::protocol::attribute::ignore::<()>(raised, kind)?;
                Ok(false)
            }
        }
    }

    /// Adds an object, until it dies.
    pub(super) fn add(&self, object: &Object) -> Result<(), Raised> {
        let set = match self.0.get() {
            Some(set) => set,
            None => {
                let set = Set::new()?;
                self.0.set(Some(set.clone()));
                set
            }
        };
        let discard = habu_runtime::object::create(Discard {
            base: Object::of::<Discard>(),
            set: Field::new(WeakReference::plain(&set)?),
        })?;
        let reference = call(WeakReference::type_object(), &[object, &*discard])?;
        set.add_item(&reference)
    }

    /// Empties the set.
    pub(super) fn clear(&self) {
        if let Some(set) = self.0.get() {
            set.core.clear_keys();
        }
    }

    /// A set with the same references.
    pub(super) fn copy(&self) -> Result<Ref<Set>, Raised> {
        let copy = Set::new()?;
        if let Some(set) = self.0.get() {
            copy.update_from(&set)?;
        }
        Ok(copy)
    }

    /// Calls `each` with every object that is alive, until it says so; the set may change meanwhile.
    pub(super) fn any(&self, mut each: impl FnMut(&Object) -> Result<bool, Raised>) -> Result<bool, Raised> {
        let copy = self.copy()?;
        let mut at = 0;
        while let Some((reference, _)) = copy.core.next(&mut at) {
            if let Some(object) = reference.downcast::<WeakReference>().and_then(WeakReference::target)
                && each(&object)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The callback of the references in a weak set.
#[pytype(name = "_abc._destroy", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Discard {
    base: Object,
    /// The set, which may be gone.
    #[traverse]
    set: Field<WeakReference>,
}

#[pymethods]
impl Discard {
    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        let _ = kwargs;
        if let Some(reference) = args.get(0)
            && let Some(set) = self.set.get().and_then(|set| set.target())
            && let Some(set) = set.downcast::<Set>()
        {
            set.core.remove(&reference)?;
        }
        Ok(())
    }
}

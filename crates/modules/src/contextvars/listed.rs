//! Iterators over the items of a tuple that know their number: those of the persistent map that tests of the C API ask for.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, create};
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::type_::ready::ready_static;

/// Declares an iterator.
macro_rules! iterator {
    ($type:ident, $name:literal, $make:ident) => {
        /// An iterator over objects, which knows their number.
        pub fn $make(items: Ref<Tuple>) -> Result<Ref, Raised> {
            ready_static($type::static_type())?;
            let made = create($type { base: Object::of::<$type>(), items: Field::new(items), next: Cell::new(0) });
            made.map(Ref::into_object)
        }

        #[pytype(name = $name, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
        struct $type {
            base: Object,
            #[traverse]
            items: Field<Tuple>,
            next: Cell<usize>,
        }

        #[pymethods]
        impl $type {
            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref, Raised> {
                Ok(self.to_ref())
            }

            #[slot(tp_iternext)]
            fn next(&self) -> Result<Option<Ref>, Raised> {
                let at = self.next.get();
                let item = self.items.get().and_then(|items| items.get(at));
                if item.is_some() {
                    self.next.set(at + 1);
                }
                Ok(item)
            }

            #[slot(mp_length)]
            fn length(&self) -> Result<usize, Raised> {
                Ok(self.items.get().map_or(0, |items| items.len()))
            }
        }
    };
}
iterator!(ListedItems, "items", items_of);
iterator!(ListedKeys, "keys", keys_of);
iterator!(ListedValues, "values", values_of);

//! `_thread._local`: an object whose attributes each thread has for itself.
//!
//! A thread's attributes are a dictionary, kept with the arguments of the constructor in a table of the object by the thread's
//! identity. While one thread runs Python it is the object's only table; others come with their first access.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Field, Object, Raised, Ref, Room, Type};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::weakref::WeakReference;

/// Thread-local data
#[pytype(name = "_thread._local", gc, heap, immutable, basetype, weaklist = weaklist)]
pub struct Local {
    base: Object,
    #[traverse]
    args: Field<Tuple>,
    #[traverse]
    kwargs: Field<Dict>,
    /// The dictionaries of the threads by their identities.
    #[traverse]
    tables: Field<Dict>,
    weaklist: Cell<*const Object>,
    room: Room<16>,
}

habu_runtime::assert_layout!(Local, size 64, weaklist @ 40);

/// The name under which a thread keeps its thread-local objects: weak references by address.
const LOCALS: &str = "_thread.locals";

/// Takes a thread that ends out of the thread-local objects that it used.
pub(super) fn forget(thread: &Thread) {
    let all = thread.state.get().and_then(|state| state.get_str(LOCALS).ok().flatten());
    let Some(all) = all.and_then(|all| all.downcast_into::<Dict>().ok()) else { return };
    let mut at = 0;
    while let Some((_, reference)) = all.next_item(&mut at) {
        let target = reference.downcast::<WeakReference>().and_then(WeakReference::target);
        let Some(tables) = target.as_ref().and_then(|local| local.downcast::<Local>()?.tables.get()) else { continue };
        let removed = Int::from_u64(thread.thread_id.get()).and_then(|key| tables.remove(&key));
        if let Err(raised) = removed {
            raised.clear();
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // The address may become another object's: the threads forget this one.
        for thread in Thread::current().interpreter().threads.snapshot() {
            let all = thread.state.get().and_then(|state| state.get_str(LOCALS).ok().flatten());
            let Some(all) = all.and_then(|all| all.downcast_into::<Dict>().ok()) else { continue };
            let removed = Int::from_u64(self.address() as u64).and_then(|key| all.remove(&key));
            if let Err(raised) = removed {
                raised.clear();
            }
        }
    }
}

impl Local {
    /// The dictionary of the current thread; at a thread's first access `__init__` is called again.
    fn table(&self) -> Result<Ref<Dict>, Raised> {
        let tables = match self.tables.get() {
            Some(tables) => tables,
            None => {
                let tables = Dict::new()?;
                self.tables.set(Some(tables.clone()));
                tables
            }
        };
        let key = Int::from_u64(super::identity())?;
        if let Some(known) = tables.get(&key)?.and_then(|known| known.downcast_into::<Dict>().ok()) {
            return Ok(known);
        }
        let made = Dict::new()?;
        tables.set(&key, &made)?;
        self.note()?;
        // What `object.__init__` does needs no call.
        if let Some(init) = self.ty().tp_init.get()
            && self.ty().has_flag(habu_runtime::object::typeobject::flags::HEAPTYPE)
        {
            let args = self.args.get().unwrap_or_else(Tuple::empty);
            // SAFETY: the slot belongs to the object's own type.
            if let Err(raised) = unsafe { init(self, &args, self.kwargs.get().as_deref()) }.result() {
                let _ = tables.remove(&key)?;
                return Err(raised);
            }
        }
        Ok(made)
    }

    /// Tells the current thread that it has attributes here, so that it takes them away when it ends.
    fn note(&self) -> Result<(), Raised> {
        let state = super::state_of(Thread::current())?;
        let all = match state.get_str(LOCALS)?.and_then(|all| all.downcast_into::<Dict>().ok()) {
            Some(all) => all,
            None => {
                let all = Dict::new()?;
                state.set_str(LOCALS, &all)?;
                all
            }
        };
        all.set(&*Int::from_u64(self.address() as u64)?, &*WeakReference::plain(self)?)
    }

    /// The attribute of the type, when it is a data descriptor, or else nothing.
    fn on_type(&self, name: &Str) -> Option<Ref> {
        self.ty().lookup(name)
    }
}

#[pymethods]
impl Local {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Local>, Raised> {
        let plain_init = cls.tp_init.get().map(|init| init as usize)
            == <Object as habu_runtime::object::PyType>::type_object().tp_init.get().map(|init| init as usize);
        if plain_init && (args.len() > 0 || kwargs.is_some_and(|kwargs| kwargs.len() > 0)) {
            return Err(raise!(TypeError, "Initialization arguments are not supported"));
        }
        let this = habu_runtime::object::instantiate(
            cls,
            Local {
                base: Object::header(cls),
                tables: Field::empty(),
                args: Field::new(Ref::from_borrowed(args)),
                kwargs: Field::optional(kwargs.map(Ref::from_borrowed)),
                weaklist: Cell::new(std::ptr::null()),
                room: Room::new(),
            },
        )?;
        // The thread that makes it gets its `__init__` called by the type.
        let tables = Dict::new()?;
        tables.set(&*Int::from_u64(super::identity())?, &*Dict::new()?)?;
        this.tables.set(Some(tables));
        this.note()?;
        Ok(this)
    }

    #[slot(tp_getattro)]
    fn getattr(&self, name: &Object) -> Result<Ref, Raised> {
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        let table = self.table()?;
        if name.equals("__dict__") {
            return Ok(table.into_object());
        }
        let found = self.on_type(name);
        let bind = found.as_ref().and_then(|found| found.ty().tp_descr_get.get());
        let data = found.as_ref().is_some_and(|found| found.ty().tp_descr_set.get().is_some());
        let ty = self.type_ref();
        if let (Some(found), Some(bind), true) = (&found, bind, data) {
            // SAFETY: the slot belongs to the descriptor's own type.
            return unsafe { bind(found, Some(self), Some(&*ty)) };
        }
        if let Some(value) = table.get(name)? {
            return Ok(value);
        }
        match (found, bind) {
            // SAFETY: the slot belongs to the descriptor's own type.
            (Some(found), Some(bind)) => unsafe { bind(&found, Some(self), Some(&*ty)) },
            (Some(found), None) => Ok(found),
            (None, _) => Err(raise!(AttributeError, "'{}' object has no attribute '{}'", ty.full_name(), name)),
        }
    }

    #[slot(tp_setattro)]
    fn setattr(&self, name: &Object, value: Option<&Object>) -> Result<(), Raised> {
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        let table = self.table()?;
        if name.equals("__dict__") {
            let ty = self.type_ref();
            return Err(raise!(AttributeError, "'{}' object attribute '__dict__' is read-only", ty.full_name()));
        }
        if let Some(found) = self.on_type(name)
            && let Some(set) = found.ty().tp_descr_set.get()
        {
            // SAFETY: the slot belongs to the descriptor's own type.
            return unsafe { set(&found, self, value) }.result();
        }
        match value {
            Some(value) => table.set(name, value),
            None => match table.remove(name)? {
                Some(_) => Ok(()),
                None => {
                    let ty = self.type_ref();
                    Err(raise!(AttributeError, "'{}' object has no attribute '{}'", ty.full_name(), name))
                }
            },
        }
    }
}

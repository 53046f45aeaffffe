//! `Pickler`: what is set for it from Python. The work is done by a `Saving`, made anew for each `dump`.

use std::cell::{Cell, RefCell};
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{T_INT, T_OBJECT_EX};
use habu_runtime::object::protocol::{self, lookup_attribute};
use habu_runtime::object::{
    Field, MemberDef, Object, PyType, Raised, Ref, Stopped, Traverse, Type, Visit, instantiate,
};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::method::Method;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::memo::Memo;
use super::opcodes::{DEFAULT, HIGHEST};
use super::save::Saving;
use super::{PICKLING_ERROR, error};

/// This takes a binary file for writing a pickle data stream.
///
/// The optional *protocol* argument tells the pickler to use the given
/// protocol; supported protocols are 0, 1, 2, 3, 4 and 5.  The default
/// protocol is 4. It was introduced in Python 3.4, and is incompatible
/// with previous versions.
///
/// Specifying a negative protocol version selects the highest protocol
/// version supported.  The higher the protocol used, the more recent the
/// version of Python needed to read the pickle produced.
///
/// The *file* argument must have a write() method that accepts a single
/// bytes argument. It can thus be a file object opened for binary
/// writing, an io.BytesIO instance, or any other custom object that meets
/// this interface.
///
/// If *fix_imports* is True and protocol is less than 3, pickle will try
/// to map the new Python 3 names to the old module names used in Python
/// 2, so that the pickle data stream is readable with Python 2.
///
/// If *buffer_callback* is None (the default), buffer views are
/// serialized into *file* as part of the pickle stream.
///
/// If *buffer_callback* is not None, then it can be called any number
/// of times with a buffer view.  If the callback returns a false value
/// (such as None), the given buffer is out-of-band; otherwise the
/// buffer is serialized in-band, i.e. inside the pickle stream.
///
/// It is an error if *buffer_callback* is not None and *protocol*
/// is None or smaller than 5.
#[pytype(
    name = "_pickle.Pickler",
    signature = "(file, protocol=None, fix_imports=True, buffer_callback=None)",
    gc,
    basetype
)]
pub struct Pickler {
    base: Object,
    pub(super) memo: RefCell<Option<Memo>>,
    persistent: Field,
    pub(super) dispatch_table: Field,
    write: Field,
    pub(super) buffer_callback: Field,
    pub(super) bin: Cell<i32>,
    pub(super) fast: Cell<i32>,
    pub(super) protocol: Cell<i64>,
    pub(super) fix_imports: Cell<bool>,
    /// The function in `persistent` is the class's own: it gets the pickler, which it is not bound to so that there is no cycle.
    own_persistent: Cell<bool>,
    /// Nothing was written yet: CPython has its first buffer then.
    fresh: Cell<bool>,
    /// How deep the values are that are being written in the mode without a memo.
    pub(super) nesting: Cell<isize>,
    /// CPython's output, which here lives while something is dumped.
    _output: [usize; 4],
}

habu_runtime::assert_layout!(Pickler, size 152);

const fn member(name: &'static std::ffi::CStr, kind: i32, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: 0, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"bin", T_INT, offset_of!(Pickler, bin)),
    member(c"fast", T_INT, offset_of!(Pickler, fast)),
    member(c"dispatch_table", T_OBJECT_EX, offset_of!(Pickler, dispatch_table)),
];

/// A pickle protocol as an argument.
fn protocol_number(protocol: Option<&Object>) -> Result<i64, Raised> {
    let Some(protocol) = protocol.filter(|protocol| !is_none(protocol)) else { return Ok(DEFAULT) };
    let number = protocol::number::index(protocol)?;
    match number.to_i64() {
        _ if number.is_negative() => Ok(HIGHEST),
        Some(number) if number <= HIGHEST => Ok(number),
        Some(_) => Err(raise!(ValueError, "pickle protocol must be <= {HIGHEST}")),
        None => Err(raise!(OverflowError, "Python int too large to convert to C long")),
    }
}

/// A method of a pickler or unpickler that subclasses may have: the function, and whether it wants the object itself first.
pub(super) fn hook(object: &Object, name: &str) -> Result<Option<(Ref, bool)>, Raised> {
    let Some(found) = lookup_attribute(object, &*Str::intern(name)?)? else { return Ok(None) };
    if let Some(method) = found.downcast_exact::<Method>()
        && method.receiver().is(object)
    {
        return Ok(Some((method.function().to_ref(), true)));
    }
    Ok(Some((found, false)))
}

impl Pickler {
    /// A pickler that nothing was set for.
    pub(super) fn unset(cls: &Type) -> Result<Ref<Pickler>, Raised> {
        instantiate(
            cls,
            Pickler {
                base: Object::header(cls),
                memo: RefCell::new(Some(Memo::new()?)),
                persistent: Field::empty(),
                dispatch_table: Field::empty(),
                write: Field::empty(),
                buffer_callback: Field::empty(),
                bin: Cell::new(0),
                fast: Cell::new(0),
                protocol: Cell::new(0),
                fix_imports: Cell::new(false),
                own_persistent: Cell::new(false),
                fresh: Cell::new(true),
                nesting: Cell::new(0),
                _output: [0; 4],
            },
        )
    }

    /// Sets protocol and callback.
    pub(super) fn configure(
        &self,
        protocol: Option<&Object>,
        fix_imports: bool,
        buffer_callback: Option<&Object>,
    ) -> Result<(), Raised> {
        let number = protocol_number(protocol)?;
        self.protocol.set(number);
        self.bin.set(i32::from(number > 0));
        self.fast.set(0);
        self.fix_imports.set(fix_imports && number < 3);
        let callback = buffer_callback.filter(|callback| !is_none(callback));
        if callback.is_some() && number < 5 {
            return Err(raise!(ValueError, "buffer_callback needs protocol >= 5"));
        }
        self.buffer_callback.set(callback.map(Object::to_ref));
        Ok(())
    }

    /// Sets the file.
    pub(super) fn set_file(&self, file: &Object) -> Result<(), Raised> {
        match lookup_attribute(file, &*Str::intern("write")?)? {
            Some(write) => {
                self.write.set(Some(write));
                Ok(())
            }
            None => Err(raise!(TypeError, "file must have a 'write' attribute")),
        }
    }

    /// Writes an object to the file, or gives the bytes where there is none.
    pub(super) fn run(&self, object: &Object, reducer_override: Option<Ref>) -> Result<Ref, Raised> {
        self.fresh.set(false);
        self.nesting.set(0);
        Saving::new(self, self.write.get(), reducer_override).run(object)
    }

    /// Whether there is a hook for persistent objects; what it says of one.
    pub(super) fn persistent_id(&self, object: &Object) -> Result<Option<Ref>, Raised> {
        let Some(function) = self.persistent.get() else { return Ok(None) };
        match self.own_persistent.get() {
            true => protocol::call(&function, &[self, object]).map(Some),
            false => protocol::call1(&function, object).map(Some),
        }
    }

    /// Whether there is a hook for persistent objects.
    pub(super) fn has_persistent_id(&self) -> bool {
        !self.persistent.is_empty()
    }

    /// The number of an object that was written.
    #[inline]
    pub(super) fn memoized(&self, object: &Object) -> Option<usize> {
        self.memo.borrow().as_ref()?.get(object)
    }

    /// Empties the memo; the objects end when it is another already.
    fn forget(&self) -> Result<(), Raised> {
        let fresh = Memo::new()?;
        let old = self.memo.replace(Some(fresh));
        drop(old);
        Ok(())
    }
}

/// The two parts of a value in the dictionary that a memo may be set from.
fn memo_item(value: &Object) -> Result<(usize, Ref), Raised> {
    let Some([number, object]) = value.downcast::<Tuple>().and_then(|pair| pair.as_slice().first_chunk::<2>()) else {
        return Err(raise!(TypeError, "'memo' values must be 2-item tuples"));
    };
    if value.downcast::<Tuple>().is_some_and(|pair| pair.len() != 2) {
        return Err(raise!(TypeError, "'memo' values must be 2-item tuples"));
    }
    let number = protocol::number::index_as_size(number, Some(habu_runtime::exceptions::exc::OverflowError()))?;
    Ok((usize::try_from(number).unwrap_or(0), object.clone()))
}

#[pymethods(members = MEMBERS)]
impl Pickler {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Pickler>, Raised> {
        let _ = (args, kwargs);
        Pickler::unset(cls)
    }

    #[slot(tp_init)]
    #[signature(file, protocol = None, fix_imports = true, buffer_callback = None)]
    fn init(
        &self,
        file: &Object,
        protocol: Option<&Object>,
        fix_imports: bool,
        buffer_callback: Option<&Object>,
    ) -> Result<(), Raised> {
        self.write.set(None);
        self.configure(protocol, fix_imports, buffer_callback)?;
        self.set_file(file)?;
        self.forget()?;
        self.fresh.set(true);
        let hook = hook(self, "persistent_id")?;
        self.own_persistent.set(hook.as_ref().is_some_and(|(_, own)| *own));
        self.persistent.set(hook.map(|(function, _)| function));
        let table = lookup_attribute(self, &*Str::intern("dispatch_table")?)?;
        self.dispatch_table.set(table);
        Ok(())
    }

    #[slot(tp_traverse)]
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        if let Ok(memo) = self.memo.try_borrow() {
            memo.iter().flat_map(Memo::iter).try_for_each(|(object, _)| visit.object(object))?;
        }
        for field in [&self.persistent, &self.dispatch_table, &self.write, &self.buffer_callback] {
            field.traverse(visit)?;
        }
        Ok(())
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        let memo = self.memo.replace(None);
        drop(memo);
        for field in [&self.persistent, &self.dispatch_table, &self.write, &self.buffer_callback] {
            drop(field.take());
        }
    }

    /// Write a pickled representation of the given object to the open file.
    fn dump(&self, obj: &Object) -> Result<(), Raised> {
        if self.write.is_empty() {
            let name = self.ty().name();
            return Err(error(&PICKLING_ERROR, format_args!("Pickler.__init__() was not called by {name}.__init__()")));
        }
        let reducer_override = lookup_attribute(self, &*Str::intern("reducer_override")?)?;
        self.run(obj, reducer_override).map(drop)
    }

    /// Clears the pickler's "memo".
    ///
    /// The memo is the data structure that remembers which objects the
    /// pickler has already seen, so that shared or recursive objects are
    /// pickled by reference and not by value.  This method is useful when
    /// re-using picklers.
    fn clear_memo(&self) -> Result<(), Raised> {
        self.forget()
    }

    /// Returns size in memory, in bytes.
    fn __sizeof__(&self) -> Result<usize, Raised> {
        const TABLE: usize = 32;
        const ENTRY: usize = 16;
        /// A bytes object of 4096 bytes.
        const FIRST_BUFFER: usize = 4096 + 33;
        let basic = usize::try_from(self.ty().tp_basicsize.get()).unwrap_or(0);
        let memo = self.memo.borrow().as_ref().map_or(0, |memo| TABLE + memo.allocated() * ENTRY);
        Ok(basic + memo + if self.fresh.get() { FIRST_BUFFER } else { 0 })
    }

    #[getter]
    #[name = "memo"]
    fn get_memo(&self) -> Result<Ref<PicklerMemoProxy>, Raised> {
        habu_runtime::object::create(PicklerMemoProxy {
            base: Object::of::<PicklerMemoProxy>(),
            pickler: Field::new(Ref::from_borrowed(self)),
        })
    }

    #[setter]
    #[name = "memo"]
    fn set_memo(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "attribute deletion is not supported")) };
        let mut memo = Memo::new()?;
        if let Some(proxy) = value.downcast::<PicklerMemoProxy>() {
            if let Some(other) = proxy.pickler.get() {
                for (object, number) in other.memo.borrow().iter().flat_map(Memo::iter) {
                    memo.set(object, number)?;
                }
            }
        } else if let Some(dict) = value.downcast::<Dict>() {
            let mut at = 0;
            while let Some((_, value)) = dict.next_item(&mut at) {
                let (number, object) = memo_item(&value)?;
                memo.set(&object, number)?;
            }
        } else {
            return Err(raise!(
                TypeError,
                "'memo' attribute must be a PicklerMemoProxy object or dict, not {}",
                value.ty().name()
            ));
        }
        let old = self.memo.replace(Some(memo));
        drop(old);
        Ok(())
    }

    #[getter]
    #[name = "persistent_id"]
    fn get_persistent_id(&self) -> Result<Ref, Raised> {
        match self.persistent.get() {
            Some(function) if self.own_persistent.get() => Method::new(&function, self).map(Ref::into_object),
            Some(function) => Ok(function),
            None => Err(raise!(AttributeError, "persistent_id")),
        }
    }

    #[setter]
    #[name = "persistent_id"]
    fn set_persistent_id(&self, value: Option<&Object>) -> Result<(), Raised> {
        let Some(value) = value else { return Err(raise!(TypeError, "attribute deletion is not supported")) };
        if !protocol::is_callable(value) {
            return Err(raise!(TypeError, "persistent_id must be a callable taking one argument"));
        }
        self.own_persistent.set(false);
        self.persistent.set(Some(value.to_ref()));
        Ok(())
    }
}

/// What `Pickler.memo` shows.
#[pytype(name = "_pickle.PicklerMemoProxy", generic_get, generic_set, doc = "", gc, basetype)]
pub struct PicklerMemoProxy {
    base: Object,
    #[traverse]
    pickler: Field<Pickler>,
}

habu_runtime::assert_layout!(PicklerMemoProxy, size 24);

#[pymethods]
impl PicklerMemoProxy {
    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        Err(protocol::basic::unhashable(self))
    }

    /// Remove all items from memo.
    fn clear(&self) -> Result<(), Raised> {
        self.pickler.get().map_or(Ok(()), |pickler| pickler.forget())
    }

    /// Copy the memo to a new object.
    fn copy(&self) -> Result<Ref<Dict>, Raised> {
        let dict = Dict::new()?;
        let Some(pickler) = self.pickler.get() else { return Ok(dict) };
        let mut items = habu_heap::Buffer::<(Ref, usize)>::new();
        for (object, number) in pickler.memo.borrow().iter().flat_map(Memo::iter) {
            items.push((object.clone(), number))?;
        }
        for (object, number) in items.iter() {
            let key = Int::from_u64(object.address() as u64)?;
            let value = Tuple::from_refs([Int::from_u64(*number as u64)?.into_object(), object.clone()])?;
            dict.set(&key, &value)?;
        }
        Ok(dict)
    }

    /// Implement pickle support.
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let copy = Tuple::from_refs([self.copy()?.into_object()])?;
        Tuple::from_refs([Dict::type_object().to_ref(), copy.into_object()])
    }
}

/// No persistent id.
pub(super) fn nothing(id: &Object) -> bool {
    is_none(id) || id.is(&none())
}

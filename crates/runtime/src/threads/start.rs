//! Starting an interpreter: its heap, its thread, the built-in types, the modules that everything else needs.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::interpreter::Interpreter;
use super::thread::Thread;
use crate::gc::GcState;
use crate::object::{Field, Raised};

/// An interpreter with the thread that made it, current on this operating system thread.
pub struct Started {
    /// The interpreter.
    pub interpreter: &'static Interpreter,
    /// Its first thread.
    pub thread: &'static Thread,
}

/// Makes an interpreter and readies the built-in types. The interpreter lives until the process ends.
///
/// Fails where there is no memory.
pub fn start(config: super::Config, memory: habu_heap::Config) -> Option<Started> {
    let heap = habu_heap::Heap::new(memory)?;
    // SAFETY: the heap stays alive: it is moved, as a box, into the interpreter, which is never freed.
    unsafe { habu_heap::set_current(&raw const *heap) };
    let interpreter = Box::leak(Box::new(Interpreter::new(config, heap)));
    interpreter.gc.initialise();
    let thread: &'static Thread = Box::leak(Box::new(Thread::new(NonNull::from(&*interpreter))));
    // SAFETY: neither is freed.
    unsafe { interpreter.lock.take(thread) };
    interpreter.threads.add(thread);
    let own = std::ptr::from_ref(&*interpreter).cast_mut();
    let _ = MAIN.compare_exchange(std::ptr::null_mut(), own, Ordering::AcqRel, Ordering::Relaxed);
    crate::identifiers::register(&interpreter.interned);
    match ready_types(interpreter) {
        Ok(()) => Some(Started { interpreter, thread }),
        Err(_) => {
            let message = thread.exception().map(|exception| {
                let text = crate::object::protocol::str(&exception).map(|text| text.to_string_lossy());
                format!("{}: {}", exception.ty().name(), text.unwrap_or_default())
            });
            eprintln!("Fatal Python error: cannot ready the built-in types: {}", message.unwrap_or_default());
            None
        }
    }
}

/// The interpreter that was started first.
static MAIN: AtomicPtr<Interpreter> = AtomicPtr::new(std::ptr::null_mut());

/// The interpreter that was started first, for threads that C made.
pub fn main_interpreter() -> Option<&'static Interpreter> {
    // SAFETY: null, or an interpreter, which is never freed.
    unsafe { MAIN.load(Ordering::Acquire).as_ref() }
}

fn ready_types(interpreter: &Interpreter) -> Result<(), Raised> {
    for ty in crate::types::registry::STATIC_TYPES {
        crate::types::type_::ready::ready_static(ty)?;
    }
    for ty in crate::exceptions::hierarchy::all() {
        crate::types::type_::ready::ready_static(ty)?;
    }
    interpreter.memory_error.set(Some(crate::exceptions::reserve::make()?));
    crate::exceptions::reserve::fill();
    Ok(())
}

impl Interpreter {
    /// An interpreter with nothing in it.
    fn new(config: super::Config, heap: Box<habu_heap::Heap>) -> Interpreter {
        let bytes_warning = config.flags.bytes_warning;
        Interpreter {
            frozen_modules: std::cell::Cell::new(0),
            switch_interval: std::cell::Cell::new(0.005),
            lock: Default::default(),
            threads: Default::default(),
            audit_hooks: Field::empty(),
            warning_filters_version: std::cell::Cell::new(0),
            config: Box::new(config),
            gc: GcState::new(),
            interned: crate::types::str::intern::InternTable::new(),
            type_cache: crate::types::type_::cache::TypeCache::new(),
            modules: Field::empty(),
            sys_dict: Field::empty(),
            builtins: Field::empty(),
            builtins_copy: Field::empty(),
            module_copies: Field::empty(),
            memory_error: Field::empty(),
            memory_errors: [const { Field::empty() }; crate::exceptions::reserve::READY],
            exception_group: Field::empty(),
            importlib: Field::empty(),
            codecs: Default::default(),
            bytes_warning: std::cell::Cell::new(bytes_warning),
            module_state: Field::empty(),
            asyncio: Field::empty(),
            at_exit: Field::empty(),
            struct_formats: Field::empty(),
            finalizing: std::cell::Cell::new(false),
            int_max_str_digits: Default::default(),
            eval: crate::eval::InterpreterState::new(),
            free_lists: Default::default(),
            memory_tracer: std::cell::Cell::new(std::ptr::null()),
            codes_freed: std::cell::Cell::new(0),
            extensions: Default::default(),
            import_lock: Default::default(),
            import_times: Default::default(),
            heap,
        }
    }
}

//! Limits and intervals: recursion, digits, switching.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::str::Str;

use super::Sys;

#[pymodule(table = LIMITS)]
impl Sys {
    /// Return the current value of the recursion limit.
    ///
    /// The recursion limit is the maximum depth of the Python interpreter
    /// stack.  This limit prevents infinite recursion from causing an overflow
    /// of the C stack and crashing Python.
    fn getrecursionlimit() -> Result<i32, Raised> {
        Ok(Thread::current().recursion_limit.get())
    }

    /// Set the maximum depth of the Python interpreter stack to n.
    ///
    /// This limit prevents infinite recursion from causing an overflow of the C
    /// stack and crashing Python.  The highest possible limit is platform-
    /// dependent.
    fn setrecursionlimit(limit: i32) -> Result<(), Raised> {
        if limit < 1 {
            return Err(raise!(ValueError, "recursion limit must be greater or equal than 1"));
        }
        let thread = Thread::current();
        let depth = thread.recursion_limit.get() - thread.recursion_remaining.get();
        if depth >= limit {
            return Err(raise!(
                RecursionError,
                "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
            ));
        }
        for thread in thread.interpreter().threads.snapshot() {
            let depth = thread.recursion_limit.get() - thread.recursion_remaining.get();
            thread.recursion_remaining.set(limit - depth);
            thread.recursion_limit.set(limit);
        }
        Ok(())
    }

    /// Return the maximum string digits limit for non-binary int<->str conversions.
    fn get_int_max_str_digits() -> Result<usize, Raised> {
        Ok(habu_runtime::types::int::text::digit_limit())
    }

    /// Set the maximum string digits limit for non-binary int<->str conversions.
    #[signature(maxdigits)]
    fn set_int_max_str_digits(maxdigits: i32) -> Result<(), Raised> {
        Thread::current().interpreter().int_max_str_digits.set(usize::try_from(maxdigits).unwrap_or(1))
    }

    /// Return the current thread switch interval; see sys.setswitchinterval().
    fn getswitchinterval() -> Result<f64, Raised> {
        Ok(Thread::current().interpreter().lock.interval().as_secs_f64())
    }

    /// Set the ideal thread switching delay inside the Python interpreter.
    ///
    /// The actual frequency of switching threads can be lower if the
    /// interpreter executes long sequences of uninterruptible code
    /// (this is implementation-specific and workload-dependent).
    ///
    /// The parameter must represent the desired switching delay in seconds
    /// A typical value is 0.005 (5 milliseconds).
    fn setswitchinterval(interval: f64) -> Result<(), Raised> {
        if interval <= 0.0 {
            return Err(raise!(ValueError, "switch interval must be strictly positive"));
        }
        let interval = std::time::Duration::try_from_secs_f64(interval).unwrap_or(std::time::Duration::MAX);
        Thread::current().interpreter().lock.set_interval(interval);
        Ok(())
    }

    /// Return the flags that are used for dlopen calls.
    fn getdlopenflags() -> Result<i32, Raised> {
        Ok(Thread::current().interpreter().extensions.open_flags.get())
    }

    /// Set the flags used by the interpreter for dlopen calls.
    ///
    /// This is used, for example, when the interpreter loads extension
    /// modules. Among other things, this will enable a lazy resolving of
    /// symbols when importing a module, if called as sys.setdlopenflags(0).
    /// To share symbols across extension modules, call as
    /// sys.setdlopenflags(os.RTLD_GLOBAL).  Symbolic names for the flag
    /// modules can be found in the os module (RTLD_xxx constants, e.g.
    /// os.RTLD_LAZY).
    fn setdlopenflags(flags: i32) -> Result<(), Raised> {
        Thread::current().interpreter().extensions.open_flags.set(flags);
        Ok(())
    }

    /// Passes the event to any hooks that are attached.
    #[signature(event, /, *args)]
    fn audit(event: &Str, args: &[&Object]) -> Result<(), Raised> {
        habu_runtime::threads::audit::tell(event, args)
    }

    /// Adds a new audit hook callback.
    #[signature(hook)]
    fn addaudithook(hook: &Object) -> Result<(), Raised> {
        if let Err(raised) = habu_runtime::threads::audit::audit("sys.addaudithook", &[]) {
            // A hook that objects with a RuntimeError is obeyed in silence.
            return protocol::attribute::ignore::<()>(raised, habu_runtime::exceptions::exc::RuntimeError()).map(drop);
        }
        let interpreter = Thread::current().interpreter();
        let hooks = match interpreter.audit_hooks.get() {
            Some(hooks) => hooks,
            None => {
                let hooks = habu_runtime::types::list::List::new()?;
                // The list is the interpreter's own affair: `gc` does not show it.
                habu_runtime::gc::untrack(&hooks);
                interpreter.audit_hooks.set(Some(hooks.clone()));
                hooks
            }
        };
        let hook: Ref = hook.to_ref();
        hooks.push(hook)
    }
}

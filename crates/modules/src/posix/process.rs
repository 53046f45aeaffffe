//! Processes: forking, executing, waiting, signals.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::protocol::sequence::fast_items;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{raise, struct_sequence};

use super::Posix;
use super::path::{PATH, PATH_OR_FD, Path};
use crate::system::blocking::{outside, retry_or_raise, without_lock};
use crate::system::state;
use crate::system::text::CText;
use crate::system::{CInt, check, last_error};

struct_sequence! {
    heap doc "waitid_result: Result from waitid.\n\nThis object may be accessed either as a tuple of\n  (si_pid, si_uid, si_signo, si_status, si_code),\nor via the attributes si_pid, si_uid, and so on.\n\nSee os.waitid for more information."
    pub static WAITID_RESULT = "posix.waitid_result", visible 5,
    { si_pid, si_uid, si_signo, si_status, si_code }
}

/// C strings in a row, and the pointers to them that end with null.
pub struct CTexts {
    texts: Buffer<CText>,
    pointers: Buffer<*const std::ffi::c_char>,
}

impl CTexts {
    /// None yet.
    pub fn empty() -> CTexts {
        CTexts { texts: Buffer::new(), pointers: Buffer::new() }
    }

    /// Adds a text.
    pub fn push(&mut self, text: CText) -> Result<(), Raised> {
        Ok(self.texts.push(text)?)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.texts.len()
    }

    /// The pointers; they live as long as this does.
    pub fn as_ptr(&mut self) -> Result<*const *const std::ffi::c_char, Raised> {
        self.pointers.clear();
        for text in self.texts.iter() {
            self.pointers.push(text.as_ptr())?;
        }
        self.pointers.push(std::ptr::null())?;
        Ok(self.pointers.as_ptr())
    }

    /// The arguments of a program.
    pub fn arguments(argv: &Object, function: &str) -> Result<CTexts, Raised> {
        let mut texts = CTexts::empty();
        for argument in fast_items(argv, "argv must be a tuple or list")?.iter() {
            texts.push(CText::of_path(argument)?)?;
        }
        if texts.texts.first().is_some_and(|first| first.as_bytes().is_empty()) {
            return Err(raise!(ValueError, "{function} first element cannot be empty"));
        }
        Ok(texts)
    }

    /// The environment of a program: `name=value` for each item of a mapping.
    pub fn environment(env: &Object) -> Result<CTexts, Raised> {
        let keys = protocol::mapping::keys(env)?;
        let values = protocol::mapping::values(env)?;
        let mut texts = CTexts::empty();
        let mut index = 0;
        while let (Some(key), Some(value)) = (keys.get(index), values.get(index)) {
            let (key, value) = (CText::of_path(&key)?, CText::of_path(&value)?);
            let name = key.as_bytes();
            if name.is_empty() || name[1..].contains(&b'=') {
                return Err(raise!(ValueError, "illegal environment variable name"));
            }
            let mut both = Buffer::from_slice(name)?;
            both.push(b'=')?;
            both.extend_from_slice(value.as_bytes())?;
            match CText::new(both)? {
                Some(text) => texts.push(text)?,
                None => return Err(raise!(ValueError, "embedded null byte")),
            }
            index += 1;
        }
        Ok(texts)
    }
}

/// The result of `waitpid` and its like: process and status.
fn waited(pid: i32, status: i32) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([Int::from_i64(pid.into())?.into_object(), Int::from_i64(status.into())?.into_object()])
}

/// The result of `wait3` and `wait4`, with what the process used.
fn waited_usage(pid: i32, status: i32, usage: &libc::rusage) -> Result<Ref<Tuple>, Raised> {
    let usage = crate::resource_::rusage_result(usage)?;
    Tuple::from_refs([
        Int::from_i64(pid.into())?.into_object(),
        Int::from_i64(status.into())?.into_object(),
        usage.into_object(),
    ])
}

/// What must be done before a fork: what was registered for it, and no child begins within another thread's import.
pub fn before_fork() -> Result<(), Raised> {
    run_hooks(HOOKS[0], true)?;
    habu_runtime::threads::Thread::current().interpreter().import_lock.acquire();
    Ok(())
}

/// What must be done in the parent afterwards.
pub fn after_fork_in_parent() -> Result<(), Raised> {
    habu_runtime::threads::Thread::current().interpreter().import_lock.release()?;
    run_hooks(HOOKS[2], false)
}

/// Forks, with the functions registered for that around it; 0 in the child.
pub fn fork_process(fork: impl FnOnce() -> i32) -> Result<i32, Raised> {
    before_fork()?;
    let pid = fork();
    let failed = crate::system::errno();
    if pid == 0 {
        after_fork_in_child();
    } else {
        after_fork_in_parent()?;
    }
    if pid == -1 {
        return Err(habu_runtime::exceptions::raise_os_error(failed, None));
    }
    Ok(pid)
}

/// What must happen in a process that was just forked.
pub fn after_fork_in_child() {
    crate::signal::pending::after_fork();
    crate::thread::after_fork();
    let importing = &habu_runtime::threads::Thread::current().interpreter().import_lock;
    // SAFETY: the other threads are not in this process.
    unsafe { importing.after_fork() };
    if let Err(raised) = importing.release() {
        // C code that forked without `before_fork`.
        raised.clear();
    }
    if let Err(raised) = run_hooks(HOOKS[1], false) {
        habu_runtime::exceptions::unraisable(raised, None);
    }
}

/// The names by which functions registered for a fork are kept: before, after in the child, after in the parent.
const HOOKS: [&str; 3] = ["posix.before_fork", "posix.after_fork_in_child", "posix.after_fork_in_parent"];

/// Calls the functions registered for a fork; what they raise is reported, and does not stop the others.
fn run_hooks(name: &str, backwards: bool) -> Result<(), Raised> {
    let Some(functions) = state::get(name)? else { return Ok(()) };
    let Some(functions) = functions.downcast::<List>().map(List::to_tuple) else { return Ok(()) };
    let functions = functions?;
    let call = |function: &Ref| {
        if let Err(raised) = protocol::call0(function) {
            habu_runtime::exceptions::unraisable(raised, Some(function));
        }
    };
    if backwards {
        functions.as_slice().iter().rev().for_each(call);
    } else {
        functions.as_slice().iter().for_each(call);
    }
    Ok(())
}

/// Adds a function to be called around a fork.
fn add_hook(name: &str, function: Option<&Object>) -> Result<(), Raised> {
    let Some(function) = function else { return Ok(()) };
    let list = match state::get(name)? {
        Some(list) => list,
        None => {
            let list = List::new()?.into_object();
            state::set(name, &list)?;
            list
        }
    };
    match list.downcast::<List>() {
        Some(list) => list.push(function.to_ref()),
        None => Ok(()),
    }
}

fn check_hook(name: &str, function: Option<&Object>) -> Result<(), Raised> {
    match function.filter(|function| !protocol::is_callable(function)) {
        Some(function) => Err(raise!(TypeError, "'{name}' must be callable, not {}", function.ty().full_name())),
        None => Ok(()),
    }
}

/// The arguments and the environment of a program that `function` is to run.
pub(super) fn program_texts(function: &str, argv: &Object, env: &Object) -> Result<(CTexts, CTexts), Raised> {
    if !argv.isinstance::<Tuple>() && !argv.isinstance::<List>() {
        return Err(raise!(TypeError, "{function}: argv must be a tuple or list"));
    }
    if protocol::length(argv)? == 0 {
        return Err(raise!(ValueError, "{function}: argv must not be empty"));
    }
    if !protocol::mapping::is_mapping(env) {
        return Err(raise!(TypeError, "{function}: environment must be a mapping object"));
    }
    Ok((CTexts::arguments(argv, &format!("{function}: argv"))?, CTexts::environment(env)?))
}

#[pymodule(table = PROCESS)]
impl Posix {
    /// Exit to the system with specified status, without normal exit processing.
    #[name = "_exit"]
    #[signature(status)]
    fn exit_now(status: CInt) -> Result<(), Raised> {
        // SAFETY: the process ends here.
        unsafe { libc::_exit(status.0) }
    }

    /// Abort the interpreter immediately.
    ///
    /// This function 'dumps core' or otherwise fails in the hardest way possible
    /// on the hosting operating system.  This function never returns.
    fn abort() -> Result<(), Raised> {
        std::process::abort()
    }

    /// Fork a child process.
    ///
    /// Return 0 to child process and PID of child to parent process.
    fn fork() -> Result<i32, Raised> {
        habu_runtime::audit!("os.fork")?;
        // SAFETY: the child goes on with this thread alone.
        fork_process(|| unsafe { libc::fork() })
    }

    /// Fork a new process with a new pseudo-terminal as controlling tty.
    ///
    /// Returns a tuple of (pid, master_fd).
    /// Like fork(), return pid of 0 to the child process,
    /// and pid of child to the parent process.
    /// To both, return fd of newly opened pseudo-terminal.
    fn forkpty() -> Result<Ref<Tuple>, Raised> {
        habu_runtime::audit!("os.forkpty")?;
        let mut master = -1;
        let name = std::ptr::null_mut();
        // SAFETY: the descriptor goes to the place; the child goes on with this thread alone.
        let pid = fork_process(|| unsafe { libc::forkpty(&mut master, name, std::ptr::null(), std::ptr::null()) })?;
        waited(pid, master)
    }

    /// Register callables to be called when forking a new process.
    ///
    ///   before
    ///     A callable to be called in the parent before the fork() syscall.
    ///   after_in_child
    ///     A callable to be called in the child after fork().
    ///   after_in_parent
    ///     A callable to be called in the parent after fork().
    ///
    /// 'before' callbacks are called in reverse order.
    /// 'after_in_child' and 'after_in_parent' callbacks are called in order.
    #[signature(*, before = None, after_in_child = None, after_in_parent = None)]
    #[shown(
        "($module, /, *, before=<unrepresentable>,\n                 after_in_child=<unrepresentable>,\n                 after_in_parent=<unrepresentable>)"
    )]
    fn register_at_fork(
        before: Option<&Object>,
        after_in_child: Option<&Object>,
        after_in_parent: Option<&Object>,
    ) -> Result<(), Raised> {
        if before.is_none() && after_in_child.is_none() && after_in_parent.is_none() {
            return Err(raise!(TypeError, "At least one argument is required."));
        }
        let all = [("before", before), ("after_in_child", after_in_child), ("after_in_parent", after_in_parent)];
        for (name, function) in all {
            check_hook(name, function)?;
        }
        for (place, (_, function)) in HOOKS.iter().zip(all) {
            add_hook(place, function)?;
        }
        Ok(())
    }

    /// Execute an executable path with arguments, replacing current process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    fn execv(path: &Object, argv: &Object) -> Result<(), Raised> {
        let path = Path::new(Some(path), "execv", "path", PATH)?;
        if !argv.isinstance::<Tuple>() && !argv.isinstance::<List>() {
            return Err(raise!(TypeError, "execv() arg 2 must be a tuple or list"));
        }
        if protocol::length(argv)? == 0 {
            return Err(raise!(ValueError, "execv() arg 2 must not be empty"));
        }
        let mut arguments = CTexts::arguments(argv, "execv() arg 2")?;
        habu_runtime::audit!("os.exec", path.object.clone(), argv.to_ref(), ())?;
        let pointers = arguments.as_ptr()?;
        // SAFETY: C strings that live on; the call returns only where it fails.
        unsafe { libc::execv(path.as_ptr(), pointers) };
        Err(path.error())
    }

    /// Execute an executable path with arguments, replacing current process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    ///   env
    ///     Dictionary of strings mapping to strings.
    #[signature(path, argv, env)]
    fn execve(path: &Object, argv: &Object, env: &Object) -> Result<(), Raised> {
        let path = Path::new(Some(path), "execve", "path", PATH_OR_FD)?;
        let (mut arguments, mut environment) = program_texts("execve", argv, env)?;
        habu_runtime::audit!("os.exec", path.object.clone(), argv.to_ref(), env.to_ref())?;
        let (arguments, environment) = (arguments.as_ptr()?, environment.as_ptr()?);
        // SAFETY: C strings that live on; the call returns only where it fails.
        unsafe {
            match path.fd {
                Some(fd) => libc::fexecve(fd, arguments, environment),
                None => libc::execve(path.as_ptr(), arguments, environment),
            }
        };
        Err(path.error())
    }

    /// Kill a process with a signal.
    fn kill(pid: i32, signal: isize) -> Result<(), Raised> {
        habu_runtime::audit!("os.kill", pid, signal)?;
        // SAFETY: a plain call.
        check(unsafe { libc::kill(pid, signal as i32) })?;
        crate::system::blocking::check_signals()
    }

    /// Kill a process group with a signal.
    fn killpg(pgid: i32, signal: CInt) -> Result<(), Raised> {
        habu_runtime::audit!("os.killpg", pgid, signal.0)?;
        // SAFETY: a plain call.
        check(unsafe { libc::killpg(pgid, signal.0) })?;
        crate::system::blocking::check_signals()
    }

    /// Wait for completion of a child process.
    ///
    /// Returns a tuple of information about the child process:
    ///     (pid, status)
    fn wait() -> Result<Ref<Tuple>, Raised> {
        let mut status = 0;
        // SAFETY: there is room for the status.
        let pid = retry_or_raise(|| unsafe { libc::wait(&mut status) })?;
        waited(pid, status)
    }

    /// Wait for completion of a given child process.
    ///
    /// Returns a tuple of information regarding the child process:
    ///     (pid, status)
    ///
    /// The options argument is ignored on Windows.
    fn waitpid(pid: i32, options: CInt) -> Result<Ref<Tuple>, Raised> {
        let mut status = 0;
        // SAFETY: there is room for the status.
        let pid = retry_or_raise(|| unsafe { libc::waitpid(pid, &mut status, options.0) })?;
        waited(pid, status)
    }

    /// Wait for completion of a child process.
    ///
    /// Returns a tuple of information about the child process:
    ///   (pid, status, rusage)
    #[signature(options)]
    fn wait3(options: CInt) -> Result<Ref<Tuple>, Raised> {
        Posix::wait4(-1, options)
    }

    /// Wait for completion of a specific child process.
    ///
    /// Returns a tuple of information about the child process:
    ///   (pid, status, rusage)
    #[signature(pid, options)]
    fn wait4(pid: i32, options: CInt) -> Result<Ref<Tuple>, Raised> {
        let mut status = 0;
        // SAFETY: the structure is plain data that the call fills.
        let mut usage = unsafe { std::mem::zeroed::<libc::rusage>() };
        // SAFETY: there is room for status and usage.
        let pid = retry_or_raise(|| unsafe { libc::wait4(pid, &mut status, options.0, &mut usage) })?;
        waited_usage(pid, status, &usage)
    }

    /// Returns the result of waiting for a process or processes.
    ///
    ///   idtype
    ///     Must be one of be P_PID, P_PGID or P_ALL.
    ///   id
    ///     The id to wait on.
    ///   options
    ///     Constructed from the ORing of one or more of WEXITED, WSTOPPED
    ///     or WCONTINUED and additionally may be ORed with WNOHANG or WNOWAIT.
    ///
    /// Returns either waitid_result or None if WNOHANG is specified and there are
    /// no children in a waitable state.
    fn waitid(idtype: CInt, id: i32, options: CInt) -> Result<Option<Ref<Tuple>>, Raised> {
        // SAFETY: the structure is plain data that the call fills.
        let mut info = unsafe { std::mem::zeroed::<libc::siginfo_t>() };
        // SAFETY: there is room for the answer.
        retry_or_raise(unsafe {
            outside(|| libc::waitid(idtype.0 as libc::idtype_t, id as u32, &mut info, options.0))
        })?;
        // SAFETY: `waitid` fills the fields of SIGCHLD.
        let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
        if pid == 0 {
            return Ok(None);
        }
        let values = [pid.into(), uid.into(), info.si_signo.into(), status.into(), i64::from(info.si_code)];
        WAITID_RESULT.build(|index| Ok(Int::from_i64(values[index])?.into_object())).map(Some)
    }

    /// Convert a wait status to an exit code.
    ///
    /// On Unix:
    ///
    /// * If WIFEXITED(status) is true, return WEXITSTATUS(status).
    /// * If WIFSIGNALED(status) is true, return -WTERMSIG(status).
    /// * Otherwise, raise a ValueError.
    ///
    /// On Windows, return status shifted right by 8 bits.
    ///
    /// On Unix, if the process is being traced or if waitpid() was called with
    /// WUNTRACED option, the caller must first check if WIFSTOPPED(status) is true.
    /// This function must not be called if WIFSTOPPED(status) is true.
    #[signature(status)]
    fn waitstatus_to_exitcode(status: CInt) -> Result<i32, Raised> {
        let status = status.0;
        if libc::WIFEXITED(status) {
            return Ok(libc::WEXITSTATUS(status));
        }
        if libc::WIFSIGNALED(status) {
            return Ok(-libc::WTERMSIG(status));
        }
        if libc::WIFSTOPPED(status) {
            let signal = libc::WSTOPSIG(status);
            return Err(raise!(ValueError, "process stopped by delivery of signal {signal}"));
        }
        Err(raise!(ValueError, "invalid wait status: {status}"))
    }

    /// Return True if the process returning status was dumped to a core file.
    #[name = "WCOREDUMP"]
    fn wcoredump(status: CInt) -> Result<bool, Raised> {
        Ok(libc::WCOREDUMP(status.0))
    }

    /// Return the process return code from status.
    #[name = "WEXITSTATUS"]
    #[signature(status)]
    fn wexitstatus(status: CInt) -> Result<i32, Raised> {
        Ok(libc::WEXITSTATUS(status.0))
    }

    /// Return True if a particular process was continued from a job control stop.
    ///
    /// Return True if the process returning status was continued from a
    /// job control stop.
    #[name = "WIFCONTINUED"]
    #[signature(status)]
    fn wifcontinued(status: CInt) -> Result<bool, Raised> {
        Ok(libc::WIFCONTINUED(status.0))
    }

    /// Return True if the process returning status exited via the exit() system call.
    #[name = "WIFEXITED"]
    #[signature(status)]
    fn wifexited(status: CInt) -> Result<bool, Raised> {
        Ok(libc::WIFEXITED(status.0))
    }

    /// Return True if the process returning status was terminated by a signal.
    #[name = "WIFSIGNALED"]
    #[signature(status)]
    fn wifsignaled(status: CInt) -> Result<bool, Raised> {
        Ok(libc::WIFSIGNALED(status.0))
    }

    /// Return True if the process returning status was stopped.
    #[name = "WIFSTOPPED"]
    #[signature(status)]
    fn wifstopped(status: CInt) -> Result<bool, Raised> {
        Ok(libc::WIFSTOPPED(status.0))
    }

    /// Return the signal that stopped the process that provided the status value.
    #[name = "WSTOPSIG"]
    #[signature(status)]
    fn wstopsig(status: CInt) -> Result<i32, Raised> {
        Ok(libc::WSTOPSIG(status.0))
    }

    /// Return the signal that terminated the process that provided the status value.
    #[name = "WTERMSIG"]
    #[signature(status)]
    fn wtermsig(status: CInt) -> Result<i32, Raised> {
        Ok(libc::WTERMSIG(status.0))
    }

    /// Return a file descriptor referring to the process *pid*.
    ///
    /// The descriptor can be used to perform process management without races and
    /// signals.
    #[signature(pid, flags = 0)]
    fn pidfd_open(pid: i32, flags: u32) -> Result<i32, Raised> {
        // SAFETY: a plain call.
        match unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) } {
            -1 => Err(last_error()),
            fd => Ok(fd as i32),
        }
    }

    /// Add increment to the priority of process and return the new priority.
    fn nice(increment: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call; -1 may be a priority, so errno tells.
        unsafe {
            *libc::__errno_location() = 0;
            let priority = libc::nice(increment.0);
            if priority == -1 && crate::system::errno() != 0 { Err(last_error()) } else { Ok(priority) }
        }
    }

    /// Return program scheduling priority.
    #[signature(which, who)]
    fn getpriority(which: CInt, who: CInt) -> Result<i32, Raised> {
        // SAFETY: a plain call; -1 may be a priority, so errno tells.
        unsafe {
            *libc::__errno_location() = 0;
            let priority = libc::getpriority(which.0 as _, who.0 as _);
            if priority == -1 && crate::system::errno() != 0 { Err(last_error()) } else { Ok(priority) }
        }
    }

    /// Set program scheduling priority.
    #[signature(which, who, priority)]
    fn setpriority(which: CInt, who: CInt, priority: CInt) -> Result<(), Raised> {
        // SAFETY: a plain call.
        check(without_lock(|| unsafe { libc::setpriority(which.0 as _, who.0 as _, priority.0) })).map(drop)
    }
}

//! The module `_posixsubprocess`: starting a program for `subprocess`.
//!
//! What the child needs is made ready before the fork: C strings, arrays, the name of the folder of open descriptors. The child then
//! only makes system calls until it executes the program, unless it must call a Python function first.

use std::ffi::c_void;

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::protocol::sequence::fast_items;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use crate::posix::path::id;
use crate::posix::process::{CTexts, after_fork_in_child};
use crate::system::text::CText;
use crate::system::{c_int, errno};

/// The module.
pub struct PosixSubprocess;

/// What the child does between the fork and the program.
struct Child {
    programs: Buffer<*const libc::c_char>,
    arguments: *const *const libc::c_char,
    environment: Option<*const *const libc::c_char>,
    folder: *const libc::c_char,
    /// Descriptors that stay open, in order.
    keep: Buffer<i32>,
    close: bool,
    input: [i32; 2],
    output: [i32; 2],
    errors: [i32; 2],
    report: [i32; 2],
    restore_signals: bool,
    new_session: bool,
    process_group: i32,
    gid: Option<u32>,
    groups: Option<Buffer<u32>>,
    uid: Option<u32>,
    umask: i32,
    function: Option<Ref>,
    /// The signals to block, where the child shares its parent's memory and starts with all of them blocked.
    mask: Option<libc::sigset_t>,
}

/// Why the child could not become the program: an errno, and what it was doing.
enum Failure {
    /// A call of the system failed before the program was executed.
    Setup(i32),
    /// The program could not be executed.
    Exec(i32),
    /// The Python function raised.
    Function,
}

impl Child {
    /// Makes the descriptors of the program its standard ones.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn arrange_streams(&mut self) -> Result<(), i32> {
        let call = |result: i32| if result < 0 { Err(errno()) } else { Ok(result) };
        // SAFETY: plain calls on descriptors of this process.
        unsafe {
            for fd in [self.input[1], self.output[0], self.errors[0], self.report[0]] {
                if fd >= 0 {
                    libc::close(fd);
                }
            }
            // A descriptor that stands where another one goes is moved out of the way first.
            if self.output[1] == 0 {
                self.output[1] = call(libc::dup(self.output[1]))?;
            }
            while self.errors[1] == 0 || self.errors[1] == 1 {
                self.errors[1] = call(libc::dup(self.errors[1]))?;
            }
            for (fd, wanted) in [(self.input[0], 0), (self.output[1], 1), (self.errors[1], 2)] {
                if fd == wanted {
                    let flags = call(libc::fcntl(fd, libc::F_GETFD))?;
                    call(libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC))?;
                } else if fd >= 0 {
                    call(libc::dup2(fd, wanted))?;
                }
            }
            for fd in [self.input[0], self.output[1], self.errors[1]] {
                if fd > 2 && !self.keep.contains(&fd) {
                    libc::close(fd);
                }
            }
        }
        Ok(())
    }

    /// Becomes the user, group and session that are asked for.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn change_identity(&self) -> Result<(), i32> {
        let call = |result: i32| if result < 0 { Err(errno()) } else { Ok(()) };
        // SAFETY: plain calls; the texts and arrays live.
        unsafe {
            if !self.folder.is_null() {
                call(libc::chdir(self.folder))?;
            }
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(signal, libc::SIG_DFL);
                }
            }
            if let Some(mask) = &self.mask {
                drop_handlers();
                libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
            }
            if self.new_session {
                call(libc::setsid())?;
            }
            if self.process_group >= 0 {
                call(libc::setpgid(0, self.process_group))?;
            }
            if let Some(groups) = &self.groups {
                call(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(gid) = self.gid {
                call(libc::setregid(gid, gid))?;
            }
            if let Some(uid) = self.uid {
                call(libc::setreuid(uid, uid))?;
            }
        }
        Ok(())
    }

    /// Closes all descriptors from 3 on but those to keep.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn close_others(&self) {
        let range = |from: i32, to: u32| {
            if i64::from(from) > i64::from(to) {
                return;
            }
            // SAFETY: plain calls on descriptors of this process.
            unsafe {
                if libc::syscall(libc::SYS_close_range, from as u32, to, 0) != 0 {
                    let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 16) as u32;
                    for fd in from as u32..=to.min(most) {
                        libc::close(fd as i32);
                    }
                }
            }
        };
        let mut from = 3;
        for fd in self.keep.iter().copied().filter(|fd| *fd >= 3) {
            if fd > from {
                range(from, (fd - 1) as u32);
            }
            from = from.max(fd.saturating_add(1));
        }
        range(from, u32::MAX);
    }

    /// All that the child does; it comes back only with a failure.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn run(&mut self) -> Failure {
        // SAFETY: as for this function; the texts and arrays live.
        unsafe {
            for index in 0..self.keep.len() {
                let fd = self.keep[index];
                if fd != self.report[1] {
                    libc::fcntl(fd, libc::F_SETFD, 0);
                }
            }
            if let Err(failed) = self.arrange_streams() {
                return Failure::Setup(failed);
            }
            if let Err(failed) = self.change_identity() {
                return Failure::Setup(failed);
            }
            if let Some(function) = &self.function {
                after_fork_in_child();
                if let Err(raised) = protocol::call0(function) {
                    raised.clear();
                    return Failure::Function;
                }
            }
            if self.close {
                self.close_others();
            }
            let mut saved = 0;
            for program in self.programs.iter() {
                match self.environment {
                    Some(environment) => libc::execve(*program, self.arguments, environment),
                    None => libc::execv(*program, self.arguments),
                };
                let failed = errno();
                if failed != libc::ENOENT && failed != libc::ENOTDIR && saved == 0 {
                    saved = failed;
                }
            }
            Failure::Exec(if saved != 0 { saved } else { errno() })
        }
    }

    /// Runs the child, tells of its failure, and ends it.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn end(&mut self) -> ! {
        // SAFETY: by the contract.
        unsafe {
            let failure = self.run();
            self.tell(&failure);
            libc::_exit(255)
        }
    }

    /// Tells the parent of a failure, in the words that `subprocess` reads.
    ///
    /// # Safety
    /// Runs in the child.
    unsafe fn tell(&self, failure: &Failure) {
        let mut text = [0u8; 64];
        let mut used = 0;
        let mut push = |bytes: &[u8]| {
            for byte in bytes {
                if used < text.len() {
                    text[used] = *byte;
                    used += 1;
                }
            }
        };
        match failure {
            Failure::Function => push(b"SubprocessError:0:Exception occurred in preexec_fn."),
            Failure::Setup(number) | Failure::Exec(number) => {
                push(b"OSError:");
                let mut digits = [0u8; 8];
                let mut count = 0;
                let mut rest = number.unsigned_abs();
                while rest > 0 && count < digits.len() {
                    digits[count] = b"0123456789ABCDEF"[(rest % 16) as usize];
                    rest /= 16;
                    count += 1;
                }
                if count == 0 {
                    digits[0] = b'0';
                    count = 1;
                }
                digits[..count].reverse();
                push(&digits[..count]);
                push(b":");
                if matches!(failure, Failure::Setup(_)) {
                    push(b"noexec");
                }
            }
        }
        // SAFETY: the text is on the stack.
        unsafe { libc::write(self.report[1], text.as_ptr().cast(), used) };
    }
}

/// Makes the system do by default what a handler was called for. What is ignored stays so.
///
/// # Safety
/// Runs in a child with handlers of its own.
unsafe fn drop_handlers() {
    for signal in 1..=64 {
        // SAFETY: plain calls; a number that is no signal is refused.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
                && action.sa_sigaction != libc::SIG_DFL
                && action.sa_sigaction != libc::SIG_IGN
            {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
    }
}

/// The descriptors to keep: positive and rising.
fn descriptors_to_keep(object: &Object) -> Result<Buffer<i32>, Raised> {
    let mut keep = Buffer::new();
    let Some(tuple) = object.downcast::<Tuple>() else {
        return Err(raise!(TypeError, "fork_exec() argument 4 must be tuple, not {}", object.ty().full_name()));
    };
    let mut last = -1;
    for item in tuple.as_slice() {
        let fd = item.downcast::<Int>().and_then(Int::to_i64).and_then(|fd| i32::try_from(fd).ok());
        match fd.filter(|fd| *fd > last) {
            Some(fd) => {
                keep.push(fd)?;
                last = fd;
            }
            None => return Err(raise!(ValueError, "bad value(s) in fds_to_keep")),
        }
    }
    Ok(keep)
}

/// A number of `extra_groups`.
fn group_id(group: &Object) -> Result<u32, Raised> {
    if !group.isinstance::<Int>() {
        return Err(raise!(TypeError, "groups must be integers"));
    }
    id(group, "gid").map(|id| id.0).map_err(|raised| {
        raised.clear();
        raise!(ValueError, "invalid group id")
    })
}

/// A value or None.
fn given(object: &Object) -> Option<&Object> {
    Some(object).filter(|object| !is_none(object))
}

/// A POSIX helper for the subprocess module.
#[pymodule(name = "_posixsubprocess")]
impl PosixSubprocess {
    /// fork_exec(args, executable_list, close_fds, pass_fds, cwd, env,
    ///           p2cread, p2cwrite, c2pread, c2pwrite,
    ///           errread, errwrite, errpipe_read, errpipe_write,
    ///           restore_signals, call_setsid, pgid_to_set,
    ///           gid, groups_list, uid,
    ///           preexec_fn)
    ///
    /// Forks a child process, closes parent file descriptors as appropriate in the
    /// child and dups the few that are needed before calling exec() in the child
    /// process.
    ///
    /// If close_fds is true, close file descriptors 3 and higher, except those listed
    /// in the sorted tuple pass_fds.
    ///
    /// The preexec_fn, if supplied, will be called immediately before closing file
    /// descriptors and exec.
    /// WARNING: preexec_fn is NOT SAFE if your application uses threads.
    ///          It may trigger infrequent, difficult to debug deadlocks.
    ///
    /// If an error occurs in the child process before the exec, it is
    /// serialized and written to the errpipe_write fd per subprocess.py.
    ///
    /// Returns: the child process's PID.
    ///
    /// Raises: Only on an error in the parent process.
    #[signature(*args)]
    #[no_signature]
    #[varargs]
    fn fork_exec(args: &[&Object]) -> Result<i32, Raised> {
        let Ok(args) = <&[&Object; 23]>::try_from(args) else {
            return Err(raise!(TypeError, "fork_exec expected 23 arguments, got {}", args.len()));
        };
        let close = protocol::truth(args[2])?;
        let keep = descriptors_to_keep(args[3])?;
        let mut numbers = [0; 8];
        for (number, argument) in numbers.iter_mut().zip(&args[6..14]) {
            *number = c_int(argument)?;
        }
        let [p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, report_read, report_write] = numbers;
        if close && report_write < 3 {
            return Err(raise!(ValueError, "errpipe_write must be >= 3"));
        }
        let mut arguments = CTexts::empty();
        if !is_none(args[0]) {
            for argument in fast_items(args[0], "argv must be a tuple")?.iter() {
                arguments.push(CText::of_path(argument)?)?;
            }
        }
        let mut programs = CTexts::empty();
        for program in fast_items(args[1], "executable_list must be a sequence")?.iter() {
            programs.push(CText::of_path(program)?)?;
        }
        let mut environment = CTexts::empty();
        let has_environment = given(args[5]).is_some();
        if let Some(env) = given(args[5]) {
            for item in fast_items(env, "env must be a sequence")?.iter() {
                environment.push(CText::of_path(item)?)?;
            }
        }
        let folder = given(args[4]).map(CText::of_path).transpose()?;
        let groups = match given(args[18]) {
            None => None,
            Some(list) => {
                let mut groups = Buffer::new();
                let Some(list) = list.downcast::<List>() else {
                    return Err(raise!(TypeError, "setgroups argument must be a list"));
                };
                let mut at = 0;
                while let Some(group) = list.get(at) {
                    groups.push(group_id(&group)?)?;
                    at += 1;
                }
                Some(groups)
            }
        };
        let mut program_pointers = Buffer::new();
        let first = programs.as_ptr()?;
        for index in 0..programs.count() {
            // SAFETY: there are that many pointers.
            program_pointers.push(unsafe { *first.add(index) })?;
        }
        let child = Child {
            programs: program_pointers,
            arguments: arguments.as_ptr()?,
            environment: if has_environment { Some(environment.as_ptr()?) } else { None },
            folder: folder.as_ref().map_or(std::ptr::null(), CText::as_ptr),
            keep,
            close,
            input: [p2cread, p2cwrite],
            output: [c2pread, c2pwrite],
            errors: [errread, errwrite],
            report: [report_read, report_write],
            restore_signals: protocol::truth(args[14])?,
            new_session: protocol::truth(args[15])?,
            process_group: c_int(args[16])?,
            gid: given(args[17]).map(|gid| id(gid, "gid")).transpose()?.map(|id| id.0),
            groups,
            uid: given(args[19]).map(|uid| id(uid, "uid")).transpose()?.map(|id| id.0),
            umask: c_int(args[20])?,
            function: given(args[21]).map(Object::to_ref),
            mask: None,
        };
        let may_share = protocol::truth(args[22])?;
        start(child, may_share)
    }
}

/// Starts the child: in the memory of this process, while this thread waits for it to execute the program, where that is safe; else in a copy.
fn start(mut child: Child, may_share: bool) -> Result<i32, Raised> {
    // What runs Python code needs memory of its own. And a process of another user shall not share any: it could be told to write there.
    let is_plain = child.function.is_none() && child.gid.is_none() && child.groups.is_none() && child.uid.is_none();
    if may_share && is_plain {
        return start_sharing(child);
    }
    // SAFETY: the child makes system calls alone, or goes on with this thread alone where it calls a function, and ends here.
    unsafe {
        match libc::fork() {
            0 => child.end(),
            -1 => Err(crate::system::last_error()),
            pid => Ok(pid),
        }
    }
}

/// Bytes of the stack of a child that shares this process's memory. It calls nothing that needs much.
const STACK: usize = 128 << 10;

/// Starts the child without a copy of this process's tables of pages, which takes the longer the more memory there is.
fn start_sharing(mut child: Child) -> Result<i32, Raised> {
    extern "C" fn run(child: *mut c_void) -> i32 {
        // SAFETY: below, the child is passed, which outlives the process that shares it.
        unsafe { (*child.cast::<Child>()).end() }
    }
    let mut stack = Buffer::<u64>::with_capacity(STACK / size_of::<u64>())?;
    // SAFETY: with CLONE_VFORK this thread stands still until the child has its own memory or has ended, so that nothing of its data changes
    // meanwhile, and the stack, which grows down from its aligned end, outlives it. All signals are blocked in the child until it has
    // no handlers of this process: they must not run there.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut before);
        child.mask = Some(before);
        let end = stack.as_mut_ptr().add(STACK / size_of::<u64>());
        let top = end.map_addr(|address| address & !15).cast();
        let pid = libc::clone(run, top, libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD, (&raw mut child).cast());
        let failed = if pid < 0 { Some(crate::system::last_error()) } else { None };
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        failed.map_or(Ok(pid), Err)
    }
}

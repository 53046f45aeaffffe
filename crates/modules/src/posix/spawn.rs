//! `posix_spawn`: a program in a new process, without a copy of this one.

use habu_heap::Buffer;
use habu_macros::pymodule;
use habu_runtime::object::protocol::sequence::fast_items;
use habu_runtime::object::{Object, Raised, protocol};
use habu_runtime::raise;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use super::Posix;
use super::path::{PATH, Path};
use super::process::program_texts;
use super::scheduling::priority;
use crate::signal::wait::signal_set;
use crate::system::blocking::{outside, without_lock};
use crate::system::text::CText;
use crate::system::{c_int, last_error, set_errno};

const OPEN: i32 = 0;
const CLOSE: i32 = 1;
const DUP2: i32 = 2;

/// What the new process does with descriptors first.
struct Actions {
    list: libc::posix_spawn_file_actions_t,
    /// The paths that the list refers to.
    paths: Buffer<CText>,
}

impl Actions {
    fn of(actions: &Object) -> Result<Actions, Raised> {
        // SAFETY: the list is plain data that the call initialises.
        let list = unsafe {
            let mut list = std::mem::zeroed();
            libc::posix_spawn_file_actions_init(&mut list);
            list
        };
        let mut made = Actions { list, paths: Buffer::new() };
        for action in fast_items(actions, "file_actions must be a sequence or None")?.iter() {
            let Some(action) = action.downcast::<Tuple>().filter(|action| action.len() > 0) else {
                return Err(raise!(TypeError, "Each file_actions element must be a non-empty tuple"));
            };
            made.add(action.as_borrowed_slice())?;
        }
        Ok(made)
    }

    fn add(&mut self, action: &[&Object]) -> Result<(), Raised> {
        let wrong =
            |name: &str, count: usize| raise!(TypeError, "A {name} file_action tuple must have {count} elements");
        let [tag, rest @ ..] = action else { return Ok(()) };
        // SAFETY: the list was initialised; paths live as long as it.
        let error = unsafe {
            match (c_int(tag)?, rest) {
                (OPEN, &[fd, path, flags, mode]) => {
                    let fd = c_int(fd)?;
                    let path = CText::of_path(path)?;
                    let (flags, mode) = (c_int(flags)?, protocol::number::index(mode)?.to_i64().unwrap_or(-1) as u32);
                    let error = libc::posix_spawn_file_actions_addopen(&mut self.list, fd, path.as_ptr(), flags, mode);
                    self.paths.push(path)?;
                    error
                }
                (OPEN, _) => return Err(wrong("open", 5)),
                (CLOSE, &[fd]) => libc::posix_spawn_file_actions_addclose(&mut self.list, c_int(fd)?),
                (CLOSE, _) => return Err(wrong("close", 2)),
                (DUP2, &[from, to]) => libc::posix_spawn_file_actions_adddup2(&mut self.list, c_int(from)?, c_int(to)?),
                (DUP2, _) => return Err(wrong("dup2", 3)),
                _ => return Err(raise!(TypeError, "Unknown file_actions identifier")),
            }
        };
        if error == 0 {
            return Ok(());
        }
        set_errno(error);
        Err(last_error())
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: the list was initialised.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.list) };
    }
}

/// What the new process is apart from its program: group, session, signals, scheduling.
struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn of(wanted: &Wanted) -> Result<Attributes, Raised> {
        // SAFETY: the attributes are plain data that the call initialises; each setter gets data of its kind.
        unsafe {
            let mut made = std::mem::zeroed();
            libc::posix_spawnattr_init(&mut made);
            let mut made = Attributes(made);
            let mut flags = 0;
            if let Some(group) = wanted.group {
                libc::posix_spawnattr_setpgroup(&mut made.0, c_int(group)?);
                flags |= libc::POSIX_SPAWN_SETPGROUP;
            }
            if wanted.resets_ids {
                flags |= libc::POSIX_SPAWN_RESETIDS;
            }
            if wanted.starts_session {
                flags |= i32::from(libc::POSIX_SPAWN_SETSID);
            }
            if let Some(signals) = wanted.mask {
                libc::posix_spawnattr_setsigmask(&mut made.0, &signal_set(signals)?);
                flags |= libc::POSIX_SPAWN_SETSIGMASK;
            }
            if let Some(signals) = wanted.defaults {
                libc::posix_spawnattr_setsigdefault(&mut made.0, &signal_set(signals)?);
                flags |= libc::POSIX_SPAWN_SETSIGDEF;
            }
            if let Some(scheduler) = wanted.scheduler {
                flags |= made.schedule(scheduler)?;
            }
            libc::posix_spawnattr_setflags(&mut made.0, flags as libc::c_short);
            Ok(made)
        }
    }

    /// A tuple of a policy, or None, and its parameters.
    fn schedule(&mut self, scheduler: &Object) -> Result<i32, Raised> {
        let Some(&[policy, parameters]) = scheduler.downcast::<Tuple>().map(Tuple::as_borrowed_slice) else {
            return Err(match scheduler.isinstance::<Tuple>() {
                true => raise!(TypeError, "A scheduler tuple must have two elements"),
                false => raise!(SystemError, "new style getargs format but argument is not a tuple"),
            });
        };
        let mut flags = libc::POSIX_SPAWN_SETSCHEDPARAM;
        let parameters = priority(parameters)?;
        // SAFETY: the attributes were initialised; the parameters are copied.
        unsafe {
            if !is_none(policy) {
                libc::posix_spawnattr_setschedpolicy(&mut self.0, c_int(policy)?);
                flags |= libc::POSIX_SPAWN_SETSCHEDULER;
            }
            libc::posix_spawnattr_setschedparam(&mut self.0, &parameters);
        }
        Ok(flags)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they were initialised.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

/// What the named arguments ask for.
struct Wanted<'a> {
    actions: Option<&'a Object>,
    group: Option<&'a Object>,
    resets_ids: bool,
    starts_session: bool,
    mask: Option<&'a Object>,
    defaults: Option<&'a Object>,
    scheduler: Option<&'a Object>,
}

/// Spawns; `along_path` has the program looked for along PATH.
fn spawn(
    name: &'static str,
    along_path: bool,
    path: &Object,
    argv: &Object,
    env: &Object,
    wanted: &Wanted,
) -> Result<i32, Raised> {
    let path = Path::new(Some(path), name, "path", PATH)?;
    let (mut arguments, mut environment) = program_texts(name, argv, env)?;
    let actions = match wanted.actions.filter(|actions| !is_none(actions)) {
        Some(actions) => Some(Actions::of(actions)?),
        None => None,
    };
    let attributes = Attributes::of(wanted)?;
    habu_runtime::audit!("os.posix_spawn", path.object.clone(), argv.to_ref(), env.to_ref())?;
    let (arguments, environment) = (arguments.as_ptr()?, environment.as_ptr()?);
    let list = actions.as_ref().map_or(std::ptr::null(), |actions| &raw const actions.list);
    let mut process = 0;
    let call = if along_path { libc::posix_spawnp } else { libc::posix_spawn };
    // SAFETY: texts, actions and attributes live on; the call touches no object.
    let error = without_lock(unsafe {
        outside(|| call(&mut process, path.as_ptr(), list, &attributes.0, arguments.cast(), environment.cast()))
    });
    if error == 0 {
        return Ok(process);
    }
    set_errno(error);
    Err(path.error())
}

#[pymodule(table = SPAWN)]
impl Posix {
    /// Execute the program specified by path in a new process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    ///   env
    ///     Dictionary of strings mapping to strings.
    ///   file_actions
    ///     A sequence of file action tuples.
    ///   setpgroup
    ///     The pgroup to use with the POSIX_SPAWN_SETPGROUP flag.
    ///   resetids
    ///     If the value is `true` the POSIX_SPAWN_RESETIDS will be activated.
    ///   setsid
    ///     If the value is `true` the POSIX_SPAWN_SETSID or POSIX_SPAWN_SETSID_NP will be activated.
    ///   setsigmask
    ///     The sigmask to use with the POSIX_SPAWN_SETSIGMASK flag.
    ///   setsigdef
    ///     The sigmask to use with the POSIX_SPAWN_SETSIGDEF flag.
    ///   scheduler
    ///     A tuple with the scheduler policy (optional) and parameters.
    #[signature(path, argv, env, /, *, file_actions = None, setpgroup = None, resetids = 0, setsid = 0, setsigmask = None, setsigdef = None, scheduler = None)]
    #[shown(
        "($module, path, argv, env, /, *, file_actions=(),\n            setpgroup=<unrepresentable>, resetids=False, setsid=False,\n            setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"
    )]
    #[allow(clippy::too_many_arguments, reason = "a function of Python")]
    fn posix_spawn(
        path: &Object,
        argv: &Object,
        env: &Object,
        file_actions: Option<&Object>,
        setpgroup: Option<&Object>,
        resetids: i32,
        setsid: i32,
        setsigmask: Option<&Object>,
        setsigdef: Option<&Object>,
        scheduler: Option<&Object>,
    ) -> Result<i32, Raised> {
        let wanted = Wanted {
            actions: file_actions,
            group: setpgroup,
            resets_ids: resetids != 0,
            starts_session: setsid != 0,
            mask: setsigmask,
            defaults: setsigdef,
            scheduler,
        };
        spawn("posix_spawn", false, path, argv, env, &wanted)
    }

    /// Execute the program specified by path in a new process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    ///   env
    ///     Dictionary of strings mapping to strings.
    ///   file_actions
    ///     A sequence of file action tuples.
    ///   setpgroup
    ///     The pgroup to use with the POSIX_SPAWN_SETPGROUP flag.
    ///   resetids
    ///     If the value is `True` the POSIX_SPAWN_RESETIDS will be activated.
    ///   setsid
    ///     If the value is `True` the POSIX_SPAWN_SETSID or POSIX_SPAWN_SETSID_NP will be activated.
    ///   setsigmask
    ///     The sigmask to use with the POSIX_SPAWN_SETSIGMASK flag.
    ///   setsigdef
    ///     The sigmask to use with the POSIX_SPAWN_SETSIGDEF flag.
    ///   scheduler
    ///     A tuple with the scheduler policy (optional) and parameters.
    #[signature(path, argv, env, /, *, file_actions = None, setpgroup = None, resetids = 0, setsid = 0, setsigmask = None, setsigdef = None, scheduler = None)]
    #[shown(
        "($module, path, argv, env, /, *, file_actions=(),\n             setpgroup=<unrepresentable>, resetids=False, setsid=False,\n             setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)"
    )]
    #[allow(clippy::too_many_arguments, reason = "a function of Python")]
    fn posix_spawnp(
        path: &Object,
        argv: &Object,
        env: &Object,
        file_actions: Option<&Object>,
        setpgroup: Option<&Object>,
        resetids: i32,
        setsid: i32,
        setsigmask: Option<&Object>,
        setsigdef: Option<&Object>,
        scheduler: Option<&Object>,
    ) -> Result<i32, Raised> {
        let wanted = Wanted {
            actions: file_actions,
            group: setpgroup,
            resets_ids: resetids != 0,
            starts_session: setsid != 0,
            mask: setsigmask,
            defaults: setsigdef,
            scheduler,
        };
        spawn("posix_spawnp", true, path, argv, env, &wanted)
    }
}

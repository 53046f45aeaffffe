//! `syslog`: messages for the system's log.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use crate::system::blocking::{outside, without_lock};
use crate::system::text::CText;
use crate::system::{Optional, c_int, state};

/// What keeps the name of the program that the C library points at.
const IDENT: &str = "syslog.ident";

/// The name of the program that runs, without its folder.
fn program() -> Result<Option<Ref<Str>>, Raised> {
    let Some(argv) = crate::system::sys_attribute("argv")? else { return Ok(None) };
    let first = match argv.downcast::<habu_runtime::types::list::List>().and_then(|argv| argv.get(0)) {
        Some(first) => first,
        None => return Ok(None),
    };
    let Some(path) = first.downcast::<Str>() else { return Ok(None) };
    let text = path.to_string_lossy();
    let name = text.rsplit('/').next().unwrap_or("");
    if name.is_empty() { Ok(None) } else { Str::new(name).map(Some) }
}

/// Opens the log; the name of the program is kept as long as the C library points at it.
fn open(ident: Option<&Str>, option: i32, facility: i32) -> Result<(), Raised> {
    let ident = match ident {
        Some(ident) => Some(Ref::from_borrowed(ident)),
        None => program()?,
    };
    let kept = ident.map(|ident| CText::of_str(&ident)).transpose()?;
    let bytes = match &kept {
        Some(text) => {
            let mut bytes = habu_heap::Buffer::from_slice(text.as_bytes())?;
            bytes.push(0)?;
            Some(habu_runtime::types::bytes::Bytes::new(&bytes)?)
        }
        None => None,
    };
    let pointer = bytes.as_ref().map_or(std::ptr::null(), |bytes| bytes.as_slice().as_ptr().cast());
    let shown = kept.as_ref().map(|text| crate::system::text::decode(text.as_bytes())).transpose()?;
    habu_runtime::audit!("syslog.openlog", shown, option, facility)?;
    // SAFETY: the bytes end by NUL, and are kept until the log is opened anew or closed.
    unsafe { libc::openlog(pointer, option, facility) };
    match bytes {
        Some(bytes) => state::set(IDENT, &bytes),
        None => state::set(IDENT, &habu_runtime::types::none()),
    }
}

fn is_open() -> Result<bool, Raised> {
    Ok(state::get(IDENT)?.is_some())
}

/// The module.
pub struct Syslog;

#[pymodule(name = "syslog")]
impl Syslog {
    #[no_signature]
    #[signature(ident = Optional::MISSING, logoption = 0, facility = libc::LOG_USER)]
    fn openlog(ident: Optional<&Str>, logoption: i32, facility: i32) -> Result<(), Raised> {
        open(ident.0, logoption, facility)
    }

    #[no_signature]
    fn closelog() -> Result<(), Raised> {
        habu_runtime::audit!("syslog.closelog")?;
        if is_open()? {
            // SAFETY: a plain call.
            unsafe { libc::closelog() };
            // The name may go: the C library does not point at it any more.
            state::remove(IDENT)?;
        }
        Ok(())
    }

    #[no_signature]
    #[signature(*args)]
    #[varargs(unpack)]
    fn syslog(args: &[&Object]) -> Result<(), Raised> {
        let wrong = || raise!(TypeError, "[priority,] message string");
        let (priority, message) = match args {
            [message] => (libc::LOG_INFO, message),
            [priority, message] => match c_int(priority) {
                Ok(priority) => (priority, message),
                Err(raised) => {
                    raised.clear();
                    return Err(wrong());
                }
            },
            _ => return Err(wrong()),
        };
        let Some(message) = message.downcast::<Str>() else { return Err(wrong()) };
        let mut bytes = crate::system::text::encode(message)?;
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        bytes.truncate(end);
        bytes.push(0)?;
        habu_runtime::audit!("syslog.syslog", priority, message.to_ref())?;
        if !is_open()? {
            open(None, 0, libc::LOG_USER)?;
        }
        let text = bytes.as_ptr();
        // SAFETY: the text ends by NUL; the format takes one text.
        without_lock(unsafe { outside(|| libc::syslog(priority, c"%s".as_ptr(), text)) });
        Ok(())
    }

    #[no_signature]
    #[varargs(unpack)]
    fn setlogmask(mask: i32) -> Result<i32, Raised> {
        habu_runtime::audit!("syslog.setlogmask", mask)?;
        // SAFETY: a plain call.
        Ok(unsafe { libc::setlogmask(mask) })
    }

    #[no_signature]
    #[varargs]
    #[name = "LOG_MASK"]
    fn log_mask(priority: i64) -> Result<i64, Raised> {
        Ok(1i64.checked_shl(priority as u32).unwrap_or(0))
    }

    #[no_signature]
    #[varargs]
    #[name = "LOG_UPTO"]
    fn log_up_to(priority: i64) -> Result<i64, Raised> {
        Ok(1i64.checked_shl(priority.wrapping_add(1) as u32).unwrap_or(0).wrapping_sub(1))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        CONSTANTS.iter().try_for_each(|(name, value)| module.set_int(name, *value))
    }
}

/// The constants of Linux.
static CONSTANTS: &[(&str, i64)] = &[
    ("LOG_ALERT", 1),
    ("LOG_AUTH", 32),
    ("LOG_AUTHPRIV", 80),
    ("LOG_CONS", 2),
    ("LOG_CRIT", 2),
    ("LOG_CRON", 72),
    ("LOG_DAEMON", 24),
    ("LOG_DEBUG", 7),
    ("LOG_EMERG", 0),
    ("LOG_ERR", 3),
    ("LOG_INFO", 6),
    ("LOG_KERN", 0),
    ("LOG_LOCAL0", 128),
    ("LOG_LOCAL1", 136),
    ("LOG_LOCAL2", 144),
    ("LOG_LOCAL3", 152),
    ("LOG_LOCAL4", 160),
    ("LOG_LOCAL5", 168),
    ("LOG_LOCAL6", 176),
    ("LOG_LOCAL7", 184),
    ("LOG_LPR", 48),
    ("LOG_MAIL", 16),
    ("LOG_NDELAY", 8),
    ("LOG_NEWS", 56),
    ("LOG_NOTICE", 5),
    ("LOG_NOWAIT", 16),
    ("LOG_ODELAY", 4),
    ("LOG_PERROR", 32),
    ("LOG_PID", 1),
    ("LOG_SYSLOG", 40),
    ("LOG_USER", 8),
    ("LOG_UUCP", 64),
    ("LOG_WARNING", 4),
];

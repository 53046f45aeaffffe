//! The attributes of `sys` that are set when an interpreter starts.

use habu_runtime::object::{Raised, Ref};
use habu_runtime::struct_sequence;
use habu_runtime::threads::{Config, Thread};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::namespace::SimpleNamespace;
use habu_runtime::types::set::FrozenSet;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none};

/// The version of Python that Habu is.
pub const VERSION: (i64, i64, i64) = (3, 11, 7);

struct_sequence! {
    doc "sys.version_info\n\nVersion information as a named tuple."
    static VERSION_INFO = "sys.version_info", visible 5, no_new true, {
        major: "Major release number",
        minor: "Minor release number",
        micro: "Patch release number",
        releaselevel: "'alpha', 'beta', 'candidate', or 'final'",
        serial: "Serial release number",
    }
}

struct_sequence! {
    doc "sys.flags\n\nFlags provided through command line arguments or environment vars."
    static FLAGS = "sys.flags", visible 18, no_new true, {
        debug: "-d",
        inspect: "-i",
        interactive: "-i",
        optimize: "-O or -OO",
        dont_write_bytecode: "-B",
        no_user_site: "-s",
        no_site: "-S",
        ignore_environment: "-E",
        verbose: "-v",
        bytes_warning: "-b",
        quiet: "-q",
        hash_randomization: "-R",
        isolated: "-I",
        dev_mode: "-X dev",
        utf8_mode: "-X utf8",
        warn_default_encoding: "-X warn_default_encoding",
        safe_path: "-P",
        int_max_str_digits: "-X int_max_str_digits",
    }
}

struct_sequence! {
    doc "sys.float_info\n\nA named tuple holding information about the float type. It contains low level\ninformation about the precision and internal representation."
    static FLOAT_INFO = "sys.float_info", visible 11, no_new false, {
        max: "DBL_MAX -- maximum representable finite float",
        max_exp: "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable",
        max_10_exp: "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable",
        min: "DBL_MIN -- Minimum positive normalized float",
        min_exp: "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float",
        min_10_exp: "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float",
        dig: "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in a float",
        mant_dig: "DBL_MANT_DIG -- mantissa digits",
        epsilon: "DBL_EPSILON -- Difference between 1 and the next representable float",
        radix: "FLT_RADIX -- radix of exponent",
        rounds: "FLT_ROUNDS -- rounding mode used for arithmetic operations",
    }
}

struct_sequence! {
    doc "sys.int_info\n\nA named tuple that holds information about Python's\ninternal representation of integers.  The attributes are read only."
    static INT_INFO = "sys.int_info", visible 4, no_new false, {
        bits_per_digit: "size of a digit in bits",
        sizeof_digit: "size in bytes of the C type used to represent a digit",
        default_max_str_digits: "maximum string conversion digits limitation",
        str_digits_check_threshold: "minimum positive value for int_max_str_digits",
    }
}

struct_sequence! {
    doc "hash_info\n\nA named tuple providing parameters used for computing hashes.\nThe attributes are read only."
    static HASH_INFO = "sys.hash_info", visible 9, no_new false, {
        width: "width of the type used for hashing, in bits",
        modulus: "prime number giving the modulus on which the hash function is based",
        inf: "value to be used for hash of a positive infinity",
        nan: "value to be used for hash of a nan",
        imag: "multiplier used for the imaginary part of a complex number",
        algorithm: "name of the algorithm for hashing of str, bytes and memoryviews",
        hash_bits: "internal output size of hash algorithm",
        seed_bits: "seed size of hash algorithm",
        cutoff: "small string optimization cutoff",
    }
}

struct_sequence! {
    doc "sys.thread_info\n\nA named tuple holding information about the thread implementation."
    static THREAD_INFO = "sys.thread_info", visible 3, no_new false, {
        name: "name of the thread implementation",
        lock: "name of the lock implementation",
        version: "name and version of the thread library",
    }
}

fn int(value: i64) -> Result<Ref, Raised> {
    Ok(Int::from_i64(value)?.into_object())
}

fn text(value: &str) -> Result<Ref, Raised> {
    Ok(Str::new(value)?.into_object())
}

/// A list of strings.
fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    for value in values {
        list.push(Str::new(value)?.into_object())?;
    }
    Ok(list)
}

/// Sets everything.
pub(super) fn fill(module: &Module) -> Result<(), Raised> {
    let interpreter = Thread::current().interpreter();
    let config = &*interpreter.config;
    versions(module)?;
    numbers(module)?;
    flags(module, config)?;
    paths(module, config)?;
    let mut names: Vec<String> = sorted_names().into_iter().map(str::to_owned).collect();
    names.append(&mut habu_runtime::import::extension::inittab_names());
    names.sort();
    let names = Tuple::build(names.len(), |index| Ok(Str::intern(&names[index])?.into_object()))?;
    module.set("builtin_module_names", &names)?;
    let library: Vec<Ref> = STDLIB.split_whitespace().map(text).collect::<Result<_, Raised>>()?;
    module.set("stdlib_module_names", &*FrozenSet::from_refs(&library)?)?;
    if let Some(modules) = interpreter.modules.get() {
        module.set("modules", &modules)?;
    }
    module.set("meta_path", &*List::new()?)?;
    module.set("path_hooks", &*List::new()?)?;
    module.set("path_importer_cache", &*Dict::new()?)?;
    let hooks = [
        ("displayhook", "__displayhook__"),
        ("excepthook", "__excepthook__"),
        ("breakpointhook", "__breakpointhook__"),
        ("unraisablehook", "__unraisablehook__"),
    ];
    for (name, kept) in hooks {
        if let Some(hook) = module.dictionary()?.get_str(name)? {
            module.set(kept, &hook)?;
        }
    }
    Ok(())
}

/// The names of the built-in modules in order.
fn sorted_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = crate::BUILTIN_MODULES.iter().map(|module| module.name).collect();
    names.sort_unstable();
    names
}

fn versions(module: &Module) -> Result<(), Raised> {
    let (major, minor, micro) = VERSION;
    module.set_text("version", &format!("{major}.{minor}.{micro} (Habu {}) [Rust]", env!("CARGO_PKG_VERSION")))?;
    let hex = major << 24 | minor << 16 | micro << 8 | 0xf0;
    module.set_int("hexversion", hex)?;
    module.set_int("api_version", 1013)?;
    VERSION_INFO.ready()?;
    let info = VERSION_INFO.build(|index| match index {
        0 => int(major),
        1 => int(minor),
        2 => int(micro),
        3 => text("final"),
        _ => int(0),
    })?;
    module.set("version_info", &info)?;
    let implementation = Dict::new()?;
    // Installers choose binary wheels by this name: those for CPython 3.11 are the ones that load here.
    implementation.set_str("name", &*Str::intern("cpython")?)?;
    implementation.set_str("cache_tag", &*Str::intern("cpython-311")?)?;
    implementation.set_str("version", &info)?;
    implementation.set_str("hexversion", &*Int::from_i64(hex)?)?;
    implementation.set_str("_multiarch", &*Str::intern("x86_64-linux-gnu")?)?;
    module.set("implementation", &*SimpleNamespace::of(implementation)?)?;
    module.set_text("copyright", "Copyright (c) 2026 The Habu authors.")?;
    module.set_text("platform", "linux")?;
    module.set_text("platlibdir", "lib")?;
    module.set_text("abiflags", "")?;
    module.set_text("byteorder", if cfg!(target_endian = "little") { "little" } else { "big" })?;
    module.set_text("float_repr_style", "short")?;
    module.set_text("_framework", "")?;
    module.set("_git", &*Tuple::from_refs([text("Habu")?, text("")?, text("")?])?)
}

fn numbers(module: &Module) -> Result<(), Raised> {
    module.set_int("maxsize", i64::MAX)?;
    module.set_int("maxunicode", 0x10ffff)?;
    FLOAT_INFO.ready()?;
    let float = |value: f64| -> Result<Ref, Raised> { Ok(Float::new(value)?.into_object()) };
    let info = FLOAT_INFO.build(|index| match index {
        0 => float(f64::MAX),
        1 => int(f64::MAX_EXP.into()),
        2 => int(f64::MAX_10_EXP.into()),
        3 => float(f64::MIN_POSITIVE),
        4 => int(f64::MIN_EXP.into()),
        5 => int(f64::MIN_10_EXP.into()),
        6 => int(f64::DIGITS.into()),
        7 => int(f64::MANTISSA_DIGITS.into()),
        8 => float(f64::EPSILON),
        9 => int(2),
        _ => int(1),
    })?;
    module.set("float_info", &info)?;
    INT_INFO.ready()?;
    module.set("int_info", &*INT_INFO.build(|index| int([30, 4, 4300, 640][index.min(3)]))?)?;
    HASH_INFO.ready()?;
    let info = HASH_INFO.build(|index| match index {
        0 => int(64),
        1 => int((1 << 61) - 1),
        2 => int(314_159),
        3 => int(0),
        4 => int(1_000_003),
        5 => text("siphash13"),
        6 => int(64),
        7 => int(128),
        _ => int(0),
    })?;
    module.set("hash_info", &info)?;
    THREAD_INFO.ready()?;
    let info = THREAD_INFO.build(|index| match index {
        0 => text("pthread"),
        1 => text("semaphore"),
        _ => thread_library(),
    })?;
    module.set("thread_info", &info)
}

/// The name and version of the system's thread library; None where it does not tell.
fn thread_library() -> Result<Ref, Raised> {
    let mut room = [0u8; 64];
    // SAFETY: the call writes no more than there is room for.
    let length = unsafe { libc::confstr(libc::_CS_GNU_LIBPTHREAD_VERSION, room.as_mut_ptr().cast(), room.len()) };
    match room.get(..length.saturating_sub(1)).filter(|name| !name.is_empty()) {
        Some(name) => Ok(Str::new(&String::from_utf8_lossy(name))?.into_object()),
        None => Ok(none()),
    }
}

fn flags(module: &Module, config: &Config) -> Result<(), Raised> {
    let given = &config.flags;
    let numbers = [
        given.debug,
        given.inspect,
        given.interactive,
        given.optimize,
        given.dont_write_bytecode,
        given.no_user_site,
        given.no_site,
        given.ignore_environment,
        given.verbose,
        given.bytes_warning,
        given.quiet,
        given.hash_randomization,
        given.isolated,
    ];
    FLAGS.ready()?;
    let value = FLAGS.build(|index| match index {
        13 => Ok(boolean(given.dev_mode)),
        14 => int(given.utf8_mode.into()),
        15 => int(given.warn_default_encoding.into()),
        16 => Ok(boolean(given.safe_path)),
        17 => int(given.int_max_str_digits.into()),
        index => int(numbers.get(index).copied().unwrap_or(0).into()),
    })?;
    module.set("flags", &value)?;
    module.set("dont_write_bytecode", &boolean(given.dont_write_bytecode != 0))?;
    module.set("warnoptions", &*texts(&config.warn_options)?)?;
    let options = Dict::new()?;
    for (name, value) in &config.x_options {
        match value {
            Some(value) => options.set_str(name, &*Str::new(value)?)?,
            None => options.set_str(name, &boolean(true))?,
        }
    }
    module.set("_xoptions", &options)
}

/// A list of arguments, which are whatever bytes the process was given.
pub(crate) fn arguments(given: &[std::ffi::OsString]) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    for argument in given {
        list.push(crate::system::text::decode(argument.as_encoded_bytes())?.into_object())?;
    }
    Ok(list)
}

fn paths(module: &Module, config: &Config) -> Result<(), Raised> {
    module.set("argv", &*arguments(&config.argv)?)?;
    module.set("orig_argv", &*arguments(&config.orig_argv)?)?;
    module.set("path", &*texts(&config.path)?)?;
    module.set_text("executable", &config.executable)?;
    module.set_text("_base_executable", &config.executable)?;
    module.set_text("prefix", &config.prefix.to_string_lossy())?;
    module.set_text("exec_prefix", &config.prefix.to_string_lossy())?;
    module.set_text("base_prefix", &config.base_prefix.to_string_lossy())?;
    module.set_text("base_exec_prefix", &config.base_prefix.to_string_lossy())?;
    module.set_text("_stdlib_dir", &config.library.to_string_lossy())?;
    match &config.pycache_prefix {
        Some(prefix) => module.set_text("pycache_prefix", prefix),
        None => module.set_none("pycache_prefix"),
    }
}

/// The top-level names of the 3.11 library.
const STDLIB: &str = "__future__ _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess _bz2 _codecs _codecs_cn \
_codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _compat_pickle _compression \
_contextvars _crypt _csv _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib \
_frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 \
_msi _multibytecodec _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess \
_py_abc _pydecimal _pyio _queue _random _scproxy _sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 \
_sre _ssl _stat _statistics _string _strptime _struct _symtable _thread _threading_local _tkinter _tokenize _tracemalloc \
_typing _uuid _warnings _weakref _weakrefset _winapi _zoneinfo abc aifc antigravity argparse array ast asynchat asyncio \
asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs \
codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes \
curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler \
fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip \
hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 \
linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc \
nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes \
pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat \
queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil \
signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics \
string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios \
textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types \
typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc \
zipapp zipfile zipimport zlib zoneinfo";

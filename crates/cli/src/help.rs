//! What `-h`, `--help-env`, `--help-xoptions` and `--help-all` print.

/// The first line of help and of complaints about the command line, after `usage: ` and the program's name.
pub(crate) const USAGE: &str = "[option] ... [-c cmd | -m mod | file | -] [arg] ...";

/// `-h`
pub(crate) const OPTIONS: &str = "\
Options (with the environment variables that do the same):
-b     : warn where bytes are turned into str or compared with str (-bb: raise an error)
-B     : write no .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : run this text (ends the list of options)
-d     : debug the parser; also PYTHONDEBUG=x
-E     : ignore all PYTHON* environment variables
-h     : print this help and exit (also -? or --help)
-i     : go on at a prompt after the program, and prompt even where the input is no terminal; also PYTHONINSPECT=x
-I     : keep away from the user's environment (implies -E, -P and -s)
-m mod : run a module of the library or of sys.path as a script (ends the list of options)
-O     : leave assert statements and what depends on __debug__ out; also PYTHONOPTIMIZE=x
-OO    : as -O, without docstrings too
-P     : do not put a folder that others may write to before sys.path; also PYTHONSAFEPATH=x
-q     : print no version and no hints where a session begins
-s     : do not add the user's own site folder to sys.path; also PYTHONNOUSERSITE=x
-S     : do not import site at the start
-u     : do not buffer the standard output and error; also PYTHONUNBUFFERED=x
-v     : trace imports; also PYTHONVERBOSE=x
-V     : print the version and exit (also --version; twice for more)
-W arg : what to do with warnings, as action:message:category:module:line; also PYTHONWARNINGS=arg
-x     : skip the first line of the source
-X opt : set an option of the implementation (see --help-xoptions)
--check-hash-based-pycs always|default|never:
         how .pyc files that hold the hash of their source are checked
--memory-limit size: let the program take no more memory (as in 256M, 2G); also HABU_MEMORY_LIMIT=size,
         which child processes inherit
--help-env      : print help about environment variables and exit
--help-xoptions : print help about -X options and exit
--help-all      : print all help and exit

file   : run this file, folder or archive
-      : run the standard input (the default; with a prompt if it is a terminal)
arg ...: the program's arguments, in sys.argv[1:]";

/// `--help-env`
pub(crate) const ENVIRONMENT: &str = "\
Environment variables:
PYTHONSTARTUP    : a file to run before a session at the prompt
PYTHONPATH       : folders, with ':' between them, to search for modules first
PYTHONHOME       : where the library is: its prefix, of which lib/python3.11 is a part
PYTHONSAFEPATH   : as -P
PYTHONPLATLIBDIR : what sys.platlibdir is to be
PYTHONUTF8       : 1 for the UTF-8 mode, 0 against it
PYTHONIOENCODING : encoding[:errors] of the standard streams
PYTHONHASHSEED   : 'random', or a number from 0 to 4294967295 for hashes of str and bytes that repeat
PYTHONINTMAXSTRDIGITS : how many digits of an int may be turned into text or read from it; 0 for any number
PYTHONPYCACHEPREFIX   : a folder for all .pyc files
PYTHONMALLOC     : the allocators to use
PYTHONTRACEMALLOC: as -X tracemalloc
PYTHONFAULTHANDLER    : as -X faulthandler
PYTHONDEVMODE    : as -X dev
PYTHONWARNDEFAULTENCODING : as -X warn_default_encoding
PYTHONNODEBUGRANGES   : as -X no_debug_ranges
PYTHONPROFILEIMPORTTIME : as -X importtime
PYTHONBREAKPOINT : the function that breakpoint() calls; 0 for none
PYTHONDEBUG, PYTHONDONTWRITEBYTECODE, PYTHONINSPECT, PYTHONNOUSERSITE, PYTHONOPTIMIZE, PYTHONUNBUFFERED, PYTHONVERBOSE,
PYTHONWARNINGS   : as the options -d, -B, -i, -s, -O, -u, -v, -W";

/// `--help-xoptions`
pub(crate) const X_OPTIONS: &str = "\
Options of the implementation:
-X dev              : checks and warnings for developers
-X faulthandler     : print tracebacks on fatal signals
-X frozen_modules=on|off : whether modules that are part of the program are used
-X importtime       : print how long each import takes
-X int_max_str_digits=N  : as PYTHONINTMAXSTRDIGITS
-X no_debug_ranges  : code objects without columns
-X pycache_prefix=DIR    : as PYTHONPYCACHEPREFIX
-X tracemalloc[=N]  : trace memory from the start, with tracebacks of N frames
-X utf8[=0|1]       : the UTF-8 mode
-X warn_default_encoding : warn where the encoding of the locale is used by default";

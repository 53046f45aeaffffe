//! `PyInit_NAME` of the modules that are part of the program: what programs that embed Python list in a table of their own
//! (`PyImport_AppendInittab`). Each gives the module, as the initialiser of a module without phases does.

use crate::border::*;

/// Declares the initialisers of built-in modules.
macro_rules! initialisers {
    ($($function:ident $name:literal;)*) => {
        export! {
            $(fn $function() => New { habu_runtime::import::import_module($name) })*
        }
    };
}

initialisers! {
    PyInit__abc "_abc"; PyInit__ast "_ast"; PyInit__bisect "_bisect"; PyInit__blake2 "_blake2"; PyInit__codecs "_codecs";
    PyInit__collections "_collections"; PyInit__csv "_csv"; PyInit__datetime "_datetime";
    PyInit__functools "_functools"; PyInit__heapq "_heapq"; PyInit__imp "_imp"; PyInit__io "_io"; PyInit__locale "_locale";
    PyInit__md5 "_md5"; PyInit__opcode "_opcode"; PyInit__operator "_operator"; PyInit__pickle "_pickle";
    PyInit__posixsubprocess "_posixsubprocess"; PyInit__random "_random"; PyInit__sha1 "_sha1"; PyInit__sha256 "_sha256";
    PyInit__sha3 "_sha3"; PyInit__sha512 "_sha512"; PyInit__signal "_signal"; PyInit__socket "_socket"; PyInit__sre "_sre";
    PyInit__stat "_stat"; PyInit__statistics "_statistics"; PyInit__string "_string"; PyInit__struct "_struct";
    PyInit__symtable "_symtable"; PyInit__thread "_thread"; PyInit__tracemalloc "_tracemalloc";
    PyInit__weakref "_weakref"; PyInit_array "array"; PyInit_atexit "atexit"; PyInit_binascii "binascii"; PyInit_cmath "cmath";
    PyInit_errno "errno"; PyInit_faulthandler "faulthandler"; PyInit_fcntl "fcntl"; PyInit_gc "gc"; PyInit_grp "grp";
    PyInit_itertools "itertools"; PyInit_math "math"; PyInit_posix "posix"; PyInit_pwd "pwd"; PyInit_pyexpat "pyexpat";
    PyInit_select "select"; PyInit_spwd "spwd"; PyInit_syslog "syslog"; PyInit_time "time"; PyInit_unicodedata "unicodedata";
    PyInit_xxsubtype "xxsubtype"; PyInit_zlib "zlib";
}

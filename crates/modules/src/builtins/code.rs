//! `compile`, `exec`, `eval`, `breakpoint`.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::types::code::Code;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{eval, id, raise};

use super::Builtins;
use crate::compiling::{self, Source};

/// The scopes of `exec` and `eval`: those given, else the caller's; `__builtins__` is put into the globals.
fn scopes(function: &str, globals: Option<&Object>, locals: Option<&Object>) -> Result<(Ref<Dict>, Ref), Raised> {
    let globals = globals.filter(|globals| !is_none(globals));
    let locals = locals.filter(|locals| !is_none(locals));
    if let Some(locals) = locals
        && !protocol::mapping::is_mapping(locals)
    {
        return Err(match function {
            "exec" => raise!(TypeError, "locals must be a mapping or None, not {}", locals.ty().full_name()),
            _ => raise!(TypeError, "locals must be a mapping"),
        });
    }
    let (globals, locals) = match globals {
        Some(globals) => {
            let Some(dict) = globals.downcast::<Dict>() else {
                return Err(match function {
                    "exec" => raise!(TypeError, "exec() globals must be a dict, not {}", globals.ty().full_name()),
                    _ if protocol::mapping::is_mapping(globals) => {
                        raise!(TypeError, "globals must be a real dict; try eval(expr, {{}}, mapping)")
                    }
                    _ => raise!(TypeError, "globals must be a dict"),
                });
            };
            (Ref::from_borrowed(dict), locals.map_or_else(|| dict.to_ref(), Object::to_ref))
        }
        None => {
            let Some(globals) = eval::globals() else {
                return Err(raise!(
                    TypeError,
                    "{function} must be given globals and locals when called without a frame"
                ));
            };
            let locals = match locals {
                Some(locals) => locals.to_ref(),
                None => eval::locals()?,
            };
            (globals, locals)
        }
    };
    if globals.get(id!(__builtins__))?.is_none() {
        globals.set(id!(__builtins__), &eval::builtins())?;
    }
    Ok((globals, locals))
}

#[pymodule(table = CODE)]
impl Builtins {
    /// Compile source into a code object that can be executed by exec() or eval().
    ///
    /// The source code may represent a Python module, statement or expression.
    /// The filename will be used for run-time error messages.
    /// The mode must be 'exec' to compile a module, 'single' to compile a
    /// single (interactive) statement, or 'eval' to compile an expression.
    /// The flags argument, if present, controls which future statements influence
    /// the compilation of the code.
    /// The dont_inherit argument, if true, stops the compilation inheriting
    /// the effects of any future statements in effect in the code calling
    /// compile; if absent or false these statements do influence the compilation,
    /// in addition to any features explicitly specified.
    #[signature(source, filename, mode, flags = 0, dont_inherit = false, optimize = -1, *, _feature_version = -1)]
    #[shown(
        "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)"
    )]
    fn compile(
        source: &Object,
        filename: &Object,
        mode: &Str,
        flags: i32,
        dont_inherit: bool,
        optimize: i32,
        _feature_version: i32,
    ) -> Result<Ref, Raised> {
        compiling::compile_builtin(source, filename, mode, flags, dont_inherit, optimize, _feature_version)
    }

    /// Execute the given source in the context of globals and locals.
    ///
    /// The source may be a string representing one or more Python statements
    /// or a code object as returned by compile().
    /// The globals must be a dictionary and locals can be any mapping,
    /// defaulting to the current globals and locals.
    /// If only globals is given, locals defaults to it.
    /// The closure must be a tuple of cellvars, and can only be used
    /// when source is a code object requiring exactly that many cellvars.
    #[signature(source, globals = None, locals = None, /, *, closure = None)]
    fn exec(
        source: &Object,
        globals: Option<&Object>,
        locals: Option<&Object>,
        closure: Option<&Object>,
    ) -> Result<(), Raised> {
        let (globals, locals) = scopes("exec", globals, locals)?;
        let closure = closure.filter(|closure| !is_none(closure));
        if let Some(code) = source.downcast_exact::<Code>() {
            let free = code.free_count();
            let closure = match closure {
                None if free == 0 => None,
                None => {
                    return Err(raise!(TypeError, "code object requires a closure of exactly length {free}"));
                }
                Some(_) if free == 0 => {
                    return Err(raise!(TypeError, "cannot use a closure with this code object"));
                }
                Some(closure) => {
                    let cells = closure.downcast_exact::<Tuple>().filter(|cells| {
                        cells.len() == free
                            && cells.as_slice().iter().all(|cell| cell.is_exact::<habu_runtime::types::cell::Cell>())
                    });
                    let Some(cells) = cells else {
                        return Err(raise!(TypeError, "code object requires a closure of exactly length {free}"));
                    };
                    Some(cells)
                }
            };
            habu_runtime::audit!("exec", code.to_ref())?;
            return eval::run_code_with_closure(code, &globals, &locals, closure).map(drop);
        }
        if closure.is_some() {
            return Err(raise!(TypeError, "closure can only be used when source is a code object"));
        }
        let source = Source::from_object(source, "exec", "string, bytes or code")?;
        let (code, _literals) = compiling::compile_to_run(&source, "<string>", habu_compiler::Mode::Exec)?;
        habu_runtime::audit!("exec", code.clone())?;
        eval::run_code(&code, &globals, &locals).map(drop)
    }

    /// Evaluate the given source in the context of globals and locals.
    ///
    /// The source may be a string representing a Python expression
    /// or a code object as returned by compile().
    /// The globals must be a dictionary and locals can be any mapping,
    /// defaulting to the current globals and locals.
    /// If only globals is given, locals defaults to it.
    #[signature(source, globals = None, locals = None, /)]
    fn eval(source: &Object, globals: Option<&Object>, locals: Option<&Object>) -> Result<Ref, Raised> {
        let (globals, locals) = scopes("eval", globals, locals)?;
        if let Some(code) = source.downcast_exact::<Code>() {
            if code.free_count() > 0 {
                return Err(raise!(TypeError, "code object passed to eval() may not contain free variables"));
            }
            habu_runtime::audit!("exec", code.to_ref())?;
            return eval::run_code(code, &globals, &locals);
        }
        let source = Source::from_object(source, "eval", "string, bytes or code")?.without_indent();
        let (code, _literals) = compiling::compile_to_run(&source, "<string>", habu_compiler::Mode::Eval)?;
        habu_runtime::audit!("exec", code.clone())?;
        eval::run_code(&code, &globals, &locals)
    }

    /// breakpoint(*args, **kws)
    ///
    /// Call sys.breakpointhook(*args, **kws).  sys.breakpointhook() must accept
    /// whatever arguments are passed.
    ///
    /// By default, this drops you into the pdb debugger.
    #[raw]
    fn breakpoint(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let hook = crate::sys_::get("breakpointhook")?;
        match hook {
            Some(hook) => protocol::vectorcall(&hook, args, names),
            None => Err(raise!(RuntimeError, "lost sys.breakpointhook")),
        }
    }
}

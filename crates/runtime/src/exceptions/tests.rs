//! Exceptions as an interpreter without any module has them.

use crate::exceptions::{BaseException, chain, exc, group, raise_key_error, raise_os_error, raise_stop_iteration};
use crate::object::protocol;
use crate::object::{Object, Raised, Ref, Type};
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

fn start() {
    assert!(crate::threads::start::start(Default::default(), habu_heap::Config::default()).is_some());
}

fn text(value: Result<Ref<Str>, Raised>) -> String {
    match value {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => format!("raised {}", raised.take().ty().name()),
    }
}

fn repr(raised: Raised) -> String {
    text(protocol::repr(&raised.take()))
}

fn make(kind: &Type, args: &[&Object]) -> Ref {
    let Ok(made) = protocol::call(kind, args) else { panic!("cannot make a {}", kind.name()) };
    made
}

#[test]
fn helpers_make_what_cpython_makes() {
    start();
    let Ok(pair) = Tuple::from_refs([crate::types::none(), crate::types::none()]) else { panic!("no tuple") };
    assert_eq!(repr(raise_key_error(&pair)), "KeyError((None, None))");
    assert_eq!(repr(raise_stop_iteration(Some(pair.into_object()))), "StopIteration((None, None))");
    assert_eq!(repr(raise_stop_iteration(None)), "StopIteration()");
    let Ok(name) = Str::new("f") else { panic!("no string") };
    let error = raise_os_error(libc::ENOENT, Some(&name)).take();
    assert_eq!(error.ty().name(), "FileNotFoundError");
    assert_eq!(text(protocol::str(&error)), "[Errno 2] No such file or directory: 'f'");
    assert_eq!(text(protocol::repr(&error)), "FileNotFoundError(2, 'No such file or directory')");
}

#[test]
fn groups_split_by_type() {
    start();
    let Ok(list) = List::new() else { panic!("no list") };
    for kind in [exc::TypeError(), exc::ValueError()] {
        assert!(list.push(make(kind, &[])).is_ok());
    }
    let Ok(made) = group::create("m", list.into_object()) else { panic!("no group") };
    assert_eq!(text(protocol::repr(&made)), "ExceptionGroup('m', [TypeError(), ValueError()])");
    assert_eq!(text(protocol::str(&made)), "m (2 sub-exceptions)");
    let Ok(split) = Str::new("split") else { panic!("no string") };
    let Ok(parts) = protocol::call_method(&made, &split, &[exc::TypeError()]) else { panic!("not split") };
    assert_eq!(
        text(protocol::repr(&parts)),
        "(ExceptionGroup('m', [TypeError()]), ExceptionGroup('m', [ValueError()]))"
    );
}

#[test]
fn deep_chains_die_without_deep_recursion() {
    start();
    let mut last: Option<Ref<BaseException>> = None;
    for _ in 0..200_000 {
        let Ok(next) = make(exc::ValueError(), &[]).downcast_into::<BaseException>() else { panic!("no exception") };
        next.context.set(last.take());
        last = Some(next);
    }
    drop(last);
}

#[test]
fn contexts_do_not_form_cycles() {
    start();
    let new = || match make(exc::ValueError(), &[]).downcast_into::<BaseException>() {
        Ok(exception) => exception,
        Err(_) => panic!("no exception"),
    };
    let (first, second) = (new(), new());
    chain::set_context(&second, &first);
    chain::set_context(&first, &second);
    assert!(second.context.is_empty());
    assert!(first.context.get().is_some_and(|context| context.is(&second)));
}

#[test]
fn errno_chooses_the_class() {
    start();
    let Ok(errno) = Int::from_i64(libc::EPIPE.into()) else { panic!("no int") };
    let made = make(exc::OSError(), &[&errno, &errno]);
    assert_eq!(made.ty().name(), "BrokenPipeError");
}

//! Interpreters beside each other: each on a thread, nothing shared, no waiting for the other.

use std::path::PathBuf;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use habu_interpreters::{Error, Interpreter};

/// The shared library that this build made beside the test, which depends on it.
fn library() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("libpython3_11.so")
}

/// Where the tests share a process they take turns: the linker has room for some copies only, and takes room back in the opposite order of loading.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start() -> Interpreter {
    Interpreter::start(library(), &["-I", "-B"]).unwrap()
}

#[test]
fn two_on_two_threads_share_nothing() {
    let _turn = turn();
    let barrier = Barrier::new(2);
    let work = |number: i32| {
        let interpreter = start();
        barrier.wait();
        let source = format!(
            "import sys, threading, _thread, gc, json, collections\nmine = {number}\nsys.mark = mine\nlist_before = sys.getrefcount(list)\n\
             seen = [threading.Thread(target=lambda: None) for _ in range(5)]\n[t.start() for t in seen]\n[t.join() for t in seen]\n\
             made = [collections.Counter(json.dumps([i] * 3)) for i in range(4000)]\nassert sys.mark == mine\n\
             assert threading.current_thread() is threading.main_thread()\ngc.collect()"
        );
        assert_eq!(interpreter.run(&source), 0);
        barrier.wait();
        let told = interpreter.evaluate("mine, sys.mark, id(list), id(None), id(sys), id(sys.modules)").unwrap();
        barrier.wait();
        told
    };
    let (one, two) = std::thread::scope(|scope| {
        let threads = (scope.spawn(|| work(1)), scope.spawn(|| work(2)));
        (threads.0.join().unwrap(), threads.1.join().unwrap())
    });
    let parts = |told: &str| told.trim_matches(['(', ')']).split(", ").map(str::to_owned).collect::<Vec<_>>();
    let (one, two) = (parts(&one), parts(&two));
    assert_eq!((&one[..2], &two[..2]), (&["1".to_owned(), "1".to_owned()][..], &["2".to_owned(), "2".to_owned()][..]));
    for (mine, theirs) in one[2..].iter().zip(&two[2..]) {
        assert_ne!(mine, theirs);
    }
}

#[test]
fn a_busy_loop_does_not_hold_the_other_up() {
    let _turn = turn();
    let (busy, other) = (start(), start());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(busy.run("import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass"), 0)
        });
        std::thread::sleep(Duration::from_millis(200));
        let began = Instant::now();
        for number in 0..200 {
            assert_eq!(other.evaluate(&format!("{number} + 1")), Ok((number + 1).to_string()));
        }
        // With one lock each of the 200 would wait for the switch interval; the loop itself lasts for three seconds.
        assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
        assert!(other.evaluate("'end' in globals()").unwrap() == "False");
    });
}

#[test]
fn one_can_be_asked_from_several_threads_in_turn() {
    let _turn = turn();
    let interpreter = start();
    assert_eq!(interpreter.run("import threading; asked = []; who = set()"), 0);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let interpreter = &interpreter;
            scope.spawn(move || {
                for _ in 0..25 {
                    assert_eq!(interpreter.run(&format!("asked.append({number}); who.add(threading.get_ident())")), 0);
                }
            });
        }
    });
    assert_eq!(interpreter.evaluate("len(asked), len(who)").unwrap(), "(200, 1)");
}

#[test]
fn errors_are_told_and_the_interpreter_goes_on() {
    let _turn = turn();
    let interpreter = start();
    assert_eq!(interpreter.run("import os, sys; sys.stderr = open(os.devnull, 'w')"), 0);
    assert_eq!(interpreter.run("1 / 0"), 1);
    assert_eq!(interpreter.run("def"), 1);
    assert_eq!(interpreter.run("raise SystemExit(7)"), 7);
    assert_eq!(interpreter.evaluate("1 / 0"), Err(Error::Raised(1)));
    assert_eq!(interpreter.run("def f(): return f()\nf()"), 1);
    assert_eq!(interpreter.run("x = 'a\\0b'"), 0);
    assert_eq!(interpreter.evaluate("x"), Ok("a\0b".to_owned()));
    assert!(matches!(Interpreter::start("/nowhere/lib.so", &[]), Err(Error::Library(_))));
    assert!(matches!(Interpreter::start(library(), &["-Z"]), Err(Error::Start(_))));
}

#[test]
fn signals_are_left_to_the_process() {
    let _turn = turn();
    let action = || {
        // SAFETY: the structure is plain data, filled by the call.
        unsafe {
            let mut action = std::mem::zeroed::<libc::sigaction>();
            libc::sigaction(libc::SIGINT, std::ptr::null(), &mut action);
            action.sa_sigaction
        }
    };
    let before = action();
    let interpreter = start();
    assert_eq!(before, action());
    let refused = "import signal\ntry: signal.signal(signal.SIGINT, lambda *_: None)\nexcept ValueError as error: told = str(error)";
    assert_eq!(interpreter.run(refused), 0);
    assert_eq!(interpreter.evaluate("told").unwrap(), "signal only works in main thread of the main interpreter");
    drop(interpreter);
    assert_eq!(before, action());
}

#[test]
fn one_after_the_other_leaves_room() {
    let _turn = turn();
    // More than the linker has namespaces for.
    for number in 0..40 {
        let interpreter = start();
        let source = "import threading\nclass A: pass\nfound = [A() for _ in range(1000)]\n\
            threads = [threading.Thread(target=found.pop) for _ in range(20)]\n\
            [t.start() for t in threads]; [t.join() for t in threads]";
        assert_eq!(interpreter.run(source), 0, "{number}");
    }
}

#[test]
fn threads_come_and_go_in_each_and_beside_them() {
    let _turn = turn();
    let (one, two) = (start(), start());
    let source = "import threading, time\nfor turn in range(60):\n  \
        threads = [threading.Thread(target=lambda: time.sleep(0.0005)) for _ in range(8)]\n  \
        [t.start() for t in threads]; [t.join() for t in threads]";
    std::thread::scope(|scope| {
        for interpreter in [&one, &two] {
            scope.spawn(move || assert_eq!(interpreter.run(source), 0));
        }
        for number in 0..400 {
            // Each takes memory from the first copy's heap, and gives it back.
            let made = std::thread::spawn(move || vec![number; 100 + number].len()).join().unwrap();
            assert_eq!(made, 100 + number);
        }
    });
}

#[test]
fn threads_that_are_left_running_do_no_harm() {
    let _turn = turn();
    let interpreter = start();
    let source = "import threading, time\ndef spin():\n  while True: pass\n\
        for what in spin, spin, lambda: time.sleep(0.05): threading.Thread(target=what, daemon=True).start()";
    assert_eq!(interpreter.run(source), 0);
    drop(interpreter);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(start().evaluate("1 + 1"), Ok("2".to_owned()));
}

#[test]
fn asyncio_and_extensions_work_in_each() {
    let _turn = turn();
    let interpreters = [start(), start(), start()];
    std::thread::scope(|scope| {
        for interpreter in &interpreters {
            scope.spawn(|| {
                let source = "import asyncio, decimal, ctypes, ssl, sqlite3\n\
                    async def main(): return [await asyncio.sleep(0.001, n) for n in range(5)]\n\
                    total = sum(asyncio.run(main())) + decimal.Decimal('0.5')\n\
                    base = sqlite3.connect(':memory:').execute('select 6 * 7').fetchone()[0]\n\
                    p = ctypes.CDLL(None).getpid()";
                assert_eq!(interpreter.run(source), 0);
                assert_eq!(interpreter.evaluate("total, base").unwrap(), "(Decimal('10.5'), 42)");
                assert_eq!(interpreter.evaluate("p").unwrap(), std::process::id().to_string());
            });
        }
    });
}

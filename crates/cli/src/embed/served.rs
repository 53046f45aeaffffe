//! An interpreter that serves other threads: what `habu-interpreters` finds in each copy of the shared library that it loads.
//!
//! The interpreter has an operating system thread of its own, its main thread for as long as it lives, which is started here, so that it belongs to
//! the same copy of the C library as all that the interpreter does. Others leave an order in its mailbox and wait for the answer; one at a time does
//! so. Between orders the thread waits without the interpreter's lock: the threads that the program has started run on.
//!
//! Invariants: no panic and no object crosses these functions. What they do on the caller's thread is a mutex and two condition variables, which leave
//! nothing in that thread that would have to be ended with it. It sets no handlers of signals: they are the process's.

use std::ffi::{CStr, OsString, c_char, c_int, c_void};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use habu_modules::startup::finish::{self, Ending};
use habu_modules::startup::run::{self, Program};
use habu_modules::startup::{self, call_library};
use habu_runtime::object::{Raised, protocol};
use habu_runtime::threads::native::Native;
use habu_runtime::threads::{Signals, Thread, lock};
use habu_runtime::types::str::Str;

use super::lifecycle;
use crate::options::{Action, parse};

/// The main thread's stack, in bytes.
const STACK: usize = 16 << 20;

/// How long threads that have left the interpreter may take to be gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes a text: what was handed over with it, the address, the length.
type Take = extern "C" fn(*mut c_void, *const u8, usize);

/// What the interpreter is asked for.
enum Order {
    /// Run statements in `__main__`.
    Run(String),
    /// Give `str()` of an expression in `__main__`.
    Evaluate(String),
    /// End.
    End,
}

/// What came of an order: an exit code, and the text that was asked for.
struct Answer {
    code: c_int,
    text: String,
}

/// What lies in the mailbox.
#[derive(Default)]
struct Mail {
    /// Somebody has an order under way.
    taken: bool,
    order: Option<Order>,
    answer: Option<Answer>,
}

#[derive(Default)]
struct Mailbox {
    mail: Mutex<Mail>,
    /// Told when an order or an answer was put in.
    put: Condvar,
    /// Told when the mailbox is nobody's any more.
    free: Condvar,
}

/// An interpreter with its mailbox.
pub struct Served {
    mailbox: Mailbox,
    thread: Mutex<Option<Native>>,
}

impl Mailbox {
    fn open(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `take` finds something.
    fn wait<T>(&self, mut mail: MutexGuard<'_, Mail>, take: impl Fn(&mut Mail) -> Option<T>) -> T {
        loop {
            if let Some(found) = take(&mut mail) {
                return found;
            }
            mail = self.put.wait(mail).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next order.
    fn next(&self) -> Order {
        self.wait(self.open(), |mail| mail.order.take())
    }

    fn answer(&self, answer: Answer) {
        self.open().answer = Some(answer);
        self.put.notify_all();
    }

    /// Leaves an order when it is this thread's turn, and waits for the answer.
    fn ask(&self, order: Order) -> Answer {
        let mut mail = self.open();
        while mail.taken {
            mail = self.free.wait(mail).unwrap_or_else(PoisonError::into_inner);
        }
        mail.taken = true;
        mail.order = Some(order);
        self.put.notify_all();
        let answer = self.wait(mail, |mail| mail.answer.take());
        self.open().taken = false;
        self.free.notify_one();
        answer
    }
}

/// What an exception that ended an order means: it was shown, or asked for the end.
fn code_of(raised: Raised) -> c_int {
    match finish::ending_of(raised) {
        Ending::Code(code) | Ending::Exit(code) => code,
        Ending::Interrupted => 128 + libc::SIGINT,
    }
}

fn evaluate(expression: &str) -> Result<String, Raised> {
    let dictionary = startup::main_module()?.dictionary()?;
    let value = call_library("builtins", "eval", &[&*Str::new(expression)?, &*dictionary])?;
    Ok(protocol::str(&value)?.to_string_lossy())
}

/// Starts the interpreter in this thread; why it did not work.
fn begin(options: &[String]) -> Result<(), String> {
    let mut given = vec![OsString::from("habu")];
    given.extend(options.iter().map(OsString::from));
    let mut options = match parse(&given)? {
        Action::Run(options) => *options,
        Action::Print(text) => return Err(text),
    };
    options.config.signals = Signals::Elsewhere;
    options.config.argv = vec![OsString::new()];
    let status = lifecycle::begin(options);
    if status.is_ok() { Ok(()) } else { Err(status.message()) }
}

/// What the interpreter's thread does, from its start to its end.
fn serve(mailbox: &Mailbox, options: &[String]) {
    let started = begin(options);
    let failed = started.is_err();
    mailbox.answer(Answer { code: c_int::from(failed), text: started.err().unwrap_or_default() });
    if failed {
        return;
    }
    loop {
        let answer = match lock::released(|| mailbox.next()) {
            Order::Run(mut source) => {
                source.push('\n');
                let ran = run::run(&Program::Command(source.into()), false);
                Answer { code: ran.map_or_else(code_of, |()| 0), text: String::new() }
            }
            Order::Evaluate(expression) => match evaluate(&expression) {
                Ok(text) => Answer { code: 0, text },
                Err(raised) => Answer { code: code_of(raised).max(1), text: String::new() },
            },
            Order::End => {
                let code = lifecycle::Py_FinalizeEx();
                // Threads that still run stay for ever where they wait for the lock: then the library must stay too.
                let threads = &Thread::current().interpreter().threads;
                let alone = threads.count() == 1 && threads.wait_until_gone(PATIENCE);
                return mailbox.answer(Answer { code: if alone { code } else { -2 }, text: String::new() });
            }
        };
        // What was written is seen when the order is done.
        finish::flush_after_file();
        mailbox.answer(answer);
    }
}

/// Starts an interpreter with the options of the command line; null where that fails, with the reason given to `take`.
///
/// # Safety
/// As many strings as said; `take` may be called with `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _Habu_ServedStart(
    options: *const *const c_char,
    count: usize,
    take: Take,
    data: *mut c_void,
) -> *const Served {
    // SAFETY: by the contract.
    let given = |index| unsafe { CStr::from_ptr(options.add(index).read()) }.to_string_lossy().into_owned();
    let options: Vec<String> = (0..count).map(given).collect();
    let served: &'static Served = Box::leak(Box::new(Served { mailbox: Mailbox::default(), thread: Mutex::new(None) }));
    let fail = |text: &str| {
        take(data, text.as_ptr(), text.len());
        std::ptr::null()
    };
    // The standard library's way would leave values in the caller's thread whose ends this copy of the C library never hears of, and which keep it
    // from being unloaded.
    let body = Box::new(move || serve(&served.mailbox, &options));
    let Some(thread) = Native::start(STACK, false, body) else { return fail("can't start new thread") };
    let answer = served.mailbox.wait(served.mailbox.open(), |mail| mail.answer.take());
    if answer.code != 0 {
        thread.join();
        return fail(&answer.text);
    }
    *served.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    served
}

/// Runs statements (`kind` 0) or gives the value of an expression (1) in `__main__`, when it is this thread's turn. The exit code that the end
/// means: 0 where nothing was raised; what was raised was shown.
///
/// # Safety
/// The interpreter was started and has not ended; the text is as long as said; `take` may be called with `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _Habu_ServedRun(
    served: &Served,
    kind: c_int,
    text: *const u8,
    length: usize,
    take: Take,
    data: *mut c_void,
) -> c_int {
    // SAFETY: by the contract.
    let text = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(text, length) }).into_owned();
    let answer = served.mailbox.ask(if kind == 0 { Order::Run(text) } else { Order::Evaluate(text) });
    if answer.code == 0 && kind != 0 {
        take(data, answer.text.as_ptr(), answer.text.len());
    }
    answer.code
}

/// Ends the interpreter and its thread. -2 where threads that the program has started are still there.
///
/// # Safety
/// The interpreter was started, and nobody uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _Habu_ServedEnd(served: &Served) -> c_int {
    let answer = served.mailbox.ask(Order::End);
    if let Some(thread) = served.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
        thread.join();
    }
    answer.code
}

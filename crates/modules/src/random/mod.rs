//! `_random`: the Mersenne Twister under the `random` module.

use std::cell::UnsafeCell;

use habu_macros::{pymethods, pymodule, pytype};
use habu_numbers::random::{MersenneTwister, STATE_WORDS};
use habu_runtime::object::protocol::hash;
use habu_runtime::object::{Object, Raised, Ref, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;

use crate::fill::set_type;

/// Random() -> create a random number generator with its own internal state.
#[pytype(name = "_random.Random", basetype, heap)]
pub struct Random {
    base: Object,
    /// Only borrowed for the length of a closure that runs no Python code.
    state: UnsafeCell<MersenneTwister>,
}

habu_runtime::assert_layout!(Random, size 2520, state @ 16);

/// A key from the system's source of randomness.
fn system_key() -> Result<[u32; STATE_WORDS], Raised> {
    let mut key = [0u32; STATE_WORDS];
    let mut filled = 0;
    while filled < STATE_WORDS {
        // At most 256 bytes are never cut short.
        let count = (STATE_WORDS - filled).min(64);
        // SAFETY: the memory is that of `count` words of the array.
        let got = unsafe { libc::getrandom(key[filled..].as_mut_ptr().cast(), count * 4, 0) };
        if got == (count * 4) as isize {
            filled += count;
        } else if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return Err(raise!(NotImplementedError, "no source of randomness"));
        }
    }
    Ok(key)
}

/// The generator that a seed gives.
fn seeded(seed: Option<&Object>) -> Result<MersenneTwister, Raised> {
    let Some(seed) = seed.filter(|seed| !is_none(seed)) else {
        return Ok(MersenneTwister::from_key(&system_key()?));
    };
    if let Some(number) = seed.downcast::<Int>() {
        return Ok(MersenneTwister::from_magnitude(number.digits()));
    }
    let number = Int::from_u64(hash(seed)? as u64)?;
    Ok(MersenneTwister::from_magnitude(number.digits()))
}

#[pymethods]
impl Random {
    #[hidden]
    fn with<R>(&self, run: impl FnOnce(&mut MersenneTwister) -> R) -> R {
        // SAFETY: the closures in this file touch nothing but the generator, so there is no other borrow.
        run(unsafe { &mut *self.state.get() })
    }

    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Random>, Raised> {
        let _ = (args, kwargs);
        let state = UnsafeCell::new(MersenneTwister::from_key(&[0]));
        instantiate(cls, Random { base: Object::of::<Random>(), state })
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(raise!(TypeError, "Random() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(raise!(TypeError, "Random expected at most 1 argument, got {}", args.len()));
        }
        let state = seeded(args.get(0).as_deref())?;
        self.with(|generator| *generator = state);
        Ok(())
    }

    /// random() -> x in the interval [0, 1).
    fn random(&self) -> Result<f64, Raised> {
        Ok(self.with(MersenneTwister::next_f64))
    }

    /// seed([n]) -> None.
    ///
    /// Defaults to use urandom and falls back to a combination
    /// of the current time and the process identifier.
    #[signature(n = None, /)]
    fn seed(&self, n: Option<&Object>) -> Result<(), Raised> {
        let state = seeded(n)?;
        self.with(|generator| *generator = state);
        Ok(())
    }

    /// getstate() -> tuple containing the current state.
    fn getstate(&self) -> Result<Ref<Tuple>, Raised> {
        let (words, used) = self.with(|generator| {
            let (words, used) = generator.state();
            (*words, used)
        });
        Tuple::build(STATE_WORDS + 1, |index| {
            let value = words.get(index).map_or(used as u64, |word| u64::from(*word));
            Ok(Int::from_u64(value)?.into_object())
        })
    }

    /// setstate(state) -> None.  Restores generator state.
    fn setstate(&self, state: &Object) -> Result<(), Raised> {
        let Some(state) = state.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "state vector must be a tuple"));
        };
        if state.len() != STATE_WORDS + 1 {
            return Err(raise!(ValueError, "state vector is the wrong size"));
        }
        let mut words = [0u32; STATE_WORDS];
        let (items, last) = state.as_slice().split_at(STATE_WORDS);
        for (word, item) in words.iter_mut().zip(items) {
            let Some(item) = item.downcast::<Int>() else {
                return Err(raise!(TypeError, "an integer is required"));
            };
            if item.is_negative() {
                return Err(raise!(OverflowError, "can't convert negative value to unsigned int"));
            }
            let Some(value) = item.to_u64() else {
                return Err(raise!(OverflowError, "Python int too large to convert to C unsigned long"));
            };
            *word = value as u32;
        }
        let used = match last.first().and_then(|used| used.downcast::<Int>()) {
            Some(used) => used.to_i64(),
            None => return Err(raise!(TypeError, "an integer is required")),
        };
        let Some(used) = used else {
            return Err(raise!(OverflowError, "Python int too large to convert to C long"));
        };
        let Some(state) = usize::try_from(used).ok().and_then(|used| MersenneTwister::from_state(words, used)) else {
            return Err(raise!(ValueError, "invalid state"));
        };
        self.with(|generator| *generator = state);
        Ok(())
    }

    /// getrandbits(k) -> x.  Generates an int with k random bits.
    fn getrandbits(&self, k: i32) -> Result<Ref<Int>, Raised> {
        let Ok(bits) = u32::try_from(k) else {
            return Err(raise!(ValueError, "number of bits must be non-negative"));
        };
        if bits <= 64 {
            return Int::from_u64(if bits == 0 { 0 } else { self.with(|generator| generator.bits_u64(bits)) });
        }
        Int::build(bits as usize / 30 + 1, false, |out| {
            self.with(|generator| generator.bits_digits(u64::from(bits), out))
        })
    }
}

/// The module.
pub struct RandomModule;

/// Module implements the Mersenne Twister random number generator.
#[pymodule(name = "_random")]
impl RandomModule {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "Random", RANDOM_TYPE)
    }
}

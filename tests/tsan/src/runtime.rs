//! The rest of the runtime in small, as far as the lock and the start of threads name it.

/// The evaluation loop's breaker.
pub(crate) mod eval {
    pub(crate) mod breaker {
        use std::sync::atomic::Ordering;

        pub(crate) const DROP_LOCK: u32 = 1;
        pub(crate) const ASYNC_EXCEPTION: u32 = 2;

        pub(crate) fn request(thread: &crate::threads::Thread, bits: u32) {
            thread.breaker.fetch_or(bits, Ordering::Relaxed);
        }
    }
}

/// Objects, which none of the programs here has.
pub(crate) mod object {
    pub(crate) struct Object;
    #[derive(Clone, Debug)]
    pub(crate) struct Ref<T = Object>(std::marker::PhantomData<*const T>);
    #[derive(Debug)]
    pub(crate) struct Raised;

    impl Object {
        pub(crate) fn to_ref(&self) -> Ref {
            Ref(std::marker::PhantomData)
        }
    }

    #[derive(Default)]
    pub(crate) struct Slot;

    impl Slot {
        pub(crate) fn replace(&self, _: Option<Ref>) -> Option<Ref> {
            None
        }
    }
}

/// Frames, which none of the threads here has.
pub(crate) mod types {
    pub(crate) mod frame {
        #[derive(Debug)]
        pub(crate) struct FrameObject;

        impl FrameObject {
            pub(crate) unsafe fn of(_: *const ()) -> Result<crate::object::Ref<FrameObject>, crate::object::Raised> {
                Err(crate::object::Raised)
            }
        }

        pub(crate) mod value {
            pub(crate) unsafe fn complete(frame: *const ()) -> *const () {
                frame
            }
        }
    }
}

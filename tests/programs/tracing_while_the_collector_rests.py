"""tracemalloc's figures with the collector off and after a collection."""
import gc
import tracemalloc


def profile_memory_with_gc():
    tracemalloc.start()
    gc.disable()
    data = [list(range(1000)) for _ in range(1000)]
    current, peak = tracemalloc.get_traced_memory()
    print(f"gc off: {current / 10**6:.1f}MB (peak: {peak / 10**6:.1f}MB)")
    gc.enable()
    collected = gc.collect()
    current, peak = tracemalloc.get_traced_memory()
    print(f"after a collection: {current / 10**6:.1f}MB")
    tracemalloc.stop()
    print(tracemalloc.get_traced_memory(), tracemalloc.is_tracing())


profile_memory_with_gc()
